"""What a document is made of: located passages and tables, in the order of reading."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from transforms.workbook import Cell, Sheet

# What stands for the name of a sheet where something is in the running text of a document.
BODY_TEXT = "正文"


@dataclass(frozen=True)
class Passage:
    """One paragraph as it reads, printed lines joined.

    `marks`: the offset in `text` at which each printed line or paragraph begins, with its place as people say it
    (第47行, 第12段); the first is at offset 0. `sheet` is that of a workbook where the prose stands in one, and
    the places are then cells.
    """

    text: str
    marks: tuple[tuple[int, str], ...]
    sheet: str = BODY_TEXT

    @property
    def place(self) -> str:
        """Where the passage begins."""
        return self.marks[0][1]

    def place_at(self, offset: int) -> str:
        """Where the character at an offset of the text stands.

        >>> Passage("预算共计1192.92万元", ((0, "第4行"), (4, "第5行"))).place_at(6)
        '第5行'
        """
        return self.marks[max(0, bisect_right(self.marks, offset, key=lambda mark: mark[0]) - 1)][1]

    def pieces(self) -> Iterator[tuple[str, str]]:
        """(place, text) of each printed line."""
        ends = [offset for offset, _ in self.marks[1:]] + [len(self.text)]
        for (start, place), end in zip(self.marks, ends, strict=True):
            yield place, self.text[start:end]

    def part(self, start: int, end: int | None = None) -> "Passage":
        """The passage from one offset to another, blanks around it left out, with its places.

        >>> Passage("机构设置： 秘书科", ((0, "第4行"),)).part(5)
        Passage(text='秘书科', marks=((0, '第4行'),), sheet='正文')
        """
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        inside = [(at - start, place) for at, place in self.marks if start < at < start + len(text)]
        return Passage(text, ((0, self.place_at(start)), *inside), self.sheet)


@dataclass(frozen=True)
class Table:
    """One table of a document as a sheet, so that forms in it are read as those of workbooks are.

    `places`: where each cell of the sheet stands as people say it (第155行, 第2行第4格).
    """

    sheet: Sheet
    places: Mapping[Cell, str]

    @property
    def place(self) -> str:
        """What the table is called: 表3 is the third of the document."""
        return self.sheet.name


Part = Passage | Table


@dataclass(frozen=True)
class Document:
    """The stream of a document's parts, and what is left out of it as (place, text, reason)."""

    name: str
    parts: tuple[Part, ...]
    left_out: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def passages(self) -> list[Passage]:
        """The parts that are text."""
        return [part for part in self.parts if isinstance(part, Passage)]

    @property
    def tables(self) -> list[Table]:
        """The parts that are tables."""
        return [part for part in self.parts if isinstance(part, Table)]
