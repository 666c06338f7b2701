"""The oracle: what was read against what the cells state."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.variants.layout import Variant
from transforms.read import FileReading, read_sheets

Place = tuple[str, str]
ABOUT_CELLS = {"SUB-16", "CEL-01"}


@dataclass(frozen=True)
class Verdict:
    """`wrong`: figures published that no cell states. `lost`: figures nowhere read nor reported. `missed`: figures
    that known words name, yet only reported."""

    wrong: list[str]
    lost: list[str]
    missed: list[str]
    read: int
    reported: int

    @property
    def clean(self) -> bool:
        return not (self.wrong or self.lost or self.missed)


def records(columns: dict) -> list[dict]:
    """Columns of values as records."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def read_variant(variant: Variant) -> FileReading:
    return read_sheets(variant.sheets, "variant.xlsx")


def judge(variant: Variant, reading: FileReading) -> Verdict:
    """Every fact is what its cell states; every figure that is no fact is `unread` and reported, or words (12.5%) under words
    that nobody knows.
    """
    truth = variant.truth()
    facts = {(fact["sheet"], fact["cell"]): fact for fact in records(reading.facts) if fact["raw"]}
    wrong = list(_wrong(variant, facts))
    unread = {(c["sheet"], c["cell"]) for c in records(reading.cells) if _set_aside(c)}
    words = {(c["sheet"], c["cell"]) for c in records(reading.cells) if c["raw"].endswith("%")}
    absent = set(truth) - set(facts)
    lost = [
        f"{place} {truth[place].figure}" for place in sorted(absent - (unread & _reported(reading)) - words)
    ]
    missed = [f"{place} {truth[place].figure}" for place in sorted(absent)] if variant.known else []
    if variant.known and not (wrong or missed):
        wrong += _leaf_sums(variant, reading)
        missed += [f"{p['rule_id']} {p['sheet']}!{p['cell']} {p['found']}" for p in records(reading.problems)]
    return Verdict(wrong, lost, missed, len(set(facts) & set(truth)), len(absent))


def _wrong(variant: Variant, facts: dict[Place, dict]) -> Iterator[str]:
    truth = variant.truth()
    for place, fact in facts.items():
        stated = truth.get(place)
        found = (fact["form"], fact["panel"], fact["row_key"], fact["column_key"], fact["measure"])
        if stated is None or stated.figure is None:
            yield f"{place} states nothing, read as {found} {fact['amount']}"
        elif found != stated.figure.address and not _unknown_memo(fact, variant):
            yield f"{place} is {stated.figure.address}, read as {found}"
        elif fact["amount"] != stated.figure.amount and not (fact["amount"] is None and not stated.declared):
            yield f"{place} {found} is {stated.figure.amount}, read as {fact['amount']}"


def _set_aside(cell: dict) -> bool:
    """Whether a cell is told to be unread, or stands in a table that is told to be known and not used."""
    return cell["disposition"] == "unread" or cell["reason"].startswith("known and not used")


def _unknown_memo(fact: dict, variant: Variant) -> bool:
    """Whether a fact is an *of which* row under its own unknown words: kept, but adding to nothing."""
    return fact["role"] == "memo" and fact["column_key"] in variant.speller.unknown


def _reported(reading: FileReading) -> set[Place]:
    """The cells of which a problem speaks: by name, or by naming their whole table."""
    problems = records(reading.problems)
    cells = {(p["sheet"], p["cell"]) for p in problems if p["rule_id"] in ABOUT_CELLS}
    whole = {p["sheet"] for p in problems if p["rule_id"] == "SUB-05"}
    return cells | {(c["sheet"], c["cell"]) for c in records(reading.cells) if c["sheet"] in whole}


def _leaf_sums(variant: Variant, reading: FileReading) -> Iterator[str]:
    """The leaves of each panel add up to what the form says in all: no total counted, none left out."""
    sums: Counter[tuple[str, str]] = Counter()
    unknown = set()
    for fact in records(reading.facts):
        if fact["measure"] == "amount" and fact["role"] == "leaf":
            key = (fact["form"], fact["panel"])
            sums[key] += fact["amount"] or 0
            unknown |= {key} if fact["raw"] and fact["amount"] is None else set()
    for table in variant.tables:
        for panel, total in table.leaves.items():
            if (table.form, panel) not in unknown and sums[table.form, panel] != total:
                yield f"leaves of {table.form}:{panel} are {total}, read as {sums[table.form, panel]}"
