"""What must hold of the county as a whole, asked of the tables of a release: when it is made and when it is verified.

Every check gives one sentence per comparison: what is wrong, '' where it holds.
"""

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from expectations.catalogue import county_rules
from expectations.outcomes import FINDING_COLUMNS
from expectations.rules_model import CountyRule
from expectations.saying import Messages
from expectations.schema import Table, tables_of

say = Messages(__file__)

Frames = Mapping[str, pd.DataFrame]
MONEY = ["gross_yuan", "elimination_yuan", "net_yuan"]
SCOPE = "county"


def county_sums(frames: Frames) -> Iterator[str]:
    """CON-01: every county table adds up to the published bodies, at each of its levels."""
    for table in tables_of("county"):
        if not (table.adds and table.name in frames and table.name != "eliminations"):
            continue
        for source, rows, label in _parts(table, frames[table.name]):
            if source in frames:
                bodies = int(frames[source][table.adds].sum())
                county = int(rows["gross_yuan"].sum())
                told = say(
                    "sums_differ",
                    table=table.name,
                    label=label,
                    county=_yuan(county),
                    source=source,
                    bodies=_yuan(bodies),
                )
                yield "" if bodies == county else told


def _parts(table: Table, rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """The rows of a county table that add up one standard table once, with what tells them from others."""
    if table.name == "county_balance":
        yield from ((side, rows[rows["side"] == side], f" {side}") for side in ("income", "expenditure"))
    elif table.level_column:
        for level, part in rows.groupby(table.level_column):
            yield table.made_of[0], part, f"（{table.level_column}={level}）"
    else:
        yield table.made_of[0], rows, ""


def eliminations(frames: Frames) -> Iterator[str]:
    """CON-02: gross − elimination = net in every row; each elimination has both sides or is one-sided."""
    for name, rows in frames.items():
        if {*MONEY} <= {*rows.columns}:
            holds = rows["gross_yuan"] - rows["elimination_yuan"] == rows["net_yuan"]
            for number, right in enumerate(holds.tolist(), start=1):
                yield "" if right else say("net_differs", table=name, row=number)
    if "eliminations" in frames:
        yield from _both_sides(frames["eliminations"])
        yield from _taken_in_full(frames, int(frames["eliminations"]["elimination_yuan"].sum()))


def _both_sides(listed: pd.DataFrame) -> Iterator[str]:
    both = listed["paid_yuan"].notna() & listed["received_yuan"].notna()
    wrong = (both == (listed["state"] == "one_sided")) | (~both & (listed["elimination_yuan"] != 0))
    for number, (state, bad) in enumerate(zip(listed["state"], wrong.tolist(), strict=True), start=1):
        yield say("sides_differ", row=number, state=state) if bad else ""


def _taken_in_full(frames: Frames, total: int) -> Iterator[str]:
    for name in ("county_income", "county_expenditure_by_type"):
        if name in frames:
            taken = int(frames[name]["elimination_yuan"].sum())
            told = say("eliminations_differ", table=name, taken=_yuan(taken), total=_yuan(total))
            yield "" if taken == total else told


def scopes(frames: Frames) -> Iterator[str]:
    """CON-03: no department counts both as a whole and by its units."""
    for table in tables_of("standard"):
        if table.name in frames:
            rows = frames[table.name]
            known = rows[rows["department_code"] != ""]
            counted = known.groupby("department_code")["scope"].nunique()
            for code, count in counted.items():
                yield say("counted_twice", table=table.name, code=code) if count > 1 else ""


def balance(frames: Frames) -> Iterator[str]:
    """CON-04: county income = county expenditure."""
    rows = frames.get("county_balance")
    if rows is not None and len(rows):
        sides = rows.groupby("side")["net_yuan"].sum()
        income, spent = (int(sides.get(side, 0)) for side in ("income", "expenditure"))
        told = say(
            "sides_of_county",
            income=_yuan(income),
            expenditure=_yuan(spent),
            difference=_yuan(income - spent),
        )
        yield "" if income == spent else told


CHECKS: Mapping[str, Callable[[Frames], Iterator[str]]] = {
    "CON-01": county_sums,
    "CON-02": eliminations,
    "CON-03": scopes,
    "CON-04": balance,
}


def county_outcomes(frames: Frames) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes (one row per county rule) and findings on the tables to be published, amounts in 分.

    What can be told only of written files is `not_evaluable` here; that nothing unchecked looks passed.
    """
    outcomes, findings = [], []
    for rule in county_rules():
        told = list(CHECKS[rule.id](frames)) if rule.id in CHECKS else []
        wrong = [text for text in told if text]
        outcome, reason = _judged(rule, len(told), len(wrong))
        outcomes.append(
            {"rule_id": rule.id, "scope": SCOPE, "outcome": outcome, "reason": reason}
            | {"evaluated": len(told), "failed": len(wrong)}
        )
        findings += [
            {"finding_id": f"{rule.id}-{number:04d}", "rule_id": rule.id, "severity": rule.severity}
            | {"gate": "none", "state": "open", "scope": SCOPE, "message": rule.message.format(detail=text)}
            for number, text in enumerate(wrong, start=1)
        ]
    texts = {"department_code": "", "unit_code": ""}
    listed = pd.DataFrame(findings, columns=list(FINDING_COLUMNS), dtype=object)
    return pd.DataFrame(outcomes).assign(**texts), listed.fillna("")


def not_judged(outcomes: pd.DataFrame) -> dict[str, str]:
    """The rules on the county that a run could not judge, and why."""
    left = outcomes[(outcomes["scope"] == SCOPE) & (outcomes["outcome"] == "not_evaluable")]
    return dict(zip(left["rule_id"], left["reason"], strict=True))


def _judged(rule: CountyRule, evaluated: int, failed: int) -> tuple[str, str]:
    """The outcome of a rule and why it has no better one."""
    if rule.id not in CHECKS:
        return "not_evaluable", rule.condition
    if not evaluated:
        return "not_applicable", say("nothing_published")
    return ("fails" if failed else "agrees"), ""


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
