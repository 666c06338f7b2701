"""Slips in a disclosure document: one figure told otherwise, whatever stands around it."""

from collections.abc import Callable, Mapping
from math import exp, log
from random import Random

from transforms.sample.defects import CENT_OF_WAN, LEAST_STEPS, Kind, Planted, swap_digits
from transforms.sample.lists import settings
from transforms.sample.page import Page
from transforms.sample.prose import CHANGE, SHEET, Prose, restated

LEAST_SHARE, MOST_SHARE = 0.015, 0.2
LEAST_PERCENT, MOST_PERCENT = 150, 900


def misstate(kind: Kind, prose: Prose, pages: tuple[Page, ...], rng: Random) -> Planted | None:
    """The document with a slip of this kind, or None where it has no place for one."""
    key = kind["figure"]
    value = prose.figures.get(key, 0)
    if not value or not prose.cell_of(key) or not _speaks_of(kind, prose, pages):
        return None
    wrong = WRONG[kind["how"]](rng, value, prose.figures[key.partition(".")[0]])
    if wrong == value:
        return None
    size = 0 if kind["how"] == "percent" else wrong - value
    told = restated(prose, key, wrong)
    at = prose.cell_of(key)
    return Planted(pages, kind, SHEET, (), str(value), str(wrong), size=size, prose=told, at=at)


def _speaks_of(kind: Kind, prose: Prose, pages: tuple[Page, ...]) -> bool:
    """Whether what the slip is to be held against is there: a form that prints it, or every part of a sum."""
    beside = kind.get("beside", "")
    printed = not beside or any(beside in place for page in pages for place in page.places)
    others = any(prose.figures.get(key) for key in settings("prose")["others"])
    changed = not kind.get("changed") or bool(prose.figures[kind["figure"].partition(".")[0] + CHANGE])
    return printed and changed and not (kind.get("alone") and others)


def _another_amount(rng: Random, value: int, _: int) -> int:
    """Log-uniform from just above what rounding explains to a little over the figure."""
    least = LEAST_STEPS * CENT_OF_WAN
    size = int(exp(rng.uniform(log(least), log(max(value, 20 * least))))) // CENT_OF_WAN * CENT_OF_WAN
    return value - size if size < value // 2 and rng.random() < 0.5 else value + size


def _another_change(rng: Random, value: int, whole: int) -> int:
    """A change further from nought, by an amount that its percentage shows."""
    share = exp(rng.uniform(log(LEAST_SHARE), log(MOST_SHARE)))
    size = max(int(whole * share), LEAST_STEPS * CENT_OF_WAN) // CENT_OF_WAN * CENT_OF_WAN
    return value + size if value > 0 else value - size


def _another_percent(rng: Random, value: int, _: int) -> int:
    more = rng.randint(LEAST_PERCENT, MOST_PERCENT)
    return value + more if value > 0 else value - more


WRONG: Mapping[str, Callable[[Random, int, int], int]] = {
    "amount": _another_amount,
    "change": _another_change,
    "percent": _another_percent,
    "swap": lambda _, value, __: swap_digits(value),
    "sign": lambda _, value, __: -value,
    "times": lambda _, value, __: value * 10_000,
}
