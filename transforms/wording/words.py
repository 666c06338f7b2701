"""What the text of a cell is to a reader of forms, worked out once for each distinct text of a process."""

from transforms import common_words
from transforms.money import parse_number
from transforms.once import once
from transforms.wording.code_text import code_digits
from transforms.wording.patterns import pattern
from transforms.wording.text import bare, compact

_TITLE_END = pattern("title_end")
_MOST_WORDS = 10_000


class Word:
    """A distinct text.

    `words`: its compact text, '' where it states a number or is a code (201.31.01); `bare`: without 其中, ordinals and a
    closing colon; `is_figure`: it states a number or a code; `is_total`: the label of a printed total; `is_filler`: fills
    an empty row.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = "" if parse_number(text) is not None or code_digits(text) else compact(text)
        self.is_figure = text != "" and not self.words
        self.bare = bare(text)
        self.is_total = self.bare in common_words.total_words()
        self.is_filler = self.words in common_words.filler_words()

    @once
    def heads(self) -> bool:
        """Whether it may be the heading of codes, names or numbering, or the title of a table."""
        return bool(self.words) and (bool(common_words.kinds_of(self.words)) or _ends_as_title(self.text))

    @once
    def names(self) -> bool:
        """Whether it is words, and none of a total, of a page's sum or of what fills an empty row."""
        plain = bare(self.words)
        sums = plain in common_words.total_words() or plain in common_words.page_sums()
        return bool(self.words) and not self.is_filler and not sums


def _ends_as_title(text: str) -> bool:
    """Whether a line of a text ends as titles of tables do."""
    return any(_TITLE_END.search(compact(line)) for line in text.split("\n"))


class _Words(dict[str, Word]):
    """Every text met so far; begun anew where there are too many."""

    def __missing__(self, text: str) -> Word:
        if len(self) >= _MOST_WORDS:
            self.clear()
        return self.setdefault(text, Word(text))


WORDS = _Words()


def cell_text(value: object) -> str:
    """The compact text of a cell that holds words, '' for one that holds a number or a code (however it was typed)."""
    if isinstance(value, str):
        return WORDS[value].words
    return "" if isinstance(value, float | int) and not isinstance(value, bool) else compact(str(value))
