"""Title, body and unit above a table, and the note below an empty one."""

from transforms.sample.page import Page
from transforms.sample.sheet import Sheet, Sums

LONGEST_SHEET_NAME = 31


def new_page(sheet: Sheet) -> Page:
    return Page(_sheet_name(sheet), sheet.form, sheet.unit, body=sheet.body.name)


def _sheet_name(sheet: Sheet) -> str:
    kind = "title" if _heading(sheet) == "sheet_name" else sheet.style["sheet_names"]
    names = {
        "number": sheet.spec.get("number", f"公开{sheet.ordinal:02}表"),
        "plain": f"表{sheet.ordinal}",
        "title": sheet.title,
        "ordinal_title": f"{sheet.ordinal}.{sheet.title}",
        "ordinal_table": f"{sheet.ordinal}.表{sheet.ordinal}",
    }
    return str(names[kind])[:LONGEST_SHEET_NAME]


def _heading(sheet: Sheet) -> str:
    """Where the title stands; one that is too long for the name of a sheet stands in a row."""
    wanted = sheet.style["heading"]
    return "rows" if wanted == "sheet_name" and len(sheet.title) > LONGEST_SHEET_NAME else wanted


def _body_text(sheet: Sheet) -> tuple[str, str]:
    marks = sheet.family["body_marks"][sheet.body.scope]
    mark = marks[int(sheet.body.code) % len(marks)]
    code = sheet.body.code if sheet.family["prints_code"] else ""
    return str(mark), f"{code}{sheet.body.name}"


def unit_text(sheet: Sheet) -> str:
    return sheet.style["unit_note"].format(unit=sheet.unit)


def lay_heading(page: Page, sheet: Sheet, width: int) -> int:
    """Title, body and unit above the table; gives the row of the header."""
    width = max(width, 3)
    page.marks["title"] = (1, 1)
    if _heading(sheet) == "one_cell":
        return _lay_one_cell(page, sheet, width)
    row = 1
    if _heading(sheet) == "rows":
        row = _lay_title(page, sheet, width)
    _lay_body(page, sheet, row, width)
    return row + 1


def _lay_title(page: Page, sheet: Sheet, width: int) -> int:
    row = 1
    if sheet.style["form_numbers"] == "above" and "number" in sheet.spec:
        page.put(1, 1, sheet.spec["number"])
        row = 2
    page.marks["title"] = (row, 1)
    page.put(row, 1, sheet.title)
    page.merge(row, 1, row, width)
    return row + 1


def _lay_one_cell(page: Page, sheet: Sheet, width: int) -> int:
    mark, body = _body_text(sheet)
    number = [sheet.spec["number"]] if "number" in sheet.spec else []
    page.put(1, 1, "\n".join([sheet.title, *number, f"{mark}{body} {unit_text(sheet)}"]))
    page.merge(1, 1, 1, width)
    page.marks |= {"unit": (1, 1), "body": (1, 1)}
    return 2


def _lay_body(page: Page, sheet: Sheet, row: int, width: int) -> None:
    mark, body = _body_text(sheet)
    room = width - 1 - (sheet.style["unit_cells"] == "broken")
    place = sheet.style["body_cell"] if room >= 2 else "joined"
    cells = {
        "joined": [f"{mark}{body}"],
        "next_cell": [mark, body],
        "broken": [f"{mark}{body[:-2]}", body[-2:]],
    }[place]
    for column, text in enumerate(cells, 1):
        page.put(row, column, text)
    page.marks["body"] = (row, 2 if place == "next_cell" else 1)
    _lay_unit(page, sheet, row, width)


def _lay_unit(page: Page, sheet: Sheet, row: int, width: int) -> None:
    text = unit_text(sheet)
    page.marks["unit"] = (row, width)
    if sheet.style["unit_cells"] == "broken" and width > 3 and len(sheet.unit) > 1:
        page.put(row, width - 1, text[:-1])
        page.put(row, width, text[-1:])
        page.marks["unit_start"] = (row, width - 1)
    else:
        page.put(row, width, text)


def lay_note(page: Page, sheet: Sheet, sums: Sums) -> None:
    if not sums and sheet.style["empty_notes"] == "printed" and "subject" in sheet.spec:
        row = page.last_row + 1
        page.put(row, 1, sheet.words(sheet.family["empty_note"]))
        page.marks["note"] = (row, 1)
