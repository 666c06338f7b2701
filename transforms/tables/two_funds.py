"""A table of two forms: a table of each. Forms of a fund each (政府性基金, 国有资本经营) may have their rows one below the other;
these, or income and spending, their columns side by side over one list of codes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from transforms import common_words
from transforms.forms import Form, forms
from transforms.tables.block import Block
from transforms.tables.columns import plan_panel
from transforms.tables.heads import Paths, header_paths, structural_kinds
from transforms.tables.plan import Column, PanelPlan, as_kind
from transforms.tables.recognition import Recognition
from transforms.tables.row_cells import digits_of, labels_of
from transforms.tables.rows import read_rows
from transforms.tables.sums import sum_of
from transforms.tables.titles import may_be_called
from transforms.tables.totals import parts_at_top
from transforms.tables.yields import Problem, Tidied
from transforms.wording.amounts import is_figure
from transforms.wording.meaning import DataRow
from transforms.wording.messages import message
from transforms.wording.text import bare
from transforms.wording.words import WORDS
from transforms.workbook import address, raw_text

_TWO = 2
_SUMS = "sum of the tables of two funds"


@dataclass(frozen=True)
class Funds:
    """The rows of each form with the table that they are, and the rows that add up all of them, each with whether it does."""

    parts: list[tuple[Block, Recognition]]
    sums: list[tuple[DataRow, bool]]


class _Line(NamedTuple):
    """A row with the form whose it is, '' where it is of none or of all, and whether it has a code."""

    row: DataRow
    fund: str
    coded: bool


@cache
def fund_words() -> dict[str, str]:
    """What a fund is called that has a form of its own, to this form: by its shared words, and as the form's total."""
    shared = common_words.shared_words().words
    return {
        WORDS[word].bare: form.form
        for form in forms().values()
        if form.form in shared
        for panel in form.panels.values()
        for word in (*shared[form.form], *panel.words["total"])
        if any(subject in word for subject in form.subject)
    }


def by_fund(block: Block, recognition: Recognition) -> Funds | None:
    """The tables whose rows a table lists one below the other, each under its fund; None for every other table.

    The fund stands in a column of its own, or in a row above its lines. So too under the title of one of them alone: the
    lines of the other are not of it.
    """
    own = {recognition.form.form} if recognition.form else set[str]()
    if not _may_list(recognition) or len(own.union(_funds_named(block))) < _TWO:
        return None
    paths = header_paths(block)
    plan, column = _plan(block, paths, recognition)
    if plan.of_kind("unknown") or not plan.of_kind("amount"):
        return None
    lines = list(_lines(block, plan, column, recognition))
    named = {line.fund for line in lines if line.fund}
    if len(named) < _TWO or not all(line.fund or _adds_up(line.row) for line in lines):
        return None
    return _parted(block, paths, recognition, lines, column)


def _may_list(recognition: Recognition) -> bool:
    if recognition.form:
        return recognition.form.form in set(fund_words().values()) and not recognition.turned
    return not recognition.unused and len(_forms_in(recognition.strange_title)) == _TWO


def _forms_in(title: str) -> list[Form]:
    """The forms of which a title says what they are about."""
    return [form for form in forms().values() if any(word in title for word in form.subject)]


def _funds_named(block: Block) -> Iterator[str]:
    """The funds that cells of the data name, a form each."""
    for column in block.columns:
        for value in column:
            if isinstance(value, str) and value and (form := fund_words().get(WORDS[value].bare)):
                yield form


def _plan(block: Block, paths: Paths, recognition: Recognition) -> tuple[PanelPlan, int]:
    """The columns as those of one of the forms, and the one that names the funds, -1 where rows do."""
    form = recognition.form or forms()[next(_funds_named(block))]
    plan = _plan_as(block, paths, form)
    first = min((column.index for column in plan.of_kind("amount")), default=0)
    named = (c for c in plan.columns if c.index < first and _names_funds(block, c.index))
    column = next(named, None)
    return (plan.taking(as_kind("label", [column])), column.index) if column else (plan, -1)


def _plan_as(block: Block, paths: Paths, form: Form, columns: Sequence[int] | None = None) -> PanelPlan:
    """The columns of a table, or some of them, as those of a form of one panel."""
    indices = list(range(len(paths)) if columns is None else columns)
    return plan_panel(block, paths, indices, next(iter(form.panels)), form)


def _names_funds(block: Block, column: int) -> bool:
    """Whether a column holds nothing but names of funds, totals apart."""
    words = (WORDS[text] for text in block.texts_in(column))
    named = (word.bare in fund_words() for word in words if word.names)
    return next(named, False) and all(named) and not block.content(column)[1]


def _lines(block: Block, plan: PanelPlan, column: int, recognition: Recognition) -> Iterator[_Line]:
    """The rows, each with the form whose it is."""
    fund = recognition.form.form if recognition.form and column < 0 else ""
    codes = plan.of_kind("code")
    for row in read_rows(block, plan):
        coded = any(digits_of(block.sheet.at(row.index, code.index)) for code in codes)
        if column >= 0:
            said = [str(block.sheet.at(*block.sheet.origin(row.index, column)))]
        else:
            said = [] if coded else labels_of(block, plan, row.index)
        named = [form for text in said if (form := fund_words().get(WORDS[text].bare))]
        fund = named[-1] if named else fund
        yield _Line(row, "" if not named and _adds_up(row) else fund, coded)


def _adds_up(row: DataRow) -> bool:
    """Whether a row is a total, by its words."""
    return bare(row.label) in (common_words.total_words().keys() | set(common_words.shared_words().subtotals))


def _parted(
    block: Block, paths: Paths, recognition: Recognition, lines: list[_Line], column: int
) -> Funds | None:
    """The rows of each form; a total of nothing said is of all of them, or of those right above it, as the figures say."""
    plan = _plan_as(block, paths, forms()[next(line.fund for line in lines if line.fund)])
    every = _top(lines)
    sums, owned = list[tuple[DataRow, bool]](), list[_Line]()
    for line in lines:
        above = owned[-1].fund if owned else ""
        own = _top([each for each in owned if each.fund == above])
        if line.fund:
            owned.append(line)
        elif sum_of(block, plan, line.row.index, every).rounded:
            sums.append((line.row, True))
        elif own and sum_of(block, plan, line.row.index, own).rounded:
            owned.append(line._replace(fund=above))
        else:
            sums.append((line.row, False))
    names = dict.fromkeys(line.fund for line in owned)
    parts = [_part(block, paths, recognition, name, owned, column) for name in names]
    return Funds(parts, sums)


def _top(lines: list[_Line]) -> list[int]:
    """The rows of codes that are a part of no other."""
    return parts_at_top([line.row for line in lines if line.coded])


def _part(
    block: Block, paths: Paths, recognition: Recognition, name: str, lines: list[_Line], column: int
) -> tuple[Block, Recognition]:
    """The rows of one form as a table of it."""
    part = replace(block, data=[line.row.index for line in lines if line.fund == name], contents={})
    plan = _plan_as(part, paths, forms()[name])
    plan = plan.taking(as_kind("label", (each for each in plan.columns if each.index == column)))
    return part, _known_as(forms()[name], plan, recognition)


def _known_as(form: Form, plan: PanelPlan, recognition: Recognition) -> Recognition:
    title = recognition.title or recognition.strange_title
    return replace(
        recognition, form=form, plans=(plan,), title=title, strange_title="", score=1.0, runner_up=""
    )


def settle_sums(out: Tidied, block: Block, sums: list[tuple[DataRow, bool]]) -> None:
    """Rows that add up the tables of two funds say nothing new; of one that does not add up each figure is told."""
    for row, exact in sums:
        cells = [(row.index, c) for c, value in enumerate(block.sheet.rows[row.index]) if value != ""]
        figures = [] if exact else [cell for cell in cells if is_figure(block.sheet.at(*cell))]
        out.settle(block.sheet, figures, "unread", "", _SUMS)
        out.settle(block.sheet, cells, "ignored", "", _SUMS)
        told = message("total_of_funds", row=row.label)
        out.problems += [
            Problem("SUB-16", block.sheet.name, address(*cell), raw_text(block.sheet.at(*cell)), "", told)
            for cell in figures
        ]


def of_each_form(block: Block, recognition: Recognition) -> list[Recognition]:
    """The table as it was recognised, or as each of two forms whose columns stand side by side over one list of codes: of two
    funds of which its title speaks, though nobody knows it, or of income and spending.

    Only where every column of amounts stands under the words of one of them. The one at the right comes first, so that the
    cells that both know are said of the left one. A form without figures is left out beside one with some.
    """
    paths = header_paths(block)
    owners, paths = _sides(block, recognition, paths) or (_funds(recognition, paths), paths)
    runs = [at for at, (one, other) in enumerate(pairwise([None, *owners])) if other and one is not other]
    if len(runs) != _TWO or owners[runs[0]] is owners[runs[1]] or not _all_known(block, paths, owners):
        return [recognition]
    plans = _right(block, paths, runs, owners), _left(block, paths, runs[1], owners)
    if any(plan.of_kind("unknown") or not plan.of_kind("amount") for _, plan in plans):
        return [recognition]
    filled = [(form, plan) for form, plan in plans if _states_any(block, plan)] or plans
    return [_known_as(form, plan, recognition) for form, plan in filled]


def _funds(recognition: Recognition, paths: Paths) -> list[Form | None]:
    """The form of each column, where the title that nobody knows speaks of two of one panel; none of any otherwise."""
    if recognition.form or recognition.unused:
        return []
    named = _forms_in(recognition.strange_title)
    one_panel = len(named) == _TWO and all(len(form.panels) == 1 for form in named)
    return [_owner(path, named) for path in paths] if one_panel else []


def _sides(block: Block, recognition: Recognition, paths: Paths) -> tuple[list[Form | None], Paths] | None:
    """The form of each column (income, spending) under the title of a table of both, with the words above each as that form
    has them, a side being its whole; None where the title is another, words stand under a side too, or no codes.
    """
    title = recognition.title or recognition.strange_title
    both = next((word for word in common_words.shared_words().both_sides if word in title), "")
    if not both or recognition.unused or recognition.turned:
        return None
    if not any("code" in structural_kinds(path) for path in paths):
        return None
    sides = _forms_of_sides()
    owners = [_side_of(path, sides) for path in paths]
    if any(owner and block.content(c)[0] for c, owner in enumerate(owners)):
        return None
    if not all(may_be_called(title.replace(both, side), form) for side, form in sides.items()):
        return None
    whole = {form.form: next(iter(form.panels.values())).words["total"][0] for form in sides.values()}
    named = (
        (whole[owner.form], *path[1:]) if owner else path for owner, path in zip(owners, paths, strict=True)
    )
    return owners, tuple(named)


@cache
def _forms_of_sides() -> dict[str, Form]:
    """The form that is all about each side."""
    sides = common_words.shared_words().sides
    return {side: form for side in sides for form in forms().values() if form.topic == [side]}


def _side_of(path: tuple[str, ...], sides: dict[str, Form]) -> Form | None:
    """The form of the only side that the uppermost word over a column, a heading that says nothing else, names."""
    word = common_words.header_key(path[0]) if path else ""
    found = [form for side, form in sides.items() if side in word and word in common_words.group_words()]
    return found[0] if len(found) == 1 else None


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
    return form, _plan_as(block, paths, form, range(end))


def _right(
    block: Block, paths: Paths, runs: Sequence[int], owners: Sequence[Form | None]
) -> tuple[Form, PanelPlan]:
    """The form at the right, the columns of the other one being set aside."""
    form = owners[runs[1]]
    assert form
    others = [c for c, owner in enumerate(owners) if owner and owner is not form]
    own = _plan_as(block, paths, form, [c for c in range(len(paths)) if c not in others])
    columns = [*own.columns, *(Column(c, "aside", path=paths[c]) for c in others)]
    return form, PanelPlan(own.key, own.panel, tuple(sorted(columns, key=lambda column: column.index)))


def _states_any(block: Block, plan: PanelPlan) -> bool:
    return any(any(block.content(column.index)) for column in plan.of_kind("amount"))
