"""One writer at a time for a year's output, by a lock that dies with its process."""

import getpass
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO

from expectations.errors import InputError
from expectations.reasons import why
from expectations.saying import Messages

say = Messages(__file__)

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCKED_BYTE = 1 << 20
LOOK_AGAIN = 0.5

Tell = Callable[[str], None]


def keep_apart(input_dir: Path, output_dir: Path, year: int) -> None:
    """Raise InputError where a release would replace what the departments sent, or be read as sent by them."""
    sent, folder = (Path(each, str(year)).resolve() for each in (input_dir, output_dir))
    kept = Path(output_dir, "releases").resolve()
    if any(is_within(*each) for each in ((sent, folder), (folder, sent), (kept, sent))):
        raise not_apart(sent, folder)


def is_within(inner: PurePath, outer: PurePath) -> bool:
    """Whether a place is another one or lies in it."""
    return inner == outer or outer in inner.parents


def not_apart(sent: object, folder: object) -> InputError:
    """The error of a release that would lie where the submissions lie."""
    return InputError(say("not_apart", folder=folder, sent=sent))


@contextmanager
def only_writer(
    output: Path,
    year: int,
    patience: float = 0.0,
    tell: Tell = lambda _sentence: None,
    instead: str = "",
) -> Iterator[bool]:
    """Hold the lock of a year's output; the operating system releases it even when the process is killed.

    `patience`: seconds to wait for another run, of which `tell` is given the sentence once; gives whether it waited.
    `instead`: what else the user may do, as the end of the sentence that refuses.

    Raises:
        InputError: another run is writing the same year, or the folder cannot be written.
    """
    with _open_lock(output, year) as lock:
        waited = _acquire(lock, output / str(year), patience, tell, instead)
        _sign(lock)
        yield waited


def _acquire(lock: IO[bytes], folder: Path, patience: float, tell: Tell, instead: str) -> bool:
    """Wait for the lock; whether that was necessary."""
    until = time.monotonic() + patience
    told = False
    while not try_lock(lock):
        busy = say("busy", folder=folder, holder=_holder(lock))
        if time.monotonic() >= until:
            raise InputError(say("refused", busy=busy, instead=instead))
        if not told:
            tell(say("waiting", busy=busy))
            told = True
        time.sleep(LOOK_AGAIN)
    return told


def lock_of(output: Path, year: int) -> Path:
    """The file whose lock whoever writes a year's output holds."""
    return output / f".{year}.lock"


def _open_lock(output: Path, year: int) -> IO[bytes]:
    try:
        output.mkdir(parents=True, exist_ok=True)
        return lock_of(output, year).open("a+b")
    except OSError as error:
        raise InputError(say("not_writable", folder=output, why=why(error))) from error


def try_lock(lock: IO[bytes]) -> bool:
    """Whether an open file could be locked at once; closing it, or the end of the process, unlocks it."""
    try:
        if sys.platform == "win32":
            lock.seek(LOCKED_BYTE)
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sign(lock: IO[bytes]) -> None:
    """Leave in the lock who holds it, for the message of the next; a full disk may keep it blank."""
    holder = {**who(), "since": datetime.now().astimezone().isoformat(timespec="seconds")}
    try:
        lock.truncate(0)
        lock.write(json.dumps(holder, ensure_ascii=False).encode())
        lock.flush()
    except OSError:
        return


def who() -> dict[str, str | int]:
    """The user, machine and process that run this."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = ""
    return {"user": user, "host": platform.node(), "pid": os.getpid()}


def _holder(lock: IO[bytes]) -> str:
    try:
        lock.seek(0)
        holder = json.loads(lock.read())
        return say(
            "holder", user=holder["user"], host=holder["host"], process=holder["pid"], since=holder["since"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ""
