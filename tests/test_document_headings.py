"""Headings that are not understood: what stands below is never counted for the chapter before."""

import pytest

from transforms.narrative.chapters import chapters
from transforms.narrative.figures import Figures, read_figures
from transforms.narrative.headings import heading_key, is_misspelt
from transforms.narrative.parts import Document, Passage

YEAR = 2024
# Under the chapter before it would be spending of all funds.
PARTED = "支出包括：教育支出60万元、卫生健康支出40万元。"


def figures_of(*lines: str) -> Figures:
    parts = tuple(Passage(line, ((0, f"第{number}行"),)) for number, line in enumerate(lines, start=1))
    return read_figures(chapters(Document("说明.txt", parts)), YEAR)


def places(figures: Figures) -> list[str]:
    return [f"{fact.panel}!{fact.row_key}" for fact in figures.facts]


def unread(figures: Figures) -> list[str]:
    return [sentence.cell for sentence in figures.sentences if not sentence.understood]


def document(heading: str, *below: str) -> Figures:
    return figures_of("三、支出预算情况说明", "2024年支出预算100万元。", heading, *below)


def test_figures_below_a_heading_count_for_what_it_names():
    found = document("四、财政拨款收支预算情况说明", PARTED)
    assert places(found) == ["expenditure!total", "appropriation!205", "appropriation!210"]


@pytest.mark.parametrize(
    "heading",
    [
        "四、财政拔款收支预算情况说明",
        "四、财政拨,收支预算情况说明",
        "四、财政拨款收8支预算情况说明",
        "四、财政款收支预算情况说明",
        "四、关于2024年财8政拨款收支总表的说明",
        "（四）关于某某局2024年财政.拨款收支预算情况的总体说明",
        "（四）一般公共预标支出情况",
        "四、某某支出预算情况说明",
        "四、关于2024年财政拨，收支总表的说明",
        "四、关于2024年财政拨款收支总表的说，明",
    ],
)
def test_figures_below_a_heading_that_is_not_understood_are_unread(heading):
    found = document(heading, PARTED)
    assert places(found) == ["expenditure!total"]
    assert unread(found) == ["第4行"]


@pytest.mark.parametrize(
    "heading", ["四,财政拨款收支预算情况说明", "四财政拨款收支预算情况说明", "8、财政拨款收支预算情况说明"]
)
def test_a_slip_in_the_ordinal_leaves_a_heading_what_it_is(heading):
    assert places(document(heading, PARTED))[1:] == ["appropriation!205", "appropriation!210"]


def test_a_sentence_that_names_its_fund_itself_is_read_below_any_heading():
    found = document("四、财政拔款收支预算情况说明", "财政拨款支出预算100万元，其中：基本支出60万元。")
    assert places(found)[1:] == ["appropriation!total", "appropriation!basic"]
    assert unread(found) == []


@pytest.mark.parametrize(
    "sentence", ["收入100万元。", "一般公共预算拨款100万元。", "上年结转100万元。", "基本支出60万元。"]
)
def test_income_spending_and_what_is_carried_over_may_be_of_any_fund_below_it(sentence):
    found = document("四、财政拔款收支预算情况说明", sentence)
    assert (places(found), unread(found)) == (["expenditure!total"], ["第4行"])


def test_a_heading_one_letter_off_is_told_at_its_line():
    found = document("四、财政拔款收支预算情况说明", PARTED)
    told = [(p.cell, p.found, p.detail) for p in found.problems if p.rule_id == "NAR-14"]
    assert told == [("第3行", "四、财政拔款收支预算情况说明", "heading")]


def test_a_class_one_letter_off_makes_no_line_below_it_spending_of_another_fund():
    found = figures_of(
        "五、财政拨款支出预算情况说明",
        "（一）住房保障%支出（类）",
        "1. 住房改革支出（款）住房公积金（项）支出96万元。",
    )
    assert (places(found), unread(found)) == ([], ["第3行"])


def test_a_number_without_its_unit_is_an_unread_figure_and_details_below_it_have_no_fund():
    found = figures_of(
        "三、支出预算情况说明",
        "2024年一般公共预算支出1865.4、万元，其中：",
        "（1）行政运行（2013101）1365.42万元；",
        "2024年支出预算2000万元，其中：基本支出1500万元。",
    )
    assert places(found) == ["expenditure!total", "expenditure!basic"]
    assert unread(found) == ["第2行", "第3行"]


@pytest.mark.parametrize(
    "line", ["1.财政拨款收入", "（三）住房保障支出（类）", "无政府性基金预算支出。", "2.政府采购货物"]
)
def test_a_line_that_is_understood_is_no_misspelt_heading(line):
    assert (heading_key(line), is_misspelt(line)) == (None, False)


def test_a_heading_with_a_unit_where_a_letter_was_is_one_all_the_same_and_its_fund_is_in_doubt():
    found = figures_of(
        "三、支出预算情况说明",
        "2024年支出预算20万元。",
        "（四）财政拨款收元预算情况的总体说明",
        "2024年财政拨款收支总预算15万元。支出包括：城乡社区支出5万元、教育支出10万元。",
    )
    assert places(found) == ["expenditure!total", "income!fiscal_appropriation", "appropriation!total"]
    assert unread(found) == ["第4行"]


def test_a_short_line_with_a_unit_in_its_ordinal_may_be_a_heading_and_leaves_the_fund_in_doubt():
    found = figures_of(
        "一、一般公共预算“三公”经费",
        "2024年“三公”经费支出预算合计21.25万元。",
        "二元、支出预算",
        "2024年支出预算1860万元，其中：工资福利支出1020万元。",
    )
    assert (places(found), unread(found)) == (["three_public!total"], ["第4行"])


@pytest.mark.parametrize(
    ("announcement", "below", "told"),
    [
        ("财政拨款支出主要内容如下：", ["appropriation!2011301"], []),
        ("财政拨款支出主要内%如下：", [], ["第4行"]),
    ],
)
def test_an_announcement_says_of_which_fund_the_rows_below_are_and_leaves_it_in_doubt_where_it_is_garbled(
    announcement, below, told
):
    found = figures_of(
        "2025年部门预算编制说明",
        "财政拨款支出预算20万元，国有资本经营预算拨款支出预算0万元。",
        announcement,
        "1.“一般公共服务支出（类）商贸事务（款）行政运行（项）”20万元。",
    )
    assert places(found) == ["appropriation!total", "state_capital!total", *below]
    assert unread(found) == told
