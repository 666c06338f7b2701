"""Compound files (OLE), the wrapping of .xls, .et, .doc and of encrypted packages: their streams by name.

Every chain is followed at most as far as the file is long, so that no loop among its sectors is endless.
"""

import struct
from dataclasses import dataclass

from transforms.files.refusals import UnreadableFileError

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER, _ENTRY = 512, 128
_NO_SECTOR = 0xFFFFFFFA
_FIRST_TABLES = 109
_STREAM, _ROOT = 2, 5


@dataclass(frozen=True)
class Entry:
    """One entry of the directory."""

    name: str
    kind: int
    start: int
    size: int


class Compound:
    """A compound file in memory. Raises UnreadableFileError where its structure is damaged."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(MAGIC) or len(content) < _HEADER:
            raise UnreadableFileError("truncated")
        self._content = content
        shift, small_shift = struct.unpack_from("<HH", content, 30)
        if not (7 <= shift <= 16 and 4 <= small_shift < shift):
            raise UnreadableFileError("damaged")
        self._size, self._small_size = 1 << shift, 1 << small_shift
        first_directory, _, self._cutoff, first_small = struct.unpack_from("<LLLL", content, 48)
        self._table = self._allocation()
        self.entries = _entries(self._chain(first_directory))
        self._small_table = _numbers(self._chain(first_small)) if first_small < _NO_SECTOR else ()

    def stream(self, name: str) -> bytes:
        """The content of a stream. Raises UnreadableFileError where it is missing or cut off."""
        entry = next((e for e in self.entries if e.name == name and e.kind == _STREAM), None)
        if entry is None:
            raise UnreadableFileError("damaged")
        content = self._small(entry.start) if entry.size < self._cutoff else self._chain(entry.start)
        if len(content) < entry.size:
            raise UnreadableFileError("truncated")
        return content[: entry.size]

    def _sector(self, number: int) -> bytes:
        start = _HEADER + number * self._size if self._size == _HEADER else (number + 1) * self._size
        return self._content[start : start + self._size]

    def _allocation(self) -> tuple[int, ...]:
        """Which sector follows each."""
        sectors = list(struct.unpack_from(f"<{_FIRST_TABLES}L", self._content, 76))
        following = struct.unpack_from("<L", self._content, 68)[0]
        for _ in range(len(self._content) // self._size):
            if following >= _NO_SECTOR:
                break
            numbers = _numbers(self._sector(following))
            if not numbers:
                raise UnreadableFileError("truncated")
            sectors += numbers[:-1]
            following = numbers[-1]
        used = [number for number in sectors if number < _NO_SECTOR]
        if len(used) > len(self._content) // self._size:
            raise UnreadableFileError("damaged")
        return _numbers(b"".join(map(self._sector, used)))

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _followed(start, self._table))

    def _small(self, start: int) -> bytes:
        root = next((entry for entry in self.entries if entry.kind == _ROOT), None)
        if root is None:
            raise UnreadableFileError("damaged")
        whole, size = self._chain(root.start), self._small_size
        return b"".join(whole[n * size : (n + 1) * size] for n in _followed(start, self._small_table))


def stream_names(content: bytes) -> frozenset[str]:
    """The names of all streams of a compound file. Raises UnreadableFileError."""
    return frozenset(entry.name for entry in Compound(content).entries)


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}L", content[: len(content) // 4 * 4])


def _followed(start: int, table: tuple[int, ...]) -> list[int]:
    numbers: list[int] = []
    number = start
    while number < _NO_SECTOR:
        if number >= len(table) or len(numbers) > len(table):
            raise UnreadableFileError("truncated" if number >= len(table) else "damaged")
        numbers.append(number)
        number = table[number]
    return numbers


def _entries(directory: bytes) -> list[Entry]:
    found = []
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        start, size = struct.unpack_from("<LL", directory, at + 116)
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
        if kind:
            found.append(Entry(name, kind, start, size))
    return found
