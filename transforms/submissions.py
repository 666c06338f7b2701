"""What lies in a year's input folder: files of bodies, the roster, and what is no input at all."""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from expectations.errors import InputError
from expectations.misnamed import INSTEAD, bureau_files, left_above, meant_file, refuse_misnamed
from expectations.names import name_below, readable
from expectations.reasons import why
from transforms.files import intake
from transforms.files.archive import member_content, opened
from transforms.files.delimited import decoded
from transforms.files.refusals import UnreadableFileError, limits
from transforms.roster import ROSTER, read_roster
from transforms.wording.messages import message
from transforms.wording.patterns import pattern, piece

if TYPE_CHECKING:
    import pandas as pd

# What a county that never was brings along beside its bureau's files.
_OF_SAMPLES = frozenset({"defects.csv", "readme.md"})
# What was written this moment may be written again without the clock of the file system showing it.
SETTLED_SECONDS = 2.0
KNOWN_FILES = 100_000
LEFT_BEHIND = "left behind by a program"
NOTHING_TO_READ = "nothing to read in it: submission {number} counts"
_IGNORED = {
    "empty": "empty",
    "a_document": "a text document",
    "a_pdf": "a PDF",
    "an_image": "an image",
    "html": "a web page",
    "mhtml": "a web page",
    "text": "plain text",
    "encrypted": "encrypted, and not named as a workbook",
}
_LEFTOVERS = re.compile(r"^(?:~\$.*|\.~lock.*|thumbs\.db|\.ds_store|desktop\.ini|\..*)$", re.IGNORECASE)
_SUBMISSION, _OF_A_BUDGET = pattern("submission"), pattern("of_a_budget")
_FOLDER = re.compile(r"^(\d{3,9})[_\-— ]+(.+)$")


@dataclass(frozen=True)
class SourceFile:
    """One file sent by a body. `name` is its path below the year's folder, with forward slashes.

    A file in an archive is called `archive.zip!member`; `path`, `size` and `sha256` are then the archive's, and
    `members` lead to the file in it. `refused`: why it will not be read, found while sorting it out. `kind`: what it
    is by its content (see intake), '' where nobody has looked.
    """

    path: Path
    name: str
    folder: str
    folder_code: str
    folder_name: str
    submission: int
    size: int
    sha256: str
    members: tuple[str, ...] = ()
    refused: str = ""
    kind: str = ""

    @property
    def title(self) -> str:
        """What the file received is called: for one in an archive, the archive."""
        return readable(self.path.name)

    @property
    def sent_as(self) -> str:
        """What its sender calls it, without the folders it was put into: one in an archive with the archive before it."""
        return "!".join((self.title, *self.members))

    @property
    def is_document(self) -> bool:
        """Whether it is a Word or text document: by its content, or by its name where its content says nothing."""
        called = PurePosixPath(self.name).suffix.lower() in intake.DOCUMENT_SUFFIXES
        return self.kind in intake.DOCUMENT_KINDS or (called and self.kind not in intake.WORKBOOK_KINDS)


@dataclass(frozen=True)
class Inputs:
    """Everything found for one year. `ignored` says of each other file why it is not read, `superseded` which of
    them belong to earlier submissions."""

    year: int
    root: Path
    files: tuple[SourceFile, ...]
    ignored: dict[str, str]
    roster: pd.DataFrame | None
    superseded: tuple[SourceFile, ...] = ()


def discover(year_dir: Path, year: int) -> Inputs:
    """The inputs of one year.

    Raises InputError where the folder is missing or holds no file to read, and where the roster is wrong.
    """
    if not year_dir.is_dir():
        raise InputError(message("no_year_folder", folder=year_dir))
    paths = _named(files_below(year_dir), year_dir)
    above = left_above(year_dir)
    refuse_misnamed(year_dir, [*(name for name in paths if _why_ignored(name) != LEFT_BEHIND), *above])
    roster = read_roster(year_dir / ROSTER)
    files: list[SourceFile] = []
    ignored = {name: INSTEAD.format(right=meant_file(name)) for name in above}
    for name, path in paths.items():
        reason = _why_ignored(name)
        if reason is None:
            found, left = received(path, name)
            files += found
            ignored |= left
        elif reason:
            ignored[name] = reason
    files, superseded = _highest_submissions(files)
    ignored |= _empty_submissions(year_dir, files)
    ignored |= {file.name: f"superseded by submission {latest}" for file, latest in superseded}
    if not files:
        raise InputError(message("nothing_to_read", folder=year_dir))
    return Inputs(year, year_dir, tuple(files), ignored, roster, tuple(file for file, _ in superseded))


def _named(paths: Sequence[Path], folder: Path) -> dict[str, Path]:
    """Files by their names below a folder. Raises InputError for two that would bear one name, each encoded in its own way."""
    named: dict[str, Path] = {}
    for path in paths:
        name = name_below(path, folder)
        if name in named:
            raise InputError(message("same_name", path=folder / name))
        named[name] = path
    return named


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, by name. Raises InputError for a folder in it that cannot be opened."""
    found: list[Path] = []
    try:
        for parent, folders, names in os.walk(folder, onerror=_raised, followlinks=True):
            folders[:] = [name for name in folders if not _leads_back(Path(parent, name))]
            found += [Path(parent, name) for name in names if Path(parent, name).is_file()]
    except OSError as error:
        raise _not_opened("folder_not_opened", error.filename, error) from error
    return sorted(found)


def _leads_back(folder: Path) -> bool:
    """Whether a folder is a link to one that it lies in: all that is there would be found again below it, and again."""
    return folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve())


def _raised(error: OSError) -> None:
    raise error


def _not_opened(key: str, path: object, error: OSError) -> InputError:
    return InputError(message(key, path=path, why=why(error)))


def submission_files(folder: Path) -> list[Path]:
    """The files of one body's folder that are to be read, of the submission with the highest number."""
    named = [(path, f"{folder.name}/{name_below(path, folder)}") for path in files_below(folder)]
    sources = [source_file(path, name) for path, name in named if _why_ignored(name) is None]
    counted, _ = _highest_submissions(sources)
    return [source.path for source in counted if received(source.path, source.name)[0]]


def received(path: Path, name: str) -> tuple[Sequence[SourceFile], Mapping[str, str]]:
    """The files to read in one file as received: itself or, of an archive, its members; and why others are not.

    What is damaged or unsafe is among the files to read, with the reason why it will not be read. A file is looked into
    once: before a run and at its beginning it is the same one, unless the system says that it was written to since.
    Raises InputError for a file that cannot be opened.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise _not_opened("file_not_opened", path, error) from error
    if time.time() - max(status.st_mtime, status.st_ctime) < SETTLED_SECONDS:
        return _looked_into(path, name)
    return _known(path, name, (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))


@lru_cache(KNOWN_FILES)
def _known(path: Path, name: str, _state: tuple[int, ...]) -> tuple[Sequence[SourceFile], Mapping[str, str]]:
    return _looked_into(path, name)


def _looked_into(path: Path, name: str) -> tuple[list[SourceFile], dict[str, str]]:
    source = source_file(path, name)
    try:
        with path.open("rb") as file:
            return _sorted_out(source, file, name)
    except UnreadableFileError as error:
        return [replace(source, refused=str(error))], {}


def _sorted_out(source: SourceFile, file: BinaryIO, name: str) -> tuple[list[SourceFile], dict[str, str]]:
    kind = intake.kind_of(file)
    if kind == intake.ARCHIVE:
        return _members(source, file)
    called = PurePosixPath(name).suffix.lower()
    if kind in intake.WORKBOOK_KINDS | intake.DOCUMENT_KINDS | intake.REFUSED_ALWAYS:
        return [replace(source, kind=kind)], {}
    if called in intake.TABLE_SUFFIXES | intake.DOCUMENT_SUFFIXES and not _is_note(kind, called, file):
        return [replace(source, kind=kind)], {}
    return [], {source.name: _IGNORED.get(kind, "not a workbook")}


def _is_note(kind: str, called: str, file: BinaryIO) -> bool:
    """Whether a plain text says nothing of a budget: people enclose notes (请查收)."""
    if kind != intake.TEXT or called in intake.TABLE_SUFFIXES:
        return False
    file.seek(0)
    try:
        return _OF_A_BUDGET.search(decoded(file.read(limits().workbook_bytes))) is None
    except UnreadableFileError:
        return False


def _members(source: SourceFile, file: BinaryIO) -> tuple[list[SourceFile], dict[str, str]]:
    """The files of an archive; the archive itself where nothing in it is to be read."""
    if len(source.members) >= limits().archive_depth:
        raise UnreadableFileError("depth", limit=limits().archive_depth)
    files: list[SourceFile] = []
    ignored: dict[str, str] = {}
    with opened(file) as package:
        for member, name in intake.readable_members(package):
            inside = _inside(source, name)
            if any(_LEFTOVERS.match(part) for part in name.split("/")):
                ignored[inside.name] = LEFT_BEHIND
                continue
            content = member_content(package, member, limits().workbook_bytes)
            found, left = _sorted_out(inside, io.BytesIO(content), name)
            files += found
            ignored |= left
    if not files:
        raise UnreadableFileError("no_workbook_inside")
    return files, ignored


def _inside(archive: SourceFile, name: str) -> SourceFile:
    """A member as if its archive were a folder; an archive that lies in no folder is one itself."""
    folder, code, title, number = _placed(f"{archive.folder or PurePosixPath(archive.name).stem}/{name}")
    return replace(
        archive,
        name=f"{archive.name}!{name}",
        folder=folder,
        folder_code=code,
        folder_name=title,
        submission=max(archive.submission, number),
        members=(*archive.members, name),
    )


def source_file(path: Path, name: str) -> SourceFile:
    """A file with its hash, its folder's code and name, and the number of its submission.

    Raises InputError for a file that cannot be opened.
    """
    try:
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _not_opened("file_not_opened", path, error) from error
    folder, code, title, number = _placed(name)
    return SourceFile(path, name, folder, code, title, number, path.stat().st_size, checksum)


def _placed(name: str) -> tuple[str, str, str, int]:
    """The folder a file lies in, the code and the name it bears, and the number of the submission."""
    parts = name.split("/")
    folder = parts[0] if len(parts) > 1 else ""
    return folder, *named_folder(folder), submission_number(parts)


def named_folder(folder: str) -> tuple[str, str]:
    """The code and the name that a body's folder bears; '' where it bears none.

    >>> named_folder("101_教育局"), named_folder("2020年预算")
    (('101', '教育局'), ('', ''))
    """
    named = _FOLDER.match(folder)
    return (named[1], named[2].strip()) if named else ("", "")


def submission_number(parts: Sequence[str]) -> int:
    """The number of the submission a file belongs to: that of the folder right below its body's, else 1.

    >>> submission_number(["101_教育局", "2", "a.xlsx"]), submission_number(["101_教育局", "101001", "a.xlsx"])
    (2, 1)
    >>> submission_number(["101_教育局", "02", "a.xlsx"]), submission_number(["101_教育局", "第三次", "a.xlsx"])
    (2, 3)
    """
    named = _SUBMISSION.fullmatch(parts[1]) if len(parts) > 2 else None
    if named is None:
        return 1
    return int(named[1] or named[2] or piece("numeral").index(named[3]) + 1)


def _why_ignored(name: str) -> str | None:
    """None for a file to read, '' for one of the bureau's own, else the reason why it is ignored."""
    parts = name.split("/")
    if any(_LEFTOVERS.match(part) for part in parts):
        return LEFT_BEHIND
    if (len(parts) == 1 and parts[0].lower() in {*bureau_files(), *_OF_SAMPLES}) or parts[0] == "codes":
        return ""
    right = meant_file(name)
    return INSTEAD.format(right=right) if right else None


def _highest_submissions(files: list[SourceFile]) -> tuple[list[SourceFile], list[tuple[SourceFile, int]]]:
    """Of each folder's successive submissions the highest counts; the older ones are listed."""
    latest: dict[str, int] = {}
    for file in files:
        latest[file.folder] = max(latest.get(file.folder, 0), file.submission)
    counted = [file for file in files if not file.folder or file.submission == latest[file.folder]]
    older = [
        (file, latest[file.folder]) for file in files if file.folder and file.submission < latest[file.folder]
    ]
    return counted, older


def _empty_submissions(year_dir: Path, files: Sequence[SourceFile]) -> dict[str, str]:
    """Folders of a later submission with nothing in them to read, and which submission counts instead."""
    latest = {file.folder: file.submission for file in files if file.folder}
    folders = (
        name_below(path, year_dir).split("/") for path in sorted(year_dir.glob("*/*")) if path.is_dir()
    )
    return {
        f"{folder}/{name}/": NOTHING_TO_READ.format(number=latest[folder])
        for folder, name in folders
        if folder in latest and submission_number((folder, name, "")) > latest[folder]
    }
