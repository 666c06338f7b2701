"""What analysts load: every reader of CSV agrees, the views, the ready queries and the example notebook answer."""

import csv
import os
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import nbformat
import pandas as pd
import polars
import pytest
from nbclient import NotebookClient

from expectations.queries import queries
from expectations.schema import dictionary_markdown, tables
from flows.published.publish import publish
from tests.releases import verdict_of
from transforms.sample import write_county

YEAR = 2020
NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook" / "county_budget.ipynb"
CODES = ["department_code", "unit_code", "function_code"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    output = tmp_path_factory.mktemp("output")
    for year in (YEAR - 1, YEAR):
        write_county(folder, year, departments=4, seed=year, defects=1)
        publish(verdict_of(folder, year, output).release, output)
    return output / str(YEAR)


def test_duckdb_pandas_polars_and_a_spreadsheet_read_the_same_csv(published: Path):
    path = published / "csv" / "expenditure.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        as_a_spreadsheet = list(csv.DictReader(file))
    total = sum(Decimal(row["amount_yuan"]) for row in as_a_spreadsheet if row["amount_yuan"])
    by_pandas = pd.read_csv(path, dtype=dict.fromkeys([*CODES, "amount_yuan"], str))
    by_polars = polars.read_csv(path, schema_overrides=dict.fromkeys(CODES, polars.String))
    by_duckdb = duckdb.sql(f"SELECT * FROM read_csv('{path}', all_varchar = true)").df()
    assert (
        list(by_pandas.columns) == by_polars.columns == list(by_duckdb.columns) == list(as_a_spreadsheet[0])
    )
    assert len(by_pandas) == len(by_polars) == len(by_duckdb) == len(as_a_spreadsheet) > 0
    assert sum(map(Decimal, by_pandas["amount_yuan"].dropna()), Decimal(0)) == total
    assert sum(map(Decimal, by_duckdb["amount_yuan"].dropna()), Decimal(0)) == total
    assert by_polars["amount_yuan"].sum() == pytest.approx(float(total), abs=0.005)
    codes = {row["function_code"] for row in as_a_spreadsheet}
    assert (
        codes == set(by_polars["function_code"].fill_null("")) == set(by_duckdb["function_code"].fillna(""))
    )


def test_the_release_is_a_valid_data_package_with_licence_sources_and_keys(published: Path):
    from frictionless import Package

    package = Package(str(published / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["name", "fieldName", "message"])[:5]
    described = package.to_descriptor()
    assert described["licenses"][0]["name"] == "MIT"
    assert described["sources"][0]["path"].endswith(".xlsx")
    income = next(each for each in described["resources"] if each["name"] == "income")
    assert income["schema"]["primaryKey"][0] == "fiscal_year"
    assert {each["reference"]["resource"] for each in income["schema"]["foreignKeys"]} == {
        *("codes-functional", "coverage")
    }
    assert all(field["title"] for field in income["schema"]["fields"])


def test_a_row_that_another_table_names_cannot_be_missing(published: Path, tmp_path: Path):
    from frictionless import Package

    shutil.copytree(published, tmp_path / "release")
    for name in ("coverage.csv", "rules.csv", "csv/projects.csv"):
        head = (published / name).read_bytes().splitlines(keepends=True)[0]
        (tmp_path / "release" / name).write_bytes(head)
    report = Package(str(tmp_path / "release" / "datapackage.json")).validate()
    told = {task.name: " ".join(error.note for error in task.errors) for task in report.tasks}
    assert all('not found in the lookup table "coverage"' in told[name] for name in ("income", "expenditure"))
    assert 'not found in the lookup table "rules"' in told["outcomes"]
    for name in ("project-payments", "project-indicators"):
        assert 'not found in the lookup table "projects"' in told[name]


def test_every_table_has_a_view_in_chinese_and_in_wan_yuan(published: Path):
    with duckdb.connect(str(published / "county_budget.duckdb"), read_only=True) as database:
        views = {
            name
            for (name,) in database.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        }
        assert {table.title for name, table in tables().items() if name not in ("cells", "facts")} <= views
        shown = database.sql('SELECT "收入来源", "合并数（万元）" FROM "全县部门收入汇总表"').fetchall()
        stored = database.sql("SELECT net_yuan FROM county_income").fetchall()
    assert "一般公共预算拨款" in {source for source, _ in shown}
    assert sum(net for _, net in shown) * 10_000 == sum(net for (net,) in stored)


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_every_ready_query_answers_on_a_release(published: Path, query):
    text = (published / "queries" / f"{query.name}.sql").read_text("utf-8")
    assert text.startswith(f"-- {query.title}：")
    with duckdb.connect(str(published / "county_budget.duckdb"), read_only=True) as database:
        assert database.sql(text).fetchall()


def test_the_dictionary_is_part_of_the_release(published: Path):
    assert (published / "dictionary.md").read_text("utf-8") == dictionary_markdown()


def test_the_example_notebook_runs_on_a_release(published: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(os.environ, "COUNTY_RELEASE", str(published))
    book = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    shown = [str(output.get("data", "")) for cell in book.cells for output in cell.get("outputs", ())]
    assert any("一般公共预算拨款" in text for text in shown)
    assert any("last_yuan" in text for text in shown)


def test_the_example_notebook_is_kept_without_results():
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    assert [cell for cell in book.cells if cell.get("outputs") or cell.get("execution_count")] == []
