"""Where tables lie on a sheet: title lines, header rows, data rows and notes, by what the rows say.

A sheet is read from top to bottom. Lines before a header are its preamble (title, body, unit); a header is a run of
rows whose texts are header words; data follow until the next header, title or the end. No row or column number is
given anywhere.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from operator import attrgetter

from transforms import forms
from transforms.once import once
from transforms.text import bare, compact
from transforms.words import WORDS, cell_text
from transforms.workbook import Cell, Sheet

DECLARATION = re.compile(
    r"单位:(?:人民币)?(?:元|千元|万元|百万元|亿元)|^\(?(?:金额|计量)?单位:|^(?:编制|填报|预算|公开)?(?:部门|单位)(?:名称|编码|代码)?:"
    r"|^(?:编制|填报)(?:部门|单位)$|^(?:部门|单位)(?:名称|编码|代码)$"
    r"|^(?:部门)?公开(?:表)?[\d一二三四五六七八九十]+(?:表)?$|^附?表[\d一二三四五六七八九十]+(?:-\d+)?$|^(?:填报|编制|公开|截止|截至)?(?:日期|时间):?|^预算年度|^截[止至]"
)
NOTE = re.compile(
    r"^(?:注|备注|说明|附注)\d*[:.、]|^注\d|空表|无相关收支|^(?:本|我)(?:部门|单位)(?:20\d\d年度?)?(?:无|没有|未安排)"
)
PROSE_LENGTH = 60
WIDEST_DECLARATION = 4  # 部门名称 | 某局 | 部门代码 | 101
TITLE_END = re.compile(r".{5}表(?:\([^()]*\))?$")
_NUMBERING = re.compile(r"^(?:[A-Z]|\(?\d{1,2}\)?(?:=.*)?)$")
_NUMBERING_LABELS = frozenset({"栏次", "行次", "序号", "**", "列次", "类款项", "甲", "乙", "丙", "丁"})


class Line:
    """What one row holds, wherever it stands: (column, value, compact text) of each filled cell, '' as the text of
    a number, and what kind of row that makes it. Titles, units and headers recur; `line_of` knows them again.
    """

    def __init__(self, values: tuple[object, ...]) -> None:
        self.cells = [
            (c, value, cell_text(value))
            for c, value in enumerate(values)
            if value != "" and value is not None
        ]
        self.texts = [(column, text) for column, _, text in self.cells if text]
        self.figures = len(self.cells) - len(self.texts)

    @once
    def is_header(self) -> bool:
        """A row of header words: at least half of its texts, and two of them unless it stands alone."""
        if self.states_figures:
            return False
        known = sum(1 for _, text in self.texts if is_heading(text) and not text.endswith(":"))
        return known * 2 >= len(self.cells) and known >= min(2, len(self.cells))

    @once
    def names_years(self) -> bool:
        """Whether the row's numbers are years used as headings (2020 | 2019) beside header words."""
        numbers = [value for _, value, text in self.cells if not text]
        years = all(
            isinstance(value, float | int) and 1990 <= value <= 2100 and value == int(value)
            for value in numbers
        )
        return bool(numbers) and years and any(is_heading(text) for _, text in self.texts)

    @once
    def stray_figures(self) -> list[int]:
        """The columns of numbers that are no headings."""
        return [c for c, _, text in self.cells if not text] if self.states_figures else []

    @once
    def states_figures(self) -> bool:
        """Whether the row has numbers that are no headings."""
        return bool(self.figures) and not self.names_years

    @once
    def is_preamble(self) -> bool:
        """A line that declares title, body, unit or date."""
        if self.is_header:
            return False
        joined = "".join(text for _, text in self.texts)
        return any(DECLARATION.search(line) for line in self.lines) or bool(
            DECLARATION.search(joined) and len(self.cells) <= 6
        )

    @once
    def heads_codes(self) -> bool:
        """Whether the row heads the parts of codes (类 | 款 | 项), whatever stands beside."""
        return sum("code_part" in forms.kinds_of(text) for _, text in self.texts) > 1

    @once
    def may_head_only(self) -> bool:
        """Whether the row's texts, several and more than its figures, all are headings."""
        return len(self.texts) > max(1, self.figures) and all(is_heading(text) for _, text in self.texts)

    @once
    def is_filler(self) -> bool:
        """Whether the row only fills an empty table."""
        return all(text in forms.filler_words() for _, _, text in self.cells)

    @once
    def lines(self) -> list[str]:
        """The row's texts, and the lines of those that have several."""
        found = [text for _, text in self.texts]
        broken = [value for _, value, text in self.cells if text and isinstance(value, str) and "\n" in value]
        return found + [compact(line) for value in broken for line in value.split("\n")]

    @once
    def is_title(self) -> bool:
        """A single cell that holds a table's title, whether a form is called so or not."""
        return len(self.cells) == 1 and self._holds_title

    @once
    def is_numbered_title(self) -> bool:
        """A title with numbers behind it, as of the page."""
        return len(self.texts) == 1 and bool(self.cells[0][2]) and self._holds_title

    @once
    def _holds_title(self) -> bool:
        return any(
            TITLE_END.search(text) or any(words in text for words, _, _ in forms.titles())
            for text in self.lines
        )

    @once
    def is_note(self) -> bool:
        """A line of remarks or prose."""
        if self.figures or len(self.texts) != 1:
            return False
        text = self.texts[0][1]
        return bool(NOTE.search(text)) or len(text) > PROSE_LENGTH

    @once
    def is_numbering(self) -> bool:
        """The row under a header that numbers its columns (栏次 | 1 | 2 | 3)."""
        every = [_mark(value, text) for _, value, text in self.cells]
        marks = [mark for mark in every if mark not in _NUMBERING_LABELS]
        if not marks or len(every) < 2 or not all(_NUMBERING.match(mark) for mark in marks):
            return False
        digits = [re.match(r"\(?(\d+)", mark) for mark in marks]
        if not all(digits):
            return marks == [chr(ord("A") + n) for n in range(len(marks))]
        numbers = [int(match[1]) for match in digits if match]
        return numbers == list(range(1, len(numbers) + 1))

    @once
    def is_total(self) -> bool:
        """Whether the row's first text is the label of a printed total."""
        return bool(self.texts) and bare(self.texts[0][1]) in forms.total_words()


def _mark(value: object, text: str) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text or compact(str(value))


@lru_cache(maxsize=4096)
def line_of(values: tuple[object, ...]) -> Line:
    """The line of a row's values."""
    return Line(values)


@dataclass(slots=True)
class Row:
    """A row of a sheet that holds anything."""

    index: int
    line: Line

    def cells(self) -> list[Cell]:
        """The addresses of the filled cells."""
        return [(self.index, column) for column, _, _ in self.line.cells]


@dataclass
class Block:
    """One table on a sheet. `preamble` and `notes` are cells, the others row indices."""

    sheet: Sheet
    preamble: list[Cell] = field(default_factory=list)
    header: list[int] = field(default_factory=list)
    numbering: list[int] = field(default_factory=list)
    data: list[int] = field(default_factory=list)
    notes: list[Cell] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    contents: dict[int, tuple[int, int]] = field(default_factory=dict)

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

    def types(self, index: int) -> set[type]:
        """The types of the values of one column of the data."""
        return set(map(type, self.column(index)))

    def is_blank(self, index: int) -> bool:
        """Whether a column of the data holds nothing."""
        return {""}.issuperset(self.column(index))

    def content(self, index: int) -> tuple[int, int]:
        """How many data cells of a column hold words (totals and fillers apart) and how many hold figures."""
        if index not in self.contents:
            self.contents[index] = _content(self.column(index))
        return self.contents[index]


def _content(column: tuple[object, ...]) -> tuple[int, int]:
    texts = [value for value in column if value.__class__ is not float]
    words = [WORDS[value if value.__class__ is str else str(value)] for value in texts]
    figures = len(column) - len(texts) + sum(map(_IS_FIGURE, words))
    return sum(map(_NAMES, words)), figures


_NAMES, _IS_FIGURE = attrgetter("names"), attrgetter("is_figure")


def find_blocks(sheet: Sheet) -> tuple[list[Block], list[Cell]]:
    """The tables of a sheet in their order, and the cells that belong to none (prose, covers, contents)."""
    scanner = _Scanner(sheet)
    for index, values in enumerate(sheet.rows):
        scanner.take_values(index, values)
    return scanner.finish()


def _surely_figures(values: list[object]) -> bool:
    """Whether the row's first number shows that it holds figures; False where only a closer look can tell."""
    for value in values:
        if value.__class__ is float:
            return not 1990 <= value <= 2100
        if value.__class__ is str and value and not WORDS[value].words:
            return True
    return False


class _Scanner:
    """Reads rows in order; `block` is the table being read, `waiting` the lines seen since the last one."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.blocks: list[Block] = []
        self.block: Block | None = None
        self.waiting: list[Cell] = []
        self.pending: list[Row] = []

    def take_values(self, index: int, values: list[object]) -> None:
        """Take a row as the sheet has it; most are further lines of data and need no look at every cell."""
        if self.block and self.block.data and not self.pending and _surely_figures(values):
            self.block.data.append(index)
        elif (line := line_of(tuple(values))).cells:
            self.take(Row(index, line))

    def take(self, row: Row) -> None:
        if self.block is None:
            self._before_header(row)
        elif not self.block.data:
            self._in_header(row)
        else:
            self._in_data(row)

    def finish(self) -> tuple[list[Block], list[Cell]]:
        self._resolve_pending()
        return self.blocks, self.waiting

    def _before_header(self, row: Row) -> None:
        line = row.line
        if line.is_preamble or line.is_numbered_title or (not line.figures and not line.is_header):
            self.waiting += row.cells()
        elif line.is_header:
            self._open(row)
        else:
            self._open_headless(row)

    def _open(self, row: Row) -> None:
        upper = self._upper_header(row)
        preamble = [cell for cell in self.waiting if cell[0] not in upper]
        self.block = Block(self.sheet, preamble=preamble, header=[*upper, row.index])
        self.waiting = []
        self.blocks.append(self.block)

    def _upper_header(self, row: Row) -> list[int]:
        """The row right above a header that heads its columns too, in words of which most are unknown."""
        if not self.waiting or self.waiting[-1][0] != row.index - 1:
            return []
        above = line_of(tuple(self.sheet.rows[row.index - 1]))
        if above.figures:
            return []
        many = len(above.cells)
        headed = many > 2 or (many > 1 and any(is_heading(text) for _, text in above.texts))
        grown = any(top == row.index - 1 and bottom == row.index for top, _, bottom, _ in self.sheet.merges)
        stated = [text for _, text in above.texts if text.endswith(":") or not forms.kinds_of(text)]
        declares = any(DECLARATION.search(text) for text in stated)
        surely = not declares and (many > WIDEST_DECLARATION or (many > 1 and grown))
        return [row.index - 1] if surely or (headed and not above.is_preamble) else []

    def _open_headless(self, row: Row) -> None:
        self.block = Block(self.sheet, preamble=self.waiting, data=[row.index])
        self.waiting = []
        self.blocks.append(self.block)

    def _in_header(self, row: Row) -> None:
        assert self.block is not None
        line = row.line
        if line.is_numbering:
            self.block.numbering.append(row.index)
        elif line.is_note:
            self.block.notes += row.cells()
        elif line.is_preamble:
            self.block.preamble += row.cells()
        elif self._starts_data(line):
            self.block.data.append(row.index)
        else:
            self.block.header.append(row.index)

    def _starts_data(self, line: Line) -> bool:
        assert self.block is not None
        figures = line.states_figures or line.is_filler
        if line.heads_codes:
            return False
        if figures and not line.may_head_only:
            return True
        head = head_of(self.sheet, self.block.header)
        labelled, texts = head.labelled, head.texts
        if line.may_head_only and head.naming.isdisjoint(column for column, _ in line.texts):
            return False
        if figures:
            return True
        inside = [text for column, text in line.texts if column in head.naming]
        outside = [text for column, text in line.texts if column not in head.naming]
        if inside and outside and not any(map(names_column, inside)) and not any(map(is_heading, outside)):
            return True
        named = line.is_total and line.texts[0][0] <= max(labelled, default=line.texts[0][0])
        if named and len(line.texts) > 1 and not any(is_heading(text) for _, text in line.texts[1:]):
            return True
        if line.is_total and len(line.cells) == 1 and line.cells[0][0] in texts:
            return True
        words = line.texts[1:] if line.is_total else line.texts
        return not outside and not any(names_column(text) for _, text in words)

    def _in_data(self, row: Row) -> None:
        assert self.block is not None
        line = row.line
        if self.pending and line.is_numbering:
            self.pending.append(row)
        elif line.states_figures:
            self._take_figures(row)
        elif self.pending:
            self.pending.append(row)
        elif line.is_note:
            self.block.notes += row.cells()
        elif line.is_title or line.is_preamble or self._heads_again(line):
            self.pending.append(row)
        else:
            self.block.data.append(row.index)

    def _take_figures(self, row: Row) -> None:
        """A row of figures goes on with the table, unless the words before it began another one."""
        block = self.block
        self._resolve_pending()
        if self.block is block and block is not None:
            block.data.append(row.index)
        else:
            self.take(row)

    def _heads_again(self, line: Line) -> bool:
        """A row of header words below data: the header of the next page or of the next table."""
        assert self.block is not None
        words = [(column, text) for column, text in line.texts if is_heading(text)]
        if len(words) * 2 < len(line.cells) or line.is_total:
            return False
        structural = any(forms.kinds_of(text) - {"body"} for _, text in words)
        return structural or any(column not in self.block.naming for column, _ in words)

    def _resolve_pending(self) -> None:
        """Rows of words below data are either the same header once more or the start of another table."""
        if not self.pending:
            return
        rows, self.pending = self.pending, []
        block = self.block
        assert block is not None
        heads = [row.index for row in rows if not row.line.is_numbering]
        if header_signature(self.sheet, heads) == header_signature(self.sheet, block.header):
            block.repeated += [row.index for row in rows]
            return
        self.block = None
        for row in rows:
            self.take(row)


def is_heading(text: str) -> bool:
    """Whether a text is a header word of some form."""
    return forms.header_key(text) in forms.heading_words() or bool(forms.kinds_of(text))


def names_column(text: str) -> bool:
    """Whether a text can only head a column (科目编码, 金额, 采购内容), never name a row."""
    words = forms.header_key(text)
    return bool(forms.kinds_of(text)) or words in forms.amount_words() or words in forms.text_headings()


@dataclass(frozen=True)
class Head:
    """What the columns under a header are, by its words alone.

    `labelled`: those that it calls codes, names or numbering, where a line of data may begin; `texts`: those that it
    calls ones of texts (采购品目), below which no amounts stand; `naming`: both.
    """

    labelled: frozenset[int]
    texts: frozenset[int]
    naming: frozenset[int]


def head_of(sheet: Sheet, header: list[int]) -> Head:
    """What the columns under a header are."""
    width = max((len(sheet.rows[r]) for r in header), default=0)
    return _head(shown_lines(sheet, header, width), width)


@lru_cache(maxsize=4096)
def _head(lines: tuple[tuple[str, ...], ...], width: int) -> Head:
    headed = [(c, text) for line in lines for c, text in enumerate(line) if text]
    lowest = dict(headed)
    found = {c for c, text in lowest.items() if forms.kinds_of(text) - {"body", "remark"}}
    labelled = frozenset(found | {c for c in range(1, width) if c not in lowest and c - 1 in found})
    texts = frozenset(c for c, text in headed if forms.header_key(text) in forms.text_headings())
    return Head(labelled, texts, labelled | texts)


def shown_lines(sheet: Sheet, rows: list[int], width: int) -> tuple[tuple[str, ...], ...]:
    """The texts of rows as a reader sees them, merged ranges resolved, each `width` long."""
    lines = [sheet.shown_in(row)[:width] for row in rows]
    return tuple([line + ("",) * (width - len(line)) for line in lines])


def header_signature(sheet: Sheet, header: list[int]) -> tuple[str, ...]:
    """The header's words in order, to tell a repeated header from another one; 序号 may be left out of either."""
    words = (compact(str(value)) for r in header for value in sheet.rows[r] if value != "")
    numbering = {"index"}
    return tuple(word for word in words if forms.structure_words().get(forms.header_key(word)) != numbering)
