"""Waivers by the bureau: findings that hold nobody back, each bound to its rule, body, cell and value."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.bureau_files import Line, body_of, iso_day, meant, of_each, read_lines
from expectations.corrections import note
from expectations.messages import place
from expectations.outcomes import FINDING_COLUMNS
from expectations.saying import Messages

say = Messages(__file__)

WAIVERS = "waivers.csv"
COLUMNS = (
    "rule_id", "department_code", "unit_code", "sheet", "cell", "value", "reason", "approved_by", "until",
)  # fmt: skip
REQUIRED = ("rule_id", "department_code", "reason", "approved_by")
RULE = "WAIVER"


@dataclass(frozen=True)
class Waiver:
    """A row of `waivers.csv` and what became of it: applied, expired, changed or unused."""

    line: Line
    state: str = "unused"
    found: str = ""


@dataclass(frozen=True)
class Waived:
    """The findings after the waivers, with a warning of each that lapsed; every waiver with its state."""

    findings: pd.DataFrame
    waivers: tuple[Waiver, ...]


def load_waivers(path: Path, rule_ids: Collection[str]) -> list[Line]:
    """The rows of `waivers.csv`, `until` as an ISO date; none where there is no such file.

    Raises InputError for a heading, a date that is none or a rule that is not in `rule_ids`.
    """
    return of_each(read_lines(path, COLUMNS, REQUIRED), lambda line: _sound(line, rule_ids))


def _sound(line: Line, rule_ids: Collection[str]) -> Line:
    if line["rule_id"] not in rule_ids:
        raise line.refuse(say("no_such_rule", rule_id=line["rule_id"], near=meant(line["rule_id"], rule_ids)))
    until = iso_day(line["until"])
    if line["until"] and not until:
        raise line.refuse(say("until_is_no_date", until=line["until"]))
    if line["cell"] and not line["sheet"]:
        raise line.refuse(say("cell_without_sheet"))
    return replace(line, fields={**line.fields, "until": until})


def waive(
    findings: pd.DataFrame, cells: pd.DataFrame, bodies: pd.DataFrame, lines: Sequence[Line], as_of: date
) -> Waived:
    """Set the findings that a waiver covers to `waived`, with gate none.

    `value` is what the finding states as found (yuan), or what the cell prints. `cells` needs body_id, sheet,
    cell and raw. Where value or day have changed the finding stays open and a warning says so.
    Raises InputError where a row names a body or a sheet that is not there.
    """
    findings = findings.copy()
    waivers, notes = [], []
    for line, body_id in of_each(lines, lambda line: (line, _body(line, cells, bodies))):
        rows = _covered(findings, line, body_id)
        waiver = _judged(line, findings.loc[rows, "found"].tolist(), _raw(cells, line, body_id), as_of)
        waivers.append(waiver)
        if waiver.state == "applied":
            findings.loc[rows, ["gate", "state"]] = ["none", "waived"]
            findings.loc[rows, "message"] += _suffix(line)
        else:
            file = str(findings.loc[rows[0], "file"]) if len(rows) else ""
            notes.append(_told(waiver, file, bodies, body_id))
    told = pd.DataFrame(notes, columns=list(FINDING_COLUMNS), dtype=object)
    return Waived(pd.concat([findings, told], ignore_index=True), tuple(waivers))


def _body(line: Line, cells: pd.DataFrame, bodies: pd.DataFrame) -> str:
    """The body that a row names. Raises InputError where it has sent no such sheet."""
    body_id = body_of(line, bodies)
    sent = bool(bodies.loc[bodies["body_id"] == body_id, "sent"].iloc[0])
    here = (cells["body_id"] == body_id) & (cells["sheet"] == line["sheet"])
    if sent and line["sheet"] and not here.any():
        raise line.refuse(say("no_such_sheet", sheet=line["sheet"]))
    return body_id


def _covered(findings: pd.DataFrame, line: Line, body_id: str) -> pd.Index:
    """The open findings of the rule, body and cell."""
    rows = findings[
        (findings["rule_id"] == line["rule_id"])
        & (findings["body_id"] == body_id)
        & (findings["state"] == "open")
        & (findings["sheet"] == line["sheet"])
        & (findings["cell"] == line["cell"])
    ]
    return rows.index


def _raw(cells: pd.DataFrame, line: Line, body_id: str) -> str:
    named = (
        (cells["body_id"] == body_id) & (cells["sheet"] == line["sheet"]) & (cells["cell"] == line["cell"])
    )
    found = cells.loc[named, "raw"]
    return str(found.iloc[0]) if len(found) else ""


def _judged(line: Line, found: Sequence[Any], raw: str, as_of: date) -> Waiver:
    """What becomes of a waiver, given what the findings it covers state and what the cell prints."""
    value = _plain(line["value"])
    if not found:
        return Waiver(line)
    if value != _plain(raw) and any(value != _plain(str(each)) for each in found):
        return Waiver(line, "changed", raw or next(iter(found), ""))
    expired = line["until"] and line["until"] < as_of.isoformat()
    return Waiver(line, "expired" if expired else "applied")


def _plain(text: str) -> str:
    """A value for comparison: 1,234.50 and 1234.5 are the same.

    >>> _plain("1,234.50"), _plain("十二万"), _plain("100")
    ('1234.5', '十二万', '100')
    """
    digits = text.replace(",", "")
    if "." in digits and digits.lstrip("-").replace(".", "", 1).isdecimal():
        return digits.rstrip("0").rstrip(".")
    return digits


def _suffix(line: Line) -> str:
    limit = say("until", until=line["until"]) if line["until"] else ""
    return say("waived", reason=line["reason"], approved_by=line["approved_by"], limit=limit)


def _told(waiver: Waiver, file: str, bodies: pd.DataFrame, body_id: str) -> dict[str, str]:
    line = waiver.line
    body = bodies[bodies["body_id"] == body_id].iloc[0]
    where = place(line["sheet"], line["cell"]) or say("whole_submission")
    return {
        **note(RULE, line, "info" if waiver.state == "unused" else "warning"),
        **{name: str(body[name]) for name in ("scope", "department_code", "unit_code", "body_id")},
        "file": file,
        "found": "",
        "expected": "",
        "difference": "",
        "message": say(waiver.state, where=where, found=waiver.found, **line.fields),
    }


def in_shadow(findings: pd.DataFrame, rule_ids: Collection[str]) -> pd.DataFrame:
    """The findings with those of rules on trial set apart: state `shadow`, gate none."""
    trial = findings["rule_id"].isin(list(rule_ids)) & (findings["state"] == "open")
    return findings.assign(
        state=findings["state"].mask(trial, "shadow"), gate=findings["gate"].mask(trial, "none")
    )
