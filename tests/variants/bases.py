"""What is mutated: every workbook, drawn or saved by a program, and every document under tests/ and ../shared/real."""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from tests.disclosures import FOLDER as DISCLOSURES
from tests.sheets import sheet as drawn
from tests.test_golden import FOLDER as GOLDEN
from tests.test_unseen import FOLDER as UNSEEN
from tests.test_unseen import pages_of
from tests.variants.layout import draw_variant
from transforms.files.intake import DOCUMENT_SUFFIXES, TABLE_SUFFIXES
from transforms.files.opening import read_workbook
from transforms.files.refusals import UnreadableFileError
from transforms.workbook import Sheet

TESTS = Path(__file__).resolve().parents[1]
SHARED = TESTS.parents[1] / "shared"
# What a department might send besides the formats that are read: refused with a sentence, as a whole.
REFUSED_SUFFIXES = {".xml"}
# Files that are no input of any run, by what they are.
NO_INPUT = {
    "README.md": "a description",
    "expected.csv": "figures of the real workbooks, written down by hand",
    "leaves.csv": "figures of the real workbooks, written down by hand",
    "traps.yml": "spellings of single cells, read by test_traps",
    "words.yml": "spellings of the generator of variants",
    "caught.yml": "ledger of defects, read by test_caught",
    "drawn_documents.yml": "wordings of the generator of documents",
}


@cache
def files() -> list[Path]:
    """Every file under tests/ and ../shared/real that is no program."""
    under_tests = [path for path in TESTS.rglob("*") if "__pycache__" not in path.parts]
    found = [*under_tests, *(SHARED / "real").rglob("*")]
    return sorted(path for path in found if path.is_file() and path.suffix not in (".py", ".pyc"))


def use_of(path: Path) -> str:
    """What the fuzzer does with a file: `workbook`, `document`, `drawn` (a YAML of drawn sheets), `no input`; '' if nothing."""
    if path.name in NO_INPUT:
        return "no input"
    if path.suffix == ".yml":
        return "drawn" if path.parent in (GOLDEN, UNSEEN) else ""
    if path.parent == DISCLOSURES or path.suffix in DOCUMENT_SUFFIXES:
        return "document"
    return "workbook" if path.suffix in TABLE_SUFFIXES | REFUSED_SUFFIXES else ""


def saved_workbooks() -> list[Path]:
    """The workbooks that a program saved, whatever their format."""
    return [path for path in files() if use_of(path) == "workbook"]


def documents() -> list[Path]:
    """The disclosure documents; those of tests/disclosures have marks in braces, see `tests.disclosures`."""
    return [path for path in files() if use_of(path) == "document"]


@cache
def workbooks() -> list[list[Sheet]]:
    """The sheets of each workbook under tests/ and ../shared/real that can be read."""
    return [*_drawn(), *_read()]


def _drawn() -> Iterator[list[Sheet]]:
    for path in (path for path in files() if use_of(path) == "drawn"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            if "sheets" in case:
                yield [page.sheet for page in pages_of(case)]
            else:
                pages = case["pages"] if "pages" in case else {case.get("sheet_name", "Sheet1"): case["page"]}
                yield [drawn(page, name) for name, page in pages.items()]


def _read() -> Iterator[list[Sheet]]:
    for path in saved_workbooks():
        try:
            yield read_workbook(path)
        except UnreadableFileError:
            continue


def base_sheets(rng: random.Random) -> list[Sheet]:
    """A workbook to mutate: one of the project's, or a variant in known words."""
    if rng.random() < 0.5:
        return rng.choice(workbooks())
    while not (variant := draw_variant(rng.randrange(1_000_000_000))).known:
        pass
    return variant.sheets
