"""Reading in worker processes: the order of files, and files that kill their reader."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from expectations.errors import InputError
from flows.running import processes
from flows.running.cache import Cache
from flows.running.filereading import Batch, Readings, read_batch, read_heads_of
from flows.running.reading import Found, read_all, read_here
from transforms.submissions import SourceFile, source_file


def sources(folder: Path, *names: str) -> list[SourceFile]:
    for name in names:
        (folder / name).write_text(name)
    return [source_file(folder / name, name) for name in names]


def test_a_process_that_only_reads_loads_no_frames():
    """Frames take a hundred megabytes before they hold anything; each worker would have its own."""
    loaded = "import sys, flows.running.reading; print({'pandas', 'pyarrow', 'prefect'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


@pytest.mark.skipif(not processes.COPIES, reason="processes are copied from a furnished one on Linux only")
def test_furnished_processes_end_without_a_word():
    """Also the one of which they are copies, which ends last."""
    used = "from flows.running.processes import furnished_pool\nwith furnished_pool(1) as pool: pool.submit(int).result()"
    told = subprocess.run([sys.executable, "-c", used], capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("", "")


def deadly_batch(batch: Batch) -> Readings:
    """Dies as a library does that aborts the process."""
    if any("deadly" in file.name for file in batch):
        os.abort()
    return read_batch(batch)


def test_a_file_that_kills_its_reader_is_a_finding_and_the_others_are_read(tmp_path: Path):
    files = sources(tmp_path, *(f"{number}.xlsx" for number in range(6)), "deadly.xlsx", "last.xlsx")
    readings: Readings = {}
    read_here(files, 2, readings.update, deadly_batch)
    assert readings.keys() == {file.name for file in files}
    died = [name for name, reading in readings.items() if "异常退出" in reading.problems["detail"][0]]
    assert died == ["deadly.xlsx"]
    assert {rule for reading in readings.values() for rule in reading.problems["rule_id"]} == {"SUB-09"}


def test_readers_that_die_as_they_start_are_no_fault_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'spawn_main' in str(sys.orig_argv): os._exit(9)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    readings: Readings = {}
    with pytest.raises(InputError, match=r"一启动就退出.*与报送的文件无关"):
        read_here(sources(tmp_path, "a.xlsx", "b.xlsx"), 2, readings.update)
    assert readings == {}


def test_reading_that_is_given_up_reads_no_more_than_is_under_way(tmp_path: Path):
    files = sources(tmp_path, *(f"{number}.xlsx" for number in range(80)))
    store = Cache(tmp_path / "store", "1")

    def give_up(_found: Found) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_here(files, 1, give_up, partial(read_heads_of, store))
    assert 0 < sum(store.has(file) for file in files) < 80


def test_readings_come_in_the_order_of_the_files_whatever_the_workers(tmp_path: Path):
    files = sources(tmp_path, "c.xlsx", "a.xlsx", "b.xlsx")
    counted: list[int] = []
    for workers in (1, 3):
        readings = read_all(files, workers, None, counted.append)
        assert [reading.file for reading in readings] == ["c.xlsx", "a.xlsx", "b.xlsx"]
    assert sum(counted) == 6


def test_an_unknown_cluster_is_an_error_for_the_user(tmp_path: Path):
    with pytest.raises(InputError, match="--scheduler"):
        read_all(sources(tmp_path, "a.xlsx"), None, "nonsense", lambda _count: None)
