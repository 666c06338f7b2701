"""The stages of a year's consolidation as plain functions; `consolidate.py` makes Prefect tasks of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.outcomes import stacked
from expectations.reconcile import Checks, catalogue, reconcile, withheld, withheld_tables
from expectations.suites import validate_tables
from expectations.waivers import Waiver
from flows.amendments import (
    Amendments,
    apply_waivers,
    described,
    file_owners,
    load_amendments,
    refuse_unfitting_settings,
)
from flows.coverage import coverage
from flows.earlier import Earlier, earlier_release
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
from flows.published.county_checks import county_outcomes
from flows.published.release import NOTHING_PUBLISHED, PUBLISHED, WITH_BODIES_WITHHELD, Frames, Release
from flows.resubmission import Resubmission, State, compare_resubmissions
from flows.returned.drawing import Notice
from flows.returned.notices import Whose, notices_of
from flows.returned.understood import documents_read
from flows.running.cache import Cache
from flows.running.county import County, county_of
from flows.running.filereading import Heads
from flows.running.groups import parted, worth_keeping
from flows.running.judging import judging
from flows.running.parts import Part, parts_with, read_part
from flows.running.processes import furnished_map
from flows.running.reading import cores, read_all, read_heads
from flows.running.setting import Question, Setting
from flows.running.surroundings import surroundings_of
from transforms.bodies import Identified, identify_bodies
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
    inputs: Inputs, workers: int | None, scheduler: str | None, on_read: Callable[[int], None], store: Cache
) -> Heads:
    """What each file says of its body; the readings themselves are left in the store."""
    return read_heads(inputs.files, workers, scheduler, on_read, store)


def identify(heads: Heads, inputs: Inputs) -> Identified:
    """The bodies of the year, and whose each file is."""
    return identify_bodies({name: head.said for name, head in heads.items()}, inputs)


def judge_bodies(question: Question, store: Cache, folder: Path, workers: int | None) -> County:
    """All departments from their readings to standard tables, outcomes and findings, joined as one county.

    `folder`: where parts are; departments that have changed since are judged, in groups. Raises InputError where a correction
    or a setting does not fit what was sent.
    """
    inputs, identified, setting = question.inputs, question.identified, question.setting
    refuse_unfitting_settings(identified.bodies, setting.amendments)
    keys = question.keys()
    cells = {name: head.said.cells for name, head in question.heads.items()}
    parts = worth_keeping(parts_with(folder, keys), cells.values())
    missing = keys.keys() - {department for part in parts for department in part.departments}
    groups = [*parted(identified, inputs.files, missing, workers or cores(), cells)]
    wanted = [(question.task(group), {each: keys[each] for each in group.departments}) for group in groups]
    with judging(wanted, store, folder, workers or cores()) as judged:
        read = [read_part(part) for part in parts]
        read += [read_part(Part(part, group.departments)) for part, group in zip(judged, groups, strict=True)]
    beside = surroundings_of(setting.amendments, setting.as_of, None, setting.last_year)
    return county_of(identified, read, inputs.year, has_roster=inputs.roster is not None, beside=beside)


@dataclass(frozen=True)
class Standing:
    """The checks after waivers and trials, and what became of each waiver."""

    checks: Checks
    waivers: tuple[Waiver, ...]


def settle_findings(county: County, setting: Setting) -> Standing:
    """The findings with corrections told of, waivers and trials set apart."""
    findings = pd.concat([county.checks.findings, county.corrections], ignore_index=True)
    findings, waivers = apply_waivers(findings, county.told, county.bodies, setting.amendments, setting.as_of)
    return Standing(replace(county.checks, findings=findings), waivers)


def take_earlier(output_dir: Path, year: int) -> Earlier | None:
    """The release of the year before, where the output folder has one."""
    return earlier_release(output_dir, year)


def compare_submissions(
    inputs: Inputs,
    county: County,
    standing: Standing,
    judgement: Judgement,
    setting: Setting,
    store: Cache,
    workers: int | None,
) -> tuple[Resubmission, ...]:
    """Every body that sent again, against its submission before."""

    def read(files: Sequence[SourceFile]) -> list[FileReading]:
        return read_all(files, workers, None, lambda _count: None, store)

    def as_it_stood(before: Evidence) -> State:
        tables = standardise(before)
        beside = surroundings_of(setting.amendments, setting.as_of, tables, setting.last_year)
        checks = reconcile(before, catalogue(), beside)
        readable, prose = readable_bodies(before.facts), told_in_prose(tables, before.facts)
        held = judge(tables, before.bodies, checks, readable, prose).held
        return State(before.cells, file_owners(before), checks.findings, held.published)

    now = State(county.told, county.owners, standing.checks.findings, judgement.held.published)
    return compare_resubmissions(_concerned(inputs, county), now, read, as_it_stood)


def _concerned(inputs: Inputs, county: County) -> Inputs:
    """The files of departments with a body that sent again."""
    own, superior = county.bodies["body_id"], county.bodies["parent_id"]
    head_of = dict(zip(own, superior.where(superior != "", own), strict=True))
    heads = {file.name: head_of.get(county.owners.get(file.name, ""), "") for file in inputs.files}
    again = {file.folder for file in inputs.superseded}
    concerned = {heads[file.name] for file in inputs.files if file.folder in again}
    return replace(inputs, files=tuple(file for file in inputs.files if heads[file.name] in concerned))


def judge(
    tables: Frames,
    bodies: pd.DataFrame,
    checks: Checks,
    readable: frozenset[str],
    prose: Collection[tuple[str, str]],
) -> Judgement:
    """Part the standard tables into what is published, what is of the other scope, and what is withheld."""
    counted = counted_scope(bodies, checks.outcomes, readable)
    held = frozenset(withheld(checks.findings, bodies))
    single_tables = frozenset(withheld_tables(checks.findings, from_prose=prose))
    return Judgement(hold_back(tables, counted, held, single_tables), counted, held, single_tables)


def consolidate_county(
    judgement: Judgement, bodies: pd.DataFrame, earlier: Earlier | None = None
) -> dict[str, pd.DataFrame]:
    """The county tables from what is published, beside what was published of the year before."""
    last = earlier.tables if earlier else None
    return consolidate(judgement.held.published, kinds_of_bodies(bodies), last)


def validate_contract(
    judgement: Judgement, totals: Frames, checks: Checks, workers: int | None = None
) -> pd.DataFrame:
    """Whether the tables to be published keep what their definitions promise; one row per expectation."""
    published = {**judgement.held.published, **totals}
    with furnished_map(workers or cores()) as spread:
        return validate_tables(published, checks.outcomes, checks.findings, spread)


def close_gate(
    inputs: Inputs,
    county: County,
    setting: Setting,
    standing: Standing,
    resubmissions: Sequence[Resubmission],
    judgement: Judgement,
    totals: Frames,
    contract: pd.DataFrame,
    run: Mapping[str, Any],
    *,
    strict: bool,
) -> Verdict:
    """The release, without tables whose contract is broken, without figures when none may be published.

    `totals`: the county tables.
    """
    broken = broken_contracts(contract)
    findings = pd.concat([standing.checks.findings, contract_findings(broken)], ignore_index=True)
    nothing, held, totals = _let_through(judgement, totals, set(broken["table"]), findings, strict=strict)
    published = {**held.published, **totals}
    judged, of_county = county_outcomes(published)
    findings = pd.concat([findings, of_county], ignore_index=True)
    exit_code = NOTHING_PUBLISHED if nothing else _exit_code(findings)
    covered = _covered(county, judgement, nothing=nothing)
    counts = {"exit_code": exit_code, "counts": _counts(county, findings, covered, held, totals)}
    release = Release(
        year=county.year,
        tables=published,
        other_scope=held.other_scope,
        withheld=held.withheld,
        findings=findings.fillna(""),
        outcomes=stacked([standing.checks.outcomes, judged]),
        coverage=covered,
        cells=county.rows("cells"),
        facts=county.rows("facts"),
        run={**run, **counts, **_told(county, setting, standing, resubmissions, broken)},
        bureau_codes=setting.amendments.codes,
        notices=_notices(inputs, county, setting, standing, resubmissions),
    )
    return Verdict(release, exit_code)


def _exit_code(findings: pd.DataFrame) -> int:
    """What a run ends with that publishes figures."""
    return WITH_BODIES_WITHHELD if _has_open_errors(findings) else PUBLISHED


def _let_through(
    judgement: Judgement, totals: Frames, closed: set[str], findings: pd.DataFrame, *, strict: bool
) -> tuple[bool, Held, Frames]:
    """Whether nothing may be published, and the tables as the closed ones leave them."""
    held, totals = withhold_tables(judgement.held, closed), without_closed(totals, closed)
    if nothing_publishable(held.published, closed) or (strict and _has_open_errors(findings)):
        return True, withhold_everything(held), emptied(totals)
    return False, held, totals


def _covered(county: County, judgement: Judgement, *, nothing: bool) -> pd.DataFrame:
    counted = judgement.counted & (not nothing)
    return coverage(county.bodies, county.blocks, counted, judgement.bodies, judgement.tables)


def _told(
    county: County,
    setting: Setting,
    standing: Standing,
    resubmissions: Sequence[Resubmission],
    broken: pd.DataFrame,
) -> dict[str, Any]:
    """What `run.json` tells beside counts: contracts, amendments, resubmissions, documents."""
    return {
        "contract": broken.astype(str).to_dict("records"),
        "idle_rules": list(standing.checks.idle_rules),
        "amendments": described(setting.amendments, standing.waivers, setting.as_of),
        "resubmissions": [each.described() for each in resubmissions],
        "documents": documents_read(county.frames["sentences"]),
    }


def _notices(
    inputs: Inputs,
    county: County,
    setting: Setting,
    standing: Standing,
    resubmissions: Sequence[Resubmission],
) -> tuple[Notice, ...]:
    notice = setting.amendments.settings.notice
    whose = Whose(county.bodies, county.owners, county.units)
    return notices_of(standing.checks.findings, whose, inputs, notice, setting.as_of, resubmissions)


def _has_open_errors(findings: pd.DataFrame) -> bool:
    return bool(((findings["severity"] == "error") & (findings["state"] == "open")).any())


def _counts(
    county: County, findings: pd.DataFrame, covered: pd.DataFrame, held: Held, totals: Frames
) -> dict[str, Any]:
    return {
        "bodies": len(covered),
        **{
            name: int(covered[name].astype(bool).sum()) for name in ("sent", "missing", "withheld", "counted")
        },
        **{name: int(county.files[f"n_{name}"].sum()) for name in ("blocks", "facts", "cells")},
        "findings": _by_severity(findings),
        "open_findings": _by_severity(findings[findings["state"] == "open"]),
        "rows": {name: len(frame) for name, frame in {**held.published, **totals}.items()},
        "withheld_rows": {name: len(frame) for name, frame in held.withheld.items()},
        "other_scope_rows": {name: len(frame) for name, frame in held.other_scope.items()},
    }


def _by_severity(findings: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(n) for name, n in findings["severity"].value_counts().sort_index().items()}
