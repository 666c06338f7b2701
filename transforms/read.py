"""From files to readings: every cell of every file placed, set aside with a reason, or reported."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from transforms.files.opening import Opened, open_workbook
from transforms.files.refusals import UnreadableFileError, refusal
from transforms.files.suspicions import second_look
from transforms.forms import Form
from transforms.money import display_step
from transforms.narrative.chapters import CHAPTER_WANTING
from transforms.narrative.parts import Document, Passage
from transforms.narrative.prose import DOCUMENT, Settled, Told, has_chapters, prose_of, told_by
from transforms.recognise import recognise
from transforms.recorded import PROBLEMS, SENTENCES, Columns, add_records, empty_columns
from transforms.tables.beside import apart
from transforms.tables.cards import CardRegion, find_cards, tidy_card
from transforms.tables.continuing import words_for_amounts
from transforms.tables.declare import Declaration, declaration
from transforms.tables.facts import UNKNOWN, Facts
from transforms.tables.halves import stacked
from transforms.tables.labels import Labels
from transforms.tables.layout import Block, find_blocks
from transforms.tables.ledger import Ledger
from transforms.tables.one_key import unite_bodies
from transforms.tables.pages import comparisons_aside, with_their_pages
from transforms.tables.recognition import Recognition
from transforms.tables.restated import unit_of_columns
from transforms.tables.target_lists import TargetList, find_target_list, tidy_project
from transforms.tables.two_funds import of_each_fund
from transforms.tables.unplaced import (
    foreign_note,
    settle_unrecognised,
    settle_unused,
    strange_words,
    top_left,
    two_units,
)
from transforms.tables.yields import Problem, Tidied, Written
from transforms.tidy import Part, tidy_blocks
from transforms.wording.messages import message
from transforms.workbook import Cell, Sheet, address

UNREADABLE = "SUB-09"

# The sheet that the bureau puts before a department's own when it sends a workbook back.
REVIEW_SHEET = message("review_sheet")
REVIEW_REASON = "review sheet of the bureau"


@dataclass(frozen=True)
class FileReading:
    """What one file yields. `blocks` is one record a table; ids and parents count within the file.

    Figures, texts and ledger are kept as small as they were found (facts.py, ledger.py), so that they travel between
    processes and join cheaply; `facts`, `labels` and `cells` write them out, column by column (see recorded.py).
    """

    file: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    figures: Facts = field(default_factory=Facts)
    ledger: Ledger = field(default_factory=Ledger)
    texts: Labels = field(default_factory=Labels)
    problems: Columns = field(default_factory=lambda: empty_columns(PROBLEMS))
    sentences: Columns = field(default_factory=lambda: empty_columns(SENTENCES))

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
            return _read_workbook(open_workbook(path, name, members), name)
    except UnreadableFileError as error:
        return unreadable(name, str(error))


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


def _read_workbook(book: Opened, name: str) -> FileReading:
    """Read what has been opened. Raises UnreadableFileError."""
    own = [sheet for sheet in book.sheets if not _is_review(sheet)]
    looked = second_look(_without_review(book, own))
    reading = read_sheets(own, name)
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


def read_sheets(sheets: list[Sheet], name: str) -> FileReading:
    """Read the sheets of one file."""
    if not sheets:
        return unreadable(name, refusal("no_sheets"))
    reader = _Reader()
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


class _Reader:
    """Reads the sheets of a file in their order: cards at once, tables when all their continuations are known."""

    def __init__(self) -> None:
        self.out = Tidied()
        self.blocks: list[dict[str, Any]] = []
        self.tables: list[list[Part]] = []
        self.previous: tuple[Block, Recognition] | None = None
        self.told: list[Passage] = []

    def take(self, sheet: Sheet) -> None:
        if listed := find_target_list(sheet):
            self._take_list(listed)
            return
        if cards := find_cards(sheet):
            for region in cards:
                self._take_card(region)
            self.out.ledger.marked(sheet)
            return
        blocks, prose = find_blocks(sheet)
        worded = list(prose)
        for block in blocks:
            recognition = recognise(block, self.previous)
            each = of_each_fund(block, recognition)
            worded += _words_of(block) if each[0].form is None else []
            for found in each:
                for half in stacked(block, found):
                    self._add_part(*half)
        if not blocks and self.previous:
            self._refuse_words(sheet, words_for_amounts(sheet, self.previous))
        self.told += prose_of(sheet, sorted(worded))
        for r, c in prose:
            number = isinstance(sheet.rows[r][c], float | int)
            self.out.settle(sheet, [(r, c)], "note", "", "number in prose" if number else "")

    def _add_part(self, block: Block, recognition: Recognition) -> None:
        """Take a table, or the rest of the one before, unless it says that it is of another body."""
        declared = self._declared(block, recognition)
        if recognition.form and recognition.continues and not declared.may_be_of_body(self.tables[-1][0][2]):
            recognition = replace(recognition, continues=False)
        part = (block, recognition, declared)
        self.previous = (block, recognition)
        if recognition.continues:
            self.tables[-1].append(part)
        else:
            self.tables.append([part])

    def _declared(self, block: Block, recognition: Recognition) -> Declaration:
        """What a table declares; a second one of a form under the title of the first is in its unit.

        A unit that all columns of amounts that count state is the table's.
        """
        remarks = (column.index for plan in recognition.plans for column in plan.of_kind("remark"))
        declared = declaration(block, recognition.title, remarks)
        if not declared.unit and not declared.disputed:
            declared = replace(declared, unit=unit_of_columns(recognition.plans))
        before = self.tables[-1][-1] if self.tables else None
        same = before and before[0].sheet is block.sheet and before[1].form is recognition.form
        if not (before and same) or recognition.title or recognition.strange_title or declared.unit:
            return declared
        return replace(declared, unit=before[2].unit, year=declared.year or before[2].year)

    def _refuse_words(self, sheet: Sheet, cells: list[Cell]) -> None:
        """Words where the table that the sheet goes on with has amounts: they are no prose (CEL-01)."""
        self.out.settle(sheet, cells, "unread", "", "not a number")
        unit = self.tables[-1][0][2].unit
        self.out.problems += [
            Problem("CEL-01", sheet.name, address(row, column), str(sheet.rows[row][column]), "", unit)
            for row, column in cells
        ]

    def finish(self) -> Tidied:
        """Read the tables; gives all that the file yields."""
        for parts in comparisons_aside(with_their_pages(self.tables)):
            block, recognition, _ = parts[0]
            if recognition.unused:
                for each, account, _ in parts:
                    settle_unused(self.out, each, account)
            elif recognition.form is None:
                settle_unrecognised(self.out, block, recognition)
            else:
                self._take_table(parts, recognition.form)
        unite_bodies(self.out.facts)
        return self.out

    def _take_list(self, listed: TargetList) -> None:
        for region in listed.projects():
            first = len(self.out.facts)
            tidy_project(self.out, listed, region, len(self.blocks))
            head = {"form": listed.form.form, "title": listed.title, "cell": address(region.first, 0)}
            self._record(first, listed.declared, listed.sheet, head, [])
        listed.settle_frame(self.out)
        self.out.ledger.marked(listed.sheet)

    def _take_card(self, region: CardRegion) -> None:
        first = len(self.out.facts)
        declared = tidy_card(self.out, region, len(self.blocks))
        head = {"form": region.form.form, "title": region.title, "cell": address(region.first, 0)}
        self._record(first, declared, region.sheet, head, [])

    def _take_table(self, parts: list[Part], form: Form) -> None:
        block, recognition, declared = parts[0]
        first, cell, problems = len(self.out.facts), address(*top_left(block)), self.out.problems
        tidy_blocks(self.out, parts, len(self.blocks))
        if any(amount != UNKNOWN for amount in self.out.facts.amount[first:]):
            problems += strange_words(block, recognition, form)
        problems += [problem for part, _, said in parts for problem in two_units(part, said)]
        if problem := foreign_note(declared.note, form, block.sheet.name, cell):
            problems.append(problem)
        head = {
            "form": form.form,
            "title": recognition.title,
            "family": recognition.family,
            "score": recognition.score,
            "runner_up": recognition.runner_up,
            "cell": cell,
        }
        plans = [plan for _, each, _ in parts for plan in each.every_plan]
        columns = [column.key for plan in plans for column in plan.of_kind("amount") if column.key]
        self._record(first, declared, block.sheet, head, columns)

    def _record(
        self, first: int, declared: Declaration, sheet: Sheet, head: dict[str, Any], columns: list[str]
    ) -> None:
        """Enter a table whose facts begin at `first`."""
        facts, block = self.out.facts, _block(len(self.blocks), declared, sheet.name)
        self.blocks.append(
            head
            | block
            | {
                "step": display_step(facts.money_from(first), declared.unit),
                "n_facts": len(facts) - first - facts.value[first:].count(""),
                "columns": " ".join(sorted(set(columns))),
            }
        )


def _block(number: int, declared: Declaration, sheet: str) -> dict[str, Any]:
    """What a table, or the text of a document, declares, as the beginning of its block."""
    return {
        "block_id": number,
        "unit": declared.unit,
        "year": declared.year,
        "declared_code": declared.code,
        "declared_name": declared.name,
        "declared_scope": declared.scope,
        "note": declared.note,
        "sheet": sheet,
    }


def _words_of(block: Block) -> list[Cell]:
    """The cells of an unknown table without data: lines of prose of which some read like headers."""
    if block.data:
        return []
    rows = (*block.header, *block.numbering, *block.repeated)
    inside = [(r, c) for r in rows for c, value in enumerate(block.sheet.rows[r]) if value != ""]
    return [*block.preamble, *inside, *block.notes]


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
        head | _block(number, declared, sheet) | counted | {"columns": "", "file": reading.file}
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
