"""The texts that a file's tables place in their forms, kept as small as they were found."""

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from transforms.recorded import Columns
from transforms.workbook import Cell, address

_NOWHERE = (-1, 0)


class Kind(NamedTuple):
    """What many labels of a table share."""

    block_id: int
    form: str
    panel: str
    column_key: str
    sheet: str


@dataclass
class Labels:
    """Texts as parallel columns: the number of a kind, the position in the form, the cell, the text."""

    kinds: list[Kind] = field(default_factory=list)
    kind: "array[int]" = field(default_factory=lambda: array("H"))
    position: "array[int]" = field(default_factory=lambda: array("i"))
    row: "array[int]" = field(default_factory=lambda: array("i"))
    column: "array[int]" = field(default_factory=lambda: array("H"))
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers: dict[Kind, int] = {}

    def add(self, kind: Kind, position: int, text: str, cell: Cell = _NOWHERE) -> None:
        """Add a text; without `cell` where it stands in none of its own."""
        number = self._numbers.get(kind)
        if number is None:
            number = self._numbers[kind] = len(self.kinds)
            self.kinds.append(kind)
        self.kind.append(number)
        self.position.append(position)
        self.row.append(cell[0])
        self.column.append(cell[1])
        self.text.append(text)

    def exchange(self, first: int) -> None:
        """Exchange rows and columns of the sheet for the texts from a number on that stand in a cell."""
        for number in range(first, len(self.text)):
            if self.row[number] >= 0:
                self.row[number], self.column[number] = self.column[number], self.row[number]

    def records(self, file: str) -> Columns:
        """The texts as columns of the frame of labels."""
        kinds = [self.kinds[number] for number in self.kind]
        return {
            "block_id": [kind.block_id for kind in kinds],
            "form": [kind.form for kind in kinds],
            "panel": [kind.panel for kind in kinds],
            "position": list(self.position),
            "column_key": [kind.column_key for kind in kinds],
            "text": list(self.text),
            "file": [file] * len(kinds),
            "sheet": [kind.sheet for kind in kinds],
            "cell": [
                address(row, column) if row >= 0 else ""
                for row, column in zip(self.row, self.column, strict=True)
            ],
        }
