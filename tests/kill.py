"""Kills runs with signal 9 at many moments, and takes away what they stand on: `make kill` counts what is damaged.

A small county is published once. Then a run on changed inputs is started and killed, at a moment of each stage or at one
of the operations on files by which a release is published, and what a reader finds is checked: the former release whole
or the new one whole. The next run must then finish and publish what a run that nobody killed publishes, and the audit log
must only have grown. All runs report to one Prefect server that is running.
"""

import json
import os
import pickle
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flows.environment import CANNOT_RUN, prepare_environment, silence_console
from flows.published.replace import standing_release
from flows.running.audit import AUDIT, broken_lines
from flows.running.completed import is_whole, read_record
from tests.forked import Ended, import_everything, start
from transforms.sample import write_county

YEAR = 2020
PUBLISHED = 1
PUBLISHING = 18
PARTS_OF_A_STAGE = (0.0, 0.3, 0.7)
COMPARED = (
    "csv",
    "parquet",
    "other_scope",
    "withheld",
    "notices",
    "findings.csv",
    "outcomes.csv",
    "coverage.csv",
)
FULL = 20_000
AT_ONCE = 4


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after a stage was announced, or before the n-th operation of the publication."""

    name: str
    stage: int = 0
    delay: float = 0.0
    operation: int = 0

    def hear(self, text: str) -> None:
        """Kill the process that says this, when the moment has come."""
        if self.stage and text.startswith(f"[{self.stage}/"):
            if not self.delay:
                kill_myself()
            threading.Timer(self.delay, kill_myself).start()


class Operations:
    """Counts the operations on files by which a release is published; kills at one of them."""

    def __init__(self, fatal: int = 0, log: Path | None = None) -> None:
        self.fatal = fatal
        self.log = log
        self.seen = 0

    def __call__(self, told: str) -> None:
        event, _, path = told.partition(" ")
        if f".{YEAR}." in path or (event == "os.rename" and str(YEAR) in path):
            self.seen += 1
            if self.seen == self.fatal:
                kill_myself()
            if self.log:
                self.log.write_text(str(self.seen))


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class County:
    """A folder with inputs, and an output in which they are published."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.input, self.output = folder / "input", folder / "output"
        if not self.input.exists():
            write_county(self.input, YEAR, departments=2, seed=7, defects=1)
        self.workbook = min(self.input.rglob("*.xlsx"))
        self.changes = 0

    def copy(self, name: str) -> "County":
        """The same county in a folder beside its own."""
        shutil.copytree(self.input, self.folder / name / "input")
        shutil.copytree(self.output, self.folder / name / "output")
        return County(self.folder / name)

    def change(self) -> None:
        """Send a workbook again: other bytes, the same cells."""
        self.changes += 1
        with zipfile.ZipFile(self.workbook, "a") as package:
            package.comment = str(self.changes).encode()

    def run(
        self, hear: Callable[[str], None] = lambda _text: None, hook: Callable[[str], None] | None = None
    ) -> Ended:
        """A run from its beginning to its end."""
        return start(self.command(), self.folder / "log", hear, hook).wait()

    def command(self) -> list[str]:
        return ["run", str(YEAR), "--input", str(self.input), "--output", str(self.output), "--workers", "1"]

    def log(self) -> bytes:
        path = self.output / AUDIT
        return path.read_bytes() if path.exists() else b""


@dataclass(frozen=True)
class Result:
    """What became of one moment, or of one trouble."""

    name: str
    killed: bool
    damaged: str
    recovered: bool
    inside: bool = False

    def __str__(self) -> str:
        end = "killed" if self.killed else "had ended"
        return f"{self.name:34s} {end:10s} {self.damaged or 'whole':12s} {'recovered' if self.recovered else 'NOT RECOVERED'}"


def moments(durations: list[float], operations: int) -> Iterator[Moment]:
    """Some in each stage, by what it took when nobody killed; the others at operations of the publication."""
    for stage, seconds in enumerate(durations, start=1):
        for part in PARTS_OF_A_STAGE:
            yield Moment(f"stage {stage}, {part:.0%} of it", stage=stage, delay=part * seconds)
    draw = random.Random(1)
    chosen = {1, 2, 3, *range(operations - 5, operations + 1)}
    while len(chosen) < min(PUBLISHING, operations):
        chosen.add(draw.randint(1, operations))
    for operation in sorted(chosen):
        yield Moment(f"publication, operation {operation} of {operations}", operation=operation)


def fingerprint(release: Path) -> dict[str, bytes]:
    """The bytes of what is compared of a release."""
    files = (path for name in COMPARED for path in [release / name, *(release / name).rglob("*")])
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in files if path.is_file()}


def damage(county: County, expected: dict[str, bytes], log_before: bytes) -> str:
    """What is wrong with what is published and with the audit log, '' where nothing is."""
    release = standing_release(county.output, YEAR)
    if not is_whole(release, read_record(release)):
        return "not whole"
    found = fingerprint(release)
    wrong = [name for name in expected if found.get(name) != expected[name]]
    if wrong:
        return f"differs: {wrong[0]}"
    if not county.log().startswith(log_before) or broken_lines(county.output):
        return "log rewritten"
    return ""


def recovers(county: County, expected: dict[str, bytes]) -> bool:
    """Whether the next run publishes what it should and leaves nothing of the one before."""
    before = county.log()
    ended = county.run()
    left = [path.name for path in county.output.glob(f".{YEAR}.*.*")]
    return ended.code == PUBLISHED and not left and not damage(county, expected, before)


def try_moment(county: County, moment: Moment, expected: dict[str, bytes]) -> Result:
    """Kill a run at a moment, look at what is published, let the next one finish."""
    county.change()
    before = county.log()
    hook = Operations(moment.operation) if moment.operation else None
    killed = county.run(moment.hear, hook).code == -signal.SIGKILL
    damaged = damage(county, expected, before)
    if killed and not damaged and moment.stage > 1 and not _last_line_is(county, "started", before):
        damaged = "no line of it"
    inside = bool(moment.operation) or moment.name.startswith("stage 10")
    return Result(moment.name, killed, damaged, recovers(county, expected), inside)


def _last_line_is(county: County, event: str, before: bytes) -> bool:
    """Whether the log has a line more, and which; a run killed after its end has two."""
    new = [json.loads(line) for line in county.log()[len(before) :].splitlines()]
    return bool(new) and (new[0]["event"] == event)


Try = Callable[[County], Result | None]
Trouble = Callable[[County], tuple[Ended, str]]


def full_disk(county: County) -> tuple[Ended, str]:
    """No file grows beyond a few kilobytes from the moment on when the release is written."""

    def fill(text: str) -> None:
        if text.startswith("[10/"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, resource.RLIM_INFINITY))

    return county.run(fill), "未能写入"


def vanished_input(county: County) -> tuple[Ended, str]:
    """A file is taken away after the inputs were counted."""
    kept = county.workbook.read_bytes()

    def take(text: str) -> None:
        if text.startswith("[2/"):
            county.workbook.unlink()

    ended = county.run(take)
    county.workbook.write_bytes(kept)
    return ended, "在运行中被改动、移走"


def read_only_output(county: County) -> tuple[Ended, str]:
    """The output is on a disk that is mounted read-only; not tried where this user may not mount."""
    mount = ["mount", "--bind", str(county.output), str(county.output)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(county.output)], check=True)
        return county.run(), "不能写入"
    finally:
        subprocess.run(["umount", str(county.output)], check=True)


def second_run(county: County) -> tuple[Ended, str]:
    """Another run begins while one is under way, which goes on to its end."""

    def stop(text: str) -> None:
        if text.startswith("[3/"):
            os.kill(os.getpid(), signal.SIGSTOP)

    first = start(county.command(), county.folder / "first", stop)
    first.wait_for("[3/")
    second = county.run()
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait().code == PUBLISHED, "the first run did not finish"
    return second, "另一个进程正在处理"


def try_trouble(county: County, trouble: Trouble, expected: dict[str, bytes]) -> Result | None:
    """A run that meets a trouble must say so and end with exit code 2; None where it cannot be tried here."""
    name = trouble.__name__.replace("_", " ")
    county.change()
    before = county.log()
    try:
        ended, sentence = trouble(county)
    except (subprocess.CalledProcessError, FileNotFoundError):
        print(f"{name:34s} not tried: this user may not mount")
        return None
    damaged = damage(county, expected, before)
    if (ended.code, sentence in ended.said) != (CANNOT_RUN, True):
        damaged = f"ended with {ended.code}: {ended.said.splitlines()[-1:]}"
    return Result(name, killed=False, damaged=damaged, recovered=recovers(county, expected))


@contextmanager
def server(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a Prefect server that runs until all is tried."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env={**environment, "PREFECT_HOME": str(home)}, **quiet)
    # Who is told to end ends its server as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        _until_it_answers(port)
        yield environment
    finally:
        running.terminate()
        running.wait()


def _until_it_answers(port: int) -> None:
    for _ in range(240):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.5)
    raise SystemExit("the Prefect server did not start")


def main() -> int:
    prepare_environment()
    silence_console()
    folder = Path(tempfile.mkdtemp(prefix="kill-"))
    try:
        with server(folder / "prefect") as environment:
            os.environ.update(environment)
            import_everything()
            from flows.published.publish import write_release
            from tests.releases import release_of

            county = County(folder)
            (folder / "warm").mkdir()
            # What is worked out once a process (forms, rules, suites) is inherited by the children.
            write_release(release_of(county.input, YEAR), folder / "warm")
            return _tally(_tried(county))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tried(county: County) -> list[Result]:
    begun = time.monotonic()
    counted = county.folder / "operations"
    first = county.run(hook=Operations(log=counted))
    assert first.code == PUBLISHED, first.said
    durations = [*json.loads(county.log().splitlines()[-1])["durations"].values()]
    operations, stages = int(counted.read_text()), first.said.count("[")
    expected = fingerprint(county.output / str(YEAR))
    print(
        f"A run takes {time.monotonic() - begun:.1f} s in {stages} stages, its publication {operations} operations."
    )
    chosen = [*moments(durations[:stages], operations)]
    random.Random(2).shuffle(chosen)
    tries: list[Try] = [partial(try_moment, moment=each, expected=expected) for each in chosen]
    troubles = (full_disk, vanished_input, read_only_output, second_run)
    tries += [partial(try_trouble, trouble=each, expected=expected) for each in troubles]
    return _at_once(county, tries)


def _at_once(county: County, tries: list[Try]) -> list[Result]:
    """The results of all tries, some at once, each on a copy of the county."""
    begun: list[tuple[int, Path]] = []
    for share in range(AT_ONCE):
        results = county.folder / f"results-{share}"
        pid = os.fork()
        if not pid:
            status = 1
            try:
                results.write_bytes(pickle.dumps(_one_by_one(county.copy(str(share)), tries[share::AT_ONCE])))
                status = 0
            finally:
                os._exit(status)
        begun.append((pid, results))
    for pid, _ in begun:
        assert os.waitpid(pid, 0)[1] == 0, "not all could be tried"
    return [result for _, results in begun for result in pickle.loads(results.read_bytes())]


def _one_by_one(county: County, tries: list[Try]) -> list[Result]:
    results = []
    for attempt in tries:
        result = attempt(county)
        if result:
            print(result, flush=True)
            results.append(result)
    return results


def _tally(results: list[Result]) -> int:
    killed = [result for result in results if result.killed]
    tally = {
        "moments tried": len(results),
        "killed": len(killed),
        "of them inside publication": sum(1 for result in killed if result.inside),
        "damaged releases": sum(1 for result in results if result.damaged),
        "runs recovered": sum(1 for result in results if result.recovered),
    }
    print(json.dumps(tally, indent=2))
    return 0 if not tally["damaged releases"] and tally["runs recovered"] == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
