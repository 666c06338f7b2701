"""The synthetic county, read back by openpyxl alone and added up again."""

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from transforms.sample import write_county
from transforms.sample.plan import plan_county

YEAR = 2020
TOTALS = {"合计", "总计", "收入总计", "支出总计", "收入合计", "支出合计"}
Row = list[object]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    write_county(folder, YEAR, 24, seed=11)
    return folder / str(YEAR)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoilt")
    write_county(folder, YEAR, 40, seed=12, defects=24)
    return folder / str(YEAR)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sheets(folder: Path) -> Iterator[Worksheet]:
    for path in sorted(folder.glob("*.xlsx")):
        yield from load_workbook(path).worksheets


def squeezed(value: object) -> str:
    return re.sub(r"\s", "", str(value)) if value is not None else ""


def amount(value: object) -> Decimal | None:
    if isinstance(value, int | float):
        return Decimal(str(value))
    text = str(value).replace(",", "") if value is not None else ""
    return Decimal(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def words(sheet: Worksheet) -> str:
    return sheet.title + "".join(
        squeezed(value) for row in sheet.iter_rows(values_only=True) for value in row
    )


def yuan(sheet: Worksheet) -> int:
    return 10_000 if "万元" in words(sheet) else 1


def form(folder: Path, *marks: str) -> Worksheet:
    """The first sheet of a body's workbooks that holds all these words."""
    return next(sheet for sheet in sheets(folder) if all(mark in words(sheet) for mark in marks))


def numbers_right_of(sheet: Worksheet, label: str) -> list[Decimal]:
    """The amounts in yuan of the first row that begins with a label."""
    for row in sheet.iter_rows(values_only=True):
        if any(squeezed(value) == label for value in row):
            return [found * yuan(sheet) for found in map(amount, row) if found is not None]
    raise AssertionError(f"{sheet.title}: no {label}")


def expenditure_total(folder: Path) -> Decimal:
    """The grand total of the expenditure form: the largest figure of its total row, or of its only row."""
    sheet = form(folder, "基本支出", "项目支出", *expenditure_title(folder))
    rows = labelled_amounts(sheet)
    totals = [figures for label, figures in rows if label in TOTALS] or [rows[-1][1]]
    return max(totals[0]) * yuan(sheet)


def labelled_amounts(sheet: Worksheet) -> list[tuple[str, list[Decimal]]]:
    """Rows that have amounts, each with its first text."""
    rows = []
    for row in sheet.iter_rows(values_only=True):
        label = next((squeezed(value) for value in row if value is not None and amount(value) is None), "")
        figures = [found for found in map(amount, row) if found is not None]
        if figures:
            rows.append((label, figures))
    return rows


def expenditure_title(folder: Path) -> tuple[str, ...]:
    known = ("部门预算支出总表", "部门支出预算总表", "预算单位支出预算总表", "支出预算总表")
    text = "".join(words(sheet) for sheet in sheets(folder))
    return (next(title for title in known if title in text),)


def folders(root: Path) -> dict[str, Path]:
    return {path.name.partition("_")[0]: path for path in root.iterdir() if path.is_dir()}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_county(tmp_path / name, YEAR, 6, seed=5, defects=2)
    assert digests(tmp_path / "first") == digests(tmp_path / "second")


def test_another_seed_gives_another_county(tmp_path: Path) -> None:
    write_county(tmp_path / "first", YEAR, 3, seed=1)
    write_county(tmp_path / "second", YEAR, 3, seed=2)
    assert digests(tmp_path / "first") != digests(tmp_path / "second")


def test_a_county_has_its_departments_units_families_and_one_that_sends_nothing() -> None:
    county = plan_county(24, None)
    assert len(county) == 24
    assert sum(len(department.units) for department in county) == 60
    assert {department.family for department in county} == {"hebei", "jiangsu", "shanghai"}
    assert [department.sending for department in county].count("nobody") == 1


def test_the_number_of_units_can_be_given_and_a_large_county_has_unique_codes() -> None:
    county = plan_county(300, 1000)
    codes = [department.code for department in county] + [unit.code for each in county for unit in each.units]
    assert sum(len(department.units) for department in county) == 1000
    assert len(set(codes)) == len(codes) == 1300


def test_the_roster_names_every_folder(clean: Path) -> None:
    roster = {row["code"]: row["name"] for row in table(clean / "departments.csv")}
    assert len(roster) == 84
    assert all(path.name == f"{code}_{roster[code]}" for code, path in folders(clean).items())


def test_a_department_is_the_sum_of_its_units(clean: Path) -> None:
    members = defaultdict(list)
    for row in table(clean / "departments.csv"):
        if row["parent_code"]:
            members[row["parent_code"]].append(row["code"])
    sent = folders(clean)
    compared = 0
    for department, units in members.items():
        if department in sent and all(unit in sent for unit in units):
            parts = sum(expenditure_total(sent[unit]) for unit in units)
            assert expenditure_total(sent[department]) == parts, department
            compared += 1
    assert compared >= 5


def test_723002_carries_its_published_figures(clean: Path) -> None:
    folder = folders(clean)["723002"]
    balance = form(folder, "收支总表", "外交支出")
    assert numbers_right_of(balance, "收入总计") == [11929200, 11929200]
    general = [
        found * yuan(balance) for found in leading_totals(form(folder, "人员经费", "公用经费", "小计"))
    ]
    assert general == [11929200, 4785300, 2295300, 2490000, 7143900]
    text = words(form(folder, "723-0403-YBN-3KTO"))
    assert "车载电台及讲解系统" in text
    assets = form(folder, "固定资产占用情况表", "资产总额")
    assert numbers_right_of(assets, "资产总额") == [4185200]
    vehicles = next(row for row in assets.iter_rows(values_only=True) if "车辆" in squeezed(row[0]))
    assert amount(vehicles[1]) == 8
    assert amount(vehicles[2]) * yuan(assets) == 1743300


def leading_totals(sheet: Worksheet) -> list[Decimal]:
    for row in sheet.iter_rows(values_only=True):
        if squeezed(row[0]) in TOTALS:
            return [found for found in map(amount, row) if found]
    raise AssertionError(sheet.title)


def code_rows(sheet: Worksheet) -> dict[str, list[Decimal]]:
    """Code (parts joined) to the row's amounts, blanks counted as nothing; the total under ''."""
    rows: dict[str, list[Decimal]] = {}
    for row in sheet.iter_rows(values_only=True):
        texts = [squeezed(value) for value in row]
        name = next((index for index, text in enumerate(texts) if re.search("[一-鿿]", text)), None)
        if name is None:
            continue
        code = "".join(text if len(text) > 2 else text.zfill(2) for text in texts[:name] if text.isdigit())
        values = [amount(value) or Decimal(0) for value in row[name + 1 :]]
        if texts[name] in TOTALS:
            values = [amount(value) or Decimal(0) for value in row[len(row) - len(values) :]]
            rows[""] = values
        elif len(code) in (3, 5, 7):
            rows[code] = values
    return rows


def test_parents_are_the_sums_of_their_children_to_the_last_digit(clean: Path) -> None:
    """Sheets with a numbering column are left to the other tests: there a number stands before the code."""
    checked = 0
    for folder in folders(clean).values():
        for sheet in sheets(folder):
            text = words(sheet)
            if ("功能" not in text and "科目编码" not in text) or "序号" in text or "经济" in text:
                continue
            rows = code_rows(sheet)
            for code, values in rows.items():
                children = [
                    row for other, row in rows.items() if len(other) == len(code) + 2 and other[:-2] == code
                ]
                if code and children:
                    assert [sum(column) for column in zip(*children, strict=True)] == values, (
                        folder,
                        sheet.title,
                        code,
                    )
                    checked += 1
    assert checked > 500


def test_the_ledger_names_the_planted_cell_and_its_value(spoilt: Path) -> None:
    ledger = table(spoilt / "defects.csv")
    assert len(ledger) == 24
    assert len({row["kind"] for row in ledger}) > 15
    assert len({(row["department_code"], row["unit_code"]) for row in ledger}) == 24
    for row in ledger:
        assert row["rule_id"]
        if row["cell"]:
            sheet = load_workbook(spoilt / row["file"])[row["sheet"]]
            value = sheet[row["cell"].split()[0]].value
            assert ("" if value is None else str(value)) == row["planted"], row
            assert row["kind"] == "hidden_form" or row["planted"] != row["original"]


def test_a_truncated_file_does_not_open(spoilt: Path) -> None:
    row = next(row for row in table(spoilt / "defects.csv") if row["kind"] == "corrupt_file")
    with pytest.raises(BadZipFile):
        load_workbook(spoilt / row["file"])


def test_only_the_bodies_of_the_ledger_differ_from_the_clean_county(tmp_path: Path) -> None:
    write_county(tmp_path / "clean", YEAR, 12, seed=3)
    write_county(tmp_path / "spoilt", YEAR, 12, seed=3, defects=4)
    before, after = digests(tmp_path / "clean"), digests(tmp_path / "spoilt")
    changed = {name for name in before if before[name] != after[name] and name.endswith(".xlsx")}
    assert changed == {
        f"{YEAR}/{row['file']}" for row in table(tmp_path / "spoilt" / str(YEAR) / "defects.csv")
    }


def test_the_readme_says_what_is_real(clean: Path) -> None:
    text = (clean / "README.md").read_text(encoding="utf-8")
    assert "随机种子 11" in text
    assert "723002" in text
    assert "Everything else is invented" in text
