"""The frames in which evidence travels: their columns and types, each said once."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

Columns = dict[str, list[Any]]

TEXT, WHOLE, REAL, FLAG = "object", "Int64", "float64", "bool"

_PLACE = {"file": TEXT, "sheet": TEXT, "cell": TEXT}
BODIES: Mapping[str, str] = {
    "body_id": TEXT, "fiscal_year": WHOLE, "scope": TEXT, "department_code": TEXT, "department_name": TEXT,
    "unit_code": TEXT, "unit_name": TEXT, "kind": TEXT, "due": TEXT, "on_roster": FLAG, "sent": FLAG,
    "submission": WHOLE, "family": TEXT, "parent_id": TEXT,
}  # fmt: skip
BLOCKS: Mapping[str, str] = {
    "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "title": TEXT, "unit": TEXT, "year": WHOLE, "step": WHOLE,
    "declared_code": TEXT, "declared_name": TEXT, "declared_scope": TEXT, "note": TEXT, "n_facts": WHOLE,
    "score": REAL, "runner_up": TEXT, "columns": TEXT, **_PLACE,
}  # fmt: skip
FACTS: Mapping[str, str] = {
    "fact_id": WHOLE, "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "row_key": TEXT,
    "row_label": TEXT, "column_key": TEXT, "measure": TEXT, "role": TEXT, "amount": WHOLE, "unit": TEXT, "own_step": WHOLE,
    "position": WHOLE, "row_parent": WHOLE, "column_parent": WHOLE, **_PLACE, "raw": TEXT,
}  # fmt: skip
LABELS: Mapping[str, str] = {
    "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "position": WHOLE, "column_key": TEXT,
    "text": TEXT, **_PLACE,
}  # fmt: skip
CELLS: Mapping[str, str] = {**_PLACE, "raw": TEXT, "disposition": TEXT, "form": TEXT, "reason": TEXT}
PROBLEMS: Mapping[str, str] = {
    "rule_id": TEXT, "body_id": TEXT, **_PLACE, "found": TEXT, "expected": TEXT, "detail": TEXT,
    "severity": TEXT,
}  # fmt: skip

SENTENCES: Mapping[str, str] = {"body_id": TEXT, **_PLACE, "chapter": TEXT, "text": TEXT, "understood": FLAG}


def empty_columns(columns: Mapping[str, str]) -> Columns:
    """Columns without values; the body is known only when all files are joined."""
    return {name: [] for name in columns if name != "body_id"}


def add_records(columns: Columns, records: Sequence[object], **same: str) -> None:
    """Append records (objects with an attribute per column) column by column; `same` holds for all of them."""
    for name, values in columns.items():
        values.extend([same[name]] * len(records) if name in same else map(attrgetter(name), records))


def frame(records: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Records as a frame of exactly these columns and types; a text that is missing is ''."""
    return typed({name: [record.get(name) for record in records] for name in columns}, columns)


def typed(values: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of values as a frame of these columns and types."""
    return pd.DataFrame({name: _series(values[name], kind) for name, kind in columns.items()})


def _series(values: Sequence[Any], kind: str) -> "pd.Series[Any]":
    if kind == TEXT:
        return pd.Series([value or "" for value in values], dtype=TEXT)
    return pd.Series(values, dtype=kind)


def joined(
    parts: Sequence[Columns],
    columns: Mapping[str, str],
    owners: Sequence[str],
    shifts: Mapping[str, Sequence[int]],
) -> pd.DataFrame:
    """The columns of all files as one frame. `owners`: each file's body; `shifts`: what to add to a file's ids."""
    sizes = [len(part["file"]) for part in parts]
    values: dict[str, Any] = {}
    for name, kind in columns.items():
        if name == "body_id":
            values[name] = pd.Series(np.repeat(np.array(owners, dtype=object), sizes), dtype=TEXT)
            continue
        series = _series(_chained(part[name] for part in parts), kind)
        values[name] = series + np.repeat(shifts[name], sizes) if name in shifts else series
    return pd.DataFrame(values)


def _chained(lists: Iterable[list[Any]]) -> list[Any]:
    return [value for values in lists for value in values]
