"""Checking one submission before it is sent: the bureau's answer without Prefect, in seconds."""

import importlib
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.definitions import allowed_values
from expectations.errors import InputError, PublicationError
from expectations.schema import arrow_table, tables
from expectations.settings import NoticeSettings
from flows.reading import read_all
from flows.understood import documents_read, understood_lines
from transforms.evidence import Evidence, assemble
from transforms.submissions import Inputs, SourceFile, received, source_file

if TYPE_CHECKING:
    from expectations.reconcile import Checks
    from flows.notices import Notice

YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Report:
    """What the checks say of one submission."""

    checks: "Checks"
    notices: "tuple[Notice, ...]" = ()
    documents: tuple[dict[str, Any], ...] = ()

    def write_marked(self, folder: Path) -> list[Path]:
        """Write a marked copy of every workbook that has findings into a folder; gives their paths.

        Raises PublicationError where the folder cannot be written.
        """
        written = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            from flows.notices import workbooks_back

            for book in (book for notice in self.notices for book in workbooks_back(notice)):
                (folder / book.name).write_bytes(book.content)
                written.append(folder / book.name)
        except OSError as error:
            raise PublicationError(
                f"未能写入 {error.filename or folder}（{error.strerror}）。请关闭打开的文件或改用 --output 指定其他文件夹。"
            ) from error
        return written

    @property
    def has_errors(self) -> bool:
        return bool((self.checks.findings["severity"] == "error").any())

    def as_json(self) -> str:
        """One object with `findings` and `outcomes`, fields as in the published files."""
        named = {"findings": self.checks.findings, "outcomes": self.checks.outcomes}
        return json.dumps(
            {name: _records(name, frame) for name, frame in named.items()}, ensure_ascii=False, indent=2
        )

    def as_text(self) -> str:
        """The findings in Chinese, the worst first, and their number."""
        return "\n".join(
            [*self._finding_lines(), *understood_lines(list(self.documents)), self._count_line()]
        )

    def _finding_lines(self) -> Iterator[str]:
        titles = allowed_values(tables()["findings"].column("severity"))
        for severity in SEVERITIES:
            found = self.checks.findings[self.checks.findings["severity"] == severity]
            for rule_id, message in zip(found["rule_id"], found["message"], strict=True):
                yield f"[{titles[severity]} {rule_id}] {message}"

    def _count_line(self) -> str:
        titles = allowed_values(tables()["findings"].column("severity"))
        numbers = self.checks.findings["severity"].value_counts()
        counted = "，".join(f"{titles[severity]} {numbers.get(severity, 0)} 个" for severity in SEVERITIES)
        unchecked = int((self.checks.outcomes["outcome"] == "not_evaluable").sum())
        return f"{counted}；另有 {unchecked} 项规则因材料不全或未注明单位等原因无法审核。"


def check_files(paths: Sequence[Path], year: int | None) -> Report:
    """Read the files of one submission and apply every rule to it.

    `year`: of the budget; without it the year that the forms print most often, else the one that folder or file
    are named after. Raises InputError when a file does not exist or no year is known.
    """
    inputs = _inputs(paths, year or 0)
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(read_all, inputs.files, None, None, lambda _count: None)
        stages, notices = _rules()
        readings = reading.result()
    evidence = assemble(readings, inputs)
    if year is None:
        inputs = _inputs(paths, _printed_year(evidence) or _named_year(paths))
        evidence = assemble(readings, inputs)
    checks = stages.reconcile_rules(evidence)
    made = notices.notices_of(checks.findings, evidence, inputs, NoticeSettings(), date.today())
    return Report(checks, made, tuple(documents_read(evidence.sentences)))


def _rules() -> tuple[Any, Any]:
    """What judges and what writes, imported while a worker reads."""
    stages, notices = (importlib.import_module(f"flows.{name}") for name in ("stages", "notices"))
    stages.catalogue()
    return stages, notices


def _inputs(paths: Sequence[Path], year: int) -> Inputs:
    """The files as one submission, named as they are in the bureau's input folder: `<code>_<name>/…`."""
    for path in paths:
        if not path.is_file():
            raise InputError(f"找不到文件 {path}。")
    folder = _submission_folder(paths[0].resolve())
    files, ignored = _received(paths, folder)
    if len({file.name for file in files}) < len(files):
        raise InputError("一份材料中不能有两个同名的文件，请改名后再审核。")
    return Inputs(year=year, root=paths[0].parent, files=files, ignored=ignored, roster=None)


def _received(paths: Sequence[Path], folder: str) -> tuple[tuple[SourceFile, ...], dict[str, str]]:
    """The files to read in the files named, and why others in an archive are not; named by hand, each is read."""
    files: list[SourceFile] = []
    ignored: dict[str, str] = {}
    for path in paths:
        name = f"{folder}/{path.name}"
        found, left = received(path, name)
        files += found or [source_file(path, name)]
        ignored |= {other: reason for other, reason in left.items() if found and other != name}
    return tuple(files), ignored


def _submission_folder(path: Path) -> str:
    """The body's folder, with the number of the submission where the file lies in such a folder."""
    parent = path.parent
    return f"{parent.parent.name}/{parent.name}" if parent.name.isdigit() else parent.name


def _printed_year(evidence: Evidence) -> int:
    """The year that the forms print most often; 0 where none does."""
    years = evidence.blocks["year"].dropna().mode()
    return 0 if years.empty else int(years.iloc[0])


def _named_year(paths: Sequence[Path]) -> int:
    """The one year that the files, failing that their folders, are named after: `input/2020/…`, `2020年部门预算.xlsx`."""
    for names in ([path.name for path in paths], paths[0].resolve().parent.parts):
        years = {int(found) for name in names for found in YEAR.findall(name)}
        if len(years) == 1:
            return years.pop()
    raise InputError("表上、文件名和文件夹名都没有写明年度。请用 --year 指定预算年度，如 --year 2020。")


def _records(name: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = arrow_table(tables()[name], frame).to_pylist()
    return records
