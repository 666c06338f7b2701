"""Whether the condition of a check holds in a body."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from expectations.address import parse_address
from expectations.ground import Flags, Ground
from expectations.rules_model import Clause, Condition
from expectations.saying import Messages

say = Messages(__file__)


def holding(ground: Ground, condition: Condition | None) -> Flags:
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


def why_not(condition: Condition | None) -> str:
    """Why a check is not applied where its condition does not hold."""
    return say("condition_fails", condition=condition.title) if condition else ""


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
