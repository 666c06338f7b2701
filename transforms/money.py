"""Amounts: exact from the cell to the file, as whole 分 (hundredths of a yuan)."""

import re
import unicodedata
from decimal import Decimal
from math import gcd
from typing import Any

from expectations.definitions import LARGEST_FEN
from expectations.units import FEN_PER
from transforms.once import recalled
from transforms.wording.patterns import pattern

_ZERO_SIGN, _CURRENCY = pattern("zero_sign"), pattern("currency")
_AROUND = " \t\r\n\u00a0\u200b\ufeff'’‘`"
_NEGATIVE = re.compile(r"^(?:\((.+)\)|[△▲−－-] ?(.+))$")
_GROUPED = re.compile(r"^\+?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?$")
_PLAIN = re.compile(r"^\+?(?:\d+\.?\d*|\.\d+)$")
_BEFORE_UNIT = re.compile(rf"^(.*\d.*?)({'|'.join(sorted(FEN_PER, key=len, reverse=True))})$", re.DOTALL)


def parse_number(value: object) -> Decimal | None:
    """The number that a cell states, None where it states none (text, date, blank).

    Reads numbers typed as text: commas in groups of three, full-width digits, a leading apostrophe, ¥,
    brackets or △ for negatives, a dash or a slash for zero.

    >>> parse_number("１,２３４.５０ "), parse_number("（12）"), parse_number("—"), parse_number("十二万")
    (Decimal('1234.50'), Decimal('-12'), Decimal('0'), None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(repr(value)) if value == value and abs(value) != float("inf") else None
    return _parse_text(value) if isinstance(value, str) else None


@recalled
def _parse_text(text: str) -> Decimal | None:
    if _ZERO_SIGN.match(text.strip()):
        return Decimal(0)
    words = unicodedata.normalize("NFKC", text).strip(_AROUND)
    negative = _NEGATIVE.match(words) or _NEGATIVE.match(_without_currency(words))
    if negative:
        words = next(group for group in negative.groups() if group)
    digits = _without_currency(words.strip(_AROUND))
    if not (_PLAIN.match(digits) or _GROUPED.match(digits)):
        return None
    number = Decimal(digits.replace(",", "").replace(" ", ""))
    return -number if negative else number


def _without_currency(words: str) -> str:
    return _CURRENCY.sub("", words).strip(_AROUND)


@recalled
def with_its_unit(text: str) -> tuple[str, str]:
    """(number, unit) of a text that states a number and its unit of money, ('', '') of every other.

    >>> with_its_unit("12.5万元"), with_its_unit("1,234.50 元"), with_its_unit("约5万元")
    (('12.5', '万元'), ('1,234.50 ', '元'), ('', ''))
    """
    found = _BEFORE_UNIT.match(unicodedata.normalize("NFKC", text).strip(_AROUND))
    return (found[1], found[2]) if found and parse_number(found[1]) is not None else ("", "")


def without_percent(value: object) -> object:
    """A cell without the per cent behind its number."""
    return value.rstrip(" %％") if isinstance(value, str) else value


def to_fen(value: object, unit: str) -> int | None:
    """The amount of a cell in 分, rounded there: what a binary float adds beyond the 分 is noise.

    unit: a key of FEN_PER. None where the cell states no number, or one that no budget can hold.
    """
    if isinstance(value, float) and abs(value) < 1e9:
        amount = round(value * FEN_PER[unit])
    else:
        number = parse_number(value)
        if number is None:
            return None
        amount = int((number * FEN_PER[unit]).to_integral_value())
    return amount if abs(amount) <= LARGEST_FEN else None


def money_of(value: object, unit: str) -> int | None:
    """The amount of a cell in 分; a number with a unit behind it counts where that is the table's too."""
    amount = to_fen(value, unit) if isinstance(value, float | int | str) else None
    if amount is None and isinstance(value, str) and with_its_unit(value)[1] == unit:
        return to_fen(with_its_unit(value)[0], unit)
    return amount


def to_hundredths(value: object, times: int = 1) -> int | None:
    """A quantity or a percentage, so many times, in hundredths, None where the cell states no number."""
    return to_fen(value * times if isinstance(value, float) else value, "元")


def are_parts_of_one(values: list[Any]) -> bool:
    """Whether percentages of a whole are held as a spreadsheet keeps what it shows as 40%: numbers that add up to 1.

    >>> are_parts_of_one([0.4, 0.6]), are_parts_of_one([40.0, 60.0]), are_parts_of_one(["0.4%", "0.6%"])
    (True, False, False)
    """
    return all(isinstance(value, float) for value in values) and round(sum(values), 6) == 1


def parts_or_percentages(values: list[Any]) -> list[Any]:
    """The percentages of a whole of which nobody can say whether 0.4 is 40 % or 0.4 %: they add up to neither 1 nor 100.

    >>> parts_or_percentages([0.4, 0.5, "待定"]), parts_or_percentages([0.4, 0.6]), parts_or_percentages([0.5, 99.5])
    ([0.4, 0.5], [], [])
    >>> parts_or_percentages([40.0, 50.0]), parts_or_percentages([1.0, 50.0])
    ([], [])
    """
    small = [value for value in values if isinstance(value, float) and 0 < value <= 1]
    whole = sum((parse_number(without_percent(value)) or Decimal(0) for value in values), Decimal(0))
    settled = are_parts_of_one(values) or round(whole, 6) == 100 or all(value == 1 for value in small)
    return [] if settled else small


def display_step(amounts: list[int], unit: str) -> int:
    """The step, in 分, in which a form states its amounts: the largest of 1, 0.1, 0.01 … of its unit of
    which all are multiples, at least 1 分 (rules.md, Rounding).

    >>> display_step([27664_220000], "万元"), display_step([37151465500], "元")
    (10000, 100)
    """
    step, common = FEN_PER.get(unit, 100), gcd(*amounts)
    while step > 1 and common % step:
        step //= 10
    return max(step, 1)
