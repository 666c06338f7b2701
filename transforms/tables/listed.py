"""The rows of a list as they are taken so far, and steps in which they are something else because of those around them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from transforms.forms import Panel
from transforms.tables.block import Block
from transforms.tables.plan import PanelPlan
from transforms.wording.meaning import DataRow


class Listed(NamedTuple):
    """The rows of a list, in their order, with the table and the plan of its columns."""

    rows: list[DataRow]
    block: Block
    plan: PanelPlan


@dataclass(frozen=True)
class Step:
    """What rows are by those around them: `takes` gives those that it takes for something else.

    Asked where some row is of one of the `kinds`, in lists of panels that it is `for_panel`: of any kind, of every panel
    unless said. A step that is not about `sure` rows is asked only where some row may mean something else than its cells say.
    """

    takes: Callable[[Listed], Iterable[DataRow]]
    kinds: tuple[str, ...] = ()
    for_panel: Callable[[Panel], object] = bool
    sure: bool = False


def settled(listed: Listed, steps: Iterable[Step]) -> list[DataRow]:
    """The rows after some steps."""
    rows, block, plan = listed
    kinds = {row.meaning.kind for row in rows}
    for step in steps:
        if step.kinds and kinds.isdisjoint(step.kinds):
            continue
        if found := {row.index: row for row in step.takes(Listed(rows, block, plan))}:
            rows = [found.get(row.index, row) for row in rows]
            kinds = {row.meaning.kind for row in rows}
    return rows
