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
from typing import BinaryIO

from transforms.refusals import UnreadableFileError, keep_bytes_within, keep_within, limits

_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_COMMENT_SIZE = 65_535
_IN_ZIP64 = 0xFFFFFFFF
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1

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


def content(package: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """The content of the member of a name, at most `limit` bytes. Raises UnreadableFileError, KeyError."""
    return member_content(package, package.getinfo(name), limit)


def xml_content(package: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """The bytes of an XML part. Raises UnreadableFileError where it defines entities or is not plain UTF-8, KeyError."""
    found = content(package, name, limit)
    if b"<!DOCTYPE" in found or b"<!ENTITY" in found:
        raise UnreadableFileError("entities")
    if b"\0" in found[:8]:
        raise UnreadableFileError("damaged")
    return found


def member_content(package: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The content of a member of at most `limit` bytes. Raises UnreadableFileError."""
    keep_bytes_within("unpacked_too_large", member.file_size, limit)
    with package.open(member) as file:
        return file.read()


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's name as its sender wrote it: UTF-8 where the entry or the bytes say so, else GB18030."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    raw = member.filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename
