"""Plants defects in a finished workbook and says in which cells."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from transforms.sample.lists import settings
from transforms.sample.page import UNITS, Page, Place, address, number

Kind = Mapping[str, Any]
Cell = tuple[int, int]
TEN_THOUSAND_YUAN = 1_000_000
PROJECT_FORM = "project"


@dataclass(frozen=True)
class Planted:
    """Pages with one defect; `cells` starts with the planted one, a finder may name the others as well."""

    pages: tuple[Page, ...]
    kind: Kind
    sheet: str = ""
    cells: tuple[Cell, ...] = ()
    original: str = ""
    planted: str = ""
    truncated: bool = False

    @property
    def addresses(self) -> str:
        """The cells by name, separated by spaces."""
        return " ".join(dict.fromkeys(address(*cell) for cell in self.cells))


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


def kinds(rng: Random) -> list[Kind]:
    """Every kind of defect in a drawn order, those that withhold a body first."""
    drawn = rng.sample(settings("defects")["kinds"], len(settings("defects")["kinds"]))
    return sorted(drawn, key=lambda kind: kind["gate"] != "body")


def plant(kind: Kind, pages: Sequence[Page], year: int, rng: Random) -> Planted | None:
    """The workbook with a defect of this kind, or None where it has no place for one."""
    copies = tuple(deepcopy(page) for page in pages)
    return ACTIONS[kind["action"]](Work(kind, copies, year, rng))


# --- where


def _places(kind: Kind, page: Page) -> list[Place]:
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
    return row == wanted


def _children(page: Page, place: Place) -> int:
    return min(2, sum(_below(place, other) for other in page.places))


def _below(place: Place, other: Place) -> bool:
    same = (place[0], place[1], place[3]) == (other[0], other[1], other[3])
    return same and other[2] != place[2] and other[2].startswith(place[2])


def _related(page: Page, place: Place) -> tuple[Cell, ...]:
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


def _done(work: Work, page: Page, cells: Sequence[Cell], before: object) -> Planted:
    after = page.cells.get(cells[0], "")
    return Planted(work.pages, work.kind, page.name, tuple(cells), str(before), str(after))


def _overwrite(work: Work, page: Page, place: Place, value: str | int | float) -> Planted:
    at = page.places[place]
    before = page.cells[at]
    page.cells[at] = value
    return _done(work, page, _related(page, place), before)


def _scale(page: Page, place: Place) -> int:
    return 100 if place[3] in ("percent", "quantity") else UNITS[page.unit]


def _change(work: Work) -> Planted | None:
    """Another amount, ten thousand yuan or more away."""
    page = work.page
    places = _places(work.kind, page) if page else []
    if page is None or not places:
        return None
    place = places[0]
    away = 1_000 if place[3] == "percent" else work.rng.randint(1, 9) * TEN_THOUSAND_YUAN
    return _overwrite(work, page, place, number(page.amounts[page.places[place]] + away, _scale(page, place)))


def _swap(work: Work) -> Planted | None:
    """The same digits in another order."""
    page = work.page
    if page is None:
        return None
    for place in _places(work.kind, page):
        amount = page.amounts[page.places[place]]
        swapped = swap_digits(amount)
        if abs(swapped - amount) >= TEN_THOUSAND_YUAN // 10:
            return _overwrite(work, page, place, number(swapped, _scale(page, place)))
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


def _write(work: Work) -> Planted | None:
    page = work.page
    places = _places(work.kind, page) if page else []
    if page is None or not places:
        return None
    return _overwrite(work, page, places[0], work.kind["text"])


def _multiply(work: Work) -> Planted | None:
    page = work.page
    if page is None or page.unit != work.kind["unit"]:
        return None
    total = next(at for place, at in page.places.items() if place[2:] == ("total", "total"))
    before = page.cells[total]
    figures = [at for at in page.amounts if at in page.cells and page.amounts[at]]
    for at in figures:
        page.cells[at] = number(page.amounts[at] * work.kind["factor"], UNITS[page.unit])
    return _done(work, page, [total, *figures], before)


def _move(work: Work) -> Planted | None:
    """Personnel money moved to operating in one row and all above it, so that the form itself adds up."""
    page = work.page
    wanted = {**work.kind, "row": 7, "column": "basic_personnel"}
    places = _places(wanted, page) if page else []
    if page is None or not places:
        return None
    form, panel, code, _ = places[0]
    amount = page.amounts[page.places[places[0]]] // 2 // TEN_THOUSAND_YUAN * TEN_THOUSAND_YUAN
    if not amount:
        return None
    before = page.cells[page.places[places[0]]]
    cells = []
    for row in (code, code[:5], code[:3], "total"):
        for column, sign in (("basic_personnel", -1), ("basic_operating", 1)):
            at = page.places.get((form, panel, row, column))
            if at is not None:
                page.cells[at] = number(page.amounts[at] + sign * amount, UNITS[page.unit])
                cells.append(at)
    return _done(work, page, cells, before)


def _remove_unit(work: Work) -> Planted | None:
    page = work.page
    if page is None:
        return None
    at = page.marks["unit"]
    before = str(page.cells[at])
    if at == page.marks["title"]:
        page.cells[at] = before.rpartition(" ")[0]
        if page.unit in str(page.cells[at]):
            return None
    else:
        del page.cells[at]
        page.cells.pop(page.marks.get("unit_start", at), None)
    return _done(work, page, [at, page.marks.get("header", at)], before)


def _wrong_year(work: Work) -> Planted | None:
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
    return _done(work, page, [at, page.marks.get("header", at)], before)


def _code_cell(page: Page, place: Place) -> Cell | None:
    """The cell with the last part of the row's code: to the left of its figures."""
    row = page.places[place][0]
    names = [at for at in sorted(page.cells) if at[0] == row and at not in page.amounts]
    coded = [at for at in names if str(page.cells[at]).isdigit() and place[2].endswith(str(page.cells[at]))]
    return coded[-1] if coded else None


def _cut_code(work: Work) -> Planted | None:
    """A code with its last digit lost, where it is printed in one piece."""
    page = work.page
    if page is None:
        return None
    for place in _places(work.kind, page):
        at = _code_cell(page, place)
        if at is not None and len(str(page.cells[at])) == len(place[2]):
            before = page.cells[at]
            page.cells[at] = str(before)[:-1]
            return _done(work, page, [at, *_related(page, place)], before)
    return None


def _repeat_code(work: Work) -> Planted | None:
    """A code overwritten by that of its sister."""
    page = work.page
    places = _places(work.kind, page) if page else []
    if page is None:
        return None
    for first, second in pairwise(places):
        at, source = _code_cell(page, second), _code_cell(page, first)
        if first[2][:5] == second[2][:5] and at and source and at != source:
            before = page.cells[at]
            page.cells[at] = page.cells[source]
            return _done(work, page, [at, source, *_related(page, second), *_related(page, first)], before)
    return None


def _drop(work: Work) -> Planted | None:
    kept = tuple(page for page in work.pages if page.form not in work.kind["forms"])
    return Planted(kept, work.kind) if len(kept) < len(work.pages) else None


def _truncate(work: Work) -> Planted | None:
    return Planted(work.pages, work.kind, truncated=True)


def _note(work: Work) -> Planted | None:
    page = work.page
    if page is None:
        return None
    at = (page.last_row + 1, 1)
    page.cells[at] = work.kind["text"]
    return _done(work, page, [at, page.marks.get("header", at)], "")


def _rename(work: Work) -> Planted | None:
    page = work.page
    at = page.marks.get("body") if page else None
    if page is None or at is None:
        return None
    before = str(page.cells[at])
    page.cells[at] = before.replace(page.body, f"{page.body}服务中心")
    return _done(work, page, [at, page.marks["header"]], before) if page.cells[at] != before else None


def _hide(work: Work) -> Planted | None:
    page = work.page
    if page is None:
        return None
    page.hidden = True
    total = next(at for place, at in page.places.items() if place[2:] == ("total", "total"))
    return _done(work, page, [total, page.marks["header"], *page.amounts], page.cells[total])


ACTIONS: Mapping[str, Callable[[Work], Planted | None]] = {
    "change": _change,
    "swap": _swap,
    "write": _write,
    "scale": _multiply,
    "move": _move,
    "remove_unit": _remove_unit,
    "wrong_year": _wrong_year,
    "cut_code": _cut_code,
    "repeat_code": _repeat_code,
    "drop": _drop,
    "truncate": _truncate,
    "note": _note,
    "rename": _rename,
    "hide": _hide,
}
