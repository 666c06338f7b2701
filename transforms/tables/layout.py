"""Where tables lie on a sheet: title lines, header rows, data rows and notes, by what the rows say.

A sheet is read from top to bottom. Lines before a header are its preamble (title, body, unit); a header is a run of
rows whose texts are header words; data follow until the next header, title or the end. No row or column number is
given anywhere.
"""

from dataclasses import dataclass

from transforms import common_words, forms
from transforms.tables.block import Block, content_of
from transforms.tables.header import head_of, header_signature
from transforms.tables.line import (
    DECLARATION,
    GOES_ON,
    LIKE_A_TITLE,
    PAGE,
    WIDEST_DECLARATION,
    Line,
    is_heading,
    line_of,
    names_column,
)
from transforms.tables.said_below import take_last_lines, units_below
from transforms.tables.titles import names_a_form
from transforms.wording.subjects import class_names
from transforms.wording.text import bare, ordinal_depth
from transforms.wording.words import WORDS
from transforms.workbook import Cell, Sheet

# How many rows of a header may be taken for data until the numbers of the columns stand below them.
_WORDS_FOR_DATA = 2


@dataclass(slots=True)
class Row:
    """A row of a sheet that holds anything."""

    index: int
    line: Line

    def cells(self) -> list[Cell]:
        """The addresses of the filled cells."""
        return [(self.index, column) for column, _, _ in self.line.cells]


def find_blocks(sheet: Sheet) -> tuple[list[Block], list[Cell]]:
    """The tables of a sheet in their order, and the cells that belong to none (prose, covers, contents)."""
    scanner = _Scanner(sheet)
    for index, values in enumerate(sheet.rows):
        scanner.take_values(index, values)
    blocks, prose = scanner.finish()
    for block in blocks[:1]:
        block.above = sheet.above
    return blocks, prose


def _surely_figures(values: list[object]) -> bool:
    """Whether the row's first number, before any heading, shows that it holds figures; False where it needs a closer look."""
    for value in values:
        if value.__class__ is float:
            return not 1990 <= value <= 2100
        if value.__class__ is str and value:
            if not WORDS[value].words:
                return True
            if WORDS[value].heads:
                return False
    return False


class _Scanner:
    """Reads rows in order; `block` is the table being read, `waiting` the lines seen since the last one, `noted`
    whether one of these is a note, `prose` those of tables without header."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.blocks: list[Block] = []
        self.block: Block | None = None
        self.waiting: list[Cell] = []
        self.noted = False
        self.prose: list[Cell] = []
        self.pending: list[Row] = []

    def take_values(self, index: int, values: list[object]) -> None:
        """Take a row as the sheet has it; most are further lines of data and need no look at every cell."""
        if self.block and self.block.data and not self.pending and _surely_figures(values):
            self._take_data(index)
        elif (line := line_of(tuple(values))).cells:
            self.take(Row(index, line))

    def _take_data(self, index: int) -> None:
        """One more row of data; one that numbers the columns shows that what stands above it, words only, is of the header."""
        assert self.block is not None
        above = self.block.data
        words = len(above) <= _WORDS_FOR_DATA and not any(self.block.line(row).figures for row in above)
        if words and line_of(tuple(self.sheet.rows[index])).is_numbering:
            self.block.header += above
            self.block.data, self.block.worded = [], []
            self.block.numbering.append(index)
        else:
            above.append(index)

    def take(self, row: Row) -> None:
        if self.block is None:
            self._before_header(row)
        elif not self.block.data:
            self._in_header(row)
        else:
            self._in_data(row)

    def finish(self) -> tuple[list[Block], list[Cell]]:
        self._resolve_pending()
        self.prose += [] if take_last_lines(self.blocks, self.waiting) else self.waiting
        return self.blocks, [*self.prose, *units_below(self.blocks)]

    def _before_header(self, row: Row) -> None:
        line = row.line
        if line.is_preamble or line.is_numbered_title or (not line.figures and not line.is_header):
            if line.is_numbered_title and self.noted:
                self._set_waiting_aside()
            self.noted = self.noted or line.is_note
            self.waiting += row.cells()
        elif line.is_header or self._heads_despite_figures(row):
            self._open(row)
        else:
            self._open_headless(row)

    def _heads_below_data(self, row: Row) -> bool:
        """Whether a row with a number typed into it heads the next table: it is its title, or has headings of names and of
        amounts.
        """
        if self.pending or not row.line.states_figures:
            return False
        if row.line.is_numbered_title:
            return names_a_form(row.line)
        named = {_names_rows(text) for _, text in row.line.texts}
        return named == {True, False} and self._heads_despite_figures(row)

    def _heads_despite_figures(self, row: Row) -> bool:
        """Whether a row of headings, into which a number is typed, heads what stands below: figures rather than words below
        amounts, or another row of headings.
        """
        texts = row.line.texts
        named = {column for column, text in texts if _names_rows(text)}
        sure = row.line.may_head_only or (bool(texts) and texts[0][0] in named)
        if not sure or sum(is_heading(text) for _, text in texts) * 2 <= len(texts):
            return False
        below = (line_of(tuple(values)) for values in self.sheet.rows[row.index + 1 :])
        first = next((line for line in below if line.figures or line.is_header), None)
        amounts = {column for column, _ in texts} - named
        return first is not None and (first.is_header or _stands_below(first, amounts))

    def _set_waiting_aside(self) -> None:
        """A title under a note begins another table: what stands above is a table that has the note alone."""
        self.prose += self.waiting
        self.waiting, self.noted = [], False

    def _open(self, row: Row) -> None:
        upper = self._upper_header(row)
        preamble = [cell for cell in self.waiting if cell[0] not in upper]
        self.block = Block(self.sheet, preamble=preamble, header=[*upper, row.index])
        self.waiting, self.noted = [], False
        self.blocks.append(self.block)

    def _upper_header(self, row: Row) -> list[int]:
        """The row above a header that heads its columns too, in words of which most are unknown; right above it, unless it
        has more cells than declare, or is one word over a heading that needs it."""
        if not self.waiting:
            return []
        last = self.waiting[-1][0]
        above = line_of(tuple(self.sheet.rows[last]))
        if above.figures and not above.may_head_only:
            return []
        if _heads_one(above, row.line):
            return [last]
        many = len(above.cells)
        if last != row.index - 1 and many <= WIDEST_DECLARATION:
            return []
        headed = many > 2 or (many > 1 and any(is_heading(text) for _, text in above.texts))
        grown = any(top == last and bottom >= row.index for top, _, bottom, _ in self.sheet.merges)
        stated = [text for _, text in above.texts if text.endswith(":") or not common_words.kinds_of(text)]
        declares = any(DECLARATION.search(text) for text in stated)
        surely = not declares and (many > WIDEST_DECLARATION or (many > 1 and grown))
        return [last] if surely or (headed and not above.is_preamble) else []

    def _open_headless(self, row: Row) -> None:
        self.block = Block(self.sheet, preamble=self.waiting, data=[row.index])
        self.waiting, self.noted = [], False
        self.blocks.append(self.block)

    def _in_header(self, row: Row) -> None:
        assert self.block is not None
        line = row.line
        if line.is_numbering or line.is_called_numbering:
            self.block.numbering.append(row.index)
        elif self.block.notes and line.holds_title:
            self.block = None  # the table above has its note alone
            self.take(row)
        elif line.is_note:
            self.block.notes += row.cells()
        elif line.is_preamble and not self._states_amounts(line):
            self.block.preamble += row.cells()
        elif self._starts_data(line):
            self.block.data.append(row.index)
        elif self._names_a_side(row):
            self._take_words(row)
        else:
            self.block.header.append(row.index)

    def _take_words(self, row: Row) -> None:
        assert self.block is not None
        self.block.data.append(row.index)
        self.block.worded.append(row.index)

    def _names_a_side(self, row: Row) -> bool:
        """Whether a row holds nothing but what a side is called (收入), and the header has names above it and amounts besides."""
        assert self.block is not None
        if len(row.line.cells) > 1 or not row.line.texts:
            return False
        column, text = row.line.texts[0]
        if bare(text) not in common_words.shared_words().sides:
            return False
        spanned = any(
            top == row.index and left == column < right for top, left, _, right in self.sheet.merges
        )
        headed = {c for each in self.block.header for c, _ in self.block.line(each).texts}
        return not spanned and column in self.block.naming and bool(headed - self.block.naming)

    def _states_amounts(self, line: Line) -> bool:
        """Whether a line has figures where the header has amounts, whatever a remark behind them declares."""
        assert self.block is not None
        if not line.states_figures or DECLARATION.search(line.cells[0][2]):
            return False
        naming = head_of(self.sheet, self.block.header).naming
        headed = (each for row in self.block.header for each in self.block.line(row).texts)
        amounts = {c for c, text in headed if c not in naming and "remark" not in common_words.kinds_of(text)}
        return not amounts.isdisjoint(line.stray_figures)

    def _starts_data(self, line: Line) -> bool:
        assert self.block is not None
        figures = line.states_figures or line.is_filler
        if line.heads_codes:
            return False
        if figures and not (line.may_head_only or line.is_years):
            return True
        head = head_of(self.sheet, self.block.header)
        if line.is_years and head.naming and head.naming.isdisjoint(column for column, _, _ in line.cells):
            return False
        labelled, texts = head.labelled, head.texts
        if line.may_head_only and head.naming.isdisjoint(column for column, _ in line.texts):
            return False
        if figures:
            return True
        inside = [text for column, text in line.texts if column in head.naming]
        outside = [text for column, text in line.texts if column not in head.naming]
        if inside and outside and not any(map(names_column, inside)) and not any(map(_heads_only, outside)):
            return True
        if outside and any(bare(text) in class_names() for text in inside):
            return True
        named = line.is_total and line.texts[0][0] <= max(labelled, default=line.texts[0][0])
        beside = [text for column, text in line.texts[1:] if column not in labelled]
        if named and len(line.texts) > 1 and not any(map(is_heading, beside)):
            return True
        if line.is_total and len(line.cells) == 1 and line.cells[0][0] in texts:
            return True
        words = line.texts[1:] if line.is_total else line.texts
        return not outside and not any(names_column(text) for _, text in words)

    def _in_data(self, row: Row) -> None:
        assert self.block is not None
        line = row.line
        if (self.pending and (line.is_numbering or line.heads_codes)) or self._heads_below_data(row):
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
            self._take_words(row)

    def _take_figures(self, row: Row) -> None:
        """A row of figures goes on with the table, unless the words before it began another one."""
        block = self.block
        self._resolve_pending()
        if self.block is block and block is not None:
            block.data.append(row.index)
        else:
            self.take(row)

    def _heads_again(self, line: Line) -> bool:
        """A row of header words below data: the header of the next page or of the next table.

        What has an ordinal (一、上年结转) names a row, unless a heading stands over amounts beside it.
        """
        assert self.block is not None
        words = [(column, text) for column, text in line.texts if is_heading(text)]
        if len(words) * 2 < len(line.cells) or line.is_total:
            return False
        structural = any(common_words.kinds_of(text) - {"body"} for _, text in words)
        named = structural and not ordinal_depth(words[0][1])
        return named or any(not self._names_rows(column) for column, _ in words)

    def _names_rows(self, column: int) -> bool:
        """Whether what stands in a column of the table names its rows or remarks on them, by its heading or by what stood there
        so far.
        """
        assert self.block is not None
        headed = (text for row in self.block.header for c, text in self.block.line(row).texts if c == column)
        if column in self.block.naming or any("remark" in common_words.kinds_of(text) for text in headed):
            return True
        rows = (self.sheet.rows[row] for row in self.block.data)
        texts, figures = content_of(tuple(values[column] for values in rows if column < len(values)))
        return texts > figures

    def _resolve_pending(self) -> None:
        """Rows of words below data are either the same header once more or the start of another table."""
        if not self.pending:
            return
        rows, self.pending = self.pending, []
        block = self.block
        assert block is not None
        heads = [row.index for row in rows if not row.line.is_numbering]
        again = header_signature(self.sheet, heads) == header_signature(self.sheet, block.header)
        if self._names_a_side(rows[0]) and not any(_may_begin(row.line) for row in rows[1:]):
            for row in rows:
                self._take_words(row)
            return
        if _ends_in_title(block) if again else rows[0].line.declares and _ends_apart(block):
            rows.insert(0, _last_row_of(block))
        elif again:
            block.repeated += [row.index for row in rows]
            return
        self.block = None
        for row in rows:
            self.take(row)


def _ends_in_title(block: Block) -> bool:
    """Whether the last row of data is a lone text that may be a title: it looks like one, or the total stands above it."""
    last, above = block.line(block.data[-1]), block.line(block.data[-2]) if block.data[1:] else None
    if len(last.texts) != 1 or last.is_total or last.is_filler or above is None or not last.cells[0][2]:
        return False
    column, text = last.texts[0]
    if last.figures and not (above.is_total and LIKE_A_TITLE.search(text)):
        return False
    if any(GOES_ON.search(line) or PAGE.search(line) for line in last.lines):
        return False
    first = min((c for row in block.header for c, _ in block.line(row).texts), default=-1)
    return above.is_total or bool(column <= first and LIKE_A_TITLE.search(text))


def _may_begin(line: Line) -> bool:
    """Whether a row of words may be of the head of another table, or a note, rather than an item without an amount."""
    return line.is_header or line.holds_title or line.is_preamble or line.is_note or len(line.cells) > 1


def _ends_apart(block: Block) -> bool:
    """Whether the last row of data is a lone text with blank rows above it: the title of what is declared below it."""
    if len(block.data) < 2 or block.data[-1] not in block.worded:
        return False
    last = block.line(block.data[-1])
    return block.data[-1] - block.data[-2] > 1 and len(last.cells) == 1 and not last.is_total


def _last_row_of(block: Block) -> Row:
    """The last row of data, taken out of it."""
    index = block.data.pop()
    block.worded = [row for row in block.worded if row != index]
    return Row(index, block.line(index))


def _heads_one(above: Line, header: Line) -> bool:
    """Whether a lone text stands above a heading that says nothing of its own (小计, or strange words), right of the first."""
    if len(above.texts) != 1 or above.figures or above.is_preamble or above.is_title or above.is_note:
        return False
    below = dict(header.texts).get(above.texts[0][0], "")
    vague = common_words.header_key(below) in common_words.amount_words() or not is_heading(below)
    return bool(below) and vague and above.texts[0][0] > header.cells[0][0]


def _names_rows(text: str) -> bool:
    """Whether a heading is one of codes, names or texts."""
    return bool(common_words.kinds_of(text)) or common_words.header_key(text) in forms.text_headings()


def _heads_only(text: str) -> bool:
    """Whether a text is a heading, and is not numbered as rows are (1、基本支出)."""
    return is_heading(text) and not ordinal_depth(text)


def _stands_below(line: Line, amounts: set[int]) -> bool:
    """Whether a line has figures rather than words in columns of amounts, if there are any."""
    words = {column for column, _ in line.texts}
    figures = {column for column, _, text in line.cells if not text}
    return not amounts or len(figures & amounts) > len(words & amounts)
