"""Findings that reading has made already lead the identities that fail because of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from expectations.ground import Flags, Ground, Ints
from expectations.messages import FEN, place
from expectations.network import Network, department_of

LEADING_RULES = ("CEL-01", "SUB-11", "SUB-12")
ROW_RULES = ("CEL-06", "CEL-08")
UNREAD_RULE = "SUB-16"
FILE_RULE, MISSING_RULE = "SUB-09", "SUB-03"
ROOT = "root"

Row = dict[str, Any]


def follow_files(rows: list[Row]) -> list[Row]:
    """What a body lacks follows from its file that cannot be read."""
    unread = {
        row["body_id"]: number for number, row in reversed([*enumerate(rows)]) if row["rule_id"] == FILE_RULE
    }
    return [
        {**row, ROOT: unread[row["body_id"]]}
        if row["rule_id"] == MISSING_RULE and row["body_id"] in unread
        else row
        for row in rows
    ]


def follow_cells(ground: Ground, network: Network, rows: list[Row]) -> tuple[list[Row], Network]:
    """Findings on a cell or a row that cannot be read lead the identities that lack its figure."""
    index = identity_rows(rows)
    group_of = dict(zip(ground.bodies["body_id"], department_of(ground).tolist(), strict=True))
    for number, row in enumerate(rows):
        kind = row["rule_id"]
        if (
            row["severity"] != "error"
            or kind not in (*LEADING_RULES, *ROW_RULES)
            or row["body_id"] not in group_of
        ):
            continue
        asked = np.flatnonzero(network.fails & (network.group == group_of[row["body_id"]]))
        explain = _lacking_row if kind in ROW_RULES else _lacking_cell
        explained = explain(ground, network, row, asked)
        network = network.without(explained)
        rows = _grouped(rows, index, explained.tolist(), number)
    for number, row in enumerate(rows):
        if row["rule_id"] == UNREAD_RULE and row["body_id"] in group_of:
            asked = np.flatnonzero(network.fails & (network.group == group_of[row["body_id"]]))
            explained = _lacking_unread(ground, network, row, asked)
            network = network.without(explained)
            rows = _led_by_unread(rows, [index[each] for each in explained.tolist() if each in index], number)
    return rows, network


def _lacking_unread(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities of the sheet that lack what stands in a cell that was not read."""
    text = row["found"].replace(",", "")
    if not len(asked) or not text.replace(".", "", 1).isdigit() or not float(text):
        return asked[:0]
    facts = _of_sheet(ground, row)
    if not len(facts):
        return asked[:0]
    amount = round(Decimal(text) * FEN.get(str(ground.facts["unit"].iloc[facts[0]]), 100))
    edges = np.flatnonzero(np.isin(network.identity, asked))
    touching = np.unique(network.identity[edges[np.isin(network.fact[edges], facts)]])
    away = np.abs(np.abs(network.residual[touching]) - amount)
    return np.asarray(touching[away <= network.slack[touching]])


def _led_by_unread(rows: list[Row], members: Sequence[int], unread: int) -> list[Row]:
    """The findings that lack an unread figure, the first of them at its cell and before the others."""
    if not members:
        return rows
    lead, cell = min(members), rows[unread]
    grouped = _grouped_rows(rows, [*members, unread], lead)
    where = place(cell["sheet"], cell["cell"])
    told = f"{rows[lead]['message']}{where} 的数字 {cell['found']} 没有取用，相差正是此数，请先核对该行的编码和名称。"
    grouped[lead] = {
        **grouped[lead],
        "file": cell["file"],
        "sheet": cell["sheet"],
        "cell": cell["cell"],
        "message": told,
    }
    return grouped


def identity_rows(rows: Sequence[Row]) -> dict[int, int]:
    return {row["identity"]: number for number, row in enumerate(rows) if row["identity"] >= 0}


def _lacking_cell(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities that touch the cell, or its row or column, and lack one and the same amount."""
    use = np.isin(network.identity, asked)
    edges, facts = network.identity[use], network.fact[use]
    touching = np.unique(edges[_beside(ground, facts, row)])
    lacking = np.abs(network.residual[touching])
    if not len(lacking):
        return touching
    amount = Counter(lacking.tolist()).most_common(1)[0][0]
    return np.asarray(asked[np.abs(np.abs(network.residual[asked]) - amount) <= network.slack[asked]])


def _beside(ground: Ground, facts: Ints, row: Row) -> Flags:
    """Facts of the same sheet in the row or the column of a finding's cell."""
    shown = ground.facts.take(facts)
    here = (shown["file"] == row["file"]) & (shown["sheet"] == row["sheet"])
    column, line = _split(row["cell"])
    parted = shown["cell"].str.extract(r"([A-Z]+)(\d+)")
    return np.asarray(here & ((parted[0] == column) | (parted[1] == line)), dtype=bool)


def _split(cell: str) -> tuple[str, str]:
    return cell.rstrip("0123456789"), cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _of_sheet(ground: Ground, row: Row) -> Ints:
    """The facts of the sheet that a finding speaks of."""
    body = np.flatnonzero(ground.bodies["body_id"].to_numpy(dtype=object) == row["body_id"])
    facts = np.flatnonzero(np.isin(ground.body, body))
    shown = ground.facts.take(facts)
    here = (shown["file"] == row["file"]) & (shown["sheet"] == row["sheet"])
    return np.asarray(facts[here.to_numpy(dtype=bool)])


def _lacking_row(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities that lack, or have too much, what one cell of the row holds; of relations at most that."""
    facts = _of_sheet(ground, row)
    line = _split(row["cell"])[1]
    own = ground.facts["cell"].take(facts).str.fullmatch(rf"[A-Z]+{line}")
    amounts = np.unique(np.abs(ground.amount[facts[own.to_numpy(dtype=bool)]]))
    amounts = amounts[amounts > 0]
    lacking = np.abs(network.residual[asked])
    away = np.abs(lacking[:, None] - amounts[None, :])
    exact = (away <= network.slack[asked][:, None]).any(axis=1)
    at_most = (network.sign[asked] != 0) & (lacking <= amounts.max(initial=0))
    return np.asarray(asked[exact | at_most])


def _grouped(rows: list[Row], index: Mapping[int, int], identities: Iterable[int], lead: int) -> list[Row]:
    return _grouped_rows(rows, [index[identity] for identity in identities if identity in index], lead)


def _grouped_rows(rows: list[Row], members: Iterable[int], lead: int) -> list[Row]:
    grouped = list(rows)
    for number in members:
        grouped[number] = {**grouped[number], ROOT: lead}
    return grouped
