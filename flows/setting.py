"""What a year is judged by beside what was sent, and the share of it that each group needs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from expectations.bureau_files import Line, body_of
from flows.amendments import Amendments
from flows.earlier import Earlier, all_of_the_year
from flows.filereading import Heads
from flows.groups import Group
from flows.judging import Task
from transforms.bodies import Identified
from transforms.submissions import Inputs

CODES = ["department_code", "unit_code"]


@dataclass(frozen=True)
class Setting:
    """The bureau's amendments, the day, and the release of the year before (`earlier_is`: its checksum)."""

    amendments: Amendments
    as_of: date
    earlier: Earlier | None = None
    earlier_is: str = ""

    @cached_property
    def last_year(self) -> Mapping[str, pd.DataFrame] | None:
        """All that was published of the year before, None where nothing was."""
        return all_of_the_year(self.earlier) if self.earlier else None


def tasks_of(
    groups: Sequence[Group], identified: Identified, inputs: Inputs, heads: Heads, setting: Setting
) -> list[Task]:
    """What the judging of each group needs. Raises InputError where a correction or a waiver names no body."""
    amendments = setting.amendments
    lines = _by_body(amendments.corrections, identified.bodies)
    again = {file.folder for file in inputs.superseded}
    waived = {body for _, body in _by_body(amendments.waivers, identified.bodies)}
    return [
        Task(
            inputs.year,
            group,
            inputs.roster is not None,
            {file.name: given for file in group.files if (given := heads[file.name].reading) is not None},
            _told(group, again, waived),
            tuple(line for line, body in lines if body in set(group.identified.bodies["body_id"])),
            amendments,
            setting.as_of,
            _of_bodies(setting.last_year, group.identified.bodies),
            setting.earlier_is,
        )
        for group in groups
    ]


def _by_body(lines: Sequence[Line], bodies: pd.DataFrame) -> list[tuple[Line, str]]:
    return [(line, body_of(line, bodies)) for line in lines]


def _told(group: Group, again: Collection[str], waived: Collection[str]) -> frozenset[str]:
    """The files whose cells are asked for: those sent again, and those of bodies with waivers."""
    owners = group.identified.body_of_file
    return frozenset(file.name for file in group.files if file.folder in again or owners[file.name] in waived)


def _of_bodies(
    earlier: Mapping[str, pd.DataFrame] | None, bodies: pd.DataFrame
) -> Mapping[str, pd.DataFrame] | None:
    """The rows of last year's tables that can be of these bodies: of one of their departments, or known by names alone."""
    if earlier is None or "" in set(bodies["department_code"]):
        return earlier
    codes = {*bodies["department_code"], ""}
    return {name: rows[rows["department_code"].fillna("").isin(codes)] for name, rows in earlier.items()}
