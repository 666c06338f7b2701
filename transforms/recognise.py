"""Which form a table is: by the words of its title, of its header and of its rows."""

from collections import Counter
from dataclasses import replace
from difflib import SequenceMatcher

from transforms import common_words, forms
from transforms.forms import Form
from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.continuing import continuation, may_continue
from transforms.tables.halves import surely_lists
from transforms.tables.header import header_signature
from transforms.tables.heads import Paths, header_paths, lowest_word, structural_kinds
from transforms.tables.line import GOES_ON
from transforms.tables.plan import PanelPlan
from transforms.tables.planning import lists_own_income, plan_form, row_keys
from transforms.tables.recognition import Recognition
from transforms.tables.rows import read_rows
from transforms.tables.target_lists import states_money
from transforms.tables.titles import (
    as_title,
    compared_title,
    loose_title,
    may_be_called,
    second_title,
    strange_title,
    telling_name,
    title_of,
    unused_header,
    unused_title,
)
from transforms.tables.turned import turned_plan
from transforms.wording.text import compact

_TITLE_WEIGHT = 4
_NAMED = frozenset({"code", "item", "unit", "position"})
_BOTH_YEARS = {"amount", "previous"}
MOST_DECLARED = 2  # 部门：某局 | 单位：元


def recognise(block: Block, previous: tuple[Block, Recognition] | None) -> Recognition:
    """The form of a table, or the continuation of the table before it."""
    paths = header_paths(block)
    preamble = block.texts_above()
    title = title_of(preamble)
    strange = strange_title(preamble)
    if not title[1] and not strange:
        title = title_of(_over_all(paths))
    if not title[1] and not strange and (previous is None or previous[0].sheet is not block.sheet):
        title, preamble = title_of([block.sheet.name]), telling_name(block.sheet.name)
    if unused := _unused(block, previous, title[1], strange):
        return unused
    if previous and may_continue(block, previous, title[1]) and (continued := continuation(block, previous)):
        return continued
    if title[1]:
        return _by_title(block, paths, title, strange)
    if compared := _compared(block, paths, preamble):
        return compared
    return _untitled(block, paths, previous, strange)


def _by_title(block: Block, paths: Paths, title: tuple[str, str, str], strange: str) -> Recognition:
    """The form that the title names, where the table has a column of amounts of it."""
    form = forms.forms()[title[1]]
    if form.card and states_money(block, paths, form):
        return Recognition(None, strange_title=title[0])
    if form.card:
        told = "targets of projects, neither cards nor a list of indicators"
        return Recognition(None, unused=told, strange_title=title[0])
    plans = plan_form(block, paths, form)
    if title[2] == forms.BOTH_SIDES and not lists_own_income(block, plans, form):
        return Recognition(None, strange_title=title[0], runner_up=form.form)
    turned = turned_plan(block, paths, form)
    if turned or not _fit(plans):
        known = _recognition(form, (), title, 1.0, "") if turned else Recognition(None, runner_up=form.form)
        return replace(known, turned=turned, strange_title="" if turned else strange)
    second = second_title(title, [*block.texts_above(), block.sheet.name])
    return _recognition(form, plans, title, 1.0 + _fit(plans), second)


def _compared(block: Block, paths: Paths, preamble: list[str]) -> Recognition | None:
    """The form that a table sets beside the year before, where it has columns of both and the form knows rows of it, or a row
    of each; None for every other table.
    """
    title = compared_title(preamble)
    if not title[1] or forms.forms()[title[1]].card:
        return None
    found = _by_title(block, paths, title, "")
    measures = {column.measure for plan in found.plans for column in plan.of_kind("amount")}
    rows = [row for plan in found.plans for row in read_rows(block, plan)]
    beside = measures >= _BOTH_YEARS and any(row.kind in _NAMED for row in rows)
    below = {row.meaning.measure for row in rows if row.kind == "single"} >= _BOTH_YEARS
    return replace(found, compares=True) if beside or below else None


def _untitled(
    block: Block, paths: Paths, previous: tuple[Block, Recognition] | None, strange: str
) -> Recognition:
    """A table under no known title: a part of the one above it, or what its words say, unless it may be such a part."""
    if previous and not strange:
        if half := _other_half(block, paths, previous):
            return half
        if _may_be_a_part(block, paths, previous):
            return Recognition(None, runner_up=previous[1].runner_up, below_unread=True)
    return _by_words(block, paths, strange or strange_title(telling_name(block.sheet.name)))


def _may_be_a_part(block: Block, paths: Paths, previous: tuple[Block, Recognition]) -> bool:
    """Whether a table without title may be a part of the one above it on its sheet, which lacks some, or which has a title
    and was not read.
    """
    before, known = previous
    if known.unused or block.sheet is not before.sheet:
        return False
    if known.form:
        lacking = known.form.panels.keys() - known.taken - {plan.key for plan in known.plans}
        return bool(lacking) and not any(
            "code" in structural_kinds(path) and block.content(c)[1] for c, path in enumerate(paths)
        )
    titles = before.texts_above()
    return known.below_unread or bool(title_of(titles)[1] or strange_title(titles))


def _other_half(block: Block, paths: Paths, previous: tuple[Block, Recognition]) -> Recognition | None:
    """The panels that a table without title has of the form of the table above it, which lacks them."""
    before, known = previous
    if known.form is None or before.sheet is not block.sheet:
        return None
    taken = known.taken | {plan.key for plan in known.plans if plan.of_kind("amount")}
    plans = plan_form(block, paths, known.form, taken) if known.form.panels.keys() - taken else ()
    filled = [plan for plan in plans if plan.of_kind("amount")]
    if not filled or not all(surely_lists(block, plan, paths, previous) for plan in filled):
        return None
    return replace(known, plans=plans, taken=taken, continues=True)


def _over_all(paths: Paths) -> list[str]:
    """The heading that stands over every column, as a title does that is a header word too (机关运行经费)."""
    headed = [path for path in paths if path]
    first = {path[0] for path in headed}
    return list(first) if len(first) == 1 < len(headed) and all(len(path) > 1 for path in headed) else []


def _unused(
    block: Block, previous: tuple[Block, Recognition] | None, form: str, strange: str
) -> Recognition | None:
    """A known table that is not used, by its own title or as what goes on under one; None for every other."""
    found = unused_title(block.texts_above()) or unused_header(block.header_texts() or block.texts_above())
    if found:
        return Recognition(None, unused=found[1], strange_title=found[0])
    if form or strange:
        return None
    if previous and previous[1].unused and _goes_on(block, previous[0]):
        return replace(previous[1], continues=True)
    named = unused_title([as_title(block.sheet.name)])
    return Recognition(None, unused=named[1], strange_title=compact(block.sheet.name)) if named else None


def _is_called(block: Block, before: Block) -> bool:
    """Whether a table stands on another sheet than the one before it, whose name reads like a title of its own."""
    name = block.sheet.name
    apart = block.sheet is not before.sheet and not GOES_ON.search(compact(name))
    return apart and bool(strange_title(telling_name(name)))


def _goes_on(block: Block, before: Block) -> bool:
    """Whether a table without title stands under another one, or repeats its header or needs none.

    Lines of several words above figures may be a header in words that nobody knows: that of another table.
    """
    if _is_called(block, before):
        return False
    signature = header_signature(block.sheet, block.header)
    if not signature and block.sheet is not before.sheet:
        return max(Counter(row for row, _ in block.preamble).values(), default=0) <= MOST_DECLARED
    return block.sheet is before.sheet or signature in ((), header_signature(before.sheet, before.header))


def _recognition(
    form: Form, plans: tuple[PanelPlan, ...], title: tuple[str, str, str], score: float, runner_up: str
) -> Recognition:
    return Recognition(form, plans, title[0], title[2], round(score, 3), runner_up)


def _by_words(block: Block, paths: Paths, title: str) -> Recognition:
    """The one form whose identifying words the table has; none where several or no forms fit.

    `title`: one that no form knows, '' where the table has none.
    """
    scored = []
    for form in forms.forms().values():
        if form.card or not block.header or (title and not may_be_called(title, form)):
            continue
        plans = plan_form(block, paths, form)
        keys = {column.key for plan in plans for column in plan.columns} | row_keys(block, plans)
        told = any(set(group) <= keys for group in form.identify)
        if told and _fit(plans) and _knows_each_part(block, plans) and not _has_others_columns(plans):
            scored.append(((_fit(plans), _known(plans)), form, plans))
    scored.sort(key=lambda entry: (*(-each for each in entry[0]), entry[1].form))
    if scored and (len(scored) == 1 or scored[0][0] > scored[1][0]):
        fit, form, plans = scored[0]
        runner_up = scored[1][1].form if len(scored) > 1 else ""
        strange = "" if any(word in title for word in form.subject) else title
        return replace(_recognition(form, plans, ("", "", ""), fit[0], runner_up), strange_title=strange)
    rivals = tuple(form.form for fit, form, _ in scored if fit == scored[0][0])
    return Recognition(None, strange_title=title, runner_up=nearest_form(paths, title), rivals=rivals)


def nearest_form(paths: Paths, title: str) -> str:
    """The form that is most likely meant, by its title and the header words it knows, for the message to the clerk."""
    words = {common_words.header_key(text) for path in paths for text in path} - set(
        common_words.amount_words()
    )
    scores = {
        form.form: _TITLE_WEIGHT * _likeness(title, form)
        + sum(any(word in panel.column_words for panel in form.panels.values()) for word in words)
        for form in forms.forms().values()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 1 else ""


def _likeness(title: str, form: Form) -> float:
    """How much a title is like the form's own, from 0 to 1; a subject of the form in it weighs as much as half of it."""
    words = loose_title(title)
    own = {loose_title(words) for spelled in form.titles.values() for words in spelled}
    ratio = max(SequenceMatcher(None, words, other).ratio() for other in own) if words else 0.0
    return ratio + (0.5 if any(word in words for word in form.subject) else 0.0)


def _knows_each_part(block: Block, plans: tuple[PanelPlan, ...]) -> bool:
    """Whether of tables side by side the form knows rows of each, so that it is not taken for a half of itself.

    Items of one panel side by side may as well be those of another form: 事业单位经营收入 beside the types of spending.
    """
    totals = set(common_words.total_words().values())
    parts = [plan for plan in plans if plan.of_kind("label") and plan.of_kind("amount", "unknown")]
    known = all(plan.of_kind("code") or row_keys(block, (plan,)) - totals for plan in parts)
    twice = len({plan.key for plan in parts}) < len(parts) and not any(plan.of_kind("code") for plan in parts)
    return (len(parts) < 2 or (known and not twice)) and not _hides_a_part(block, plans)


def _hides_a_part(block: Block, plans: tuple[PanelPlan, ...]) -> bool:
    """Whether a list of items has another list at its side, of names that nobody knows and their figures."""
    if any(not plan.panel.items_as_rows or plan.of_kind("code") for plan in plans):
        return False
    figures = [c.index for p in plans for c in p.of_kind("amount", "unknown") if block.content(c.index)[1]]
    names = [c.index for p in plans for c in p.of_kind("unknown") if block.content(c.index)[0] > 1]
    return any(min(figures) < name < max(figures) for name in names if figures)


def _has_others_columns(plans: tuple[PanelPlan, ...]) -> bool:
    """Whether amounts unknown to a form stand under words that head columns of another (基本支出 beside sources of income)."""
    strange = {lowest_word(column.path) for plan in plans for column in plan.of_kind("unknown")}
    return not strange.isdisjoint(forms.column_words())


def _known(plans: tuple[PanelPlan, ...]) -> int:
    """How many columns of amounts the form knows: the form of which a table only gives what divides its columns has fewer."""
    return sum(len(plan.of_kind("amount")) for plan in plans)


@recalled
def _fit(plans: tuple[PanelPlan, ...]) -> float:
    """The share of the headed amount columns that the form knows."""
    known = _known(plans)
    unknown = sum(len(plan.of_kind("unknown")) for plan in plans)
    return known / (known + unknown) if known else 0.0
