"""From every county figure back to the bodies, the cells, their texts and the files."""

import json
import random
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pytest

from expectations.errors import InputError
from expectations.schema import tables, tables_of
from flows.published.publish import publish
from flows.trace import made_of, trace
from tests.releases import release_of
from transforms.sample import write_county

YEAR = 2020
COUNTY = [table.name for table in tables_of("county")]
ADDED_UP = [table.name for table in tables_of("county") if table.adds and table.name != "eliminations"]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=6, seed=11, defects=1)
    oddly_named(min(folder.rglob("*.xlsx")))
    return publish(release_of(folder, YEAR), tmp_path_factory.mktemp("output")).parent


def oddly_named(workbook: Path) -> None:
    """Give a workbook and its sheets names with what stands between names."""
    book = openpyxl.load_workbook(workbook)
    for sheet in book.worksheets:
        sheet.title = f"甲; {sheet.title}"
    book.save(workbook.with_name("预算; 终稿.xlsx"))
    workbook.unlink()


def test_a_name_with_what_stands_between_names_is_one_name(output: Path):
    row = next(row for row in rows_of(output, "income") if "终稿" in str(row["source_file"]))
    key = [f"{column}={'' if row[column] is None else row[column]}" for column in tables()["income"].key]
    [line] = [line for line in trace(output, YEAR, "income", key) if ".xlsx / " in line]
    assert "/预算; 终稿.xlsx / 甲; " in line
    assert "“" in line


def rows_of(output: Path, table: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pyarrow.parquet.read_table(
        output / str(YEAR) / "parquet" / f"{table}.parquet"
    ).to_pylist()
    return rows


def said(name: str) -> str:
    """How a line on a row of a table begins."""
    return f"{tables()[name].title}（{name}）："


@pytest.mark.parametrize("name", COUNTY)
def test_a_row_drawn_from_each_county_table_leads_to_cells_with_text_and_hashed_files(
    output: Path, name: str
):
    rows = rows_of(output, name)
    if not rows:
        pytest.skip("no release of the year before")
    row = random.Random(name).choice(rows)
    key = [f"{column}={'' if row[column] is None else row[column]}" for column in tables()[name].key]
    lines = list(trace(output, YEAR, name, key))
    assert len([line for line in lines if line.startswith(said(name))]) == 1
    cells = [line for line in lines if ".xlsx / " in line]
    assert cells
    assert [line for line in cells if "“" not in line] == []
    assert any("  SHA-256 " in line for line in lines)


@pytest.mark.parametrize("name", ADDED_UP)
def test_every_county_figure_is_the_sum_of_the_rows_it_leads_to(output: Path, name: str):
    table = tables()[name]
    for row in rows_of(output, name):
        parts = made_of(output / str(YEAR), table, row)
        found = [
            part.get(table.adds)
            for source, part_rows in parts
            if source.name != "project_payments"
            for part in part_rows
        ]
        if name == "county_project_payments":
            assert sum(filter(None, found)) >= row["gross_yuan"]
        else:
            assert sum(filter(None, found)) == row["gross_yuan"], row


def test_a_figure_leads_to_its_eliminations_bodies_cells_texts_and_files(output: Path):
    received = next(row for row in rows_of(output, "county_income") if row["elimination_yuan"])
    lines = list(trace(output, YEAR, "county_income", [f"income_source={received['income_source']}"]))
    net = f"{received['net_yuan']:,.2f}"
    assert lines[0].startswith("全县部门收入汇总表（county_income）：预算年度 2020，收入来源 ")
    assert f"合并数 {net} 元" in lines[0]
    assert any(line.startswith(f"  抵销 {said('eliminations')}") for line in lines)
    assert any(line.startswith(f"    {said('expenditure_by_type')}") for line in lines)
    assert any(line.startswith(f"  {said('income')}") for line in lines)
    assert any(".xlsx / " in line and "“" in line for line in lines)
    inputs = {
        item["file"]: item["sha256"]
        for item in json.loads((output / str(YEAR) / "run.json").read_text("utf-8"))["inputs"]
    }
    files = [line.split("  SHA-256 ") for line in lines if line.startswith("文件 ")]
    assert files
    assert all(inputs[name.removeprefix("文件 ")] == checksum for name, checksum in files)


def test_a_figure_under_the_governments_code_leads_to_the_departments_codes(output: Path):
    lines = list(trace(output, YEAR, "county_basic_expenditure_government", ["economic_code=501"]))
    rows = [line for line in lines if line.startswith(f"  {said('basic_expenditure')}")]
    assert rows
    assert [line for line in rows if "，经济科目编码 301" not in line] == []


def test_money_due_in_a_month_leads_to_plans_and_budgets(output: Path):
    due = next(row for row in rows_of(output, "county_project_payments") if row["month"])
    given = [f"department_code={due['department_code']}", f"month={due['month']}"]
    lines = list(trace(output, YEAR, "county_project_payments", given))
    assert any(line.startswith(f"  {said('project_payments')}") for line in lines)
    assert any(line.startswith(f"  {said('projects')}") for line in lines)


def test_a_figure_that_does_not_exist_is_named(output: Path):
    with pytest.raises(InputError, match="county_income）中没有符合 income_source=gold 的行"):
        list(trace(output, YEAR, "county_income", ["income_source=gold"]))


def test_amounts_are_read_as_decimals(output: Path):
    assert all(isinstance(row["gross_yuan"], Decimal) for row in rows_of(output, "county_income"))
