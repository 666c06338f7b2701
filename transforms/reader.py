"""The sheets of a file, one after the other: lists and cards of targets, tables with what goes on with them, prose."""

from dataclasses import replace
from typing import Any

from transforms.forms import Form
from transforms.money import display_step
from transforms.narrative.parts import Passage
from transforms.narrative.prose import prose_of
from transforms.recognise import recognise
from transforms.sideways import set_upright, tidy_sideways
from transforms.tables.block import Block
from transforms.tables.cards import CardRegion, find_cards, tidy_card
from transforms.tables.continuing import words_for_amounts
from transforms.tables.declare import Declaration, declaration
from transforms.tables.facts import UNKNOWN
from transforms.tables.halves import stacked
from transforms.tables.layout import find_blocks
from transforms.tables.one_key import unite_bodies
from transforms.tables.pages import comparisons_aside, with_their_pages
from transforms.tables.recognition import Recognition
from transforms.tables.restated import unit_of_columns, unit_of_figures
from transforms.tables.target_lists import TargetList, find_target_list, tidy_project
from transforms.tables.two_funds import by_fund, of_each_form, settle_sums
from transforms.tables.unit_of_sheet import with_units_of_sheets
from transforms.tables.unplaced import (
    foreign_note,
    settle_unrecognised,
    settle_unused,
    strange_words,
    top_left,
    two_units,
)
from transforms.tables.yields import Problem, Tidied
from transforms.tidy import Part, tidy_blocks
from transforms.workbook import Cell, Sheet, address


class Reader:
    """Reads the sheets of a file in their order: cards at once, tables when all their continuations are known.

    `alone`: whether no other file of the body has a form that a table of this one sets beside the year before.
    """

    def __init__(self, *, alone: bool = True) -> None:
        self.out = Tidied()
        self.alone = alone
        self.blocks: list[dict[str, Any]] = []
        self.tables: list[list[Part]] = []
        self.previous: tuple[Block, Recognition] | None = None
        self.told: list[Passage] = []

    def take(self, sheet: Sheet) -> None:
        """Read a sheet, or wait with its tables until all of the file are known."""
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
            block, recognition = set_upright(block, recognise(block, self.previous), self.previous)
            each = self._tables_in(block, recognition)
            worded += _words_of(block) if each[0][1].form is None else []
            for part in each:
                for half in stacked(*part):
                    self._add_part(*half)
        if not blocks and self.previous:
            self._refuse_words(sheet, words_for_amounts(sheet, self.previous))
        self.told += prose_of(sheet, sorted(worded))
        for r, c in prose:
            number = isinstance(sheet.rows[r][c], float | int)
            self.out.settle(sheet, [(r, c)], "note", "", "number in prose" if number else "")

    def _tables_in(self, block: Block, recognition: Recognition) -> list[tuple[Block, Recognition]]:
        """The table, or those of two funds that it holds, one below or beside the other."""
        if funds := by_fund(block, recognition):
            settle_sums(self.out, block, funds.sums)
            return funds.parts
        return [(block, found) for found in of_each_form(block, recognition)]

    def _add_part(self, block: Block, recognition: Recognition) -> None:
        """Take a table, or the rest of the one before, unless it says that it is of another body."""
        declared = self._declared(block, recognition)
        if recognition.form and recognition.continues and not declared.may_be_of_body(self.tables[-1][0][2]):
            recognition = replace(recognition, continues=False)
        part = (block, recognition, declared)
        self.previous = _as_it_stands(block, recognition)
        if recognition.continues:
            self.tables[-1].append(part)
        else:
            self.tables.append([part])

    def _declared(self, block: Block, recognition: Recognition) -> Declaration:
        """What a table declares; a second one of a form under the title of the first is in its unit.

        A unit that all columns of amounts that count state, or all these amounts, is the table's.
        """
        remarks = (column.index for plan in recognition.plans for column in plan.of_kind("remark"))
        declared = declaration(block.upright or block, recognition.title, remarks)
        if not declared.unit and not declared.disputed:
            stated = unit_of_columns(recognition.plans) or unit_of_figures(block, recognition.plans)
            declared = replace(declared, unit=stated)
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
        tables = with_their_pages(with_units_of_sheets(self.tables))
        for parts in comparisons_aside(tables, alone=self.alone):
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
        if block.upright:
            cell = address(*top_left(block.upright))
            tidy_sideways(self.out, parts[0], len(self.blocks))
        else:
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
            "compares": recognition.compares,
            "cell": cell,
        }
        plans = [plan for _, each, _ in parts for plan in each.every_plan]
        columns = [column.key for plan in plans for column in plan.of_kind("amount") if column.key]
        self._record(first, declared, block.sheet, head, columns)

    def _record(
        self, first: int, declared: Declaration, sheet: Sheet, head: dict[str, Any], columns: list[str]
    ) -> None:
        """Enter a table whose facts begin at `first`."""
        facts, block = self.out.facts, declared_block(len(self.blocks), declared, sheet.name)
        self.blocks.append(
            head
            | block
            | {
                "step": display_step(facts.money_from(first), declared.unit),
                "n_facts": len(facts) - first - facts.value[first:].count(""),
                "columns": " ".join(sorted(set(columns))),
            }
        )


def declared_block(number: int, declared: Declaration, sheet: str) -> dict[str, Any]:
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


def _as_it_stands(block: Block, recognition: Recognition) -> tuple[Block, Recognition]:
    """A table as what stands below it may go on with it: one that is on its side has all its rows."""
    if block.upright is None:
        return block, recognition
    assert recognition.form
    return block.upright, replace(recognition, plans=(), taken=frozenset(recognition.form.panels))


def _words_of(block: Block) -> list[Cell]:
    """The cells of an unknown table without data: lines of prose of which some read like headers."""
    if block.data:
        return []
    rows = (*block.header, *block.numbering, *block.repeated)
    inside = [(r, c) for r in rows for c, value in enumerate(block.sheet.rows[r]) if value != ""]
    return [*block.preamble, *inside, *block.notes]
