"""Mutants of workbooks and documents, in their cells and in their bytes: `python -m tests.variants.fuzz [HOW MANY] [FIRST SEED]`.

What must hold for a mutant of one cell, by what the cell becomes:
- another number in a cell that was a fact: the fact stays at its address with the new amount, and it adds into a printed
  total, or has parts adding into it, so that an identity sees it; a leaf outside every identity may change unseen;
- words in a cell that was a fact: no fact, and a problem names the cell;
- nothing: no fact with that cell's raw text;
- in each of these cases each other fact is as before, or is no fact and a problem names its cell or its sheet.
- a number in a cell that was blank: a fact in the row and the column of its neighbours, or reported, or set aside.
A mutant of the shape has a blank row or column more, a row fewer, or a garbled word: each figure is where it was (moved
along with its row or column), or is gone with its row, or a problem that the file did not have before names its sheet.

What counts as told: a problem of a rule at a cell where that rule had none, cells that moved being followed. The same
problem said in other words is not news: a sheet that was strange before stays so, and behind its one sentence (SUB-05)
anything could be misread. What counts as whole: a sheet that is told as a whole now and was not (a table of no known
form, or one whose unit nobody knows), whose amounts nothing then uses. A figure of another sheet that went on with the
changed one is no loss where its own cell is told. A total that was printed twice is one when the other row is gone; what
stands below a heading that is gone, and a row whose words were all that said what it is, no reader could know better.
A figure of a mutant of the shape is told also where a rule finds at its cell, or at that of its printed total, what it
did not find before: a total that stands alone now as the other one, which contradicted it, is gone. Where the row that
is gone was what the file was told of (a second unit in a remark, a total above codes of another list, a strange row beside
a total), what was held back for it is read now, and rightly so. A percentage beside the changed amount is what the amounts
of its row say, now others: 0.2 where they grow by 20 %, and where they hardly grow.
What holds for a mutant of bytes, or of a document, is said in `bytes_changed`.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from expectations.units import FEN_PER
from tests.variants.bases import base_sheets
from tests.variants.bytes_changed import NAME, findings, mutate_document, mutate_workbook
from tests.variants.judge import records
from tests.variants.shapes import Move, delete_row, garble, insert_column, insert_row
from transforms.money import parse_number
from transforms.read import FileReading, read_sheets
from transforms.workbook import Sheet, address, position

NUMBER = Decimal("987654.25")
WORDS = ("十二万", "#REF!", "约120", "12万", "见附表", "1,23", "待定", "××", "=A1+B1", "12.5.1", "壹佰")
Place = tuple[str, str]
Moved = Callable[[str, str], str]
FILLED = 0.2
AGREEING = Decimal("0.5")  # percentage points between a percentage and what its amounts say


def facts_by_place(reading: FileReading) -> dict[Place, dict]:
    return {(fact["sheet"], fact["cell"]): fact for fact in records(reading.facts) if fact["raw"]}


def mutate_one_cell(rng: random.Random) -> list[str]:
    """What is wrong with the reading of one mutant; nothing where all is as it must be."""
    sheets = base_sheets(rng)
    before = read_sheets(sheets, "a.xlsx")
    facts = facts_by_place(before)
    if not facts or rng.random() < FILLED:
        return _fill_a_blank(rng, sheets, before)
    place = rng.choice(sorted(facts))
    kind = rng.choice(("number", "number", "words", "blank"))
    value: object = {"number": float(NUMBER), "words": rng.choice(WORDS), "blank": ""}[kind]
    after = read_sheets([_with(sheet, place, value) for sheet in sheets], "a.xlsx")
    found = facts_by_place(after)
    new = new_problems(before, after)
    reported = {(sheet, cell) for _, sheet, cell in new}
    whole = _told_whole(before, after)
    wrong = list(_others(facts, found, place, reported, whole))
    told = place in reported or place[0] in whole
    if kind == "words" and place[0] not in {sheet for sheet, _ in found}:
        # The only figure of a sheet that goes on without header: its total is unequal now, or is itself what is missing.
        told |= facts[place]["role"] == "total" or bool(_unequal(after) - _unequal(before))
    return wrong + _own(kind, facts[place], found.get(place), told, before)


def _fill_a_blank(rng: random.Random, sheets: list[Sheet], before: FileReading) -> list[str]:
    """What is wrong with the reading of a workbook that has a number in a cell that was blank."""
    sheet = rng.choice([sheet for sheet in sheets if sheet.rows] or sheets)
    blanks = list(_blanks(sheet))
    if not blanks:
        return []
    place = sheet.name, address(*rng.choice(blanks))
    after = read_sheets([_with(each, place, float(NUMBER)) for each in sheets], "a.xlsx")
    facts, found = facts_by_place(before), facts_by_place(after)
    new = new_problems(before, after)
    whole = _told_whole(before, after) | _strange(before, after)
    reported = {(s, cell) for _, s, cell in new}
    wrong = list(_others(facts, found, place, reported, whole))
    settled = {(c["sheet"], c["cell"]): c["disposition"] for c in records(after.cells)}.get(place, "nowhere")
    if place in found:
        return wrong + _out_of_line(place, found[place], facts)
    silent = place not in reported and settled not in ("ignored", "note", "unread", "code")
    return wrong + [f"{place} filled and {settled}"] * silent


def _strange(before: FileReading, after: FileReading) -> set[str]:
    """The sheets of which nothing was read, and of which it still is said that they are strange."""
    told = {p["sheet"] for p in records(after.problems) if p["rule_id"] == "SUB-05"}
    return told - {sheet for sheet, _ in facts_by_place(before)}


def _told_whole(before: FileReading, after: FileReading) -> set[str]:
    """The sheets of which as a whole something is told that was not told before."""
    new = {sheet for rule, sheet, _ in new_problems(before, after) if rule in ("SUB-05", "SUB-09")}
    new |= {sheet for sheet, _ in _unplaced(after) - _unplaced(before)}
    return new | {sheet for sheet, _ in _without_unit(after) - _without_unit(before)}


def _unplaced(reading: FileReading) -> set[Place]:
    """The tables (sheet, cell) of which no figure is placed, which is told of each as a whole (SUB-16)."""
    return {(p["sheet"], p["cell"]) for p in records(reading.problems) if p["detail"] == "whole"}


def _without_unit(reading: FileReading) -> set[Place]:
    """The tables (sheet, form) whose amounts are unknown for want of a unit, which is told of each (SUB-08)."""
    found = facts_by_place(reading).values()
    return {
        (fact["sheet"], fact["form"])
        for fact in found
        if fact["unit"] == "" and fact["measure"] not in ("quantity", "percent")
    }


def _blanks(sheet: Sheet) -> Iterator[tuple[int, int]]:
    width = max(map(len, sheet.rows), default=0)
    for r, row in enumerate(sheet.rows):
        for c in range(width if row else 0):
            if sheet.at(r, c) == "" and (r, c) not in sheet.origins:
                yield r, c


def _out_of_line(place: Place, fact: dict, facts: dict[Place, dict]) -> list[str]:
    """A new figure whose row or column is none of those that its neighbours in row and column have."""
    row, column = position(place[1])
    near = [(position(cell), other) for (sheet, cell), other in facts.items() if sheet == place[0]]
    same = ("block_id", "panel")
    near = [(where, other) for where, other in near if all(other[key] == fact[key] for key in same)]
    in_row = {other["row_key"] for (r, _), other in near if r == row}
    in_column = {(other["column_key"], other["measure"]) for (_, c), other in near if c == column}
    of_unit = fact["row_key"].startswith(
        "unit."
    )  # units as columns: the column says what the row says elsewhere; so do months of a card
    by_column = of_unit or (fact["form"], fact["panel"]) == ("project", "payments")
    strange = [fact["row_key"]] if in_row and fact["row_key"] not in in_row and not by_column else []
    turned = (
        fact["row_key"] == "total" or of_unit
    )  # items as rows: the row says what the column says elsewhere
    if in_column and not turned and (fact["column_key"], fact["measure"]) not in in_column:
        strange.append(fact["column_key"])
    return [f"{place} filled, read as {strange} among {in_row or in_column}"] if strange else []


def new_problems(
    before: FileReading, after: FileReading, moved: Moved = lambda _, cell: cell
) -> set[tuple[str, str, str]]:
    """(rule, sheet, cell) of the problems that the file had not before it was changed, at cells that may have moved."""
    had = {(p["rule_id"], p["sheet"], moved(p["sheet"], p["cell"])) for p in records(before.problems)}
    return {(p["rule_id"], p["sheet"], p["cell"]) for p in records(after.problems)} - had


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
    new = new_problems(before, after, lambda name, cell: moved(cell) if name == changed.name else cell)
    told = {sheet for _, sheet, _ in new}
    was = Counter(map(_meaning, facts_by_place(before).values()))
    now = Counter(map(_meaning, facts_by_place(after).values()))
    told |= {sheet for sheet, _ in _without_unit(after)}
    told &= {changed.name, *_emptied(before, after)}
    own_facts = [
        fact
        for (sheet, cell), fact in facts_by_place(before).items()
        if sheet == changed.name and position(cell)[0] == row
    ]
    headed = any(fact["role"] == "total" for fact in own_facts)
    if headed and (
        _unequal(after) - _unequal(before) or _amounts(now - was) == _amounts(was - now, own_facts)
    ):
        return []  # what stands below lost the heading that says what it is; where sums change an identity sees it
    if any(fact["row_key"] == "total" for fact in own_facts) and any("unit" in key for key in was):
        return []  # the only body of a list stands for the whole
    own = Counter(map(_meaning, own_facts))
    own += Counter(_listed(fact) for fact in facts_by_place(after).values() if fact["role"] == "memo")
    own += Counter(map(_meaning, _told_elsewhere(before, new, changed.name)))
    own += _printed_once_more(own, was, now)
    if any(fact["form"] == "procurement" and "." not in fact["row_key"] for fact in own_facts):
        return []  # what stood under 货物 stands under nothing now, or under what an identity says is too little
    appeared, gone = now - was - Counter({("memo",): now["memo",]}), was - now - own
    if (appeared or gone) and not told:
        new_seen, old_seen = _seen_by_rules(
            before, after, lambda name, cell: moved(cell) if name == changed.name else cell
        )
        appeared, gone = appeared - new_seen, gone - old_seen
    unknown, known = _unit_settled(before, after, changed.name, row, moved)
    appeared, gone = (
        appeared - known - _beside_a_strange_row(before, after, changed.name, row, moved),
        gone - unknown,
    )
    if headed:
        appeared -= _in_the_list_now(before, after, changed.name, row, moved)
    untold = {what[2] for what in appeared} == {"unspecified"}
    if untold and _amounts(appeared) in (_amounts(gone), _amounts(was - now)):
        return []  # without the words that say what is bought, or the only thing that a unit buys, nothing says what
    return [f"{kind.__name__}: {what} {list(which)[:2]} in {changed.name} row {row}"
            for what, which in (("new", appeared), ("lost", gone)) if which and not told]  # fmt: skip


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
    alone. Only where each figure is where it was, and is the amount that its cell states in that unit.
    """
    told = [p["cell"] for p in records(before.problems) if (p["rule_id"], p["sheet"]) == ("SUB-08", sheet)]
    if not any(cell and position(cell)[0] == row for cell in told):
        return Counter(), Counter()
    now = facts_by_place(after)
    was = {
        (name, moved(cell)): fact
        for (name, cell), fact in facts_by_place(before).items()
        if name == sheet and fact["amount"] is None
    }
    pairs = [(was[place], now[place]) for place in was.keys() & now.keys()]
    pairs = [(old, new) for old, new in pairs if _address(old)[:-1] == _address(new)[:-1] and _as_stated(new)]
    return Counter(_meaning(old) for old, _ in pairs), Counter(_meaning(new) for _, new in pairs)


def _in_the_list_now(
    before: FileReading, after: FileReading, sheet: str, row: int, moved: Move
) -> Counter[tuple[object, ...]]:
    """The facts below a changed row that was the total of a list, whose cells were told as standing below a total.

    What closed the list is gone: nothing says any more that it does not go on.
    """
    told = {p["cell"] for p in records(before.problems) if (p["rule_id"], p["sheet"]) == ("SUB-16", sheet)}
    below = {(sheet, moved(cell)) for cell in told if cell and position(cell)[0] > row}
    return Counter(_meaning(fact) for place, fact in facts_by_place(after).items() if place in below)


def _beside_a_strange_row(
    before: FileReading, after: FileReading, sheet: str, row: int, moved: Move
) -> Counter[tuple[object, ...]]:
    """The totals that were told of, as a strange row that was told of too stood beside them, which is gone."""
    told = {p["cell"] for p in records(before.problems) if (p["rule_id"], p["sheet"]) == ("SUB-16", sheet)}
    told -= {""}
    if not any(position(cell)[0] == row for cell in told):
        return Counter()
    held_back = {(sheet, moved(cell)) for cell in told if position(cell)[0] != row}
    found = (fact for place, fact in facts_by_place(after).items() if place in held_back)
    return Counter(_meaning(fact) for fact in found if fact["role"] == "total" and _as_stated(fact))


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


def _unequal(reading: FileReading) -> set[tuple[object, ...]]:
    """The printed totals that are not what the figures below them add up to."""
    facts = {fact["fact_id"]: fact for fact in records(reading.facts)}
    sums: Counter[int] = Counter()
    for fact in facts.values():
        if fact["row_parent"] is not None:
            sums[fact["row_parent"]] += fact["amount"] or 0
    return {_listed(facts[total]) for total, amount in sums.items() if facts[total]["amount"] != amount}


def _amounts(meanings: Counter[tuple[object, ...]], without: Sequence[dict] = ()) -> Counter[object]:
    """The amounts of some facts, those of the facts of a row apart."""
    amounts = Counter(meaning[-1] for meaning in meanings.elements())
    return amounts - Counter(fact["amount"] for fact in without)


def _meaning(fact: dict) -> tuple[object, ...]:
    """The address and amount of a fact; an of-which row and a body are known by words of their own alone."""
    if fact["role"] == "memo":
        return ("memo",)
    return tuple("unit" if str(part).startswith("unit.") else part for part in _listed(fact))


def _with(sheet: Sheet, place: Place, value: object) -> Sheet:
    if sheet.name != place[0]:
        return sheet
    row, column = position(place[1])
    rows = [list(values) for values in sheet.rows]
    rows[row] += [""] * (column + 1 - len(rows[row]))
    rows[row][column] = value
    while rows[row] and rows[row][-1] == "":
        rows[row].pop()
    return replace(sheet, rows=rows)


def _others(
    facts: dict[Place, dict], found: dict[Place, dict], mutated: Place, reported: set[Place], whole: set[str]
) -> Iterator[str]:
    for place, fact in facts.items():
        now = found.get(place)
        if place == mutated:
            continue
        if now is None and place not in reported and place[0] not in whole:
            yield f"{place} lost after a change of {mutated}"
        elif now is not None and _listed(now) != _listed(fact) and place[0] not in whole:
            if _is_said_by_its_row(place, now, found) and position(place[1])[0] == position(mutated[1])[0]:
                continue
            yield f"{place} was {_address(fact)}, is {_address(now)} after a change of {mutated}"
    row = position(mutated[1])[0]
    for place in found:
        beside = mutated in reported and position(place[1])[0] == row  # a finding names the row
        if place not in facts and place != mutated and not beside and place[0] not in whole:
            yield f"{place} is a fact now"


def _is_said_by_its_row(place: Place, fact: dict, found: dict[Place, dict]) -> bool:
    """Whether a fact is a percentage that its row's amounts, or the change printed beside them, state, as NAR-07 counts."""
    row = position(place[1])[0]
    said = {
        other["measure"]: other["amount"]
        for (sheet, cell), other in found.items()
        if (sheet, position(cell)[0], other["column_key"]) == (place[0], row, fact["column_key"])
    }
    was, by = said.get("previous"), said.get("change")
    by = said["amount"] - was if was and said.get("amount") is not None else by
    if fact["measure"] != "percent" or not was or by is None:
        return False
    return abs(Decimal(fact["amount"]) / 100 - 100 * Decimal(by) / Decimal(was)) <= AGREEING


def _listed(fact: dict) -> tuple[object, ...]:
    """The address without the position in a list: a row above that held nothing else may be gone."""
    address = _address(fact)
    return (
        address
        if fact["form"] != "procurement"
        else (*address[:2], address[2].partition(".")[0], *address[3:])
    )


def _address(fact: dict) -> tuple[object, ...]:
    return tuple(fact[key] for key in ("form", "panel", "row_key", "column_key", "measure", "amount"))


def _own(kind: str, fact: dict, now: dict | None, told: bool, before: FileReading) -> list[str]:
    if kind == "number":
        if now is None:
            return [] if told else [f"{fact['cell']} lost with another number"]
        unread = FEN_PER.get(now["unit"]) and now["amount"] != NUMBER * FEN_PER[now["unit"]]
        if unread and now["measure"] not in ("quantity", "percent"):
            return [f"{fact['cell']} holds {NUMBER}, read as {now['amount']}"]
        moved = _address(now)[:-1] != _address(fact)[:-1]
        unseen = now["raw"] == fact["raw"] or (fact["role"] == "total" and not _has_parts(fact, before))
        return [f"{fact['cell']} moved or unseen: {_address(now)}"] * (moved or unseen)
    if now is not None:
        return [f"{fact['cell']} still read as {now['raw']!r}"]
    return [] if told or kind == "blank" else [f"{fact['cell']} holds words and nobody says so"]


def _has_parts(fact: dict, reading: FileReading) -> bool:
    """Whether a printed total stands in an identity, or its table has nothing that could add into it."""
    same = [f for f in records(reading.facts) if f["block_id"] == fact["block_id"]]
    if not any(f["role"] == "leaf" and f["column_key"] == fact["column_key"] for f in same):
        return True  # 人员经费合计 of classes, whose sum is a rule of its own (ECO-02)
    parents = {f["row_parent"] for f in same} | {f["column_parent"] for f in same}
    linked = fact["fact_id"] in parents or fact["row_parent"] is not None or fact["column_parent"] is not None
    return linked or not any(f["role"] == "leaf" and f["panel"] == fact["panel"] for f in same)


KINDS = {"cell": 60, "shape": 24, "bytes": 10, "document": 6}  # of a hundred mutants
IN_MEMORY = {"cell": mutate_one_cell, "shape": mutate_shape}
ON_DISK = {"bytes": mutate_workbook, "document": mutate_document}


def mutate(seed: int, folder: Path) -> tuple[str, list[str]]:
    """The kind of the mutant of this seed, and what is wrong with its reading."""
    rng = random.Random(seed)
    kind = rng.choices(list(KINDS), weights=KINDS.values())[0]
    found = IN_MEMORY[kind](rng) if kind in IN_MEMORY else ON_DISK[kind](rng, folder)
    return kind, found


def tried(seed: int, folder: Path) -> tuple[str, list[str]]:
    """The mutant of this seed, one at which reading breaks down being wrong too."""
    try:
        return mutate(seed, folder)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 – what a library raises on damaged bytes need be no Exception
        return "broken down", [f"{type(error).__name__}: {error}"]


def main(count: int, first: int) -> int:
    """Print how many mutants were read and the first that were read wrongly; 1 where there are any."""
    wrong: list[str] = []
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            kind, found = tried(seed, Path(folder))
            tally[kind] += 1
            wrong += [f"seed {seed}: {found[0]}"] if found else []
    print("\n".join(wrong[:40]))
    print(f"mutants: {count}", *(f"{kind}: {number}" for kind, number in tally.items()), sep="\n")
    print(f"read wrongly: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*numbers, *(500, 0)[len(numbers) :]])))
