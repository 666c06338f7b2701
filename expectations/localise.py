"""Fault localisation: the fewest cells whose change explains all identities that fail together.

A cell explains an identity where the change that settles it, times the cell's signed weight, is what the
identity lacks; it is cleared by every identity that holds and would break. One cell is preferred, then a cell
with all totals above it, then two cells that keep a common sum, then a form in another unit; several faults are
found one after the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from expectations.ground import Flags, Ground, Ints
from expectations.messages import FEN, in_unit, place
from expectations.network import Effects, Network, Suspicions, department_of, effects_of
from expectations.outcomes import SEVERITIES
from expectations.relations import yuan
from expectations.slips import SHIFTED, UNIT_SLIPS, WRONG_TYPE, part_slip, slip, unit_factor

POINT, BRANCH, PAIR, EDIT, FORM = 0.0, 0.3, 0.5, 0.6, 0.7
MOST_FAULTS = 60
MOST_TIED = 80
MOST_PARTNERS = 12
LEADING_RULES = ("CEL-01", "SUB-11", "SUB-12")
ROW_RULES = ("CEL-06", "CEL-08")
UNREAD_RULE = "SUB-16"
FILE_RULE, MISSING_RULE = "SUB-09", "SUB-03"
MAGNITUDE_RULE = "CEL-09"
COPY_RULES = ("SUB-02", "SUB-04")
FOLLOWING_RULES = ("CEL-02", MAGNITUDE_RULE)
ROOT = "root"

Row = dict[str, Any]
Spot = tuple[str, str, str]


@dataclass(frozen=True)
class Fault:
    """A fault found: the cells to mend with what they lack, the identities it explains, and how it came about.

    `certain`: no other cell would explain as much.
    """

    facts: tuple[int, ...]
    changes: tuple[int, ...]
    explained: tuple[int, ...]
    slip: str
    certain: bool
    whole_form: bool = False


def localise(ground: Ground, network: Network, found: Sequence[Row]) -> list[Row]:
    """The findings with the number of the finding they follow from in `root` (their own number: none).

    `found`: rows as findings have them, with `identity` (−1 where another kind of check found it). The finding
    that leads a group stands at the cell that explains the group and says so.
    """
    rows = _follow_files([{**row, ROOT: number} for number, row in enumerate(found)])
    if not network.fails.any():
        return rows
    rows, network = _follow_cells(ground, network, rows)
    for fault in find_faults(ground, network):
        rows = _led(ground, rows, fault)
    return rows


# --- what reading has found already


def _follow_cells(ground: Ground, network: Network, rows: list[Row]) -> tuple[list[Row], Network]:
    """Findings on a cell or a row that cannot be read lead the identities that lack its figure."""
    index = _identity_rows(rows)
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
    facts = ground.facts
    here = ((facts["file"] == row["file"]) & (facts["sheet"] == row["sheet"])).to_numpy(dtype=bool)
    text = row["found"].replace(",", "")
    if not here.any() or not text.replace(".", "", 1).isdigit() or not float(text):
        return asked[:0]
    amount = round(Decimal(text) * FEN.get(str(facts["unit"].to_numpy()[here][0]), 100))
    touching = np.unique(network.identity[here[network.fact] & np.isin(network.identity, asked)])
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


def _follow_files(rows: list[Row]) -> list[Row]:
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


def _identity_rows(rows: Sequence[Row]) -> dict[int, int]:
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


def _lacking_row(ground: Ground, network: Network, row: Row, asked: Ints) -> Ints:
    """The identities that lack, or have too much, what one cell of the row holds."""
    facts = ground.facts
    here = (facts["file"] == row["file"]) & (facts["sheet"] == row["sheet"])
    line = _split(row["cell"])[1]
    own = facts["cell"].str.fullmatch(rf"[A-Z]+{line}") & here
    amounts = np.unique(np.abs(ground.amount[own.to_numpy(dtype=bool)]))
    amounts = amounts[amounts > 0]
    away = np.abs(np.abs(network.residual[asked])[:, None] - amounts[None, :])
    return np.asarray(asked[(away <= network.slack[asked][:, None]).any(axis=1)])


def _spot(row: Mapping[str, Any]) -> Spot:
    return row["file"], row["sheet"], row["cell"]


# --- the search


def find_faults(ground: Ground, network: Network) -> list[Fault]:
    """The faults of every department, the one that explains most first."""
    network, suspicions = _suspicions(ground, network)
    effects = effects_of(network, suspicions)
    whole = np.isin(suspicions.cost, (EDIT, FORM))
    effects = _of(effects, ~whole[effects.suspect] | network.fails[effects.identity])
    group = _group_of(network, effects, len(suspicions))
    anchor = np.zeros(len(ground.amount), dtype=bool)
    anchor[network.fact[network.total & network.fails[network.identity]]] = True
    faults: list[Fault] = []
    for _ in range(MOST_FAULTS):
        gain, explained = _gains(network, effects, suspicions)
        if not (gain > 0).any():
            break
        effects = _of(effects, (explained > 0)[effects.suspect])
        for tied in _best_of_each_group(group, gain):
            fault, chosen = _judge_tied(ground, network, suspicions, effects, tied, anchor)
            faults.append(fault)
            own = effects.suspect == chosen
            network = network.changed(effects.identity[own], effects.change[own])
    return faults


def _suspicions(ground: Ground, network: Network) -> tuple[Network, Suspicions]:
    """Everything worth suspecting, and the part of the network that it can touch."""
    points = _points(network)
    branches = _branches(ground, points)
    forms = _together(_edits(ground, network), _forms(ground, network))
    wanted = np.zeros(len(ground.amount), dtype=bool)
    for each in (points, branches, forms):
        wanted[each.fact] = True
    near = network.near(wanted)
    single = _together(points, branches)
    return near, _together(single, _pairs(near, single), forms)


def _points(network: Network) -> Suspicions:
    """One cell of an identity that fails, changed so that it holds."""
    use = network.fails[network.identity] & (np.abs(network.weight) == 1)
    facts, identity, weight = network.fact[use], network.identity[use], network.weight[use]
    pairs = np.unique(np.stack([facts, -weight * network.residual[identity]], axis=1), axis=0)
    return _single(pairs[:, 0], pairs[:, 1], POINT)


def _single(facts: Ints, changes: Ints, cost: float) -> Suspicions:
    return Suspicions(np.arange(len(facts)), facts, changes, facts, np.full(len(facts), cost))


def _branches(ground: Ground, points: Suspicions) -> Suspicions:
    """One cell and every printed total above it, along rows and columns, changed alike."""
    parents = (ground.row_parent, ground.column_parent)
    below = np.flatnonzero((parents[0][points.fact] >= 0) | (parents[1][points.fact] >= 0))
    reached = np.stack([below, points.fact[below]], axis=1)
    known = reached
    while len(reached):
        above = [np.stack([reached[:, 0], up[reached[:, 1]]], axis=1) for up in parents]
        reached = np.unique(np.concatenate(above), axis=0)
        reached = reached[reached[:, 1] >= 0]
        before, known = len(known), np.unique(np.concatenate([known, reached]), axis=0)
        if len(known) == before:
            break
    suspect = np.searchsorted(below, known[:, 0])
    lead = points.fact[below]
    return Suspicions(suspect, known[:, 1], points.change[known[:, 0]], lead, np.full(len(lead), BRANCH))


def _pairs(network: Network, single: Suspicions) -> Suspicions:
    """Two cells (or branches) of which each would break an identity that both together keep."""
    effects = effects_of(network, single)
    after = network.residual[effects.identity] + effects.change
    settled = network.settles(effects.identity, after)
    helps = np.zeros(len(single), dtype=bool)
    helps[effects.suspect[network.fails[effects.identity] & settled]] = True
    breaks = network.holds[effects.identity] & ~settled & helps[effects.suspect]
    listed = pd.DataFrame(
        {
            "identity": effects.identity[breaks],
            "suspect": effects.suspect[breaks],
            "change": effects.change[breaks],
            "cost": single.cost[effects.suspect[breaks]],
        }
    )
    listed["size"] = listed["change"].abs()
    few = listed.groupby(["identity", "size"]).cumcount() < MOST_PARTNERS
    joined = listed[few].merge(listed[few], on=["identity", "size", "cost"], suffixes=("", "_other"))
    joined = joined[
        (joined["suspect"] < joined["suspect_other"]) & (joined["change"] == -joined["change_other"])
    ]
    joined = joined[["suspect", "suspect_other"]].drop_duplicates()
    return _paired(single, joined["suspect"].to_numpy(), joined["suspect_other"].to_numpy())


def _paired(single: Suspicions, ones: Ints, others: Ints) -> Suspicions:
    order = np.argsort(single.suspect, kind="stable")
    sorted_suspect = single.suspect[order]
    suspect, move = [], []
    for side in (ones, others):
        start, end = (np.searchsorted(sorted_suspect, side, side=name) for name in ("left", "right"))
        counts = end - start
        owner = np.repeat(np.arange(len(side)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        suspect.append(owner)
        move.append(order[np.repeat(start, counts) + within])
    moves = np.concatenate(move).astype(np.int64)
    return Suspicions(
        np.concatenate(suspect).astype(np.int64),
        single.fact[moves],
        single.change[moves],
        single.lead[ones],
        single.cost[ones] + PAIR,
    )


def _edits(ground: Ground, network: Network) -> Suspicions:
    """One amount entered all through a block, so that the block adds up and agrees with no other."""
    use = network.fails[network.identity] & (np.abs(network.weight) == 1)
    identity, fact = network.identity[use], network.fact[use]
    change = -network.weight[use] * network.residual[identity]
    listed = pd.DataFrame(
        {"fact": fact, "change": change, "size": np.abs(change), "block": ground.block[fact]}
    ).drop_duplicates()
    listed = listed[~listed.duplicated(["fact", "size"], keep=False)]
    keys = ["block", "size"]
    listed = listed[listed.groupby(keys)["fact"].transform("size") > 1]
    parents = set(ground.row_parent[listed["fact"]]) | set(ground.column_parent[listed["fact"]])
    listed["above"] = listed["fact"].isin(parents)
    listed = listed.sort_values([*keys, "above", "fact"])
    suspect = np.array(listed.groupby(keys, sort=True).ngroup(), dtype=np.int64)
    firsts = listed.groupby(keys, sort=True)["fact"].first()
    lead = np.array(firsts, dtype=np.int64)
    moved, by = (np.array(listed[name], dtype=np.int64) for name in ("fact", "change"))
    return Suspicions(suspect, moved, by, lead, np.full(len(lead), EDIT))


def _forms(ground: Ground, network: Network) -> Suspicions:
    """All cells of a block in another unit, where a comparison with it is off by a unit's factor."""
    use = network.fails[network.identity]
    identity, fact = network.identity[use], network.fact[use]
    value = network.weight[use] * ground.amount[fact]
    listed = pd.DataFrame({"identity": identity, "block": ground.block[fact], "value": value})
    sums = listed.groupby(["identity", "block"], as_index=False)["value"].sum()
    rest = network.residual[sums["identity"].to_numpy()] - sums["value"].to_numpy()
    blocks = [
        (int(block), factor)
        for block, own, other in zip(sums["block"], sums["value"], rest, strict=True)
        if own and other and (factor := _factor(int(own), -int(other)))
    ]
    found: list[Suspicions] = []
    for block, factor in sorted(set(blocks)):
        facts = np.flatnonzero(ground.block == block)
        facts = facts[ground.amount[facts] != 0]
        amount = ground.amount[facts]
        change = (amount * factor if factor > 0 else amount // -factor) - amount
        lead = _total_of(ground, facts)
        cost = np.array([FORM])
        found.append(Suspicions(np.zeros(len(facts), np.int64), facts, change, np.array([lead]), cost))
    return _together(*found) if found else _none()


def _factor(own: int, other: int) -> int:
    """By what the block's figures must be multiplied (negative: divided) to agree with the others'."""
    for times in UNIT_SLIPS:
        if abs(own * times - other) * 1_000 <= abs(other):
            return times
        if abs(other * times - own) * 1_000 <= abs(own):
            return -times
    return 0


def _total_of(ground: Ground, facts: Ints) -> int:
    """The grand total among the facts of a block; its first fact where it has none."""
    total = (ground.row.codes[facts] == ground.row.code("total")) & (
        ground.column.codes[facts] == ground.column.code("total")
    )
    return int(facts[total][0] if total.any() else facts[0])


def _none() -> Suspicions:
    none = np.zeros(0, dtype=np.int64)
    return Suspicions(none, none, none, none, none.astype(np.float64))


def _together(*parts: Suspicions) -> Suspicions:
    first = np.cumsum([0, *(len(part) for part in parts)])[:-1]
    return Suspicions(
        np.concatenate([part.suspect + start for part, start in zip(parts, first, strict=True)]),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("fact", "change", "lead", "cost")
        ),
    )


def _of(effects: Effects, kept: Flags) -> Effects:
    return Effects(effects.suspect[kept], effects.identity[kept], effects.change[kept])


def _group_of(network: Network, effects: Effects, count: int) -> Ints:
    group = np.full(count, -1, dtype=np.int64)
    group[effects.suspect] = network.group[effects.identity]
    return group


def _gains(network: Network, effects: Effects, suspicions: Suspicions) -> tuple[Any, Ints]:
    """Per suspicion: identities explained less identities broken less its cost; and those explained."""
    after = network.residual[effects.identity] + effects.change
    settled = network.settles(effects.identity, after)
    count = len(suspicions)
    explained = np.bincount(effects.suspect[network.fails[effects.identity] & settled], minlength=count)
    broken = np.bincount(effects.suspect[network.holds[effects.identity] & ~settled], minlength=count)
    gain = np.where(explained > 0, explained - broken - suspicions.cost, -1.0)
    return gain, explained


def _best_of_each_group(group: Ints, gain: Any) -> Iterable[Ints]:
    """Per department the suspicions that explain most, those that cost more left out."""
    able = np.flatnonzero(gain > 0)
    able = able[np.lexsort((able, -gain[able], group[able]))]
    starts = np.flatnonzero(np.diff(group[able], prepend=-2))
    for start, end in zip(starts, [*starts[1:], len(able)], strict=True):
        own = able[start:end]
        yield own[gain[own] == gain[own[0]]][:MOST_TIED]


def _judge_tied(
    ground: Ground, network: Network, suspicions: Suspicions, effects: Effects, tied: Ints, anchor: Flags
) -> tuple[Fault, int]:
    """The likeliest of suspicions that explain as much: one that a slip fits, then a printed total's cell."""
    told = [_told(ground, network, suspicions, effects, int(number)) for number in tied]
    order = sorted(
        range(len(tied)), key=lambda at: (told[at].slip == "", not anchor[told[at].facts[0]], int(tied[at]))
    )
    best = told[order[0]]
    rivals = [
        each
        for each in told
        if set(each.explained) & set(best.explained) and each.facts[0] != best.facts[0] and not best.slip
    ]
    certain = not rivals and (len(best.explained) > 1 or bool(best.slip))
    return replace(best, certain=certain or best.whole_form), int(tied[order[0]])


def _told(ground: Ground, network: Network, suspicions: Suspicions, effects: Effects, number: int) -> Fault:
    facts, changes = suspicions.moves(number)
    own = effects.suspect == number
    identity = effects.identity[own]
    settled = network.settles(identity, network.residual[identity] + effects.change[own])
    explained = identity[network.fails[identity] & settled]
    cost = float(suspicions.cost[number])
    lead = int(suspicions.lead[number])
    first = int(np.flatnonzero(facts == lead)[0])
    if cost == FORM:
        amount = int(ground.amount[lead])
        how = unit_factor(amount, amount + int(changes[first]))
        return Fault(
            (lead,), (int(changes[first]),), tuple(explained.tolist()), how, certain=True, whole_form=True
        )
    order = [first, *(at for at in range(len(facts)) if at != first)]
    ordered = tuple(facts[order].tolist()), tuple(changes[order].tolist())
    if cost == EDIT:
        return Fault((lead,), ordered[1][:1], tuple(explained.tolist()), "", certain=False)
    how = _slip_of_pair(ground, *ordered) if cost >= PAIR else _slip_of_cell(ground, lead, ordered[1][0])
    return Fault(*ordered, tuple(explained.tolist()), how, certain=False)


def _slip_of_cell(ground: Ground, fact: int, change: int) -> str:
    amount = int(ground.amount[fact])
    how = slip(amount, amount + change)
    if how:
        return how
    parts = np.flatnonzero((ground.row_parent == fact) | (ground.column_parent == fact))
    return part_slip(change, [(int(ground.amount[part]), _cell(ground, int(part))) for part in parts])


def _slip_of_pair(ground: Ground, facts: Sequence[int], changes: Sequence[int]) -> str:
    one, other = (
        facts[0],
        next((fact for fact, change in zip(facts, changes, strict=True) if change == -changes[0]), facts[-1]),
    )
    if int(ground.amount[one]) + changes[0] == int(ground.amount[other]):
        return SHIFTED
    if ground.row.codes[one] == ground.row.codes[other] and ground.block[one] == ground.block[other]:
        return WRONG_TYPE.format(cell=_cell(ground, other))
    return ""


def _cell(ground: Ground, fact: int) -> str:
    return str(ground.facts.at[fact, "cell"])


# --- telling it


def _led(ground: Ground, rows: list[Row], fault: Fault) -> list[Row]:
    """The findings with one fault's grouped under the one that leads."""
    index = _identity_rows(rows)
    members = sorted(index[identity] for identity in fault.explained if identity in index)
    if not members:
        return rows
    shown = ground.facts.iloc[fault.facts[0]]
    members += _followers(rows, fault, shown)
    lead = _leader(rows, members, shown, fault)
    rows = _grouped_rows(rows, members, lead)
    if not fault.certain:
        return rows
    told = _at_the_cell(ground, rows[lead], fault, len(set(members)) - 1)
    return [told if number == lead else row for number, row in enumerate(rows)]


def _followers(rows: Sequence[Row], fault: Fault, shown: "pd.Series[Any]") -> list[int]:
    """Findings of other kinds that say the same of the cell, its form, or its unit."""
    at = (shown["file"], shown["sheet"], shown["cell"])
    unit = fault.whole_form or "单位" in fault.slip
    return [
        number
        for number, row in enumerate(rows)
        if row["identity"] < 0
        and row["body_id"] == shown["body_id"]
        and row[ROOT] == number
        and (
            (row["rule_id"] in FOLLOWING_RULES and _spot(row) == at)
            or (row["rule_id"] == MAGNITUDE_RULE and unit)
            or (row["rule_id"] in COPY_RULES and _spot(row)[:2] == at[:2])
        )
    ]


def _leader(rows: Sequence[Row], members: Sequence[int], shown: "pd.Series[Any]", fault: Fault) -> int:
    """The finding that leads: the gravest, on the cell itself, of the body itself, the first of the catalogue."""
    at = (shown["file"], shown["sheet"], shown["cell"])
    return min(
        members,
        key=lambda number: (
            -SEVERITIES.index(rows[number]["severity"]),
            not (fault.whole_form and rows[number]["rule_id"] == MAGNITUDE_RULE),
            rows[number]["body_id"] != shown["body_id"],
            rows[number]["identity"] < 0 and not fault.whole_form,
            _spot(rows[number]) != at,
            number,
        ),
    )


def _grouped(rows: list[Row], index: Mapping[int, int], identities: Iterable[int], lead: int) -> list[Row]:
    return _grouped_rows(rows, [index[identity] for identity in identities if identity in index], lead)


def _grouped_rows(rows: list[Row], members: Iterable[int], lead: int) -> list[Row]:
    grouped = list(rows)
    for number in members:
        grouped[number] = {**grouped[number], ROOT: lead}
    return grouped


def _at_the_cell(ground: Ground, row: Row, fault: Fault, others: int) -> Row:
    """The leading finding at the cell to mend, with what should stand there."""
    fact, change = fault.facts[0], fault.changes[0]
    shown = ground.facts.iloc[fact]
    amount = int(ground.amount[fact])
    should = in_unit(amount + change, str(shown["unit"]))
    own = row["body_id"] == shown["body_id"]
    where = place(str(shown["sheet"]), str(shown["cell"])) if own else _elsewhere(shown)
    reason = f"疑似{fault.slip}，" if fault.slip else ""
    follow = f"改正后，另 {others} 处不符随之消除。" if others else ""
    told = {**row, "message": f"{row['message']}最可能填错的是 {where}：{reason}应为 {should}。{follow}"}
    if not own:
        return told
    return {
        **told,
        **{name: str(shown[name]) for name in ("file", "sheet", "cell")},
        "found": yuan(amount),
        "expected": yuan(amount + change),
        "difference": yuan(-change),
    }


def _elsewhere(shown: "pd.Series[Any]") -> str:
    """A cell of another body's workbook, with its file."""
    return f"{shown['file']} {place(str(shown['sheet']), str(shown['cell']))}"
