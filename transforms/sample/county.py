"""Writes a whole county: roster, workbooks, ledger of defects, and a word on where the figures are from."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from transforms.sample.archive import workbook_bytes
from transforms.sample.budget import Budget, add
from transforms.sample.draw import Profile, draw_around, draw_budget, transfers
from transforms.sample.forms import Body, build_pages
from transforms.sample.lists import settings
from transforms.sample.page import Page
from transforms.sample.plan import Department, Unit, plan_county
from transforms.sample.style import Style, draw, draw_style

ROSTER = ("code", "name", "parent_code", "kind", "due")


@dataclass(frozen=True)
class Workbook:
    """A body's workbook before it is written."""

    department: Department
    unit: Unit | None
    pages: tuple[Page, ...]
    style: Style

    @property
    def code(self) -> str:
        """Code of the body."""
        return self.unit.code if self.unit else self.department.code

    @property
    def name(self) -> str:
        """Name of the body."""
        return self.unit.name if self.unit else self.department.name


def write_county(
    folder: Path, year: int, departments: int, seed: int, defects: int = 0, units: int | None = None
) -> None:
    """Write `folder/<year>/`: a county of this many departments whose bytes depend on the arguments only.

    `units` is the number of subordinate units on the roster (two and a half per department unless given); `defects` is
    the number of bodies with one planted defect each, all listed in defects.csv.
    """
    root = folder / str(year)
    root.mkdir(parents=True, exist_ok=True)
    county = plan_county(departments, units)
    _write_csv(root / "departments.csv", ROSTER, _roster(county, year))
    for department in county:
        for workbook in department_workbooks(department, year, seed):
            _write_workbook(root, workbook, year)


def department_workbooks(department: Department, year: int, seed: int) -> list[Workbook]:
    """The workbooks that a department and its units send."""
    rng = Random(f"{seed}/{year}/{department.code}")
    family = settings(department.family)
    unit = draw(rng, family["units"]) if not department.real else settings("real")["unit"]
    budgets = _draw_budgets(rng, department, family, unit)
    books = []
    if department.sends_workbook:
        body = Body(department.code, department.name, "department", year)
        books.append(_workbook(rng, department, None, body, add(budgets), unit))
    for member, budget in zip(department.units, budgets, strict=False):
        if member in department.sending_units:
            books.append(_workbook(rng, department, member, Body(member.code, member.name, "unit", year), budget, unit))
    return books


def _draw_budgets(rng: Random, department: Department, family: Mapping[str, Any], unit: str) -> list[Budget]:
    """One budget per unit, or the department's alone."""
    if department.real:
        profile = _profile(rng, department, None, family, unit)
        return [draw_around(rng, profile, settings("real"))]
    profiles = [_profile(rng, department, member, family, unit) for member in department.units or (None,)]
    budgets = [draw_budget(rng, profile) for profile in profiles]
    if len(budgets) > 1 and "superior_subsidy" in family["sources"] and profiles[-1].kind == "事业":
        above, below = transfers(rng, profiles[0], profiles[-1])
        budgets[0] = _with_lines(budgets[0], above)
        budgets[-1] = _with_lines(budgets[-1], below)
    return budgets


def _with_lines(budget: Budget, lines: Sequence[Any]) -> Budget:
    return Budget(**{**vars(budget), "lines": (*budget.lines, *lines)})


def _profile(
    rng: Random, department: Department, unit: Unit | None, family: Mapping[str, Any], money: str
) -> Profile:
    step = family["cent_step"][money]
    row = department.row
    office = unit is None or unit.code.endswith("001")
    return Profile(
        kind=unit.kind if unit else department.kind,
        running=unit.running if unit else row["running"],
        projects=tuple(row["projects"].split()),
        owner=department.owner,
        heads=rng.randint(8, 60) if unit else rng.randint(15, 90),
        step=step,
        operating_step=family.get("operating_step", step),
        sources=tuple(family["sources"]),
        spending=tuple(family["spending"]),
        classes=frozenset(code for code, _ in family["classes"]),
        fund=row["fund"] if office else "",
        capital=row["capital"] if office else "",
    )


def _workbook(
    rng: Random, department: Department, member: Unit | None, body: Body, budget: Budget, unit: str
) -> Workbook:
    family = settings(department.family)
    style = draw_style(rng, family, unit)
    return Workbook(department, member, tuple(build_pages(body, budget, family, style)), style)


def _roster(county: Iterable[Department], year: int) -> list[tuple[str, ...]]:
    due = f"{year - 1}-12-20"
    entries = []
    for department in county:
        entries.append((department.code, department.name, "", department.kind, due))
        entries += [(unit.code, unit.name, department.code, unit.kind, due) for unit in department.units]
    return entries


def _write_workbook(root: Path, workbook: Workbook, year: int) -> None:
    folder = root / f"{workbook.code}_{workbook.name}"
    folder.mkdir(exist_ok=True)
    phantom = workbook.style["phantom_width"] == "wide"
    (folder / f"{workbook.name}{year}年部门预算.xlsx").write_bytes(workbook_bytes(workbook.pages, phantom))


def _write_csv(path: Path, header: Sequence[str], entries: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(entries)
