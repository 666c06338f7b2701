"""Which of the identities that fail a cell without a readable figure may enter, by where it stands."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from expectations.ground import Flags, Ground, Ints
from expectations.network import Network


def column_and_line(cell: str) -> tuple[str, str]:
    """The letters and the digits of a cell's address."""
    return cell.rstrip("0123456789"), cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def of_sheet(ground: Ground, row: Mapping[str, Any]) -> Ints:
    """The facts of the sheet that a finding speaks of."""
    return ground.of_sheet.get((row["file"], row["sheet"]), np.zeros(0, dtype=np.int64))


def on_line(ground: Ground, facts: Ints, line: str) -> Flags:
    """Which of the facts stand in a row of their sheet, by its number."""
    return np.asarray(ground.line[facts] == (int(line) if line.isdigit() else 0))


def one_sided(ground: Ground, network: Network, row: Mapping[str, Any], asked: Ints) -> Ints:
    """The identities of the body that compare figures with none at all."""
    own = np.flatnonzero(ground.bodies["body_id"].to_numpy(dtype=object) == row["body_id"])
    use = np.isin(network.identity, asked)
    total, parts = (network.identity[use & (network.total == side)] for side in (True, False))
    of_body = network.identity[use & np.isin(ground.body[network.fact], own)]
    return np.intersect1d(np.setxor1d(total, parts), of_body)


def may_enter(ground: Ground, network: Network, row: Mapping[str, Any], asked: Ints, column: str) -> Ints:
    """Those of the identities that a figure in the finding's row and such a column (blank: any) could change.

    What is added up within its sheet does so along its row or its column, there with rows that add into the same
    total, or along neither; everything else compares figures of its sheet with others, or with none at all.
    """
    line, own = column_and_line(row["cell"])[1], of_sheet(ground, row)
    use = np.isin(network.identity, asked)
    facts = network.fact[use]
    sums = pd.DataFrame(
        {
            "here": np.isin(facts, own),
            "total": network.total[use],
            "line": ground.line[facts],
            "own_line": on_line(ground, facts, line),
            "column": ground.letters[facts],
            "stranger": ~network.total[use] & _strangers(ground, facts, own, line),
        }
    ).groupby(network.identity[use])
    here, total, strange = sums["here"], sums["total"], sums["stranger"]
    in_a_table = line.isdigit()
    within = here.all() & total.any() & ~total.all() & in_a_table
    elsewhere = (sums["line"].nunique() == 1) & ~sums["own_line"].any()
    if column:
        elsewhere |= (sums["column"].nunique() == 1) & ((sums["column"].first() != column) | strange.any())
    near = here.any() | here.any().index.isin(one_sided(ground, network, row, asked))
    return np.asarray(near.index[near & ~(within & elsewhere)], dtype=np.int64)


def _strangers(ground: Ground, facts: Ints, own: Ints, line: str) -> Flags:
    """Facts that add into the total of other rows than those into which the finding's row adds."""
    above = ground.row_parent[own[on_line(ground, own, line)]]
    totals = ground.line[above[above >= 0]]
    parent = ground.row_parent[facts]
    astray = (parent >= 0) & ~np.isin(ground.line[parent], totals)
    return np.asarray(astray & bool(len(totals)))
