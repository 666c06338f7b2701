"""Replacing a published folder as a whole: the former kept, crashes mended."""

import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from expectations.errors import PublicationError
from expectations.reasons import why
from expectations.saying import Messages
from flows.published.exchange import exchange
from flows.running.checksums import sha256

say = Messages(__file__)

READY, PARTIAL = ".ready", ".partial"
RECORD = "run.json"
MARK_LENGTH = 16
SYNCED_AT_ONCE = 16


@contextmanager
def replacing(output: Path, year: int) -> Iterator[Path]:
    """Give an empty folder to fill; on leaving, it becomes `<output>/<year>` in one move.

    The former release moves to `<output>/releases/<year>/<n>`. When anything fails it stays where it is.

    Raises:
        PublicationError: the folder or a file in it cannot be written or moved, named in the message.
    """
    recover(output, year)
    staging = _new_staging(output, year)
    try:
        yield staging
        _sync(staging)
        _swap(staging, output, year)
    except OSError as error:
        raise PublicationError(say("not_written", path=error.filename or output, why=why(error))) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def recover(output: Path, year: int) -> None:
    """Mend what a run that was killed has left: finish its last move, drop what it had not finished.

    A waiting folder bears the checksum of its `run.json`. One that still has it is new: it takes the place of a
    release that is missing and is dropped where one stands. One that has another is the former release,
    exchanged already: it goes to its shelf.
    """
    current = output / str(year)
    for waiting in sorted(output.glob(f".{year}.*{READY}")):
        new = is_new(waiting)
        if new and not current.exists():
            waiting.rename(current)
        elif not new and current.exists():
            _shelve(waiting, _shelf(output, year))
    for leftover in [*output.glob(f".{year}.*{READY}"), *output.glob(f".{year}.*{PARTIAL}")]:
        shutil.rmtree(leftover, ignore_errors=True)


def is_new(waiting: Path) -> bool:
    """Whether a waiting folder is the release it was named for, rather than the one exchanged for it."""
    return waiting.name.endswith(f".{_mark(waiting)}{READY}")


def standing_release(output: Path, year: int) -> Path:
    """The folder where a reader finds the year's release.

    Where two folders cannot be exchanged at once, that is the waiting one for the moment between two renames,
    and after a crash in that moment until the next run.
    """
    current = output / str(year)
    if current.exists():
        return current
    waiting = [folder for folder in sorted(output.glob(f".{year}.*{READY}")) if is_new(folder)]
    return waiting[0] if waiting and not current.exists() else current


def _mark(folder: Path) -> str:
    """What tells one release from another; the same for the same `run.json`, which names every file's checksum."""
    record = folder / RECORD
    return sha256(record)[:MARK_LENGTH] if record.is_file() else "unmarked"


def _shelf(output: Path, year: int) -> Path:
    return output / "releases" / str(year)


def _new_staging(output: Path, year: int) -> Path:
    try:
        output.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{year}.", suffix=PARTIAL, dir=output))
        staging.chmod(0o755)
    except OSError as error:
        raise PublicationError(say("not_writable", folder=output, why=why(error))) from error
    return staging


def _swap(staging: Path, output: Path, year: int) -> None:
    """Put the new release in the place of the former in one step, or in two renames where there is no such step."""
    ready = output / f".{year}.{_mark(staging)}{READY}"
    current, shelf = output / str(year), _shelf(output, year)
    staging.rename(ready)
    try:
        if not current.exists():
            ready.rename(current)
        elif exchange(ready, current):
            _shelve_exchanged(ready, current, shelf)
        else:
            _swap_by_renames(ready, current, shelf)
    except (OSError, PublicationError):
        shutil.rmtree(ready, ignore_errors=True)
        raise
    _sync_folder(output)


def _shelve_exchanged(former: Path, current: Path, shelf: Path) -> None:
    """Shelve the release that was exchanged; where it cannot be kept, it gets its place back."""
    _sync_folder(current.parent)
    try:
        _shelve(former, shelf)
    except OSError:
        exchange(former, current)
        raise


def _swap_by_renames(ready: Path, current: Path, shelf: Path) -> None:
    try:
        former = _shelve(current, shelf)
    except OSError as error:
        raise PublicationError(_why_not_moved(current, error)) from error
    try:
        ready.rename(current)
    except OSError:
        former.rename(current)
        raise


def _shelve(release: Path, shelf: Path) -> Path:
    """Move a former release to the next free number of its shelf."""
    shelf.mkdir(parents=True, exist_ok=True)
    former = shelf / str(_next_number(shelf))
    release.rename(former)
    return former


def _next_number(shelf: Path) -> int:
    return max((int(path.name) for path in shelf.glob("*") if path.name.isdigit()), default=0) + 1


def _why_not_moved(current: Path, error: OSError) -> str:
    held = _held_open(current)
    if held is not None:
        return say("held_open", path=held)
    return say("not_moved", folder=current, why=why(error))


def _held_open(folder: Path) -> Path | None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _opens_for_writing(path):
            return path
    return None


def _opens_for_writing(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return True
    except PermissionError:
        return False


def _sync(folder: Path) -> None:
    """Bring every file of a folder, then every folder, to the disk before its name says that it is complete.

    Many at once: a disk that is asked one by one writes its journal for each of the thousands of files of notices.
    """
    paths = [folder, *folder.rglob("*")]
    with ThreadPoolExecutor(SYNCED_AT_ONCE) as threads:
        for sync, which in ((_sync_file, Path.is_file), (_sync_folder, Path.is_dir)):
            deque(threads.map(sync, filter(which, paths)), maxlen=0)


def _sync_file(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
