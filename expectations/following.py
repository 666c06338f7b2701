"""Findings that reading has made already lead the identities that fail because of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from expectations.entering import column_and_line, may_enter, of_sheet, on_line, one_sided
from expectations.ground import UNREAD_RULE, Flags, Ground, Ints
from expectations.messages import place
from expectations.network import Network, department_of
from expectations.saying import Messages
from expectations.units import FEN_PER

say = Messages(__file__)

LEADING_RULES = ("CEL-01", "SUB-11", "SUB-12")
ROW_RULES = ("CEL-06", "CEL-08")
SUM_RULE = "BAL-02"
BLANK_RULE, NOTE_RULE = "SUB-17", "SUB-19"
UNKNOWN_RULE = "SUB-05"
FILE_RULE, MISSING_RULE = "SUB-09", "SUB-03"
BODY_RULE = "SUB-07"
BETWEEN_FILES = (BODY_RULE, "SUB-02", "SUB-04")
ROOT = "root"

Row = dict[str, Any]
Spot = tuple[str, str, str]


def follow_files(rows: list[Row]) -> list[Row]:
    """What a body lacks follows from its file that cannot be read, else from its lacking the main forms."""
    leads = {
        rule_id: {
            row["body_id"]: number for number, row in reversed([*enumerate(rows)]) if _stands(row, rule_id)
        }
        for rule_id in (FILE_RULE, MISSING_RULE)
    }
    first = leads[MISSING_RULE] | leads[FILE_RULE]
    return [
        {**row, ROOT: first[row["body_id"]]}
        if row["rule_id"] == MISSING_RULE and row["body_id"] in first
        else row
        for row in rows
    ]


def follow_tables(rows: list[Row]) -> list[Row]:
    """That the figures of a table were not read follows from its not being known."""
    unknown = {spot(row): number for number, row in enumerate(rows) if row["rule_id"] == UNKNOWN_RULE}
    return [
        {**row, ROOT: unknown[spot(row)]} if row["rule_id"] == UNREAD_RULE and spot(row) in unknown else row
        for row in rows
    ]


def follow_templates(rows: list[Row]) -> list[Row]:
    """That the tables of a blank template have no note of an empty table follows from its being blank."""
    blank = {row["body_id"]: number for number, row in enumerate(rows) if row["rule_id"] == BLANK_RULE}
    return [
        {**row, ROOT: blank[row["body_id"]]}
        if row["rule_id"] == NOTE_RULE and row["severity"] == "info" and row["body_id"] in blank
        else row
        for row in rows
    ]


def follow_sums(ground: Ground, rows: list[Row]) -> list[Row]:
    """A printed sum of which no part was read and the unread figures in its column that add up to it are one fault."""
    unread = dict[Spot, list[int]]()
    for number, row in enumerate(rows):
        if row["rule_id"] == UNREAD_RULE:
            unread.setdefault(_column_of(row), []).append(number)
    for number, row in enumerate(rows):
        if row["rule_id"] == SUM_RULE and row["identity"] < 0:
            parts = unread.get(_column_of(row), [])
            amounts = [_fen_of(ground, rows[part]) for part in parts]
            if parts and sum(amounts) == round(Decimal(row["found"]) * 100):
                rows = _led_by_unread(rows, [number], parts[0]) if len(parts) == 1 else rows
                rows = _grouped_rows(rows, parts, number)
    return rows


def _column_of(row: Row) -> Spot:
    """In which column a finding stands: file, sheet, letters."""
    return row["file"], row["sheet"], column_and_line(row["cell"])[0]


def _fen_of(ground: Ground, row: Row) -> int:
    """What an unread cell states in the unit of its sheet, in 分; 0 where it is no figure, or the sheet has none."""
    text, facts = row["found"].replace(",", ""), of_sheet(ground, row)
    if not len(facts) or not text.replace(".", "", 1).isdigit():
        return 0
    return round(Decimal(text) * FEN_PER.get(str(ground.facts["unit"].iloc[facts[0]]), 100))


def spot(row: Mapping[str, Any]) -> Spot:
    """Where a finding stands: file, sheet, cell."""
    return row["file"], row["sheet"], row["cell"]


def _stands(row: Row, rule_id: str) -> bool:
    """Whether a finding is an error of the rule on a file as a whole, or on all that was sent."""
    return bool(row["rule_id"] == rule_id and row["severity"] == "error" and not row["sheet"])


def follow_bodies(ground: Ground, network: Network, rows: list[Row]) -> tuple[list[Row], Network]:
    """Where a file names another body than the others of its submission, what does not fit between files follows."""
    leads: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if _stands(row, BODY_RULE):
            leads.setdefault(row["body_id"], []).append(number)
    if not leads:
        return rows, network
    mixed = _between_files(ground, network)
    asked = set(np.flatnonzero(network.fails & mixed).tolist())
    following = [
        number
        for number, row in enumerate(rows)
        if row["body_id"] in leads and (row["identity"] in asked or row["rule_id"] in BETWEEN_FILES)
    ]
    led = list(rows)
    for number in following:
        named = leads[rows[number]["body_id"]]
        own = [lead for lead in named if rows[lead]["file"] == rows[number]["file"]]
        led[number] = {**rows[number], ROOT: number if number in named else (own or named)[0]}
    identities = [rows[number]["identity"] for number in following if rows[number]["identity"] >= 0]
    return led, network.without(np.array(identities, dtype=np.int64))


def _between_files(ground: Ground, network: Network) -> Flags:
    """Of each identity whether its figures stand in several files."""
    file, _ = pd.factorize(ground.facts["file"])
    first, last = np.full(len(network.fails), len(file)), np.full(len(network.fails), -1)
    np.minimum.at(first, network.identity, file[network.fact])
    np.maximum.at(last, network.identity, file[network.fact])
    return np.asarray(first < last)


def follow_cells(ground: Ground, network: Network, rows: list[Row]) -> tuple[list[Row], Network]:
    """Findings on a cell or a row that cannot be read lead the identities that lack its figure."""
    index = identity_rows(rows)
    group_of = dict(zip(ground.bodies["body_id"], department_of(ground).tolist(), strict=True))
    for number, row in enumerate(rows):
        explain = EXPLAINING.get(row["rule_id"]) if row["severity"] == "error" else None
        if explain is None or row["body_id"] not in group_of:
            continue
        asked = _asked(network, group_of, row)
        if not len(asked):
            continue
        explained = explain(ground, network, row, asked)
        network = network.without(explained)
        rows = _grouped(rows, index, explained.tolist(), number)
    return _follow_unread(ground, network, rows, group_of)


def _follow_unread(
    ground: Ground, network: Network, rows: list[Row], group_of: Mapping[str, int]
) -> tuple[list[Row], Network]:
    """A figure that was not read leads the identities that lack it; those of one row are one fault."""
    index, leads = identity_rows(rows), dict[tuple[str, ...], int]()
    for number, row in enumerate(rows):
        if row["rule_id"] != UNREAD_RULE or row["body_id"] not in group_of:
            continue
        explained = _lacking_unread(ground, network, row, _asked(network, group_of, row))
        network = network.without(explained)
        members = [index[each] for each in explained.tolist() if each in index]
        rows = _led_by_unread(rows, members, number)
        if members:
            line = (row["file"], row["sheet"], column_and_line(row["cell"])[1])
            rows = _grouped_rows(rows, [min(members)], leads.setdefault(line, min(members)))
    return rows, network


def _asked(network: Network, group_of: Mapping[str, int], row: Row) -> Ints:
    """What fails in the department of a finding."""
    return np.flatnonzero(network.fails & (network.group == group_of[row["body_id"]]))


def _lacking_unread(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities of the form, or that find nothing in it, which lack what stands in a cell that was not read."""
    facts, amount = of_sheet(ground, row), _fen_of(ground, row)
    if not len(asked) or not amount:
        return asked[:0]
    entered = may_enter(ground, network, row, asked, column_and_line(row["cell"])[0])
    use = np.isin(network.identity, entered)
    alike = use & (ground.form[network.fact] == ground.form[facts[0]])
    touching = np.union1d(network.identity[alike], one_sided(ground, network, row, asked))
    away = np.abs(np.abs(network.residual[touching]) - amount)
    return np.asarray(touching[away <= network.slack[touching]])


def _led_by_unread(rows: list[Row], members: Sequence[int], unread: int) -> list[Row]:
    """The findings that lack an unread figure, the first of them before the others.

    It is shown at that cell where both stand in one file; what a document says stays at its sentence.
    """
    if not members:
        return rows
    lead, cell = min(members), rows[unread]
    grouped = _grouped_rows(rows, [*members, unread], lead)
    where = place(cell["sheet"], cell["cell"])
    told = rows[lead]["message"] + say("unread", where=where, found=cell["found"])
    at_cell = cell if rows[lead]["file"] == cell["file"] else rows[lead]
    shown = dict(zip(("file", "sheet", "cell"), spot(at_cell), strict=True))
    grouped[lead] = {**grouped[lead], **shown, "message": told}
    return grouped


def identity_rows(rows: Sequence[Row]) -> dict[int, int]:
    return {row["identity"]: number for number, row in enumerate(rows) if row["identity"] >= 0}


def _lacking_cell(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities on the cell or its address, and those that it may enter and that lack one and the same amount.

    What they lack is told by those of its row or column.
    """
    use = np.isin(network.identity, asked)
    edges, facts = network.identity[use], network.fact[use]
    named = _of_address(ground, edges, facts, row, one_sided(ground, network, row, asked))
    entered = may_enter(ground, network, row, asked, column_and_line(row["cell"])[0])
    beside = np.setdiff1d(np.intersect1d(entered, edges[_beside(ground, facts, row)]), named)
    lacking = np.abs(network.residual[beside if len(beside) else named])
    if not len(lacking):
        return named
    amount = Counter(lacking.tolist()).most_common(1)[0][0]
    same = entered[np.abs(np.abs(network.residual[entered]) - amount) <= network.slack[entered]]
    return np.union1d(same, named)


def _of_address(ground: Ground, edges: Ints, facts: Ints, row: Row, bare: Ints) -> Ints:
    """The identities all of whose figures stand, in whatever table, in the row and column of a finding's cell.

    Where its row, or its column, has no other figure to tell them by: what finds nothing there, or what its row has not.
    """
    around = of_sheet(ground, row)
    column, line = column_and_line(row["cell"])
    in_row = on_line(ground, around, line)
    in_column = ground.letters[around] == column
    meant = np.isin(ground.row.codes[facts], ground.row.codes[around[in_row]])
    if not in_row.any():
        meant = np.isin(edges, bare)
    own = in_column if in_column.any() else in_row
    meant &= np.isin(ground.column.codes[facts], ground.column.codes[around[own]], invert=not in_column.any())
    return np.setdiff1d(edges[meant], edges[~meant])


def _beside(ground: Ground, facts: Ints, row: Row) -> Flags:
    """Facts of the same sheet in the row or the column of a finding's cell."""
    column, line = column_and_line(row["cell"])
    here = np.isin(facts, of_sheet(ground, row))
    return np.asarray(here & (on_line(ground, facts, line) | (ground.letters[facts] == column)))


def _lacking_row(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities that lack, or have too much, what one cell of the row holds; of relations at most that."""
    facts, line = of_sheet(ground, row), column_and_line(row["cell"])[1]
    amounts = np.unique(np.abs(ground.amount[facts[on_line(ground, facts, line)]]))
    amounts = amounts[amounts > 0]
    entered = may_enter(ground, network, row, asked, column="")
    lacking = np.abs(network.residual[entered])
    away = np.abs(lacking[:, None] - amounts[None, :])
    exact = (away <= network.slack[entered][:, None]).any(axis=1)
    at_most = (network.sign[entered] != 0) & (lacking <= amounts.max(initial=0))
    return np.asarray(entered[exact | at_most])


Explain = Callable[[Ground, Network, Row, Ints], Ints]
EXPLAINING: Mapping[str, Explain] = {
    **dict.fromkeys(LEADING_RULES, _lacking_cell),
    **dict.fromkeys(ROW_RULES, _lacking_row),
    BLANK_RULE: one_sided,
}


def _grouped(rows: list[Row], index: Mapping[int, int], identities: Iterable[int], lead: int) -> list[Row]:
    return _grouped_rows(rows, [index[identity] for identity in identities if identity in index], lead)


def _grouped_rows(rows: list[Row], members: Iterable[int], lead: int) -> list[Row]:
    grouped = list(rows)
    for number in members:
        grouped[number] = {**grouped[number], ROOT: lead}
    return grouped
