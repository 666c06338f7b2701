"""Whose file it is, by what its forms, its folder and the roster say."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from transforms.bodies import identify_bodies
from transforms.claims import said_of
from transforms.read import FileReading
from transforms.roster import ROSTER_COLUMNS
from transforms.submissions import Inputs, SourceFile


def file(name: str, folder_code: str = "", folder_name: str = "") -> SourceFile:
    return SourceFile(Path(name), name, f"{folder_code}_{folder_name}", folder_code, folder_name, 1, 0, "")


def reading(name: str, *, code: str = "", body: str = "", scope: str = "", forms: str = "") -> FileReading:
    block = {"declared_code": code, "declared_name": body, "declared_scope": scope, "family": ""}
    return FileReading(name, blocks=[block | {"form": form} for form in forms.split() or [""]])


def bodies(pairs: list[tuple[SourceFile, FileReading]], roster: list[str] | None = None) -> pd.DataFrame:
    rows = [dict(zip(ROSTER_COLUMNS, line.split(","), strict=True)) for line in roster or []]
    frame = pd.DataFrame(rows, columns=ROSTER_COLUMNS) if roster else None
    inputs = Inputs(2020, Path(), tuple(source for source, _ in pairs), {}, frame)
    return identify_bodies({read.file: said_of(read) for _, read in pairs}, inputs).bodies


ROSTER = ["723,县委办,,行政,", "723002,县委办机关,723,行政,", "101,教育局,,行政,"]


def test_without_a_roster_a_body_is_what_its_forms_say() -> None:
    found = bodies([(file("a.xlsx"), reading("a.xlsx", body="县委办", scope="department"))])
    assert list(found["body_id"]) == ["department:县委办"]


def test_a_unit_of_its_departments_name_belongs_to_it() -> None:
    pairs = [
        (file("d.xlsx"), reading("d.xlsx", body="商务委", scope="department")),
        (file("u.xlsx"), reading("u.xlsx", body="商务委", scope="unit")),
    ]
    found = bodies(pairs).set_index("scope")
    assert found.loc["unit", "parent_id"] == found.loc["department", "body_id"]
    assert found.loc["unit", "department_name"] == "商务委"


@pytest.mark.parametrize(
    ("second", "scopes"),
    [
        ("three_public assets", ["department"]),
        ("assets project", ["department"]),
        ("balance three_public", ["department", "unit"]),
    ],
)
@pytest.mark.parametrize("roster", [None, ["101,商务委,,行政,", "101001,服务中心,101,事业,"]])
def test_a_second_file_of_a_department_that_says_unit_is_the_departments_unless_forms_recur(
    second: str, scopes: list[str], roster: list[str] | None
) -> None:
    pairs = [
        (
            file("1.xlsx"),
            reading("1.xlsx", body="商务委", scope="department", forms="balance income project"),
        ),
        (file("2.xlsx"), reading("2.xlsx", body="商务委", scope="unit", forms=second)),
    ]
    found = bodies(pairs, roster)
    assert sorted(found[found["sent"]]["scope"]) == scopes


def test_the_roster_decides_scope_by_code() -> None:
    found = bodies(
        [(file("a.xlsx"), reading("a.xlsx", code="723002", body="县委办机关", scope="department"))], ROSTER
    )
    assert found.set_index("unit_code").loc["723002", "sent"]
    assert found.set_index("unit_code").loc["723002", "scope"] == "unit"


def test_who_sent_nothing_is_on_the_list_all_the_same() -> None:
    found = bodies([(file("a.xlsx"), reading("a.xlsx", code="101", body="教育局"))], ROSTER).set_index(
        "department_code"
    )
    assert found.loc["101", "sent"]
    assert not found.loc["723", "sent"].any()


@pytest.mark.parametrize(("code", "name"), [("101", "教育局"), ("999", "无名")])
def test_a_file_that_names_nobody_belongs_to_its_folder(code: str, name: str) -> None:
    found = bodies([(file("a.xlsx", code, name), reading("a.xlsx"))], ROSTER)
    assert list(found[found["sent"]]["department_name"]) == [name]


INSIDE = ["101,商务委员会,,行政,", "101001,商务委员会机关,101,行政,", "101002,服务中心,101,事业,"]


def test_a_unit_that_bears_its_departments_name_is_the_one_its_folder_names() -> None:
    unit = reading("u.xlsx", body="商务委员会", scope="unit")
    found = bodies([(file("u.xlsx", "101001", "商务委员会机关"), unit)], INSIDE)
    assert list(found[found["sent"]]["unit_code"]) == ["101001"]


def test_a_unit_that_bears_its_departments_name_is_not_guessed_to_be_the_department() -> None:
    found = bodies([(file("u.xlsx"), reading("u.xlsx", body="商务委员会", scope="unit"))], INSIDE)
    assert list(found[found["sent"]]["scope"]) == ["unit"]
    assert not found.set_index("body_id").loc["department:101", "sent"]


def test_the_same_file_for_two_bodies_and_a_foreign_folder_are_reported() -> None:
    pairs = [
        (
            replace(file("a.xlsx", "101", "教育局"), sha256="same"),
            reading("a.xlsx", body="教育局", scope="department"),
        ),
        (
            replace(file("b.xlsx", "102", "水利局"), sha256="same"),
            reading("b.xlsx", body="教育局", scope="department"),
        ),
    ]
    inputs = Inputs(2020, Path(), tuple(source for source, _ in pairs), {}, None)
    found = identify_bodies({read.file: said_of(read) for _, read in pairs}, inputs).problems
    assert [(name, rule) for name, rule, _, _ in found] == [
        ("b.xlsx", "SUB-07"),
        ("a.xlsx", "SUB-02"),
        ("b.xlsx", "SUB-02"),
    ]
