"""One disclosure document becomes the same evidence as a workbook: blocks, facts, labels, cells, problems."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from transforms.document import open_document
from transforms.files.refusals import UnreadableFileError
from transforms.narrative.captions import captioned
from transforms.narrative.parts import Document, Table
from transforms.narrative.prose import told_by
from transforms.read import FileReading, in_both_ways, read_sheets, record_lines, record_told, unreadable
from transforms.recorded import add_records
from transforms.tables.yields import Problem
from transforms.workbook import address

FOREIGN = "SUB-05"


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
    """The evidence of an opened document; one that speaks of no budget is told of (SUB-05)."""
    return in_both_ways(partial(_reading_of, document, name))


def _reading_of(document: Document, name: str, *, alone: bool) -> FileReading:
    sheets = list(captioned(document.parts)) if document.tables else []
    reading = read_sheets(sheets, name, alone=alone) if sheets else FileReading(name)
    _locate(reading, document.tables)
    told = told_by(document)
    if told.is_foreign and not reading.blocks:
        said = document.passages[0].text[:30] if document.passages else document.name
        add_records(reading.problems, [Problem(FOREIGN, "", "", said, "", "document")], file=name)
        record_lines(reading, told.lines)
    else:
        record_told(reading, told)
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
