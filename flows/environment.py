"""What the libraries find in their environment: a home of their own, no request beyond this machine.

The command line imports this module even to show its help: what takes milliseconds to import is imported where it is used.
"""

import atexit
import ctypes
import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

# The exit code of what a user has to mend.
CANNOT_RUN = 2
PROJECT = Path(__file__).resolve().parent.parent

DEFAULTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # A server that is gone costs seconds a question: at most three times ten where it hangs.
    "PREFECT_CLIENT_MAX_RETRIES": "2",
    "PREFECT_API_REQUEST_TIMEOUT": "10",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    # Arrow's own pool keeps what tables leave for the next ones, a fifth of what a run holds at its peak.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
QUIET_CONSOLE = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
}
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
LOOPBACK = "127.0.0.1,localhost"


def prepare_environment() -> None:
    """Set what is not set yet; must run before prefect is imported. What the user has set stands."""
    _set_defaults({"PREFECT_HOME": str(prefect_home())} | DEFAULTS)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), LOOPBACK]))


def silence_console() -> None:
    """Keep the libraries' log off the console: users read sentences. It still reaches the Prefect server."""
    _set_defaults(QUIET_CONSOLE)
    logging.raiseExceptions = False


def mute_errors() -> None:
    """Let nothing more reach the error stream: what a dying library prints is no message for the user."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.__stderr__.fileno() if sys.__stderr__ else 2)


@contextmanager
def errors_muted() -> Iterator[None]:
    """Let what is started meanwhile inherit an error stream that nobody sees."""
    shown = os.dup(2)
    mute_errors()
    try:
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)


def begin_worker() -> None:
    """Make a process ready to work for the one that started it: it says nothing, and it ends with that one.

    A worker cannot see by its queue that nobody will send work any more: those of a run that was killed would wait for ever.
    """
    from multiprocessing import parent_process

    mute_errors()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: "BaseProcess") -> None:
    parent.join()
    os._exit(1)


def give_back_memory() -> None:
    """Give what is free inside this process back to the system, where the C library would keep it."""
    if _TRIM:
        _TRIM(0)


def settle_memory() -> None:
    """Take what is there by now, most of it brought by libraries, as staying: a look through all of it for garbage takes a
    fifth of a second, and there would be one in every other stage."""
    gc.collect()
    gc.freeze()


def texts_as_python_objects() -> None:
    """Hold the texts of frames as Python's own: a run's frames are many and small, and there each step through Arrow takes
    longer than what it does. Judging takes a tenth less, a few departments a fifth."""
    import_module("pandas").set_option("mode.string_storage", "python")


@contextmanager
def libraries_passed_over() -> Iterator[None]:
    """Collect garbage meanwhile, but of what comes from now on only."""
    settle_memory()
    gc.enable()
    try:
        yield
    finally:
        gc.unfreeze()


def mute_the_end() -> None:
    """Mute the tearing down of the interpreter, after all else that runs at exit; to be called before it is registered.

    Beside Prefect's threads DuckDB's bindings count their own types as leaked, in dozens of lines. They do so after whole
    runs under Prefect only: neither the stages nor the publication by themselves nor a small flow that uses DuckDB leave any.
    """
    atexit.register(mute_errors)


# What is left to Prefect's threads where its server is lost.
FAREWELL_SECONDS = 3.0


def end_within(seconds: float, code: int) -> None:
    """End the process after so many seconds, whatever still goes on in it.

    For when nothing is left to do but what Prefect's threads would tell a lost server, for minutes.
    """
    ending = threading.Timer(seconds, os._exit, [code])
    ending.daemon = True
    ending.start()


def _set_defaults(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        os.environ.setdefault(name, value)


def prefect_home() -> Path:
    """The folder of Prefect's database: `.prefect` in a checkout, else in the user's data folder."""
    if (PROJECT / "pyproject.toml").is_file() and os.access(PROJECT, os.W_OK):
        return PROJECT / ".prefect"
    return _data_folder() / "county-budget" / "prefect"


def _data_folder() -> Path:
    for name in ("LOCALAPPDATA", "XDG_DATA_HOME"):
        if os.environ.get(name):
            return Path(os.environ[name])
    try:
        return Path.home() / ".local" / "share"
    except RuntimeError:
        import tempfile

        return Path(tempfile.gettempdir())
