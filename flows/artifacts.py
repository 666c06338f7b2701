"""What a run leaves in the Prefect UI: progress while it reads, then the summary, tables and a link."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pandas as pd
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from expectations.saying import Messages
from flows.published.release import Release
from flows.running.server import Server

say = Messages(__file__)

STEP = 5.0
MOST_ROWS = 200


class ReadingProgress:
    """A progress artifact, updated every few per cent: each update is a request."""

    def __init__(self, server: Server, total: int, key: str) -> None:
        self.server = server
        self.total = total
        self.done = 0
        self.shown = 0.0
        self.artifact = server.tell(create_progress_artifact, 0.0, key=key, description=say("files_read"))

    def advance(self, count: int) -> None:
        self.done += count
        percent = 100.0 * self.done / self.total
        if percent - self.shown >= STEP or self.done == self.total:
            self.server.tell(update_progress_artifact, cast(UUID, self.artifact), progress=percent)
            self.shown = percent


def leave_report(server: Server, release: Release, summary: str, folder: Path) -> None:
    """The summary, who sent what, the worst findings, and where the release lies."""
    year = release.year
    server.tell(create_markdown_artifact, f"```\n{summary}\n```", key=f"summary-{year}")
    coverage, findings = _rows(release.coverage), _rows(_worst_first(release.findings))
    server.tell(create_table_artifact, coverage, key=f"coverage-{year}", description=say("coverage"))
    server.tell(create_table_artifact, findings, key=f"findings-{year}", description=say("findings"))
    server.tell(create_link_artifact, folder.resolve().as_uri(), link_text=str(folder), key=f"output-{year}")


def _worst_first(findings: pd.DataFrame) -> pd.DataFrame:
    rank: Mapping[str, int] = {"error": 0, "warning": 1, "info": 2}
    return findings.loc[findings["severity"].map(rank).sort_values(kind="stable").index]


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    shown = frame.head(MOST_ROWS).astype(object)
    return cast(list[dict[str, Any]], shown.where(shown.notna(), "").astype(str).to_dict("records"))
