"""The processes beside a run that need large libraries: where departments are judged, tables validated, notices drawn.

They are no copies of the run's own process: forking beside Prefect's threads may deadlock. Where the system has it, they are
copies of a process that does nothing but import these libraries, once, while Prefect's server comes up; elsewhere each
begins as a fresh interpreter. Processes that read always do (`reading.py`): they hold nothing but what reads.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import forkserver, get_context
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from flows.environment import begin_worker
from flows.interruption import interruption

LIBRARIES = ("great_expectations.expectations",)
IMPORTED = (
    "flows.running.judging",
    "flows.returned.notice_folders",
    "flows.returned.letter",
    *LIBRARIES,
    "flows.running.frozen",
)
COPIES = sys.platform == "linux"

Map = Callable[..., Iterable[Any]]
Given = ParamSpec("Given")
Result = TypeVar("Result")


class WorkerPool(ProcessPoolExecutor):
    """Processes beside a run. Each begins with what its pool writes to it: one that gets half of it dies with a traceback
    on the user's screen, so that nothing interrupts a pool while it starts them, which is when work is handed in."""

    def submit(
        self, function: Callable[Given, Result], /, *args: Given.args, **named: Given.kwargs
    ) -> Future[Result]:
        with interruption.held():
            return super().submit(function, *args, **named)


@contextmanager
def furnished_pool(workers: int) -> Iterator[Executor]:
    """Processes with libraries in them that wait for work; a thread of this one where a single process would have to import
    them first."""
    with _furnished(workers) as pool, begun_only(pool):
        yield pool


def _furnished(workers: int) -> Executor:
    begin_early()
    if workers == 1 and not COPIES:
        return ThreadPoolExecutor(workers)
    method = get_context("forkserver" if COPIES else "spawn")
    return WorkerPool(workers, mp_context=method, initializer=begin_worker)


@contextmanager
def begun_only(pool: Executor) -> Iterator[None]:
    """When the work inside fails or is interrupted, what has not begun is given up; what is under way is waited for:
    at a second look, the one of the pool itself, Python no longer knows that the rest was to be given up."""
    try:
        yield
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise


@contextmanager
def furnished_map(workers: int) -> Iterator[Map]:
    """A `map` over furnished processes; in this one where each of them would have to import for seconds first."""
    if COPIES:
        with furnished_pool(workers) as pool:
            yield pool.map
    else:
        yield map


def begin_early() -> None:
    """Import what takes seconds from now on, beside whatever goes on here; once, however often it is called."""
    if COPIES:
        forkserver.set_forkserver_preload([*IMPORTED])
        forkserver.ensure_running()
    else:
        for name in LIBRARIES:
            Thread(target=import_module, args=(name,), daemon=True).start()
