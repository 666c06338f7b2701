"""What a document says of itself before its first chapter: body and year."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transforms.narrative.chapters import CONTENTS, FRONT, Chapter
from transforms.wording.body_names import scope_named
from transforms.wording.patterns import pattern
from transforms.wording.text import compact, years_named

_NAMED, _TITLE, _BODY_AND_YEAR = pattern("document_body"), pattern("document_title"), pattern("body_and_year")
_BODY = re.compile(r"^(\d{3,9})?[-_ ]?([\u4e00-\u9fff()]{3,25})$")


@dataclass(frozen=True)
class Heading:
    """What a document is headed; '' or None where it does not say."""

    title: str = ""
    code: str = ""
    name: str = ""
    scope: str = ""
    year: int | None = None


def heading_of(found: Sequence[Chapter]) -> Heading:
    """Title, body and year from the lines before the first chapter; the year also from the chapters' headings."""
    front = [
        compact(passage.text)
        for chapter in found
        if chapter.key in (FRONT, CONTENTS)
        for passage in chapter.passages[: None if chapter.key == FRONT else 0]
    ]
    title = next((line for line in front if _TITLE.search(line)), "")
    code, name, scope = _body(front, title)
    headings = [chapter.heading.text for chapter in found if chapter.heading]
    return Heading(title, code, name, scope, next(_years([*front, *headings]), None))


def _years(lines: Iterable[str]) -> Iterator[int]:
    return (year for line in lines for year in years_named(line))


def _body(front: Sequence[str], title: str) -> tuple[str, str, str]:
    """(code, name, scope): as declared, as in the title, or as the line above the title."""
    for line in front:
        if match := _NAMED.match(line):
            return "", match[2], scope_named(match[1])
    if match := _BODY_AND_YEAR.match(title):
        return match[1] or "", match[2], ""
    above = front[: front.index(title)] if title else []
    for line in reversed(above):
        if match := _BODY.match(line):
            return match[1] or "", match[2], ""
    return "", "", ""
