"""Departments against the sum of their units: which figures are compared, in which bodies."""

from dataclasses import replace

import numpy as np

from expectations.ground import Flags, Ground, Ints, addresses, numbers
from expectations.rules_model import ADDITIVE_MEASURES, Units
from expectations.saying import Messages
from expectations.woven import Woven, among, no_absence, sides, with_figures

say = Messages(__file__)


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
    missing, reason = no_absence(ground)
    reason[reporting & ~complete] = say("units_missing")
    if not has_roster:
        reason[reporting] = say("no_roster")
    woven = with_figures(ground, sides(totals, parts), "=", missing, reason, able=complete, body=owner)
    return replace(woven, unsure=np.full(len(woven.body), not has_roster))


def _summable(ground: Ground, check: Units) -> Flags:
    """Figures that add up over bodies: no percentages, no positions within a form."""
    everything = np.arange(len(ground.body))
    left_out = [ground.forms.index(form) for form in check.left_out]
    positions = [number for number, name in enumerate(ground.row.names) if "." in name]
    additive = among(ground.measure, everything, (*ADDITIVE_MEASURES, "quantity"))
    percent = among(ground.column, everything, ("percent",))
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
