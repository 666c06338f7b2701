"""Targets of projects in one list: each project is read as if it had sent a card of its own."""

from pathlib import Path

import pytest

from tests.sheets import sheet
from tests.variants.judge import records
from transforms.evidence import assemble
from transforms.read import FileReading, read_sheets
from transforms.standardise import standardise
from transforms.submissions import Inputs, source_file

MERGED = """
    项目支出绩效目标表
    单位名称：118某县红十字会 | | | | | | | | | 金额单位：万元
    序号 | 项目名称 | 预算金额 | 年度绩效目标 | 绩效指标 | < | < | < | < | < | 权重
    ^ | ^ | ^ | ^ | 一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | ^
    合计 | | 35.5 | | | | | | | |
    1 | 救护培训 | 20 | 完成培训任务 | 产出指标 | 数量指标 | 培训人数 | ≥ | 500 | 人 | 30
    ^ | ^ | ^ | ^ | 效益指标 | 社会效益指标 | 持证率 | ≥ | 90 | % | 30
    2 | 无偿献血宣传 | 15.5 | 开展宣传 | 产出指标 | 数量指标 | 宣传场次 | = | 12 | 场 | 40
     | | | | | 质量指标 | 材料合格 | 定性 | 合格 | | 10
     | | | | 满意度指标 | 服务对象满意度 | 献血者满意度 | ≥ | 95 | % | 10
    注：以上为本级项目。
"""
# Without merged cells, with codes, and the amount in another unit than the rest of the workbook.
REPEATED = """
    预算05-2表
    2025年项目绩效目标表
    部门：101教育局
    单位名称 | 项目代码 | 项目名称 | 项目预算（元） | 其中财政资金（元） | 一级指标 | 三级指标 | 绩效指标值
    101001机关 | 101-25-01 | 校舍维修 | 300000 | 200000 | 产出指标 | 维修面积 | ≥2000平方米
    101001机关 | 101-25-01 | 校舍维修 | 300000 | 200000 | 满意度指标 | 师生满意度 | ≥90%
    101001机关 | 101-25-02 | 教师培训 | 5000.5 | 5000.5 | 产出指标 | 培训人次 | 120
"""


def read(*pages: str) -> FileReading:
    return read_sheets([sheet(page, f"表{n}") for n, page in enumerate(pages, start=1)], "101_教育局/a.xlsx")


def tables(tmp_path: Path, reading: FileReading) -> dict:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    file = source_file(tmp_path / "a.xlsx", reading.file)
    return standardise(assemble([reading], Inputs(2025, tmp_path, (file,), {}, None)))


def test_each_project_of_a_list_is_a_project_with_its_money(tmp_path: Path) -> None:
    found = tables(tmp_path, read(MERGED, REPEATED))["projects"]
    columns = ["project_code", "project_name", "budget_yuan", "fiscal_yuan", "objective", "source_cell"]
    rows = found[columns].astype(object).where(found[columns].notna(), None).to_numpy().tolist()
    assert rows == [
        ["", "救护培训", 20_000_000, None, "完成培训任务", "C6"],
        ["", "无偿献血宣传", 15_500_000, None, "开展宣传", "C8"],
        ["101-25-01", "校舍维修", 30_000_000, 20_000_000, "", "D5 E5"],
        ["101-25-02", "教师培训", 500_050, 500_050, "", "D7 E7"],
    ]


def test_the_indicators_of_a_list_have_their_levels_and_whole_targets(tmp_path: Path) -> None:
    found = tables(tmp_path, read(MERGED, REPEATED))["project_indicators"]
    columns = ["project_name", "level_1", "level_2", "level_3", "target", "target_unit"]
    assert found[columns].to_numpy().tolist() == [
        ["救护培训", "产出指标", "数量指标", "培训人数", "≥500人", "人"],
        ["救护培训", "效益指标", "社会效益指标", "持证率", "≥90%", "%"],
        ["无偿献血宣传", "产出指标", "数量指标", "宣传场次", "12场", "场"],
        ["无偿献血宣传", "产出指标", "质量指标", "材料合格", "合格", ""],
        ["无偿献血宣传", "满意度指标", "服务对象满意度", "献血者满意度", "≥95%", "%"],
        ["校舍维修", "产出指标", "", "维修面积", "≥2000平方米", "平方米"],
        ["校舍维修", "满意度指标", "", "师生满意度", "≥90%", "%"],
        ["教师培训", "产出指标", "", "培训人次", "120", ""],
    ]


def test_every_cell_of_a_list_has_its_place() -> None:
    reading = read(MERGED)
    said = {cell["cell"]: (cell["disposition"], cell["reason"]) for cell in records(reading.cells)}
    assert len(said) == len(list(sheet(MERGED).filled()))
    assert said["C5"] == ("ignored", "total of a list of projects")
    assert said["K6"] == said["A8"] == ("ignored", "column not used")
    assert said["C6"] == ("fact", "")
    assert said["A11"] == ("note", "")
    assert "unread" not in {disposition for disposition, _ in said.values()}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("| 15.5 |", "| 十五 |", ("CEL-01", "C8")),
        ("二级指标 |", "二级金额 |", ("SUB-16", "F6")),
        ("    注：以上为本级项目。", "    注：以上为本级项目。\n     | | 7", ("SUB-16", "C12")),
    ],
)
def test_a_figure_that_no_heading_of_a_list_claims_is_reported(old: str, new: str, told: tuple) -> None:
    page = MERGED.replace(old, new)
    page = page.replace("数量指标 | 培训人数", "3 | 培训人数") if "金额" in new else page
    reading = read(page)
    assert told in {(problem["rule_id"], problem["cell"]) for problem in records(reading.problems)}


def test_a_card_is_no_list() -> None:
    card = """
        项目绩效目标表
        单位：万元
        项目编码 | 101-25-01 | 项目名称 | 校舍维修
        预算数 | 30 | 其中财政资金 | 30
        绩效目标 | 维修校舍
        一级指标 | 二级指标 | 三级指标 | 指标值
        产出指标 | 数量指标 | 维修面积 | ≥2000平方米
    """
    reading = read(card)
    assert [block["cell"] for block in reading.blocks] == ["A1"]
    assert len(reading.facts["fact_id"]) == 2
