"""From a published figure back to the cells it came from."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from expectations.errors import InputError
from expectations.schema import Table, tables
from transforms.consolidate import RECEIVED_AS

SEPARATOR = "; "
PROVENANCE = ("source_file", "source_sheet", "source_cell", "derivation")
DIGITS_OF_LEVEL = {1: 3, 2: 5, 3: 7}
ADDED_UP_FROM = {"county_expenditure_by_department": "expenditure"}
IS = "coalesce(CAST(\"{column}\" AS VARCHAR), '') = ?"
BEGINS_WITH = "starts_with(coalesce(CAST(\"{column}\" AS VARCHAR), ''), ?)"
READ_OF_CELLS = """
    SELECT asked.file, asked.sheet, asked.cell, facts.raw, facts.unit, facts.row_label
    FROM (SELECT DISTINCT unnest(?) AS file, unnest(?) AS sheet, unnest(?) AS cell) AS asked
    JOIN read_parquet(?) AS facts
      ON facts.file = asked.file AND coalesce(facts.sheet, '') = asked.sheet AND facts.cell = asked.cell
    ORDER BY facts.fact_id
"""

Row = Mapping[str, Any]
Conditions = Mapping[str, str]
Address = tuple[str, str, str]


def trace(output: Path, year: int, table_name: str, given: Sequence[str]) -> Iterator[str]:
    """Lines that show each published row that meets the conditions, and under it every source cell.

    given: `KEY=VALUE` for columns of the table; a blank value asks for blanks.
    Raises InputError for an unknown table or column, or where nothing is published.
    """
    folder = output / str(year)
    table = _known_table(table_name)
    rows = _select(folder, table.name, dict(_condition(table, text) for text in given))
    if not rows:
        raise InputError(f"{table.name} 中没有符合 {' '.join(given) or '条件'} 的行。")
    if table.group == "standard":
        yield from _with_cells(folder, table, rows, "")
        return
    for row in rows:
        yield _described(table, row)
        for source, parts in _added_up(folder, table, row):
            yield from _with_cells(folder, source, parts, "  ")


def _with_cells(folder: Path, table: Table, rows: Sequence[Row], indent: str) -> Iterator[str]:
    """Rows of a standard table, each followed by a line per cell: its place, text, unit and label."""
    read = _read_of_cells(folder, [address for row in rows for address in cells_of(row)])
    for row in rows:
        yield indent + _described(table, row)
        for address in cells_of(row):
            file, sheet, cell = address
            yield f"{indent}  {file} / {sheet}!{cell}  {'、'.join(read.get(address, ()))}".rstrip()
        if row["derivation"] == "derived":
            yield f"{indent}  （由以上单元格推算）"


def _added_up(folder: Path, table: Table, row: Row) -> list[tuple[Table, list[Row]]]:
    """The standard tables with their rows that a county row adds up or sets against each other."""
    if table.name == "county_balance":
        return [_balance_parts(folder, row)]
    if table.name == "eliminations":
        return list(_both_sides(folder, row))
    source = tables()[ADDED_UP_FROM.get(table.name, table.name.removeprefix("county_"))]
    shared = {name: row[name] or "" for name in table.key if name in source.column_names}
    for classification in ("function", "economic"):
        level, code = f"{classification}_level", f"{classification}_code"
        if level in row and len(row[code] or "") == DIGITS_OF_LEVEL[row[level]]:
            return [(source, _select(folder, source.name, shared, begins=code))]
    return [(source, _select(folder, source.name, shared))]


def _both_sides(folder: Path, row: Row) -> Iterator[tuple[Table, list[Row]]]:
    """What the department's payers state as spent and its receivers as received."""
    department = {name: row[name] or "" for name in ("department_code", "department_name")}
    for paid_as, received_as in RECEIVED_AS.items():
        if received_as == row["kind"]:
            paid = department | {"spending_type": paid_as}
            yield tables()["expenditure_by_type"], _select(folder, "expenditure_by_type", paid)
            yield tables()["income"], _select(folder, "income", department | {"income_source": received_as})


def _balance_parts(folder: Path, row: Row) -> tuple[Table, list[Row]]:
    name, column = (
        ("income", "income_source") if row["side"] == "income" else ("expenditure", "function_code")
    )
    return tables()[name], _select(folder, name, {column: row["item_code"] or ""}, begins=column)


def _known_table(name: str) -> Table:
    known = [table.name for table in tables().values() if table.group != "quality"]
    if name not in known:
        raise InputError(f"没有名为 {name} 的表。可以追溯的表：{'、'.join(known)}。")
    return tables()[name]


def _condition(table: Table, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or name not in table.column_names:
        raise InputError(
            f"“{text}”不是条件。请写成 列名=值，{table.name} 的列有：{'、'.join(table.column_names)}。"
        )
    return name, value


def _select(folder: Path, name: str, conditions: Mapping[str, object], begins: str = "") -> list[Row]:
    """The published rows with these values; of the column `begins` the value need only be the beginning."""
    path = folder / "parquet" / f"{name}.parquet"
    if not path.is_file():
        raise InputError(f"{folder} 中没有已发布的 {name}。请先运行 county-budget run {folder.name}。")
    tests = [
        (BEGINS_WITH if column == begins and value else IS).format(column=column)
        for column, value in conditions.items()
    ]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return _query(f"SELECT * FROM read_parquet(?){where}", [str(path), *map(str, conditions.values())])


def _query(statement: str, parameters: Sequence[object]) -> list[Row]:
    with duckdb.connect() as database:
        result = database.execute(statement, parameters)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


def _described(table: Table, row: Row) -> str:
    shown = [
        f"{name}={row[name]}"
        for name in table.column_names
        if name not in PROVENANCE and row[name] is not None
    ]
    return f"{table.name}: {' '.join(shown)}"


def _read_of_cells(folder: Path, addresses: Sequence[Address]) -> dict[Address, list[str]]:
    """What was read in each cell: the text, its unit and the label of its row."""
    if not addresses:
        return {}
    files, sheets, cells = (list(part) for part in zip(*addresses, strict=True))
    read: dict[Address, list[str]] = {}
    for fact in _query(READ_OF_CELLS, [files, sheets, cells, str(folder / "facts.parquet")]):
        text = f"“{fact['raw']}”{fact['unit'] or ''} {fact['row_label'] or ''}".strip()
        read.setdefault((fact["file"], fact["sheet"], fact["cell"]), []).append(text)
    return read


def cells_of(row: Row) -> list[Address]:
    """File, sheet and address of each source cell; a single file or sheet stands for all cells.

    >>> cells_of({"source_file": "a.xlsx", "source_sheet": "表1; 表2", "source_cell": "B2 C3"})
    [('a.xlsx', '表1', 'B2'), ('a.xlsx', '表2', 'C3')]
    """
    cells = (row["source_cell"] or "").split()
    files, sheets = (_for_each(row[name] or "", len(cells)) for name in ("source_file", "source_sheet"))
    return list(zip(files, sheets, cells, strict=True))


def _for_each(names: str, count: int) -> list[str]:
    parts = names.split(SEPARATOR)
    return parts * count if len(parts) == 1 else parts
