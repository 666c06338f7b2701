"""Which printed total each figure adds into, along rows and along columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.forms import Form, Panel

if TYPE_CHECKING:
    from transforms.tidy import Fact

Address = tuple[str, str, str, str, str]
_CODE_STEPS = (5, 3)


def link(facts: list[Fact], form: Form) -> None:
    """Set row_parent, column_parent (positions in `facts`) and role of one table's facts."""
    by_row: dict[Address, int] = {}
    by_line: dict[tuple[str, int, str, str], int] = {}
    for number, fact in enumerate(facts):
        by_row.setdefault((fact.panel, fact.row_key, fact.column_key, fact.measure, _list(fact)), number)
        by_line.setdefault((fact.panel, fact.line, fact.column_key, fact.measure), number)
    groups = _groups(facts)
    for number, fact in enumerate(facts):
        panel = form.panels[fact.panel]
        if fact.kind == "memo" and not _whole_family(fact, panel, by_row):
            continue
        fact.row_parent = groups.get(number) if fact.level else _row_parent(fact, panel, by_row)
        if fact.level and fact.row_parent is None and fact.row_key != "total":
            fact.row_parent = by_row.get((fact.panel, "total", fact.column_key, fact.measure, ""))
        fact.column_parent = _column_parent(fact, panel, by_row, by_line)
    _set_roles(facts)


def _whole_family(fact: Fact, panel: Panel, by_row: dict[Address, int]) -> bool:
    """Whether an *of which* row stands with all its siblings, and so is a part like any other."""
    tree = panel.columns if panel.items_as_rows else panel.rows
    key = fact.column_key if panel.items_as_rows else fact.row_key
    parents = (panel.above_column if panel.items_as_rows else panel.above_row).get(key, [])[:1]
    siblings = tree[parents[0]] if parents else []
    return len(siblings) > 1 and all(_has(fact, panel, sibling, by_row) for sibling in siblings)


def _has(fact: Fact, panel: Panel, key: str, by_row: dict[Address, int]) -> bool:
    row, column = ("total", key) if panel.items_as_rows else (key, fact.column_key)
    return (fact.panel, row, column, fact.measure, "") in by_row


def _list(fact: Fact) -> str:
    """The body to whose list of codes a fact belongs; '' for every other row."""
    return fact.body if fact.kind == "code" else ""


def _row_parent(fact: Fact, panel: Panel, by_row: dict[Address, int]) -> int | None:
    """The nearest printed total above a row: a shorter code, a parent item, the grand total."""
    if fact.kind in ("single", "transposed"):
        return None
    for where in dict.fromkeys((fact.panel, panel.totals_in or fact.panel)):
        for key in _keys_above(fact, panel):
            for body in dict.fromkeys((_list(fact), "")):
                found = by_row.get((where, key, fact.column_key, fact.measure, body))
                if found is not None:
                    return found
    return None


def _keys_above(fact: Fact, panel: Panel) -> list[str]:
    if fact.kind == "code":
        codes = [fact.row_key[:n] for n in _CODE_STEPS if n < len(fact.row_key)]
        return [*codes, *([fact.body] if fact.body else []), "total"]
    if fact.kind == "unit":
        return [fact.row_key[:n] for n in range(len(fact.row_key) - 1, 0, -1)] + ["total"]
    if panel.classes and fact.row_key.isdigit():
        return ["current_total", "total"]
    if fact.row_key == "total":
        return []
    return panel.above_row.get(fact.row_key, [])


def _column_parent(
    fact: Fact, panel: Panel, by_row: dict[Address, int], by_line: dict[tuple[str, int, str, str], int]
) -> int | None:
    for key in panel.above_column.get(fact.column_key, []):
        if fact.kind in ("transposed", "memo") and panel.items_as_rows:
            found = by_row.get((fact.panel, "total", key, fact.measure, ""))
        else:
            found = by_line.get((fact.panel, fact.line, key, fact.measure))
        if found is not None:
            return found
    return None


def _groups(facts: list[Fact]) -> dict[int, int]:
    """For lists with subtotals inside the data: each row's nearest row of a lower level before it."""
    parents: dict[int, int] = {}
    open_rows: dict[int, int] = {}
    for number, fact in sorted(enumerate(facts), key=lambda entry: entry[1].line):
        if not fact.level:
            continue
        above = [open_rows[level] for level in range(fact.level) if level in open_rows]
        if above:
            parents[number] = above[-1]
        open_rows = {level: row for level, row in open_rows.items() if level < fact.level} | {
            fact.level: number
        }
    return parents


def _set_roles(facts: list[Fact]) -> None:
    """Printed totals: rows labelled so beside other rows, and figures into which others (or due blanks) add."""
    totals = {
        parent
        for fact in facts
        for parent in (fact.row_parent, fact.column_parent)
        if parent is not None and (fact.amount is not None or facts[parent].amount is not None)
    }
    beside_others = {fact.panel for fact in facts if fact.kind in ("code", "item", "position", "unit")}
    for number, fact in enumerate(facts):
        if number in totals or (fact.kind == "total" and fact.panel in beside_others):
            fact.role = "total"
        elif fact.role == "memo" and (fact.row_parent is not None or fact.column_parent is not None):
            fact.role = "leaf"
