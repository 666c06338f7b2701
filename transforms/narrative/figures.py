"""Figures that sentences state, as facts of the form `document` (addresses: docs/architecture.md)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from transforms.narrative.chapters import (
    CONTENTS,
    FORMS,
    LISTING,
    PROJECT_NOTE,
    UNKNOWN,
    Chapter,
)
from transforms.narrative.headings import chapter_title, required_chapters, strange_words, wordings
from transforms.narrative.lexicon import THIS_YEAR, texts
from transforms.narrative.parts import Passage
from transforms.narrative.slips import heading_slips, typing_slips
from transforms.narrative.stated import Read, Remark, Stated
from transforms.narrative.statements import StatementReader
from transforms.narrative.titles import place_title
from transforms.tables.facts import Fact
from transforms.tables.yields import Label, Problem
from transforms.wording.text import years_named

FORM = "document"
CHAPTERS = "chapters"
# Chapters without sentences about money: lists of headings, forms printed as lines.
WITHOUT_PROSE = frozenset({CONTENTS, FORMS, LISTING})
AMOUNT_LEFT_OUT, UNIT_TWICE = "missing", "twice"


@dataclass(frozen=True)
class Sentence:
    """A sentence that states a figure (元, 万元, 亿元 or %): where it begins, and whether its figures were understood."""

    text: str
    sheet: str
    cell: str
    chapter: str
    understood: bool


@dataclass
class Figures:
    """What the sentences of a document state; ids and blocks are given where it is recorded."""

    facts: list[Fact] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)


def read_figures(chapters: Sequence[Chapter], year: int | None) -> Figures:
    """The figures of all sentences, in the order of the document.

    Facts are `amount`, `change`, `percent`, `previous` or `quantity`; the first at an address is a `leaf` or `total`,
    what states it again is `repeated`. `year`: of the budget; without it the year that the document names most often.
    """
    out = Figures()
    reader = StatementReader(year or _spoken_year(chapters))
    for chapter in chapters:
        if chapter.key not in WITHOUT_PROSE and chapter.key not in texts().not_of_money:
            _read_chapter(out, reader, chapter)
    _list_chapters(out, chapters)
    out.facts = _settled(out.facts)
    _mark_repeated(out.facts)
    return out


def _spoken_year(chapters: Iterable[Chapter]) -> int:
    said = Counter(
        year for chapter in chapters for passage in chapter.passages for year in years_named(passage.text)
    )
    return max(said, key=lambda year: (said[year], year), default=0)


def _read_chapter(out: Figures, reader: StatementReader, chapter: Chapter) -> None:
    project = chapter.under if chapter.key == PROJECT_NOTE else ""
    reader.begin_chapter(chapter.heading.text if chapter.heading else "", project)
    if chapter.key == UNKNOWN and chapter.heading:
        out.problems += heading_slips(chapter.heading)
        if strange_words(chapter.heading.text, reader.year):
            reader.doubt()
    kept_as_text = chapter.key in texts().read_as_text
    above = ""
    for passage in chapter.passages:
        out.problems += typing_slips(passage)
        if reader.is_heading(passage.text):
            reader.see_heading(passage.text)
            above = ""
            continue
        states = False
        for read in reader.read(passage.text, above):
            states = states or bool(read.understood)
            if read.understood is not None:
                out.sentences.append(_sentence(passage, read, chapter.key, kept_as_text=kept_as_text))
            if not kept_as_text:
                _record(out, passage, read, reader.year)
        if not states and reader.may_be_heading(passage.text):
            reader.doubt()
        above = passage.text


def _sentence(passage: Passage, read: Read, chapter: str, *, kept_as_text: bool) -> Sentence:
    text = passage.text[read.start : read.end]
    understood = kept_as_text or bool(read.understood)
    return Sentence(text, passage.sheet, passage.place_at(read.start), chapter, understood)


def _record(out: Figures, passage: Passage, read: Read, year: int) -> None:
    """Add what one sentence states."""
    out.facts += [_fact(passage, stated, year) for stated in read.figures]
    for remark in read.remarks:
        where = passage.place_at(remark.start)
        text = remark.text if remark.column != "reason" else _as_printed(passage, remark)
        out.labels.append(
            Label(0, FORM, remark.place.panel, remark.position, remark.column, text, passage.sheet, where)
        )
    for slip in read.slips:
        expected = "金额" if slip.kind == AMOUNT_LEFT_OUT else ""
        where = passage.place_at(slip.start)
        out.problems.append(Problem("NAR-14", passage.sheet, where, slip.text, expected, slip.kind))


def _as_printed(passage: Passage, reason: Remark) -> str:
    """A reason with the signs as they are printed."""
    return passage.text[reason.start : reason.end].strip(" ，：:,。")


def _fact(passage: Passage, stated: Stated, year: int) -> Fact:
    return Fact(
        block_id=0,
        form=FORM,
        panel=stated.place.panel,
        row_key=stated.place.row,
        row_label=place_title(stated.place, year),
        column_key=stated.column,
        measure=stated.measure,
        amount=stated.amount,
        unit=stated.unit,
        position=stated.position,
        sheet=passage.sheet,
        cell=passage.place_at(stated.start),
        raw=passage.text[stated.start : stated.end],
        own_step=stated.step,
    )


def _settled(facts: Sequence[Fact]) -> list[Fact]:
    """The figures once it shows what 本年收入 is: the total where the document states no other one, else a part of it.

    A part of the income from one fund is a figure of no table.
    """
    stated: dict[tuple[str, str], int | None] = {}
    for fact in facts:
        if (fact.column_key, fact.measure) == ("total", "amount"):
            stated.setdefault((fact.panel, fact.row_key), fact.amount)
    settled = []
    for fact in facts:
        of_year, whole = (fact.panel, fact.row_key), (fact.panel, _whole_of(fact.row_key))
        if whole != of_year and (whole not in stated or stated.get(of_year) == stated[whole]):
            fact.row_key = whole[1]
        if not fact.row_key.endswith(f".{THIS_YEAR}"):
            settled.append(fact)
    return settled


def _whole_of(row: str) -> str:
    """The row that holds what the year before has left as well."""
    return "total" if row == THIS_YEAR else row.removesuffix(f".{THIS_YEAR}")


def _mark_repeated(facts: Sequence[Fact]) -> None:
    """Give each figure its role: a later one at the same address only states again what counts already."""
    known = set()
    for fact in facts:
        address = (fact.panel, fact.row_key, fact.column_key, fact.measure)
        fact.role = "repeated" if address in known else ("total" if fact.row_key == "total" else "leaf")
        known.add(address)


def _list_chapters(out: Figures, chapters: Sequence[Chapter]) -> None:
    """The headings as labels, and the chapters that are wanting as problems (NAR-11)."""
    headed = [chapter for chapter in chapters if chapter.heading and chapter.key]
    for position, chapter in enumerate(headed):
        heading = chapter.heading
        assert heading is not None
        out.labels.append(
            Label(0, FORM, CHAPTERS, position, chapter.key, heading.text, heading.sheet, heading.place)
        )
    found = {chapter.key for chapter in headed} | _headed_too(headed)
    if wanting := "；".join(map(chapter_title, _wanting(found))):
        out.problems.append(Problem("NAR-11", "", "", "", wanting, ""))


def _headed_too(chapters: Iterable[Chapter]) -> set[str]:
    """The chapters that headings of others name besides (部门职责及机构设置)."""
    texts_of = [chapter.heading.text for chapter in chapters if chapter.heading]
    return {
        word.key for word in wordings() if word.said_with and any(word.said_with in text for text in texts_of)
    }


def _wanting(found: set[str]) -> Iterator[str]:
    return (key for key, standing_for in required_chapters().items() if not found & set(standing_for))
