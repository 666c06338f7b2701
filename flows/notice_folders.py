"""The folders of notices: taken over from an earlier run where all that they depend on is the same, else drawn.

A drawn notice lies under `<output>/.cache/notices/`, all its files in one, named by the checksum of what it says, of the
files it sends back and of everything that draws: nothing has to be declared stale, and an entry is there whole or not at
all. What must be drawn is drawn by several processes where there is enough of it to be worth starting them.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import astuple, dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

from flows.cache import keep, sealed, unsealed, used
from flows.checksums import checksum
from flows.drawing import Files, Notice, drawn
from flows.environment import begin_worker
from flows.package import zipped

# A process takes about as long to start as some forty notices to draw.
WORTH_A_PROCESS = 50
AT_ONCE = 8


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
    yield from ([name, file.path.name, file.sha256] for name, file in notice.files.items())


def _unpacked(content: bytes) -> Files:
    """The files of an entry. Raises ValueError for a name that leads elsewhere: the folder may be shared."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        files = {item.filename: archive.read(item) for item in archive.infolist()}
    if any(Path(name).name != name for name in files):
        raise ValueError("no plain names")
    return files


def write_notices(
    notices: Iterable[Notice], folder: Path, kept: KeptNotices | None = None, workers: int = 1
) -> None:
    """Write every notice into its folder. `kept`: those of earlier runs, and where new ones are kept.

    Raises InputError for a workbook that changed since it was read, OSError for what cannot be written.
    """
    missing = []
    for notice in notices:
        files = kept.get(notice) if kept else None
        if files is None:
            missing.append(notice)
        else:
            _write(files, folder / notice.folder)
    for notice, files in zip(missing, drawn_by(missing, workers), strict=True):
        _write(files, folder / notice.folder)
        if kept:
            kept.put(notice, files)


def _write(files: Files, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def drawn_by(notices: Sequence[Notice], workers: int) -> Iterator[Files]:
    """The files of each notice, drawn by so many processes at most, in fresh ones: forking beside threads may deadlock.

    What processes leave undone that die or do not come up is drawn in this one.
    """
    processes, done = min(workers, len(notices) // WORTH_A_PROCESS), 0
    if processes > 1:
        with suppress(BrokenProcessPool), _pool(processes) as pool:
            try:
                for files in pool.map(drawn, notices, chunksize=AT_ONCE):
                    done += 1
                    yield files
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
    yield from map(drawn, notices[done:])


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=begin_worker)
