"""The published catalogue of rules, `docs/rules.md`, derived from the rules themselves."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from expectations.proofs import write_proven
from expectations.reconcile import load_rules
from expectations.rules_model import CountyRule, Rule, load_county_rules
from expectations.saying import Messages

say = Messages(__file__)

DOCUMENT = Path(__file__).parents[1] / "docs" / "rules.md"
SEVERITY_TITLES = {"error": "错误", "warning": "警告", "info": "提示"}
GATE_TITLES = {"body": "整个单位", "table": "相关表", "none": "不影响"}


@cache
def county_rules() -> tuple[CountyRule, ...]:
    """The rules on the county as a whole, loaded once."""
    return load_county_rules()


def catalogue_markdown(rules: Sequence[Rule]) -> str:
    """The catalogue as a Markdown table, in order of the rules, those on the county last."""
    county = (
        f"| {rule.id} | {SEVERITY_TITLES[rule.severity]} | 不影响 | {rule.title} | {rule.condition} |"
        for rule in county_rules()
    )
    return say("head") + "".join(f"{row}\n" for row in (*map(_row, rules), *county))


def catalogue_frame(rules: Sequence[Rule]) -> pd.DataFrame:
    """The catalogue as the table `rules`, in order of the rules, those on the county last."""
    rows = [
        {
            "rule_id": rule.id,
            "severity": rule.severity,
            "gate": rule.gate,
            "tables": " ".join([*rule.tables, *rule.tables_of_prose]),
            "title": rule.title,
            "condition": conditions_of(rule),
            "message": rule.message,
        }
        for rule in rules
    ]
    blank = {"gate": "none", "tables": ""}
    rows += [{"rule_id": rule.id, **rule.model_dump(exclude={"id"}), **blank} for rule in county_rules()]
    return pd.DataFrame(rows, dtype=object)


def conditions_of(rule: Rule) -> str:
    """The conditions of a rule's checks in words."""
    return "；".join(dict.fromkeys(each.title for check in rule.checks if (each := check.condition)))


def _row(rule: Rule) -> str:
    severities = dict.fromkeys([rule.severity, *(check.severity for check in rule.checks if check.severity)])
    severity = "、".join(SEVERITY_TITLES[name] for name in severities)
    prose = say("of_prose", tables="、".join(rule.tables_of_prose)) if rule.tables_of_prose else ""
    gate = GATE_TITLES[rule.gate] + (f"（{'、'.join(rule.tables)}{prose}）" if rule.tables else "")
    return f"| {rule.id} | {severity} | {gate} | {rule.title} | {conditions_of(rule)} |"


def main() -> None:
    """Write the document and the checksums of the rules anew. Raises DefinitionError where a rule does not prove itself."""
    rules = load_rules()
    write_proven(rules)
    DOCUMENT.write_text(catalogue_markdown(rules), encoding="utf-8")


if __name__ == "__main__":
    main()
