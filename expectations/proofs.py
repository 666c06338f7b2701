"""Every check proves itself on its own examples: one on which it agrees, one on which it fails."""

from collections.abc import Iterator, Sequence

from expectations.drawing import draw
from expectations.errors import DefinitionError
from expectations.reconcile import Checks, reconcile
from expectations.rules_model import AnyCheck, Rule

AGREEING = ("agrees", "rounding")


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
