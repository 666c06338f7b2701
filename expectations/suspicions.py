"""What may be wrong: single cells, cells with the totals above them, pairs, amounts all through a form, forms in another unit."""

import numpy as np
import pandas as pd

from expectations.ground import Flags, Ground, Ints
from expectations.network import Network, Suspicions, effects_of
from expectations.slips import UNIT_SLIPS, unit_times

# What it takes to believe each kind, in identities that a suspicion must explain beyond those it breaks.
POINT, FORM, BRANCH, PAIR, EDIT = 0.0, 0.25, 0.3, 0.5, 0.6
MOST_PARTNERS = 6
# Measures whose figures may be below nought.
SIGNED_MEASURES = ("change",)


def suspicions_of(ground: Ground, network: Network) -> tuple[Network, Suspicions]:
    """Everything worth suspecting, and the part of the network that it can touch."""
    points = _points(ground, network)
    branches = _branches(ground, points)
    forms = _together(_edits(ground, network), _forms(ground, network))
    wanted = np.zeros(len(ground.amount), dtype=bool)
    for each in (points, branches, forms):
        wanted[each.fact] = True
    near = network.near(wanted)
    single = _together(points, branches)
    return near, _together(single, _pairs(near, single), forms)


def _points(ground: Ground, network: Network) -> Suspicions:
    """One cell of an identity that fails, changed so that it holds."""
    use = network.fails[network.identity] & (np.abs(network.weight) == 1)
    facts, identity, weight = network.fact[use], network.identity[use], network.weight[use]
    pairs = np.unique(np.stack([facts, -weight * network.residual[identity]], axis=1), axis=0)
    pairs = pairs[_plausible(ground, pairs[:, 0], pairs[:, 1])]
    return _single(pairs[:, 0], pairs[:, 1], POINT)


def _plausible(ground: Ground, facts: Ints, changes: Ints) -> Flags:
    """Changes after which no amount is below nought that was not before; those of a sign are none of these."""
    signed = np.isin(ground.measure.codes[facts], [ground.measure.code(name) for name in SIGNED_MEASURES])
    return np.asarray(signed | (ground.amount[facts] < 0) | (ground.amount[facts] + changes >= 0))


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
    few = listed.groupby(["identity", "change", "cost"]).cumcount() < MOST_PARTNERS
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
    owners = np.concatenate(suspect).astype(np.int64)
    ordered = np.argsort(owners, kind="stable")
    moves = np.concatenate(move).astype(np.int64)[ordered]
    return Suspicions(
        owners[ordered],
        single.fact[moves],
        single.change[moves],
        single.lead[ones],
        single.cost[ones] + PAIR,
    )


def _edits(ground: Ground, network: Network) -> Suspicions:
    """One amount entered all through a block, or moved within it, so that the block adds up and agrees with no other."""
    use = network.fails[network.identity] & (np.abs(network.weight) == 1)
    identity, fact = network.identity[use], network.fact[use]
    change = -network.weight[use] * network.residual[identity]
    listed = pd.DataFrame(
        {
            "fact": fact,
            "change": change,
            "size": np.abs(change),
            "block": ground.block[fact],
            "looser": network.sign[identity] != 0,
        }
    )
    listed = _with_looser(listed).drop_duplicates(["fact", "change"])
    listed = listed[~listed.duplicated(["fact", "size"], keep=False)]
    listed = listed[~_by_a_unit(ground.amount[listed["fact"]], listed["change"].to_numpy(dtype=np.int64))]
    parents = set(ground.row_parent[listed["fact"]]) | set(ground.column_parent[listed["fact"]])
    listed["above"] = listed["fact"].isin(parents)
    alike = listed.groupby(["block", "change"])["fact"].transform("size") > 1
    entered = _with_totals(ground, _grouped(listed[alike], ["block", "change"]))
    return _together(entered, _grouped(_moved(listed), ["pair"]))


def _with_looser(listed: pd.DataFrame) -> pd.DataFrame:
    """The changes with what they settle besides: a cell that must be no larger, or no smaller, may change by more."""
    exact, looser = listed[~listed["looser"]], listed[listed["looser"]]
    often = exact.groupby(["block", "change", "size"], as_index=False).agg(times=("fact", "size"))
    often = often.sort_values("times", ascending=False, kind="stable").groupby("block").head(MOST_PARTNERS)
    joined = looser[["fact", "change", "block"]].merge(
        often.drop(columns="times"), on="block", suffixes=("_least", "")
    )
    enough = (joined["change_least"] * joined["change"] > 0) & (
        joined["change_least"].abs() <= joined["size"]
    )
    return pd.concat([listed, joined[enough].drop(columns="change_least")], ignore_index=True)


def _moved(listed: pd.DataFrame) -> pd.DataFrame:
    """Two cells each of one block of which one has too much what the other lacks; `pair` numbers them."""
    few = listed[listed.groupby(["block", "change"]).cumcount() < MOST_PARTNERS]
    more, less = few[few["change"] > 0], few[few["change"] < 0]
    pairs = more.merge(less, on=["block", "size"], suffixes=("_more", "_less"))
    both = [
        pairs.filter(regex=f"{side}$").rename(columns=lambda name: name.rpartition("_")[0])
        for side in ("_more", "_less")
    ]
    return pd.concat([each.assign(pair=range(len(pairs))) for each in both], ignore_index=True)


def _grouped(listed: pd.DataFrame, keys: list[str]) -> Suspicions:
    """The changes that go together as one suspicion, led by a cell that is no total of the others."""
    ordered = listed.sort_values([*keys, "above", "fact"])
    groups = ordered.groupby(keys, sort=True)
    lead = np.array(groups["fact"].first(), dtype=np.int64)
    suspect, fact, change = (
        np.array(each, dtype=np.int64) for each in (groups.ngroup(), ordered["fact"], ordered["change"])
    )
    return Suspicions(suspect, fact, change, lead, np.full(len(lead), EDIT))


def _with_totals(ground: Ground, edits: Suspicions) -> Suspicions:
    """The same edits with every printed total above the cells that have none above them yet, changed alike."""
    first = np.searchsorted(edits.suspect, np.arange(len(edits)))
    known = np.stack([edits.suspect, edits.fact], axis=1)
    reached = known
    while len(reached):
        above = [
            np.stack([reached[:, 0], up[reached[:, 1]]], axis=1)
            for up in (ground.row_parent, ground.column_parent)
        ]
        reached = np.unique(np.concatenate(above), axis=0)
        reached = reached[(reached[:, 1] >= 0) & ~_rows_in(reached, known)]
        known = np.concatenate([known, reached])
    change = np.concatenate([edits.change, edits.change[first][known[len(edits.fact) :, 0]]])
    order = np.lexsort((known[:, 1], known[:, 0]))
    return Suspicions(known[order, 0], known[order, 1], change[order], edits.lead, edits.cost)


def _rows_in(rows: Ints, known: Ints) -> Flags:
    """Which pairs are among the known ones."""
    size = int(max(rows[:, 1].max(initial=0), known[:, 1].max(initial=0))) + 1
    return np.isin(rows[:, 0] * size + rows[:, 1], known[:, 0] * size + known[:, 1])


def _by_a_unit(amount: Ints, change: Ints) -> Flags:
    """Changes that make an amount that of another unit: these are no edits, the whole form is meant."""
    wanted = amount + change
    found = np.zeros(len(amount), dtype=bool)
    for times in UNIT_SLIPS:
        found |= (wanted == amount * times) | (amount == wanted * times)
    return found


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
        if (factor := unit_times(int(own), -int(other)))
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
