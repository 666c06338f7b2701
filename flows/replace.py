"""Replacing a published folder as a whole: one writer at a time, the former kept, crashes mended."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from expectations.errors import InputError, PublicationError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCKED_BYTE = 1 << 20


@contextmanager
def only_writer(output: Path, year: int) -> Iterator[None]:
    """Hold the lock of a year's output; the operating system releases it even when the process is killed.

    Raises:
        InputError: another run is writing the same year, or the folder cannot be written.
    """
    with _open_lock(output, year) as lock:
        if not _try_lock(lock):
            raise InputError(f"另一个进程正在处理 {output / str(year)}。请等它结束后再运行。")
        yield


def _open_lock(output: Path, year: int) -> IO[bytes]:
    try:
        output.mkdir(parents=True, exist_ok=True)
        return (output / f".{year}.lock").open("ab")
    except OSError as error:
        raise InputError(
            f"输出文件夹 {output} 不能写入（{error.strerror}）。请改用 --output 指定可写的文件夹。"
        ) from error


def _try_lock(lock: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            lock.seek(LOCKED_BYTE)
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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
        raise PublicationError(
            f"未能写入 {error.filename or output}（{error.strerror}），原有成果未改动。"
            "请检查磁盘空间和文件夹权限后重新运行。"
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def recover(output: Path, year: int) -> None:
    """Finish a replacement that was interrupted between its two renames, drop half-written folders."""
    ready, current = _ready(output, year), output / str(year)
    if ready.exists() and not current.exists():
        ready.rename(current)
    for leftover in [ready, *output.glob(f".{year}.*.partial")]:
        shutil.rmtree(leftover, ignore_errors=True)


def _ready(output: Path, year: int) -> Path:
    return output / f".{year}.ready"


def _new_staging(output: Path, year: int) -> Path:
    try:
        output.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{year}.", suffix=".partial", dir=output))
        staging.chmod(0o755)
    except OSError as error:
        raise PublicationError(
            f"输出文件夹 {output} 不能写入（{error.strerror}）。请检查权限或改用 --output。"
        ) from error
    return staging


def _swap(staging: Path, output: Path, year: int) -> None:
    """Two renames; the new release waits as `.<year>.ready` so that a crash between them can be mended."""
    ready, current = _ready(output, year), output / str(year)
    staging.rename(ready)
    former = _retire(current, output / "releases" / str(year), ready)
    try:
        ready.rename(current)
    except OSError:
        if former is not None:
            former.rename(current)
        shutil.rmtree(ready, ignore_errors=True)
        raise
    _sync_folder(output)


def _retire(current: Path, shelf: Path, ready: Path) -> Path | None:
    """Move the current release to the next free number of the shelf; None when there is no current one."""
    if not current.exists():
        return None
    former = shelf / str(_next_number(shelf))
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        current.rename(former)
    except OSError as error:
        shutil.rmtree(ready, ignore_errors=True)
        raise PublicationError(_why_not_moved(current, error)) from error
    return former


def _next_number(shelf: Path) -> int:
    return max((int(path.name) for path in shelf.glob("*") if path.name.isdigit()), default=0) + 1


def _why_not_moved(current: Path, error: OSError) -> str:
    held = _held_open(current)
    if held is not None:
        return f"{held} 正被其他程序（如 Excel、WPS）打开，不能替换。请关闭该文件后重新运行；原有成果未改动。"
    return f"不能替换 {current}（{error.strerror}），原有成果未改动。请检查文件夹权限后重新运行。"


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
    """Bring every file of a folder to the disk before its name says that it is complete."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
