"""A table of two forms whose columns stand side by side over one list of codes (政府性基金 | 国有资本经营): one of each."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from transforms import common_words, forms
from transforms.forms import Form
from transforms.tables.block import Block
from transforms.tables.columns import plan_panel
from transforms.tables.heads import Paths, header_paths, structural_kinds
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.recognition import Recognition

_TWO = 2


def of_each_fund(block: Block, recognition: Recognition) -> list[Recognition]:
    """The table as it was recognised; one that nobody knows, as its title speaks of two forms, as each of them.

    Only where every column of amounts stands under the words of one of them. The one at the right comes first, so that the
    cells that both know are said of the left one. A form without figures is left out beside one with some.
    """
    title = recognition.strange_title
    if recognition.form or recognition.unused or not title:
        return [recognition]
    named = [form for form in forms.forms().values() if any(word in title for word in form.subject)]
    if len(named) != _TWO or any(len(form.panels) > 1 for form in named):
        return [recognition]
    paths = header_paths(block)
    owners = [_owner(path, named) for path in paths]
    runs = [at for at, (one, other) in enumerate(pairwise([None, *owners])) if other and one is not other]
    if len(runs) != _TWO or owners[runs[0]] is owners[runs[1]] or not _all_known(block, paths, owners):
        return [recognition]
    plans = _right(block, paths, runs, owners), _left(block, paths, runs[1], owners)
    if any(plan.of_kind("unknown") or not plan.of_kind("amount") for _, plan in plans):
        return [recognition]
    filled = [(form, plan) for form, plan in plans if _states_any(block, plan)] or plans
    return [
        replace(recognition, form=form, plans=(plan,), title=title, strange_title="", score=1.0, runner_up="")
        for form, plan in filled
    ]


def _owner(path: tuple[str, ...], named: Sequence[Form]) -> Form | None:
    """The only form whose whole the uppermost word over a column names."""
    words = common_words.header_key(path[0]) if path else ""
    found = [form for form in named if words and _panel_word(form, words)]
    return found[0] if len(found) == 1 else None


def _panel_word(form: Form, words: str) -> bool:
    (panel,) = form.panels.values()
    return panel.column_of(words) == next(iter(panel.columns)) and any(word in words for word in form.subject)


def _all_known(block: Block, paths: Paths, owners: Sequence[Form | None]) -> bool:
    rest = [c for c, owner in enumerate(owners) if owner is None]
    return all(structural_kinds(paths[c]) or (not paths[c] and block.is_blank(c)) for c in rest)


def _left(block: Block, paths: Paths, end: int, owners: Sequence[Form | None]) -> tuple[Form, PanelPlan]:
    form = next(owner for owner in owners if owner)
    return form, plan_panel(block, paths, list(range(end)), next(iter(form.panels)), form)


def _right(
    block: Block, paths: Paths, runs: Sequence[int], owners: Sequence[Form | None]
) -> tuple[Form, PanelPlan]:
    """The form at the right, the columns of the other one being set aside."""
    form = owners[runs[1]]
    assert form
    others = [c for c, owner in enumerate(owners) if owner and owner is not form]
    own = plan_panel(
        block, paths, [c for c in range(len(paths)) if c not in others], next(iter(form.panels)), form
    )
    columns = [*own.columns, *(Column(c, "aside", path=paths[c]) for c in others)]
    return form, PanelPlan(own.key, own.panel, tuple(sorted(columns, key=lambda column: column.index)))


def _states_any(block: Block, plan: PanelPlan) -> bool:
    return any(any(block.content(column.index)) for column in plan.of_kind("amount"))
