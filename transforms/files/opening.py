"""Opening what a body sent: what it is by content, whether it is safe, then its sheets.

A file is one of the kinds of `intake`. The members of an archive are read in memory; nothing is unpacked to disk.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from transforms.files import intake
from transforms.files.archive import member_content, opened
from transforms.files.binary import inspect_xls, inspect_xlsb
from transforms.files.delimited import is_table, read_delimited
from transforms.files.forensics import SheetTroubles, Troubles, inspect_xlsx
from transforms.files.opendocument import inspect_ods, plainly_packed
from transforms.files.refusals import UnreadableFileError, keep_bytes_within, limits
from transforms.workbook import Sheet, read_sheets_of, sheet_of

NO_WORKBOOK = "not_a_workbook"
_PICTURES = ("/media/", "Pictures/")
_INSPECT = {intake.XLSX: inspect_xlsx, intake.XLSB: inspect_xlsb, intake.ODS: inspect_ods}


@dataclass(frozen=True)
class Opened:
    """A workbook's sheets, and what its parts show beside the values, by the name of the sheet."""

    sheets: list[Sheet]
    looked: dict[str, SheetTroubles]
    troubles: Troubles


def read_workbook(path: Path) -> list[Sheet]:
    """All worksheets of a file in their order. Raises UnreadableFileError."""
    return open_workbook(path, path.name).sheets


def open_workbook(path: Path, name: str, members: Sequence[str] = ()) -> Opened:
    """A file's sheets and troubles; `members` lead to a file in an archive, or in an archive in it.

    Raises UnreadableFileError.
    """
    called = members[-1] if members else name
    content = content_of(path, members)
    try:
        return _opened_content(content, called)
    except UnreadableFileError as error:
        if error.cause == "no_sheets" and content.startswith(b"PK") and _has_pictures(content):
            raise UnreadableFileError("only_pictures") from error
        raise


def _has_pictures(content: bytes) -> bool:
    """Whether a package holds pictures, as a workbook of scanned pages does."""
    with opened(io.BytesIO(content)) as package:
        return any(part in name for name in package.namelist() for part in _PICTURES)


def _opened_content(content: bytes, called: str) -> Opened:
    kind, troubles = _look(content)
    if kind == intake.TEXT and (_is_called_text(called) or is_table(content)):
        return _opened([sheet_of(PurePosixPath(called).stem, read_delimited(content))], [], Troubles())
    if troubles is None:
        raise UnreadableFileError(_why_no_workbook(kind, PurePosixPath(called).suffix.lower()))
    merges = [looked.merges for looked in troubles.sheets]
    try:
        sheets, places = read_sheets_of(content, merges)
    except UnreadableFileError as error:
        if kind != intake.ODS or error.cause != "damaged":
            raise
        sheets, places = read_sheets_of(plainly_packed(content), merges)
    return _opened(sheets, places, troubles)


def _look(content: bytes) -> tuple[str, Troubles | None]:
    """The kind of a file, and where it is a workbook what it shows beside its values.

    Raises UnreadableFileError for what is unsafe.
    """
    if content.startswith(b"PK"):
        with opened(io.BytesIO(content)) as package:
            kind = intake.kind_of_package(package)
            look = _INSPECT.get(kind)
            return kind, look(package) if look else None
    kind = intake.kind_of(io.BytesIO(content))
    return kind, inspect_xls(content) if kind == intake.XLS else None


def _why_no_workbook(kind: str, suffix: str) -> str:
    """The cause for a file of this kind; what neither is nor claims to be a workbook is told so."""
    if kind in intake.DOCUMENT_KINDS:
        return "a_document"
    if kind not in (intake.TEXT, intake.ARCHIVE, NO_WORKBOOK):
        return kind
    return NO_WORKBOOK if suffix in intake.TABLE_SUFFIXES else "neither"


def _is_called_text(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in (".csv", ".tsv")


def _opened(sheets: list[Sheet], places: Sequence[int], troubles: Troubles) -> Opened:
    unseen = any(looked.errors or looked.unresolved for looked in troubles.sheets)
    if not unseen and not any(sheet.rows for sheet in sheets):
        raise UnreadableFileError("no_sheets")
    looked = {
        sheet.name: troubles.sheets[place]
        for sheet, place in zip(sheets, places, strict=False)
        if place < len(troubles.sheets)
    }
    return Opened(sheets, looked, troubles)


def content_of(path: Path, members: Sequence[str]) -> bytes:
    """The bytes of a file, or of the member of a member … of an archive. Raises UnreadableFileError."""
    try:
        if not members:
            return _bounded(path)
        with path.open("rb") as archive:
            content = _member(archive, members[0])
    except OSError as error:
        raise UnreadableFileError("damaged") from error
    for member in members[1:]:
        content = _member(io.BytesIO(content), member)
    return content


def _bounded(path: Path) -> bytes:
    """A file's bytes, unless it is too large. Raises UnreadableFileError."""
    size = path.stat().st_size
    keep_bytes_within("too_large", size, limits().workbook_bytes)
    return path.read_bytes()


def _member(archive: BinaryIO, name: str) -> bytes:
    with opened(archive) as package:
        found = next((m for m, known in intake.readable_members(package) if known == name), None)
        if found is None:
            raise UnreadableFileError("damaged")
        keep_bytes_within("too_large", found.file_size, limits().workbook_bytes)
        return member_content(package, found, limits().workbook_bytes)
