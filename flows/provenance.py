"""What `run.json` says of a run: inputs with checksums, versions of code and definitions."""

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import expectations
import transforms
from expectations.errors import InputError
from expectations.misnamed import bureau_files
from expectations.saying import Messages
from flows.running.checksums import sha256
from transforms.submissions import Inputs

say = Messages(__file__)

PROGRAM = "county-budget"
LIBRARIES = ("duckdb", "great-expectations", "openpyxl", "pandas", "prefect", "pyarrow", "python-calamine")
EXPECTATIONS = Path(expectations.__file__).parent
TRANSFORMS = Path(transforms.__file__).parent
DEFINITIONS = {
    "forms": TRANSFORMS / "forms",
    "rules": EXPECTATIONS / "rules",
    "tables": EXPECTATIONS / "tables",
    "codes": EXPECTATIONS / "codes",
}

DEFINITION_TITLES = {"forms": "表式", "rules": "审核规则", "tables": "数据表定义", "codes": "科目表"}


def describe_run(inputs: Inputs) -> dict[str, Any]:
    """Inputs with checksums, ignored files, versions of the program, its libraries and its definitions."""
    return {
        "year": inputs.year,
        "version": installed(PROGRAM),
        "python": platform.python_version(),
        "libraries": {name: installed(name) for name in LIBRARIES},
        "definitions": {name: folder_checksum(folder) for name, folder in DEFINITIONS.items()},
        "inputs": [{"file": file.name, "size": file.size, "sha256": file.sha256} for file in inputs.files],
        "bureau_files": [
            {
                "file": path.relative_to(inputs.root).as_posix(),
                "size": path.stat().st_size,
                "sha256": sha256(path),
            }
            for path in _read_beside(inputs.root)
        ],
        "ignored": dict(inputs.ignored),
    }


def versions() -> str:
    """Program, Python and definitions in one line; a definition by the beginning of its checksum in `run.json`."""
    sums = (f"{title} {folder_checksum(DEFINITIONS[name])[:12]}" for name, title in DEFINITION_TITLES.items())
    return f"{PROGRAM} {installed(PROGRAM)}，Python {platform.python_version()}，{'，'.join(sums)}"


def _read_beside(root: Path) -> list[Path]:
    """What the bureau itself put beside the submissions of a year and a run reads."""
    named = [root / name for name in bureau_files()]
    return [path for path in (*named, *sorted((root / "codes").glob("*.csv"))) if path.is_file()]


def installed(package: str) -> str:
    """The installed version of a package; blank where it runs without being installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def folder_checksum(folder: Path) -> str:
    """One SHA-256 over the names and contents of a folder's data files, whatever their line ends."""
    checksum = hashlib.sha256()
    for path in _data_files(folder):
        checksum.update(path.relative_to(folder).as_posix().encode())
        checksum.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return checksum.hexdigest()


def _data_files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".csv"))


def run_of(folder: Path) -> dict[str, Any]:
    """What `run.json` of a release says. Raises InputError where there is no release, or it cannot be read."""
    path = folder / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(say("no_release", folder=folder)) from error
    except (OSError, ValueError) as error:
        raise InputError(say("record_damaged", path=path)) from error
    if not (isinstance(record, dict) and isinstance(record.get("outputs", {}), dict)):
        raise InputError(say("record_damaged", path=path))
    return record
