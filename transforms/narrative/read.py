"""One disclosure document becomes the same evidence as a workbook: blocks, facts, labels, cells, problems."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from transforms.declare import Declaration
from transforms.document import open_document
from transforms.frames import Columns, add_records
from transforms.narrative.chapters import LISTING, Chapter, chapters
from transforms.narrative.figures import Figures, read_figures
from transforms.narrative.heading import Heading, heading_of
from transforms.narrative.parts import BODY_TEXT, Document, Passage, Table
from transforms.narrative.structure import read_structure
from transforms.read import FileReading, read_sheets, record, unreadable
from transforms.refusals import UnreadableFileError
from transforms.tidy import Tidied
from transforms.workbook import address

DOCUMENT = "document"
LISTED_FORM = "form printed as lines of text"


def read_document(path: Path, name: str, members: Sequence[str] = ()) -> FileReading:
    """Read one document, or the one that `members` lead to in an archive.

    A file that cannot be read yields the problem SUB-09, never an exception.
    """
    try:
        document = open_document(path, name, members)
    except UnreadableFileError as error:
        return unreadable(name, str(error))
    return reading_of(document, name)


def reading_of(document: Document, name: str) -> FileReading:
    """The evidence of an opened document."""
    found = chapters(document)
    head = heading_of(found)
    figures = read_figures(found, head.year)
    reading = (
        read_sheets([table.sheet for table in document.tables], name)
        if document.tables
        else FileReading(name)
    )
    _locate(reading, document.tables)
    figures = replace(figures, labels=[*read_structure(found), *figures.labels])
    _record_text(reading, document, head, figures)
    _record_ledger(reading, document, found, figures)
    return reading


def _locate(reading: FileReading, tables: Iterable[Table]) -> None:
    """Give everything read in the document's tables its place as people say it, in place of a sheet's address."""
    said = {
        (table.sheet.name, address(*cell)): place for table in tables for cell, place in table.places.items()
    }
    for columns in (reading.facts, reading.labels, reading.cells, reading.problems):
        columns["cell"] = [
            said.get(where, where[1]) for where in zip(columns["sheet"], columns["cell"], strict=True)
        ]
    for block in reading.blocks:
        block["cell"] = said.get((block["sheet"], block["cell"]), block["cell"])


def _record_text(reading: FileReading, document: Document, head: Heading, figures: Figures) -> None:
    """One block for the running text: what it declares, the figures and texts in it."""
    own = [replace(label, block_id=len(reading.blocks)) for label in figures.labels]
    out = Tidied(list(figures.facts), own, list(figures.problems))
    units = [fact.unit for fact in figures.facts if fact.unit.endswith("元")]
    unit = max(sorted(set(units)), key=units.count, default="")
    declared = Declaration(unit, head.code, "", head.scope, head.year)
    first = document.passages[0] if document.passages else None
    block = {
        "form": DOCUMENT,
        "title": head.title,
        "cell": first.place if first else "",
        "titled_name": head.name,
    }
    record(reading, out, declared, first.sheet if first else "", block, [])
    add_records(reading.sentences, figures.sentences, file=reading.file)


def _record_ledger(
    reading: FileReading, document: Document, found: Sequence[Chapter], figures: Figures
) -> None:
    """What became of every printed line of the running text."""
    facts = {(fact.sheet, fact.cell) for fact in figures.facts}
    labels = {(label.sheet, label.cell) for label in figures.labels}
    unread = {(sentence.sheet, sentence.cell) for sentence in figures.sentences if not sentence.understood}
    lines: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for passage, disposition, reason in _settled(found):
        for place, text in passage.pieces():
            key = (passage.sheet, place)
            if key in unread:
                disposition, reason = "unread", "figure in a sentence not understood"
            elif key in facts:
                disposition = "fact"
            elif key in labels:
                disposition = "label"
            lines.setdefault(key, []).append((text, disposition, reason))
    for (sheet, place), pieces in lines.items():
        _add_cell(reading.cells, sheet, place, "".join(text for text, _, _ in pieces), *pieces[0][1:])
    for place, text, reason in document.left_out:
        _add_cell(reading.cells, BODY_TEXT, place, text, "ignored", reason)
    reading.cells["file"] = [reading.file] * len(reading.cells["cell"])


def _settled(found: Sequence[Chapter]) -> Iterable[tuple[Passage, str, str]]:
    for chapter in found:
        if chapter.heading:
            yield chapter.heading, "header", ""
        aside = ("ignored", LISTED_FORM) if chapter.key == LISTING else ("note", "")
        yield from ((passage, *aside) for passage in chapter.passages)


def _add_cell(cells: Columns, sheet: str, place: str, raw: str, disposition: str, reason: str) -> None:
    record = {
        "sheet": sheet,
        "cell": place,
        "raw": raw,
        "disposition": disposition,
        "form": DOCUMENT,
        "reason": reason,
    }
    for name, value in record.items():
        cells[name].append(value)
