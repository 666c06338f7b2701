"""Mutants of the shape of a workbook, judged: `fuzz` says what must hold."""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from expectations.units import FEN_PER
from tests.variants.bases import base_sheets
from tests.variants.bytes_changed import NAME, findings
from tests.variants.judge import ABOUT_CELLS, records
from tests.variants.shapes import Move, delete_row, garble, insert_column, insert_row
from tests.variants.told import (
    Moved,
    Place,
    address_of,
    facts_by_place,
    listed,
    new_problems,
    unequal,
    unplaced,
    without_unit,
)
from transforms.money import parse_number
from transforms.read import FileReading, read_sheets
from transforms.workbook import position


def mutate_shape(rng: random.Random) -> list[str]:
    """What is wrong with the reading of a workbook of which a row, a column or a word is another."""
    sheets = base_sheets(rng)
    before = read_sheets(sheets, NAME)
    chosen = rng.randrange(len(sheets))
    if not any(fact["sheet"] == sheets[chosen].name for fact in facts_by_place(before).values()):
        return []
    kind = rng.choice((insert_row, insert_column, delete_row, garble))
    changed, row, moved = kind(sheets[chosen], rng)
    after = read_sheets([*sheets[:chosen], changed, *sheets[chosen + 1 :]], NAME)

    def followed(name: str, cell: str) -> str:
        return moved(cell) if name == changed.name else cell

    if kind in (insert_row, insert_column):
        return _elsewhere(before, after, followed)
    new = new_problems(before, after, followed)
    told = {sheet for _, sheet, _ in new}
    was = Counter(map(_meaning, facts_by_place(before).values()))
    now = Counter(map(_meaning, facts_by_place(after).values()))
    told |= {sheet for sheet, _ in without_unit(after) | (unplaced(after) - unplaced(before))}
    told &= {changed.name, *_emptied(before, after)}
    own_facts = [
        fact
        for (sheet, cell), fact in facts_by_place(before).items()
        if sheet == changed.name and position(cell)[0] == row
    ]
    headed = any(fact["role"] == "total" for fact in own_facts)
    if headed and (unequal(after) - unequal(before) or _amounts(now - was) == _amounts(was - now, own_facts)):
        return []  # what stands below lost the heading that says what it is; where sums change an identity sees it
    if any(fact["row_key"] == "total" for fact in own_facts) and any("unit" in key for key in was):
        return []  # the only body of a list stands for the whole
    own = Counter(map(_meaning, own_facts))
    own += Counter(listed(fact) for fact in facts_by_place(after).values() if fact["role"] == "memo")
    own += Counter(map(_meaning, _told_elsewhere(before, new, changed.name)))
    own += _printed_once_more(own, was, now)
    if any(fact["form"] == "procurement" and "." not in fact["row_key"] for fact in own_facts):
        return []  # what stood under 货物 stands under nothing now, or under what an identity says is too little
    appeared, gone = now - was - Counter({("memo",): now["memo",]}), was - now - own
    if (appeared or gone) and not told:
        new_seen, old_seen = _seen_by_rules(before, after, followed)
        appeared, gone = appeared - new_seen, gone - old_seen
    unknown, known = _unit_settled(before, after, changed.name, row, moved)
    appeared, gone = (
        appeared - known - _totals_settled(before, after, changed.name, row, moved),
        gone - unknown,
    )
    if headed:
        appeared -= _in_the_list_now(before, after, changed.name, row, moved)
    untold = {what[2] for what in appeared} == {"unspecified"}
    if untold and _amounts(appeared) in (_amounts(gone), _amounts(was - now)):
        return []  # without the words that say what is bought, or the only thing that a unit buys, nothing says what
    return [f"{kind.__name__}: {what} {list(which)[:2]} in {changed.name} row {row}"
            for what, which in (("new", appeared), ("lost", gone)) if which and not told]  # fmt: skip


def _elsewhere(before: FileReading, after: FileReading, moved: Moved) -> list[str]:
    """What is read otherwise, or told, of a sheet of which some rows or columns only stand elsewhere, blank ones being before
    them; a table that is told as a whole since then apart.
    """
    whole = {sheet for sheet, _ in without_unit(after) | (unplaced(after) - unplaced(before))}
    was = {(sheet, moved(sheet, cell)): address_of(f) for (sheet, cell), f in facts_by_place(before).items()}
    now = {place: address_of(fact) for place, fact in facts_by_place(after).items()}
    places = sorted(place for place in was.keys() | now.keys() if place[0] not in whole)
    wrong = [f"{at} was {was.get(at)}, is {now.get(at)}" for at in places if was.get(at) != now.get(at)]
    untold = _told_of_cells(before, moved) - _told_of_cells(after)
    return wrong + [f"{at} is not told any more" for at in sorted(untold) if at[0] not in whole]


def _told_of_cells(reading: FileReading, moved: Moved = lambda _, cell: cell) -> set[Place]:
    """The cells at which something is told, tables that are told as a whole apart."""
    told = [p for p in records(reading.problems) if p["rule_id"] in ABOUT_CELLS and p["detail"] != "whole"]
    return {(p["sheet"], moved(p["sheet"], p["cell"])) for p in told}


def _seen_by_rules(
    before: FileReading, after: FileReading, moved: Moved
) -> tuple[Counter[tuple[object, ...]], Counter[tuple[object, ...]]]:
    """The facts at whose cell, or at the cell of whose printed total, a rule finds what it did not find before; what
    stood at these cells before and was another.

    What the reader told of before, as two totals contradicted each other, may be read when one of them is gone; where
    the other is not the sum of its parts, that is the finding which names it (EXP-02), and the parts with it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.bin"
        path.touch()
        had = {(rule, sheet, moved(sheet, cell)) for rule, sheet, cell, _ in findings(path, before)}
        found = {(rule, sheet, cell) for rule, sheet, cell, _ in findings(path, after)} - had
    seen = {(sheet, cell) for _, sheet, cell in found}
    facts = {fact["fact_id"]: fact for fact in records(after.facts)}
    ids = {each for each, fact in facts.items() if (fact["sheet"], fact["cell"]) in seen}
    told = [
        f for f in facts.values() if ids & {f["fact_id"], f["row_parent"], f["column_parent"]} and f["raw"]
    ]
    now = {(fact["sheet"], fact["cell"]): _meaning(fact) for fact in told}
    was = {(name, moved(name, cell)): _meaning(f) for (name, cell), f in facts_by_place(before).items()}
    others = (was[place] for place in now.keys() & was.keys() if now[place] != was[place])
    return Counter(_meaning(fact) for fact in told), Counter(others)


def _unit_settled(
    before: FileReading, after: FileReading, sheet: str, row: int, moved: Move
) -> tuple[Counter[tuple[object, ...]], Counter[tuple[object, ...]]]:
    """The facts whose amounts were unknown as a word of the changed row spoke of another unit, before and after.

    That word was what the file was told of (SUB-08); as it says nothing any more, the unit of the table's head holds
    alone. Or it was the head's, and what was told of, a note perhaps, is the only one that states a unit now. Only where
    each figure is where it was, and is the amount that its cell states in that unit.
    """
    told = [p for p in records(before.problems) if (p["rule_id"], p["sheet"]) == ("SUB-08", sheet)]
    told = [p for p in told if p["cell"]]
    own = any(position(p["cell"])[0] == row for p in told)
    stated = {max((unit for unit in FEN_PER if unit in p["found"]), key=len, default="") for p in told}
    now = facts_by_place(after)
    was = {
        (name, moved(cell)): fact
        for (name, cell), fact in facts_by_place(before).items()
        if name == sheet and fact["amount"] is None
    }
    pairs = [(was[place], now[place]) for place in was.keys() & now.keys()]
    pairs = [
        (old, new)
        for old, new in pairs
        if address_of(old)[:-1] == address_of(new)[:-1] and _as_stated(new) and (own or new["unit"] in stated)
    ]
    return Counter(_meaning(old) for old, _ in pairs), Counter(_meaning(new) for _, new in pairs)


def _totals_settled(
    before: FileReading, after: FileReading, sheet: str, row: int, moved: Move
) -> Counter[tuple[object, ...]]:
    """The totals that were told of: as a strange row that was told of too stood beside them, which is gone; or as they were
    not what they add up, which they are now.
    """
    told = {p["cell"] for p in records(before.problems) if (p["rule_id"], p["sheet"]) == ("SUB-16", sheet)}
    told -= {""}
    strange = any(position(cell)[0] == row for cell in told)
    held_back = {(sheet, moved(cell)) for cell in told if position(cell)[0] != row}
    wrong, wholes = unequal(after), {fact["row_parent"] for fact in records(after.facts)}
    return Counter(
        _meaning(fact)
        for place, fact in facts_by_place(after).items()
        if place in held_back and fact["role"] == "total" and _as_stated(fact)
        if strange or (fact["fact_id"] in wholes and listed(fact) not in wrong)
    )


def _in_the_list_now(
    before: FileReading, after: FileReading, sheet: str, row: int, moved: Move
) -> Counter[tuple[object, ...]]:
    """The facts below a changed row that was the total of a list, whose cells were told as standing below a total.

    What closed the list is gone: nothing says any more that it does not go on.
    """
    told = {p["cell"] for p in records(before.problems) if (p["rule_id"], p["sheet"]) == ("SUB-16", sheet)}
    below = {(sheet, moved(cell)) for cell in told if cell and position(cell)[0] > row}
    return Counter(_meaning(fact) for place, fact in facts_by_place(after).items() if place in below)


def _as_stated(fact: dict) -> bool:
    """Whether a fact is what its cell states in the unit that it was read in."""
    number = parse_number(fact["raw"])
    return number is not None and fact["amount"] == number * FEN_PER.get(fact["unit"], 0)


def _printed_once_more(
    own: Counter[tuple[object, ...]], was: Counter[tuple[object, ...]], now: Counter[tuple[object, ...]]
) -> Counter[tuple[object, ...]]:
    """As many memos as there are facts of a row that is gone which stand there still: a total that was printed twice."""
    again = own & (now - (was - own))
    return Counter({("memo",): again.total() - again["memo",]})


def _told_elsewhere(before: FileReading, new: set[tuple[str, str, str]], changed: str) -> Iterator[dict]:
    """The facts of other sheets at whose cells something is told now: they went on with what was changed."""
    told = {(sheet, cell) for _, sheet, cell in new}
    return (fact for place, fact in facts_by_place(before).items() if place in told and place[0] != changed)


def _emptied(before: FileReading, after: FileReading) -> set[str]:
    """The sheets that held figures and hold none any more."""
    had, has = ({sheet for sheet, _ in facts_by_place(reading)} for reading in (before, after))
    return had - has


def _amounts(meanings: Counter[tuple[object, ...]], without: Sequence[dict] = ()) -> Counter[object]:
    """The amounts of some facts, those of the facts of a row apart."""
    amounts = Counter(meaning[-1] for meaning in meanings.elements())
    return amounts - Counter(fact["amount"] for fact in without)


def _meaning(fact: dict) -> tuple[object, ...]:
    """The address and amount of a fact; an of-which row and a body are known by words of their own alone."""
    if fact["role"] == "memo":
        return ("memo",)
    return tuple("unit" if str(part).startswith("unit.") else part for part in listed(fact))
