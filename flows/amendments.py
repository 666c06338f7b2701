"""What the bureau adds to a year's inputs: corrections before the checks, waivers and rules on trial after them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.bureau_codes import FOLDER, Own, load_bureau_codes
from expectations.bureau_files import Line
from expectations.corrections import CORRECTIONS, Corrected, Place, correct, load_corrections
from expectations.reconcile import catalogue
from expectations.settings import SETTINGS, Settings, load_settings, refuse_unknown_bodies
from expectations.waivers import WAIVERS, Waiver, in_shadow, load_waivers, waive
from flows.trace import cells_of
from transforms.evidence import Evidence
from transforms.standard.sources import SOURCE, written


@dataclass(frozen=True)
class Amendments:
    """The bureau's files of a year, checked as far as they can be before anything is read."""

    corrections: Sequence[Line] = ()
    waivers: Sequence[Line] = ()
    settings: Settings = field(default_factory=Settings)
    settings_file: Path = Path(SETTINGS)
    codes: Own = field(default_factory=dict)


@dataclass(frozen=True)
class Amended:
    """Evidence with the corrections applied, where they were, and the findings that tell of them."""

    evidence: Evidence
    places: tuple[Place, ...]
    findings: pd.DataFrame


def load_amendments(year_dir: Path, year: int) -> Amendments:
    """Corrections, waivers, settings and code lists of a year. Raises InputError that names file and row."""
    rule_ids = {rule.id for rule in catalogue()}
    return Amendments(
        load_corrections(year_dir / CORRECTIONS),
        load_waivers(year_dir / WAIVERS, rule_ids),
        load_settings(year_dir / SETTINGS, rule_ids),
        year_dir / SETTINGS,
        load_bureau_codes(year_dir / FOLDER, year),
    )


def apply_corrections(evidence: Evidence, amendments: Amendments) -> Amended:
    """The evidence as corrected.

    Raises InputError where a correction no longer fits what was sent, or a setting is on a body that is not there.
    """
    refuse_unfitting_settings(evidence.bodies, amendments)
    return correct_evidence(evidence, amendments.corrections)


def refuse_unfitting_settings(bodies: pd.DataFrame, amendments: Amendments) -> None:
    """Raise InputError where a setting is on a body that is not there."""
    codes = {*bodies["department_code"], *bodies["unit_code"]}
    refuse_unknown_bodies(amendments.settings, amendments.settings_file, codes)


def correct_evidence(evidence: Evidence, lines: Sequence[Line]) -> Amended:
    """The evidence with some corrections applied. Raises InputError where one no longer fits what was sent."""
    corrected: Corrected = correct(evidence.facts, evidence.problems, evidence.bodies, lines)
    changed = replace(evidence, facts=corrected.facts, problems=corrected.problems)
    return Amended(changed, corrected.places, corrected.findings)


def mark_corrected(tables: Mapping[str, pd.DataFrame], places: Sequence[Place]) -> dict[str, pd.DataFrame]:
    """The standard tables, with derivation `corrected` on every row that draws on a corrected cell."""
    if not places:
        return dict(tables)
    return {name: _marked(frame, set(places)) for name, frame in tables.items()}


def _marked(frame: pd.DataFrame, places: set[Place]) -> pd.DataFrame:
    if "source_cell" not in frame.columns:
        return frame
    files = {written(file) for file, _, _ in places}
    near = frame["source_file"].fillna("").map(lambda text: any(file in text for file in files))
    rows = [
        index
        for index, row in zip(
            frame.index[near], frame.loc[near, [*SOURCE]].fillna("").to_dict("records"), strict=True
        )
        if places & set(cells_of({str(key): value for key, value in row.items()}))
    ]
    corrected = frame.index.isin(rows)
    return frame.assign(derivation=frame["derivation"].mask(corrected, "corrected"))


def apply_waivers(
    findings: pd.DataFrame, cells: pd.DataFrame, bodies: pd.DataFrame, amendments: Amendments, as_of: date
) -> tuple[pd.DataFrame, tuple[Waiver, ...]]:
    """The findings with what is waived and what is on trial set apart, and what became of each waiver.

    `cells`: at least those of bodies with waivers, with body_id. Raises InputError where a waiver names an unknown body
    or sheet.
    """
    findings = in_shadow(findings, amendments.settings.rules.shadow)
    if not amendments.waivers:
        return findings, ()
    waived = waive(findings, cells, bodies, amendments.waivers, as_of)
    return waived.findings, waived.waivers


def file_owners(evidence: Evidence) -> dict[str, str]:
    """The body of every file of which anything was read."""
    named = pd.concat([evidence.problems[["file", "body_id"]], evidence.blocks[["file", "body_id"]]])
    return dict(zip(named["file"], named["body_id"], strict=True))


def described(amendments: Amendments, waivers: Sequence[Waiver], as_of: date) -> Mapping[str, Any]:
    """What `run.json` says of corrections, waivers and settings."""
    return {
        "as_of": as_of.isoformat(),
        "settings": amendments.settings.model_dump(mode="json"),
        "corrections": [{"row": line.number, **line.fields} for line in amendments.corrections],
        "waivers": [
            {"row": waiver.line.number, **waiver.line.fields, "state": waiver.state} for waiver in waivers
        ],
    }
