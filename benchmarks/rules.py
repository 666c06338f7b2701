"""What the rules cost beside reading: `make bench-rules` prints a table and writes docs/benchmarks-rules.md.

One process, one run: about a thousand workbooks of real size are read, assembled and put through all rules; then the
same evidence ten times over, under other codes, is put through all rules. The ratio counts: the machine's speed cancels
out. Seconds are of the clock, the best of several runs for the rules, the only run for reading.
"""

import platform
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.reconcile import Checks, catalogue, reconcile
from transforms.evidence import Evidence, assemble
from transforms.read import FileReading, read_file
from transforms.sample import write_county
from transforms.submissions import Inputs, discover

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks-rules.md"
YEAR, DEPARTMENTS, COPIES, RUNS = 2020, 300, 10, 3
IDS = {
    "blocks": ("block_id",),
    "facts": ("fact_id", "block_id", "row_parent", "column_parent"),
    "labels": ("block_id",),
}
CODES = {
    "bodies": ("body_id", "parent_id", "department_code", "unit_code"),
    "blocks": ("body_id", "declared_code"),
}


def timed(run: Callable[[], Any], runs: int = 1) -> tuple[float, Any]:
    """Seconds of the fastest run, and what the last one gave."""
    best, given = float("inf"), None
    for _ in range(runs):
        begun = time.perf_counter()
        given = run()
        best = min(best, time.perf_counter() - begun)
    return best, given


def read_all(inputs: Inputs) -> list[FileReading]:
    return [read_file(file.path, file.name, file.members) for file in inputs.files]


def multiplied(evidence: Evidence, copies: int) -> Evidence:
    """The evidence several times over, each time of other bodies, blocks and facts."""
    frames = {
        name: pd.concat([_renumbered(evidence, name, copy) for copy in range(copies)], ignore_index=True)
        for name in ("bodies", "blocks", "facts", "labels", "cells", "problems")
    }
    return replace(evidence, **frames)


def _renumbered(evidence: Evidence, name: str, copy: int) -> pd.DataFrame:
    frame = getattr(evidence, name).copy()
    for column in IDS.get(name, ()):
        owner = evidence.facts if column in ("fact_id", "row_parent", "column_parent") else evidence.blocks
        frame[column] += copy * len(owner)
    for column in CODES.get(name, ("body_id",)):
        if copy and column in frame:
            frame[column] = frame[column].where(frame[column] == "", frame[column] + f"{copy:02d}")
    return frame


def measured() -> list[str]:
    """One line of the table per step."""
    with tempfile.TemporaryDirectory() as folder:
        write_county(Path(folder), YEAR, departments=DEPARTMENTS, seed=1)
        inputs = discover(Path(folder) / str(YEAR), YEAR)
        reading, readings = timed(lambda: read_all(inputs))
    assembling, evidence = timed(lambda: assemble(readings, inputs))
    rules = catalogue()
    cold, _ = timed(lambda: reconcile(evidence, rules))
    warm, _ = timed(lambda: reconcile(evidence, rules), RUNS)
    many = multiplied(evidence, COPIES)
    most, checks = timed(lambda: reconcile(many, rules))
    size = f"{len(inputs.files):,} workbooks, {len(evidence.bodies):,} bodies, {len(evidence.facts):,} facts"
    bodies = f"{len(many.bodies):,} bodies, {len(many.facts):,} facts"
    return [
        f"| reading, one process | {size} | {reading:.2f} | 100% |",
        f"| assembling | {size} | {assembling:.2f} | {assembling / reading:.1%} |",
        f"| {len(rules)} rules, first run | {size} | {cold:.2f} | {cold / reading:.1%} |",
        f"| {len(rules)} rules, best of {RUNS} | {size} | {warm:.2f} | {warm / reading:.1%} |",
        f"| {len(rules)} rules | {bodies} | {most:.2f} | {_told(checks)} |",
    ]


def _told(checks: Checks) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return f"{len(checks.outcomes):,} outcomes, {len(checks.findings):,} findings; peak memory {peak:.1f} GiB"


def main() -> None:
    head = [
        "# What the rules cost",
        "",
        f"`make bench-rules` on {date.today().isoformat()}, Python {platform.python_version()}, one process.",
        "",
        "| step | size | seconds | of reading |",
        "|---|---|---:|---:|",
    ]
    REPORT.write_text("\n".join([*head, *measured()]) + "\n", encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
