"""What a reader of values cannot see, on files that openpyxl wrote."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from transforms.read import FileReading, read_file


@pytest.fixture
def book() -> Workbook:
    book = Workbook()
    page = book.active
    page.title = "支出"
    for row in (
        ["部门预算支出总表"],
        ["部门：101教育局", None, None, None, "单位：元"],
        ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
        ["205", "教育支出", 12, 12, None],
        ["合计", None, 12, 12, None],
    ):
        page.append(row)
    return book


def read(book: Workbook, folder: Path) -> FileReading:
    book.save(folder / "a.xlsx")
    return read_file(folder / "a.xlsx", "a.xlsx")


def problems(reading: FileReading) -> list[tuple[str, str, str]]:
    return list(zip(*(reading.problems[name] for name in ("rule_id", "cell", "found")), strict=True))


def test_a_clean_workbook_has_no_problem(book: Workbook, tmp_path: Path) -> None:
    assert problems(read(book, tmp_path)) == []


def test_a_formula_without_result_is_named(book: Workbook, tmp_path: Path) -> None:
    book.active["C5"] = "=SUM(C4:C4)"
    reading = read(book, tmp_path)
    assert problems(reading) == [("SUB-11", "C5", "=SUM(C4:C4)")]
    ledger = dict(zip(reading.cells["cell"], reading.cells["disposition"], strict=True))
    assert ledger["C5"] == "unread"


def test_an_error_cell_is_named(book: Workbook, tmp_path: Path) -> None:
    book.active["D4"] = "#REF!"
    assert ("SUB-12", "D4", "#REF!") in problems(read(book, tmp_path))


def test_figures_in_hidden_rows_columns_and_sheets_are_named(book: Workbook, tmp_path: Path) -> None:
    book.active.row_dimensions[5].hidden = True
    book.active.column_dimensions["D"].hidden = True
    other = book.create_sheet("底稿")
    other["B2"] = 7
    other.sheet_state = "hidden"
    found = problems(read(book, tmp_path))
    assert {("SUB-10", "C5", "12"), ("SUB-10", "D4", "12"), ("SUB-10", "B2", "7")} <= set(found)


def test_a_truncated_file_is_reported_not_raised(book: Workbook, tmp_path: Path) -> None:
    book.save(tmp_path / "a.xlsx")
    whole = (tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "b.xlsx").write_bytes(whole[: len(whole) // 2])
    assert [rule for rule, _, _ in problems(read_file(tmp_path / "b.xlsx", "b.xlsx"))] == ["SUB-09"]


def rewritten(book: Workbook, folder: Path, replace: dict[str, str]) -> FileReading:
    """The book saved with literal changes to its first sheet's XML, as other programs would have written it."""
    book.save(folder / "a.xlsx")
    with zipfile.ZipFile(folder / "a.xlsx") as old, zipfile.ZipFile(folder / "b.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name).decode() if name.endswith("sheet1.xml") else old.read(name)
            if isinstance(content, str):
                for before, after in replace.items():
                    assert before in content
                    content = content.replace(before, after)
            new.writestr(name, content)
    return read_file(folder / "b.xlsx", "b.xlsx")


def test_a_stale_sum_is_named_with_what_it_should_be(book: Workbook, tmp_path: Path) -> None:
    book.active["C5"] = "=SUM(C4:C4)"
    reading = rewritten(book, tmp_path, {"<f>SUM(C4:C4)</f><v></v>": "<f>SUM(C4:C4)</f><v>15</v>"})
    assert problems(reading) == [("SUB-15", "C5", "15.0")]
    assert reading.problems["expected"] == ["12.0"]


def test_a_number_typed_between_sums_is_named(book: Workbook, tmp_path: Path) -> None:
    book.active["C5"], book.active["E5"] = "=SUM(C4:C4)", "=SUM(E4:E4)"
    empty, zero = (
        {"<f>SUM(C4:C4)</f><v></v>": "<f>SUM(C4:C4)</f><v>12</v>"},
        {"<f>SUM(E4:E4)</f><v></v>": "<f>SUM(E4:E4)</f><v>0</v>"},
    )
    assert problems(rewritten(book, tmp_path, empty | zero)) == [("SUB-15", "D5", "12")]


def test_a_number_typed_between_sums_above_and_below_is_named(book: Workbook, tmp_path: Path) -> None:
    page = book.active
    for row, code in ((5, "206"), (6, "207")):
        for column, value in enumerate((code, "其他支出", 5, 5), start=1):
            page.cell(row, column, value)
    page["C4"], page["C6"] = "=SUM(D4:E4)", "=SUM(D6:E6)"
    values = {"<f>SUM(D4:E4)</f><v></v>": "<f>SUM(D4:E4)</f><v>12</v>"}
    values |= {"<f>SUM(D6:E6)</f><v></v>": "<f>SUM(D6:E6)</f><v>5</v>"}
    assert ("SUB-15", "C5", "5") in problems(rewritten(book, tmp_path, values))


def test_a_stale_sum_is_found_where_the_formula_is_written_once_for_a_range(
    book: Workbook, tmp_path: Path
) -> None:
    book.active["C5"], book.active["D5"] = "=SUM(C4:C4)", "=SUM(D4:D4)"
    shared = {
        "<f>SUM(C4:C4)</f><v></v>": '<f t="shared" ref="C5:D5" si="0">SUM(C4:C4)</f><v>12</v>',
        "<f>SUM(D4:D4)</f><v></v>": '<f t="shared" si="0"/><v>13</v>',
    }
    assert problems(rewritten(book, tmp_path, shared)) == [("SUB-15", "D5", "13.0")]


@pytest.mark.parametrize("code", ["0!.0,", "0\\.0000", "#,##0.00,"])
def test_numbers_that_their_format_shows_divided_are_named_once_a_sheet(
    book: Workbook, tmp_path: Path, code: str
) -> None:
    for cell in ("C4", "D4", "C5"):
        book.active[cell].number_format = code
    reading = read(book, tmp_path)
    assert problems(reading) == [("SUB-20", "C4", "12")]
    assert reading.problems["detail"] == [
        f"数字格式为“{code}”，使显示的数缩小若干倍，本表这样的数字共 3 个。"
    ]


def test_numbers_that_their_format_shows_in_another_unit_than_the_table_are_named(
    book: Workbook, tmp_path: Path
) -> None:
    book.active["C4"].number_format, book.active["D4"].number_format = '0.00"万元"', '0.00"元"'
    reading = read(book, tmp_path)
    assert problems(reading) == [("SUB-20", "C4", "12")]
    assert reading.problems["detail"] == [
        '数字格式为“0.00"万元"”，其中的单位与表上注明的不同，本表这样的数字共 1 个。'
    ]


def test_formats_with_separators_brackets_and_words_show_the_number_as_it_is(
    book: Workbook, tmp_path: Path
) -> None:
    for cell, code in {"C4": "#,##0.00_);[Red]\\(#,##0.00\\)", "D4": '0.00"元，"', "C5": "0.00,0"}.items():
        book.active[cell].number_format = code
    assert problems(read(book, tmp_path)) == []


def test_a_comment_that_carries_figures_is_named_and_one_that_does_not_is_not(
    book: Workbook, tmp_path: Path
) -> None:
    book.active["D4"].comment = Comment("已核对 2020 年 3 月 12 日", "审核")
    assert problems(read(book, tmp_path)) == []
    book.active["C4"].comment = Comment("原报 1,300.00 元", "审核")
    assert problems(read(book, tmp_path)) == [("SUB-10", "C4", "1,300.00")]


def test_a_placeholder_of_the_template_is_named(book: Workbook, tmp_path: Path) -> None:
    book.active["A2"] = "部门：XX局"
    assert ("SUB-18", "A2", "XX") in problems(read(book, tmp_path))


def test_a_note_that_speaks_of_another_form_is_named(tmp_path: Path) -> None:
    book = Workbook()
    for row in (
        ["政府性基金预算财政拨款支出表"],
        ["部门：101教育局", None, "单位：元"],
        ["科目编码", "科目名称", "合计"],
        ["合计"],
        ["注：本部门无国有资本经营预算，本表为空表。"],
    ):
        book.active.append(row)
    assert [rule for rule, _, _ in problems(read(book, tmp_path))] == ["SUB-19"]
