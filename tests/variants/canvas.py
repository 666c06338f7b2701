"""A sheet being drawn: values, merged ranges, and which figure each numeric cell states."""

from dataclasses import dataclass, field

from tests.variants.tables import Figure
from transforms.workbook import Merge, Sheet, address


@dataclass(frozen=True)
class Stated:
    """What a cell states: its figure, the unit that the table declares (None: none that a reader can know)."""

    figure: Figure | None
    declared: bool


@dataclass
class Canvas:
    """One sheet. `truth`: cell address to what it states."""

    name: str
    values: dict[tuple[int, int], object] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    truth: dict[str, Stated] = field(default_factory=dict)
    row: int = 0

    def put(self, row: int, column: int, value: object) -> None:
        if value not in ("", None):
            assert (row, column) not in self.values
            self.values[row, column] = value

    def state(self, row: int, column: int, value: object, stated: Stated) -> None:
        """Put a figure's cell; a figure left blank states nothing."""
        self.put(row, column, value)
        if value != "":
            self.truth[address(row, column)] = stated

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self.merges.append((top, left, bottom, right))

    def sheet(self) -> Sheet:
        """The sheet as a reader of values gives it: rows without trailing blanks."""
        height = max((r for r, _ in self.values), default=-1) + 1
        rows: list[list[object]] = [[] for _ in range(height)]
        for (r, c), value in sorted(self.values.items()):
            rows[r] += [""] * (c - len(rows[r])) + [value]
        merges = tuple(self.merges)
        return Sheet(self.name, rows, merges)
