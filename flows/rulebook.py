"""The rules for people: what there is, what one says, and whom one would have hit in past years."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from expectations.bureau_files import meant
from expectations.catalogue import GATE_TITLES, SEVERITY_TITLES, county_rules
from expectations.errors import InputError
from expectations.reconcile import catalogue, reconcile
from expectations.rules_model import Reading, Relation, Rule
from expectations.saying import Messages
from flows import stages
from flows.amendments import apply_corrections, mark_corrected
from flows.running.reading import read_all
from flows.running.setting import Setting
from flows.running.surroundings import surroundings_of
from transforms.evidence import assemble
from transforms.standardise import standardise

say = Messages(__file__)

SHOWN_FINDINGS = 5


def rule_of(rule_id: str) -> Rule:
    """The rule of an id, however its letters are typed. Raises InputError for one that is not in the catalogue."""
    rules = {rule.id.casefold(): rule for rule in catalogue()}
    if rule_id.upper() in {rule.id for rule in county_rules()}:
        raise InputError(say("rule_of_county", rule_id=rule_id.upper()))
    if rule_id.casefold() not in rules:
        near = meant(rule_id, [*(rule.id for rule in catalogue()), *(rule.id for rule in county_rules())])
        raise InputError(say("no_such_rule", rule_id=rule_id, near=near))
    return rules[rule_id.casefold()]


def listed() -> Iterator[str]:
    """One line a rule: id, severity, title."""
    for rules in (catalogue(), county_rules()):
        yield from (f"{rule.id:<8}{SEVERITY_TITLES[rule.severity]}  {rule.title}" for rule in rules)


def shown(rule: Rule) -> Iterator[str]:
    """All that a rule says: title, severity, what it holds back, each check with its examples."""
    tables = f"（{'、'.join(rule.tables)}）" if rule.tables else ""
    yield f"{rule.id}  {rule.title}"
    yield say("weight", severity=SEVERITY_TITLES[rule.severity], gate=GATE_TITLES[rule.gate], held=tables)
    for number, check in enumerate(rule.checks, start=1):
        yield "\n" + say("check", number=number, kind=_kind(check))
        if check.condition:
            yield say("condition", condition=check.condition.title)
        yield say("message", message=check.message or rule.message)
        for title, drawing in ((say("passing"), check.passes), (say("failing"), check.fails)):
            yield f"{title}：\n" + "\n".join(f"    {line}" for line in drawing.strip().splitlines())


def _kind(check: object) -> str:
    if isinstance(check, Relation):
        return say("query")
    return say("reading") if isinstance(check, Reading) else say("identity")


def replayed(rule: Rule, years: Sequence[int], input_dir: Path, output_dir: Path) -> Iterator[str]:
    """Per year whom a rule would have hit in the material sent then, with the first findings.

    Corrections, thresholds and the release of the year before count as in a run; nothing is written.
    Raises InputError where a year has no input.
    """
    for year in years:
        hit, judged = _of_a_year(rule, year, input_dir, output_dir)
        bodies = hit["body_id"].nunique()
        held = hit.loc[(hit["severity"] == "error") & (hit["gate"] != "none"), "body_id"].nunique()
        yield say("replayed", year=year, judged=judged, bodies=bodies, count=len(hit), withheld=held)
        for _, found in hit.groupby("body_id", sort=False):
            first = found.iloc[0]
            code = first["unit_code"] or first["department_code"]
            yield "  " + say("body", code=code, file=first["file"], count=len(found))
            yield from (f"    {message}" for message in found["message"].head(SHOWN_FINDINGS))


def _of_a_year(rule: Rule, year: int, input_dir: Path, output_dir: Path) -> tuple[pd.DataFrame, int]:
    """The findings of one rule on the material of a year, and how many bodies it could judge."""
    inputs = stages.take_inputs(input_dir, year)
    amendments = stages.take_amendments(input_dir, year)
    readings = read_all(inputs.files, None, None, lambda _count: None)
    amended = apply_corrections(assemble(readings, inputs), amendments)
    standard = mark_corrected(standardise(amended.evidence), amended.places)
    last_year = Setting(amendments, date.today(), stages.take_earlier(output_dir, year)).last_year
    beside = surroundings_of(amendments, date.today(), standard, last_year)
    checks = reconcile(amended.evidence, [rule], beside)
    return checks.findings, int((checks.outcomes["evaluated"] > 0).sum())
