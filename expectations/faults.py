"""Looking for the faults: of all suspicions those that explain most identities with the fewest cells, one after another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from expectations.ground import Flags, Ground, Ints
from expectations.network import Effects, Network, Suspicions, effects_of
from expectations.slips import is_of_type, part_slip, shifted, slip, unit_slip, wrong_type
from expectations.suspicions import EDIT, FORM, PAIR, suspicions_of

MOST_FAULTS = 60
MOST_TIED = 80


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


def find_faults(ground: Ground, network: Network, accused: Flags) -> list[Fault]:
    """The faults of every department, the one that explains most first; `accused`: facts that other findings doubt."""
    within = _within_a_panel(ground, network)
    network, suspicions = suspicions_of(ground, network)
    effects = effects_of(network, suspicions)
    kept = ~(suspicions.cost == FORM)[effects.suspect]
    kept &= ~((suspicions.cost == EDIT)[effects.suspect] & within[effects.identity])
    effects = _of(effects, kept | network.fails[effects.identity])
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
            told = [_told(ground, network, suspicions, effects, int(number)) for number in tied]
            at = _likeliest(told, accused, anchor)
            rivalled = _vanishes(ground, told[at]) or _rivalled(network, suspicions, effects, gain, told[at])
            faults.append(_judged(told, at, accused, rivalled=rivalled))
            network = network.changed(*effects.on(int(tied[at])))
    return faults


def _within_a_panel(ground: Ground, network: Network) -> Flags:
    """Identities whose figures all stand in one panel of a table: whoever edits it all through keeps them."""
    panel = (ground.block * max(len(ground.panel.names), 1) + ground.panel.codes)[network.fact]
    lowest = np.full(len(network.residual), np.iinfo(np.int64).max)
    highest = np.full(len(network.residual), -1)
    np.minimum.at(lowest, network.identity, panel)
    np.maximum.at(highest, network.identity, panel)
    return np.asarray(lowest == highest)


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


def _likeliest(told: Sequence[Fault], accused: Flags, anchor: Flags) -> int:
    """Which of suspicions that explain as much: one accused elsewhere, one that a slip fits, a printed total's cell."""
    return min(
        range(len(told)),
        key=lambda at: (
            not accused[told[at].facts[0]],
            _doubt(told[at].slip),
            not anchor[told[at].facts[0]],
            at,
        ),
    )


def _judged(told: Sequence[Fault], at: int, accused: Flags, *, rivalled: bool) -> Fault:
    """The fault, certain where no other cell is as likely and it is not one sum alone that says so."""
    best = told[at]
    lead = best.facts[0]
    rivals = [
        each
        for each in told
        if set(each.explained) & set(best.explained)
        and each.facts[0] != lead
        and not best.slip
        and accused[each.facts[0]] == accused[lead]
    ]
    founded = len(best.explained) > 1 or bool(best.slip) or bool(accused[lead]) or not rivalled
    return replace(best, certain=(not rivals and founded) or best.whole_form)


def _vanishes(ground: Ground, best: Fault) -> bool:
    """Whether nothing should stand in the cell: a figure left out elsewhere explains that as well."""
    return bool(ground.amount[best.facts[0]] + best.changes[0] == 0)


def _rivalled(network: Network, suspicions: Suspicions, effects: Effects, gain: Any, best: Fault) -> bool:
    """Whether another cell would explain the first identity of a fault without breaking more than it explains."""
    of_it = effects.identity == best.explained[0]
    suspect = effects.suspect[of_it]
    after = network.residual[best.explained[0]] + effects.change[of_it]
    settled = network.settles(effects.identity[of_it], after)
    able = suspect[settled & (gain[suspect] > 0)]
    return bool((suspicions.lead[able] != best.facts[0]).any())


def _doubt(how: str) -> int:
    """How little a slip says: two figures that change places say most, an amount in the wrong type could be any."""
    return 2 if not how else int(is_of_type(how))


def _told(ground: Ground, network: Network, suspicions: Suspicions, effects: Effects, number: int) -> Fault:
    facts, changes = suspicions.moves(number)
    identity, by = effects.on(number)
    settled = network.settles(identity, network.residual[identity] + by)
    explained = identity[network.fails[identity] & settled]
    cost = float(suspicions.cost[number])
    lead = int(suspicions.lead[number])
    first = int(np.flatnonzero(facts == lead)[0])
    if cost == FORM:
        amount = int(ground.amount[lead])
        how = unit_slip(amount, amount + int(changes[first]))
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
    amounts = [(int(ground.amount[part]), int(part)) for part in ground.parts_of(fact)]
    fitting = [(each, _cell(ground, part)) for each, part in amounts if abs(each) == abs(change)]
    return part_slip(change, fitting)


def _slip_of_pair(ground: Ground, facts: Sequence[int], changes: Sequence[int]) -> str:
    one, other = (
        facts[0],
        next((fact for fact, change in zip(facts, changes, strict=True) if change == -changes[0]), facts[-1]),
    )
    if int(ground.amount[one]) + changes[0] == int(ground.amount[other]):
        return shifted()
    if ground.row.codes[one] == ground.row.codes[other] and ground.block[one] == ground.block[other]:
        return wrong_type(_cell(ground, other))
    return ""


def _cell(ground: Ground, fact: int) -> str:
    return str(ground.facts.at[fact, "cell"])
