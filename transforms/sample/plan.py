"""Who is in the county: departments with their units, families of forms, and who sends what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from transforms.sample.lists import rows, settings

FAMILIES = ("hebei", "shanghai", "jiangsu", "hebei", "hebei")
SENDING = ("both", "both", "department", "both", "units", "both", "both")
UNITS_PER_DEPARTMENT = 2.5
FIRST_CODE = 101


@dataclass(frozen=True)
class Unit:
    """A subordinate unit."""

    code: str
    name: str
    kind: str
    running: str


@dataclass(frozen=True)
class Department:
    """A department; `sending` says who sends a workbook: both, department, units, nobody."""

    code: str
    name: str
    kind: str
    family: str
    owner: str
    row: Mapping[str, Any]
    units: tuple[Unit, ...] = ()
    sending: str = "department"
    real: bool = False

    @property
    def sends_workbook(self) -> bool:
        """Whether there is a workbook of the department itself."""
        return self.sending in ("both", "department")

    @property
    def sending_units(self) -> tuple[Unit, ...]:
        """The units of which there are workbooks."""
        return self.units if self.sending in ("both", "units") else ()


def plan_county(departments: int, units: int | None) -> list[Department]:
    """The county's departments by code; the real body is one of them, and one of the others sends nothing."""
    named = list(islice(_department_rows(), departments - 1))
    owners = [index for index, row in enumerate(named) if row["units"]]
    wanted = round(departments * UNITS_PER_DEPARTMENT) if units is None else units
    counts = _share_out(wanted, owners)
    invented = [_department(index, row, counts.get(index, 0), owners) for index, row in enumerate(named)]
    return [*_with_a_silent_one(invented), _real_department()]


def _department_rows() -> Iterator[Mapping[str, Any]]:
    yield from rows("departments")
    towns = settings("towns")
    blank = {"unit_kind": "", "unit_running": "", "fund": "", "capital": "", "units": ""}
    profile = {**towns["profile"], "projects": " ".join(towns["profile"]["projects"])}
    for tail in towns["tails"]:
        for head in towns["heads"]:
            yield {**blank, **profile, "name": f"{head}{tail}{towns['suffix']}"}


def _share_out(wanted: int, owners: Sequence[int]) -> dict[int, int]:
    """Units per department, as even as can be."""
    counts = dict.fromkeys(owners, 0)
    for owner in islice(cycle(owners), wanted if owners else 0):
        counts[owner] += 1
    return counts


def _department(index: int, row: Mapping[str, Any], count: int, owners: Sequence[int]) -> Department:
    code = str(FIRST_CODE + index) if FIRST_CODE + index < 723 else str(FIRST_CODE + index + 1)
    units = tuple(_unit(code, number, row) for number in range(1, count + 1))
    sending = SENDING[owners.index(index) % len(SENDING)] if units else "department"
    return Department(
        code, row["name"], row["kind"], FAMILIES[index % len(FAMILIES)], code, row, units, sending
    )


def _unit(department: str, number: int, row: Mapping[str, Any]) -> Unit:
    names = row["units"].split()
    name = names[number - 1] if number <= len(names) else f"{row['name']}第{number}服务站"
    office = number == 1
    kind, running = (row["kind"], row["running"]) if office else (row["unit_kind"], row["unit_running"])
    return Unit(f"{department}{number:03}", name, kind, running)


def _with_a_silent_one(departments: Sequence[Department]) -> list[Department]:
    alone = [index for index, department in enumerate(departments) if not department.units]
    silent = alone[-1] if alone and len(departments) > 2 else None
    return [
        Department(**{**vars(department), "sending": "nobody"}) if index == silent else department
        for index, department in enumerate(departments)
    ]


def _real_department() -> Department:
    real = settings("real")
    functions = " ".join(real["project_functions"])
    row = {"running": real["running"], "projects": functions, "fund": "", "capital": ""}
    return Department(real["code"], real["name"], real["kind"], real["family"], real["owner"], row, real=True)
