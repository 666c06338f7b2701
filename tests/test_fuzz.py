"""Mutants of workbooks: no crash, no hang, no wrong figure without a finding (tests/variants/fuzz.py says exactly what)."""

from pathlib import Path

import pytest

from tests.variants.fuzz import mutate_bytes, mutate_one_cell

BATCHES = range(5)


@pytest.mark.parametrize("batch", BATCHES)
def test_a_mutated_cell_changes_its_own_fact_or_is_reported(batch: int) -> None:
    wrong = {seed: found for seed in range(batch, 375, len(BATCHES)) if (found := mutate_one_cell(seed))}
    assert wrong == {}


@pytest.mark.parametrize("batch", BATCHES)
def test_mutated_bytes_yield_the_same_figures_or_a_finding(batch: int, tmp_path: Path) -> None:
    wrong = {
        seed: found for seed in range(batch, 125, len(BATCHES)) if (found := mutate_bytes(seed, tmp_path))
    }
    assert wrong == {}
