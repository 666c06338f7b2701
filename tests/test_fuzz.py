"""Mutants of workbooks: no crash, no hang, no wrong figure without a finding (tests/variants/fuzz.py says exactly what)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import transforms.layout
import transforms.read
import transforms.tidy
from tests.variants.fuzz import mutate
from transforms.layout import Row
from transforms.read import FileReading
from transforms.workbook import Sheet

BATCHES = range(5)


@pytest.mark.parametrize("batch", BATCHES)
def test_a_mutant_is_read_right_or_a_finding_names_what_is_not(batch: int, tmp_path: Path) -> None:
    seeds = range(batch, 500, len(BATCHES))
    wrong = {seed: found for seed in seeds if (found := mutate(seed, tmp_path)[1])}
    assert wrong == {}


def _cut_amount(*args: Any) -> Any:
    amount, unit, readable = READ_AMOUNT(*args)
    return (amount and amount // 100_000 * 100_000), unit, readable


def _rows_to_the_first_blank(sheet: Sheet, first: int = 0, end: int | None = None) -> Iterator[Row]:
    before: int | None = None
    for row in ROWS_OF(sheet, first, end):
        if before is not None and row.index > before + 1:
            return
        before = row.index
        yield row


READ_AMOUNT, ROWS_OF = transforms.tidy.read_amount, transforms.layout.rows_of
# What a careless change could do to the reader, and the judge must see.
SABOTAGE: dict[str, list[tuple[Any, str, Any]]] = {
    "amounts are cut": [(transforms.tidy, "read_amount", _cut_amount)],
    "words where amounts belong go unsaid": [
        (transforms.tidy, "_settle_text_in_amount", lambda *_: None),
    ],
    "a blank row ends a table": [(transforms.layout, "rows_of", _rows_to_the_first_blank)],
    "unknown columns go unsaid": [
        (transforms.tidy, "_unread", lambda *_: None),
        (transforms.tidy, "_settle_stray", lambda *_: None),
        (transforms.read, "_strange_words", lambda *_: iter(())),
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
