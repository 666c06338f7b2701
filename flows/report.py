"""What `county-budget check` answers: findings as text or JSON, marked copies in a folder."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.arrow import arrow_table
from expectations.catalogue import SEVERITY_TITLES
from expectations.errors import PublicationError
from expectations.reasons import why
from expectations.reconcile import Checks, catalogue, reconcile
from expectations.relations import project_code_lists
from expectations.saying import Messages
from expectations.schema import tables
from expectations.settings import NoticeSettings
from flows.returned.told import WORST_FIRST, Row, led, told
from flows.returned.understood import documents_read, understood_lines
from transforms.evidence import Evidence
from transforms.submissions import Inputs

if TYPE_CHECKING:
    from flows.returned.drawing import Marked

say = Messages(__file__)

SHOWN_FOLLOWING = 5
INDENT = "    "


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
                say("not_written", path=error.filename or folder, why=why(error))
            ) from error
        return written

    def _marked(self) -> Iterator["Marked"]:
        from flows.returned.drawing import workbooks_back
        from flows.returned.notices import notices_of, whose

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
        """The findings in Chinese, the worst first, each with what follows from it; and their number.

        A submission of several bodies is answered body by body.
        """
        rows = told(self.checks.findings.fillna("").astype(str).to_dict("records"))
        documents = understood_lines(documents_read(self.evidence.sentences))
        return "\n".join([*self._lines_by_body(rows), *documents, self._count_line(rows)])

    def _lines_by_body(self, rows: Sequence[Row]) -> Iterator[str]:
        names = _names(self.evidence.bodies)
        if len(names) == 1:
            yield from self._finding_lines(rows)
            return
        yield say("several", count=len(names), names="、".join(names.values()))
        for body_id in dict.fromkeys([*names, *(row["body_id"] for row in rows)]):
            own = [row for row in rows if row["body_id"] == body_id]
            yield f"【{names.get(body_id) or say('unnamed')}】"
            yield from self._finding_lines(own) if own else (say("nothing"),)

    def _finding_lines(self, rows: Sequence[Row]) -> Iterator[str]:
        for lead, following in led(rows):
            yield self._line(lead)
            yield from (INDENT + say("follows", line=self._line(row)) for row in following[:SHOWN_FOLLOWING])
            if len(following) > SHOWN_FOLLOWING:
                yield INDENT + say("more", count=len(following) - SHOWN_FOLLOWING)

    def _line(self, row: Row) -> str:
        """A finding with its severity and rule, and its file where there are several and the sentence names none."""
        file = row["file"].rpartition("/")[2]
        where = "" if len(self.inputs.files) == 1 or file in row["message"] else f"{file} "
        return f"[{SEVERITY_TITLES[row['severity']]} {row['rule_id']}] {where}{row['message']}"

    def _count_line(self, rows: Sequence[Row]) -> str:
        severities = [row["severity"] for row in rows]
        counted = "，".join(
            say("counted", severity=SEVERITY_TITLES[severity], count=severities.count(severity))
            for severity in WORST_FIRST
        )
        unchecked = int((self.checks.outcomes["outcome"] == "not_evaluable").sum())
        return say("not_judged", severities=counted, count=unchecked)


def _names(bodies: pd.DataFrame) -> dict[str, str]:
    """What each body is called, by its id."""
    called = bodies["unit_name"].where(bodies["unit_name"] != "", bodies["department_name"])
    return dict(zip(bodies["body_id"], called.where(called != "", say("unnamed")), strict=True))


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
