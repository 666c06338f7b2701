"""Writes a whole county: roster, workbooks, ledger of defects, and a word on where the figures are from."""

import csv
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from transforms.sample.archive import document_bytes, workbook_bytes
from transforms.sample.budget import Budget, add, total
from transforms.sample.defects import Kind, Planted
from transforms.sample.draw import Profile, draw_around, draw_budget, transfers
from transforms.sample.forms import build_pages, cover_pages
from transforms.sample.lists import settings
from transforms.sample.page import Page, round_one_step
from transforms.sample.plan import Department, Unit, plan_county
from transforms.sample.planting import kinds, plant
from transforms.sample.prose import Prose, draw_prose
from transforms.sample.sheet import Body
from transforms.sample.style import Style, draw, draw_style

ROSTER = ("code", "name", "parent_code", "kind", "due")
LEDGER = (
    *("kind", "department_code", "unit_code", "file", "sheet", "cell"),
    *("rule_id", "original", "planted", "note", "gate", "changed", "size_yuan", "named", "shape"),
)
MOST_IN_FIRST_FILE = 6
RECEPTION = "30217"
PHANTOM_CELL = "IV3"
NO_WORKBOOK = b"<html><body>not found</body></html>"


@dataclass(frozen=True)
class Workbook:
    """A body's workbook before it is written."""

    department: Department
    unit: Unit | None
    pages: tuple[Page, ...]
    style: Style
    lookalikes: frozenset[str] = frozenset()
    prose: Prose | None = None

    @property
    def code(self) -> str:
        """Code of the body."""
        return self.unit.code if self.unit else self.department.code

    @property
    def name(self) -> str:
        """Name of the body."""
        return self.unit.name if self.unit else self.department.name

    @property
    def folder(self) -> str:
        """Folder of the submission."""
        return f"{self.code}_{self.name}"

    @property
    def shape(self) -> str:
        """How the workbook is laid out, in a word per choice that moves cells about."""
        choices = ("code_layouts", "total_positions", "heading", "numbering_column", "files")
        family = self.department.family
        return "/".join([family, self.style.unit, *(self.style[choice] for choice in choices)])

    def files(self, year: int, pages: Sequence[Page]) -> list[tuple[str, Sequence[Page]]]:
        """File names below the year's folder, with the sheets in each."""
        stem = f"{self.folder}/{self.name}{year}年部门预算"
        if self.style["files"] == "one" or len(pages) < MOST_IN_FIRST_FILE:
            return [(f"{stem}.xlsx", pages)]
        return [(f"{stem}1.xlsx", pages[:MOST_IN_FIRST_FILE]), (f"{stem}2.xlsx", pages[MOST_IN_FIRST_FILE:])]


@dataclass(frozen=True)
class IllWorkbook:
    """A workbook and the defect planted in it."""

    workbook: Workbook
    planted: Planted

    @property
    def shape(self) -> str:
        """How what bears the defect is laid out."""
        return self.planted.prose.shape if self.planted.prose else self.workbook.shape

    def file(self, year: int) -> str:
        """The file with the defect."""
        if self.planted.prose:
            return f"{self.workbook.folder}/{self.planted.prose.file_name}"
        files = self.workbook.files(year, self.planted.pages)
        holding = [name for name, pages in files if any(page.name == self.planted.sheet for page in pages)]
        return (holding or [files[0][0]])[0]

    @property
    def rules(self) -> str:
        """The checks that may name the defect; the department that its unit no longer fits feels it too."""
        cascade = " X-15" if self.workbook.department.sending == "both" else ""
        return f"{self.planted.kind['rules']}{cascade}"


def write_county(
    folder: Path,
    year: int,
    departments: int,
    seed: int,
    defects: int = 0,
    units: int | None = None,
    only: Collection[str] = (),
    *,
    documents: bool = False,
) -> int:
    """Write `folder/<year>/`: a county of this many departments whose bytes depend on the arguments only.

    Gives the number of defects planted: fewer than asked for where the bodies that can bear one are fewer.

    `units` is the number of subordinate units on the roster (two and a half per department unless given);
    `defects` is the number of bodies with one planted defect each, all listed in defects.csv;
    `only` names the kinds to plant (all unless given); with `documents` every body but the real one also sends its
    disclosure document.
    """
    root = folder / str(year)
    root.mkdir(parents=True, exist_ok=True)
    county = plan_county(departments, units)
    wanted = partial(kinds, only=only, documents=documents)
    ill = _plant_defects(county, year, seed, defects, wanted)
    _write_csv(root / "departments.csv", ROSTER, _roster(county, year))
    for department in county:
        for workbook in department_workbooks(department, year, seed):
            _write_workbook(root, workbook, year, ill.get(workbook.code))
            if documents:
                _write_document(root, workbook, ill.get(workbook.code))
    _write_csv(root / "defects.csv", LEDGER, _ledger(ill.values(), year))
    (root / "README.md").write_text(_readme(year, departments, seed, defects), encoding="utf-8")
    return len(ill)


def department_workbooks(department: Department, year: int, seed: int) -> list[Workbook]:
    """The workbooks that a department and its units send."""
    rng = Random(f"{seed}/{year}/{department.code}")
    family = settings(department.family)
    unit = settings("real")["unit"] if department.real else draw(rng, family["units"])
    shared = {"three_public": draw(rng, settings("traps")["workbook"]["three_public"])}
    budgets = _draw_budgets(rng, department, family, unit)
    books = []
    if department.sends_workbook:
        body = Body(department.code, department.name, "department", year)
        books.append(_workbook(rng, department, None, body, add(budgets), unit, shared))
    for member, budget in zip(department.units, budgets, strict=False):
        if member in department.sending_units:
            body = Body(member.code, member.name, "unit", year)
            books.append(_workbook(rng, department, member, body, budget, unit, shared))
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
    rng: Random,
    department: Department,
    member: Unit | None,
    body: Body,
    budget: Budget,
    unit: str,
    shared: Mapping[str, str],
) -> Workbook:
    family = settings(department.family)
    style = draw_style(rng, family, unit).with_options(shared)
    pages = build_pages(body, budget, family, style)
    alike = _lookalikes(budget)
    if style["rounding"] == "one_step" and not (department.units or department.real):
        pages = [round_one_step(page) for page in pages]
        alike |= {"rounding"}
    apart = Random(f"{body.code}/{body.year}/{total(budget.lines)}/document")
    prose = None if department.real else draw_prose(apart, body.name, body.year, budget)
    return Workbook(department, member, (*cover_pages(body, style), *pages), style, alike, prose)


def _lookalikes(budget: Budget) -> frozenset[str]:
    """What looks like an error in a body's budget and is none."""
    projects = total(line for line in budget.lines if line.kind == "project")
    events = {cost.code: cost.amount for cost in budget.costs if cost.code == RECEPTION}
    present = {
        "business_income": any(line.source == "business" for line in budget.lines),
        "institution_costs": any(
            cost.kind == "basic_operating" and not cost.running for cost in budget.costs
        ),
        "three_public_from_projects": budget.events.get("official_reception", 0) > sum(events.values()),
        "undisclosed_projects": sum(project.budget for project in budget.projects) < projects,
    }
    return frozenset(name for name, holds in present.items() if holds)


def _roster(county: Iterable[Department], year: int) -> list[tuple[str, ...]]:
    due = f"{year - 1}-12-20"
    entries: list[tuple[str, ...]] = []
    for department in county:
        entries.append((department.code, department.name, "", department.kind, due))
        entries += [(unit.code, unit.name, department.code, unit.kind, due) for unit in department.units]
    return entries


def _plant_defects(
    county: Sequence[Department], year: int, seed: int, count: int, drawn: Callable[[Random], list[Kind]]
) -> dict[str, IllWorkbook]:
    """Body code to its workbook with a defect; bodies whose defect no other body feels come first.

    `drawn`: the kinds to plant in another order.
    """
    rng = Random(f"{seed}/{year}/defects")
    candidates = _candidates(county, year, seed, rng)
    ill: dict[str, IllWorkbook] = {}
    wanted, unfit = drawn(rng), set[tuple[str, str]]()
    while candidates and len(ill) < count:
        found = _first_fit(wanted, candidates, year, rng, unfit)
        if found is None:
            if len(wanted) == len(drawn(rng)):
                break
            wanted = drawn(rng)
            continue
        ill[found.workbook.code] = found
        candidates.remove(found.workbook)
        wanted = [kind for kind in wanted if kind is not found.planted.kind] or drawn(rng)
    return ill


def _candidates(county: Sequence[Department], year: int, seed: int, rng: Random) -> list[Workbook]:
    """One workbook of each department that may be spoilt."""
    apart = [each for each in county if each.sending == "units" or (each.sends_workbook and not each.units)]
    bound = [each for each in county if each.sends_workbook and each.units]
    return [
        rng.choice(department_workbooks(department, year, seed))
        for group in (apart, bound)
        for department in rng.sample(group, len(group))
        if not department.real
    ]


def _first_fit(
    wanted: Sequence[Mapping[str, Any]],
    candidates: Sequence[Workbook],
    year: int,
    rng: Random,
    unfit: set[tuple[str, str]],
) -> IllWorkbook | None:
    """The first workbook with the first kind that finds a place in it; what does not fit is noted."""
    for workbook in candidates:
        for kind in wanted:
            if (workbook.code, kind["kind"]) in unfit:
                continue
            fits = _may_have(kind, workbook)
            planted = plant(kind, workbook.pages, year, rng, workbook.prose) if fits else None
            if planted is not None:
                return IllWorkbook(workbook, planted)
            unfit.add((workbook.code, kind["kind"]))
    return None


def _may_have(kind: Mapping[str, Any], workbook: Workbook) -> bool:
    """Whether a kind that only some bodies can have fits the body."""
    sending = workbook.department.sending
    return kind.get("sending", sending) == sending and not ("scope" in kind and workbook.unit)


def _ledger(ill: Iterable[IllWorkbook], year: int) -> list[tuple[str, ...]]:
    return [
        (
            each.planted.kind["kind"],
            each.workbook.department.code,
            each.workbook.unit.code if each.workbook.unit else "",
            each.file(year),
            each.planted.sheet,
            each.planted.addresses,
            each.rules,
            each.planted.original,
            each.planted.planted,
            each.planted.kind["note"],
            each.planted.kind["gate"],
            each.planted.changed_addresses,
            f"{each.planted.size / 100:.2f}" if each.planted.size else "",
            each.planted.kind.get("named", "cell"),
            each.shape,
        )
        for each in sorted(ill, key=lambda each: each.workbook.code)
    ]


def _write_workbook(root: Path, workbook: Workbook, year: int, ill: IllWorkbook | None) -> None:
    pages = ill.planted.pages if ill else workbook.pages
    (root / workbook.folder).mkdir(exist_ok=True)
    phantom = PHANTOM_CELL if workbook.style["phantom_width"] == "wide" else ""
    for file, part in workbook.files(year, pages):
        content = workbook_bytes(part, phantom)
        (root / file).write_bytes(_spoilt(content, ill.planted.file_content) if ill else content)


def _write_document(root: Path, workbook: Workbook, ill: IllWorkbook | None) -> None:
    prose = (ill.planted.prose if ill else None) or workbook.prose
    if prose:
        path = root / workbook.folder / prose.file_name
        path.write_bytes(document_bytes(prose.paragraphs(), prose.format))


def _spoilt(content: bytes, how: str) -> bytes:
    """The bytes of a file whole, cut in half, empty, or of something that is no workbook."""
    kinds_of_content = {
        "whole": content,
        "half": content[: len(content) // 2],
        "empty": b"",
        "text": NO_WORKBOOK,
    }
    return kinds_of_content[how]


def _write_csv(path: Path, header: Sequence[str], entries: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(entries)


def _readme(year: int, departments: int, seed: int, defects: int) -> str:
    text: str = settings("readme")["text"]
    return text.format(year=year, departments=departments, seed=seed, defects=defects)
