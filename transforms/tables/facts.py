"""The figures of a file, column by column: what a row says of all its figures is kept once a row.

A *place* is one row of a table as far as its figures share it (panel, row key, label); an *item* is what a column means
(column key, measure, unit). A fact is a place, an item, a sheet's column, an amount and the cell's value. Numbers of
facts and places count within the file. The facts of one place stand together.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import compress, islice, pairwise
from operator import add, attrgetter
from typing import Any, NamedTuple

from transforms.recorded import Columns
from transforms.workbook import address, raw_text

UNKNOWN = -(1 << 63)
NO_FACT = -1
ROLES = ("leaf", "total", "memo")
LEAF, TOTAL, MEMO = range(len(ROLES))


def _shorts() -> "array[int]":
    return array("H")


def _longs() -> "array[int]":
    return array("i")


def _amounts() -> "array[int]":
    return array("q")


class Item(NamedTuple):
    """What a column of figures means."""

    column_key: str
    measure: str
    unit: str


@dataclass(slots=True)
class Figure:
    """One figure with all that is known of it, for readers that find figures one by one."""

    block_id: int
    form: str
    panel: str
    row_key: str
    row_label: str
    column_key: str
    measure: str
    amount: int | None
    unit: str
    sheet: str
    row: int
    column: int
    value: object


@dataclass(slots=True)
class Fact:
    """One figure written out, at a place that people say in words (of documents).

    `own_step`: the display step of its own wording in 分; None where its table has one for all.
    """

    block_id: int
    form: str
    panel: str
    row_key: str
    row_label: str
    column_key: str
    measure: str
    amount: int | None
    unit: str
    position: int
    sheet: str
    cell: str
    raw: str
    role: str = "leaf"
    row_parent: int | None = None
    column_parent: int | None = None
    fact_id: int = 0
    own_step: int | None = None


class Table(NamedTuple):
    """What all rows of figures of a table on one sheet share; positions in the form count from `offset`."""

    block: int
    form: str
    sheet: str
    offset: int = 0


# Panel, key and body of a row.
RowKey = tuple[str, str, str]


class Line(NamedTuple):
    """What a row says of all its figures; all but panel, key and label serve the linking of totals.

    `way`: the rows into which it may add, nearest first.
    """

    panel: str
    key: str
    label: str
    kind: str = ""
    level: int = 0
    body: str = ""
    way: tuple[RowKey, ...] = ()


@dataclass
class Places:
    """One entry for each row of figures: its table, what it says, its row on the sheet and its first fact."""

    table: list[Table] = field(default_factory=list)
    line: list[Line] = field(default_factory=list)
    row: "array[int]" = field(default_factory=_longs)
    first: "array[int]" = field(default_factory=_longs)

    def __len__(self) -> int:
        return len(self.line)

    def __getstate__(self) -> tuple[object, ...]:
        """The rows without what serves the linking of their totals, which is done: their panels, keys and labels apart."""
        said = [[line[part] for line in self.line] for part in range(3)]
        return self.table, said, self.row, self.first

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.table, said, self.row, self.first = state
        self.line = list(map(Line, *said))

    def positions(self, first: int) -> "array[int]":
        """The position in its form of each row from a number on."""
        offsets = map(attrgetter("offset"), islice(self.table, first, None))
        return array("i", map(add, offsets, self.row[first:]))


@dataclass
class Facts:
    """Figures as parallel columns, those of one place together. `amount` is UNKNOWN where a figure states none;
    `role` is a place in ROLES; parents are numbers of facts, NO_FACT where a figure adds into no printed total."""

    places: Places = field(default_factory=Places)
    items: list[Item] = field(default_factory=list)
    item: "array[int]" = field(default_factory=_shorts)
    column: "array[int]" = field(default_factory=_shorts)
    amount: "array[int]" = field(default_factory=_amounts)
    value: list[object] = field(default_factory=list)
    role: bytearray = field(default_factory=bytearray)
    row_parent: "array[int]" = field(default_factory=_longs)
    column_parent: "array[int]" = field(default_factory=_longs)

    def __post_init__(self) -> None:
        self.meaning: list[int] = []
        self.meanings: dict[tuple[str, str], int] = {}
        self._numbers: dict[Item, int] = {}

    def __len__(self) -> int:
        return len(self.item)

    def __getstate__(self) -> dict[str, object]:
        """What the figures say, without what helps only while a file is being read."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self.__post_init__()
        items, self.items = self.items, []
        for item in items:
            self.number_of(item)

    def number_of(self, item: Item) -> int:
        """The number of an item. Items that differ by their unit only share a number in `meaning`."""
        number = self._numbers.get(item)
        if number is None:
            number = self._numbers[item] = len(self.items)
            self.items.append(item)
            self.meaning.append(self.meanings.setdefault(item[:2], len(self.meanings)))
        return number

    def open_place(self, table: Table, line: Line, row: int) -> int:
        """Begin a row of figures; gives its number. Those added next belong to it."""
        places = self.places
        places.table.append(table)
        places.line.append(line)
        places.row.append(row)
        places.first.append(len(self.item))
        return len(places.line) - 1

    def add(self, item: int, column: int, amount: int | None, value: object) -> None:
        """Add a figure to the place begun last."""
        self.item.append(item)
        self.column.append(column)
        self.amount.append(UNKNOWN if amount is None else amount)
        self.value.append(value)

    def append(self, fact: Figure) -> int:
        """Add a figure that was found by itself; gives its number."""
        table = Table(fact.block_id, fact.form, fact.sheet)
        self.open_place(table, Line(fact.panel, fact.row_key, fact.row_label, "item"), fact.row)
        item = self.number_of(Item(fact.column_key, fact.measure, fact.unit))
        self.add(item, fact.column, fact.amount, fact.value)
        self.role.append(LEAF)
        self.row_parent.append(NO_FACT)
        self.column_parent.append(NO_FACT)
        return len(self) - 1

    def money_from(self, first: int) -> list[int]:
        """The amounts of money, in 分, of the facts from a number on."""
        money = [item.unit not in ("", "%") and item.measure == "amount" for item in self.items]
        amounts = compress(self.amount[first:], map(money.__getitem__, self.item[first:]))
        return list(filter(UNKNOWN.__ne__, amounts))

    def facts_of(self, place: int) -> range:
        """The numbers of a place's facts."""
        first = self.places.first
        return range(first[place], first[place + 1] if place + 1 < len(first) else len(self.item))

    def spans(self, first: int) -> list[tuple[int, int]]:
        """Of each place from a number on, its first fact and the one after its last."""
        return list(pairwise([*self.places.first[first:], len(self.item)]))

    def exchange(self, first: int) -> None:
        """Exchange rows and columns of the sheet for the figures of all places from a number on: each gets a place of its own.

        What was one row keeps its position in the form.
        """
        places = self.places
        said = list(
            zip(places.table[first:], places.line[first:], places.row[first:], self.spans(first), strict=True)
        )
        for values in (places.table, places.line, places.row, places.first):
            del values[first:]
        for table, line, row, (start, stop) in said:
            for number in range(start, stop):
                column, self.column[number] = self.column[number], row
                places.table.append(table._replace(offset=table.offset + row - column))
                places.line.append(line)
                places.row.append(column)
                places.first.append(number)

    def records(self, file: str) -> Columns:
        """The facts as columns of the frame of facts."""
        places = self.places
        sizes = [stop - start for start, stop in self.spans(0)]

        def of_place(values: Iterable[Any]) -> list[Any]:
            return [value for value, size in zip(values, sizes, strict=True) for _ in range(size)]

        def of_item(number: int) -> list[Any]:
            values = [item[number] for item in self.items]
            return list(map(values.__getitem__, self.item))

        return {
            "fact_id": list(range(len(self))),
            "block_id": of_place(table.block for table in places.table),
            "form": of_place(table.form for table in places.table),
            "panel": of_place(line.panel for line in places.line),
            "row_key": of_place(line.key for line in places.line),
            "row_label": of_place(line.label for line in places.line),
            "column_key": of_item(0),
            "measure": of_item(1),
            "role": [ROLES[role] for role in self.role],
            "amount": _without(UNKNOWN, self.amount),
            "unit": of_item(2),
            "own_step": [None] * len(self),
            "position": of_place(places.positions(0)),
            "row_parent": _without(NO_FACT, self.row_parent),
            "column_parent": _without(NO_FACT, self.column_parent),
            "file": [file] * len(self),
            "sheet": of_place(table.sheet for table in places.table),
            "cell": list(map(address, of_place(places.row), self.column)),
            "raw": list(map(raw_text, self.value)),
        }


def _without(nothing: int, numbers: Sequence[int]) -> list[int | None]:
    return [None if number == nothing else number for number in numbers]
