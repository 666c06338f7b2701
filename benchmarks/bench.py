"""What a year costs from files to release: `make bench` measures and writes docs/benchmarks.md (its part of it).

In one run on one machine: python-calamine merely reading all cells in one process (the floor), a plain pipeline of
pandas with openpyxl on a sample, and `county-budget run` with two workers: cold, with nothing changed, with one file
changed, with a rule, a form and a code list changed. Ratios count; on a busy machine all figures are larger.
"""

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import psutil
from python_calamine import CalamineWorkbook

from benchmarks.counties import YEAR, draw
from benchmarks.report import replace_section
from flows.environment import prepare_environment

PROJECT = Path(__file__).parents[1]
HEADING = "## From files to release"
SAMPLE = 30
FIRST_LOOK = 0.05
APART = ("validate_contract", "duckdb", "xlsx", "page", "notices", "record", "report")
TOTALS = ("publish_release",)
DEFINITIONS = {
    "a rule changed": "expectations/rules/30_inside.yml",
    "a form changed": "transforms/forms/balance.yml",
    "a code list changed": "expectations/codes/functional.csv",
}


@dataclass(frozen=True)
class Run:
    """One run: seconds of the clock and of the processors, peak memory of all its processes, seconds by stage."""

    name: str
    wall: float
    cpu: float
    peak_mib: float
    durations: Mapping[str, float]

    @property
    def core(self) -> float:
        """Seconds from files to csv, parquet, findings and outcomes: all stages but those told apart."""
        left_out = {*APART, *TOTALS}
        return sum(seconds for name, seconds in self.durations.items() if name not in left_out)

    @property
    def start(self) -> float:
        """Seconds before and between the stages: imports, Prefect's server."""
        stages = {name: seconds for name, seconds in self.durations.items() if name not in PARTS}
        return self.wall - sum(stages.values())


PARTS = frozenset({"tables", "duckdb", "xlsx", "page", "notices", "record"})


class Sampler(threading.Thread):
    """Looks at a process and its children: peak memory together, what they share counted once where the system tells (PSS),
    processor seconds of all. It waits a tenth of the time that they have run, a second at most: to look more often would
    take part of what is measured."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.peak = 0
        self.cpu: dict[int, float] = {}

    def run(self) -> None:
        begun = time.perf_counter()
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            self.peak = max(self.peak, sum(self._look()))
            time.sleep(min(1, FIRST_LOOK + (time.perf_counter() - begun) / 10))

    def _look(self) -> Iterator[int]:
        try:
            family = [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for each in family:
            try:
                times = each.cpu_times()
                self.cpu[each.pid] = times.user + times.system
                memory = each.memory_full_info()
                yield getattr(memory, "pss", memory.rss)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue


def measure(name: str, inputs: Path, output: Path, program: Path = PROJECT) -> Run:
    """Run the county as a user does, from another checkout of the program where definitions are to differ."""
    command = [sys.executable, "-m", "flows.cli", "run", str(YEAR), "--workers", "2"]
    command += ["--input", str(inputs), "--output", str(output)]
    ended, begun = _cpu_of_ended(), time.perf_counter()
    running = psutil.Popen(
        command, cwd=program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ}
    )
    sampler = Sampler(running)
    sampler.start()
    code = running.wait()
    wall = time.perf_counter() - begun
    sampler.join()
    if code not in (0, 1):
        raise SystemExit(f"{name}: exit code {code}")
    last = json.loads((output / "audit.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    cpu = max(sum(sampler.cpu.values()), _cpu_of_ended() - ended)
    return Run(name, wall, cpu, sampler.peak / 2**20, last.get("durations", {}))


def _cpu_of_ended() -> float:
    """Processor seconds of all processes that ended below this one, to their last: those waited for by their parents."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def floor(paths: list[Path]) -> float:
    """Seconds that python-calamine takes to read every cell, one process."""
    begun = time.perf_counter()
    for path in paths:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    return time.perf_counter() - begun


def plain_pipeline(paths: list[Path], folder: Path) -> float:
    """Seconds that pandas with openpyxl takes to read, join and write all sheets as one CSV file."""
    begun = time.perf_counter()
    frames = [
        frame.assign(file=path.name, sheet=sheet)
        for path in paths
        for sheet, frame in pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl").items()
    ]
    pd.concat(frames).to_csv(folder / "plain.csv", index=False)
    return time.perf_counter() - begun


def runs(inputs: Path, folder: Path) -> Iterator[Run]:
    """The measured runs of one county, each on what the one before has left."""
    output = folder / "output"
    yield measure("cold", inputs, output)
    yield measure("nothing changed", inputs, output)
    changed = min(inputs.rglob("*.xlsx"))
    with zipfile.ZipFile(changed, "a") as package:
        package.comment = b"sent again"
    yield measure("one file changed", inputs, output)
    for name, definition in DEFINITIONS.items():
        program = folder / "program"
        shutil.rmtree(program, ignore_errors=True)
        for package in ("flows", "transforms", "expectations"):
            shutil.copytree(
                PROJECT / package, program / package, ignore=shutil.ignore_patterns("__pycache__")
            )
        with (program / definition).open("a", encoding="utf-8") as file:
            file.write("\n")
        yield measure(name, inputs, output, program)


@dataclass(frozen=True)
class County:
    """What was measured of a county: `least` seconds of the floor, `plain` of the straightforward pipeline, its runs."""

    files: int
    large: bool
    least: float
    plain: float
    runs: list[Run]

    @property
    def cold(self) -> Run:
        return self.runs[0]


def county(files: int, *, large: bool, complete: bool) -> County:
    """The lines of the report on one county."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        inputs = draw(folder, files, large=large)
        paths = sorted(inputs.rglob("*.xlsx"))
        floor(paths[:SAMPLE])
        least = min(floor(paths) for _ in range(3))
        plain = plain_pipeline(paths[:SAMPLE], folder) / min(SAMPLE, len(paths)) * len(paths)
        measured = runs(inputs, folder)
        done = [*measured] if complete else [next(measured)]
        return County(len(paths), large, least, plain, done)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lines(measured: County) -> list[str]:
    files, least, plain, done = measured.files, measured.least, measured.plain, measured.runs
    cold = measured.cold
    head = [
        f"### {files} workbooks{' of 6,000 cells' if measured.large else ''}",
        "",
        f"- floor: python-calamine reads all cells, one process: {least:.2f} s, {1000 * least / files:.2f} ms a workbook",
        f"- pandas and openpyxl, from a sample of {min(SAMPLE, files)}: {plain:.1f} s",
        f"- cold, files to csv, parquet, findings, outcomes: {cold.core:.1f} s, {files / cold.core:.0f} workbooks/s, "
        f"**{cold.core / least:.1f} times the floor**, {plain / cold.core:.1f} times faster than pandas",
        "",
        "| run | wall s | CPU s | peak MiB | fixed start s | to csv, parquet, findings s |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {run.name} | {run.wall:.1f} | {run.cpu:.1f} | {run.peak_mib:.0f} | {run.start:.1f} | {run.core:.1f} |"
        for run in done
    ]
    shown = [run for run in done if run.name in ("cold", "one file changed")]
    stages = [
        f"| {name} | " + " | ".join(f"{run.durations.get(name, 0):.2f}" for run in shown) + " |"
        for name in cold.durations
        if name not in TOTALS
    ]
    columns = " | ".join(f"{run.name}, s" for run in shown)
    return [*head, *rows, "", f"| stage | {columns} |", "|---|" + "---|" * len(shown), *stages, ""]


def _growth(counties: Sequence[County]) -> list[str]:
    """How time and memory grow from each size to the next: a fixed price has no part in what a further workbook takes."""
    sizes = [each for each in counties if not each.large]
    rows = [
        f"| {less.files} to {more.files} | "
        f"{1000 * (more.cold.core - less.cold.core) / (more.files - less.files):.1f} | "
        f"{more.cold.peak_mib / less.cold.peak_mib:.2f} |"
        for less, more in pairwise(sizes)
    ]
    head = ["### Growth", "", "| workbooks | ms for each further one | peak memory, times |", "|---|---|---|"]
    return [*head, *rows, ""] if rows else []


def write(sections: list[str]) -> None:
    """Replace this benchmark's part of the report, and leave the others'."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = (
        f"`make bench` on {date.today().isoformat()}, {machine}, load {os.getloadavg()[0]:.1f}, two workers."
    )
    replace_section(HEADING, [head, "", *sections])


def main(arguments: list[str]) -> None:
    """Sizes as arguments (`100 1000 1000L 10000`); L: of 6,000 cells. The largest are only run cold."""
    prepare_environment()
    counties: list[County] = []
    for size in arguments or ["100", "1000", "1000L"]:
        files = int(size.rstrip("L"))
        complete = files <= 1000 and not size.endswith("L")
        counties.append(county(files, large=size.endswith("L"), complete=complete))
        sections = [line for each in counties for line in _lines(each)] + _growth(counties)
        print("\n".join(sections), flush=True)
        write(sections)


if __name__ == "__main__":
    main(sys.argv[1:])
