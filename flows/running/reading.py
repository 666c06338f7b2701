"""Reading files in worker processes that may die: a file that kills its reader is a finding, not a crash.

A worker has its time for each file and its memory. A watchdog that needs no cooperation of the code under way ends the
process when the time is up: even a library that never returns costs no more than that.
"""

import faulthandler
import gc
import importlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from expectations.errors import InputError
from expectations.saying import Messages
from flows.environment import begin_worker, settle_memory
from flows.running.cache import Cache
from flows.running.cluster import read_on_cluster
from flows.running.filereading import (
    Batch,
    Head,
    Heads,
    Readings,
    head_of,
    read_and_keep,
    read_batch,
    read_heads_of,
)
from flows.running.processes import WorkerPool, begun_only
from transforms.files import intake
from transforms.files.refusals import UnreadableFileError, limits, refusal
from transforms.read import FileReading, unreadable
from transforms.submissions import SourceFile

say = Messages(__file__)

LARGEST_BATCH = 16
BATCHES_PER_WORKER = 8
PAGES = Path("/proc/self/statm")

OnRead = Callable[[int], None]
# What reading gives of each file by its name: the reading, or the head of one that is kept.
Found = dict[str, Any]
Read = Callable[[Batch], Found]
Looked = TypeVar("Looked")

_early: list[WorkerPool] = []


def read_all(
    files: Sequence[SourceFile],
    workers: int | None,
    scheduler: str | None,
    on_read: OnRead,
    cache: Cache | None = None,
) -> list[FileReading]:
    """Read files in worker processes of this machine, or of the Dask cluster at `scheduler`.

    Returns one reading per file in the order of `files`, whatever the number of workers. What the cache knows
    is not read again. `on_read` is told how many files have been read since it was last called.
    """
    readings: Readings = known(files, cache)
    on_read(len(readings))
    waiting = [file for file in files if file.name not in readings]

    def keep(batch_readings: Readings) -> None:
        readings.update(batch_readings)
        on_read(len(batch_readings))

    if not waiting:
        pass
    elif scheduler:
        read_on_cluster(waiting, scheduler, cache, keep)
    else:
        read = partial(read_and_keep, cache) if cache else read_batch
        read_here(waiting, workers or cores(), keep, read)
    return [readings[file.name] for file in files]


def read_heads(
    files: Sequence[SourceFile], workers: int | None, scheduler: str | None, on_read: OnRead, store: Cache
) -> Heads:
    """As `read_all`, the readings left in the store: the head of every file by its name, in the order of `files`."""
    by_name = {file.name: file for file in files}
    heads = {file.name: Head(said) for file in files if (said := store.said(file)) is not None}
    on_read(len(heads))
    waiting = [file for file in files if file.name not in heads]

    def keep(found: Found) -> None:
        for name, each in found.items():
            heads[name] = each if isinstance(each, Head) else head_of(store, by_name[name], each)
        on_read(len(found))

    if waiting and scheduler:
        read_on_cluster(waiting, scheduler, store, keep)
    elif waiting:
        read_here(waiting, workers or cores(), keep, partial(read_heads_of, store))
    return {name: heads[name] for name in by_name}


def begin_early(files: int, workers: int) -> None:
    """Let as many processes as so many files give work to come up from now on, beside whatever goes on here; once."""
    wanted = min(files, workers)
    if wanted and not _early:
        _early.append(_fresh(wanted))
        for _ in range(wanted):
            _early[0].submit(os.getpid)


def known(files: Sequence[SourceFile], cache: Cache | None) -> Readings:
    """What the cache has of these files."""
    if cache is None:
        return {}
    found = {file.name: cache.get(file) for file in files}
    return {name: reading for name, reading in found.items() if reading is not None}


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_here(files: Batch, workers: int, keep: Callable[[Found], None], read: Read = read_batch) -> None:
    """Read in processes of this machine, handing each batch's readings to `keep`.

    When a worker dies, the batches under way are read again file by file and the rest in a new pool. Large files are
    read by themselves, one at a time. Raises InputError where no process comes up at all.
    """
    large = [file for file in files if file.size > limits().large_bytes and not file.members]
    waiting = _batches([file for file in files if file not in large], workers)
    while waiting:
        suspects, waiting = _read_in_pool(waiting, workers, keep, read)
        _read_singly([file for batch in suspects for file in batch], keep, read, limits().seconds_alone)
    _read_singly(large, keep, read, limits().seconds + limits().seconds_alone)


def _batches(files: Batch, workers: int) -> list[Batch]:
    size = max(1, min(LARGEST_BATCH, len(files) // (workers * BATCHES_PER_WORKER)))
    return [files[start : start + size] for start in range(0, len(files), size)]


def _read_in_pool(
    batches: list[Batch], workers: int, keep: Callable[[Found], None], read: Read
) -> tuple[list[Batch], list[Batch]]:
    """Read batches until done or until a worker dies: the batches it may have died of, and those not begun.

    Batches are taken in order, one per worker, so those under way are the first ones that have not come back.
    """
    futures: list[Future[Found]] = []
    with _pool(min(workers, len(batches))) as pool, begun_only(pool):
        with suppress(BrokenProcessPool):
            for batch in batches:
                futures.append(pool.submit(_watched, read, batch, limits().seconds))  # noqa: PERF401 – those submitted before it broke count
        for future in as_completed(futures):
            if not isinstance(future.exception(), BrokenProcessPool):
                keep(future.result())
    came_back = {number for number, future in enumerate(futures) if not future.exception()}
    lost = [batch for number, batch in enumerate(batches) if number not in came_back]
    return lost[:workers], lost[workers:]


def _watched(read: Read, batch: Batch, seconds: int) -> Found:
    """Read file by file; the process ends when one takes longer than its time."""
    settle_memory()
    readings: Found = {}
    for file in batch:
        faulthandler.dump_traceback_later(seconds + _seconds_to_convert(file), exit=True)
        try:
            readings |= read([file])
        except MemoryError:
            readings[file.name] = unreadable(file.name, refusal("memory"))
        finally:
            faulthandler.cancel_dump_traceback_later()
    return readings


def _seconds_to_convert(file: SourceFile) -> int:
    """The time an office program may take to save an old Word file anew, beside that for reading it."""
    return limits().convert_seconds if file.kind in intake.DOCUMENT_KINDS - {intake.DOCX} else 0


def _pool(workers: int) -> WorkerPool:
    """Processes that read: those that were begun early, or new ones."""
    return _early.pop() if _early else _fresh(workers)


def _fresh(workers: int) -> WorkerPool:
    """Fresh interpreters: forking beside Prefect's threads may deadlock, and Windows knows nothing else."""
    return WorkerPool(workers, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Make a process ready to read. Readings have no cycles, and to look for these after each costs as much as some
    stages of reading: what other libraries leave is collected between batches, when what is still in use – words and rows
    that reading remembers – is looked at once and never again."""
    begin_worker()
    _bound_memory()
    gc.freeze()
    gc.disable()


def _bound_memory() -> None:
    """Let the worker have what it has now and the limit beside it; Windows knows no such bound."""
    try:
        resource = importlib.import_module("resource")
    except ModuleNotFoundError:
        return
    if PAGES.exists():
        taken = int(PAGES.read_text().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = taken + limits().memory_bytes
        if most == resource.RLIM_INFINITY or bound < most:
            resource.setrlimit(resource.RLIMIT_AS, (bound, most))


def _read_singly(files: Batch, keep: Callable[[Found], None], read: Read, seconds: int) -> None:
    """Read files one by one in one worker, replaced when a file has killed it."""
    while files:
        done = 0
        with _pool(1) as pool:
            _see_it_start(pool)
            for file in files:
                done += 1
                if not _read_alone(pool, file, keep, read, seconds):
                    break
        files = files[done:]


def looked_into(path: Path, look: Callable[[Path], Looked]) -> Looked:
    """What `look` finds in one file, in a process that may die of it and whose libraries say nothing to the user.

    Raises UnreadableFileError.
    """
    with _pool(1) as pool:
        _see_it_start(pool)
        try:
            return pool.submit(_in_time, look, path).result()
        except BrokenProcessPool as error:
            raise UnreadableFileError("died") from error


def _in_time(look: Callable[[Path], Looked], path: Path) -> Looked:
    faulthandler.dump_traceback_later(limits().seconds_alone, exit=True)
    try:
        return look(path)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _see_it_start(pool: WorkerPool) -> None:
    """Make sure that a worker comes up, so that no file is blamed for one that dies before it has read any."""
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise InputError(say("workers_end")) from error


def _read_alone(
    pool: WorkerPool, file: SourceFile, keep: Callable[[Found], None], read: Read, seconds: int
) -> bool:
    """Read one file; False when it killed the worker."""
    begun = time.monotonic()
    try:
        keep(pool.submit(_watched, read, [file], seconds).result())
    except BrokenProcessPool:
        slow = time.monotonic() - begun >= seconds + _seconds_to_convert(file)
        keep({file.name: unreadable(file.name, refusal("slow", limit=seconds) if slow else refusal("died"))})
        return False
    return True
