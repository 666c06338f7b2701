"""Marking a workbook in its package: cells coloured and commented, a first sheet added, all else left as it was.

openpyxl loses what it does not know (charts, pictures, validations, macros), so that nothing is loaded and saved here:
the parts are edited where a mark goes and copied byte by byte where none does. `differences` then compares both files.
"""

import copy
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lxml import etree

from expectations.saying import Messages
from flows.returned.comments import comment_cells
from flows.returned.package import (
    BOOK,
    KINDS,
    REFERENCES,
    SELECTED,
    SPREADSHEET,
    Package,
    UnmarkableError,
    add_part,
    fragment,
    free_name,
    link,
    linked,
    main,
    sheet_parts,
    unpacked,
)
from flows.returned.untouched import differences
from transforms.workbook import address, covered_cells, position

say = Messages(__file__)

FILLS = {"error": "FFFFC7CE", "warning": "FFFFEB9C"}
CELL = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")


@dataclass(frozen=True)
class Mark:
    """What a cell gets: a fill by severity (none for `info`) and a comment."""

    sheet: str
    cell: str
    severity: str
    text: str


@dataclass(frozen=True)
class FirstSheet:
    """A sheet to put before the others: its wanted name, its styles, and its XML once these have numbers
    and the names of the other sheets are known.

    `styles`: name -> (font, fill colour, border, alignment), as XML of styles.xml but the colour; '' for none.
    """

    name: str
    styles: Mapping[str, tuple[str, str, str, str]]
    render: Callable[[Mapping[str, str], Collection[str]], str]


def marked(content: bytes, marks: Iterable[Mark], first: FirstSheet) -> bytes:
    """The workbook with the marks and the first sheet; nothing else in it is changed.

    Marks on sheets that the workbook does not have are left out.
    Raises UnmarkableError where that cannot be done, or where the result differs in anything else.
    """
    package = Package(unpacked(content))
    sheets = sheet_parts(package)
    styles = Styles(package)
    placed = sorted((mark for mark in marks if mark.sheet in sheets), key=lambda mark: mark.sheet)
    for sheet, on_sheet in groupby(placed, key=lambda mark: mark.sheet):
        _mark_sheet(package, sheets[sheet], list(on_sheet), styles)
    _unselect(package, sheets.values())
    _add_first_sheet(package, first, styles)
    result = package.packed()
    if found := differences(content, result):
        raise UnmarkableError(say("changes_content", changes="；".join(found[:3])))
    return result


class Styles:
    """The formats of a workbook: new ones are added behind the known ones, each once."""

    def __init__(self, package: Package) -> None:
        part = linked(package, BOOK, "styles")
        if part not in package.parts:
            raise UnmarkableError(say("no_styles"))
        self.root = package.tree(part)
        formats = self.root.find(main("cellXfs"))
        if formats is None or not len(formats):
            raise UnmarkableError(say("no_styles"))
        self.formats = formats
        self.known: dict[tuple[str, ...], str] = {}

    def filled(self, base: str, severity: str) -> str:
        """The number of the format that is `base` with the fill of a severity."""
        if ("filled", base, severity) not in self.known:
            fill = self._fill(FILLS[severity])
            known = self.formats[int(base)] if int(base) < len(self.formats) else self.formats[0]
            format_ = copy.deepcopy(known)
            format_.set("fillId", fill)
            format_.set("applyFill", "1")
            self.known["filled", base, severity] = _appended(self.formats, format_)
        return self.known["filled", base, severity]

    def own(self, font: str, fill: str, border: str, alignment: str) -> str:
        """The number of a format of the first sheet."""
        numbers = {
            "fontId": self._part("fonts", font) if font else "0",
            "fillId": self._fill(fill) if fill else "0",
            "borderId": self._part("borders", border) if border else "0",
        }
        format_ = etree.Element(main("xf"), numFmtId="0", **numbers, xfId="0")
        for name in ("applyFont", "applyFill", "applyBorder", "applyAlignment"):
            format_.set(name, "1")
        format_.append(fragment(alignment or "<alignment/>"))
        return _appended(self.formats, format_)

    def _fill(self, colour: str) -> str:
        return self._part(
            "fills",
            f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/>'
            "</patternFill></fill>",
        )

    def _part(self, group: str, xml: str) -> str:
        if (group, xml) not in self.known:
            holder = self.root.find(main(group))
            if holder is None:
                raise UnmarkableError(say("styles_incomplete"))
            self.known[group, xml] = _appended(holder, fragment(xml))
        return self.known[group, xml]


def _appended(holder: etree._Element, item: etree._Element) -> str:
    """Add an item behind the others of a list with a count; gives its number."""
    item.tail = None
    holder.append(item)
    holder.set("count", str(len(holder)))
    return str(len(holder) - 1)


def _mark_sheet(package: Package, part: str, marks: Sequence[Mark], styles: Styles) -> None:
    root = package.tree(part)
    if root.tag != main("worksheet"):
        return
    origins = _merged_origins(root)
    by_cell: dict[str, list[Mark]] = {}
    for mark in marks:
        if CELL.fullmatch(mark.cell):
            by_cell.setdefault(origins.get(mark.cell, mark.cell), []).append(mark)
    _fill_cells(root, by_cell, styles)
    comment_cells(package, part, {cell: "\n".join(mark.text for mark in by_cell[cell]) for cell in by_cell})


def _merged_origins(root: etree._Element) -> dict[str, str]:
    """Each cell that a merged range covers, with the range's first cell, which is the one that shows."""
    ranges = [str(merge.get("ref")).split(":") for merge in root.iter(main("mergeCell"))]
    corners = [(*position(corner[0]), *position(corner[-1])) for corner in ranges]
    return {address(*cell): address(*origin) for cell, origin in covered_cells(tuple(corners)).items()}


def _fill_cells(root: etree._Element, marks: Mapping[str, Sequence[Mark]], styles: Styles) -> None:
    data = root.find(main("sheetData"))
    if data is None:
        raise UnmarkableError(say("sheet_empty"))
    rows = _by_number(data)
    for cell, on_cell in marks.items():
        severities = {mark.severity for mark in on_cell}
        severity = next((name for name in FILLS if name in severities), "")
        if severity:
            row_number, column = position(cell)
            found = _cell(_row(data, rows, row_number + 1), cell, column, root)
            found.set("s", styles.filled(found.get("s", "0"), severity))


def _by_number(data: etree._Element) -> dict[int, etree._Element]:
    if any(row.get("r") is None for row in data.iterchildren(main("row"))):
        raise UnmarkableError(say("rows_unnumbered"))
    return {int(str(row.get("r"))): row for row in data.iterchildren(main("row"))}


def _row(data: etree._Element, rows: dict[int, etree._Element], number: int) -> etree._Element:
    """The row of that number; a blank one where the sheet has none."""
    if number not in rows:
        rows[number] = etree.Element(main("row"), r=str(number))
        before = [row for row in data.iterchildren(main("row")) if int(str(row.get("r"))) < number]
        data.insert(len(before), rows[number])
    return rows[number]


def _cell(row: etree._Element, cell: str, column: int, root: etree._Element) -> etree._Element:
    """The cell of a row; a blank one, in the format that its place has, where the row has none."""
    place = 0
    for found in row.iterchildren(main("c")):
        if found.get("r") is None:
            raise UnmarkableError(say("cells_unnamed"))
        if found.get("r") == cell:
            return found
        place += position(str(found.get("r")))[1] < column
    blank = etree.Element(main("c"), r=cell)
    blank.set(
        "s", row.get("s", "0") if row.get("customFormat") in ("1", "true") else _of_column(root, column)
    )
    row.insert(place, blank)
    row.attrib.pop("spans", None)
    return blank


def _of_column(root: etree._Element, column: int) -> str:
    for span in root.iterfind(f"{main('cols')}/{main('col')}"):
        if int(span.get("min", "0")) <= column + 1 <= int(span.get("max", "0")):
            return str(span.get("style", "0"))
    return "0"


def _unselect(package: Package, parts: Iterable[str]) -> None:
    """No other sheet stays selected beside the first: what is typed would go into both."""
    for part in parts:
        if part in package.trees:
            for view in package.tree(part).iter(main("sheetView")):
                view.attrib.pop("tabSelected", None)
        else:
            package.parts[part] = SELECTED.sub(b"", package.parts[part], count=1)


def _add_first_sheet(package: Package, first: FirstSheet, styles: Styles) -> None:
    root = package.tree(BOOK)
    sheets = root.find(main("sheets"))
    if sheets is None:
        raise UnmarkableError(say("no_sheets"))
    names = [str(sheet.get("name")) for sheet in sheets]
    numbers = {name: styles.own(*parts) for name, parts in first.styles.items()}
    part = free_name(package, "xl/worksheets/sheetReview{}.xml")
    add_part(package, part, first.render(numbers, names).encode(), f"{SPREADSHEET}.worksheet+xml")
    sheet = etree.Element(main("sheet"), nsmap=REFERENCES, name=_free_sheet_name(sheets, first.name))
    sheet.set("sheetId", str(max((int(str(each.get("sheetId"))) for each in sheets), default=0) + 1))
    sheet.set(f"{{{KINDS}}}id", link(package, BOOK, "worksheet", part))
    sheets.insert(0, sheet)
    for name in root.iter(main("definedName")):
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(int(str(name.get("localSheetId"))) + 1))
    for view in root.iter(main("workbookView")):
        view.attrib.pop("activeTab", None)
        view.attrib.pop("firstSheet", None)


def _free_sheet_name(sheets: etree._Element, wanted: str) -> str:
    taken = {sheet.get("name") for sheet in sheets}
    return next(
        name for n in range(1, len(taken) + 2) if (name := wanted if n == 1 else f"{wanted}{n}") not in taken
    )
