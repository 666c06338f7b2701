"""Where tables lie on a sheet: title lines, header rows, data rows and notes, by what the rows say.

A sheet is read from top to bottom. Lines before a header are its preamble (title, body, unit); a header is a run of
rows whose texts are header words; data follow until the next header, title or the end. No row or column number is
given anywhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from transforms import forms
from transforms.money import parse_number
from transforms.text import bare, compact
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
TITLE_END = re.compile(r".{5}表(?:\([^()]*\))?$")
_NUMBERING = re.compile(r"^(?:[A-Z]|\(?\d{1,2}\)?(?:=.*)?)$")
_NUMBERING_LABELS = frozenset({"栏次", "行次", "序号", "**", "列次", "类款项"})


@dataclass
class Row:
    """The filled cells of one row: (column, value, compact text) with '' as the text of a number."""

    index: int
    cells: list[tuple[int, object, str]]

    @property
    def texts(self) -> list[tuple[int, str]]:
        return [(column, text) for column, _, text in self.cells if text]

    @property
    def figures(self) -> int:
        return sum(1 for _, _, text in self.cells if not text)


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


def rows_of(sheet: Sheet, first: int = 0, end: int | None = None) -> Iterator[Row]:
    """The rows of a sheet (or of a range of it) that hold anything."""
    for index, values in enumerate(sheet.rows[max(first, 0) : end], start=max(first, 0)):
        cells = [
            (c, value, cell_text(value))
            for c, value in enumerate(values)
            if value != "" and value is not None
        ]
        if cells:
            yield Row(index, cells)


def cell_text(value: object) -> str:
    """The compact text of a cell that holds words, '' for one that holds a number (however it was typed)."""
    if isinstance(value, str):
        return _words(value)
    return "" if isinstance(value, float | int) and not isinstance(value, bool) else compact(str(value))


@lru_cache(maxsize=100_000)
def _words(text: str) -> str:
    return "" if parse_number(text) is not None else compact(text)


def find_blocks(sheet: Sheet) -> tuple[list[Block], list[Cell]]:
    """The tables of a sheet in their order, and the cells that belong to none (prose, covers, contents)."""
    scanner = _Scanner(sheet)
    for row in rows_of(sheet):
        scanner.take(row)
    return scanner.finish()


class _Scanner:
    """Reads rows in order; `block` is the table being read, `waiting` the lines seen since the last one."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.blocks: list[Block] = []
        self.block: Block | None = None
        self.waiting: list[Cell] = []
        self.pending: list[Row] = []

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
        if is_preamble(row) or (not row.figures and not is_header(row)):
            self.waiting += cells_of(row)
        elif is_header(row):
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
        above = next((line for line in rows_of(self.sheet, row.index - 1, row.index)), None)
        if above is None or (above.index, above.cells[0][0]) not in self.waiting or above.figures:
            return []
        headed = len(above.cells) > 2 or (len(above.cells) > 1 and any(is_heading(t) for _, t in above.texts))
        return [above.index] if headed and not is_preamble(above) else []

    def _open_headless(self, row: Row) -> None:
        self.block = Block(self.sheet, preamble=self.waiting, data=[row.index])
        self.waiting = []
        self.blocks.append(self.block)

    def _in_header(self, row: Row) -> None:
        assert self.block is not None
        if is_numbering(row):
            self.block.numbering.append(row.index)
        elif is_note(row):
            self.block.notes += cells_of(row)
        elif is_preamble(row):
            self.block.preamble += cells_of(row)
        elif self._starts_data(row):
            self.block.data.append(row.index)
        else:
            self.block.header.append(row.index)

    def _starts_data(self, row: Row) -> bool:
        assert self.block is not None
        if all(text in forms.filler_words() for _, _, text in row.cells):
            return True
        if row.figures and not names_years(row):
            return True
        labelled = labelled_columns(self.sheet, self.block.header)
        inside = [text for column, text in row.texts if column in labelled]
        outside = [text for column, text in row.texts if column not in labelled]
        if inside and outside and not any(map(names_column, inside)) and not any(map(is_heading, outside)):
            return True
        if total_row(row) and len(row.texts) > 1 and not any(is_heading(text) for _, text in row.texts[1:]):
            return True
        words = row.texts[1:] if total_row(row) else row.texts
        return all(column in labelled for column, _ in row.texts) and not any(
            names_column(text) for _, text in words
        )

    def _in_data(self, row: Row) -> None:
        assert self.block is not None
        if self.pending and is_numbering(row):
            self.pending.append(row)
        elif row.figures and not names_years(row):
            self._take_figures(row)
        elif self.pending:
            self.pending.append(row)
        elif is_note(row):
            self.block.notes += cells_of(row)
        elif is_title(row) or is_preamble(row) or self._heads_again(row):
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

    def _heads_again(self, row: Row) -> bool:
        """A row of header words below data: the header of the next page or of the next table."""
        assert self.block is not None
        labelled = labelled_columns(self.sheet, self.block.header)
        words = [(column, text) for column, text in row.texts if is_heading(text)]
        structural = [text for _, text in words if forms.kinds_of(text) - {"body"}]
        outside = [column for column, _ in words if column not in labelled]
        return len(words) * 2 >= len(row.cells) and bool(structural or outside) and not total_row(row)

    def _resolve_pending(self) -> None:
        """Rows of words below data are either the same header once more or the start of another table."""
        if not self.pending:
            return
        rows, self.pending = self.pending, []
        block = self.block
        assert block is not None
        heads = [row.index for row in rows if not is_numbering(row)]
        if header_signature(self.sheet, heads) == header_signature(self.sheet, block.header):
            block.repeated += [row.index for row in rows]
            return
        self.block = None
        for row in rows:
            self.take(row)


def cells_of(row: Row) -> list[Cell]:
    """The addresses of a row's filled cells."""
    return [(row.index, column) for column, _, _ in row.cells]


def is_heading(text: str) -> bool:
    """Whether a text is a header word of some form."""
    return forms.header_key(text) in forms.heading_words() or bool(forms.kinds_of(text))


def names_column(text: str) -> bool:
    """Whether a text can only head a column (科目编码, 金额), never name a row."""
    return bool(forms.kinds_of(text)) or forms.header_key(text) in forms.amount_words()


def is_header(row: Row) -> bool:
    """A row of header words: at least half of its texts, and two of them unless it stands alone."""
    if row.figures and not names_years(row):
        return False
    known = sum(1 for _, text in row.texts if is_heading(text) and not text.endswith(":"))
    return known * 2 >= len(row.cells) and known >= min(2, len(row.cells))


def names_years(row: Row) -> bool:
    """Whether the row's numbers are years used as headings (2020 | 2019) beside header words."""
    numbers = [value for _, value, text in row.cells if not text]
    years = all(
        isinstance(value, float | int) and 1990 <= value <= 2100 and value == int(value) for value in numbers
    )
    return bool(numbers) and years and any(is_heading(text) for _, text in row.texts)


def is_preamble(row: Row) -> bool:
    """A line that declares title, body, unit or date."""
    if is_header(row):
        return False
    joined = "".join(text for _, text in row.texts)
    return any(DECLARATION.search(line) for line in lines_of(row)) or bool(
        DECLARATION.search(joined) and len(row.cells) <= 6
    )


def lines_of(row: Row) -> list[str]:
    """The row's texts, and the lines of those that have several."""
    found = [text for _, text in row.texts]
    broken = [value for _, value, text in row.cells if text and isinstance(value, str) and "\n" in value]
    return found + [compact(line) for value in broken for line in value.split("\n")]


def is_title(row: Row) -> bool:
    """A single cell that holds a table's title, whether a form is called so or not."""
    return len(row.cells) == 1 and any(
        TITLE_END.search(text) or any(words in text for words, _, _ in forms.titles())
        for text in lines_of(row)
    )


def is_note(row: Row) -> bool:
    """A line of remarks or prose."""
    texts = [text for _, text in row.texts]
    return (
        not row.figures and len(texts) == 1 and (bool(NOTE.search(texts[0])) or len(texts[0]) > PROSE_LENGTH)
    )


def is_numbering(row: Row) -> bool:
    """The row under a header that numbers its columns (栏次 | 1 | 2 | 3)."""
    every = [_mark(value, text) for _, value, text in row.cells]
    marks = [mark for mark in every if mark not in _NUMBERING_LABELS]
    if not marks or len(every) < 2 or not all(_NUMBERING.match(mark) for mark in marks):
        return False
    digits = [re.match(r"\(?(\d+)", mark) for mark in marks]
    if not all(digits):
        return marks == [chr(ord("A") + n) for n in range(len(marks))]
    numbers = [int(match[1]) for match in digits if match]
    return numbers == list(range(1, len(numbers) + 1))


def _mark(value: object, text: str) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text or compact(str(value))


def total_row(row: Row) -> bool:
    """Whether the row's first text is the label of a printed total."""
    return bool(row.texts) and bare(row.texts[0][1]) in forms.total_words()


def labelled_columns(sheet: Sheet, header: list[int]) -> set[int]:
    """The columns that the header calls codes, names or numbering: where a line of data may begin."""
    width = max((len(sheet.rows[r]) for r in header), default=0)
    lowest = {c: text for r in header for c in range(width) if (text := str(sheet.shown(r, c)))}
    found = {c for c, text in lowest.items() if forms.kinds_of(text) - {"body", "remark"}}
    return found | {c for c in range(1, width) if c not in lowest and c - 1 in found}


def header_signature(sheet: Sheet, header: list[int]) -> tuple[str, ...]:
    """The header's words in order, to tell a repeated header from another one."""
    return tuple(compact(str(value)) for r in header for value in sheet.rows[r] if value != "")
