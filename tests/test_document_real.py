"""Documents as departments published them: every figure that they state, both genuine slips, no false error."""

import csv
from pathlib import Path

import pytest
import yaml

from expectations.reconcile import catalogue, reconcile
from tests.phrases import fen
from transforms.evidence import Evidence, assemble
from transforms.narrative.read import read_document
from transforms.read import read_file
from transforms.standardise import standardise
from transforms.submissions import Inputs, source_file

ROOT = Path(__file__).parents[1]
SHARED = next(
    (p / "shared" for p in (ROOT.parent, *ROOT.parents) if (p / "shared/real/documents").is_dir()), None
)
pytestmark = pytest.mark.skipif(SHARED is None, reason="the shared documents are not here")

YEARS = {"js_congress_office_2019": 2019, "js_party_office_2019": 2019, "pt_commerce_2025": 2025}
# Where what `expected.csv` calls a measure stands in the form `document`.
ADDRESSES = {
    "income_total": ("income", "total", "total", "amount"),
    "expenditure_total": ("expenditure", "total", "total", "amount"),
    "change_total": ("expenditure", "total", "previous_budget", "change"),
    "basic": ("expenditure", "basic", "total", "amount"),
    "change_basic": ("expenditure", "basic", "previous_budget", "change"),
    "project": ("expenditure", "project", "total", "amount"),
    "change_project": ("expenditure", "project", "previous_budget", "change"),
    "reserve": ("expenditure", "reserve", "total", "amount"),
    "change_expenditure_on_budget": ("appropriation", "total", "previous_budget", "change"),
    "change_income_on_execution": ("income", "fiscal_appropriation", "previous_execution", "change"),
    "three_public_total": ("three_public", "total", "total", "amount"),
    "overseas_travel": ("three_public", "overseas_travel", "total", "amount"),
    "official_reception": ("three_public", "official_reception", "total", "amount"),
    "operating_costs": ("operating_costs", "total", "total", "amount"),
    "procurement_total": ("procurement", "total", "total", "amount"),
    "procurement_goods": ("procurement", "goods", "total", "amount"),
    "procurement_works": ("procurement", "works", "total", "amount"),
    "procurement_services": ("procurement", "services", "total", "amount"),
    "project_targets_count": ("project_targets", "total", "count", "quantity"),
    "project_targets_amount": ("project_targets", "total", "total", "amount"),
}
SEED = "weixian_party_office_2020"


@pytest.fixture(scope="module")
def evidence() -> dict[str, Evidence]:
    """Each body's document with its workbook; the seed, which has none, alone."""
    found = {name: _evidence(name, year) for name, year in YEARS.items()}
    return found | {SEED: _evidence(SEED, 2020)}


def _evidence(name: str, year: int) -> Evidence:
    paths = [SHARED / "real/documents" / f"{name}.txt", SHARED / "real" / f"{name}.xlsx"]
    if name == SEED:
        paths = [SHARED / "seed" / f"{name}.txt"]
    folder = "723002_魏县县委办" if name == SEED else name
    files = tuple(source_file(path, f"{folder}/{path.name}") for path in paths)
    readings = [
        read_document(path, file.name) if path.suffix == ".txt" else read_file(path, file.name)
        for path, file in zip(paths, files, strict=True)
    ]
    return assemble(readings, Inputs(year=year, root=SHARED, files=files, ignored={}, roster=None))


def _stated(facts) -> dict[tuple[str, ...], int]:
    own = facts[(facts["form"] == "document") & (facts["role"] != "repeated")]
    keys = zip(own["panel"], own["row_key"], own["column_key"], own["measure"], strict=True)
    return dict(zip(keys, own["amount"], strict=True))


def test_every_figure_of_the_three_documents_is_read(evidence):
    rows = list(csv.DictReader((SHARED / "real/documents/expected.csv").open(encoding="utf-8")))
    found = {name: _stated(each.facts) for name, each in evidence.items()}
    wrong = [
        row
        for row in rows
        if found[row["file"][:-4]].get(ADDRESSES[row["measure"]]) != fen(row["amount"] + row["unit"])
    ]
    assert len(rows) == 29
    assert wrong == []


@pytest.mark.parametrize("name", [*YEARS, SEED])
def test_at_least_nineteen_of_twenty_sentences_with_figures_are_understood(evidence, name):
    sentences = evidence[name].sentences
    assert len(sentences) >= 18
    assert sentences["understood"].mean() >= 0.95


@pytest.fixture(scope="module")
def checks(evidence):
    return {name: reconcile(each, catalogue()) for name, each in evidence.items()}


def test_both_genuine_slips_are_found_and_nothing_else_is_called_wrong(checks):
    said = {
        name: sorted(
            (row["rule_id"], row["severity"], row["cell"])
            for row in each.findings.to_dict("records")
            if row["rule_id"].startswith(("NAR", "X-12", "X-13", "X-14", "PRJ", "AST"))
        )
        for name, each in checks.items()
        if name != SEED
    }
    assert said == {
        "js_congress_office_2019": [("NAR-14", "info", "第302行")],
        "js_party_office_2019": [("NAR-07", "error", "第136行")],
        "pt_commerce_2025": [],
    }


@pytest.mark.parametrize("name", YEARS)
def test_figures_agree_with_the_workbook_of_the_same_body(checks, name):
    outcomes = checks[name].outcomes.set_index("rule_id")
    compared = ["NAR-01", "NAR-03", "NAR-04", "NAR-16"] + (["NAR-02", "NAR-05"] if name[:2] == "js" else [])
    assert set(outcomes.loc[compared, "outcome"]) <= {"agrees", "rounding"}
    assert (outcomes.loc[compared, "evaluated"] > 0).all()


@pytest.mark.parametrize("name", YEARS)
def test_every_figure_that_a_form_prints_is_compared_with_it(evidence, checks, name):
    facts, edges = evidence[name].facts.reset_index(drop=True), checks[name].edges
    form = facts["form"].to_numpy()[edges["fact"]]
    with_form = set(edges.loc[form != "document", "identity"])
    compared = set(edges.loc[edges["identity"].isin(with_form) & (form == "document"), "fact"])
    stated = facts[
        (facts["form"] == "document")
        & (facts["column_key"] == "total")
        & (facts["measure"] == "amount")
        & (facts["role"] != "repeated")
        & (facts["amount"] != 0)
        & facts["amount"].notna()
        & ~facts["panel"].isin(["project_targets", "project_note"])
    ]
    missing = stated[~stated.index.isin(compared)]
    # The workbook of the commerce commission has no form of procurement.
    assert set(missing["panel"]) == ({"procurement"} if name == "pt_commerce_2025" else set())


def test_the_seed_has_exactly_the_findings_of_a_careful_reviewer(checks):
    findings = checks[SEED].findings
    assert sorted(zip(findings["rule_id"], findings["severity"], strict=True)) == [
        ("NAR-06", "error"),
        ("SUB-03", "warning"),
        ("X-12b", "warning"),
        ("X-13", "warning"),
        ("X-14", "warning"),
    ]
    lacking = findings.set_index("rule_id").loc["X-12b"]
    assert lacking["difference"] == "-1747900.00"
    assert "一万倍" in findings.set_index("rule_id").loc["NAR-06", "message"]


def test_the_identities_that_hold_in_the_seed_are_reported_as_agreeing(checks):
    outcomes = checks[SEED].outcomes.set_index("rule_id")
    held = {
        rule: outcomes.loc[rule, "outcome"] for rule in ("NAR-01", "NAR-02", "NAR-03", "NAR-04", "NAR-08")
    }
    assert held == dict.fromkeys(held, "agrees")


def test_the_changes_of_both_provincial_offices_arrive_in_their_table(evidence):
    changes = {name: _changes(evidence[name]) for name in YEARS if name.startswith("js")}
    party = {"total": 3205.79, "basic": 1297.52, "project": 943.92, "reserve": 964.35}
    congress = {"total": 2432.93, "basic": 1435.14, "project": 125.62, "reserve": 872.17}
    assert party.items() <= changes["js_party_office_2019"].items()
    assert congress.items() <= changes["js_congress_office_2019"].items()
    items = ("overseas_travel", "vehicle_purchase", "vehicle_operation", "official_reception")
    assert {changes["js_party_office_2019"][f"three_public.{item}"] for item in items} == {0}


def _changes(found: Evidence) -> dict[str, float]:
    table = standardise(found)["changes_on_year"]
    table = table[(table["function_code"] == "") & (table["base"] == "previous_budget")]
    return dict(zip(table["measure"], (table["change_yuan"] / 1_000_000).round(2), strict=True))


def test_the_seed_fills_the_tables_that_its_reading_expects(evidence):
    expected = yaml.safe_load((SHARED / "seed/expected.yaml").read_text(encoding="utf-8"))
    tables = standardise(evidence[SEED])
    yuan = lambda table, key, value="amount_yuan": dict(  # noqa: E731
        zip(tables[table][key], tables[table][value] / 100, strict=True)
    )
    assert yuan("income", "income_source") == {
        row["income_source"]: row["amount_yuan"] for row in expected["income"]
    }
    assert yuan("expenditure_by_type", "spending_type") == {
        row["spending_type"]: row["amount_yuan"] for row in expected["expenditure"]
    }
    changes = yuan("changes_on_year", "measure", "change_yuan")
    assert expected["changes_on_year"].items() <= changes.items()
    items = {name: amount for name, amount in expected["three_public"].items() if name != "total"}
    assert yuan("three_public", "item") == items
    assert yuan("operating_costs", "economic_code") == {"": expected["operating_costs"]}
