"""Tables of different forms side by side on one sheet, each under its own title: a sheet for each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from transforms import common_words
from transforms.tables.line import DECLARATION
from transforms.tables.titles import title_of
from transforms.wording.telling import Telling
from transforms.wording.text import compact
from transforms.workbook import Sheet

_LAST = 40  # rows in which titles are looked for
_HEAD = 6  # rows from a title on in which the header begins


def apart(sheet: Sheet) -> list[Sheet]:
    """The sheet, or one for each of the tables that stand side by side on it; every cell keeps its address."""
    place = next(_places(sheet), None)
    if place is None:
        return [sheet]
    row, column = place
    row = _first_parted(sheet, row, column)
    left = [*sheet.rows[:row], *(values[:column] for values in sheet.rows[row:])]
    right = [*([] for _ in sheet.rows[:row]), *(_from(values, column) for values in sheet.rows[row:])]
    inside = {merge for merge in sheet.merges if merge[0] >= row and merge[1] >= column}
    others = tuple(merge for merge in sheet.merges if merge not in inside)
    above = tuple(text for text in _texts(sheet.rows[:row]) if not title_of([text])[1])
    beside = Sheet(sheet.name, right, tuple(m for m in sheet.merges if m in inside), sheet.hidden, above)
    return [replace(sheet, rows=left, merges=others), *apart(beside)]


def _first_parted(sheet: Sheet, row: int, column: int) -> int:
    """The row from which on two tables stand apart: that of the titles, or what is declared on both sides above them."""
    while row and all(map(_declares, (sheet.rows[row - 1][:column], sheet.rows[row - 1][column:]))):
        row -= 1
    return row


def _declares(values: list[object]) -> bool:
    return any(DECLARATION.search(compact(value)) for value in values if isinstance(value, str))


def _from(values: list[object], column: int) -> list[object]:
    return [""] * min(column, len(values)) + values[column:]


def _texts(rows: Iterable[list[object]]) -> Iterator[str]:
    return (value for values in rows for value in values if isinstance(value, str) and value)


def _places(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """(row, column) where the titles of two forms stand in one row, and in which column the second table begins."""
    titles = {text: title_of([text])[1] for text in _TITLES.those(sheet.texts)}
    if len(set(titles.values())) < 2:
        return
    for row, values in enumerate(sheet.rows[:_LAST]):
        titled = [(c, titles[v]) for c, v in enumerate(values) if v.__class__ is str and v in titles]
        for (first, form), (second, other) in pairwise(titled):
            if form != other and (begin := _begin(sheet, row, first, second)) is not None:
                yield row, begin


def _is_title(text: str) -> bool:
    ends = (common_words.shared_words().table, ")", "）")
    return text.endswith(ends) and bool(title_of([text])[1])


_TITLES = Telling(_is_title)


def _begin(sheet: Sheet, row: int, first: int, second: int) -> int | None:
    """The column from which on the second of two titled tables stands, figures standing on both sides: the last between
    the titles that is blank below, else that of the second title, where codes or names stand below it.
    """
    below = sheet.rows[row:]
    begin = next((gap for gap in range(second - 1, first, -1) if _is_gap(sheet, row, gap)), second)
    if begin == second and not _names_rows(sheet, row, second):
        return None
    sides = [v for values in below for v in values[:begin]], [v for values in below for v in values[begin:]]
    return begin if all(any(v.__class__ is float for v in side) for side in sides) else None


def _is_gap(sheet: Sheet, row: int, column: int) -> bool:
    """Whether a column is blank from a row on."""
    spanned = any(m[1] <= column <= m[3] for m in sheet.merges if m[0] >= row)
    return not spanned and all(len(values) <= column or values[column] == "" for values in sheet.rows[row:])


def _names_rows(sheet: Sheet, row: int, column: int) -> bool:
    """Whether a table may begin in a column below a title there: its heading is of codes or names, no merged range goes
    across its left side, and no title above says that both sides are one table.
    """
    headed = any(
        common_words.kinds_of(str(values[column])) & {"code", "label"}
        for values in sheet.rows[row + 1 : row + _HEAD]
        if column < len(values)
    )
    across = any(m[1] < column <= m[3] for m in sheet.merges if m[0] >= row)
    return headed and not across and not title_of(list(_texts(sheet.rows[:row])))[1]
