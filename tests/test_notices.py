"""What goes back to a department: its own workbook with marks and nothing else changed, and a letter."""

import io
import re
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from expectations.settings import NoticeSettings
from flows.cli import main
from flows.returned.drawing import Notice, drawn, workbooks_back
from flows.returned.letter import Letter, letter_bytes
from flows.returned.marking import marked
from flows.returned.notices import as_sent, deadline, entries_of, folder_name
from flows.returned.package import Package, UnmarkableError, unpacked
from flows.returned.review import Entry, marks, review_sheet
from flows.returned.untouched import differences
from tests.releases import release_of
from tests.test_cli import INCOME_FORM, write_workbook
from tests.test_submissions import in_gb18030
from transforms.read import read_file
from transforms.sample import write_county
from transforms.submissions import source_file

RED, YELLOW = "FFFFC7CE", "FFFFEB9C"


def a_workbook() -> bytes:
    """Two sheets, one hidden, with what openpyxl and careless markers lose or shift."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "支出总表"
    for row in [["项目", "合计"], ["基本支出", 1.5], ["项目支出", 2.25], ["合计", "=SUM(B2:B3)"]]:
        sheet.append(row)
    sheet["B2"].number_format = "#,##0.00"
    sheet["A4"].comment = Comment("单位自己的批注", "填表人")
    sheet.merge_cells("A6:B7")
    sheet["A6"] = "说明"
    sheet.row_dimensions[3].hidden = True
    sheet.print_area = "A1:B4"
    sheet.add_data_validation(
        DataValidation(type="decimal", operator="greaterThan", formula1="0", sqref="B2")
    )
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=3))
    sheet.add_chart(chart, "D2")
    hidden = book.create_sheet("资料")
    hidden["A1"], hidden.sheet_state = "内部资料", "hidden"
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def entry(number: int = 1, **known: object) -> Entry:
    values: dict[str, object] = {
        "rule_id": "EXP-02", "severity": "error", "gate": "body", "file": "101_教育局/预算.xlsx", "sheet": "支出总表",
        "cells": ("B4",), "found": "4.00 万元", "expected": "3.75 万元", "difference": "0.25 万元",
        "message": "支出总表!B4“合计” 4.00 万元，各项之和 3.75 万元，相差 0.25 万元。请核对。",
    }  # fmt: skip
    return Entry(number=number, **{**values, **known})  # type: ignore[arg-type]


ENTRIES = [entry(), entry(2, severity="warning", cells=("A4", "D9"), message="支出总表!A4 请核实。")]


def mark_all(content: bytes, entries: list[Entry]) -> bytes:
    return marked(content, marks(entries), review_sheet("教育局2020年部门预算", entries))


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_every_value_formula_format_and_hidden_state_is_as_it_was():
    before, after = opened(a_workbook()), opened(mark_all(a_workbook(), ENTRIES))
    assert after.sheetnames == ["审核意见", *before.sheetnames]
    for sheet in before:
        copy = after[sheet.title]
        assert copy.sheet_state == sheet.sheet_state
        assert copy.print_area == sheet.print_area
        assert copy.merged_cells.ranges == sheet.merged_cells.ranges
        assert {n: row.hidden for n, row in sheet.row_dimensions.items()}.items() <= {
            n: row.hidden for n, row in copy.row_dimensions.items()
        }.items()
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert copy[cell.coordinate].value == cell.value
            assert copy[cell.coordinate].number_format == cell.number_format
    assert len(after["支出总表"]._charts) == 1
    assert after["支出总表"].data_validations.dataValidation[0].sqref == "B2"


def test_a_chart_and_other_parts_that_bear_no_mark_are_copied_byte_by_byte():
    before, after = unpacked(a_workbook()), unpacked(mark_all(a_workbook(), ENTRIES))
    for name in ("xl/charts/chart1.xml", "xl/drawings/drawing1.xml", "xl/theme/theme1.xml"):
        assert before[name] == after[name]


def test_cells_are_coloured_by_severity_and_carry_the_message():
    sheet = opened(mark_all(a_workbook(), ENTRIES))["支出总表"]
    assert sheet["B4"].fill.fgColor.rgb == RED
    assert sheet["D9"].fill.fgColor.rgb == YELLOW
    assert sheet["B3"].fill.fill_type is None
    assert sheet["B4"].comment.text.startswith("审核意见第1条（错误）：“合计” 4.00 万元")


def test_a_comment_of_the_department_stays_and_ours_follows_it():
    text = opened(mark_all(a_workbook(), ENTRIES))["支出总表"]["A4"].comment.text
    assert text == "单位自己的批注\n审核意见第2条（警告）：请核实。"


def test_a_mark_inside_a_merged_range_goes_to_the_cell_that_shows():
    sheet = opened(mark_all(a_workbook(), [entry(cells=("B7",))]))["支出总表"]
    assert sheet["A6"].fill.fgColor.rgb == RED
    assert sheet["A6"].comment.text


def test_the_first_sheet_lists_each_finding_with_a_link_to_its_cell():
    sheet = opened(mark_all(a_workbook(), ENTRIES))["审核意见"]
    assert sheet["A2"].value == "教育局2020年部门预算　　错误1个、警告1个"
    rows = [[cell.value for cell in row[:8]] for row in sheet.iter_rows(min_row=5)]
    assert rows == [
        ["1", "错误", "支出总表", "B4", "4.00 万元", "3.75 万元", "0.25 万元",
         "“合计” 4.00 万元，各项之和 3.75 万元，相差 0.25 万元。请核对。"],
        ["2", "警告", "支出总表", "A4 D9", "4.00 万元", "3.75 万元", "0.25 万元", "请核实。"],
    ]  # fmt: skip
    assert [sheet[cell].hyperlink.location for cell in ("D5", "D6")] == ["'支出总表'!B4", "'支出总表'!A4"]


def test_text_of_a_department_is_never_run_as_a_formula():
    book = opened(mark_all(a_workbook(), [entry(found="=1+1", message="=HYPERLINK(1)\x07<b>&")]))
    assert book["审核意见"]["E5"].data_type == "s"
    assert book["审核意见"]["H5"].value == "=HYPERLINK(1)<b>&"


def test_the_same_findings_give_the_same_bytes():
    book = a_workbook()  # openpyxl writes the moment into it
    assert mark_all(book, ENTRIES) == mark_all(book, ENTRIES)


def test_a_workbook_that_was_marked_before_is_marked_again():
    book = opened(mark_all(mark_all(a_workbook(), ENTRIES), ENTRIES))
    assert book.sheetnames[:2] == ["审核意见2", "审核意见"]
    assert book["支出总表"]["B4"].comment.text.count("审核意见第1条") == 1


def tampered(part: str, old: bytes, new: bytes) -> bytes:
    package = Package(unpacked(mark_all(a_workbook(), ENTRIES)))
    assert old in package.parts[part]
    package.parts[part] = package.parts[part].replace(old, new, 1)
    return package.packed()


SHEET, CHART = "xl/worksheets/sheet1.xml", "xl/charts/chart1.xml"


@pytest.mark.parametrize(
    ("part", "old", "new", "named"),
    [
        (SHEET, b"<v>2.25</v>", b"<v>2.26</v>", "B3"),
        (SHEET, b"SUM(B2:B3)", b"SUM(B2:B2)", "B4"),
        (SHEET, b'hidden="1"', b'hidden="0"', "rows"),
        (SHEET, b'sqref="B2"', b'sqref="B3"', "other elements"),
        ("xl/styles.xml", b'numFmtId="4"', b'numFmtId="3"', "styles"),
        ("xl/workbook.xml", b'state="hidden"', b'state="visible"', "workbook.xml"),
        (CHART, b"barChart", b"areaChart", "chart1.xml"),
    ],
)  # fmt: skip
def test_the_proof_notices_any_other_change(part: str, old: bytes, new: bytes, named: str):
    found = differences(a_workbook(), tampered(part, old, new))
    assert any(named in difference for difference in found)


def test_the_proof_is_silent_on_a_marked_workbook():
    original = a_workbook()  # drawn once: a workbook says when it was made
    assert differences(original, mark_all(original, ENTRIES)) == []


def test_a_file_that_is_no_package_cannot_be_marked():
    with pytest.raises(UnmarkableError, match=r"不是 \.xlsx 格式"):
        mark_all(b"not a workbook", ENTRIES)


def notice(path: Path) -> Notice:
    sent = {"101_教育局/预算.xlsx": source_file(path, "101_教育局/预算.xlsx")}
    return Notice("101_教育局", "教育局", 2020, tuple(ENTRIES), sent, "预算股", "于5月1日前")


def test_findings_on_an_old_format_travel_in_a_workbook_of_their_own(tmp_path: Path):
    path = tmp_path / "预算.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    (book,) = workbooks_back(notice(path))
    assert book.name == "预算（审核意见）.xlsx"
    assert book.why_not == "原文件为 .xls 格式"
    sheet = opened(book.content)["审核意见"]
    assert (sheet["D5"].value, sheet["D5"].hyperlink) == ("B4", None)


def test_the_letter_says_which_original_could_not_be_marked_and_where_its_findings_are(tmp_path: Path):
    path = tmp_path / "预算.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    files = drawn(notice(path))
    assert (
        "《预算.xls》未能在原表上标注（原文件为 .xls 格式），审核意见另列于《预算（审核意见）.xlsx》。"
        in paragraphs(files["退回修改通知.docx"])
    )


def test_a_letter_on_several_files_says_in_which_each_finding_is(tmp_path: Path):
    paths = [write_workbook(tmp_path / name, {"表2": INCOME_FORM}) for name in ("收入.xlsx", "支出.xlsx")]
    files = {f"101_教育局/{path.name}": source_file(path, f"101_教育局/{path.name}") for path in paths}
    found = [entry(file=name, message="表2!C4 有误。") for name in files]
    whole = entry(number=3, file="", message="没有收到部门收支总表。请补报。")
    both = replace(notice(paths[0]), files=files, entries=as_sent([*found, whole], files))
    told = paragraphs(drawn(both)["退回修改通知.docx"])
    assert [line for line in told if line.startswith(("1．", "2．", "3．"))][:3] == [
        "1．《收入.xlsx》表2!C4 有误。", "2．《支出.xlsx》表2!C4 有误。", "3．没有收到部门收支总表。请补报。",
    ]  # fmt: skip


def test_a_department_is_told_of_its_file_without_the_folders_of_the_bureau(tmp_path: Path):
    write_county(tmp_path, 2020, departments=1, seed=1)
    sent = tmp_path / "2020" / "118_纪律检查委员会" / "2" / "预算.xlsx"
    sent.parent.mkdir(parents=True)
    sent.write_bytes(b"")
    (told,) = [each for each in release_of(tmp_path, 2020).notices if each.folder.startswith("118")]
    assert told.entries[0].message.startswith("预算.xlsx 无法读取")


def test_a_long_name_leaves_room_for_what_is_put_behind_it(tmp_path: Path):
    path = tmp_path / f"{'长' * 80}.xlsx"
    path.write_bytes(b"no workbook")
    (book,) = workbooks_back(notice(path))
    assert book.name == f"{'长' * 50}（审核意见）.xlsx"
    (tmp_path / book.name).write_bytes(book.content)


def test_a_marked_workbook_reads_as_the_original_does(tmp_path: Path):
    path = write_workbook(tmp_path / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    found = [entry(sheet="表2", cells=("C4", "D5"), message="XX 1,234.00 待填写")]
    copy = tmp_path / "723_县委办公室" / "标注.xlsx"
    copy.write_bytes(mark_all(path.read_bytes(), found))
    before, after = read_file(path, "a"), read_file(copy, "a")
    assert after.facts == before.facts
    assert after.problems == before.problems
    assert after.cells["disposition"].count("ignored") > 10


def test_check_leaves_a_marked_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    form = [list(row) for row in INCOME_FORM]
    form[3][2] = 130.5
    path = write_workbook(tmp_path / "723_县委办公室" / "预算.xlsx", {"表2": form})
    assert main(["check", str(path), "--year", "2020", "--output", str(tmp_path / "out")]) == 1
    book = openpyxl.load_workbook(tmp_path / "out" / "预算（已标注）.xlsx")
    assert book["表2"]["C4"].fill.fgColor.rgb == RED
    assert "已标注" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_check_names_files_as_they_were_sent_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    form = [list(row) for row in INCOME_FORM]
    form[3][2] = 130.5
    body = tmp_path / in_gb18030("723_县委办公室")
    write_workbook(body / in_gb18030("预算\n表.xlsx"), {"表2": form})
    (body / "说明.txt").write_text("2020年部门预算公开说明", encoding="utf-8")
    files = [*map(str, body.iterdir())]
    assert main(["check", *files, "--year", "2020", "--output", str(tmp_path / "out")]) == 1
    assert "预算 表（已标注）.xlsx" in {path.name for path in (tmp_path / "out").iterdir()}
    assert "预算 表.xlsx 表2!C4" in capsys.readouterr().out
    assert main(["check", files[0], "--year", "2020", "--json"]) in (0, 1)
    assert main(["check", str(body / "没有.xlsx")]) == 2
    assert "找不到文件 " + str(tmp_path / "723_县委办公室" / "没有.xlsx") in capsys.readouterr().err


def letter(**known: object) -> Letter:
    values: dict[str, object] = {
        "body": "教育局", "year": 2020, "bureau": "县财政局预算股", "deadline": "于2020年3月1日前", "entries": ENTRIES,
        "attached": ["预算（已标注）.xlsx"],
    }  # fmt: skip
    return Letter(**{**values, **known})  # type: ignore[arg-type]


def paragraphs(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs]


def test_the_letter_says_what_to_mend_where_and_by_when():
    text = paragraphs(letter_bytes(letter()))
    assert text[:3] == [
        "关于退回修改2020年部门预算的通知",
        "教育局：",
        "经审核，你单位报送的2020年部门预算材料共有错误1个、警告1个，现予退回。请按下列意见修改，"
        "于2020年3月1日前重新报送。改正以前，你单位的预算暂不计入全县汇总。",
    ]
    assert text[3:7] == [
        "一、必须改正的错误",
        f"1．{ENTRIES[0].message}",
        "二、请核实的事项",
        f"1．{ENTRIES[1].message}",
    ]
    assert "附件：预算（已标注）.xlsx" in text
    assert text[-2].strip("　") == "县财政局预算股"


def test_a_root_leads_and_its_consequences_are_counted_under_it():
    caused = entry(3, cause=1, message="支出总表!B9 由此引起。")
    text = paragraphs(letter_bytes(letter(entries=[*ENTRIES, caused])))
    assert text[4].endswith("改正后，由此引起的另外 1 个问题应随之消除。")
    assert not any("B9" in line for line in text)


def test_what_a_message_says_to_be_settled_is_not_said_again():
    lead = entry(message="支出总表!B4 有误。改正后，另 1 处不符随之消除。")
    text = paragraphs(letter_bytes(letter(entries=[lead, entry(3, cause=1)])))
    assert text[4] == f"1．{lead.message}"


def test_warnings_that_an_error_causes_get_no_heading_of_their_own():
    caused = entry(2, severity="warning", cause=1)
    text = paragraphs(letter_bytes(letter(entries=[entry(), caused])))
    assert "二、请核实的事项" not in text
    assert "二、修改和重报要求" in text


def test_whoever_has_warnings_only_is_asked_and_not_sent_back():
    text = paragraphs(letter_bytes(letter(entries=[ENTRIES[1]])))
    assert text[0] == "关于核实2020年部门预算有关事项的通知"
    assert text[2] == (
        "经审核，你单位报送的2020年部门预算材料没有发现错误，但有下列事项（警告1个）需要核实。"
        "请于2020年3月1日前书面答复；需要修改的，请在同一期限内重新报送。"
    )
    assert not any("退回" in line for line in text)


def test_a_message_that_goes_on_in_brackets_is_told_whole_on_the_first_sheet():
    told = entry(message="支出总表!B4（部门预算支出总表）“合计” 4.00 万元，请核对。")
    assert told.short == told.message


def test_the_letter_is_a4_in_chinese_fonts_with_the_same_bytes():
    content = letter_bytes(letter())
    assert content == letter_bytes(letter())
    document = docx.Document(io.BytesIO(content))
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    fonts = [run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in document.paragraphs[3].runs]
    assert fonts == ["黑体"]
    normal = document.styles["Normal"]
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert (normal.font.size.pt, normal.paragraph_format.line_spacing.pt) == (16, 28)
    assert document.paragraphs[2].runs[0]._element.rPr is None


def test_a_letter_brings_nothing_along_that_it_does_not_use():
    parts = zipfile.ZipFile(io.BytesIO(letter_bytes(letter())))
    assert not [name for name in parts.namelist() if re.search("thumbnail|numbering|customXml|Effects", name)]
    document = docx.Document(io.BytesIO(letter_bytes(letter())))
    assert [style.name for style in document.styles] == [
        "Normal",
        "Default Paragraph Font",
        "Normal Table",
        "No List",
    ]


def test_who_sent_nothing_is_reminded_instead():
    text = paragraphs(letter_bytes(letter(entries=[entry(rule_id="SUB-01")], attached=[])))
    assert text[0] == "关于催报2020年部门预算的通知"
    assert "尚未收到" in text[2]


@pytest.mark.parametrize(
    ("settings", "due", "said"),
    [
        (NoticeSettings(due=date(2020, 5, 1)), "2020-02-01", "于2020年5月1日前"),
        (NoticeSettings(working_days=5), "", "自收到本通知之日起5个工作日内"),
        (NoticeSettings(), "2019-12-01", "自收到本通知之日起10个工作日内"),
        (NoticeSettings(), "2020-02-01", "于2020年2月1日前"),
    ],
)
def test_the_date_is_the_bureaus_or_the_rosters_while_it_lasts(settings: NoticeSettings, due: str, said: str):
    assert deadline(settings, due, date(2020, 1, 1)) == said


def findings(*rows: tuple[str, str, str, str], **other: str) -> list[dict[str, str]]:
    """finding_id, severity, root, difference."""
    same = {"rule_id": "R", "gate": "body", "file": "f", "sheet": "s", "cell": "A1", "message": "m"}
    return [
        {**same, "finding_id": name, "severity": severity, "root_finding_id": root}
        | {"found": difference, "expected": "0.00", "difference": difference}
        | other
        for name, severity, root, difference in rows
    ]


def test_entries_are_in_order_of_weight_with_consequences_behind_their_root():
    listed = entries_of(
        findings(
            ("a", "warning", "", "9.00"),
            ("b", "error", "", "5.00"),
            ("c", "error", "d", "7.00"),
            ("d", "error", "", "1.00"),
            ("e", "error", "", "-6.00"),
        ),
        {("f", "s", "A1"): "元"},
    )
    assert [(each.number, each.difference, each.cause) for each in listed] == [
        (1, "1.00 元", 0),
        (2, "7.00 元", 1),
        (3, "-6.00 元", 0),
        (4, "5.00 元", 0),
        (5, "9.00 元", 0),
    ]


def test_entries_of_one_weight_stand_in_the_order_in_which_the_file_is_read():
    rows = findings(*((cell, "warning", "", "") for cell in ("第10行", "B12", "第9行", "AA2", "C2")))
    listed = entries_of([row | {"cell": row["finding_id"]} for row in rows], {})
    assert [each.cells[0] for each in listed] == ["C2", "AA2", "第9行", "第10行", "B12"]


def test_forms_that_are_missing_are_one_entry_below_the_file_that_cannot_be_read():
    asked = {
        "rule_id": "SUB-03",
        "severity": "warning",
        "root_finding_id": "r",
        "file": "",
        "sheet": "",
        "cell": "",
    }
    said = "没有收到《{}》。没有相关收支的，也请报送空表并注明。"
    forms = ("部门预算收入总表", "政府采购预算表")
    missing = [
        {**row, **asked, "finding_id": form, "body_id": "b", "expected": form, "message": said.format(form)}
        for form in forms
        for row in findings(("", "", "", ""))
    ]
    lead, both = entries_of([*missing, *findings(("r", "error", "", ""))], {})
    assert (lead.number, both.number, both.cause) == (1, 2, 1)
    assert both.message == said.format("部门预算收入总表》《政府采购预算表")
    assert both.expected == "部门预算收入总表、政府采购预算表"


def test_what_reading_found_is_told_as_the_cell_prints_it():
    found = findings(("a", "error", "", ""), found="13.03", expected="13.05")
    (listed,) = entries_of(found, {("f", "s", "A1"): "万元"})
    assert (listed.found, listed.expected) == ("13.03", "13.05")


@pytest.mark.parametrize(
    ("body", "folder"),
    [
        ({"scope": "unit", "unit_code": "723002", "unit_name": "县委办"}, "723002_县委办"),
        ({"scope": "department", "department_code": "", "department_name": "a/b:c"}, "abc"),
        ({}, "待确认单位"),
    ],
)
def test_a_folder_bears_code_and_name(body: dict[str, str], folder: str):
    assert folder_name(body) == folder
