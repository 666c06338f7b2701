"""What a disclosure document yields in the standard tables, alone and beside forms."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.check import check_files
from flows.returned.sentences import said_at
from flows.running.reading import read_batch
from tests.documents import as_word
from tests.sheets import sheet
from tests.test_document import SEED, needs_shared
from tests.test_formats import SOFFICE, converted
from transforms.document import text_document
from transforms.evidence import assemble
from transforms.narrative.read import read_document
from transforms.read import read_sheets
from transforms.standardise import standardise
from transforms.submissions import discover

DOCUMENT = """某县水务局
2020年部门预算公开说明
一、部门职责、机构设置等基本情况
部门职责：
管理全县水务。
负责防汛抗旱。
机构设置：
内设办公室、工程科。
二、部门预算安排总体情况
2020年收入预算共计300万元，全部为财政拨款收入。
2020年支出预算共计300万元，其中人员经费支出预算80万元，日常公用经费支出预算20万元，项目支出200万元。
三、机关运行经费安排情况
机关运行经费共计安排20万元。
四、财政拨款“三公”经费预算情况
2020年“三公”经费预算安排5万元，其中因公出国(境)费0万元；公务用车购置及运行费3万元；公务接待费2万元。
五、绩效预算信息情况
（一）总体绩效目标
保障供水。
（二）分项绩效目标
1、防汛抗旱
职责描述：组织防汛。
年度绩效目标：安全度汛。
工作活动绩效指标：预案完成率95%以上。
六、政府采购预算情况
2020年政府采购预算30万元，其中货物预算10万元，工程预算20万元。
七、国有资产信息情况
上年末固定资产金额为60万元，其中：房屋200平方米，账面价值50万元；车辆2辆，账面价值10万元。
八、名词解释
1、基本支出：指日常支出。
2、项目支出：指专项支出。
九、其他需说明的事项
2020年编报绩效目标的项目共3个，涉及项目预算资金150万元。
"""


def tables_of(folder: Path, content: str | bytes, name: str) -> dict[str, pd.DataFrame]:
    """The standard tables of a county of which one body has sent this file alone."""
    body = folder / "2020" / "731_某县水务局"
    body.mkdir(parents=True)
    (body / name).write_bytes(content.encode() if isinstance(content, str) else content)
    inputs = discover(folder / "2020", 2020)
    readings = read_batch(list(inputs.files))
    return standardise(assemble([readings[file.name] for file in inputs.files], inputs))


def shown(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a table; what is unknown as None."""
    chosen = table[list(columns)].astype(object)
    return [tuple(row) for row in chosen.where(chosen.notna(), None).itertuples(index=False)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return tables_of(tmp_path_factory.mktemp("alone"), DOCUMENT, "说明.txt")


def test_a_body_that_sends_only_its_document_is_in_the_tables(alone: dict[str, pd.DataFrame]) -> None:
    assert shown(alone["income"], "department_name", "income_source", "amount_yuan", "derivation") == [
        ("某县水务局", "general_public_budget", 300_000_000, "derived")
    ]
    assert shown(alone["expenditure_by_type"], "spending_type", "amount_yuan", "source_cell") == [
        ("basic_operating", 20_000_000, "第11行"),
        ("basic_personnel", 80_000_000, "第11行"),
        ("project", 200_000_000, "第11行"),
    ]
    assert shown(alone["three_public"], "item", "amount_yuan") == [
        ("official_reception", 2_000_000),
        ("overseas_travel", 0),
        ("vehicles", 3_000_000),
    ]
    assert shown(alone["operating_costs"], "economic_code", "amount_yuan") == [("", 20_000_000)]
    assert shown(alone["procurement"], "category", "amount_yuan") == [
        ("goods", 10_000_000),
        ("works", 20_000_000),
    ]
    assert shown(alone["assets"], "asset_class", "quantity", "quantity_unit", "book_value_yuan") == [
        ("buildings", 200.0, "平方米", 50_000_000),
        ("vehicles", 2.0, "辆", 10_000_000),
    ]


def test_texts_of_a_document_are_in_tables_of_their_own(alone: dict[str, pd.DataFrame]) -> None:
    assert shown(
        alone["performance_goals"], "position", "function_title", "duty", "annual_goal", "indicator"
    ) == [(1, "防汛抗旱", "组织防汛。", "安全度汛。", "预案完成率95%以上。")]
    assert shown(alone["glossary"], "position", "term", "definition") == [
        (1, "基本支出", "指日常支出。"),
        (2, "项目支出", "指专项支出。"),
    ]
    assert shown(alone["departments"], "duties", "offices", "overall_goal") == [
        ("管理全县水务。\n负责防汛抗旱。", "内设办公室、工程科。", "保障供水。")
    ]
    assert shown(alone["project_targets"], "project_count", "amount_yuan") == [(3, 150_000_000)]


def test_parts_that_do_not_make_up_their_whole_leave_the_whole(tmp_path: Path) -> None:
    short = DOCUMENT.replace("人员经费支出预算80万元，日常公用经费支出预算20万元，", "")
    tables = tables_of(tmp_path, short, "说明.txt")
    assert shown(tables["expenditure_by_type"], "spending_type", "amount_yuan") == [("unsplit", 300_000_000)]


BALANCE = """部门预算收支总表
部门：魏县水务局,,,单位：万元
收入,,支出,
项目,预算数,项目,预算数
一、一般公共预算拨款收入,301.00,一、农林水支出,301.00
收入总计,301.00,支出总计,301.00
"""


def test_a_document_beside_a_workbook_is_its_bodys_witness_and_adds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "2020" / "水务"
    folder.mkdir(parents=True)
    (folder / "收支总表.csv").write_text(BALANCE, encoding="utf-8")
    (folder / "说明.txt").write_text(DOCUMENT.replace("某县水务局", "县水务局"), encoding="utf-8")
    inputs = discover(tmp_path / "2020", 2020)
    readings = read_batch(list(inputs.files))
    evidence = assemble([readings[file.name] for file in inputs.files], inputs)
    tables = standardise(evidence)
    assert evidence.bodies["department_name"].tolist() == ["魏县水务局"]
    assert shown(tables["income"], "amount_yuan") == [(301_000_000,)]
    assert shown(tables["operating_costs"], "amount_yuan") == [(20_000_000,)]


@needs_shared
@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_the_seed_document_gives_its_projects_goals_and_terms(tmp_path: Path, kind: str) -> None:
    text = SEED.read_text("utf-8")
    content = text if kind == "txt" else as_word(text_document(text, SEED.name))
    tables = tables_of(tmp_path, content, f"说明.{kind}")
    indicators = tables["project_indicators"].groupby("project_code").size()
    assert {
        (code, budget, fiscal, indicators[code])
        for code, budget, fiscal in shown(tables["projects"], "project_code", "budget_yuan", "fiscal_yuan")
    } == {
        ("723-0403-YBN-3KTO", 18_600_000, 18_600_000, 9),
        ("723-1101-YBN-N5DE", 121_000_000, 121_000_000, 9),
        ("723-0503-JXN-ZEHP", 130_000_000, 130_000_000, 8),
        ("723-0503-YXN-VZOW", 233_000_000, 233_000_000, 8),
        ("723-0503-JXN-T1YU", 37_000_000, 37_000_000, 8),
    }
    assert set(shown(tables["project_payments"], "project_code", "month", "percent")) == {
        ("723-0403-YBN-3KTO", 10, 100.0),
        ("723-1101-YBN-N5DE", 6, 50.0),
        ("723-1101-YBN-N5DE", 10, 50.0),
        ("723-0503-JXN-ZEHP", 10, 100.0),
        ("723-0503-YXN-VZOW", 12, 100.0),
        ("723-0503-JXN-T1YU", 10, 100.0),
    }
    assert (len(tables["performance_goals"]), len(tables["glossary"])) == (10, 8)
    assert tables["departments"]["offices"].str.contains("秘书科、值班室").all()


def content_of(table: pd.DataFrame) -> list[tuple[object, ...]]:
    """A table without where its figures stand, which differs between kinds of file."""
    places = {"source_file", "source_sheet", "source_cell", "body_id", "block_id", "fact_id"}
    return shown(table, *(name for name in table.columns if name not in places))


@needs_shared
@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on this machine")
def test_the_same_content_as_text_and_as_word_of_both_kinds_gives_the_same_tables(tmp_path: Path) -> None:
    text = SEED.read_text("utf-8")
    word = tmp_path / "说明.docx"
    word.write_bytes(as_word(text_document(text, SEED.name)))
    files = {"txt": text, "docx": word.read_bytes(), "doc": converted(word, "doc").read_bytes()}
    tables = {kind: tables_of(tmp_path / kind, content, f"说明.{kind}") for kind, content in files.items()}
    for name, table in tables["txt"].items():
        assert content_of(table) == content_of(tables["docx"][name]) == content_of(tables["doc"][name])


def test_chapters_on_sheets_of_a_workbook_are_read_as_a_document_is() -> None:
    prose = sheet(
        """
        其他相关情况说明
        一、2020年“三公”经费预算情况说明
        2020年“三公”经费预算数为1.00万元，与2019年预算持平，主要原因是严格控制各项接待支出，按照上年规模安排。
        二、机关运行经费预算
        2020年某区水务局财政拨款的机关运行经费预算为171.01万元。
        """,
        "其他说明",
    )
    reading = read_sheets([prose], "预算.xlsx")
    facts = zip(*(reading.facts[name] for name in ("panel", "amount", "sheet", "cell")), strict=True)
    assert [fact for fact in facts if fact[1]] == [
        ("three_public", 1_000_000, "其他说明", "A3"),
        ("operating_costs", 171_010_000, "其他说明", "A5"),
    ]
    settled = sorted(zip(reading.cells["cell"], reading.cells["disposition"], strict=True))
    assert settled == [("A1", "header"), ("A2", "header"), ("A3", "fact"), ("A4", "header"), ("A5", "fact")]
    assert reading.problems["rule_id"] == []


def test_every_line_of_a_document_has_a_disposition(tmp_path: Path) -> None:
    (tmp_path / "说明.txt").write_text(DOCUMENT, encoding="utf-8")
    cells = read_document(tmp_path / "说明.txt", "说明.txt").cells
    by_place = dict(zip(cells["cell"], cells["disposition"], strict=True))
    assert len(by_place) == len(cells["cell"]) == len(DOCUMENT.splitlines())
    assert [by_place[f"第{n}行"] for n in (1, 3, 5, 11, 23, 28)] == [
        "note",
        "header",
        "label",
        "fact",
        "label",
        "header",
    ]


def test_a_document_that_speaks_of_no_budget_is_told_of_and_no_error(tmp_path: Path) -> None:
    body = tmp_path / "731_水务局"
    body.mkdir()
    (body / "通知.docx").write_bytes(as_word(text_document("关于召开会议的通知\n请各科室参加。", "a")))
    (body / "收支总表.csv").write_text(BALANCE, encoding="utf-8")
    report = check_files([body / "通知.docx", body / "收支总表.csv"], 2020)
    findings = report.checks.findings
    assert (
        "731_水务局/通知.docx 不像部门预算公开说明（开头是“关于召开会议的通知”），未取用。请核对是否报错了文件。"
        in set(findings["message"])
    )
    assert not report.has_errors


def test_the_sentence_at_a_place_is_shown_whole_though_the_page_breaks_it(tmp_path: Path) -> None:
    lines = ["一、收支情况", "支出预算共计12", "34.50万元，其中基", "本支出500万元。", "其他。"]
    cells = {
        "file": ["a/说明.txt"] * 5,
        "sheet": ["正文"] * 5,
        "cell": [f"第{n}行" for n in range(1, 6)],
        "raw": lines,
        "form": ["document"] * 5,
    }
    pq.write_table(pa.table(cells), tmp_path / "cells.parquet")
    here, table = ("a/说明.txt", "正文", "第3行"), ("a/说明.txt", "表1", "第3行")
    assert said_at(tmp_path, [here, table]) == {here: "“支出预算共计1234.50万元，其中基本支出500万元。”"}
