"""What a second look adds to a reading: problems SUB-10 to SUB-15, SUB-18 and SUB-20, and cells no reader of values sees."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from transforms.files.forensics import CLEAN, SheetTroubles
from transforms.files.number_formats import is_scaling, units_in
from transforms.files.opening import Opened
from transforms.files.refusals import limits
from transforms.money import parse_number
from transforms.tables.yields import Problem, Tidied
from transforms.wording.messages import message
from transforms.wording.patterns import pattern
from transforms.wording.telling import Telling
from transforms.wording.text import compact
from transforms.wording.words import cell_text
from transforms.workbook import Cell, Sheet, address, position, raw_text

_PLACEHOLDER, _FIGURE = pattern("left_open"), pattern("figure_in_words")
_NOISE = Decimal("0.005")
_SHOWN_COMMENT = 60
_MOST_TERMS = 10_000


def second_look(book: Opened) -> Tidied:
    """The problems of a workbook, and in the ledger its cells that no reader of values sees."""
    out = Tidied()
    if book.troubles.external_links:
        out.problems.append(Problem("SUB-13", "", "", "", "", ""))
    if book.troubles.macros:
        out.problems.append(Problem("SUB-14", "", "", "", "", ""))
    for sheet in book.sheets:
        found = book.looked.get(sheet.name, CLEAN)
        _hidden(out, sheet, found)
        if found is not CLEAN:
            _comments(out, sheet, found)
            _unresolved(out, sheet, found)
            _sums(out, sheet, found.formulas)
            _scaled(out, sheet, found.scaled)
        _placeholders(out, sheet)
    out.problems = bounded(out.problems, limits().problems)
    return out


def bounded(problems: list[Problem], most: int) -> list[Problem]:
    """At most so many problems of one rule; the last of them says how many more there are."""
    counts = Counter(problem.rule_id for problem in problems)
    kept: Counter[str] = Counter()
    shown = []
    for problem in problems:
        kept[problem.rule_id] += 1
        more = counts[problem.rule_id] - most
        if kept[problem.rule_id] == most and more > 0:
            problem = replace(problem, detail=problem.detail + message("more_of_it", count=more))
        if kept[problem.rule_id] <= most:
            shown.append(problem)
    return shown


def _comments(out: Tidied, sheet: Sheet, found: SheetTroubles) -> None:
    """Comments that carry figures: printed they are gone, and no table has them."""
    for cell, text in found.comments.items():
        if figure := _FIGURE.search(text):
            detail = message("comment", text=text[:_SHOWN_COMMENT])
            out.problems.append(Problem("SUB-10", sheet.name, cell, figure[0], "", detail))


def _placeholders(out: Tidied, sheet: Sheet) -> None:
    """Texts that a template left for the department to fill in, the first of each sheet."""
    if not _PLACEHOLDERS.among(sheet.texts):
        return
    for r, c, value in sheet.filled():
        if isinstance(value, str) and (found := _left_open(value)):
            out.problems.append(Problem("SUB-18", sheet.name, address(r, c), found, "", ""))
            return


def _left_open(text: str) -> str:
    """The part of a text that stands for what is still to be filled in."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else ""


_PLACEHOLDERS = Telling(_left_open)


def _sums(out: Tidied, sheet: Sheet, formulas: dict[str, str]) -> None:
    """Plain sums whose stored result is stale, and numbers typed where the neighbours on both sides are sums."""
    for cell, formula in formulas.items():
        terms = list(sum_terms(formula))
        stated = parse_number(sheet.at(*position(cell)))
        total = sum((parse_number(sheet.at(*term)) or Decimal(0) for term in terms), Decimal(0))
        if terms and stated is not None and abs(stated - total) > _NOISE:
            told = message("formula", formula=formula)
            out.problems.append(Problem("SUB-15", sheet.name, cell, f"{stated}", f"{total}", told))
    sums = {position(cell) for cell, formula in formulas.items() if any(True for _ in sum_terms(formula))}
    for (r, c), sides in sorted(_between(sums).items()):
        if address(r, c) not in formulas and parse_number(sheet.at(r, c)) is not None:
            typed, told = raw_text(sheet.at(r, c)), message("between_sums", sides=sides)
            out.problems.append(Problem("SUB-15", sheet.name, address(r, c), typed, message("a_sum"), told))


def _scaled(out: Tidied, sheet: Sheet, formats: dict[str, str]) -> None:
    """Numbers that are shown divided by a power of ten, or in a unit that the sheet does not name: one problem of each."""
    figures = [
        cell for cell in formats if isinstance(value := sheet.at(*position(cell)), float | int) and value
    ]
    divided = [cell for cell in figures if is_scaling(formats[cell])]
    _shown_otherwise(out, sheet, divided, formats, "scaled")
    if named := {unit for text in sheet.texts for unit in units_in(compact(text))} if figures else set():
        others = [cell for cell in figures if not named.issuperset(units_in(formats[cell]))]
        _shown_otherwise(out, sheet, [c for c in others if c not in divided], formats, "other_unit")


def _shown_otherwise(out: Tidied, sheet: Sheet, cells: list[str], formats: dict[str, str], why: str) -> None:
    if cells:
        told = message(why, format=formats[cells[0]], count=len(cells))
        held = raw_text(sheet.at(*position(cells[0])))
        out.problems.append(Problem("SUB-20", sheet.name, cells[0], held, "", told))


def _between(sums: set[Cell]) -> dict[Cell, str]:
    """The cells with a sum on both sides that are none themselves, and on which sides."""
    above = {(r + 1, c): message("above_and_below") for r, c in sums if (r + 2, c) in sums}
    beside = {(r, c + 1): message("on_both_sides") for r, c in sums if (r, c + 2) in sums}
    return {cell: sides for cell, sides in (above | beside).items() if cell not in sums}


def sum_terms(formula: str) -> Iterable[Cell]:
    """The cells that a plain sum adds: SUM of ranges and cells, or cells joined by +; none for any other formula.

    None either for a sum over more cells than any budget form has.

    >>> list(sum_terms("SUM(B2:B3,B5)")), list(sum_terms("B2+C2")), list(sum_terms("B2*2"))
    ([(1, 1), (2, 1), (4, 1)], [(1, 1), (1, 2)], [])
    """
    words = formula.replace("$", "").replace(" ", "")
    inside = re.fullmatch(r"SUM\(([A-Z0-9:,]+)\)", words)
    parts = inside[1].split(",") if inside else words.split("+")
    ranges = [re.fullmatch(r"([A-Z]{1,3}\d{1,7})(?::([A-Z]{1,3}\d{1,7}))?", part) for part in parts]
    if not all(ranges) or (not inside and len(parts) < 2):
        return
    corners = [(position(match[1]), position(match[2] or match[1])) for match in ranges if match]
    if sum((bottom - top + 1) * (right - left + 1) for (top, left), (bottom, right) in corners) > _MOST_TERMS:
        return
    for (top, left), (bottom, right) in corners:
        yield from ((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))


def _unresolved(out: Tidied, sheet: Sheet, troubles: SheetTroubles) -> None:
    """Formula cells without a result and error cells: blank to the reader, but not empty."""
    for rule_id, cells in (("SUB-12", troubles.errors), ("SUB-11", troubles.unresolved)):
        for cell, text in cells.items():
            row, column = position(cell)
            if sheet.at(row, column) == "":
                out.problems.append(Problem(rule_id, sheet.name, cell, text, "", ""))
                out.ledger.unread(sheet, (row, column), "no value", text)


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
        return message("hidden_sheet")
    if row in found.hidden_rows:
        return message("hidden_row", number=row + 1)
    letters = address(row, column).rstrip("0123456789")
    return message("hidden_column", column=letters) if column in found.hidden_columns else ""
