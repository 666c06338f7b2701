"""A sheet under construction: cells, merges, and the place of every figure on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby

from openpyxl.utils import get_column_letter

from transforms.sample.style import Style

UNITS = {"元": 100, "万元": 1_000_000}

ROUNDED_CODE = "30101"

Place = tuple[str, str, str, str]
"""form, panel, row key, column key of a figure."""


@dataclass(frozen=True)
class Figure:
    """A figure and its place; `scale` is the number of hundredths in one (amounts take the unit's)."""

    value: int | None
    place: Place
    scale: int = 0


Entry = Figure | str | int | None


@dataclass(frozen=True)
class Row:
    """Entries from left to right; `merges` are pairs of first and last column, counted from 0."""

    entries: tuple[Entry, ...]
    merges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Column:
    """A column with its header texts from top to bottom."""

    key: str
    head: tuple[str, ...]


@dataclass
class Page:
    """One sheet of a workbook; rows and columns count from 1."""

    name: str
    form: str
    unit: str
    cells: dict[tuple[int, int], str | int | float | None] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    places: dict[Place, tuple[int, int]] = field(default_factory=dict)
    amounts: dict[tuple[int, int], int] = field(default_factory=dict)
    marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    body: str = ""
    hidden: bool = False
    number_format: str = "#,##0.00"

    def put(self, row: int, column: int, value: str | int | float | None) -> None:
        """Write a cell; None leaves it empty."""
        if value is not None and value != "":
            self.cells[row, column] = value

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Merge a rectangle of more than one cell."""
        if (top, left) != (bottom, right):
            self.merges.append((top, left, bottom, right))

    @property
    def last_row(self) -> int:
        """The last row with a cell."""
        return max((row for row, _ in self.cells), default=0)


def stacked(above: Page, below: Page) -> Page:
    """Both tables on one sheet, a blank row between them."""
    down = above.last_row + 1
    return Page(
        above.name,
        above.form,
        above.unit,
        cells=above.cells | {_down(at, down): value for at, value in below.cells.items()},
        merges=above.merges
        + [(top + down, left, end + down, right) for top, left, end, right in below.merges],
        places=above.places | {place: _down(at, down) for place, at in below.places.items()},
        amounts=above.amounts | {_down(at, down): amount for at, amount in below.amounts.items()},
        marks=above.marks,
        body=above.body,
    )


def _down(at: tuple[int, int], rows: int) -> tuple[int, int]:
    return at[0] + rows, at[1]


def address(row: int, column: int) -> str:
    """A cell's name.

    >>> address(17, 4)
    'D17'
    """
    return f"{get_column_letter(column)}{row}"


def number(value: int, scale: int) -> int | float:
    """A figure as a spreadsheet holds it: a whole number where it is one.

    >>> number(12_345_000_000, 1_000_000)
    12345
    >>> number(1_234_500, 1_000_000)
    1.2345
    """
    return value // scale if value % scale == 0 else float(Decimal(value) / scale)


def shown(figure: Figure, page: Page, style: Style, zero: str | int | None) -> str | int | float | None:
    """What the cell of a figure holds in this style."""
    if not figure.value:
        return zero
    value = number(figure.value, figure.scale or UNITS[page.unit])
    return f"{value:,.2f}" if style.text_form == page.form else value


def lay_header(page: Page, top: int, left: int, columns: Sequence[Column], style: Style) -> int:
    """Write merged header rows; gives the row below them."""
    depth = max(len(column.head) for column in columns)
    page.marks.setdefault("header", (top, 1))
    for level in range(depth):
        last = left - 1
        for (head, short), group in groupby(_header_at(column, level) for column in columns):
            first, last = last + 1, last + len(list(group))
            if head is None:
                continue
            bottom = top + depth - 1 if short else top + level
            page.put(top + level, first, _header_text(head, style))
            page.merge(top + level, first, bottom, last)
    return top + depth


def _header_at(column: Column, level: int) -> tuple[str | None, bool | str]:
    if level >= len(column.head):
        return None, column.key
    ends = level == len(column.head) - 1
    key = "label" if column.key.startswith("label_") else column.key
    return column.head[level], key if ends else False


def _header_text(head: str, style: Style) -> str:
    if style["line_breaks"] == "in_headers" and len(head) > 6 and "：" not in head:
        head = f"{head[:4]}\n{head[4:]}"
    return with_brackets(head, style)


def with_brackets(text: str, style: Style) -> str:
    """The text with the brackets of the style."""
    return text.replace("（", "(").replace("）", ")") if style["brackets"] == "half" else text


def lay_rows(
    page: Page, top: int, left: int, rows: Sequence[Row], style: Style, zero: str | int | None
) -> int:
    """Write rows of entries; gives the row below them."""
    for offset, row in enumerate(rows):
        for index, entry in enumerate(row.entries):
            _put_entry(page, (top + offset, left + index), entry, style, zero)
        for first, last in row.merges:
            page.merge(top + offset, left + first, top + offset, left + last)
    return top + len(rows)


def _put_entry(page: Page, at: tuple[int, int], entry: Entry, style: Style, zero: str | int | None) -> None:
    if isinstance(entry, Figure):
        page.put(*at, shown(entry, page, style, zero))
        page.places[entry.place] = at
        page.amounts[at] = entry.value or 0
    elif isinstance(entry, str):
        page.put(*at, with_brackets(entry, style))
    else:
        page.put(*at, entry)


def round_one_step(page: Page) -> Page:
    """The basic pay of the economic form one display step higher, as rounding leaves it."""
    rounded = [at for place, at in page.places.items() if place[::2] == ("basic_by_economic", ROUNDED_CODE)]
    cells = dict(page.cells)
    for at in rounded:
        if page.amounts[at] and isinstance(cells[at], int | float):
            step = UNITS[page.unit] // 100 if page.unit == "万元" else UNITS[page.unit]
            cells[at] = number(page.amounts[at] + step, UNITS[page.unit])
    return replace(page, cells=cells)
