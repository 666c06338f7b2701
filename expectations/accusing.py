"""Findings that are no sums accuse the figures that they rest on: one of these must be wrong."""

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np
import pandas as pd

from expectations.following import ROOT, Row
from expectations.ground import Flags, Ground

Accused = Mapping[int, frozenset[int]]


def accused_facts(ground: Ground, rows: Sequence[Row]) -> Accused:
    """Per finding with an error that names its figures their positions among the facts."""
    named = {
        number: [int(fact) for fact in row["facts"].split()]
        for number, row in enumerate(rows)
        if row.get("facts") and row["severity"] == "error"
    }
    known = pd.Index(ground.facts["fact_id"])
    return {number: frozenset(known.get_indexer(pd.Index(facts)).tolist()) for number, facts in named.items()}


def flags_of(ground: Ground, accused: Accused) -> Flags:
    """Per fact: whether a finding accuses it."""
    flags = np.zeros(len(ground.amount), dtype=bool)
    flags[sorted({fact for facts in accused.values() for fact in facts})] = True
    return flags


def follow_accusers(rows: Sequence[Row], accused: Accused) -> list[Row]:
    """The findings; one that accuses several figures follows from one that accuses some of them alone."""
    told = list(rows)
    per_body: dict[str, list[int]] = {}
    for number in accused:
        per_body.setdefault(rows[number]["body_id"], []).append(number)
    for numbers in per_body.values():
        for broad, narrow in permutations(numbers, 2):
            if accused[narrow] < accused[broad]:
                told[broad] = {**told[broad], ROOT: narrow}
    return told
