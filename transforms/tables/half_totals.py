"""Totals of a list that stands in halves side by side: of one half, or of all of it."""

from collections.abc import Sequence
from decimal import Decimal

from transforms import forms
from transforms.tables.layout import Block
from transforms.tables.plan import PanelPlan
from transforms.tables.rows import read_rows
from transforms.tables.totals import parts_at_top
from transforms.wording.amounts import stated
from transforms.wording.meaning import DataRow
from transforms.wording.text import bare
from transforms.wording.words import WORDS

_TOTAL = "total"
_FEWEST = 2
Sums = tuple[Decimal, ...]


def sums_of_halves(
    rows: list[DataRow], block: Block, plan: PanelPlan, plans: Sequence[PanelPlan]
) -> list[DataRow]:
    """One half of a list, where several halves have a total: one that adds up its own half is none of the whole list.

    The one of all may stand in each half: it is one of the first only. What is neither is told.
    """
    halves = [each for each in plans if each.key == plan.key]
    total = next((row for row in rows if row.kind == _TOTAL and row.key == _TOTAL), None)
    if total is None or sum(_names_a_total(block, each) for each in halves) < _FEWEST:
        return rows
    listed = [rows if each is plan else read_rows(block, each) for each in halves]
    own, said = _added(block, plan, rows), _stated(block, plan, [total])
    added = (_added(block, each, part) for each, part in zip(halves, listed, strict=True))
    whole = tuple(map(sum, zip(*added, strict=False)))
    alone = sum(bool(parts_at_top(part)) for part in listed) < _FEWEST
    first = plan is next(each for each in halves if _names_a_total(block, each))
    if said == whole and first and (alone or said != own):
        return rows
    kind = "memo" if said in (own, whole) else "unknown"
    changed = total.but(kind=kind, key=bare(total.label) if kind == "memo" else total.key)
    return [changed if row is total else row for row in rows]


def _added(block: Block, plan: PanelPlan, rows: list[DataRow]) -> Sums:
    """What the rows of a half add up to, column by column."""
    top = set(parts_at_top(rows))
    return _stated(block, plan, [row for row in rows if row.index in top])


def _stated(block: Block, plan: PanelPlan, rows: list[DataRow]) -> Sums:
    columns = [column.index for column in plan.of_kind("amount")]
    cells = ([stated(block.sheet.at(row.index, column)) for row in rows] for column in columns)
    return tuple(sum((figure or Decimal(0) for figure in each), Decimal(0)) for each in cells)


def _names_a_total(block: Block, plan: PanelPlan) -> bool:
    """Whether a total is named in the columns of a half, with a figure or without."""
    names = [column.index for column in plan.of_kind("code", "label")]
    words = (WORDS[str(value)].bare for column in names for value in block.column(column))
    return any(forms.total_words().get(word) == _TOTAL for word in words)
