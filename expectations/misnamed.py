"""The bureau's own files under another name: read would be none of them, and nothing would say so."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter

from expectations.canon import Canonical
from expectations.errors import InputError
from expectations.saying import Messages
from expectations.yamlfile import read_as

say = Messages(__file__)

KNOWN = Path(__file__).parent / "bureau_files.yml"
NEAR = 0.85
INSTEAD = "not read: {right} is"
ABOVE = "../"
_YEAR, _COPY = r"^\d{4}\s*年?度?", r"(?:[\s_-]*(?:副本|copy|[(（]\d+[)）]|\d{4}年?))+$"


class BureauFile(Canonical):
    """`title`: what it is called in a sentence; `also`: what people name it, without ending; `saved`: how to save it."""

    title: str
    also: tuple[str, ...]
    saved: str


@cache
def bureau_files() -> Mapping[str, BureauFile]:
    """The bureau's files by the name that is read. Raises DefinitionError."""
    return read_as(KNOWN, TypeAdapter(dict[str, BureauFile]))


def meant_file(name: str) -> str:
    """The bureau's file that somebody means by a path below the year's folder; '' where it is none, or named rightly.

    >>> meant_file("settings.yaml"), meant_file("2020年设置 (1).toml.txt"), meant_file("setings.toml")
    ('settings.toml', 'settings.toml', 'settings.toml')
    >>> meant_file("预算股/waivers.csv"), meant_file("waivers.csv"), meant_file("101_教育局/设置.xlsx")
    ('waivers.csv', '', '')
    >>> meant_file("../settings.toml")
    'settings.toml'
    """
    path = PurePosixPath(name)
    if name in bureau_files():
        return ""
    if len(path.parts) > 1:
        return path.name.casefold() if path.name.casefold() in bureau_files() else ""
    stem = re.sub(_COPY, "", re.sub(_YEAR, "", path.name.casefold().partition(".")[0]).strip())
    called = (right for right, file in bureau_files().items() if stem in file.also)
    return next(called, "") or _nearly(stem, path.suffix.casefold())


def _nearly(stem: str, suffix: str) -> str:
    """The file of the ending that is spelt nearly so; the settings are the only ones with theirs."""
    known = {PurePosixPath(right).stem: right for right in bureau_files() if right.endswith(suffix or "/")}
    if suffix == ".toml":
        return next(iter(known.values()))
    return known.get(next(iter(get_close_matches(stem, known, n=1, cutoff=NEAR)), ""), "")


def left_above(year_dir: Path) -> list[str]:
    """The bureau's files that lie beside the year's folder instead of in it, as paths from there."""
    beside = sorted(path.name for path in year_dir.parent.iterdir() if path.is_file())
    return [f"{ABOVE}{name}" for name in beside if meant_file(f"{ABOVE}{name}")]


def refuse_misnamed(year_dir: Path, names: Iterable[str]) -> None:
    """Raise InputError for a file that is meant to be one of the bureau's where that one is not there."""
    for name in names:
        right = meant_file(name)
        if right and not (year_dir / right).is_file():
            raise InputError(_told(year_dir, name, right))


def _told(year_dir: Path, name: str, right: str) -> str:
    """Why a file is not read, and what to do: it has another name, or lies in another folder."""
    file, year = bureau_files()[right], year_dir.name
    shown = (
        f"{year_dir.parent.name}/{name.removeprefix(ABOVE)}" if name.startswith(ABOVE) else f"{year}/{name}"
    )
    if PurePosixPath(name).name == right:
        return say("in_another_folder", shown=shown, title=file.title, right=right, year=year)
    return say("another_name", shown=shown, title=file.title, right=right, year=year, saved=file.saved)
