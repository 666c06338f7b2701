"""Checking one submission before it is sent: the bureau's answer without Prefect, in seconds.

What judges loads pandas and DuckDB: it is imported while a worker already reads.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.errors import InputError
from expectations.misnamed import bureau_files
from expectations.names import readable
from expectations.saying import Messages
from flows.running.progress import files_counted
from flows.running.reading import read_all
from transforms.submissions import Inputs, SourceFile, named_folder, received, source_file, submission_files

if TYPE_CHECKING:
    from flows.report import Report
    from transforms.evidence import Evidence

say = Messages(__file__)

YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
DIGITS_OF_DEPARTMENT = 3
FOLDERS_NAMED = 3


def check_files(paths: Sequence[Path], year: int | None) -> "Report":
    """Read the files of one submission, or of its folder, and apply every rule to it.

    `year`: of the budget; without it the year that the forms print most often, else the one that folder or file
    are named after. Raises InputError when a file does not exist or no year is known.
    """
    paths = [file for path in paths for file in _meant(path)]
    _refuse_several([_submission_folder(path.resolve()) for path in paths])
    inputs = _inputs(paths, year or 0)
    with files_counted(len(inputs.files)) as advance, ThreadPoolExecutor(1) as aside:
        reading = aside.submit(read_all, inputs.files, None, None, advance)
        from flows.report import judged, ready
        from transforms.evidence import assemble

        ready()
        readings = reading.result()
    evidence = assemble(readings, inputs)
    if year is None:
        inputs = replace(inputs, year=_printed_year(evidence) or _named_year(inputs, evidence))
        evidence = assemble(readings, inputs)
    return judged(evidence, inputs)


def _meant(path: Path) -> list[Path]:
    """The files that a path stands for: itself, or those in the folder it names."""
    if not (path.is_file() or path.is_dir()):
        raise InputError(say("no_such_file", path=path))
    if bureaus := bureau_files().get(path.name.casefold()):
        raise InputError(say("bureaus_own", file=path.name, title=bureaus.title))
    if not path.is_dir():
        return [path]
    if found := submission_files(path):
        return found
    raise InputError(say("nothing_to_read", path=path))


def _refuse_several(folders: Sequence[str]) -> None:
    """Raise InputError where files lie in the folders of several departments: one is answered at a time."""
    named = {folder.partition("/")[0]: "" for folder in folders}
    coded = {folder: named_folder(folder)[0] for folder in named}
    if len({code[:DIGITS_OF_DEPARTMENT] for code in coded.values() if code}) > 1:
        shown = [folder for folder, code in coded.items() if code]
        more = f" 等 {len(shown)} 个" if len(shown) > FOLDERS_NAMED else ""
        raise InputError(say("several_departments", folders="、".join(shown[:FOLDERS_NAMED]), more=more))


def _inputs(paths: Sequence[Path], year: int) -> Inputs:
    """The files as one submission, named as they are in the bureau's input folder: `<code>_<name>/…`."""
    folder = _submission_folder(paths[0].resolve())
    files, ignored = _received(paths, folder)
    names = [file.name.partition("/")[2] for file in files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(say("same_name", files="、".join(twice)))
    return Inputs(year=year, root=paths[0].parent, files=files, ignored=ignored, roster=None)


def _received(paths: Sequence[Path], folder: str) -> tuple[tuple[SourceFile, ...], dict[str, str]]:
    """The files to read in the files named, and why others in an archive are not; named by hand, each is read."""
    files: list[SourceFile] = []
    ignored: dict[str, str] = {}
    for path in paths:
        name = f"{_folder_of(path, folder)}/{readable(path.name)}"
        found, left = received(path, name)
        files += found or [source_file(path, name)]
        ignored |= {other: reason for other, reason in left.items() if found and other != name}
    return tuple(files), ignored


def _folder_of(path: Path, first: str) -> str:
    """The folder that a file counts as lying in: that of its unit where it bears one's code, else the submission's."""
    own = _submission_folder(path.resolve())
    return own if named_folder(own.partition("/")[0])[0] else first


def _submission_folder(path: Path) -> str:
    """The body's folder, with the number of the submission where the file lies in such a folder."""
    above, parent = map(readable, (path.parent.parent.name, path.parent.name))
    return f"{above}/{parent}" if parent.isdigit() else parent


def _printed_year(evidence: "Evidence") -> int:
    """The year that the forms print most often; 0 where none does."""
    years = evidence.blocks["year"].dropna().mode()
    return 0 if years.empty else int(years.iloc[0])


def _named_year(inputs: Inputs, evidence: "Evidence") -> int:
    """The one year that the files, failing that their folders, are named after: `input/2020/…`, `2020年部门预算.xlsx`.

    Where nothing could be read no rule asks for it, and why it could not is the answer.
    """
    for names in ([file.name.partition("/")[2] for file in inputs.files], inputs.root.resolve().parts):
        years = {int(found) for name in names for found in YEAR.findall(name)}
        if len(years) == 1:
            return years.pop()
    if evidence.blocks.empty:
        return date.today().year
    raise InputError(say("no_year"))
