"""From identities and questions to outcomes per rule and body, and to findings with cells and sentences."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from expectations.canon import title
from expectations.ground import Flags, Ground, Ints
from expectations.messages import SHOWN_PARTS, Comparison, in_unit, place, printed_facts, sentence, typeset
from expectations.relations import DOCUMENT, MOST_STEPS, YUAN, stated
from expectations.rules_model import AnyCheck, Equation, Reading, Rule
from expectations.saying import Messages
from expectations.woven import Reasons, Woven, nothing_to_compare

say = Messages(__file__)

OUTCOMES = ("not_applicable", "agrees", "rounding", "not_evaluable", "fails")
NOT_APPLICABLE, AGREES, ROUNDING, NOT_EVALUABLE, FAILS = range(5)
SEVERITIES = ("", "info", "warning", "error")

OUTCOME_COLUMNS = (
    "rule_id", "scope", "department_code", "unit_code", "outcome", "evaluated", "failed", "reason",
    "severity", "body_id",
)  # fmt: skip
FINDING_COLUMNS = (
    "finding_id", "rule_id", "severity", "gate", "state", "root_finding_id", "scope", "department_code",
    "unit_code", "file", "sheet", "cell", "found", "expected", "difference", "message", "body_id",
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """Per identity: both sums in 分, its outcome (an index of OUTCOMES), and the most that rounding explains."""

    total: Ints
    parts: Ints
    outcome: Ints
    undeclared: Ints
    slack: Ints


def judge(ground: Ground, woven: Woven) -> Judged:
    """Compare both sides of every identity; a difference that display steps explain is rounding.

    Tolerance: half a step of the coarsest block for each figure shown (addends and total), at most five steps;
    where a sentence tells a figure that stands elsewhere, one of them is the other rounded, by half a step.
    """
    edges, count = woven.edges, len(woven.body)
    value = edges.weight * ground.amount[edges.fact]
    known = ground.known[edges.fact]
    total = _added(count, edges.identity, np.where(edges.part, 0, value))
    parts = _added(count, edges.identity, np.where(edges.part, value, 0)) + woven.constant
    shown = [
        _added(count, edges.identity, (known & (edges.part == side)).astype(np.int64))
        for side in (False, True)
    ]
    told = _added(count, edges.identity, _in_sentence(ground)[edges.fact].astype(np.int64)) > 0
    retold = told & (shown[0] <= 1) & (shown[1] <= 1)
    halves = np.where(retold, 1, np.maximum(shown[0], 1) + np.maximum(shown[1], 1))
    step = np.ones(count, dtype=np.int64)
    np.maximum.at(step, edges.identity, ground.step[edges.fact])
    over = excess(total - parts, woven.sign)
    slack = np.minimum(halves * step // 2, MOST_STEPS * step)
    without_unit = ground.figured[edges.fact] & ~ground.declared[edges.fact]
    undeclared = first_of_each(count, edges.identity[without_unit], edges.fact[without_unit])
    outcome = np.select(
        [undeclared >= 0, over == 0, over <= slack, woven.unsure],
        [NOT_EVALUABLE, AGREES, ROUNDING, NOT_EVALUABLE],
        FAILS,
    )
    return Judged(total, parts, outcome.astype(np.int64), undeclared, slack)


def _in_sentence(ground: Ground) -> Flags:
    """Which facts are figures of a disclosure document's prose."""
    return np.array([form == DOCUMENT for form in ground.forms], dtype=bool)[ground.form]


def gathered(owners: Ints, facts: Ints, wanted: Ints) -> list[Ints]:
    """The facts of each wanted owner (in ascending order), each in order of position."""
    use = np.isin(owners, wanted)
    owners, facts = owners[use], facts[use]
    order = np.lexsort((facts, owners))
    owners, facts = owners[order], facts[order]
    starts, ends = (np.searchsorted(owners, wanted, side=side) for side in ("left", "right"))
    return [facts[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def first_of_each(count: int, owners: Ints, facts: Ints) -> Ints:
    """Per owner 0 … count-1 the first of its facts; -1 where it has none."""
    first = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, owners, facts)
    return np.where(first == np.iinfo(np.int64).max, -1, first)


def _added(count: int, owners: Ints, values: Ints) -> Ints:
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, owners, values)
    return sums


def excess(difference: Ints, sign: Ints) -> Ints:
    """How far a relation is from holding: the whole difference for `=`, its forbidden direction otherwise."""
    return np.select(
        [sign < 0, sign > 0], [np.maximum(difference, 0), np.maximum(-difference, 0)], np.abs(difference)
    )


class Tally:
    """The worst outcome of each rule in each body, with counts and reasons, filled check by check."""

    def __init__(self, rules: Sequence[Rule], bodies: pd.DataFrame) -> None:
        shape = (len(rules), len(bodies))
        self.rules, self.bodies, self.listed = rules, bodies, pd.Index(bodies["body_id"])
        self.outcome: npt.NDArray[np.int8] = np.zeros(shape, dtype=np.int8)
        self.evaluated: npt.NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        self.failed: npt.NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        self.severity: npt.NDArray[np.int8] = np.zeros(shape, dtype=np.int8)
        self.reasons: dict[int, Reasons] = {
            kind: np.full(shape, "", dtype=object) for kind in (NOT_APPLICABLE, NOT_EVALUABLE)
        }

    def add_identities(self, rule: int, ground: Ground, woven: Woven, judged: Judged) -> None:
        """Count the identities of one check."""
        np.maximum.at(self.outcome[rule], woven.body, judged.outcome.astype(np.int8))
        np.add.at(self.evaluated[rule], woven.body, (judged.outcome != NOT_EVALUABLE).astype(np.int64))
        np.add.at(self.failed[rule], woven.body, (judged.outcome == FAILS).astype(np.int64))
        unsure = woven.missing.copy()
        unsure[woven.body[(judged.outcome == NOT_EVALUABLE) & (judged.undeclared < 0)]] = True
        self.add_reasons(rule, woven.reason, unsure)
        reasons = self.reasons[NOT_EVALUABLE][rule]
        without_unit = np.flatnonzero(judged.undeclared >= 0)
        forms = ground.form[judged.undeclared[without_unit]]
        for body, form in zip(woven.body[without_unit].tolist(), forms.tolist(), strict=True):
            reasons[body] = reasons[body] or say("no_unit", form=title(ground.forms[form]))

    def add_reasons(self, rule: int, reason: Reasons, missing: Flags) -> None:
        """Note why nothing was compared; where an input is `missing`, the rule is not evaluable."""
        self.outcome[rule][missing] = np.maximum(self.outcome[rule][missing], NOT_EVALUABLE)
        for kind, bodies in ((NOT_APPLICABLE, np.ones_like(missing)), (NOT_EVALUABLE, missing)):
            blank = bodies & (self.reasons[kind][rule] == "")
            self.reasons[kind][rule][blank] = reason[blank]

    def add_counts(self, rule: int, evaluated: Ints, failed: Ints) -> None:
        """Count what was looked at and what does not hold, one item per body."""
        self.evaluated[rule] += evaluated
        self.failed[rule] += failed
        outcome = np.select([failed > 0, evaluated > 0], [FAILS, AGREES], NOT_APPLICABLE)
        self.outcome[rule] = np.maximum(self.outcome[rule], outcome)

    def frame(self, always: Flags) -> pd.DataFrame:
        """One row per rule and body; `always`: rules that also judge a body that sent nothing."""
        rules, bodies = self.outcome.shape
        silent = ~self.bodies["sent"].to_numpy(dtype=bool)[None, :] & ~always[:, None]
        outcome = np.where(silent, NOT_EVALUABLE, self.outcome)
        unreasoned = np.where(
            self.reasons[NOT_APPLICABLE] == "", nothing_to_compare(), self.reasons[NOT_APPLICABLE]
        )
        reason = np.select(
            [silent, outcome == NOT_EVALUABLE, outcome == NOT_APPLICABLE],
            [say("not_sent"), self.reasons[NOT_EVALUABLE], unreasoned],
            "",
        )
        known = {name: pd.Categorical(self.bodies[name].astype("str")) for name in _BODY}
        columns = {
            "rule_id": _named([rule.id for rule in self.rules], np.repeat(np.arange(rules), bodies)),
            **{name: _named(each.categories, np.tile(each.codes, rules)) for name, each in known.items()},
            "outcome": _named(OUTCOMES, outcome.ravel()),
            "evaluated": self.evaluated.ravel(),
            "failed": self.failed.ravel(),
            "reason": pd.Categorical(pd.Series(reason.ravel(), dtype="str")),
            "severity": _named(SEVERITIES, self.severity.ravel()),
        }
        return pd.DataFrame(columns)[list(OUTCOME_COLUMNS)]


_BODY = ("scope", "department_code", "unit_code", "body_id")


def _named(names: Iterable[str], numbers: npt.NDArray[Any]) -> "pd.Categorical[str]":
    """Texts of which few are different, by their numbers: there is a row for each rule in each body."""
    return pd.Categorical.from_codes(numbers, pd.Index(pd.Series([*names], dtype="str")))


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Outcomes of several checks one below the other; a text that one of them does not give is ''."""
    columns = ([part.get(name, pd.Series("", part.index)) for part in parts] for name in OUTCOME_COLUMNS)
    return pd.DataFrame(dict(zip(OUTCOME_COLUMNS, map(_chained, columns), strict=True)))


def _chained(columns: Sequence["pd.Series[Any]"]) -> Any:
    if isinstance(columns[0].dtype, pd.CategoricalDtype):
        return union_categoricals([column.astype("category") for column in columns])
    return np.concatenate(columns)


def identity_findings(
    ground: Ground, rule: Rule, check: AnyCheck, woven: Woven, judged: Judged, first: int
) -> list[dict[str, Any]]:
    """One finding per identity that fails, at the printed total's cell; identities count from `first`."""
    failing = np.flatnonzero(judged.outcome == FAILS)
    if not len(failing):
        return []
    edges = woven.edges
    totals = gathered(edges.identity[~edges.part], edges.fact[~edges.part], failing)
    parts = gathered(edges.identity[edges.part], edges.fact[edges.part], failing)
    subtracts = np.isin(failing, edges.identity[~edges.part & (edges.weight < 0)])
    sides = list(zip(totals, parts, strict=True))
    anchors = [int((total if len(total) else part)[0]) for total, part in sides]
    shown = [fact for _, part in sides for fact in part[:SHOWN_PARTS]]
    printed = printed_facts(ground, [*anchors, *shown])
    standing = _standing(rule, check.severity or rule.severity)
    template = check.message or rule.message
    found = []
    for number, anchor, (given, part), negative in zip(
        failing.tolist(), anchors, sides, subtracts.tolist(), strict=True
    ):
        body_id = ground.bodies.at[int(woven.body[number]), "body_id"]
        comparison = Comparison(
            printed[anchor],
            [printed[int(fact)] for fact in part[:SHOWN_PARTS]],
            len(part),
            int(judged.total[number]),
            int(judged.parts[number]),
            _lacking(check, given, part),
            max(len(given), 1),
            bool(negative),
        )
        found.append(
            {**standing, "body_id": body_id, **_compared(template, comparison), "identity": first + number}
        )
    return found


def _lacking(check: AnyCheck, given: Ints, part: Ints) -> str:
    """The forms that print no figure for their side of an equation, as people call them; '' where both sides do."""
    if not isinstance(check, Equation) or check.constant or (len(given) and len(part)):
        return ""
    terms = check.part_terms if len(given) else check.total_terms
    titles = dict.fromkeys(f"《{title(form)}》" for term in terms for form in term.forms)
    return "、".join(titles)


def _compared(template: str, comparison: Comparison) -> dict[str, str]:
    """Where, what, and what there should be: blank where the other form has no figure to compare with."""
    anchor, found, expected = comparison.anchor, comparison.found, comparison.expected
    given = {"found": found, "expected": expected, "difference": found - expected}
    amounts = {name: stated(amount, anchor.unit) for name, amount in given.items()}
    if comparison.lacking:
        amounts = {"found": stated(found or expected, anchor.unit), "expected": "", "difference": ""}
    place = {"file": anchor.file, "sheet": anchor.sheet, "cell": anchor.cell}
    return {**place, **amounts, "message": sentence(template, comparison)}


def stated_findings(rule: Rule, check: AnyCheck, failing: pd.DataFrame) -> list[dict[str, Any]]:
    """One finding per row of what SQL or reading found."""
    if failing.empty:
        return []
    own = check.by_detail if isinstance(check, Reading) else {}
    template = check.message or rule.message
    return [
        {
            **_standing(rule, row["severity"] or check.severity or rule.severity),
            **{
                name: row[name]
                for name in ("body_id", "file", "sheet", "cell", "found", "expected", "difference")
            },
            "message": _stated(own.get(row["detail"], template), row),
            "identity": -1,
            "facts": row["facts"],
        }
        for row in failing.to_dict("records")
    ]


def _stated(template: str, row: dict[Any, Any]) -> str:
    amounts = {name: row[name] for name in ("found", "expected", "difference")}
    if row["unit"]:
        amounts["difference"] = amounts["difference"].removeprefix("-")
        units = {**dict.fromkeys(amounts, row["unit"]), "expected": row["expected_unit"] or row["unit"]}
        amounts = {name: _said_in(units[name], text) for name, text in amounts.items()}
    told = template.format(
        where=place(row["sheet"], row["cell"]) or row["file"] or "",
        **amounts,
        **{name: row[name] for name in ("file", "label", "detail")},
    )
    return typeset(told.removeprefix("：").strip())


def _said_in(unit: str, text: str) -> str:
    """An amount in yuan as a sheet in that unit says it; words as they are.

    >>> _said_in("万元", "-1000000.00"), _said_in("万元", "不小于零")
    ('-100.00 万元', '不小于零')
    """
    return in_unit(int(text.replace(".", "")), unit) if YUAN.fullmatch(text) else text


def _standing(rule: Rule, severity: str) -> dict[str, str]:
    gate = rule.gate if severity == "error" else "none"
    return {"rule_id": rule.id, "severity": severity, "gate": gate, "state": "open"}


def findings_frame(
    found: Sequence[dict[str, Any]], rules: Sequence[Rule], bodies: pd.DataFrame
) -> pd.DataFrame:
    """All findings, sorted by body, rule and place, with ids that stay the same from run to run."""
    listed = pd.DataFrame(found, columns=[*FINDING_COLUMNS[1:], "root"], dtype=object).drop(columns=_LATER)
    listed["_number"] = range(len(listed))
    known = bodies[["body_id", "scope", "department_code", "unit_code"]]
    listed = listed.merge(known, on="body_id", how="left", validate="many_to_one")
    listed = listed.fillna({"scope": "", "department_code": "", "unit_code": ""})
    listed = in_order(listed, rules)
    listed["finding_id"] = _identifiers(listed)
    numbered = dict(zip(listed["_number"], listed["finding_id"], strict=True))
    follows = listed["root"] != listed["_number"]
    listed["root_finding_id"] = listed["root"].map(numbered).where(follows, "")
    return listed[list(FINDING_COLUMNS)].astype(object)


def in_order(listed: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Findings sorted by body, rule and place."""
    number = listed["rule_id"].map({rule.id: number for number, rule in enumerate(rules)})
    row = pd.to_numeric(listed["cell"].str.extract(r"(\d+)", expand=False)).fillna(0)
    placed = listed.assign(_rule=number, _row=row)
    return placed.sort_values(list(_ORDER), kind="stable", ignore_index=True).drop(columns=["_rule", "_row"])


_ORDER = (
    "department_code", "unit_code", "body_id", "_rule", "file", "sheet", "_row", "cell", "found", "expected", "message",
)  # fmt: skip
_LATER = ["root_finding_id", "scope", "department_code", "unit_code"]
_SAME = ("rule_id", "body_id", "file", "sheet", "cell", "found", "expected", "message")


def distinct(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings without repetitions: of those that say the same the first."""
    return list({tuple(row[name] for name in _SAME): row for row in reversed(found)}.values())[::-1]


def _identifiers(listed: pd.DataFrame) -> list[str]:
    names = ["rule_id", "body_id", "file", "sheet", "cell", "found", "expected"]
    ordinal = listed.groupby(names, sort=False).cumcount()
    texts = [
        "\x1f".join((*row, str(number)))
        for *row, number in zip(*(listed[name] for name in names), ordinal, strict=True)
    ]
    return [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts]
