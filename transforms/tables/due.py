"""Blank cells where a figure is due: facts without amount, so that checks can count and name them."""

from collections.abc import Iterable

from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.facts import Facts, Item
from transforms.tables.plan import PanelPlan

_KINDS = frozenset({"code", "total", "single", "unit"})
_TOTALS = frozenset({"code", "total"})
_LISTED = frozenset({"code", "unit"})
Keys = frozenset[str]


def add_due_blanks(facts: Facts, block: Block, plans: tuple[PanelPlan, ...], start: int) -> None:
    """Add a fact without amount for each blank cell of a block where a figure is due; its places begin at `start`.

    Due are: the total of a row whose parts are filled, the parts of a filled total, and the totals over codes.
    """
    spans = facts.spans(start)
    for plan in plans:
        if len(plan.of_kind("amount")) > 1:
            _DueBlanks(facts, block, plan).add(start, spans)


class _DueBlanks:
    """What is due in the rows of one panel."""

    def __init__(self, facts: Facts, block: Block, plan: PanelPlan) -> None:
        self.facts, self.places, self.block, self.plan = facts, facts.places, block, plan
        self.columns = [c for c in plan.of_kind("amount") if c.measure == "amount"]
        self.items: dict[bytes, Keys] = {}
        self.due: dict[tuple[Keys, Keys], Keys] = {}
        self.active: Keys = frozenset()

    def add(self, first: int, spans: list[tuple[int, int]]) -> None:
        lines, name = self.places.line, self.plan.key
        filled = {
            place: self._filled(*span)
            for place, span in enumerate(spans, start=first)
            if lines[place].panel == name and lines[place].kind in _KINDS
        }
        self.active = frozenset().union(*self.items.values())
        if not self._may_be_due(filled):
            return
        below = self._below(filled)
        for members in self._lines(filled):
            keys = filled[members[0]]
            if len(members) > 1:
                keys = keys.union(*(filled[place] for place in members[1:]))
            if due := self._due(keys, below.get(members[-1], frozenset())):
                self._add_to(members[0], due)

    def _may_be_due(self, filled: dict[int, Keys]) -> bool:
        """Whether some row may lack a figure; most panels have the same columns filled in every row."""
        short = {keys for keys in self.items.values() if keys != self.active}
        if any(self._due(keys, frozenset()) for keys in self.items.values()):
            return True
        lines = self.places.line
        return bool(short) and any(
            keys in short for place, keys in filled.items() if lines[place].kind in _TOTALS
        )

    def _lines(self, filled: Iterable[int]) -> Iterable[list[int]]:
        """The places of each row of the sheet, nearly always one."""
        lines: dict[int, list[int]] = {}
        for place in filled:
            lines.setdefault(self.places.row[place], []).append(place)
        return lines.values()

    def _filled(self, start: int, stop: int) -> Keys:
        """The column keys in which a row has figures."""
        items = self.facts.item[start:stop]
        key = items.tobytes()
        found = self.items.get(key)
        if found is None:
            found = self.items[key] = frozenset(self.facts.items[item].column_key for item in items)
        return found

    def _below(self, filled: dict[int, Keys]) -> dict[int, Keys]:
        """For each row that totals codes, the columns in which some code below it has a figure."""
        lines = self.places.line
        codes = {place: lines[place].key for place in filled if lines[place].kind == "code"}
        lengths = sorted({len(code) for code in codes.values()})
        columns: dict[str, Keys] = {}
        for place, found in filled.items():
            if lines[place].kind in _LISTED:
                code = codes.get(place, "")
                for stem in ("", *(code[:n] for n in lengths if 3 <= n < len(code))):
                    if not found <= (known := columns.get(stem, frozenset())):
                        columns[stem] = known | found
        if not columns:
            return {}
        totals = {place: "" for place in filled if lines[place].kind == "total"}
        return {place: columns[stem] for place, stem in (codes | totals).items() if stem in columns}

    def _due(self, filled: Keys, below: Keys) -> Keys:
        """The columns in which a row has no figure though it should, by those it has and those of the codes below."""
        found = self.due.get((filled, below))
        if found is None:
            found = self.due[filled, below] = (below | _due_beside(self.plan, self.active, filled)) - filled
        return found

    def _add_to(self, like: int, due: Keys) -> None:
        """Add blanks to a row, in a place of their own."""
        places, sheet = self.places, self.block.sheet
        row = places.row[like]
        blank = [
            c
            for c in self.columns
            if c.key in due and sheet.at(row, c.index) == "" and sheet.origin(row, c.index) == (row, c.index)
        ]
        if blank:
            self.facts.open_place(places.table[like], places.line[like], row)
        for column in blank:
            item = Item(column.key, "amount", column.unit or self._unit_of(like))
            self.facts.add(self.facts.number_of(item), column.index, None, "")

    def _unit_of(self, place: int) -> str:
        return self.facts.items[self.facts.item[self.facts.facts_of(place).start]].unit


@recalled
def _due_beside(plan: PanelPlan, active: Keys, filled: Keys) -> Keys:
    """Column keys of a row that a figure belongs in because of those that it has (`filled`).

    active: the column keys in which some row of the panel has a figure.
    """
    due = set()
    for total, parts in plan.panel.columns.items():
        columns = [column for part in parts for column in _printed(plan, active, part)]
        if total in active and columns:
            if filled & set(columns):
                due.add(total)
            elif total in filled and not _deep(plan, total) & filled:
                due.add(columns[0])
    return frozenset(due)


def _printed(plan: PanelPlan, active: Keys, key: str) -> list[str]:
    """The column itself where it holds figures, else those of its parts that do."""
    if key in active:
        return [key]
    return [column for part in plan.panel.columns.get(key, []) for column in _printed(plan, active, part)]


def _deep(plan: PanelPlan, key: str) -> set[str]:
    parts = set(plan.panel.columns.get(key, []))
    return parts | {deeper for part in parts for deeper in _deep(plan, part)}
