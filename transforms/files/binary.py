"""What the binary formats show beside their values: records of .xls (BIFF8) and of .xlsb (BIFF12)."""

import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import normpath
from xml.etree import ElementTree

from transforms.files.archive import part_content
from transforms.files.compound import Compound
from transforms.files.forensics import Scale, SheetTroubles, Troubles
from transforms.files.number_formats import shows_otherwise
from transforms.files.refusals import UnreadableFileError, keep_within, limits
from transforms.workbook import Merge, address

Record = tuple[int, bytes]

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_SHEET, _END, _BEGIN, _PASSWORD, _LINKS, _TEXTS = 0x85, 0x0A, 0x809, 0x2F, 0x1AE, 0xFC
_FORMAT, _STYLE = 0x41E, 0xE0
_OWN_LINKS = (0x0401, 0x3A01)
_FORMULA, _BOOLERR, _MERGED, _ROW_RECORD, _COLUMNS = 0x06, 0x205, 0xE5, 0x208, 0x7D
_SINGLE = frozenset({0x203, 0xFD, 0x27E, _FORMULA, _BOOLERR, 0x204, 0xD6})
_MULTIPLE, _DIMENSIONS = 0xBD, 0x200
_AREA = 65_536 * 256  # of a sheet, as the format has it
_ATTRIBUTE, _ADD, _BRACKET = 0x19, 0x03, 0x15
_SUM = 4
_AREAS, _CELLS, _CALLS = (0x25, 0x45, 0x65), (0x24, 0x44, 0x64), (0x22, 0x42, 0x62)
_B12_ROW, _B12_SHEET, _B12_COLUMNS, _B12_MERGE, _B12_ERRORS = 0, 156, 60, 176, (3, 11)
_B12_TEXTS = 159
_B12_FORMAT, _B12_STYLE, _B12_STYLES = (
    44,
    47,
    617,
)  # the styles of cells follow those that these are made from
_B12_CELLS = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62})
# Cells without their column, which some programs write and the library skips without a word.
_B12_SHORT = frozenset(range(12, 19))


@dataclass
class _Seen:
    """What the records of one sheet have shown so far."""

    cells: int = 0
    rows: int = 0
    columns: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    scaled: dict[str, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)

    def cell(self, row: int, column: int) -> None:
        self.cells += 1
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)

    def weigh(self, name: str, scale: Scale) -> None:
        scale.add(name, self.cells, self.rows, self.columns, len(self.merges))

    def troubles(self, merges: tuple[Merge, ...]) -> SheetTroubles:
        hidden = frozenset(self.hidden_rows), frozenset(self.hidden_columns)
        return SheetTroubles(self.errors, {}, self.formulas, {}, self.scaled, *hidden, merges)


def inspect_xls(content: bytes) -> Troubles:
    """The troubles of a workbook in a compound file. Raises UnreadableFileError for what is unsafe to read."""
    compound = Compound(content)
    names = {entry.name for entry in compound.entries}
    try:
        stream = compound.stream("Workbook" if "Workbook" in names else "Book")
        starts, outside = _globals(stream)
        keep_within("sheets", len(starts), limits().sheets)
        scale, scaling = Scale(), dict(_scaling(stream))
        looked = tuple(
            _sheet(stream, start, str(n), scale, scaling) for n, start in enumerate(starts, start=1)
        )
    except struct.error as error:
        raise UnreadableFileError("damaged") from error
    return Troubles(looked, outside, "_VBA_PROJECT_CUR" in names)


def _records(stream: bytes, start: int) -> Iterator[Record]:
    """The records from a position on, up to the end of the substream that begins there."""
    depth = 0
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + size]
        depth += (kind == _BEGIN) - (kind == _END)
        if kind == _END and depth <= 0:
            return
        start += 4 + size
    raise UnreadableFileError("truncated")


def _globals(stream: bytes) -> tuple[list[int], bool]:
    """Where each sheet's records begin, and whether the workbook refers to others."""
    starts, outside = [], False
    for kind, content in _records(stream, 0):
        if kind == _PASSWORD:
            raise UnreadableFileError("encrypted")
        if kind == _TEXTS and len(content) >= 8:
            keep_within("texts", struct.unpack_from("<L", content, 4)[0], limits().texts)
        if kind == _SHEET:
            starts.append(struct.unpack_from("<L", content)[0])
        if kind == _LINKS:
            outside |= struct.unpack_from("<H", content, 2)[0] not in _OWN_LINKS
    return starts, outside


def _scaling(stream: bytes) -> Iterator[tuple[int, str]]:
    """The styles of cells (their places in the list) whose number formats scale or name a unit, with the format codes."""
    codes: dict[int, str] = {}
    style = 0
    for kind, content in _records(stream, 0):
        if kind == _FORMAT and len(content) > 5:
            text = content[5:].decode("utf-16-le" if content[4] & 1 else "latin-1", errors="replace")
            if shows_otherwise(text):
                codes[struct.unpack_from("<H", content)[0]] = text
        elif kind == _STYLE:
            if code := codes.get(struct.unpack_from("<H", content, 2)[0]):
                yield style, code
            style += 1


def _sheet(stream: bytes, start: int, name: str, scale: Scale, scaling: Mapping[int, str]) -> SheetTroubles:
    seen = _Seen()
    for kind, content in _records(stream, start):
        if kind in _SINGLE:
            row, column, style = struct.unpack_from("<HHH", content)
            seen.cell(row, column)
            _special_cell(seen, kind, content, address(row, column))
            if style in scaling:
                seen.scaled[address(row, column)] = scaling[style]
        elif kind == _MULTIPLE:
            _take_multiple(seen, content, scaling)
        elif kind == _DIMENSIONS:
            _weigh_dimensions(content)
        elif kind == _ROW_RECORD and struct.unpack_from("<H", content, 12)[0] & 0x20:
            seen.hidden_rows.add(struct.unpack_from("<H", content)[0])
        elif kind == _COLUMNS and struct.unpack_from("<H", content, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", content)
            seen.hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind == _MERGED:
            seen.merges += [(0, 0, 0, 0)] * struct.unpack_from("<H", content)[0]
    seen.weigh(name, scale)
    return seen.troubles(())


def _weigh_dimensions(content: bytes) -> None:
    """Refuse a sheet that says it ends before it begins, or beyond what the format has: the library asks for room for it."""
    layout = "<LLHH" if len(content) >= struct.calcsize("<LLHHH") else "<HHHH"
    top, bottom, left, right = struct.unpack_from(layout, content)
    if top > bottom or left > right or (bottom - top) * (right - left) > _AREA:
        raise UnreadableFileError("damaged")


def _take_multiple(seen: _Seen, content: bytes, scaling: Mapping[int, str]) -> None:
    """Enter a run of numbers beside each other, each with its style."""
    row, first = struct.unpack_from("<HH", content)
    count = (len(content) - 6) // 6
    seen.cells += count - 1
    seen.cell(row, first + count - 1)
    for n in range(count if scaling else 0):
        if code := scaling.get(struct.unpack_from("<H", content, 4 + 6 * n)[0]):
            seen.scaled[address(row, first + n)] = code


def _special_cell(seen: _Seen, kind: int, content: bytes, cell: str) -> None:
    if kind == _BOOLERR and content[7]:
        seen.errors[cell] = _ERRORS.get(content[6], "#N/A")
    elif kind == _FORMULA:
        if content[12:14] == b"\xff\xff" and content[6] == 2:
            seen.errors[cell] = _ERRORS.get(content[8], "#N/A")
        else:
            size = struct.unpack_from("<H", content, 20)[0]
            seen.formulas[cell] = plain_sum(content[22 : 22 + size])


def plain_sum(tokens: bytes) -> str:
    """The text of a formula that is a plain sum of cells and ranges, '' for any other."""
    stack: list[str] = []
    at = 0
    try:
        while at < len(tokens):
            at = _take_token(tokens, at, stack)
    except (struct.error, IndexError, _OtherFormulaError):
        return ""
    return stack[0] if len(stack) == 1 else ""


class _OtherFormulaError(Exception):
    """A formula that is more than a plain sum."""


def _take_token(tokens: bytes, at: int, stack: list[str]) -> int:
    """Apply the token at a position to the stack; gives the position of the next one."""
    token = tokens[at]
    if token in _AREAS:
        top, bottom, left, right = struct.unpack_from("<HHHH", tokens, at + 1)
        stack.append(f"{address(top, left & 0x3FFF)}:{address(bottom, right & 0x3FFF)}")
        return at + 9
    if token in _CELLS:
        row, column = struct.unpack_from("<HH", tokens, at + 1)
        stack.append(address(row, column & 0x3FFF))
        return at + 5
    if token == _ADD:
        right_hand, left_hand = stack.pop(), stack.pop()
        stack.append(f"{left_hand}+{right_hand}")
        return at + 1
    if token == _ATTRIBUTE:
        if tokens[at + 1] & 0x10:
            stack.append(f"SUM({stack.pop()})")
        return at + 4
    if token in _CALLS and struct.unpack_from("<H", tokens, at + 2)[0] == _SUM:
        arguments = [stack.pop() for _ in range(tokens[at + 1] & 0x7F)]
        stack.append(f"SUM({','.join(reversed(arguments))})")
        return at + 4
    if token == _BRACKET:
        return at + 1
    raise _OtherFormulaError


def inspect_xlsb(package: zipfile.ZipFile) -> Troubles:
    """The troubles of an .xlsb package. Raises UnreadableFileError for what is unsafe to read."""
    names = {name.lower(): name for name in package.namelist()}
    try:
        parts = _b12_parts(package, names)
        keep_within("sheets", len(parts), limits().sheets)
        if shared := names.get("xl/sharedstrings.bin"):
            keep_within("texts", _b12_different_texts(part_content(package, shared)), limits().texts)
        styles = names.get("xl/styles.bin")
        scaling = dict(_b12_scaling(part_content(package, styles))) if styles else {}
        scale = Scale()
        looked = tuple(_b12_sheet(part_content(package, part), name, scale, scaling) for name, part in parts)
    except (struct.error, KeyError, IndexError, ElementTree.ParseError) as error:
        raise UnreadableFileError("damaged") from error
    outside = any(name.startswith("xl/externallinks/") for name in names)
    return Troubles(looked, outside, "xl/vbaproject.bin" in names)


def _b12_parts(package: zipfile.ZipFile, names: dict[str, str]) -> list[tuple[str, str]]:
    """(sheet name, part name) of each sheet."""
    links = part_content(package, names["xl/_rels/workbook.bin.rels"])
    if b"<!DOCTYPE" in links:
        raise UnreadableFileError("entities")
    targets = {link.get("Id"): str(link.get("Target")) for link in ElementTree.fromstring(links)}
    found = []
    for kind, content in _b12_records(part_content(package, "xl/workbook.bin")):
        if kind == _B12_SHEET:
            link, at = _b12_text(content, 8)
            target = targets[link].lower()
            path = target.lstrip("/") if target.startswith(("/", "xl/")) else normpath(f"xl/{target}")
            found.append((_b12_text(content, at)[0], names[path]))
    return found


def _b12_different_texts(content: bytes) -> int:
    """How many different texts the list of shared ones says in its first record that it has."""
    kind, begins = next(_b12_records(content), (0, b""))
    return int(struct.unpack_from("<LL", begins)[1]) if kind == _B12_TEXTS else 0


def _b12_scaling(content: bytes) -> Iterator[tuple[int, str]]:
    """As `_scaling`, of the part that holds the styles."""
    codes: dict[int, str] = {}
    style = -1
    for kind, record in _b12_records(content):
        if kind == _B12_FORMAT and shows_otherwise(text := _b12_text(record, 2)[0]):
            codes[struct.unpack_from("<H", record)[0]] = text
        elif kind == _B12_STYLES:
            style = 0
        elif kind == _B12_STYLE and style >= 0:
            if code := codes.get(struct.unpack_from("<H", record, 2)[0]):
                yield style, code
            style += 1


def _b12_text(content: bytes, at: int) -> tuple[str, int]:
    size = struct.unpack_from("<L", content, at)[0]
    end = at + 4 + 2 * size
    return content[at + 4 : end].decode("utf-16-le", errors="replace"), end


def _b12_records(content: bytes) -> Iterator[Record]:
    """Kind and content of each record; kinds and sizes have seven bits to the byte."""
    at = 0
    while at < len(content):
        kind, at = _b12_number(content, at, 2)
        size, at = _b12_number(content, at, 4)
        yield kind, content[at : at + size]
        at += size


def _b12_number(content: bytes, at: int, longest: int) -> tuple[int, int]:
    number = 0
    for n in range(longest):
        byte = content[at + n]
        number |= (byte & 0x7F) << (7 * n)
        if not byte & 0x80:
            return number, at + n + 1
    return number, at + longest


def _b12_sheet(records: bytes, name: str, scale: Scale, scaling: Mapping[int, str]) -> SheetTroubles:
    seen, row = _Seen(), 0
    for kind, content in _b12_records(records):
        if kind == _B12_ROW:
            row = struct.unpack_from("<L", content)[0]
            if content[11] & 0x10:
                seen.hidden_rows.add(row)
        elif kind in _B12_CELLS:
            column = struct.unpack_from("<L", content)[0]
            seen.cell(row, column)
            if kind in _B12_ERRORS:
                seen.errors[address(row, column)] = _ERRORS.get(content[8], "#N/A")
            if scaling and (code := scaling.get(int.from_bytes(content[4:7], "little"))):
                seen.scaled[address(row, column)] = code
        elif kind in _B12_SHORT:
            raise UnreadableFileError("short_cells")
        elif kind == _B12_COLUMNS and content[16] & 1:
            first, last = struct.unpack_from("<LL", content)
            seen.hidden_columns.update(range(first, min(last, 1023) + 1))
        elif kind == _B12_MERGE:
            top, bottom, left, right = struct.unpack_from("<LLLL", content)
            seen.merges.append((top, left, bottom, right))
    seen.weigh(name, scale)
    return seen.troubles(tuple(seen.merges))
