"""Figures and remarks of the sentence being read, put down with their places in the printed text."""

from dataclasses import replace
from decimal import Decimal

from transforms.narrative.lexicon import numbers
from transforms.narrative.memory import TOTAL, Memory, is_matter
from transforms.narrative.stated import Place, Read, Remark, Slip, Stated
from transforms.narrative.tokens import Flat, Token

HUNDRED = 100
AROUND = 8


class Putting(Memory):
    """Puts down what a sentence states; the last change waits for its percentage and its reason.

    `_none` is what the clauses before say there is none of: as a token, and whether of purchases.
    """

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self._positions = 0
        self._flat, self._out = Flat("", ()), Read(0, 0)
        self._last_change: list[tuple[int, Place]] = []
        self._of_one_fund = False
        self._none: tuple[Token, bool] | None = None

    def _state(self, place: Place, column: str, measure: str, token: Token, sign: int = 1) -> int:
        """Put a figure down at a position of its own; gives the position."""
        self._positions += 1
        if place.row == TOTAL and is_matter(place.panel):
            self._whole_matters.add(place)
        self._put(self._positions, place, column, measure, token, sign)
        return self._positions

    def _put(
        self, position: int, place: Place, column: str, measure: str, token: Token, sign: int = 1
    ) -> None:
        factor = numbers().amounts.get(token.unit, HUNDRED)
        amount = None if token.number is None else sign * int(token.number * factor)
        # A nought without decimals means none at all, not less than half a unit.
        step = 1 if amount == 0 and not token.places else max(int(Decimal(factor).scaleb(-token.places)), 1)
        start, end = self._flat.origin(token.start), self._flat.origin(token.end - 1) + 1
        unit = numbers().written.get(token.unit, token.unit)
        self._out.figures.append(Stated(place, column, measure, amount, unit, step, start, end, position))
        if token.kind == "missing" or token.twice:
            around = self._flat.text[max(0, token.start - AROUND) : token.end]
            self._out.slips.append(Slip("twice" if token.twice else "missing", around, start))

    def _stated_parts(self) -> tuple[Place, ...]:
        """Of what the sentence has stated an amount of this year, without what they are parts of."""
        stated = (each for each in self._out.figures if (each.column, each.measure) == (TOTAL, "amount"))
        return tuple(each.place for each in stated if each.place not in self._parted)

    def _remark(self, position: int, place: Place, column: str, text: str, at: int, end: int = 0) -> None:
        self._out.remarks.append(
            Remark(position, place, column, text, self._flat.origin(at), self._flat.origin(end))
        )

    def _nought(self, places: tuple[Place, ...], token: Token) -> None:
        for place in places:
            self._state(place, TOTAL, "amount", replace(token, number=Decimal(0), unit="元"))
