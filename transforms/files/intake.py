"""What a file is, by its content: its name is only what somebody typed."""

import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from transforms.files.archive import member_name, opened, part_content
from transforms.files.compound import MAGIC as COMPOUND
from transforms.files.compound import stream_names
from transforms.files.refusals import UnreadableFileError, limits

XLSX, XLSB, ODS, XLS, TEXT, ARCHIVE = "xlsx", "xlsb", "ods", "xls", "text", "archive"
DOCX, DOC, RTF, ODT = "docx", "doc", "rtf", "odt"
WORKBOOK_KINDS = frozenset({XLSX, XLSB, ODS, XLS})
DOCUMENT_KINDS = frozenset({DOCX, DOC, RTF, ODT})
DOCUMENT_SUFFIXES = frozenset({".docx", ".docm", ".doc", ".wps", ".rtf", ".odt", ".txt", ".md"})
TABLE_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv", ".tsv"})
REFUSED_ALWAYS = frozenset({"rar", "seven_zip"})

HEAD = 4096
MANIFEST = "META-INF/manifest.xml"
_MAGIC = (
    (b"%PDF", "a_pdf"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "seven_zip"),
    (b"{\\rtf", RTF),
    (b"ID;P", "sylk"),
    (b"\x89PNG", "an_image"),
    (b"\xff\xd8\xff", "an_image"),
    (b"GIF8", "an_image"),
    (b"\x09\x00", "old_excel"),
    (b"\x09\x02", "old_excel"),
    (b"\x09\x04", "old_excel"),
    (b"\x09\x08", "old_excel"),
)
_MARKUP = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "xml_2003"),
    (b"opendocument", "flat_xml"),
    (b"uof", "flat_xml"),
    (b"mime-version:", "mhtml"),
    (b"<html", "html"),
    (b"<!doctype html", "html"),
    (b"<table", "html"),
)
_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", XLS),
    ("Book", XLS),
    ("WordDocument", DOC),
)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(file: BinaryIO) -> str:
    """A kind this module names, or the cause (a key of the refusals) for which such a file cannot be read.

    Raises UnreadableFileError for a damaged or oversized package.
    """
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return "empty"
    if head.startswith(b"PK"):
        with opened(file) as package:
            return kind_of_package(package)
    if head.startswith(COMPOUND):
        return _kind_of_compound(file)
    return _kind_of_bytes(head)


def kind_of_package(package: zipfile.ZipFile) -> str:
    """The kind of an opened zip, as `kind_of`."""
    names = set(package.namelist())
    if "xl/workbook.bin" in names:
        return XLSB
    if "xl/workbook.xml" in names:
        return XLSX
    if "word/document.xml" in names:
        return DOCX
    if "content.xml" in names and (declared := _declared(package, names)):
        return _kind_of_open_document(declared)
    return "not_a_workbook" if "[Content_Types].xml" in names else ARCHIVE


def _declared(package: zipfile.ZipFile, names: set[str]) -> bytes:
    """What a package of OpenDocument says it is: its manifest says so too where its `mimetype` was lost."""
    part = next((name for name in ("mimetype", MANIFEST) if name in names), None)
    return part_content(package, part) if part else b""


def _kind_of_open_document(declared: bytes) -> str:
    return next(
        (
            kind
            for word, kind in ((b"opendocument.spreadsheet", ODS), (b"opendocument.text", ODT))
            if word in declared
        ),
        "a_document",
    )


def _kind_of_compound(file: BinaryIO) -> str:
    file.seek(0)
    names = stream_names(file.read(limits().workbook_bytes))
    return next((kind for name, kind in _STREAMS if name in names), "not_a_workbook")


def _kind_of_bytes(head: bytes) -> str:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    flat = head.decode("utf-16", errors="ignore").encode() if head.startswith(_UTF16) else head
    lowered = flat.lower()
    if lowered.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith((b"<", b"mime-version:")):
        return next((kind for word, kind in _MARKUP if word in lowered), "not_a_workbook")
    return "not_a_workbook" if _CONTROL & set(flat) else TEXT


def readable_members(package: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """The files of a department's archive with their names, in order of name.

    Raises UnreadableFileError for names that lead out of the archive and for two files of one name.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    for member in package.infolist():
        name = member_name(member)
        if not is_plain_path(name) or "\0" in member.orig_filename:
            raise UnreadableFileError("path", found=printable(name))
        if member.is_dir():
            continue
        if name in found:
            raise UnreadableFileError("repeated_member", found=printable(name))
        found[name] = member
    return [(found[name], name) for name in sorted(found)]


def is_plain_path(name: str) -> bool:
    r"""Whether a member's name stays inside its archive on every system.

    >>> [is_plain_path(name) for name in ("a/表.xlsx", "../a.xlsx", "/a.xlsx", "C:a.xlsx", "a\\b.xlsx")]
    [True, False, False, False, False]
    """
    path = PurePosixPath(name)
    return (
        bool(path.parts)
        and not path.is_absolute()
        and not {"..", "."} & set(name.split("/"))
        and "//" not in name
        and not set(name) & set('\\:*?"<>|')
        and name.isprintable()
    )


def printable(name: str) -> str:
    r"""A name as it may be shown: control characters as question marks, cut at 80.

    >>> printable("a\nb")
    'a?b'
    """
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80]
