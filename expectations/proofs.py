"""Every check proves itself on its own examples: one on which it agrees, one on which it fails.

Proving takes half a second a rule. `make derive` therefore keeps a checksum of every rule that it has proved, in
`proven.csv`; whoever edits a rule proves that one at the next start.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from expectations.drawing import draw
from expectations.errors import DefinitionError
from expectations.reconcile import Checks, reconcile
from expectations.relations import views_within
from expectations.rules_model import AnyCheck, Relation, Rule

AGREEING = ("agrees", "rounding")
PROVEN = Path(__file__).parent / "proven.csv"
HEADING = ("rule_id", "sha256")


def refuse_unproven(rules: Sequence[Rule], path: Path = PROVEN) -> None:
    """Prove every rule that has changed since it was last proved. Raises DefinitionError as `prove` does."""
    known = proven(path)
    prove([rule for rule in rules if known.get(rule.id) != checksum(rule)])


def proven(path: Path = PROVEN) -> Mapping[str, str]:
    """The checksums of the rules that were proved, by id."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["rule_id"]: row["sha256"] for row in csv.DictReader(file)}


def write_proven(rules: Sequence[Rule], path: Path = PROVEN) -> None:
    """Prove what is not proven yet and keep the checksums of all. Raises DefinitionError as `prove` does."""
    refuse_unproven(rules, path)
    lines = [HEADING, *((rule.id, checksum(rule)) for rule in rules)]
    path.write_text("".join(f"{','.join(line)}\n" for line in lines), encoding="utf-8", newline="\n")


def checksum(rule: Rule) -> str:
    """A checksum over all that a rule's proof rests on but the program: itself, its conditions, its views."""
    conditions = [check.condition.model_dump() for check in rule.checks if check.condition]
    asked = [check for check in rule.checks if isinstance(check, Relation)]
    views = [views_within(text) for check in asked for text in (check.evaluated, check.failing)]
    content = json.dumps([rule.model_dump(), conditions, views], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def prove(rules: Sequence[Rule]) -> None:
    """Raise DefinitionError with all complaints where a rule's examples do not show what they should."""
    complaints = [complaint for rule in rules for complaint in complaints_about(rule)]
    if complaints:
        raise DefinitionError("\n".join(complaints))


def complaints_about(rule: Rule) -> Iterator[str]:
    """What is wrong with the examples of a rule, in a sentence each."""
    for number, check in enumerate(rule.expanded_checks, start=1):
        alone = rule.model_copy(update={"checks": (check,)})
        name = f"{rule.id}, check {number}"
        passing, failing = (_checked(text, alone) for text in (check.passes, check.fails))
        if not _agrees(passing):
            yield f"{name}: the passing example does not agree: {_told(passing)}"
        if not _fails(failing, check, rule):
            yield f"{name}: the failing example does not fail: {_told(failing)}"


def _checked(drawing: str, rule: Rule) -> Checks:
    drawn = draw(drawing)
    return reconcile(drawn, (rule,), drawn.surroundings)


def _agrees(checks: Checks) -> bool:
    evaluated = checks.outcomes[checks.outcomes["evaluated"] > 0]
    return bool(checks.findings.empty and len(evaluated) and evaluated["outcome"].isin(AGREEING).all())


def _fails(checks: Checks, check: AnyCheck, rule: Rule) -> bool:
    stated = check.severity or rule.severity
    return "fails" in set(checks.outcomes["outcome"]) and set(checks.findings["severity"]) == {stated}


def _told(checks: Checks) -> str:
    outcomes = checks.outcomes[["body_id", "outcome", "evaluated", "reason"]].to_dict("records")
    return f"{outcomes} {checks.findings['message'].tolist()}"
