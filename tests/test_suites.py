"""The suites of the published contract, on real Great Expectations."""

import pandas as pd
import pytest

from expectations import schema
from expectations.suites import OUTCOMES_SUITE, RESULT_COLUMNS, table_expectations, validate_tables

OUTCOME = {
    "rule_id": "EXP-01",
    "scope": "department",
    "department_code": "101",
    "unit_code": "",
    "outcome": "agrees",
    "evaluated": 3,
    "failed": 0,
    "reason": "",
}
FINDING = {
    "rule_id": "EXP-01",
    "severity": "error",
    "gate": "body",
    "state": "open",
    "scope": "department",
    "department_code": "101",
    "unit_code": "",
}


def frame_of(table_name, *rows):
    table = schema.tables()[table_name]
    blank = {
        "fiscal_year": 2020,
        "scope": "department",
        "department_code": "101",
        "department_name": "教育局",
        "derivation": "printed",
    }
    return schema.conform(
        table, pd.DataFrame([{**blank, **row} for row in rows], columns=list(table.column_names))
    )


@pytest.fixture
def expenditure():
    row = {"fund_source": "general_public_budget", "spending_type": "project", "amount_yuan": 100}
    return frame_of("expenditure", {**row, "function_code": "2050202"}, {**row, "function_code": ""})


def failed(results):
    rows = results[~results["success"]]
    return list(rows[["table", "column", "severity", "unexpected"]].itertuples(index=False, name=None))


def validated(frame, outcomes=(OUTCOME,), findings=None):
    return validate_tables({"expenditure": frame}, pd.DataFrame(list(outcomes)), findings)


def test_a_table_as_defined_meets_every_expectation(expenditure):
    results = validated(expenditure)
    assert tuple(results.columns) == RESULT_COLUMNS
    assert failed(results) == []
    assert set(results["table"]) == {"expenditure", OUTCOMES_SUITE}


def test_the_internal_id_of_a_body_is_not_part_of_the_contract(expenditure):
    assert failed(validated(expenditure.assign(body_id="department:101"))) == []


def test_a_value_outside_its_list_fails_critically(expenditure):
    broken = expenditure.assign(fund_source="lottery")
    results = validated(broken)
    assert failed(results) == [("expenditure", "fund_source", "critical", 2)]
    assert results.loc[~results["success"], "detail"].tolist() == ["lottery; lottery"]


def test_a_blank_in_a_required_column_fails_critically(expenditure):
    broken = expenditure.assign(derivation=["printed", ""])
    assert failed(validated(broken)) == [("expenditure", "derivation", "critical", 1)]


def test_a_missing_amount_fails_critically(expenditure):
    broken = expenditure.assign(amount_yuan=pd.array([None, 1], dtype="Int64"))
    assert failed(validated(broken)) == [("expenditure", "amount_yuan", "critical", 1)]


def test_a_float_amount_fails_critically(expenditure):
    broken = expenditure.assign(amount_yuan=[1.5, 2.0])
    assert failed(validated(broken)) == [("expenditure", "amount_yuan", "critical", 0)]


def test_a_malformed_code_fails_critically(expenditure):
    broken = expenditure.assign(function_code=["7 11 02", ""])
    assert failed(validated(broken)) == [("expenditure", "function_code", "critical", 1)]


def test_a_key_that_is_there_twice_fails_critically(expenditure):
    broken = expenditure.assign(function_code="")
    key = " ".join(schema.tables()["expenditure"].key)
    assert failed(validated(broken)) == [("expenditure", key, "critical", 2)]


def test_a_negative_amount_is_published_with_a_warning(expenditure):
    odd = expenditure.assign(amount_yuan=pd.array([-1, 1], dtype="Int64"))
    assert failed(validated(odd)) == [("expenditure", "amount_yuan", "warning", 1)]


def test_an_unbelievable_amount_fails_critically(expenditure):
    broken = expenditure.assign(amount_yuan=pd.array([10**15, 1], dtype="Int64"))
    assert failed(validated(broken)) == [("expenditure", "amount_yuan", "critical", 1)]


def test_a_missing_column_fails_critically_and_says_which(expenditure):
    results = validated(expenditure.drop(columns="spending_type"))
    ordered = results[results["expectation"] == "expect_table_columns_to_match_ordered_list"].iloc[0]
    assert not ordered["success"]
    assert "spending_type" in ordered["detail"]


def test_a_rule_that_agrees_without_having_checked_fails_critically(expenditure):
    results = validated(expenditure, [{**OUTCOME, "evaluated": 0}])
    assert failed(results) == [(OUTCOMES_SUITE, "agrees_unchecked", "critical", 1)]


def test_two_outcomes_of_one_rule_for_one_body_fail_critically(expenditure):
    results = validated(expenditure, [OUTCOME, {**OUTCOME, "outcome": "fails"}])
    key = "rule_id scope department_code unit_code"
    assert failed(results) == [(OUTCOMES_SUITE, key, "critical", 2)]


def test_bodies_without_codes_are_told_apart_by_their_ids(expenditure):
    nameless = {**OUTCOME, "department_code": ""}
    outcomes = [{**nameless, "body_id": "department:甲"}, {**nameless, "body_id": "department:乙"}]
    assert failed(validated(expenditure, outcomes)) == []


def test_an_unknown_outcome_fails_critically(expenditure):
    results = validated(expenditure, [{**OUTCOME, "outcome": "passed"}])
    assert failed(results) == [(OUTCOMES_SUITE, "outcome", "critical", 1)]


def test_a_published_body_with_an_open_error_fails_critically(expenditure):
    outcomes = [{**OUTCOME, "outcome": "fails", "failed": 1}]
    results = validated(expenditure, outcomes, pd.DataFrame([FINDING]))
    assert failed(results) == [(OUTCOMES_SUITE, "published_in_error", "critical", 1)]


@pytest.mark.parametrize(
    "change",
    [{"state": "waived"}, {"severity": "warning"}, {"gate": "table"}, {"department_code": "999"}],
)
def test_other_findings_do_not_stop_a_body(expenditure, change):
    outcomes = [{**OUTCOME, "outcome": "fails", "failed": 1}]
    assert failed(validated(expenditure, outcomes, pd.DataFrame([{**FINDING, **change}]))) == []


def test_every_table_without_rows_meets_its_suite():
    empty = {table.name: schema.empty_frame(table) for table in schema.tables_of("standard", "county")}
    assert failed(validate_tables(empty, pd.DataFrame([OUTCOME]))) == []


def test_suites_stay_small_enough_to_run_on_every_release():
    tables = list(schema.tables_of("standard", "county"))
    counts = [len(table_expectations(table)) for table in tables]
    assert all(count <= 3 * len(table.columns) + 2 for table, count in zip(tables, counts, strict=True))
    assert sum(counts) <= 20 * len(tables)
