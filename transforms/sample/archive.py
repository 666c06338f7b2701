"""Writes pages as a workbook, and paragraphs as a document, whose bytes depend on nothing but its content."""

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from transforms.sample.lists import settings
from transforms.sample.page import Page

MOMENT = (2020, 1, 1, 0, 0, 0)
STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
TITLE = Font(bold=True, size=14)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
PHANTOM = PatternFill("solid", fgColor="FFFFFFFF")


def workbook_bytes(pages: Sequence[Page], phantom: str = "") -> bytes:
    """The workbook as a file; `phantom` names an empty formatted cell that widens its first sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.name)
        _fill(sheet, page)
    if phantom:
        book.worksheets[0][phantom].fill = PHANTOM
    buffer = BytesIO()
    book.save(buffer)
    return _timeless(buffer.getvalue())


def document_bytes(paragraphs: Sequence[str], form: str) -> bytes:
    """A document as a file: `docx`, or text in the encoding that `form` names."""
    if form != "docx":
        return "\n".join(paragraphs).encode(form)
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in paragraphs
    )
    parts = {name: text.format(body=body) for name, text in settings("docx").items()}
    result = BytesIO()
    with zipfile.ZipFile(result, "w") as target:
        for name, text in parts.items():
            target.writestr(_entry(name), text.encode())
    return result.getvalue()


def _fill(sheet: Worksheet, page: Page) -> None:
    for (row, column), value in page.cells.items():
        cell = sheet.cell(row, column, value)
        if (row, column) in page.amounts and isinstance(value, float):
            cell.number_format = page.number_format
    for top, left, bottom, right in page.merges:
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        sheet.cell(top, left).alignment = CENTRED
    if "title" in page.marks:
        sheet.cell(*page.marks["title"]).font = TITLE
    if page.hidden:
        sheet.sheet_state = "hidden"
    for column in range(1, 1 + max((column for _, column in page.cells), default=1)):
        sheet.column_dimensions[get_column_letter(column)].width = 16


def _timeless(content: bytes) -> bytes:
    """The archive with every date in it replaced by a fixed one."""
    result = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = STAMPS.sub(rb"\g<1>2020-01-01T00:00:00Z\g<2>", part)
            target.writestr(_entry(name), part)
    return result.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
