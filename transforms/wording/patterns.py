"""Patterns as data (`forms/_patterns.yml`, `narrative/patterns.yml`): how lines, titles, labels and headings are known."""

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.units import FEN_PER
from expectations.yamlfile import read_as

_TRANSFORMS = Path(__file__).parents[1]
FILES = (_TRANSFORMS / "forms" / "_patterns.yml", _TRANSFORMS / "narrative" / "patterns.yml")
_PIECE = re.compile(r"{([a-z]+)}")


class Spelling(BaseModel):
    """One pattern of a list, with texts that it finds and texts that it must not find.

    `as_written`: it is compared with texts as they are typed, not with compact ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str
    finds: tuple[str, ...]
    never: tuple[str, ...] = ()
    as_written: bool = False

    @property
    def regex(self) -> str:
        """The pattern with its pieces written out."""
        return _PIECE.sub(lambda found: piece(found[1]), self.pattern)


class Patterns(BaseModel):
    """The content of a file of patterns: lists by name, and what several of them share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pieces: dict[str, str] = {}
    patterns: dict[str, tuple[Spelling, ...]]


@cache
def _files() -> tuple[Patterns, ...]:
    return tuple(read_as(path, TypeAdapter(Patterns)) for path in FILES)


@cache
def piece(name: str) -> str:
    """What stands for a name in patterns: the digits of ordinals, the units of money (the longest first)."""
    money = "|".join(sorted(FEN_PER, key=lambda unit: -len(unit)))
    return {"money": money, **{key: words for file in _files() for key, words in file.pieces.items()}}[name]


@cache
def spelled() -> dict[str, tuple[Spelling, ...]]:
    """The patterns of every list. Raises DefinitionError."""
    return {name: found for file in _files() for name, found in file.patterns.items()}


def pattern(name: str) -> re.Pattern[str]:
    """What finds any of the patterns of a list, the first in the file first.

    >>> pattern("of_which").sub("", "其中:财政拨款")
    '财政拨款'
    """
    return re.compile("|".join(spelling.regex for spelling in spelled()[name]))


def patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a list one by one, where their order says something."""
    return tuple(re.compile(spelling.regex) for spelling in spelled()[name])
