"""Additive identities as weighted edges: which facts enter which side of which comparison, in all bodies.

Every kind of identity (printed totals, equations between forms, copies, departments and their units) ends as
the same rows, so that one evaluation serves them all and a fault can be followed along them.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from expectations.address import Address, Term
from expectations.canon import title
from expectations.ground import Flags, Ground, Ints, addresses
from expectations.holding import holding, why_not
from expectations.rules_model import Copies, Equation, Sums, Units
from expectations.saying import Messages
from expectations.silence import not_read, unjudged
from expectations.unit_sums import units
from expectations.woven import (
    NONE,
    SIGNS,
    Reasons,
    Side,
    Woven,
    among,
    no_absence,
    nothing_to_compare,
    sides,
    with_figures,
)

say = Messages(__file__)


def weave(ground: Ground, check: "Sums | Equation | Copies | Units", *, has_roster: bool) -> Woven:
    """The identities of one check in every body."""
    if isinstance(check, Sums):
        return printed_totals(ground, check)
    if isinstance(check, Equation):
        return equation(ground, check)
    if isinstance(check, Copies):
        return copies(ground)
    return units(ground, check, has_roster=has_roster)


def printed_totals(ground: Ground, check: Sums) -> Woven:
    """Each printed total against the facts that add into it."""
    keys = ground.row if check.kind == "rows" else ground.column
    parents = ground.row_parent if check.kind == "rows" else ground.column_parent
    facts = ground.of_form(check.form)
    facts = facts[(parents[facts] >= 0) & among(ground.measure, facts, check.measures)]
    facts = facts[among(ground.panel, facts, check.panels) & among(ground.column, facts, check.columns)]
    facts = facts[among(keys, parents[facts], check.parents)]
    key = parents[facts] * len(ground.panel.names) + ground.panel.codes[facts]
    totals, first = np.unique(key, return_index=True)
    total_facts = parents[facts][first]
    present = ground.has_form[:, ground.forms.index(check.form)]
    missing, reason = _absences(ground, check.missing, ~present, [(check.form,)])
    edges = sides((totals, total_facts, np.ones_like(totals)), (key, facts, np.ones_like(key)))
    return with_figures(ground, edges, "=", missing, reason)


def equation(ground: Ground, check: Equation) -> Woven:
    """Sums of both sides, per body, coded row or block, in the bodies that have what both sides need."""
    terms = (*check.total_terms, *check.part_terms)
    lacking = [~_printed(ground, term) for term in terms]
    missing, reason = _absences(
        ground, check.missing, reduce(np.logical_or, lacking), [term.forms for term in terms], lacking
    )
    holds = holding(ground, check.condition)
    able = ~reduce(np.logical_or, lacking) & (holds | (check.otherwise != "skip"))
    reason = np.where((reason == "") & ~able, why_not(check.condition), reason)
    totals = _side(ground, check.total_terms, check.group, able)
    parts = _side(ground, check.part_terms, check.group, able)
    kept = _comparable(ground, check, totals, parts)
    woven = with_figures(ground, sides(kept(totals), kept(parts)), check.relation, missing, reason)
    sign = (
        woven.sign
        if check.otherwise == "skip"
        else np.where(holds[woven.body], woven.sign, SIGNS[check.otherwise])
    )
    return unjudged(ground, check, replace(woven, sign=sign, constant=check.constant))


def _side(ground: Ground, terms: Sequence[Term], group: str, able: Flags) -> Side:
    """Keys of comparisons, facts and weights of all terms of one side, in the bodies that are able."""
    found = [_term(ground, term, group) for term in terms]
    if not found:
        return NONE, NONE, NONE
    keys, facts, weights = (np.concatenate(column) for column in zip(*found, strict=True))
    kept = able[ground.body[facts]]
    return keys[kept], facts[kept], weights[kept]


def _term(ground: Ground, term: Term, group: str) -> Side:
    """The facts of the first alternative that prints a figure; failing that, the blank cells of the first."""
    sums = [_sum(ground, candidate, group) for candidate in term.candidates]
    if len(sums) == 1:
        return sums[0]
    taken = _Marks(ground, group)
    chosen = []
    for keys, facts, weights in sums:
        figured = taken.others(keys[ground.figured[facts]])
        use = _Marks(ground, group, figured).have(keys)
        chosen.append((keys[use], facts[use], weights[use]))
        taken.add(figured)
    for keys, facts, weights in sums:
        use = ~taken.have(keys)
        chosen.append((keys[use], facts[use], weights[use]))
        taken.add(keys)
    found = [np.concatenate(column) for column in zip(*chosen, strict=True)]
    return found[0], found[1], found[2]


class _Marks:
    """A set of keys of comparisons, asked for many keys at once."""

    def __init__(self, ground: Ground, group: str, keys: Ints = NONE) -> None:
        rows = len(ground.row.names) if group == "row" else 1
        most = len(ground.bodies) * rows if group != "block" else int(ground.block.max(initial=-1)) + 1
        self._marked = np.zeros(most, dtype=bool)
        self.add(keys)

    def add(self, keys: Ints) -> None:
        """Put keys into the set."""
        self._marked[keys] = True

    def have(self, keys: Ints) -> Flags:
        """Which of the keys are in the set."""
        return self._marked[keys]

    def others(self, keys: Ints) -> Ints:
        """Those of the keys that are not in the set."""
        return keys[~self._marked[keys]]

    def listed(self) -> Ints:
        """All keys of the set, in order."""
        return np.flatnonzero(self._marked)


def _sum(ground: Ground, candidate: Sequence[tuple[Address, int]], group: str) -> Side:
    facts = [ground.select(address) for address, _ in candidate]
    weights = [np.full(len(found), weight) for found, (_, weight) in zip(facts, candidate, strict=True)]
    together = np.concatenate(facts)
    return _group_key(ground, together, group), together, np.concatenate(weights).astype(np.int64)


def _group_key(ground: Ground, facts: Ints, group: str) -> Ints:
    if group == "row":
        return ground.body[facts] * len(ground.row.names) + ground.row.codes[facts]
    return ground.block[facts] if group == "block" else ground.body[facts]


def _printed(ground: Ground, term: Term) -> Flags:
    """Per body: some alternative of the term is printed.

    An optional one counts 0 where the province has no such form, or the form is empty and nothing of it was told.
    """
    printed = np.zeros(len(ground.bodies), dtype=bool)
    for candidate in term.candidates:
        printed |= reduce(np.logical_and, [ground.prints(address) for address, _ in candidate])
    if term.optional:
        columns = [ground.forms.index(form) for form in term.forms]
        owed, has = ground.owes_form[:, columns].any(axis=1), ground.has_form[:, columns].any(axis=1)
        empty = ~(ground.filled | ground.told)[:, columns].any(axis=1)
        printed |= np.where(has, empty, ~owed)
    return printed


def _absences(
    ground: Ground,
    missing_is: str,
    lacking: Flags,
    forms: Sequence[tuple[str, ...]],
    lacking_each: Sequence[Flags] | None = None,
) -> tuple[Flags, Reasons]:
    """Per body: a form that it owes is missing, or was sent and not read; and the sentence that says which."""
    missing, unread = np.zeros((2, len(lacking)), dtype=bool)
    reason: Reasons = np.where(lacking, nothing_to_compare(), "").astype(object)
    for names, lacks in zip(forms, lacking_each or [lacking] * len(forms), strict=True):
        for form in names:
            column = ground.forms.index(form)
            absent = lacks & ~ground.has_form[:, column]
            owed = absent & ground.owes_form[:, column]
            reason[absent & ~missing] = say("form_missing", form=title(form))
            missing |= owed
            silent = lacks & ground.unread[:, column]
            reason[silent] = not_read(form)
            unread |= silent
    return unread | (missing & (missing_is == "not_evaluable")), reason


def _comparable(ground: Ground, check: Equation, totals: Side, parts: Side) -> Any:
    """A filter of sides to the comparisons that mean something."""
    figures = [_Marks(ground, check.group, side[0][ground.figured[side[1]]]) for side in (totals, parts)]
    keys = _Marks(ground, check.group, np.concatenate([totals[0], parts[0]])).listed()
    keys = keys[_has_levels(ground, check, keys)] if check.group == "row" else keys
    for needing, figured in zip(("total", "parts"), figures, strict=True):
        if check.needs in (needing, "both", "every"):
            keys = keys[figured.have(keys)]
    for term in (*check.total_terms, *check.part_terms) if check.needs == "every" and len(keys) else ():
        if not term.optional:
            own, facts, _ = _term(ground, term, check.group)
            keys = keys[_Marks(ground, check.group, own[ground.figured[facts]]).have(keys)]
    for address in check.coarser_addresses:
        coarse = ground.select(address)
        bodies = np.zeros(len(ground.bodies), dtype=bool)
        bodies[ground.body[coarse[ground.figured[coarse]]]] = True
        side = 0 if address.form in {form for term in check.total_terms for form in term.forms} else 1
        keys = keys[figures[side].have(keys) | ~bodies[_body_of(ground, keys, check.group)]]
    wanted = _Marks(ground, check.group, keys)

    def kept(side: Side) -> Side:
        use = wanted.have(side[0])
        return side[0][use], side[1][use], side[2][use]

    return kept


def _body_of(ground: Ground, keys: Ints, group: str) -> Ints:
    """The body that each comparison is of."""
    return keys // max(len(ground.row.names), 1) if group == "row" else keys


def _has_levels(ground: Ground, check: Equation, keys: Ints) -> Flags:
    """Comparisons of a coded row whose depth every form with money prints, with such a form on either side.

    A form of noughts alone (合计 0 and no rows) has nothing at any depth.
    """
    body, row = np.divmod(keys, max(len(ground.row.names), 1))
    bit = ground.row.level[row] if len(keys) else NONE
    printed = np.ones(len(keys), dtype=bool)
    for terms in (check.total_terms, check.part_terms):
        columns = [ground.forms.index(form) for term in terms for form in term.forms]
        weighty = ground.weighty[body][:, columns]
        has_level = (ground.levels[body][:, columns] & bit[:, None]) != 0
        printed &= weighty.any(axis=1) & (has_level | ~weighty).all(axis=1)
    return printed


def copies(ground: Ground) -> Woven:
    """Every figure that a second block of the same form prints again, against the first; not one of another body (SUB-07)."""
    second = np.flatnonzero(~ground.counted & ~ground.memo & ground.figured)
    keys = (ground.panel, ground.row, ground.column, ground.measure)
    address = addresses(ground.body, ground.form, keys)
    first = np.flatnonzero(ground.counted & ground.figured & np.isin(address, address[second]))
    first_of = dict(zip(address[first].tolist(), first.tolist(), strict=True))
    second = second[np.isin(address[second], address[first])]
    firsts = np.array([first_of[key] for key in address[second].tolist()], dtype=np.int64)
    same = ~ground.of_two(firsts, second)
    firsts, second = firsts[same], second[same]
    key, one = np.arange(len(second)), np.ones(len(second), dtype=np.int64)
    edges = sides((key, second, one), (key, firsts, one))
    return with_figures(ground, edges, "=", *no_absence(ground))
