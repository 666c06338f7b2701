"""Rows that both halves of a list side by side have: the list and a copy of it, or a draft beside it."""

from collections.abc import Iterator, Sequence

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.half_totals import are_one_list
from transforms.tables.plan import PanelPlan
from transforms.tables.rows import read_rows
from transforms.tables.sums import states_any
from transforms.wording.meaning import DataRow
from transforms.wording.messages import message
from transforms.wording.text import bare

_NAMED = frozenset({"code", "item", "unit"})
_TOTAL = "total"
Named = tuple[str, str]


def without_copies(block: Block, plans: Sequence[PanelPlan]) -> tuple[PanelPlan, ...]:
    """The panels of a table, halves set aside that say cell by cell what another one before them says.

    Where they name totals alone, these may as well be of a half each, or of all twice.
    """
    said: set[object] = set()
    found = []
    for plan in plans:
        held = [c for c in plan.columns if not block.is_blank(c.index)]
        own = plan.key, tuple((c.kind, c.key, c.measure, tuple(block.column(c.index))) for c in held)
        found.append(plan.without_amounts("aside") if own in said and _lists_any(block, plan) else plan)
        said.add(own)
    return tuple(found)


def _lists_any(block: Block, plan: PanelPlan) -> bool:
    """Whether a half names anything but totals, or has no column to name it in."""
    naming = plan.of_kind("code", "label", "text", "body")
    return not naming or any(any(block.content(column.index)) for column in naming)


def apart_from_doubles(
    rows: list[DataRow], block: Block, plan: PanelPlan, plans: Sequence[PanelPlan]
) -> list[DataRow]:
    """One half of a list, without what another half of the same columns has too, and totals: nobody knows which one counts,
    unless a total adds up both."""
    if plan.panel.categories:
        return rows
    others = [each for each in plans if each is not plan and each.key == plan.key and _same(each, plan)]
    elsewhere = {said for each in others for said in _named(read_rows(block, each), block, each)}
    doubles = elsewhere.intersection(_named(rows, block, plan))
    if not doubles or are_one_list(block, [plan, *others]):
        return rows
    return [
        row.but(kind="unknown", key="", why=message("in_both_halves", row=row.label))
        if _is_total(row) or _name(row) in doubles
        else row
        for row in rows
    ]


def _is_total(row: DataRow) -> bool:
    """Whether a row is a printed total, also one that is taken for another's (half_totals.py, totals.py)."""
    return row.kind == _TOTAL or bare(row.label) in common_words.total_words()


def _same(one: PanelPlan, other: PanelPlan) -> bool:
    """Whether two halves have a column in common."""
    keys = ({(column.key, column.measure) for column in plan.of_kind("amount")} for plan in (one, other))
    return bool(set.intersection(*keys))


def _named(rows: list[DataRow], block: Block, plan: PanelPlan) -> Iterator[Named]:
    """What the rows of a half are that state an amount."""
    return (_name(row) for row in rows if row.kind in _NAMED and states_any(block, plan, row.index))


def _name(row: DataRow) -> Named:
    return row.key, row.meaning.unit
