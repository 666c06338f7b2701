"""What holds for every county: it is the sum of its bodies, in any order, however departments are cut into units."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.schema import allowed_values, conform, tables, tables_of
from flows import stages
from flows.amendments import apply_corrections
from flows.running.reading import read_all
from tests.drawn import body, evidence
from transforms.consolidate import consolidate
from transforms.evidence import assemble
from transforms.sample import write_county
from transforms.standardise import standardise

BODIES = ["department:723", "unit:920:920001", "unit:920:920002", "department:101"]
BODY = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]
CODES = {"functional": ["2010101", "20502", "208"], "dept_economic": ["30101", "302", "31002"]}
SUMMED = [table for table in tables_of("county") if table.adds and table.name != "eliminations"]
SOURCES = sorted({name for table in SUMMED for name in table.made_of} - {"project_payments"})
EMPTY = standardise(evidence(bodies=[body("department:1")]))


@st.composite
def rows_of(draw: st.DrawFn, name: str) -> list[dict[str, object]]:
    """Rows of a standard table of some bodies: every column that has values or codes takes some of them."""
    rows = []
    for number in range(draw(st.integers(0, 5))):
        row: dict[str, object] = {"body": draw(st.sampled_from(BODIES)), "position": number, "month": 6}
        for column in tables()[name].columns:
            values = list(allowed_values(column)) or CODES.get(column.codes, [])
            if column.name not in BODY and values:
                row[column.name] = draw(st.sampled_from(values))
            elif column.type == "yuan":
                row[column.name] = draw(st.one_of(st.none(), st.integers(0, 10**9)))
        rows.append(row)
    return rows


COUNTIES = st.fixed_dictionaries({name: rows_of(name) for name in SOURCES})


def standard_tables(county: dict[str, list[dict[str, object]]], place=lambda number, name: name):
    """The standard tables of these rows; `place` says at which body each row is counted."""
    found = dict(EMPTY)
    for name, rows in county.items():
        placed = [row | _body_columns(place(number, row["body"])) for number, row in enumerate(rows)]
        columns = list(EMPTY[name].columns)
        frame = pd.DataFrame(placed, columns=columns).drop(columns="body_id")
        found[name] = conform(tables()[name], frame).assign(body_id="")
    return found


def _body_columns(name: object) -> dict[str, object]:
    return {column: body(str(name))[column] for column in BODY}


def totals(found: dict[str, pd.DataFrame]) -> dict[str, int]:
    """The net of every county table, a classification's at each of its levels."""
    return {
        f"{table.name} {level}": int(rows["net_yuan"].sum())
        for table in SUMMED
        for level, rows in _levels(table.level_column, found[table.name])
    }


def _levels(column: str, rows: pd.DataFrame):
    return [("", rows)] if not column else list(rows.groupby(column))


@settings(deadline=None, max_examples=15)
@given(county=COUNTIES)
def test_every_county_table_is_the_sum_of_the_bodies_at_each_of_its_levels(county):
    standard = standard_tables(county)
    found = consolidate(standard)
    for table in SUMMED:
        if table.name == "county_balance":
            continue
        expected = int(standard[table.made_of[0]][table.adds].sum())
        for level, rows in _levels(table.level_column, found[table.name]):
            assert int(rows["gross_yuan"].sum()) == expected, (table.name, level)
    sides = found["county_balance"].groupby("side")["gross_yuan"].sum()
    for side in ("income", "expenditure"):
        assert int(sides.get(side, 0)) == int(standard[side]["amount_yuan"].sum())


@settings(deadline=None, max_examples=10)
@given(county=COUNTIES, order=st.randoms())
def test_the_order_of_rows_does_not_matter_for_any_table(county, order):
    shuffled = {name: order.sample(rows, len(rows)) for name, rows in county.items()}
    one, other = consolidate(standard_tables(county)), consolidate(standard_tables(shuffled))
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


@settings(deadline=None, max_examples=10)
@given(county=COUNTIES)
def test_cutting_departments_into_units_changes_no_net_total(county):
    def as_units(number: int, name: str) -> str:
        department = name.split(":")[1]
        return f"unit:{department}:{department}{number % 3 + 1:03d}"

    whole, cut = (
        totals(consolidate(standard_tables(county, place))) for place in (lambda _n, b: b, as_units)
    )
    assert cut == whole


@settings(deadline=None, max_examples=10)
@given(county=COUNTIES)
def test_a_department_counted_as_its_one_unit_changes_no_county_figure(county):
    def as_its_unit(_number: int, name: str) -> str:
        return f"unit:{name.split(':')[1]}:{name.split(':')[1]}001" if name.startswith("department") else name

    one, other = consolidate(standard_tables(county)), consolidate(standard_tables(county, as_its_unit))
    for table in SUMMED:
        kept = [name for name in one[table.name].columns if name != "fiscal_year"]
        pd.testing.assert_frame_equal(one[table.name][kept], other[table.name][kept])


@settings(deadline=None, max_examples=10)
@given(county=COUNTIES)
def test_eliminations_take_the_same_from_income_and_from_expenditure(county):
    found = consolidate(standard_tables(county))
    eliminated = int(found["eliminations"]["elimination_yuan"].sum())
    for name in ("county_income", "county_expenditure_by_type", "county_expenditure_by_department"):
        assert int(found[name]["elimination_yuan"].sum()) == eliminated
    assert int(found["county_expenditure_by_fund"]["elimination_yuan"].sum()) == eliminated


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, 2020, departments=3, seed=8)
    return folder


def test_the_order_of_files_does_not_matter(small: Path):
    inputs = stages.take_inputs(small, 2020)
    files = list(inputs.files)
    Random(4).shuffle(files)
    assert files != list(inputs.files)
    found = []
    for order in (inputs, replace(inputs, files=tuple(files))):
        readings = read_all(order.files, 1, None, lambda _count: None)
        amended = apply_corrections(assemble(readings, order), stages.take_amendments(small, 2020))
        found.append(consolidate(standardise(amended.evidence)))
    one, other = found
    assert not one["county_income"].empty
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])
