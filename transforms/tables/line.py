"""What one row of a sheet holds, wherever it stands: whether it reads like a title, a header, a note, data."""

from transforms import common_words, forms
from transforms.money import parse_number
from transforms.once import once, recalled
from transforms.wording.patterns import pattern
from transforms.wording.text import bare, compact
from transforms.wording.words import cell_text

DECLARATION, NOTE, TITLE_END = pattern("declaration"), pattern("note"), pattern("title_end")
LIKE_A_TITLE, GOES_ON, PAGE = pattern("like_a_title"), pattern("goes_on"), pattern("page")
_SIGNATURE, _COLUMN_NUMBER = pattern("signature"), pattern("number_of_column")
PROSE_LENGTH = 60
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_FEWEST_ITEMS = 3
WIDEST_DECLARATION = 4  # 部门名称 | 某局 | 部门代码 | 101


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
        known = len(self.texts) if known < len(self.texts) and self._heads_with_colons else known
        known += 0 if self.is_total else self.figures  # all of them years
        return (known * 2 >= len(self.cells) and known >= min(2, len(self.cells))) or self._heads_items(known)

    @once
    def _heads_with_colons(self) -> bool:
        """Whether headings alone stand beside each other, some with a colon (项目： | 金额：), which then may name no body."""
        kinds = (common_words.kinds_of(text) for _, text in self.texts if text.endswith(":"))
        alone = len(self.texts) > 1 and all(is_heading(text) for _, text in self.texts)
        return alone and not any("body" in each for each in kinds)

    def _heads_items(self, known: int) -> bool:
        """Whether items that are rows elsewhere (房屋 | 车辆 | 设备) stand beside one another, and nothing strange."""
        if len(self.texts) < _FEWEST_ITEMS:
            return False
        items = sum(1 for _, text in self.texts if bare(text) in forms.items_as_headings())
        return items >= _FEWEST_ITEMS and items + known >= len(self.cells)

    @once
    def names_years(self) -> bool:
        """Whether the row's numbers are years used as headings (2020 | 2019) beside header words."""
        numbers = [value for _, value, text in self.cells if not text]
        years = all(
            isinstance(value, float | int) and _FIRST_YEAR <= value <= _LAST_YEAR and value == int(value)
            for value in numbers
        )
        return bool(numbers) and years and any(is_heading(text) for _, text in self.texts)

    @once
    def is_years(self) -> bool:
        """Whether the row is nothing but years that follow each other, over and over perhaps (2025 | 2026 | 2025 | 2026)."""
        if self.texts:
            return False
        years = {parse_number(value) or 0 for _, value, _ in self.cells}
        first, last = min(years, default=0), max(years, default=0)
        return first >= _FIRST_YEAR and last <= _LAST_YEAR and len(years) == last - first + 1 > 1

    @once
    def stray_figures(self) -> list[int]:
        """The columns of numbers that are no headings."""
        return (
            [c for c, _, text in self.cells if not text and not self.is_years] if self.states_figures else []
        )

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
        return sum("code_part" in common_words.kinds_of(text) for _, text in self.texts) > 1

    @once
    def may_head_only(self) -> bool:
        """Whether the row's texts, several and more than its figures, all are headings."""
        return len(self.texts) > max(1, self.figures) and all(is_heading(text) for _, text in self.texts)

    @once
    def is_filler(self) -> bool:
        """Whether the row only fills an empty table."""
        return all(text in common_words.filler_words() for _, _, text in self.cells)

    @once
    def lines(self) -> list[str]:
        """The row's texts, and the lines of those that have several."""
        found = [text for _, text in self.texts]
        broken = [value for _, value, text in self.cells if text and isinstance(value, str) and "\n" in value]
        return found + [compact(line) for value in broken for line in value.split("\n")]

    @once
    def is_title(self) -> bool:
        """A single cell that holds a table's title, whether a form is called so or not."""
        return len(self.cells) == 1 and self.holds_title

    @once
    def is_numbered_title(self) -> bool:
        """A title with numbers behind it, as of the page, and perhaps what it declares."""
        alone = bool(self.texts and self.cells[0][2])
        return alone and all(DECLARATION.search(text) for _, text in self.texts[1:]) and self.holds_title

    @once
    def holds_title(self) -> bool:
        """Whether one of the row's texts is a table's title."""
        return any(TITLE_END.search(text) or forms.any_title().search(text) for text in self.lines)

    @once
    def declares(self) -> bool:
        """Whether the row states a unit, a body or the like, and no title."""
        return self.is_preamble and not self.holds_title

    @once
    def is_note(self) -> bool:
        """A line of remarks or prose, or of who answers for the table."""
        if self.figures or not self.texts:
            return False
        text = self.texts[0][1]
        if len(self.texts) > 1:
            return bool(_SIGNATURE.search(text))
        return bool(NOTE.search(text) or _SIGNATURE.search(text)) or len(text) > PROSE_LENGTH

    @once
    def is_numbering(self) -> bool:
        """The row under a header that numbers its columns (栏次 | 1 | 2 | 3), those of names by letters perhaps (A | B | 1), or
        by stars, which may count (** | 2 | 3).
        """
        every = [_mark(value, text) for _, value, text in self.cells]
        marks = [mark for mark in every if mark not in common_words.words_of_numbering()]
        if not marks:
            return bool(every) and common_words.stars().issuperset(every)
        matches = [match for mark in marks if (match := _COLUMN_NUMBER.match(mark))]
        if len(every) < 2 or len(matches) < len(marks):
            return False
        numbers = [int(match[1]) for match in matches if match[1]]
        letters = marks[: len(marks) - len(numbers)]
        starred = sum(mark in common_words.stars() for mark in every)
        counted = any(numbers == list(range(first, first + len(numbers))) for first in (1, 1 + starred))
        return counted and letters == [chr(ord("A") + n) for n in range(len(letters))]

    @once
    def is_called_numbering(self) -> bool:
        """Whether the row says that it numbers the columns (栏次), whatever numbers stand in it."""
        texts = {text for _, text in self.texts if not _COLUMN_NUMBER.match(text)}
        return bool(self.figures and texts) and texts <= common_words.names_of_numbering()

    @once
    def miscounted(self) -> list[int]:
        """The columns of a row called 栏次 whose figures can number none."""
        if self.is_numbering:
            return []
        return [
            c for c, value, text in self.cells if not text and not _COLUMN_NUMBER.match(_mark(value, text))
        ]

    @once
    def is_total(self) -> bool:
        """Whether the row's first text is the label of a printed total."""
        return bool(self.texts) and bare(self.texts[0][1]) in common_words.total_words()


def _mark(value: object, text: str) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text or compact(str(value))


@recalled
def line_of(values: tuple[object, ...]) -> Line:
    """The line of a row's values."""
    return Line(values)


def is_heading(text: str) -> bool:
    """Whether a text is a header word of some form."""
    return common_words.header_key(text) in forms.heading_words() or bool(common_words.kinds_of(text))


def names_column(text: str) -> bool:
    """Whether a text can only head a column (科目编码, 金额, 采购内容), never name a row."""
    words = common_words.header_key(text)
    return (
        bool(common_words.kinds_of(text))
        or words in common_words.amount_words()
        or words in forms.text_headings()
    )
