"""Mutants of files as they lie on the disk: bytes of workbooks in every format, bytes and characters of documents.

A mutant of a workbook's bytes yields the figures that the file had before, or a problem, or a finding of a rule: formats
without checksums (.xls, .csv) cannot know that a digit was another, and a fen more or less may be rounding. A mutant of a
document yields on each line that was not touched what it yielded before, or the reader or a rule tells something that was
not told. None raises, each is read within the limit.
"""

import random
import time
from collections import Counter
from functools import cache
from pathlib import Path

import openpyxl

from expectations.reconcile import catalogue, reconcile
from tests.disclosures import FOLDER as DISCLOSURES
from tests.disclosures import disclosures
from tests.variants.bases import base_sheets, documents, saved_workbooks
from tests.variants.judge import records
from transforms.evidence import assemble
from transforms.narrative.read import read_document
from transforms.read import FileReading, read_file
from transforms.submissions import Inputs, source_file
from transforms.workbook import Sheet

SECONDS = 30
YEAR = 2020
NAME = "101_教育局/a.xlsx"
ADDRESS = ("form", "panel", "row_key", "column_key", "measure", "amount")
ROUNDING = 1  # fen that rules let pass
LETTERS = "0123456789.,，。、：万元%囗（ \n"


def save(sheets: list[Sheet], path: Path) -> None:
    """Write sheets as a workbook, merged ranges included."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for each in sheets:
        page = book.create_sheet(each.name)
        for row, column, value in each.filled():
            page.cell(row + 1, column + 1).value = value
        for top, left, bottom, right in each.merges:
            page.merge_cells(None, top + 1, left + 1, bottom + 1, right + 1)
    book.save(path)


def mutate_workbook(rng: random.Random, folder: Path) -> list[str]:
    """What is wrong with the reading of a workbook some of whose bytes are others."""
    path = folder / "mutant.bin"
    if rng.random() < 0.5:
        path.write_bytes(rng.choice(saved_workbooks()).read_bytes())
    else:
        save(base_sheets(rng), path)
    before = read_file(path, NAME)
    path.write_bytes(_changed(path.read_bytes(), rng))
    started = time.monotonic()
    reading = read_file(path, NAME)
    if time.monotonic() - started > SECONDS:
        return ["read for too long"]
    was, now = figures(before), figures(reading)
    if _alike(was, now) or _told(reading) - _told(before) or findings(path, reading) - findings(path, before):
        return []
    return [f"figures gone or new unannounced: {list(was - now)[:2]} {list(now - was)[:2]}"]


def figures(reading: FileReading) -> Counter[tuple[object, ...]]:
    """The addresses and amounts of all that was read."""
    return Counter(tuple(fact[key] for key in ADDRESS) for fact in records(reading.facts) if fact["raw"])


def _alike(was: Counter[tuple[object, ...]], now: Counter[tuple[object, ...]]) -> bool:
    """Whether the figures are the same at the same addresses, but for rounding."""
    gone, new = sorted((was - now).elements(), key=repr), sorted((now - was).elements(), key=repr)
    return len(gone) == len(new) and all(
        one[:-1] == other[:-1] and _close(one[-1], other[-1]) for one, other in zip(gone, new, strict=True)
    )


def _close(one: object, other: object) -> bool:
    return isinstance(one, int) and isinstance(other, int) and abs(one - other) <= ROUNDING


def _told(reading: FileReading) -> Counter[tuple[str, str, str, str]]:
    keys = ("rule_id", "sheet", "cell", "found")
    return Counter(tuple(problem[key] for key in keys) for problem in records(reading.problems))


def findings(path: Path, reading: FileReading) -> set[tuple[str, str, str, str]]:
    """What the rules find in a submission of this one file."""
    file = source_file(path, NAME)
    inputs = Inputs(year=YEAR, root=path.parent, files=(file,), ignored={}, roster=None)
    found = reconcile(assemble([reading], inputs), catalogue()).findings
    return set(zip(*(found[key].astype(str) for key in ("rule_id", "sheet", "cell", "message")), strict=True))


def _changed(content: bytes, rng: random.Random) -> bytes:
    """The bytes with some of them others, a fifth of them cut."""
    changed = bytearray(content)
    if rng.random() < 0.2:
        del changed[rng.randrange(len(changed)) :]
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


@cache
def texts() -> list[str]:
    """The disclosure documents as text."""
    plain = [path for path in documents() if path.parent != DISCLOSURES and path.suffix == ".txt"]
    return [document.text for document in disclosures()] + [
        path.read_text(encoding="utf-8") for path in plain
    ]


def mutate_document(rng: random.Random, folder: Path) -> list[str]:
    """What is wrong with the reading of a document of which a character, a line or some bytes are others."""
    path, text = folder / "mutant.txt", rng.choice(texts())
    path.write_text(text, encoding="utf-8")
    before = read_document(path, NAME)
    touched = _touch(rng, text, path)
    started = time.monotonic()
    after = read_document(path, NAME)
    if time.monotonic() - started > SECONDS:
        return ["read for too long"]
    if _told(after) - _told(before) or _unread_sentences(after) - _unread_sentences(before):
        return []
    found = [] if touched is None else _elsewhere(before, after, touched)
    return [] if found and findings(path, after) - findings(path, before) else found


def _touch(rng: random.Random, text: str, path: Path) -> int | None:
    """Write the document with one character of a line replaced, gone or more; the line, None for bytes anywhere."""
    if rng.random() < 0.3:
        path.write_bytes(_changed(path.read_bytes(), rng))
        return None
    lines = text.split("\n")
    line = rng.choice([n for n, words in enumerate(lines) if words.strip()])
    at, words = rng.randrange(len(lines[line])), lines[line]
    more, skipped = rng.choice((("", 1), (rng.choice(LETTERS[:-1]), 1), (rng.choice(LETTERS[:-1]), 0)))
    lines[line] = words[:at] + more + words[at + skipped :]
    path.write_text("\n".join(lines), encoding="utf-8")
    return line + 1


def _elsewhere(before: FileReading, after: FileReading, touched: int) -> list[str]:
    """The figures of lines that nobody touched which are others now, although nothing is told.

    That there is none of something (国有资本经营预算：无。) may be unknown below a heading that nobody understands.
    """
    was, now = (_by_line(reading, touched) for reading in (before, after))
    none = _by_line(before, touched, without=frozenset("0123456789"))
    gone, new = was - now - none, now - was
    return [f"line {touched} touched: {list(gone)[:2]} became {list(new)[:2]}"] if gone or new else []


def _by_line(
    reading: FileReading, touched: int, without: frozenset[str] = frozenset()
) -> Counter[tuple[object, ...]]:
    """The figures by their lines, those said with some letters apart; what a heading names by it is known without it."""
    facts = (fact for fact in records(reading.facts) if fact["raw"] and fact["cell"] != f"第{touched}行")
    facts = (fact for fact in facts if without.isdisjoint(fact["raw"]))
    return Counter(
        (fact["cell"], *(fact[key] for key in ADDRESS if (fact["panel"], key) != ("project_note", "row_key")))
        for fact in facts
    )


def _unread_sentences(reading: FileReading) -> Counter[str]:
    return Counter(s["text"] for s in records(reading.sentences) if not s["understood"])
