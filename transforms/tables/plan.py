"""The columns of a table as they are read: what each holds, and what rows below them have meant."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from transforms.forms import Panel
from transforms.once import Recent, once
from transforms.wording.body_names import BODY_KEY


@dataclass(frozen=True)
class Column:
    """One column: kind is code, label, index, remark, body, text, amount, aside, blank or unknown."""

    index: int
    kind: str
    key: str = ""
    measure: str = "amount"
    unit: str = ""
    year: int | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PanelPlan:
    """A part of a table that is read as one panel of a form; tables of one header share it, so that it is known by itself."""

    key: str
    panel: Panel
    columns: tuple[Column, ...]

    @once
    def meanings(self) -> Recent:
        """What rows of certain cells have meant so far (rows.py)."""
        return Recent()

    @once
    def lines(self) -> Recent:
        """What rows of certain meanings have said of their figures so far (tidy.py)."""
        return Recent()

    @once
    def aside_in_front(self) -> list[Column]:
        """The columns set aside before all amounts (codes of another list): a total may have its label there."""
        first = min((column.index for column in self.of_kind("amount")), default=0)
        return [column for column in self.of_kind("aside") if column.index < first]

    @once
    def naming(self) -> list[Column]:
        """The columns that can say what a row is."""
        return [*self.of_kind("code", "label", "index", "body"), *self.aside_in_front]

    @once
    def has_items(self) -> bool:
        """Whether some column holds an item of a form whose items may be columns or rows."""
        plain = ("total", "all_total", *self.panel.measures)
        keys = (column.key for column in self.of_kind("amount"))
        return any(key not in plain and not key.startswith(BODY_KEY) for key in keys)

    @once
    def _by_kind(self) -> dict[tuple[str, ...], list[Column]]:
        return {}

    def of_kind(self, *kinds: str) -> list[Column]:
        """The columns of some kinds, in their order."""
        if kinds not in self._by_kind:
            self._by_kind[kinds] = [column for column in self.columns if column.kind in kinds]
        return self._by_kind[kinds]

    def taking(self, changed: Iterable[Column]) -> "PanelPlan":
        """The part with columns that are something else than they were taken for."""
        found = {column.index: column for column in changed}
        columns = tuple(found.get(column.index, column) for column in self.columns)
        return replace(self, columns=columns) if found else self

    def without_amounts(self, kind: str) -> "PanelPlan":
        """The part as a list that is not used (aside), or of which nothing says what it lists (unknown)."""
        return self.taking(as_kind(kind, self.of_kind("amount")))


def as_kind(kind: str, columns: Iterable[Column]) -> list[Column]:
    """The columns as ones of another kind."""
    return [replace(column, kind=kind) for column in columns]
