"""Amounts as departments type them."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

FEN = {"元": 100, "千元": 100_000, "万元": 1_000_000}
FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@dataclass(frozen=True)
class Typing:
    """One department's way of typing figures; `unit` is the unit in which it types them."""

    unit: str
    number: str
    negative: str
    zero: str
    mixed: bool

    def typed(self, amount: int, rng: Random) -> object:
        """The cell that states an amount of 分; '' where a zero is left blank."""
        number = Decimal(amount) / FEN[self.unit]
        if not amount:
            return {"0": 0.0, "blank": ""}.get(self.zero, self.zero)
        style = self.number if not self.mixed else rng.choice(STYLES)
        if style == "number":
            return float(number)
        text = _STYLED[style](abs(number))
        return self.negative.format(text) if number < 0 else text


def percent_typed(hundredths: int, style: str) -> object:
    """The cell that states a percentage: a number of percent, a text with its sign, or a number that is formatted as one."""
    if style == "text":
        return f"{plain(Decimal(hundredths) / 100)}%"
    return hundredths / (100 if style == "number" else 10_000)


def plain(number: Decimal) -> str:
    """The number in digits, without an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(number: Decimal) -> str:
    whole, _, fraction = plain(number).partition(".")
    return f"{int(whole):,}" + (f".{fraction}" if fraction else "")


_STYLED = {
    "text": plain,
    "spaces": lambda number: f" {plain(number)}\u3000",
    "apostrophe": lambda number: f"'{plain(number)}",
    "commas": _grouped,
    "full commas": lambda number: _grouped(number).replace(",", "，"),
    "full width": lambda number: plain(number).translate(FULL_WIDTH),
    "yen": lambda number: f"¥{_grouped(number)}",
    "full yen": lambda number: f"￥{plain(number)}",
}
STYLES = ("number", *_STYLED)
NEGATIVES = ("-{}", "({})", "（{}）", "△{}", "▲{}", "－{}")
ZEROS = ("0", "0", "blank", "blank", "0.00", "-", "—", "/", "－", "——", "０")


def draw_typing(rng: Random, unit: str) -> Typing:
    """A way of typing figures; most departments type numbers."""
    number = "number" if rng.random() < 0.5 else rng.choice(STYLES)
    return Typing(unit, number, rng.choice(NEGATIVES), rng.choice(ZEROS), rng.random() < 0.1)


def draw_amount(rng: Random, unit: str) -> int:
    """An amount of 分 in a step that the unit can show, now and then zero or negative."""
    chance = rng.random()
    if chance < 0.15:
        return 0
    step = rng.choice({"元": (1, 100), "千元": (1000, 100_000), "万元": (100, 10_000, 1_000_000)}[unit])
    amount = step * rng.choice((rng.randrange(1, 100), rng.randrange(1, 50_000), rng.randrange(1, 5_000_000)))
    return -amount if chance > 0.97 else amount
