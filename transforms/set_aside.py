"""Rows that only divide others (工资福利支出 below 基本支出): not used, where what they divide stands there and says the same."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import takewhile

from transforms import forms
from transforms.columns import PanelPlan
from transforms.layout import Block
from transforms.meaning import DataRow
from transforms.money import parse_number
from transforms.text import is_memo, ordinal_depth

Figures = list[Decimal | None]
_WHOLES = frozenset({"item", "total", "memo", "code", "single", "unit"})


def only_what_is_repeated(rows: list[DataRow], block: Block, plan: PanelPlan) -> list[DataRow]:
    """The rows, those set aside that repeat no other row, or say otherwise than it, being unknown.

    Rows about something else than what the table adds up (numbers of guests) repeat nothing and are left.
    """
    asides = [n for n, row in enumerate(rows) if row.kind == "aside" and not _is_unrelated(row, plan)]
    if not asides or not plan.of_kind("amount"):
        return rows
    parts = _Parts(rows, block, plan)
    lost = {n for n in asides if not parts.repeats(n)}
    return [row.but(kind="unknown", key="") if n in lost else row for n, row in enumerate(rows)]


def _is_unrelated(row: DataRow, plan: PanelPlan) -> bool:
    return forms.header_key(row.label) in plan.panel.unrelated_words


class _Parts:
    """The rows of a list, and which of them are parts of which by their ordinals and amounts."""

    def __init__(self, rows: list[DataRow], block: Block, plan: PanelPlan) -> None:
        self.rows, self.block = rows, block
        self.columns = [column.index for column in plan.of_kind("amount") if column.measure != "percent"]

    def repeats(self, number: int) -> bool:
        """Whether a row set aside is one of the parts of the row above them, or the sum of those below it."""
        if not any(self._figures(number)):
            return True
        head = next((n for n in range(number - 1, -1, -1) if self.rows[n].kind in _WHOLES), -1)
        if head >= 0 and self._may_be_below(number, head):
            return self._agree(head, list(self._parts_of(head)), is_memo(self.rows[head + 1].label))
        below = list(self._below(number))
        return bool(below) and self._agree(number, below, of_which=False)

    def _may_be_below(self, number: int, head: int) -> bool:
        own, above = ordinal_depth(self.rows[number].label), ordinal_depth(self.rows[head].label)
        return own > above or own == 0

    def _parts_of(self, head: int) -> Iterator[int]:
        """The rows set aside right below another, as deep as the first of them."""
        following = range(head + 1, len(self.rows))
        found = [
            n for n in takewhile(lambda n: self.rows[n].kind not in _WHOLES, following) if self._aside(n)
        ]
        depth = ordinal_depth(self.rows[found[0]].label) if found else 0
        return (n for n in found if ordinal_depth(self.rows[n].label) == depth)

    def _aside(self, number: int) -> bool:
        return self.rows[number].kind == "aside"

    def _below(self, number: int) -> Iterator[int]:
        """The rows right below one by their ordinals, without what they consist of."""
        own = ordinal_depth(self.rows[number].label)
        following = range(number + 1, len(self.rows))
        deeper = list(takewhile(lambda n: ordinal_depth(self.rows[n].label) > own, following))
        depths = [ordinal_depth(self.rows[n].label) for n in deeper if not is_memo(self.rows[n].label)]
        return (n for n in deeper if ordinal_depth(self.rows[n].label) == min(depths))

    def _agree(self, whole: int, parts: list[int], of_which: bool) -> bool:  # noqa: FBT001
        """Whether parts add up to a whole in each column but for rounding; to no more than it where they are of it."""
        figures = [self._figures(n) for n in (whole, *parts)]
        slack = _slack(figures)
        for total, *each in zip(*figures, strict=True):
            added = sum(figure or 0 for figure in each)
            rest = (total or 0) - added
            if (added and total is None) or rest < -slack or (rest > slack and not of_which):
                return False
        return True

    def _figures(self, number: int) -> Figures:
        row = self.rows[number].index
        return [parse_number(self.block.sheet.at(row, column)) for column in self.columns]


def _slack(figures: list[Figures]) -> Decimal:
    """What rounding may make of a sum: half of the least step in which the figures are stated, for each of them."""
    places = [-int(f.normalize().as_tuple().exponent) for each in figures for f in each if f]
    return Decimal(len(figures)) / 2 * Decimal(1).scaleb(-max([0, *places]))
