"""The release of the year before, to set this year's figures beside last year's."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations.schema import Table, empty_frame, frame_of, tables_of
from flows.readback import as_defined, read_csv, read_parquet
from flows.release import Frames

NOTHING_PUBLISHED = 3


@dataclass(frozen=True)
class Earlier:
    """What was published of the year before: standard tables as their definitions say, amounts in 分.

    `tables`: the bodies that were counted. `other_scope`, `withheld`: those that were not.
    """

    year: int
    folder: Path
    tables: Frames
    other_scope: Frames
    withheld: Frames


def earlier_release(output: Path, year: int) -> Earlier | None:
    """The newest release of `year - 1` in an output folder that published figures; None where there is none."""
    for folder in _newest_first(output, year - 1):
        if _described(folder).get("exit_code", NOTHING_PUBLISHED) != NOTHING_PUBLISHED:
            return Earlier(
                year - 1, folder, _published(folder), _kept(folder, "other_scope"), _kept(folder, "withheld")
            )
    return None


def _newest_first(output: Path, year: int) -> list[Path]:
    """The release of a year, then those that it replaced, the latest first."""
    shelf = output / "releases" / str(year)
    kept = sorted((path for path in shelf.glob("*") if path.name.isdigit()), key=lambda path: -int(path.name))
    return [output / str(year), *kept]


def _described(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _published(folder: Path) -> dict[str, pd.DataFrame]:
    """The standard tables that were counted; one that the release does not have has no rows."""
    paths = {table: folder / "parquet" / f"{table.name}.parquet" for table in tables_of("standard")}
    return {table.name: _frame(table, path, read_parquet) for table, path in paths.items()}


def _kept(folder: Path, part: str) -> dict[str, pd.DataFrame]:
    paths = {table: folder / part / f"{table.name}.csv" for table in tables_of("standard")}
    return {table.name: _frame(table, path, partial(read_csv, table)) for table, path in paths.items()}


def _frame(table: Table, path: Path, read: Callable[[Path], pa.Table]) -> pd.DataFrame:
    return frame_of(table, as_defined(table, read(path))) if path.is_file() else empty_frame(table)
