"""Texts of a document that have a place in the tables: duties, offices, goals, terms, as labels of the form `document`.

Labels of one goal or one term share a position; duties, offices and the overall goal have one label a paragraph.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.yamlfile import read_as
from transforms.narrative.chapters import Chapter
from transforms.narrative.headings import heading_words
from transforms.narrative.parts import Passage
from transforms.tables.yields import Label
from transforms.wording.patterns import pattern
from transforms.wording.text import compact

FORM, GOALS, GLOSSARY, DEPARTMENT = "document", "goals", "glossary", "department"
TITLE = "function_title"
_WORDS = Path(__file__).parent / "structure.yml"
_ORDINAL = pattern("ordinal_of_a_goal")
_LONGEST_TITLE, _LONGEST_TERM = 40, 30
_COLON = re.compile(r"[：:]")
# Chapters kept as text of a body, and the column each of them fills.
_KEPT = {"duties": "duties", "offices": "offices", "overall_goal": "overall_goal"}


class Words(BaseModel):
    """The words of structure.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    goals: dict[str, tuple[str, ...]]
    definitions: tuple[str, ...]


@cache
def words() -> Words:
    """The words by which structured texts are known."""
    return read_as(_WORDS, TypeAdapter(Words))


def read_structure(chapters: Sequence[Chapter]) -> list[Label]:
    """The labels of all structured texts of a document."""
    return [
        *_kept_texts(chapters),
        *_goals([passage for chapter in chapters if chapter.key == GOALS for passage in chapter.passages]),
        *_terms([passage for chapter in chapters if chapter.key == GLOSSARY for passage in chapter.passages]),
    ]


def _label(panel: str, position: int, column: str, passage: Passage) -> Label:
    return Label(0, FORM, panel, position, column, passage.text, passage.sheet, passage.place)


def _kept_texts(chapters: Sequence[Chapter]) -> Iterator[Label]:
    """The paragraphs of duties, offices and the overall goal; what is printed twice counts once."""
    seen: set[tuple[str, str]] = set()
    for chapter in chapters:
        for passage in chapter.passages if chapter.key in _KEPT else ():
            column = _KEPT[chapter.key]
            if (column, passage.text) not in seen:
                seen.add((column, passage.text))
                yield _label(DEPARTMENT, len(seen), column, passage)


def _goals(passages: Sequence[Passage]) -> Iterator[Label]:
    """The goals of a body's activities: a title, then lines that begin with 职责描述, 年度绩效目标, 工作活动绩效指标.

    A goal without a title begins where a column comes again; other lines go on with the column above.
    """
    position, column = 0, ""
    filled: set[str] = set()
    for passage in passages:
        key, start = _part_of_goal(passage.text)
        if not key and not _is_title(passage.text):
            if column:
                yield _label(GOALS, position, column, passage)
            continue
        column = key or TITLE
        if column in filled or column == TITLE or not position:
            position, filled = position + 1, set()
        filled.add(column)
        yield _label(GOALS, position, column, passage.part(start))


def _part_of_goal(text: str) -> tuple[str, int]:
    """(column, where its text begins) of a line that begins with a word of a goal and a colon; '' for other lines."""
    colon = _COLON.search(text)
    said = heading_words(text[: colon.start()]) if colon else ""
    key = next((key for key, spelled in words().goals.items() if said in spelled), "")
    return key, colon.end() if colon and key else _end_of_ordinal(text)


def _is_title(text: str) -> bool:
    return len(text) <= _LONGEST_TITLE and not re.search(r"[。；：:;]", text)


def _end_of_ordinal(text: str) -> int:
    match = _ORDINAL.match(text)
    return match.end() if match else 0


def _terms(passages: Sequence[Passage]) -> Iterator[Label]:
    """The terms of the glossary with their definitions; a paragraph without a term of its own goes on with the last."""
    position = 0
    for passage in passages:
        start = _end_of_ordinal(passage.text)
        end, after = _end_of_term(passage.text, start)
        if end <= start:
            if position:
                yield _label(GLOSSARY, position, "definition", passage)
            continue
        position += 1
        yield _label(GLOSSARY, position, "term", passage.part(start, end))
        yield _label(GLOSSARY, position, "definition", passage.part(after))


def _end_of_term(text: str, start: int) -> tuple[int, int]:
    """Where a term ends and where its definition begins: at a colon, else before 是指, 指, …; (0, 0) without one."""
    colon = _COLON.search(text, start)
    if colon and _is_term(text[start : colon.start()]):
        return colon.start(), colon.end()
    found = [
        (text.find(word, start), -len(word), word) for word in words().definitions if word in text[start:]
    ]
    if start and found:
        at, _, _word = min(found)
        if _is_term(text[start:at]):
            return at, at
    return 0, 0


def _is_term(text: str) -> bool:
    said = compact(text)
    return 0 < len(said) <= _LONGEST_TERM and not re.search(r"[,;。:]", said)
