"""Writing published tables as Parquet and DuckDB: the same bytes for the same rows."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from expectations.schema import duckdb_ddl, duckdb_view, tables
from flows.running.clock import part
from flows.running.parts import Rows

NOT_WRITTEN = (duckdb.OperationalError, duckdb.FatalException)


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


@contextmanager
def filling_duckdb(path: Path) -> Iterator[Callable[[str, pa.Table], None]]:
    """What puts a table into a new database file, named as in `expectations/tables`, commented, and its view for people.

    Each is in the file when the next one comes: the database would hold what is not yet there, at several times its size.
    Raises OSError where the file cannot be written.
    """
    try:
        with duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"}) as database:
            yield partial(_fill, database)
    except NOT_WRITTEN as error:
        raise OSError(None, str(error).rpartition(": ")[2], str(path)) from error


def _fill(database: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    with part("duckdb"):
        database.execute("BEGIN")
        database.execute(duckdb_ddl(tables()[name]))
        database.register("published_rows", rows)
        database.execute(f'INSERT INTO "{name}" SELECT * FROM published_rows')
        database.unregister("published_rows")
        database.execute(duckdb_view(tables()[name]))
        database.execute("COMMIT")
        database.execute("CHECKPOINT")
