"""What a run tells at its end, and whether it needs to do anything at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from expectations.errors import InputError
from expectations.saying import Messages
from flows.identity import Identity
from flows.provenance import run_of
from flows.published.replace import RECORD, recover
from flows.running.checksums import sha256
from flows.summary import bodies_line, end_sentence, findings_line, indented, where_to_look

say = Messages(__file__)


@dataclass(frozen=True)
class Completed:
    """What a finished run tells its caller. `unchanged`: the former release stands, nothing was published. `unheard`: the
    server was lost meanwhile, and Prefect would go on trying to tell it."""

    exit_code: int
    folder: Path
    summary: str
    unchanged: bool = False
    unheard: bool = False


def standing(output: Path, year: int, wanted: Identity) -> Completed | None:
    """The release that stands because everything it depends on is the same and its files are whole, else None."""
    recover(output, year)
    folder = output / str(year)
    record = read_record(folder)
    if record.get("identity") != dict(wanted) or not is_whole(folder, record):
        return None
    return Completed(int(record["exit_code"]), folder, _sentence(folder, record), unchanged=True)


def read_record(folder: Path) -> dict[str, Any]:
    """What `run.json` of a release says; empty where there is none that can be read."""
    try:
        return run_of(folder)
    except InputError:
        return {}


def is_whole(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether every file of a release is there with the checksum that `run.json` gives."""
    outputs = record.get("outputs", {})
    try:
        return bool(outputs) and all(sha256(folder / name) == known for name, known in outputs.items())
    except OSError:
        return False


def _sentence(folder: Path, record: Mapping[str, Any]) -> str:
    counts = record["counts"]
    published = datetime.fromtimestamp((folder / RECORD).stat().st_mtime).astimezone()
    end = end_sentence(int(record["exit_code"]))
    title = say("unchanged", year=record["year"], published=published, end=end)
    lines = [bodies_line(counts), findings_line(counts["open_findings"]), *where_to_look(folder)]
    return indented(title, lines)
