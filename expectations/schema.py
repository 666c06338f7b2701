"""What a published table is in each format (frames, Arrow, DuckDB), all from its definition.

`python -m expectations.schema` writes the derived files again, `--check` says which are stale.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.definitions import (
    Column,
    ColumnType,
    Table,
    allowed_values,
    definitions,
    load_definitions,
    tables,
    tables_of,
)
from expectations.describe import datapackage, datapackage_json, dictionary_markdown
from expectations.errors import DefinitionError
from expectations.queries import queries_markdown
from expectations.saying import Messages

say = Messages(__file__)

__all__ = [
    "Column",
    "Table",
    "allowed_values",
    "coded_array",
    "conform",
    "datapackage",
    "definitions",
    "dictionary_markdown",
    "duckdb_ddl",
    "duckdb_view",
    "empty_frame",
    "load_definitions",
    "ranked",
    "refuse_missing",
    "sorting",
    "spelt_out",
    "tables",
    "tables_of",
    "typed",
    "write_derived",
]

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


def conform(table: Table, frame: pd.DataFrame, *, coded: bool = False) -> pd.DataFrame:
    """The frame as its table is defined: the table's columns in order, their types, sorted by key.

    Columns the table does not have (such as `body_id`) are left out. Unknown text becomes '',
    unknown numbers stay NA; `yuan` columns are integers of 分. `coded`: texts that are categories stay so.
    Raises DefinitionError where a column is missing or a value does not fit its type.
    """
    refuse_missing(table, frame)
    columns = {}
    for column in table.columns:
        values = frame[column.name]
        kept = coded and _is_coded(values)
        columns[column.name] = (values if kept else typed(table, column, values)).array
    order = sorting([pa.array(columns[name], from_pandas=True) for name in table.key])
    if order is not None:
        columns = {name: values.take(order) for name, values in columns.items()}
    return pd.DataFrame(columns)


def refuse_missing(table: Table, frame: pd.DataFrame) -> None:
    """Raise DefinitionError where a frame lacks columns of its table."""
    missing = [name for name in table.column_names if name not in frame.columns]
    if missing:
        raise DefinitionError(f"table {table.name} lacks {', '.join(missing)}")


def sorting(keys: Sequence[pa.Array | pa.ChunkedArray]) -> npt.NDArray[np.int64] | None:
    """The places of rows in the order of their keys, what is unknown first, equal ones as they stand; None where they stand so.

    Each different key is compared once: rows are sorted by the ranks of theirs.
    """
    if not keys or len(keys[0]) < 2:
        return None
    order = np.lexsort([_ranks(values) for values in reversed(keys)])
    return None if (order[1:] > order[:-1]).all() else order


def coded_array(values: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """The values as one array that holds each different one once."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()


def _ranks(values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Of each value its place among the different ones, -1 where it is unknown."""
    return ranked(coded_array(values))[0]


def ranked(coded: pa.DictionaryArray) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """Of each value its place among the different known ones in their order, -1 where it is unknown; and these."""
    unknown = coded.dictionary.null_count
    order = pc.array_sort_indices(coded.dictionary, null_placement="at_start")
    ranks = np.empty(len(order) + 1, np.int64)
    ranks[order.to_numpy()] = np.maximum(np.arange(len(order)) - unknown, -1)
    ranks[-1] = -1
    places = ranks[coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return places, coded.dictionary.take(order[unknown:])


def _is_coded(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype) and not values.hasnans


def spelt_out(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text in each row, as what follows may change them: a category takes no new word."""
    coded = frame.select_dtypes("category")
    return frame.assign(**{str(name): as_text(values) for name, values in coded.items()})


def as_text(values: pd.Series) -> pd.Series:
    """The values as texts, unknown ones unknown. Words of a category are taken as they are, not each written anew."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        words, places = values.cat.categories.astype("str").array, values.cat.codes.to_numpy()
        return pd.Series(words.take(places, allow_fill=True), values.index, name=values.name)
    return values.astype("str")


def empty_frame(table: Table) -> pd.DataFrame:
    """A frame without rows, as the table is defined."""
    return conform(table, pd.DataFrame(columns=list(table.column_names)))


def typed(table: Table, column: Column, values: pd.Series) -> pd.Series:
    """A column of a frame in its type, unknown text ''. Raises DefinitionError where a value does not fit."""
    kind = FRAME_TYPES[column.type]
    if kind == "str":
        return as_text(values).fillna("")
    try:
        return values.astype(kind)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"table {table.name}, column {column.name}: {error}") from error


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
    comment = _quoted(say("view", table=table.name), table.description)
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
