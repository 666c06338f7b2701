"""Reading on an existing Dask cluster. Files travel to its workers, readings back: they need no common folder."""

import importlib
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from expectations.errors import InputError
from expectations.saying import Messages
from flows.running.cache import Cache
from flows.running.filereading import Readings, changed, keep_reading, read_one
from flows.running.within import within
from transforms.files.refusals import refusal
from transforms.read import unreadable
from transforms.submissions import SourceFile

say = Messages(__file__)

BATCH = 8
BATCHES_UNDER_WAY = 4
CONNECT_WITHIN = 30.0
WORKERS_WITHIN = "30s"
# Dask's own setting of how long a task may wait for a worker, which is endless where nobody has set it.
WORKERS_SETTING = "distributed.scheduler.no-workers-timeout"
LOOK_AGAIN_SECONDS = 0.1
LOOKS = 20
LEAST_WORKERS = 1

Shipped = list[tuple[SourceFile, bytes]]


def read_on_cluster(
    files: list[SourceFile], scheduler: str, cache: Cache | None, keep: Callable[[Readings], None]
) -> None:
    """Read files on the cluster at `scheduler`, handing each batch's readings to `keep`.

    A batch whose worker is lost goes to another. One that has cost several workers is read again file by file; the
    file they died of is a finding. Raises InputError where the cluster cannot be reached or is lost, where it has no workers,
    loses them all, or has some that read otherwise than this program or do not have it.
    """
    distributed = _import_distributed()
    by_name = {file.name: file for file in files}

    def take(readings: Readings) -> None:
        if cache:
            for name, reading in readings.items():
                keep_reading(cache, by_name[name], reading)
        keep(readings)

    try:
        with _connected(distributed, scheduler) as client:
            _see_workers(client, scheduler)
            batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
            suspects = _read_batches(distributed, client, batches, take, scheduler)
            single = [[file] for batch in suspects for file in batch]
            for [file] in _read_batches(distributed, client, single, take, scheduler):
                keep({file.name: unreadable(file.name, refusal("died"))})
    except (OSError, ValueError, distributed.client.FutureCancelledError) as error:
        raise _no_cluster(scheduler) from error


def _connected(distributed: Any, scheduler: str) -> Any:
    """A client of the cluster. Raises InputError where there is none: Dask waits without end for a greeting from a service that
    does not greet, and takes what another one says for lengths, and asks for as much memory."""
    try:
        return within(2 * CONNECT_WITHIN, lambda: distributed.Client(scheduler, timeout=CONNECT_WITHIN))
    except Exception as error:
        raise _no_cluster(scheduler) from error


def _no_cluster(scheduler: str) -> InputError:
    return InputError(say("no_cluster", address=scheduler))


def _see_workers(client: Any, scheduler: str) -> None:
    """Raise InputError where nobody comes who would read, or somebody has another program."""
    _wait_for_workers(client, "no_workers", scheduler)
    try:
        versions = client.run(version)
    except OSError:
        raise
    except Exception as error:  # Dask makes plain ones of what fails before a worker has the function
        raise InputError(say("no_program", address=scheduler)) from error
    for worker, other in versions.items():
        _refuse_other(other, worker)


def _wait_for_workers(client: Any, key: str, scheduler: str) -> None:
    """Raise InputError where nobody reads and nobody comes in time: tasks wait without end."""
    patience = importlib.import_module("dask").config.get(WORKERS_SETTING, None) or WORKERS_WITHIN
    try:
        client.wait_for_workers(LEAST_WORKERS, timeout=patience)
    except TimeoutError as error:
        raise InputError(say(key, address=scheduler, setting=WORKERS_SETTING)) from error


def _refuse_other(other: str, worker: str) -> None:
    """Raise InputError where a worker reads otherwise: what it reads would be kept as if this program had read it."""
    if other != version():
        raise InputError(say("other_version", address=worker))


def _read_batches(
    distributed: Any,
    client: Any,
    batches: list[list[SourceFile]],
    keep: Callable[[Readings], None],
    scheduler: str,
) -> list[list[SourceFile]]:
    """Read batches, a few under way for each worker; the batches that killed their workers."""
    waiting: Iterator[list[SourceFile]] = iter(batches)
    limit = max(LEAST_WORKERS, len(client.scheduler_info(n_workers=-1)["workers"])) * BATCHES_UNDER_WAY
    sent: dict[Any, list[SourceFile]] = {}
    lost = []
    done = distributed.as_completed(with_results=True, raise_errors=False)
    for _ in range(limit):
        _send(client, waiting, sent, done)
    for future, result in _ended(done, client, scheduler):
        batch = sent.pop(future)
        failed = _error(result)
        if isinstance(failed, distributed.KilledWorker):
            lost.append(batch)
        elif failed:
            raise failed
        else:
            keep(result)
        _send(client, waiting, sent, done)
    return lost


def _error(result: Any) -> BaseException | None:
    """Why there are no readings: in their place Dask gives an exception, or what `sys.exc_info` gives of one."""
    failed = result[1] if isinstance(result, tuple) else result
    return failed if isinstance(failed, BaseException) else None


def _ended(done: Any, client: Any, scheduler: str) -> Iterator[tuple[Any, Any]]:
    """What has ended and come from its worker, as it comes: what a worker takes along has not. Raises InputError where all
    workers are lost meanwhile."""
    while not done.is_empty():
        if _has_ready(done):
            yield next(done)
        else:
            _wait_for_workers(client, "workers_lost", scheduler)


def _has_ready(done: Any) -> bool:
    """Whether something has ended, or does in some seconds."""
    for _ in range(LOOKS):
        if done.has_ready():
            return True
        time.sleep(LOOK_AGAIN_SECONDS)
    return False


def _send(
    client: Any, waiting: Iterator[list[SourceFile]], sent: dict[Any, list[SourceFile]], done: Any
) -> None:
    batch = next(waiting, None)
    if batch:
        shipped = [(file, _content(file)) for file in batch]
        future = client.submit(read_shipped, shipped, version(), pure=False)
        sent[future] = batch
        done.add(future)


def _content(file: SourceFile) -> bytes:
    try:
        return b"" if file.refused else file.path.read_bytes()
    except OSError as error:
        raise changed(file) from error


def read_shipped(shipped: Shipped, wanted: str) -> Readings:
    """The readings of files that came with their content; runs on a worker of the cluster.

    `wanted`: the version of the run. Raises InputError where this worker, which may have come later, has another one.
    """
    _refuse_other(wanted, platform.node())
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (file, content) in enumerate(shipped):
            path = Path(folder) / str(number)
            path.write_bytes(content)
            found[file.name] = read_one(replace(file, path=path))
    return found


def version() -> str:
    """The checksum of everything that reads, here or on a worker."""
    # Brings pandas, which the processes that read on this machine do without.
    from flows.identity import reading

    return reading()


def _import_distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise InputError(say("dask_wanted")) from error
