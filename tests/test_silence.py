"""A form of which figures were told and not read makes no rule between forms accuse another one."""

from dataclasses import replace

import pandas as pd
import pytest

from expectations.drawing import draw
from expectations.reconcile import catalogue, reconcile

FORMS = {
    "balance": """
        balance/income 万元                | total
        general_public_budget              | 90
        government_fund                    | 10
        total                              | 100
        balance/function_class             | total
        201                                | 90
        212                                | 10
        total                              | 100
    """,
    "income": """
        income 万元 sheet=收入             | total | general_public_budget | government_fund
        201                                | 90    | 90                    |
        212                                | 10    |                       | 10
        total                              | 100   | 90                    | 10
    """,
    "expenditure": """
        expenditure 万元 sheet=支出        | total | basic | project
        201                                | 90    | 60    | 30
        212                                | 10    |       | 10
        total                              | 100   | 60    | 40
    """,
    "appropriation_balance": """
        appropriation_balance/income 万元 sheet=财政 | total
        general_public_budget              | 90
        government_fund                    | 10
        total                              | 100
        appropriation_balance/function_class | total | general_public_budget | government_fund
        201                                | 90    | 90                    |
        212                                | 10    |                       | 10
        total                              | 100   | 90                    | 10
    """,
    "appropriation_by_function": """
        appropriation_by_function 万元 sheet=功能 | total
        201                                | 90
        212                                | 10
        total                              | 100
    """,
    "state_capital": """
        state_capital 万元 sheet=国资      | total
        total                              | -
    """,
    "general_by_function": """
        general_by_function 万元 sheet=一般 | total | basic | project
        201                                | 90    | 60    | 30
        total                              | 90    | 60    | 30
    """,
    "basic_by_economic": """
        basic_by_economic 万元 sheet=经济  | total | basic_personnel | basic_operating
        301                                | 50    | 50              |
        302                                | 10    |                 | 10
        30217                              | 5     |                 | 5
        30299                              | 5     |                 | 5
        total                              | 60    | 50              | 10
    """,
    "government_fund": """
        government_fund 万元 sheet=基金    | total | basic | project
        212                                | 10    |       | 10
        total                              | 10    |       | 10
    """,
    "three_public": """
        three_public 万元 sheet=三公       | total | official_reception
        total                              | 5     | 5
    """,
}
BETWEEN = [rule for rule in catalogue() if rule.id.startswith("X-")]


def between(told: str) -> tuple[set[str], dict[str, tuple[str, str]]]:
    """Rules between forms that find something where nothing of a form but a blank total was read, and all outcomes."""
    drawing = {**FORMS, told: f"{FORMS[told].strip().splitlines()[0]}\n"} if told else FORMS
    drawn = draw("".join(drawing.values()))
    sheet = drawn.blocks.loc[drawn.blocks["form"] == told, "sheet"]
    row = {"rule_id": "SUB-16", "body_id": "department:723", "file": "表.xlsx", "cell": "B3", "found": "7"}
    problems = pd.DataFrame(
        [{**row, "sheet": name, "expected": "", "detail": ""} for name in sheet],
        columns=list(drawn.problems.columns),
    )
    checks = reconcile(replace(drawn, problems=problems), BETWEEN)
    outcomes = {row["rule_id"]: (row["outcome"], row["reason"]) for row in checks.outcomes.to_dict("records")}
    return set(checks.findings["rule_id"]), outcomes


def test_the_forms_agree_where_all_were_read():
    found, outcomes = between("")
    assert not found
    assert {outcomes[f"X-0{n}"][0] for n in range(1, 10)} == {"agrees"}


@pytest.mark.parametrize("told", FORMS)
def test_a_form_of_which_nothing_was_read_accuses_no_other(told):
    found, outcomes = between(told)
    assert not found
    assert "not_evaluable" in {outcome for outcome, _ in outcomes.values()}


def test_the_reason_names_the_form_of_which_figures_were_not_read():
    _, outcomes = between("appropriation_by_function")
    assert outcomes["X-06"] == ("not_evaluable", "《财政拨款支出预算表（功能科目）》有数字未取用")
    assert outcomes["X-07"][0] == "agrees"
