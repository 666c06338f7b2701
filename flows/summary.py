"""What a run says at its end, in the words of the budget office."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from expectations.misnamed import ABOVE, meant_file
from expectations.saying import Messages
from flows.published.headline import headlines
from flows.published.release import Release

say = Messages(__file__)

# The sentence of each exit code.
ENDS = {0: "published", 1: "withheld", 3: "nothing"}
STANDINGS = ("sent", "missing", "withheld", "counted")
SEVERITIES = ("error", "warning", "info")


def summary(release: Release, exit_code: int, folder: Path) -> str:
    """Bodies, money and findings of a release in a few lines, and where to look."""
    lines = [
        bodies_line(_standings(release.coverage), _other_scope(release.coverage)),
        *(f"{each.measure.title}  {each.sentence()}" for each in headlines(release)[:2]),
        *_resubmission_lines(release),
        *_document_lines(release),
        *_ignored_lines(release),
        findings_line(_open_findings(release.findings)),
        *where_to_look(folder),
        say("notices", folder=folder / "notices", count=len(release.notices)),
        say("finding_list", path=folder / "findings.csv"),
        say("coverage_list", path=folder / "coverage.csv"),
    ]
    return indented(say("title", year=release.year, told=end_sentence(exit_code)), lines)


def indented(title: str, lines: Iterable[str]) -> str:
    """A title with lines below it."""
    return "\n".join([title, *(f"  {line}" for line in lines)])


def end_sentence(exit_code: int) -> str:
    """What a run came to, by its exit code."""
    return say(ENDS[exit_code])


def bodies_line(counts: Mapping[str, int], beside: str = "") -> str:
    """How many bodies have sent, are missing, withheld, counted; `beside`: what is to be said of others."""
    return say("bodies", beside=beside, **{name: counts[name] for name in STANDINGS})


def findings_line(counts: Mapping[str, int]) -> str:
    """How many findings are open, by severity."""
    return say("findings", **{name: counts.get(name, 0) for name in SEVERITIES})


def where_to_look(folder: Path) -> list[str]:
    """Where the county's workbook and page are, in the folder of its release."""
    return [
        say("workbook", path=folder / "county_budget.xlsx"),
        say("page", path=folder / "report" / "index.html"),
    ]


def _resubmission_lines(release: Release) -> list[str]:
    again = release.run.get("resubmissions", ())
    if not again:
        return []
    identical = sum(each["identical"] for each in again)
    same = say("identical", count=identical) if identical else ""
    return [say("resubmitted", count=len(again), same=same)]


def _document_lines(release: Release) -> list[str]:
    documents = release.run.get("documents", ())
    if not documents:
        return []
    said, read = (sum(each[name] for each in documents) for name in ("sentences", "understood"))
    return [say("documents", count=len(documents), sentences=said, understood=read)]


def _ignored_lines(release: Release) -> list[str]:
    """What somebody put there to be read and that is not: the bureau's files under another name, empty submissions."""
    ignored: Mapping[str, str] = release.run.get("ignored", {})
    beside = {
        name: right for name, reason in ignored.items() if (right := meant_file(name)) and right in reason
    }
    empty = [name for name in ignored if name.endswith("/")]
    return [say("misnamed", file=_placed(name), right=right) for name, right in beside.items()] + [
        say("empty", folder=name.rstrip("/")) for name in empty
    ]


def _placed(name: str) -> str:
    """A path from the year's folder as people say it.

    >>> _placed("../settings.toml"), _placed("settings (1).toml")
    ('上一级文件夹的 settings.toml', 'settings (1).toml')
    """
    return say("folder_above", file=name.removeprefix(ABOVE)) if name.startswith(ABOVE) else name


def _other_scope(coverage: pd.DataFrame) -> str:
    """Bodies that sent something and do not count beside their department, or their units."""
    counted = (coverage["withheld"] | coverage["counted"]).astype(bool)
    beside = int((coverage["sent"].astype(bool) & ~counted).sum())
    return say("beside", count=beside) if beside else ""


def _standings(coverage: pd.DataFrame) -> dict[str, int]:
    return {name: int(coverage[name].astype(bool).sum()) for name in STANDINGS}


def _open_findings(findings: pd.DataFrame) -> dict[str, int]:
    severities = findings.loc[findings["state"] == "open", "severity"]
    return {name: int((severities == name).sum()) for name in SEVERITIES}
