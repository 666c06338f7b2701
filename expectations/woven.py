"""What weaving yields: the identities of one check, facts in them as weighted edges, and how these are put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from expectations.ground import Flags, Ground, Ints, Keys
from expectations.saying import Messages

say = Messages(__file__)

NONE = np.zeros(0, dtype=np.int64)
SIGNS = {"=": 0, "<=": -1, ">=": 1}

Reasons = npt.NDArray[np.object_]
# Keys of comparisons, facts and weights of one side.
Side = tuple[Ints, Ints, Ints]


def nothing_to_compare() -> str:
    """Why a rule was not judged where no form prints what it compares."""
    return say("nothing_to_compare")


@dataclass(frozen=True)
class Edges:
    """Facts in identities: parallel arrays, one item per edge."""

    identity: Ints
    fact: Ints
    weight: Ints
    part: Flags


@dataclass(frozen=True)
class Woven:
    """The identities of one check.

    `body`, `sign` (0 `=`, -1 `<=`, 1 `>=`) and `unsure` have one item per identity: where `unsure`, a
    difference proves nothing. `missing` and `reason` have one item per body: an input is missing, and why
    nothing was compared.
    """

    edges: Edges
    body: Ints
    sign: Ints
    unsure: Flags
    missing: Flags
    reason: Reasons
    constant: int = 0


def among(keys: Keys, facts: Ints, wanted: Sequence[str]) -> Flags:
    """Which facts have one of the wanted keys; all where none is wanted."""
    if not wanted:
        return np.ones(len(facts), dtype=bool)
    return np.isin(keys.codes[facts], [keys.code(name) for name in wanted if keys.code(name) >= 0])


def no_absence(ground: Ground) -> tuple[Flags, Reasons]:
    """Per body: nothing is missing, for no reason."""
    count = len(ground.bodies)
    return np.zeros(count, dtype=bool), np.full(count, "", dtype=object)


def sides(totals: Side, parts: Side) -> Edges:
    """Edges of both sides; identities are numbered by their keys in order."""
    keys = np.concatenate([totals[0], parts[0]])
    identity = np.searchsorted(distinct(keys), keys)
    return Edges(
        identity,
        np.concatenate([totals[1], parts[1]]),
        np.concatenate([totals[2], parts[2]]),
        np.repeat([False, True], [len(totals[0]), len(parts[0])]),
    )


def distinct(keys: Ints) -> Ints:
    """The keys in order, each once."""
    ordered = np.sort(keys)
    return np.asarray(ordered[np.diff(ordered, prepend=-1) != 0])


def with_figures(
    ground: Ground,
    edges: Edges,
    relation: str,
    missing: Flags,
    reason: Reasons,
    able: Flags | None = None,
    body: Ints | None = None,
) -> Woven:
    """The identities that have a figure on some side, in the bodies that are able."""
    count = int(edges.identity.max(initial=-1)) + 1
    bodies = np.zeros(count, dtype=np.int64)
    bodies[edges.identity] = (ground.body if body is None else body)[edges.fact]
    figured = np.zeros(count, dtype=bool)
    figured[edges.identity[ground.figured[edges.fact]]] = True
    if able is not None:
        figured &= able[bodies]
    kept = figured[edges.identity]
    renumbered = np.cumsum(figured) - 1
    return Woven(
        Edges(renumbered[edges.identity[kept]], edges.fact[kept], edges.weight[kept], edges.part[kept]),
        bodies[figured],
        np.full(int(figured.sum()), SIGNS[relation], dtype=np.int64),
        np.zeros(int(figured.sum()), dtype=bool),
        missing,
        reason,
    )
