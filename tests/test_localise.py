"""Which cell leads where several checks fail together, and what is said of the slip."""

import pytest

from expectations.drawing import draw
from expectations.reconcile import catalogue, reconcile
from expectations.slips import part_slip, slip

EXPENDITURE = """
    expenditure 元 sheet=支出表 | total   | basic  | project
    201                        | {b}    | 227100 | 300000
    20131                      | {c}    | 227100 | 300000
    2013101                    | {d}    | 227100 | 100000
    2013102                    | 200000 |        | {p}
    208                        | {e}    | {f}    | {g}
    total                      | {a}    | 258400 | 300000
"""
RIGHT = {
    "a": 558400, "b": 527100, "c": 527100, "d": 327100, "p": 200000, "e": 31300, "f": 31300, "g": "",
}  # fmt: skip


def leading(drawing: str, *rule_ids: str):
    """The findings that lead, and how many follow each."""
    rules = [rule for rule in catalogue() if rule.id in rule_ids]
    findings = reconcile(draw(drawing), rules).findings
    roots = findings[findings["root_finding_id"] == ""]
    return [
        (row["rule_id"], row["cell"], int((findings["root_finding_id"] == row["finding_id"]).sum()), row)
        for row in roots.to_dict("records")
    ]


def expenditure(**wrong: object) -> str:
    return EXPENDITURE.format(**{**RIGHT, **wrong})


def test_the_right_form_has_no_finding():
    assert leading(expenditure(), "EXP-01", "EXP-02") == []


@pytest.mark.parametrize(
    ("name", "cell"), [("a", "B7"), ("b", "B2"), ("c", "B3"), ("d", "B4"), ("p", "D5"), ("f", "C6")]
)
def test_the_cell_in_which_the_failing_sums_meet_leads(name, cell):
    wrong = {name: int(RIGHT[name]) + 44000}
    ((_, found, follow, _),) = leading(expenditure(**wrong), "EXP-01", "EXP-02")
    assert (found, follow > 0) == (cell, True)


def test_the_leading_finding_says_what_should_stand_there_and_which_slip_it_was():
    ((_, cell, follow, row),) = leading(expenditure(d=237100), "EXP-01", "EXP-02")
    assert (cell, row["found"], row["expected"], row["difference"]) == (
        "B4", "237100.00", "327100.00", "-90000.00",
    )  # fmt: skip
    assert row["message"].endswith(
        f"最可能填错的是支出表!B4：疑似两位数字颠倒，应为 327,100.00 元。改正后，另 {follow} 处不符随之消除。"
    )


def test_two_faults_far_apart_have_a_leading_finding_each():
    told = leading(expenditure(d=900000, f=99300), "EXP-01", "EXP-02")
    assert sorted(cell for _, cell, _, _ in told) == ["B4", "C6"]


def test_an_amount_in_the_wrong_spending_type_is_one_fault_of_two_cells():
    drawn = EXPENDITURE.replace("| {d}    | 227100 | 100000", "| {d}    | 177100 | 150000").format(**RIGHT)
    ((_, cell, follow, row),) = leading(drawn, "EXP-01", "EXP-02")
    assert (cell in ("C4", "D4"), follow) == (True, 1)
    assert "金额列错支出类型" in row["message"]


def test_a_form_in_another_unit_is_one_fault_led_by_the_finding_on_magnitudes():
    told = leading(
        """
        balance/income 万元 sheet=收支表 | total
        general_public_budget           | 90.00
        business                        | 10.00
        total                           | 100.00
        appropriation_balance/income 万元 sheet=拨款表 | total
        general_public_budget           | 90.00
        total                           | 90.00
        income 万元 sheet=收入表         | total   | general_public_budget | business
        2010301                         | 1000000 | 900000                | 100000
        total                           | 1000000 | 900000                | 100000
        """,
        *("X-01", "X-03", "X-04", "CEL-09", "INC-01", "INC-02"),
    )
    ((rule_id, cell, follow, row),) = told
    assert (rule_id, row["sheet"], cell, follow) == ("CEL-09", "收入表", "B3", 4)
    assert "相差一万倍" in row["message"]


def test_a_text_in_place_of_an_amount_leads_the_sums_that_lack_it():
    drawn = draw(
        """
        expenditure 元 sheet=支出表 | total | basic | project
        201                        | 500   | 300   |
        208                        | 400   | 300   | 100
        total                      | 900   | 600   | 300
        """
    )
    problem = {
        "rule_id": "CEL-01",
        "body_id": "department:723",
        "file": "表.xlsx",
        "sheet": "支出表",
        "cell": "D2",
    }
    told = drawn.problems.reindex([0]).assign(**problem, found="二百", expected="", detail="元", severity="")
    drawn = drawn.__class__(**{**drawn.__dict__, "problems": told.fillna("")})
    rules = [rule for rule in catalogue() if rule.id in ("EXP-01", "EXP-02", "CEL-01")]
    findings = reconcile(drawn, rules).findings.set_index("rule_id")
    assert findings.at["CEL-01", "root_finding_id"] == ""
    follow = findings.loc[["EXP-01", "EXP-02"], "root_finding_id"]
    assert set(follow) == {findings.at["CEL-01", "finding_id"]}


def test_a_fault_in_a_unit_leads_what_the_department_no_longer_adds_up_to():
    told = leading(
        """
        roster
        body department:723 on_roster=yes
        expenditure 元 sheet=部门 | total | basic | project
        total                    | 90000 | 60000 | 30000
        201                      | 90000 | 60000 | 30000
        body unit:723:723001 on_roster=yes parent_id=department:723
        expenditure 元 sheet=单位 | total | basic | project
        total                    | 90000 | 60000 | 30000
        201                      | 19000 | 60000 | 30000
        """,
        *("EXP-01", "EXP-02", "X-15"),
    )
    ((_, cell, follow, row),) = told
    assert (row["unit_code"], row["sheet"], cell, follow) == ("723001", "单位", "B3", 2)


def test_what_no_other_check_touches_stays_at_its_total_without_a_guess():
    ((_, cell, follow, row),) = leading(
        """
        assets 元 | value
        total     | 100000
        vehicles  | 30000
        other     | 20000
        """,
        "AST-01",
    )
    assert (cell, follow) == ("B2", 0)
    assert "最可能填错" not in row["message"]


@pytest.mark.parametrize(
    ("found", "expected", "told"),
    [
        (27217, 22717, "两位数字颠倒"),
        (122700, 12270, "小数点错一位"),
        (1227, 12270000, "金额单位有误（相差一万倍）"),
        (-5, 5, "正负号写反"),
        (12345, 1234500 + 7, ""),
    ],
)
def test_a_slip_is_named_only_where_it_fits_exactly(found, expected, told):
    assert slip(found, expected) == told


def test_a_total_that_has_a_part_twice_names_it():
    assert part_slip(-300, [(100, "B3"), (300, "B4")]) == "合计没有随明细更新（重复计入 B4）"


def test_an_amount_moved_between_two_columns_is_not_looked_for_in_the_form_whose_classes_agree():
    drawn = """
        balance/income 万元      | total
        general_public_budget    | 120.00
        expenditure 万元         | total  | basic
        total                    | 120.00 | 120.00
        government_fund 万元     | total
        total                    | -
        general_by_function 万元 sheet=表5 | total  | basic  | basic_personnel | basic_operating
        total                    | 120.00 | 120.00 | 80.00           | 40.00
        2010301                  | 100.00 | 100.00 | 60.00           | 40.00
        2080501                  | 20.00  | 20.00  | 20.00           |
        basic_by_economic 万元 sheet=表6   | total  | basic_personnel | basic_operating
        total                    | 120.00 | 100.00          | 20.00
        30101                    | 100.00 | 100.00          |
        30201                    | 20.00  |                 | 20.00
    """
    rules = ("GEN-01", "GEN-02", "ECO-01", "ECO-02", "X-07", "X-08")
    assert {row["sheet"] for _, _, _, row in leading(drawn, *rules)} == {"表5"}
