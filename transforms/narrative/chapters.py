"""Chapters of a document, known by the wording of their headings, in any order and numbering."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.common_words import shared_words
from transforms.forms import titles
from transforms.narrative.headings import (
    HEADS_SURELY,
    LONGEST_HEADING,
    ORDINAL,
    SENTENCE_END,
    heading_key,
    heading_words,
    is_misspelt,
    wordings,
)
from transforms.narrative.parts import Document, Part, Passage
from transforms.tables.line import DECLARATION
from transforms.wording.patterns import pattern, piece
from transforms.wording.text import compact

CONTENTS, PART, FORMS, PROJECT_NOTE = "contents", "part", "forms", "project_note"
FRONT, LISTING, UNKNOWN = "front", "listing", ""
# The rule that asks for the required chapters.
CHAPTER_WANTING = "NAR-11"
_LEADER = re.compile(r"(?:[.…·。]{3,}|\t)\s*-?\d{1,3}-?$")
_COLON = re.compile("[：:。]")
# Chapters that are lists of words and what they mean: what stands before a colon there heads no chapter.
_LISTS = frozenset({"goals", "glossary", CONTENTS, LISTING})
_LEVEL, _WORDS_OF_A_LEVEL = pattern("level_of_a_heading"), pattern("words_of_a_level")
_NOTE_ON_PROJECTS = pattern("note_on_projects")


@dataclass(frozen=True)
class Chapter:
    """A chapter: its key in chapters.yml, the heading as printed, what stands below it up to the next heading.

    Other keys: `front` before the first heading, `listing` for a form that is printed as lines of text (none of its
    figures is prose), '' where the heading is unknown. `under`: the heading of the part or project it is in.
    """

    key: str
    heading: Passage | None
    parts: tuple[Part, ...]
    under: str = ""

    @property
    def passages(self) -> list[Passage]:
        """The parts that are text."""
        return [part for part in self.parts if isinstance(part, Passage)]


def chapters(document: Document) -> tuple[Chapter, ...]:
    """The chapters of a document in their order; a contents page is one chapter of its own.

    A chapter that comes twice is there twice.
    """
    found: list[Chapter] = []
    key, heading, parts, under = FRONT, None, list[Part](), ""
    for title, part in _headed(document.parts):
        if title is None:
            parts.append(part)
            continue
        if heading is not None or parts:
            found.append(Chapter(key, heading, tuple(parts), under))
        assert isinstance(part, Passage)
        under = _under(title, part, under, key)
        key, heading, parts = title, part, []
    found.append(Chapter(key, heading, tuple(parts), under))
    return tuple(found)


def _under(key: str, heading: Passage, under: str, before: str) -> str:
    """The heading of the part or project that a chapter belongs to."""
    if key == PART or (key == PROJECT_NOTE and _NOTE_ON_PROJECTS.search(heading_words(heading.text))):
        return heading.text
    if key == PROJECT_NOTE or before != PROJECT_NOTE:
        return under
    return ""


def _headed(parts: Sequence[Part]) -> Iterator[tuple[str | None, Part]]:
    """Each part with the key of the chapter that it heads, None where it heads none."""
    before, listed, levels = FRONT, set[str](), _Levels()
    for at, part in enumerate(parts):
        if not isinstance(part, Passage):
            yield None, part
            continue
        key = _key_at(parts, at, before)
        if before == CONTENTS and key is None and heading_words(part.text) in listed:
            key = UNKNOWN
        if before == CONTENTS and _is_listed(part, key, listed):
            listed |= {heading_words(_LEADER.sub("", part.text)), *([key] if key else [])}
            yield None, part
            continue
        if key is None and (split := _run_in(part, before)):
            key, part, rest = split
            yield key, part
            yield None, rest
            before = key
            continue
        if key is None and before != LISTING and (levels.counts_on(part.text) or is_misspelt(part.text)):
            key = UNKNOWN
        if key is not None:
            levels.see(part.text, known=key != UNKNOWN)
            before = key
        yield key, part


def _run_in(passage: Passage, before: str) -> tuple[str, Passage, Passage] | None:
    """(chapter, heading, text) of a paragraph that goes on behind its heading: 机构设置：内设办公室、工程科。"""
    colon = _COLON.search(passage.text[: LONGEST_HEADING + 1])
    if colon is None or before in _LISTS or not passage.text[colon.end() :].strip():
        return None
    key = heading_key(passage.text[: colon.end()], before)
    if key is None or not any(word.run_in for word in wordings() if word.key == key):
        return None
    return key, passage.part(0, colon.end()), passage.part(colon.end())


def _key_at(parts: Sequence[Part], at: int, before: str) -> str | None:
    """The chapter that the passage at a place heads, None where it heads none."""
    text, below = _text(parts, at), _text(parts, at + 1)
    if starts_listing(text, [below, _text(parts, at + 2)]):
        return LISTING
    if _LEADER.search(text) or (before == LISTING and not _begins_prose(below)):
        return None
    return heading_key(text, before)


def _text(parts: Sequence[Part], at: int) -> str:
    part = parts[at] if at < len(parts) else None
    return part.text if isinstance(part, Passage) else ""


def starts_listing(text: str, below: Sequence[str]) -> bool:
    """Whether a line is the title of a form whose table follows as lines of text: a unit is declared right below."""
    words = heading_words(text)
    titled = words.endswith(shared_words().table) and any(title in words for title, _, _ in titles())
    return titled and any(DECLARATION.search(compact(line)) for line in below)


def _begins_prose(text: str) -> bool:
    return bool(ORDINAL.match(compact(text)) and heading_key(text)) or bool(re.search(r"[，。；：]", text))


def _is_listed(passage: Passage, key: str | None, listed: set[str]) -> bool:
    """Whether a line below 目录 is one of the contents: short, and not a heading that the contents have named."""
    words = heading_words(_LEADER.sub("", passage.text))
    short = len(passage.text) <= LONGEST_HEADING and not SENTENCE_END.search(passage.text)
    return short and words not in listed and not (key and key in listed and key not in (PART, FORMS))


class _Levels:
    """Which ordinals head chapters, so that a chapter of an unknown name does not fall to the one before it."""

    def __init__(self) -> None:
        self.last: dict[int, int] = {}

    def see(self, text: str, *, known: bool) -> None:
        """Remember the ordinal of a heading; below one of a higher level the count begins anew."""
        if (ordinal := _ordinal(text)) and (known or ordinal[0] in self.last):
            self.last[ordinal[0]] = ordinal[1]
            if ordinal[0] == 0:
                self.last[1] = 0

    def counts_on(self, text: str) -> bool:
        """Whether a short line bears the next ordinal of those that headed chapters."""
        ordinal = _ordinal(text)
        signs = re.search(r"[。；：:;，,]", text) and not HEADS_SURELY.search(text)
        plain = len(text) <= LONGEST_HEADING and not signs
        return bool(ordinal) and plain and self.last.get(ordinal[0]) == ordinal[1] - 1 if ordinal else False


_DIGITS = {digit: n for n, digit in enumerate(piece("numeral"), start=1)}
_TEN = piece("numeral")[-1]


def _ordinal(text: str) -> tuple[int, int] | None:
    """(level, number) of a line that begins 第三部分 or 三、."""
    match = _LEVEL.match(compact(text))
    if not match:
        return None
    return (0 if match[1] else 1), chinese_number(_WORDS_OF_A_LEVEL.sub("", match[0]))


def chinese_number(words: str) -> int:
    """A number from one to ninety-nine in Chinese digits.

    >>> chinese_number("三"), chinese_number("十二"), chinese_number("二十")
    (3, 12, 20)
    """
    tens, ten, ones = words.rpartition(_TEN)
    if not ten:
        return _DIGITS.get(words, 0)
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
