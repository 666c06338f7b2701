"""A quick survey of the XML of a workbook's sheets: which of them need a closer look, and how large the rest may be.

Programs write a cell as `<c r="B12"`. Where every cell of a sheet begins so, with a column up to Z, and none of the
tell-tale bytes occur (formulas, errors, hidden rows, entities, prefixed tags), the sheet is harmless and at most as
large as its longest row number. All sheets are surveyed at once, in a few passes over their bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

_AREA_COLUMNS = 26
_MOST_DIGITS = 4
_PAD = b"\0" * 16
_TAG, _BANG, _COLON, _CELL, _FORMULA, _QUOTE = b'<!:cf"'
_ADDRESSED = int.from_bytes(b'<c r="', "little")
_SIX_BYTES = (1 << 48) - 1
_TELLTALES = (b't="e"', b"t='e'", b"hidden=")

_ENDS_A_NAME = np.isin(np.arange(256), list(b" >/\t\r\n"))

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bound:
    """What a sheet holds at most: cells, rows, merged ranges and columns."""

    cells: int
    rows: int
    merges: int
    columns: int = _AREA_COLUMNS


def survey(parts: Sequence[bytes]) -> list[Bound | None]:
    """For each sheet's XML the most it may hold; None where it needs a closer look."""
    content = b"".join(parts)
    ends = np.fromiter(accumulate(map(len, parts)), np.int64, len(parts))
    cells, odd = _tags(content)
    digits, strange = _row_digits(content, cells)
    odd = np.concatenate([odd, cells[strange], np.array(list(_telltales(content)), np.int64)])
    unclear = set(np.searchsorted(ends, odd, side="right").tolist())
    bounds = np.searchsorted(cells, ends).tolist()
    merged = b"mergeCell " in content
    return [
        None
        if number in unclear or b"\0" in part[:8]
        else _bound(digits[first:last], part.count(b"mergeCell ") if merged else 0)
        for number, (part, first, last) in enumerate(zip(parts, [0, *bounds], bounds, strict=False))
    ]


def _bound(digits: Positions, merges: int) -> Bound:
    return Bound(len(digits), 10 ** int(digits.max()) - 1 if len(digits) else 0, merges)


def _tags(content: bytes) -> tuple[Positions, Positions]:
    """Where cells begin, and where tags stand that call for a closer look."""
    letters = np.frombuffer(content + _PAD, np.uint8)
    tags = np.flatnonzero(letters == _TAG)
    first = letters[tags + 1]
    cells = _whole_names(letters, tags[first == _CELL])
    formulas = _whole_names(letters, tags[first == _FORMULA])
    colons = np.flatnonzero(letters == _COLON)
    after = letters[colons + 1]
    prefixed = _whole_names(letters, colons[(after == _CELL) | (after == _FORMULA)])
    return cells, np.concatenate([formulas, prefixed, tags[first == _BANG]])


def _whole_names(letters: npt.NDArray[np.uint8], at: Positions) -> Positions:
    """Those positions at which a name of one letter ends after it: <c> or <c r=, not <cols>."""
    return at[_ENDS_A_NAME[letters[at + 2]]]


def _row_digits(content: bytes, cells: Positions) -> tuple[Positions, npt.NDArray[np.bool_]]:
    """How many digits each cell's row number has, and which cells do not state such an address plainly."""
    padded = content + _PAD
    words = np.ndarray((len(content) + 1,), "<u8", padded, strides=(1,))
    head, rest = words[cells], words[np.minimum(cells + 8, len(content))]
    column, row = head >> np.uint64(48) & np.uint64(255), head >> np.uint64(56)
    plain = ((head & np.uint64(_SIX_BYTES)) == _ADDRESSED) & (column >= 65) & (column <= 90) & (row < 58)
    digits = np.zeros(len(cells), np.int64)
    for count in range(_MOST_DIGITS, 0, -1):
        digits[(rest >> np.uint64(8 * (count - 1)) & np.uint64(255)) == _QUOTE] = count
    return digits, ~plain | (digits == 0)


def _telltales(content: bytes) -> list[int]:
    """The first place of each tell-tale in the content, and every further one."""
    found = []
    for word in _TELLTALES:
        at = content.find(word)
        while at >= 0:
            found.append(at)
            at = content.find(word, at + 1)
    return found
