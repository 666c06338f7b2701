"""Columns of percentages that hold what a spreadsheet shows as such: 0.2 for 20 %, typed as text or not."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from decimal import Decimal

from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.plan import Column, PanelPlan

_BEFORE = ("previous", "executed")
_BY = "change"
_EVERY = 1 << 20  # rows of a sheet
_ROUNDED = Decimal("0.00501")  # what two decimals leave of a share
_MOST_DECIMALS = 2  # of a percentage; one with more is taken as if it had these


@dataclass(frozen=True, slots=True)
class Shares:
    """Which rows of a column of percentages hold shares; of a column of both, in which rows nobody knows."""

    rows: Container[int]
    unsure: Container[int] = ()


def columns_of_shares(block: Block, plan: PanelPlan) -> dict[int, Shares]:
    """The columns of percentages that hold shares, by their place.

    A row tells where its figure is the change of its amounts as a share, or in per cent; one that says neither, as its
    amounts may be wrong, decides nothing, nor one that says both: 0 where 10.03 follows 10. An amount that cannot be
    read is known by the change printed beside. Where its amounts fit neither, nobody knows what a figure is that may be
    either: any of a column with shares, and what is less than 1; that also where its amounts are unknown, unless each
    row that tells holds a share.
    """
    percentages = [column for column in plan.of_kind("amount") if column.measure == "percent"]
    found = ((column.index, _shares_in(list(_told(block, plan, column)))) for column in percentages)
    return {index: shares for index, shares in found if shares}


def _shares_in(told: list[tuple[int, Decimal, Decimal | None]]) -> Shares | None:
    """What a column holds by its figures: (row, what it states, the change of its amounts as a share)."""
    shares = {row for row, stated, change in told if _tells(stated, change) == (True, False)}
    percentages = {row for row, stated, change in told if _tells(stated, change) == (False, True)}
    open_ones = [each for each in told if each[1] and _tells(*each[1:]) == (False, False)]
    mixed = bool(shares and percentages)
    unsure = {row for row, _, change in open_ones if mixed or (shares and change is not None)}
    held_as_shares = shares and not percentages
    unsure |= {
        row
        for row, stated, change in open_ones
        if abs(stated) < 1 and not (change is None and held_as_shares)
    }
    if not shares and not unsure:
        return None
    return Shares(frozenset(shares) if percentages or not shares else range(_EVERY), frozenset(unsure))


def _tells(stated: Decimal, change: Decimal | None) -> tuple[bool, bool]:
    """Whether a figure is a change as a share, and whether it is one in per cent."""
    if change is None:
        return False, False
    decimals = max(-int(stated.normalize().as_tuple().exponent), 0)
    cut = min(Decimal("1.01").scaleb(-min(decimals, _MOST_DECIMALS)), _ROUNDED * 100)
    return abs(stated - change) <= _ROUNDED, abs(stated - change * 100) <= cut


def _told(block: Block, plan: PanelPlan, percentage: Column) -> Iterator[tuple[int, Decimal, Decimal | None]]:
    """(row, what it states, the change of its amounts as a share, None where it does not state both amounts)."""
    beside = {c.measure: c.index for c in plan.of_kind("amount") if c.key == percentage.key}
    before = next((beside[measure] for measure in _BEFORE if measure in beside), None)
    if before is None or "amount" not in beside:
        return
    columns = [block.column(index) for index in (percentage.index, before, beside["amount"])]
    if not all(columns):
        return  # no row is so wide
    printed = (_BY in beside and block.column(beside[_BY])) or [""] * len(block.data)
    for row, said, *amounts in zip(block.data, *columns, printed, strict=True):
        if (stated := parse_number(said)) is not None:
            nothing_left = amounts[1:] == ["", ""]  # somebody counted the percentage with it as nought
            was, becomes, by = map(parse_number, amounts)
            yield row, stated, _change(was, Decimal() if nothing_left else becomes, by)


def _change(was: Decimal | None, becomes: Decimal | None, by: Decimal | None) -> Decimal | None:
    """The change as a share of what was; `by`, the change that is printed, where one of the amounts is unknown."""
    if by is None or (was is not None and becomes is not None):
        by = becomes - was if was is not None and becomes is not None else None
    elif was is None and becomes is not None:
        was = becomes - by
    return by / was if by is not None and was else None
