"""Corrections by the bureau: figures used in place of those a department sent, guarded by the value expected there."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.bureau_files import Line, body_of, of_each, read_lines
from expectations.messages import HUNDREDTHS, in_unit, place
from expectations.outcomes import FINDING_COLUMNS
from expectations.relations import stated
from expectations.saying import Messages
from expectations.units import FEN_PER

say = Messages(__file__)

CORRECTIONS = "corrections.csv"
COLUMNS = (
    "department_code", "unit_code", "file", "sheet", "cell", "expected", "value", "reason", "approved_by",
)  # fmt: skip
REQUIRED = ("department_code", "file", "sheet", "cell", "value", "reason", "approved_by")
RULE = "CORRECTION"
# What reading says of a cell's content itself, and no longer holds once the bureau has put a figure there.
SETTLED = frozenset({"CEL-01", "SUB-11", "SUB-12", "SUB-15"})

Place = tuple[str, str, str]


@dataclass(frozen=True)
class Corrected:
    """Facts and problems after the corrections, the places corrected, and a finding that tells of each."""

    facts: pd.DataFrame
    problems: pd.DataFrame
    places: tuple[Place, ...]
    findings: pd.DataFrame


def load_corrections(path: Path) -> list[Line]:
    """The rows of `corrections.csv`; none where there is no such file.

    Raises InputError for a heading, a number or a cell that is none, and for a cell that is named twice.
    """
    lines = read_lines(path, COLUMNS, REQUIRED)
    first = {_place(line): line.number for line in reversed(lines)}
    return of_each(lines, lambda line: _sound(line, first))


def _sound(line: Line, first: Mapping[Place, int]) -> Line:
    """The row itself. `first`: the number of the first row that names each cell."""
    if _number(line["value"]) is None:
        raise line.refuse(say("value_is_no_number", value=line["value"]))
    if first[_place(line)] < line.number:
        raise line.refuse(say("cell_corrected_twice", number=first[_place(line)]))
    return line


def correct(
    facts: pd.DataFrame, problems: pd.DataFrame, bodies: pd.DataFrame, lines: Sequence[Line]
) -> Corrected:
    """Put the values of the corrections in place of what was read; `raw` keeps what the cell says.

    `value` and `expected` are in the unit of the form, as the cell prints them.
    Raises InputError where body, file, sheet or cell are unknown, or the cell no longer holds what is expected.
    """
    facts = facts.copy()
    found = of_each(lines, lambda line: _put(facts, line, bodies))
    places = [_place(line) for line in lines]
    return Corrected(
        facts,
        _unsettled(problems, places),
        tuple(places),
        pd.DataFrame(found, columns=list(FINDING_COLUMNS), dtype=object),
    )


def _put(facts: pd.DataFrame, line: Line, bodies: pd.DataFrame) -> dict[str, str]:
    """Put the value of one row into the facts; gives the finding that tells of it."""
    body_id = body_of(line, bodies)
    rows = _rows(facts, line, body_id)
    first = facts.loc[rows[0]]
    amount = _in_fen(line, line["value"], str(first["unit"]))
    _refuse_stale(line, first)
    facts.loc[rows, "amount"] = amount
    return _finding(line, first, amount, bodies, body_id)


def _place(line: Line) -> Place:
    return _file(line), line["sheet"], line["cell"]


def _file(line: Line) -> str:
    return line["file"].replace("\\", "/")


def _rows(facts: pd.DataFrame, line: Line, body_id: str) -> pd.Index:
    """The facts of the cell that a row names."""
    here = facts[facts["body_id"] == body_id]
    steps = (
        ("file", _file(line), "no_such_file"),
        ("sheet", line["sheet"], "no_such_sheet"),
        ("cell", line["cell"], "no_such_cell"),
    )
    for column, value, key in steps:
        here = here[here[column] == value]
        if here.empty:
            raise line.refuse(say(key, **{column: value}))
    return here.index


def _refuse_stale(line: Line, fact: Mapping[Any, Any]) -> None:
    """Raise where the cell holds something else than the correction was written for."""
    raw, expected = str(fact["raw"]), line["expected"]
    same = raw == expected
    if not same and _number(expected) is not None and not pd.isna(fact["amount"]):
        same = _in_fen(line, expected, str(fact["unit"])) == fact["amount"]
    if not same:
        raise line.refuse(say("stale", where=place(line["sheet"], line["cell"]), raw=raw, expected=expected))


def _in_fen(line: Line, text: str, unit: str) -> int:
    number = _number(text)
    amount = number * FEN_PER.get(unit, HUNDREDTHS) if number is not None else None
    if amount is None or amount != amount.to_integral_value():
        raise line.refuse(say("not_to_the_fen", text=text))
    return int(amount)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _unsettled(problems: pd.DataFrame, places: Sequence[Place]) -> pd.DataFrame:
    corrected = pd.Series(
        [each in places for each in problems[["file", "sheet", "cell"]].itertuples(index=False, name=None)],
        index=problems.index,
        dtype=bool,
    )
    return problems[~(corrected & problems["rule_id"].isin(SETTLED))]


def _finding(
    line: Line, fact: Mapping[Any, Any], amount: int, bodies: pd.DataFrame, body_id: str
) -> dict[str, str]:
    body = bodies[bodies["body_id"] == body_id].iloc[0]
    before = fact["amount"]
    known, unit = not pd.isna(before), str(fact["unit"])
    return {
        **note(RULE, line, "info"),
        "scope": body["scope"],
        "department_code": body["department_code"],
        "unit_code": body["unit_code"],
        "body_id": body_id,
        "file": _file(line),
        "found": stated(int(before), unit) if known else str(fact["raw"]),
        "expected": stated(amount, unit),
        "difference": stated(int(before) - amount, unit) if known else "",
        "message": say(
            "corrected",
            where=place(line["sheet"], line["cell"]),
            raw=fact["raw"],
            value=in_unit(amount, unit),
            reason=line["reason"],
            approved_by=line["approved_by"],
        ),
    }


def note(rule: str, line: Line, severity: str) -> dict[str, str]:
    """What every finding has that tells of a row of the bureau's."""
    named = "\x1f".join((rule, *(f"{name}={value}" for name, value in sorted(line.fields.items()))))
    return {
        "finding_id": hashlib.sha256(named.encode()).hexdigest()[:16],
        "rule_id": rule,
        "severity": severity,
        "gate": "none",
        "state": "open",
        "root_finding_id": "",
        "sheet": line["sheet"],
        "cell": line["cell"],
    }
