"""Recognition is provable: title and words never disagree, two forms are an error, and the ledger tells the grounds."""

from dataclasses import replace

import pytest

from tests.sheets import sheet
from tests.test_golden import CASES
from transforms.read import read_sheets
from transforms.recognise import recognise
from transforms.tables.block import Block
from transforms.tables.layout import find_blocks
from transforms.tables.recognition import Recognition
from transforms.workbook import Sheet

TWO_FORMS = """
    单位：万元
    项目 | 金额
    房屋 | 3
    车辆 | 4
    因公出国（境）费 | 5
    公务接待费 | 6
"""
FOREIGN = """
    部门支出执行情况表
    单位：万元
    科目编码 | 科目名称 | 合计 | 基本支出 | 经营支出
    '205 | 教育支出 | 12 | 9 | 3
"""
KNOWN = """
    部门预算支出总表
    单位：万元
    科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
    '205 | 教育支出 | 12 | 9 | 3
"""
CLASSES = """
    部门支出总表
    单位：万元
    科目编码 | 科目名称 | 合计 | 工资福利支出 | 商品和服务支出 | 项目支出
    '205 | 教育支出 | 100 | 60 | {} | 10
"""


def drawn(name: str) -> list[Sheet]:
    case = CASES[name]
    pages = case["pages"] if "pages" in case else {case.get("sheet_name", "Sheet1"): case["page"]}
    return [sheet(page, title) for title, page in pages.items()]


def without_title(block: Block) -> Block:
    return replace(block, preamble=[], sheet=replace(block.sheet, name="Sheet1"))


def is_a_half(found: Recognition) -> bool:
    """Whether a table has one side of its form alone: sources of income below each other are an income form by their words."""
    return len(found.form.panels) > 1 and sum(bool(plan.of_kind("amount")) for plan in found.plans) == 1


def accounts(page: str) -> dict[str, str]:
    cells = read_sheets([sheet(page)], "a.xlsx").cells
    return dict(zip(cells["cell"], cells["reason"], strict=True))


@pytest.mark.parametrize("name", CASES)
def test_words_alone_give_the_form_of_the_title_or_none(name: str) -> None:
    previous: tuple[Block, Recognition] | None = None
    for page in drawn(name):
        for block in find_blocks(page)[0]:
            found = recognise(block, previous)
            previous = (block, found)
            alone = recognise(without_title(block), None)
            if found.form and found.title and not found.continues and not is_a_half(found):
                assert alone.form is None or alone.form is found.form


def test_a_table_that_could_be_two_forms_is_none_and_names_both() -> None:
    reading = read_sheets([sheet(TWO_FORMS)], "a.xlsx")
    assert reading.blocks == []
    detail = reading.problems["detail"][0]
    assert "《部门固定资产占用情况表》" in detail
    assert "《财政拨款“三公”经费支出表》" in detail


def test_a_table_with_a_title_of_another_kind_is_none() -> None:
    assert read_sheets([sheet(FOREIGN)], "a.xlsx").blocks == []


def test_the_ledger_tells_form_ground_score_and_runner_up() -> None:
    assert accounts(KNOWN)["A3"] == "expenditure by title; score 2.0; runner-up none"
    assert accounts(FOREIGN)["A3"].startswith("no form; nearest ")


def test_what_columns_are_does_not_depend_on_the_workbook_read_before() -> None:
    """Both have one header; in the first the classes add up to the total with 项目支出, in the second alone."""
    read = [read_sheets([sheet(CLASSES.format(goods))], "a.xlsx") for goods in (30, 40, 30)]
    keys = [set(reading.facts["column_key"]) for reading in read]
    assert keys[0] == keys[2] == {"total", "basic.工资福利支出", "basic.商品和服务支出", "project"}
    assert keys[1] == {"total", "project"}
