"""What a second look adds to a reading: problems SUB-10 to SUB-15 and SUB-18, and cells no reader of values sees."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from transforms.forensics import SheetTroubles, inspect
from transforms.layout import cell_text
from transforms.money import parse_number
from transforms.tidy import Problem, Tidied, raw_text
from transforms.workbook import Cell, Sheet, address, position

_PLACEHOLDER = re.compile(r"[X×Ｘ]{2,}|[xｘ],[xｘ]{3}|待填写|待补充|待定|\*{3,}")
_NOISE = Decimal("0.005")


def second_look(path: Path, sheets: list[Sheet]) -> Tidied:
    """The problems and the otherwise invisible cells of a workbook."""
    troubles = inspect(path)
    out = Tidied()
    if troubles.external_links:
        out.problems.append(Problem("SUB-13", "", "", "", "", ""))
    if troubles.macros:
        out.problems.append(Problem("SUB-14", "", "", "", "", ""))
    for sheet in sheets:
        found = troubles.sheets.get(sheet.name, SheetTroubles())
        _hidden(out, sheet, found)
        _unresolved(out, sheet, found)
        _sums(out, sheet, found.formulas)
        _placeholders(out, sheet)
    return out


def _placeholders(out: Tidied, sheet: Sheet) -> None:
    """Texts that a template left for the department to fill in, the first of each sheet."""
    for r, c, value in sheet.filled():
        if isinstance(value, str) and (match := _PLACEHOLDER.search(value)):
            out.problems.append(Problem("SUB-18", sheet.name, address(r, c), match[0], "", ""))
            return


def _sums(out: Tidied, sheet: Sheet, formulas: dict[str, str]) -> None:
    """Plain sums whose stored result is stale, and numbers typed where the neighbours on both sides are sums."""
    for cell, formula in formulas.items():
        terms = list(sum_terms(formula))
        stated = parse_number(sheet.at(*position(cell)))
        total = sum((parse_number(sheet.at(*term)) or Decimal(0) for term in terms), Decimal(0))
        if terms and stated is not None and abs(stated - total) > _NOISE:
            out.problems.append(
                Problem("SUB-15", sheet.name, cell, f"{stated}", f"{total}", f"公式为 ={formula}。")
            )
    sums = {position(cell) for cell, formula in formulas.items() if any(True for _ in sum_terms(formula))}
    for r, c in sorted((r, c + 1) for r, c in sums if (r, c + 2) in sums and (r, c + 1) not in sums):
        if address(r, c) not in formulas and parse_number(sheet.at(r, c)) is not None:
            detail = "左右两格均为求和公式，本格却是填写的数字。"
            out.problems.append(
                Problem("SUB-15", sheet.name, address(r, c), raw_text(sheet.at(r, c)), "求和公式", detail)
            )


def sum_terms(formula: str) -> Iterable[Cell]:
    """The cells that a plain sum adds: SUM of ranges and cells, or cells joined by +; none for any other formula.

    >>> list(sum_terms("SUM(B2:B3,B5)")), list(sum_terms("B2+C2")), list(sum_terms("B2*2"))
    ([(1, 1), (2, 1), (4, 1)], [(1, 1), (1, 2)], [])
    """
    words = formula.replace("$", "").replace(" ", "")
    inside = re.fullmatch(r"SUM\(([A-Z0-9:,]+)\)", words)
    parts = inside[1].split(",") if inside else words.split("+")
    ranges = [re.fullmatch(r"([A-Z]{1,3}\d{1,7})(?::([A-Z]{1,3}\d{1,7}))?", part) for part in parts]
    if not all(ranges) or (not inside and len(parts) < 2):
        return
    for match in ranges:
        assert match
        (top, left), (bottom, right) = position(match[1]), position(match[2] or match[1])
        yield from ((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))


def _unresolved(out: Tidied, sheet: Sheet, troubles: SheetTroubles) -> None:
    """Formula cells without a result and error cells: blank to the reader, but not empty."""
    for rule_id, cells in (("SUB-12", troubles.errors), ("SUB-11", troubles.unresolved)):
        for cell, text in cells.items():
            row, column = position(cell)
            if sheet.at(row, column) == "":
                out.problems.append(Problem(rule_id, sheet.name, cell, text, "", ""))
                out.ledger[sheet.name, row, column] = ("unread", "", "no value", text)


def _hidden(out: Tidied, sheet: Sheet, found: SheetTroubles) -> None:
    """Figures where nobody sees them, one problem a sheet, row or column."""
    if not (sheet.hidden or found.hidden_rows or found.hidden_columns):
        return
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
