"""The county workbook for people: 万元, Chinese headings, contents with links, notes on what is missing."""

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from expectations.saying import Messages
from expectations.width import columns_wide
from flows.published.county_pages import pages
from flows.published.notes import notes
from flows.published.release import Release
from flows.published.sheet_page import Heading, Page, Place, Row, Terms, agreeing, formula

say = Messages(__file__)

FACE, TITLE_FACE = "宋体", "黑体"
TITLE = Font(name=TITLE_FACE, size=18)
HEADING = Font(name=TITLE_FACE, size=10.5)
PLAIN = Font(name=FACE, size=10.5)
STRONG = Font(name=FACE, size=10.5, bold=True)
LINK = Font(name=FACE, size=10.5, color="24505F", underline="single")
HEADING_FILL = PatternFill("solid", fgColor="E9EEF0")
STRONG_FILL = PatternFill("solid", fgColor="F6F5F1")
LINE = Side(style="thin", color="8C979E")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center", indent=1)
LEFT = Alignment(vertical="center", wrap_text=True)
LEAST_HEIGHT, LINE_HEIGHT, TALLEST = 19.0, 14.5, 400.0
# Two columns, as programs scale to the width of a page only where a page could end between columns.
NOTES_WIDTHS = [66, 66]
FORMATS = {
    "money": '#,##0.00;[Red]-#,##0.00;"—"',
    "yuan": "#,##0.00;[Red]-#,##0.00",
    "percent": "0.0;[Red]-0.0",
}
FIRST_ROW = 4
CONTENTS, NOTES = "目录", "说明"
ARCHIVE_DATE = (1980, 1, 1, 0, 0, 0)
FORMULA_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v ?/?>(?:</v>)?</c>')

Results = Mapping[str, Mapping[str, Decimal]]
Filling = Callable[[Worksheet], None]


def write_county_workbook(release: Release, path: Path) -> None:
    """Write `county_budget.xlsx`; the same release gives the same bytes."""
    book = Workbook()
    book.worksheets[0].title = CONTENTS
    shown = pages(release)
    results: dict[str, dict[str, Decimal]] = {}

    def fill(sheet: Worksheet, page: Page, number: int) -> None:
        results[page.sheet] = _write_page(sheet, page, release.year, number)

    fillings: dict[str, Filling] = {
        CONTENTS: partial(_write_contents, release=release, shown=shown),
        NOTES: partial(_write_notes, release=release),
        **{page.sheet: partial(fill, page=page, number=number) for number, page in enumerate(shown, start=1)},
    }
    for name in [*fillings][1:]:
        book.create_sheet(name)
    _save(book, path, datetime(release.year, 1, 1), fillings, results)


def _write_contents(sheet: Worksheet, release: Release, shown: Sequence[Page]) -> None:
    """What the workbook holds, on one page however much it is."""
    _write_title(sheet, say("title", year=release.year), 3)
    _write_heading_row(sheet, 3, [Heading("表号"), Heading("表名"), Heading("计量单位")])
    entries = [(NOTES, say("notes_title"), ""), *((page.sheet, page.title, page.unit) for page in shown)]
    for number, (name, title, unit) in enumerate(entries):
        row = 4 + number
        _write_cells(sheet, row, [_number(number), title, unit.split("单位：")[-1]], PLAIN)
        link = sheet.cell(row, 2)
        link.hyperlink = f"#'{name}'!A1"
        link.font = LINK
        sheet.cell(row, 1).alignment = sheet.cell(row, 3).alignment = CENTRE
        sheet.row_dimensions[row].height = LEAST_HEIGHT
    _set_widths(sheet, [10, 56, 18])
    _set_printing(sheet, f"A1:C{3 + len(entries)}")
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "portrait", 1


def _number(number: int) -> str:
    return f"附表{number}" if number else ""


def _write_notes(sheet: Worksheet, release: Release) -> None:
    _write_title(sheet, say("notes"), 1)
    _link_back(sheet, len(NOTES_WIDTHS))
    lines = notes(release)
    for row, (text, strong) in enumerate(lines, start=2):
        cell = sheet.cell(row, 1)
        _write_text(cell, text)
        cell.font = STRONG if strong else PLAIN
        cell.alignment = Alignment("left", "top", wrap_text=True, indent=0 if strong else 1)
        sheet.row_dimensions[row].height = _height([text], [sum(NOTES_WIDTHS) - 2])
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(NOTES_WIDTHS))
    _set_widths(sheet, NOTES_WIDTHS)
    _set_printing(sheet, f"A1:B{1 + len(lines)}")


def _write_page(sheet: Worksheet, page: Page, year: int, number: int) -> dict[str, Decimal]:
    """Write a page; give the result of each of its formulas by cell."""
    width = len(page.headings)
    _write_title(sheet, f"{year}年{page.title}", width)
    _write_line_of_units(sheet, page, number)
    _write_heading_row(sheet, 3, page.headings)
    formulas = agreeing(page)
    for i, row in enumerate(page.rows):
        _write_row(sheet, FIRST_ROW + i, page, i, row)
    for (row_index, column), terms in formulas.items():
        sheet.cell(FIRST_ROW + row_index, column + 1).value = formula(terms, FIRST_ROW)
    widths = [heading.width for heading in page.headings]
    last = _write_remarks(sheet, FIRST_ROW + len(page.rows), page.remarks, widths)
    _set_widths(sheet, widths)
    _link_back(sheet, width)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, _first_moving_column(page.headings))
    if page.listing and page.rows:
        sheet.auto_filter.ref = f"A3:{get_column_letter(width)}{FIRST_ROW + len(page.rows) - 1}"
    sheet.print_title_rows = "1:3"
    _set_printing(sheet, f"A1:{get_column_letter(width)}{last}")
    return _results(page, formulas)


def _write_line_of_units(sheet: Worksheet, page: Page, number: int) -> None:
    """Below the title: which table it is on the left, the unit of its amounts on the right."""
    sheet.cell(2, 1, _number(number)).font = PLAIN
    unit = sheet.cell(2, len(page.headings))
    if len(page.headings) > 1:
        unit.value, unit.alignment, unit.font = page.unit, Alignment("right", "center"), PLAIN


def _results(page: Page, formulas: Mapping[Place, Terms]) -> dict[str, Decimal]:
    return {
        f"{get_column_letter(column + 1)}{FIRST_ROW + row}": _in_wan(page.rows[row][column])
        for row, column in formulas
    }


def _first_moving_column(headings: Sequence[Heading]) -> int:
    """What names a row stays in sight: up to two columns before the first amount."""
    naming = [i for i, heading in enumerate(headings, start=1) if heading.kind not in ("text", "label")]
    return min(naming[0], 3) if naming else 2


def _write_remarks(sheet: Worksheet, row: int, remarks: Sequence[str], widths: Sequence[int]) -> int:
    """Lines below the table across its whole width; gives the last row in use."""
    last = row - 1
    for last, text in enumerate(remarks, start=row + 1):
        cell = sheet.cell(last, 1)
        _write_text(cell, text)
        cell.font, cell.alignment = PLAIN, Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=last, start_column=1, end_row=last, end_column=len(widths))
        sheet.row_dimensions[last].height = _height([text], [sum(widths)])
    return last


def _write_row(sheet: Worksheet, number: int, page: Page, index: int, row: Row) -> None:
    strong = index in page.strong
    values = [_shown(value, heading) for value, heading in zip(row, page.headings, strict=True)]
    _write_cells(sheet, number, values, STRONG if strong else PLAIN)
    for column, heading in enumerate(page.headings, start=1):
        cell = sheet.cell(number, column)
        if heading.kind in ("money", "number", "percent") or isinstance(cell.value, Decimal):
            cell.number_format = FORMATS.get(heading.kind) or _number_format(cell.value)
            cell.alignment = RIGHT
        else:
            cell.alignment = CENTRE if heading.kind == "label" else LEFT
        if strong:
            cell.fill = STRONG_FILL
    sheet.row_dimensions[number].height = _height(values, [heading.width for heading in page.headings])
    if index < len(page.indents):
        indented = Alignment("left", "center", wrap_text=True, indent=page.indents[index])
        sheet.cell(number, 1).alignment = sheet.cell(number, 2).alignment = indented


def _number_format(value: Any) -> str:
    """Whole numbers without decimals: `#,##0.##` would show 16 as `16.`."""
    whole = not isinstance(value, int | float) or value == int(value)
    return "#,##0" if whole else "#,##0.00"


def _height(values: Sequence[object], widths: Sequence[int]) -> float:
    """Room for the longest text of a row: programs measure wrapped text differently, or not at all."""
    lines = max(
        (
            sum(max(1, ceil(columns_wide(line) / (width - 1))) for line in value.split("\n"))
            for value, width in zip(values, widths, strict=True)
            if isinstance(value, str)
        ),
        default=1,
    )
    return min(max(LEAST_HEIGHT, lines * LINE_HEIGHT + 4), TALLEST)


def _shown(value: object, heading: Heading) -> object:
    if value is None:
        return None
    if heading.kind == "money":
        return value if isinstance(value, str) else _in_wan(value)
    if heading.kind == "flag":
        return "是" if value else "否"
    return value


def _in_wan(fen: Any) -> Decimal:
    """万元, exact to the 分."""
    return Decimal(int(fen)).scaleb(-6)


def _write_cells(sheet: Worksheet, row: int, values: Iterable[object], font: Font) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        _write_text(cell, value) if isinstance(value, str) else _write_value(cell, value)
        cell.font, cell.border = font, GRID


def _write_value(cell: Any, value: object) -> None:
    cell.value = value


def _write_text(cell: Any, text: str) -> None:
    """Text stays text: what begins like a formula is not run, control characters are left out."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"


def _write_title(sheet: Worksheet, title: str, width: int) -> None:
    cell = sheet.cell(1, 1, title)
    cell.font, cell.alignment = (
        TITLE,
        Alignment(horizontal="center" if width > 1 else "left", vertical="center"),
    )
    if width > 1:
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.row_dimensions[1].height = 32


def _write_heading_row(sheet: Worksheet, row: int, headings: Sequence[Heading]) -> None:
    for column, heading in enumerate(headings, start=1):
        cell = sheet.cell(row, column, heading.title)
        cell.font, cell.fill, cell.border, cell.alignment = HEADING, HEADING_FILL, GRID, CENTRE
    sheet.row_dimensions[row].height = 30


def _link_back(sheet: Worksheet, width: int) -> None:
    """A way back to the contents, right of the table: on the screen, not on paper."""
    cell = sheet.cell(1, width + 1, say("back"))
    cell.hyperlink = f"#'{CONTENTS}'!A1"
    cell.font, cell.alignment = LINK, Alignment(vertical="center", indent=1)
    sheet.column_dimensions[get_column_letter(width + 1)].width = 12


def _set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _set_printing(sheet: Worksheet, area: str) -> None:
    """No grid on the screen; of the area A4 landscape, one page wide."""
    sheet.sheet_view.showGridLines = False
    sheet.print_area = area
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.8, footer=0.4)
    sheet.oddFooter.center.text = say("page_of")


def _save(
    book: Workbook, path: Path, dated: datetime, fillings: Mapping[str, Filling], results: Results
) -> None:
    """Save with fixed dates and the result of each formula, known when its sheet is filled: openpyxl writes the time of
    saving, and no results.

    Programs that do not calculate would otherwise read the totals as blank.
    """
    book.properties.creator = "county-budget"
    book.properties.created = book.properties.modified = dated
    raw = BytesIO()
    writer = ExcelWriter(book, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED))
    writer.write_worksheet = partial(_write_in_turn, fillings, writer.write_worksheet)
    writer.save()
    by_part = {
        f"xl/worksheets/sheet{i}.xml": results.get(name, {}) for i, name in enumerate(book.sheetnames, 1)
    }
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in source.infolist():
            content = source.read(item)
            if by_part.get(item.filename):
                content = _with_results(content, by_part[item.filename])
            archive.writestr(zipfile.ZipInfo(item.filename, ARCHIVE_DATE), content, zipfile.ZIP_DEFLATED)


def _write_in_turn(
    fillings: Mapping[str, Filling], write: Callable[[Worksheet], None], sheet: Worksheet
) -> None:
    """Fill a sheet, write it and empty it: a county's cells, all at once, take more than anything else that is published."""
    fillings[sheet.title](sheet)
    write(sheet)
    sheet._cells.clear()


def _with_results(content: bytes, results: Mapping[str, Decimal]) -> bytes:
    def filled(found: re.Match[str]) -> str:
        cell, attributes, text = found.groups()
        return f'<c r="{cell}"{attributes}><f>{text}</f><v>{results[cell]}</v></c>'

    return FORMULA_CELL.sub(filled, content.decode("utf-8")).encode("utf-8")
