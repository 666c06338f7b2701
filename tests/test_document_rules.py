"""Slips planted in whole documents: exactly they are found, in words that a clerk can act on; what they hold back."""

from pathlib import Path

import openpyxl
import pytest

from flows.check import check_files
from flows.stages import Judgement, judge
from tests.disclosures import disclosures
from tests.releases import judged_year

DOCUMENTS = {document.name: document for document in disclosures()}
# Always told of a body that sends its document alone.
ONLY_DOCUMENT = "SUB-03"
# A change without its reason, which the rule asks for.
WITHOUT_REASON = {
    "anhui_audit_2023",
    "bingtuan_farm_2021",
    "fujian_hospital_2023",
    "gansu_township_2018",
    "guangxi_culture_2021",
    "guangxi_land_2018",
    "heilongjiang_college_2024",
    "hubei_transport_2019",
    "jiangxi_forestry_2023",
    "jilin_statistics_2017",
    "ningxia_police_2022",
    "qinghai_union_2025",
    "shanghai_town_2026",
    "tibet_education_2020",
}


def findings_of(folder: Path, text: str, year: int) -> dict[str, list[str]]:
    """What `check` tells of a document, by rule."""
    path = folder / "说明.txt"
    path.write_text(text, encoding="utf-8")
    told: dict[str, list[str]] = {}
    findings = check_files([path], year).checks.findings
    for rule_id, message in zip(findings["rule_id"], findings["message"], strict=True):
        told.setdefault(rule_id, []).append(message)
    told.pop(ONLY_DOCUMENT, None)
    return told


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_without_slips_has_no_finding(name, tmp_path):
    document = DOCUMENTS[name]
    wanting = {"NAR-09"} if name in WITHOUT_REASON else set()
    assert set(findings_of(tmp_path, document.text, document.year)) == wanting


SLIPS = [
    ("anhui_trade_2022", "收入安排总额为1088.60万元", "收入安排总额为1188.60万元", "NAR-01", "写收入 1,188.60 万元"),
    ("shandong_agriculture_2020", "基本支出2876.54万元", "基本支出2776.54万元", "NAR-02", "合计 9,776.54 万元"),
    ("jiangsu_town_2022", "农林水支出1,200万元", "农林水支出1,300万元", "NAR-02", "多出 100.00 万元"),
    ("guizhou_township_2019", "公务接待费：2019年预算4万元", "公务接待费：2019年预算40万元", "NAR-03", "合计 47.00 万元"),
    ("hunan_civil_2022", "工程类采购预算50万元", "工程类采购预算5万元", "NAR-05", "合计 105.00 万元"),
    ("anhui_trade_2022", "其他固定资产账面价值22.72万元", "其他固定资产账面价值12.72万元", "NAR-06", "146.32 万元"),
    ("henan_town_2022", "减少1万元，下降6.25%", "减少1万元，下降16.25%", "NAR-07", "下降16.25%"),
    ("guizhou_veterans_2023", "新增人员1名", "", "NAR-09", "没有说明原因"),
    ("beijing_culture_2024", "比2023年的2800万元增加200万元", "比2022年的2800万元增加200万元", "NAR-13", "与 2022 年比较"),
    ("hubei_school_2025", "其他收入200万元，占本年收入的3.10%", "其他收入200万元，占本年收入的13.10%", "NAR-15", "13.10%"),
    ("sichuan_transport_2024", "公务用车购置及运行维护费30.00万元", "公务用车购置及运行维护费30.00万元元", "NAR-14", "万元元"),
    ("sichuan_transport_2024", "四、财政拨款收支预算情况说明", "四、财政拔款收支预算情况说明", "NAR-14", "疑有错字"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "wrong", "rule", "words"), SLIPS, ids=[row[3] for row in SLIPS])
def test_a_planted_slip_is_found_and_named(name, right, wrong, rule, words, tmp_path):
    document = DOCUMENTS[name]
    assert right in document.text
    found = findings_of(tmp_path, document.text.replace(right, wrong, 1), document.year)
    assert rule in found
    assert any(words in line for line in found[rule])
    assert all("正文" in line for line in found[rule])


PROSE = """某县水务局2020年部门预算公开说明
一、部门预算安排总体情况
2020年收入预算300万元，全部为一般公共预算拨款。
2020年支出预算310万元，其中：基本支出100万元，项目支出210万元。
二、“三公”经费预算情况
2020年“三公”经费预算5万元，其中：因公出国（境）费0万元，公务用车购置及运行费3万元，公务接待费2万元。
"""
INCOME_FORM = [
    ["部门收入总表"],
    ["部门：731某县水务局", None, None, "单位：万元"],
    ["科目编码", "科目名称", "合计", "一般公共预算拨款"],
    ["合计", None, 300, 300],
    ["2130301", "行政运行", 300, 300],
]


def judged(folder: Path, *, with_form: bool) -> Judgement:
    """What a county publishes of which one body has sent a document that does not balance, alone or beside a form."""
    body = folder / "2020" / "731_某县水务局"
    body.mkdir(parents=True)
    (body / "说明.txt").write_text(PROSE, encoding="utf-8")
    if with_form:
        book = openpyxl.Workbook()
        for row in INCOME_FORM:
            book.worksheets[0].append(row)
        book.save(body / "预算表.xlsx")
    county = judged_year(folder, 2020).county
    return judge(county.tables, county.bodies, county.checks, county.readable, county.prose)


def test_figures_of_a_document_whose_income_and_spending_differ_are_not_published(tmp_path):
    published = judged(tmp_path, with_form=False).held.published
    assert len(published["income"]) == 0
    assert len(published["expenditure_by_type"]) == 0
    assert published["three_public"]["amount_yuan"].sum() == 5_000_000


def test_a_form_stands_whatever_the_document_beside_it_says(tmp_path):
    held_back = {table for _, table in judged(tmp_path, with_form=True).tables}
    assert held_back == {"expenditure", "expenditure_by_type", "changes_on_year"}


THREE_PUBLIC_FORM = [
    ["一般公共预算“三公”经费支出表"],
    ["部门：731某县水务局", None, None, None, None, "单位：万元"],
    ["“三公”经费合计", "因公出国（境）费", "公务用车购置费", "公务用车运行费", "公务接待费", "其它接待情形"],
]


def beside_three_public(folder: Path, stated: str, row: list[float]):
    """What `check` finds of 三公经费 stated in a sentence beside their form, whose last heading nobody knows."""
    book = openpyxl.Workbook()
    for cells in [*THREE_PUBLIC_FORM, row]:
        book.worksheets[0].append(cells)
    book.save(folder / "预算表.xlsx")
    says = f"某县水务局2020年部门预算公开说明\n一、“三公”经费预算情况\n2020年“三公”经费预算{stated}。\n"
    (folder / "说明.txt").write_text(says, encoding="utf-8")
    findings = check_files([folder / "说明.txt", folder / "预算表.xlsx"], 2020).checks.findings
    return findings[findings["rule_id"] == "NAR-03"].to_dict("records")


def test_a_sentence_that_differs_by_an_unread_figure_is_named_and_not_the_cell(tmp_path):
    (found,) = beside_three_public(tmp_path, "10万元", [6, 0, 0, 5, 1, 4])
    assert found["file"].endswith("说明.txt")
    assert (found["sheet"], found["cell"]) == ("正文", "第3行")
    assert "Sheet!A4" in found["message"]
    assert "Sheet!F4" in found["message"]


@pytest.mark.parametrize(
    ("stated", "total", "differs"),
    [
        ("11万元", 10, True),
        ("10万元", 10.4, False),
        ("10万元", 10.6, True),
        ("10.4万元", 10, False),
        ("10.6万元", 10, True),
        ("0.11亿元", 1100, False),
        ("0.11亿元", 1160, True),
    ],
)
def test_a_sentence_is_the_form_rounded_to_its_last_digit(stated, total, differs, tmp_path):
    assert bool(beside_three_public(tmp_path, stated, [total, 0, 0, total, 0, None])) == differs
