"""Kills a run with signal 9 at many moments and counts what it damaged: `make kill`.

A small county is published once. Then a run on changed inputs is started and killed, at a moment of each stage or at one
of the operations on files by which a release is published, and what a reader finds is checked: the former release whole
or the new one whole. The next run must then finish and publish what a run that nobody killed publishes. Every other
moment runs against a Prefect server that is running; a few start their own, as `county-budget run` does.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flows.completed import is_whole, read_record
from flows.environment import prepare_environment
from flows.replace import standing_release
from transforms.sample import write_county

YEAR = 2020
STAGES = 11
PUBLISHING = 17
MOMENTS_PER_STAGE = 3
COMPARED = ("csv", "parquet", "other_scope", "withheld", "findings.csv", "outcomes.csv", "coverage.csv")
AT_OPERATION = "COUNTY_BUDGET_KILL_AT"
DRIVER = f"""
import os, signal, sys
import flows.cli
at, seen = int(os.environ["{AT_OPERATION}"]), 0
def watch(event, arguments):
    global seen
    if event in ("os.rename", "os.mkdir") or (event == "open" and ".partial" in str(arguments[0])):
        seen += ".2020." in str(arguments[0]) or event == "os.rename" and "2020" in str(arguments[0])
        if at and seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    sys.addaudithook(watch)
    code = flows.cli.main()
    print("operations", seen, file=sys.stderr)
    sys.exit(code)
"""


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after a stage began, or at the n-th operation on files of the publication."""

    name: str
    stage: int = 0
    delay: float = 0.0
    operation: int = 0
    own_server: bool = False


NEVER = Moment("never")
ORPHANS: list[int] = []


@dataclass(frozen=True)
class Result:
    """What became of one moment."""

    moment: Moment
    killed: bool
    damaged: str
    recovered: bool


class County:
    """A folder with inputs in two versions, and an output in which one of them is published."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.input, self.output = folder / "input", folder / "output"
        write_county(self.input, YEAR, departments=3, seed=7, defects=1)
        self.workbook = min(self.input.rglob("*.xlsx"))
        self.changes = 0

    def change(self) -> None:
        """Send a workbook again: other bytes, the same cells."""
        self.changes += 1
        with zipfile.ZipFile(self.workbook, "a") as package:
            package.comment = str(self.changes).encode()

    def command(self) -> list[str]:
        return ["run", str(YEAR), "--input", str(self.input), "--output", str(self.output), "--workers", "1"]


def moments(operations: int) -> Iterator[Moment]:
    """At least fifty: some in each stage, the others at operations of the publication."""
    draw = random.Random(1)
    for stage in range(1, STAGES + 1):
        for number in range(MOMENTS_PER_STAGE):
            delay = draw.uniform(0.0, 0.6)
            own = number == 0 and stage in (2, 9)
            yield Moment(f"stage {stage} + {delay:.2f} s", stage=stage, delay=delay, own_server=own)
    chosen = {1, 2, 3, operations, operations - 1, operations - 2}
    while len(chosen) < min(PUBLISHING, operations):
        chosen.add(draw.randint(1, operations))
    for operation in sorted(chosen):
        yield Moment(f"publication, operation {operation}", operation=operation)


def run(county: County, environment: dict[str, str], moment: Moment = NEVER) -> tuple[int, int]:
    """Run the county, killed at the moment: the exit code, and how many operations a whole publication had."""
    program = ["-m", "flows.cli"] if moment.stage else ["-c", DRIVER]
    environment = {**environment, AT_OPERATION: str(moment.operation)}
    if moment.own_server:
        environment.pop("PREFECT_API_URL")
    command = [sys.executable, *program, *county.command()]
    running = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    operations: list[int] = []
    listening = threading.Thread(target=_listen, args=[running, moment, operations], daemon=True)
    listening.start()
    code = running.wait()
    listening.join(timeout=1)
    ORPHANS.append(running.pid)
    return code, operations[0] if operations else 0


def _listen(running: "subprocess.Popen[str]", moment: Moment, operations: list[int]) -> None:
    """Follow the stages that a run announces; kill it at its moment. What it leaves running may keep the pipe open."""
    for line in running.stderr or ():
        if moment.stage and line.startswith(f"[{moment.stage}/"):
            threading.Timer(moment.delay, running.send_signal, [signal.SIGKILL]).start()
        if line.startswith("operations "):
            operations.append(int(line.split()[1]))


def end_orphans() -> None:
    """End what killed runs have left running: reading processes, a server of their own. By their sessions."""
    while ORPHANS:
        with suppress(ProcessLookupError):
            os.killpg(ORPHANS.pop(), signal.SIGKILL)


def fingerprint(release: Path) -> dict[str, bytes]:
    """The bytes of what is compared of a release."""
    files = (path for name in COMPARED for path in [release / name, *(release / name).rglob("*")])
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in files if path.is_file()}


def try_moment(
    county: County, environment: dict[str, str], moment: Moment, expected: dict[str, bytes]
) -> Result:
    """Kill a run at a moment, look at what is published, let the next one finish."""
    county.change()
    code, _ = run(county, environment, moment)
    release = standing_release(county.output, YEAR)
    damaged = _damage(release, expected)
    finished = run(county, environment)[0] == 1
    end_orphans()
    after = standing_release(county.output, YEAR)
    left = [path.name for path in county.output.glob(f".{YEAR}.*.*")]
    recovered = finished and not left and not _damage(after, expected)
    return Result(moment, code == -signal.SIGKILL, damaged, recovered)


def _damage(release: Path, expected: dict[str, bytes]) -> str:
    """What is wrong with a published release, '' where nothing is."""
    if not is_whole(release, read_record(release)):
        return "not whole"
    found = fingerprint(release)
    wrong = [name for name in expected if found.get(name) != expected[name]]
    return f"differs: {wrong[0]}" if wrong else ""


@contextmanager
def server(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a Prefect server that runs until all moments are tried."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env={**environment, "PREFECT_HOME": str(home)}, **quiet)
    try:
        _until_it_answers(port)
        yield environment
    finally:
        running.terminate()
        running.wait()


def _until_it_answers(port: int) -> None:
    for _ in range(240):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the Prefect server did not start")


def main() -> int:
    prepare_environment()
    folder = Path(tempfile.mkdtemp(prefix="kill-"))
    try:
        with server(folder / "prefect") as environment:
            return _tally([*_tried(County(folder), environment)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tried(county: County, environment: dict[str, str]) -> Iterator[Result]:
    begun = time.monotonic()
    code, operations = run(county, environment)
    assert (code, operations > 0) == (1, True), "the county could not be published"
    expected = fingerprint(county.output / str(YEAR))
    print(
        f"A run takes {time.monotonic() - begun:.1f} s; its publication has {operations} operations on files."
    )
    chosen = [*moments(operations)]
    random.Random(2).shuffle(chosen)
    for moment in chosen:
        result = try_moment(county, environment, moment, expected)
        print(
            f"{moment.name:32s} {'killed' if result.killed else 'had ended':10s}"
            f"{result.damaged or 'whole':12s}{'recovered' if result.recovered else 'NOT RECOVERED'}",
            flush=True,
        )
        yield result


def _tally(results: list[Result]) -> int:
    killed = [result for result in results if result.killed]
    tally = {
        "moments tried": len(results),
        "killed": len(killed),
        "of them inside publication": sum(1 for result in killed if result.moment.operation),
        "damaged releases": sum(1 for result in results if result.damaged),
        "runs recovered": sum(1 for result in results if result.recovered),
    }
    print(json.dumps(tally, indent=2))
    return 0 if not tally["damaged releases"] and tally["runs recovered"] == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
