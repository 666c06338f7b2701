"""The audit log: who ran what, on which inputs, with which result. Lines are appended and never changed.

`<output>/audit.jsonl` lies beside the releases and outlives them. Each line carries the checksum of the line before
it, so that a line changed or taken out later shows (`county-budget doctor` looks).
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from expectations.errors import BudgetError, PublicationError
from expectations.reasons import why
from expectations.saying import Messages
from flows.published.replace import RECORD
from flows.running.checksums import sha256
from flows.running.lock import try_lock, who

say = Messages(__file__)

AUDIT = "audit.jsonl"
WAIT = 10.0
LOOK_AGAIN = 0.02
RESULTS = {0: "published", 1: "published, bodies or tables withheld", 3: "nothing publishable"}
UNCHANGED, FAILED, INTERRUPTED = "unchanged", "failed", "interrupted"

Entry = Mapping[str, Any]


@dataclass
class Run:
    """What is known of a run at its end; filled in while it goes on."""

    output: Path
    year: int
    how: str
    ended: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid4().hex[:12])

    def note(self, **facts: Any) -> None:
        """Add facts to the line that ends the run."""
        self.ended.update(facts)


@contextmanager
def audited(output: Path, year: int, how: str, begun: Entry) -> Iterator[Run]:
    """A line when the run begins, so that one that was killed shows, and one with its result when it ends.

    Raises PublicationError where the log cannot be written at the beginning: nothing then runs unrecorded.
    """
    run = Run(output, year, how)
    _first(run, begun)
    started = time.monotonic()
    try:
        yield run
    except BaseException as error:
        result = FAILED if isinstance(error, Exception) else INTERRUPTED
        run.note(result=result, error=_sentence(error))
        raise
    finally:
        _last(run, round(time.monotonic() - started, 1))


def published(exit_code: int, run: Entry, folder: Path) -> dict[str, Any]:
    """What the log says of a release: its record's checksum, the corrections and waivers that it draws on."""
    used = run["amendments"]
    return {
        "result": RESULTS[exit_code],
        "exit_code": exit_code,
        "release": sha256(folder / RECORD),
        "corrections": used["corrections"],
        "waivers": used["waivers"],
    }


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, BudgetError) else f"{type(error).__name__}: {error}"


def _first(run: Run, begun: Entry) -> None:
    try:
        append(run.output, {"event": "started", **_head(run), **begun})
    except OSError as error:
        raise PublicationError(say("not_writable", path=run.output / AUDIT, why=why(error))) from error


def _last(run: Run, seconds: float) -> None:
    """The line at the end; what was published stands even where the log has no room for it any more."""
    try:
        append(run.output, {"event": "ended", **_head(run), **run.ended, "seconds": seconds})
    except OSError as error:
        print(say("not_written", path=run.output / AUDIT, why=why(error)), file=sys.stderr)


def _head(run: Run) -> Entry:
    return {"run": run.id, "year": run.year, "how": run.how, **who()}


def append(output: Path, entry: Entry) -> None:
    """Add one line, whole and on the disk, whichever other processes do the same. Raises OSError."""
    with (output / AUDIT).open("a+b") as log:
        _wait_for(log)
        last = _last_line(log)
        line = {
            "at": datetime.now().astimezone().isoformat(timespec="seconds"),
            **entry,
            "previous": checksum(last),
        }
        begin = b"\n" if last and not last.endswith(b"\n") else b""
        log.write(begin + json.dumps(line, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
        log.flush()
        os.fsync(log.fileno())


def _wait_for(log: IO[bytes]) -> None:
    until = time.monotonic() + WAIT
    while not try_lock(log):
        if time.monotonic() > until:
            raise TimeoutError(None, say("in_use"))
        time.sleep(LOOK_AGAIN)


def _last_line(log: IO[bytes]) -> bytes:
    """The last line; one without line end was cut short when its writer was killed."""
    log.seek(0, os.SEEK_END)
    size = log.tell()
    reach = 4096
    while True:
        log.seek(max(0, size - reach))
        tail = log.read()
        cut = tail.rstrip(b"\n").rfind(b"\n")
        if cut >= 0 or reach >= size:
            return tail[cut + 1 :]
        reach *= 4


def checksum(line: bytes) -> str:
    """What the next line says of this one; blank for the first."""
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest() if line else ""


def last_end(output: Path, year: int) -> datetime | None:
    """When a run of a year last came to its end, whatever became of it; None where none did."""
    path = output / AUDIT
    lines = path.read_bytes().splitlines() if path.is_file() else []
    ends = (
        each
        for each in map(_entry, reversed(lines))
        if (each.get("event"), each.get("year")) == ("ended", year)
    )
    return next((datetime.fromisoformat(each["at"]) for each in ends), None)


def broken_lines(output: Path) -> list[int]:
    """Numbers of the lines before which something was changed or taken out; none where there is no log."""
    path = output / AUDIT
    if not path.is_file():
        return []
    broken: list[int] = []
    previous = b""
    with path.open("rb") as log:
        for number, line in enumerate(log, start=1):
            if line.endswith(b"\n") and _says(line) not in (None, checksum(previous)):
                broken.append(number)
            previous = line
    return broken


def _says(line: bytes) -> str | None:
    """What a line says of the one before it."""
    previous = _entry(line).get("previous")
    return None if previous is None else str(previous)


def _entry(line: bytes) -> Entry:
    """What a line holds; nothing where it was cut short when its writer was killed."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
