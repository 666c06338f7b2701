"""This year beside the last: what the rules say with, and without, a release of the year before."""

from datetime import date

import pandas as pd

from expectations.drawing import draw
from expectations.reconcile import catalogue, reconcile
from expectations.settings import Thresholds
from expectations.surroundings import Surroundings

RULES = {rule.id: rule for rule in catalogue()}
NOW = """
    roster
    body department:723 on_roster=yes due=2020-03-31
    expenditure 元    | total
    total             | 1600001
    three_public 元   | total | total@previous | official_reception | official_reception@previous
    total             | 50000 | 60000          | 50000              | 60000
"""
BEFORE = """
    earlier/expenditure_by_type | spending_type      | amount_yuan
    department:723              | project            | 1000000.00
    earlier/three_public        | item               | amount_yuan
    department:723              | official_reception | 70000.00
"""


def said(rule_id: str, drawing: str, **beside: object) -> tuple[str, list[str]]:
    """The outcome of a rule for 723 and its messages."""
    drawn = draw(drawing)
    surroundings = Surroundings(earlier=drawn.surroundings.earlier, **beside)
    checks = reconcile(drawn, [RULES[rule_id]], surroundings)
    return checks.outcomes["outcome"].iloc[0], checks.findings["message"].tolist()


def test_without_a_release_of_the_year_before_nothing_looks_compared():
    for rule_id in ("YOY-01", "YOY-02", "YOY-04"):
        assert said(rule_id, NOW) == ("not_evaluable", [])


def test_a_figure_of_last_year_that_was_published_otherwise_is_named_with_both():
    outcome, messages = said("YOY-01", NOW + BEFORE)
    assert outcome == "fails"
    assert messages == [
        "财政拨款“三公”经费支出表!C2 所列上年“三公”经费合计 60,000.00 元，上年公布的是 70,000.00 元。"
        "请改为上年公布数；确有调整的请说明。",
        "财政拨款“三公”经费支出表!E2 所列上年公务接待费 60,000.00 元，上年公布的是 70,000.00 元。"
        "请改为上年公布数；确有调整的请说明。",
    ]


def test_a_large_change_without_a_reason_is_asked_about_by_the_bureaus_threshold():
    outcome, messages = said("YOY-02", NOW + BEFORE)
    assert outcome == "fails"
    assert messages[0].startswith(
        "部门预算支出总表!B2 支出合计 1,600,001.00 元，上年 1,000,000.00 元，增加 60.0%。"
    )
    assert said("YOY-02", NOW + BEFORE, thresholds=Thresholds(year_on_year_yuan=700_000)) == ("agrees", [])


def test_a_large_change_with_a_reason_in_the_document_is_not_asked_about():
    told = pd.DataFrame([{"body_id": "department:723", "measure": "total", "reason": "新增学校两所"}])
    assert said("YOY-02", NOW + BEFORE, standard={"changes_on_year": told}) == ("agrees", [])


def test_a_body_of_another_year_is_found_by_its_name_where_it_has_no_code():
    nameless = BEFORE.replace("department:723 ", "department:    ")
    assert said("YOY-02", NOW + nameless)[0] == "not_evaluable"
    named = NOW.replace("on_roster=yes", "on_roster=yes department_name=部门")
    assert said("YOY-02", named + nameless)[0] == "fails"


def test_who_is_late_is_told_with_both_days():
    rows = NOW.replace("due=2020-03-31", "due=2020-03-31 sent=no")
    late, messages = said("SUB-01", rows, as_of=date(2020, 4, 1))
    assert late == "fails"
    assert messages == ["部门723尚未报送（应于2020年3月31日前报送，已逾期）。请催报。"]
    received = {"723": date(2020, 4, 2)}
    assert said("SUB-01", NOW, received=received)[1] == [
        "部门723于2020年4月2日报送，应报日期为2020年3月31日，已逾期。"
    ]
