"""What a published table is in each format (frames, Arrow, DuckDB), all from its definition.

`python -m expectations.schema` writes the derived files again, `--check` says which are stale.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.definitions import (
    Column,
    ColumnType,
    Enumeration,
    Table,
    allowed_values,
    code_pattern,
    definitions,
    load_definitions,
    tables,
    tables_of,
)
from expectations.describe import datapackage, datapackage_json, dictionary_markdown
from expectations.errors import DefinitionError
from expectations.queries import queries_markdown

__all__ = [
    "Column",
    "Enumeration",
    "Table",
    "allowed_values",
    "arrow_schema",
    "arrow_table",
    "code_pattern",
    "conform",
    "datapackage",
    "definitions",
    "dictionary_markdown",
    "duckdb_ddl",
    "duckdb_view",
    "empty_frame",
    "frame_of",
    "load_definitions",
    "tables",
    "tables_of",
    "write_derived",
]

TABLES = tables()

FRAME_TYPES: Mapping[ColumnType, Any] = MappingProxyType(
    {
        "string": "str",
        "integer": "Int64",
        "yuan": "Int64",
        "number": "Float64",
        "date": "str",
        "boolean": "boolean",
    }
)
ARROW_TYPES: Mapping[ColumnType, pa.DataType] = MappingProxyType(
    {
        "string": pa.string(),
        "integer": pa.int64(),
        "yuan": pa.decimal128(18, 2),
        "number": pa.decimal128(18, 2),
        "date": pa.date32(),
        "boolean": pa.bool_(),
    }
)
DUCKDB_TYPES: Mapping[ColumnType, str] = MappingProxyType(
    {
        "string": "VARCHAR",
        "integer": "BIGINT",
        "yuan": "DECIMAL(18, 2)",
        "number": "DECIMAL(18, 2)",
        "date": "DATE",
        "boolean": "BOOLEAN",
    }
)
DERIVED: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/dictionary.md": dictionary_markdown,
        "docs/datapackage.json": datapackage_json,
        "docs/queries.md": queries_markdown,
    }
)


def conform(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as its table is defined: the table's columns in order, their types, sorted by key.

    Columns the table does not have (such as `body_id`) are left out. Unknown text becomes '',
    unknown numbers stay NA; `yuan` columns are integers of 分.
    Raises DefinitionError where a column is missing or a value does not fit its type.
    """
    missing = [name for name in table.column_names if name not in frame.columns]
    if missing:
        raise DefinitionError(f"table {table.name} lacks {', '.join(missing)}")
    columns = {column.name: _typed(table, column, frame[column.name]) for column in table.columns}
    shaped = pd.DataFrame(columns, columns=list(table.column_names))
    if not table.key or _is_sorted(shaped, table.key):
        return shaped.reset_index(drop=True)
    return shaped.sort_values(list(table.key), kind="stable", na_position="first", ignore_index=True)


def _is_sorted(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether no row comes before one of a smaller key: seen faster than sorted. Not seen where a part of a key is unknown."""
    if len(frame) < 2:
        return True
    alike = pa.array(np.ones(len(frame) - 1, dtype=bool))
    for name in key:
        values = pa.chunked_array(pa.array(frame[name].array, from_pandas=True))
        one, next_ = values.slice(0, len(frame) - 1), values.slice(1)
        if values.null_count or pc.any(pc.and_(alike, pc.greater(one, next_))).as_py():
            return False
        alike = pc.and_(alike, pc.equal(one, next_))
    return True


def empty_frame(table: Table) -> pd.DataFrame:
    """A frame without rows, as the table is defined."""
    return conform(table, pd.DataFrame(columns=list(table.column_names)))


def _typed(table: Table, column: Column, values: pd.Series) -> pd.Series:
    kind = FRAME_TYPES[column.type]
    if kind == "str":
        return values.astype("str").fillna("")
    try:
        return values.astype(kind)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"table {table.name}, column {column.name}: {error}") from error


def arrow_schema(table: Table) -> pa.Schema:
    """Names and types for Parquet and CSV: amounts are decimal128(18, 2) in yuan, codes are strings."""
    return pa.schema([_arrow_field(column) for column in table.columns], metadata={"title": table.title})


def _arrow_field(column: Column) -> pa.Field:
    said = {"title": column.title, "description": column.description, "unit": column.unit}
    return pa.field(column.name, ARROW_TYPES[column.type], metadata=said)


def arrow_table(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The frame as it is published: conformed, 分 turned into yuan exactly, unknown values null."""
    shaped = conform(table, frame)
    arrays = [_arrow_array(column, shaped[column.name]) for column in table.columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _arrow_array(column: Column, values: pd.Series) -> pa.Array:
    if column.type == "yuan":
        return _hundredths(values)
    if column.type == "number":
        return _hundredths((values * 100).round().astype("Int64"))
    array = pa.array(values.array, from_pandas=True)
    if column.type in ("string", "date"):
        text = array.cast(pa.string())
        array = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return array.cast(ARROW_TYPES[column.type])


def _hundredths(values: pd.Series) -> pa.Array:
    """Whole hundredths as decimals with two places, without passing through binary fractions."""
    whole = pa.array(values.array, type=pa.int64(), from_pandas=True).cast(pa.decimal128(19, 0))
    hundredth = pa.scalar("0.01").cast(pa.decimal128(3, 2))
    return pc.multiply(whole, hundredth).cast(pa.decimal128(18, 2))


def frame_of(table: Table, rows: pa.Table) -> pd.DataFrame:
    """Published rows as the program holds them: yuan become whole 分, unknown text ''; the way back of `arrow_table`."""
    columns = {
        column.name: _from_arrow(column, rows.column(column.name).combine_chunks())
        for column in table.columns
    }
    return conform(table, pd.DataFrame(columns, columns=list(table.column_names)))


def _from_arrow(column: Column, values: pa.Array) -> pd.Series:
    if column.type == "yuan":
        fen = pc.multiply(values, pa.scalar("100").cast(pa.decimal128(3, 0)))
        return pd.Series(pd.array(fen.cast(pa.int64()).to_pylist(), dtype="Int64"))
    if column.type == "number":
        return pd.Series(pd.array(values.cast(pa.float64()).to_pylist(), dtype="Float64"))
    if column.type in ("integer", "boolean"):
        return pd.Series(pd.array(values.to_pylist(), dtype=FRAME_TYPES[column.type]))
    return pd.Series(values.cast(pa.string()).to_pylist(), dtype=object)


def duckdb_ddl(table: Table) -> str:
    """The statements that create the table in DuckDB, with its Chinese title and descriptions as comments."""
    columns = ",\n".join(f'  "{column.name}" {DUCKDB_TYPES[column.type]}' for column in table.columns)
    comments = [f'COMMENT ON TABLE "{table.name}" IS {_quoted(table.title, table.description)};']
    comments += [
        f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {_column_comment(column)};'
        for column in table.columns
    ]
    return "\n".join([f'CREATE TABLE "{table.name}" (\n{columns}\n);', *comments])


def duckdb_view(table: Table) -> str:
    """The statements that create the view of a table for people: Chinese names, 万元, values by their titles."""
    columns = ",\n".join(
        f"  {_shown(column)} AS {_identifier(_view_title(column))}" for column in table.columns
    )
    name = _identifier(table.title)
    comment = _quoted(f"{table.name} 的中文视图，金额单位万元", table.description)
    return (
        f'CREATE VIEW {name} AS SELECT\n{columns}\nFROM "{table.name}";\nCOMMENT ON VIEW {name} IS {comment};'
    )


def _view_title(column: Column) -> str:
    return f"{column.title}（万元）" if column.type == "yuan" else column.title


def _shown(column: Column) -> str:
    if column.type == "yuan":
        return f'CAST("{column.name}" * 0.0001 AS DECIMAL(18, 6))'
    values = allowed_values(column)
    cases = " ".join(f"WHEN {_text(value)} THEN {_text(title)}" for value, title in values.items())
    return f'CASE "{column.name}" {cases} ELSE "{column.name}" END' if values else f'"{column.name}"'


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _column_comment(column: Column) -> str:
    title = f"{column.title}（{column.unit}）" if column.unit else column.title
    return _quoted(title, column.description)


def _quoted(title: str, description: str) -> str:
    text = f"{title}：{description}" if description else title
    return _text(text)


def write_derived(root: Path) -> list[Path]:
    """Write the files derived from the definitions; gives those that had been stale."""
    stale = stale_files(root)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DERIVED[path.relative_to(root).as_posix()](), encoding="utf-8", newline="\n")
    return stale


def stale_files(root: Path) -> list[Path]:
    """The derived files that no longer say what the definitions say."""
    return [root / name for name, text in DERIVED.items() if _content(root / name) != text()]


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(arguments: Sequence[str]) -> int:
    """Write the derived files, or with `--check` only name the stale ones (exit code 1)."""
    root = Path(__file__).resolve().parent.parent
    if "--check" not in arguments:
        for path in write_derived(root):
            print(f"written: {path.relative_to(root)}")
        return 0
    stale = stale_files(root)
    for path in stale:
        print(f"stale: {path.relative_to(root)} (make derive writes it again)")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
