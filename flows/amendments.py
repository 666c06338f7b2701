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
from expectations.reconcile import Checks, catalogue
from expectations.settings import SETTINGS, Settings, load_settings, refuse_unknown_bodies
from expectations.waivers import WAIVERS, Waiver, in_shadow, load_waivers, waive
from flows.trace import cells_of
from transforms.evidence import Evidence

SOURCE = ["source_file", "source_sheet", "source_cell"]


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
    codes = {*evidence.bodies["department_code"], *evidence.bodies["unit_code"]}
    refuse_unknown_bodies(amendments.settings, amendments.settings_file, codes)
    corrected: Corrected = correct(evidence.facts, evidence.problems, evidence.bodies, amendments.corrections)
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
    files = {file for file, _, _ in places}
    near = frame["source_file"].fillna("").map(lambda text: any(file in text for file in files))
    rows = [
        index
        for index, row in zip(
            frame.index[near], frame.loc[near, SOURCE].fillna("").to_dict("records"), strict=True
        )
        if places & set(cells_of({str(key): value for key, value in row.items()}))
    ]
    corrected = frame.index.isin(rows)
    return frame.assign(derivation=frame["derivation"].mask(corrected, "corrected"))


def apply_waivers(
    checks: Checks, amended: Amended, amendments: Amendments, as_of: date
) -> tuple[Checks, tuple[Waiver, ...]]:
    """The checks with what is waived and what is on trial set apart, and what became of each waiver.

    The findings that tell of corrections are added. Raises InputError where a waiver names an unknown body
    or sheet.
    """
    findings = pd.concat([checks.findings, amended.findings], ignore_index=True)
    findings = in_shadow(findings, amendments.settings.rules.shadow)
    if not amendments.waivers:
        return replace(checks, findings=findings), ()
    waived = waive(
        findings, _owned_cells(amended.evidence), amended.evidence.bodies, amendments.waivers, as_of
    )
    return replace(checks, findings=waived.findings), waived.waivers


def _owned_cells(evidence: Evidence) -> pd.DataFrame:
    """The cell ledger with the body of each cell's file."""
    owners = file_owners(evidence)
    return evidence.cells.assign(body_id=evidence.cells["file"].map(owners).fillna(""))


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
