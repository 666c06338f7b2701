"""Columns of evidence as frames of their types."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from transforms.recorded import TEXT, WORD, Columns

Shifts = Mapping[str, Sequence[int]]


def frame(records: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Records as a frame of exactly these columns and types; a text that is missing is ''."""
    return typed({name: [record.get(name) for record in records] for name in columns}, columns)


def typed(values: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of values as a frame of these columns and types."""
    return pd.DataFrame({name: _series(values[name], kind) for name, kind in columns.items()})


def _series(values: Sequence[Any], kind: str) -> "pd.Series[Any]":
    if kind in (TEXT, WORD):
        return pd.Series([value or "" for value in values], dtype=kind)
    return pd.Series(values, dtype=kind)


def joined(
    parts: Sequence[Columns],
    columns: Mapping[str, str],
    owners: Sequence[str],
    shifts: Shifts,
) -> pd.DataFrame:
    """The columns of all files as one frame. `owners`: each file's body; `shifts`: what to add to a file's ids."""
    sizes = [len(part["file"]) for part in parts]
    values: dict[str, Any] = {}
    for name, kind in columns.items():
        if name == "body_id":
            values[name] = pd.Series(repeated(owners, sizes), dtype=TEXT)
            continue
        series = _series(_chained(part[name] for part in parts), kind)
        values[name] = series + np.repeat(shifts[name], sizes) if name in shifts else series
    return pd.DataFrame(values)


def repeated(values: Sequence[Any], sizes: Sequence[int], kind: type = object) -> npt.NDArray[Any]:
    """Each file's value for each of its records."""
    return np.repeat(np.array(values, dtype=kind), np.array(sizes, dtype=int))


def _chained(lists: Iterable[list[Any]]) -> list[Any]:
    return [value for values in lists for value in values]
