"""A quick survey of the XML of a workbook's sheets: which of them need a closer look, and how large the rest may be.

Programs write a cell as `<c r="B12"`. Where every cell of a sheet begins so, with a column up to Z, and none of the
tell-tale bytes occur (formulas, errors, hidden rows, entities, prefixed tags), the sheet is harmless and at most as
large as its longest row number. All sheets are surveyed at once, in a few passes over their bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

_AREA_COLUMNS = 26
_MOST_DIGITS = 4
_PAD = b"\0" * 24
_TAG, _BANG, _COLON, _CELL, _FORMULA, _MERGE, _SPACE, _EQUALS, _QUOTE = b'<!:cfm ="'
_MERGED = int.from_bytes(b"mergeCel", "little")
_ADDRESSED = int.from_bytes(b'<c r="', "little")
_SIX_BYTES = (1 << 48) - 1

_ENDS_A_NAME = np.isin(np.arange(256), list(b" >/\t\r\n"))

Positions = npt.NDArray[np.int64]
Letters = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Bound:
    """What a sheet holds at most: cells, rows, merged ranges and columns."""

    cells: int
    rows: int
    merges: int
    columns: int = _AREA_COLUMNS


def survey(parts: Sequence[bytes]) -> list[Bound | None]:
    """For each sheet's XML the most it may hold; None where it needs a closer look."""
    content = b"".join([*parts, _PAD])
    letters = np.frombuffer(content, np.uint8)
    words = np.ndarray((len(content) - 7,), "<u8", content, strides=(1,))
    ends = np.fromiter(accumulate(map(len, parts)), np.int64, len(parts))
    tags = np.flatnonzero(letters == _TAG)
    first = letters[tags + 1]
    cells = _whole_names(letters, tags[first == _CELL])
    digits, strange = _row_digits(words, cells)
    odd = [cells[strange], tags[first == _BANG], *_odd_names(letters, tags, first), *_telltales(letters)]
    unclear = set(np.searchsorted(ends, np.concatenate(odd), side="right").tolist())
    bounds = np.searchsorted(cells, ends).tolist()
    merged = _merges(letters, words, tags[first == _MERGE])
    merges = np.diff(np.searchsorted(merged, ends), prepend=0).tolist()
    return [
        None if n in unclear or b"\0" in part[:8] else _bound(digits[start:end], merges[n])
        for n, (part, start, end) in enumerate(zip(parts, [0, *bounds], bounds, strict=False))
    ]


def _bound(digits: Positions, merges: int) -> Bound:
    return Bound(len(digits), 10 ** int(digits.max()) - 1 if len(digits) else 0, merges)


def _odd_names(letters: Letters, tags: Positions, first: Letters) -> Iterator[Positions]:
    """Where formulas stand, and cells and formulas with a prefix to their names."""
    yield _whole_names(letters, tags[first == _FORMULA])
    colons = np.flatnonzero(letters == _COLON)
    after = letters[colons + 1]
    yield _whole_names(letters, colons[(after == _CELL) | (after == _FORMULA)])


def _whole_names(letters: npt.NDArray[np.uint8], at: Positions) -> Positions:
    """Those positions at which a name of one letter ends after it: <c> or <c r=, not <cols>."""
    return at[_ENDS_A_NAME[letters[at + 2]]]


def _row_digits(words: Words, cells: Positions) -> tuple[Positions, npt.NDArray[np.bool_]]:
    """How many digits each cell's row number has, and which cells do not state such an address plainly."""
    head, rest = words[cells], words[cells + 8]
    column, row = head >> np.uint64(48) & np.uint64(255), head >> np.uint64(56)
    plain = ((head & np.uint64(_SIX_BYTES)) == _ADDRESSED) & (column >= 65) & (column <= 90) & (row < 58)
    digits = np.zeros(len(cells), np.int64)
    for count in range(_MOST_DIGITS, 0, -1):
        digits[(rest >> np.uint64(8 * (count - 1)) & np.uint64(255)) == _QUOTE] = count
    return digits, ~plain | (digits == 0)


def _merges(letters: Letters, words: Words, tags: Positions) -> Positions:
    """The tags <mergeCell among those whose name begins with m."""
    named: npt.NDArray[np.bool_] = (words[tags + 1] == _MERGED) & (letters[tags + 10] == _SPACE)
    return tags[named]


def _telltales(letters: Letters) -> Iterator[Positions]:
    """Where an attribute says that a cell is an error (t="e") or that something is hidden."""
    equals = np.flatnonzero(letters == _EQUALS)
    before = letters[equals - 1]
    types = equals[before == ord("t")]
    errors = types[letters[types + 2] == ord("e")]
    yield errors[letters[errors + 3] == letters[errors + 1]]
    named = equals[before == ord("n")]
    yield named[(letters[named - 2] == ord("e")) & (letters[named - 3] == ord("d"))]
