"""Whether rows of a table add up to another one, as far as rounding lets them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from transforms.forms import Tree
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.plan import PanelPlan

Figures = list[Decimal | None]


class Sum(NamedTuple):
    """What is left of a row, column by column, when others are taken from it; None where it states nothing but they do.

    `slack`: what rounding may leave.
    """

    rests: list[Decimal | None]
    slack: Decimal

    @property
    def exact(self) -> bool:
        """Whether the rows add up to it."""
        return all(rest == 0 for rest in self.rests)

    @property
    def rounded(self) -> bool:
        """Whether they add up to it but for rounding."""
        return all(rest is not None and abs(rest) <= self.slack for rest in self.rests)

    @property
    def within(self) -> bool:
        """Whether they add up to no more than it but for rounding."""
        return all(rest is not None and rest >= -self.slack for rest in self.rests)


def sum_of(block: Block, plan: PanelPlan, whole: int, parts: Sequence[int]) -> Sum:
    """The row `whole` of a table less the rows `parts`."""
    columns = [column.index for column in plan.of_kind("amount") if column.measure != "percent"]
    figures = [_figures(block, row, columns) for row in (whole, *parts)]
    return Sum([_rest(total, each) for total, *each in zip(*figures, strict=True)], slack(figures))


def _rest(total: Decimal | None, parts: Figures) -> Decimal | None:
    added = sum(part or 0 for part in parts)
    return None if added and total is None else (total or Decimal(0)) - added


def printed_parts(tree: Tree, key: str, printed: Mapping[str, object]) -> list[str]:
    """What a form adds up to a key, as far as a table prints it: parts, or what these consist of where they are not there."""
    return [
        part
        for child in tree.get(key, [])
        for part in ([child] if child in printed else printed_parts(tree, child, printed))
    ]


def states_any(block: Block, plan: PanelPlan, row: int) -> bool:
    """Whether a row states an amount that is not nought."""
    return any(_figures(block, row, [column.index for column in plan.of_kind("amount")]))


def _figures(block: Block, row: int, columns: Sequence[int]) -> Figures:
    return [parse_number(block.sheet.at(row, column)) for column in columns]


def slack(figures: list[Figures]) -> Decimal:
    """What rounding may make of a sum: half of the least step in which the figures are stated, for each of them."""
    places = [-int(f.normalize().as_tuple().exponent) for each in figures for f in each if f]
    return Decimal(len(figures)) / 2 * Decimal(1).scaleb(-max([0, *places]))
