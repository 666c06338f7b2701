"""A province from its counties' releases: every table as Parquet partitioned by county, and the county tables added up.

Each county is consolidated on its own, with its own findings; what they published is joined here. A release that is not
whole is left out and named.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.csv
import pyarrow.parquet

from expectations.errors import InputError
from expectations.saying import Messages
from expectations.schema import Table, tables_of
from flows.provenance import installed
from flows.published.csvfiles import BOM, RFC_4180
from flows.published.replace import RECORD, replacing, standing_release
from flows.running.checksums import sha256
from flows.running.completed import is_whole, read_record
from flows.running.lock import is_within, only_writer

say = Messages(__file__)

OF_ONE_COUNTY = frozenset({"department_code", "unit_code", "project_code", "position"})
ADDED_UP = ("gross_yuan", "elimination_yuan", "net_yuan")
COUNTY = "county"


@dataclass(frozen=True)
class Member:
    """One county's release: what it is called, where it lies, and '' or why it is left out."""

    name: str
    release: Path
    left_out: str = ""


def province(year: int, outputs: Sequence[Path], target: Path) -> list[Member]:
    """Write `<target>/<year>` from the counties' output folders; all of them, with why one was left out.

    Raises InputError where two counties have one name, none has a whole release, or the target is one of their folders.
    """
    _keep_apart(year, outputs, target)
    members = [_member(output, year) for output in outputs]
    names = [member.name for member in members]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise InputError(say("same_name", county=twice))
    whole = [member for member in members if not member.left_out]
    if not whole:
        raise InputError(say("no_release", year=year, release=members[0].release, why=members[0].left_out))
    with only_writer(target, year), replacing(target, year) as folder:
        for table in tables_of("standard", "county"):
            _write_partitions(table, whole, folder)
        for table in tables_of("county"):
            _write_sums(table, folder)
        _write_record(year, members, folder)
    return members


def _keep_apart(year: int, outputs: Sequence[Path], target: Path) -> None:
    folder = (target / str(year)).resolve()
    for county in ((output / str(year)).resolve() for output in outputs):
        if is_within(folder, county) or is_within(county, folder):
            raise InputError(say("not_apart", folder=folder, county=county))


def _member(output: Path, year: int) -> Member:
    """A county is called as its output folder, or as the folder above where that is just `output`."""
    resolved = output.resolve()
    name = resolved.parent.name if resolved.name == "output" else resolved.name
    release = standing_release(output, year)
    record = read_record(release)
    if not record:
        return Member(name, release, say("not_there"))
    return Member(name, release, "" if is_whole(release, record) else say("not_whole"))


def _write_partitions(table: Table, members: Sequence[Member], folder: Path) -> None:
    """One file a county, as published, in the folder layout that every Parquet reader knows."""
    for member in members:
        source = member.release / "parquet" / f"{table.name}.parquet"
        if source.is_file():
            target = folder / table.name / f"{COUNTY}={member.name}" / "part-0.parquet"
            target.parent.mkdir(parents=True)
            pyarrow.parquet.write_table(pyarrow.parquet.read_table(source), target, compression="zstd")


def _write_sums(table: Table, folder: Path) -> None:
    """A county table added up over all counties by its key; exact, amounts are decimals. Not those by department."""
    parts = folder / table.name
    amounts = [name for name in ADDED_UP if name in table.column_names]
    if not parts.is_dir() or not amounts or OF_ONE_COUNTY & {*table.key}:
        return
    chosen = ", ".join([*(f'"{name}"' for name in table.key), *map(_sum, amounts)])
    query = (
        f"SELECT {chosen}, count(DISTINCT {COUNTY}) AS counties "
        "FROM read_parquet(?, hive_partitioning = true) GROUP BY ALL ORDER BY ALL"
    )
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as database:
        rows = database.sql(query, params=[str(parts / "*" / "*.parquet")]).to_arrow_table()
    path = folder / "csv" / f"province_{table.name.removeprefix('county_')}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(BOM)
        pyarrow.csv.write_csv(rows, file, RFC_4180)


def _sum(name: str) -> str:
    return f'CAST(sum("{name}") AS DECIMAL(18, 2)) AS "{name}"'


def _write_record(year: int, members: Sequence[Member], folder: Path) -> None:
    outputs = {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    record = {
        "year": year,
        "version": installed("county-budget"),
        "counties": [*_described(members)],
        "outputs": outputs,
    }
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _described(members: Sequence[Member]) -> Iterator[dict[str, Any]]:
    for member in members:
        record = member.release / RECORD
        mark = sha256(record) if record.is_file() else ""
        yield {"county": member.name, "release": mark, "left_out": member.left_out}
