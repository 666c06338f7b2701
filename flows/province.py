"""A province from its counties' releases: every table as Parquet partitioned by county, and the county tables added up.

Each county is consolidated on its own, with its own findings; what they published is joined here. A release that is not
whole is left out and named.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import pyarrow.csv
import pyarrow.parquet

from expectations.errors import InputError
from expectations.saying import Messages
from expectations.schema import Table, tables_of
from flows.provenance import installed
from flows.published.csvfiles import BOM, RFC_4180
from flows.published.release import NOTHING_PUBLISHED
from flows.published.replace import RECORD, replacing, standing_release
from flows.remote import (
    fetch_release,
    is_remote,
    local_output,
    overlap,
    put_up,
    refuse_what_is_closed,
    store,
)
from flows.running.audit import RESULTS, audited
from flows.running.checksums import sha256
from flows.running.completed import is_whole, read_record
from flows.running.lock import only_writer

say = Messages(__file__)

OF_ONE_COUNTY = frozenset({"department_code", "unit_code", "project_code", "position"})
ADDED_UP = ("gross_yuan", "elimination_yuan", "net_yuan")
COUNTY = "county"


@dataclass(frozen=True)
class Member:
    """One county's release: what it is called, its address, where it lies here, and '' or why it is left out."""

    name: str
    address: str
    release: Path = Path()
    left_out: str = ""


def province(year: int, addresses: Sequence[str], target: str) -> list[Member]:
    """Write the year's release at `target` from the counties' output folders; all of them, with why one was left out.

    Raises InputError where two counties have one name, none has a whole release, or the target is one of their folders,
    PublicationError where the release cannot be written.
    """
    for address in addresses:
        if overlap(target, address, year):
            raise InputError(say("not_apart", folder=f"{target}/{year}", county=f"{address}/{year}"))
    names = [_name(address) for address in addresses]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise InputError(say("same_name", county=twice))
    if is_remote(target):
        refuse_what_is_closed(store(target), year)
    output = local_output(target)
    with only_writer(output, year), audited(output, year, "province", {"counties": [*addresses]}) as entry:
        members = [_member(address, year) for address in addresses]
        whole = [member for member in members if not member.left_out]
        if not whole:
            raise InputError(say("no_release", year=year, release=addresses[0], why=members[0].left_out))
        with replacing(output, year) as folder:
            for table in _tables():
                _write_partitions(table, whole, folder)
            for table in tables_of("county"):
                _write_sums(table, folder)
            _write_record(year, members, folder)
        left_out = [member.name for member in members if member.left_out]
        entry.note(result=RESULTS[0], left_out=left_out, release=sha256(output / str(year) / RECORD))
    if is_remote(target):
        put_up(output, store(target), year)
    return members


def _tables() -> Sequence[Table]:
    return tuple(tables_of("standard", "county"))


def _as_published(table: Table) -> str:
    """Where a table lies in a county's release."""
    return f"parquet/{table.name}.parquet"


def _name(address: str) -> str:
    """A county is called as its output folder, or as the folder above where that is just `output`."""
    place = PurePosixPath(address) if is_remote(address) else Path(address).resolve()
    return place.parent.name if place.name == "output" else place.name


def _member(address: str, year: int) -> Member:
    """A county with its release brought here where it lies in a store."""
    name, taken = _name(address), [RECORD, *map(_as_published, _tables())]
    try:
        output = fetch_release(store(address), year, taken) if is_remote(address) else Path(address)
    except InputError as error:
        return Member(name, address, left_out=str(error))
    release = standing_release(output, year)
    return Member(name, address, release, _why_left_out(release))


def _why_left_out(release: Path) -> str:
    """'' where all that is taken of a release is as it was published, with the columns that all counties have."""
    record = read_record(release)
    outputs = record.get("outputs")
    if not outputs:
        return say("not_there")
    if record.get("exit_code") == NOTHING_PUBLISHED:
        return say("nothing_published")
    taken = {name: outputs.get(name) for name in map(_as_published, _tables())}
    if None in taken.values():
        return say("other_tables")
    if not is_whole(release, {"outputs": taken}):
        return say("not_whole")
    return "" if all(_has_its_columns(release, table) for table in _tables()) else say("other_tables")


def _has_its_columns(release: Path, table: Table) -> bool:
    names: list[str] = pyarrow.parquet.read_schema(release / _as_published(table)).names
    return names == [*table.column_names]


def _write_partitions(table: Table, members: Sequence[Member], folder: Path) -> None:
    """One file a county, as published, in the folder layout that every Parquet reader knows."""
    for member in members:
        target = folder / table.name / f"{COUNTY}={member.name}" / "part-0.parquet"
        target.parent.mkdir(parents=True)
        source = pyarrow.parquet.read_table(member.release / _as_published(table))
        pyarrow.parquet.write_table(source, target, compression="zstd")


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
