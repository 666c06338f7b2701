"""Reading what was published: each format of a table back into the same Arrow table."""

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from expectations.arrow import arrow_schema, frame_of
from expectations.schema import Table, empty_frame, tables, tables_of
from flows.provenance import run_of
from flows.published.release import Release
from flows.running.parts import Rows, rows_of_frame

AS_PUBLISHED = pyarrow.csv.ParseOptions(newlines_in_values=True)


def read_csv(table: Table, path: Path) -> pa.Table:
    """A published CSV file with the types of its table; blank is null.

    Raises pyarrow.ArrowInvalid where a value does not fit its column.
    """
    options = pyarrow.csv.ConvertOptions(
        column_types=arrow_schema(table),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    return pyarrow.csv.read_csv(path, parse_options=AS_PUBLISHED, convert_options=options)


def read_parquet(path: Path) -> pa.Table:
    """A published Parquet file."""
    return pyarrow.parquet.read_table(path)


def read_duckdb(database: duckdb.DuckDBPyConnection, table: Table) -> pa.Table:
    """A table of the published database, in the order in which it was written."""
    rows: pa.Table = database.sql(f'SELECT * FROM "{table.name}"').to_arrow_table()
    return rows


def as_defined(table: Table, rows: pa.Table) -> pa.Table:
    """The rows with the columns and types their table has now: a column that an older release lacks is null."""
    schema = arrow_schema(table)
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def read_release(folder: Path) -> Release:
    """A published release as it was before it was written; notices are not read, nor the ledger of cells.

    Raises what the readers raise where a file is missing or damaged.
    """
    return Release(
        year=int(run_of(folder)["year"]),
        tables={table.name: published_frame(folder, table) for table in tables_of("standard", "county")},
        other_scope={table.name: kept_frame(folder, "other_scope", table) for table in tables_of("standard")},
        withheld={table.name: kept_frame(folder, "withheld", table) for table in tables_of("standard")},
        findings=_quality(folder, "findings"),
        outcomes=_quality(folder, "outcomes"),
        coverage=_quality(folder, "coverage"),
        cells=rows_of_frame("cells", empty_frame(tables()["cells"])),
        facts=Rows("facts", read_parquet(folder / "facts.parquet").to_batches),
        run=run_of(folder),
    )


def published_frame(folder: Path, table: Table) -> pd.DataFrame:
    """A published table as the program holds it."""
    return _frame(table, read_parquet(folder / "parquet" / f"{table.name}.parquet"))


def kept_frame(folder: Path, part: str, table: Table) -> pd.DataFrame:
    """Rows of a table that are not counted: of the `other_scope`, or `withheld`."""
    return _frame(table, read_csv(table, folder / part / f"{table.name}.csv"))


def _quality(folder: Path, name: str) -> pd.DataFrame:
    return _frame(tables()[name], read_csv(tables()[name], folder / f"{name}.csv"))


def _frame(table: Table, rows: pa.Table) -> pd.DataFrame:
    return frame_of(table, as_defined(table, rows))
