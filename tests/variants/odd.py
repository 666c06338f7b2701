"""Odd layouts of a form of codes: on its side, with its amounts in front, with columns beside them that say nothing new."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.variants.tables import (
    CODED,
    Figure,
    Node,
    Part,
    Row,
    Table,
    Tools,
    every_node,
    figure_of,
    leaf_amounts,
    printed_codes,
    sum_of,
)
from tests.variants.words import words

SHARE = 0.3
_FEW = 3  # rows
ON_ITS_SIDE = ("expenditure", "income", "general_by_function", "government_fund")


def sideways(tools: Tools) -> Table:
    """A form of functions on its side: kinds of money are rows, codes are columns."""
    form = tools.rng.choice(ON_ITS_SIDE)
    codes, draw = CODED[form]
    nodes = draw(tools) or [Node("basic"), Node("project")]
    leaf_keys = [leaf for node in nodes for leaf in node.leaves()]
    amounts = leaf_amounts(tools, codes, leaf_keys)
    sums = {node.key: node.leaves() for node in every_node(nodes)} | {"total": leaf_keys}
    printed = [*(node.key for node in every_node(nodes) if node.printed or not node.parts), "total"]
    columns = printed_codes(tools, amounts)
    columns += ["total"] if len(columns) == 1 or tools.chance(0.8) else []
    rows: list[Row] = [
        [
            tools.say.say("keys", key),
            *(_crossing(form, code, key, amounts, sums[key]) for code in columns),
        ]
        for key in printed
    ]
    heads = _code_heads(tools, codes, columns)
    part = Part(heads, rows, set(range(1, len(heads))))
    return Table(form, tools.say.say("titles", form), [part], {"": sum_of(amounts, "", leaf_keys)}, lies=True)


def _crossing(
    form: str, code: str, key: str, amounts: dict[tuple[str, str], int], leaves: Sequence[str]
) -> Figure:
    return figure_of(form, code, key, sum_of(amounts, "" if code == "total" else code, leaves))


def _code_heads(tools: Tools, codes: str, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """What stands over the columns: codes and names in one cell, or below each other, and a total."""
    total, names = tools.say.say("keys", "total"), words()[codes]
    if tools.chance(0.5):
        own = [(total,) if code == "total" else (f"{code}{names[code]}",) for code in columns]
        return [(tools.say.say("headers", "item"),), *own]
    own = [(total,) if code == "total" else (code, names[code]) for code in columns]
    return [(tools.say.say("headers", "code"), tools.say.say("headers", "label")), *own]


def oddly(tools: Tools, table: Table) -> Table:
    """A form of codes now and then in an odd layout; every other as it is."""
    if not table.splits or not tools.chance(SHARE):
        return table
    return tools.rng.choice(LAYOUTS)(tools, table)


def _amounts_in_front(_tools: Tools, table: Table) -> Table:
    (part,) = table.parts
    order = [*sorted(part.amounts), *(c for c in range(len(part.columns)) if c not in part.amounts)]
    moved = Part(
        [part.columns[c] for c in order],
        [[row[c] if c < len(row) else None for c in order] for row in part.rows],
        set(range(len(part.amounts))),
    )
    return replace(table, parts=[moved], splits=False)


def _checked(tools: Tools, table: Table) -> Table:
    """A column in which the table is checked."""
    held: list[str | float | None] = [0.0, "平", None]
    return _beside(
        table, (tools.rng.choice(("校验", "核对", "差额", "是否平衡")),), lambda _: tools.rng.choice(held)
    )


def _with_nothing(_tools: Tools, table: Table) -> Table:
    """A row called nothing, without an amount, in a list that is long enough to show what its columns hold."""
    (part,) = table.parts
    if len(part.rows) <= _FEW:
        return table
    front = min(part.amounts)
    row: Row = ["无" if c < front else 0.0 if c in part.amounts else None for c in range(len(part.columns))]
    return replace(table, parts=[replace(part, rows=[*part.rows[:1], row, *part.rows[1:]])], splits=False)


def _beside(table: Table, head: tuple[str, ...], held: Callable[[int], str | float | None]) -> Table:
    """A table on one sheet with one more column behind all others."""
    (part,) = table.parts
    rows = [[*row, held(n)] for n, row in enumerate(part.rows)]
    return replace(table, parts=[replace(part, columns=[*part.columns, head], rows=rows)], splits=False)


LAYOUTS = (_amounts_in_front, _checked, _with_nothing)
