"""Rows that only divide others (工资福利支出 below 基本支出): not used, where what they divide stands there and says the same."""

from collections.abc import Iterator
from itertools import pairwise, takewhile

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.listed import Listed
from transforms.tables.named import is_subject
from transforms.tables.plan import PanelPlan
from transforms.tables.sums import states_any, sum_of
from transforms.wording.code_text import is_projects_code
from transforms.wording.meaning import DataRow
from transforms.wording.text import bare, compact, is_memo, ordinal_depth
from transforms.workbook import raw_text

_WHOLES = frozenset({"item", "total", "memo", "code", "single", "unit"})


def repeat_nothing(listed: Listed) -> list[DataRow]:
    """Rows set aside that repeat no other row, or say otherwise than it, are unknown.

    Rows about something else than what the table adds up (numbers of guests) repeat nothing and are left, as are sums of
    pages, whose rows all stand above them.
    """
    rows, block, plan = listed
    if not plan.of_kind("amount"):
        return []
    asides = [n for n, row in enumerate(rows) if row.kind == "aside" and not _is_unrelated(row, plan)]
    stated = (n for n in asides if states_any(block, plan, rows[n].index))
    return [rows[n].but(kind="unknown", key="") for n in stated if not _repeats(rows, n, block, plan)]


def rows_of_nothing(listed: Listed) -> Iterator[DataRow]:
    """Rows that are called nothing (无 | 无 | 0): set aside where they state no more than noughts, else unknown."""
    rows, block, plan = listed
    for row in rows:
        if row.kind in ("unknown", "unit") and _is_called_nothing(row, block, plan):
            yield row.but(kind="aside" if _states_nothing(row, block, plan) else "unknown", key="", unit="")


def _is_called_nothing(row: DataRow, block: Block, plan: PanelPlan) -> bool:
    named = False
    for column in plan.naming:
        value = block.sheet.at(row.index, column.index) if column.kind != "index" else ""
        if value != "" and not _means_nothing(value):
            return False
        named = named or value != ""
    return named


def _means_nothing(value: object) -> bool:
    return isinstance(value, str) and compact(value) in common_words.words_of_nothing()


def _states_nothing(row: DataRow, block: Block, plan: PanelPlan) -> bool:
    values = [
        block.sheet.at(row.index, column.index) for column in plan.of_kind("amount", "unknown", "blank")
    ]
    return all(value == "" or parse_number(value) == 0 for value in values)


def projects_of_subjects(listed: Listed) -> Iterator[DataRow]:
    """Names without code right below the code of a subject that add up to it, or to its money for projects, are projects
    paid from it, where the subject adds up into the one above it, or into the total, without them.

    One name alone at the end of a list without total may be the total, in words that nobody knows.
    """
    rows, block, plan = listed
    total = any(row.kind == "total" for row in rows)
    for at, (row, following) in enumerate(pairwise(rows)):
        if (row.kind, following.kind) != ("code", "unknown"):
            continue
        below = list(takewhile(lambda each: each.kind == "unknown", rows[at + 1 :]))
        if not total and below == rows[-1:]:
            continue
        projects = [each.index for each in below if _is_name_alone(each, block, plan)]
        if len(projects) < len(below) or not _are_all_projects(block, plan, row.index, projects):
            continue
        whole, parts = _above(row, rows)
        if whole and sum_of(block, plan, whole.index, parts).exact:
            yield from (each.but(kind="aside") for each in below)


def _are_all_projects(block: Block, plan: PanelPlan, subject: int, projects: list[int]) -> bool:
    """Whether rows add up to that of a subject, or to what it has for projects beside other money."""
    whole, left = sum_of(block, plan, subject, []), sum_of(block, plan, subject, projects)
    keys = [column.key for column in plan.of_kind("amount") if column.measure != "percent"]
    paid = zip(keys, whole.rests, left.rests, strict=True)
    return left.exact or (
        left.within and any(k == "project" and money and not rest for k, money, rest in paid)
    )


def _is_name_alone(row: DataRow, block: Block, plan: PanelPlan) -> bool:
    """Whether a row has a name that is no subject's, and nothing where codes stand, or a project's."""
    codes = [raw_text(block.sheet.at(row.index, column.index)).strip() for column in plan.of_kind("code")]
    strange = not codes or any(code and not is_projects_code(code) for code in codes)
    return bool(row.label) and not row.meaning.why and not strange and not is_subject(plan, row.label)


def _above(row: DataRow, rows: list[DataRow]) -> tuple[DataRow | None, list[int]]:
    """The printed row into which that of a subject adds up, and where all rows stand that add up into it."""
    coded = {each.key: each for each in rows if each.kind == "code" and each.meaning.unit == row.meaning.unit}
    nearest = {
        key: next((key[:size] for size in range(len(key) - 1, 0, -1) if key[:size] in coded), "")
        for key in coded
    }
    own = nearest[row.key]
    whole = coded.get(own) or next((each for each in rows if each.kind == each.key == "total"), None)
    return whole, [each.index for key, each in coded.items() if nearest[key] == own]


def _is_unrelated(row: DataRow, plan: PanelPlan) -> bool:
    return (
        bare(row.label) in common_words.page_sums()
        or common_words.header_key(row.label) in plan.panel.unrelated_words
    )


def _repeats(rows: list[DataRow], number: int, block: Block, plan: PanelPlan) -> bool:
    """Whether a row set aside is one of the parts of the row above them, or the sum of those below it."""
    head = next((n for n in range(number - 1, -1, -1) if rows[n].kind in _WHOLES), -1)
    if head < 0 or not _may_be_below(rows[number], rows[head]):
        below = [row.index for row in _below(rows[number], rows[number + 1 :])]
        return head < 0 and bool(below) and sum_of(block, plan, rows[number].index, below).rounded
    parts = [row.index for row in _parts(rows[head + 1 :])]
    added = sum_of(block, plan, rows[head].index, parts)
    return added.within if is_memo(rows[head + 1].label) else added.rounded


def _may_be_below(row: DataRow, head: DataRow) -> bool:
    own = ordinal_depth(row.label)
    return own == 0 or own > ordinal_depth(head.label)


def _parts(following: list[DataRow]) -> Iterator[DataRow]:
    """The rows set aside right below another, as deep as the first of them."""
    found = [row for row in takewhile(lambda row: row.kind not in _WHOLES, following) if row.kind == "aside"]
    return (row for row in found if ordinal_depth(row.label) == ordinal_depth(found[0].label))


def _below(row: DataRow, following: list[DataRow]) -> list[DataRow]:
    """The rows right below one by their ordinals, without what these consist of."""
    own = ordinal_depth(row.label)
    deeper = list(takewhile(lambda each: ordinal_depth(each.label) > own, following))
    least = min((ordinal_depth(each.label) for each in deeper if not is_memo(each.label)), default=0)
    return [each for each in deeper if ordinal_depth(each.label) == least]
