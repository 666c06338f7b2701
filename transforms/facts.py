"""The figures of a file, column by column: what a row says of all its figures is kept once a row.

A *place* is one row of a table as far as its figures share it (panel, row key, label, position); an *item* is what a
column means (column key, measure, unit). A fact is a place, an item, a sheet's column, an amount and the cell's value.
Numbers of facts and places count within the file. The facts of one place stand together.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from transforms.recorded import Columns
from transforms.workbook import address

UNKNOWN = -(1 << 63)
NO_FACT = -1


def _bytes() -> "array[int]":
    return array("b")


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
    position: int
    sheet: str
    row: int
    column: int
    value: object
    role: str = "leaf"


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


@dataclass
class Places:
    """One entry for each row of figures; `kind`, `level` and `body` serve the linking of totals."""

    block: "array[int]" = field(default_factory=_longs)
    form: list[str] = field(default_factory=list)
    panel: list[str] = field(default_factory=list)
    row_key: list[str] = field(default_factory=list)
    row_label: list[str] = field(default_factory=list)
    position: "array[int]" = field(default_factory=_longs)
    sheet: list[str] = field(default_factory=list)
    row: "array[int]" = field(default_factory=_longs)
    first: "array[int]" = field(default_factory=_longs)
    kind: list[str] = field(default_factory=list)
    level: "array[int]" = field(default_factory=_bytes)
    body: list[str] = field(default_factory=list)


@dataclass
class Facts:
    """Figures as parallel columns. `amount` is UNKNOWN where a figure states none; parents are numbers of facts,
    NO_FACT where a figure adds into no printed total."""

    places: Places = field(default_factory=Places)
    items: list[Item] = field(default_factory=list)
    place: "array[int]" = field(default_factory=_longs)
    item: "array[int]" = field(default_factory=_shorts)
    column: "array[int]" = field(default_factory=_shorts)
    amount: "array[int]" = field(default_factory=_amounts)
    value: list[object] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    row_parent: "array[int]" = field(default_factory=_longs)
    column_parent: "array[int]" = field(default_factory=_longs)

    def __post_init__(self) -> None:
        self._numbers: dict[Item, int] = {}

    def __len__(self) -> int:
        return len(self.place)

    def number_of(self, item: Item) -> int:
        """The number of an item."""
        if item not in self._numbers:
            self._numbers[item] = len(self.items)
            self.items.append(item)
        return self._numbers[item]

    def open_place(
        self, block: int, form: str, panel: str, key: str, label: str, position: int, sheet: str, row: int,
        kind: str, level: int = 0, body: str = "",
    ) -> int:  # fmt: skip
        """Begin a row of figures; gives its number. Those added next belong to it."""
        places = self.places
        places.block.append(block)
        places.form.append(form)
        places.panel.append(panel)
        places.row_key.append(key)
        places.row_label.append(label)
        places.position.append(position)
        places.sheet.append(sheet)
        places.row.append(row)
        places.first.append(len(self.place))
        places.kind.append(kind)
        places.level.append(level)
        places.body.append(body)
        return len(places.block) - 1

    def add(self, place: int, item: int, column: int, amount: int | None, value: object) -> None:
        """Add a figure to the place begun last."""
        self.place.append(place)
        self.item.append(item)
        self.column.append(column)
        self.amount.append(UNKNOWN if amount is None else amount)
        self.value.append(value)

    def append(self, fact: Figure) -> int:
        """Add a figure that was found by itself; gives its number."""
        place = self.open_place(
            fact.block_id, fact.form, fact.panel, fact.row_key, fact.row_label, fact.position, fact.sheet,
            fact.row, "item",
        )  # fmt: skip
        item = self.number_of(Item(fact.column_key, fact.measure, fact.unit))
        self.add(place, item, fact.column, fact.amount, fact.value)
        self.role.append(fact.role)
        self.row_parent.append(NO_FACT)
        self.column_parent.append(NO_FACT)
        return len(self.place) - 1

    def money_from(self, first: int) -> list[int]:
        """The amounts of money, in 分, of the facts from a number on."""
        money = [item.unit not in ("", "%") and item.measure == "amount" for item in self.items]
        return [
            amount
            for amount, item in zip(self.amount[first:], self.item[first:], strict=True)
            if amount != UNKNOWN and money[item]
        ]

    def facts_of(self, place: int) -> range:
        """The numbers of a place's facts."""
        first = self.places.first
        return range(first[place], first[place + 1] if place + 1 < len(first) else len(self.place))

    def records(self, file: str) -> Columns:
        """The facts as columns of the frame of facts."""
        places = self.places

        def of_place(values: Sequence[Any]) -> list[Any]:
            return list(map(values.__getitem__, self.place))

        def of_item(number: int) -> list[Any]:
            values = [item[number] for item in self.items]
            return list(map(values.__getitem__, self.item))

        return {
            "fact_id": list(range(len(self))),
            "block_id": of_place(places.block),
            "form": of_place(places.form),
            "panel": of_place(places.panel),
            "row_key": of_place(places.row_key),
            "row_label": of_place(places.row_label),
            "column_key": of_item(0),
            "measure": of_item(1),
            "role": self.role,
            "amount": _without(UNKNOWN, self.amount),
            "unit": of_item(2),
            "own_step": [None] * len(self),
            "position": of_place(places.position),
            "row_parent": _without(NO_FACT, self.row_parent),
            "column_parent": _without(NO_FACT, self.column_parent),
            "file": [file] * len(self),
            "sheet": of_place(places.sheet),
            "cell": list(map(address, of_place(places.row), self.column)),
            "raw": list(map(raw_text, self.value)),
        }


def _without(nothing: int, numbers: Sequence[int]) -> list[int | None]:
    return [None if number == nothing else number for number in numbers]


def raw_text(value: object) -> str:
    """A cell's content as text, numbers without a trailing .0."""
    return (
        str(int(value))
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        else str(value)
    )
