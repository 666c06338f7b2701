"""What a run keeps for later ones: readings, parts of the county, notices, each under the checksum of what it is of."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from flows.identity import drawing, reading
from flows.returned.notice_folders import KeptNotices
from flows.running.aside import Begin, writing_aside
from flows.running.cache import Cache, trimmed

FOLDER = Path(".cache")
READINGS, PARTS, NOTICES = "readings", "parts", "notices"
LARGEST_PARTS, LARGEST_NOTICES = 2 * 1024**3, 1024**3


@dataclass(frozen=True)
class Kept:
    """The store of readings, the folder of the parts, the drawn notices, and what begins to write a county's cells and
    facts beside the run."""

    readings: Cache
    parts: Path
    notices: KeptNotices
    begin: Begin


def readings_in(folder: Path) -> Cache:
    """The store of readings in a folder of what is kept."""
    return Cache(folder / READINGS, reading())


@contextmanager
def keeping(output: Path, *, anew: bool) -> Iterator[Kept]:
    """Where a run finds and leaves what can be used again; anew, a place of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory() if anew else nullcontext(output / FOLDER) as name:
        readings, parts = readings_in(Path(name)), Path(name) / PARTS
        notices = KeptNotices(Path(name) / NOTICES, drawing())
        with writing_aside(parts) as begin:
            yield Kept(readings, parts, notices, begin)
        readings.trim()
        trimmed(parts, LARGEST_PARTS)
        trimmed(notices.folder, LARGEST_NOTICES)
