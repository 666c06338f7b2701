"""The definitions of published tables, and what is derived from them."""

import json
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import duckdb
import frictionless
import pandas as pd
import pyarrow as pa
import pytest
import yaml

from expectations import codes, schema
from expectations.arrow import arrow_table
from expectations.definitions import FOLDER
from expectations.errors import DefinitionError

ROOT = Path(__file__).resolve().parent.parent


def income_row(**changes):
    row = {
        "fiscal_year": 2020,
        "scope": "department",
        "department_code": "101",
        "department_name": "教育局",
        "unit_code": "",
        "unit_name": "",
        "income_source": "business",
        "function_code": "2050202",
        "function_name": "小学教育",
        "amount_yuan": 12345,
        "source_file": "101_教育局/收入.xlsx",
        "source_sheet": "收入总表",
        "source_cell": "C5 C6",
        "derivation": "printed",
    }
    return {**row, **changes}


def copy_definitions(folder):
    for path in FOLDER.glob("*.yml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def edit(path, **changes):
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**said, **changes}, allow_unicode=True), encoding="utf-8")


def test_standard_tables_begin_with_the_body_and_end_with_the_provenance():
    for table in schema.tables_of("standard"):
        assert table.column_names[:2] == ("fiscal_year", "scope")
        assert table.column_names[-4:] == ("source_file", "source_sheet", "source_cell", "derivation")


def test_the_income_table_has_the_columns_other_programs_rely_on():
    assert schema.tables()["income"].column_names == (
        "fiscal_year",
        "scope",
        "department_code",
        "department_name",
        "unit_code",
        "unit_name",
        "income_source",
        "function_code",
        "function_name",
        "amount_yuan",
        "source_file",
        "source_sheet",
        "source_cell",
        "derivation",
    )


def test_findings_and_outcomes_have_the_columns_other_programs_rely_on():
    findings = (
        "finding_id rule_id severity gate state root_finding_id scope department_code unit_code "
        "file sheet cell found expected difference message"
    )
    outcomes = "rule_id scope department_code unit_code outcome evaluated failed reason"
    assert " ".join(schema.tables()["findings"].column_names) == findings
    assert " ".join(schema.tables()["outcomes"].column_names) == outcomes


def test_county_products_say_what_was_eliminated():
    for table in schema.tables_of("county"):
        if table.adds and table.name != "eliminations":
            assert {"gross_yuan", "elimination_yuan", "net_yuan"} <= set(table.column_names)


def test_every_column_is_explained():
    columns = [(table.name, column) for table in schema.tables().values() for column in table.columns]
    assert [
        (name, column.name) for name, column in columns if not column.title or not column.description
    ] == []


def test_names_ending_in_yuan_are_amounts_and_say_so():
    for table in schema.tables().values():
        for column in table.columns:
            if column.name.endswith("_yuan"):
                assert (column.type, column.unit) == ("yuan", "元")


def test_a_key_that_is_no_column_is_refused(tmp_path):
    edit(copy_definitions(tmp_path) / "income.yml", key=["income_sauce"])
    with pytest.raises(DefinitionError, match=r"(?s)income\.yml.*income_sauce"):
        schema.load_definitions(tmp_path)


def test_an_unknown_word_in_a_definition_is_refused(tmp_path):
    edit(copy_definitions(tmp_path) / "income.yml", colour="red")
    with pytest.raises(DefinitionError, match=r"(?s)income\.yml.*colour"):
        schema.load_definitions(tmp_path)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ({"columns": ["scope"], "table": "bodies"}, "project_targets refers to unknown table bodies"),
        ({"columns": ["month"], "table": "rules"}, "by columns that project_targets lacks: month"),
        ({"columns": ["unit_code"], "table": "rules"}, "by columns that rules lacks: unit_code"),
    ],
)
def test_a_reference_to_what_is_not_there_is_refused(tmp_path, reference, sentence):
    edit(copy_definitions(tmp_path) / "project_targets.yml", references=[reference])
    with pytest.raises(DefinitionError, match=sentence):
        schema.load_definitions(tmp_path)


def test_a_column_with_unknown_codes_is_refused(tmp_path):
    path = copy_definitions(tmp_path) / "project_targets.yml"
    edit(path, columns=[{"name": "kind", "type": "string", "title": "性质", "codes": "kinds"}])
    with pytest.raises(DefinitionError, match=r"project_targets names unknown codes: kinds"):
        schema.load_definitions(tmp_path)


def test_a_table_that_repeats_a_shared_column_is_refused(tmp_path):
    edit(copy_definitions(tmp_path) / "project_targets.yml", columns=["scope"])
    with pytest.raises(DefinitionError, match=r"a column twice: scope"):
        schema.load_definitions(tmp_path)


def test_conform_orders_columns_sorts_rows_and_drops_what_is_internal():
    table = schema.tables()["income"]
    rows = [income_row(department_code="102", body_id="b"), income_row(function_name=None, body_id="a")]
    shaped = schema.conform(table, pd.DataFrame(rows)[["body_id", *reversed(table.column_names)]])
    assert tuple(shaped.columns) == table.column_names
    assert shaped["department_code"].tolist() == ["101", "102"]
    assert shaped["function_name"].tolist() == ["", "小学教育"]
    assert str(shaped["amount_yuan"].dtype) == "Int64"


@pytest.mark.parametrize(
    "years", [[2020, 2020, 2019, 2021], [None, 2020, 2020, 2021], [2020, None, 2021, 2020]]
)
def test_rows_are_in_one_order_whether_they_came_in_it_or_not(years: list[int | None]):
    table = schema.tables()["income"]
    names = ["甲", "乙", "", "Z"]
    rows = [income_row(fiscal_year=year, unit_code=name) for year, name in zip(years, names, strict=True)]
    orders = [pd.DataFrame([rows[place] for place in order]) for order in permutations(range(4))]
    shaped = [schema.conform(table, frame) for frame in orders]
    first = shaped[0][["fiscal_year", "unit_code"]].values.tolist()
    assert first == sorted(first, key=lambda row: (row[0] if row[0] is not pd.NA else 0, row[1]))
    assert all(each.equals(shaped[0]) for each in shaped)


def test_conform_does_not_round_a_fraction_of_a_fen():
    frame = pd.DataFrame([income_row(amount_yuan=0.5)])
    with pytest.raises(DefinitionError, match="income, column amount_yuan"):
        schema.conform(schema.tables()["income"], frame)


def test_conform_names_a_column_that_is_missing():
    frame = pd.DataFrame([income_row()]).drop(columns="derivation")
    with pytest.raises(DefinitionError, match="income lacks derivation"):
        schema.conform(schema.tables()["income"], frame)


def test_amounts_are_published_in_yuan_to_the_last_fen():
    amounts = [1, -5, 12345, 9_007_199_254_740_993, None]
    rows = [income_row(department_code=str(number), amount_yuan=None) for number in range(len(amounts))]
    frame = pd.DataFrame(rows).assign(amount_yuan=pd.array(amounts, dtype="Int64"))
    published = arrow_table(schema.tables()["income"], frame)
    expected = [
        Decimal("0.01"),
        Decimal("-0.05"),
        Decimal("123.45"),
        Decimal("90071992547409.93"),
        None,
    ]
    assert published["amount_yuan"].to_pylist() == expected
    assert published.schema.field("amount_yuan").type == pa.decimal128(18, 2)


def test_quantities_dates_and_blanks_are_published_as_what_they_are():
    frame = schema.empty_frame(schema.tables()["assets"])
    row = income_row(asset_class="vehicles", quantity=8.5, as_of="2019-12-31", quantity_unit="")
    frame = pd.DataFrame([{name: row.get(name) for name in frame.columns}])
    published = arrow_table(schema.tables()["assets"], frame).to_pylist()[0]
    assert published["quantity"] == Decimal("8.50")
    assert published["as_of"].isoformat() == "2019-12-31"
    assert published["quantity_unit"] is None
    assert published["unit_code"] is None


def test_an_empty_frame_is_published_with_its_columns():
    for table in schema.tables().values():
        published = arrow_table(table, schema.empty_frame(table))
        assert tuple(published.column_names) == table.column_names
        assert published.num_rows == 0


def test_duckdb_takes_every_table_with_its_comments():
    database = duckdb.connect()
    for table in schema.tables().values():
        database.execute(schema.duckdb_ddl(table))
    comments = (
        "select comment from duckdb_columns() where table_name = 'income' and column_name = 'amount_yuan'"
    )
    assert database.execute(comments).fetchall() == [("金额（元）：预算数",)]
    assert len(database.execute("select * from duckdb_tables()").fetchall()) == len(schema.tables())


def write_release(folder, rows, year=2020):
    """An income table and its code list in a folder, as they are published, with their descriptor."""
    published = arrow_table(schema.tables()["income"], pd.DataFrame(rows)).to_pandas()
    listed = codes.listing("functional", year, published["function_code"].dropna())
    for name, frame in {"csv/income": published, "codes/functional": listed}.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir()
        text = frame.to_csv(index=False, lineterminator="\r\n")
        path.write_bytes(text.encode("utf-8-sig"))
    package = schema.datapackage(["income"], year=year, code_lists=["functional"])
    descriptor = folder / "datapackage.json"
    descriptor.write_text(json.dumps(package, ensure_ascii=False), encoding="utf-8")
    return descriptor


def test_frictionless_accepts_a_release_even_with_unlisted_codes(tmp_path):
    rows = [
        income_row(),
        income_row(function_code="", income_source="other"),
        income_row(function_code="2059876"),
    ]
    report = frictionless.validate(str(write_release(tmp_path, rows)))
    assert report.flatten(["title", "message"]) == []


def test_frictionless_refuses_an_unknown_income_source(tmp_path):
    report = frictionless.validate(str(write_release(tmp_path, [income_row(income_source="lottery")])))
    assert [error[0] for error in report.flatten(["fieldName"])] == ["income_source"]


@pytest.mark.parametrize("name", sorted(schema.DERIVED))
def test_derived_files_say_what_the_definitions_say(name):
    stale = [path.relative_to(ROOT).as_posix() for path in schema.stale_files(ROOT)]
    assert name not in stale, f"{name} is stale: make derive"


def test_write_derived_names_only_what_it_changed(tmp_path):
    first = schema.write_derived(tmp_path)
    first[0].write_text("edited by hand", encoding="utf-8")
    assert len(first) == len(schema.DERIVED)
    assert schema.write_derived(tmp_path) == [first[0]]
