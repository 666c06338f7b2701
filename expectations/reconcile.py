"""The rules engine: every rule against every body at once, from evidence to outcomes and findings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from expectations.code_cells import at_cells_of
from expectations.edges import weave
from expectations.ground import Evidence
from expectations.localise import localise
from expectations.network import network_of
from expectations.outcomes import (
    FINDING_COLUMNS,
    SEVERITIES,
    Judged,
    Tally,
    distinct,
    findings_frame,
    identity_findings,
    in_order,
    judge,
    stacked,
    stated_findings,
)
from expectations.relations import FOUND, NOTHING_FOUND, NOTHING_LOOKED_AT, Looked, Relations
from expectations.rules_model import RULES, Reading, Relation, Rule
from expectations.rules_model import load_rules as _load_rules
from expectations.surroundings import NOTHING_BESIDE, Surroundings
from expectations.survey import survey
from expectations.woven import NONE, Woven

ROSTER_RULE = "SUB-01"
EDGE_COLUMNS = ("rule_id", "identity", "fact", "weight", "side")


@dataclass(frozen=True)
class Checks:
    """What the rules found.

    `outcomes`: one row per rule and body (with body_id, and `severity`, the worst of its findings).
    `findings`: as published, with body_id. `idle_rules`: ids that looked at nothing anywhere. `edges`: the
    additive identities (rule_id, identity, fact as position in the facts, weight, side).
    """

    outcomes: pd.DataFrame
    findings: pd.DataFrame
    idle_rules: list[str]
    edges: pd.DataFrame


def load_rules(folder: Path = RULES) -> tuple[Rule, ...]:
    """The rules of a folder; DefinitionError where one contradicts itself or an id is there twice."""
    return _load_rules(folder)


@cache
def catalogue() -> tuple[Rule, ...]:
    """The project's own rules, loaded once. Raises DefinitionError where one that was edited does not prove itself."""
    from expectations.proofs import refuse_unproven  # it draws evidence for this module to judge

    rules = load_rules()
    refuse_unproven(rules)
    return rules


def reconcile(
    evidence: Evidence, rules: Sequence[Rule], surroundings: Surroundings = NOTHING_BESIDE
) -> Checks:
    """Apply all rules to all bodies, by the bureau's thresholds and beside last year's figures.

    Frames as reading hands them over; amounts in 分. Every body gets one outcome per rule: what was not
    checked is `not_evaluable` or `not_applicable` with its reason.
    """
    ground = survey(evidence)
    asking = _Asking(evidence, Relations(evidence, ground, surroundings))
    tally = Tally(rules, ground.bodies)
    found: list[dict[str, Any]] = []
    woven_by_rule: list[tuple[int, Woven]] = []
    judged_checks: list[tuple[Woven, Judged]] = []
    identities = 0
    for number, rule in enumerate(rules):
        for check in rule.expanded_checks:
            if isinstance(check, Relation | Reading):
                found += _ask(tally, number, rule, check, asking)
            else:
                woven = weave(ground, check, has_roster=evidence.has_roster)
                judged = judge(ground, woven)
                tally.add_identities(number, ground, woven, judged)
                found += identity_findings(ground, rule, check, woven, judged, identities)
                woven_by_rule.append((number, woven))
                judged_checks.append((woven, judged))
                identities += len(woven.body)
    led = localise(ground, network_of(ground, judged_checks), distinct(found))
    findings = findings_frame(led, rules, ground.bodies)
    _note_severities(tally, findings)
    idle = [
        rule.id for rule, seen in zip(rules, tally.evaluated.sum(axis=1).tolist(), strict=True) if not seen
    ]
    always = np.array([rule.id == ROSTER_RULE for rule in rules], dtype=bool)
    return Checks(tally.frame(always), findings, idle, _edge_rows(rules, woven_by_rule))


def together(parts: Sequence[Checks], rules: Sequence[Rule], bodies: pd.DataFrame) -> Checks:
    """Checks of different bodies or by different rules as one, in the order in which one pass would give them.

    `bodies`: all of them. The edges are not joined.
    """
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    outcomes = stacked([part.outcomes for part in parts])
    place = pd.Index(bodies["body_id"]).get_indexer(pd.Index(outcomes["body_id"]))
    order = np.lexsort((place, outcomes["rule_id"].map(numbers).to_numpy()))
    outcomes = outcomes.take(order).reset_index(drop=True)
    looked = outcomes.groupby("rule_id", observed=True)["evaluated"].sum().to_dict()
    findings = in_order(pd.concat([part.findings for part in parts], ignore_index=True), rules)
    idle = [rule.id for rule in rules if not looked.get(rule.id, 0)]
    return Checks(outcomes, findings[list(FINDING_COLUMNS)].astype(object), idle, _edge_rows((), ()))


@dataclass(frozen=True)
class _Asking:
    """The evidence and what answers questions about it."""

    evidence: Evidence
    relations: Relations

    def asked(self, check: Relation) -> tuple[Looked, pd.DataFrame]:
        """What a check by SQL looked at and what fails; what nobody was looked at for cannot fail."""
        if check.of and not self._forms & set(check.of):
            return NOTHING_LOOKED_AT, NOTHING_FOUND
        if check.without_earlier is not None and not self.relations.has_earlier:
            return self._unjudged(check.without_earlier), NOTHING_FOUND
        looked = self.relations.evaluated(check.evaluated)
        if not looked.evaluated.any():
            return looked, NOTHING_FOUND
        failing = self.relations.failing(check.failing)
        if check.at == "figure" or failing.empty:
            return looked, failing
        return looked, at_cells_of(check.at, failing, self.evidence)

    def _unjudged(self, reason: str) -> Looked:
        """Nothing looked at in any body that sent something, for one reason."""
        body, none = self._sent.to_numpy(), np.zeros(len(self._sent), dtype=np.int64)
        return Looked(body, none, np.full(len(body), reason, dtype=object))

    @cached_property
    def _sent(self) -> "pd.Series[Any]":
        bodies = self.evidence.bodies
        return bodies[bodies["sent"].astype(bool)]["body_id"]

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(self.evidence.blocks["form"].unique())

    @cached_property
    def _counts(self) -> dict[str, Looked]:
        return {}

    def looked_at(self, over: str) -> Looked:
        """Per body how many blocks or cells reading has looked at; one at least where something was sent."""
        if over not in self._counts:
            counts = getattr(self.evidence, over)["body_id"].value_counts().reindex(self._sent, fill_value=0)
            none = self._unjudged("")
            self._counts[over] = none._replace(evaluated=np.maximum(counts.to_numpy(), 1))
        return self._counts[over]

    def problems(self, rule: Rule) -> pd.DataFrame:
        """The problems of one rule; a severity of their own, where reading gives one, outranks the rule's."""
        problems = self.evidence.problems
        own = problems[problems["rule_id"] == rule.id] if rule.id in self._told else None
        return NOTHING_FOUND if own is None else own.reindex(columns=list(FOUND)).fillna("").astype(str)

    @cached_property
    def _told(self) -> frozenset[str]:
        return frozenset(self.evidence.problems["rule_id"])


def _ask(
    tally: Tally, number: int, rule: Rule, check: Relation | Reading, asking: _Asking
) -> list[dict[str, Any]]:
    """Count and list what SQL or reading has to say."""
    if isinstance(check, Relation):
        looked, failing = asking.asked(check)
    else:
        looked, failing = asking.looked_at(check.over), asking.problems(rule)
    count = len(tally.bodies)
    at = tally.listed.get_indexer(pd.Index(failing["body_id"])) if len(failing) else NONE
    failed = np.bincount(at[at >= 0], minlength=count)
    at = tally.listed.get_indexer(pd.Index(looked.body, dtype=object))
    evaluated = np.zeros(count, dtype=np.int64)
    evaluated[at] = looked.evaluated
    reason = np.full(count, "", dtype=object)
    reason[at] = looked.reason
    tally.add_counts(number, np.maximum(evaluated, failed), failed)
    tally.add_reasons(number, reason, np.asarray(reason != ""))
    return stated_findings(rule, check, failing)


def _edge_rows(rules: Sequence[Rule], woven_by_rule: Sequence[tuple[int, Woven]]) -> pd.DataFrame:
    """The edges of all checks as one frame; identities are numbered through."""
    counts = [len(woven.edges.fact) for _, woven in woven_by_rule]
    first = np.cumsum([0, *(len(woven.body) for _, woven in woven_by_rule)])[:-1]
    rule = np.repeat(np.array([number for number, _ in woven_by_rule], dtype=np.int16), counts)
    part = _joined([woven.edges.part for _, woven in woven_by_rule])
    columns = (
        pd.Categorical.from_codes(rule, pd.Index([rule.id for rule in rules])),
        _joined([woven.edges.identity for _, woven in woven_by_rule]) + np.repeat(first, counts),
        _joined([woven.edges.fact for _, woven in woven_by_rule]),
        _joined([woven.edges.weight for _, woven in woven_by_rule]),
        pd.Categorical.from_codes(part.astype(np.int8), pd.Index(["total", "part"])),
    )
    return pd.DataFrame(dict(zip(EDGE_COLUMNS, columns, strict=True)))


def _joined(arrays: Sequence[Any]) -> Any:
    return np.concatenate([np.zeros(0, dtype=np.int64), *arrays])


def _note_severities(tally: Tally, findings: pd.DataFrame) -> None:
    rules = {rule.id: number for number, rule in enumerate(tally.rules)}
    known = findings[findings["body_id"].isin(tally.listed)]
    bodies = tally.listed.get_indexer(pd.Index(known["body_id"]))
    severity = known["severity"].map(SEVERITIES.index).to_numpy(dtype=np.int8)
    np.maximum.at(tally.severity, (known["rule_id"].map(rules).to_numpy(dtype=np.int64), bodies), severity)


def withheld(findings: pd.DataFrame, bodies: pd.DataFrame) -> set[str]:
    """The bodies held back whole: those with an open error whose gate is the body."""
    held = findings[(findings["gate"] == "body") & (findings["state"] == "open")]["body_id"]
    return set(held) & set(bodies["body_id"])


def withheld_tables(
    findings: pd.DataFrame,
    rules: Collection[Rule] | None = None,
    from_prose: Collection[tuple[str, str]] = (),
) -> set[tuple[str, str]]:
    """(body_id, table) held back: the tables that a rule with an open error speaks of.

    `from_prose`: (body_id, table) whose rows are those of a document; only they are held back from `tables_of_prose`.
    """
    known = {rule.id: rule for rule in (catalogue() if rules is None else rules)}
    held = findings[
        (findings["gate"] == "table") & (findings["state"] == "open") & (findings["body_id"] != "")
    ]
    pairs = held[["body_id", "rule_id"]].drop_duplicates().itertuples(index=False)
    named = [(body_id, known[rule_id]) for body_id, rule_id in pairs if rule_id in known]
    whole = {(body_id, table) for body_id, rule in named for table in rule.tables}
    prose = {(body_id, table) for body_id, rule in named for table in rule.tables_of_prose}
    return whole | (prose & set(from_prose))
