"""Cells of columns of amounts as numbers: which are figures, of what unit, in 分 or hundredths."""

from decimal import Decimal

from expectations.definitions import LARGEST_FEN
from expectations.units import FEN_PER
from transforms.money import money_of, parse_number, to_hundredths, with_its_unit, without_percent
from transforms.once import recalled
from transforms.tables.declare import unit_in
from transforms.tables.facts import Item
from transforms.tables.plan import Column, PanelPlan

Amounts = list[tuple[Column, Item, float, int]]


@recalled
def amounts_of(plan: PanelPlan, declared: str) -> Amounts:
    """(column, what its figures are, the least number that needs a closer look, 分 per unit) of each column of amounts.

    declared: the unit of the table.
    """
    found = []
    for column in plan.of_kind("amount"):
        unit = column.unit if column.unit in FEN_PER else declared
        odd = not unit or column.measure == "percent" or plan.panel.measure_of(column.key) == "quantity"
        fen = 1 if odd else FEN_PER[unit]
        item = Item(column.key, column.measure, unit)
        found.append((column, item, 0.0 if odd else min(1e9, LARGEST_FEN // fen), fen))
    return found


def stated(value: object) -> Decimal | None:
    """The number that a cell states, its unit of money behind it or not; None where it states none."""
    number = parse_number(value)
    return parse_number(with_its_unit(value)[0]) if number is None and isinstance(value, str) else number


def is_figure(value: object) -> bool:
    """Whether a cell states a number, its unit of money behind it or not."""
    return stated(value) is not None


def is_broken(value: object) -> bool:
    """Whether a cell holds a number with decimals, which is no name, code, year or number of a line."""
    return value.__class__ is float and bool(value % 1)


def read_amount(
    value: object, nature: str, column: Column, declared: str, label: str
) -> tuple[int | None, str, bool]:
    """(amount, unit, whether the cell holds a figure). The amount is None where no unit is declared."""
    if nature == "percent":
        number = to_hundredths(without_percent(value))
        return number, "%", number is not None
    if nature == "quantity":
        number = to_hundredths(value)
        return number, column.unit or unit_in(label), number is not None
    unit = column.unit if column.unit in FEN_PER else declared
    if unit:
        amount = money_of(value, unit)
        return amount, unit, amount is not None
    return None, "", is_figure(value)
