"""Which printed total each figure adds into, along rows and along columns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from transforms.facts import NO_FACT, UNKNOWN
from transforms.forms import Form, Panel

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping

    from transforms.facts import Facts

TRANSPOSED, TRANSPOSED_MEMO = "transposed", "transposed memo"
_TURNED = frozenset({TRANSPOSED, TRANSPOSED_MEMO})
_CODE_STEPS = (5, 3)
Cells = dict[int, int]
Row = tuple[str, str, str]
Shape = tuple[list[int], list[list[int]], list[int]]
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
        self.shapes: dict[tuple[str, bytes], Shape] = {}
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
        kind, name = self.places.kind[place], self.places.panel[place]
        panel, numbers = self.form.panels[name], self.facts.facts_of(place)
        items = self.facts.item[numbers.start : numbers.stop]
        meanings, above, beside = self._shape(name, panel, items)
        rows = self._row_parents(meanings, self._rows_above(place, kind, panel))
        if self._is_alone(place, kind, panel):
            columns = [numbers.start + at if at >= 0 else NO_FACT for at in beside]
        else:
            line = self._line(place, kind, panel)
            columns = [next((line[upper] for upper in each if upper in line), NO_FACT) for each in above]
        if kind == "memo":
            parts = [self._whole_family(place, item, panel) for item in items]
            rows = [row if part else NO_FACT for row, part in zip(rows, parts, strict=True)]
            columns = [column if part else NO_FACT for column, part in zip(columns, parts, strict=True)]
        self.facts.row_parent.extend(rows)
        self.facts.column_parent.extend(columns)

    def _shape(self, name: str, panel: Panel, items: array[int]) -> Shape:
        """What rows with these items share: their meanings, those of the totals above each, and where the nearest
        of these stands in the row itself (NO_FACT where it does not)."""
        key = name, items.tobytes()
        if key not in self.shapes:
            meanings = [self.meaning[item] for item in items]
            above = [self._meanings_above(item, panel, name) for item in items]
            beside = [next((meanings.index(m) for m in each if m in meanings), NO_FACT) for each in above]
            self.shapes[key] = meanings, above, beside
        return self.shapes[key]

    @staticmethod
    def _row_parents(meanings: list[int], rows: Iterator[Cells]) -> list[int]:
        """For each meaning the fact of the nearest row that has it."""
        found = [NO_FACT] * len(meanings)
        for row in rows:
            found = [
                row.get(meaning, NO_FACT) if parent < 0 else parent
                for meaning, parent in zip(meanings, found, strict=True)
            ]
            if NO_FACT not in found:
                break
        return found

    def _is_alone(self, place: int, kind: str, panel: Panel) -> bool:
        """Whether the totals of a row's columns stand in the place itself."""
        if (kind == "memo" or kind in _TURNED) and panel.items_as_rows:
            return False
        return self.places.position[place] not in self.by_line[self.places.panel[place]].further

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
        totals = self._totals()
        beside_others = {
            places.panel[place]
            for place in range(self.first, len(places.block))
            if places.kind[place] in ("code", "item", "position", "unit")
        }
        for place in range(self.first, len(places.block)):
            kind, numbers = places.kind[place], facts.facts_of(place)
            if kind == "total" and places.panel[place] in beside_others:
                facts.role.extend(["total"] * len(numbers))
            elif kind in ("memo", TRANSPOSED_MEMO):
                leaves = ["leaf" if self._is_linked(number) else "memo" for number in numbers]
                facts.role.extend(
                    "total" if n in totals else leaf for n, leaf in zip(numbers, leaves, strict=True)
                )
            else:
                facts.role.extend(["total" if number in totals else "leaf" for number in numbers])

    def _is_linked(self, number: int) -> bool:
        return self.facts.row_parent[number] >= 0 or self.facts.column_parent[number] >= 0

    def _totals(self) -> set[int]:
        facts = self.facts
        first, amounts = facts.facts_of(self.first).start, facts.amount
        return {
            parent
            for parents in (facts.row_parent[first:], facts.column_parent[first:])
            for parent, amount in zip(parents, amounts[first:], strict=True)
            if parent >= 0 and (amount != UNKNOWN or amounts[parent] != UNKNOWN)
        }


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
