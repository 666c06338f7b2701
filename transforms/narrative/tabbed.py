"""Tables in text taken from Word: a cell begins with a tab, an empty line ends a row.

An empty first cell goes on with the label above it. A cell of several paragraphs contains empty lines and lines without
a tab; what tells them from text between two tables is that a table goes on behind them.
"""

import re
from collections.abc import Iterator, Sequence

from transforms.narrative.lines import Line
from transforms.narrative.parts import Table
from transforms.tables.line import DECLARATION
from transforms.wording.patterns import pattern
from transforms.wording.text import compact
from transforms.workbook import Cell, Merge, sheet_of

_CAPTION, _HEADING = pattern("caption"), pattern("numbered_line")
_MOST_PARAGRAPHS = 12
_PIPED = re.compile(r"^\s*\|(.*)\|\s*$")
_RULE = re.compile(r"^\s*\|[\s:|-]+\|\s*$")
_MARKED_HEADING = re.compile(r"^#{1,6}\s+")

TypedRow = list[list[Line]]


def as_typed(lines: Sequence[Line]) -> list[Line]:
    """Markdown as the same text taken from Word has it: headings and emphasis without marks, cells led by tabs.

    Only lines of tables (| a | b |) and of headings tell Markdown: other texts are left as they are.
    """
    if not any(_PIPED.match(line.text) or _MARKED_HEADING.match(line.text) for line in lines):
        return list(lines)
    typed: list[Line] = []
    for line in lines:
        if _RULE.match(line.text):
            continue
        if match := _PIPED.match(line.text):
            cells = match[1].split("|")
            typed += [
                Line(f"{line.place}第{number}格", f"\t{_unmarked(cell)}")
                for number, cell in enumerate(cells, start=1)
            ]
            typed.append(Line(line.place, ""))
        else:
            typed.append(Line(line.place, _unmarked(line.text), line.starts_page))
    return typed


def _unmarked(text: str) -> str:
    return _MARKED_HEADING.sub("", text.strip()).replace("**", "").replace("\\|", "|")


def split_tables(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[TypedRow]]]:
    """Runs of plain lines, each with the table behind it as rows of cells, each cell the lines it holds."""
    plain: list[Line] = []
    at = 0
    while at < len(lines):
        if _led_by_tab(lines[at]):
            rows, at = _read_rows(lines, at)
            yield plain, rows
            plain = []
        else:
            plain.append(lines[at])
            at += 1
    yield plain, []


def _led_by_tab(line: Line) -> bool:
    return line.text.startswith("\t")


def _read_rows(lines: Sequence[Line], at: int) -> tuple[list[TypedRow], int]:
    """The rows of the table that begins at a line, and the line after it."""
    rows: list[TypedRow] = []
    row: TypedRow = []
    while at < len(lines):
        line = lines[at]
        if _led_by_tab(line):
            row.append([_cell_line(line)])
            at += 1
        elif not line.text.strip():
            at, row = at + 1, _ended(rows, row)
        elif (end := _end_of_cell(lines, at)) and (rows or row):
            row = row or rows.pop()
            row[-1] += [other for other in lines[at:end] if other.text.strip()]
            at = end
        else:
            break
    _ended(rows, row)
    return rows, at


def _cell_line(line: Line) -> Line:
    return Line(line.place, line.text.strip())


def _ended(rows: list[TypedRow], row: TypedRow) -> TypedRow:
    if row:
        rows.append(row)
    return []


def _end_of_cell(lines: Sequence[Line], at: int) -> int | None:
    """Where further paragraphs of a cell end, if lines without a tab are such: the same table goes on behind them."""
    end = at
    while end < len(lines) and not _led_by_tab(lines[end]):
        if _HEADING.match(lines[end].text.strip()) or end - at > 2 * _MOST_PARAGRAPHS:
            return None
        end += 1
    if end == len(lines):
        return None
    touches = bool(lines[end - 1].text.strip())
    if touches and _CAPTION.search(lines[end - 1].text.strip()):
        return None
    return None if _declares(lines, end) else _last_words(lines, at, end)


def _declares(lines: Sequence[Line], at: int) -> bool:
    """Whether the row that begins here declares body or unit, as the first one of a table does."""
    row = []
    while at < len(lines) and _led_by_tab(lines[at]):
        row.append(compact(lines[at].text))
        at += 1
    return any(DECLARATION.search(text) for text in row)


def _last_words(lines: Sequence[Line], at: int, end: int) -> int:
    """The line after the last one that is not blank."""
    return max(n for n in range(at, end) if lines[n].text.strip()) + 1


def table_of(rows: Sequence[TypedRow], name: str) -> Table:
    """Rows of cells as a sheet; a row whose first cell is empty goes on with the label above."""
    places: dict[Cell, str] = {}
    values: list[list[object]] = []
    for r, row in enumerate(rows):
        values.append(["\n".join(line.text for line in cell).strip() for cell in row])
        places |= {(r, c): cell[0].place for c, cell in enumerate(row)}
    return Table(sheet_of(name, values, tuple(_continued_labels(values))), places)


def _continued_labels(rows: Sequence[Sequence[object]]) -> Iterator[Merge]:
    """The merged ranges of first cells that hold on downwards."""
    start = 0
    for r in range(1, len(rows) + 1):
        if r < len(rows) and rows[r] and rows[r][0] == "" and any(rows[r]):
            continue
        if r - 1 > start:
            yield start, 0, r - 1, 0
        start = r
