"""Amounts that a table prints a second time beside them in another unit (元 | 万元): one column counts, the other agrees."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from expectations.units import FEN_PER
from transforms.money import parse_number, with_its_unit
from transforms.tables.block import Block
from transforms.tables.plan import Column, PanelPlan, as_kind
from transforms.wording.words import cell_text
from transforms.workbook import Cell

_TWO = 2


def restated_columns(plan: PanelPlan) -> list[Column]:
    """Of two columns that say one thing in two units that of the larger is set aside, or the one that names its own.

    `restated` says where they do not agree.
    """
    said = defaultdict[tuple[object, ...], list[Column]](list)
    for column in plan.of_kind("amount"):
        said[column.key, column.measure, column.year, column.path[:-1]].append(column)
    twins = (each for each in said.values() if len(each) == _TWO and len({c.unit for c in each}) == _TWO)
    again = (max(each, key=_size) for each in twins if all(c.unit in FEN_PER or not c.unit for c in each))
    return as_kind("aside", again)


def unit_of_columns(plans: Iterable[PanelPlan]) -> str:
    """The one unit of money that all amounts which count state in their columns; '' where there is none."""
    units = {c.unit for plan in plans for c in plan.of_kind("amount") if c.measure == "amount"}
    return units.pop() if len(units) == 1 and units <= FEN_PER.keys() else ""


def unit_of_figures(block: Block, plans: Iterable[PanelPlan]) -> str:
    """The one unit of money that every amount which counts has behind it (4.50万元), zeros apart; '' where one has none."""
    amounts = {
        c.index for plan in plans for c in plan.of_kind("amount") if c.measure in ("amount", "previous")
    }
    values = [value for c in amounts for value in block.column(c) if value != "" and parse_number(value) != 0]
    units = {with_its_unit(value)[1] if isinstance(value, str) else "" for value in values}
    return units.pop() if len(units) == 1 else ""


def _size(column: Column) -> int:
    return FEN_PER.get(column.unit, 0)


def restated(block: Block, plan: PanelPlan, declared: str) -> Iterator[tuple[Cell, Column]]:
    """The cells that say otherwise, in a unit of their own, than the amounts which count, with the column of these."""
    for again in plan.of_kind("aside"):
        counting = (c for c in plan.of_kind("amount") if (c.key, c.measure) == (again.key, again.measure))
        if again.unit in FEN_PER and (column := next(counting, None)):
            for row in _disagreeing(block, column, again, column.unit or declared):
                yield (row, again.index), column


def _disagreeing(block: Block, column: Column, again: Column, unit: str) -> Iterator[int]:
    """The rows in which two columns, `column` in `unit`, say different amounts, but for rounding, or words beside one."""
    words = {
        row for row, value in zip(block.data, block.column(column.index), strict=True) if cell_text(value)
    }
    pairs = [[parse_number(value) for value in block.column(c.index)] for c in (column, again)]
    places = [-int(f.normalize().as_tuple().exponent) for f in pairs[1] if f]
    slack = Decimal(FEN_PER[again.unit]).scaleb(-max([0, *places])) / 2
    for row, amount, other in zip(block.data, *pairs, strict=True):
        if other is not None:
            counted = (amount or 0) * FEN_PER.get(unit, 0)
            if row in words or abs(counted - other * FEN_PER[again.unit]) > slack:
                yield row
