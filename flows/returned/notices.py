"""Who gets a notice, and what it says: one for each body with open errors or warnings, or that sent again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from expectations.messages import in_unit
from expectations.relations import YUAN
from expectations.saying import Messages
from expectations.settings import NoticeSettings
from expectations.waivers import RULE as WAIVER
from flows.amendments import file_owners
from flows.resubmission import Resubmission
from flows.returned.drawing import Notice
from flows.returned.review import Entry
from flows.returned.told import WORST_FIRST, place_in_order, told
from transforms.evidence import Evidence
from transforms.submissions import Inputs, SourceFile

say = Messages(__file__)

FAULTY = ("error", "warning")
RANK = {name: rank for rank, name in enumerate(WORST_FIRST)}
GATE_RANK = {"body": 0, "table": 1, "none": 2}
FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Whose:
    """The bodies, the body of each file, and the unit of the form by (file, sheet, cell) of cells that findings name."""

    bodies: pd.DataFrame
    owners: Mapping[str, str]
    units: Mapping[tuple[str, str, str], str]


def whose(evidence: Evidence) -> Whose:
    """The same of evidence that is held as a whole."""
    places = evidence.facts[["file", "sheet", "cell", "unit"]].drop_duplicates(["file", "sheet", "cell"])
    units = {(file, sheet, cell): unit for file, sheet, cell, unit in places.itertuples(index=False)}
    return Whose(evidence.bodies, file_owners(evidence), units)


def notices_of(
    findings: pd.DataFrame,
    whose: Whose,
    inputs: Inputs,
    settings: NoticeSettings,
    as_of: date,
    resubmissions: Sequence[Resubmission] = (),
) -> tuple[Notice, ...]:
    """The notices of a year, one for every body with an open finding of severity error or warning.

    That a waiver lapsed concerns the bureau alone: the finding it covered is open again, and is told.
    A body that sent again gets what that changed, too, even where nothing is left to mend. `as_of`: the day; a
    body's own due date on the roster counts where it has not passed.
    """
    findings_of = _findings_to_tell(findings)
    files_of = _files_by_body(inputs, whose)
    known = {row["body_id"]: row for row in whose.bodies.to_dict("records")}
    again = {each.body_id: each for each in resubmissions}
    made: list[Notice] = []
    taken: set[str] = set()
    for body_id in sorted({*findings_of, *again}):
        body, resubmission = known.get(body_id, {}), again.get(body_id)
        made.append(
            Notice(
                folder=_free_folder(folder_name(body), taken),
                body=str(body.get("unit_name") or body.get("department_name") or say("unnamed")),
                year=inputs.year,
                entries=as_sent(
                    entries_of(findings_of.get(body_id, []), whose.units), files_of.get(body_id, {})
                ),
                files=files_of.get(body_id, {}),
                bureau=settings.bureau,
                deadline=deadline(settings, str(body.get("due") or ""), as_of),
                remarks=(resubmission.sentence,) if resubmission else (),
                changes=resubmission.table() if resubmission else None,
            )
        )
    return tuple(made)


def _findings_to_tell(findings: pd.DataFrame) -> dict[str, list[Row]]:
    """The open findings of every body that has one of severity error or warning, by body."""
    open_ = findings[(findings["state"] == "open") & (findings["rule_id"] != WAIVER)]
    faulty = set(open_.loc[open_["severity"].isin(FAULTY), "body_id"])
    told: dict[str, list[Row]] = {}
    for row in open_[open_["body_id"].isin(faulty)].fillna("").to_dict("records"):
        told.setdefault(row["body_id"], []).append({str(key): value for key, value in row.items()})
    return told


def _files_by_body(inputs: Inputs, whose: Whose) -> dict[str, dict[str, SourceFile]]:
    """The files of every body by name; those of nobody under ''."""
    files: dict[str, dict[str, SourceFile]] = {}
    for file in inputs.files:
        files.setdefault(whose.owners.get(file.name, ""), {})[file.name] = file
    return files


def as_sent(entries: Sequence[Entry], files: Mapping[str, SourceFile]) -> tuple[Entry, ...]:
    """The entries with files called what the body called them, without the folders of the bureau; of several files each
    says in which it is."""
    names = {name: file.sent_as for name, file in files.items()}

    def told(message: str) -> str:
        for name, sent_as in names.items():
            message = message.replace(name, sent_as)
        return message

    titles = names if len(names) > 1 else {}
    return tuple(
        replace(entry, message=told(entry.message), title=titles.get(entry.file, "")) for entry in entries
    )


def folder_name(body: Mapping[Any, Any]) -> str:
    """The folder of a body's notice: `<code>_<name>`, without what a file system does not take."""
    level = "unit" if body.get("scope") == "unit" else "department"
    parts = [str(body.get(f"{level}_{part}") or "") for part in ("code", "name")]
    return FORBIDDEN.sub("", "_".join(part for part in parts if part)).strip(" .") or say("unnamed")


def _free_folder(name: str, taken: set[str]) -> str:
    """The name or, where it is taken, the next one that is free; taken from now on."""
    names = (name if n == 1 else f"{name}_{n}" for n in range(1, len(taken) + 2))
    free = next(each for each in names if each not in taken)
    taken.add(free)
    return free


def deadline(settings: NoticeSettings, due: str, as_of: date) -> str:
    """By when to send again, as the letter says it.

    >>> deadline(NoticeSettings(), "", date(2020, 1, 2))
    '自收到本通知之日起10个工作日内'
    >>> deadline(NoticeSettings(), "2020-02-28", date(2020, 1, 2))
    '于2020年2月28日前'
    """
    day = settings.due or (date.fromisoformat(due) if due else None)
    if day is None or (settings.due is None and day < as_of):
        return say("within", days=settings.working_days)
    return say("before", year=day.year, month=day.month, day=day.day)


def entries_of(findings: Sequence[Row], units: Mapping[tuple[str, str, str], str]) -> tuple[Entry, ...]:
    """Findings of one body in order of weight, each root followed by what it causes.

    `units`: unit of the form by (file, sheet, cell); amounts without one stay in yuan.
    """
    rows = told(findings)
    by_id = {row["finding_id"]: row for row in rows}
    caused: dict[str, int] = {}
    for row in rows:
        caused[row["root_finding_id"]] = caused.get(row["root_finding_id"], 0) + 1

    def weight(row: Mapping[str, Any]) -> tuple[Any, ...]:
        size = float(row["difference"]) if YUAN.fullmatch(row["difference"]) else 0.0
        return (
            RANK[row["severity"]],
            GATE_RANK[row["gate"]],
            -caused.get(row["finding_id"], 0),
            bool(row["difference"]),
            -abs(size),
            place_in_order(row["file"], row["sheet"], row["cell"]),
            row["finding_id"],
        )

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        root = by_id.get(row["root_finding_id"], row)
        return (weight(root), row is not root, weight(row))

    rows.sort(key=order)
    numbers = {row["finding_id"]: number for number, row in enumerate(rows, start=1)}
    return tuple(
        replace(
            _entry(row, units),
            number=numbers[row["finding_id"]],
            cause=numbers.get(row["root_finding_id"], 0)
            if row["root_finding_id"] != row["finding_id"]
            else 0,
        )
        for row in rows
    )


def _entry(row: Mapping[str, Any], units: Mapping[tuple[str, str, str], str]) -> Entry:
    cells = tuple(str(row["cell"]).split())
    # Only comparisons state yuan; what reading found is told as the cell prints it.
    compared = bool(cells) and YUAN.fullmatch(row["difference"])
    unit = units.get((row["file"], row["sheet"], cells[0])) if compared else None
    return Entry(
        number=0,
        rule_id=row["rule_id"],
        severity=row["severity"],
        gate=row["gate"],
        file=row["file"],
        sheet=row["sheet"],
        cells=cells,
        found=_in_unit(row["found"], unit),
        expected=_in_unit(row["expected"], unit),
        difference=_in_unit(row["difference"], unit),
        message=row["message"],
    )


def _in_unit(text: str, unit: str | None) -> str:
    """An amount of yuan as its form states it; other text as it is.

    >>> _in_unit("58700.00", "万元"), _in_unit("十二万", "元"), _in_unit("58700.00", None)
    ('5.87 万元', '十二万', '58700.00')
    """
    return in_unit(int(text.replace(".", "")), unit) if unit and YUAN.fullmatch(text) else text
