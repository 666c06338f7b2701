"""The only opener of spreadsheets: sheets as grids of values with their merged ranges."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from transforms.files.refusals import UnreadableFileError
from transforms.once import Recent, once, recalled

_MOST_TEXTS = 10_000
_LONG = 10_000
_SHORT = 1_000
_MOST_COVERED = 2048
_DAMAGED = (CalamineError, OSError, ValueError, OverflowError)


Cell = tuple[int, int]
Merge = tuple[int, int, int, int]


@dataclass(frozen=True)
class Merged:
    """What the merged ranges of a sheet cover.

    `origins`: each covered cell with its range's top-left cell; `covered`: the same, row by row;
    `inside`: for each row that a range touches the columns in which it does, the top-left cell's among them.
    """

    origins: dict[Cell, Cell]
    covered: dict[int, list[tuple[int, Cell]]]
    inside: dict[int, set[int]]


_MERGED = Recent(1024)


def merged(merges: tuple[Merge, ...]) -> Merged:
    """What merged ranges cover; known again for the sheets of one template, which have the same ones."""
    found: Merged | None = _MERGED.get(merges)
    if found is None:
        found = _merged(merges)
        if len(found.origins) <= _MOST_COVERED:
            _MERGED[merges] = found
    return found


def _merged(merges: tuple[Merge, ...]) -> Merged:
    origins = covered_cells(merges)
    covered: dict[int, list[tuple[int, Cell]]] = {}
    inside: dict[int, set[int]] = {}
    for (row, column), origin in origins.items():
        covered.setdefault(row, []).append((column, origin))
    for row, column in chain(origins, (merge[:2] for merge in merges)):
        inside.setdefault(row, set()).add(column)
    return Merged(origins, covered, inside)


def covered_cells(merges: tuple[Merge, ...], limit: int = 200_000) -> dict[Cell, Cell]:
    """Each cell that a merged range covers, mapped to the range's top-left cell (at most `limit` cells)."""
    origins: dict[Cell, Cell] = {}
    for top, left, bottom, right in merges:
        if len(origins) + (bottom - top + 1) * (right - left + 1) > limit:
            continue
        for r in range(top, bottom + 1):
            for c in range(left, right + 1):
                if (r, c) != (top, left):
                    origins[r, c] = (top, left)
    return origins


class EachText:
    """The texts in some rows, looked for each time they are wanted."""

    def __init__(self, rows: list[list[object]]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[str]:
        return (value for row in self.rows for value in row if value.__class__ is str)


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows` from A1 on, rows of equal or lesser length; blank cells are ''.

    `above`: what a document's paragraphs say of the table below them: its title, unit, body.
    """

    name: str
    rows: list[list[object]]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    above: tuple[str, ...] = ()

    @once
    def merged(self) -> Merged:
        """What the merged ranges cover."""
        return merged(self.merges)

    @property
    def origins(self) -> dict[Cell, Cell]:
        """Each cell that a merged range covers, mapped to the range's top-left cell."""
        return self.merged.origins

    def covered_in(self, row: int) -> Sequence[tuple[int, Cell]]:
        """The columns of a row that merged ranges cover, each with the range's top-left cell."""
        return self.merged.covered.get(row, ())

    @property
    def merged_rows(self) -> Collection[int]:
        """The rows that a merged range touches."""
        return self.merged.inside

    @property
    def texts(self) -> Iterable[str]:
        """Every text on the sheet; each once, unless the sheet is so long that it is better not to keep them."""
        return self._distinct if len(self.rows) < _LONG else self._each_text

    @once
    def _distinct(self) -> frozenset[str]:
        return frozenset(value for value in set().union(*self.rows) if value.__class__ is str)

    @once
    def _each_text(self) -> "EachText":
        return EachText(self.rows)

    def at(self, row: int, column: int) -> object:
        """The value of a cell itself; '' outside the grid."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return ""
        return self.rows[row][column]

    def origin(self, row: int, column: int) -> Cell:
        """The top-left cell of the merged range that covers this cell, or the cell itself."""
        return self.merged.origins.get((row, column), (row, column))

    def shown(self, row: int, column: int) -> object:
        """What a reader sees at this cell: the value of the merged range that covers it."""
        return self.at(*self.origin(row, column))

    @once
    def _shown(self) -> dict[int, tuple[str, ...]]:
        return {}

    def shown_in(self, row: int) -> tuple[str, ...]:
        """The texts that a reader sees in a row, as far as it or the merged ranges that cover it reach."""
        if row not in self._shown:
            line = list(map(raw_text, self.rows[row]))
            for column, origin in self.covered_in(row):
                line += [""] * (column + 1 - len(line))
                line[column] = raw_text(self.at(*origin))
            self._shown[row] = tuple(line)
        return self._shown[row]

    def filled(self) -> Iterator[tuple[int, int, object]]:
        """Every non-empty cell as (row, column, value)."""
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                if value != "" and value is not None:
                    yield r, c, value


def raw_text(value: object) -> str:
    """A cell's content as text, numbers without a trailing .0."""
    return (
        str(int(value))
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        else str(value)
    )


@recalled
def column_letter(column: int) -> str:
    """The letters of a zero-based column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """A zero-based cell as a spreadsheet address: (16, 3) is D17."""
    return f"{column_letter(column)}{row + 1}"


def position(cell: str) -> Cell:
    """A spreadsheet address as zero-based row and column: D17 is (16, 3)."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(cell[len(letters) :]) - 1, column - 1


def read_sheets_of(content: bytes, merges: Sequence[tuple[Merge, ...]]) -> tuple[list[Sheet], list[int]]:
    """The worksheets in a workbook's bytes, in their order, and the place of each among all its sheets.

    `merges`: the merged ranges of all its sheets, used where the library knows none. Whoever calls has made sure
    that the file is safe to read: see `opening`. Raises UnreadableFileError.
    """
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        meta = book.sheets_metadata
        places = [n for n, each in enumerate(meta) if each.typ == SheetTypeEnum.WorkSheet]
        sheets = [_read_sheet(book, n, meta[n], merges[n] if n < len(merges) else ()) for n in places]
    except PasswordError as error:
        raise UnreadableFileError("encrypted") from error
    except BaseException as error:
        if isinstance(error, _DAMAGED) or _is_panic(error):
            raise UnreadableFileError("damaged") from error
        raise
    return sheets, places


def _is_panic(error: BaseException) -> bool:
    """Whether the library itself broke on damaged bytes: what it raises then is no Exception, and has no importable class."""
    return type(error).__name__ == "PanicException"


def _read_sheet(book: CalamineWorkbook, number: int, meta: SheetMetadata, known: tuple[Merge, ...]) -> Sheet:
    sheet = book.get_sheet_by_index(number)
    merges = tuple((a[0], a[1], b[0], b[1]) for a, b in sheet.merged_cell_ranges or ())
    hidden = meta.visible != SheetVisibleEnum.Visible
    left = [""] * sheet.start[1] if sheet.start else []
    rows = (left + row for row in sheet.iter_rows()) if left else sheet.iter_rows()
    return sheet_of(meta.name, rows, merges or known, hidden=hidden)


def sheet_of(
    name: str, rows: Iterable[Sequence[object]], merges: tuple[Merge, ...] = (), *, hidden: bool = False
) -> Sheet:
    """A sheet from its values: text of white space only is blank, TRUE and FALSE are the words they show.

    Most sheets need no look at each value; those of long ones are looked at, which keeps each text once.
    """
    left = iter(rows)
    grid = [_trimmed(row) for row in islice(left, _SHORT)]
    rest = [_trimmed(_cleaned(row)) for row in left]
    sheet = Sheet(name, grid, merges, hidden)
    if not rest and _is_clean(sheet):
        return sheet
    grid = [_trimmed(_cleaned(row)) for row in grid]
    grid += rest
    return Sheet(name, grid, merges, hidden)


def _trimmed(row: Sequence[object]) -> list[object]:
    """The row without trailing blanks."""
    width = len(row)
    while width and row[width - 1] == "":
        width -= 1
    return list(row if width == len(row) else row[:width])


def _is_clean(sheet: Sheet) -> bool:
    """Whether all values are texts that show something, and numbers."""
    kinds = set(map(type, chain.from_iterable(sheet.rows)))
    return kinds <= _CLEAN and not any(map(str.isspace, sheet.texts))


_CLEAN = frozenset({str, float})


def _cleaned(row: Sequence[object]) -> list[object]:
    return [
        _TEXTS[value] if value.__class__ is str else value if value.__class__ is float else _plain(value)
        for value in row
    ]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, bool) else value


class _Texts(dict[str, str]):
    """Each distinct text once, blank where it is white space only; begun anew where there are too many."""

    def __missing__(self, text: str) -> str:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        return self.setdefault(text, text if text.strip() else "")


_TEXTS = _Texts()
