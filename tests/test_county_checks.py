"""Rules on the county as a whole: asked of the tables of a release, published as outcomes and findings."""

import pandas as pd
import pytest

from expectations.catalogue import catalogue_frame, county_rules
from expectations.reconcile import catalogue
from flows.published.county_checks import county_outcomes


def tables(**wrong: int) -> dict[str, pd.DataFrame]:
    """A county of one department with two units, in 分; 上级补助 of 100 passes between them."""
    amounts = {"first": 700, "second": 400, "gross": 1100, "net": 1000, "spent": 1000, "listed": 100, **wrong}
    scope = {"department_code": ["101", "101"], "scope": ["unit", "unit"]}
    both = [amounts["first"], amounts["second"]]
    balance = {
        "side": ["income", "expenditure"],
        "gross_yuan": [1100, amounts["spent"] + 100],
        "elimination_yuan": [100, 100],
        "net_yuan": [1000, amounts["spent"]],
    }
    elimination = {"state": ["matched"], "paid_yuan": [100], "received_yuan": [100]}
    return {
        "income": pd.DataFrame({**scope, "amount_yuan": both}),
        "county_income": pd.DataFrame(
            {
                "gross_yuan": [amounts["gross"]],
                "elimination_yuan": [100],
                "net_yuan": [amounts["net"]],
            }
        ),
        "county_balance": pd.DataFrame(balance),
        "eliminations": pd.DataFrame(elimination | {"elimination_yuan": [amounts["listed"]]}),
    }


def judged(frames: dict[str, pd.DataFrame]) -> dict[str, str]:
    outcomes, _ = county_outcomes(frames)
    return dict(zip(outcomes["rule_id"], outcomes["outcome"], strict=True))


def test_a_county_that_adds_up_agrees_and_what_was_not_looked_at_does_not():
    assert judged(tables()) == {
        "CON-01": "agrees", "CON-02": "agrees", "CON-03": "agrees", "CON-04": "agrees", "CON-05": "not_evaluable",
    }  # fmt: skip


WRONG = [
    ({"gross": 1101, "net": 1001}, "CON-01", "county_income 合计 11.01 元，各单位 income 合计 11.00 元"),
    ({"net": 999}, "CON-02", "county_income 第 1 行：汇总数减抵销数不等于合并数"),
    ({"listed": 90}, "CON-02", "county_income 抵销 1.00 元，抵销表合计 0.90 元"),
    ({"spent": 950}, "CON-04", "全县收入 10.00 元，支出 9.50 元，相差 0.50 元"),
]


@pytest.mark.parametrize(("wrong", "rule", "sentence"), WRONG)
def test_a_county_that_does_not_add_up_fails_and_says_by_how_much(
    wrong: dict[str, int], rule: str, sentence: str
):
    outcomes, findings = county_outcomes(tables(**wrong))
    failed = outcomes.set_index("rule_id").loc[rule]
    assert (failed["outcome"], failed["scope"], failed["failed"] > 0) == ("fails", "county", True)
    assert any(sentence in message for message in findings.loc[findings["rule_id"] == rule, "message"])


def test_a_department_that_counts_twice_is_named():
    frames = tables()
    frames["income"]["scope"] = ["department", "unit"]
    _, findings = county_outcomes(frames)
    told = list(zip(findings["severity"], findings["message"], strict=True))
    assert any(each[0] == "error" and "income：部门 101 既按部门又按单位计入" in each[1] for each in told)


def test_nothing_published_is_not_said_to_agree():
    assert judged({}) == {**dict.fromkeys(["CON-01", "CON-02", "CON-03", "CON-04"], "not_applicable")} | {
        "CON-05": "not_evaluable"
    }


def test_the_rules_on_the_county_are_in_the_published_catalogue():
    rows = catalogue_frame(catalogue()).set_index("rule_id")
    assert rows.loc[[rule.id for rule in county_rules()], "gate"].tolist() == ["none"] * 5
    assert rows.loc["CON-04", "severity"] == "warning"
