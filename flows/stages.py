"""The stages of a year's consolidation as plain functions; `consolidate.py` makes Prefect tasks of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.reconcile import Checks, catalogue, reconcile, withheld, withheld_tables
from expectations.surroundings import NOTHING_BESIDE, Surroundings
from expectations.waivers import Waiver
from flows.amendments import Amended, Amendments, apply_waivers, described, load_amendments, mark_corrected
from flows.cache import Cache
from flows.county_checks import county_outcomes
from flows.coverage import coverage
from flows.earlier import Earlier, all_of_the_year, earlier_release
from flows.gate import (
    Held,
    broken_contracts,
    contract_findings,
    emptied,
    hold_back,
    nothing_publishable,
    withhold_everything,
    withhold_tables,
    without_closed,
)
from flows.notices import notices_of
from flows.reading import read_all
from flows.release import NOTHING_PUBLISHED, PUBLISHED, WITH_BODIES_WITHHELD, Frames, Release
from flows.resubmission import Resubmission, State, compare_resubmissions
from flows.understood import documents_read
from transforms.consolidate import consolidate
from transforms.evidence import Evidence
from transforms.government import kinds_of_bodies
from transforms.read import FileReading
from transforms.standard.documents import told_in_prose
from transforms.standardise import counted_scope, readable_bodies, standardise
from transforms.submissions import Inputs, SourceFile, discover


@dataclass(frozen=True)
class Judgement:
    """What the checks decide: the standard tables parted, and which bodies are counted or held back."""

    held: Held
    counted: pd.Series
    bodies: frozenset[str]
    tables: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Verdict:
    """A release ready to be written, and the exit code that says how complete it is."""

    release: Release
    exit_code: int


def take_inputs(input_dir: Path, year: int) -> Inputs:
    """The files and the roster of a year. Raises InputError when there is nothing to read."""
    return discover(input_dir / str(year), year)


def take_amendments(input_dir: Path, year: int) -> Amendments:
    """Corrections, waivers and settings of a year. Raises InputError that names file and row."""
    return load_amendments(input_dir / str(year), year)


def read_submissions(
    inputs: Inputs,
    workers: int | None,
    scheduler: str | None,
    on_read: Callable[[int], None],
    cache: Cache | None = None,
) -> list[FileReading]:
    """One reading per file, in the order of the files."""
    return read_all(inputs.files, workers, scheduler, on_read, cache)


def reconcile_rules(evidence: Evidence, surroundings: Surroundings = NOTHING_BESIDE) -> Checks:
    """Outcomes and findings of all rules on all bodies."""
    return reconcile(evidence, catalogue(), surroundings)


def standardise_tables(amended: Amended) -> dict[str, pd.DataFrame]:
    """The standard tables; rows that draw on a correction say so."""
    return mark_corrected(standardise(amended.evidence), amended.places)


@dataclass(frozen=True)
class Standing:
    """The checks after waivers and trials, what became of each waiver, and what the checks depend on."""

    checks: Checks
    waivers: tuple[Waiver, ...]
    amendments: Amendments
    as_of: date
    surroundings: Surroundings


def check_amended(
    amended: Amended,
    amendments: Amendments,
    as_of: date,
    tables: Frames | None = None,
    earlier: Earlier | None = None,
) -> Standing:
    """Outcomes and findings of all rules, with corrections told of, waivers and trials set apart.

    `tables`: the standard tables; `earlier`: the release of the year before, None where there is none.
    """
    surroundings = surroundings_of(amendments, as_of, tables, earlier)
    found = reconcile_rules(amended.evidence, surroundings)
    checks, waivers = apply_waivers(found, amended, amendments, as_of)
    return Standing(checks, waivers, amendments, as_of, surroundings)


def surroundings_of(
    amendments: Amendments, as_of: date, tables: Frames | None, earlier: Earlier | None
) -> Surroundings:
    """What the rules know beside the evidence of a run."""
    return Surroundings(
        thresholds=amendments.settings.thresholds,
        received=amendments.settings.received,
        codes=amendments.codes,
        as_of=as_of,
        standard=tables,
        earlier=all_of_the_year(earlier) if earlier else None,
    )


def take_earlier(output_dir: Path, year: int) -> Earlier | None:
    """The release of the year before, where the output folder has one."""
    return earlier_release(output_dir, year)


def compare_submissions(
    inputs: Inputs,
    readings: Sequence[FileReading],
    evidence: Evidence,
    standing: Standing,
    judgement: Judgement,
    workers: int | None,
    cache: Cache | None = None,
) -> tuple[Resubmission, ...]:
    """Every body that sent again, against its submission before."""

    def read(files: Sequence[SourceFile]) -> list[FileReading]:
        return read_all(files, workers, None, lambda _count: None, cache)

    def as_it_stood(before: Evidence) -> State:
        tables = standardise(before)
        checks = reconcile_rules(before, replace(standing.surroundings, standard=tables))
        return State(before, checks.findings, judge(tables, before, checks).held.published)

    now = State(evidence, standing.checks.findings, judgement.held.published)
    return compare_resubmissions(inputs, readings, now, read, as_it_stood)


def judge(tables: Frames, evidence: Evidence, checks: Checks) -> Judgement:
    """Part the standard tables into what is published, what is of the other scope, and what is withheld."""
    counted = counted_scope(evidence.bodies, checks.outcomes, readable_bodies(evidence.facts))
    bodies = frozenset(withheld(checks.findings, evidence.bodies))
    from_prose = told_in_prose(tables, evidence.facts)
    single_tables = frozenset(withheld_tables(checks.findings, from_prose=from_prose))
    return Judgement(hold_back(tables, counted, bodies, single_tables), counted, bodies, single_tables)


def consolidate_county(
    judgement: Judgement, evidence: Evidence, earlier: Earlier | None = None
) -> dict[str, pd.DataFrame]:
    """The county tables from what is published, beside what was published of the year before."""
    last = earlier.tables if earlier else None
    return consolidate(judgement.held.published, kinds_of_bodies(evidence.bodies), last)


def validate_contract(judgement: Judgement, county: Frames, checks: Checks) -> pd.DataFrame:
    """Whether the tables to be published keep what their definitions promise; one row per expectation."""
    from expectations.suites import validate_tables

    return validate_tables({**judgement.held.published, **county}, checks.outcomes, checks.findings)


def close_gate(
    inputs: Inputs,
    evidence: Evidence,
    standing: Standing,
    resubmissions: Sequence[Resubmission],
    judgement: Judgement,
    county: Frames,
    contract: pd.DataFrame,
    run: Mapping[str, Any],
    *,
    strict: bool,
) -> Verdict:
    """The release, without tables whose contract is broken, without figures when none may be published."""
    checks, amendments = standing.checks, standing.amendments
    broken = broken_contracts(contract)
    closed = set(broken["table"])
    findings = pd.concat([checks.findings, contract_findings(broken)], ignore_index=True)
    held, county = withhold_tables(judgement.held, closed), without_closed(county, closed)
    nothing = nothing_publishable(held.published, closed) or (strict and _has_open_errors(findings))
    if nothing:
        held, county = withhold_everything(held), emptied(county)
    published = {**held.published, **county}
    judged, of_county = county_outcomes(published)
    findings = pd.concat([findings, of_county], ignore_index=True)
    some = WITH_BODIES_WITHHELD if _has_open_errors(findings) else PUBLISHED
    exit_code = NOTHING_PUBLISHED if nothing else some
    covered = coverage(
        evidence.bodies,
        evidence.blocks,
        judgement.counted & (not nothing),
        judgement.bodies,
        judgement.tables,
    )
    release = Release(
        year=evidence.year,
        tables=published,
        other_scope=held.other_scope,
        withheld=held.withheld,
        findings=findings.fillna(""),
        outcomes=pd.concat([checks.outcomes, judged], ignore_index=True),
        coverage=covered,
        cells=evidence.cells,
        facts=_with_names(evidence.facts, evidence.bodies),
        run={
            **run,
            "exit_code": exit_code,
            "counts": _counts(evidence, findings, covered, held, county),
            "contract": broken.astype(str).to_dict("records"),
            **_recorded(standing, resubmissions, evidence),
        },
        bureau_codes=amendments.codes,
        notices=notices_of(
            checks.findings, evidence, inputs, amendments.settings.notice, standing.as_of, resubmissions
        ),
    )
    return Verdict(release, exit_code)


def _recorded(
    standing: Standing, resubmissions: Sequence[Resubmission], evidence: Evidence
) -> dict[str, Any]:
    """What `run.json` says of the checks, the amendments, what was sent again and the documents."""
    return {
        "idle_rules": list(standing.checks.idle_rules),
        "amendments": described(standing.amendments, standing.waivers, standing.as_of),
        "resubmissions": [each.described() for each in resubmissions],
        "documents": documents_read(evidence.sentences),
    }


def _has_open_errors(findings: pd.DataFrame) -> bool:
    return bool(((findings["severity"] == "error") & (findings["state"] == "open")).any())


def _with_names(facts: pd.DataFrame, bodies: pd.DataFrame) -> pd.DataFrame:
    """Facts with year, scope, codes and names of their bodies; one row per fact as before."""
    body = pd.Index(bodies["body_id"]).get_indexer(pd.Index(facts["body_id"]))
    names = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]
    return facts.assign(**{name: pd.Categorical(bodies[name]).take(body, allow_fill=True) for name in names})


def _counts(
    evidence: Evidence, findings: pd.DataFrame, covered: pd.DataFrame, held: Held, county: Frames
) -> dict[str, Any]:
    return {
        "bodies": len(covered),
        **{
            name: int(covered[name].astype(bool).sum()) for name in ("sent", "missing", "withheld", "counted")
        },
        "blocks": len(evidence.blocks),
        "facts": len(evidence.facts),
        "cells": len(evidence.cells),
        "findings": _by_severity(findings),
        "open_findings": _by_severity(findings[findings["state"] == "open"]),
        "rows": {name: len(frame) for name, frame in {**held.published, **county}.items()},
        "withheld_rows": {name: len(frame) for name, frame in held.withheld.items()},
        "other_scope_rows": {name: len(frame) for name, frame in held.other_scope.items()},
    }


def _by_severity(findings: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(n) for name, n in findings["severity"].value_counts().sort_index().items()}
