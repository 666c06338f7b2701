"""A small score card on every change; `make score` runs the whole one."""

from datetime import date
from pathlib import Path

import pytest

from tests.score import (
    Clean,
    Trial,
    located,
    not_planted,
    recall,
    report,
    shortfalls,
    try_clean,
    try_third,
)
from transforms.sample.lists import settings

SOME_DEFECTS = 20


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> list[Trial]:
    return try_third(tmp_path_factory.mktemp("spoilt"), departments=24, units=16, seed=41)


def test_every_planted_defect_is_found(trials):
    assert len(trials) >= SOME_DEFECTS
    assert [trial for trial in trials if not trial.found] == []


def test_most_are_located_at_the_planted_cell(trials):
    assert located(trials) >= 0.95, [trial.kind for trial in trials if not trial.located]


def test_one_finding_leads_where_one_cell_is_wrong(trials):
    assert sum(trial.leads for trial in trials) <= 1.1 * len(trials)


def test_nothing_is_said_at_severity_error_of_bodies_without_a_defect(tmp_path: Path):
    clean = try_clean(tmp_path, departments=14, units=24, seed=43)
    assert clean.bodies >= 20
    assert clean.false_errors == ()


def test_at_least_sixty_kinds_are_planted_and_every_rule_with_errors_is_meant_by_one():
    assert len({kind["kind"] for kind in settings("defects")["kinds"]}) >= 60
    assert not_planted() == []


def test_a_missed_defect_and_a_false_error_are_told():
    missed = Trial("grand_total", "hebei", 700.0, found=False, located=False, leads=0, said=0, foreign=0)
    told = shortfalls([missed], Clean(3, {"rounding": 1}, ("X-01 多余的意见",)))
    assert "没有发现：grand_total（hebei，700.00 元）" in told
    assert "误报：X-01 多余的意见" in told
    assert recall([missed]) == 0.0


def test_the_report_tells_recall_by_the_size_of_the_slip():
    found = Trial("grand_total", "hebei", 700.0, found=True, located=True, leads=1, said=2, foreign=0)
    text = report([found], Clean(1, {"rounding": 1}, ()), date(2026, 1, 2))
    assert "| 不足 1 千元 | 1 | 100.0% | 100.0% |" in text
    assert "2026-01-02" in text
