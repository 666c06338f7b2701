"""What a run keeps for later ones: readings of files and parts of the county, each under the checksum of what it is of."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from flows.aside import Begin, writing_aside
from flows.cache import Cache, trimmed
from flows.identity import reading

FOLDER = Path(".cache")
READINGS, PARTS = "readings", "parts"
LARGEST_PARTS = 2 * 1024**3


@dataclass(frozen=True)
class Kept:
    """The store of readings, the folder of the parts, and what begins to write a county's cells and facts beside the run."""

    readings: Cache
    parts: Path
    begin: Begin


@contextmanager
def keeping(output: Path, *, anew: bool) -> Iterator[Kept]:
    """Where a run finds and leaves what can be used again; anew, a place of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory() if anew else nullcontext(output / FOLDER) as name:
        readings, parts = Cache(Path(name) / READINGS, reading()), Path(name) / PARTS
        with writing_aside(parts) as begin:
            yield Kept(readings, parts, begin)
        readings.trim()
        trimmed(parts, LARGEST_PARTS)
