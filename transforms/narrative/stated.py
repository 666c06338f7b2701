"""What a sentence yields: figures with their addresses, remarks on them, slips of the hand."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """A row of a panel of the form `document`."""

    panel: str
    row: str


@dataclass(frozen=True)
class Stated:
    """One figure: its address, the amount in 分 (hundredths of a count or a percentage; None where it was left out).

    `step` is the display step of its own wording. `start` and `end` are offsets in the printed text. `position`
    joins it to the remarks on it.
    """

    place: Place
    column: str
    measure: str
    amount: int | None
    unit: str
    step: int
    start: int
    end: int
    position: int


@dataclass(frozen=True)
class Remark:
    """A text that belongs to a stated figure: a reason, a year named, 持平; `start` and `end` are offsets in the printed text."""

    position: int
    place: Place
    column: str
    text: str
    start: int
    end: int = 0


@dataclass(frozen=True)
class Slip:
    """Something typed wrong: a unit twice (`twice`), an amount left out (`missing`)."""

    kind: str
    text: str
    start: int


@dataclass
class Read:
    """What the sentence from `start` to `end` yields; `understood` is None where it states no figure."""

    start: int
    end: int
    figures: list[Stated] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    understood: bool | None = None
