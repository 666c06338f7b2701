"""The roster of a year (departments.csv): which bodies there are, whose units they are, when their budgets are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.bureau_files import is_there, iso_day, rows_of
from expectations.definitions import definitions
from expectations.errors import InputError
from transforms.wording.messages import message

if TYPE_CHECKING:
    import pandas as pd

ROSTER = "departments.csv"
ROSTER_COLUMNS = ["code", "name", "parent_code", "kind", "due"]


def read_roster(path: Path) -> pd.DataFrame | None:
    """The roster (code, name, parent_code, kind, due), all text; None where there is none. Raises InputError."""
    if not is_there(path):
        return None
    import pandas as pd

    (_, heading), *filled = rows_of(path) or [(1, [""])]
    _check_headers(heading, path.name)
    if not filled:
        raise InputError(message("roster_empty", file=path.name))
    _check_widths(filled, len(heading), path.name)
    rows = {line: dict(zip(heading, map(str.strip, row), strict=False)) for line, row in filled}
    _check_needed(rows, path.name)
    texts = [{column: row.get(column, "") for column in ROSTER_COLUMNS} for row in rows.values()]
    frame = pd.DataFrame(
        [row | {"due": iso_day(row["due"]) or row["due"]} for row in texts],
        index=[*rows],
        columns=ROSTER_COLUMNS,
    )
    _check_roster(frame, path.name)
    return frame.reset_index(drop=True)


def _check_headers(found: Sequence[str], name: str) -> None:
    missing = [column for column in ROSTER_COLUMNS[:2] if column not in found]
    unknown = [column for column in found if column not in ROSTER_COLUMNS]
    if missing or unknown:
        key = "columns_missing" if missing else "columns_unknown"
        wrong = message(key, columns="、".join(missing or unknown))
        raise InputError(message("roster_header", file=name, wrong=wrong, columns=",".join(ROSTER_COLUMNS)))


def _check_widths(rows: Sequence[tuple[int, Sequence[str]]], width: int, name: str) -> None:
    """Raise InputError where a row says more than it has headings: nobody knows what the rest is."""
    wide = [line for line, row in rows if any(map(str.strip, row[width:]))]
    if wide:
        told = "；".join(message("line_is_wide", line=line) for line in wide)
        raise InputError(message("roster", file=name, told=told))


def _check_needed(rows: Mapping[int, Mapping[str, str]], name: str) -> None:
    """Raise InputError where a row names no body."""
    lacking = {line: [each for each in ROSTER_COLUMNS[:2] if not row.get(each)] for line, row in rows.items()}
    told = [
        message("line_lacks", line=line, columns="、".join(each)) for line, each in lacking.items() if each
    ]
    if told:
        raise InputError(message("roster_lacks", file=name, told="；".join(told)))


def _check_roster(frame: pd.DataFrame, name: str) -> None:
    """Raise InputError where the rows, by their lines, do not go together."""
    repeated = frame["code"].duplicated(keep=False)
    if repeated.any():
        code = frame.loc[repeated, "code"].iloc[0]
        lines = "、".join(map(str, frame.index[frame["code"] == code]))
        raise InputError(message("roster_repeats", file=name, code=code, lines=lines))
    parent_of = dict(zip(frame["code"], frame["parent_code"], strict=True))
    problems = {line: _row_problem(row, parent_of) for line, row in frame.to_dict("index").items()}
    told = [
        message("line_is_wrong", line=line, problem=problem) for line, problem in problems.items() if problem
    ]
    if told:
        raise InputError(message("roster", file=name, told="；".join(told)))


def _row_problem(row: dict[Any, str], parent_of: dict[str, str]) -> str:
    """What is wrong with one row of the roster, '' where nothing is."""
    parent = row["parent_code"]
    kinds = definitions().enums["body_kind"].values
    if row["kind"] and row["kind"] not in kinds:
        return message("unknown_kind", kind=row["kind"], kinds="、".join(kinds))
    if parent and parent not in parent_of:
        return message("unknown_parent", parent=parent)
    if parent and parent_of[parent]:
        return message("parent_is_a_unit", parent=parent)
    known = not row["due"] or iso_day(row["due"])
    return "" if known else message("no_such_day", due=row["due"])
