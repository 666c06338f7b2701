"""Totals of a list that stands in halves side by side: of one half, or of all of it."""

from collections.abc import Sequence
from decimal import Decimal

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.plan import PanelPlan
from transforms.tables.rows import read_rows
from transforms.tables.sums import Figures, slack, states_any
from transforms.tables.totals import parts_at_top
from transforms.wording.amounts import is_figure, stated
from transforms.wording.meaning import DataRow
from transforms.wording.messages import message
from transforms.wording.text import bare
from transforms.wording.words import WORDS

_TOTAL = "total"
_FEWEST = 2
Sums = tuple[Decimal, ...]


def sums_of_halves(
    rows: list[DataRow], block: Block, plan: PanelPlan, plans: Sequence[PanelPlan]
) -> list[DataRow]:
    """One half of a list, where several halves have a total: one that adds up its own half is none of the whole list.

    Columns without amounts are no half. The one of all may stand in each half: it is one of the first only. What is neither is
    told, and so is the only total where it adds up its own half and not the list, or may as well.
    """
    halves = [each for each in plans if each.key == plan.key and each.of_kind("amount")]
    if plan not in halves:
        return rows
    if len({_keys(each) for each in halves}) == len(halves):
        return _totals_of_no_column(rows, block, plan, halves)
    total = _total_of(rows)
    if total is None:
        return rows
    listed = [rows if each is plan else read_rows(block, each) for each in halves]
    own, said, whole = _added(block, plan, rows), _stated(block, plan, [total]), _whole(block, halves, listed)
    if sum(_names_a_total(block, each) for each in halves) < _FEWEST:
        why = "total_of_one_half" if said == own else "total_of_no_half"
        told = total.but(kind="unknown", why=message(why, row=total.label))
        nothing_known = whole is None and not any(own)
        of_one = said != whole and (said == own or nothing_known) and len({_keys(e) for e in halves}) == 1
        return [told if row is total and of_one and not row.meaning.column else row for row in rows]
    alone = sum(bool(parts_at_top(part)) for part in listed) < _FEWEST
    first = plan is next(each for each in halves if _names_a_total(block, each))
    if said == whole and first and (alone or said != own):
        return rows
    changed = total.but(kind="memo", key=bare(total.label))
    if said not in (own, whole):
        changed = total.but(kind="unknown", why=message("total_of_no_half", row=total.label))
    return [changed if row is total else row for row in rows]


def are_one_list(block: Block, halves: Sequence[PanelPlan]) -> bool:
    """Whether halves of the same columns print a total that is the sum of the rows of all."""
    listed = [read_rows(block, each) for each in halves]
    totals = [(plan, row) for plan, rows in zip(halves, listed, strict=True) if (row := _total_of(rows))]
    same = len({_keys(each) for each in halves}) == 1
    return same and any(_stated(block, plan, [row]) == _whole(block, halves, listed) for plan, row in totals)


def _total_of(rows: list[DataRow]) -> DataRow | None:
    return next((row for row in rows if row.kind == row.key == _TOTAL), None)


def _whole(block: Block, halves: Sequence[PanelPlan], listed: Sequence[list[DataRow]]) -> Sums | None:
    """What the rows of all halves of a list add up to, column by column; None where nobody knows that of one."""
    if any(_leaves_open(block, *each) for each in zip(halves, listed, strict=True)):
        return None
    added = (_added(block, each, rows) for each, rows in zip(halves, listed, strict=True))
    return tuple(map(_sum, zip(*added, strict=False)))


def _totals_of_no_column(
    rows: list[DataRow], block: Block, plan: PanelPlan, halves: Sequence[PanelPlan]
) -> list[DataRow]:
    """One half where each has columns of its own (人员经费 beside 公用经费): what adds up all halves is no total of one of them.

    That it is nearer to this sum than to the half's own says so, whether rows are added or what the halves print (小计), or that
    the half prints its own. It counts where it stands first, and is told where it is no such sum but for rounding: no rule
    looks at it.
    """
    rows = [_of_its_column(row, block, plan, rows) for row in rows]
    if not any(map(_may_be_total, rows)):
        return rows
    listed = [rows if each is plan else read_rows(block, each) for each in halves]
    added = [_sum(_added(block, each, part)) for each, part in zip(halves, listed, strict=True)]
    printed = [_printed(block, *each) for each in zip(halves, listed, added, strict=True)]
    found = [
        _nearer_to_all(block, each, part, own, _sum(added))
        | _nearer_to_all(block, each, part, said, _sum(printed))
        | _beside_own(block, each, part)
        for each, part, own, said in zip(halves, listed, added, printed, strict=True)
    ]
    at = halves.index(plan)
    sums = [[index for index, figure in each.items() if _adds_up(figure, added)] for each in found]
    counts = None if any(sums[:at]) else next(iter(sums[at]), None)
    return [
        _of_all(row, sure=row.index in sums[at], counts=row.index == counts)
        if row.index in found[at]
        else row
        for row in rows
    ]


def _printed(block: Block, plan: PanelPlan, rows: list[DataRow], own: Decimal) -> Decimal:
    """What a half prints as the sum of its rows, else `own`."""
    return _sum(_stated(block, plan, sums)) if (sums := _own_sums(plan, rows)) else own


def _own_sums(plan: PanelPlan, rows: list[DataRow]) -> list[DataRow]:
    """The row of a half that says that it adds it up, by the name of its columns (公用经费合计) or as its only 小计."""
    named = [row for row in rows if row.kind == _TOTAL and row.meaning.column in _keys(plan)]
    sums = named or [row for row in rows if bare(row.label) in common_words.shared_words().subtotals]
    return sums if len(sums) == 1 else []


def _beside_own(block: Block, plan: PanelPlan, rows: list[DataRow]) -> dict[int, Decimal]:
    """What totals of a half state besides the sum that it prints of itself, where they say otherwise than that one."""
    sums = _own_sums(plan, rows)
    own = _sum(_stated(block, plan, sums))
    said = {row.index: _sum(_stated(block, plan, [row])) for row in rows if _may_be_total(row)}
    return {at: figure for at, figure in said.items() if sums and figure and figure != own}


def _nearer_to_all(
    block: Block, plan: PanelPlan, rows: list[DataRow], own: Decimal, every: Decimal
) -> dict[int, Decimal]:
    """What the totals of a half state that are nearer to the sum of all halves than to the half's own, by their rows; and
    those whose name is merged over other halves, unless they are the half's own sum.
    """
    said = {row.index: _sum(_stated(block, plan, [row])) for row in rows if _may_be_total(row)}
    return {
        at: figure
        for at, figure in said.items()
        if figure
        and (abs(figure - every) < abs(figure - own) or (figure != own and _named_across(block, plan, at)))
    }


def _named_across(block: Block, plan: PanelPlan, row: int) -> bool:
    """Whether a merged range that begins in another half names a row."""
    first = plan.columns[0].index
    return any(block.sheet.origin(row, column.index)[1] < first for column in plan.of_kind("code", "label"))


def _adds_up(said: Decimal, added: Sequence[Decimal]) -> bool:
    """Whether a figure is the sum of others but for rounding."""
    figures: Figures = [said, *added]
    return abs(said - _sum(added)) <= slack([[each] for each in figures])


def _of_all(row: DataRow, *, sure: bool, counts: bool) -> DataRow:
    if not sure:
        return row.but(kind="unknown", key="", why=message("total_of_halves", row=row.label))
    return row.but(kind=_TOTAL, column=_TOTAL) if counts else row.but(kind="memo", key=bare(row.label))


def _sum(figures: Sequence[Decimal]) -> Decimal:
    return sum(figures, Decimal(0))


def _of_its_column(row: DataRow, block: Block, plan: PanelPlan, rows: list[DataRow]) -> DataRow:
    """小计 that adds up all of a half with columns of its own is the total of these; it was set aside as a part's (totals.py)."""
    if row.kind != "aside" or bare(row.label) not in common_words.shared_words().subtotals:
        return row
    whole = _stated(block, plan, [row]) == _added(block, plan, rows)
    return row.but(kind=_TOTAL, key=_TOTAL) if whole else row


def _may_be_total(row: DataRow) -> bool:
    """Whether a row is a total of its list, or a further one of which nobody knows so far what it adds up."""
    return row.key == _TOTAL and row.kind in (_TOTAL, "unknown") and not row.meaning.column


def _keys(plan: PanelPlan) -> frozenset[str]:
    """What the amounts of a half are of."""
    return frozenset(column.key for column in plan.of_kind("amount"))


def _added(block: Block, plan: PanelPlan, rows: list[DataRow]) -> Sums:
    """What the rows of a half add up to, column by column."""
    top = set(parts_at_top(rows))
    return _stated(block, plan, [row for row in rows if row.index in top])


def _leaves_open(block: Block, plan: PanelPlan, rows: list[DataRow]) -> bool:
    """Whether a row of a half states words for an amount, or figures of which nobody knows what they are of."""
    if any(row.kind == "unknown" and states_any(block, plan, row.index) for row in rows):
        return True
    cells = ((at, column.index) for at in parts_at_top(rows) for column in plan.of_kind("amount"))
    values = (block.sheet.at(*cell) for cell in cells)
    return any(value != "" and not is_figure(value) and not WORDS[str(value)].is_filler for value in values)


def _stated(block: Block, plan: PanelPlan, rows: list[DataRow]) -> Sums:
    columns = [column.index for column in plan.of_kind("amount")]
    cells = ([stated(block.sheet.at(row.index, column)) for row in rows] for column in columns)
    return tuple(_sum([figure or Decimal(0) for figure in each]) for each in cells)


def _names_a_total(block: Block, plan: PanelPlan) -> bool:
    """Whether a total is named in the columns of a half, with a figure or without."""
    names = [column.index for column in plan.of_kind("code", "label")]
    words = (WORDS[str(value)].bare for column in names for value in block.column(column))
    return any(common_words.total_words().get(word) == _TOTAL for word in words)
