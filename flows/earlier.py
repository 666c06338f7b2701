"""The release of the year before, to set this year's figures beside last year's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from expectations.errors import InputError
from expectations.saying import Messages
from expectations.schema import Table, empty_frame, tables_of
from flows.published.readback import kept_frame, published_frame
from flows.published.release import NOTHING_PUBLISHED, Frames
from flows.running.completed import read_record

say = Messages(__file__)


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
    """The newest release of `year - 1` in an output folder that published figures; None where there is none.

    Raises InputError where one of its tables cannot be read.
    """
    for folder in _newest_first(output, year - 1):
        if read_record(folder).get("exit_code", NOTHING_PUBLISHED) != NOTHING_PUBLISHED:
            return Earlier(
                year - 1,
                folder,
                _frames(partial(published_frame, folder)),
                _frames(partial(kept_frame, folder, "other_scope")),
                _frames(partial(kept_frame, folder, "withheld")),
            )
    return None


def all_of_the_year(earlier: Earlier) -> dict[str, pd.DataFrame]:
    """The standard tables of every body that sent something: what was counted, what was of the other scope, what was withheld."""
    parts = (earlier.tables, earlier.other_scope, earlier.withheld)
    return {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True)
        for name in earlier.tables
    }


def _newest_first(output: Path, year: int) -> list[Path]:
    """The release of a year, then those that it replaced, the latest first."""
    shelf = output / "releases" / str(year)
    kept = sorted((path for path in shelf.glob("*") if path.name.isdigit()), key=lambda path: -int(path.name))
    return [output / str(year), *kept]


def _frames(read: Callable[[Table], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every standard table; one that the release does not have has no rows."""
    return {table.name: _or_empty(read, table) for table in tables_of("standard")}


def _or_empty(read: Callable[[Table], pd.DataFrame], table: Table) -> pd.DataFrame:
    try:
        return read(table)
    except FileNotFoundError:
        return empty_frame(table)
    except (ValueError, KeyError, pa.ArrowException) as error:
        raise InputError(say("damaged", table=table.name)) from error
