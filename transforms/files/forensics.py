"""What a workbook's parts show beside its values, and whether it is safe to read at all.

Formula cells without a result and error cells look blank to the reader of values; hidden rows and columns look like
any other; comments, links to other workbooks and macros do not show at all. The same pass weighs each sheet: a reader
of values allocates the whole rectangle up to the last filled cell, so that one cell at XFD1048576 would kill it.
Sheets in which the tell-tale bytes do not occur are not parsed, so that a clean file costs next to nothing.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from posixpath import basename, dirname, normpath
from xml.etree import ElementTree

from transforms.files.archive import PIECE, part_content, pieces, refuse_entities, xml_content
from transforms.files.number_formats import scaled_cells, scaling_styles
from transforms.files.refusals import DifferentTexts, UnreadableFileError, keep_within, limits
from transforms.files.survey import Bound, survey
from transforms.workbook import Merge, address, position

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# "Strict Open XML", which Excel offers to save, names the same elements otherwise.
_STRICT, _TRANSITIONAL = b"http://purl.oclc.org/ooxml/spreadsheetml/main", _MAIN[1:-1].encode()
_ROOT_WITHIN = 4096
_TELLTALE = re.compile(rb"<(?:\w+:)?f[ >/]|t=\"e\"|hidden=\"(?:1|true)\"")
_FILLED = re.compile(
    rb"<(?:\w+:)?c(?=[\s>])(?:[^<]*?\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"'])?[^<]*>\s*<(?:\w+:)?(?:v|is|f)\b"
)
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^<]*?\sr\s*=\s*[\"'](\d{1,7})")
_ROW_START = b"<row"
_TEXT = re.compile(rb"<(?:\w+:)?t[ >][^<]+|t=\"str\"[^<]*<(?:\w+:)?v>[^<]+")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s")
_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d{1,7})")
_MOST_HIDDEN_COLUMNS = 1024
_SHORT = 1 << 16
_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SheetTroubles:
    """What one sheet shows beside its values: cells are addresses, rows and columns zero-based indices.

    `scaled`: cells whose number format shows another number than they hold, or names a unit, with the format's code.
    `merges`: only of formats whose merged ranges the reader of values does not know.
    """

    errors: dict[str, str] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    scaled: dict[str, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True)
class Troubles:
    """What a workbook shows beside its values; its sheets in their order."""

    sheets: tuple[SheetTroubles, ...] = ()
    external_links: bool = False
    macros: bool = False


@dataclass
class Scale:
    """The size of a workbook as far as it has been looked at; refuses what would be too large to read."""

    cells: int = 0
    area: int = 0
    merges: int = 0

    def add(self, name: str, cells: int, rows: int, columns: int, merges: int) -> None:
        """Count one sheet with its last filled row and column. Raises UnreadableFileError."""
        self.cells += cells
        self.area += rows * columns
        self.merges += merges
        if rows * columns > limits().area or self.area > limits().area:
            last = address(max(rows, 1) - 1, max(columns, 1) - 1)
            raise UnreadableFileError("far_cell", sheet=name, cell=last)
        keep_within("cells", self.cells, limits().cells)
        keep_within("merges", self.merges, limits().merges)


CLEAN = SheetTroubles()


def inspect_xlsx(package: zipfile.ZipFile) -> Troubles:
    """The troubles of an .xlsx or .xlsm package. Raises UnreadableFileError for what is unsafe to read."""
    try:
        return _inspect_xlsx(package)
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise UnreadableFileError("damaged") from error


def _inspect_xlsx(package: zipfile.ZipFile) -> Troubles:
    names = {_plain(name): name for name in package.namelist()}
    if shared := names.get("xl/sharedstrings.xml"):
        texts = 0
        for piece in pieces(package, shared, b"<"):
            refuse_entities(piece)
            texts += piece.count(b"<si>")
        keep_within("texts", texts, limits().texts)
    parts = list(_sheet_parts(package, names))
    keep_within("sheets", len(parts), limits().sheets)
    _keep_texts_within(package, [part for _, part in parts])
    looked = tuple(_inspect_parts(package, names, parts))
    outside = any(name.startswith("xl/externallinks/") for name in names)
    return Troubles(looked, outside, "xl/vbaproject.bin" in names)


def _keep_texts_within(package: zipfile.ZipFile, parts: list[str]) -> None:
    """Refuse a workbook with too many different texts in its cells, which no list of shared ones counts."""
    texts = DifferentTexts(sum(package.getinfo(part).file_size for part in parts))
    for part in parts if texts.may_be_too_many else ():
        for piece in pieces(package, part, _ROW_START):
            texts.add(_TEXT.findall(piece))


def _plain(name: str) -> str:
    """A part's name as programs compare it: without regard to case, slashes forward."""
    return name.replace("\\", "/").lower()


def _xml(package: zipfile.ZipFile, part: str) -> bytes:
    """The bytes of an XML part. Raises UnreadableFileError where it defines entities or is not plain UTF-8."""
    content = xml_content(package, part)
    return content.replace(_STRICT, _TRANSITIONAL) if _STRICT in content[:_ROOT_WITHIN] else content


def _sheet_parts(package: zipfile.ZipFile, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(sheet name, part name) of each sheet."""
    targets = _targets(package, names, "xl/workbook.xml")
    for name, link in _recurring(_listed_sheets, _xml(package, names["xl/workbook.xml"])):
        yield name, names[_plain(targets[link])]


def _targets(package: zipfile.ZipFile, names: dict[str, str], part: str) -> dict[str, str]:
    """The parts a part is linked to, by the id of the link; none where it has no links."""
    links = names.get(_plain(f"{dirname(part)}/_rels/{basename(part)}.rels"))
    return {} if links is None else dict(_recurring(_linked_parts, _xml(package, links), dirname(part)))


def _recurring(parse: Callable[..., _Pairs], content: bytes, *where: str) -> _Pairs:
    """What a part says, known again where workbooks of one template have the same part; long ones are not kept."""
    known = parse if len(content) <= _SHORT else parse.__wrapped__  # type: ignore[attr-defined]
    return known(content, *where)


@lru_cache(maxsize=256)
def _listed_sheets(content: bytes) -> _Pairs:
    """(name, id of the link) of each sheet that the workbook's own part lists."""
    sheets = [e for e in ElementTree.fromstring(content).iter() if e.tag.rpartition("}")[2] == "sheet"]
    linked = [[value for key, value in sheet.items() if key.rpartition("}")[2] == "id"] for sheet in sheets]
    return tuple(
        (str(sheet.get("name")), (ids or [""])[0]) for sheet, ids in zip(sheets, linked, strict=True)
    )


@lru_cache(maxsize=256)
def _linked_parts(content: bytes, folder: str) -> _Pairs:
    """(id, part) of each link in the list of links of a part in `folder`."""
    found = []
    for link in ElementTree.fromstring(content):
        target = str(link.get("Target")).replace("\\", "/")
        absolute = target.startswith(("/", "xl/"))
        found.append(
            (str(link.get("Id")), normpath(target.lstrip("/") if absolute else f"{folder}/{target}"))
        )
    return tuple(found)


def _inspect_parts(
    package: zipfile.ZipFile, names: dict[str, str], parts: list[tuple[str, str]]
) -> Iterator[SheetTroubles]:
    """The troubles of each sheet; only those that a survey does not find harmless are looked at closely."""
    bounds = _bounds(package, [part for _, part in parts])
    scale = _scale_of(bounds)
    if scale is None:
        bounds, scale = [None] * len(parts), Scale()
    commented = any("comment" in known for known in names)
    styles = names.get("xl/styles.xml")
    scaling = scaling_styles(part_content(package, styles)) if styles else {}
    for (name, part), bound in zip(parts, bounds, strict=True):
        looked = CLEAN if bound else _inspect_part(package, part, name, scale)
        comments = dict(_comments(package, names, part)) if commented else {}
        scaled = dict(scaled_cells(pieces(package, part, _ROW_START), scaling)) if scaling else {}
        yield replace(looked, comments=comments, scaled=scaled) if comments or scaled else looked


def _bounds(package: zipfile.ZipFile, parts: list[str]) -> list[Bound | None]:
    """For each sheet the most it may hold, None where only a closer look can tell."""
    found: list[list[Bound | None]] = [[] for _ in parts]
    waiting: list[tuple[int, bytes]] = []
    size = 0
    for number, part in enumerate(parts):
        for piece in pieces(package, part, _ROW_START):
            waiting.append((number, piece))
            size += len(piece)
            if size > PIECE:
                _survey_waiting(waiting, found)
                waiting, size = [], 0
    _survey_waiting(waiting, found)
    return [_together(bounds) for bounds in found]


def _survey_waiting(waiting: list[tuple[int, bytes]], found: list[list[Bound | None]]) -> None:
    """Survey pieces of sheets at once, entering each one's bound under its sheet."""
    bounds = survey([content for _, content in waiting])
    for (number, _), bound in zip(waiting, bounds, strict=True):
        found[number].append(bound)


def _together(bounds: list[Bound | None]) -> Bound | None:
    known = [bound for bound in bounds if bound]
    if len(known) < len(bounds):
        return None
    return Bound(
        sum(bound.cells for bound in known),
        max(bound.rows for bound in known),
        sum(bound.merges for bound in known),
    )


def _scale_of(bounds: list[Bound | None]) -> Scale | None:
    """The size of the sheets that are bounded, None where they might be too large together."""
    scale = Scale()
    try:
        for bound in bounds:
            if bound:
                scale.add("", bound.cells, bound.rows, bound.columns, bound.merges)
    except UnreadableFileError:
        return None
    return scale


def _inspect_part(package: zipfile.ZipFile, part: str, name: str, scale: Scale) -> SheetTroubles:
    content = _xml(package, part)
    scale.add(name, *_extent(content), sum(1 for _ in _MERGE.finditer(content)))
    return _inspect_cells(content) if _TELLTALE.search(content) else SheetTroubles()


def _extent(content: bytes) -> tuple[int, int, int]:
    """The filled cells of a sheet's XML, its last filled row and its last filled column."""
    cells, rows, columns = 0, 0, 0
    for piece in _pieces(content):
        found = _FILLED.findall(piece)
        cells += len(found)
        keep_within("cells", cells, limits().cells)
        if (b"", b"") in found:
            return _implicit_extent(content)
        if found:
            rows = max(rows, max(int(row) for _, row in found))
            last = max({letters.upper() for letters, _ in found}, key=lambda letters: (len(letters), letters))
            columns = max(columns, position(f"{last.decode()}1")[1] + 1)
    return cells, rows, columns


def _implicit_extent(content: bytes) -> tuple[int, int, int]:
    """The extent of a sheet whose cells do not say where they are: never too small."""
    written = [int(row) for row in _ROW.findall(content)]
    runs = content.split(b"<row")
    placed = [
        position(letters.decode().upper() + "1")[1] for letters, _ in _FILLED.findall(content) if letters
    ]
    widest = max(sum(1 for _ in _ANY_CELL.finditer(run)) for run in runs)
    cells = sum(1 for _ in _FILLED.finditer(content))
    return cells, max([*written, 0]) + len(runs), widest + max([*placed, 0]) + 1


def _pieces(content: bytes) -> Iterator[bytes]:
    """A sheet's XML in pieces of some MiB cut between rows, so that what is found in each stays small."""
    start = 0
    while start < len(content):
        cut = content.find(_ROW_START, start + PIECE)
        end = len(content) if cut < 0 else cut
        yield content[start:end] if (start, end) != (0, len(content)) else content
        start = end


def _inspect_cells(content: bytes) -> SheetTroubles:
    errors: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    formulas: dict[str, str] = {}
    shared: dict[str, tuple[str, str]] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    for _, element in ElementTree.iterparse(io.BytesIO(content)):
        tag = element.tag.rpartition("}")[2]
        if tag == "c":
            _inspect_cell(element, errors, unresolved, formulas, shared)
        elif tag == "row":
            if _is_hidden(element) and element.get("r"):
                hidden_rows.add(int(str(element.get("r"))) - 1)
            element.clear()
        elif tag == "col" and _is_hidden(element):
            last = min(int(str(element.get("max"))), _MOST_HIDDEN_COLUMNS)
            hidden_columns.update(range(int(str(element.get("min"))) - 1, last))
    hidden = frozenset(hidden_rows), frozenset(hidden_columns)
    return SheetTroubles(errors, unresolved, formulas, {}, {}, *hidden)


def _inspect_cell(
    cell: ElementTree.Element,
    errors: dict[str, str],
    unresolved: dict[str, str],
    formulas: dict[str, str],
    shared: dict[str, tuple[str, str]],
) -> None:
    """Enter a cell where it belongs; `shared` keeps each shared formula with the cell it is written in."""
    where, value, formula = str(cell.get("r")), cell.findtext(f"{_MAIN}v") or "", cell.find(f"{_MAIN}f")
    if cell.get("t") == "e":
        errors[where] = value
    elif formula is not None:
        text = _formula(formula, where, shared)
        if value == "" and cell.get("t") != "str":
            unresolved[where] = f"={text}"
        else:
            formulas[where] = text


def _formula(formula: ElementTree.Element, where: str, shared: dict[str, tuple[str, str]]) -> str:
    text, group = formula.text or "", formula.get("si")
    if group is None or formula.get("t") != "shared":
        return text
    if text:
        shared[group] = (text, where)
    elif group in shared:
        return moved(*shared[group], where)
    return text


def moved(formula: str, written: str, where: str) -> str:
    """A formula as it reads in another cell than the one it is written in.

    >>> moved("SUM(B2:B5)+$C$1", "B6", "D7")
    'SUM(D3:D6)+$C$1'
    """
    (from_row, from_column), (to_row, to_column) = position(written), position(where)

    def shift(match: re.Match[str]) -> str:
        row, column = position(match[2] + match[4])
        row += 0 if match[3] else to_row - from_row
        column += 0 if match[1] else to_column - from_column
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", address(max(row, 0), max(column, 0))).groups()  # type: ignore[union-attr]
        return f"{match[1]}{letters}{match[3]}{number}"

    return _REFERENCE.sub(shift, formula)


def _is_hidden(element: ElementTree.Element) -> bool:
    return element.get("hidden") in ("1", "true")


def _comments(package: zipfile.ZipFile, names: dict[str, str], part: str) -> Iterator[tuple[str, str]]:
    """(cell, text) of each comment on a sheet; threaded ones are kept by programs as plain ones too."""
    for target in _targets(package, names, part).values():
        if "comment" in target.lower() and _plain(target) in names:
            root = ElementTree.fromstring(_xml(package, names[_plain(target)]))
            for comment in root.iter(f"{_MAIN}comment"):
                yield str(comment.get("ref")), "".join(comment.itertext()).strip()
