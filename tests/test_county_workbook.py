"""The county workbook: official forms in 万元 whose totals are formulas and agree with what is written."""

import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from expectations.schema import tables_of
from flows.county_pages import CHANGES, pages
from flows.county_workbook import FIRST_ROW, write_county_workbook
from flows.notes import notes
from flows.release import Release
from flows.sheet_page import Heading, Page, Terms, agreeing, down_the_tree
from flows.summary import in_wan
from tests.releases import release_of
from transforms.consolidate import consolidate
from transforms.sample import write_county

YEAR = 2020
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=6, seed=11, defects=2)
    return release_of(folder, YEAR)


@pytest.fixture(scope="module")
def workbook(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("output") / "county_budget.xlsx"
    write_county_workbook(release, path)
    return path


def money(path: Path) -> dict[tuple[str, str], Decimal]:
    """Every number in a workbook as its cells hold it, by sheet and cell."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): round(Decimal(str(cell.value)), 6)
        for sheet in book
        for row in sheet.iter_rows(min_row=FIRST_ROW)
        for cell in row
        if isinstance(cell.value, int | float)
    }


def net_total(page: Page) -> int:
    titles = [heading.title for heading in page.headings]
    return int(str(page.rows[-1][len(titles) - 1 - titles[::-1].index("合并数")]))


def test_totals_are_formulas_that_carry_their_results(workbook: Path):
    formulas = openpyxl.load_workbook(workbook)["部门收入"]
    values = openpyxl.load_workbook(workbook, data_only=True)["部门收入"]
    last = next(row for row in range(FIRST_ROW, 99) if formulas.cell(row, 1).value == "合计")
    assert formulas.cell(last, 2).value == f"=ROUND(SUM(B4:B{last - 1}),6)"
    assert formulas.cell(last, 4).value == f"=ROUND(B{last}-C{last},6)"
    shown = [values.cell(row, 2).value for row in range(FIRST_ROW, last)]
    assert values.cell(last, 2).value == pytest.approx(sum(shown), abs=1e-7)


def test_every_total_row_is_made_of_formulas(release: Release):
    for page in pages(release):
        total = {place for place in page.sums if place[0] == len(page.rows) - 1}
        assert total <= agreeing(page).keys(), page.sheet
    assert sum(len(agreeing(page)) for page in pages(release)) > 300


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_recalculates_the_same_figures_without_an_error(workbook: Path, tmp_path: Path):
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run([*command, "--outdir", tmp_path, workbook], check=True, capture_output=True, timeout=180)
    recalculated = tmp_path / workbook.name
    assert money(recalculated) == money(workbook)
    sheets = openpyxl.load_workbook(recalculated, data_only=True).worksheets
    texts = [str(cell.value) for sheet in sheets for row in sheet for cell in row]
    assert not [text for text in texts if text.startswith(("#", "Err:"))]


def test_the_official_forms_come_to_the_countys_net(release: Release):
    by_sheet = {page.sheet: page for page in pages(release)}
    income = int(release.tables["county_income"]["net_yuan"].sum())
    spent = int(release.tables["county_expenditure_by_department"]["net_yuan"].sum())
    assert net_total(by_sheet["收入总表"]) == income
    assert net_total(by_sheet["支出总表（按功能科目）"]) == spent
    assert net_total(by_sheet["支出总表（按部门）"]) == spent
    assert (
        by_sheet["三公经费（按部门）"].rows[-1][-3] == release.tables["county_three_public"]["net_yuan"].sum()
    )


def test_two_years_have_sheets_of_their_own_only_where_both_are_known(release: Release):
    current = {table.name: release.tables[table.name] for table in tables_of("standard")}
    last = {name: rows.assign(fiscal_year=YEAR - 1) for name, rows in current.items()}
    found = consolidate(current, last=last)
    both = replace(release, tables={**release.tables, **{name: found[name] for name in CHANGES}})
    added = {page.sheet: page for page in pages(both)}.keys() - {page.sheet for page in pages(release)}
    assert len(added) == 3
    function = next(page for page in pages(both) if page.sheet == "部门支出与上年比较表（按功能科目）")
    codes = [str(row[0]) for row in function.rows if row[0]]
    assert codes == sorted(set(codes))
    assert [len(code) // 2 for code in codes] == [indent + 1 for indent in function.indents[: len(codes)]]


def test_every_sheet_is_linked_and_ready_to_print(workbook: Path):
    book = openpyxl.load_workbook(workbook)
    linked = {cell.hyperlink.location or cell.hyperlink.ref for cell in book["目录"]["B"] if cell.hyperlink}
    assert len(linked) == len(book.sheetnames) - 1
    for sheet in book.worksheets[2:]:
        assert sheet.print_area
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.freeze_panes in ("B4", "C4")
        assert sheet.page_setup.orientation == "landscape"


def test_the_notes_add_published_and_withheld_up_to_the_provisional_total(release: Release):
    lines = [text for text, _ in notes(release)]
    published = int(release.tables["county_income"]["net_yuan"].sum())
    withheld = int(release.withheld["income"]["amount_yuan"].sum())
    assert withheld > 0
    provisional = in_wan(published + withheld)
    sums = f"已公布 {in_wan(published)} 万元 + 暂不汇总 {in_wan(withheld)} 万元"
    assert f"收入：{sums} = 暂定数 {provisional} 万元。" in lines
    assert any(line.startswith("2020年全县部门“三公”经费预算总额为") for line in lines)


def test_a_code_given_without_going_deeper_keeps_its_written_amount():
    rows = [["201", 500], ["20101", 300], ["20102", 100], ["合计", 500]]
    headings = [Heading("编码"), Heading("金额", "money")]
    page = Page("表", "表", headings, rows, sums=dict(down_the_tree([0, 1, 1, 0], [1])))
    assert page.sums[(0, 1)] == Terms(((1, 1), (2, 1)))
    assert agreeing(page).keys() == {(3, 1)}


def test_the_same_release_gives_the_same_workbook(release: Release, workbook: Path, tmp_path: Path):
    write_county_workbook(release, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == workbook.read_bytes()
