"""Whole runs in forked children of a process that has imported everything: a run costs its work, not its imports.

A child is the command line from its arguments to its exit code. What it announces on stderr is heard within it, at once
and before it goes on, so that something can be done to it at an exact moment: signal 9, a disk that is full from then on.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from flows.running import processes

SLOW = ("flows.consolidate", "flows.preflight", *processes.LIBRARIES)
NO_EXIT_CODE = 70

Hear = Callable[[str], None]


def import_everything() -> None:
    """What a run imports. PREFECT_API_URL must be set before: Prefect reads it once.

    A child has all that by its birth, and needs no process that imports it for others; this one's would be none of its own.
    """
    for name in SLOW:
        importlib.import_module(name)
    processes.COPIES = False


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, or minus the signal that killed it; what it said on stderr."""

    code: int
    said: str


@dataclass(frozen=True)
class Child:
    """A run under way."""

    pid: int
    log: Path

    def wait(self) -> Ended:
        """How it ended, when it has; the processes that it started and left are ended with it."""
        _, status = os.waitpid(self.pid, 0)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return Ended(os.waitstatus_to_exitcode(status), self.log.read_text("utf-8"))

    def wait_for(self, text: str) -> None:
        """Wait until it has said something."""
        while text not in self.log.read_text("utf-8"):
            pid, _ = os.waitpid(self.pid, os.WNOHANG)
            assert pid == 0, f"it ended before it said {text!r}"


def start(
    arguments: Sequence[str], log: Path, hear: Hear = lambda _line: None, hook: Hear | None = None
) -> Child:
    """Run the command line in a child. `hear` is called in it with every text that it prints on stderr.

    `hook` is called with every name of a file that it is about to open, make or move (an audit hook of Python).
    """
    log.write_text("")
    pid = os.fork()
    if pid:
        return Child(pid, log)
    code = NO_EXIT_CODE
    try:
        code = _run(arguments, log, hear, hook)
    finally:
        os._exit(code)


class _Heard:
    """An error stream whose every text is heard before it is written."""

    encoding = "utf-8"

    def __init__(self, descriptor: int, hear: Hear) -> None:
        self.descriptor = descriptor
        self.hear = hear

    def write(self, text: str) -> int:
        os.write(self.descriptor, text.encode())
        self.hear(text)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self.descriptor


def _run(arguments: Sequence[str], log: Path, hear: Hear, hook: Hear | None) -> int:
    from flows.cli import main

    os.setsid()
    # Its own lock is shared with every process forked: one that is killed while it prints would stop them all.
    tqdm.set_lock(threading.RLock())
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), 2)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 – a descriptor
    sys.stderr = _Heard(2, hear)  # type: ignore[assignment]
    if hook:
        _watch_files(hook)
    return main(list(arguments))


def _watch_files(hook: Hear) -> None:
    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.rename", "os.mkdir"):
            hook(f"{event} {arguments[0]}")

    sys.addaudithook(heard)
