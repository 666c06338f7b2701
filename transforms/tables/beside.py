"""Tables of different forms side by side on one sheet, each under its own title: a sheet for each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from transforms.tables.titles import title_of
from transforms.workbook import Sheet

_ENDS = ("表", ")", "）")  # of titles
_LAST = 40  # rows in which titles are looked for


def apart(sheet: Sheet) -> list[Sheet]:
    """The sheet, or one for each of the tables that stand side by side on it; every cell keeps its address."""
    place = next(_places(sheet), None)
    if place is None:
        return [sheet]
    row, column = place
    left = [*sheet.rows[:row], *(values[:column] for values in sheet.rows[row:])]
    right = [*([] for _ in sheet.rows[:row]), *(_from(values, column) for values in sheet.rows[row:])]
    inside = {merge for merge in sheet.merges if merge[0] >= row and merge[1] >= column}
    others = tuple(merge for merge in sheet.merges if merge not in inside)
    above = tuple(text for text in _texts(sheet.rows[:row]) if not title_of([text])[1])
    beside = Sheet(sheet.name, right, tuple(m for m in sheet.merges if m in inside), sheet.hidden, above)
    return [replace(sheet, rows=left, merges=others), *apart(beside)]


def _from(values: list[object], column: int) -> list[object]:
    return [""] * min(column, len(values)) + values[column:]


def _texts(rows: Iterable[list[object]]) -> Iterator[str]:
    return (value for values in rows for value in values if isinstance(value, str) and value)


def _places(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """(row, column) where the titles of two forms stand in one row, and which column the second table begins behind."""
    if len({title_of([text])[1] for text in sheet.texts if text.endswith(_ENDS)} - {""}) < 2:
        return
    for row, values in enumerate(sheet.rows[:_LAST]):
        ends = [c for c, v in enumerate(values) if v.__class__ is str and v.endswith(_ENDS)]
        if len(ends) < 2:
            continue
        titled = [(c, form) for c in ends if (form := title_of([str(values[c])])[1])]
        for (first, form), (second, other) in pairwise(titled):
            gap = _gap(sheet, row, first, second) if form != other else None
            if gap is not None:
                yield row, gap


def _gap(sheet: Sheet, row: int, first: int, second: int) -> int | None:
    """The last column between two that is blank from a row on, figures standing on both of its sides."""
    below = sheet.rows[row:]
    for gap in range(second - 1, first, -1):
        spanned = any(m[1] <= gap <= m[3] for m in sheet.merges if m[0] >= row)
        if not spanned and all(len(values) <= gap or values[gap] == "" for values in below):
            sides = (
                [v for values in below for v in values[:gap]],
                [v for values in below for v in values[gap:]],
            )
            return gap if all(any(v.__class__ is float for v in side) for side in sides) else None
    return None
