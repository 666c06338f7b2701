"""The parts of a Word document: paragraphs and tables in the order of reading, tracked changes accepted.

Insertions are read, deletions are not; text boxes follow the paragraph that anchors them; a table of one cell is a frame
around text; headers, footers, footnotes and hidden text are set aside.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from transforms.files.refusals import keep_within, limits
from transforms.narrative.elements import Element, child, is_on, local, value
from transforms.narrative.lines import Line, join_lines, page_width
from transforms.narrative.numbering import Numbering, Style, list_of
from transforms.narrative.parts import Part, Table
from transforms.wording.patterns import pattern
from transforms.workbook import Cell, Merge, sheet_of

HIDDEN, CONTENTS_LIST = "hidden text", "table of contents"
_WRAPPERS = frozenset(
    {
        "sdt",
        "sdtContent",
        "ins",
        "moveTo",
        "customXml",
        "smartTag",
        "hyperlink",
        "fldSimple",
        "dir",
        "bdo",
        "ruby",
        "rubyBase",
    }
)
_CONTENTS_STYLE = pattern("style_of_contents")
_PLAIN_ORDINAL = re.compile(r"^\d+[.．]$")
_PAGED = frozenset({"page", "column"})

TextOf = Callable[[Element], str]


@dataclass
class Read:
    """What has been read so far: lines and tables in order, and what is left out as (place, text, reason)."""

    stream: list[Line | Table] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    paragraphs: int = 0
    tables: int = 0
    cells: int = 0


class WordReader:
    """Reads the body of one document."""

    def __init__(self, styles: dict[str, Style], numbering: Numbering) -> None:
        self.styles, self.numbering = styles, numbering
        self.read = Read()
        self.unfinished = ""

    def take(self, container: Element, within: str = "") -> None:
        """Read all blocks of a body, a text box or a frame; `within` is the place of what holds them."""
        for block in blocks(container):
            if local(block) == "p":
                self._take_paragraph(block, within)
            else:
                self._take_table(block, within)

    def parts(self) -> tuple[Part, ...]:
        """The parts, lines joined where the document has a paragraph for every printed line."""
        widest = page_width([line for line in self.read.stream if isinstance(line, Line)])
        parts: list[Part] = []
        waiting: list[Line] = []
        for item in [*self.read.stream, None]:
            if isinstance(item, Line):
                waiting.append(item)
                continue
            parts += join_lines(waiting, widest)
            waiting = []
            if item is not None:
                parts.append(item)
        return tuple(parts)

    def _take_paragraph(self, paragraph: Element, within: str) -> None:
        text, hidden = text_of(paragraph)
        properties = child(paragraph, "pPr")
        if text.strip():
            text = self._ordinal(properties) + text.strip()
        text, self.unfinished = self.unfinished + text, ""
        if _mark_is_deleted(properties):
            self.unfinished = text
            return
        if text.strip() or hidden:
            self.read.paragraphs += not within
            place = within or f"第{self.read.paragraphs}段"
            self._keep(text, hidden, place, self._style(properties).name)
        for box in text_boxes(paragraph):
            self.take(box, f"第{max(1, self.read.paragraphs)}段文本框")

    def _keep(self, text: str, hidden: str, place: str, style: str) -> None:
        if hidden:
            self.read.left_out.append((place, hidden, HIDDEN))
        for piece in filter(None, map(str.strip, text.split("\n"))):
            if _CONTENTS_STYLE.match(style):
                self.read.left_out.append((place, piece, CONTENTS_LIST))
            else:
                self.read.stream.append(Line(place, piece.replace("\t", " ")))

    def _style(self, properties: Element | None) -> Style:
        return self.styles.get(value(child(properties, "pStyle"), "val"), Style())

    def _ordinal(self, properties: Element | None) -> str:
        """The paragraph's ordinal, parted from a figure that follows: 1. and 5亿元 are not 1.5亿元."""
        number, depth = list_of(properties)
        if not number:
            style = self._style(properties)
            number, depth = style.number, style.depth
        ordinal = self.numbering.next_ordinal(number, depth) if number not in ("", "0") else ""
        return f"{ordinal[:-1]}、" if _PLAIN_ORDINAL.match(ordinal) else ordinal

    def _take_table(self, table: Element, within: str) -> None:
        rows = [list(cells) for row in table_rows(table) if (cells := list(row_cells(row)))]
        if len(rows) == 1 and len(rows[0]) == 1:
            self.take(rows[0][0], within)
            return
        if not rows:
            return
        self.read.tables += 1
        grid = _Grid(f"表{self.read.tables}")
        for row in table_rows(table):
            grid.add_row(row, self._cell_text)
        self.read.cells += len(grid.places)
        keep_within("document_cells", self.read.cells, limits().cells)
        if any(text for row in grid.rows for text in row):
            self.read.stream.append(grid.table())
        else:
            self.read.tables -= 1

    def _cell_text(self, cell: Element) -> str:
        """A cell's paragraphs as lines; a table in it as its text."""
        texts = []
        for block in blocks(cell):
            if local(block) == "p":
                text = text_of(block)[0].strip()
                texts.append(self._ordinal(child(block, "pPr")) + text if text else "")
                texts += [text_of(each)[0] for box in text_boxes(block) for each in blocks(box)]
            else:
                texts += [
                    " ".join(self._cell_text(inner) for inner in row_cells(row)) for row in table_rows(block)
                ]
        return "\n".join(text for text in texts if text.strip()).strip()


def blocks(container: Element) -> Iterator[Element]:
    """The paragraphs and tables in a container, through wrappers, without what is deleted."""
    for element in container:
        name = local(element)
        if name in ("p", "tbl"):
            yield element
        elif name in _WRAPPERS:
            yield from blocks(element)


def table_rows(table: Element) -> Iterator[Element]:
    """The rows of a table that are not deleted."""
    for element in table:
        if local(element) == "tr" and child(child(element, "trPr"), "del") is None:
            yield element
        elif local(element) in _WRAPPERS:
            yield from table_rows(element)


def row_cells(row: Element) -> Iterator[Element]:
    """The cells of a row that are not deleted."""
    for element in row:
        if local(element) == "tc" and child(child(element, "tcPr"), "cellDel") is None:
            yield element
        elif local(element) in _WRAPPERS:
            yield from row_cells(element)


def _mark_is_deleted(properties: Element | None) -> bool:
    """Whether the end of a paragraph is deleted, so that the next one goes on with it."""
    return child(child(properties, "rPr"), "del") is not None


def text_of(paragraph: Element) -> tuple[str, str]:
    """(shown, hidden) text of a paragraph; line breaks as \\n, the text of boxes in it left out."""
    shown: list[str] = []
    hidden: list[str] = []
    for run in _runs(paragraph):
        target = hidden if is_on(child(run, "rPr"), "vanish") else shown
        target.append("".join(map(_written, run)))
    return "".join(shown), "".join(hidden).strip()


def _runs(element: Element) -> Iterator[Element]:
    for inner in element:
        name = local(inner)
        if name == "r":
            yield inner
        elif name in _WRAPPERS:
            yield from _runs(inner)


def _written(element: Element) -> str:
    name = local(element)
    if name == "t":
        return element.text or ""
    if name in ("tab", "ptab"):
        return "\t"
    if name in ("br", "cr"):
        return "" if value(element, "type") in _PAGED else "\n"
    return "-" if name == "noBreakHyphen" else ""


def text_boxes(paragraph: Element) -> Iterator[Element]:
    """The contents of the text boxes that a paragraph anchors; each once, though it is written for two programs."""
    for run in _runs(paragraph):
        for element in run:
            yield from _boxes_in(element)


def _boxes_in(element: Element) -> Iterator[Element]:
    name = local(element)
    if name == "txbxContent":
        yield element
    elif name == "AlternateContent":
        chosen = child(element, "Choice")
        boxes = list(_boxes_in(chosen)) if chosen is not None else []
        fallback = child(element, "Fallback")
        yield from boxes or (list(_boxes_in(fallback)) if fallback is not None else [])
    elif name != "t":
        for inner in element:
            yield from _boxes_in(inner)


class _Grid:
    """A table as it grows row by row: values on Word's grid of columns, merged ranges, places."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[object]] = []
        self.merges: dict[Cell, Cell] = {}
        self.places: dict[Cell, str] = {}
        self.above: dict[int, Cell] = {}

    def add_row(self, row: Element, text_of_cell: TextOf) -> None:
        """Add one row; a cell that goes on with the one above widens that one's range."""
        index = len(self.rows)
        column = _whole(child(child(row, "trPr"), "gridBefore"))
        values: list[object] = [""] * column
        for number, cell in enumerate(row_cells(row), start=1):
            properties = child(cell, "tcPr")
            span = max(1, _whole(child(properties, "gridSpan")))
            keep_within("document_cells", column + span, limits().cells)
            self.places[index, column] = f"第{index + 1}行第{number}格"
            goes_on = self._goes_on(properties, column)
            values += ["" if goes_on else text_of_cell(cell), *[""] * (span - 1)]
            origin = self.above[column] if goes_on else (index, column)
            self.above[column] = origin
            if goes_on or span > 1:
                self.merges[origin] = (index, column + span - 1)
            column += span
        self.rows.append(values)

    def _goes_on(self, properties: Element | None, column: int) -> bool:
        merged = child(properties, "vMerge")
        return merged is not None and value(merged, "val") != "restart" and column in self.above

    def table(self) -> Table:
        """The table as a sheet."""
        merges: tuple[Merge, ...] = tuple((*origin, *last) for origin, last in self.merges.items())
        keep_within("merges", len(merges), limits().merges)
        return Table(sheet_of(self.name, self.rows, merges), self.places)


def _whole(element: Element | None) -> int:
    digits = value(element, "val")
    return int(digits) if digits.isdigit() and len(digits) < 6 else 0


def plain_lines(root: Element, place: str, reason: str) -> Iterator[tuple[str, str, str]]:
    """The text of a header, footer or footnotes as (place, text, reason)."""
    for container in (root, *(each for each in root if local(each) in ("footnote", "endnote"))):
        for block in blocks(container):
            for paragraph in [block] if local(block) == "p" else _paragraphs_in(block):
                if text := text_of(paragraph)[0].strip():
                    yield place, text, reason


def _paragraphs_in(table: Element) -> Sequence[Element]:
    return [
        block
        for row in table_rows(table)
        for cell in row_cells(row)
        for block in blocks(cell)
        if local(block) == "p"
    ]
