"""Plants defects in a finished workbook and says in which cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from transforms.sample.page import UNITS, Page, Place, address, number
from transforms.sample.prose import Prose

Kind = Mapping[str, Any]
Cell = tuple[int, int]
TEN_THOUSAND_YUAN = 1_000_000
CENT_OF_WAN = 10_000
LEAST_STEPS = 6
PROJECT_FORM = "project"


@dataclass(frozen=True)
class Planted:
    """Pages with one defect; `cells` starts with the planted one, a finder may name the others as well.

    A defect of the disclosure document is in `prose`, at the paragraph or line `at`.
    """

    pages: tuple[Page, ...]
    kind: Kind
    sheet: str = ""
    cells: tuple[Cell, ...] = ()
    original: str = ""
    planted: str = ""
    changed: tuple[Cell, ...] = ()
    size: int = 0
    file_content: str = "whole"
    prose: Prose | None = None
    at: str = ""

    @property
    def addresses(self) -> str:
        """The cells by name, separated by spaces."""
        return self.at or _addresses(self.cells)

    @property
    def changed_addresses(self) -> str:
        """The cells whose content differs from the true one, by name."""
        return self.at or _addresses(self.changed or self.cells[:1])


def _addresses(cells: Sequence[Cell]) -> str:
    return " ".join(dict.fromkeys(address(*cell) for cell in cells))


@dataclass(frozen=True)
class Work:
    """A kind of defect and the copy of a workbook in which to plant it."""

    kind: Kind
    pages: tuple[Page, ...]
    year: int
    rng: Random

    @property
    def page(self) -> Page | None:
        """The sheet of the form that the kind speaks of."""
        form = self.kind["form"]
        return next((page for page in self.pages if any(place[0] == form for place in page.places)), None)


# --- where


def places(kind: Kind, page: Page) -> list[Place]:
    """The figures, not zero, in the row and column that the kind speaks of; those of several parts first."""
    found = [
        place
        for place, at in page.places.items()
        if place[0] == kind["form"]
        and (place[0] == PROJECT_FORM or place[1] == kind.get("panel", ""))
        and place[3] == kind["column"]
        and _row_fits(kind["row"], place[2])
        and page.amounts[at] > 0
        and at in page.cells
    ]
    return sorted(found, key=lambda place: -_children(page, place))


def _row_fits(wanted: str | int, row: str) -> bool:
    if isinstance(wanted, int):
        return row.isdigit() and len(row) == wanted
    if wanted == "category":
        return row in ("goods", "works", "services")
    if wanted == "payment":
        return row.isdigit()
    if wanted == "item":
        return "." in row
    return row == wanted


def _children(page: Page, place: Place) -> int:
    return min(2, sum(_below(place, other) for other in page.places))


def _below(place: Place, other: Place) -> bool:
    same = (place[0], place[1], place[3]) == (other[0], other[1], other[3])
    return same and other[2] != place[2] and other[2].startswith(place[2])


def related(page: Page, place: Place) -> tuple[Cell, ...]:
    """The cell itself, its row, and the figures above and below it in its column."""
    own = page.places[place]
    near = [at for other, at in page.places.items() if at[0] == own[0] and other[:2] == place[:2]]
    whole = [at for other, at in page.places.items() if _adds_up(place, other)]
    return (own, *near, *whole)


def _adds_up(place: Place, other: Place) -> bool:
    if place[0] != other[0] or (place[3] != other[3] and place[0] != PROJECT_FORM):
        return False
    if "total" in (place[2], other[2]) or place[0] == PROJECT_FORM:
        return True
    return place[2].startswith(other[2]) or other[2].startswith(place[2])


# --- what


def done(
    work: Work,
    page: Page,
    cells: Sequence[Cell],
    before: object,
    changed: Sequence[Cell] = (),
    size: int = 0,
) -> Planted:
    """The workbook as it is now, with the cells concerned; `size` in 分 where an amount is wrong by one."""
    after = page.cells.get(cells[0], "")
    return Planted(
        work.pages, work.kind, page.name, tuple(cells), str(before), str(after), tuple(changed), size
    )


def overwrite(work: Work, page: Page, place: Place, value: str | int | float) -> Planted:
    at = page.places[place]
    before = page.cells[at]
    page.cells[at] = value
    return done(work, page, related(page, place), before)


def scale(page: Page, place: Place) -> int:
    return 100 if place[3] in ("percent", "quantity") else UNITS[page.unit]


def change(work: Work, page: Page) -> Planted | None:
    """Another amount, ten thousand yuan or more away."""
    place = next(iter(places(work.kind, page)), None)
    if place is None:
        return None
    away = 1_000 if place[3] == "percent" else work.rng.randint(1, 9) * TEN_THOUSAND_YUAN
    return overwrite(work, page, place, number(page.amounts[page.places[place]] + away, scale(page, place)))


def swap(work: Work, page: Page) -> Planted | None:
    """The same digits in another order."""
    for place in places(work.kind, page):
        amount = page.amounts[page.places[place]]
        swapped = swap_digits(amount)
        if abs(swapped - amount) >= TEN_THOUSAND_YUAN // 10:
            return overwrite(work, page, place, number(swapped, scale(page, place)))
    return None


def swap_digits(amount: int) -> int:
    """The first two unlike neighbouring digits exchanged.

    >>> swap_digits(12300)
    21300
    >>> swap_digits(55)
    55
    """
    digits = str(amount)
    for index in range(len(digits) - 1):
        first, second = digits[index], digits[index + 1]
        if first != second and not (index == 0 and second == "0"):
            return int(digits[:index] + second + first + digits[index + 2 :])
    return amount


def write(work: Work, page: Page) -> Planted | None:
    place = next(iter(places(work.kind, page)), None)
    return overwrite(work, page, place, work.kind["text"]) if place else None


def multiply(work: Work, page: Page) -> Planted | None:
    if page.unit != work.kind.get("unit", page.unit):
        return None
    total = next(at for place, at in page.places.items() if place[2:] == ("total", "total"))
    before = page.cells[total]
    figures = [at for at in page.amounts if at in page.cells and page.amounts[at]]
    for at in figures:
        page.cells[at] = number(page.amounts[at] * work.kind["factor"], UNITS[page.unit])
    return done(work, page, [total, *figures], before, changed=[total, *figures])


def move(work: Work, page: Page) -> Planted | None:
    """Personnel money moved to operating in one row and all above it, so that the form itself adds up."""
    place = next(iter(places({**work.kind, "row": 7, "column": "basic_personnel"}, page)), None)
    if place is None:
        return None
    form, panel, code, _ = place
    amount = page.amounts[page.places[place]] // 2 // TEN_THOUSAND_YUAN * TEN_THOUSAND_YUAN
    if not amount:
        return None
    before = page.cells[page.places[place]]
    cells = []
    for row in (code, code[:5], code[:3], "total"):
        for column, sign in (("basic_personnel", -1), ("basic_operating", 1)):
            at = page.places.get((form, panel, row, column))
            if at is not None:
                page.cells[at] = number(page.amounts[at] + sign * amount, UNITS[page.unit])
                cells.append(at)
    return done(work, page, cells, before, changed=cells, size=amount)


def remove_unit(work: Work, page: Page) -> Planted | None:
    at = page.marks["unit"]
    before = str(page.cells[at])
    if at == page.marks["title"]:
        page.cells[at] = before.rpartition(" ")[0]
        if page.unit in str(page.cells[at]):
            return None
    else:
        del page.cells[at]
        page.cells.pop(page.marks.get("unit_start", at), None)
    return done(work, page, [at, page.marks.get("header", at)], before)


def wrong_year(work: Work) -> Planted | None:
    dated = [
        page
        for page in work.pages
        if str(work.year) in str(page.cells.get(page.marks.get("title", (0, 0)), ""))
    ]
    if not dated:
        return None
    page = work.rng.choice(dated)
    at = page.marks["title"]
    before = str(page.cells[at])
    page.cells[at] = before.replace(str(work.year), str(work.year - 1))
    page.name = page.name.replace(str(work.year), str(work.year - 1))
    return done(work, page, [at, page.marks.get("header", at)], before)


def code_cell(page: Page, place: Place) -> Cell | None:
    """The cell with the last part of the row's code: to the left of its figures."""
    row = page.places[place][0]
    names = [at for at in sorted(page.cells) if at[0] == row and at not in page.amounts]
    coded = [at for at in names if str(page.cells[at]).isdigit() and place[2].endswith(str(page.cells[at]))]
    return coded[-1] if coded else None


def cut_code(work: Work, page: Page) -> Planted | None:
    """A code with its last digit lost, where it is printed in one piece."""
    for place in places(work.kind, page):
        at = code_cell(page, place)
        if at is not None and len(str(page.cells[at])) == len(place[2]):
            before = page.cells[at]
            page.cells[at] = str(before)[:-1]
            return done(work, page, [at, *related(page, place)], before)
    return None


def repeat_code(work: Work, page: Page) -> Planted | None:
    """A code overwritten by that of its sister."""
    for first, second in pairwise(places(work.kind, page)):
        at, source = code_cell(page, second), code_cell(page, first)
        if first[2][:-2] == second[2][:-2] and at and source and at != source:
            before = page.cells[at]
            page.cells[at] = page.cells[source]
            return done(work, page, [at, source, *related(page, second), *related(page, first)], before)
    return None


def drop(work: Work) -> Planted | None:
    kept = tuple(page for page in work.pages if page.form not in work.kind["forms"])
    return Planted(kept, work.kind) if len(kept) < len(work.pages) else None


def spoil_file(work: Work) -> Planted | None:
    return Planted(work.pages, work.kind, file_content=work.kind["content"])


def note(work: Work, page: Page) -> Planted | None:
    at = (page.last_row + 1, 1)
    page.cells[at] = work.kind["text"]
    return done(work, page, [at, page.marks.get("header", at)], "")


def rename(work: Work, page: Page) -> Planted | None:
    at = page.marks.get("body")
    if at is None:
        return None
    before = str(page.cells[at])
    page.cells[at] = before.replace(page.body, f"{page.body}服务中心")
    return done(work, page, [at, page.marks["header"]], before) if page.cells[at] != before else None


def hide(work: Work, page: Page) -> Planted | None:
    page.hidden = True
    total = next(at for place, at in page.places.items() if place[2:] == ("total", "total"))
    return done(work, page, [total, page.marks["header"], *page.amounts], page.cells[total])


def show_divided(work: Work, page: Page) -> Planted | None:
    """All figures shown as the kind's number format shows them, held as they were."""
    held = [at for at in page.amounts if isinstance(page.cells.get(at), float)]
    if not held:
        return None
    page.number_format = work.kind["text"]
    return done(work, page, [held[0], page.marks["header"], *held], page.cells[held[0]])
