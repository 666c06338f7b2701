"""Writing one complete release of a year and putting it in the place of the former one."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations import codes
from expectations.arrow import arrow_table
from expectations.definitions import Group
from expectations.queries import queries
from expectations.schema import datapackage, definitions, dictionary_markdown, empty_frame, tables, tables_of
from flows.environment import give_back_memory
from flows.published.county_checks import not_judged
from flows.published.county_workbook import write_county_workbook
from flows.published.csvfiles import write_csv
from flows.published.page import write_page
from flows.published.release import Frames, Release
from flows.published.replace import replacing
from flows.published.tablefiles import filling_duckdb, write_parquet, write_rows
from flows.returned.drawing import drawn
from flows.returned.notice_folders import FilesOf, KeptNotices, drawing_aside, write_notices
from flows.running.checksums import sha256
from flows.running.clock import part

__all__ = ["Release", "publish", "write_release"]


def publish(release: Release, output: Path, kept: KeptNotices | None = None, workers: int = 1) -> Path:
    """Write `<output>/<year>` as a whole; the former release moves to `<output>/releases/<year>/<n>`.

    `kept`: notices drawn by earlier runs; `workers`: the most processes at work, of which all but this one draw others.
    Raises InputError for a workbook that changed since it was read, and PublicationError when a file or folder cannot be
    written; the former release is untouched then.
    """
    with (
        replacing(output, release.year) as folder,
        drawing_aside(release.notices, kept, workers) as files_of,
    ):
        write_release(release, folder, files_of)
    return output / str(release.year)


def write_release(release: Release, folder: Path, files_of: FilesOf = drawn) -> None:
    """Write every file of a release into an empty folder. `files_of`: what gives the files of a notice."""
    _write_data(release, folder)
    give_back_memory()
    with part("xlsx"):
        write_county_workbook(release, folder / "county_budget.xlsx")
    give_back_memory()
    with part("page"):
        write_page(release, folder / "report" / "index.html")
    give_back_memory()
    with part("notices"):
        write_notices(release.notices, folder / "notices", files_of)
    with part("record"):
        _write_datapackage(release, folder)
        _write_guides(folder)
        unjudged = {"county_rules_not_judged": not_judged(release.outcomes)}
        _write_json({**release.run, **unjudged, "outputs": dict(_checksums(folder))}, folder / "run.json")


def _write_data(release: Release, folder: Path) -> None:
    """CSV, Parquet and DuckDB: what is published, what is not counted, findings, outcomes, coverage, facts and cells.

    Table by table: as Arrow has them, all together take ten times what they do as frames.
    """
    with filling_duckdb(folder / "county_budget.duckdb") as fill, _writing_files() as write:
        for name, frame in _complete(release.tables, "standard", "county"):
            fill(name, write(name, frame, folder / "csv", folder / "parquet"))
        for name, frame in release.quality.items():
            fill(name, write(name, frame, folder))
        for place, frames in (("other_scope", release.other_scope), ("withheld", release.withheld)):
            for name, frame in _complete(frames, "standard"):
                write(name, frame, folder / place)
    with part("tables"):
        for streamed in (release.cells, release.facts):
            write_rows(streamed, folder / f"{streamed.table}.parquet")


@contextmanager
def _writing_files() -> Iterator[Callable[..., pa.Table]]:
    """What begins to write a table as CSV into a folder, and as Parquet into a second one where that is given, and gives its
    rows as published. One is written while the next is made ready, no more: they would all be held."""
    with ThreadPoolExecutor(1) as writer:
        begun: list[Future[None]] = []

        def finish() -> None:
            while begun:
                begun.pop().result()

        def write(name: str, frame: pd.DataFrame, *folders: Path) -> pa.Table:
            with part("tables"):
                rows = arrow_table(tables()[name], frame)
                finish()
                begun.append(writer.submit(_write_files, name, rows, *folders))
            return rows

        yield write
        with part("tables"):
            finish()


def _write_files(name: str, rows: pa.Table, csv: Path, parquet: Path | None = None) -> None:
    write_csv(rows, csv / f"{name}.csv")
    if parquet:
        write_parquet(rows, parquet / f"{name}.parquet")


def _complete(frames: Frames, *groups: Group) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table of the groups, without rows where nothing is known, so that no file is ever absent."""
    for table in tables_of(*groups):
        yield table.name, frames[table.name] if table.name in frames else empty_frame(table)
    expected = {table.name for table in tables_of(*groups)}
    yield from ((name, frame) for name, frame in frames.items() if name not in expected)


def _write_datapackage(release: Release, folder: Path) -> None:
    """The Frictionless descriptor, and the code lists its columns refer to, with every code published."""
    lists = list(definitions().code_lists)
    (folder / "codes").mkdir()
    for name in lists:
        own = release.bureau_codes.get(name, ())
        listing = codes.listing(name, release.year, _published_codes(name, release.tables), own)
        listing.to_csv(
            folder / "codes" / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n"
        )
    sources = [{"title": item["file"], "path": item["file"]} for item in release.run.get("inputs", ())]
    names = [table.name for table in tables_of("standard", "county")] + [*release.quality]
    package = datapackage(names, year=release.year, sources=sources, code_lists=lists)
    _write_json(package, folder / "datapackage.json")


def _write_guides(folder: Path) -> None:
    """What analysts need beside the data: the dictionary and the ready queries."""
    guides = {"dictionary.md": dictionary_markdown()}
    guides |= {f"queries/{query.name}.sql": query.as_file() for query in queries()}
    for name, text in guides.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _published_codes(code_list: str, published: Frames) -> set[str]:
    columns = [
        frame[column.name]
        for name, frame in published.items()
        for column in tables()[name].columns
        if column.codes == code_list
    ]
    return {code for values in columns for code in values.dropna().unique()}


def _write_json(content: Mapping[str, Any], path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _checksums(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), sha256(path)
