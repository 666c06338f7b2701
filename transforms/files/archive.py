"""Zip archives from strangers: opened only after their table of contents has been weighed.

Nothing is ever unpacked to disk. A member is read into memory up to the size its entry declares; zipfile stops there
and its checksum tells a liar.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from expectations.names import as_sent, in_one_line
from transforms.files.refusals import UnreadableFileError, keep_bytes_within, keep_within, limits

_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_LOCAL, _LOCAL_SIZE = b"PK\x03\x04", 30
_COMMENT_SIZE = 65_535
_IN_ZIP64 = 0xFFFFFFFF
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
PIECE = 4 << 20

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, UnicodeError)


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """A zip whose declared sizes keep the limits. Raises UnreadableFileError, also for damage met while reading."""
    keep_bytes_within("unpacked_too_large", directory_size(file), limits().directory_bytes)
    try:
        with zipfile.ZipFile(file) as package:
            _weigh(package)
            yield package
    except DAMAGE as error:
        raise UnreadableFileError("damaged") from error


def directory_size(file: BinaryIO) -> int:
    """The bytes of a zip's table of contents, known without reading it. Raises UnreadableFileError."""
    end = file.seek(0, io.SEEK_END)
    start = file.seek(max(0, end - _END_SIZE - _COMMENT_SIZE - _LOCATOR_SIZE))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise UnreadableFileError("truncated")
    size = int(struct.unpack_from("<L", tail, at + 12)[0])
    if size != _IN_ZIP64 and tail[max(0, at - _LOCATOR_SIZE) : at][:4] != _LOCATOR:
        return size
    return _zip64_directory_size(file, tail, at, start)


def _zip64_directory_size(file: BinaryIO, tail: bytes, at: int, start: int) -> int:
    """The size that the 64-bit end record states, which the locator before the plain one points at."""
    if at < _LOCATOR_SIZE or tail[at - _LOCATOR_SIZE : at - _LOCATOR_SIZE + 4] != _LOCATOR:
        raise UnreadableFileError("damaged")
    where = struct.unpack_from("<Q", tail, at - _LOCATOR_SIZE + 8)[0]
    if where > start + at:
        raise UnreadableFileError("damaged")
    file.seek(where)
    record = file.read(56)
    if len(record) < 56:
        raise UnreadableFileError("damaged")
    return int(struct.unpack_from("<Q", record, 40)[0])


def _weigh(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    keep_within("members", len(members), limits().members)
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    keep_bytes_within("unpacked_too_large", unpacked, limits().unpacked_bytes)
    if unpacked > limits().ratio_from:
        keep_within("ratio", unpacked // packed, limits().ratio)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnreadableFileError("encrypted_archive")
    if any(member.header_offset < 0 for member in members):
        raise UnreadableFileError("damaged")


def part_content(package: zipfile.ZipFile, name: str) -> bytes:
    """The content of a part of a file, by its name. Raises UnreadableFileError where it is too large, KeyError."""
    return member_content(package, package.getinfo(name), limits().part_bytes)


def xml_content(package: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of an XML part. Raises UnreadableFileError where it defines entities or is not plain UTF-8, KeyError."""
    found = part_content(package, name)
    refuse_entities(found)
    return found


def refuse_entities(xml: bytes) -> None:
    """Raise UnreadableFileError where XML defines entities or is not plain UTF-8."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise UnreadableFileError("entities")
    if b"\0" in xml[:8]:
        raise UnreadableFileError("damaged")


def member_content(package: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The content of a member of at most `limit` bytes. Raises UnreadableFileError."""
    keep_bytes_within("unpacked_too_large", member.file_size, limit)
    if member.compress_type == zipfile.ZIP_DEFLATED and package.fp and not member.flag_bits & _ENCRYPTED:
        return _inflated(package.fp, member)
    with package.open(member) as file:
        return file.read()


def _inflated(file: IO[bytes], member: zipfile.ZipInfo) -> bytes:
    """A deflated member at once, which for small ones takes half of what a stream takes. Raises BadZipFile."""
    file.seek(member.header_offset)
    head = file.read(_LOCAL_SIZE)
    if len(head) < _LOCAL_SIZE or not head.startswith(_LOCAL):
        raise zipfile.BadZipFile(member.filename)
    file.seek(sum(struct.unpack_from("<HH", head, 26)), io.SEEK_CUR)
    unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
        file.read(member.compress_size), member.file_size + 1
    )
    if len(unpacked) != member.file_size or zlib.crc32(unpacked) != member.CRC:
        raise zipfile.BadZipFile(member.filename)
    return unpacked


def pieces(package: zipfile.ZipFile, name: str, mark: bytes) -> Iterator[bytes]:
    """The content of a part of a file in pieces of some MiB, all but the first beginning with `mark`.

    Raises UnreadableFileError, KeyError.
    """
    member, limit = package.getinfo(name), limits().part_bytes
    if member.file_size <= PIECE:
        yield member_content(package, member, limit)
        return
    keep_bytes_within("unpacked_too_large", member.file_size, limit)
    rest = b""
    with package.open(member) as file:
        while more := file.read(PIECE):
            rest += more
            cut = rest.rfind(mark)
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
    yield rest


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's name as its sender wrote it, in one line: UTF-8 where the entry or the bytes say so, else GB18030."""
    if member.flag_bits & _UTF8_NAME:
        return in_one_line(member.filename)
    return in_one_line(as_sent(member.filename.encode("cp437")) or member.filename)
