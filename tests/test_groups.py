"""Judging a county in groups of whole departments: the same release as in one, kept by what each depends on."""

import shutil
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from expectations.errors import PublicationError
from flows import groups
from flows.groups import parted
from flows.parts import is_whole, write_part
from flows.publish import publish
from tests.drawn import body
from tests.releases import judged_year, release_of
from transforms.bodies import Identified
from transforms.sample import write_county
from transforms.submissions import SourceFile

PLACE = ["file", "sheet", "cell"]
YEAR = 2020


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=8, seed=11, defects=5)
    return folder


def published(county: Path, output: Path) -> dict[str, bytes]:
    """Every published file but the record of the run, which has durations, and the database, which has times."""
    folder = publish(release_of(county, YEAR), output)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in files if path.name != "run.json"
    }


def test_many_groups_give_the_bytes_of_one(county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = published(county, tmp_path / "one")
    monkeypatch.setattr(groups, "MOST_FILES", 3)
    many = published(county, tmp_path / "many")
    assert many.keys() == one.keys()
    assert [name for name in one if one[name] != many[name]] == []


def identified(*rows: dict[str, object], files: dict[str, str]) -> Identified:
    return Identified(pd.DataFrame(rows), files, [])


def source(name: str, size: int = 1) -> SourceFile:
    return SourceFile(Path(name), name, name.split("/")[0], "", "", 1, size, name)


def test_a_department_and_its_units_are_never_parted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groups, "MOST_FILES", 1)
    rows = [body(f"department:{code}") for code in range(101, 121)]
    rows += [body(f"unit:{code}:1", parent_id=f"department:{code}") for code in range(101, 121)]
    owners = {f"{row['body_id']}/a.xlsx": str(row["body_id"]) for row in rows}
    found = parted(identified(*rows, files=owners), [source(name) for name in owners])
    assert len(found) > 5
    for group in found:
        own = set(group.identified.bodies["body_id"])
        assert {f"department:{each.split(':')[1]}" for each in own} <= own
    assert sorted(file.name for group in found for file in group.files) == sorted(owners)


def test_one_file_more_changes_no_other_group(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groups, "MOST_FILES", 5)
    rows = [body(f"department:{code}") for code in range(101, 121)]
    owners = {f"{row['body_id']}/a.xlsx": str(row["body_id"]) for row in rows[:-1]}
    before = parted(identified(*rows, files=owners), [source(name) for name in owners])
    more = {**owners, "late/b.xlsx": "department:120"}
    after = parted(identified(*rows, files=more), [source(name) for name in more])
    changed = [pair for pair in zip(before, after, strict=True) if [*pair[0].files] != [*pair[1].files]]
    assert len(changed) == 1


def parts_of(folder: Path) -> set[str]:
    return {path.name for path in (folder / "parts").iterdir() if is_whole(path)}


def test_one_changed_file_judges_one_group_again(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(groups, "MOST_FILES", 3)
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    judged_year(copied, YEAR, kept=tmp_path)
    before = parts_of(tmp_path)
    with zipfile.ZipFile(min(copied.rglob("*.xlsx")), "a") as package:
        package.comment = b"sent again"
    judged_year(copied, YEAR, kept=tmp_path)
    assert len(before) > 3
    assert len(parts_of(tmp_path) - before) == 1


@pytest.mark.parametrize("change", ["settings", "roster", "correction", "day"])
def test_what_a_group_is_judged_by_is_part_of_its_key(county: Path, tmp_path: Path, change: str):
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    root = copied / str(YEAR)
    roster = (root / "departments.csv").read_text(encoding="utf-8-sig") + "990,新设局,,行政,2020-06-30\n"
    (root / "departments.csv").write_text(roster, encoding="utf-8")
    judged_year(copied, YEAR, kept=tmp_path)
    before = parts_of(tmp_path)
    as_of = date(2020, 1, 31)
    if change == "settings":
        (root / "settings.toml").write_text("[thresholds]\nyear_on_year_percent = 99\n", encoding="utf-8")
    elif change == "roster":
        (root / "departments.csv").write_text(f"{roster}991,又一局,,行政,\n", encoding="utf-8")
    elif change == "correction":
        released = release_of(copied, YEAR).facts.frame(["department_code", "unit_code", *PLACE, "raw"])
        row = released[(released["raw"] != "") & released["unit_code"].isna()].iloc[0]
        write_correction(root, row)
    else:
        as_of = date(2021, 1, 31)
    judged_year(copied, YEAR, as_of=as_of, kept=tmp_path)
    assert parts_of(tmp_path) > before


def write_correction(root: Path, cell: "pd.Series[str]") -> None:
    named = {"department_code": cell["department_code"], "unit_code": "", **cell[PLACE].to_dict()}
    reasons = {"expected": cell["raw"], "value": cell["raw"], "reason": "核实", "approved_by": "张三"}
    pd.DataFrame([{**named, **reasons}]).to_csv(root / "corrections.csv", index=False)


def test_a_damaged_part_is_judged_again(county: Path, tmp_path: Path):
    judged_year(county, YEAR, kept=tmp_path)
    (part,) = (tmp_path / "parts").iterdir()
    whole = {path.name: path.read_bytes() for path in part.iterdir()}
    (part / "cells.arrow").write_bytes(whole["cells.arrow"][:-20])
    judged_year(county, YEAR, kept=tmp_path)
    assert {path.name: path.read_bytes() for path in part.iterdir()} == whole


def test_a_part_that_cannot_be_written_is_a_sentence(tmp_path: Path):
    (tmp_path / "parts").write_text("no folder")
    with pytest.raises(PublicationError, match=r"未能写入 .*parts"):
        write_part(tmp_path / "parts" / "key", {"files": pd.DataFrame({"file": ["a"]})}, {})
