"""Tables of function and of economic codes."""

from collections import Counter
from collections.abc import Callable, Sequence

from transforms.sample.heading import lay_heading, lay_note, new_page
from transforms.sample.lists import economic_names, function_name, settings
from transforms.sample.page import Column, Entry, Figure, Page, Row, lay_header, lay_rows
from transforms.sample.sheet import (
    Columns,
    Sheet,
    Sums,
    columns_of,
    economic_sums,
    function_sums,
    lines_of,
    printed_value,
)

REPEAT_AFTER = 15


def lay_functions(sheet: Sheet) -> list[Page]:
    """A table of function codes."""
    sums = function_sums(lines_of(sheet.budget, sheet.spec["money"]), sheet.spec["by"])
    return [_lay_codes(sheet, sums, lambda code: function_name(code, sheet.edition), (3, 2, 2))]


def lay_economics(sheet: Sheet) -> list[Page]:
    """A table of economic codes."""
    sums = economic_sums(sheet.budget, sheet.spec["money"])
    return [_lay_codes(sheet, sums, lambda code: economic_names()[code], (3, 2))]


def _lay_codes(sheet: Sheet, sums: Sums, name_of: Callable[[str], str], widths: tuple[int, ...]) -> Page:
    columns = columns_of(sheet.spec["columns"], sheet)
    layout = sheet.style["code_layouts"]
    split = layout.startswith("split")
    columns = _split_columns(columns, widths) if split else columns
    page = new_page(sheet)
    codes = [code for code in sorted(sums) if code != "total"]
    if layout == "joined":
        codes = [code for code in codes if len(code) == sum(widths)]
    keys = [column.key for column in columns if not column.key.startswith("code") and column.key != "name"]
    rows = [
        Row((*_code_cells(code, layout, widths), name_of(code), *_figures(sheet, sums, code, keys)))
        for code in codes
    ]
    rows = _with_fillers(rows, sheet, len(columns))
    total = _total_row(sheet, sums, keys, len(columns))
    rows = [total, *rows] if sheet.style["total_positions"] == "top" else [*_padded(rows, sheet), total]
    _lay_numbered(page, sheet, columns, rows)
    lay_note(page, sheet, sums)
    return page


def _split_columns(columns: Columns, widths: tuple[int, ...]) -> Columns:
    levels = ("类", "款", "项")[: len(widths)]
    code, rest = columns[0], columns[1:]
    return [Column(f"code_{level}", (*code.head, level)) for level in levels] + rest


def _code_cells(code: str, layout: str, widths: tuple[int, ...]) -> tuple[Entry, ...]:
    if not layout.startswith("split"):
        return (int(code) if layout == "growing_mixed" and len(code) == 3 else code,)
    cells: list[Entry] = []
    for width in widths:
        piece, code = code[:width], code[width:]
        as_number = bool(piece) and (layout == "split_number" or len(piece) == 3)
        cells.append(int(piece) if as_number else piece or None)
    return tuple(cells)


def _figures(sheet: Sheet, sums: Sums, code: str, keys: Sequence[str]) -> list[Figure]:
    amounts = sums.get(code, Counter())
    return [Figure(printed_value(amounts, key), (sheet.form, "", code, key)) for key in keys]


def _total_row(sheet: Sheet, sums: Sums, keys: Sequence[str], width: int) -> Row:
    labels = width - len(keys)
    merged = ((0, labels - 1),) if sheet.style["numbering_column"] == "none" else ()
    entries: list[Entry] = [sheet.style["total_labels"], *[None] * (labels - 1)]
    return Row((*entries, *_figures(sheet, sums, "total", keys)), merged)


def _with_fillers(rows: list[Row], sheet: Sheet, width: int) -> list[Row]:
    kind = sheet.style["filler_rows"]
    if kind == "none" or not rows:
        return rows
    if kind == "blank":
        middle = len(rows) // 2
        return [*rows[:middle], Row((None,) * width), *rows[middle:]]
    dots = settings("traps")["filler"]
    return [*rows, Row((dots, dots, *[None] * (width - 2)))]


def _padded(rows: list[Row], sheet: Sheet) -> list[Row]:
    """Blank rows up to the least number of rows the printed form has."""
    missing = int(sheet.spec.get("least_rows", 0)) - len(rows)
    return rows + [Row(())] * max(missing, 0)


def _lay_numbered(page: Page, sheet: Sheet, columns: Columns, rows: list[Row]) -> None:
    """Heading, header and rows, with a numbering column or row where the style has one."""
    marks = settings("traps")["numbering"]
    left = 1 if sheet.style["numbering_column"] == "none" else 2
    top = lay_heading(page, sheet, len(columns) + left - 1)
    if left == 2:
        depth = max(len(column.head) for column in columns)
        page.put(top, 1, marks["column"])
        page.merge(top, 1, top + depth - 1, 1)
    _lay_table(page, sheet, top, left, columns, rows)


def _lay_table(page: Page, sheet: Sheet, top: int, left: int, columns: Columns, rows: list[Row]) -> int:
    row = _lay_numbers(page, sheet, lay_header(page, top, left, columns, sheet.style), left, columns)
    if _repeats_header(sheet, rows):
        row = lay_rows(page, row, left, rows[:REPEAT_AFTER], sheet.style, sheet.zero)
        row = lay_header(page, row, left, columns, sheet.style)
        rows = rows[REPEAT_AFTER:]
    end = lay_rows(page, row, left, rows, sheet.style, sheet.zero)
    if left == 2:
        for count, number in enumerate(range(row, end), 1):
            page.put(number, 1, count)
    return end


def _repeats_header(sheet: Sheet, rows: Sequence[Row]) -> bool:
    """Printed forms repeat their header on the second page."""
    repeats = bool(sheet.spec.get("pages_repeat")) and int(sheet.body.code) % 2 == 0
    return repeats and len(rows) > REPEAT_AFTER + 2


def _lay_numbers(page: Page, sheet: Sheet, row: int, left: int, columns: Columns) -> int:
    if sheet.style["numbering_row"] == "none":
        return row
    labels = sum(column.key.startswith(("code", "name")) for column in columns)
    page.put(row, left, settings("traps")["numbering"]["row"])
    for count, index in enumerate(range(labels, len(columns)), 1):
        page.put(row, left + index, count)
    return row + 1
