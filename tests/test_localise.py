"""Which cell leads where several checks fail together, and what is said of the slip."""

from dataclasses import replace

import pandas as pd
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
    drawn = draw(drawing)
    rules = [rule for rule in catalogue() if rule.id in rule_ids]
    findings = reconcile(drawn, rules, drawn.surroundings).findings
    roots = findings[findings["root_finding_id"] == ""]
    return [
        (row["rule_id"], row["cell"], int((findings["root_finding_id"] == row["finding_id"]).sum()), row)
        for row in roots.to_dict("records")
    ]


def with_problem(drawing: str, place: tuple[str, str], found: str, *rule_ids: str):
    """The findings where reading has one of the first rule at a sheet and cell."""
    drawn = draw(drawing)
    told = {"rule_id": rule_ids[0], "body_id": "department:723", "file": "表.xlsx", "found": found}
    row = {**told, "sheet": place[0], "cell": place[1], "expected": "", "detail": "元"}
    problems = pd.DataFrame([row], columns=list(drawn.problems.columns))
    rules = [rule for rule in catalogue() if rule.id in rule_ids]
    return reconcile(replace(drawn, problems=problems), rules).findings.to_dict("records")


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
    findings = with_problem(
        """
        expenditure 元 sheet=支出表 | total | basic | project
        201                        | 500   | 300   |
        208                        | 400   | 300   | 100
        total                      | 900   | 600   | 300
        """,
        ("支出表", "D2"),
        "二百",
        *("CEL-01", "EXP-01", "EXP-02"),
    )
    ((lead, root),) = {
        (row["rule_id"], row["finding_id"]) for row in findings if row["root_finding_id"] == ""
    }
    follow = {(row["rule_id"], row["root_finding_id"]) for row in findings if row["root_finding_id"]}
    assert (lead, follow) == ("CEL-01", {("EXP-01", root), ("EXP-02", root)})


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


def test_a_change_that_its_percentage_contradicts_leads_the_sum_of_changes():
    ((rule_id, cell, follow, row),) = leading(
        """
        document/expenditure 万元 | total  | previous_budget@change | previous_budget@percent
        total                     | 110.00 | 10.00                  | 10
        basic_personnel           | 40.00  |                        |
        basic_operating           | 15.00  |                        |
        basic                     |        | 25.00                  | 10
        project                   | 55.00  | 5.00                   | 10
        """,
        *("NAR-07", "NAR-08"),
    )
    assert (rule_id, cell, follow, row["found"], row["expected"]) == (
        "NAR-08",
        "C5",
        1,
        "250000.00",
        "50000.00",
    )
    assert "“basic”：应为 5.00 万元" in row["message"]


def test_last_years_figure_that_was_published_otherwise_leads_the_change_that_it_contradicts():
    ((rule_id, _, follow, _),) = leading(
        """
        document/three_public 万元 | total | previous_budget@previous | previous_budget@change
        total                      | 3.00  | 5.00                     | -1.00
        earlier/three_public | item               | amount_yuan
        department:723       | official_reception | 40000.00
        earlier/income       | income_source      | amount_yuan
        department:723       | debt               | 1.00
        """,
        *("NAR-07", "YOY-01"),
    )
    assert (rule_id, follow) == ("YOY-01", 1)


def test_of_shares_that_add_up_to_too_much_only_one_large_enough_can_be_wrong():
    ((_, cell, _, row),) = leading(
        """
        project/payments 万元 sheet=项目 | percent
        3                               | 4
        6                               | 3
        12                              | 103
        """,
        "PRJ-02",
    )
    assert (cell, row["found"], row["expected"]) == ("B4", "103.00%", "93.00%")


def test_shares_of_which_any_could_be_too_large_are_not_guessed_at():
    ((_, _, _, row),) = leading(
        """
        project/payments 万元 sheet=项目 | percent
        6                               | 50
        12                              | 60
        """,
        "PRJ-02",
    )
    assert "最可能填错" not in row["message"]


def test_an_amount_moved_between_two_columns_of_a_form_is_one_fault():
    ((rule_id, _, follow, _),) = leading(
        """
        general_by_function 万元 | total | basic | basic_personnel | basic_operating
        total                    | 90.00 | 90.00 | 50.00           | 40.00
        basic_by_economic 万元   | total | basic_personnel | basic_operating
        total                    | 90.00 | 61.00           | 29.00
        """,
        "X-08",
    )
    assert (rule_id, follow) == ("X-08", 1)


def test_an_edit_all_through_a_form_settles_what_must_only_be_no_larger():
    ((_, _, follow, _),) = leading(
        """
        balance/income 万元                          | total
        general_public_budget                        | 100.00
        business                                     | 3.00
        total                                        | 103.00
        appropriation_balance/function_class 万元    | total  | general_public_budget
        201                                          | 100.00 | 100.00
        total                                        | 100.00 | 100.00
        expenditure 万元                             | total
        201                                          | 103.00
        total                                        | 103.00
        general_by_function 万元                     | total
        201                                          | 146.00
        total                                        | 146.00
        government_fund 万元                         | total
        total                                        | -
        """,
        *("X-06", "X-07"),
    )
    assert follow == 4


def test_a_cell_that_holds_an_error_leads_what_compares_its_address_with_other_forms():
    findings = with_problem(
        """
        expenditure 元 sheet=支出表 | basic | project
        total                      | 600   | 300
        general_by_function 元     | total | basic
        total                      | 900   | 600
        balance/income 元          | total
        general_public_budget      | 900
        government_fund 元         | total
        total                      | -
        """,
        ("支出表", "A2"),
        "#DIV/0!",
        *("SUB-12", "X-07"),
    )
    assert {row["rule_id"] for row in findings if row["root_finding_id"] == ""} == {"SUB-12"}
    assert len(findings) == 2


def test_a_figure_that_was_not_read_leads_every_sum_that_lacks_it():
    findings = with_problem(
        """
        expenditure 元 sheet=支出表 | total
        201                        | 900
        2010301                    | 500
        total                      | 900
        general_by_function 元     | total
        201                        | 900
        2010301                    | 500
        2010302                    | 400
        total                      | 900
        balance/income 元          | total
        general_public_budget      | 900
        government_fund 元         | total
        total                      | -
        """,
        ("支出表", "B5"),
        "400",
        *("SUB-16", "EXP-02", "X-07"),
    )
    (lead,) = (row for row in findings if row["root_finding_id"] == "")
    assert (lead["rule_id"], lead["cell"]) == ("EXP-02", "B5")
    assert {row["rule_id"] for row in findings} == {"SUB-16", "EXP-02"}


def test_a_blank_template_leads_what_its_document_says_of_it():
    ((rule_id, _, follow, _),) = leading(
        """
        three_public 万元          | total | official_reception
        document/three_public 万元 | total
        official_reception         | 2.50
        """,
        *("NAR-03", "SUB-17"),
    )
    assert (rule_id, follow) == ("SUB-17", 1)


def test_a_blank_template_leads_its_tables_that_have_no_note_of_being_empty():
    ((rule_id, _, follow, _),) = leading(
        """
        expenditure 万元        | total
        income 万元             | total
        document/income 万元    | total
        total                   | 25.00
        """,
        *("SUB-17", "SUB-19"),
    )
    assert (rule_id, follow) == ("SUB-17", 2)


def test_an_empty_form_with_its_note_is_no_blank_template():
    """What the document says of it stands for itself."""
    ((rule_id, _, follow, _),) = leading(
        """
        three_public 万元 note=本表为空表 | total | official_reception
        document/three_public 万元       | total
        official_reception               | 2.50
        """,
        *("NAR-03", "SUB-17"),
    )
    assert (rule_id, follow) == ("NAR-03", 0)


def test_a_department_and_its_units_are_no_comparison_with_none_at_all():
    """A cell of the department's without other figures in its row does not explain what its units add up to."""
    findings = with_problem(
        """
        roster
        body department:723 on_roster=yes
        expenditure 元 sheet=支出表 | total
        201                        | 30.00
        2010301                    | 30.00
        total                      | 30.00
        body unit:723:723001 on_roster=yes parent_id=department:723
        expenditure 元 sheet=单位表 | total
        201                        | 10.00
        total                      | 10.00
        """,
        ("支出表", "C9"),
        "二十",
        *("CEL-01", "X-15"),
    )
    assert {row["root_finding_id"] for row in findings if row["rule_id"] == "CEL-01"} == {""}
    (cell,) = (row["finding_id"] for row in findings if row["rule_id"] == "CEL-01")
    between = [row for row in findings if row["rule_id"] == "X-15"]
    assert between
    assert all(row["root_finding_id"] != cell for row in between)


def test_a_sum_without_items_and_the_unread_row_of_it_are_one_fault_in_the_unit_of_the_sheet():
    findings = with_problem(
        """
        balance/income 元 sheet=收支表 | total
        current_total                   | 10.00
        """,
        ("收支表", "B1"),
        "10.00",
        *("SUB-16", "BAL-02"),
    )
    sum_, unread = sorted(findings, key=lambda row: row["rule_id"])
    assert (sum_["rule_id"], sum_["root_finding_id"], sum_["cell"]) == ("BAL-02", "", "B1")
    assert unread["root_finding_id"] == sum_["finding_id"]
    assert "10.00 元，但没有读到" in sum_["message"]
    assert "收支表!B1 的数字 10.00 没有取用" in sum_["message"]


def test_a_message_says_amounts_in_the_unit_of_their_sheet():
    ((_, _, _, row),) = leading("balance/income 万元 | total\ncurrent_total | 10.00", "BAL-02")
    assert "10.00 万元，但没有读到" in row["message"]
    assert row["found"] == "100000.00"


def test_a_unit_of_which_only_the_document_came_leaves_its_departments_sums_unjudged():
    drawn = draw(
        """
        roster
        body department:723 on_roster=yes
        expenditure 万元 | total
        total            | 30.00
        body unit:723:723001 on_roster=yes parent_id=department:723
        expenditure 万元 | total
        total            | 10.00
        body unit:723:723002 on_roster=yes parent_id=department:723
        document/expenditure 万元 | total
        total                     | 20.00
        """
    )
    checks = reconcile(drawn, [rule for rule in catalogue() if rule.id == "X-15"])
    outcome = checks.outcomes.set_index("body_id").at["department:723", "outcome"]
    assert (outcome, len(checks.findings)) == ("not_applicable", 0)


FILES_OF_TWO_BODIES = """
    expenditure 万元 name=县委办 file=一.xlsx | total
    201                                       | 30.00
    total                                     | 30.00
    expenditure 万元 name=教育局 file=二.xlsx again=yes | total
    201                                       | 90.00
    total                                     | {total}
"""


def test_a_file_that_names_another_body_leads_what_does_not_fit_between_the_files():
    rules = ("SUB-02", "SUB-04", "SUB-07", "X-02", "X-16", "EXP-02")
    drawing = (
        FILES_OF_TWO_BODIES
        + """
    balance/function_class 万元 name=教育局 file=二.xlsx | total
    total                                                   | 90.00
    income 万元 name=县委办 file=一.xlsx                     | total
    total                                                   | 30.00
    """
    )
    ((rule_id, _, follow, row),) = leading(drawing.format(total="90.00"), *rules)
    assert (rule_id, row["file"], follow) == ("SUB-07", "二.xlsx", 3)
    assert "二.xlsx 写的单位是“教育局”，一.xlsx 是“县委办”" in row["message"]


def test_a_sum_that_is_wrong_within_one_of_the_files_stands_for_itself():
    told = leading(FILES_OF_TWO_BODIES.format(total="91.00"), "SUB-07", "X-16", "EXP-02")
    assert {rule_id for rule_id, *_ in told} == {"SUB-07", "EXP-02"}


def test_the_forms_that_are_missing_follow_from_the_file_that_cannot_be_read():
    ((rule_id, _, follow, _),) = leading(
        """
        body department:723 family=shanghai
        problem SUB-09 表.xlsx 文件已损坏。请重新保存后报送。
        """,
        *("SUB-03", "SUB-09"),
    )
    assert (rule_id, follow) == ("SUB-09", 7)
