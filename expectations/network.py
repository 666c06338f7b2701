"""The additive identities of all bodies as one network of facts, and what a change of some cells does to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from expectations.ground import Flags, Ground, Ints, numbers
from expectations.outcomes import AGREES, FAILS, ROUNDING, Judged, excess
from expectations.woven import Woven


@dataclass(frozen=True)
class Network:
    """Edges in parallel arrays (`identity`, `fact`, `weight` with the sign of its side, `total`: on the side
    of the printed total), and per identity: `residual` (total less parts, 分), the `slack` that rounding
    leaves it, its `sign` (see Woven), `group` (the department whose tree it belongs to), whether it fails and
    whether it holds. An identity that could not be judged does neither.
    """

    identity: Ints
    fact: Ints
    weight: Ints
    total: Flags
    residual: Ints
    slack: Ints
    sign: Ints
    group: Ints
    fails: Flags
    holds: Flags

    def settles(self, identity: Ints, residual: Ints) -> Flags:
        """Whether each of the identities holds with such a residual."""
        return np.asarray(excess(residual, self.sign[identity]) <= self.slack[identity])

    def without(self, explained: Ints) -> "Network":
        """The same network with some identities no longer asked about."""
        fails, holds = self.fails.copy(), self.holds.copy()
        fails[explained] = holds[explained] = False
        return replace(self, fails=fails, holds=holds)

    def changed(self, identity: Ints, change: Ints) -> "Network":
        """The network after a change of residuals: what holds now no longer fails, nothing new begins to."""
        residual = self.residual.copy()
        np.add.at(residual, identity, change)
        settled = self.settles(identity, residual[identity])
        fails, holds = self.fails.copy(), self.holds.copy()
        fails[identity] &= ~settled
        holds[identity] = settled
        return replace(self, residual=residual, fails=fails, holds=holds)

    def near(self, wanted: Flags) -> "Network":
        """The edges of the wanted facts alone."""
        use = wanted[self.fact]
        edges = {name: getattr(self, name)[use] for name in ("identity", "fact", "weight", "total")}
        return replace(self, **edges)


def department_of(ground: Ground) -> Ints:
    """Per body the position of its department, its own where it has none above it."""
    above = numbers(ground.bodies["parent_id"], ground.bodies["body_id"])
    return np.where(above >= 0, above, np.arange(len(above)))


def network_of(ground: Ground, judged: Sequence[tuple[Woven, Judged]]) -> Network:
    """All identities of all checks, numbered through in the order of the checks."""
    first = np.cumsum([0, *(len(woven.body) for woven, _ in judged)])[:-1]
    edges = [woven.edges for woven, _ in judged]
    part = _joined([each.part.astype(np.int64) for each in edges]).astype(bool)
    outcome = _joined([each.outcome for _, each in judged])
    weight = _joined([each.weight for each in edges])
    body = _joined([woven.body for woven, _ in judged])
    return Network(
        identity=_joined([each.identity + start for each, start in zip(edges, first, strict=True)]),
        fact=_joined([each.fact for each in edges]),
        weight=np.where(part, -weight, weight),
        total=~part,
        residual=_joined([each.total - each.parts for _, each in judged]),
        slack=_joined([each.slack for _, each in judged]),
        sign=_joined([woven.sign for woven, _ in judged]),
        group=department_of(ground)[body] if len(body) else body,
        fails=np.asarray(outcome == FAILS),
        holds=np.isin(outcome, (AGREES, ROUNDING)),
    )


def _joined(arrays: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *arrays]).astype(np.int64)


@dataclass(frozen=True)
class Suspicions:
    """Ways to mend: `suspect` (ascending), `fact`, `change` in parallel (what each would change by how many 分).

    Per suspicion: `lead`, the fact to name, and `cost`, what it takes to be believed.
    """

    suspect: Ints
    fact: Ints
    change: Ints
    lead: Ints
    cost: "np.ndarray[tuple[int], np.dtype[np.float64]]"

    def __len__(self) -> int:
        return len(self.lead)

    def moves(self, number: int) -> tuple[Ints, Ints]:
        """The facts that a suspicion would change, and by how much."""
        use = _slice(self.suspect, number)
        return self.fact[use], self.change[use]


@dataclass(frozen=True)
class Effects:
    """What suspicions would do to the identities they touch.

    `suspect` (ascending), `identity`, `change` of residual in parallel.
    """

    suspect: Ints
    identity: Ints
    change: Ints

    def on(self, number: int) -> tuple[Ints, Ints]:
        """The identities that a suspicion would touch, and by how much."""
        use = _slice(self.suspect, number)
        return self.identity[use], self.change[use]


def _slice(ascending: Ints, number: int) -> slice:
    start, end = np.searchsorted(ascending, [number, number + 1])
    return slice(int(start), int(end))


def effects_of(network: Network, suspicions: Suspicions) -> Effects:
    """The change of every residual under every suspicion; changes that cancel are left out."""
    order = np.argsort(network.fact, kind="stable")
    facts = network.fact[order]
    start, end = (np.searchsorted(facts, suspicions.fact, side=side) for side in ("left", "right"))
    counts = end - start
    move = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(move)) - np.repeat(np.cumsum(counts) - counts, counts)
    edge = order[np.repeat(start, counts) + within]
    size = max(len(network.residual), 1)
    keys, inverse = np.unique(suspicions.suspect[move] * size + network.identity[edge], return_inverse=True)
    change = np.zeros(len(keys), dtype=np.int64)
    np.add.at(change, inverse, suspicions.change[move] * network.weight[edge])
    kept = change != 0
    suspect, identity = np.divmod(keys[kept], size)
    return Effects(suspect, identity, change[kept])
