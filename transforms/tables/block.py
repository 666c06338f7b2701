"""One table on a sheet: where its header, its data and its notes lie, and what stands in its columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from operator import attrgetter

from transforms.once import once
from transforms.tables.header import head_of
from transforms.tables.line import Line, line_of
from transforms.wording.words import WORDS
from transforms.workbook import Cell, Sheet


@dataclass
class Block:
    """One table on a sheet. `preamble` and `notes` are cells, `above` texts outside the sheet, the others row indices;
    `worded` are the rows of `data` without figures. `upright`: the table as it stands, where this is it on its side.
    """

    sheet: Sheet
    preamble: list[Cell] = field(default_factory=list)
    header: list[int] = field(default_factory=list)
    numbering: list[int] = field(default_factory=list)
    data: list[int] = field(default_factory=list)
    worded: list[int] = field(default_factory=list)
    notes: list[Cell] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    contents: dict[int, tuple[int, int]] = field(default_factory=dict)
    above: tuple[str, ...] = ()
    upright: "Block | None" = None

    def texts_above(self) -> list[str]:
        """What stands above the header: titles, declarations."""
        return [*self.above, *(str(self.sheet.at(*cell)) for cell in self.preamble)]

    def header_texts(self) -> list[str]:
        """The words of the header's cells, row by row."""
        return [text for row in self.header for _, text in self.line(row).texts]

    def with_data(self, data: list[int]) -> "Block":
        """The same table with some of its data rows only."""
        return replace(self, data=data, worded=[row for row in self.worded if row in data], contents={})

    def line(self, row: int) -> Line:
        """What a row of the table, or above it, holds."""
        return line_of(tuple(self.sheet.rows[row]))

    @once
    def columns(self) -> list[tuple[object, ...]]:
        """The values of the data rows, column by column; asked for once the block is whole."""
        return list(zip_longest(*(self.sheet.rows[r] for r in self.data), fillvalue=""))

    @once
    def naming(self) -> frozenset[int]:
        """The columns of codes, names, numbering and texts; asked for once the header is whole."""
        return head_of(self.sheet, self.header).naming

    def column(self, index: int) -> tuple[object, ...]:
        """The values of one column of the data."""
        return self.columns[index] if 0 <= index < len(self.columns) else ()

    def texts_in(self, index: int) -> set[str]:
        """The different texts of one column of the data."""
        return {value for value in self.column(index) if isinstance(value, str) and value}

    def values_in(self, indices: Sequence[int]) -> Iterable[tuple[object, ...]]:
        """The values of some columns, row by row of the data."""
        blank = ("",) * len(self.data)
        columns = [self.column(index) or blank for index in indices]
        return zip(*columns, strict=True) if columns else [()] * len(self.data)

    def types(self, index: int) -> set[type]:
        """The types of the values of one column of the data."""
        return set(map(type, self.column(index)))

    def is_blank(self, index: int) -> bool:
        """Whether a column of the data holds nothing."""
        return {""}.issuperset(self.column(index))

    def content(self, index: int) -> tuple[int, int]:
        """How many data cells of a column hold words (totals and fillers apart) and how many hold figures."""
        if index not in self.contents:
            self.contents[index] = content_of(self.column(index))
        return self.contents[index]


def content_of(column: tuple[object, ...]) -> tuple[int, int]:
    """How many values are words (totals and fillers apart) and how many are figures."""
    texts = [value for value in column if value.__class__ is not float]
    words = [WORDS[value if value.__class__ is str else str(value)] for value in texts]
    figures = len(column) - len(texts) + sum(map(_IS_FIGURE, words))
    return sum(map(_NAMES, words)), figures


_NAMES, _IS_FIGURE = attrgetter("names"), attrgetter("is_figure")
