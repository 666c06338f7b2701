"""From a published figure back to the cells it came from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from expectations.bureau_files import meant
from expectations.errors import InputError
from expectations.saying import Messages
from expectations.schema import Column, Table, allowed_values, tables
from flows.provenance import run_of
from flows.published.replace import standing_release
from flows.returned.sentences import said_at
from transforms.consolidate import PROVENANCE, RECEIVED_AS
from transforms.government import BODY_CODES, as_government, codes_of_bodies, kinds_by_codes
from transforms.standard.sources import SOURCE, apart
from transforms.year_on_year import BASIC

say = Messages(__file__)

DIGITS_OF_LEVEL = {1: 3, 2: 5, 3: 7}
NAMING = ("department_code", "department_name", "unit_code", "unit_name")
IS = "coalesce(CAST({column} AS VARCHAR), '') = ?"
BEGINS_WITH = "starts_with(coalesce(CAST({column} AS VARCHAR), ''), ?)"
# As the county adds up: a unit of no department stands for itself, and departments are told apart by code.
UNPLACED = "department_code IS NULL AND department_name IS NULL"
OWN = "CASE WHEN {unplaced} THEN unit_{part} ELSE department_{part} END"
READ_OF_CELLS = """
    SELECT asked.file, asked.sheet, asked.cell, facts.raw, facts.unit, facts.row_label
    FROM (SELECT DISTINCT unnest(?) AS file, unnest(?) AS sheet, unnest(?) AS cell) AS asked
    JOIN read_parquet(?) AS facts
      ON facts.file = asked.file AND coalesce(facts.sheet, '') = asked.sheet AND facts.cell = asked.cell
    ORDER BY facts.fact_id
"""
TEXT_OF_CELLS = """
    SELECT cells.file, cells.sheet, cells.cell, cells.raw
    FROM (SELECT DISTINCT unnest(?) AS file, unnest(?) AS sheet, unnest(?) AS cell) AS asked
    JOIN read_parquet(?) AS cells
      ON cells.file = asked.file AND coalesce(cells.sheet, '') = asked.sheet AND cells.cell = asked.cell
"""

Row = Mapping[str, Any]
Conditions = Mapping[str, str]
Address = tuple[str, str, str]


def trace(output: Path, year: int, table_name: str, given: Sequence[str]) -> Iterator[str]:
    """Lines that show each published row that meets the conditions, and under it every source cell.

    given: `KEY=VALUE` for columns of the table; a blank value asks for blanks.
    A county row is followed by its eliminations with both their sides, then by the rows it adds up. The files
    behind it all come last, each with its checksum.
    Raises InputError for an unknown table or column, or where nothing is published.
    """
    folder = standing_release(output, year)
    table = _known_table(table_name)
    rows = _select(folder, table.name, dict(_condition(table, text) for text in given))
    if not rows:
        raise InputError(
            say(
                "nothing_found",
                title=table.title,
                table=table.name,
                conditions=" ".join(given) or "条件",
                file=folder / "csv" / table.name,
            )
        )
    shown: list[Row] = []
    for row in rows:
        parts = [(table, [row])] if table.group == "standard" else made_of(folder, table, row)
        if table.group != "standard":
            yield _described(table, row)
            yield from _eliminations(folder, table, row, parts, shown)
        for source, found in parts:
            shown += found
            yield from _with_cells(folder, source, found, "" if source is table else "  ")
    yield from _files(folder, shown)


def _with_cells(folder: Path, table: Table, rows: Sequence[Row], indent: str) -> Iterator[str]:
    """Rows of a standard table, each followed by a line per cell: its place, text, unit and label."""
    addresses = [address for row in rows for address in cells_of(row)]
    read, said = _read_of_cells(folder, addresses), said_at(folder, addresses)
    for row in rows:
        yield indent + _described(table, row)
        for address in cells_of(row):
            file, sheet, cell = address
            told = [said[address]] if address in said else read.get(address, ())
            yield f"{indent}  {file} / {sheet}!{cell}  {'、'.join(told)}".rstrip()
        if row["derivation"] == "derived":
            yield f"{indent}  {say('derived')}"


def _files(folder: Path, rows: Sequence[Row]) -> Iterator[str]:
    """The files these rows come from, as they were when they were read."""
    described = run_of(folder).get("inputs", ())
    checksums = {item["file"]: item["sha256"] for item in described}
    named = {file for row in rows for file in apart(row["source_file"] or "")}
    yield from (say("file", file=file, checksum=checksums[file]) for file in sorted(named & checksums.keys()))


def _eliminations(
    folder: Path, table: Table, row: Row, parts: Sequence[tuple[Table, list[Row]]], shown: list[Row]
) -> Iterator[str]:
    """What is taken off a county row, each elimination with the rows of both its sides."""
    if table.name == "eliminations" or not row.get("elimination_yuan"):
        return
    departments = {of_department(part) for _, found in parts for part in found}
    kinds = {
        RECEIVED_AS.get(str(row.get(name)), row.get(name)) for name in ("spending_type", "income_source")
    }
    asked = kinds & {*RECEIVED_AS.values()}
    for elimination in _select(folder, "eliminations", {}):
        inside = not departments or of_department(elimination) in departments
        if elimination["elimination_yuan"] and inside and (not asked or elimination["kind"] in asked):
            yield "  " + say("elimination", row=_described(tables()["eliminations"], elimination))
            for source, found in _both_sides(folder, elimination):
                shown += found
                yield from _with_cells(folder, source, found, "    ")


def of_department(row: Row) -> str:
    """The department a row is added up under: a unit of no department is its own."""
    return next(str(row[name]) for name in NAMING if row.get(name)) if any(map(row.get, NAMING)) else ""


def made_of(folder: Path, table: Table, row: Row) -> list[tuple[Table, list[Row]]]:
    """The standard tables with their rows that a county row adds up or sets against each other."""
    if table.name in SPECIAL:
        return list(SPECIAL[table.name](folder, row))
    source = tables()[table.made_of[0]]
    shared = {name: row[name] or "" for name in table.key if name in source.column_names}
    level, code = table.level_column, table.level_column.replace("_level", "_code")
    if level and len(row[code] or "") == DIGITS_OF_LEVEL[row[level]]:
        return [(source, _select(folder, source.name, shared, begins=code))]
    return [(source, _select(folder, source.name, shared))]


def _both_sides(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    """What the department's payers state as spent and its receivers as received; nought is no side."""
    department = {name: row[name] or "" for name in ("department_code", "department_name")}
    for paid_as, received_as in RECEIVED_AS.items():
        if received_as == row["kind"]:
            for name, side in (
                ("expenditure_by_type", {"spending_type": paid_as}),
                ("income", {"income_source": received_as}),
            ):
                found = _select(folder, name, department | side)
                yield tables()[name], [row for row in found if row["amount_yuan"]]


def _balance_parts(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    code = row["item_code"] or ""
    if row["side"] == "income":
        yield tables()["income"], _select(folder, "income", {"income_source": code})
    else:
        spent = _select(folder, "expenditure", {"function_code": code}, begins="function_code")
        yield tables()["expenditure"], spent


def _government_parts(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    """Basic expenditure whose code goes to the row's, as the kinds of the bodies in the coverage table say."""
    coverage = pd.read_csv(folder / "coverage.csv", dtype=str, keep_default_na=False)
    rows = _select(folder, "basic_expenditure", {})
    keys = pd.DataFrame(rows, columns=["economic_code", *BODY_CODES]).fillna("")
    mapped = as_government(keys.assign(body_id=codes_of_bodies(keys)), kinds_by_codes(coverage))
    code, length = row["economic_code"] or "", DIGITS_OF_LEVEL[row["economic_level"]]
    same = (mapped["mapping"] == row["mapping"]) & (mapped["economic_code"].str[:length] == code)
    yield tables()["basic_expenditure"], [each for each, hit in zip(rows, same, strict=True) if hit]


def _payment_parts(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    """The plans for the month and the budgets they share out; for no month, the budgets."""
    department = {name: row[name] or "" for name in ("department_code", "department_name")}
    if row["month"]:
        plans = _select(folder, "project_payments", department | {"month": row["month"]})
        yield tables()["project_payments"], plans
    yield tables()["projects"], _select(folder, "projects", department)


def _measured_parts(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    """This year's rows of a body that a measure adds up; last year's are in that year's release."""
    name = {"income": "income", "three_public": "three_public"}.get(row["measure"], "expenditure_by_type")
    found = _select(folder, name, {column: row[column] or "" for column in BODY_CODES})
    types = MEASURED_TYPES.get(row["measure"])
    yield tables()[name], [part for part in found if types is None or part["spending_type"] in types]


def _item_parts(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    """This year's rows of an item; last year's are in that year's release."""
    name, column = ITEM_SOURCES[row["subject"]]
    begins = column if row["subject"] == "economic_class" else ""
    yield tables()[name], _select(folder, name, {column: row["item"] or ""}, begins=begins)


MEASURED_TYPES = {"basic": BASIC, "project": ("project",)}
ITEM_SOURCES = {
    "income_source": ("income", "income_source"),
    "spending_type": ("expenditure_by_type", "spending_type"),
    "three_public_item": ("three_public", "item"),
    "economic_class": ("basic_expenditure", "economic_code"),
}
SPECIAL: Mapping[str, Callable[[Path, Row], Iterator[tuple[Table, list[Row]]]]] = {
    "county_balance": _balance_parts,
    "county_basic_expenditure_government": _government_parts,
    "county_changes_by_body": _measured_parts,
    "county_changes_by_item": _item_parts,
    "county_project_payments": _payment_parts,
    "eliminations": _both_sides,
}


def _known_table(name: str) -> Table:
    """The table of a name or of a Chinese title."""
    traced = [table for table in tables().values() if table.group != "quality"]
    known = {table.title: table for table in traced} | {table.name: table for table in traced}
    if name not in known:
        names = "、".join(table.name for table in traced)
        raise InputError(say("no_such_table", name=name, near=meant(name, known), names=names))
    return known[name]


def _condition(table: Table, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or name not in table.column_names:
        near = meant(name, table.column_names)
        raise InputError(
            say("no_condition", text=text, near=near, table=table.name, columns="、".join(table.column_names))
        )
    return name, value


def _select(folder: Path, name: str, conditions: Mapping[str, object], begins: str = "") -> list[Row]:
    """The published rows with these values; of the column `begins` the value need only be the beginning."""
    path = folder / "parquet" / f"{name}.parquet"
    if not path.is_file():
        raise InputError(say("not_published", folder=folder, table=name, year=folder.name))
    known = dict(conditions)
    if tables()[name].group == "standard" and known.get("department_code"):
        known.pop("department_name", None)
    tests = [
        (BEGINS_WITH if column == begins and value else IS).format(column=_asked(name, column))
        for column, value in known.items()
    ]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return _query(path, f"SELECT * FROM read_parquet(?){where}", [str(path), *map(str, known.values())])


def _asked(table: str, column: str) -> str:
    own = tables()[table].group == "standard" and column in ("department_code", "department_name")
    part = column.removeprefix("department_")
    return OWN.format(unplaced=UNPLACED, part=part) if own else f'"{column}"'


def _query(path: Path, statement: str, parameters: Sequence[object]) -> list[Row]:
    """Rows of a published Parquet file, asked by one statement. Raises InputError where it cannot be read."""
    try:
        with duckdb.connect() as database:
            result = database.execute(statement, parameters)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, values, strict=True)) for values in result.fetchall()]
    except duckdb.Error as error:
        raise InputError(say("damaged", path=path)) from error


def _described(table: Table, row: Row) -> str:
    """A row in words: `全县部门收入汇总表（county_income）：预算年度 2020，收入来源 事业收入，汇总数 7.00 元`."""
    shown = [
        f"{column.title} {_said(column, row[column.name])}"
        for column in table.columns
        if column.name not in PROVENANCE and row[column.name] is not None
    ]
    return f"{table.title}（{table.name}）：{'，'.join(shown)}"


def _said(column: Column, value: Any) -> str:
    if column.type == "yuan":
        return f"{value:,.2f} 元"
    text = allowed_values(column).get(str(value), str(value))
    return f"{value.normalize():f}{column.unit}" if column.type == "number" else text


def _read_of_cells(folder: Path, addresses: Sequence[Address]) -> dict[Address, list[str]]:
    """What was read in each cell: the text, its unit and the label of its row; of a cell without figure its text."""
    if not addresses:
        return {}
    files, sheets, cells = (list(part) for part in zip(*addresses, strict=True))
    facts, ledger = folder / "facts.parquet", folder / "cells.parquet"
    read: dict[Address, list[str]] = {}
    for fact in _query(facts, READ_OF_CELLS, [files, sheets, cells, str(facts)]):
        text = f"“{fact['raw']}”{fact['unit'] or ''} {fact['row_label'] or ''}".strip()
        read.setdefault((fact["file"], fact["sheet"], fact["cell"]), []).append(text)
    for cell in _query(ledger, TEXT_OF_CELLS, [files, sheets, cells, str(ledger)]):
        read.setdefault((cell["file"], cell["sheet"] or "", cell["cell"]), [f"“{cell['raw']}”"])
    return read


def cells_of(row: Row) -> list[Address]:
    """File, sheet and address of each source cell; a single file or sheet stands for all cells.

    >>> cells_of({"source_file": "a.xlsx", "source_sheet": "表1; 表2", "source_cell": "B2 C3"})
    [('a.xlsx', '表1', 'B2'), ('a.xlsx', '表2', 'C3')]
    """
    cells = (row["source_cell"] or "").split()
    files, sheets = (_for_each(row[name] or "", len(cells)) for name in SOURCE[:2])
    return list(zip(files, sheets, cells, strict=True))


def _for_each(names: str, count: int) -> list[str]:
    parts = apart(names)
    return parts * count if len(parts) == 1 else parts
