"""Running text, of a document or on the sheets of a workbook, as one block of the form `document`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transforms.narrative.chapters import (
    CONTENTS,
    FORMS,
    LISTING,
    PART,
    Chapter,
    chapters,
)
from transforms.narrative.figures import Figures, read_figures
from transforms.narrative.heading import Heading, heading_of
from transforms.narrative.headings import heading_key
from transforms.narrative.parts import Document, Passage
from transforms.narrative.structure import read_structure
from transforms.tables.declare import Declaration
from transforms.tables.yields import Written
from transforms.workbook import Cell, Sheet, address

DOCUMENT = "document"
LISTED_FORM = "form printed as lines of text"
NOT_UNDERSTOOD = "figure in a sentence not understood"
# What stands for the name of a sheet where something is in a document, but not in its running text.
ASIDE = "正文之外"
# An unread line stays one whatever else is on it; what yields figures or texts outranks plain notes.
_RANK = {"unread": 0, "fact": 1, "header": 2, "label": 3, "ignored": 4, "note": 5}

Settled = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Told:
    """What a running text tells: how it is headed, what it declares, its facts and labels, its sentences, and every
    line of it as (sheet, place, text, disposition, reason).
    """

    heading: Heading
    declared: Declaration
    out: Written
    figures: Figures
    lines: tuple[Settled, ...]
    begins: tuple[str, str]

    @property
    def is_foreign(self) -> bool:
        """Whether it speaks of no budget: no figure, no chapter."""
        return not self.out.facts and not self.out.labels


def prose_of(sheet: Sheet, cells: Iterable[Cell]) -> Iterator[Passage]:
    """The text cells of a sheet that belong to no table, as passages: a line break in a cell begins another one."""
    for row, column in cells:
        value = sheet.at(row, column)
        if isinstance(value, str):
            for line in filter(None, map(str.strip, value.split("\n"))):
                yield Passage(line, ((0, address(row, column)),), sheet.name)


def has_chapters(passages: Sequence[Passage]) -> bool:
    """Whether passages are chapters of prose, rather than a cover, a list of contents or a remark."""
    headed = {heading_key(passage.text) for passage in passages} - {None, CONTENTS, PART, FORMS}
    return bool(headed) and any("。" in passage.text for passage in passages)


def told_by(document: Document) -> Told:
    """What the running text of a document tells."""
    found = chapters(document)
    heading = heading_of(found)
    figures = read_figures(found, heading.year)
    labels = [*read_structure(found), *figures.labels]
    out = Written(list(figures.facts), labels, list(figures.problems))
    units = [fact.unit for fact in figures.facts if fact.unit.endswith("元")]
    unit = max(sorted(set(units)), key=units.count, default="")
    declared = Declaration(unit, heading.code, "", heading.scope, heading.year)
    first = document.passages[0] if document.passages else None
    return Told(
        heading,
        declared,
        out,
        figures,
        (*_settled(found, out, figures), *_left_out(document)),
        (first.sheet, first.place) if first else ("", ""),
    )


def _settled(found: Sequence[Chapter], out: Written, figures: Figures) -> Iterable[Settled]:
    """Each printed line once: several paragraphs may stand at one place."""
    known = dict.fromkeys(((label.sheet, label.cell) for label in out.labels), ("label", ""))
    known |= dict.fromkeys(((fact.sheet, fact.cell) for fact in out.facts), ("fact", ""))
    known |= {
        (sentence.sheet, sentence.cell): ("unread", NOT_UNDERSTOOD)
        for sentence in figures.sentences
        if not sentence.understood
    }
    lines: dict[tuple[str, str], tuple[str, str, str]] = {}
    for passage, otherwise in _passages(found):
        for place, text in passage.pieces():
            key = (passage.sheet, place)
            before, *settled = lines.get(key, ("", *otherwise))
            disposition, reason = min(
                (tuple(settled), known.get(key, otherwise)), key=lambda each: _RANK[each[0]]
            )
            lines[key] = (f"{before}\n{text}" if before else text, disposition, reason)
    return ((sheet, place, *line) for (sheet, place), line in lines.items())


def _passages(found: Sequence[Chapter]) -> Iterable[tuple[Passage, tuple[str, str]]]:
    """Every passage, with what becomes of it if nothing is read in it."""
    for chapter in found:
        if chapter.heading:
            yield chapter.heading, ("header", "")
        aside = ("ignored", LISTED_FORM) if chapter.key == LISTING else ("note", "")
        yield from ((passage, aside) for passage in chapter.passages)


def _left_out(document: Document) -> Iterable[Settled]:
    """What is no running text, joined where several stand at one place."""
    texts: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for place, text, reason in document.left_out:
        texts.setdefault(place, []).append(text)
        reasons.setdefault(place, reason)
    return ((ASIDE, place, "\n".join(said), "ignored", reasons[place]) for place, said in texts.items())
