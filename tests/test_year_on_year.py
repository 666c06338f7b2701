"""This year beside the last: by body, function and item; codes that moved are bridged and totals stay."""

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import codes
from expectations.crosswalk import bridged
from flows.published.publish import publish
from tests.drawn import evidence, lines, page
from tests.releases import verdict_of
from transforms.consolidate import consolidate
from transforms.standardise import standardise

D, OTHER, NEW = "department:723", "department:920", "department:101"
U1, U2 = "unit:723:723001", "unit:723:723002"
REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
CHANGES = ("current_yuan", "last_yuan", "change_yuan", "change_percent")
with (codes.FOLDER / "crosswalk.csv").open(encoding="utf-8", newline="") as file:
    CROSSWALK = list(csv.DictReader(file))


def standard(*pages):
    return standardise(evidence(*pages))


def between(last, current):
    """The tables of changes of 2020 beside a year before, whose evidence is drawn in 2020 too."""
    before = {name: rows.assign(fiscal_year=2019) for name, rows in last.items()}
    return consolidate(current, last=before)


def spent(body_id: str, rows: str):
    return page(body_id, "expenditure", f"| basic | project\n{rows}")


def test_changes_stand_by_body_with_who_is_new_and_who_is_gone():
    found = between(
        standard(spent(D, "2010101 | 100 | 50"), spent(OTHER, "2050201 | 7 |")),
        standard(spent(D, "2010101 | 120 | 25"), spent(NEW, "2050201 | 3 |")),
    )["county_changes_by_body"]
    found = found[found["measure"].isin(["expenditure", "project"])]
    assert lines(found, "department_code", "measure", "standing", *CHANGES) == [
        "101 expenditure new 3.00 ? 3.00 ?",
        "723 expenditure both 145.00 150.00 -5.00 -3.3333333333333335",
        "723 project both 25.00 50.00 -25.00 -50.0",
        "920 expenditure gone ? 7.00 -7.00 -100.0",
    ]


def test_changes_by_function_are_by_this_years_codes_and_name_last_years():
    found = between(
        standard(spent(D, "2130601 | 40 |\n2130101 | 10 |")), standard(spent(D, "2130101 | 60 |"))
    )["county_changes_by_function"]
    assert lines(found, "function_level", "function_code", "last_codes", *CHANGES[:3]) == [
        "1 213 - 60.00 50.00 10.00",
        "2 21301 21306 60.00 50.00 10.00",
        "3 21301 2130601 ? 40.00 -40.00",
        "3 2130101 - 60.00 10.00 50.00",
    ]


def test_only_departments_that_both_years_count_alike_are_comparable():
    found = between(
        standard(spent(D, "2010101 | 100 |"), spent(OTHER, "2010101 | 7 |")),
        standard(spent(U1, "2010101 | 60 |"), spent(U2, "2010101 | 50 |"), spent(OTHER, "2010101 | 9 |")),
    )["county_changes_by_item"]
    found = found[found["subject"] == "spending_type"]
    comparable = ("comparable_current_yuan", "comparable_last_yuan")
    assert lines(found, "item", "item_name", "current_yuan", "last_yuan", *comparable) == [
        "basic 基本支出（未细分） 119.00 107.00 9.00 7.00"
    ]


def test_three_public_income_and_economic_classes_are_compared_too():
    last = standard(
        page(D, "income", "| general_public_budget\n2010101 | 5"),
        page(D, "three_public", "| official_reception\ntotal | 2"),
        page(D, "basic_by_economic", "| total\n30101 | 3"),
        spent(D, "2010101 | 5 |"),
    )
    now = standard(page(D, "three_public", "| official_reception\ntotal | 1"), spent(D, "2010101 | 4 |"))
    found = between(last, now)["county_changes_by_item"]
    assert lines(found, "subject", "item", *CHANGES[:3]) == [
        "economic_class 301 ? 3.00 -3.00",
        "income_source general_public_budget ? 5.00 -5.00",
        "spending_type basic 4.00 2.00 2.00",
        "spending_type basic_personnel ? 3.00 -3.00",
        "three_public_item official_reception 1.00 2.00 -1.00",
    ]


def test_without_an_earlier_year_the_tables_of_changes_are_empty():
    found = consolidate(standard(spent(D, "2010101 | 1 |")))
    assert all(found[f"county_changes_by_{part}"].empty for part in ("body", "function", "item"))


def test_every_code_of_the_crosswalk_ends_in_one_edition_and_goes_to_a_code_of_the_next():
    for row in CROSSWALK:
        before, after = (codes.names(row["code_list"], int(row["since"]) - gap) for gap in (1, 0))
        assert row["from_code"] in before, row
        assert row["to_code"] in after, row
        assert row["source"], row
        assert before[row["from_code"]] != after.get(row["from_code"]), row
    keys = [(row["code_list"], row["from_code"], row["since"]) for row in CROSSWALK]
    assert len(keys) == len(set(keys))


def test_a_renamed_code_stays_and_a_split_one_goes_to_the_level_its_parts_share():
    assert bridged("functional", "20805", 2019, 2020) == "20805"
    assert bridged("functional", "2070408", 2018, 2019) == "207"
    assert bridged("functional", "2150601", 2018, 2020) == "22401"
    assert bridged("dept_economic", "30311", 2017, 2018) == "30113"
    assert bridged("dept_economic", "30311", 2018, 2019) == "30311"


OLD_CODES = sorted(
    {*codes.functional(2018), *(row["from_code"] for row in CROSSWALK if row["code_list"] == "functional")}
)
AMOUNTS = st.dictionaries(st.sampled_from(OLD_CODES), st.integers(0, 10**9), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(amounts=AMOUNTS, year=st.integers(2019, 2024))
def test_the_bridge_between_editions_preserves_the_total(amounts, year):
    before = pd.Series(amounts)
    after = before.groupby([bridged("functional", code, 2018, year) for code in before.index]).sum()
    assert after.sum() == before.sum()


@settings(deadline=None, max_examples=6)
@given(
    last=st.dictionaries(
        st.sampled_from(["2130601", "2130101", "2010101", "208"]), st.integers(1, 10**6), min_size=1
    )
)
def test_last_years_total_is_the_same_at_every_level(last):
    rows = "\n".join(f"{code} | {amount} |" for code, amount in last.items())
    found = between(standard(spent(D, rows)), standard(spent(D, "2010101 | 1 |")))[
        "county_changes_by_function"
    ]
    totals = found.groupby("function_level")["last_yuan"].sum().tolist()
    assert totals == [100 * sum(last.values())] * 3


@pytest.mark.skipif(not REAL.is_dir(), reason="the real workbooks are not beside the project")
def test_two_real_years_of_one_body_change_as_its_document_states(tmp_path: Path):
    for year in (2018, 2019):
        folder = tmp_path / "input" / str(year)
        folder.mkdir(parents=True)
        shutil.copy(REAL / f"js_party_office_{year}.xlsx", folder)
        publish(verdict_of(tmp_path / "input", year, tmp_path / "output").release, tmp_path / "output")
    csvs = tmp_path / "output" / "2019" / "csv"
    body = pd.read_csv(csvs / "county_changes_by_body.csv", dtype=str).set_index("measure")
    item = pd.read_csv(csvs / "county_changes_by_item.csv", dtype=str)
    types = item[item["subject"] == "spending_type"].set_index("item")
    changes = {
        "total": body.loc["expenditure", "change_yuan"],
        "income": body.loc["income", "change_yuan"],
        "basic": body.loc["basic", "change_yuan"],
        "project": body.loc["project", "change_yuan"],
        "reserve": types.loc["reserve", "change_yuan"],
        "three_public": body.loc["three_public", "change_yuan"],
    }
    stated = {name: Decimal(text) / 10_000 for name, text in changes.items()}
    assert stated == {
        "total": Decimal("3205.79"),
        "income": Decimal("3205.79"),
        "basic": Decimal("1297.52"),
        "project": Decimal("943.92"),
        "reserve": Decimal("964.35"),
        "three_public": Decimal(0),
    }
    assert body.loc["expenditure", "change_percent"] == "13.11"
