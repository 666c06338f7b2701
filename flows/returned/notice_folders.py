"""The folders of notices: taken over from an earlier run where all that they depend on is the same, else drawn.

A drawn notice lies under `<output>/.cache/notices/`, all its files in one, named by the checksum of what it says, of the
files it sends back and of everything that draws: nothing has to be declared stale, and an entry is there whole or not at
all. Where enough is to be drawn, other processes do that while this one writes the rest of the release.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from flows.returned.drawing import Files, Notice, drawn
from flows.returned.package import zipped
from flows.running.cache import keep, sealed, unsealed, used
from flows.running.checksums import checksum
from flows.running.processes import furnished_pool

# A fresh interpreter takes about as long to start as some forty notices to draw.
WORTH_A_PROCESS = 50
AT_ONCE = 8

FilesOf = Callable[[Notice], Files]
Begun = dict[str, "Future[dict[str, Files]]"]


@dataclass(frozen=True)
class KeptNotices:
    """A folder of drawn notices. `version`: the checksum of everything that draws (see `identity.drawing`)."""

    folder: Path
    version: str

    def get(self, notice: Notice) -> Files | None:
        """The files of a notice, None where they are not known or their entry is damaged."""
        path = self._path(notice)
        try:
            files = _unpacked(unsealed(path.read_bytes()))
            used(path)
        except (OSError, ValueError, zipfile.BadZipFile):
            return None
        return files

    def put(self, notice: Notice, files: Files) -> None:
        """Keep what was drawn for later runs."""
        keep(self._path(notice), sealed(zipped(files, zipfile.ZIP_STORED)))

    def has(self, notice: Notice) -> bool:
        """Whether there is an entry for the notice."""
        return self._path(notice).is_file()

    def _path(self, notice: Notice) -> Path:
        key = checksum([self.version, *_said(notice), *_sent(notice)])
        return self.folder / key[:2] / key


def _said(notice: Notice) -> Iterator[object]:
    """All that a notice says, as plain values."""
    yield from (notice.body, notice.year, notice.bureau, notice.deadline, notice.remarks)
    yield [astuple(entry) for entry in notice.entries]
    yield None if notice.changes is None else notice.changes.to_pydict()


def _sent(notice: Notice) -> Iterator[object]:
    """The files that a notice may send back: what they are called, what is in them."""
    yield from ([name, file.title, file.sha256] for name, file in notice.files.items())


def _unpacked(content: bytes) -> Files:
    """The files of an entry. Raises ValueError for a name that leads elsewhere: the folder may be shared."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        files = {item.filename: archive.read(item) for item in archive.infolist()}
    if any(Path(name).name != name for name in files):
        raise ValueError("no plain names")
    return files


def write_notices(notices: Iterable[Notice], folder: Path, files_of: FilesOf = drawn) -> None:
    """Write every notice into its folder. Raises InputError for a workbook that changed since it was read, OSError."""
    for notice in notices:
        own = folder / notice.folder
        own.mkdir(parents=True)
        for name, content in files_of(notice).items():
            (own / name).write_bytes(content)


@contextmanager
def drawing_aside(
    notices: Sequence[Notice], kept: KeptNotices | None = None, workers: int = 1
) -> Iterator[FilesOf]:
    """What gives the files of each notice: those of an earlier run, or drawn meanwhile by other processes, or now.

    `workers`: the most processes at work, this one among them, which has other things to do first.
    """
    if kept is None:
        yield drawn
        return
    missing = [notice for notice in notices if not kept.has(notice)]
    processes = min(workers - 1, len(missing) // WORTH_A_PROCESS)
    if processes < 1:
        yield partial(_files, kept, {})
        return
    with furnished_pool(processes) as pool:
        try:
            yield partial(_files, kept, _begun(pool, kept, missing))
        finally:
            pool.shutdown(cancel_futures=True)


def _begun(pool: Executor, kept: KeptNotices, notices: Sequence[Notice]) -> Begun:
    """What draws each notice, by its folder; some at a time."""
    begun: Begun = {}
    with suppress(BrokenProcessPool):
        for start in range(0, len(notices), AT_ONCE):
            batch = notices[start : start + AT_ONCE]
            begun |= dict.fromkeys(
                (notice.folder for notice in batch), pool.submit(draw_and_keep, kept, batch)
            )
    return begun


def draw_and_keep(kept: KeptNotices, notices: Sequence[Notice]) -> dict[str, Files]:
    """Draw some notices for later, in a worker; gives those that could not be kept, by their folders."""
    given = {}
    for notice in notices:
        files = drawn(notice)
        kept.put(notice, files)
        if not kept.has(notice):
            given[notice.folder] = files
    return given


def _files(kept: KeptNotices, begun: Begun, notice: Notice) -> Files:
    """The files of a notice. What no process has begun with, or one that died, is drawn in this one."""
    drawing, files = begun.get(notice.folder), None
    if drawing is not None and not drawing.cancel():
        with suppress(BrokenProcessPool):
            files = drawing.result().get(notice.folder)
    if files is None:
        files = kept.get(notice)
    if files is None:
        files = drawn(notice)
        kept.put(notice, files)
    return files
