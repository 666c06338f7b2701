"""What a year is judged by beside what was sent, the share of it that each group needs, and what each department depends on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from expectations.bureau_files import Line, body_of
from flows.amendments import Amendments
from flows.earlier import Earlier, all_of_the_year
from flows.identity import program
from flows.running.cache import packed
from flows.running.checksums import checksum
from flows.running.filereading import Heads
from flows.running.groups import Group, departments_of
from flows.running.judging import Task
from transforms.bodies import Identified
from transforms.submissions import Inputs, SourceFile

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


@dataclass(frozen=True)
class Question:
    """What is to be judged: whose the files are, what was said of them, and by what setting."""

    inputs: Inputs
    identified: Identified
    heads: Heads
    setting: Setting

    @cached_property
    def lines(self) -> list[tuple[Line, str]]:
        """The corrections, each with its body. Raises InputError where one names no body."""
        return _by_body(self.setting.amendments.corrections, self.identified.bodies)

    @cached_property
    def told(self) -> frozenset[str]:
        """The files whose cells are asked for: those sent again, and those of bodies with waivers. Raises InputError."""
        again = {file.folder for file in self.inputs.superseded}
        waived = {body for _, body in _by_body(self.setting.amendments.waivers, self.identified.bodies)}
        owners = self.identified.body_of_file
        return frozenset(
            file.name for file in self.inputs.files if file.folder in again or owners[file.name] in waived
        )

    def task(self, group: Group) -> Task:
        """What the judging of a group needs."""
        own, names = set(group.identified.bodies["body_id"]), {file.name for file in group.files}
        return Task(
            self.inputs.year,
            group,
            self.inputs.roster is not None,
            {name: given for name in names if (given := self.heads[name].reading) is not None},
            self.told & names,
            tuple(line for line, body in self.lines if body in own),
            self.setting.amendments,
            self.setting.as_of,
            _of_bodies(self.setting.last_year, group.identified.bodies),
        )

    def keys(self) -> dict[str, str]:
        """Per department the checksum of what its judging depends on, as far as that can change."""
        above = departments_of(self.identified.bodies)
        said: dict[str, list[list[str]]] = {department: [self._of_all] for department in above.values()}
        for body, rows in self._rows():
            said[above[body]] += rows
        return {department: checksum(rows) for department, rows in said.items()}

    @property
    def _of_all(self) -> list[str]:
        amendments = self.setting.amendments
        return [
            program(),
            str(self.inputs.year),
            str(self.inputs.roster is not None),
            self.setting.earlier_is,
            amendments.settings.model_dump_json(),
            repr(amendments.codes),
        ]

    def _rows(self) -> Iterator[tuple[str, list[list[str]]]]:
        """All that is said of each body, of its files in the order of their names."""
        identified, today = self.identified, self.setting.as_of.isoformat()
        for row in identified.bodies.itertuples(index=False):
            overdue = bool(row.due) and str(row.due) < today
            yield str(row.body_id), [[*map(str, row), str(overdue)]]
        for file in sorted(self.inputs.files, key=lambda file: file.name):
            body = identified.body_of_file[file.name]
            yield body, [[body, file.name, *file.members, file.sha256, *self._beside(file)]]
        for problem in identified.problems:
            yield identified.body_of_file[problem[0]], [[*problem]]
        for line, body in self.lines:
            yield body, [[line.file, str(line.number), *map("=".join, line.fields.items())]]

    def _beside(self, file: SourceFile) -> list[str]:
        """Whether the cells of a file are asked for; of a reading that is not kept what it says."""
        given = self.heads[file.name].reading
        said = hashlib.sha256(packed(given)).hexdigest() if given is not None else ""
        return [str(file.name in self.told), said]


def _by_body(lines: Sequence[Line], bodies: pd.DataFrame) -> list[tuple[Line, str]]:
    return [(line, body_of(line, bodies)) for line in lines]


def _of_bodies(
    earlier: Mapping[str, pd.DataFrame] | None, bodies: pd.DataFrame
) -> Mapping[str, pd.DataFrame] | None:
    """The rows of last year's tables that can be of these bodies: of one of their departments, or known by names alone."""
    if earlier is None or "" in set(bodies["department_code"]):
        return earlier
    codes = {*bodies["department_code"], ""}
    return {name: rows[rows["department_code"].fillna("").isin(codes)] for name, rows in earlier.items()}
