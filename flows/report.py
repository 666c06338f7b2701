"""What `county-budget check` answers: findings as text or JSON, marked copies in a folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.definitions import allowed_values
from expectations.errors import PublicationError
from expectations.reconcile import Checks, catalogue, reconcile
from expectations.relations import project_code_lists
from expectations.schema import arrow_table, tables
from expectations.settings import NoticeSettings
from flows.understood import documents_read, understood_lines
from transforms.evidence import Evidence
from transforms.submissions import Inputs

if TYPE_CHECKING:
    from flows.notices import Marked

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Report:
    """What the checks say of one submission."""

    checks: Checks
    evidence: Evidence
    inputs: Inputs

    def write_marked(self, folder: Path) -> list[Path]:
        """Write a marked copy of every workbook that has findings into a folder; gives their paths.

        Raises PublicationError where the folder cannot be written.
        """
        written = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for book in self._marked():
                (folder / book.name).write_bytes(book.content)
                written.append(folder / book.name)
        except OSError as error:
            raise PublicationError(
                f"未能写入 {error.filename or folder}（{error.strerror}）。请关闭打开的文件或改用 --output 指定其他文件夹。"
            ) from error
        return written

    def _marked(self) -> Iterator["Marked"]:
        from flows.notices import notices_of, whose, workbooks_back

        known = whose(self.evidence)
        for notice in notices_of(self.checks.findings, known, self.inputs, NoticeSettings(), date.today()):
            yield from workbooks_back(notice)

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
        documents = understood_lines(documents_read(self.evidence.sentences))
        return "\n".join([*self._finding_lines(), *documents, self._count_line()])

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


def ready() -> None:
    """Load what judging needs: to be done while a worker reads."""
    catalogue()
    tables()
    project_code_lists()


def judged(evidence: Evidence, inputs: Inputs) -> Report:
    """What all rules say of a submission."""
    return Report(reconcile(evidence, catalogue()), evidence, inputs)


def _records(name: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = arrow_table(tables()[name], frame).to_pylist()
    return records
