"""Reading on an existing Dask cluster. Files travel to its workers, readings back: they need no common folder."""

import importlib
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from expectations.errors import InputError
from expectations.saying import Messages
from flows.running.cache import Cache
from flows.running.filereading import Readings, changed, keep_reading, read_one
from transforms.files.refusals import refusal
from transforms.read import unreadable
from transforms.submissions import SourceFile

say = Messages(__file__)

BATCH = 8
BATCHES_UNDER_WAY = 4
CONNECT_WITHIN = WORKERS_WITHIN = "30s"
LEAST_WORKERS = 1

Shipped = list[tuple[SourceFile, bytes]]


def read_on_cluster(
    files: list[SourceFile], scheduler: str, cache: Cache | None, keep: Callable[[Readings], None]
) -> None:
    """Read files on the cluster at `scheduler`, handing each batch's readings to `keep`.

    A batch whose worker is lost goes to another. One that has cost several workers is read again file by file; the
    file they died of is a finding. Raises InputError where the cluster cannot be reached or is lost, where it has no workers,
    or has some that read otherwise than this program or do not have it.
    """
    distributed = _import_distributed()
    by_name = {file.name: file for file in files}

    def take(readings: Readings) -> None:
        if cache:
            for name, reading in readings.items():
                keep_reading(cache, by_name[name], reading)
        keep(readings)

    try:
        with distributed.Client(scheduler, timeout=CONNECT_WITHIN) as client:
            _see_workers(client, scheduler)
            batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
            suspects = _read_batches(distributed, client, batches, take)
            single = [[file] for batch in suspects for file in batch]
            for [file] in _read_batches(distributed, client, single, take):
                keep({file.name: unreadable(file.name, refusal("died"))})
    except (OSError, ValueError, distributed.client.FutureCancelledError) as error:
        raise InputError(say("no_cluster", address=scheduler)) from error


def _see_workers(client: Any, scheduler: str) -> None:
    """Raise InputError where nobody comes who would read, for tasks wait without end, or somebody has another program."""
    try:
        client.wait_for_workers(LEAST_WORKERS, timeout=WORKERS_WITHIN)
    except TimeoutError as error:
        raise InputError(say("no_workers", address=scheduler)) from error
    try:
        versions = client.run(version)
    except OSError:
        raise
    except Exception as error:  # Dask makes plain ones of what fails before a worker has the function
        raise InputError(say("no_program", address=scheduler)) from error
    for worker, other in versions.items():
        _refuse_other(other, worker)


def _refuse_other(other: str, worker: str) -> None:
    """Raise InputError where a worker reads otherwise: what it reads would be kept as if this program had read it."""
    if other != version():
        raise InputError(say("other_version", address=worker))


def _read_batches(
    distributed: Any, client: Any, batches: list[list[SourceFile]], keep: Callable[[Readings], None]
) -> list[list[SourceFile]]:
    """Read batches, a few under way for each worker; the batches that killed their workers."""
    waiting: Iterator[list[SourceFile]] = iter(batches)
    limit = max(LEAST_WORKERS, len(client.scheduler_info(n_workers=-1)["workers"])) * BATCHES_UNDER_WAY
    sent: dict[Any, list[SourceFile]] = {}
    lost = []
    done = distributed.as_completed()
    for _ in range(limit):
        _send(client, waiting, sent, done)
    for future in done:
        batch = sent.pop(future)
        if isinstance(future.exception(), distributed.KilledWorker):
            lost.append(batch)
        else:
            keep(future.result())
        _send(client, waiting, sent, done)
    return lost


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
