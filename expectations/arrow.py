"""Rows of a table as Arrow holds them, as they are published and back."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.definitions import Column, ColumnType, Table
from expectations.schema import FRAME_TYPES, coded_array, conform, refuse_missing, sorting, typed

Rows = TypeVar("Rows", pa.Table, pa.RecordBatch)

TYPES: Mapping[ColumnType, pa.DataType] = MappingProxyType(
    {
        "string": pa.string(),
        "integer": pa.int64(),
        "yuan": pa.decimal128(18, 2),
        "number": pa.decimal128(18, 2),
        "date": pa.date32(),
        "boolean": pa.bool_(),
    }
)


def arrow_schema(table: Table) -> pa.Schema:
    """Names and types for Parquet and CSV: amounts are decimal128(18, 2) in yuan, codes are strings."""
    return pa.schema([_arrow_field(column) for column in table.columns], metadata={"title": table.title})


def _arrow_field(column: Column) -> pa.Field:
    said = {"title": column.title, "description": column.description, "unit": column.unit}
    return pa.field(column.name, TYPES[column.type], metadata=said)


def arrow_table(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The frame as it is published: conformed, 分 turned into yuan exactly, unknown values null.

    Raises DefinitionError as `conform`.
    """
    return published(table, coded_table(table, frame))


def published(table: Table, rows: Rows) -> Rows:
    """Coded rows as they are published, with those of the table's columns that they have."""
    schema = arrow_schema(table)
    schema = pa.schema([schema.field(name) for name in rows.schema.names], schema.metadata)
    columns = [_spelt_out(rows.column(field.name)).cast(field.type) for field in schema]
    return rows.from_arrays(columns, schema=schema)


def _spelt_out(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values


def coded_table(table: Table, frame: pd.DataFrame) -> pa.Table:
    """As `arrow_table`, each different text once (a dictionary): smaller, until it is `published`."""
    refuse_missing(table, frame)
    rows = pa.table({column.name: _array(table, column, frame[column.name]) for column in table.columns})
    order = sorting([rows.column(name) for name in table.key])
    return rows if order is None else rows.take(order)


def _array(table: Table, column: Column, values: pd.Series) -> pa.Array:
    if column.type in ("string", "date"):
        return _texts(values)
    known = typed(table, column, values)
    if column.type == "yuan":
        return _hundredths(known)
    if column.type == "number":
        return _hundredths((known * 100).round().astype("Int64"))
    return pa.array(known.array, from_pandas=True)


def _texts(values: pd.Series) -> pa.DictionaryArray:
    """Texts as a dictionary, '' as null."""
    try:
        array = pa.array(values.array, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        array = pa.array(values.astype("str").array, from_pandas=True)
    coded = coded_array(array)
    texts = coded.dictionary.cast(pa.string())
    known = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    return pa.DictionaryArray.from_arrays(coded.indices.cast(pa.int32()), known)


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
