"""Verifying a release: checksums of all it was made of and holds, its sums, and that all formats say the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import duckdb
import pandas as pd
import pyarrow as pa

from expectations.catalogue import county_rules
from expectations.names import name_below
from expectations.saying import Messages
from expectations.schema import Table, tables, tables_of
from flows.provenance import DEFINITION_TITLES, DEFINITIONS, folder_checksum, run_of
from flows.published import county_checks
from flows.published.csvfiles import harmless
from flows.published.readback import (
    as_defined,
    published_frame,
    read_csv,
    read_duckdb,
    read_parquet,
    read_release,
)
from flows.published.release import Release
from flows.running.checksums import sha256
from transforms.submissions import files_below

say = Messages(__file__)

UNREADABLE = (OSError, ValueError, KeyError, BadZipFile, pa.ArrowException, duckdb.Error)
MOST_SHOWN = 20
DATABASE = "county_budget.duckdb"
Result = TypeVar("Result")


@dataclass(frozen=True)
class Verified:
    """What one check found: sentences that name what is wrong, and whether they make the release fail."""

    title: str
    problems: tuple[str, ...]
    fatal: bool = True

    def as_lines(self) -> Iterator[str]:
        """The check with its verdict, then its problems."""
        verdict = "相符" if not self.problems else "不符" if self.fatal else "提示"
        yield f"{verdict}  {self.title}"
        yield from (f"      {problem}" for problem in self.problems[:MOST_SHOWN])
        if len(self.problems) > MOST_SHOWN:
            yield f"      {say('more', count=len(self.problems) - MOST_SHOWN)}"


class Published:
    """A published folder: its tables are read once, what cannot be read is left to the check of formats."""

    def __init__(self, folder: Path, input_dir: Path) -> None:
        self.folder = folder
        self.inputs = input_dir / folder.name
        self.run: Mapping[str, Any] = run_of(folder)

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The standard and county tables that can be read."""
        found = {}
        for table in tables_of("standard", "county"):
            try:
                found[table.name] = published_frame(self.folder, table)
            except UNREADABLE:
                continue
        return found

    @cached_property
    def release(self) -> Release | None:
        """The whole release, None where a part of it cannot be read."""
        try:
            return read_release(self.folder)
        except UNREADABLE:
            return None


def verify(output: Path, input_dir: Path, year: int) -> list[Verified]:
    """Every check of a published year. Raises InputError where nothing is published."""
    published = Published(output / str(year), input_dir)
    return [Verified(title, tuple(check(published)), fatal=fatal) for title, check, fatal in CHECKS]


def outputs(published: Published) -> Iterator[str]:
    """Files that are missing, altered since they were published, or were never published."""
    listed = published.run.get("outputs", {})
    for name, checksum in listed.items():
        path = published.folder / name
        if not path.is_file():
            yield say("output_missing", file=name)
        elif sha256(path) != checksum:
            yield say("output_changed", file=name)
    present = (path for path in sorted(published.folder.rglob("*")) if path.is_file())
    names = (path.relative_to(published.folder).as_posix() for path in present)
    yield from (
        say("not_published", file=name) for name in names if name not in listed and name != "run.json"
    )


def inputs(published: Published) -> Iterator[str]:
    """Files that are no longer as they were when they were read."""
    there = {name_below(path, published.inputs): path for path in files_below(published.inputs)}
    for item in (*published.run.get("inputs", ()), *published.run.get("bureau_files", ())):
        path = there.get(item["file"]) or there.get(item["file"].partition("!")[0])
        if path is None:
            yield say("input_missing", file=item["file"])
        elif sha256(path) != item["sha256"]:
            yield say("input_changed", file=item["file"])


def definitions(published: Published) -> Iterator[str]:
    """Definitions that this program has otherwise than the one that published."""
    then = published.run.get("definitions", {})
    for name, folder in DEFINITIONS.items():
        if name in then and then[name] != folder_checksum(folder):
            yield say("definition_changed", what=DEFINITION_TITLES.get(name, name))


class DamagedError(Exception):
    """A published file that is there and cannot be read; the text names it."""


def formats(published: Published) -> Iterator[str]:
    """CON-05: CSV, Parquet, database, workbook and page hold the same rows."""
    checks: list[Callable[[], Iterator[str]]] = [
        *(partial(_table_formats, published.folder, table) for table in tables_of("standard", "county")),
        *(partial(_quality_formats, published.folder, name) for name in ("findings", "outcomes", "coverage")),
        *_views(published),
    ]
    yield from dict.fromkeys(told for check in checks for told in _tried(check))


def _views(published: Published) -> Iterator[Callable[[], Iterator[str]]]:
    if published.release is None:
        return
    from flows.examined.verify_views import page_apart, workbook_apart

    for name, apart in (("county_budget.xlsx", workbook_apart), ("report/index.html", page_apart)):
        path = published.folder / name
        yield partial(_of_file, path, name, partial(apart, published.release))


def _of_file(path: Path, name: str, apart: Callable[[Path], Iterator[str]]) -> Iterator[str]:
    yield from _read(name, lambda: list(apart(path)))


def _tried(check: Callable[[], Iterator[str]]) -> list[str]:
    """What a check finds, or the file that it cannot read. A missing file has been told of."""
    try:
        return list(check())
    except FileNotFoundError:
        return []
    except DamagedError as damaged:
        return [say("damaged", file=damaged)]


def _read(name: str, read: Callable[[], Result]) -> Result:
    """What is read. Raises DamagedError where a file is there and cannot be read, FileNotFoundError where it is not."""
    try:
        return read()
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise DamagedError(name) from error


def _table_formats(folder: Path, table: Table) -> Iterator[str]:
    parquet_name, csv_name = f"parquet/{table.name}.parquet", f"csv/{table.name}.csv"
    parquet = _read(parquet_name, lambda: as_defined(table, read_parquet(folder / parquet_name)))
    csv = _read(csv_name, lambda: read_csv(table, folder / csv_name))
    yield from _apart(csv_name, csv, harmless(parquet))
    yield from _apart(say("table_in", database=DATABASE, table=table.name), _stored(folder, table), parquet)


def _quality_formats(folder: Path, name: str) -> Iterator[str]:
    table = tables()[name]
    csv = _read(f"{name}.csv", lambda: read_csv(table, folder / f"{name}.csv"))
    yield from _apart(f"{name}.csv", csv, harmless(as_defined(table, _stored(folder, table))))


def _stored(folder: Path, table: Table) -> pa.Table:
    """The rows of a table in the published database."""
    if not (folder / DATABASE).is_file():
        raise FileNotFoundError(DATABASE)

    def rows() -> pa.Table:
        with duckdb.connect(str(folder / DATABASE), read_only=True) as database:
            return read_duckdb(database, table)

    return _read(DATABASE, rows)


def _apart(name: str, found: pa.Table, expected: pa.Table) -> Iterator[str]:
    if found.column_names != expected.column_names:
        yield say("other_columns", table=name)
    elif len(found) != len(expected):
        yield say("other_count", table=name, found=len(found), expected=len(expected))
    else:
        for column in expected.column_names:
            if found.column(column).cast(expected.schema.field(column).type) != expected.column(column):
                yield say("other_column", table=name, column=column)


Check = Callable[[Published], Iterator[str]]


def _county_check(rule_id: str) -> Check:
    """A rule on the county, asked of the published tables; of the files themselves where only these can tell."""
    asked = county_checks.CHECKS.get(rule_id)
    return (lambda published: _asked_of_tables(published, asked)) if asked else formats


def _asked_of_tables(published: Published, asked: Callable[..., Iterable[str]]) -> Iterator[str]:
    yield from filter(None, asked(published.frames))
    unread = [table.name for table in tables_of("standard", "county") if table.name not in published.frames]
    if unread:
        yield say("not_checked", tables="、".join(unread))


CHECKS: Sequence[tuple[str, Check, bool]] = (
    (say("outputs"), outputs, True),
    (say("inputs"), inputs, True),
    (say("definitions"), definitions, False),
    *(
        (f"{rule.id} {rule.title}", _county_check(rule.id), rule.severity == "error")
        for rule in county_rules()
    ),
)


def failed(checks: Sequence[Verified]) -> bool:
    """Whether any check that counts found something."""
    return any(check.problems and check.fatal for check in checks)
