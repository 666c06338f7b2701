"""Readings of files kept between runs: what depends only on a file's bytes and on what reads them is computed once.

A reading lies under `<output>/.cache/readings/`, in a file named by the checksum of everything it depends on: the file's
bytes, its name, its place in an archive, and the code, forms, words, limits, code lists and libraries that read it. So
nothing has to be declared stale: what changed is looked up under another name. Runs may share the folder: an entry is
put in its place in one step, and one that is not whole counts as missing. The folder can be deleted at any time.
"""

import gzip
import hashlib
import io
import json
import os
import pickle
import struct
import tempfile
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.running.checksums import checksum
from transforms.claims import Said, said_of
from transforms.read import FileReading
from transforms.submissions import SourceFile

LARGEST_BYTES = 2 * 1024**3
FRESH_SECONDS = 24 * 3600
DIGEST = 32
# An entry begins with what the file says of its body and how many bytes tell it.
SIZE = struct.Struct(">I")
CONTAINERS = frozenset(
    {
        ("builtins", "set"),
        ("builtins", "frozenset"),
        ("collections", "defaultdict"),
        ("array", "array"),
        ("array", "_array_reconstructor"),
    }
)
OWN = "transforms."


@dataclass(frozen=True)
class Cache:
    """A folder of readings. `version`: the checksum of everything that reads (see `identity.reading`)."""

    folder: Path
    version: str
    largest_bytes: int = LARGEST_BYTES

    def get(self, file: SourceFile) -> FileReading | None:
        """The reading of a file, None where it is not known or its entry is damaged."""
        path = self._path(file)
        try:
            reading = unpacked(path.read_bytes())
            used(path)
        except (OSError, ValueError, zlib.error, pickle.UnpicklingError, AttributeError, EOFError):
            return None
        return reading

    def put(self, file: SourceFile, content: bytes) -> None:
        """Keep a packed reading."""
        keep(self._path(file), content)

    def said(self, file: SourceFile) -> Said | None:
        """What the file says of its body, None where its reading is not known."""
        try:
            with self._path(file).open("rb") as entry:
                return Said(*json.loads(unsealed(entry.read(*SIZE.unpack(entry.read(SIZE.size))))))
        except (OSError, ValueError, TypeError, struct.error):
            return None

    def has(self, file: SourceFile) -> bool:
        """Whether there is an entry for the file."""
        return self._path(file).is_file()

    def trim(self) -> None:
        """Drop the entries longest unused until the folder is within its bound."""
        trimmed(self.folder, self.largest_bytes)

    def _path(self, file: SourceFile) -> Path:
        key = checksum([self.version, file.sha256, file.name, *file.members])
        return self.folder / key[:2] / key


def keep(path: Path, content: bytes) -> None:
    """Put an entry in its place in one step. A full disk or a folder that cannot be written only costs the time saved."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        try:
            with os.fdopen(descriptor, "wb") as partial:
                partial.write(content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def used(path: Path) -> None:
    """Note that an entry is in use, with all files where it is a folder; one that cannot be written goes sooner."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > FRESH_SECONDS:
            for each in (*path.glob("*"), path):
                os.utime(each)


def trimmed(folder: Path, largest_bytes: int) -> None:
    """Drop the files longest unused until a folder is within its bound, and what a killed run left."""
    entries = sorted(_entries(folder.rglob("*")), key=lambda entry: -entry[0])
    taken = 0
    for used, size, path in entries:
        taken += size
        left_behind = ".partial" in str(path) and time.time() - used > FRESH_SECONDS
        if taken > largest_bytes or left_behind:
            with suppress(OSError):
                path.unlink()


def _entries(paths: Iterable[Path]) -> Iterable[tuple[float, int, Path]]:
    for path in paths:
        with suppress(OSError):
            found = path.stat()
            if path.is_file():
                yield found.st_mtime, found.st_size, path


def packed(reading: FileReading) -> bytes:
    """A reading as the bytes of an entry: what it says of its body, which is asked of all files, before all of it."""
    body = io.BytesIO()
    with gzip.GzipFile(fileobj=body, mode="wb", compresslevel=1, mtime=0) as file:
        pickle.dump(reading, file, protocol=pickle.HIGHEST_PROTOCOL)
    said = sealed(json.dumps(said_of(reading), ensure_ascii=False).encode())
    return SIZE.pack(len(said)) + said + sealed(body.getvalue())


def sealed(body: bytes) -> bytes:
    """An entry: the checksum of what it holds, then that."""
    return hashlib.sha256(body).digest() + body


def unsealed(content: bytes) -> bytes:
    """What an entry holds. Raises ValueError where it is damaged."""
    body = content[DIGEST:]
    if hashlib.sha256(body).digest() != content[:DIGEST]:
        raise ValueError("damaged")
    return body


def unpacked(content: bytes) -> FileReading:
    """The reading that was packed. Raises ValueError or UnpicklingError where it is damaged or something else."""
    begin = SIZE.size + int.from_bytes(content[: SIZE.size])
    reading = _Unpickler(io.BytesIO(gzip.decompress(unsealed(content[begin:])))).load()
    if not isinstance(reading, FileReading):
        raise pickle.UnpicklingError("no reading")
    return reading


class _Unpickler(pickle.Unpickler):
    """Builds nothing but this project's own classes and plain containers: the folder may be shared."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(OWN) or (module, name) in CONTAINERS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a reading")
