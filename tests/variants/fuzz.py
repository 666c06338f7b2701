"""Mutants of workbooks and documents, in their cells and in their bytes: `python -m tests.variants.fuzz [HOW MANY] [FIRST SEED]`.

What must hold for a mutant of one cell, by what the cell becomes:
- another number in a cell that was a fact: the fact stays at its address with the new amount, and it adds into a printed
  total, or has parts adding into it, so that an identity sees it; a leaf outside every identity may change unseen;
- words in a cell that was a fact: no fact, and a problem names the cell;
- nothing: no fact with that cell's raw text;
- in each of these cases each other fact is as before, or is no fact and a problem names its cell or its sheet.
- a number in a cell that was blank: a fact in the row and the column of its neighbours, or reported, or set aside.
A mutant of the shape has a blank row or column more, a row fewer, or a garbled word. Beside a blank row or column each figure
is what it was, and each cell is told that was told, unless its table is told as a whole now. Otherwise each figure is where it
was (moved along with its row), or is gone with its row, or a problem that the file did not have before names its sheet.

What counts as told: a problem of a rule at a cell where that rule had none, cells that moved being followed. The same
problem said in other words is not news: a sheet that was strange before stays so, and behind its one sentence (SUB-05)
anything could be misread. What counts as whole: a sheet that is told as a whole now and was not (a table of no known
form, or one whose unit nobody knows), whose amounts nothing then uses. A figure of another sheet that went on with the
changed one is no loss where its own cell is told. A total that was printed twice is one when the other row is gone; what
stands below a heading that is gone, and a row whose words were all that said what it is, no reader could know better.
A figure of a mutant of the shape is told also where a rule finds at its cell, or at that of its printed total, what it
did not find before: a total that stands alone now as the other one, which contradicted it, is gone. Where the row that
is gone was what the file was told of (a second unit in a remark, a total above codes of another list, a strange row beside
a total), what was held back for it is read now, and rightly so. A percentage beside the changed amount is what the amounts
of its row say, now others: 0.2 where they grow by 20 %, and where they hardly grow.
What holds for a mutant of bytes, or of a document, is said in `bytes_changed`.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from expectations.units import FEN_PER
from tests.variants.bases import base_sheets
from tests.variants.bytes_changed import mutate_document, mutate_workbook
from tests.variants.judge import ABOUT_CELLS, records
from tests.variants.shape_mutants import mutate_shape
from tests.variants.told import (
    Place,
    address_of,
    facts_by_place,
    listed,
    new_problems,
    unequal,
    unplaced,
    without_unit,
)
from transforms.read import FileReading, read_sheets
from transforms.workbook import Sheet, address, position

NUMBER = Decimal("987654.25")
WORDS = ("十二万", "#REF!", "约120", "12万", "见附表", "1,23", "待定", "××", "=A1+B1", "12.5.1", "壹佰")
FILLED = 0.2
AGREEING = Decimal("0.5")  # percentage points between a percentage and what its amounts say


def mutate_one_cell(rng: random.Random) -> list[str]:
    """What is wrong with the reading of one mutant; nothing where all is as it must be."""
    sheets = base_sheets(rng)
    before = read_sheets(sheets, "a.xlsx")
    facts = facts_by_place(before)
    if not facts or rng.random() < FILLED:
        return _fill_a_blank(rng, sheets, before)
    place = rng.choice(sorted(facts))
    kind = rng.choice(("number", "number", "words", "blank"))
    value: object = {"number": float(NUMBER), "words": rng.choice(WORDS), "blank": ""}[kind]
    after = read_sheets([_with(sheet, place, value) for sheet in sheets], "a.xlsx")
    found = facts_by_place(after)
    new = new_problems(before, after)
    reported = {(sheet, cell) for _, sheet, cell in new}
    whole = _told_whole(before, after)
    settled = _contradicted(before, after)
    others = {each: fact for each, fact in found.items() if each not in settled}
    wrong = list(_others(facts, others, place, reported, whole))
    told = place in reported or place[0] in whole
    if kind == "words" and place[0] not in {sheet for sheet, _ in found}:
        # The only figure of a sheet that goes on without header: its total is unequal now, or is itself what is missing.
        told |= facts[place]["role"] == "total" or bool(unequal(after) - unequal(before))
    return wrong + _own(kind, facts[place], found.get(place), told, before)


def _contradicted(before: FileReading, after: FileReading) -> set[Place]:
    """The totals that the reader told of at their cells, and that an identity tells of now: what they add up is another."""
    told = {(p["sheet"], p["cell"]) for p in records(before.problems) if p["rule_id"] in ABOUT_CELLS}
    wrong = unequal(after) - unequal(before)
    return {at for at, fact in facts_by_place(after).items() if at in told and listed(fact) in wrong}


def _fill_a_blank(rng: random.Random, sheets: list[Sheet], before: FileReading) -> list[str]:
    """What is wrong with the reading of a workbook that has a number in a cell that was blank."""
    sheet = rng.choice([sheet for sheet in sheets if sheet.rows] or sheets)
    blanks = list(_blanks(sheet))
    if not blanks:
        return []
    place = sheet.name, address(*rng.choice(blanks))
    after = read_sheets([_with(each, place, float(NUMBER)) for each in sheets], "a.xlsx")
    facts, found = facts_by_place(before), facts_by_place(after)
    new = new_problems(before, after)
    whole = _told_whole(before, after) | _strange(before, after)
    reported = {(s, cell) for _, s, cell in new}
    wrong = list(_others(facts, found, place, reported, whole))
    settled = {(c["sheet"], c["cell"]): c["disposition"] for c in records(after.cells)}.get(place, "nowhere")
    if place in found:
        return wrong + _out_of_line(place, found[place], facts, sheet)
    silent = place not in reported and settled not in ("ignored", "note", "unread")
    return wrong + [f"{place} filled and {settled}"] * silent


def _strange(before: FileReading, after: FileReading) -> set[str]:
    """The sheets of which nothing was read, and of which it still is said that they are strange."""
    told = {p["sheet"] for p in records(after.problems) if p["rule_id"] == "SUB-05"}
    return told - {sheet for sheet, _ in facts_by_place(before)}


def _told_whole(before: FileReading, after: FileReading) -> set[str]:
    """The sheets of which as a whole something is told that was not told before."""
    new = {sheet for rule, sheet, _ in new_problems(before, after) if rule in ("SUB-05", "SUB-09")}
    new |= {sheet for sheet, _ in unplaced(after) - unplaced(before)}
    return new | {sheet for sheet, _ in without_unit(after) - without_unit(before)}


def _blanks(sheet: Sheet) -> Iterator[tuple[int, int]]:
    width = max(map(len, sheet.rows), default=0)
    for r, row in enumerate(sheet.rows):
        for c in range(width if row else 0):
            if sheet.at(r, c) == "" and (r, c) not in sheet.origins:
                yield r, c


def _out_of_line(place: Place, fact: dict, facts: dict[Place, dict], sheet: Sheet) -> list[str]:
    """A new figure whose row or column is none of those that its neighbours in row and column have.

    Its row may be another than that of its neighbours where its own code stands between them: lists in halves. Where what
    are rows elsewhere are columns (assets over 数量 and 金额), its column says the one and its row the other.
    """
    row, column = position(place[1])
    near = [(position(cell), other) for (sheet, cell), other in facts.items() if sheet == place[0]]
    same = ("block_id", "panel")
    near = [(where, other) for where, other in near if all(other[key] == fact[key] for key in same)]
    in_row = {other["row_key"] for (r, _), other in near if r == row}
    in_column = {(other["column_key"], other["measure"]) for (_, c), other in near if c == column}
    # Units as columns: the column says what the row says elsewhere; so do months of a card and any items as columns.
    of_unit = fact["row_key"].startswith("unit.")
    by_column = of_unit or (fact["form"], fact["panel"]) == ("project", "payments") or len(in_row) > 1
    rows_below = {other["row_key"] for (_, c), other in near if c == column}
    columns_beside = {(other["column_key"], other["measure"]) for (r, _), other in near if r == row}
    if rows_below == {fact["row_key"]} and columns_beside <= {(fact["column_key"], fact["measure"])}:
        return []
    last = max((c for (r, c), _ in near if r == row and c < column), default=-1)
    of_half = fact["row_key"] in [str(sheet.at(row, c)) for c in range(last + 1, column)]
    in_line = fact["row_key"] in in_row or by_column or of_half
    strange = [fact["row_key"]] if in_row and not in_line else []
    turned = (
        fact["row_key"] == "total" or of_unit
    )  # items as rows: the row says what the column says elsewhere
    if in_column and not turned and (fact["column_key"], fact["measure"]) not in in_column:
        strange.append(fact["column_key"])
    return [f"{place} filled, read as {strange} among {in_row or in_column}"] if strange else []


def _with(sheet: Sheet, place: Place, value: object) -> Sheet:
    if sheet.name != place[0]:
        return sheet
    row, column = position(place[1])
    rows = [list(values) for values in sheet.rows]
    rows[row] += [""] * (column + 1 - len(rows[row]))
    rows[row][column] = value
    while rows[row] and rows[row][-1] == "":
        rows[row].pop()
    return replace(sheet, rows=rows)


def _others(
    facts: dict[Place, dict], found: dict[Place, dict], mutated: Place, reported: set[Place], whole: set[str]
) -> Iterator[str]:
    for place, fact in facts.items():
        now = found.get(place)
        if place == mutated:
            continue
        if now is None and place not in reported and place[0] not in whole:
            yield f"{place} lost after a change of {mutated}"
        elif now is not None and listed(now) != listed(fact) and place[0] not in whole:
            if _is_said_by_its_row(place, now, found) and position(place[1])[0] == position(mutated[1])[0]:
                continue
            if _is_printed_again(fact, now, facts.get(mutated)):
                continue
            yield f"{place} was {address_of(fact)}, is {address_of(now)} after a change of {mutated}"
    row = position(mutated[1])[0]
    for place in found:
        beside = mutated in reported and position(place[1])[0] == row  # a finding names the row
        beside |= _stands_in(found[place], facts.get(mutated), found.get(mutated))
        if place not in facts and place != mutated and not beside and place[0] not in whole:
            yield f"{place} is a fact now"


def _is_printed_again(fact: dict, now: dict, gone: dict | None) -> bool:
    """Whether a fact stood for a total once more, and is that total now that the other cell no longer states it."""
    again = gone is not None and fact["role"] == "memo" and fact["raw"] == gone["raw"]
    return again and gone is not None and listed(now) == listed(gone)


def _stands_in(fact: dict, gone: dict | None, now: dict | None) -> bool:
    """Whether a fact is the total that the other cell no longer states, which contradicted it."""
    if gone is None or now is not None or gone["row_key"] != "total":
        return False
    return listed(fact)[:-1] == listed(gone)[:-1]


def _is_said_by_its_row(place: Place, fact: dict, found: dict[Place, dict]) -> bool:
    """Whether a fact is a percentage that its row's amounts, or the change printed beside them, state, as NAR-07 counts."""
    row = position(place[1])[0]
    said = {
        other["measure"]: other["amount"]
        for (sheet, cell), other in found.items()
        if (sheet, position(cell)[0], other["column_key"]) == (place[0], row, fact["column_key"])
    }
    was, by = said.get("previous"), said.get("change")
    by = said["amount"] - was if was and said.get("amount") is not None else by
    if fact["measure"] != "percent" or not was or by is None:
        return False
    return abs(Decimal(fact["amount"]) / 100 - 100 * Decimal(by) / Decimal(was)) <= AGREEING


def _own(kind: str, fact: dict, now: dict | None, told: bool, before: FileReading) -> list[str]:
    if kind == "number":
        if now is None:
            return [] if told else [f"{fact['cell']} lost with another number"]
        unread = FEN_PER.get(now["unit"]) and now["amount"] != NUMBER * FEN_PER[now["unit"]]
        if unread and now["measure"] not in ("quantity", "percent"):
            return [f"{fact['cell']} holds {NUMBER}, read as {now['amount']}"]
        moved = address_of(now)[:-1] != address_of(fact)[:-1]
        unseen = now["raw"] == fact["raw"] or (fact["role"] == "total" and not _has_parts(fact, before))
        return [f"{fact['cell']} moved or unseen: {address_of(now)}"] * (moved or unseen)
    if now is not None:
        return [f"{fact['cell']} still read as {now['raw']!r}"]
    return [] if told or kind == "blank" else [f"{fact['cell']} holds words and nobody says so"]


def _has_parts(fact: dict, reading: FileReading) -> bool:
    """Whether a printed total stands in an identity, or its table has nothing that could add into it."""
    same = [f for f in records(reading.facts) if f["block_id"] == fact["block_id"]]
    if not any(f["role"] == "leaf" and f["column_key"] == fact["column_key"] for f in same):
        return True  # 人员经费合计 of classes, whose sum is a rule of its own (ECO-02)
    parents = {f["row_parent"] for f in same} | {f["column_parent"] for f in same}
    linked = fact["fact_id"] in parents or fact["row_parent"] is not None or fact["column_parent"] is not None
    return linked or not any(f["role"] == "leaf" and f["panel"] == fact["panel"] for f in same)


KINDS = {"cell": 60, "shape": 24, "bytes": 10, "document": 6}  # of a hundred mutants
IN_MEMORY = {"cell": mutate_one_cell, "shape": mutate_shape}
ON_DISK = {"bytes": mutate_workbook, "document": mutate_document}


def mutate(seed: int, folder: Path) -> tuple[str, list[str]]:
    """The kind of the mutant of this seed, and what is wrong with its reading."""
    rng = random.Random(seed)
    kind = rng.choices(list(KINDS), weights=KINDS.values())[0]
    found = IN_MEMORY[kind](rng) if kind in IN_MEMORY else ON_DISK[kind](rng, folder)
    return kind, found


def tried(seed: int, folder: Path) -> tuple[str, list[str]]:
    """The mutant of this seed, one at which reading breaks down being wrong too."""
    try:
        return mutate(seed, folder)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 – what a library raises on damaged bytes need be no Exception
        return "broken down", [f"{type(error).__name__}: {error}"]


def main(count: int, first: int) -> int:
    """Print how many mutants were read and the first that were read wrongly; 1 where there are any."""
    wrong: list[str] = []
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            kind, found = tried(seed, Path(folder))
            tally[kind] += 1
            wrong += [f"seed {seed}: {found[0]}"] if found else []
    print("\n".join(wrong[:40]))
    print(f"mutants: {count}", *(f"{kind}: {number}" for kind, number in tally.items()), sep="\n")
    print(f"read wrongly: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*numbers, *(500, 0)[len(numbers) :]])))
