"""Judging a county in groups of whole departments: the same release as in one, kept by what each depends on."""

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from expectations.errors import PublicationError
from flows import stages
from flows.published.publish import publish
from flows.published.tablefiles import write_rows
from flows.running import groups
from flows.running.aside import writing_aside
from flows.running.filereading import Head
from flows.running.groups import departments_of, parted
from flows.running.parts import STREAMED, Part, is_whole, joined, read_part, write_part
from flows.running.setting import Question
from tests.drawn import body
from tests.releases import judged_year, release_of, verdict_of
from transforms.bodies import Identified
from transforms.read import unreadable
from transforms.sample import write_county
from transforms.submissions import SourceFile

PLACE = ["file", "sheet", "cell"]
YEAR = 2020


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=8, seed=11, defects=5)
    return folder


def differing(one: Path, other: Path) -> list[str]:
    """Files that differ, but the record of the run, which has durations, and the database, which has times."""
    names = {
        path.relative_to(each).as_posix()
        for each in (one, other)
        for path in each.rglob("*")
        if path.is_file()
    }
    compared = sorted(name for name in names if not name.endswith(("run.json", ".duckdb")))
    return [
        name
        for name in compared
        if not ((one / name).is_file() and (other / name).is_file())
        or (one / name).read_bytes() != (other / name).read_bytes()
    ]


def test_many_groups_give_the_bytes_of_one(county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = publish(verdict_of(county, YEAR, kept=tmp_path / "a").release, tmp_path / "one")
    monkeypatch.setattr(groups, "MOST_FILES", 3)
    many = publish(verdict_of(county, YEAR, kept=tmp_path / "b").release, tmp_path / "many")
    assert len(parts_of(tmp_path / "b")) > 3
    assert differing(one, many) == []


def a_county_of(departments: int, files: int = 1) -> tuple[Identified, list[SourceFile]]:
    """Departments 101, 102 …, each with one unit, both of whom sent files."""
    codes = range(101, 101 + departments)
    rows = [body(f"department:{code}") for code in codes]
    rows += [body(f"unit:{code}:1", parent_id=f"department:{code}") for code in codes]
    owners = {
        f"{row['body_id']}/{number}.xlsx": str(row["body_id"]) for row in rows for number in range(files)
    }
    return Identified(pd.DataFrame(rows), owners, []), [source(name) for name in owners]


def source(name: str, size: int = 1) -> SourceFile:
    return SourceFile(Path(name), name, name.split("/")[0], "", "", 1, size, name)


def of_all(identified: Identified) -> set[str]:
    return set(departments_of(identified.bodies).values())


def blank(files: list[SourceFile]) -> dict[str, int]:
    return {file.name: 0 for file in files}


def test_files_of_many_cells_make_smaller_groups(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groups, "MOST_CELLS", 10_000)
    identified, files = a_county_of(20)
    large = {file.name: 6_000 if file.name.startswith("department:10") else 0 for file in files}
    found = [*parted(identified, files, of_all(identified), 2, large)]
    assert [len(group.files) for group in found] == [4, 4, 4, 2, 4, 22]


def test_a_department_and_its_units_are_never_parted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groups, "MOST_FILES", 3)
    identified, files = a_county_of(20)
    found = [*parted(identified, files, of_all(identified), 2, blank(files))]
    assert len(found) == 14
    for group in found:
        own = set(group.identified.bodies["body_id"])
        assert own == {f"{kind}{each[-3:]}{end}" for each in group.departments for kind, end in BODIES}
    assert sorted(file.name for group in found for file in group.files) == sorted(file.name for file in files)


BODIES = [("department:", ""), ("unit:", ":1")]


def test_few_files_are_one_group_and_many_are_as_many_as_there_are_workers(monkeypatch: pytest.MonkeyPatch):
    identified, files = a_county_of(20)
    numbers = []
    for most in (40, 39, 9):
        monkeypatch.setattr(groups, "MOST_FILES", most)
        found = [*parted(identified, files, of_all(identified), 4, blank(files))]
        numbers.append([len(group.files) for group in found])
    assert numbers == [[40], [10, 10, 10, 10], [6, 4, 6, 4, 6, 4, 6, 4]]


def test_only_departments_that_are_wanted_are_judged():
    identified, files = a_county_of(20)
    (group,) = parted(identified, files, {"department:105", "department:109"}, 2, blank(files))
    assert group.departments == {"department:105", "department:109"}
    assert {file.name.split(":", 1)[1] for file in group.files} == {
        "105/0.xlsx",
        "109/0.xlsx",
        "105:1/0.xlsx",
        "109:1/0.xlsx",
    }
    assert [*parted(identified, files, set(), 2, blank(files))] == []


def parts_of(folder: Path) -> set[str]:
    return {path.name for path in (folder / "parts").iterdir() if is_whole(path)}


def send_again(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as package:
        package.comment = b"sent again"


def departments_judged(folder: Path, before: set[str]) -> list[list[str]]:
    """The departments in the parts that are new."""
    new = sorted(parts_of(folder) - before)
    records = [json.loads((folder / "parts" / name / "part.json").read_text("utf-8")) for name in new]
    return [sorted(record["departments"]) for record in records]


def test_a_changed_file_makes_only_its_department_be_judged_again(county: Path, tmp_path: Path):
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    judged_year(copied, YEAR, kept=tmp_path)
    before = parts_of(tmp_path)
    changed = min(copied.rglob("*.xlsx"))
    send_again(changed)
    judged = judged_year(copied, YEAR, kept=tmp_path).county
    owner = judged.owners[changed.relative_to(copied / str(YEAR)).as_posix()]
    assert departments_judged(tmp_path, before) == [[departments_of(judged.bodies)[owner]]]


def test_parts_of_many_changes_are_gathered_again(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(groups, "MOST_SPARE", 1)
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    judged = judged_year(copied, YEAR, kept=tmp_path).county
    above = departments_of(judged.bodies)
    files = {above[body]: name for name, body in judged.owners.items() if name.endswith(".xlsx")}
    sizes = []
    for name in sorted(files.values())[:5]:
        before = parts_of(tmp_path)
        send_again(copied / str(YEAR) / name)
        judged_year(copied, YEAR, kept=tmp_path)
        sizes.append([len(departments) for departments in departments_judged(tmp_path, before)])
    assert sizes == [[1], [1], [1], [2], [2]]


def test_a_changed_county_says_what_one_judged_anew_says(county: Path, tmp_path: Path):
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    judged_year(copied, YEAR, kept=tmp_path)
    changed = min(copied.rglob("*.xlsx"))
    shutil.copy(max(changed.parent.parent.glob("*/*.xlsx")), changed)
    again = publish(verdict_of(copied, YEAR, validated=False, kept=tmp_path).release, tmp_path / "again")
    anew = publish(
        verdict_of(copied, YEAR, validated=False, kept=tmp_path / "new").release, tmp_path / "anew"
    )
    assert differing(again, anew) == []


def test_a_reading_that_is_not_kept_is_part_of_its_departments_key(county: Path, tmp_path: Path):
    """A document that no office program could open may be read the next time."""
    judged = judged_year(county, YEAR, kept=tmp_path)
    heads = stages.read_submissions(judged.inputs, 1, None, lambda _count: None, judged.store)
    question = Question(judged.inputs, stages.identify(heads, judged.inputs), heads, judged.setting)
    file = judged.inputs.files[0]
    failed = Head(heads[file.name].said, unreadable(file.name, "没有 LibreOffice"))
    other = replace(question, heads=heads | {file.name: failed})
    changed = [name for name, key in question.keys().items() if other.keys()[name] != key]
    owner = question.identified.body_of_file[file.name]
    assert changed == [departments_of(question.identified.bodies)[owner]]


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
        released = pd.concat(
            release_of(copied, YEAR).facts.frames(["department_code", "unit_code", *PLACE, "raw"])
        )
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


def test_rows_that_wait_beside_a_run_are_those_that_publication_would_write(county: Path, tmp_path: Path):
    judged = judged_year(county, YEAR, kept=tmp_path).county
    with writing_aside(tmp_path / "parts") as begin:
        begun = begin(judged)
        for table in STREAMED:
            waiting = begun.rows(table).file()
            write_rows(begun.rows(table), tmp_path / "moved.parquet")
            write_rows(begun.rows(table), tmp_path / "written_after_it_was_moved.parquet")
            write_rows(judged.rows(table), tmp_path / "written.parquet")
            assert waiting
            assert not waiting.exists()
            assert len({path.read_bytes() for path in tmp_path.glob("*.parquet")}) == 1
    assert [*(tmp_path / "parts").glob("*.partial")] == []


def test_rows_that_cannot_be_written_beside_a_run_are_left_to_publication(county: Path, tmp_path: Path):
    judged = judged_year(county, YEAR, kept=tmp_path).county
    (tmp_path / "no_folder").write_text("")
    with writing_aside(tmp_path / "no_folder") as begin:
        assert begin(judged) is judged
    gone = replace(judged, files=judged.files.assign(part="gone"))
    with writing_aside(tmp_path / "parts") as begin:
        assert [begin(gone).rows(table).file() for table in STREAMED] == [None, None]


def test_a_part_that_cannot_be_written_is_a_sentence(tmp_path: Path):
    (tmp_path / "parts").write_text("no folder")
    with pytest.raises(PublicationError, match=r"未能写入 .*parts"):
        write_part(
            tmp_path / "parts", {"department:101": "key"}, {"files": pd.DataFrame({"file": ["a"]})}, {}
        )


def test_parts_together_have_more_words_than_each_counts_on(tmp_path: Path):
    parts = []
    for number in range(3):
        words = pd.Categorical([f"{number}-{each}" for each in range(100)])
        frame = pd.DataFrame({"word": words, "department": pd.Categorical(["d"] * 100)})
        files = frame.rename(columns={"word": "file"})
        rows = {"files": files, "words": frame}
        parts.append(Part(write_part(tmp_path, {"d": str(number)}, rows, {}), frozenset({"d"})))
    assert joined([read_part(part) for part in parts])["words"]["word"].nunique() == 300
