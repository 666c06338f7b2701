"""A comparison with the year before counts once in a body, whatever its other files hold."""

from functools import partial

import pandas as pd
import pytest

from tests.sheets import sheet
from transforms.bodies import Identified
from transforms.evidence import Evidence, gathered
from transforms.read import FileReading, in_both_ways, read_sheets

COMPARED = """
一般公共预算支出对比表
部门：101教育局 |  |  |  | 单位：万元
科目编码 | 科目名称 | 2025年预算数 | 2026年预算数 | 增减额
'205 | 教育支出 | 90 | 100 | 10
"""
ORDINARY = """
一般公共预算支出表
部门：101教育局 |  |  |  | 单位：万元
科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
'2050202 | 小学教育 | 100 | 70 | 30
"""
INCOME = """
收入总表
部门：101教育局 | 单位：万元
项目 | 预算数
一般公共预算拨款 | 100
合计 | 100
"""


def reading(page: str, name: str) -> FileReading:
    return in_both_ways(partial(read_sheets, [sheet(page.strip())], name))


def together(first: str, second: str, *, bodies: tuple[str, str] = ("101", "101")) -> Evidence:
    """The evidence of two files, of these bodies."""
    owners = dict(zip(("a.xlsx", "b.xlsx"), bodies, strict=True))
    known = Identified(pd.DataFrame({"body_id": sorted(set(bodies))}), owners, [])
    readings = [reading(first, "a.xlsx"), reading(second, "b.xlsx")]
    return gathered(readings, known, 2026, has_roster=False)


def files_of_the_form(found: Evidence) -> list[str]:
    return list(found.blocks.loc[found.blocks["form"] == "general_by_function", "file"])


@pytest.mark.parametrize("pages", [(COMPARED, ORDINARY), (ORDINARY, COMPARED)])
def test_a_comparison_is_told_where_another_file_of_its_body_has_the_form(pages: tuple[str, str]) -> None:
    found = together(*pages)
    ordinary, compared = (f"{'ab'[pages.index(page)]}.xlsx" for page in (ORDINARY, COMPARED))
    assert files_of_the_form(found) == [ordinary]
    assert set(found.facts["file"]) == {ordinary}
    told = found.problems[found.problems["file"] == compared]
    assert set(told["rule_id"]) == {"SUB-05", "SUB-16"}
    assert (found.cells.loc[found.cells["file"] == compared, "disposition"] == "unread").any()


def test_two_comparisons_of_one_form_in_two_files_of_a_body_are_both_told() -> None:
    found = together(COMPARED, COMPARED)
    assert files_of_the_form(found) == []
    assert set(found.problems["file"]) == {"a.xlsx", "b.xlsx"}


def test_a_comparison_is_read_beside_other_forms_and_other_bodies() -> None:
    assert files_of_the_form(together(COMPARED, INCOME)) == ["a.xlsx"]
    assert files_of_the_form(together(COMPARED, ORDINARY, bodies=("101", "102"))) == ["a.xlsx", "b.xlsx"]
