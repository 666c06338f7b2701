"""Findings as people are told them: what is said of many forms in one sentence, what follows below what it follows from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from expectations.reconcile import catalogue
from expectations.rules_model import Relation, Rule

Row = Mapping[Any, Any]
WORST_FIRST = ("error", "warning", "info")
CELL = re.compile(r"([A-Z]+)([0-9]+)")
NUMBER = re.compile(r"[0-9]+")


def told(rows: Sequence[Row]) -> list[Row]:
    """The findings, those of one body that differ only in the form they ask for as one that names them all.

    It stands in the place of the first, and what followed from any of them follows from it.
    """
    rules = {rule.id: rule for rule in catalogue()}
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        sign = _sign(rules, row)
        same = (row["body_id"], row["root_finding_id"], *sign) if sign else (row["finding_id"],)
        groups.setdefault(same, []).append(row)
    stands_for = {row["finding_id"]: group[0]["finding_id"] for group in groups.values() for row in group}
    return [
        {**_as_one(group, rules), "root_finding_id": stands_for.get(group[0]["root_finding_id"], "")}
        for group in groups.values()
    ]


def place_in_order(file: str, sheet: str, cells: str) -> tuple[str, str, int, int, str]:
    """By what findings stand in the order in which their file is read: row by row, from left to right.

    >>> sorted(["B10", "AA9", "C9"], key=lambda cell: place_in_order("", "", cell))
    ['C9', 'AA9', 'B10']
    >>> sorted(["第10行", "第9行"], key=lambda cell: place_in_order("", "", cell))
    ['第9行', '第10行']
    """
    first = cells.split(" ")[0]
    cell = CELL.fullmatch(first)
    if cell:
        return file, sheet, int(cell[2]), len(cell[1]), cell[1]
    row, column = [*map(int, NUMBER.findall(first)), 0, 0][:2]
    return file, sheet, row, column, first


def led(rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    """Each finding that leads with those that follow from it: the worst first, then what most follows from."""
    known = {row["finding_id"] for row in rows}
    below: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: WORST_FIRST.index(row["severity"])):
        below.setdefault(row["root_finding_id"] if row["root_finding_id"] in known else "", []).append(row)
    pairs = [(row, below.get(row["finding_id"], [])) for row in below.get("", [])]
    return sorted(pairs, key=lambda pair: (WORST_FIRST.index(pair[0]["severity"]), -len(pair[1])))


def _sign(rules: Mapping[str, Rule], row: Row) -> tuple[str, str, str] | None:
    """What tells whether findings are one: the sentence they share, how grave they are, what joins what they ask for."""
    return next(
        (
            (message, row["severity"], joined)
            for message, joined in _joining(rules, row["rule_id"])
            if not row["file"] and row["message"] == message.format(expected=row["expected"])
        ),
        None,
    )


def _joining(rules: Mapping[str, Rule], rule_id: str) -> Iterator[tuple[str, str]]:
    """The sentences of a rule whose findings are joined, and by what."""
    rule = rules.get(rule_id)
    for check in rule.checks if rule else ():
        if isinstance(check, Relation) and check.joined:
            yield check.message or (rule.message if rule else ""), check.joined


def _as_one(group: Sequence[Row], rules: Mapping[str, Rule]) -> Row:
    first, *others = group
    sign = _sign(rules, first) if others else None
    if sign is None:
        return first
    message, _, joined = sign
    names = [str(row["expected"]) for row in group]
    return {**first, "expected": "、".join(names), "message": message.format(expected=joined.join(names))}
