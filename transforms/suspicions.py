"""What a second look at the package adds to a reading: problems SUB-10 to SUB-14, and cells no reader of values sees."""

from pathlib import Path

from transforms.forensics import SheetTroubles, Troubles, inspect
from transforms.layout import cell_text
from transforms.tidy import Problem, Tidied, raw_text
from transforms.workbook import Sheet, address, position


def second_look(path: Path, sheets: list[Sheet]) -> Tidied:
    """The problems and the otherwise invisible cells of a workbook."""
    troubles = inspect(path)
    out = Tidied()
    if troubles.external_links:
        out.problems.append(Problem("SUB-13", "", "", "", "", ""))
    if troubles.macros:
        out.problems.append(Problem("SUB-14", "", "", "", "", ""))
    for sheet in sheets:
        _hidden(out, sheet, troubles)
        _unresolved(out, sheet, troubles.sheets.get(sheet.name, SheetTroubles()))
    return out


def _unresolved(out: Tidied, sheet: Sheet, troubles: SheetTroubles) -> None:
    """Formula cells without a result and error cells: blank to the reader, but not empty."""
    for rule_id, cells in (("SUB-12", troubles.errors), ("SUB-11", troubles.unresolved)):
        for cell, text in cells.items():
            row, column = position(cell)
            if sheet.at(row, column) == "":
                out.problems.append(Problem(rule_id, sheet.name, cell, text, "", ""))
                out.ledger[sheet.name, row, column] = ("unread", "", "no value", text)


def _hidden(out: Tidied, sheet: Sheet, troubles: Troubles) -> None:
    """Figures where nobody sees them, one problem a sheet, row or column."""
    found = troubles.sheets.get(sheet.name, SheetTroubles())
    seen = set()
    for r, c, value in sheet.filled():
        if cell_text(value):
            continue
        where = _hiding_place(sheet, found, r, c)
        if where and where not in seen:
            seen.add(where)
            out.problems.append(Problem("SUB-10", sheet.name, address(r, c), raw_text(value), "", where))


def _hiding_place(sheet: Sheet, found: SheetTroubles, row: int, column: int) -> str:
    if sheet.hidden:
        return "整张工作表被隐藏。"
    if row in found.hidden_rows:
        return f"第 {row + 1} 行被隐藏。"
    return f"{address(row, column).rstrip('0123456789')} 列被隐藏。" if column in found.hidden_columns else ""
