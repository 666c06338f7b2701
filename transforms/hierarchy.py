"""Which printed total each figure adds into, along rows and along columns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from transforms.facts import NO_FACT, UNKNOWN
from transforms.forms import Form, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transforms.facts import Facts

TRANSPOSED, TRANSPOSED_MEMO = "transposed", "transposed memo"
_TURNED = frozenset({TRANSPOSED, TRANSPOSED_MEMO})
_CODE_STEPS = (5, 3)
Cells = dict[int, int]
Row = tuple[str, str, str]
Key = TypeVar("Key", str, int)


def link(facts: Facts, first: int, form: Form) -> None:
    """Find row_parent, column_parent and role of the facts of one table, whose places begin at `first`."""
    if first == len(facts.places.block):
        return
    linker = _Linker(facts, first, form)
    for place in range(first, len(facts.places.block)):
        linker.link_place(place)
    linker.set_roles()


class _Places(dict[Key, int]):
    """The places of a key: nearly always one, so that only further ones take a list."""

    def __init__(self) -> None:
        super().__init__()
        self.further: dict[Key, list[int]] = {}

    def enter(self, key: Key, place: int) -> None:
        if self.setdefault(key, place) != place:
            self.further.setdefault(key, []).append(place)

    def at(self, key: Key) -> list[int]:
        return [self[key], *self.further.get(key, ())] if key in self else []


class _Linker:
    """Finds parents place by place. A *meaning* is a column key and measure, whatever the unit."""

    def __init__(self, facts: Facts, first: int, form: Form) -> None:
        self.facts, self.places, self.first, self.form = facts, facts.places, first, form
        self.meanings: dict[tuple[str, str], int] = {}
        self.meaning = [
            self.meanings.setdefault((item.column_key, item.measure), len(self.meanings))
            for item in facts.items
        ]
        self.above: dict[tuple[str, int], list[int]] = {}
        self.by_row: dict[tuple[str, str], _Places[str]] = defaultdict(_Places)
        self.by_line: dict[str, _Places[int]] = defaultdict(_Places)
        places = self.places
        for place in range(first, len(places.block)):
            panel = places.panel[place]
            self.by_row[panel, self._list(place)].enter(places.row_key[place], place)
            self.by_line[panel].enter(places.position[place], place)
        self.rows: dict[Row, Cells] = {}
        self.groups = self._groups() if any(places.level[first:]) else {}

    def cells(self, place: int) -> Cells:
        """The facts of a place by meaning."""
        numbers = self.facts.facts_of(place)
        items = self.facts.item[numbers.start : numbers.stop]
        found: Cells = {}
        for number, item in zip(numbers, items, strict=True):
            found.setdefault(self.meaning[item], number)
        return found

    def _list(self, place: int) -> str:
        """The body to whose list of codes a row belongs; '' for every other row."""
        return self.places.body[place] if self.places.kind[place] == "code" else ""

    def row(self, panel: str, key: str, body: str = "") -> Cells:
        """The facts of all rows of a key, the first of each meaning; nothing where no row has it."""
        where = (panel, key, body)
        found = self.rows.get(where)
        if found is None:
            found = self.rows[where] = self._joined(self.by_row[panel, body].at(key))
        return found

    def _joined(self, places: list[int]) -> Cells:
        found: Cells = {}
        for place in places:
            found = self.cells(place) | found if found else self.cells(place)
        return found

    def link_place(self, place: int) -> None:
        kind, panel = self.places.kind[place], self.form.panels[self.places.panel[place]]
        rows = list(self._rows_above(place, kind, panel))
        line = self._line(place, kind, panel)
        for number in self.facts.facts_of(place):
            item = self.facts.item[number]
            if kind == "memo" and not self._whole_family(place, item, panel):
                row_parent = column_parent = NO_FACT
            else:
                meaning = self.meaning[item]
                row_parent = next((row[meaning] for row in rows if meaning in row), NO_FACT)
                above = self._meanings_above(item, panel, self.places.panel[place])
                column_parent = next((line[upper] for upper in above if upper in line), NO_FACT)
            self.facts.row_parent.append(row_parent)
            self.facts.column_parent.append(column_parent)

    def _rows_above(self, place: int, kind: str, panel: Panel) -> Iterator[Cells]:
        """The facts of the printed totals above a row, nearest first: a shorter code, a parent item, the grand total."""
        name, key = self.places.panel[place], self.places.row_key[place]
        if self.places.level[place]:
            if place in self.groups:
                yield self.groups[place]
            elif key != "total":
                yield self.row(name, "total")
        elif kind != "single" and kind not in _TURNED:
            keys, body = keys_above(kind, key, panel, self.places.body[place]), self._list(place)
            for where in dict.fromkeys((name, panel.totals_in or name)):
                for above in keys:
                    if body and (row := self.row(where, above, body)):
                        yield row
                    if row := self.row(where, above):
                        yield row

    def _line(self, place: int, kind: str, panel: Panel) -> Mapping[int, int]:
        """The facts among which the totals of a row's columns stand: its own row, or that of the totals."""
        name = self.places.panel[place]
        if (kind == "memo" or kind in _TURNED) and panel.items_as_rows:
            return self.row(name, "total")
        return self._joined(self.by_line[name].at(self.places.position[place]))

    def _meanings_above(self, item: int, panel: Panel, name: str) -> list[int]:
        if (name, item) not in self.above:
            key, measure, _ = self.facts.items[item]
            wanted = ((upper, measure) for upper in panel.above_column.get(key, []))
            self.above[name, item] = [self.meanings[each] for each in wanted if each in self.meanings]
        return self.above[name, item]

    def _whole_family(self, place: int, item: int, panel: Panel) -> bool:
        """Whether an *of which* row stands with all its siblings, and so is a part like any other."""
        tree = panel.columns if panel.items_as_rows else panel.rows
        column, measure, _ = self.facts.items[item]
        key = column if panel.items_as_rows else self.places.row_key[place]
        parents = (panel.above_column if panel.items_as_rows else panel.above_row).get(key, [])[:1]
        siblings = tree[parents[0]] if parents else []
        name = self.places.panel[place]
        if panel.items_as_rows:
            cells = self.row(name, "total")
            found = all(self.meanings.get((each, measure)) in cells for each in siblings)
        else:
            found = all(self.meaning[item] in self.row(name, each) for each in siblings)
        return len(siblings) > 1 and found

    def _groups(self) -> dict[int, Cells]:
        """For lists with subtotals inside the data: the last fact of the nearest row of a lower level before each."""
        parents: dict[int, Cells] = {}
        open_rows: dict[int, Cells] = {}
        ordered = sorted(range(self.first, len(self.places.block)), key=self.places.position.__getitem__)
        for place in ordered:
            level = self.places.level[place]
            if level:
                above = [open_rows[upper] for upper in range(level) if upper in open_rows]
                if above:
                    parents[place] = above[-1]
                open_rows = {upper: row for upper, row in open_rows.items() if upper < level}
                open_rows[level] = dict.fromkeys(self.meaning, self.facts.facts_of(place).stop - 1)
        return parents

    def set_roles(self) -> None:
        """Printed totals: rows labelled so beside other rows, and figures into which others (or due blanks) add."""
        facts, places = self.facts, self.places
        totals = set(self._totals())
        beside_others = {
            places.panel[place]
            for place in range(self.first, len(places.block))
            if places.kind[place] in ("code", "item", "position", "unit")
        }
        for place in range(self.first, len(places.block)):
            kind = places.kind[place]
            whole = kind == "total" and places.panel[place] in beside_others
            for number in facts.facts_of(place):
                linked = facts.row_parent[number] >= 0 or facts.column_parent[number] >= 0
                leaf = "memo" if kind in ("memo", TRANSPOSED_MEMO) and not linked else "leaf"
                facts.role.append("total" if whole or number in totals else leaf)

    def _totals(self) -> Iterator[int]:
        facts = self.facts
        for number in range(facts.facts_of(self.first).start, len(facts)):
            for parent in (facts.row_parent[number], facts.column_parent[number]):
                if parent >= 0 and (facts.amount[number] != UNKNOWN or facts.amount[parent] != UNKNOWN):
                    yield parent


def keys_above(kind: str, key: str, panel: Panel, body: str) -> list[str]:
    """The keys of the rows into which a row may add, nearest first."""
    if kind == "code":
        return [*(key[:n] for n in _CODE_STEPS if n < len(key)), *([body] if body else []), "total"]
    if kind == "unit":
        return [*(key[:n] for n in range(len(key) - 1, 0, -1)), "total"]
    if panel.classes and key.isdigit():
        return ["current_total", "total"]
    if key == "total":
        return []
    return panel.above_row.get(key, [])
