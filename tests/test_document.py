"""Documents as streams of located parts, and their chapters."""

from pathlib import Path

import pytest

from transforms.document import text_document
from transforms.narrative.chapters import chapters, heading_key, required_chapters, wordings
from transforms.narrative.read import reading_of

SHARED = Path(__file__).parents[2] / "shared"
SEED = SHARED / "seed" / "weixian_party_office_2020.txt"

needs_shared = pytest.mark.skipif(not SEED.exists(), reason="the shared documents are not here")

# Two pages of a layout 28 columns wide: breaks inside words and numbers, page numbers with and without dashes.
PAGES = """\f某县水务局2021年度部门预算
第一部分 部门概况
一、主要职能
负责全县水利工程建设管理，
保障城乡供水安全。
- 1 -
\f第二部分 预算情况说明
一、收支预算总体情况说明
2021年收入预算总计1234.56
万元，与上年相比增加100.00
2
\f万元，增长8.81%。
"""

TABBED = """2、供水管网改造绩效目标表
\t项目编码
\t731-0101-ABC-0001
\t项目名称
\t供水管网改造

\t绩效目标
\t1、六月底前开工；

2、年底前完工。

\t一级指标
\t指标值

\t产出指标
\t≥30公里

\t
\t≥95

六、政府采购预算情况
未安排。
"""


def test_lines_of_a_page_layout_are_joined_inside_numbers_and_over_pages() -> None:
    document = text_document(PAGES, "说明.txt")
    last = document.passages[-1]
    assert last.text == "2021年收入预算总计1234.56万元，与上年相比增加100.00万元，增长8.81%。"
    assert [last.place_at(last.text.index(words)) for words in ("1234.56", "100.00", "8.81%")] == [
        "第9行",
        "第10行",
        "第12行",
    ]


def test_page_numbers_are_left_out_with_their_place() -> None:
    document = text_document(PAGES, "说明.txt")
    assert document.left_out == (("第6行", "- 1 -", "page number"), ("第11行", "2", "page number"))


def test_a_tab_begins_a_cell_and_an_empty_line_ends_a_row_unless_the_cell_goes_on() -> None:
    document = text_document(TABBED, "说明.txt")
    table = document.tables[0]
    assert table.place == "表1"
    assert table.sheet.rows == [
        ["项目编码", "731-0101-ABC-0001", "项目名称", "供水管网改造"],
        ["绩效目标", "1、六月底前开工；\n2、年底前完工。"],
        ["一级指标", "指标值"],
        ["产出指标", "≥30公里"],
        ["", "≥95"],
    ]
    assert table.sheet.shown(4, 0) == "产出指标"
    assert (table.places[1, 1], table.places[4, 1]) == ("第8行", "第19行")
    assert [passage.text for passage in document.passages] == [
        "2、供水管网改造绩效目标表",
        "六、政府采购预算情况",
        "未安排。",
    ]


@pytest.mark.parametrize("wording", wordings(), ids=lambda wording: wording.example)
def test_the_example_of_each_chapter_is_recognised(wording: object) -> None:
    assert heading_key(wording.example, wording.after) == wording.key  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line",
    [
        "机关运行经费共计安排25万元",
        "7、“三公”经费：纳入县级财政预算管理的经费",
        "负责全县政府采购预算情况的审核。",
    ],
)
def test_a_sentence_about_a_chapters_subject_heads_none(line: str) -> None:
    assert heading_key(line) is None


def test_contents_are_no_chapters_and_an_unknown_heading_ends_the_one_before() -> None:
    text = "\n".join(
        [
            "某县水务局2021年部门预算公开",
            "目录",
            "一、部门职责",
            "二、名词解释",
            "一、部门职责",
            "管理水务。",
            "二、名词解释",
            "1、基本支出：指日常支出。",
            "三、扶贫资金说明",
            "安排10万元。",
        ]
    )
    found = chapters(text_document(text, "说明.txt"))
    assert [(chapter.key, len(chapter.parts)) for chapter in found] == [
        ("front", 1),
        ("contents", 2),
        ("duties", 1),
        ("glossary", 1),
        ("", 1),
    ]


def test_a_form_printed_as_lines_is_set_aside_and_not_read_as_prose() -> None:
    text = "\n".join(
        [
            "2025年部门预算编制说明",
            "支出预算100.00万元，比上年增加1.00万元。",
            "2025年部门支出预算总表",
            "编制部门：某区水务局 单位：元",
            "项目 支出预算",
            "213 农林水支出 1,000,000.00 1,000,000.00",
            "机关运行经费预算",
            "合计 1,000,000.00",
            "其他相关情况说明",
            "一、2025年“三公”经费预算情况说明",
            "“三公”经费预算数为1.00万元。",
        ]
    )
    found = chapters(text_document(text, "说明.txt"))
    assert [(chapter.key, len(chapter.parts)) for chapter in found] == [
        ("overview", 1),
        ("listing", 5),
        ("other", 0),
        ("three_public", 1),
    ]
    cells = reading_of(text_document(text, "说明.txt"), "说明.txt").cells
    assert cells["disposition"][3:8] == ["ignored"] * 5


@needs_shared
def test_the_seed_document_has_every_required_chapter() -> None:
    found = {chapter.key for chapter in chapters(text_document(SEED.read_text("utf-8"), SEED.name))}
    assert all(found & set(keys) for keys in required_chapters().values())
