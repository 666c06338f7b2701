"""What a document's paragraphs say of the table right below them: its title, its unit, whose it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.narrative.parts import Part, Passage, Table
from transforms.tables.line import DECLARATION, TITLE_END
from transforms.tables.titles import title_of, unused_title
from transforms.wording.text import compact
from transforms.workbook import Sheet

LONGEST = 60
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = ("。", "；", ";")


def captioned(parts: Sequence[Part]) -> Iterator[Sheet]:
    """The sheets of a document's tables with what stands right above each."""
    passages: list[Passage] = []
    for part in parts:
        if isinstance(part, Table):
            yield replace(part.sheet, above=_caption(passages))
            passages = []
        else:
            passages.append(part)


def _caption(passages: Sequence[Passage]) -> tuple[str, ...]:
    """The declarations right above a table, up to the first title."""
    found: list[str] = []
    for passage in reversed(passages):
        if not _HAN.search(passage.text):
            continue
        titled = _is_title(passage.text)
        if not titled and not _declares(passage.text):
            break
        found.insert(0, passage.text)
        if titled:
            break
    return tuple(found)


def _declares(text: str) -> bool:
    return len(text) <= LONGEST and DECLARATION.search(compact(text)) is not None


def _is_title(text: str) -> bool:
    """Whether a paragraph is a title: short, no sentence, and called as tables are."""
    words = compact(text)
    if len(words) > LONGEST or text.rstrip().endswith(_SENTENCE):
        return False
    return bool(TITLE_END.search(words) or title_of([text])[1] or unused_title([text]))
