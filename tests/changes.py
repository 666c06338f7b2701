"""Every kind of thing that a release depends on, changed one at a time; a release made after it must be that of a cold run.

Used by the suite (a small county, the inputs) and by `make incremental` (all kinds, also the program's own).
"""

import csv
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from transforms.sample import write_county

YEAR = 2020
PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "transforms", "expectations")
CORRECTION = (
    "department_code",
    "unit_code",
    "file",
    "sheet",
    "cell",
    "expected",
    "value",
    "reason",
    "approved_by",
)
WAIVER = "rule_id,department_code,unit_code,sheet,cell,value,reason,approved_by,until\n"
# What run.json says of the run itself, and a file whose bytes DuckDB does not repeat.
OF_THE_RUN = ("durations", "outputs")
DATABASE = "county_budget.duckdb"


@dataclass
class County:
    """A folder with `input` and `output` of a small county, and the program that reads it."""

    folder: Path
    program: Path = PROJECT
    today: date | None = None

    @property
    def inputs(self) -> Path:
        return self.folder / "input" / str(YEAR)

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def workbooks(self) -> list[Path]:
        return sorted(self.inputs.rglob("*.xlsx"))


def small_county(folder: Path, program: Path = PROJECT) -> County:
    """Three departments with one planted defect, beside their budgets of the year before."""
    write_county(folder / "input", YEAR, departments=3, seed=7, defects=1)
    write_county(folder / "input", YEAR - 1, departments=3, seed=7)
    return County(folder, program)


Change = Callable[[County], None]


def change_a_files_bytes(county: County) -> None:
    """Other bytes, the same cells."""
    with zipfile.ZipFile(county.workbooks[0], "a") as package:
        package.comment += b"1"


def change_a_figure(county: County) -> None:
    """Another workbook in the place of one: that of the body's neighbour."""
    shutil.copyfile(county.workbooks[1], county.workbooks[2])


def add_a_file(county: County) -> None:
    folder = county.inputs / "109_档案馆"
    folder.mkdir()
    shutil.copyfile(county.workbooks[-1], folder / "档案馆.xlsx")


def remove_a_file(county: County) -> None:
    county.workbooks[3].unlink()


def rename_a_file(county: County) -> None:
    path = county.workbooks[4]
    path.rename(path.with_name("重报.xlsx"))


def change_the_roster(county: County) -> None:
    _replace(county.inputs / "departments.csv", "第一中学", "第一高级中学")


def change_a_deadline(county: County) -> None:
    _replace(county.inputs / "departments.csv", "2019-12-20", "2019-12-25")


def correct_a_cell(county: County) -> None:
    """One yuan or 万元 more in a cell that a figure of the release came from."""
    facts = pd.read_parquet(county.output / str(YEAR) / "facts.parquet")
    there = {path.relative_to(county.inputs).as_posix() for path in county.workbooks[5:]}
    fact = facts[facts["file"].isin(there) & facts["raw"].str.fullmatch(r"[1-9]\d*(\.\d+)?")].iloc[0]
    row = [fact["department_code"], fact["unit_code"] or "", fact["file"], fact["sheet"], fact["cell"]]
    row += [fact["raw"], str(Decimal(fact["raw"]) + 1), "电话核实", "张三"]
    with (county.inputs / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([CORRECTION, row])


def waive_a_rule(county: County) -> None:
    """Until tomorrow, so that the day can be changed afterwards."""
    until = (county.today or date.today()) + timedelta(days=1)
    text = f"{WAIVER}SUB-01,101,,,,,试行,张三,{until}\n"
    (county.inputs / "waivers.csv").write_text(text, "utf-8")


def change_the_settings(county: County) -> None:
    (county.inputs / "settings.toml").write_text('[notice]\nbureau = "某县财政局预算股"\n', "utf-8")


def bring_a_list_of_codes(county: County) -> None:
    (county.inputs / "codes").mkdir()
    (county.inputs / "codes" / "functional.csv").write_text("code,name\n2010101,行政运行甲\n", "utf-8")


def let_a_day_pass(county: County) -> None:
    county.today = (county.today or date.today()) + timedelta(days=2)


def change_last_years_release(county: County) -> None:
    """As a run of last year does that published again: another record, another release on the shelf."""
    release = county.output / str(YEAR - 1)
    shelf = county.output / "releases" / str(YEAR - 1)
    shelf.mkdir(parents=True)
    shutil.copytree(release, shelf / "1")
    with (release / "run.json").open("a", encoding="utf-8") as file:
        file.write("\n")


OF_FILES: tuple[Change, ...] = (
    change_a_files_bytes,
    change_a_figure,
    add_a_file,
    remove_a_file,
    rename_a_file,
)
OF_THE_BUREAU: tuple[Change, ...] = (
    change_the_roster, change_a_deadline, correct_a_cell, waive_a_rule, change_the_settings, bring_a_list_of_codes
)  # fmt: skip
OF_TIME: tuple[Change, ...] = (let_a_day_pass, change_last_years_release)


@dataclass(frozen=True)
class Edit:
    """One text of one file of the program replaced by another."""

    name: str
    file: str
    old: str
    new: str

    def __call__(self, county: County) -> None:
        assert county.program != PROJECT, "the program itself is never changed"
        _replace(county.program / self.file, self.old, self.new)


EDITS = (
    Edit("change a form", "transforms/forms/income.yml", "title: 部门预算收入总表", "title: 部门预算收入总表甲"),
    Edit("take a title from a form", "transforms/forms/income.yml", "收入总体情况表, 部门收入总体情况表", "收入情况甲"),
    Edit("take a word from the list", "transforms/forms/_words.yml", "  business: [事业收入, ", "  business: ["),
    Edit("change a limit", "transforms/files/limits.yml", "\n", "\n# changed\n"),
    Edit("change a phrase", "transforms/phrases/words.yml", "\n", "\n# changed\n"),
    Edit("change a rule's title", "expectations/rules/30_inside.yml", "title: 收入总计＝支出总计", "title: 收支相等"),
    Edit("change a rule's message", "expectations/rules/20_cells.yml", "请", "敬请"),
    Edit("change a name of a code", "expectations/codes/functional.csv", "2010101,行政运行", "2010101,行政运行乙"),
    Edit("change a view", "expectations/views.yml", "\n", "\n# changed\n"),
    Edit("change a table", "expectations/tables/income.yml", "description: 预算数", "description: 本年预算数"),
    Edit("change code that reads", "transforms/tables/layout.py", '"""', '"""Changed. '),
    Edit("change a word of the letter", "flows/returned/messages.yml", "现予退回", "现退回你单位"),
    Edit("change code that publishes", "flows/summary.py", '"""', '"""Changed. '),
)  # fmt: skip


def change_a_librarys_version(county: County) -> None:
    """A newer pandas, as the metadata beside the program tell it."""
    folder = county.program / "pandas-99.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pandas\nVersion: 99.0\n")


def program_copy(folder: Path) -> Path:
    """The program in a folder of its own, to be changed there."""
    for name in PACKAGES:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(PROJECT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def with_the_year_before(output: Path, other: Path) -> Path:
    """An empty output folder but for what another has of the year before: where a cold run begins."""
    for part in (str(YEAR - 1), f"releases/{YEAR - 1}"):
        if (output / part).is_dir():
            shutil.copytree(output / part, other / part)
    return other


def said(release: Path) -> dict[str, bytes]:
    """Every file of a release by name, without what is about the run that made it."""
    files = {path.relative_to(release).as_posix(): path for path in release.rglob("*") if path.is_file()}
    told = {name: path.read_bytes() for name, path in files.items() if name not in (DATABASE, "run.json")}
    record: Mapping[str, Any] = json.loads(files["run.json"].read_bytes())
    kept = {key: value for key, value in record.items() if key not in OF_THE_RUN}
    return {**told, "run.json": json.dumps(kept, ensure_ascii=False).encode()}


def differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """The files that two releases do not have alike."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    os.utime(path)
