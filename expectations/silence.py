"""Forms of which figures were told and not read: that they say nothing accuses no other form."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from expectations.address import Term
from expectations.canon import title
from expectations.ground import Flags, Ground
from expectations.rules_model import Equation
from expectations.saying import Messages
from expectations.woven import Woven

say = Messages(__file__)


def not_read(form: str) -> str:
    """Why nothing is compared with a form."""
    return say("not_read", form=title(form))


def unjudged(ground: Ground, check: Equation, woven: Woven) -> Woven:
    """The identities, unsure where one side says nothing and another form, that it would come from, has figures told."""
    sides = _forms(check.total_terms), _forms(check.part_terms)
    told: Flags = np.asarray(ground.told.any(axis=0))
    reason, unsure = woven.reason.copy(), woven.unsure.copy()
    for part, own, other in ((False, *sides), (True, *sides[::-1])):
        for form in (form for form in own if form not in other and told[ground.forms.index(form)]):
            silent = ~_speaks(ground, woven, part) & ground.told[woven.body, ground.forms.index(form)]
            unsure |= silent
            reason[woven.body[silent]] = not_read(form)
    return replace(woven, unsure=unsure, reason=reason)


def _forms(terms: Sequence[Term]) -> tuple[str, ...]:
    return tuple(form for term in terms for form in term.forms)


def _speaks(ground: Ground, woven: Woven, part: bool) -> Flags:  # noqa: FBT001 – which of the two sides
    """Per identity: a figure stands on that side."""
    edges = woven.edges
    speaks = np.zeros(len(woven.body), dtype=bool)
    speaks[edges.identity[(edges.part == part) & ground.figured[edges.fact]]] = True
    return speaks
