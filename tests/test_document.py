"""Documents as streams of located parts, and their chapters."""

from pathlib import Path

import pytest

from tests.documents import as_word, with_body
from transforms.document import docbook_document, open_document, text_document, word_document
from transforms.narrative.chapters import chapters
from transforms.narrative.headings import heading_key, required_chapters, wordings
from transforms.narrative.office import office_program
from transforms.narrative.read import read_document, reading_of

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


def test_page_numbers_glued_to_the_last_line_of_a_page_are_no_digits_of_its_figures() -> None:
    pages = ["\f收入预算总计1234.561", "\f万元，其中财政拨款1000.002", "\f万元，其他234.563", "\f万元。4"]
    document = text_document("\n".join(pages), "说明.txt")
    assert "".join(passage.text for passage in document.passages) == (
        "收入预算总计1234.56万元，其中财政拨款1000.00万元，其他234.56万元。"
    )
    assert [number for _, number, _ in document.left_out] == ["1", "2", "3", "4"]


def test_markdown_is_read_as_the_text_it_marks() -> None:
    text = "# 一、部门职责\n\n管理水务。\n\n| 项目编码 | 731 |\n|---|---|\n| 项目名称 | 管网改造 |\n\n**二、名词解释**\n"
    document = text_document(text, "说明.md")
    assert [passage.text for passage in document.passages] == ["一、部门职责", "管理水务。", "二、名词解释"]
    assert document.tables[0].sheet.rows == [["项目编码", "731"], ["项目名称", "管网改造"]]
    assert document.tables[0].places[1, 1] == "第7行第2格"


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


def test_a_chapter_may_begin_behind_the_colon_of_its_heading_but_not_in_a_list_of_terms() -> None:
    lines = [
        "一、部门概况",
        "1、机构设置：内设办公室、工程科。",
        "八、名词解释",
        "1、机构设置：指内设机构的设置。",
    ]
    found = chapters(text_document("\n".join(lines), "说明.txt"))
    assert [(each.key, [passage.text for passage in each.passages]) for each in found] == [
        ("part", []),
        ("offices", ["内设办公室、工程科。"]),
        ("glossary", ["1、机构设置：指内设机构的设置。"]),
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


def test_a_word_table_with_merged_cells_is_the_sheet_that_the_same_text_gives() -> None:
    typed = text_document(TABBED, "说明.txt")
    word = word_document(as_word(typed), "说明.docx")
    assert [passage.text for passage in word.passages] == [passage.text for passage in typed.passages]
    assert word.tables[0].sheet.rows == typed.tables[0].sheet.rows
    assert word.tables[0].sheet.shown(4, 0) == "产出指标"
    assert word.tables[0].places[4, 1] == "第5行第2格"
    assert [passage.place for passage in word.passages] == ["第1段", "第2段", "第3段"]


def test_tracked_changes_are_accepted_and_hidden_text_is_set_aside() -> None:
    document = word_document(
        with_body(
            """
            <w:p><w:r><w:t>预算</w:t></w:r><w:del><w:r><w:delText>100</w:delText></w:r></w:del>
                 <w:ins><w:r><w:t>120万元</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>草稿</w:t></w:r></w:p>
            <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>项目支</w:t></w:r></w:p>
            <w:p><w:r><w:t>出20万元。</w:t></w:r></w:p>
            """
        ),
        "说明.docx",
    )
    assert [passage.text for passage in document.passages] == ["预算120万元", "项目支出20万元。"]
    assert document.left_out == (("第1段", "草稿", "hidden text"),)


def test_a_text_box_follows_its_paragraph_and_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>公务接待费3万元。</w:t></w:r></w:p></w:txbxContent>"
    document = word_document(
        with_body(
            f"""
            <w:p><w:r><w:t>“三公”经费</w:t></w:r><w:r><mc:AlternateContent>
              <mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>
              <mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>
            """
        ),
        "说明.docx",
    )
    assert [(passage.place, passage.text) for passage in document.passages] == [
        ("第1段", "“三公”经费"),
        ("第1段文本框", "公务接待费3万元。"),
    ]


def test_ordinals_that_word_counts_by_itself_are_read_and_kept_apart_from_figures() -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )

    def item(depth: int, text: str) -> str:
        listed = f'<w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        return f"<w:p>{listed}<w:r><w:t>{text}</w:t></w:r></w:p>"

    content = with_body(
        item(0, "名词解释") + item(1, "5万元以上") + item(1, "其他") + item(0, "其他事项") + item(1, "无"),
        numbering,
    )
    assert [passage.text for passage in word_document(content, "说明.docx").passages] == [
        "一、名词解释",
        "1、5万元以上",
        "2、其他",
        "二、其他事项",
        "1、无",
    ]


@pytest.mark.skipif(office_program() is None, reason="no office program on this machine")
def test_an_old_kind_of_document_is_saved_anew_by_the_office_program(tmp_path: Path) -> None:
    path = tmp_path / "说明.rtf"
    body = "".join(f"\\u{ord(letter)}?" for letter in "政府采购预算")
    path.write_text("{\\rtf1\\ansi " + body + "}", encoding="ascii")
    assert [passage.text for passage in open_document(path, path.name).passages] == ["政府采购预算"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("空.docx", b"", "文件是空的"),
        ("截断.docx", as_word(text_document(TABBED, "a"))[:3000], "文件不完整"),
        ("实体.docx", with_body("<w:p/>", doctype="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "定义了实体"),
        ("无字.docx", with_body("<w:p/>"), "没有任何文字"),
        ("不闭合.docx", with_body("<w:p>"), "用 Word 或 WPS 打开确认"),
        ("乱码.txt", b"\xff\xfe\x00", "编码无法识别"),
        ("网页.doc", "<html>预算</html>".encode(), "是网页"),
    ],
)
def test_a_document_that_cannot_be_read_is_a_finding(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    reading = read_document(tmp_path / name, name)
    assert reading.problems["rule_id"] == ["SUB-09"]
    assert told in reading.problems["detail"][0]


def test_what_antiword_writes_of_an_old_word_file_is_read_as_word_is() -> None:
    document = docbook_document(
        """<?xml version="1.0"?><!DOCTYPE book PUBLIC "-//OASIS//DTD DocBook XML V4.1.2//EN" "docbookx.dtd">
        <book><bookinfo><date>2020</date></bookinfo><chapter><title/><para>
六、政府采购预算情况
        </para><para><informaltable><tgroup cols="2"><colspec/><tbody>
        <row><entry>产出指标</entry><entry>
1、开工；
2、完工。
</entry></row><row><entry/><entry>≥95</entry></row></tbody></tgroup></informaltable></para>
        <para>未安排。</para></chapter></book>""".encode(),
        "说明.doc",
    )
    assert [(passage.place, passage.text) for passage in document.passages] == [
        ("第1段", "六、政府采购预算情况"),
        ("第2段", "未安排。"),
    ]
    assert document.tables[0].sheet.rows == [["产出指标", "1、开工；\n2、完工。"], ["", "≥95"]]
    assert (document.tables[0].sheet.shown(1, 0), document.tables[0].places[1, 1]) == (
        "产出指标",
        "第2行第2格",
    )


def test_without_any_program_an_old_word_file_is_a_finding_that_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "说明.rtf"
    path.write_text("{\\rtf1 a}", encoding="ascii")
    monkeypatch.setenv("PATH", str(tmp_path))
    reading = read_document(path, path.name)
    assert "没有可转换它的办公软件。请用 Word 或 WPS 打开，另存为 .docx" in reading.problems["detail"][0]
