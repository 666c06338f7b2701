"""Blank cells where a figure is due: facts without amount, so that checks can count and name them."""

from transforms.columns import PanelPlan
from transforms.facts import Facts, Item
from transforms.layout import Block

_KINDS = ("code", "total", "single", "unit")


def add_due_blanks(facts: Facts, block: Block, plans: tuple[PanelPlan, ...], start: int) -> None:
    """Add a fact without amount for each blank cell of a block where a figure is due; its places begin at `start`.

    Due are: the total of a row whose parts are filled, the parts of a filled total, and the totals over codes.
    """
    for plan in plans:
        _DueBlanks(facts, block, plan).add(range(start, len(facts.places.block)))


class _DueBlanks:
    """What is due in the rows of one panel."""

    def __init__(self, facts: Facts, block: Block, plan: PanelPlan) -> None:
        self.facts, self.places, self.block, self.plan = facts, facts.places, block, plan
        self.columns = [c for c in plan.of_kind("amount") if c.measure == "amount"]
        self.items: dict[tuple[int, ...], frozenset[str]] = {}
        self.parts: dict[frozenset[str], frozenset[str]] = {}
        self.active: frozenset[str] = frozenset()

    def add(self, places: range) -> None:
        panel, kind = self.places.panel, self.places.kind
        mine = [place for place in places if panel[place] == self.plan.key and kind[place] in _KINDS]
        lines: dict[int, list[int]] = {}
        for place in mine:
            lines.setdefault(self.places.position[place], []).append(place)
        filled = {place: self._filled(place) for place in mine}
        self.active = frozenset().union(*filled.values())
        below = self._below(filled)
        for members in lines.values():
            keys = filled[members[0]].union(*(filled[place] for place in members[1:]))
            due = below.get(members[-1], frozenset()) | self._due_beside(keys)
            if not due <= keys:
                self._add_to(members[0], due - keys)

    def _filled(self, place: int) -> frozenset[str]:
        """The column keys in which a row has figures."""
        numbers = self.facts.facts_of(place)
        items = tuple(self.facts.item[numbers.start : numbers.stop])
        if items not in self.items:
            self.items[items] = frozenset(self.facts.items[item].column_key for item in items)
        return self.items[items]

    def _below(self, filled: dict[int, frozenset[str]]) -> dict[int, frozenset[str]]:
        """For each row that totals codes, the columns in which some code below it has a figure."""
        kinds, keys = self.places.kind, self.places.row_key
        lengths = {len(keys[place]) for place in filled if kinds[place] == "code"}
        columns: dict[str, frozenset[str]] = {}
        for place, found in filled.items():
            code = keys[place] if kinds[place] == "code" else ""
            if code or kinds[place] == "unit":
                for stem in ("", *(code[:n] for n in lengths if 3 <= n < len(code))):
                    if not found <= (known := columns.get(stem, frozenset())):
                        columns[stem] = known | found
        stems = {place: "" if kinds[place] == "total" else keys[place] for place in filled}
        return {
            place: columns[stem]
            for place, stem in stems.items()
            if stem in columns and kinds[place] not in ("single", "unit")
        }

    def _due_beside(self, filled: frozenset[str]) -> frozenset[str]:
        """Column keys of a row that a figure belongs in because of those that it has."""
        if filled not in self.parts:
            self.parts[filled] = frozenset(self._due_columns(filled))
        return self.parts[filled]

    def _due_columns(self, filled: frozenset[str]) -> set[str]:
        due = set()
        for total, parts in self.plan.panel.columns.items():
            columns = [column for part in parts for column in self._printed(part)]
            if total in self.active and columns:
                if filled & set(columns):
                    due.add(total)
                elif total in filled and not _deep(self.plan, total) & filled:
                    due.add(columns[0])
        return due

    def _printed(self, key: str) -> list[str]:
        """The column itself where it holds figures, else those of its parts that do."""
        if key in self.active:
            return [key]
        return [column for part in self.plan.panel.columns.get(key, []) for column in self._printed(part)]

    def _add_to(self, like: int, due: frozenset[str]) -> None:
        """Add blanks to a row, in a place of their own."""
        places, sheet = self.places, self.block.sheet
        row = places.row[like]
        blank = [
            c
            for c in self.columns
            if c.key in due and sheet.at(row, c.index) == "" and sheet.origin(row, c.index) == (row, c.index)
        ]
        if not blank:
            return
        place = self.facts.open_place(
            places.block[like], places.form[like], places.panel[like], places.row_key[like],
            places.row_label[like], places.position[like], places.sheet[like], row, places.kind[like],
            places.level[like], places.body[like],
        )  # fmt: skip
        for column in blank:
            item = Item(column.key, "amount", column.unit or self._unit_of(like))
            self.facts.add(place, self.facts.number_of(item), column.index, None, "")

    def _unit_of(self, place: int) -> str:
        return self.facts.items[self.facts.item[self.facts.facts_of(place).start]].unit


def _deep(plan: PanelPlan, key: str) -> set[str]:
    parts = set(plan.panel.columns.get(key, []))
    return parts | {deeper for part in parts for deeper in _deep(plan, part)}
