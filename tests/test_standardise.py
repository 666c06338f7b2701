"""Standard tables out of facts that are drawn as the forms look."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.schema import tables
from tests.drawn import body, evidence, lines, page, with_amount
from transforms.standard.projects import parse_target
from transforms.standardise import counted_scope, standardise

D = "department:723"
U = "unit:723:723002"
SPENT = ("fund_source", "function_code", "spending_type", "amount_yuan", "source_cell", "derivation")


def spent(*pages):
    return lines(standardise(evidence(*pages))["expenditure"], *SPENT)


def by_type(*pages):
    table = standardise(evidence(*pages))["expenditure_by_type"]
    return lines(table, "spending_type", "amount_yuan", "source_cell", "derivation")


def test_every_standard_table_is_there_with_its_columns_and_the_body():
    found = standardise(evidence(page(D, "income", " | business\ntotal | 5")))
    standard = {name: table for name, table in tables().items() if table.group == "standard"}
    assert set(found) == set(standard)
    assert all(list(found[name].columns) == [*standard[name].column_names, "body_id"] for name in found)


def test_income_goes_by_the_form_with_the_deepest_function_code():
    found = standardise(
        evidence(
            page(D, "balance", "[income]\n | total\ngeneral_public_budget | 90\nbusiness | 10\ntotal | =100"),
            page(
                D,
                "income",
                """
                 | total | general_public_budget.a | general_public_budget.b | business
                201 一般  | =100  | =70   | =20   | =10
                2010101 行政运行 | =100 | 70 | 20  | 10
                total    | =100  | =70   | =20   | =10
                """,
            ),
        )
    )["income"]
    assert lines(found, "income_source", "function_code", "function_name", "amount_yuan", "source_cell") == [
        "business 2010101 行政运行 10.00 E3",
        "general_public_budget 2010101 行政运行 90.00 C3 D3",
    ]


def test_income_without_its_form_comes_from_the_balance():
    drawn = page(
        D,
        "balance",
        """
        [income]
                              | total
        fiscal_appropriation  | =90
        general_public_budget | 90
        carried_over          | 0
        total                 | =90
        """,
    )
    found = standardise(evidence(drawn))["income"]
    assert lines(found, "income_source", "function_code", "amount_yuan") == [
        "carried_over - 0.00",
        "general_public_budget - 90.00",
    ]


def test_a_figure_without_source_gives_way_to_the_form_that_names_one():
    found = standardise(
        evidence(
            page(D, "income", "        | total\n2010101 | 90"),
            page(D, "balance", "[income]\n | total\nbusiness | 90"),
        )
    )["income"]
    assert lines(found, "income_source", "function_code", "amount_yuan") == ["business - 90.00"]


GENERAL = page(
    D,
    "general_by_function",
    """
                     | total | basic | basic_personnel | basic_operating | project
    201 一般公共服务  | =100  | =60   | =40             | =20             | =40
    2010101 行政运行  | =100  | =60   | 40              | 20              | 40
    total            | =100  | =60   | =40             | =20             | =40
    """,
)


def test_the_fiscal_form_says_whose_money_it_is_and_splits_basic_spending():
    whole = page(D, "expenditure", "| total | basic | project\n2010101 行政运行 | =100 | 60 | 40")
    assert spent(whole, GENERAL) == [
        "general_public_budget 2010101 basic_operating 20.00 E3 printed",
        "general_public_budget 2010101 basic_personnel 40.00 D3 printed",
        "general_public_budget 2010101 project 40.00 F3 printed",
    ]


def test_what_no_fund_covers_is_other_money_derived_from_both_forms():
    whole = page(
        D, "expenditure", "| basic | project | business_operating\n2010101 | 65 | 40 | 7\n2080505 | 3 | |"
    )
    assert spent(whole, GENERAL) == [
        "general_public_budget 2010101 basic_operating 20.00 E3 printed",
        "general_public_budget 2010101 basic_personnel 40.00 D3 printed",
        "general_public_budget 2010101 project 40.00 F3 printed",
        "other 2010101 basic 5.00 B2 D3 E3 derived",
        "other 2010101 business_operating 7.00 D2 derived",
        "other 2080505 basic 3.00 B3 derived",
    ]


def test_a_remainder_names_the_sheet_of_every_cell():
    whole = page(D, "expenditure", "| basic | project\n2010101 | 65 | 40")
    found = standardise(evidence(whole, GENERAL))["expenditure"]
    remainder = found[found["fund_source"] == "other"].iloc[0]
    assert remainder["source_file"] == "department:723.xlsx"
    assert remainder["source_sheet"] == "expenditure; general_by_function; general_by_function"
    assert remainder["source_cell"] == "B2 D3 E3"


def test_both_funds_of_one_code_are_rows_of_their_own():
    whole = page(D, "expenditure", "| project\n2120801 | 90")
    fund = page(D, "government_fund", "| total | basic | project\n2120801 | =70 |  | 70\ntotal | =70 | | =70")
    general = page(D, "general_by_function", "| project\n2120801 | 20")
    assert spent(whole, fund, general) == [
        "general_public_budget 2120801 project 20.00 B2 printed",
        "government_fund 2120801 project 70.00 D2 printed",
    ]


def test_without_fiscal_forms_the_fund_is_unsplit():
    whole = page(D, "expenditure", "| basic | project\n2010101 行政运行 | 60 | 0")
    assert spent(whole) == [
        "unsplit 2010101 basic 60.00 B2 printed",
        "unsplit 2010101 project 0.00 C2 printed",
    ]


def test_fiscal_forms_that_claim_more_than_there_is_make_nothing_negative():
    whole = page(D, "expenditure", "| basic | project\n2010101 | 50 | 40")
    assert spent(whole, GENERAL) == [
        "general_public_budget 2010101 basic 50.00 B2 printed",
        "general_public_budget 2010101 project 40.00 F3 printed",
    ]


def test_a_whole_form_that_is_finer_than_the_fiscal_form_keeps_its_rows_under_the_fund():
    whole = page(D, "expenditure", "| basic | project\n2010101 | 60 | 40\n2010102 | | 5")
    general = page(D, "general_by_function", "| basic | project\n201 | 60 | 45")
    assert spent(whole, general) == [
        "general_public_budget 2010101 basic 60.00 B2 printed",
        "general_public_budget 2010101 project 40.00 C2 printed",
        "general_public_budget 2010102 project 5.00 C3 printed",
    ]


def test_finer_rows_of_several_funds_are_unsplit():
    whole = page(D, "expenditure", "| project\n2120801 | 60\n2120802 | 40")
    fund = page(D, "government_fund", "| project\n212 | 70")
    general = page(D, "general_by_function", "| project\n212 | 30")
    assert spent(whole, fund, general) == [
        "unsplit 2120801 project 60.00 B2 printed",
        "unsplit 2120802 project 40.00 B3 printed",
    ]


JIANGSU = (
    page(
        D,
        "expenditure",
        "| total | basic | project | reserve | carried_forward\ntotal | =180 | 90 | 70 | 10 | 10",
    ),
    page(
        D,
        "balance",
        """
        [function_class]
                             | total
        201 一、一般公共服务支出 | 150
        208 八、社会保障和就业   | 20
        carried_forward      | 10
        total                | =180
        [spending_type]
                             | total
        basic                | 90
        project              | 70
        reserve              | 10
        """,
    ),
    page(
        D,
        "general_by_function",
        """
                          | total
        201               | =70
        2010101 行政运行   | 60
        2010102 一般事务   | 10
        208               | =20
        2080505 养老       | 20
        total             | =90
        """,
    ),
    page(D, "appropriation_by_function", "| total\n2010101 | 60\n2010102 | 10\n2080505 | 20"),
    page(D, "government_fund", "| total\ntotal | 0"),
)


def test_what_jiangsu_leaves_to_the_balance_is_other_money_per_class():
    assert spent(*JIANGSU) == [
        "general_public_budget 2010101 unsplit 60.00 B3 printed",
        "general_public_budget 2010102 unsplit 10.00 B4 printed",
        "general_public_budget 2080505 unsplit 20.00 B6 printed",
        "other 201 unsplit 80.00 B3 B3 B4 derived",
        "unsplit - carried_forward 10.00 B5 printed",
    ]


def test_a_remainder_per_class_is_called_as_the_balance_calls_it():
    found = standardise(evidence(*JIANGSU))["expenditure"]
    assert found.loc[found["fund_source"] == "other", "function_name"].tolist() == ["一般公共服务支出"]


def test_jiangsu_types_come_from_the_row_of_the_expenditure_form():
    assert by_type(*JIANGSU) == [
        "basic 90.00 C2 printed",
        "carried_forward 10.00 F2 printed",
        "project 70.00 D2 printed",
        "reserve 10.00 E2 printed",
    ]


def test_without_an_expenditure_form_the_balance_gives_the_types():
    assert by_type(JIANGSU[1]) == [
        "basic 90.00 B9 printed",
        "carried_forward 10.00 B5 printed",
        "project 70.00 B10 printed",
        "reserve 10.00 B11 printed",
    ]


def test_without_any_form_that_names_types_the_rows_of_expenditure_are_added_by_type():
    classes = page(D, "balance", "[function_class]\n | total\n201 | 105\n208 | 1")
    assert by_type(classes, GENERAL) == [
        "basic_operating 20.00 E3 printed",
        "basic_personnel 40.00 D3 printed",
        "project 40.00 F3 printed",
        "unsplit 6.00 B4 B3 D3 E3 F3 derived",
    ]


def test_the_form_of_all_funds_serves_only_where_the_general_form_is_absent():
    whole = page(D, "expenditure", "| total\n2010101 | 60")
    all_funds = page(D, "appropriation_by_function", "| total\n2010101 | 55")
    assert spent(whole, all_funds) == [
        "other 2010101 unsplit 5.00 B2 B2 derived",
        "unsplit 2010101 unsplit 55.00 B2 printed",
    ]


def test_an_empty_fund_form_disturbs_nothing():
    whole = page(D, "expenditure", "| basic | project\n2010101 | 60 | 40")
    empty = page(D, "government_fund", "| total | basic | project\ntotal | 0 | 0 | 0")
    assert spent(whole, GENERAL, empty) == spent(whole, GENERAL)


def test_a_form_sent_twice_counts_once():
    whole = page(D, "expenditure", "| basic | project\n2010101 | 60 | 40")
    assert spent(whole, whole, GENERAL, GENERAL) == spent(whole, GENERAL)


def test_a_continuation_is_no_copy():
    first = page(D, "expenditure", "| basic\n2010101 | 60")
    second = page(D, "expenditure", "| basic\n2080505 | 40\n2080506 | 5")
    assert spent(first, second, second) == [
        "unsplit 2010101 basic 60.00 B2 printed",
        "unsplit 2080505 basic 40.00 B2 printed",
        "unsplit 2080506 basic 5.00 B3 printed",
    ]


def test_a_class_and_its_codes_in_two_tables_of_one_form_count_once():
    above = page(D, "expenditure", "| basic | project\n205 | =12 | 4\n20502 | 12 |")
    below = page(D, "expenditure", "| basic | project\n2050201 | 5 | 3\n2050202 | 7 |")
    assert spent(above, below) == [
        "unsplit 205 project 4.00 C2 printed",
        "unsplit 2050201 basic 5.00 B2 printed",
        "unsplit 2050201 project 3.00 C2 printed",
        "unsplit 2050202 basic 7.00 B3 printed",
    ]


def test_two_rows_of_one_code_are_added_and_both_cells_named():
    assert spent(page(D, "expenditure", "| basic\n2010101 | 60\n2010101 | 5")) == [
        "unsplit 2010101 basic 65.00 B2 B3 printed"
    ]


def test_a_leaf_without_amount_is_no_row():
    drawn = with_amount(evidence(page(D, "expenditure", "| basic | project\n2010101 | 60 | 1")), "C2", None)
    assert lines(standardise(drawn)["expenditure"], "spending_type", "amount_yuan") == ["basic 60.00"]


def test_a_name_missing_on_the_form_is_taken_from_the_code_list():
    found = standardise(evidence(page(D, "expenditure", "| basic\n201 | 60\n2010101 行政运行（本级） | 5")))
    assert found["expenditure"]["function_name"].tolist() == ["一般公共服务支出", "行政运行(本级)"]


ECONOMIC = page(
    D,
    "basic_by_economic",
    """
                       | total
    301 工资福利支出     | =50
    30101 基本工资       | 50
    302 商品和服务支出    | =25
    30201 办公费         | 25
    303 对个人和家庭的补助 | 15
    total              | =90
    """,
)


def test_basic_expenditure_without_columns_is_split_by_class():
    found = standardise(evidence(ECONOMIC))["basic_expenditure"]
    assert lines(found, "economic_code", "spending_type", "economic_name", "amount_yuan", "derivation") == [
        "30101 basic_personnel 基本工资 50.00 derived",
        "30201 basic_operating 办公费 25.00 derived",
        "303 basic_personnel 对个人和家庭的补助 15.00 derived",
    ]


def test_printed_columns_outrank_the_class():
    drawn = page(
        D,
        "basic_by_economic",
        """
                         | total | basic_personnel | basic_operating
        30201 办公费      | =25   | 5               | 20
        total            | =25   | =5              | =20
        """,
    )
    found = standardise(evidence(drawn, page(D, "appropriation_basic_by_economic", "| total\n30201 | 25")))
    assert lines(
        found["basic_expenditure"], "economic_code", "spending_type", "amount_yuan", "derivation"
    ) == [
        "30201 basic_operating 20.00 printed",
        "30201 basic_personnel 5.00 printed",
    ]


def test_basic_becomes_personnel_and_operating_where_another_form_adds_up_to_it():
    whole = page(D, "expenditure", "| basic | project\ntotal | 90 | 5")
    assert by_type(whole, ECONOMIC) == [
        "basic_operating 25.00 B5 derived",
        "basic_personnel 65.00 B3 B6 derived",
        "project 5.00 C2 printed",
    ]


def test_what_no_form_explains_stays_basic():
    whole = page(D, "expenditure", "| basic\n2010101 | 65")
    assert by_type(whole, GENERAL) == [
        "basic 5.00 B2 D3 E3 derived",
        "basic_operating 20.00 E3 printed",
        "basic_personnel 40.00 D3 printed",
    ]


def test_a_split_that_exceeds_basic_explains_nothing():
    whole = page(D, "expenditure", "| basic\n2010101 | 55")
    assert by_type(whole, GENERAL, ECONOMIC) == ["basic 55.00 B2 printed"]


def test_vehicles_are_an_item_only_where_they_are_not_split():
    split = page(
        D,
        "three_public",
        """
              | total | overseas_travel | vehicles | vehicle_purchase | vehicle_operation | meetings
        total | =40   | 0               | =40      |                  | 40                | 9
        """,
    )
    whole = page(U, "three_public", "| total | vehicles | official_reception\ntotal | =41 | 40 | 1")
    found = standardise(evidence(split, whole))
    assert lines(found["three_public"], "scope", "item", "amount_yuan", "previous_yuan") == [
        "department overseas_travel 0.00 ?",
        "department vehicle_operation 40.00 ?",
        "unit official_reception 1.00 ?",
        "unit vehicles 40.00 ?",
    ]
    assert lines(found["meetings_and_training"], "item", "amount_yuan", "source_cell") == ["meetings 9.00 G2"]


def test_last_year_stands_beside_this_year():
    drawn = page(
        D,
        "three_public",
        """
              | official_reception | official_reception:previous | overseas_travel:previous
        total | 54.50              | 60                          | 3
        """,
    )
    found = standardise(evidence(drawn))["three_public"]
    assert lines(found, "item", "amount_yuan", "previous_yuan", "source_cell") == [
        "official_reception 54.50 60.00 B2 C2",
        "overseas_travel ? 3.00 D2",
    ]


def test_operating_costs_of_the_three_public_form_have_no_code():
    own = page(D, "operating_costs", "| total\n302 商品和服务支出 | =25\n30201 办公费 | 25\ntotal | =25")
    beside = page(U, "three_public", "| operating_costs\ntotal | 171.01")
    found = standardise(evidence(own, page(D, "three_public", "| operating_costs\ntotal | 25"), beside))
    assert lines(found["operating_costs"], "scope", "economic_code", "economic_name", "amount_yuan") == [
        "department 30201 办公费 25.00",
        "unit - - 171.01",
    ]


def test_procurement_items_carry_their_labels():
    drawn = page(
        D,
        "procurement",
        """
                  | total | @project_name | @economic_name | @item_name | @organisation_form
        total     | =6    |               |                |            |
        goods     | =6    |               |                |            |
        goods.002 | 2     | 办公费         | 办公设备购置     | 复印纸      | 分散采购
        goods.003 | 2     | 办公费         | 办公设备购置     | 复印纸      | 分散采购
        goods.004 | 2     |               |                | 服务器      |
        """,
    )
    found = standardise(evidence(drawn))["procurement"]
    assert lines(
        found, "category", "project_name", "item_name", "position", "organisation_form", "amount_yuan"
    ) == [
        "goods - 服务器 3 - 2.00",
        "goods 办公费 复印纸 1 分散采购 2.00",
        "goods 办公费 复印纸 2 分散采购 2.00",
    ]


def test_procurement_sent_twice_counts_once():
    drawn = page(D, "procurement", "| total | @item_name\ngoods.001 | 2 | 复印纸")
    other = page(D, "procurement", "| total | @item_name\ngoods.001 | 2 | 服务器")
    assert standardise(evidence(drawn, drawn, other))["procurement"]["item_name"].tolist() == [
        "复印纸",
        "服务器",
    ]


def test_assets_have_quantity_value_unit_and_date():
    drawn = page(
        D,
        "assets",
        """
                        | quantity:quantity | value   | planned_value | @quantity_unit | @threshold
        total           |                   | =418.52 |               |                |
        vehicles        | 8                 | 174.33  |               | 辆             |
        large_equipment | 1                 | 100     | 4             | 台             | 500000
        other           |                   | 144.19  |               |                |
        """,
    )
    dated = drawn.labels[0] | {"column_key": "as_of", "text": "2019-12-31", "position": 0}
    drawn.labels.append(dated)
    found = standardise(evidence(drawn))["assets"]
    columns = ("asset_class", "threshold_yuan", "quantity", "quantity_unit", "book_value_yuan", "as_of")
    assert lines(found, *columns, "planned_quantity", "planned_purchase_yuan", "source_cell") == [
        "large_equipment 500000.00 1.0 台 100.00 2019-12-31 ? 4.00 B4 C4 D4",
        "other ? ? - 144.19 2019-12-31 ? ? C5",
        "vehicles ? 8.0 辆 174.33 2019-12-31 ? ? B3 C3",
    ]


def test_assets_given_only_as_a_total_are_unspecified():
    found = standardise(evidence(page(D, "assets", "| value\ntotal | 418.52")))["assets"]
    assert lines(found, "asset_class", "book_value_yuan") == ["unspecified 418.52"]


def project(code: str, name: str, budget: str) -> str:
    return f"""
        [head]
          | @project_code | @project_name | @purpose
        x | {code}        | {name}        | 购置设备
        [money]
               | total
        budget | {budget}
        fiscal | {budget}
        [payments]
           | percent:percent
        6  | 50
        12 | 50
        [indicators]
          | @level_1 | @level_3 | @target | @basis
        x | 产出     | 购置数量  | ≥70台   | 计划
        x | 产出     | 服务满意度 | 满意    | 计划
        """


def test_a_project_is_a_row_with_its_plan_and_its_indicators():
    found = standardise(
        evidence(
            page(D, "project", project("723-1", "平台", "=60")),
            page(D, "project", project("", "值班", "=40")),
        )
    )
    columns = (
        "project_code",
        "position",
        "project_name",
        "budget_yuan",
        "fiscal_yuan",
        "other_yuan",
        "purpose",
    )
    assert lines(found["projects"], *columns, "source_cell") == [
        "- 2 值班 40.00 40.00 ? 购置设备 B6 B7",
        "723-1 1 平台 60.00 60.00 ? 购置设备 B6 B7",
    ]
    assert lines(found["project_payments"], "project_name", "month", "percent") == [
        "值班 6 50.0",
        "值班 12 50.0",
        "平台 6 50.0",
        "平台 12 50.0",
    ]
    columns = ("project_name", "position", "level_3", "target", "operator", "target_value", "target_unit")
    assert lines(found["project_indicators"], *columns, "source_cell")[2:] == [
        "平台 1 购置数量 ≥70台 >= 70.0 台 B14 C14 D14 E14",
        "平台 2 服务满意度 满意 - ? - B15 C15 D15 E15",
    ]


def test_a_project_without_money_is_listed_all_the_same():
    drawn = page(D, "project", "[head]\n | @project_code | @project_name\nx | 723-1 | 平台")
    found = standardise(evidence(drawn))["projects"]
    assert lines(found, "project_code", "project_name", "budget_yuan", "source_cell") == [
        "723-1 平台 ? B3 C3"
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("≥70", (">=", 70.0, "")),
        ("≥5年", (">=", 5.0, "年")),
        ("≥ 40 人数", (">=", 40.0, "人数")),
        ("≤１.５％", ("<=", 1.5, "%")),
        ("80", ("=", 80.0, "")),
        ("满意", ("", None, "")),
        ("80-90", ("", None, "")),
        ("2020年", ("", None, "")),
        ("10月底", ("", None, "")),
        ("", ("", None, "")),
    ],
)
def test_targets_are_taken_apart_only_where_they_are_plain(text, parts):
    assert parse_target(text) == parts


def test_the_roster_says_what_kind_of_body_it_is():
    found = standardise(evidence(bodies=[body(D, kind="行政", sent=False), body(U)]))["departments"]
    assert lines(found, "department_code", "kind", "source_file") == ["723 行政 departments.csv"]


def x15(outcome: str) -> pd.DataFrame:
    row = {"rule_id": "X-15", "scope": "department", "outcome": outcome, "body_id": D}
    return pd.DataFrame([row, row | {"rule_id": "BAL-01", "outcome": "agrees"}])


@pytest.mark.parametrize(
    ("outcome", "counting"),
    [
        ("agrees", [U, "unit:723:723003"]),
        ("rounding", [U, "unit:723:723003"]),
        ("fails", [D]),
        ("not_applicable", [D]),
        ("not_evaluable", [D]),
    ],
)
def test_units_count_only_where_they_agree_with_their_department(outcome, counting):
    bodies = pd.DataFrame([body(D), body(U), body("unit:723:723003")])
    counted = counted_scope(bodies, x15(outcome), frozenset(bodies["body_id"]))
    assert counted.index[counted].tolist() == counting


def test_units_count_where_their_department_sent_nothing():
    bodies = pd.DataFrame(
        [body(D, sent=False), body(U), body("department:9"), body("unit:9:901", sent=False)]
    )
    counted = counted_scope(bodies, x15("not_applicable"), frozenset(bodies["body_id"]))
    assert counted.to_dict() == {D: False, U: True, "department:9": True, "unit:9:901": False}


AMOUNTS = st.dictionaries(
    st.tuples(
        st.sampled_from(["2010101", "2010102", "2080505", "212"]),
        st.sampled_from(["basic", "project", "reserve"]),
    ),
    st.integers(0, 10**9),
    min_size=1,
)


def figures(form: str, amounts: dict[tuple[str, str], int]):
    rows = [f"{code} | {amount / 100} | {kind}" for (code, kind), amount in amounts.items()]
    found = page(D, form, "\n".join([" | amount", *rows]))
    for cell, (_, kind) in zip(found.facts, amounts, strict=True):
        cell["column_key"] = kind
    return found


@settings(deadline=None, max_examples=25)
@given(whole=AMOUNTS, general=AMOUNTS, fund=AMOUNTS)
def test_expenditure_adds_up_to_the_expenditure_form_whatever_the_fiscal_forms_say(whole, general, fund):
    pages = {"expenditure": whole, "general_by_function": general, "government_fund": fund}
    found = standardise(evidence(*[figures(form, amounts) for form, amounts in pages.items()]))
    assert found["expenditure"]["amount_yuan"].sum() == sum(whole.values())
    assert found["expenditure_by_type"]["amount_yuan"].sum() == sum(whole.values())
    assert (found["expenditure"]["amount_yuan"] >= 0).all()
    key = list(tables()["expenditure"].key)
    assert not found["expenditure"].duplicated(key).any()


def test_what_classes_of_economic_codes_say_of_a_type_of_spending_is_of_that_type():
    drawn = page(
        D,
        "expenditure",
        """
         | total | basic.工资福利支出 | basic.商品和服务支出 | project
        2010101 行政运行 | =430 | 260 | 50 | 120
        """,
    )
    assert by_type(drawn) == ["basic 310.00 C2 D2 printed", "project 120.00 E2 printed"]
