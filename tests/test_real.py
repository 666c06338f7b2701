"""The real workbooks beside the project, through the command line without Prefect's server: every figure, every leaf.

Each workbook runs in its own year; what is asserted is read from the published files alone.
"""

import csv
import shutil
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from expectations.reconcile import catalogue, reconcile
from flows.published.publish import publish
from flows.trace import cells_of
from tests.releases import verdict_of
from transforms.evidence import Evidence, assemble
from transforms.files.opening import read_workbook
from transforms.read import FileReading, read_file, read_sheets
from transforms.standardise import standardise
from transforms.submissions import discover
from transforms.workbook import address

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real workbooks are not beside the project")

YEARS = {
    "js_party_office_2018.xlsx": 2018,
    "js_party_office_2019.xlsx": 2019,
    "js_congress_office_2019.xlsx": 2019,
    "pt_commerce_2025.xlsx": 2025,
    "pt_commerce_unit_2025.xlsx": 2025,
}
UNIT = {"元": Decimal(1), "万元": Decimal(10_000)}
# measure of expected.csv -> (published table, filter); sums of published leaves, never printed totals
MEASURES = {
    "income_total": ("income", {}),
    "expenditure_total": ("expenditure", {}),
    "basic": ("expenditure_by_type", {"spending_type": ["basic", "basic_personnel", "basic_operating"]}),
    "basic_personnel": ("expenditure_by_type", {"spending_type": ["basic_personnel"]}),
    "basic_operating": ("expenditure_by_type", {"spending_type": ["basic_operating"]}),
    "project": ("expenditure_by_type", {"spending_type": ["project"]}),
    "reserve": ("expenditure_by_type", {"spending_type": ["reserve"]}),
    "three_public_total": ("three_public", {}),
    "overseas_travel": ("three_public", {"item": ["overseas_travel"]}),
    "vehicle_operation": ("three_public", {"item": ["vehicle_operation"]}),
    "official_reception": ("three_public", {"item": ["official_reception"]}),
    "operating_costs": ("operating_costs", {}),
    "procurement_total": ("procurement", {}),
}


def rows(name: str) -> list[dict[str, str]]:
    with (REAL / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def consolidated(tmp: Path, *names: str) -> tuple[Path, int]:
    """The year's output folder of a run over these workbooks, and its exit code."""
    year = YEARS.get(names[0], 2026)
    folder = tmp / "input" / str(year)
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(REAL / name, folder)
    verdict = verdict_of(tmp / "input", year)
    publish(verdict.release, tmp / "output")
    return tmp / "output" / str(year), verdict.exit_code


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> object:
    folders: dict[tuple[str, ...], Path] = {}

    def run(*names: str) -> tuple[Path, int]:
        return consolidated(folders.setdefault(names, tmp_path_factory.mktemp("real")), *names)

    return run


def published(folder: Path, table: str) -> pd.DataFrame:
    return pd.read_csv(folder / "csv" / f"{table}.csv", dtype=str, keep_default_na=False)


def total(frame: pd.DataFrame) -> Decimal:
    return sum((Decimal(value) for value in frame["amount_yuan"] if value), Decimal(0))


@pytest.mark.parametrize(
    "expected", rows("expected.csv") if REAL.is_dir() else [], ids=lambda r: f"{r['file']}-{r['measure']}"
)
def test_every_printed_figure_is_published(expected: dict[str, str], output: object) -> None:
    folder, _ = output(expected["file"])
    table, wanted = MEASURES[expected["measure"]]
    frame = published(folder, table)
    for column, values in wanted.items():
        frame = frame[frame[column].isin(values)]
    assert total(frame) == Decimal(expected["amount"]) * UNIT[expected["unit"]]


@pytest.mark.parametrize("name", YEARS)
def test_every_leaf_is_published_and_no_other(name: str, output: object) -> None:
    folder, _ = output(name)
    for table, code in (("expenditure", "function_code"), ("basic_expenditure", "economic_code")):
        wanted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in rows("leaves.csv"):
            if (row["file"], row["table"]) == (name, table):
                wanted[row["code"], row["spending_type"]] += Decimal(row["amount"]) * UNIT[row["unit"]]
        split = any(kind for _, kind in wanted)
        found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for _, row in published(folder, table).iterrows():
            found[row[code], row["spending_type"] if split else ""] += Decimal(row["amount_yuan"])
        assert found == wanted


@pytest.mark.parametrize("name", YEARS)
def test_a_right_workbook_has_no_error_and_is_published(name: str, output: object) -> None:
    folder, exit_code = output(name)
    findings = pd.read_csv(folder / "findings.csv", dtype=str, keep_default_na=False)
    assert findings[findings["severity"] == "error"].empty
    assert exit_code == 0


@pytest.mark.parametrize("name", YEARS)
def test_every_cell_is_accounted_for(name: str, output: object) -> None:
    folder, _ = output(name)
    ledger = pd.read_parquet(folder / "cells.parquet")
    found = {(row.sheet, row.cell): row.disposition for row in ledger.itertuples()}
    for sheet in read_workbook(REAL / name):
        for r, c, value in sheet.filled():
            disposition = found[sheet.name, address(r, c)]
            assert disposition != "unread", (sheet.name, address(r, c))
            assert disposition != "ignored" or not isinstance(value, float), (sheet.name, address(r, c))
    assert len(found) == sum(1 for sheet in read_workbook(REAL / name) for _ in sheet.filled())


def test_of_a_department_and_its_unit_one_is_counted(output: object) -> None:
    folder, exit_code = output("pt_commerce_2025.xlsx", "pt_commerce_unit_2025.xlsx")
    assert exit_code == 0
    assert total(published(folder, "expenditure")) == Decimal("371514655.00")
    other = pd.read_csv(folder / "other_scope" / "expenditure.csv", dtype=str)
    assert total(other) == Decimal("371514655.00")
    outcomes = pd.read_csv(folder / "outcomes.csv", dtype=str, keep_default_na=False)
    assert set(outcomes[outcomes["rule_id"] == "X-15"]["outcome"]) <= {"agrees", "not_applicable"}
    assert "agrees" in set(outcomes[outcomes["rule_id"] == "X-15"]["outcome"])


@pytest.mark.parametrize("name", ["pt_department_template_blank.xlsx", "pt_unit_template_blank.xls"])
def test_a_blank_template_is_sent_back(name: str, output: object) -> None:
    folder, exit_code = output(name)
    findings = pd.read_csv(folder / "findings.csv", dtype=str, keep_default_na=False)
    assert exit_code == 3
    assert list(findings[findings["severity"] == "error"]["rule_id"]) == ["SUB-17"]


def test_operating_costs_differ_from_the_form_by_rounding_only(output: object) -> None:
    for name in ("pt_commerce_2025.xlsx", "pt_commerce_unit_2025.xlsx"):
        outcomes = pd.read_csv(output(name)[0] / "outcomes.csv", dtype=str, keep_default_na=False)
        assert list(outcomes[outcomes["rule_id"] == "X-10"]["outcome"]) == ["rounding"]


def evidence_of(name: str, tmp: Path) -> Evidence:
    folder = tmp / str(YEARS[name])
    folder.mkdir(exist_ok=True)
    shutil.copy(REAL / name, folder)
    inputs = discover(folder, YEARS[name])
    return assemble([read_file(file.path, file.name) for file in inputs.files], inputs)


@pytest.mark.parametrize("name", YEARS)
def test_no_amount_is_idle(name: str, tmp_path: Path) -> None:
    """Each amount is named by a row of a table, or stands in an identity that some rule evaluates."""
    evidence = evidence_of(name, tmp_path)
    edges = reconcile(evidence, catalogue()).edges
    checked = evidence.facts.iloc[sorted(set(edges["fact"]))]
    seen = set(zip(checked["sheet"], checked["cell"], strict=True))
    for frame in standardise(evidence).values():
        for row in frame.to_dict("records"):
            seen |= {(sheet, cell) for _, sheet, cell in cells_of(row)}
    filled = evidence.facts[evidence.facts["raw"] != ""]
    assert [cell for cell in zip(filled["sheet"], filled["cell"], strict=True) if cell not in seen] == []


@pytest.mark.parametrize("name", YEARS)
def test_an_amount_taken_away_is_missed(name: str) -> None:
    sheets = read_workbook(REAL / name)
    whole = amounts_read(read_sheets(sheets, name))
    for sheet in sheets:
        for r, c, value in list(sheet.filled()):
            if (sheet.name, address(r, c)) in whole:
                sheet.rows[r][c] = ""
                assert amounts_read(read_sheets([sheet], name)).get((sheet.name, address(r, c))) is None
                sheet.rows[r][c] = value


def amounts_read(reading: FileReading) -> dict[tuple[str, str], int]:
    facts = reading.facts
    cells = zip(facts["sheet"], facts["cell"], strict=True)
    return {cell: amount for cell, amount in zip(cells, facts["amount"], strict=True) if amount is not None}


def test_a_lost_amount_is_found_at_its_cell(tmp_path: Path) -> None:
    evidence = evidence_of("pt_commerce_2025.xlsx", tmp_path)
    facts = evidence.facts
    lost = facts[
        (facts["form"] == "general_by_function") & (facts["row_key"] == "2011302") & (facts["role"] == "leaf")
    ]
    assert len(lost) == 1
    broken = facts.assign(amount=facts["amount"].mask(facts["fact_id"].isin(lost["fact_id"])))
    findings = reconcile(replace(evidence, facts=broken), catalogue()).findings
    errors = findings[findings["severity"] == "error"]
    assert {"GEN-01", "GEN-02"} <= set(errors["rule_id"])
    assert "G9" in set(errors["cell"])
