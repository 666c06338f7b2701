"""What a row of a table means, as far as its own cells and those around it tell."""

from dataclasses import dataclass, replace
from typing import Any

from transforms.once import recalled
from transforms.wording.code_text import PART_WIDTH, open_codes


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What a row of a panel is. `kind`: code, item, total, unit, memo, position, single, filler, aside or unknown.

    `column`: what a total is of, where its label says so (人员经费合计) or what it adds up, rather than its column.
    `level` orders the rows of a form of positions (procurement): 0 grand total, 1 category, 2 group, 3 item.
    `measure`: what a row of its own holds instead of this year's amounts (2022年), '' for these.
    `unit`: the body whose row it is, in a list over several of them. `why`: the sentence on why the row is unread, '' where its
    kind and its words say it.
    Rows of equal cells share a meaning, which is known by itself.
    """

    kind: str
    key: str
    label: str
    level: int = 0
    column: str = ""
    measure: str = ""
    unit: str = ""
    year: int | None = None
    why: str = ""

    @property
    def depends(self) -> bool:
        """Whether the rows around it may say that it is something else."""
        short = self.kind == "code" and (len(self.key) <= PART_WIDTH or bool(open_codes(self.key)))
        return short or self.kind in ("unit", "memo", "aside", "unknown") or self.year is not None


@dataclass(slots=True)
class DataRow:
    """A row of a sheet with its meaning."""

    index: int
    meaning: Meaning

    @property
    def kind(self) -> str:
        return self.meaning.kind

    @property
    def key(self) -> str:
        return self.meaning.key

    @property
    def label(self) -> str:
        return self.meaning.label

    def but(self, **changes: Any) -> "DataRow":
        """The row with another meaning."""
        return DataRow(self.index, _changed(self.meaning, tuple(changes.items())))


@recalled
def _changed(meaning: Meaning, changes: tuple[tuple[str, Any], ...]) -> Meaning:
    return replace(meaning, **dict(changes))
