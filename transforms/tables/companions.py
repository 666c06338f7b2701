"""What columns are by the columns beside them: twins, parts, divisions, columns of another list, of bodies, of last year.

Each step looks at the columns as they are taken so far and gives those that it takes for something else.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from transforms import common_words
from transforms.forms import Panel
from transforms.tables.heads import lowest_word, structural_kinds
from transforms.tables.plan import Column, PanelPlan, as_kind
from transforms.wording.body_names import body_key, names_body
from transforms.wording.text import header_words, is_memo

Step = Callable[[PanelPlan], Iterable[Column]]

_TOTAL = "total"


def settled(plan: PanelPlan, steps: Iterable[Step]) -> PanelPlan:
    """The plan after some steps."""
    for step in steps:
        plan = plan.taking(step(plan))
    return plan


def second_list(plan: PanelPlan) -> list[Column]:
    """Codes behind names, under another heading than the codes before, are of another list: nobody knows which.

    Headings that are parts of a code (类, 款, 项), each over its codes and names, are of one list.
    """
    codes = [column for column in plan.of_kind("code") if len(column.path) > 1]
    names = plan.of_kind("label")
    if not names or all("code_part" in common_words.kinds_of(column.path[0]) for column in codes):
        return []
    heading = codes[0].path[0]
    others = {c.path[0] for c in codes if c.path[0] != heading and c.index > names[0].index}
    listed = plan.of_kind("code", "label")
    return as_kind("unknown", (column for column in listed if column.path and column.path[0] in others))


def another_list(plan: PanelPlan) -> list[Column]:
    """Amounts of a list that is set aside (501, 502 …): beside no other names, or right of it behind others' amounts."""
    amounts = plan.of_kind("amount")
    others = [column.index for column in plan.of_kind("aside") if "aside" in structural_kinds(column.path)]
    begins = 0
    if amounts and plan.of_kind("code", "label", "text", "body"):
        others = [index for index in others if index > amounts[0].index]
        begins = min(others, default=0)
    return as_kind("aside", (column for column in amounts if others and column.index >= begins))


def divisions(plan: PanelPlan) -> list[Column]:
    """Columns that divide another one further are set aside where that one stands beside them."""
    held = {column.key for column in plan.of_kind("amount") if column.measure != "previous"}
    held |= {_TOTAL} if next(iter(plan.panel.columns)) in held else set()
    return as_kind(
        "aside", (c for c in plan.of_kind("unknown") if _are_in(_divided(c, plan.panel), held, plan.panel))
    )


def _are_in(keys: set[str], held: set[str], panel: Panel) -> bool:
    """Whether columns stand beside for all of these keys, or for what, short of the total, they are parts of."""
    return all(
        key in held or not held.isdisjoint({*panel.above_column.get(key, ())} - {_TOTAL}) for key in keys
    )


def of_a_year_beside_sums(plan: PanelPlan) -> list[Column]:
    """Columns of the money of some year (本年) beside the sum under the same heading (小计) divide that sum."""
    amounts, sums = plan.of_kind("amount"), common_words.shared_words().sums
    summed = {(c.key, c.measure, c.path[:-1]) for c in amounts if lowest_word(c.path) in sums}
    return as_kind(
        "aside",
        (
            column
            for column in amounts
            if (column.key, column.measure, column.path[:-1]) in summed
            and lowest_word(column.path) in plan.panel.aside_words.difference(sums)
        ),
    )


def _divided(column: Column, panel: Panel) -> set[str]:
    """The keys of what a column of words that only divide divides: the total, and what it stands under; '' for others.

    Words that also head amounts (本年预算) or totals (本年支出) divide only where no other word stands below them; what is
    counted divides nothing.
    """
    words = [common_words.header_key(word) for word in column.path]
    if words[-1:] and words[-1] in panel.unrelated_words:
        return set()
    amounts, totals = common_words.amount_words(), common_words.total_words()
    groups = [word for word in words[:-1] if word not in amounts and word not in totals]
    if not panel.aside_words.intersection([*groups, *words[-1:]]):
        return {""}
    return {_TOTAL} | {panel.column_words[word] for word in words[:-1] if word in panel.column_words}


def stages_before(plan: PanelPlan) -> list[Column]:
    """Columns of the stages before a budget is decided (申报数, 审核数) are set aside beside the decided ones (批复数)."""
    stages = map(_stage, plan.of_kind("amount"))
    before = {("before", above) for stage, above in stages if stage == "decided"}
    return as_kind("aside", (column for column in plan.of_kind("unknown") if _stage(column) in before))


def final_accounts(plan: PanelPlan) -> list[Column]:
    """Columns of what was spent in the end (决算数), of a year that is over, are set aside beside a budget."""
    budgets = any(column.measure == "amount" for column in plan.of_kind("amount"))
    strange = plan.of_kind("unknown") if budgets else []
    return as_kind("aside", (column for column in strange if _stage(column)[0] == "settled"))


def _stage(column: Column) -> tuple[str, tuple[str, ...]]:
    """In which stage a column's budget is, and what stands above the word that says so; '' where none does."""
    stages = (common_words.words_of_stages().get(common_words.header_key(word), "") for word in column.path)
    return next(((stage, column.path[:at]) for at, stage in enumerate(stages) if stage), ("", ()))


def wholes_of_which(plan: PanelPlan) -> Iterator[Column]:
    """Columns that would be the whole of what they are a part of (一般公共预算 | 其中：财政拨款) are unknown."""
    whole = ""
    for column in plan.of_kind("amount"):
        if not is_memo(column.path[-1]):
            whole = column.key
        elif column.key in plan.panel.above_column.get(whole, ()):
            yield replace(column, kind="unknown")


def lone_parts(plan: PanelPlan) -> list[Column]:
    """Parts (其中：项目支出) are set aside that stand beside no other part of their whole: what they leave of it nobody says."""
    amounts = plan.of_kind("amount")
    whole_of = {
        column.index: _whole_of(column, amounts, plan.panel) for column in amounts if _is_part(column)
    }
    return as_kind(
        "aside",
        (
            column
            for column in amounts
            if (whole := whole_of.get(column.index))
            and not any(_is_beside(other, column, whole, plan.panel) for other in amounts)
        ),
    )


def _is_part(column: Column) -> bool:
    return "." not in column.key and any(map(is_memo, column.path))


def _whole_of(part: Column, amounts: Iterable[Column], panel: Panel) -> Column | None:
    """The nearest printed column that a part is of."""
    printed = {column.key: column for column in amounts if column.measure == part.measure}
    return next((printed[key] for key in panel.above_column.get(part.key, ()) if key in printed), None)


def _is_beside(other: Column, part: Column, whole: Column, panel: Panel) -> bool:
    """Whether a column is another part of a whole, and none of the part or of what it is in."""
    key = other.key.partition(".")[0]
    above = [key, *panel.above_column.get(key, ())] if "." in other.key else panel.above_column.get(key, ())
    own = (part.key, *panel.above_column.get(part.key, ()))
    return other.measure == part.measure and whole.key in above and key not in own and part.key not in above


def of_bodies(plan: PanelPlan) -> list[Column]:
    """Columns under names of bodies beside the total of all of them, where nothing else is strange."""
    wholes = (_TOTAL, next(iter(plan.panel.columns)))
    strange = plan.of_kind("unknown")
    named = [header_words(column.path[0]) for column in strange if len(column.path) == 1]
    total = any(column.key in wholes for column in plan.of_kind("amount"))
    if not total or len(named) < len(strange) or not all(names_body(name) for name, _, _ in named):
        return []
    return [_of_body(column, *words) for column, words in zip(strange, named, strict=True)]


def _of_body(column: Column, name: str, year: int | None, unit: str) -> Column:
    """A column under the name of a body, which may have a unit in brackets behind it."""
    return replace(column, kind="amount", key=body_key(name), year=year, unit=unit)


def unsure_parts(plan: PanelPlan) -> list[Column]:
    """A part (非税收入 of 一般公共预算) is unknown that stands outside the group in which its whole stands, or in a group with
    words that nobody knows: the known parts would not add up to the whole.
    """
    amounts = plan.of_kind("amount")
    groups = {(column.key, column.measure): column.path[:-1] for column in amounts if "." not in column.key}
    strange = {column.path[:-1] for column in plan.of_kind("unknown") if len(column.path) > 1}
    unsure = []
    for part in (column for column in amounts if "." in column.key):
        group = groups.get((part.key.partition(".")[0], part.measure), ())
        if part.path[: len(group)] != group or part.path[:-1] in strange:
            unsure.append(part)
    return as_kind("unknown", unsure)


def measures_by_year(plan: PanelPlan) -> Iterator[Column]:
    """Of two columns that differ by the year in their heading only, the earlier is last year's.

    What is none of amounts by its nature (which fund pays, quantities) is of this year only.
    """
    latest = max((column.year for column in plan.of_kind("amount") if column.year), default=0)
    for column in plan.columns:
        if column.year and column.year < latest:
            if column.measure in plan.panel.measures:
                yield replace(column, kind="aside")
            elif column.measure == "amount":
                yield replace(column, measure="previous")


def _twins(plan: PanelPlan) -> list[Column]:
    amounts = plan.of_kind("amount")
    meanings = Counter((column.key, column.measure) for column in amounts)
    return [column for column in amounts if meanings[column.key, column.measure] > 1]


def _dividing_twins(plan: PanelPlan) -> list[Column]:
    """Beside a 合计, or what stands under one, twins under words that also divide it (本年预算 beside 上年结转) are set aside."""
    twins, totals = _twins(plan), common_words.total_words()
    wholes = {(column.key, column.measure) for column in twins if _says_one_of(column, totals)}
    parts = (column for column in twins if _says_one_of(column, plan.panel.aside_words))
    return as_kind("aside", (column for column in parts if (column.key, column.measure) in wholes))


def _says_one_of(column: Column, words: Collection[str]) -> bool:
    """Whether the lowest or the highest word over a column is one of these."""
    return lowest_word(column.path) in words or common_words.header_key(column.path[0]) in words


def _equal_twins(plan: PanelPlan) -> list[Column]:
    """Two columns of one meaning have none: nobody can say which of them counts."""
    return as_kind("unknown", _twins(plan))


TWINS = (_dividing_twins, _equal_twins)


def undated_twins(plan: PanelPlan) -> tuple[Column, ...]:
    """Twins but for the one of two under a year: it is last year's, where the table is of a later one (tidy.py)."""
    twins = _twins(plan)
    twice = Counter((column.key, column.measure) for column in twins)
    undated = {(column.key, column.measure) for column in twins if column.year is None}
    dated = {
        column
        for column in twins
        if column.year and twice[column.key, column.measure] == 2 and (column.key, column.measure) in undated
    }
    plain = tuple(column for column in plan.columns if column not in dated)
    return settled(replace(plan, columns=plain), TWINS).columns


# By the columns beside them, in the order in which this is asked.
BESIDE: tuple[Step, ...] = (
    another_list,
    divisions,
    of_a_year_beside_sums,
    stages_before,
    final_accounts,
    wholes_of_which,
    of_bodies,
    unsure_parts,
    measures_by_year,
)
