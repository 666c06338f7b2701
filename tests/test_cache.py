"""Readings kept between runs: the same as reading again, never stale, whole or missing."""

import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.errors import InputError
from flows.running.cache import Cache, packed, unpacked
from flows.running.filereading import Readings, read_batch
from flows.running.reading import known, read_all
from transforms.read import FileReading
from transforms.sample import write_county
from transforms.submissions import SourceFile, discover

VERSION = "1"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[SourceFile]:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, 2020, departments=2, seed=3)
    return list(discover(folder / "2020", 2020).files)


@pytest.fixture(scope="module")
def cold(files: list[SourceFile]) -> Readings:
    return read_batch(files)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, files: list[SourceFile]) -> Cache:
    cache = Cache(tmp_path_factory.mktemp("cache"), VERSION)
    read_all(files, 1, None, lambda _count: None, cache)
    return cache


def shown(reading: object) -> Iterator[object]:
    yield from (getattr(reading, name) for name in ("file", "blocks", "facts", "labels", "cells", "problems"))


def test_a_kept_reading_is_the_same_as_reading_again(filled: Cache, files: list[SourceFile], cold: Readings):
    warm = known(files, filled)
    assert warm.keys() == cold.keys()
    assert all([*shown(warm[name])] == [*shown(cold[name])] for name in cold)


def test_what_is_known_is_not_read_again(
    filled: Cache, files: list[SourceFile], monkeypatch: pytest.MonkeyPatch
):
    def no_process(*_arguments: object, **_options: object) -> None:
        pytest.fail("a worker was started")

    monkeypatch.setattr("flows.running.reading.WorkerPool", no_process)
    assert len(read_all(files, 1, None, lambda _count: None, filled)) == len(files)


def test_other_code_or_definitions_know_nothing_of_it(filled: Cache, files: list[SourceFile]):
    assert known(files, Cache(filled.folder, "2")) == {}


def test_an_entry_that_is_cut_short_counts_as_missing(filled: Cache, files: list[SourceFile], tmp_path: Path):
    cache = Cache(tmp_path, VERSION)
    cache.put(files[0], packed(filled.get(files[0]))[:-20])
    assert cache.get(files[0]) is None


def test_an_entry_that_would_run_something_is_not_opened(files: list[SourceFile]):
    class Harmful(FileReading):
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, ("harm",)

    with pytest.raises(pickle.UnpicklingError, match="mkdir"):
        unpacked(packed(Harmful("a.xlsx")))
    assert not Path("harm").exists()


def test_the_longest_unused_entries_go_when_the_folder_is_full(tmp_path: Path, files: list[SourceFile]):
    cache = Cache(tmp_path, VERSION, largest_bytes=250)
    for age, file in zip((300, 200, 100), files[:3], strict=True):
        cache.put(file, b"x" * 100)
        entry = max(tmp_path.glob("*/*"), key=lambda path: path.stat().st_mtime)
        os.utime(entry, (time.time() - age, time.time() - age))
    cache.trim()
    left = {entry.name for entry in tmp_path.glob("*/*")}
    assert left == {cache._path(file).name for file in files[1:3]}


def test_a_full_disk_costs_only_the_time(files: list[SourceFile], tmp_path: Path):
    (tmp_path / "cache").write_text("no folder")
    cache = Cache(tmp_path / "cache", VERSION)
    cache.put(files[0], b"x")
    assert cache.get(files[0]) is None


def test_a_file_that_changes_while_it_is_read_stops_the_run_with_its_name(
    files: list[SourceFile], tmp_path: Path
):
    (tmp_path / "a.xlsx").write_bytes(files[0].path.read_bytes())
    file = SourceFile(tmp_path / "a.xlsx", "a.xlsx", "", "", "", 1, 0, "the checksum of other bytes")
    with pytest.raises(InputError, match=r"a\.xlsx 在运行中被改动"):
        read_all([file], 1, None, lambda _count: None, Cache(tmp_path / "cache", VERSION))
    assert not list((tmp_path / "cache").rglob("*"))


def test_a_file_that_vanishes_stops_the_run_with_its_name(tmp_path: Path):
    file = SourceFile(tmp_path / "gone.xlsx", "gone.xlsx", "", "", "", 1, 0, "0")
    with pytest.raises(InputError, match=r"gone\.xlsx 在运行中被改动、移走"):
        read_all([file], 1, None, lambda _count: None)
