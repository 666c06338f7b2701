"""The stages of a year's consolidation as plain functions; `consolidate.py` makes Prefect tasks of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.reconcile import Checks, load_rules, reconcile, withheld, withheld_tables
from flows.coverage import coverage
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
from flows.reading import read_all
from flows.release import Frames, Release
from transforms.consolidate import consolidate
from transforms.read import Evidence, FileReading
from transforms.standardise import counted_scope, readable_bodies
from transforms.submissions import Inputs, discover

PUBLISHED, WITH_BODIES_WITHHELD, NOTHING_PUBLISHED = 0, 1, 3


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


def read_submissions(
    inputs: Inputs, workers: int | None, scheduler: str | None, on_read: Callable[[int], None]
) -> list[FileReading]:
    """One reading per file, in the order of the files."""
    return read_all(inputs.files, workers, scheduler, on_read)


def reconcile_rules(evidence: Evidence) -> Checks:
    """Outcomes and findings of all rules on all bodies."""
    return reconcile(evidence, load_rules())


def judge(tables: Frames, evidence: Evidence, checks: Checks) -> Judgement:
    """Part the standard tables into what is published, what is of the other scope, and what is withheld."""
    counted = counted_scope(evidence.bodies, checks.outcomes, readable_bodies(evidence.facts))
    bodies = frozenset(withheld(checks.findings, evidence.bodies))
    single_tables = frozenset(withheld_tables(checks.findings))
    return Judgement(hold_back(tables, counted, bodies, single_tables), counted, bodies, single_tables)


def consolidate_county(judgement: Judgement) -> dict[str, pd.DataFrame]:
    """The county tables from what is published."""
    return consolidate(judgement.held.published)


def validate_contract(judgement: Judgement, county: Frames, checks: Checks) -> pd.DataFrame:
    """Whether the tables to be published keep what their definitions promise; one row per expectation."""
    from expectations.suites import validate_tables

    return validate_tables({**judgement.held.published, **county}, checks.outcomes, checks.findings)


def close_gate(
    evidence: Evidence,
    checks: Checks,
    judgement: Judgement,
    county: Frames,
    contract: pd.DataFrame,
    run: Mapping[str, Any],
    *,
    strict: bool,
) -> Verdict:
    """The release, without tables whose contract is broken, without figures when none may be published."""
    broken = broken_contracts(contract)
    closed = set(broken["table"])
    findings = pd.concat([checks.findings, contract_findings(broken)], ignore_index=True)
    errors = bool((_open_errors(findings)).any())
    held = withhold_tables(judgement.held, closed)
    county = without_closed(county, closed)
    nothing = nothing_publishable(held.published, closed) or (strict and errors)
    if nothing:
        held, county = withhold_everything(held), emptied(county)
    exit_code = NOTHING_PUBLISHED if nothing else WITH_BODIES_WITHHELD if errors else PUBLISHED
    covered = coverage(
        evidence.bodies,
        evidence.blocks,
        judgement.counted & (not nothing),
        judgement.bodies,
        judgement.tables,
    )
    release = Release(
        year=evidence.year,
        tables={**held.published, **county},
        other_scope=held.other_scope,
        withheld=held.withheld,
        findings=_with_text(findings),
        outcomes=checks.outcomes,
        coverage=covered,
        cells=evidence.cells,
        facts=_with_names(evidence.facts, evidence.bodies),
        run={
            **run,
            "exit_code": exit_code,
            "counts": _counts(evidence, findings, covered, held, county),
            "contract": broken.astype(str).to_dict("records"),
            "idle_rules": list(checks.idle_rules),
        },
    )
    return Verdict(release, exit_code)


def _open_errors(findings: pd.DataFrame) -> pd.Series:
    return (findings["severity"] == "error") & (findings["state"] == "open")


def _with_text(findings: pd.DataFrame) -> pd.DataFrame:
    return findings.fillna("")


def _with_names(facts: pd.DataFrame, bodies: pd.DataFrame) -> pd.DataFrame:
    """Facts with year, scope, codes and names of their bodies; one row per fact as before."""
    names = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]
    return facts.merge(bodies[["body_id", *names]], on="body_id", how="left", validate="many_to_one")


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
        "findings": {
            str(name): int(n) for name, n in findings["severity"].value_counts().sort_index().items()
        },
        "rows": {name: len(frame) for name, frame in {**held.published, **county}.items()},
        "withheld_rows": {name: len(frame) for name, frame in held.withheld.items()},
        "other_scope_rows": {name: len(frame) for name, frame in held.other_scope.items()},
    }
