"""What became of every cell of a file: beside each sheet's grid of values a grid of marks.

A mark is the number of a reason (disposition, form, sentence). Most cells of a table's row share the marks of the row
above, so that a row is marked by copying; nothing is written out per cell until the ledger is published.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from transforms.recorded import Columns
from transforms.workbook import Cell, Sheet, address, raw_text

Why = tuple[str, str, str]


@dataclass
class MarkedSheet:
    """A sheet with a mark for each of its cells, row after row; 0 where nobody has said yet what became of it."""

    name: str
    rows: list[list[object]]
    starts: "array[int]"
    marks: "array[int]"

    def settle(self, cell: Cell, mark: int) -> None:
        """Give a cell its mark, unless it has one."""
        at = self.starts[cell[0]] + cell[1]
        self.marks[at] = self.marks[at] or mark

    def __getstate__(self) -> tuple[object, ...]:
        """Its cells in a row, numbers apart from texts: sheets of a million cells travel between processes too."""
        numbers = array("d", (value for row in self.rows for value in row if value.__class__ is float))
        others = [None if value.__class__ is float else value for row in self.rows for value in row]
        return self.name, self.starts, self.marks, numbers, others

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.name, self.starts, self.marks, numbers, others = state
        number = iter(numbers)
        values = [next(number) if value is None else value for value in others]
        self.rows = [values[first:end] for first, end in pairwise(self.starts)]


@dataclass
class Ledger:
    """The marked sheets of a file, and cells that only a second look has seen: (sheet, row, column, mark, text)."""

    sheets: list[MarkedSheet] = field(default_factory=list)
    whys: list[Why] = field(default_factory=lambda: [("", "", "")])
    unseen: list[tuple[str, int, int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = {why: number for number, why in enumerate(self.whys)}
        self._of_sheet: dict[int, MarkedSheet] = {}

    def __getstate__(self) -> dict[str, object]:
        return {"sheets": self.sheets, "whys": self.whys, "unseen": self.unseen}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    def number(self, disposition: str, form: str = "", reason: str = "") -> int:
        """The mark of a reason."""
        why = (disposition, form, reason)
        if why not in self._numbers:
            self._numbers[why] = len(self.whys)
            self.whys.append(why)
        return self._numbers[why]

    def marked(self, sheet: Sheet) -> MarkedSheet:
        """The marks of a sheet."""
        found = self._of_sheet.get(id(sheet.rows))
        if found is None:
            starts = array("i", accumulate(map(len, sheet.rows), initial=0))
            found = MarkedSheet(sheet.name, sheet.rows, starts, array("H", bytes(2 * starts[-1])))
            self._of_sheet[id(sheet.rows)] = found
            self.sheets.append(found)
        return found

    def settle(
        self, sheet: Sheet, cells: Iterable[Cell], disposition: str, form: str = "", reason: str = ""
    ) -> None:
        """Give cells their disposition, unless they have one."""
        number, marked = self.number(disposition, form, reason), self.marked(sheet)
        for cell in cells:
            marked.settle(cell, number)

    def settle_row(self, sheet: Sheet, row: int, disposition: str, form: str = "", reason: str = "") -> None:
        """Give every cell of a row the same disposition."""
        number, marked = self.number(disposition, form, reason), self.marked(sheet)
        first, end = marked.starts[row], marked.starts[row + 1]
        marked.marks[first:end] = array("H", [number]) * (end - first)

    def promote(self, sheet: Sheet, cell: Cell, disposition: str, form: str) -> None:
        """Say more of a cell that is known as a fact: that it is a total."""
        marked = self.marked(sheet)
        at = marked.starts[cell[0]] + cell[1]
        if self.whys[marked.marks[at]][0] == "fact":
            marked.marks[at] = self.number(disposition, form)

    def exchange(self, turned: Sheet, sheet: Sheet) -> None:
        """Give the cells of a sheet the marks of one that has its rows as columns, and forget that one."""
        found, marked = self.marked(turned), self.marked(sheet)
        for row, column, _ in turned.filled():
            marked.settle((column, row), found.marks[found.starts[row] + column])
        del self._of_sheet[id(turned.rows)]
        self.sheets.remove(found)

    def unread(self, sheet: Sheet, cell: Cell, reason: str, text: str) -> None:
        """Enter a cell that is blank to the reader of values, but not empty."""
        self.unseen.append((sheet.name, *cell, self.number("unread", "", reason), text))

    def take_unseen(self, other: "Ledger") -> None:
        """Take over the cells that another ledger of the same file has entered as unseen."""
        for sheet, row, column, mark, text in other.unseen:
            self.unseen.append((sheet, row, column, self.number(*other.whys[mark]), text))

    def records(self, file: str) -> Columns:
        """The ledger as columns of the frame of cells, sheet by sheet and row by row."""
        found = [*self._seen(), *((s, r, c, text, self.whys[mark]) for s, r, c, mark, text in self.unseen)]
        sheets, rows, columns, values, whys = zip(*found, strict=True) if found else ((),) * 5
        return {
            "file": [file] * len(found),
            "sheet": list(sheets),
            "cell": list(map(address, rows, columns)),
            "raw": list(map(raw_text, values)),
            "disposition": [why[0] for why in whys],
            "form": [why[1] for why in whys],
            "reason": [why[2] for why in whys],
        }

    def _seen(self) -> Iterator[tuple[str, int, int, object, Why]]:
        for sheet in self.sheets:
            marks = iter(sheet.marks)
            for row, values in enumerate(sheet.rows):
                for column, (value, mark) in enumerate(zip(values, marks, strict=False)):
                    if mark and value != "":
                        yield sheet.name, row, column, value, self.whys[mark]
