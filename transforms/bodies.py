"""Whose file it is: the body and scope that its forms name, its folder, and what the roster says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from transforms.claims import Said
from transforms.frames import frame
from transforms.recorded import BODIES
from transforms.submissions import Inputs, SourceFile
from transforms.wording.text import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

# Forms of which one submission has many.
REPEATED_FORMS = frozenset({"project", "document"})


@dataclass(frozen=True)
class Body:
    """A department or a unit, as bodies rows are (without the year)."""

    body_id: str
    scope: str
    department_code: str = ""
    department_name: str = ""
    unit_code: str = ""
    unit_name: str = ""
    kind: str = ""
    due: str = ""
    on_roster: bool = False
    sent: bool = False
    submission: int = 1
    family: str = ""
    parent_id: str = ""


@dataclass(frozen=True)
class Claim:
    """What one file says of its body."""

    file: SourceFile
    code: str
    name: str
    scope: str
    family: str
    forms: str = ""


@dataclass(frozen=True)
class Identified:
    """The bodies of the year (frame `bodies`), the body of each file, and problems as (file, rule, found, expected)."""

    bodies: pd.DataFrame
    body_of_file: dict[str, str]
    problems: list[tuple[str, str, str, str]]


def _claim(file: SourceFile, said: Said) -> Claim:
    return Claim(file, said.code, said.name, said.scope, said.family, said.forms)


def identify_bodies(said: Mapping[str, Said], inputs: Inputs) -> Identified:
    """Whose each file is, by what each (by its name) says of its body."""
    claims = [_claim(file, said[file.name]) for file in inputs.files if file.name in said]
    claims = _beside_workbooks(_one_scope(claims))
    roster = _Roster(roster_bodies(inputs.roster))
    found = dict(roster.bodies)
    body_of_file: dict[str, str] = {}
    problems: list[tuple[str, str, str, str]] = []
    for claim in sorted(claims, key=lambda claim: (claim.scope != "department", claim.file.name)):
        body = roster.match(claim) or _from_claim(claim, found)
        known = found.get(body.body_id, body)
        family = known.family or claim.family
        found[body.body_id] = replace(known, sent=True, submission=claim.file.submission, family=family)
        body_of_file[claim.file.name] = body.body_id
        if misplaced(claim, body):
            problems.append((claim.file.name, "SUB-07", claim.name, claim.file.folder))
    problems += _sent_for_two(claims, body_of_file)
    records = [asdict(body) | {"fiscal_year": inputs.year} for _, body in sorted(found.items())]
    return Identified(frame(records, BODIES), body_of_file, problems)


def _sent_for_two(claims: list[Claim], body_of_file: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Files of the same content that arrived for different bodies, each with the other's name."""
    alike: dict[str, list[str]] = {}
    for claim in claims:
        alike.setdefault(claim.file.sha256, []).append(claim.file.name)
    return [
        (claim.file.name, "SUB-02", other, "")
        for claim in claims
        for other in (alike[claim.file.sha256] if claim.file.sha256 else ())
        if body_of_file[claim.file.name] != body_of_file[other]
    ]


def _one_scope(claims: list[Claim]) -> list[Claim]:
    """The claims, those of a department's second file with the department's scope.

    Every form may say 单位名称 without being a unit's. Files of one folder that name the same body and share no form are
    parts of one submission, whatever their scopes; a department and its unit of the same name each send every form.
    """
    departments: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in claims:
        if claim.scope == "department" and claim.name:
            departments.setdefault(_sender(claim), []).append(claim)
    return [
        replace(claim, scope="department")
        if any(_continues(claim, whole) for whole in departments.get(_sender(claim), ()))
        else claim
        for claim in claims
    ]


def _sender(claim: Claim) -> tuple[str, str, str]:
    return claim.file.folder, claim.code, claim.name


def _continues(claim: Claim, whole: Claim) -> bool:
    """Whether a file may go on with what another of its sender's has begun."""
    one, other = set(claim.forms.split()), set(whole.forms.split())
    return bool(one) and not (one & other) - REPEATED_FORMS


def _beside_workbooks(claims: list[Claim]) -> list[Claim]:
    """The claims, those of documents in the words of a workbook beside them.

    A document's title calls its body as people do (省委办公厅), its forms as the roster does (中共江苏省委办公厅).
    """
    workbooks: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.name and not claim.file.is_document:
            workbooks.setdefault(claim.file.folder, []).append(claim)
    return [
        _in_words_of(claim, workbooks.get(claim.file.folder, [])) if claim.file.is_document else claim
        for claim in claims
    ]


def _in_words_of(claim: Claim, beside: list[Claim]) -> Claim:
    alike = [book for book in beside if _is_short_for(claim.name, book.name)] if claim.name else beside
    if not alike or (not claim.name and len({book.name for book in alike}) > 1):
        return claim
    book = alike[0]
    return replace(claim, code=book.code, name=book.name, scope=book.scope, family=book.family)


def _is_short_for(one: str, other: str) -> bool:
    return _abbreviates(one, other) or _abbreviates(other, one)


def roster_bodies(roster: pd.DataFrame | None) -> dict[str, Body]:
    """Every body on the roster by its id."""
    if roster is None:
        return {}
    rows = roster.to_dict("records")
    names = {row["code"]: row["name"] for row in rows}
    bodies = [_roster_body(row, names) for row in rows]
    return {body.body_id: body for body in bodies}


def _roster_body(row: dict[Any, Any], names: dict[str, str]) -> Body:
    shared = {"kind": row["kind"], "due": row["due"], "on_roster": True}
    code, name, parent = row["code"], row["name"], row["parent_code"]
    if not parent:
        return Body(f"department:{code}", "department", code, name, **shared)
    return Body(
        f"unit:{parent}:{code}",
        "unit",
        parent,
        names[parent],
        code,
        name,
        parent_id=f"department:{parent}",
        **shared,
    )


class _Roster:
    """The bodies on the roster, found by code, by name and as departments."""

    def __init__(self, bodies: dict[str, Body]) -> None:
        self.bodies = bodies
        self.superiors = {body.parent_id for body in bodies.values()}
        self.by_code: dict[str, list[Body]] = {}
        self.by_name: dict[str, list[Body]] = {}
        for body in bodies.values():
            self.by_code.setdefault(_own_code(body), []).append(body)
            self.by_name.setdefault(compact(body.unit_name or body.department_name), []).append(body)

    def match(self, claim: Claim) -> Body | None:
        """The body that a file's forms name by code or name, else the one its folder names; None if neither.

        A name counts with the scope that the forms declare: a unit may bear its department's name. Where a unit's
        forms bear only the name of a department that has units on the roster, nobody can say which of them sent it.
        """
        code = claim.file.folder_code
        coded = self.by_code.get(claim.code, []) if claim.code else []
        named = self.by_name.get(claim.name, []) if claim.name else []
        scoped = [body for body in named if claim.scope in ("", body.scope)]
        inside = [body for body in scoped if code in ("", body.department_code, body.unit_code)]
        folder = self.by_code.get(code, []) if code else []
        trusted = [
            body
            for body in folder
            if not claim.name or body.scope == "unit" or claim.scope in ("", body.scope)
        ]
        alone = [body for body in named if body.body_id not in self.superiors]
        coded = sorted(coded, key=lambda body: body.scope != claim.scope)
        return next(iter([*coded, *inside, *trusted, *scoped, *alone]), None)


def _own_code(body: Body) -> str:
    return body.unit_code or body.department_code


def misplaced(claim: Claim, body: Body) -> bool:
    """Whether a file lies in the folder of another body than its forms name, by code or by name."""
    code, name = claim.file.folder_code, compact(claim.file.folder_name)
    if not code or not claim.name:
        return False
    if body.on_roster:
        return code not in (body.department_code, body.unit_code)
    return not _is_short_for(name, claim.name)


def _abbreviates(short: str, long: str) -> bool:
    """Whether the characters of a name occur in another in their order (商务委 in 商务委员会)."""
    rest = iter(long)
    return all(character in rest for character in short)


def _from_claim(claim: Claim, found: dict[str, Body]) -> Body:
    """A body by what its forms and its folder say, where no roster knows it; nameless where they say nothing."""
    scope = claim.scope or "department"
    name = claim.name or claim.file.folder_name
    code = claim.code or (claim.file.folder_code if scope == "department" or not claim.name else "")
    if not name and not code:
        return Body(f"{scope}:{claim.file.name}", scope)
    if scope == "department":
        return Body(f"department:{code or name}", scope, code, name)
    parent = _parent(claim, name, code, found)
    department_code = parent.department_code if parent else (claim.file.folder_code or code[:3])
    department_name = parent.department_name if parent else _folder_department(claim, code)
    owner = department_code or department_name
    return Body(
        f"unit:{owner}:{code or name}", scope, department_code, department_name, code, name,
        parent_id=parent.body_id if parent else "",
    )  # fmt: skip


def _folder_department(claim: Claim, code: str) -> str:
    return claim.file.folder_name if claim.file.folder_code not in ("", code) else ""


def _parent(claim: Claim, name: str, code: str, found: dict[str, Body]) -> Body | None:
    """The department of a unit: the one its folder or its code names, or the one that bears its name."""
    departments = [body for body in found.values() if body.scope == "department"]
    wanted = {claim.file.folder_code, code[:3]} - {""}
    by_code = [body for body in departments if body.department_code and body.department_code in wanted]
    by_name = [body for body in departments if body.department_name == name]
    return next(iter([*by_code, *by_name]), None)
