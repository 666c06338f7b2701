"""What an .ods spreadsheet shows beside its values: merged ranges, formulas, errors, comments, hidden rows."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

from transforms.files.archive import part_content
from transforms.files.data_styles import telling_styles
from transforms.files.forensics import Scale, SheetTroubles, Troubles
from transforms.files.refusals import DifferentTexts, UnreadableFileError, keep_within, limits
from transforms.wording.messages import message
from transforms.workbook import Merge, address

_REFERENCE = re.compile(r"\[\.(\$?[A-Z]+\$?\d+)(?::\.(\$?[A-Z]+\$?\d+))?\]")
_TEXT = re.compile(rb"<text:p[^>]*>[^<]+")
_PIECE = 1 << 20
_LAID_OUT = re.compile(rb">\s+(?=</?(?:table|office):|<text:p)")
_MOST_HIDDEN = 65_536
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


@dataclass
class _Table:
    """What the elements of one table have shown so far; `row` and `column` are those to come."""

    name: str
    row: int = 0
    column: int = 0
    row_repeat: int = 1
    columns_declared: int = 0
    cells: int = 0
    rows: int = 0
    columns: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    scaled: dict[str, str] = field(default_factory=dict)
    column_styles: list[tuple[int, str]] = field(default_factory=list)
    row_style: str = ""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)

    def troubles(self) -> SheetTroubles:
        hidden = frozenset(self.hidden_rows), frozenset(self.hidden_columns)
        merges = tuple(self.merges)
        return SheetTroubles(self.errors, {}, self.formulas, self.comments, self.scaled, *hidden, merges)

    def style_of(self, given: dict[str, str]) -> str:
        """The style of the cell to come: its own, its row's or its column's."""
        own = given.get("table:style-name") or self.row_style
        return own or next((style for end, style in self.column_styles if self.column < end), "")


def inspect_ods(package: zipfile.ZipFile) -> Troubles:
    """The troubles of an .ods package. Raises UnreadableFileError for what is unsafe to read."""
    names = package.namelist()
    if "META-INF/manifest.xml" in names and b"encryption-data" in part_content(
        package, "META-INF/manifest.xml"
    ):
        raise UnreadableFileError("encrypted")
    try:
        content = part_content(package, "content.xml")
        walker = _Walker(telling_styles(package, content))
        walker.walk(content)
        DifferentTexts(len(content)).add(match[0] for match in _TEXT.finditer(content))
    except (expat.ExpatError, ElementTree.ParseError, ValueError, KeyError) as error:
        raise UnreadableFileError("damaged") from error
    macros = any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in names)
    return Troubles(tuple(table.troubles() for table in walker.tables), walker.outside, macros)


def plainly_packed(content: bytes) -> bytes:
    """The bytes of an .ods package as the reader of values takes them: nothing but the tables and what they are.

    It knows no white space between elements, as programs write it that lay their XML out, and no package without
    `mimetype`. Raises UnreadableFileError.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(packed, "w") as plain:
        plain.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        plain.writestr("META-INF/manifest.xml", _MANIFEST)
        plain.writestr("content.xml", _LAID_OUT.sub(b">", part_content(package, "content.xml")))
    return packed.getvalue()


class _Walker:
    """Follows the elements of content.xml; refuses as soon as the tables are too large.

    telling: the styles of cells whose number formats show a number otherwise, with their codes.
    """

    def __init__(self, telling: Mapping[str, str]) -> None:
        self.telling = telling
        self.tables: list[_Table] = []
        self.outside = False
        self.scale = Scale()
        self.cell = ""
        self.texts: list[str] | None = None

    def walk(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        for at in range(0, len(content), _PIECE):
            parser.Parse(content[at : at + _PIECE])
        parser.Parse(b"", True)  # noqa: FBT003 – expat takes no name for it

    def start(self, tag: str, given: dict[str, str]) -> None:
        table = self.tables[-1] if self.tables else _Table("")
        if tag == "table:table":
            self.tables.append(_Table(given.get("table:name", "")))
            keep_within("sheets", len(self.tables), limits().sheets)
        elif tag == "table:table-column":
            _take_columns(table, given)
        elif tag == "table:table-row":
            table.column, table.row_repeat = 0, _count(given, "table:number-rows-repeated")
            table.row_style = given.get("table:default-cell-style-name", "")
            if given.get("table:visibility", "visible") != "visible":
                last = min(table.row + table.row_repeat, table.row + _MOST_HIDDEN)
                table.hidden_rows.update(range(table.row, last))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._start_cell(table, given)
        elif tag == "office:annotation":
            self.texts = []

    def end(self, tag: str) -> None:
        if not self.tables:
            return
        table = self.tables[-1]
        if tag == "table:table-row":
            table.row += table.row_repeat
        elif tag == "office:annotation" and self.texts is not None:
            table.comments[self.cell] = "".join(self.texts).strip()
            self.texts = None
        elif tag == "table:table":
            self.scale.add(table.name, table.cells, table.rows, table.columns, len(table.merges))

    def text(self, text: str) -> None:
        if self.texts is not None:
            self.texts.append(text)

    def _start_cell(self, table: _Table, given: dict[str, str]) -> None:
        repeat = _count(given, "table:number-columns-repeated")
        self.cell = address(table.row, table.column)
        if "office:value-type" in given or "table:formula" in given:
            table.cells += repeat * table.row_repeat
            table.rows = max(table.rows, table.row + table.row_repeat)
            table.columns = max(table.columns, table.column + repeat)
            keep_within("cells", table.cells, limits().cells)
        if given.get("calcext:value-type") == "error":
            table.errors[self.cell] = message("error_value")
        elif "table:formula" in given:
            self.outside |= "'file:" in given["table:formula"]
            table.formulas[self.cell] = plain_formula(given["table:formula"])
        if self.telling and "office:value" in given and (code := self.telling.get(table.style_of(given))):
            table.scaled[self.cell] = code
        wide, high = _count(given, "table:number-columns-spanned"), _count(given, "table:number-rows-spanned")
        if wide > 1 or high > 1:
            table.merges.append((table.row, table.column, table.row + high - 1, table.column + wide - 1))
            keep_within("merges", len(table.merges), limits().merges)
        table.column += repeat


def _take_columns(table: _Table, given: dict[str, str]) -> None:
    first, repeat = table.columns_declared, _count(given, "table:number-columns-repeated")
    table.columns_declared += repeat
    table.column_styles.append((table.columns_declared, given.get("table:default-cell-style-name", "")))
    if given.get("table:visibility", "visible") != "visible":
        table.hidden_columns.update(range(first, first + min(repeat, _MOST_HIDDEN)))


def _count(given: dict[str, str], name: str) -> int:
    return max(1, int(given.get(name, "1")))


def _refuse(*_declared: object) -> None:
    raise UnreadableFileError("entities")


def plain_formula(formula: str) -> str:
    """A formula of OpenDocument as other programs write it.

    >>> plain_formula("of:=SUM([.B2:.B5];[.C1])")
    'SUM(B2:B5,C1)'
    """
    text = _REFERENCE.sub(lambda match: f"{match[1]}:{match[2]}" if match[2] else match[1], formula)
    return text.partition("=")[2].replace(";", ",")
