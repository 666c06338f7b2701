"""The rules engine: every rule's own examples, and how outcomes, rounding, units and rosters behave."""

from pathlib import Path

import pytest
import yaml

from expectations.address import parse_address
from expectations.canon import forms
from expectations.catalogue import DOCUMENT, catalogue_markdown
from expectations.drawing import draw
from expectations.errors import DefinitionError
from expectations.messages import in_unit
from expectations.proofs import (
    checksum,
    complaints_about,
    prove,
    proven,
    refuse_unproven,
    write_proven,
)
from expectations.reconcile import load_rules, reconcile, withheld, withheld_tables
from expectations.relations import views_within
from expectations.rules_model import Rule, refuse_duplicates
from expectations.settings import Thresholds
from expectations.surroundings import Surroundings

RULES = load_rules()
IDS = [rule.id for rule in RULES]


def rule(rule_id: str) -> Rule:
    return next(rule for rule in RULES if rule.id == rule_id)


def check(text: str, *rule_ids: str):
    return reconcile(draw(text), [rule(rule_id) for rule_id in rule_ids] or RULES)


def outcome(text: str, rule_id: str, body_id: str = "department:723") -> str:
    outcomes = check(text, rule_id).outcomes
    return outcomes.set_index("body_id").at[body_id, "outcome"]


@pytest.mark.parametrize("checked", RULES, ids=IDS)
def test_a_rule_agrees_on_its_passing_example_and_fails_on_its_failing_one(checked):
    assert list(complaints_about(checked)) == []


def test_the_published_catalogue_is_up_to_date():
    assert DOCUMENT.read_text(encoding="utf-8") == catalogue_markdown(RULES)


def test_the_catalogue_has_every_rule_of_this_part():
    wanted = [f"SUB-{n:02d}" for n in range(1, 20)]
    wanted += ["CEL-01", "CEL-02", *(f"CEL-{n:02d}" for n in range(4, 10))]
    wanted += ["BAL-01", "BAL-02", "BAL-03", "INC-01", "INC-02", "EXP-01", "EXP-02", "APP-01", "APP-02"]
    wanted += ["GEN-01", "GEN-02", "ECO-01", "ECO-02", "FND-01", "CAP-01", "TPE-01", "TPE-02", "OPC-01"]
    wanted += ["PRC-01", "AST-01", "AST-02", *(f"PRJ-{n:02d}" for n in range(1, 6))]
    wanted += [f"X-{n:02d}" for n in (*range(1, 12), 13, 14, 15, 16)]
    wanted += ["X-12a", "X-12b", *(f"NAR-{n:02d}" for n in range(1, 17))]
    assert set(wanted) <= set(IDS)
    assert len(IDS) == len(set(IDS))


def test_an_example_that_shows_nothing_is_refused():
    blunt = rule("EXP-01").checks[0].model_copy(update={"fails": rule("EXP-01").checks[0].passes})
    with pytest.raises(DefinitionError, match="EXP-01, check 1: the failing example does not fail"):
        prove([rule("EXP-01").model_copy(update={"checks": (blunt,)})])


def test_every_rule_is_known_to_be_proved():
    known = proven()
    assert {each.id: checksum(each) for each in RULES} == known, "make derive proves what was edited"


def test_only_a_rule_that_was_edited_is_proved_again_and_refused_where_it_shows_nothing(tmp_path: Path):
    write_proven([rule("EXP-01"), rule("TPE-02")], tmp_path / "proven.csv")
    blunt = rule("EXP-01").checks[0].model_copy(update={"fails": rule("EXP-01").checks[0].passes})
    edited = rule("EXP-01").model_copy(update={"checks": (blunt,)})
    refuse_unproven([rule("EXP-01"), rule("TPE-02")], tmp_path / "proven.csv")
    with pytest.raises(DefinitionError, match="EXP-01, check 1: the failing example does not fail"):
        refuse_unproven([edited, rule("TPE-02")], tmp_path / "proven.csv")


def test_a_rule_counts_as_edited_when_a_view_it_asks_is():
    asking = next(each for each in RULES if each.id == "CEL-05")
    assert "listed" in views_within(asking.checks[0].failing)


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(DefinitionError, match="EXP-01"):
        refuse_duplicates([rule("EXP-01"), rule("EXP-01")])


@pytest.mark.parametrize(
    "address",
    ["nowhere!total", "balance!total", "balance/income!nonsense", "expenditure!total:nonsense", "x"],
)
def test_an_address_that_no_form_has_is_refused(address):
    with pytest.raises(DefinitionError):
        parse_address(address)


def test_a_rule_file_with_an_unknown_word_is_refused(tmp_path: Path):
    entry = {
        "id": "T-01",
        "title": "",
        "severity": "error",
        "gate": "body",
        "message": "",
        "checks": [],
        "mood": 1,
    }
    (tmp_path / "rules.yml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"(?s)rules\.yml.*mood"):
        load_rules(tmp_path)


def test_forms_are_called_and_built_as_the_reader_has_them():
    folder = Path(__file__).parents[1] / "transforms" / "forms"
    read = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.glob("[a-z]*.yml")}
    called = {name: form.title for name, form in forms().items()}
    assert called.pop("document") == "部门预算公开说明"
    assert called == {n: form["title"] for n, form in read.items()}
    for name, form in read.items():
        for key, panel in form.get("panels", {}).items():
            own = forms()[name].panels[key].columns
            assert {parent: sorted(parts) for parent, parts in own.items()} == {
                parent: sorted(parts) for parent, parts in panel["columns"].items()
            }, (name, key)


def test_a_wrong_total_is_told_with_its_cell_both_figures_and_the_difference():
    findings = check(
        """
        expenditure 万元 sheet=支出总表 | total
        total                           | 120.50
        201                             | 100.50
        208                             | 18.00
        """,
        "EXP-02",
    ).findings
    (finding,) = findings.to_dict("records")
    assert (finding["rule_id"], finding["severity"], finding["gate"], finding["state"]) == (
        "EXP-02", "error", "body", "open",
    )  # fmt: skip
    assert (finding["file"], finding["sheet"], finding["cell"]) == ("表.xlsx", "支出总表", "B2")
    assert (finding["found"], finding["expected"], finding["difference"]) == (
        "1205000.00",
        "1185000.00",
        "20000.00",
    )
    assert finding["message"] == (
        "支出总表!B2“total” 120.50 万元，下级各行（B3、B4）之和 118.50 万元，相差 2.00 万元。"
        "请核对合计行和下级科目。"
    )


def test_an_amount_is_told_in_the_unit_of_its_form():
    assert in_unit(12_050_000, "万元") == "12.05 万元"
    assert in_unit(171_006_200, "万元") == "171.0062 万元"
    assert in_unit(-100, "元") == "-1.00 元"


@pytest.mark.parametrize(
    ("total", "expected"),
    [("30.00", "agrees"), ("30.01", "rounding"), ("30.02", "rounding"), ("30.03", "fails")],
)
def test_a_difference_is_rounding_up_to_half_a_step_per_figure(total, expected):
    drawn = f"""
        expenditure 万元 | total
        total            | {total}
        201              | 10.00
        208              | 10.00
        210              | 10.00
    """
    assert outcome(drawn, "EXP-02") == expected


def test_rounding_never_exceeds_five_steps():
    rows = "\n".join(f"{code} | 1.00" for code in range(201, 221))
    for total, expected in (("20.05", "rounding"), ("20.06", "fails")):
        assert outcome(f"expenditure 万元 | total\ntotal | {total}\n{rows}", "EXP-02") == expected


def test_operating_costs_in_wan_yuan_against_whole_yuan_are_rounding():
    drawn = """
        three_public 万元    | total   | operating_costs
        total                | 1.00    | 171.01
        basic_by_economic 元 | total   | basic_operating
        total                | 1710062 | 1710062
    """
    assert outcome(drawn, "X-10") == "rounding"


def test_operating_costs_must_equal_the_operating_fund_only_where_all_units_are_administrative():
    drawn = """
        roster
        body department:723 on_roster=yes kind=行政
        operating_costs 万元   | total
        total                  | 464.64
        basic_by_economic 万元 | total   | basic_operating
        total                  | 1082.77 | 1082.77
        body unit:723:723001 on_roster=yes kind={kind} parent_id=department:723
    """
    assert outcome(drawn.format(kind="参公"), "X-10") == "fails"
    assert outcome(drawn.format(kind="事业"), "X-10") == "agrees"


def test_a_form_without_a_unit_is_not_evaluated_rather_than_guessed():
    drawn = """
        expenditure 未注明单位 | total
        total                  | 30
        201                    | 20
    """
    outcomes = check(drawn, "EXP-02").outcomes.iloc[0]
    assert outcomes["outcome"] == "not_evaluable"
    assert outcomes["reason"] == "《部门预算支出总表》没有注明金额单位"
    assert outcomes["evaluated"] == 0


def test_a_missing_form_makes_the_comparison_not_evaluable_and_says_which():
    outcomes = check("balance/income 万元 | total\ntotal | 1.00", "X-01").outcomes.iloc[0]
    assert (outcomes["outcome"], outcomes["reason"]) == ("not_evaluable", "缺少《部门预算收入总表》")


def test_a_form_that_the_province_does_not_have_is_not_applicable():
    drawn = """
        body department:723 family=hebei
        three_public 万元      | total | official_reception
        total                  | 1.00  | 1.00
        basic_by_economic 万元 | total | basic_operating
        total                  | 9.00  | 9.00
    """
    assert outcome(drawn, "X-10") == "not_applicable"
    assert outcome(drawn, "OPC-01") == "not_applicable"


def test_an_empty_form_is_not_said_to_agree():
    assert outcome("government_fund 万元 | total\ntotal | -", "FND-01") == "not_applicable"


def test_a_blank_total_over_figures_fails_at_its_own_cell():
    (finding,) = check("expenditure 万元 | total\ntotal | -\n201 | 30.00", "EXP-02").findings.to_dict(
        "records"
    )
    assert (finding["cell"], finding["found"], finding["expected"]) == ("B2", "0.00", "300000.00")


def test_a_memo_row_adds_to_nothing():
    assert (
        outcome("expenditure 万元 | total\ntotal | 30.00\n201 | 30.00\n*20131 | 12.00", "EXP-02") == "agrees"
    )


def test_the_worst_identity_decides_and_all_are_counted():
    drawn = """
        expenditure 万元 | total | basic
        total            | 30.00 | 20.00
        201              | 30.00 | 10.00
    """
    told = check(drawn, "EXP-02").outcomes.iloc[0]
    assert (told["outcome"], told["evaluated"], told["failed"]) == ("fails", 2, 1)


def test_money_paid_from_business_income_lets_expenditure_exceed_fiscal_money():
    drawn = """
        body department:723 family=shanghai
        balance/income 元       | total
        general_public_budget   | 9501164
        business                | 2620000
        total                   | 12121164
        expenditure 元          | total
        total                   | 12121164
        general_by_function 元  | total
        total                   | 9501164
        government_fund 元      | total
        total                   | -
        state_capital 元        | total
        total                   | -
    """
    assert outcome(drawn, "X-07") == "agrees"
    assert outcome(drawn.replace("business   ", "state_capital"), "X-07") == "fails"


def test_a_missing_fund_form_of_a_province_that_has_it_is_not_counted_as_zero():
    drawn = """
        body department:723 family=shanghai
        expenditure 元         | total
        total                  | 100
        general_by_function 元 | total
        total                  | 100
        state_capital 元       | total
        total                  | -
    """
    assert outcome(drawn, "X-07") == "not_evaluable"


def test_codes_are_compared_only_at_depths_that_both_forms_print():
    drawn = """
        balance/function_class 万元 | total
        201                         | 30.00
        total                       | 30.00
        expenditure 万元            | total
        2013101                     | 30.00
        total                       | 30.00
    """
    assert outcome(drawn, "X-02") == "agrees"


def test_a_source_given_only_in_its_parent_is_not_missed():
    drawn = """
        balance/income 万元 | total
        unit_funds          | 10.00
        income 万元         | total | unit_funds | business
        total               | 10.00 | 10.00      | 10.00
    """
    assert outcome(drawn, "X-03") == "agrees"


def test_what_is_listed_as_of_which_is_not_bought_twice():
    drawn = """
        assets 万元        | planned_value
        vehicles           | 8.00
        *passenger_cars    | 5.00
        procurement 万元   | total
        total              | 8.00
    """
    assert outcome(drawn, "X-13") == "agrees"


def test_a_source_moved_to_another_is_found():
    drawn = """
        balance/income 万元 | total
        business            | 10.00
        income 万元         | total | business | other
        total               | 10.00 | -        | 10.00
    """
    assert outcome(drawn, "X-03") == "fails"


def test_figures_of_another_copy_of_a_form_are_not_counted_twice():
    drawn = """
        balance/income 万元     | total
        total                   | 10.00
        income 万元             | total
        total                   | 10.00
        income 万元 again=yes   | total
        total                   | 10.00
    """
    assert outcome(drawn, "X-01") == "agrees"
    assert check(drawn, "SUB-02").findings["severity"].tolist() == ["info"]


UNITS = """
    body department:723 on_roster=yes
    expenditure 万元 | total
    total            | 30.00
    body unit:723:723001 on_roster=yes parent_id=department:723
    expenditure 万元 | total
    total            | {total}
    body unit:723:723002 on_roster=yes parent_id=department:723 sent={sent}
    expenditure 万元 | total
    total            | 0.00
"""


@pytest.mark.parametrize(
    ("roster", "total", "sent", "expected"),
    [
        ("roster", "30.00", "yes", "agrees"),
        ("roster", "20.00", "yes", "fails"),
        ("roster", "20.00", "no", "not_applicable"),
        ("", "30.00", "yes", "agrees"),
        ("", "20.00", "yes", "not_evaluable"),
    ],
)
def test_a_department_is_held_against_its_units_only_where_all_are_known_to_have_sent(
    roster, total, sent, expected
):
    told = check(roster + UNITS.format(total=total, sent=sent), "X-15")
    assert told.outcomes.set_index("body_id").at["department:723", "outcome"] == expected
    assert told.findings.empty == (expected != "fails")


def test_without_a_roster_the_reason_is_told():
    told = check(UNITS.format(total="20.00", sent="yes"), "X-15").outcomes.iloc[0]
    assert told["reason"] == "没有部门名册，无法判断所属单位是否全部报送"


def test_a_body_that_sent_nothing_is_listed_and_nothing_else_is_said_of_it():
    told = check("roster\nbody department:723 on_roster=yes sent=no")
    states = told.outcomes.set_index("rule_id")["outcome"]
    assert states["SUB-01"] == "fails"
    assert set(states.drop("SUB-01")) == {"not_evaluable"}
    assert told.findings["message"].tolist() == ["部门723尚未报送。请催报。"]


def test_a_problem_that_belongs_to_no_body_is_listed_with_blank_codes():
    drawn = draw("body department:723\nproblem SUB-09 散页.xlsx 文件已损坏。")
    lost = drawn.problems.assign(body_id="")
    told = reconcile(drawn.__class__(**{**drawn.__dict__, "problems": lost}), [rule("SUB-09")])
    assert told.findings[["scope", "department_code", "file"]].to_numpy().tolist() == [["", "", "散页.xlsx"]]
    assert told.outcomes["outcome"].tolist() == ["agrees"]


def test_a_severity_that_reading_gives_outranks_the_rule():
    drawn = draw("problem CEL-01 表.xlsx 文本数字已按数字读取。")
    noted = drawn.problems.assign(severity="info")
    told = reconcile(drawn.__class__(**{**drawn.__dict__, "problems": noted}), [rule("CEL-01")])
    assert told.findings[["severity", "gate"]].to_numpy().tolist() == [["info", "none"]]


def test_an_error_of_a_body_rule_withholds_the_body_and_one_of_a_table_rule_its_tables():
    drawn = draw("""
        body department:1
        expenditure 万元 | total
        total            | 30.00
        201              | 20.00
        body department:2
        assets 万元 | value
        total       | 30.00
        other       | 20.00
    """)
    told = reconcile(drawn, [rule("EXP-02"), rule("AST-01")])
    assert withheld(told.findings, drawn.bodies) == {"department:1"}
    assert withheld_tables(told.findings) == {("department:2", "assets")}
    waived = told.findings.assign(state="waived")
    assert withheld(waived, drawn.bodies) == set()
    assert withheld_tables(waived) == set()


def test_a_warning_withholds_nothing():
    drawn = draw("expenditure 万元 | total\ntotal | -30.00")
    assert withheld(reconcile(drawn, [rule("CEL-02")]).findings, drawn.bodies) == set()


def test_a_unit_slip_is_named():
    drawn = """
        assets 元 | value
        total     | 418.52
        vehicles  | 1743300
        other     | 2441900
    """
    assert "一万倍" in check(drawn, "AST-01").findings["message"].iloc[0]


def test_every_rule_and_body_has_exactly_one_outcome_and_idle_rules_are_named():
    told = check("body department:1\nexpenditure 万元 | total\ntotal | 1.00\nbody department:2")
    assert len(told.outcomes) == len(RULES) * 2
    assert not told.outcomes.duplicated(["rule_id", "body_id"]).any()
    assert {"X-01", "PRJ-01"} <= set(told.idle_rules)
    agreed = told.outcomes[told.outcomes["outcome"] == "agrees"]
    assert (agreed["evaluated"] > 0).all()


def test_the_order_of_bodies_changes_neither_findings_nor_outcomes():
    drawn = draw("""
        body department:1
        expenditure 万元 | total
        total            | 30.00
        201              | 20.00
        body department:2
        expenditure 万元 | total
        total            | 30.00
        201              | 25.00
    """)
    turned = drawn.__class__(
        **{**drawn.__dict__, "bodies": drawn.bodies.iloc[::-1], "facts": drawn.facts.iloc[::-1]}
    )
    one, two = reconcile(drawn, RULES), reconcile(turned, RULES)
    assert one.findings.equals(two.findings)
    assert one.findings["finding_id"].is_unique
    key = ["rule_id", "body_id"]
    assert one.outcomes.sort_values(key, ignore_index=True).equals(
        two.outcomes.sort_values(key, ignore_index=True)
    )


def test_edges_are_kept_as_data():
    edges = check("expenditure 万元 | total\ntotal | 30.00\n201 | 30.00", "EXP-02").edges
    assert edges.astype(object).to_numpy().tolist() == [
        ["EXP-02", 0, 0, 1, "total"],
        ["EXP-02", 0, 1, 1, "part"],
    ]


def test_purchases_below_the_bureaus_limit_need_no_procurement_budget():
    drawing = """
        document/assets 万元      | planned_value
        total                     | 4
        document/procurement 万元 | total
        total                     | 0
    """
    limited = Surroundings(thresholds=Thresholds(procurement_limit_yuan=50_000))
    assert len(reconcile(draw(drawing), [rule("X-13")]).findings) == 1
    assert reconcile(draw(drawing), [rule("X-13")], limited).findings.empty


def test_a_row_that_the_other_form_lacks_is_said_to_be_lacking_there():
    drawn = """
        balance/income 万元      | total
        general_public_budget    | 30.00
        expenditure 万元         | total | basic
        total                    | 10.00 | 10.00
        2010301                  | 10.00 | 10.00
        general_by_function 万元 | total | basic
        total                    | 30.00 | 30.00
        2010301                  | 10.00 | 10.00
        2080501                  | 20.00 | 20.00
        government_fund 万元     | total | basic
        total                    | -     | -
    """
    assert check(drawn, "X-07").findings["message"].iloc[0] == (
        "一般公共预算财政拨款支出表!B4（一般公共预算财政拨款支出表）“2080501” 20.00 万元，"
        "《部门预算支出总表》没有与之对应的数字。请核对那里是否漏列，或者两处的科目编码是否一致。"
    )


def test_a_sum_of_several_cells_is_not_said_to_be_the_figure_of_the_first():
    drawn = """
        appropriation_balance/income 万元 | total
        general_public_budget             | 30.00
        government_fund                   | 5.00
        income 万元                       | total | general_public_budget | government_fund
        total                             | 36.00 | 30.00                 | 6.00
    """
    assert check(drawn, "X-04").findings["message"].iloc[0] == (
        "财政拨款收支总表!B2（财政拨款收支总表）等 2 格合计 35.00 万元，"
        "部门预算收入总表!C2 等 2 格（部门预算收入总表）36.00 万元，相差 1.00 万元。两张表应当一致，请核对后改正。"
    )


def test_main_forms_that_are_all_missing_are_said_to_be_missing_once():
    drawn = """
        body department:723 family=hebei
        three_public 万元 | total
        total             | 1.00
    """
    messages = check(drawn, "SUB-03").findings["message"].tolist()
    assert "没有收到部门预算收支总表（或收入总表和支出总表）。请补报。" in messages
    assert not any("《部门预算收支总表》" in message for message in messages)
    assert any("《财政拨款收支总表》" in message for message in messages)


def test_codes_are_compared_beside_a_fund_form_that_says_no_more_than_a_total_of_nought():
    drawn = """
        body department:723 family=jiangsu
        appropriation_by_function 万元 | total
        201                            | 90.00
        208                            | 10.00
        general_by_function 万元       | total
        201                            | 91.00
        208                            | 9.00
        government_fund 万元           | total
        total                          | 0.00
    """
    assert outcome(drawn, "X-06") == "fails"


def test_the_documents_of_a_department_and_its_unit_are_not_added_up_against_each_other():
    drawn = """
        roster
        body department:723 on_roster=yes
        document/expenditure 万元 | total
        basic                     | 30.00
        expenditure 万元          | total
        total                     | 40.00
        body unit:723:723001 on_roster=yes parent_id=department:723
        document/expenditure 万元 | total
        basic                     | 0.00
        expenditure 万元          | total
        total                     | 40.00
    """
    assert outcome(drawn, "X-15") == "agrees"


def test_a_blank_template_is_one_whatever_the_document_says():
    drawn = """
        document/expenditure 万元 | total
        total                     | 30.00
        expenditure 万元          | total
        income 万元               | total
    """
    assert outcome(drawn, "SUB-17") == "fails"


def test_a_figure_that_the_other_form_lacks_is_told_without_a_sum_to_put_in_its_place():
    drawn = """
        body department:723 family=jiangsu
        appropriation_by_function 万元 | total
        201                            | 90.00
        208                            | 10.00
        general_by_function 万元       | total
        201                            | 90.00
        government_fund 万元           | total
        212                            | 10.00
    """
    findings = check(drawn, "X-06").findings
    columns = ("found", "expected", "difference")
    assert set(zip(*(findings[name] for name in columns), strict=True)) == {("100000.00", "", "")}
