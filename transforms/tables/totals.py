"""What the printed totals of a list are, by one another: the year's own and the one of all, or one total twice."""

from decimal import Decimal

from transforms import forms
from transforms.tables.columns import PanelPlan
from transforms.tables.layout import Block
from transforms.wording.amounts import stated
from transforms.wording.meaning import DataRow
from transforms.wording.text import bare

_TOTAL = "total"


def settled_totals(rows: list[DataRow], block: Block, plan: PanelPlan) -> list[DataRow]:
    """The rows of a list, its totals being what they are beside one another. In a list of purchases 货物 may have a total
    for each body.
    """
    totals = [at for at, row in enumerate(rows) if _is_total(row)]
    if plan.panel.categories:
        totals = [at for at in totals if rows[at].key == _TOTAL]
    keys = [rows[at].key for at in totals]
    if plan.panel.codes and set(keys) == {forms.CURRENT}:
        rows = _alone(rows, totals)
    elif (
        not plan.panel.codes and len(keys) > 1 and set(keys) == {_TOTAL} and forms.CURRENT in plan.panel.rows
    ):
        rows = _followed(rows, totals[0])
    return _printed_again(rows, totals, block, plan)


def _is_total(row: DataRow) -> bool:
    """Whether a row is the total of its list, also under a name of the form's own (资产总额)."""
    return (row.kind == _TOTAL and not row.meaning.column) or (row.kind == "item" and row.key == _TOTAL)


def _alone(rows: list[DataRow], totals: list[int]) -> list[DataRow]:
    """A list of codes in which 本年支出合计 is the total, as the only one."""
    if not any(row.kind == "code" for row in rows):
        return rows
    return [row.but(key=_TOTAL) if at in totals else row for at, row in enumerate(rows)]


def _printed_again(rows: list[DataRow], totals: list[int], block: Block, plan: PanelPlan) -> list[DataRow]:
    """A list in which a total stands above and below, or twice: it is one of it only.

    One that says otherwise than the first is told: no check would look at it.
    """
    columns = [column.index for column in plan.of_kind("amount")]
    first: dict[str, list[Decimal]] = {}
    found = list(rows)
    for at in totals:
        row = rows[at]
        said = [stated(block.sheet.at(row.index, column)) or Decimal(0) for column in columns]
        if row.key not in first:
            first[row.key] = said
        elif first[row.key] == said:
            found[at] = row.but(kind="memo", key=bare(row.label))
        else:
            found[at] = row.but(kind="unknown")
    return found


def _followed(rows: list[DataRow], first: int) -> list[DataRow]:
    """A list of items below which 收入合计 stands, then 收入总计: the first is the year's own."""
    if not any(row.kind == "item" for row in rows[:first]):
        return rows
    return [row.but(key=forms.CURRENT) if at == first else row for at, row in enumerate(rows)]
