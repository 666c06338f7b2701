"""A page of the county workbook before it is written: headings, rows in 分, and which cells add up which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from openpyxl.utils import get_column_letter

Kind = Literal["text", "label", "money", "yuan", "number", "percent", "flag"]
Row = Sequence[object]
Place = tuple[int, int]
MOST_TERMS = 200


@dataclass(frozen=True)
class Heading:
    """One column of a page: money is in 分 and shown in 万元; yuan are shown as they are, texts among them as texts.

    A label is a text or a number of a few characters, such as a severity.
    """

    title: str
    kind: Kind = "text"
    width: int = 14


@dataclass(frozen=True)
class Terms:
    """Places, counted from 0, whose values are added, less those that are taken off."""

    plus: tuple[Place, ...]
    minus: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Page:
    """One sheet: title, headings, rows with their indents and which of them stand out; a total row last.

    `sums` says which money is the sum of which other; `remarks` are lines of text below the table; a `listing` is
    searched rather than read, so its headings filter it.
    """

    sheet: str
    title: str
    headings: Sequence[Heading]
    rows: Sequence[Row]
    unit: str = "单位：万元"
    indents: Sequence[int] = ()
    strong: frozenset[int] = field(default_factory=frozenset)
    sums: Mapping[Place, Terms] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    listing: bool = False


def sheet_name(title: str) -> str:
    """A sheet's name: short and without what spreadsheets forbid."""
    return title.replace("全县", "").replace("汇总表", "").replace("/", "")[:31]


def agreeing(page: Page) -> dict[Place, Terms]:
    """The sums of a page that give what stands in their cell, to the 分: only these become formulas.

    A code that a body gives without going deeper is in its class and in none of its parts.
    """
    return {
        place: terms
        for place, terms in page.sums.items()
        if len(terms.plus) + len(terms.minus) <= MOST_TERMS or _is_run(terms.plus)
        if _value(page.rows, place) == _sum(page.rows, terms.plus) - _sum(page.rows, terms.minus)
        and page.rows[place[0]][place[1]] is not None
    }


def formula(terms: Terms, first_row: int) -> str:
    """The formula of a sum, rounded to the 分 that 万元 has six decimals for.

    >>> formula(Terms(((0, 1), (1, 1), (2, 1))), 4), formula(Terms(((0, 1),), ((0, 2),)), 4)
    ('=ROUND(SUM(B4:B6),6)', '=ROUND(B4-C4,6)')
    """
    plus = _references(terms.plus, first_row)
    added = plus[0] if plus == [_reference(terms.plus[0], first_row)] else f"SUM({','.join(plus)})"
    taken = "".join(f"-{reference}" for reference in _references(terms.minus, first_row))
    return f"=ROUND({added}{taken},6)"


def total_of(parts: Iterable[int], total: int, columns: Iterable[int]) -> Iterator[tuple[Place, Terms]]:
    """The total row adds up these rows in these columns."""
    rows = list(parts)
    if rows:
        yield from (((total, column), Terms(tuple((row, column) for row in rows))) for column in columns)


def across(rows: Iterable[int], parts: Sequence[int], total: int) -> Iterator[tuple[Place, Terms]]:
    """In each row the column `total` adds up the columns `parts`."""
    if parts:
        yield from (((row, total), Terms(tuple((row, part) for part in parts))) for row in rows)


def less(rows: Iterable[int], gross: int, elimination: int, net: int) -> Iterator[tuple[Place, Terms]]:
    """In each row the column `net` is gross less elimination."""
    yield from (((row, net), Terms(((row, gross),), ((row, elimination),))) for row in rows)


def down_the_tree(indents: Sequence[int], columns: Sequence[int]) -> Iterator[tuple[Place, Terms]]:
    """Each row with deeper rows below it adds up those one level deeper; a total row at the end the top ones."""
    last = len(indents) - 1
    yield from total_of([i for i in range(last) if indents[i] == 0], last, columns)
    for row in range(last):
        yield from total_of(_children(indents, row), row, columns)


def _children(indents: Sequence[int], row: int) -> list[int]:
    children = []
    for below in range(row + 1, len(indents) - 1):
        if indents[below] <= indents[row]:
            break
        if indents[below] == indents[row] + 1:
            children.append(below)
    return children


def _references(places: Sequence[Place], first_row: int) -> list[str]:
    if len(places) > 1 and _is_run(places):
        return [f"{_reference(places[0], first_row)}:{_reference(places[-1], first_row)}"]
    return [_reference(place, first_row) for place in places]


def _reference(place: Place, first_row: int) -> str:
    return f"{get_column_letter(place[1] + 1)}{first_row + place[0]}"


def _is_run(places: Sequence[Place]) -> bool:
    """Whether the places are next to each other, down a column or along a row."""
    first = places[0] if places else (0, 0)
    down = [(first[0] + i, first[1]) for i in range(len(places))]
    along = [(first[0], first[1] + i) for i in range(len(places))]
    return list(places) in (down, along)


def _value(rows: Sequence[Row], place: Place) -> int:
    value = rows[place[0]][place[1]]
    return int(value) if isinstance(value, int) else 0


def _sum(rows: Sequence[Row], places: Sequence[Place]) -> int:
    return sum(_value(rows, place) for place in places)
