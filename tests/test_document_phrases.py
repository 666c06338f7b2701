"""Figures in sentences: every row of the phrase files by its example, and what must stay unread."""

import pytest
import yaml

from expectations.errors import DefinitionError
from tests.phrases import fen, read
from transforms.narrative.lexicon import FOLDER, lexicon, measures
from transforms.narrative.statements import StatementReader
from transforms.narrative.tokens import flatten
from transforms.narrative.wording import Wordings

SENTENCES = yaml.safe_load((FOLDER / "sentences.yml").read_text(encoding="utf-8"))
MEASURES = [*measures().funds, *measures().sides, *measures().items, *measures().assets]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_the_example_of_a_measure_yields_what_its_row_says(measure):
    figures, understood = read(measure.example, year=2020 if "2020年财政" in measure.example else 2021)
    assert figures == {address: fen(value) for address, value in measure.yields.items()}
    assert False not in understood


@pytest.mark.parametrize("row", SENTENCES["read"], ids=lambda row: row["says"][:20])
def test_a_sentence_of_any_province_yields_its_figures(row):
    figures, understood = read(row["says"], row.get("heading", ""))
    assert figures == {address: fen(value) for address, value in row["yields"].items()}
    assert False not in understood


@pytest.mark.parametrize("row", SENTENCES["unread"], ids=lambda row: row["says"][:20])
def test_a_sentence_that_is_not_understood_is_unread_and_gives_no_figure(row):
    assert read(row["says"]) == ({}, [False])


@pytest.mark.parametrize(
    "name",
    [
        "某县审计局",
        "某市统计局会计核算中心",
        "某县卫生和计划生育局",
        "某县政务服务中心",
        "共青团某县委",
        "中国共产党某县委员会",
        "某县政府采购中心",
        "某县非税收入管理局",
        "某区车辆管理所",
        "某县国有资产监督管理委员会",
        "某县重点项目建设办公室",
        "某县水利工程服务中心",
        "某县工商联",
        "无锡市财政局",
        "和田县水利局",
        "都匀市司法局",
    ],
)
def test_the_name_of_a_body_says_nothing_of_money_whatever_words_it_holds(name):
    figures, understood = read(
        f"{name}2021年度公务接待费预算为3万元，比上年减少1万元。截至2020年底，{name}共有车辆2辆。"
        f"2021年，{name}机关运行经费财政拨款预算60万元。"
    )
    assert figures == {
        "three_public!official_reception": 3_000_000,
        "three_public!official_reception:previous_budget@change": -1_000_000,
        "assets!vehicles:quantity@quantity": 200,
        "operating_costs!total": 60_000_000,
    }
    assert False not in understood


def test_the_four_units_of_amounts_are_exact():
    figures, _ = read("收入预算0.07亿元，其中：事业收入3千元，其他收入1.23元，上年结转资金0.5万元。")
    assert figures == {
        "income!total": 700_000_000,
        "income!business": 300_000,
        "income!other": 123,
        "income!carried_over": 500_000,
    }


def test_growth_belongs_to_the_measure_before_it_even_in_the_next_sentence():
    figures, _ = read("公务接待费6万元，主要用于接待检查组。比上年减少1.5万元，下降20%。")
    assert figures["three_public!official_reception:previous_budget@change"] == -1_500_000
    assert figures["three_public!official_reception:previous_budget@percent"] == -2_000


def test_growth_after_a_sentence_about_two_things_belongs_to_neither():
    figures, understood = read("公务用车购置费0万元，公务用车运行费9万元。比上年增加2万元。")
    assert set(figures) == {"three_public!vehicle_purchase", "three_public!vehicle_operation"}
    assert understood == [True, False]


def test_growth_after_something_unread_belongs_to_nothing():
    figures, understood = read("某某专项补助款6万元。比上年减少1.5万元。")
    assert (figures, understood) == ({}, [False, False])


def test_a_comparison_behind_parts_that_are_not_their_whole_belongs_to_nothing():
    figures, understood = read(
        "支出预算90万元，其中：工资福利支出50万元，商品和服务支出45万元，比上年减少6万元。"
    )
    assert set(figures) == {"expenditure!total", "expenditure!301", "expenditure!302"}
    assert understood == [False]


def test_a_comparison_behind_parts_of_a_whole_compared_before_is_of_the_last_part():
    figures, _ = read("政府采购预算48万元，比上年减少2万元。其中：货物18万元，服务30万元，比上年增加2万元。")
    assert figures["procurement!total:previous_budget@change"] == -2_000_000
    assert figures["procurement!services:previous_budget@change"] == 2_000_000


def test_the_reason_of_one_function_is_none_of_the_function_in_the_paragraph_before():
    reader = StatementReader(2021)
    above, below = (
        "（二）社会保障和就业支出34万元，同比增加2万元。",
        "（三）住房保障支出24万元，同比增加1万元，主要原因是公积金基数调整。",
    )
    (first,), (second,) = list(reader.read(above)), list(reader.read(below, above))
    assert [remark.column for remark in first.remarks] == []
    assert [remark.place.row for remark in second.remarks if remark.column == "reason"] == ["221"]


def test_the_note_that_a_mark_behind_a_change_stands_for_is_its_reason_and_no_other():
    reader = StatementReader(2021)
    said = "收入预算90万元，比上年增加6万元①，支出预算90万元，比上年增加6万元，增长7.14%①。公务接待费2万元，比上年减少1万元②。"
    first, second = reader.read(said)
    assert (first.understood, second.understood) == (True, True)
    (notes,) = reader.read("注：①招录人员5名；②减少系压减接待。")
    assert {(each.place.row, each.text) for each in notes.remarks} == {
        ("total", "招录人员5名"),
        ("official_reception", "压减接待"),
    }
    assert len(notes.remarks) == 3


def test_a_full_stop_within_the_words_that_say_whose_money_it_is_leaves_it_open():
    for said in (
        "（二）政府性基金预算。收入预算30万元，支出预算30万元。",
        "一般公共预算。财政拨款支出30万元。",
    ):
        assert read(said) == ({}, [False])
    figures, understood = read("1.收入预算。2021年预算30万元。")
    assert (figures, understood) == ({"income!total": 30_000_000}, [True])


def test_a_number_broken_by_a_blank_is_not_put_together():
    assert read("公务接待费4 13.5万元。") == ({}, [False])


def test_a_reason_that_lists_changes_of_known_measures_states_them_too():
    figures, _ = read(
        "2021年支出预算比上年增加30万元，主要是：人员经费增加20万元（工资调整），项目支出增加10万元。"
    )
    assert figures["expenditure!basic_personnel:previous_budget@change"] == 20_000_000
    assert figures["expenditure!project:previous_budget@change"] == 10_000_000


def test_figures_in_a_reason_that_tells_a_story_are_no_figures_of_the_budget():
    figures, understood = read("培训费9万元，比上年增加3万元，主要原因是新开三期培训班，每期补助1万元。")
    assert set(figures) == {"three_public!training", "three_public!training:previous_budget@change"}
    assert understood == [True]


def test_a_statement_hidden_in_a_reason_makes_its_sentence_unread():
    _, understood = read("公务接待费9万元，比上年增加3万元，主要原因是检查增多，公务用车购置费18万元。")
    assert understood == [False]


def test_the_chapter_decides_whose_money_kinds_of_spending_are():
    figures, _ = read("人员经费12万元，公用经费3万元。", heading="六、一般公共预算基本支出预算情况说明")
    assert set(figures) == {"general_public_budget!basic_personnel", "general_public_budget!basic_operating"}


def test_each_figure_keeps_the_precision_of_its_own_wording():
    reader = StatementReader(2021)
    (sentence,) = reader.read("支出预算1192.92万元，其中：公用经费249万元，项目支出9439元，其他资金0万元。")
    assert [figure.step for figure in sentence.figures] == [10_000, 1_000_000, 100, 1]


def test_a_year_that_is_not_the_year_before_is_kept_with_the_change():
    reader = StatementReader(2021)
    (sentence,) = reader.read("公务接待费比2018年减少1万元。")
    assert [(remark.column, remark.text) for remark in sentence.remarks] == [("base_year", "2018")]


def test_an_amount_left_out_and_a_unit_typed_twice_are_slips():
    reader = StatementReader(2021)
    (sentence,) = reader.read("项目支出万元，公用经费3万元元。")
    assert [slip.kind for slip in sentence.slips] == ["missing", "twice"]


def test_offsets_lead_back_to_the_printed_text():
    text = "（一）“三公” 经费 ５４.５０ 万元。"
    (sentence,) = StatementReader(2021).read(text)
    (figure,) = sentence.figures
    assert text[figure.start : figure.end] == "５４.５０ 万元"
    assert flatten(text).text == "(一)三公经费54.50万元。"


def test_a_wording_with_two_meanings_is_refused():
    known = Wordings()
    known.add("up", "", ["增加"])
    with pytest.raises(DefinitionError, match="增加"):
        known.add("down", "", ["[净]增加"])


def test_no_wording_has_two_meanings():
    assert lexicon().at("公务接待费", 0) == ("item", "official_reception", 5)


def test_a_bracket_that_opens_at_the_end_of_a_line_changes_nothing():
    assert read("培训费9万元（") == read("培训费9万元") == ({"three_public!training": 9_000_000}, [True])


def test_noughts_are_no_details_of_a_nought():
    figures, understood = read("公务用车购置及运行费0万元。其中：公务用车购置费0万1，与上年预算持平。")
    assert (figures, understood) == ({"three_public!vehicles": 0}, [True, False])


def test_a_change_in_words_of_a_purpose_makes_its_sentence_unread():
    figures, understood = read(
        "社会保障和就业（类）支出12万元，主要用于离退休人员支出、缴纳养老保险的支出与上年相比增加3万元。"
    )
    assert (figures, understood) == ({"expenditure!208": 12_000_000}, [False])


def test_money_of_two_funds_is_not_all_that_projects_cost():
    figures, understood = read("22个项目实行绩效目标管理，涉及一般公共预算2200万元、政府性基金预算1000万元。")
    assert (figures, understood) == ({"project_targets!total:count@quantity": 2_200}, [False])


def test_a_line_that_ends_the_words_above_it_is_not_read_alone():
    above, below = "基本支出36.58万元；项目", "支出1100万元，占支出总额的45.15%。"
    (alone,), (cut,) = StatementReader(2021).read(below), StatementReader(2021).read(below, above)
    assert [figure.place.row for figure in alone.figures] == ["total", "total"]
    assert (cut.figures, cut.understood) == ([], False)


def test_worth_behind_a_kind_of_vehicle_is_not_that_of_all():
    _, understood = read("车辆6辆，其中：一般公务用车2辆，价值32.4万元。")
    assert understood == [False]


def test_amounts_behind_a_reason_are_parts_of_the_whole_only_where_they_are_all_of_it():
    figures, understood = read(
        "“三公”经费预算10万元，比2020年预算减少1万元，主要原因是压减支出，其中：公务接待费0.6万元，公务用车运行费0.4万元。"
    )
    assert figures == {
        "three_public!total": 10_000_000,
        "three_public!total:previous_budget@change": -1_000_000,
    }
    assert understood == [False]
