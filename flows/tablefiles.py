"""Writing published tables as CSV, Parquet and DuckDB: the same bytes for the same rows."""

import shutil
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from expectations.schema import duckdb_ddl, duckdb_view, tables
from flows.parts import Rows

BOM = b"\xef\xbb\xbf"
RFC_4180 = pyarrow.csv.WriteOptions(eol="\r\n")
FORMULA = r"(?s)^(?:[=＝@＠\t\r\n]|[+＋-].*[^0-9.,%]|－.*[^0-9.,%－])"


def write_csv(rows: pa.Table, path: Path) -> None:
    """UTF-8 with BOM, CRLF, amounts in yuan with two decimals, blank for unknown.

    Text that a spreadsheet program would run as a formula gets a leading apostrophe, here only:
    departments write these texts, and people open CSV files by double click.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(BOM)
        pyarrow.csv.write_csv(harmless(rows), file, RFC_4180)


def harmless(rows: pa.Table) -> pa.Table:
    """The rows as CSV carries them: no text that a spreadsheet would run."""
    for i, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            rows = rows.set_column(i, field, _without_formulas(rows.column(i)))
    return rows


def _without_formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    formula = pc.fill_null(pc.match_substring_regex(texts, FORMULA), fill_value=False)
    if not pc.any(formula).as_py():
        return texts
    return pc.if_else(formula, pc.binary_join_element_wise("'", texts, ""), texts)


def write_parquet(rows: pa.Table, path: Path) -> None:
    """The rows as published, text unchanged; no timestamp, so the bytes depend on the rows alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(rows, path, compression="zstd")


def write_rows(rows: Rows, path: Path) -> None:
    """As `write_parquet`, rows that are too many to be held at once; a file in which they wait is moved."""
    if waiting := rows.file():
        shutil.move(waiting, path)
        return
    chunks = rows.chunks()
    first = next(chunks)
    with pyarrow.parquet.ParquetWriter(path, first.schema, compression="zstd") as writer:
        for each in chain([first], chunks):
            writer.write_table(each)


def write_duckdb(published: Mapping[str, pa.Table], path: Path) -> None:
    """One database file with a commented table for each, named as in `expectations/tables`, and its view for people."""
    with duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"}) as database:
        database.execute("BEGIN")
        for name, rows in published.items():
            database.execute(duckdb_ddl(tables()[name]))
            database.register("published_rows", rows)
            database.execute(f'INSERT INTO "{name}" SELECT * FROM published_rows')
            database.unregister("published_rows")
            database.execute(duckdb_view(tables()[name]))
        database.execute("COMMIT")
