"""Columns that are parts of a total as their figures say; what is set aside beside types of spending may be its rest."""

from dataclasses import replace
from decimal import Decimal

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.heads import lowest_word
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.sums import printed_parts

_TOTAL = "total"
_SOUND = 3  # rows that add up for each that does not, which is a slip then


def with_rest_of_total(block: Block, plan: PanelPlan) -> PanelPlan:
    """A plan in which columns set aside that, beside some types of spending, are the rest of the total (运转类, 上年结转) are
    parts of it of no type, under keys of their own (`total.上年结转`): in every row, or but for slips in few.
    """
    rest = [column for column in plan.of_kind("aside") if column.path and block.content(column.index)[1]]
    if not rest or plan.panel.codes is None:
        return plan
    amounts = {column.key: column for column in plan.of_kind("amount") if column.measure == "amount"}
    types = [amounts[key] for key in printed_parts(plan.panel.columns, _TOTAL, amounts)]
    if not types or _TOTAL not in amounts:
        return plan
    rest = _each_once(rest, types)
    words = [_word_of(column) for column in rest]
    found = [
        replace(column, kind="amount", key=f"{_TOTAL}.{word}")
        for column, word in zip(rest, words, strict=True)
        if word in plan.panel.aside_words and not column.unit and not column.year
    ]
    apart = len(found) == len(rest) == len(set(words))
    sure = apart and _rows_add_up(block, [amounts[_TOTAL]], found, types)
    return plan.taking(found) if sure and are_the_total(block, amounts[_TOTAL], found, types) else plan


def _each_once(rest: list[Column], types: list[Column]) -> list[Column]:
    """The columns without those that say again what others do: the sum (小计) of the group in which the types stand, and what
    stands beside the sum of another group.
    """
    sums = {column.path[:-1] for column in rest if _is_sum(column)} - {()}
    own = {column.path[:-1] for column in types}
    return [c for c in rest if c.path[:-1] not in sums or (_is_sum(c) and c.path[:-1] not in own)]


def _is_sum(column: Column) -> bool:
    return lowest_word(column.path) in common_words.shared_words().sums


def _word_of(column: Column) -> str:
    """What names a column: its lowest word, or what stands above a sum."""
    return common_words.header_key(
        column.path[-2] if _is_sum(column) and column.path[1:] else column.path[-1]
    )


def _rows_add_up(block: Block, whole: list[Column], rest: list[Column], others: list[Column]) -> bool:
    """Whether every row adds up, but for slips beside many rows to which the rest and the others both add something."""
    slips = {row for row in block.data if _sum(block, row, whole) != _sum(block, row, [*rest, *others])}
    if not slips:
        return True
    sound = [
        row for row in block.data if row not in slips and _sum(block, row, rest) and _sum(block, row, others)
    ]
    return len(sound) >= _SOUND * len(slips)


def are_the_total(block: Block, total: Column, classes: list[Column], others: list[Column]) -> bool:
    """Whether rows say that classes and other parts are the total together, and none, but for slips in few, that the classes
    alone are.
    """
    together = alone = 0
    for row in block.data:
        whole, first, rest = (_sum(block, row, columns) for columns in ([total], classes, others))
        if first and rest:
            together += whole == first + rest
            alone += whole == first
    return together >= max(1, _SOUND * alone)


def _sum(block: Block, row: int, columns: list[Column]) -> Decimal:
    return sum((parse_number(block.sheet.at(row, c.index)) or Decimal(0) for c in columns), Decimal(0))
