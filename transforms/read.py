"""From files to readings: every cell of every file placed, set aside with a reason, or reported."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from transforms.files.opening import Opened, open_workbook
from transforms.files.refusals import UnreadableFileError, refusal
from transforms.files.suspicions import second_look
from transforms.money import display_step
from transforms.narrative.chapters import CHAPTER_WANTING
from transforms.narrative.parts import Document, Passage
from transforms.narrative.prose import DOCUMENT, Settled, Told, has_chapters, told_by
from transforms.reader import Reader, declared_block
from transforms.recorded import PROBLEMS, SENTENCES, Columns, add_records, empty_columns
from transforms.tables.beside import apart
from transforms.tables.declare import Declaration
from transforms.tables.facts import Facts
from transforms.tables.labels import Labels
from transforms.tables.ledger import Ledger
from transforms.tables.yields import Problem, Written
from transforms.wording.messages import message
from transforms.workbook import Sheet

UNREADABLE = "SUB-09"

# The sheet that the bureau puts before a department's own when it sends a workbook back.
REVIEW_SHEET = message("review_sheet")
REVIEW_REASON = "review sheet of the bureau"


@dataclass(frozen=True)
class FileReading:
    """What one file yields. `blocks` is one record a table; ids and parents count within the file.

    Figures, texts and ledger are kept as small as they were found (facts.py, ledger.py), so that they travel between
    processes and join cheaply; `facts`, `labels` and `cells` write them out, column by column (see recorded.py).
    `otherwise`: none, or the one reading to take where another file of its body has a form that this reading has only as
    compared with the year before.
    """

    file: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    figures: Facts = field(default_factory=Facts)
    ledger: Ledger = field(default_factory=Ledger)
    texts: Labels = field(default_factory=Labels)
    problems: Columns = field(default_factory=lambda: empty_columns(PROBLEMS))
    sentences: Columns = field(default_factory=lambda: empty_columns(SENTENCES))
    otherwise: "list[FileReading]" = field(default_factory=list)

    @cached_property
    def facts(self) -> Columns:
        """The figures as columns of the frame of facts."""
        return self.figures.records(self.file)

    @cached_property
    def labels(self) -> Columns:
        """The texts as columns of the frame of labels."""
        return self.texts.records(self.file)

    @cached_property
    def cells(self) -> Columns:
        """The ledger as columns of the frame of cells."""
        return self.ledger.records(self.file)


def read_file(path: Path, name: str, members: Sequence[str] = ()) -> FileReading:
    """Read one workbook, or the one that `members` lead to in an archive.

    A file that cannot be read yields the problem SUB-09, never an exception.
    """
    try:
        with uncollected():
            book = open_workbook(path, name, members)
            return in_both_ways(partial(_read_workbook, book, name))
    except UnreadableFileError as error:
        return unreadable(name, str(error))


def in_both_ways(read: Callable[..., FileReading]) -> FileReading:
    """What is read in a file, with what is read where it is not alone with what it compares, if it compares anything."""
    reading = read(alone=True)
    if any(block.get("compares") for block in reading.blocks):
        reading.otherwise.append(read(alone=False))
    return reading


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for garbage in cycles: a reading makes hundreds of thousands of small objects, none of them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read_workbook(book: Opened, name: str, *, alone: bool) -> FileReading:
    """Read what has been opened. Raises UnreadableFileError."""
    own = [sheet for sheet in book.sheets if not _is_review(sheet)]
    looked = second_look(_without_review(book, own))
    reading = read_sheets(own, name, alone=alone)
    for sheet in book.sheets:
        if _is_review(sheet):
            reading.ledger.settle(sheet, ((r, c) for r, c, _ in sheet.filled()), "ignored", "", REVIEW_REASON)
    reading.ledger.take_unseen(looked.ledger)
    add_records(reading.problems, looked.problems, file=name)
    return reading


def _is_review(sheet: Sheet) -> bool:
    """Whether the bureau wrote the sheet: a department may send it along with the mended workbook."""
    return sheet.name.startswith(REVIEW_SHEET) and sheet.at(0, 0) == REVIEW_SHEET


def _without_review(book: Opened, own: list[Sheet]) -> Opened:
    """The workbook without what a review put into it: its sheet, and the comments that came with it."""
    if len(own) == len(book.sheets):
        return book
    looked = {name: replace(found, comments={}) for name, found in book.looked.items()}
    return replace(book, sheets=own, looked=looked)


def unreadable(name: str, detail: str) -> FileReading:
    """The reading of a file of which nothing can be read."""
    reading = FileReading(name)
    add_records(reading.problems, [Problem(UNREADABLE, "", "", "", "", detail)], file=name)
    return reading


def read_sheets(sheets: list[Sheet], name: str, *, alone: bool = True) -> FileReading:
    """Read the sheets of one file; `alone` as the reader has it."""
    if not sheets:
        return unreadable(name, refusal("no_sheets"))
    reader = Reader(alone=alone)
    for sheet in sheets:
        for part in apart(sheet):
            reader.take(part)
    out = reader.finish()
    reading = FileReading(name, reader.blocks, out.facts, out.ledger, out.labels)
    for block in reading.blocks:
        block["file"] = name
    add_records(reading.problems, out.problems, file=name)
    if has_chapters(reader.told):
        _record_prose_told(reading, reader.told)
    return reading


def _record_prose_told(reading: FileReading, passages: Sequence[Passage]) -> None:
    """What the chapters on a workbook's sheets tell; nobody expects all chapters of a document there."""
    told = told_by(Document(reading.file, tuple(passages)))
    told.out.problems[:] = [problem for problem in told.out.problems if problem.rule_id != CHAPTER_WANTING]
    record_told(reading, replace(told, lines=()))
    settled = {(sheet, cell): tuple(line) for sheet, cell, _, *line in told.lines}
    cells = reading.cells
    for n, where in enumerate(zip(cells["sheet"], cells["cell"], strict=True)):
        if where in settled and cells["form"][n] == "":
            cells["disposition"][n], cells["reason"][n] = settled[where]
            cells["form"][n] = DOCUMENT


def record_told(reading: FileReading, told: Told) -> None:
    """Add what a running text tells to a reading, as one block of the form `document`."""
    sheet, cell = told.begins
    head = {
        "form": DOCUMENT,
        "title": told.heading.title,
        "cell": cell,
        "titled_name": told.heading.name,
    }
    _record_written(reading, told.out, told.declared, sheet, head)
    add_records(reading.sentences, told.figures.sentences, file=reading.file)
    record_lines(reading, told.lines)


def record_lines(reading: FileReading, lines: Iterable[Settled]) -> None:
    """Add lines of running text (sheet, place, text, disposition, reason) to the ledger."""
    for line in lines:
        names = ("sheet", "cell", "raw", "disposition", "reason")
        for name, value in zip(names, line, strict=True):
            reading.cells[name].append(value)
        reading.cells["form"].append(DOCUMENT)
        reading.cells["file"].append(reading.file)


def _record_written(
    reading: FileReading, out: Written, declared: Declaration, sheet: str, head: dict[str, Any]
) -> None:
    """Add what the text of a document yields to a reading, as its next block.

    `head`: what is known of the block beside its declaration (form, title, cell, …).
    """
    number, first = len(reading.blocks), len(reading.facts["fact_id"])
    money = [
        fact.amount
        for fact in out.facts
        if fact.amount is not None and fact.unit not in ("", "%") and fact.measure == "amount"
    ]
    counted = {
        "step": display_step(money, declared.unit),
        "n_facts": sum(1 for fact in out.facts if fact.raw),
    }
    reading.blocks.append(
        head | declared_block(number, declared, sheet) | counted | {"columns": "", "file": reading.file}
    )
    for count, fact in enumerate(out.facts, start=first):
        fact.block_id, fact.fact_id = number, count
        fact.row_parent = None if fact.row_parent is None else first + fact.row_parent
        fact.column_parent = None if fact.column_parent is None else first + fact.column_parent
    for label in out.labels:
        label.block_id = number
    add_records(reading.facts, out.facts, file=reading.file)
    add_records(reading.labels, out.labels, file=reading.file)
    add_records(reading.problems, out.problems, file=reading.file)
