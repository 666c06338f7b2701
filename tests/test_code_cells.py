"""Findings on codes and names stand at the cell to mend, not at the first figure of the row."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from flows.check import check_files

APART = [
    ["部门支出总表"],
    ["部门：723县委办公室", None, None, "单位：万元"],
    ["科目编码", "科目名称", "单位名称", "合计"],
    ["2013101", "行政运行", "县委办公室", 120],
    ["2013101", "行政运行", "县委办公室", 30],
    ["201310", "一般行政管理事务", "县委办公室", 20],
    ["2014876", "科技创新", "县委办公室", 10],
    ["2080501", "离休干部", "县委办公室", 5],
    ["合计", None, None, 185],
]
TOGETHER = [
    ["部门支出总表"],
    ["部门：723县委办公室", "单位：万元"],
    ["科目", "合计"],
    ["2014876 科技创新", 10],
    ["合计", 10],
]
SPLIT = [
    ["部门支出总表"],
    ["部门：723县委办公室", None, None, None, "单位：万元"],
    ["科目编码", None, None, "科目名称", "合计"],
    ["类", "款", "项", None, None],
    ["201", "48", "76", "科技创新", 10],
    ["合计", None, None, None, 10],
]

MISTYPED = [
    ["部门支出总表"],
    ["部门：723县委办公室", None, "单位：万元"],
    ["科目编码", "科目名称", "合计"],
    ["2013171", "行政运行", 120],
    ["2013199", "一般行政管理事务", 30],
    ["2080505", "小学教育", 20],
    ["合计", None, 170],
]
HALVES = [
    ["部门支出总表"],
    ["部门：723县委办公室", None, None, None, None, "单位：万元"],
    ["科目编码", "科目名称", "合计", "科目编码", "科目名称", "合计"],
    ["2013101", "行政运行", 120, "2014876", "科技创新", 10],
    ["2080501", "行政单位离退休", 5, "2013101", "行政运行", 30],
    ["合计", None, 165, None, None, None],
]


def checked(rows: list[list[object]], folder: Path) -> pd.DataFrame:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / "预算.xlsx")
    return check_files([folder / "预算.xlsx"], 2020).checks.findings


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (APART, {("CEL-08", "A5"), ("CEL-06", "A6"), ("CEL-04", "A7"), ("CEL-05", "B8")}),
        (TOGETHER, {("CEL-04", "A4")}),
        (SPLIT, {("CEL-04", "C5")}),
        (HALVES, {("CEL-04", "D4"), ("CEL-08", "D5")}),
    ],
    ids=["apart", "together", "split", "halves"],
)
def test_a_finding_on_a_code_or_its_name_stands_at_their_cell(
    tmp_path: Path, rows: list[list[object]], expected: set[tuple[str, str]]
):
    findings = checked(rows, tmp_path)
    told = findings[findings["rule_id"].str.fullmatch("CEL-0[4568]")]
    assert set(zip(told["rule_id"], told["cell"], strict=True)) == expected
    assert all(f"!{cell} " in message for cell, message in zip(told["cell"], told["message"], strict=True))
    again = told.loc[told["rule_id"] == "CEL-08", "message"]
    assert all("在本表中已经列过（A4）" in message for message in again)


def test_a_finding_on_a_code_says_to_which_code_its_name_belongs(tmp_path: Path):
    """Of the many codes called 行政运行 the one of the 款 that is printed."""
    findings = checked(MISTYPED, tmp_path).set_index("cell")["message"]
    assert "，该名称的编码是 2013101。" in findings["A4"]
    assert "（“一般行政管理事务”的编码是 2013102）" in findings["B5"]
    assert "（“小学教育”的编码是 2050202）" in findings["B6"]
