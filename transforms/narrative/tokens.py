"""A sentence as tokens: words with a meaning, amounts, percentages, counts, years, functions, signs; the rest is unknown."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from transforms.narrative.functions import FunctionNames, function_names
from transforms.narrative.lexicon import lexicon, numbers, texts
from transforms.once import recalled
from transforms.wording.patterns import pattern
from transforms.wording.text import any_of

MONTHS = 12
FIGURES = ("amount", "missing", "percent")
SIGNS = "，。；：、,;:()"
_QUOTES = frozenset("\"'“”‘’＂′″「」『』《》【】\u200b\ufeff")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d.])|\d+(?:\.\d+)?(?![\d.])")
_YEAR, _DATE = pattern("year_in_a_sentence"), pattern("date_in_a_sentence")
_LARGE, MARK = pattern("large_equipment"), pattern("mark_of_a_note")
# What a function may be named right behind.
_BEFORE_FUNCTIONS = ("sign", "of_which", "note")


@dataclass(frozen=True)
class Flat:
    """A text as it is compared, with the place of each of its characters in the text as printed.

    Normal width, without quotation marks and blanks; a blank between two digits stays, because it may be a page number
    or a broken number, and so do the marks of notes.
    """

    text: str
    offsets: tuple[int, ...]

    def origin(self, at: int) -> int:
        """Where a character stands in the text as printed."""
        return self.offsets[at] if at < len(self.offsets) else self.offsets[-1] + 1


@dataclass(frozen=True)
class Token:
    """A piece of a sentence. `number` is exact; `unit` is that of an amount or a count; `places` the decimals written.

    The key of a `note` is its mark.
    """

    kind: str
    start: int
    end: int
    key: str = ""
    number: Decimal | None = None
    unit: str = ""
    places: int = 0
    twice: bool = False


def flatten(text: str) -> Flat:
    """A text made plain, blanks between digits kept.

    >>> flatten("“三公” 经费 4.03 %，占 1 2").text
    '三公经费4.03%,占1 2'
    """
    letters: list[str] = []
    offsets: list[int] = []
    blank = False
    for offset, letter in enumerate(text):
        for plain in letter if _stays(letter) else unicodedata.normalize("NFKC", letter):
            if plain.isspace():
                blank = True
                continue
            if plain in _QUOTES:
                continue
            if blank and letters and _is_digit(letters[-1]) and _is_digit(plain):
                letters.append(" ")
                offsets.append(offset)
            blank = False
            letters.append(plain)
            offsets.append(offset)
    return Flat("".join(letters), tuple(offsets))


def _stays(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or MARK.match(letter) is not None


def _is_digit(letter: str) -> bool:
    return letter.isdecimal() or letter == "."


@recalled
def tokenise(text: str, year: int) -> tuple[Token, ...]:
    """The tokens of a plain sentence (see flatten), from its first letter to its last."""
    names = function_names(year)
    found: list[Token] = []
    at = after_ordinals(text, 0)
    while at < len(text):
        token = _token_at(text, at, year, names, found)
        if token.kind == "unknown" and found and found[-1].kind == "unknown":
            found[-1] = Token("unknown", found[-1].start, token.end)
        else:
            found.append(token)
        at = token.end
        if token.kind == "sign" and text[token.start] in ";:":
            at = after_ordinals(text, at)
    return tuple(found)


def after_ordinals(text: str, at: int) -> int:
    """Behind the ordinals that stand at a place, at most two."""
    for _ in range(2):
        match = _ordinals().match(text, at)
        at = match.end() if match else at
    return at


@cache
def _ordinals() -> re.Pattern[str]:
    return re.compile(texts().ordinals)


def _token_at(text: str, at: int, year: int, names: FunctionNames, before: list[Token]) -> Token:
    """The token that begins at a place; one unknown letter where nothing else does."""
    first = text[at]
    if first in SIGNS:
        return Token("sign", at, at + 1, first)
    if large := _LARGE.match(text, at):
        threshold = Decimal(large[1]) * numbers().amounts[large[2]] / 100
        return Token("asset", at, large.end(), f"large_equipment.{threshold.normalize():f}")
    if first.isdecimal():
        return _numeric(text, at, year, names)
    if first == "-" and before and before[-1].key == "(":
        return Token("minus", at, at + 1)
    if not before or before[-1].kind in _BEFORE_FUNCTIONS:
        line = names.line_at(text, at) or names.code_behind(text, at)
        if line:
            return Token("function", at, line.end, line.code)
    if date := _DATE.match(text, at):
        return Token("as_of", at, date.end(), _iso(date))
    return _word(text, at, names, before)


def _gives_parts(before: list[Token]) -> bool:
    """Whether what begins here is a part of a function (教育支出5万元，其中：小学教育…): it may be named without its level."""
    kinds = [token.kind for token in before]
    return bool(kinds) and kinds[-1] in _BEFORE_FUNCTIONS and "function" in kinds and "of_which" in kinds


def _iso(date: re.Match[str]) -> str:
    if not date[1]:
        return f"{date[4]}-12-31"
    year, month = int(date[1]), int(date[2])
    last = monthrange(year, month)[1] if 1 <= month <= MONTHS else 1
    return f"{year}-{month:02d}-{int(date[3] or last):02d}"


def _word(text: str, at: int, names: FunctionNames, before: list[Token]) -> Token:
    known = lexicon().at(text, at)
    named = names.class_at(text, at) or (names.part_at(text, at) if _gives_parts(before) else None)
    if named and (known is None or named.end > known[2]):
        return Token("function", at, named.end, named.code)
    if known is None and MARK.match(text, at):
        return Token("note", at, at + 1, text[at])
    if known is None:
        return _unit_alone(text, at) or Token("unknown", at, at + 1)
    kind, key, end = known
    return _previous(text, at, end, "") if kind == "previous" else Token(kind, at, end, key)


def _unit_alone(text: str, at: int) -> Token | None:
    """A unit that no number stands before: the amount was left out."""
    unit = _unit_at(text, at, ("亿元", "万元", "元"))
    return Token("missing", at, at + len(unit), unit=unit) if unit else None


def _numeric(text: str, at: int, year: int, names: FunctionNames) -> Token:
    if date := _DATE.match(text, at):
        return Token("as_of", at, date.end(), _iso(date))
    if match := _YEAR.match(text, at):
        if int(match[1]) == year:
            return Token("year", at, match.end())
        return _previous(text, at, match.end(), match[1])
    if coded := names.coded_at(text, at):
        return Token("function", at, coded.end, coded.code)
    match = _NUMBER.match(text, at)
    if match is None:
        end = next(
            (n for n in range(at, len(text)) if not (text[n].isdigit() or text[n] in ". ,")), len(text)
        )
        return Token("number", at, max(end, at + 1))
    return _with_unit(text, at, match)


def _with_unit(text: str, at: int, match: re.Match[str]) -> Token:
    """A number with the unit behind it; one that goes on behind a blank is no number."""
    digits, end = match[0].replace(",", ""), match.end()
    if end < len(text) and text[end] == " ":
        return Token("number", at, end + 1)
    number, places = Decimal(digits), len(digits.partition(".")[2])
    if end < len(text) and text[end] == "%":
        return Token("percent", at, end + 1, "", number, "%", places)
    if unit := _unit_at(text, end, tuple(numbers().amounts)):
        stop = end + len(unit)
        again = _repeated(text, stop, unit)
        return Token("amount", at, again, "", number, unit, places, again > stop)
    for kind, units in (("aside", numbers().asides), ("count", numbers().counts)):
        if unit := _unit_at(text, end, units):
            return Token(kind, at, end + len(unit), "", number, unit, places)
    return Token("number", at, end, "", number, "", places)


def _unit_at(text: str, at: int, units: tuple[str, ...]) -> str:
    match = _any_unit(units).match(text, at)
    return match[0] if match else ""


@cache
def _any_unit(units: tuple[str, ...]) -> re.Pattern[str]:
    return any_of(units)


def _repeated(text: str, at: int, unit: str) -> int:
    """Behind a unit typed twice (元元, 万元万元)."""
    for again in (unit, unit[-1]):
        if unit.endswith("元") and text.startswith(again, at):
            return at + len(again)
    return at


def _previous(text: str, at: int, end: int, year: str) -> Token:
    """The year before (or another year), as budgeted or as executed."""
    rest = lexicon().at(text, end) if end < len(text) else None
    if rest and rest[0] == "budget":
        longer = lexicon().at(text, rest[2]) if rest[2] < len(text) else None
        rest = longer if longer and longer[0] == "execution_of_previous" else None
    if rest and rest[0] == "execution_of_previous":
        return Token("previous", at, rest[2], "previous_execution", Decimal(year) if year else None)
    return Token("previous", at, end, "previous_budget", Decimal(year) if year else None)


def sentences(flat: Flat) -> Iterator[tuple[int, int]]:
    """Where each sentence of a plain text begins and ends; a full stop right before a closing bracket ends none."""
    start = 0
    for match in re.finditer(r"[。！!？?]+(?![)。！!？?])", flat.text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(flat.text):
        yield start, len(flat.text)
