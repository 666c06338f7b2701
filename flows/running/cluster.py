"""Reading on an existing Dask cluster. Files travel to its workers, readings back: they need no common folder."""

import importlib
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
CONNECT_WITHIN = "30s"
LEAST_WORKERS = 1

Shipped = list[tuple[SourceFile, bytes]]


def read_on_cluster(
    files: list[SourceFile], scheduler: str, cache: Cache | None, keep: Callable[[Readings], None]
) -> None:
    """Read files on the cluster at `scheduler`, handing each batch's readings to `keep`.

    A batch whose worker is lost goes to another. One that has cost several workers is read again file by file; the
    file they died of is a finding. Raises InputError where the cluster cannot be reached or is lost.
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
            batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
            suspects = _read_batches(distributed, client, batches, take)
            single = [[file] for batch in suspects for file in batch]
            for [file] in _read_batches(distributed, client, single, take):
                keep({file.name: unreadable(file.name, refusal("died"))})
    except (OSError, ValueError, distributed.client.FutureCancelledError) as error:
        raise InputError(say("no_cluster", address=scheduler)) from error


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
        future = client.submit(read_shipped, [(file, _content(file)) for file in batch], pure=False)
        sent[future] = batch
        done.add(future)


def _content(file: SourceFile) -> bytes:
    try:
        return b"" if file.refused else file.path.read_bytes()
    except OSError as error:
        raise changed(file) from error


def read_shipped(shipped: Shipped) -> Readings:
    """The readings of files that came with their content; runs on a worker of the cluster."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (file, content) in enumerate(shipped):
            path = Path(folder) / str(number)
            path.write_bytes(content)
            found[file.name] = read_one(replace(file, path=path))
    return found


def _import_distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise InputError(say("dask_wanted")) from error
