"""Which printed total each figure adds into, along rows and along columns."""

from __future__ import annotations

from array import array
from itertools import repeat
from typing import TYPE_CHECKING

from transforms.forms import CURRENT, Form, Panel
from transforms.once import recalled
from transforms.tables.facts import LEAF, MEMO, NO_FACT, TOTAL, UNKNOWN, Line, RowKey
from transforms.wording.body_names import BODY_KEY

if TYPE_CHECKING:
    from transforms.tables.facts import Facts

TRANSPOSED, TRANSPOSED_MEMO = "transposed", "transposed memo"
_TURNED = frozenset({TRANSPOSED, TRANSPOSED_MEMO})
_OF_WHICH = frozenset({"memo", TRANSPOSED_MEMO})
_BESIDE_TOTALS = frozenset({"code", "item", "position", "unit"})
_BY_KEY = frozenset({"code", "unit", "total", "single"})
_CODE_STEPS = (5, 3)
Cells = dict[int, int]
Way = tuple[RowKey, ...]
Shape = tuple[list[int], list[list[int]], list[int]]


def link(facts: Facts, first: int, form: Form) -> None:
    """Find row_parent, column_parent and role of the facts of one table, whose places begin at `first`."""
    if first == len(facts.places):
        return
    linker = _Linker(facts, first, form)
    linker.link()
    linker.set_roles()


class _Linker:
    """Finds parents place by place. A *meaning* is a column key and measure, whatever the unit.

    The rows of a list share the keys of the totals above them, and its figures mostly stand in the same columns: what has been
    found for one row is kept for the next (`above_rows`, `found`).
    """

    def __init__(self, facts: Facts, first: int, form: Form) -> None:
        self.facts, self.places, self.first, self.form = facts, facts.places, first, form
        self.lines, self.meaning = facts.places.line, facts.meaning
        self.above: dict[tuple[str, int], list[int]] = {}
        self.shapes: dict[tuple[str, bytes], Shape] = {}
        self.above_rows: dict[Way, list[Cells]] = {}
        self.found: dict[tuple[Way, bytes], list[int]] = {}
        self.by_row: dict[RowKey, list[int]] = {}
        self.rows: dict[RowKey, Cells] = {}
        self.spans, self.positions = facts.spans(first), facts.places.positions(first)
        for place, line in enumerate(self.lines[first:], start=first):
            if line.kind != "position":  # nothing adds into one
                row = (line.panel, line.key, line.body if line.kind == "code" else "")
                self.by_row.setdefault(row, []).append(place)
        self.by_line = self._by_line()
        self.of_bodies = {n for n, item in enumerate(facts.items) if item.column_key.startswith(BODY_KEY)}
        self.ended = self._ended() if form.closes_lists else {}
        self.groups = self._groups() if form.lists_positions else {}

    def _ended(self) -> dict[str, int]:
        """Where in each panel the total of this year's items closes a list of them: what follows is no part of it."""
        found: dict[str, int] = {}
        open_lists: set[str] = set()
        for place, line in enumerate(self.lines[self.first :], start=self.first):
            above = self.form.panels[line.panel].above_row
            if line.key == CURRENT and line.panel in open_lists:
                found.setdefault(line.panel, place)
            elif line.kind == "item" and CURRENT in above.get(line.key, ()):
                open_lists.add(line.panel)
        return found

    def _by_line(self) -> dict[tuple[RowKey, int], list[int]]:
        """The places of each line of a row (halves side by side have other ones); nothing where each has a line of its own."""
        own, found = self.positions, dict[tuple[RowKey, int], list[int]]()
        if len(set(own)) < len(own):
            for place, position in enumerate(own, start=self.first):
                found.setdefault((_row_of(self.lines[place]), position), []).append(place)
        return found if len(found) < len(own) else {}

    def cells(self, place: int) -> Cells:
        """The facts of a place by meaning, the first of each."""
        numbers = self.facts.facts_of(place)
        items = self.facts.item[numbers.start : numbers.stop]
        return dict(zip(map(self.meaning.__getitem__, reversed(items)), reversed(numbers), strict=True))

    def row(self, row: RowKey) -> Cells:
        """The facts of all rows of a key, the first of each meaning; nothing where no row has it."""
        found = self.rows.get(row)
        if found is None:
            found = self.rows[row] = self._joined(self.by_row.get(row, []))
        return found

    def _joined(self, places: list[int]) -> Cells:
        found: Cells = {}
        for place in places:
            found = self.cells(place) | found if found else self.cells(place)
        return found

    def link(self) -> None:
        """Find the parents of all facts."""
        rows: list[int] = []
        columns: list[int] = []
        shapes, found, of_bodies = self.shapes, self.found, self.of_bodies
        for place, (start, stop) in enumerate(self.spans, start=self.first):
            line, items = self.lines[place], self.facts.item[start:stop].tobytes()
            shape = shapes.get((line.panel, items)) or self._shape(line.panel, items)
            own_rows = found.get((line.way, items)) if line.kind in _BY_KEY and not line.level else None
            if own_rows is None:
                own_rows = self._row_parents(place, line, items, shape[0])
            if self.by_line or line.kind in _TURNED:
                own_columns = self._column_parents(place, line, start, shape)
            else:
                own_columns = [start + at if at >= 0 else NO_FACT for at in shape[2]]
            if line.kind == "memo":
                parts = [self._whole_family(line, item) for item in self.facts.item[start:stop]]
                own_rows, own_columns = _only(parts, own_rows), _only(parts, own_columns)
            if of_bodies:  # what one body has of the amount beside it
                own_rows = _only([item not in of_bodies for item in self.facts.item[start:stop]], own_rows)
            rows += own_rows
            columns += own_columns
        self.facts.row_parent.extend(rows)
        self.facts.column_parent.extend(columns)

    def _shape(self, name: str, spelled: bytes) -> Shape:
        """What rows with these items share: their meanings, those of the totals above each, and where the nearest
        of these stands in the row itself (NO_FACT where it does not)."""
        items = array(self.facts.item.typecode, spelled)
        meanings = [self.meaning[item] for item in items]
        above = [self._meanings_above(item, name) for item in items]
        beside = [next((meanings.index(m) for m in each if m in meanings), NO_FACT) for each in above]
        found = self.shapes[name, spelled] = meanings, above, beside
        return found

    def _row_parents(self, place: int, line: Line, items: bytes, meanings: list[int]) -> list[int]:
        """For each figure of a row the fact of the nearest row above that has its meaning."""
        if line.level:
            return _nearest(meanings, self._rows_of_level(place, line))
        way = line.way
        if line.kind == "item" and place > self.ended.get(line.panel, place):
            way = tuple(row for row in way if row[1] != CURRENT)
        found = self.found.get((way, items))
        if found is None:
            found = self.found[way, items] = _nearest(meanings, self._rows_above(way))
        return found

    def _rows_of_level(self, place: int, line: Line) -> list[Cells]:
        """The row above one of a list with subtotals inside the data."""
        if place in self.groups:
            return [self.groups[place]]
        keys = [line.key.partition(".")[0], "total"] if line.kind == "position" else ["total"]
        return [] if line.key == "total" else [self.row((line.panel, key, "")) for key in keys]

    def _rows_above(self, way: Way) -> list[Cells]:
        """The facts of the rows on a way that the table has."""
        known = self.above_rows.get(way)
        if known is None:
            known = self.above_rows[way] = [self.row(row) for row in way if row in self.by_row]
        return known

    def _column_parents(self, place: int, line: Line, first: int, shape: Shape) -> list[int]:
        """For each figure the fact of the nearest total above its column: in its own row, which begins with the fact
        `first`, in another place of the same line, or in the row of totals."""
        if line.kind in _TURNED and self.form.panels[line.panel].items_as_rows:
            cells = self.row((line.panel, "total", ""))
        elif (
            self.by_line
            and len(members := self.by_line[_row_of(line), self.positions[place - self.first]]) > 1
        ):
            cells = self._joined(members)
        else:
            return [first + at if at >= 0 else NO_FACT for at in shape[2]]
        return [next((cells[upper] for upper in each if upper in cells), NO_FACT) for each in shape[1]]

    def _meanings_above(self, item: int, name: str) -> list[int]:
        if (name, item) not in self.above:
            key, measure, _ = self.facts.items[item]
            panel, whole = self.form.panels[name], key.rpartition(".")[0]
            uppers = panel.above_column
            above = uppers.get(key) or (
                [whole, *uppers.get(whole, [])] if whole in panel.columns or whole in uppers else []
            )
            known = self.facts.meanings
            wanted = ((upper, measure) for upper in above)
            self.above[name, item] = [known[each] for each in wanted if each in known]
        return self.above[name, item]

    def _whole_family(self, line: Line, item: int) -> bool:
        """Whether an *of which* row stands with all its siblings, or with one that is none, and so is a part like any other."""
        panel = self.form.panels[line.panel]
        parents = panel.above_row.get(line.key, [])[:1]
        siblings = [(line.panel, each, "") for each in (panel.rows[parents[0]] if parents else [])]
        found = [each for each in siblings if self.meaning[item] in self.row(each)]
        plain = any(self.lines[place].kind == "item" for each in found for place in self.by_row[each])
        return len(siblings) > 1 and (plain or len(found) == len(siblings))

    def _groups(self) -> dict[int, Cells]:
        """For lists with subtotals inside the data: the last fact of the nearest row of a lower level before each.

        The subtotal of another category (小计 below its items) is no row above the next one's.
        """
        parents: dict[int, Cells] = {}
        open_rows: dict[int, Cells] = {}
        ended = ""
        for at in sorted(range(len(self.positions)), key=self.positions.__getitem__):
            place = self.first + at
            line = self.lines[place]
            level = line.level
            if level:
                if ended and line.kind == "position" and not line.key.startswith(ended):
                    open_rows.pop(1, None)
                above = [open_rows[upper] for upper in range(level) if upper in open_rows]
                if above:
                    parents[place] = above[-1]
                open_rows = {upper: row for upper, row in open_rows.items() if upper < level}
                open_rows[level] = dict.fromkeys(self.meaning, self.facts.facts_of(place).stop - 1)
                if level == 1:
                    ended = line.key if line.key in self.form.panels[line.panel].categories else ""
        return parents

    def set_roles(self) -> None:
        """Printed totals: rows labelled so beside other rows, and figures into which others (or due blanks) add."""
        facts, first = self.facts, self.facts.facts_of(self.first).start
        roles = bytearray(len(facts) - first)
        lines = self.lines[self.first :]
        beside_others = {line.panel for line in lines if line.kind in _BESIDE_TOTALS}
        for line, (start, stop) in zip(lines, self.spans, strict=True):
            if line.kind == "total" and line.panel in beside_others:
                roles[start - first : stop - first] = bytes([TOTAL]) * (stop - start)
            elif line.kind in _OF_WHICH:
                for number in range(start, stop):
                    roles[number - first] = LEAF if self._is_linked(number) else MEMO
        for number in self._totals(first):
            roles[number - first] = TOTAL
        if self.of_bodies:
            for number, item in enumerate(facts.item[first:]):
                if item in self.of_bodies:
                    roles[number] = MEMO
        facts.role += roles

    def _is_linked(self, number: int) -> bool:
        return self.facts.row_parent[number] >= 0 or self.facts.column_parent[number] >= 0

    def _totals(self, first: int) -> set[int]:
        """The facts into which others add; a blank that is due is none of blanks alone."""
        facts, amounts = self.facts, self.facts.amount
        rows, columns = facts.row_parent[first:], facts.column_parent[first:]
        if UNKNOWN not in (known := amounts[first:]):
            return {*rows, *columns} - {NO_FACT}
        return {
            parent
            for parents in (rows, columns)
            for parent, amount in zip(parents, known, strict=True)
            if parent >= 0 and (amount != UNKNOWN or amounts[parent] != UNKNOWN)
        }


def _row_of(line: Line) -> RowKey:
    return line.panel, line.key, line.body


def _only(wanted: list[bool], parents: list[int]) -> list[int]:
    """The parents of those figures that are wanted, NO_FACT for the others."""
    return [parent if each else NO_FACT for each, parent in zip(wanted, parents, strict=True)]


def _nearest(meanings: list[int], rows: list[Cells]) -> list[int]:
    """For each meaning the fact of the first row that has it."""
    if not rows:
        return [NO_FACT] * len(meanings)
    found = list(map(rows[0].get, meanings, repeat(NO_FACT)))
    for row in rows[1:] if NO_FACT in found else ():
        found = [
            row.get(meaning, NO_FACT) if parent < 0 else parent
            for meaning, parent in zip(meanings, found, strict=True)
        ]
        if NO_FACT not in found:
            break
    return found


@recalled
def _bodies_above(body: str) -> tuple[str, ...]:
    """The keys of a row's body and of those that its code says are above it."""
    numbered = body.removeprefix(BODY_KEY).isdigit()
    shortest = len(BODY_KEY) + 1 if numbered else len(body)
    return tuple(body[:n] for n in range(len(body), shortest - 1, -1)) if body else ()


def line_of_row(form: Form, panel: str, key: str, label: str, kind: str, level: int, body: str) -> Line:
    """What a row says of all its figures, with the rows into which it may add."""
    if kind in ("single", "position") or kind in _TURNED:
        return Line(panel, key, label, kind, level, body)
    panels = dict.fromkeys((panel, form.panels[panel].totals_in or panel))
    keys = keys_above(kind, key, form.panels[panel], body)
    bodies = (body, "") if body and kind == "code" else ("",)
    way = tuple((where, above, of) for where in panels for above in keys for of in bodies)
    return Line(panel, key, label, kind, level, body, _once(way))


@recalled
def _once(way: Way) -> Way:
    """The same way for all rows that have it, so that long lists keep it once."""
    return way


def keys_above(kind: str, key: str, panel: Panel, body: str) -> list[str]:
    """The keys of the rows into which a row may add, nearest first."""
    if kind == "code":
        return [*(key[:n] for n in _CODE_STEPS if n < len(key)), *_bodies_above(body), "total"]
    if kind == "unit":
        return [*(key[:n] for n in range(len(key) - 1, 0, -1)), "total"]
    if panel.classes and key.isdigit():
        return ["current_total", "total"]
    if key == "total":
        return []
    return panel.above_row.get(key, [])
