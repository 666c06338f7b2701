"""What must always be caught: drawings kept apart from the rules, so that a rule taken away or weakened is missed."""

from pathlib import Path

import pytest
import yaml

from expectations.drawing import draw
from expectations.reconcile import catalogue, reconcile
from expectations.rules_model import Rule

CAUGHT = Path(__file__).parent / "caught.yml"
CASES = yaml.safe_load(CAUGHT.read_text(encoding="utf-8"))


def severities(drawing: str, rule: Rule | None) -> list[str]:
    """The severities of what a rule says of a drawing, the same twice where it says two things."""
    drawn = draw(drawing)
    findings = reconcile(drawn, [rule] if rule else [], drawn.surroundings).findings
    return sorted(findings["severity"])


def assert_caught(rule: Rule | None, cases: list[dict[str, object]]) -> None:
    """Every drawing of a rule is told as often and as gravely as it should be."""
    for case in cases:
        assert severities(str(case["drawing"]), rule) == case["said"], case["drawing"]


@pytest.mark.parametrize("rule_id", sorted(CASES))
def test_a_rule_catches_what_it_is_there_for(rule_id):
    assert_caught(next((rule for rule in catalogue() if rule.id == rule_id), None), CASES[rule_id])


def test_every_rule_has_something_it_must_catch():
    assert set(CASES) == {rule.id for rule in catalogue()}
