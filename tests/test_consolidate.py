"""The county out of standard tables: gross − eliminations = net, to the 分."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.schema import tables
from tests.drawn import body, evidence, lines, page
from transforms.consolidate import consolidate
from transforms.standardise import standardise

D = "department:723"
U1, U2 = "unit:723:723001", "unit:723:723002"
OTHER = "department:920"
MONEY = ("gross_yuan", "elimination_yuan", "net_yuan")


def county(*pages, bodies=None):
    return consolidate(standardise(evidence(*pages, bodies=bodies)))


SENT = (
    page(D, "income", "| general_public_budget | subsidiary_remittance\n2010101 | 500 | 30"),
    page(
        D,
        "expenditure",
        "| basic | project | subsidy_to_subsidiary\n2010101 | 300 | 80 | 90\n2010102 | | | 60",
    ),
    page(U1, "income", "| superior_subsidy | business\n2050201 | 100 | 7"),
    page(U1, "expenditure", "| basic | remitted_to_superior\n2050201 | 87 | 20"),
    page(U2, "income", "| superior_subsidy\n20502 | 40"),
    page(U2, "expenditure", "| basic\n20502 | 40"),
    page(OTHER, "income", "| general_public_budget | superior_subsidy\n2050201 | 200 | 9"),
    page(OTHER, "expenditure", "| basic | project\n2050201 | 200 | 9"),
)


def test_every_county_table_is_there_as_defined():
    found = county(*SENT)
    assert set(found) == {name for name, table in tables().items() if table.group == "county"}
    assert all(list(found[name].columns) == list(tables()[name].column_names) for name in found)


def test_an_elimination_is_the_lesser_of_what_was_paid_and_received_inside_a_department():
    columns = ("kind", "department_code", "paying_bodies", "receiving_bodies")
    assert lines(
        county(*SENT)["eliminations"], *columns, "paid_yuan", "received_yuan", "elimination_yuan", "state"
    ) == [
        "subsidiary_remittance 723 723001 723 20.00 30.00 20.00 partial",
        "superior_subsidy 723 723 723001 723002 150.00 140.00 140.00 partial",
        "superior_subsidy 920 - 920 ? 9.00 0.00 one_sided",
    ]


def test_both_sides_that_agree_are_matched():
    found = county(
        page(D, "expenditure", "| subsidy_to_subsidiary\n2010101 | 100"),
        page(U1, "income", "| superior_subsidy\n2050201 | 100"),
    )
    assert lines(found["eliminations"], "paid_yuan", "received_yuan", "elimination_yuan", "state") == [
        "100.00 100.00 100.00 matched"
    ]


def test_money_passed_between_departments_is_not_eliminated():
    found = county(
        page(OTHER, "expenditure", "| subsidy_to_subsidiary\n2010101 | 100"),
        page(U1, "income", "| superior_subsidy\n2050201 | 100"),
    )["eliminations"]
    assert lines(found, "department_code", "elimination_yuan", "state") == [
        "723 0.00 one_sided",
        "920 0.00 one_sided",
    ]


def test_income_is_net_of_what_came_from_inside():
    assert lines(county(*SENT)["county_income"], "income_source", *MONEY, "body_count") == [
        "business 7.00 0.00 7.00 1",
        "general_public_budget 700.00 0.00 700.00 2",
        "subsidiary_remittance 30.00 20.00 10.00 1",
        "superior_subsidy 149.00 140.00 9.00 3",
    ]


def test_expenditure_by_type_is_net_of_what_was_passed_on():
    assert lines(county(*SENT)["county_expenditure_by_type"], "spending_type", *MONEY, "body_count") == [
        "basic 627.00 0.00 627.00 4",
        "project 89.00 0.00 89.00 2",
        "remitted_to_superior 20.00 20.00 0.00 1",
        "subsidy_to_subsidiary 150.00 140.00 10.00 1",
    ]


def test_every_level_of_function_adds_up_to_the_county():
    found = county(*SENT)["county_expenditure"]
    assert lines(found, "function_level", "function_code", *MONEY, "body_count") == [
        "1 201 530.00 140.00 390.00 1",
        "1 205 356.00 20.00 336.00 3",
        "2 20101 530.00 140.00 390.00 1",
        "2 20502 356.00 20.00 336.00 3",
        "3 2010101 470.00 90.00 380.00 1",
        "3 2010102 60.00 50.00 10.00 1",
        "3 20502 40.00 0.00 40.00 1",
        "3 2050201 316.00 20.00 296.00 2",
    ]


def test_an_elimination_whose_function_is_unknown_has_no_function_code():
    found = county(
        page(D, "expenditure", "| project | subsidy_to_subsidiary\ntotal | 20 | 100"),
        page(D, "balance", "[function_class]\n | total\n201 | 120"),
        page(U1, "income", "| superior_subsidy\n2050201 | 100"),
    )
    assert lines(found["county_balance"], "side", "item_code", "item_name", *MONEY, "body_count") == [
        "expenditure - 未分科目支出 0.00 100.00 -100.00 0",
        "expenditure 201 一般公共服务支出 120.00 0.00 120.00 1",
        "income superior_subsidy 上级补助收入 100.00 100.00 0.00 1",
    ]


def test_a_department_has_one_row_with_its_units_however_its_name_is_spelt():
    bodies = [body(D), body(U1, department_name="部门七二三"), body(U2), body(OTHER)]
    found = county(*SENT, bodies=bodies)["county_expenditure_by_department"]
    assert lines(found, "department_code", "department_name", *MONEY, "body_count") == [
        "723 部门723 677.00 160.00 517.00 3",
        "920 部门920 209.00 0.00 209.00 1",
    ]


def test_units_whose_department_nobody_names_stand_for_themselves():
    nameless = {"department_code": "", "department_name": "", "unit_code": "", "parent_id": ""}
    bodies = [
        body("unit::甲局", unit_name="甲局", **nameless),
        body("unit::乙局", unit_name="乙局", **nameless),
    ]
    found = county(
        page("unit::甲局", "expenditure", "| subsidy_to_subsidiary\n2010101 | 100"),
        page("unit::乙局", "income", "| superior_subsidy\n2050201 | 100"),
        bodies=bodies,
    )
    assert lines(found["county_expenditure_by_department"], "department_name", "gross_yuan") == [
        "甲局 100.00"
    ]
    assert found["eliminations"]["elimination_yuan"].sum() == 0


def test_names_are_those_of_the_year_and_unlisted_codes_keep_the_bodys_name():
    found = county(page(D, "expenditure", "| basic\n2109876 卫生健康新科目 | 5"))["county_expenditure"]
    assert lines(found, "function_level", "function_code", "function_name") == [
        "1 210 卫生健康支出",
        "2 21098 -",
        "3 2109876 卫生健康新科目",
    ]


def test_basic_expenditure_stands_at_two_levels():
    found = county(
        page(D, "basic_by_economic", "| basic_personnel | basic_operating\n30101 | 50 |\n30201 | | 25"),
        page(OTHER, "basic_by_economic", "| total\n301 | 9"),
    )["county_basic_expenditure"]
    assert lines(found, "economic_level", "economic_code", "economic_name", "net_yuan") == [
        "1 301 工资福利支出 59.00",
        "1 302 商品和服务支出 25.00",
        "2 301 工资福利支出 9.00",
        "2 30101 基本工资 50.00",
        "2 30201 办公费 25.00",
    ]


def test_last_years_sum_is_published_only_where_every_body_states_it():
    found = county(
        page(
            D,
            "three_public",
            "| official_reception | official_reception:previous | vehicles\ntotal | 5 | 6 | 1",
        ),
        page(OTHER, "three_public", "| official_reception\ntotal | 2"),
    )["county_three_public"]
    stated = ("previous_yuan", "previous_body_count", "comparable_yuan", "comparable_previous_yuan")
    assert lines(found, "item", "net_yuan", "body_count", *stated) == [
        "official_reception 7.00 2 ? 1 5.00 6.00",
        "vehicles 1.00 1 ? 0 ? ?",
    ]


def test_the_three_public_expenses_stand_by_department_with_last_year():
    found = county(
        page(U1, "three_public", "| official_reception | official_reception:previous\ntotal | 5 | 6"),
        page(U2, "three_public", "| official_reception | official_reception:previous\ntotal | 1 | 3"),
        page(OTHER, "three_public", "| official_reception\ntotal | 2"),
    )["county_three_public_by_department"]
    assert lines(found, "department_code", "item", "net_yuan", "previous_yuan", "comparable_yuan") == [
        "723 official_reception 6.00 9.00 6.00",
        "920 official_reception 2.00 ? ?",
    ]


def test_expenditure_stands_by_fund_and_type_net_of_what_is_passed_on():
    found = county(
        page(D, "expenditure", "| basic | subsidy_to_subsidiary\n2010101 | 300 | 90"),
        page(D, "general_by_function", "| basic\n2010101 | 300"),
        page(U1, "income", "| superior_subsidy\n2050201 | 100"),
    )["county_expenditure_by_fund"]
    assert lines(found, "fund_source", "spending_type", *MONEY) == [
        "general_public_budget basic 300.00 0.00 300.00",
        "other subsidy_to_subsidiary 90.00 90.00 0.00",
    ]


def project(code: str, budget: str, plan: str = "", indicators: str = "") -> str:
    return "\n".join(
        [
            f"[head]\n | @project_code | @project_name\nx | {code} | 项目{code}",
            f"[money]\n | total\nbudget | {budget}",
            *([f"[payments]\n | percent\n{plan}"] if plan else []),
            *([f"[indicators]\n{indicators}"] if indicators else []),
        ]
    )


def test_project_money_is_due_by_month_and_adds_up_to_the_budgets():
    found = county(
        page(D, "project", project("1", "100", "3 | 33.33\n6 | 33.33\n12 | 33.34")),
        page(D, "project", project("2", "0.02", "3 | 25\n6 | 25\n10 | 25\n12 | 25")),
        page(D, "project", project("3", "7")),
        page(D, "project", project("4", "10", "6 | 60")),
    )
    due = found["county_project_payments"]
    assert lines(due, "department_code", "month", "net_yuan", "project_count") == [
        "723 ? 11.00 2",
        "723 3 33.34 2",
        "723 6 39.33 3",
        "723 10 0.01 1",
        "723 12 33.34 2",
    ]
    assert due["net_yuan"].sum() == found["county_projects"]["net_yuan"].sum() == 11702


def test_performance_indicators_are_counted_by_department_and_class():
    titles = "| @level_1 | @level_2 | @level_3 | @target | @basis"
    first = f"{titles}\na | 产出 | 数量 | 次数 | ≥5次 | 计划\nb | 产出 | 数量 | 面积 | |\nc | 满意度 | | 满意 | 满意 |"
    found = county(
        page(D, "project", project("1", "5", indicators=first)),
        page(D, "project", project("2", "5", indicators=f"{titles}\na | 产出 | 数量 | 人数 | ≥40人 | 标准")),
    )["county_project_indicators"]
    counts = ("project_count", "indicator_count", "with_target_count", "measurable_count", "with_basis_count")
    assert lines(found, "department_code", "level_1", "level_2", *counts) == [
        "723 产出 数量 2 3 2 2 2",
        "723 满意度 - 1 1 1 0 0",
    ]


def test_assets_procurement_projects_and_operating_costs_are_rolled_up():
    drawing = "| quantity:quantity | value | @quantity_unit\nvehicles | 8 | 174.33 | 辆\nother | | 10 |"
    plan = (
        "[head]\n | @project_code | @project_name\nx | 1 | 平台\n[money]\n | total\nbudget | 60\nfiscal | 60"
    )
    found = county(
        page(D, "assets", drawing),
        page(OTHER, "assets", drawing),
        page(D, "procurement", "| total\ngoods.001 | 2\nservices.002 | 3"),
        page(D, "project", plan),
        page(D, "operating_costs", "| total\n30201 办公费 | 25"),
        page(OTHER, "three_public", "| operating_costs\ntotal | 4"),
    )
    assert lines(
        found["county_assets"], "asset_class", "quantity", "quantity_unit", "gross_yuan", "body_count"
    ) == [
        "other ? - 20.00 2",
        "vehicles 16.0 辆 348.66 2",
    ]
    assert lines(found["county_procurement"], "category", *MONEY) == [
        "goods 2.00 0.00 2.00",
        "services 3.00 0.00 3.00",
    ]
    assert lines(
        found["county_projects"], "department_code", "project_count", "gross_yuan", "other_yuan"
    ) == ["723 1 60.00 ?"]
    assert lines(found["county_operating_costs"], "economic_code", "economic_name", "net_yuan") == [
        "- - 4.00",
        "30201 办公费 25.00",
    ]


def test_a_county_without_published_bodies_has_empty_tables():
    assert all(
        frame.empty for frame in consolidate(standardise(evidence(bodies=[body(D, sent=False)]))).values()
    )


AMOUNT = st.integers(0, 10**8)
FLOW = st.sampled_from(["basic", "subsidy_to_subsidiary", "remitted_to_superior"])
SOURCE = st.sampled_from(["general_public_budget", "superior_subsidy", "subsidiary_remittance"])
CODE = st.sampled_from(["2010101", "20502", "208"])
BUDGET = st.tuples(st.dictionaries(SOURCE, AMOUNT), st.dictionaries(st.tuples(CODE, FLOW), AMOUNT))
COUNTY = st.dictionaries(st.sampled_from([D, U1, U2, OTHER, "unit:920:920001"]), BUDGET, min_size=1)


def standard_tables(budgets) -> dict[str, pd.DataFrame]:
    """The standard tables of these budgets, without the way through forms."""
    income, spending = [], []
    for body_id, (sources, flows) in budgets.items():
        key = {name: body(body_id)[name] for name in KEY} | {"body_id": body_id}
        income += [
            key | {"income_source": source, "amount_yuan": amount} for source, amount in sources.items()
        ]
        spending += [
            key | {"function_code": code, "function_name": "", "spending_type": kind, "amount_yuan": amount}
            for (code, kind), amount in flows.items()
        ]
    found = {name: table.iloc[:0] for name, table in EMPTY.items()}
    found["income"] = filled("income", income)
    found["expenditure"] = filled("expenditure", [row | {"fund_source": "unsplit"} for row in spending])
    by_type = pd.DataFrame(spending, columns=[*KEY, "spending_type", "amount_yuan"])
    by_type = by_type.groupby([*KEY, "spending_type"], as_index=False)["amount_yuan"].sum()
    found["expenditure_by_type"] = filled("expenditure_by_type", by_type.to_dict("records"))
    return found


KEY = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]
EMPTY = standardise(evidence(bodies=[body(D)]))


def filled(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(EMPTY[name].columns))
    return frame.astype({"amount_yuan": "Int64", "fiscal_year": "Int64"})


@settings(deadline=None, max_examples=20)
@given(budgets=COUNTY)
def test_the_county_is_the_sum_of_its_bodies_less_the_eliminations(budgets):
    found = consolidate(standard_tables(budgets))
    earned = sum(sum(sources.values()) for sources, _ in budgets.values())
    spent = sum(sum(flows.values()) for _, flows in budgets.values())
    eliminated = found["eliminations"]["elimination_yuan"].sum()
    expenditure = found["county_expenditure"]
    levels = [expenditure[expenditure["function_level"] == level] for level in (1, 2, 3)]
    balance = found["county_balance"]
    for table in (found["county_expenditure_by_type"], found["county_expenditure_by_department"], *levels):
        assert table[list(MONEY)].sum().tolist() == [spent, eliminated, spent - eliminated]
    assert found["county_income"][list(MONEY)].sum().tolist() == [earned, eliminated, earned - eliminated]
    assert balance.loc[balance["side"] == "income", "net_yuan"].sum() == earned - eliminated
    assert balance.loc[balance["side"] == "expenditure", "net_yuan"].sum() == spent - eliminated
    for table in found.values():
        if "net_yuan" in table:
            assert (table["gross_yuan"] - table["elimination_yuan"] == table["net_yuan"]).all()


@settings(deadline=None, max_examples=8)
@given(budgets=COUNTY, order=st.randoms())
def test_the_order_of_the_bodies_does_not_matter(budgets, order):
    shuffled = list(budgets.items())
    order.shuffle(shuffled)
    one, other = consolidate(standard_tables(budgets)), consolidate(standard_tables(dict(shuffled)))
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])
