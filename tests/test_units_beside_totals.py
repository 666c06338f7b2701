"""Bodies listed beside a total in its row: together they are the total (X-15), whether items stand in rows or in columns."""

from pathlib import Path

import openpyxl

from flows.check import check_files
from tests.sheets import sheet

YEAR = 2024
BY_SUBJECT = """
    一般公共预算支出表
    部门：101某县卫健局 | | | | 单位：万元
    科目编码 | 科目名称 | 合计 | 101001某县卫健局机关 | 101002某县疾控中心
    合计 | | 60.25 | 40.00 | 20.25
    210 | 卫生健康支出 | 60.25 | 40.00 | 20.25
    21001 | 卫生健康管理事务 | 60.25 | 40.00 | 20.25
    2100101 | 行政运行 | 60.25 | 40.00 | 20.25
"""
BY_SOURCE = """
    部门收入总表
    部门：101某县司法局 | | | 单位：万元
    收入来源 | 合计 | 某县司法局本级 | 某县公证处
    一般公共预算拨款收入 | 300.00 | 280.00 | 20.00
    事业收入 | 15.00 | | 15.00
    收入总计 | 315.00 | 280.00 | 35.00
"""


def told_of(folder: Path, page: str) -> list[str]:
    """What `check` says of units beside a total in a workbook of one page."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for row, column, value in sheet(page).filled():
        (book.worksheets or [book.create_sheet("表")])[0].cell(row + 1, column + 1).value = value
    book.save(folder / "预算.xlsx")
    lines = check_files([folder / "预算.xlsx"], YEAR).as_text().splitlines()
    return [line for line in lines if "X-15" in line]


def test_units_that_add_up_to_the_total_beside_them_are_nothing_to_tell(tmp_path):
    assert told_of(tmp_path, BY_SUBJECT) == []
    assert told_of(tmp_path, BY_SOURCE) == []


def test_units_as_columns_that_do_not_add_up_are_told_at_the_total(tmp_path):
    (line,) = told_of(tmp_path, BY_SUBJECT.replace("行政运行 | 60.25 | 40.00", "行政运行 | 60.25 | 41.00"))
    assert "警告" in line
    assert "表!C7" in line
    assert "合计 60.25 万元，同行所列各单位之和 61.25 万元，相差 1.00 万元" in line


def test_units_beside_items_that_are_rows_are_told_too(tmp_path):
    (line,) = told_of(tmp_path, BY_SOURCE.replace("300.00 | 280.00", "300.00 | 270.00"))
    assert "表!B4" in line
    assert "同行所列各单位之和 290.00 万元" in line


def test_a_department_beside_its_own_units_counts_once(tmp_path):
    page = BY_SUBJECT.replace("| 101001", "| 101某县卫健局 | 101001").replace(
        "60.25 | 40.00", "60.25 | 60.25 | 40.00"
    )
    assert told_of(tmp_path, page) == []
