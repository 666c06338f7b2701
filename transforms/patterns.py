"""Patterns as data (`forms/_patterns.yml`): how the reader of tables knows lines, titles and labels."""

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.yamlfile import read_as
from transforms.money import FEN_PER

FILE = Path(__file__).parent / "forms" / "_patterns.yml"
NUMERALS = "一二三四五六七八九十"
_PIECES = {"money": "|".join(sorted(FEN_PER, key=lambda unit: -len(unit))), "numeral": NUMERALS}
_PIECE = re.compile("{(" + "|".join(_PIECES) + ")}")


class Spelling(BaseModel):
    """One pattern of a list, with texts that it finds and texts that it must not find."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str
    finds: tuple[str, ...]
    never: tuple[str, ...] = ()

    @property
    def regex(self) -> str:
        """The pattern with its pieces written out."""
        return _PIECE.sub(lambda piece: _PIECES[piece[1]], self.pattern)


@cache
def spelled() -> dict[str, tuple[Spelling, ...]]:
    """The patterns of every list. Raises DefinitionError."""
    return read_as(FILE, TypeAdapter(dict[str, tuple[Spelling, ...]]))


def pattern(name: str) -> re.Pattern[str]:
    """What finds any of the patterns of a list, the first in the file first.

    >>> pattern("of_which").sub("", "其中:财政拨款")
    '财政拨款'
    """
    return re.compile("|".join(spelling.regex for spelling in spelled()[name]))


def patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a list one by one, where their order says something."""
    return tuple(re.compile(spelling.regex) for spelling in spelled()[name])
