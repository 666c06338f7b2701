"""Number formats that show another number than the cell holds: 12,000,000 shown as 1200.0, or show it in a unit.

Clerks use them to show yuan as 万元 without changing the numbers (`0!.0,` puts a point before the last digit of the
thousands). What the screen shows then fits the table's unit, what the cell holds does not, and nobody can tell which is meant.
So it is with a number that is shown in another unit (`0.00"万元"`) than its table's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from xml.etree import ElementTree

from expectations.units import FEN_PER
from transforms.once import recalled

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHORT = 1 << 16
# What a format shows as it is (quoted, escaped, as wide as another character), its conditions and colours.
_AS_IT_IS = re.compile(r'"[^"]*"|[\\!_*].|\[[^\]]*\]')
# A comma behind the last digit divides by a thousand, a point that is text among the digits by ten for each digit after it.
_THOUSANDS = re.compile(r"[0#?]\s*,+(?![0#?,])")
_POINT_AS_TEXT = re.compile(r'[0#?](?:[\\!]\.|"\.")[0#?]')
_TELLTALE = re.compile(
    rb"formatCode=[\"'][^<]*?(?:,[^0#?<]|[\\!]\.|&quot;\.&quot;|%b)" % "|".join(FEN_PER).encode()
)
_UNIT = re.compile("|".join(sorted(FEN_PER, key=len, reverse=True)))
_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*)>")
_PLACE, _STYLE = re.compile(rb"\br=[\"']([A-Z]+\d+)"), re.compile(rb"\bs=[\"'](\d+)")


@recalled
def is_scaling(code: str) -> bool:
    """Whether a number format shows a number divided by a power of ten.

    >>> [is_scaling(code) for code in ("0!.0,", "#,##0.00,", "0!.0000", "#,##0.00_ ", '0"，"')]
    [True, True, True, False, False]
    """
    return bool(_POINT_AS_TEXT.search(code) or _THOUSANDS.search(_AS_IT_IS.sub("", code)))


def units_in(text: str) -> list[str]:
    """The units of money that a text or a number format names.

    >>> units_in('#,##0.00"万元"')
    ['万元']
    """
    return _UNIT.findall(text)


def shows_otherwise(code: str) -> bool:
    """Whether a number format shows a number divided, or in a unit."""
    return is_scaling(code) or bool(units_in(code))


def scaling_styles(styles: bytes) -> Mapping[int, str]:
    """The styles of an .xlsx package (their places in its list of cell styles) that scale or name a unit, with their codes."""
    if not _TELLTALE.search(styles):
        return {}
    return (_scaling_styles if len(styles) <= _SHORT else _scaling_styles.__wrapped__)(styles)


@lru_cache(maxsize=64)
def _scaling_styles(styles: bytes) -> Mapping[int, str]:
    try:
        root = ElementTree.fromstring(styles)
    except ElementTree.ParseError:
        return {}
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iter(f"{_MAIN}numFmt")}
    listed = root.find(f"{_MAIN}cellXfs")
    numbers = enumerate(style.get("numFmtId") for style in (() if listed is None else listed))
    return {n: codes[number] for n, number in numbers if number in codes and shows_otherwise(codes[number])}


def scaled_cells(pieces: Iterable[bytes], scaling: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """(address, format code) of each cell in the XML of a sheet whose style is one of these."""
    for piece in pieces:
        for cell in _CELL.finditer(piece):
            style, place = _STYLE.search(cell[1]), _PLACE.search(cell[1])
            if style and place and (code := scaling.get(int(style[1]))):
                yield place[1].decode(), code
