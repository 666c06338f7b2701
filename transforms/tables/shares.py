"""Columns of percentages that hold what a spreadsheet shows as such: 0.2 for 20 %."""

from collections.abc import Iterator
from decimal import Decimal

from transforms.money import parse_number
from transforms.tables.layout import Block
from transforms.tables.plan import Column, PanelPlan

_BEFORE = ("previous", "executed")
_ROUNDED = Decimal("0.00501")  # what two decimals leave of a share


def columns_of_shares(block: Block, plan: PanelPlan) -> frozenset[int]:
    """The columns of percentages where a figure is the change of its row as a share of the amount before, and none is that
    change in per cent. A row that says neither, as its amounts may be wrong, decides nothing.

    What is both says nothing either: 0.003 where 10.03 follows 10.
    """
    percentages = [column for column in plan.of_kind("amount") if column.measure == "percent"]
    return frozenset(column.index for column in percentages if _are_shares(list(_told(block, plan, column))))


def _told(block: Block, plan: PanelPlan, percentage: Column) -> Iterator[tuple[Decimal, Decimal]]:
    """(what a row states, the change of its amounts as a share), where both amounts stand in the row."""
    beside = {c.measure: c.index for c in plan.of_kind("amount") if c.key == percentage.key}
    before = next((beside[measure] for measure in _BEFORE if measure in beside), None)
    if before is None or "amount" not in beside:
        return
    columns = [block.column(index) for index in (percentage.index, before, beside["amount"])]
    if not all(columns):
        return  # no row is so wide
    for stated, old, new in zip(*columns, strict=True):
        was, becomes = parse_number(old), parse_number(new)
        if isinstance(stated, float) and was is not None and was > 0 and becomes is not None:
            yield Decimal(repr(stated)), (becomes - was) / was


def _are_shares(told: list[tuple[Decimal, Decimal]]) -> bool:
    as_shares = [abs(stated - share) <= _ROUNDED for stated, share in told]
    in_percent = [abs(stated - share * 100) <= _ROUNDED * 100 for stated, share in told]
    said = set(zip(as_shares, in_percent, strict=True))
    return (True, False) in said and (False, True) not in said
