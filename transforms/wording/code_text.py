"""Codes of subjects as they are typed: whole, in parts (201.31.01, 201-31-01, 201 31 01), before a name, or short of a nought."""

import re

from transforms.once import recalled
from transforms.wording.patterns import pattern
from transforms.wording.text import compact

WHOLE_CODE = r"\d{3}(?:\d{2}){0,2}"
PART_WIDTH = 2  # digits of what stands behind the class
LONGEST_CODE = 9  # what is longer is no code of a subject but one of a project
_IN_PARTS, _OPEN, _AND_NAME = pattern("code_in_parts"), pattern("code_open"), pattern("code_and_name")
_NAME_AND = pattern("name_and_code")
_OF_PROJECT = pattern("code_of_project")
_PARTED = re.compile(r"\D")


@recalled
def code_digits(text: str) -> str:
    """The digits of a text that holds no more than a code in parts, or digits with blanks between; '' for every other.

    >>> code_digits("201.31.01"), code_digits("201 31 01"), code_digits("301－01"), code_digits("201.3")
    ('2013101', '2013101', '30101', '')
    """
    words = compact(text)
    return words if words.isdigit() else _whole(words) if _IN_PARTS.fullmatch(words) else ""


@recalled
def open_codes(text: str) -> tuple[str, ...]:
    """The codes that a number of one decimal may be: what took it for a number may have left out its last nought.

    >>> open_codes("201.3"), open_codes("201.31")
    (('20103', '20130'), ())
    """
    found = _OPEN.fullmatch(compact(text))
    if not found:
        return ()
    return found[1] + found[2].zfill(PART_WIDTH), found[1] + found[2].ljust(PART_WIDTH, "0")


@recalled
def code_and_name(text: str) -> tuple[str, str]:
    """The code and the name that stand in one cell, blanks where it is not so.

    >>> code_and_name("2013101行政运行"), code_and_name("201.31.01 行政运行"), code_and_name("行政运行")
    (('2013101', '行政运行'), ('2013101', '行政运行'), ('', ''))
    >>> code_and_name("行政运行（2013101）")
    ('2013101', '行政运行')
    """
    words = compact(text)
    if found := _AND_NAME.match(words):
        return _whole(found[1]), found[2]
    behind = _NAME_AND.match(words)
    return (behind[2] or behind[3], behind[1]) if behind else ("", "")


@recalled
def is_projects_code(code: str) -> bool:
    """Whether digits are no code of a subject but that of a project: too many, or a year and a number behind it (2025001)."""
    return len(code) > LONGEST_CODE or bool(_OF_PROJECT.match(code))


def _whole(code: str) -> str:
    first, *parts = _PARTED.split(code)
    return first + "".join(part.zfill(PART_WIDTH) for part in parts)
