"""What a run keeps for later ones: readings of files and parts of the county, each under the checksum of what it is of."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.cache import Cache, trimmed
from flows.identity import reading

FOLDER = Path(".cache")
READINGS, PARTS = "readings", "parts"
LARGEST_PARTS = 2 * 1024**3


@dataclass(frozen=True)
class Kept:
    """The store of readings, and the folder of the parts."""

    readings: Cache
    parts: Path


@contextmanager
def keeping(output: Path, *, anew: bool) -> Iterator[Kept]:
    """Where a run finds and leaves what can be used again; anew, a place of its own that is gone afterwards."""
    if anew:
        with tempfile.TemporaryDirectory() as name:
            yield _kept(Path(name))
        return
    kept = _kept(output / FOLDER)
    yield kept
    kept.readings.trim()
    trimmed(kept.parts, LARGEST_PARTS)


def _kept(folder: Path) -> Kept:
    return Kept(Cache(folder / READINGS, reading()), folder / PARTS)
