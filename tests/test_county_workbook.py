"""The county workbook: official forms in 万元 whose totals are formulas and agree with what is written."""

import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from expectations.headlines import Measure
from expectations.schema import allowed_values, conform, tables
from flows.published.changes_pages import changes_pages
from flows.published.county_pages import pages, table_page
from flows.published.county_workbook import FIRST_ROW, write_county_workbook
from flows.published.findings_page import findings_page
from flows.published.headline import Headline, headlines
from flows.published.notes import body_name, notes, three_public_statement
from flows.published.page_data import page_data
from flows.published.release import Release
from flows.published.sheet_page import Heading, Page, Terms, agreeing, down_the_tree
from flows.summary import summary
from tests.releases import beside_last_year, release

__all__ = ["release"]

YEAR = 2020
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


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
    added = {page.sheet: page for page in pages(beside_last_year(release))}
    for page in pages(release):
        del added[page.sheet]
    assert len(added) == 3
    function = added["部门支出与上年比较表（按功能科目）"]
    codes = [str(row[0]) for row in function.rows if row[0]]
    assert codes == [*sorted({*codes} - {"合计"}), "合计"]
    assert [len(code) // 2 for code in codes[:-1]] == [
        indent + 1 for indent in function.indents[: len(codes) - 1]
    ]


def test_years_of_the_same_bodies_are_compared_as_a_whole(release: Release):
    page = changes_pages(beside_last_year(release).tables)[0]
    assert [heading.title for heading in page.headings][2:] == ["本年数", "上年数", "增减额", "增减幅度（%）"]
    assert "两年计入的单位相同" in page.remarks[0]


def test_years_of_other_bodies_are_compared_as_the_page_compares_them(release: Release, tmp_path: Path):
    """What a department that was not there before adds is no growth; items stand as on the official forms."""
    new = release.tables["expenditure_by_type"]["department_code"].iloc[0]
    both = beside_last_year(release, left_out=new)
    write_county_workbook(both, tmp_path / "county.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "county.xlsx", data_only=True)["部门预算与上年比较表（按项目）"]
    heading, *rows = sheet.iter_rows(min_row=FIRST_ROW - 1, max_col=8, values_only=True)
    assert heading[2:] == ("本年数", "上年数", "可比本年数", "可比上年数", "可比增减额", "可比增减幅度（%）")
    income = [row for row in rows if row[0] == "收入来源"]
    titles = [*allowed_values(tables()["income"].column("income_source")).values()]
    names = [row[1] for row in income]
    assert names == [*sorted(names[:-1], key=titles.index), "合计"]
    assert income[-1][2] == pytest.approx(sum(row[2] for row in income[:-1]))
    assert income[-1][2] > income[-1][4] == income[-1][5]
    assert income[-1][6:] == (0, 0)
    assert rows[-1][0] == f"注：{page_data(both)['compared']['sentence']}"


def test_every_sheet_is_linked_and_ready_to_print(workbook: Path):
    book = openpyxl.load_workbook(workbook)
    linked = {cell.hyperlink.location or cell.hyperlink.ref for cell in book["目录"]["B"] if cell.hyperlink}
    assert len(linked) == len(book.sheetnames) - 1
    for sheet in book.worksheets[2:]:
        assert sheet.print_area
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.freeze_panes in ("B4", "C4")
        assert sheet.page_setup.orientation == "landscape"


def test_the_contents_fit_one_page_and_the_way_back_is_not_printed(workbook: Path):
    book = openpyxl.load_workbook(workbook)
    assert book["目录"].sheet_properties.pageSetUpPr.fitToPage
    assert book["目录"].page_setup.fitToHeight == 1
    assert book["目录"].print_area == f"'目录'!$A$1:$C${2 + len(book.sheetnames)}"
    balance = book["部门预算收支总表"]
    assert (balance["A2"].value, balance["H2"].value) == ("附表1", "单位：万元")
    assert balance["I1"].value == "返回目录"
    assert balance.print_area.startswith(f"'{balance.title}'!$A$1:$H$")


def column_of(name: str, title: str, **given: list[object]) -> list[object]:
    """A column of a county table as the workbook shows it with its total; what is not given is 0 or blank."""
    blank = {column.name: "" if column.type == "string" else 0 for column in tables()[name].columns}
    page = table_page(name, conform(tables()[name], pd.DataFrame(given).assign(**{**blank, **given})))
    place = [heading.title for heading in page.headings].index(title)
    return [row[place] for row in page.rows]


def test_a_total_of_last_year_is_blank_where_a_row_does_not_state_it():
    items = {"item": ["overseas_travel", "official_reception"], "net_yuan": [500, 700]}
    of = partial(column_of, "county_three_public", "上年预算数", **items)
    assert of(previous_yuan=[600, None]) == [600, None, None]
    assert of(previous_yuan=[600, 100]) == [600, 100, 700]


def test_what_nobody_states_has_no_total():
    of = partial(column_of, "county_assets", "拟购置金额", asset_class=["vehicles", "buildings"])
    assert of(planned_purchase_yuan=[None, None]) == [None, None, None]
    assert of(planned_purchase_yuan=[None, 5])[-1] == 5


def test_costs_without_a_code_are_named_so():
    assert column_of("county_operating_costs", "经济科目名称", economic_code=[""], net_yuan=[5]) == [
        "未分科目",
        None,
    ]


def test_the_notes_add_published_and_withheld_up_to_the_provisional_total(release: Release):
    lines = [text for text, _ in notes(release)]
    income = headlines(release)[0]
    assert income.published == int(release.tables["county_income"]["net_yuan"].sum())
    assert income.withheld == int(release.withheld["income"]["amount_yuan"].sum()) > 0
    assert f"收入：{income.sentence()}。" in lines
    assert any(line.startswith("2020年全县部门“三公”经费预算总额为") for line in lines)


def statement(release: Release, *rows: tuple[str, str, int, int | None]) -> str:
    """The 三公 statement over rows of unit, item, amount and last year's amount in 万元."""
    columns = ("unit_code", "item", "amount_yuan", "previous_yuan")
    frame = pd.DataFrame(rows, columns=columns).assign(scope="unit", derivation="printed", fiscal_year=YEAR)
    for name in ("amount_yuan", "previous_yuan"):
        frame[name] = frame[name].astype("Int64") * 1_000_000
    blank = {name: "" for name in tables()["three_public"].column_names if name not in frame}
    standard = conform(tables()["three_public"], frame.assign(**blank))
    return three_public_statement(replace(release, tables={"three_public": standard}))


def test_the_statement_compares_with_last_year_where_every_body_states_it(release: Release):
    rows = ("723001", "official_reception", 242, 260), ("723002", "vehicle_operation", 1687, 1930)
    assert statement(release, *rows) == (
        "2020年全县部门“三公”经费预算总额为1,929.00万元，其中：公务用车运行维护费1,687.00万元，公务接待费242.00万元。"
        "较2019年的2,190.00万元减少261.00万元，下降11.9%。"
    )


def test_the_statement_says_how_many_bodies_state_last_year(release: Release):
    one = ("723001", "official_reception", 242, 260)
    others = ("723002", "official_reception", 8, None), ("723003", "vehicle_purchase", 40, None)
    assert statement(release, one, *others) == (
        "2020年全县部门“三公”经费预算总额为290.00万元，其中：公务用车购置费40.00万元，公务接待费250.00万元。"
        "3个单位中有1个列示了上年数，其列示的项目本年共242.00万元，较2019年的260.00万元减少18.00万元，下降6.9%。"
    )
    assert statement(release, *others).endswith("公务接待费8.00万元。")


def test_a_headline_names_a_county_table_and_its_spending_types():
    with pytest.raises(ValueError, match="no county table that adds up amounts: income"):
        Measure(title="收入", county="income")
    with pytest.raises(ValueError, match="no such spending types"):
        Measure(title="支出", county="county_expenditure_by_type", types=("nonsense",))


def test_what_comparisons_found_stands_as_numbers_of_yuan_and_codes_as_text(release: Release):
    told = [("1234.50", "1000.00", "234.50"), ("208050", "2080501", ""), ("13.03", "13.05", "")]
    first = release.findings.head(1)
    rows = [first.assign(found=found, expected=due, difference=off) for found, due, off in told]
    findings = pd.concat(rows, ignore_index=True).assign(finding_id=["a", "b", "c"])
    page = findings_page(replace(release, findings=findings))
    places = [i for i, heading in enumerate(page.headings) if heading.kind == "yuan"]
    assert [[row[i] for i in places] for row in page.rows] == [
        [Decimal("1234.50"), Decimal("1000.00"), Decimal("234.50")],
        ["208050", "2080501", ""],
        ["13.03", "13.05", ""],
    ]


def test_a_finding_names_its_body_and_the_finding_it_follows_from(release: Release, tmp_path: Path):
    body = release.coverage.iloc[0]
    own = {name: body[name] for name in ("scope", "department_code", "unit_code")}
    place = {"file": "甲/预算.xlsx", "sheet": "收入总表", "found": "", "expected": "", "difference": ""}
    root = {"finding_id": "b", "root_finding_id": "", "severity": "error", "gate": "body", "cell": "C9"}
    told = [
        root | {"finding_id": "a", "root_finding_id": "b", "cell": "B10"},
        root,
        root | {"finding_id": "c", "severity": "warning", "state": "waived", "cell": "A1"},
    ]
    findings = pd.DataFrame(told).assign(**own, **place, rule_id="BAL-01", message="两数不符")
    findings["state"] = findings["state"].fillna("open")
    write_county_workbook(replace(release, findings=findings), tmp_path / "county.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "county.xlsx")["审核问题"]
    heading, *rows = sheet.iter_rows(min_row=FIRST_ROW - 1, max_col=11, values_only=True)
    shown = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [row["文件和位置"] for row in shown] == [
        f"甲/预算.xlsx\n收入总表!{cell}" for cell in ("C9", "B10", "A1")
    ]
    assert {row["单位"] for row in shown} == {body_name(body.to_dict())}
    assert [row["起因"] for row in shown] == [None, "见第 1 条", None]
    assert [row["处理"] for row in shown] == ["整个单位暂不汇总", "整个单位暂不汇总", "已核准豁免"]


def test_lists_are_filtered_by_their_headings_and_print_large_enough_to_read(workbook: Path):
    book = openpyxl.load_workbook(workbook)
    for name, last in (("报送情况", "L"), ("审核问题", "K")):
        sheet = book[name]
        assert sheet.auto_filter.ref == f"A{FIRST_ROW - 1}:{last}{sheet.max_row}"
        # Of A4 landscape, less than 140 columns of 10.5 points; below six tenths of that nobody reads.
        assert sum(sheet.column_dimensions[cell.column_letter].width for cell in sheet[3][:-1]) < 230
    assert book["收入总表"].auto_filter.ref is None


def test_published_withheld_and_provisional_are_said_in_one_way_everywhere(release: Release):
    said = Headline(Measure(title="收入", county="county_income"), 12_345_678_900, 5_000_000).sentence()
    assert said == (
        "已汇总 12,345.68 万元；另有暂不汇总 5.00 万元（按报送数，未抵销内部往来），合计暂定数 12,350.68 万元"
    )
    ends, spoken = summary(release, 1, Path("output")), page_data(release)["headlines"]
    lines = [text for text, _ in notes(release)]
    for each, on_page in zip(headlines(release), spoken, strict=True):
        assert f"{each.measure.title}：{each.sentence()}。" in lines
        assert on_page["sentence"] == each.sentence()
        assert on_page["provisional"] == on_page["published"] + on_page["withheld"]
    assert all(f"  {each.measure.title}  {each.sentence()}\n" in ends for each in headlines(release)[:2])


def test_amounts_that_may_be_of_another_magnitude_are_in_no_provisional_total(release: Release):
    held = release.withheld["income"]
    body = held[["scope", "department_code", "unit_code"]].fillna("").iloc[0]
    own = held[(held[body.index].fillna("") == body).all(axis=1)]
    doubt = release.findings.head(1).assign(rule_id="CEL-09", state="open", gate="body", **body)
    before, after = (
        headlines(each)[0]
        for each in (release, replace(release, findings=pd.concat([release.findings, doubt])))
    )
    assert (before.doubtful, after.doubtful) == (0, 1)
    assert after.withheld == before.withheld - int(own["amount_yuan"].sum()) < before.withheld
    assert "金额单位有疑问的 1 个单位" in after.sentence()
    assert headlines(replace(release, findings=doubt.assign(state="waived")))[0] == before


def test_the_notes_name_what_holds_a_body_back_and_tables_by_their_titles(release: Release):
    """A body that is held back as a whole is not one of which only single tables are."""
    first = release.coverage.head(1).assign(withheld=True, withheld_tables="assets")
    others = release.coverage.iloc[1:].assign(withheld=False, withheld_tables="")
    others.loc[others.index[0], "withheld_tables"] = "assets three_public"
    body = first.iloc[0]
    error = release.findings.head(1).assign(
        finding_id=["a"], root_finding_id=[""], rule_id="BAL-01", gate="body", state="open",
        scope=body["scope"], department_code=body["department_code"], unit_code=body["unit_code"],
    )  # fmt: skip
    follows = error.assign(finding_id="b", root_finding_id="a", rule_id="X-01")
    coverage, findings = pd.concat([first, others]), pd.concat([error, follows], ignore_index=True)
    lines = [text for text, _ in notes(replace(release, coverage=coverage, findings=findings))]
    assert [line for line in lines if "错误" in line and "：" in line][-1].endswith(
        "：错误 2 个，不符合：BAL-01 收入总计＝支出总计"
    )
    titles = f"{tables()['assets'].title}、{tables()['three_public'].title}"
    assert [line for line in lines if tables()["assets"].title in line] == [
        f"{body_name(others.iloc[0].to_dict())}：{titles}"
    ]


def test_a_code_given_without_going_deeper_keeps_its_written_amount():
    rows = [["201", 500], ["20101", 300], ["20102", 100], ["合计", 500]]
    headings = [Heading("编码"), Heading("金额", "money")]
    page = Page("表", "表", headings, rows, sums=dict(down_the_tree([0, 1, 1, 0], [1])))
    assert page.sums[(0, 1)] == Terms(((1, 1), (2, 1)))
    assert agreeing(page).keys() == {(3, 1)}


def test_the_same_release_gives_the_same_workbook(release: Release, workbook: Path, tmp_path: Path):
    write_county_workbook(release, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == workbook.read_bytes()
