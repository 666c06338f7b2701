"""Additive identities as weighted edges: which facts enter which side of which comparison, in all bodies.

Every kind of identity (printed totals, equations between forms, copies, departments and their units) ends as
the same rows, so that one evaluation serves them all and a fault can be followed along them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from expectations.address import Address, Term, parse_address
from expectations.canon import title
from expectations.ground import Flags, Ground, Ints, Keys, addresses, numbers
from expectations.rules_model import Clause, Condition, Copies, Equation, Sums, Units

ADDITIVE_MEASURES = ("amount", "previous", "change")
NONE = np.zeros(0, dtype=np.int64)
SIGNS = {"=": 0, "<=": -1, ">=": 1}
NOTHING_TO_COMPARE = "没有可核对的数字"
CONDITION_FAILS = "条件不成立：{condition}"
FORM_MISSING = "缺少《{form}》"
NO_ROSTER = "没有部门名册，无法判断所属单位是否全部报送"
UNITS_MISSING = "尚有所属单位未报送或无法读取"

Reasons = npt.NDArray[np.object_]


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
    facts = facts[(parents[facts] >= 0) & _among(ground.measure, facts, ADDITIVE_MEASURES)]
    facts = facts[_among(ground.panel, facts, check.panels) & _among(ground.column, facts, check.columns)]
    facts = facts[_among(keys, parents[facts], check.parents)]
    key = parents[facts] * len(ground.panel.names) + ground.panel.codes[facts]
    totals, first = np.unique(key, return_index=True)
    total_facts = parents[facts][first]
    present = ground.has_form[:, ground.forms.index(check.form)]
    missing, reason = _absences(ground, check.missing, ~present, [(check.form,)])
    edges = _sides((totals, total_facts, np.ones_like(totals)), (key, facts, np.ones_like(key)))
    return _figured(ground, edges, "=", missing, reason)


def _among(keys: Keys, facts: Ints, wanted: Sequence[str]) -> Flags:
    if not wanted:
        return np.ones(len(facts), dtype=bool)
    return np.isin(keys.codes[facts], [keys.code(name) for name in wanted if keys.code(name) >= 0])


def equation(ground: Ground, check: Equation) -> Woven:
    """Sums of both sides, per body, coded row or block, in the bodies that have what both sides need."""
    terms = (*check.total_terms, *check.part_terms)
    lacking = [~_printed(ground, term) for term in terms]
    missing, reason = _absences(
        ground, check.missing, reduce(np.logical_or, lacking), [term.forms for term in terms], lacking
    )
    holds = _holds(ground, check.condition)
    able = ~reduce(np.logical_or, lacking) & (holds | (check.otherwise != "skip"))
    reason = np.where((reason == "") & ~able, _why_not(check.condition), reason)
    totals = _side(ground, check.total_terms, check.group, able)
    parts = _side(ground, check.part_terms, check.group, able)
    kept = _comparable(ground, check, totals, parts)
    woven = _figured(ground, _sides(kept(totals), kept(parts)), check.relation, missing, reason)
    sign = (
        woven.sign
        if check.otherwise == "skip"
        else np.where(holds[woven.body], woven.sign, SIGNS[check.otherwise])
    )
    return replace(woven, sign=sign, constant=check.constant)


Side = tuple[Ints, Ints, Ints]


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

    An optional one counts 0 where the province has no such form, or the form is empty.
    """
    printed = np.zeros(len(ground.bodies), dtype=bool)
    for candidate in term.candidates:
        printed |= reduce(np.logical_and, [ground.prints(address) for address, _ in candidate])
    if term.optional:
        columns = [ground.forms.index(form) for form in term.forms]
        owed, has = ground.owes_form[:, columns].any(axis=1), ground.has_form[:, columns].any(axis=1)
        printed |= np.where(has, ~ground.filled[:, columns].any(axis=1), ~owed)
    return printed


def _absences(
    ground: Ground,
    missing_is: str,
    lacking: Flags,
    forms: Sequence[tuple[str, ...]],
    lacking_each: Sequence[Flags] | None = None,
) -> tuple[Flags, Reasons]:
    """Per body: a form that it owes is missing; and the sentence that says which."""
    missing = np.zeros(len(lacking), dtype=bool)
    reason: Reasons = np.where(lacking, NOTHING_TO_COMPARE, "").astype(object)
    for names, lacks in zip(forms, lacking_each or [lacking] * len(forms), strict=True):
        for form in names:
            column = ground.forms.index(form)
            absent = lacks & ~ground.has_form[:, column]
            owed = absent & ground.owes_form[:, column]
            reason[absent & ~missing] = FORM_MISSING.format(form=title(form))
            missing |= owed
    return missing & (missing_is == "not_evaluable"), reason


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


def _holds(ground: Ground, condition: Condition | None) -> Flags:
    """Per body: the condition holds; without one it always does."""
    if condition is None:
        return np.ones(len(ground.bodies), dtype=bool)
    clauses = [_clause_holds(ground, clause) for clause in condition.clauses]
    holds: Flags = reduce(np.logical_and, clauses, np.ones(len(ground.bodies), dtype=bool))
    if condition.known_from:
        columns = [ground.forms.index(form) for form in condition.known_from]
        holds = holds & ground.filled[:, columns].any(axis=1)
    if condition.kinds:
        holds = holds & _all_of_kinds(ground, condition)
    if condition.prints:
        holds = holds & ground.prints(parse_address(condition.prints))
    if condition.lacks:
        holds = holds & ~ground.prints(parse_address(condition.lacks))
    return holds


def _why_not(condition: Condition | None) -> str:
    return CONDITION_FAILS.format(condition=condition.title) if condition else ""


def _clause_holds(ground: Ground, clause: Clause) -> Flags:
    return ~_some_figure(ground, clause.nothing_at) | _some_figure(ground, clause.or_something_at)


def _some_figure(ground: Ground, texts: Sequence[str]) -> Flags:
    """Per body: a figure other than 0 stands at one of the addresses."""
    found = np.zeros(len(ground.bodies), dtype=bool)
    for text in texts:
        facts = ground.select(parse_address(text))
        found[ground.body[facts[ground.amount[facts] != 0]]] = True
    return found


def _all_of_kinds(ground: Ground, condition: Condition) -> Flags:
    """Per body: on the roster, and with every unit below it of one of the kinds."""
    bodies = ground.bodies
    fits = (bodies["on_roster"].astype(bool) & bodies["kind"].isin(condition.kinds)).to_numpy(dtype=bool)
    misfit = set(bodies["parent_id"][~fits & bodies["on_roster"].astype(bool).to_numpy()])
    return fits & ~bodies["body_id"].isin(misfit).to_numpy(dtype=bool)


def copies(ground: Ground) -> Woven:
    """Every figure that a second block of the same form prints again, against the first."""
    second = np.flatnonzero(~ground.counted & ~ground.memo & ground.figured)
    keys = (ground.panel, ground.row, ground.column, ground.measure)
    address = addresses(ground.body, ground.form, keys)
    first = np.flatnonzero(ground.counted & ground.figured & np.isin(address, address[second]))
    first_of = dict(zip(address[first].tolist(), first.tolist(), strict=True))
    second = second[np.isin(address[second], address[first])]
    firsts = np.array([first_of[key] for key in address[second].tolist()], dtype=np.int64)
    key, one = np.arange(len(second)), np.ones(len(second), dtype=np.int64)
    edges = _sides((key, second, one), (key, firsts, one))
    return _figured(ground, edges, "=", *_no_absence(ground))


def units(ground: Ground, check: Units, *, has_roster: bool) -> Woven:
    """Each figure of a department's own workbook against the sum of its units'.

    A unit of which none of the forms compared could be read has not sent them, whatever else came from it.
    """
    bodies = ground.bodies
    parent = numbers(bodies["parent_id"], bodies["body_id"])
    compared = [number for number, name in enumerate(ground.forms) if name not in check.left_out]
    sent = bodies["sent"].to_numpy(dtype=bool) & ground.filled[:, compared].any(axis=1)
    reporting = np.zeros(len(bodies), dtype=bool)
    reporting[parent[(parent >= 0) & sent]] = True
    on_roster = bodies["on_roster"].to_numpy(dtype=bool)
    complete = _all_units_sent(parent, sent, on_roster) if has_roster else reporting
    owner = np.where(parent >= 0, parent, np.arange(len(bodies)))[ground.body]
    facts = np.flatnonzero(_summable(ground, check) & (reporting & sent)[owner])
    facts = facts[_comparable_with_units(ground, facts, owner[facts], parent)]
    key = addresses(owner, ground.form, (ground.panel, ground.row, ground.column, ground.measure))
    own = owner[facts] == ground.body[facts]
    totals, parts = ((key[side], side, np.ones_like(side)) for side in (facts[own], facts[~own]))
    missing, reason = _no_absence(ground)
    reason[reporting & ~complete] = UNITS_MISSING
    if not has_roster:
        reason[reporting] = NO_ROSTER
    woven = _figured(ground, _sides(totals, parts), "=", missing, reason, able=complete, body=owner)
    return replace(woven, unsure=np.full(len(woven.body), not has_roster))


def _summable(ground: Ground, check: Units) -> Flags:
    """Figures that add up over bodies: no percentages, no positions within a form."""
    everything = np.arange(len(ground.body))
    left_out = [ground.forms.index(form) for form in check.left_out]
    positions = [number for number, name in enumerate(ground.row.names) if "." in name]
    additive = _among(ground.measure, everything, (*ADDITIVE_MEASURES, "quantity"))
    percent = _among(ground.column, everything, ("percent",))
    kept = ~np.isin(ground.form, left_out) & ~np.isin(ground.row.codes, positions)
    return np.asarray(ground.counted & ~ground.memo & additive & ~percent & kept)


def _comparable_with_units(ground: Ground, facts: Ints, owner: Ints, parent: Ints) -> Flags:
    """Facts at a depth and in a column that the department and every unit print; no unit lacks the form."""
    levels, columns = ground.levels.copy(), ground.columns.copy()
    for child in np.flatnonzero((parent >= 0) & ground.filled.any(axis=1)):
        filled, absent = ground.filled[child], ground.owes_form[child] & ~ground.has_form[child]
        levels[parent[child], filled] &= ground.levels[child, filled]
        columns[parent[child], filled] &= ground.columns[child, filled]
        levels[parent[child], absent] = 0
    form, names = ground.form[facts], ground.column.names
    every_bit = [0 if name == "total" else ground.column_bits.get(name, 0) for name in names]
    bit = np.array(every_bit, dtype=np.int64)[ground.column.codes[facts]]
    level = ground.row.level[ground.row.codes[facts]]
    printed = ((levels[owner, form] & level) != 0) & ((columns[owner, form] & bit) == bit)
    return np.asarray(ground.filled[owner, form] & printed)


def _all_units_sent(parent: Ints, sent: Flags, on_roster: Flags) -> Flags:
    """Per body: on the roster with units of which none is missing."""
    complete = np.zeros(len(parent), dtype=bool)
    has_parent = parent >= 0
    complete[parent[has_parent]] = True
    complete[parent[has_parent & on_roster & ~sent]] = False
    return complete & on_roster


def _no_absence(ground: Ground) -> tuple[Flags, Reasons]:
    count = len(ground.bodies)
    return np.zeros(count, dtype=bool), np.full(count, "", dtype=object)


def _sides(totals: Side, parts: Side) -> Edges:
    """Edges of both sides; identities are numbered by their keys in order."""
    keys = np.concatenate([totals[0], parts[0]])
    identity = np.searchsorted(_distinct(keys), keys)
    return Edges(
        identity,
        np.concatenate([totals[1], parts[1]]),
        np.concatenate([totals[2], parts[2]]),
        np.repeat([False, True], [len(totals[0]), len(parts[0])]),
    )


def _distinct(keys: Ints) -> Ints:
    """The keys in order, each once."""
    ordered = np.sort(keys)
    return np.asarray(ordered[np.diff(ordered, prepend=-1) != 0])


def _figured(
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
