"""Mutants of workbooks: no crash, no hang, no wrong figure without a finding (tests/variants/fuzz.py says exactly what)."""

from pathlib import Path
from typing import Any

import pytest

import transforms.read
import transforms.reader
import transforms.tables.layout
import transforms.tables.placing
import transforms.tidy
from tests.variants.bases import documents, files, saved_workbooks, use_of
from tests.variants.fuzz import mutate
from transforms.read import FileReading

BATCHES = range(5)


@pytest.mark.parametrize("batch", BATCHES)
def test_a_mutant_is_read_right_or_a_finding_names_what_is_not(batch: int, tmp_path: Path) -> None:
    seeds = range(batch, 500, len(BATCHES))
    wrong = {seed: found for seed in seeds if (found := mutate(seed, tmp_path)[1])}
    assert wrong == {}


def _cut_amount(*args: Any) -> Any:
    amount, unit, readable = READ_AMOUNT(*args)
    return (amount and amount // 100_000 * 100_000), unit, readable


def _to_the_first_blank(scanner: Any, index: int, values: list[object]) -> None:
    block = scanner.block
    if not (block and block.data and index > block.data[-1] + 1):
        TAKE(scanner, index, values)


READ_AMOUNT, SCANNER = transforms.tables.placing.read_amount, transforms.tables.layout._Scanner
TAKE = SCANNER.take_values
TIDIER = transforms.tables.placing.PanelTidier
# What a careless change could do to the reader, and the judge must see.
SABOTAGE: dict[str, list[tuple[Any, str, Any]]] = {
    "amounts are cut": [(transforms.tables.placing, "read_amount", _cut_amount)],
    "words where amounts belong go unsaid": [
        (TIDIER, "_text_in_amount", lambda *_: None),
    ],
    "a blank row ends a table": [(SCANNER, "take_values", _to_the_first_blank)],
    "unknown columns go unsaid": [
        (TIDIER, "_unread", lambda *_: None),
        (transforms.tidy, "_settle_stray", lambda *_: None),
        (transforms.reader, "strange_words", lambda *_: iter(())),
    ],
    "unreadable files go unsaid": [(transforms.read, "unreadable", lambda name, _: FileReading(name))],
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_the_judge_of_mutants_notices_a_broken_reader(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patch in SABOTAGE[name]:
        monkeypatch.setattr(*patch)
    assert any(mutate(seed, tmp_path)[1] for seed in range(400))


def test_every_file_under_tests_and_of_real_departments_is_mutated() -> None:
    assert [path.name for path in files() if not use_of(path)] == []
    assert {path.name for path in saved_workbooks()} >= {"biff8.xls", "full_records.xlsb", "xml_2003.xml"}
    assert len(documents()) >= 14


def test_a_file_of_a_kind_that_nothing_mutates_is_noticed(tmp_path: Path) -> None:
    assert [use_of(tmp_path / name) for name in ("a.yml", "a.dbf", "a.et")] == ["", "", "workbook"]
