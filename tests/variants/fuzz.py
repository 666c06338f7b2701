"""Mutants of workbooks, in their cells and in their bytes: `python -m tests.variants.fuzz [HOW MANY] [FIRST SEED]`.

What must hold for a mutant of one cell, by what the cell becomes:
- another number in a cell that was a fact: the fact stays at its address with the new amount, and it adds into a printed
  total, or has parts adding into it, so that an identity sees it; a leaf outside every identity may change unseen;
- words in a cell that was a fact: no fact, and a problem names the cell;
- nothing: no fact with that cell's raw text;
- in every case each other fact is as before, or is no fact and a problem names its cell or its sheet.
A mutant of bytes yields figures that the file had before, or a problem; it never raises and is read within the limit.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl

from tests.variants.judge import records
from tests.variants.layout import draw_variant
from transforms.opening import read_workbook
from transforms.read import FileReading, read_file, read_sheets
from transforms.workbook import Sheet, position

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
SECONDS = 30
WORDS = ("十二万", "#REF!", "约120", "12万元", "见附表", "1,23", "待定", "××", "=A1+B1", "12.5.1", "壹佰")
Place = tuple[str, str]


def base_sheets(seed: int) -> list[Sheet]:
    """A workbook to mutate: a variant in known words, or now and then a real one."""
    real = sorted(REAL.glob("*_20*.xlsx")) if REAL.is_dir() else []
    if real and seed % 10 == 0:
        return read_workbook(real[seed // 10 % len(real)])
    while not (variant := draw_variant(seed)).known:
        seed += 1_000_003
    return variant.sheets


def facts_by_place(reading: FileReading) -> dict[Place, dict]:
    return {(fact["sheet"], fact["cell"]): fact for fact in records(reading.facts) if fact["raw"]}


def mutate_one_cell(seed: int) -> list[str]:
    """What is wrong with the reading of one mutant; nothing where all is as it must be."""
    rng = random.Random(seed)
    sheets = base_sheets(seed)
    before = read_sheets(sheets, "a.xlsx")
    facts = facts_by_place(before)
    if not facts:
        return []
    place = rng.choice(sorted(facts))
    kind = rng.choice(("number", "number", "words", "blank"))
    value: object = {"number": 987654.25, "words": rng.choice(WORDS), "blank": ""}[kind]
    after = read_sheets([_with(sheet, place, value) for sheet in sheets], "a.xlsx")
    found = facts_by_place(after)
    reported = {(p["sheet"], p["cell"]) for p in records(after.problems)}
    whole = {p["sheet"] for p in records(after.problems) if p["rule_id"] in ("SUB-05", "SUB-09")}
    wrong = list(_others(facts, found, place, reported, whole))
    return wrong + _own(kind, facts[place], found.get(place), place in reported or place[0] in whole, before)


def _with(sheet: Sheet, place: Place, value: object) -> Sheet:
    if sheet.name != place[0]:
        return sheet
    row, column = position(place[1])
    rows = [list(values) for values in sheet.rows]
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
        elif now is not None and _address(now) != _address(fact) and place[0] not in whole:
            yield f"{place} was {_address(fact)}, is {_address(now)} after a change of {mutated}"
    yield from (f"{place} is a fact of its own now" for place in found if place not in facts)


def _address(fact: dict) -> tuple[object, ...]:
    return tuple(fact[key] for key in ("form", "panel", "row_key", "column_key", "measure", "amount"))


def _own(kind: str, fact: dict, now: dict | None, told: bool, before: FileReading) -> list[str]:
    if kind == "number":
        if now is None:
            return [] if told else [f"{fact['cell']} lost with another number"]
        moved = _address(now)[:-1] != _address(fact)[:-1]
        unseen = now["raw"] == fact["raw"] or (fact["role"] == "total" and not _has_parts(fact, before))
        return [f"{fact['cell']} moved or unseen: {_address(now)}"] * (moved or unseen)
    if now is not None:
        return [f"{fact['cell']} still read as {now['raw']!r}"]
    return [] if told or kind == "blank" else [f"{fact['cell']} holds words and nobody says so"]


def _has_parts(fact: dict, reading: FileReading) -> bool:
    """Whether a printed total stands in an identity, or its table has nothing that could add into it."""
    same = [f for f in records(reading.facts) if f["block_id"] == fact["block_id"]]
    parents = {f["row_parent"] for f in same} | {f["column_parent"] for f in same}
    linked = fact["fact_id"] in parents or fact["row_parent"] is not None or fact["column_parent"] is not None
    return linked or not any(f["role"] == "leaf" and f["panel"] == fact["panel"] for f in same)


def save(sheets: list[Sheet], path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for row, column, value in sheet.filled():
            page.cell(row + 1, column + 1).value = value
    book.save(path)


def mutate_bytes(seed: int, folder: Path) -> list[str]:
    """What is wrong with the reading of a workbook some of whose bytes are others."""
    rng = random.Random(seed)
    path = folder / "mutant.xlsx"
    save(base_sheets(seed), path)
    before = Counter(map(_address, facts_by_place(read_file(path, "a.xlsx")).values()))
    content = bytearray(path.read_bytes())
    if rng.random() < 0.2:
        del content[rng.randrange(len(content)) :]
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if content else 0):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content)
    started = time.monotonic()
    reading = read_file(path, "a.xlsx")
    late = time.monotonic() - started > SECONDS
    after = Counter(map(_address, facts_by_place(reading).values()))
    strange = after - before
    silent = bool(strange) and not reading.problems["rule_id"]
    lost = bool(before - after) and not reading.problems["rule_id"]
    return (
        ["read for too long"] * late
        + [f"other figures unannounced: {list(strange)[:2]}"] * silent
        + ["figures gone unannounced"] * lost
    )


def main(count: int, first: int) -> int:
    """Print how many mutants were read and the first that were read wrongly; 1 where there are any."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            found = mutate_bytes(seed, Path(folder)) if seed % 4 == 3 else mutate_one_cell(seed)
            wrong += [f"seed {seed}: {found[0]}"] if found else []
    print("\n".join(wrong[:12]))
    print(f"mutants: {count}\nread wrongly: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*numbers, *(500, 0)[len(numbers) :]])))
