"""Tables of documents whose title, unit and body stand in the paragraphs above them."""

import pytest

from tests.sheets import sheet
from tests.variants.judge import records
from transforms.narrative.parts import Document, Part, Passage, Table
from transforms.narrative.read import reading_of
from transforms.read import FileReading

EXPENDITURE = """
    科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
    205 | 教育支出 | 12 | 9 | 3
    合计 | | 12 | 9 | 3
"""
FUND = """
    科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
    229 | 其他支出 | 2 | | 2
    合计 | | 2 | | 2
"""


def read(*parts: str) -> FileReading:
    """The reading of a document of paragraphs and drawn tables."""
    found: list[Part] = []
    for number, text in enumerate(parts, start=1):
        if "|" not in text:
            found.append(Passage(text, ((0, f"第{number}段"),)))
            continue
        drawn = sheet(text, f"表{number}")
        places = {
            (r, c): f"第{r + 1}行第{c + 1}格" for r, row in enumerate(drawn.rows) for c in range(len(row))
        }
        found.append(Table(drawn, places))
    return reading_of(Document("某局2024年部门预算公开说明.docx", tuple(found)), "说明.docx")


def totals(reading: FileReading) -> list[tuple[str, str, int | None]]:
    """(form, place, amount) of the total of each table."""
    return [
        (fact["form"], fact["cell"], fact["amount"])
        for fact in records(reading.facts)
        if (fact["row_key"], fact["column_key"]) == ("total", "total") and fact["form"] != "document"
    ]


def test_a_table_is_called_as_the_paragraphs_above_it_say() -> None:
    reading = read(
        "某局2024年部门预算公开表", "公开03表", "部门支出总表", "部门：某局　　单位：万元", EXPENDITURE
    )
    assert totals(reading) == [("expenditure", "第3行第3格", 12_000_000)]
    assert [block["declared_name"] for block in reading.blocks if block["form"] == "expenditure"] == ["某局"]


def test_each_table_has_its_own_title_and_unit() -> None:
    reading = read("三、支出总表", "单位：万元", EXPENDITURE, "八、政府性基金预算支出表", "单位：元", FUND)
    assert totals(reading) == [
        ("expenditure", "第3行第3格", 12_000_000),
        ("government_fund", "第3行第3格", 200),
    ]


def test_a_table_below_the_title_of_one_that_is_not_used_is_not_used() -> None:
    reading = read("项目支出表", "单位：万元", EXPENDITURE)
    assert totals(reading) == []
    assert "unused" in [p["detail"] for p in records(reading.problems) if p["rule_id"] == "SUB-05"]


@pytest.mark.parametrize("told", ["支出情况见部门支出总表。", "以下为支出的具体数字"])
def test_a_sentence_above_a_table_is_no_title(told: str) -> None:
    reading = read(told, EXPENDITURE)
    assert totals(reading) == []
    assert {p["rule_id"] for p in records(reading.problems)} >= {"SUB-05", "SUB-16"}
