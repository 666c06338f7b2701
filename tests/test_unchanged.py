"""A release stands while everything it depends on is the same, and no longer."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows import identity as identities
from flows.running.completed import read_record, standing
from tests.releases import identity_of, publish_year
from transforms.sample import write_county

YEAR = 2020
WAIVER = "rule_id,department_code,unit_code,sheet,cell,value,reason,approved_by,until\nTPE-02,101,,,,,试行,张三,2020-02-15\n"
CORRECTION = "department_code,unit_code,file,sheet,cell,expected,value,reason,approved_by\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `input` and `output` of a small county."""
    folder = tmp_path_factory.mktemp("county")
    write_county(folder / "input", YEAR, departments=3, seed=7)
    (folder / "input" / str(YEAR) / "waivers.csv").write_text(WAIVER, "utf-8")
    publish_year(folder / "input", folder / "output")
    return folder


@pytest.fixture
def county(released: Path, tmp_path: Path) -> Path:
    return shutil.copytree(released, tmp_path / "county")


def stands(county: Path, as_of: date = date(2020, 1, 31), **options: object) -> bool:
    now = identity_of(county / "input", county / "output", as_of, **options)
    return standing(county / "output", YEAR, now) is not None


def changed(county: Path) -> set[str]:
    """What is not as the release has it, of all that it depends on."""
    before = read_record(county / "output" / str(YEAR))["identity"]
    now = identity_of(county / "input", county / "output")
    return {part for part in now if before[part] != now[part]}


def append_to(name: str) -> Callable[[Path], None]:
    def change(year_dir: Path) -> None:
        path = year_dir / name
        path.write_text((path.read_text("utf-8") if path.exists() else "") + "\n", "utf-8")

    return change


def remove_a_workbook(year_dir: Path) -> None:
    next(iter(sorted(year_dir.rglob("*.xlsx")))).unlink()


def touch_a_workbook(year_dir: Path) -> None:
    path = next(iter(sorted(year_dir.rglob("*.xlsx"))))
    path.write_bytes(path.read_bytes() + b"\0")


def add_a_list(year_dir: Path) -> None:
    (year_dir / "codes").mkdir()
    (year_dir / "codes" / "functional.csv").write_text("code,name\n", "utf-8")


def test_with_nothing_changed_the_release_stands_and_says_so(county: Path):
    now = identity_of(county / "input", county / "output")
    completed = standing(county / "output", YEAR, now)
    assert completed is not None
    assert completed.unchanged
    assert completed.summary.startswith("2020年部门预算汇总：材料、规则和设置与上次完全相同")
    assert changed(county) == set()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (touch_a_workbook, "files"),
        (remove_a_workbook, "files"),
        (append_to("departments.csv"), "bureau"),
        (append_to("corrections.csv"), "bureau"),
        (append_to("waivers.csv"), "bureau"),
        (append_to("settings.toml"), "bureau"),
        (add_a_list, "bureau"),
    ],
)
def test_any_change_of_the_inputs_makes_a_new_release(
    county: Path, change: Callable[[Path], None], part: str
):
    change(county / "input" / str(YEAR))
    assert not stands(county)
    assert changed(county) == {part}


def test_another_way_of_running_makes_a_new_release(county: Path):
    assert not stands(county, strict=True)


def test_the_day_counts_only_when_a_date_that_the_inputs_name_has_passed(county: Path):
    assert stands(county, date(2020, 2, 15))
    assert not stands(county, date(2020, 2, 16))


def test_a_release_that_somebody_changed_does_not_stand(county: Path):
    (county / "output" / str(YEAR) / "csv" / "income.csv").write_text("")
    assert not stands(county)


def test_a_release_with_a_file_missing_does_not_stand(county: Path):
    (county / "output" / str(YEAR) / "county_budget.xlsx").unlink()
    assert not stands(county)


def test_a_file_that_a_program_left_beside_the_release_does_not_matter(county: Path):
    (county / "output" / str(YEAR) / "~$county_budget.xlsx").write_text("")
    assert stands(county)


def test_a_new_release_of_the_year_before_makes_a_new_one(county: Path):
    (county / "output" / str(YEAR - 1)).mkdir()
    (county / "output" / str(YEAR - 1) / "run.json").write_text("{}")
    assert not stands(county)


@pytest.mark.parametrize(
    ("file", "reads_anew"),
    [
        ("transforms/forms/balance.yml", True),
        ("transforms/files/limits.yml", True),
        ("transforms/tables/layout.py", True),
        ("expectations/codes/functional.csv", True),
        ("expectations/rules/30_inside.yml", False),
        ("transforms/standardise.py", False),
        ("flows/published/page.py", False),
    ],
)
def test_every_definition_counts_for_the_release_and_those_that_reading_uses_for_readings(
    file: str, reads_anew: bool, monkeypatch: pytest.MonkeyPatch
):
    before = identities.program.__wrapped__(), identities.reading.__wrapped__()
    read = Path.read_bytes
    changed = identities.PROJECT / file
    monkeypatch.setattr(Path, "read_bytes", lambda self: read(self) + (b"#" if self == changed else b""))
    after = identities.program.__wrapped__(), identities.reading.__wrapped__()
    assert after[0] != before[0]
    assert (after[1] != before[1]) == reads_anew
