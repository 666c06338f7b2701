"""What a large county's page and workbook cost: `make bench-county` measures and writes its section of docs/benchmarks.md.

A county of 100 departments and 1,000 units is drawn and run as a user does. The page is opened in a headless Chromium
that can reach no network; its first view is there when the headline is drawn and painted. Median of several openings.
"""

import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.bench import measure
from benchmarks.counties import YEAR
from benchmarks.report import replace_section
from flows.environment import prepare_environment
from tests.browser import CHROMIUM, DRIVER, MISSING, Browser, browser
from transforms.sample import write_county

HEADING = "## The county's page and workbook"
DEPARTMENTS, UNITS, DEFECTS, OPENINGS = 100, 1000, 20, 5
LARGEST_PAGE_MB, LONGEST_VIEW, LONGEST_XLSX = 8, 1.0, 20
FIRST_VIEW = """
    const loaded = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd;
    const painted = performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime);
    return painted.length ? Math.max(loaded, painted[0]) : null;
"""
SECTIONS_DRAWN = """
    const begun = performance.now();
    Object.keys(DRAWN).filter((id) => document.getElementById(id)).forEach(drawSection);
    return performance.now() - begun;
"""
SOURCES_OPENED = """
    const begun = performance.now();
    document.querySelector('[data-figure=county_income]').click();
    return performance.now() - begun;
"""


def page_times(path: Path, profile: Path) -> Mapping[str, float]:
    """Seconds to the first view of a page, to all its sections, and from a click on its largest figure to the sources."""
    with browser(profile) as window:
        window.resize(1366, 768)
        views = [_first_view(window, path) for _ in range(OPENINGS)]
        sections, sources = (float(window.run(script)) / 1000 for script in (SECTIONS_DRAWN, SOURCES_OPENED))
    return {"first": statistics.median(views), "sections": sections, "sources": sources}


def _first_view(window: Browser, path: Path) -> float:
    window.open(path)
    window.wait_for("performance.getEntriesByName('first-contentful-paint').length", 30)
    assert window.run("return document.querySelectorAll('#headline .card').length") > 0
    return float(window.run(FIRST_VIEW)) / 1000


def measured(folder: Path) -> Iterator[str]:
    """The lines of the section."""
    write_county(folder / "input", YEAR, departments=DEPARTMENTS, units=UNITS, seed=1, defects=DEFECTS)
    run = measure("county", folder / "input", folder / "output")
    release = folder / "output" / str(YEAR)
    page, book = release / "report" / "index.html", release / "county_budget.xlsx"
    times = page_times(page, folder / "profile")
    yield f"{_bodies(release)}; `county-budget run` took {run.wall:.0f} s."
    yield "\n| what | measured | asked for |\n|---|---|---|"
    yield f"| page | {page.stat().st_size / 1e6:.2f} MB | at most {LARGEST_PAGE_MB} MB |"
    yield f"| written in | {run.durations['page']:.1f} s | |"
    yield f"| first view in Chromium | {times['first']:.2f} s | under {LONGEST_VIEW:.0f} s |"
    yield f"| all sections drawn | {times['sections']:.2f} s | |"
    yield f"| sources of the county's income opened | {times['sources']:.2f} s | |"
    yield f"| county_budget.xlsx | {book.stat().st_size / 1e6:.2f} MB | |"
    yield f"| written in | {run.durations['xlsx']:.1f} s | under {LONGEST_XLSX} s |"


def _bodies(release: Path) -> str:
    coverage: Any = pd.read_csv(release / "coverage.csv", dtype=str)
    departments, units = (int((coverage["scope"] == scope).sum()) for scope in ("department", "unit"))
    sent = int((coverage["sent"] == "true").sum())
    return f"{departments} departments and {units:,} units, of whom {sent:,} sent workbooks"


def main() -> None:
    if not (CHROMIUM and DRIVER):
        sys.exit(MISSING)
    prepare_environment()
    folder = Path(tempfile.mkdtemp(prefix="bench-county-"))
    try:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        head = f"`make bench-county` on {date.today().isoformat()}, {machine}, load {os.getloadavg()[0]:.1f}."
        lines = [head, "", *measured(folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    replace_section(HEADING, lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
