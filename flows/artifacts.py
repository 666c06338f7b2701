"""What a run leaves in the Prefect UI: progress while it reads, then the summary, tables and a link."""

from pathlib import Path
from typing import cast
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from expectations.saying import Messages
from flows.published.county_pages import coverage_page
from flows.published.findings_page import findings_page
from flows.published.release import Release
from flows.published.sheet_page import Page
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
    server.tell(create_markdown_artifact, _as_list(summary), key=f"summary-{year}")
    for name, page in (("coverage", coverage_page(release)), ("findings", findings_page(release))):
        shown = _rows(page)
        left_out = len(release.quality[name]) - len(shown)
        told = say("first_rows", title=page.title, count=left_out, name=name) if left_out else page.title
        server.tell(create_table_artifact, shown, key=f"{name}-{year}", description=told)
    server.tell(
        create_link_artifact,
        folder.resolve().as_uri(),
        link_text=str(folder),
        key=f"output-{year}",
        description=say("output"),
    )


def _as_list(summary: str) -> str:
    """A title and the lines below it as Markdown.

    >>> _as_list("汇总已发布。\\n  单位  已报 1")
    '**汇总已发布。**\\n\\n- 单位　已报 1'
    """
    title, *lines = summary.splitlines()
    return "\n".join([f"**{title}**", "", *(f"- {line.strip().replace('  ', '　')}" for line in lines)])


def _rows(page: Page) -> list[dict[str, str]]:
    """The first rows of a page of the county workbook, by their headings."""
    titles = [heading.title for heading in page.headings]
    return [
        dict(zip(titles, ("" if value is None else str(value) for value in row), strict=True))
        for row in page.rows[:MOST_ROWS]
    ]
