"""Code lists by year: `codes/*.csv`, one row per code and edition, with the first and last year it holds.

The Ministry renames and adds codes every year, so a name belongs to a code *in a year*; a blank year
means that the row holds since before, or until after, the years this project has seen.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from expectations.errors import DefinitionError
from expectations.saying import Messages

if TYPE_CHECKING:
    import pandas as pd

say = Messages(__file__)

FOLDER = Path(__file__).parent / "codes"
LEVELS = {3: "类", 5: "款", 7: "项"}
LONG_AGO, FAR_AHEAD = 0, 9999


class Code(BaseModel):
    """One code with its name in the years from `valid_from` to `valid_to`, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str
    level: str
    parent: str
    valid_from: int = LONG_AGO
    valid_to: int = FAR_AHEAD
    source: str

    @field_validator("valid_from", mode="before")
    @classmethod
    def _blank_is_long_ago(cls, value: str) -> str | int:
        return value or LONG_AGO

    @field_validator("valid_to", mode="before")
    @classmethod
    def _blank_is_open(cls, value: str) -> str | int:
        return value or FAR_AHEAD

    def holds(self, year: int) -> bool:
        """Whether the code has this name in that year."""
        return self.valid_from <= year <= self.valid_to


def load_codes(path: Path) -> Mapping[str, tuple[Code, ...]]:
    """All editions of a code list, by code; DefinitionError names a row that cannot be read."""
    found = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                edition = Code.model_validate(row)
            except ValidationError as error:
                raise DefinitionError(f"{path.name}, line {number}: {error}") from error
            found[edition.code].append(edition)
    return {code: tuple(rows) for code, rows in found.items()}


@cache
def codes(code_list: str) -> Mapping[str, tuple[Code, ...]]:
    """All editions of one of the project's lists: functional, dept_economic or gov_economic."""
    return load_codes(FOLDER / f"{code_list}.csv")


@cache
def names(code_list: str, year: int) -> Mapping[str, str]:
    """Each code that holds in a year, with its name then."""
    return {
        edition.code: edition.name
        for editions_of_code in codes(code_list).values()
        for edition in editions_of_code
        if edition.holds(year)
    }


def functional(year: int) -> Mapping[str, str]:
    """Function codes (支出功能分类: 3, 5 or 7 digits) of a year with their names."""
    return names("functional", year)


def dept_economic(year: int) -> Mapping[str, str]:
    """Department economic codes (部门预算支出经济分类: 3 or 5 digits) of a year with their names."""
    return names("dept_economic", year)


def gov_economic(year: int) -> Mapping[str, str]:
    """Government economic codes (政府预算支出经济分类: 3 or 5 digits) of a year with their names."""
    return names("gov_economic", year)


def editions(code_list: str, code: str) -> tuple[Code, ...]:
    """Every edition of a code, oldest first; empty for an unlisted code."""
    return codes(code_list).get(code, ())


def parent(code: str) -> str:
    """The code one level up, blank for a class.

    >>> parent("2013101"), parent("20131"), parent("201")
    ('20131', '201', '')
    """
    return code[:-2] if len(code) > 3 else ""


def level(code: str) -> int:
    """1 for a class (类), 2 for 款, 3 for 项.

    >>> level("201"), level("20131"), level("2013101")
    (1, 2, 3)
    """
    return (len(code) - 1) // 2


@cache
def _gov_from_dept() -> Mapping[tuple[str, str], str]:
    with (FOLDER / "gov_from_dept.csv").open(encoding="utf-8-sig", newline="") as file:
        return {(row["dept_code"], row["kind"]): row["gov_code"] for row in csv.DictReader(file)}


@cache
def _gov_classes() -> Mapping[tuple[str, str], frozenset[str]]:
    classes = defaultdict(set)
    for (dept_code, kind), gov_code in _gov_from_dept().items():
        classes[dept_code[:3], kind].add(gov_code[:3])
    return {key: frozenset(found) for key, found in classes.items()}


def gov_from_dept(dept_code: str, kind: str) -> str:
    """The government economic code of a department economic code for a kind of body (行政, 参公, 事业).

    Of a public institution (事业) whole classes go to one code. A class that a body does not split goes to the
    class that all its codes go to. Blank where the mapping has none.
    Source: 两套支出经济分类科目对照表, annexed to 财预〔2017〕98号.
    """
    mapping = _gov_from_dept()
    found = mapping.get((dept_code, kind)) or mapping.get((dept_code[:3], kind), "")
    classes = _gov_classes().get((dept_code, kind), frozenset())
    return found or (next(iter(classes)) if len(classes) == 1 else "")


def listing(
    code_list: str, year: int, published: Iterable[str] = (), own: Iterable[Code] = ()
) -> pd.DataFrame:
    """The list as a release carries it: one row per code of the year, and published codes it does not have.

    Columns as in `codes/*.csv`, sorted by code. A published code without a row in that year gets the name of
    its latest edition, or none, so that every published code is found in the list. `own`: the bureau's, which outrank
    the project's.
    """
    import pandas as pd

    rows = {edition.code: edition.model_dump() for edition in _valid(code_list, year)}
    rows |= {row.code: row.model_dump() for row in own if row.holds(year)}
    for code in set(published) - set(rows) - {""}:
        rows[code] = _not_of_that_year(code_list, code)
    frame = pd.DataFrame([rows[code] for code in sorted(rows)], columns=list(Code.model_fields)).astype(str)
    years = {"valid_from": {str(LONG_AGO): ""}, "valid_to": {str(FAR_AHEAD): ""}}
    return frame.replace(years)


def _valid(code_list: str, year: int) -> list[Code]:
    return [row for rows in codes(code_list).values() for row in rows if row.holds(year)]


def _not_of_that_year(code_list: str, code: str) -> dict[str, object]:
    known = editions(code_list, code)
    if known:
        return known[-1].model_dump()
    row = Code(
        code=code, name="", level=LEVELS.get(len(code), ""), parent=parent(code), source=say("unlisted")
    )
    return row.model_dump()
