"""Slips of the hand in single figures, edits that keep a form consistent, and forms sent twice."""

from copy import deepcopy
from math import exp, log

from transforms.sample.defects import (
    CENT_OF_WAN,
    LEAST_STEPS,
    Cell,
    Planted,
    Work,
    code_cell,
    done,
    places,
    related,
    scale,
    swap_digits,
)
from transforms.sample.page import Page, Place, number

GENERAL = "general_by_function"
KEYS_ABOVE = {
    "basic_personnel": ("basic", "total"),
    "basic_operating": ("basic", "total"),
    "general_public_budget": ("fiscal_appropriation", "current_total", "total"),
    "government_fund": ("fiscal_appropriation", "current_total", "total"),
    "state_capital": ("fiscal_appropriation", "current_total", "total"),
    "vehicle_operation": ("vehicles", "total", "all_total"),
    "vehicle_purchase": ("vehicles", "total", "all_total"),
    "vehicles": ("total", "all_total"),
    "overseas_travel": ("total", "all_total"),
    "official_reception": ("total", "all_total"),
}
TOTALS_ABOVE = ("current_total", "total")


def slip_of_hand(work: Work, page: Page) -> Planted | None:
    """One figure typed wrong in the way the kind says: `how` names one of SLIPS."""
    found = places(work.kind, page)
    for place in work.rng.sample(found, len(found)):
        at = page.places[place]
        before, value = page.cells[at], page.amounts[at]
        wrong = _typed_wrong(work, value, place)
        if abs(wrong - value) >= LEAST_STEPS * _step(place):
            page.cells[at] = number(wrong, scale(page, place))
            return done(work, page, related(page, place), before, [at], wrong - value)
    return None


def _step(place: Place) -> int:
    """What no form rounds away: a hundredth of 万元, or one of the things counted."""
    return 100 if place[3] in ("percent", "quantity") else CENT_OF_WAN


def _typed_wrong(work: Work, value: int, place: Place) -> int:
    how = work.kind["how"]
    if how == "amount":
        return value + drawn_size(work, value, _step(place))
    if how == "swap":
        return swap_digits(value)
    if how == "drop_digit":
        return int(str(value)[0] + str(value)[2:])
    if how == "sign":
        return -value
    return value * int(how)


def drawn_size(work: Work, value: int, step: int) -> int:
    """A wrong amount, drawn log-uniformly from just above what rounding explains to a little over the figure."""
    least = LEAST_STEPS * step
    most = max(value, 20 * least)
    size = int(exp(work.rng.uniform(log(least), log(most)))) // step * step
    return -size if size < value // 2 and work.rng.random() < 0.5 else size


def consistent_edit(work: Work, page: Page) -> Planted | None:
    """A figure and every total above it changed alike: the form adds up, and agrees with no other."""
    found = places(work.kind, page)
    if not found:
        return None
    place = work.rng.choice(found)
    size = drawn_size(work, page.amounts[page.places[place]], _step(place))
    before = page.cells[page.places[place]]
    changed = []
    for above in _above(page, place):
        at = page.places[above]
        page.cells[at] = number(page.amounts[at] + size, scale(page, above))
        changed.append(at)
    return done(work, page, changed, before, changed, size)


def _above(page: Page, place: Place) -> list[Place]:
    """The place itself first, then every printed total that it adds into."""
    form, panel, row, column = place
    parents = [row[:length] for length in (5, 3) if row.isdigit() and length < len(row)]
    category = [row.partition(".")[0]] if "." in row else []
    rows = dict.fromkeys([row, *parents, *category, *KEYS_ABOVE.get(row, ()), *TOTALS_ABOVE])
    columns = dict.fromkeys([column, *KEYS_ABOVE.get(column, ("total",))])
    candidates = [(form, panel, one, other) for one in rows for other in columns]
    return [each for each in candidates if each in page.places]


def exchange(work: Work, page: Page) -> Planted | None:
    """Two figures that stand beside or below each other in each other's cells."""
    for place in places(work.kind, page):
        partner = _partner(work, page, place)
        if partner is None:
            continue
        one, other = page.places[place], page.places[partner]
        before = page.cells[one]
        page.cells[one], page.cells[other] = page.cells[other], page.cells[one]
        size = page.amounts[other] - page.amounts[one]
        return done(work, page, [one, other, *related(page, place)], before, [one, other], size)
    return None


def _partner(work: Work, page: Page, place: Place) -> Place | None:
    """The figure to exchange with: in the column `with_column` of its row, or in a row of the same parent."""
    form, panel, row, _ = place
    if "with_column" in work.kind:
        others = [(form, panel, row, work.kind["with_column"])]
    else:
        others = [each for each in places(work.kind, page) if each[2][:-2] == row[:-2] and each[2] > row]
    fitting = [each for each in others if each in page.places and page.places[each] in page.cells]
    apart = [each for each in fitting if _apart(page, place, each)]
    return apart[0] if apart else None


def _apart(page: Page, one: Place, other: Place) -> bool:
    amounts = [page.amounts[page.places[each]] for each in (one, other)]
    return min(amounts) > 0 and abs(amounts[0] - amounts[1]) >= LEAST_STEPS * _step(one)


def wrong_type(work: Work, page: Page) -> Planted | None:
    """Part of an amount in another column of its row; the row adds up, the columns do not."""
    for place in places(work.kind, page):
        target = (*place[:3], work.kind["with_column"])
        if target not in page.places:
            continue
        one, other = page.places[place], page.places[target]
        size = page.amounts[one] // 3 // CENT_OF_WAN * CENT_OF_WAN
        if size < LEAST_STEPS * CENT_OF_WAN:
            continue
        before = page.cells[one]
        page.cells[one] = number(page.amounts[one] - size, scale(page, place))
        page.cells[other] = number(page.amounts[other] + size, scale(page, target))
        return done(work, page, [one, other, *related(page, place)], before, [one, other], size)
    return None


def send_twice(work: Work, page: Page) -> Planted | None:
    """A form copied to another sheet, with one figure of the copy changed."""
    found = places(work.kind, page)
    if not found:
        return None
    copy = deepcopy(page)
    copy.name = f"{page.name[:28]}(2)"
    place = work.rng.choice(found)
    at = copy.places[place]
    size = drawn_size(work, copy.amounts[at], _step(place))
    before = copy.cells[at]
    copy.cells[at] = number(copy.amounts[at] + size, scale(copy, place))
    copies = Work(work.kind, (*work.pages, copy), work.year, work.rng)
    return done(copies, copy, related(copy, place), before, [at], size)


def blank_out(work: Work) -> Planted | None:
    """The template sent back without a figure."""
    for page in work.pages:
        for at in page.amounts:
            page.cells.pop(at, None)
    return Planted(work.pages, work.kind)


def relabel(work: Work, page: Page) -> Planted | None:
    """The other unit above a form whose figures stay."""
    if page.unit != work.kind["unit"] or "unit_start" in page.marks:
        return None
    at = page.marks["unit"]
    before = str(page.cells[at])
    head, mark, tail = before.rpartition(page.unit)
    if not mark:
        return None
    page.cells[at] = f"{head}{work.kind['other_unit']}{tail}"
    total = next(spot for place, spot in page.places.items() if place[2:] == ("total", "total"))
    if not page.amounts[total]:
        return None
    return done(work, page, [total, *page.amounts, at], before, [total, at])


def other_code(work: Work, page: Page) -> Planted | None:
    """The code of another body on one form."""
    at = page.marks.get("body")
    if at is None:
        return None
    before = str(page.cells[at])
    code = next((each for each in _codes(before)), "")
    if not code:
        return None
    page.cells[at] = before.replace(code, str(int(code) + 1))
    return done(work, page, [at, page.marks["header"]], before)


def _codes(text: str) -> list[str]:
    digits = "".join(sign if sign.isdigit() else " " for sign in text)
    return [each for each in digits.split() if len(each) in (3, 6)]


def letter_code(work: Work, page: Page) -> Planted | None:
    """A code with the letter O for a nought, where it is printed in one piece."""
    for place in places(work.kind, page):
        at = code_cell(page, place)
        text = str(page.cells[at]) if at else ""
        if at and text == place[2] and "0" in text[1:] and len(text) > 3:
            page.cells[at] = text.replace("0", "O", 1)
            return done(work, page, [at, *related(page, place)], text, [at])
    return None


def without_types(work: Work, page: Page) -> Planted | None:
    """An economic form that prints one column only, with money under the wrong class."""
    parted = any(
        place[3] == "basic_personnel" for each in work.pages for place in each.places if place[0] == GENERAL
    )
    if not parted:
        return None
    _drop_columns(page, ("basic_personnel", "basic_operating"))
    found = [place for place in page.places if len(place[2]) == 5 and place[2][:3] == "301"]
    target = [place for place in page.places if len(place[2]) == 5 and place[2][:3] == "302"]
    found = [place for place in found if page.amounts[page.places[place]] >= 20 * CENT_OF_WAN]
    if not found or not target:
        return None
    size = page.amounts[page.places[found[0]]] // 2 // CENT_OF_WAN * CENT_OF_WAN
    before = page.cells[page.places[found[0]]]
    changed: list[Cell] = []
    for place, sign in ((found[0], -1), (target[0], 1)):
        for row in (place[2], place[2][:3]):
            at = page.places.get((*place[:2], row, "total"))
            if at is not None:
                page.cells[at] = number(page.amounts[at] + sign * size, scale(page, place))
                changed.append(at)
    return done(work, page, changed, before, changed, size)


def _drop_columns(page: Page, keys: tuple[str, ...]) -> None:
    """Take the last columns of a page away, header and all."""
    dropped = {at[1] for place, at in page.places.items() if place[3] in keys}
    top = page.marks["header"][0]
    page.cells = {at: value for at, value in page.cells.items() if at[1] not in dropped or at[0] < top}
    page.places = {place: at for place, at in page.places.items() if at[1] not in dropped}
    page.merges = [
        each for each in page.merges if each[0] < top or not dropped & set(range(each[1], each[3] + 1))
    ]
