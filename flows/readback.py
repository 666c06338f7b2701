"""Reading what was published: each format of a table back into the same Arrow table."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from expectations.schema import Table, arrow_schema

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
    rows: pa.Table = database.execute(f'SELECT * FROM "{table.name}"').to_arrow_table()
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
