"""What a release depends on, as checksums: where they are the same, the release would be the same.

The day itself is not among them, only which of the dates that the inputs name have passed: letters keep the day on
which they were issued, and a waiver that lapsed over night makes a new release.
"""

import ast
import hashlib
import platform
import zlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from expectations.saying import FILE as MESSAGES
from flows.amendments import Amendments
from flows.provenance import LIBRARIES, installed
from flows.running.checksums import checksum, sha256
from transforms.submissions import Inputs

PACKAGES = ("flows", "transforms", "expectations")
PROJECT = Path(__file__).resolve().parent.parent
READERS = ("transforms.read", "transforms.narrative.read", "transforms.claims")
READING_DATA = ("transforms", "expectations/codes", "expectations/units.yml")
NOT_READING = "transforms/sample"
DRAWERS = ("flows.returned.drawing",)
DRAWING_LIBRARIES = ("lxml", "python-docx", "pyarrow")
READING_LIBRARIES = ("python-calamine", "numpy", "lxml", "PyYAML", "pydantic")
NOT_CODE = frozenset({".pyc", ".pyo"})

Identity = Mapping[str, str]


def identity(
    inputs: Inputs, amendments: Amendments, output: Path, as_of: date, options: Mapping[str, Any]
) -> Identity:
    """The checksum of each kind of thing that a year's release depends on."""
    return {
        "files": checksum(
            [file.name, *file.members, file.sha256] for file in (*inputs.files, *inputs.superseded)
        ),
        "left_out": checksum(sorted(inputs.ignored.items())),
        "bureau": _bureau_files(inputs.root),
        "dates": checksum(sorted(_passed(inputs, amendments, as_of))),
        "earlier": _earlier(output, inputs.year),
        "program": program(),
        "options": checksum(sorted(options.items())),
    }


def _bureau_files(root: Path) -> str:
    """The bureau's own files of the year: roster, corrections, waivers, settings, code lists."""
    own = [*root.iterdir(), *(root / "codes").rglob("*")]
    files = sorted(path for path in own if path.is_file() and not path.name.startswith((".", "~$")))
    return checksum([path.relative_to(root).as_posix(), sha256(path)] for path in files)


def _passed(inputs: Inputs, amendments: Amendments, as_of: date) -> set[str]:
    """Of the dates that the roster and the waivers name, those that are over."""
    due = set() if inputs.roster is None else set(inputs.roster["due"])
    named = due | {line["until"] for line in amendments.waivers}
    return {text for text in named if text and text < as_of.isoformat()}


def _earlier(output: Path, year: int) -> str:
    """The release of the year before, with which figures are compared."""
    record, shelf = output / str(year - 1) / "run.json", output / "releases" / str(year - 1)
    kept = sorted(path.name for path in shelf.glob("*"))
    return checksum([sha256(record) if record.is_file() else "", *kept])


@cache
def program() -> str:
    """Everything of this program that decides what a release says: its code, its definitions, the libraries."""
    folders = [Path(_origin(name)).parent for name in PACKAGES]
    files = [path for folder in folders for path in folder.rglob("*") if _counts(path)]
    libraries = sorted({*LIBRARIES, *READING_LIBRARIES, *DRAWING_LIBRARIES})
    return checksum([*_contents(files), *_libraries(libraries)])


@cache
def reading() -> str:
    """What a file's reading depends on besides its bytes: the code that reads, forms, words, limits, code lists."""
    # What modules of expectations say enters no reading; what the readers say lies below transforms.
    modules = [Path(_origin(name)) for name in sorted(_imported(READERS))]
    data = [path for name in READING_DATA for path in _files_of(PROJECT / name) if _is_data(path)]
    return checksum([*_contents([*modules, *data]), *_libraries(READING_LIBRARIES)])


@cache
def drawing() -> str:
    """What the drawing of a notice depends on besides what it says: the code, the words of letters, and what packs."""
    modules = [Path(_origin(name)) for name in sorted(_imported(DRAWERS))]
    packers = [platform.python_version(), zlib.ZLIB_RUNTIME_VERSION]
    return checksum([*_contents([*modules, *_said_by(modules)]), *_libraries(DRAWING_LIBRARIES), packers])


def _said_by(modules: Iterable[Path]) -> set[Path]:
    """The files with the sentences of modules."""
    return {file for module in modules if (file := module.with_name(MESSAGES)).is_file()}


def _files_of(path: Path) -> Iterable[Path]:
    """A file itself, or whatever is below a folder."""
    return [path] if path.is_file() else path.rglob("*")


def _is_data(path: Path) -> bool:
    return _counts(path) and path.suffix != ".py" and PROJECT / NOT_READING not in path.parents


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix not in NOT_CODE and "__pycache__" not in path.parts


def _contents(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Each file below the project's folder with its checksum, whatever its line ends."""
    return [
        (
            path.relative_to(PROJECT).as_posix(),
            hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest(),
        )
        for path in sorted(set(files))
    ]


def _libraries(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, installed(name)) for name in names]


def _origin(module: str) -> str:
    found = find_spec(module)
    return found.origin if found and found.origin else ""


def _imported(modules: Iterable[str]) -> set[str]:
    """The project's modules that these import, directly or not, themselves among them."""
    found: set[str] = set()
    waiting = [*modules]
    while waiting:
        name = waiting.pop()
        if name in found or name.split(".")[0] not in PACKAGES or not _is_module(name):
            continue
        found.add(name)
        tree = ast.parse(Path(_origin(name)).read_text(encoding="utf-8"))
        waiting += [each for node in ast.walk(tree) for each in _names(node)]
    return found


def _is_module(name: str) -> bool:
    path = PROJECT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
