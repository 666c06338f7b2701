"""What a reading says of a workbook, as the judges of mutants compare it: facts by their cells, and what is told."""

from collections import Counter
from collections.abc import Callable

from tests.variants.judge import records
from transforms.read import FileReading

Place = tuple[str, str]
Moved = Callable[[str, str], str]


def facts_by_place(reading: FileReading) -> dict[Place, dict]:
    return {(fact["sheet"], fact["cell"]): fact for fact in records(reading.facts) if fact["raw"]}


def new_problems(
    before: FileReading, after: FileReading, moved: Moved = lambda _, cell: cell
) -> set[tuple[str, str, str]]:
    """(rule, sheet, cell) of the problems that the file had not before it was changed, at cells that may have moved."""
    had = {(p["rule_id"], p["sheet"], moved(p["sheet"], p["cell"])) for p in records(before.problems)}
    return {(p["rule_id"], p["sheet"], p["cell"]) for p in records(after.problems)} - had


def unplaced(reading: FileReading) -> set[Place]:
    """The tables (sheet, cell) of which no figure is placed, which is told of each as a whole (SUB-16)."""
    return {(p["sheet"], p["cell"]) for p in records(reading.problems) if p["detail"] == "whole"}


def without_unit(reading: FileReading) -> set[Place]:
    """The tables (sheet, form) whose amounts are unknown for want of a unit, which is told of each (SUB-08)."""
    found = facts_by_place(reading).values()
    return {
        (fact["sheet"], fact["form"])
        for fact in found
        if fact["unit"] == "" and fact["measure"] not in ("quantity", "percent")
    }


def unequal(reading: FileReading) -> set[tuple[object, ...]]:
    """The printed totals that are not what the figures below them add up to."""
    facts = {fact["fact_id"]: fact for fact in records(reading.facts)}
    sums: Counter[int] = Counter()
    for fact in facts.values():
        if fact["row_parent"] is not None:
            sums[fact["row_parent"]] += fact["amount"] or 0
    return {listed(facts[total]) for total, amount in sums.items() if facts[total]["amount"] != amount}


def listed(fact: dict) -> tuple[object, ...]:
    """The address without the position in a list: a row above that held nothing else may be gone."""
    address = address_of(fact)
    return (
        address
        if fact["form"] != "procurement"
        else (*address[:2], address[2].partition(".")[0], *address[3:])
    )


def address_of(fact: dict) -> tuple[object, ...]:
    return tuple(fact[key] for key in ("form", "panel", "row_key", "column_key", "measure", "amount"))
