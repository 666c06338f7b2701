"""From files to evidence: every cell of every file placed, set aside with a reason, or reported."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from transforms.bodies import identify_bodies
from transforms.cards import find_cards, tidy_card
from transforms.declare import Declaration, declaration
from transforms.frames import BLOCKS, CELLS, FACTS, LABELS, PROBLEMS, frame
from transforms.layout import Block, find_blocks
from transforms.money import display_step, parse_number
from transforms.recognise import Recognition, recognise
from transforms.submissions import Inputs
from transforms.tidy import Problem, Tidied, raw_text, tidy_blocks
from transforms.workbook import Cell, Sheet, UnreadableFile, address, read_workbook

Part = tuple[Block, Recognition, Declaration]


@dataclass(frozen=True)
class FileReading:
    """What one file yields: plain records, so that it travels between processes."""

    file: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """All that the year's files say: bodies, blocks, facts, labels, cells, problems (frames of docs/architecture.md)."""

    year: int
    bodies: pd.DataFrame
    blocks: pd.DataFrame
    facts: pd.DataFrame
    labels: pd.DataFrame
    cells: pd.DataFrame
    problems: pd.DataFrame
    has_roster: bool


def read_file(path: Path, name: str) -> FileReading:
    """Read one workbook. A file that cannot be read yields the problem SUB-09, never an exception."""
    try:
        sheets = read_workbook(path)
    except UnreadableFile as error:
        return unreadable(name, str(error))
    return _read_sheets(sheets, name)


def unreadable(name: str, detail: str) -> FileReading:
    """The reading of a file of which nothing can be read."""
    problem = Problem("SUB-09", "", "", "", "", detail)
    return FileReading(name, problems=[asdict(problem) | {"file": name}])


def _read_sheets(sheets: list[Sheet], name: str) -> FileReading:
    reading = FileReading(name)
    tables: list[list[Part]] = []
    previous: tuple[Block, Recognition] | None = None
    for sheet in sheets:
        cards = find_cards(sheet)
        for region in cards:
            number = len(reading.blocks)
            out, declared = tidy_card(region, number)
            head = {"form": region.form.form, "title": region.title, "cell": address(region.first, 0)}
            _record(reading, out, declared, sheet, head, [])
        blocks, prose = ([], []) if cards else find_blocks(sheet)
        for block in blocks:
            recognition = recognise(block, previous)
            part = (block, recognition, declaration(block, recognition.title))
            previous = (block, recognition)
            if recognition.continues:
                tables[-1].append(part)
            else:
                tables.append([part])
        _record_prose(reading, sheet, prose)
    for table in tables:
        _record_table(reading, table)
    return reading


def _record_table(reading: FileReading, parts: list[Part]) -> None:
    block, recognition, declared = parts[0]
    if recognition.form is None:
        _record_unrecognised(reading, block, recognition)
        return
    out = tidy_blocks(parts, len(reading.blocks))
    if recognition.unknown and any(fact.amount is not None for fact in out.facts):
        where = address(block.header[0], 0) if block.header else ""
        out.problems.append(
            Problem("SUB-05", block.sheet.name, where, "；".join(recognition.unknown), recognition.form.title, "header")
        )
    head = {
        "form": recognition.form.form,
        "title": recognition.title,
        "family": recognition.family,
        "score": recognition.score,
        "runner_up": recognition.runner_up,
        "cell": address(*_top_left(block)),
    }
    columns = [column.key for plan in recognition.plans for column in plan.of_kind("amount")]
    _record(reading, out, declared, block.sheet, head, columns)


def _top_left(block: Block) -> Cell:
    return (block.header or block.data)[0], 0


def _record(
    reading: FileReading, out: Tidied, declared: Declaration, sheet: Sheet, head: dict[str, Any], columns: list[str]
) -> None:
    number, first = len(reading.blocks), len(reading.facts)
    money = [f.amount for f in out.facts if f.amount is not None and f.unit not in ("", "%") and f.measure == "amount"]
    reading.blocks.append(
        head
        | {
            "block_id": number,
            "unit": declared.unit,
            "year": declared.year,
            "declared_code": declared.code,
            "declared_name": declared.name,
            "declared_scope": declared.scope,
            "note": declared.note,
            "step": display_step(money, declared.unit),
            "n_facts": sum(1 for fact in out.facts if fact.raw),
            "sheet": sheet.name,
            "columns": " ".join(sorted(set(columns))),
            "file": reading.file,
        }
    )
    for fact in out.facts:
        record = asdict(fact) | {"block_id": number, "fact_id": len(reading.facts), "file": reading.file}
        record["row_parent"] = None if fact.row_parent is None else first + fact.row_parent
        record["column_parent"] = None if fact.column_parent is None else first + fact.column_parent
        reading.facts.append(record)
    reading.labels.extend(asdict(label) | {"block_id": number, "file": reading.file} for label in out.labels)
    reading.problems.extend(asdict(problem) | {"file": reading.file} for problem in out.problems)
    _record_cells(reading, out)


def _record_cells(reading: FileReading, out: Tidied) -> None:
    roles = {(fact.sheet, fact.cell): fact for fact in out.facts if fact.raw}
    for (sheet, row, column), (disposition, form, reason) in out.ledger.items():
        cell = address(row, column)
        fact = roles.get((sheet, cell))
        if disposition == "fact" and fact is not None and fact.role == "total":
            disposition = "total"
        reading.cells.append(
            {"file": reading.file, "sheet": sheet, "cell": cell, "row": row, "column": column,
             "disposition": disposition, "form": form, "reason": reason}
        )  # fmt: skip


def _record_unrecognised(reading: FileReading, block: Block, recognition: Recognition) -> None:
    """A table that is no known form, or could be several: its figures are reported, never guessed."""
    sheet = block.sheet
    out = Tidied()
    figures = 0
    for r in (*block.header, *block.numbering, *block.repeated, *block.data):
        for c, value in enumerate(sheet.rows[r]):
            if value != "":
                figure = parse_number(value) is not None and r not in block.header
                figures += figure
                out.settle(sheet, [(r, c)], "unread" if figure else "note", "", "table not recognised")
    out.settle(sheet, [*block.preamble, *block.notes], "note")
    if figures:
        where = address(*_top_left(block))
        header = "；".join(str(v) for r in block.header for v in sheet.rows[r] if v != "")
        out.problems.append(Problem("SUB-05", sheet.name, where, header, recognition.runner_up, "table"))
        out.problems.append(Problem("SUB-16", sheet.name, where, str(figures), "", "整张表未能识别"))
    reading.problems.extend(asdict(problem) | {"file": reading.file} for problem in out.problems)
    _record_cells(reading, out)


def _record_prose(reading: FileReading, sheet: Sheet, cells: list[Cell]) -> None:
    out = Tidied()
    for r, c in cells:
        value = sheet.at(r, c)
        if isinstance(value, float | int):
            out.settle(sheet, [(r, c)], "note", "", "number in prose")
        else:
            out.settle(sheet, [(r, c)], "note")
    _record_cells(reading, out)


def assemble(readings: Sequence[FileReading], inputs: Inputs) -> Evidence:
    """All readings as one evidence; ids made unique over files, each record given its body."""
    bodies, body_of_file = identify_bodies(readings, inputs)
    blocks, facts, labels, cells, problems = [], [], [], [], []  # type: ignore[var-annotated]
    for reading in sorted(readings, key=lambda reading: reading.file):
        shift, fact_shift = len(blocks), len(facts)
        body = {"body_id": body_of_file.get(reading.file, "")}
        blocks += [record | body | {"block_id": record["block_id"] + shift} for record in reading.blocks]
        facts += [_shifted(record, shift, fact_shift) | body for record in reading.facts]
        labels += [record | body | {"block_id": record["block_id"] + shift} for record in reading.labels]
        cells += reading.cells
        problems += [record | body for record in reading.problems]
    return Evidence(
        inputs.year, bodies, frame(blocks, BLOCKS), frame(facts, FACTS), frame(labels, LABELS),
        frame(cells, CELLS), frame(problems, PROBLEMS), inputs.roster is not None,
    )  # fmt: skip


def _shifted(record: dict[str, Any], shift: int, fact_shift: int) -> dict[str, Any]:
    parents = {
        key: None if record[key] is None else record[key] + fact_shift for key in ("row_parent", "column_parent")
    }
    return record | parents | {"block_id": record["block_id"] + shift, "fact_id": record["fact_id"] + fact_shift}
