"""The gate: every row is published, of the other scope, or withheld; a broken contract closes its table."""

import pandas as pd

from flows.gate import (
    broken_contracts,
    contract_findings,
    hold_back,
    nothing_publishable,
    withhold_everything,
    withhold_tables,
    without_closed,
)

KEY_TABLES = ("income", "expenditure", "expenditure_by_type")
COUNTED = pd.Series({"department:1": False, "unit:1:1": True, "unit:1:2": True})


def table(*bodies: str) -> pd.DataFrame:
    return pd.DataFrame({"body_id": [*bodies]})


def bodies_of(tables: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    return {name: frame["body_id"].tolist() for name, frame in tables.items()}


def test_rows_are_parted_by_the_body_that_counts_and_what_is_withheld():
    everybody = table("department:1", "unit:1:1", "unit:1:2")
    tables = {"income": everybody, "assets": everybody}
    held = hold_back(tables, COUNTED, withheld={"unit:1:2"}, withheld_tables={("unit:1:1", "assets")})
    assert bodies_of(held.published) == {"income": ["unit:1:1"], "assets": []}
    assert bodies_of(held.withheld) == {"income": ["unit:1:2"], "assets": ["unit:1:1", "unit:1:2"]}
    assert bodies_of(held.other_scope) == {"income": ["department:1"], "assets": ["department:1"]}


def test_a_closed_table_moves_to_the_withheld_and_takes_its_county_table_along():
    held = hold_back({"assets": table("unit:1:1"), "income": table("unit:1:2")}, COUNTED, (), ())
    closed = withhold_tables(held, {"assets"})
    assert bodies_of(closed.published) == {"assets": [], "income": ["unit:1:2"]}
    assert bodies_of(closed.withheld) == {"assets": ["unit:1:1"], "income": []}
    county = without_closed({"county_assets": table("a"), "county_income": table("b")}, {"assets"})
    assert bodies_of(county) == {"county_assets": [], "county_income": ["b"]}


def test_payment_plans_and_indicators_are_not_published_without_the_projects_that_they_name():
    names = ("projects", "project_payments", "project_indicators", "income")
    tables = dict.fromkeys(names, table("unit:1:1", "unit:1:2"))
    held = hold_back(tables, COUNTED, (), {("unit:1:1", "projects")})
    assert bodies_of(held.published) == {
        **{name: ["unit:1:2"] for name in names},
        "income": ["unit:1:1", "unit:1:2"],
    }
    closed = bodies_of(withhold_tables(held, {"projects"}).published)
    assert closed == {**{name: [] for name in names}, "income": ["unit:1:1", "unit:1:2"]}
    county = {"county_project_indicators": table("a"), "county_income": table("b")}
    assert bodies_of(without_closed(county, {"projects"})) == {
        "county_project_indicators": [],
        "county_income": ["b"],
    }


def test_when_nothing_may_be_published_everything_is_withheld():
    held = withhold_everything(
        hold_back({"income": table("unit:1:1", "unit:1:2")}, COUNTED, {"unit:1:2"}, ())
    )
    assert bodies_of(held.published) == {"income": []}
    assert sorted(bodies_of(held.withheld)["income"]) == ["unit:1:1", "unit:1:2"]


def test_nothing_is_publishable_without_rows_or_with_a_key_table_closed():
    full, empty = (dict.fromkeys(KEY_TABLES, frame) for frame in (table("unit:1:1"), table()))
    assert nothing_publishable(empty, set())
    assert nothing_publishable(full, {"expenditure"})
    assert nothing_publishable(full, {"outcomes_of_published_bodies"})
    assert not nothing_publishable(full, {"assets"})


def test_only_a_failed_critical_expectation_closes_a_table():
    columns = ["table", "expectation", "column", "severity", "success", "unexpected", "detail"]
    validation = pd.DataFrame(
        [
            ["assets", "not_null", "asset_class", "critical", False, 2, "None"],
            ["income", "between", "amount_yuan", "warning", False, 1, "-1"],
            ["income", "unique", "key", "critical", True, 0, ""],
        ],
        columns=columns,
    )
    broken = broken_contracts(validation)
    (finding,) = contract_findings(broken).to_dict("records")
    assert broken["table"].tolist() == ["assets"]
    assert (finding["gate"], finding["severity"], finding["state"]) == ("table", "error", "open")
    assert "assets" in finding["message"]
