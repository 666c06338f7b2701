"""The county on one page, opened in a browser that can reach no network."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from expectations.schema import Table, tables_of
from flows.published.headline import headlines, in_wan
from flows.published.page import page, write_page
from flows.published.page_data import page_data
from flows.published.readcells import AsRead
from flows.published.release import Release
from flows.running.parts import Rows
from tests.browser import CHROMIUM, DRIVER, MISSING, Browser, browser
from tests.releases import beside_last_year, release

__all__ = ["release"]

YEAR = 2020
SECTIONS = ("flow", "structure", "three-public", "projects", "coverage", "findings", "data")
HOSTILE = "</script><img src=x onerror=alert(1)>"

needs_browser = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason=MISSING)


@pytest.fixture(scope="module")
def written(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("output") / "report" / "index.html"
    write_page(release, path)
    return path


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def of_two_years(window: Browser, release: Release, tmp_path: Path) -> Browser:
    """The page on a laptop, of a year whose year before is published."""
    write_page(beside_last_year(release), tmp_path / "index.html")
    window.resize(1366, 768)
    window.open(tmp_path / "index.html")
    window.log("browser")
    return window


@pytest.fixture
def shown(window: Browser, written: Path) -> Browser:
    """The page on a laptop, every section drawn."""
    window.resize(1366, 768)
    show(window, written)
    return window


def show(window: Browser, path: Path) -> None:
    window.open(path)
    window.log("browser")
    for section in SECTIONS:
        window.run(f"document.getElementById('{section}').scrollIntoView({{behavior: 'instant'}})")
        window.wait_for(f"document.querySelector('#{section} .chart').children.length")


def wan_of(text: str) -> float:
    return float(text.replace(",", ""))


@needs_browser
def test_nothing_is_asked_of_any_network_and_nothing_goes_wrong(window: Browser, written: Path):
    window.resize(1366, 768)
    window.open(written)
    window.requests()
    show(window, written)
    asked = [address for address in window.requests() if not address.startswith("data:")]
    assert asked == [written.as_uri()]
    assert window.log("browser") == []


@needs_browser
def test_the_first_view_comes_before_any_chart_is_drawn(window: Browser, written: Path):
    window.resize(1366, 768)
    window.open(written)
    window.wait_for("performance.getEntriesByType('paint').length")
    assert window.run("return document.querySelectorAll('#headline .card').length") == 8
    assert window.run("return document.querySelector('#data table')") is None


@needs_browser
def test_the_headline_is_the_countys_net(shown: Browser, release: Release):
    text = shown.run("return document.querySelector('[data-figure=county_income]').textContent")
    assert wan_of(text) == round(int(release.tables["county_income"]["net_yuan"].sum()) / 1_000_000, 2)


@needs_browser
def test_what_is_withheld_stands_beside_the_published_and_leads_to_the_provisional_total(
    shown: Browser, release: Release
):
    income = headlines(release)[0]
    card = "document.querySelector('[data-figure=county_income]').parentElement"
    words = shown.run(f"return {card}.querySelector('.link').textContent")
    assert words == f"另有暂不汇总 {in_wan(income.withheld)}，暂定数 {in_wan(income.provisional)}"
    shown.run(f"{card}.querySelector('.link').click()")
    said, amount, marks = shown.run(
        "return [dialog.querySelector('.composition').textContent, dialog.querySelector('.figure strong').textContent,"
        "dialog.querySelectorAll('.tag.withheld').length]"
    )
    shown.run("dialog.close()")
    assert income.sentence() in said
    assert amount == in_wan(income.provisional)
    assert marks > 0


@needs_browser
def test_the_treemap_has_a_tile_for_every_class_and_goes_down_to_departments(
    shown: Browser, release: Release
):
    county = release.tables["county_expenditure"]
    classes = county[(county["function_level"] == 1) & (county["net_yuan"] > 0)]
    names = shown.run(
        "return [...document.querySelectorAll('.treemap .node')].map((node) => node.getAttribute('aria-label'))"
    )
    assert all(any(label.startswith(name) for label in names) for name in classes["function_name"])
    shown.run("document.querySelectorAll('#structure .choices button')[1].click()")
    assert shown.run("return document.querySelectorAll('.treemap .node').length") >= len(
        release.tables["county_expenditure_by_department"]
    )


@needs_browser
def test_the_flow_joins_sources_departments_and_types(shown: Browser, release: Release):
    by_type = release.tables["county_expenditure_by_type"]
    columns = shown.run(
        "const { columns } = flows(12); return columns.map((nodes) => nodes.map((node) => node.value))"
    )
    assert len(columns) == 3
    assert len(columns[2]) == int((by_type["gross_yuan"] > 0).sum())
    assert sum(columns[2]) == int(by_type["gross_yuan"].sum())
    assert shown.run("return document.querySelectorAll('.sankey .links path').length") > 10


@needs_browser
def test_tables_have_their_rows_are_searched_and_sorted(shown: Browser, release: Release):
    choose = "const s = document.querySelector('#data select'); s.value = 'county_income'; s.dispatchEvent(new Event('change'))"
    shown.run(choose)
    rows = "return [...document.querySelectorAll('#data tbody tr')].map((row) => row.textContent)"
    assert len(shown.run(rows)) == len(release.tables["county_income"])
    shown.run("document.querySelectorAll('#data thead button')[3].click()")
    cells = "return [...document.querySelectorAll('#data tbody tr')].map((row) => row.cells[3].textContent)"
    amounts = [wan_of(text) for text in shown.run(cells)]
    assert amounts == sorted(amounts, reverse=True)
    shown.run(
        "const s = document.querySelector('#data input'); s.value = '一般公共'; s.dispatchEvent(new Event('input'))"
    )
    assert len(shown.run(rows)) == 1


@needs_browser
def test_a_click_leads_from_a_county_figure_to_a_cell_and_its_text(shown: Browser, release: Release):
    shown.run("document.querySelector('[data-figure=county_income]').click()")
    shown.run("document.querySelector('dialog details').open = true")
    shown.wait_for("document.querySelector('dialog .raw')")
    place, raw, file = shown.run(
        "const d = document.querySelector('dialog details');"
        "return ['.place span', '.raw span', '.file span'].map((part) => d.querySelector(part).textContent)"
    )
    sheet, cell = place.split(" ! ")
    facts = pd.concat(release.facts.frames(["file", "sheet", "cell", "raw"]))
    fact = facts[(facts["file"] == file) & (facts["sheet"] == sheet) & (facts["cell"] == cell)].iloc[0]
    assert raw.startswith(f"“{fact['raw']}”")


# What opens the sources of every figure of a county table, and what these come to.
EVERY_FIGURE = """
    const name = NAME, table = D.county[name], found = [];
    for (const row of countyRows(name)) for (const column of table.columns) {
        const value = row[column.name];
        if (column.kind === "text" || table.key.includes(column.name) || value === null) continue;
        const figure = countyFigure(name, row, column.name);
        openSources(figure);
        const rows = figure.parts.flatMap((part) => part.rows.map((i) => part.table + i));
        const bodies = new Set(figure.parts.flatMap((part) => part.rows.map((i) => D.sources[part.table].body[i])));
        found.push({
            column: column.name, row: rowTitle(name, row), value, tables: figure.parts.map((part) => part.table),
            shown: document.querySelectorAll("dialog[open] .body").length, rows: rows.length, bodies: bodies.size,
            total: sum(figure.parts.map((part) => sourceAmount(part.table, part.rows, part.column))),
            eliminated: sum(figure.eliminations.map((one) => one.elimination_yuan)),
        });
    }
    dialog.close();
    return found;
"""
LAST_YEARS = ("last_yuan", "change_yuan", "change_percent", "comparable_current_yuan", "comparable_last_yuan")
ADDED_UP = (
    *("gross_yuan", "previous_yuan", "comparable_yuan", "comparable_previous_yuan"),
    *("quantity", "planned_quantity", "planned_purchase_yuan", "fiscal_yuan", "other_yuan"),
    *("indicator_count", "with_target_count", "measurable_count", "with_basis_count"),
)


@needs_browser
@pytest.mark.parametrize("table", tables_of("county"), ids=lambda table: table.name)
def test_every_figure_of_every_county_table_opens_the_rows_it_is_made_of(of_two_years: Browser, table: Table):
    found = of_two_years.run(EVERY_FIGURE.replace("NAME", json.dumps(table.name)))
    assert found
    for each in found:
        assert {*each["tables"]} <= {*table.made_of}, each
        if each["value"] and each["column"] not in ("elimination_yuan", "net_yuan", *LAST_YEARS):
            assert min(each["rows"], each["shown"]) > 0, each
        if each["column"] in ADDED_UP and table.name != "county_project_payments":
            assert each["total"] == pytest.approx(each["value"], abs=0.001), each
        if each["column"] == "body_count" and table.name not in ("county_balance", "county_project_payments"):
            assert each["bodies"] == each["value"], each
        if each["column"] == "elimination_yuan":
            assert each["eliminated"] >= each["value"] or table.name == "eliminations", each


@needs_browser
def test_figures_by_the_governments_code_and_by_month_lead_to_their_rows(shown: Browser, release: Release):
    mapped = shown.run(
        "const row = countyRows('county_basic_expenditure_government').find((one) => one.economic_code === '501');"
        "const figure = countyFigure('county_basic_expenditure_government', row), source = D.sources.basic_expenditure;"
        "return figure.parts[0].rows.map((i) => at(source.rows.economic_code, i));"
    )
    assert mapped
    assert all(code.startswith("301") for code in mapped)
    due = shown.run(
        "const row = countyRows('county_project_payments').find((one) => one.month);"
        "const figure = countyFigure('county_project_payments', row);"
        "return [figure.note.includes('月'), sourceAmount('projects', figure.parts[0].rows) >= figure.net,"
        "figure.parts[1].rows.length >= row.project_count]"
    )
    assert due == [True, True, True]


@needs_browser
def test_without_an_earlier_year_there_is_nothing_to_compare(shown: Browser):
    assert shown.run("return document.querySelectorAll('#changes, nav a[href=\"#changes\"]').length") == 0


@needs_browser
def test_two_years_stand_beside_each_other(of_two_years: Browser, release: Release):
    of_two_years.run("drawSection('changes')")
    types = beside_last_year(release).tables["county_changes_by_item"]
    types = types[(types["subject"] == "spending_type") & (types["current_yuan"] > 0)]
    rows = "return [...document.querySelectorAll('#changes table')[1].querySelectorAll('tbody tr')].map((row) => row.textContent)"
    assert len(of_two_years.run(rows)) == len(types) + 1
    assert all("0.00" in text and "%" in text for text in of_two_years.run(rows))
    of_two_years.run("document.querySelector('#changes .link').click()")
    assert (
        of_two_years.run(
            "return document.querySelectorAll('dialog .raw').length + document.querySelectorAll('dialog .body').length"
        )
        > 0
    )
    assert of_two_years.log("browser") == []


@needs_browser
def test_the_board_shows_every_body_and_findings_name_their_cells(shown: Browser, release: Release):
    assert shown.run("return document.querySelectorAll('#coverage .board .chip').length") == len(
        release.coverage
    )
    shown.run("document.querySelector('#findings [data-severity=error]').click()")
    errors = release.findings[release.findings["severity"] == "error"]
    texts = shown.run(
        "return [...document.querySelectorAll('#findings .finding')].map((one) => one.textContent)"
    )
    assert len(texts) == len(errors)
    assert any(f"{one.sheet} ! {one.cell}" in " ".join(texts) for one in errors.itertuples() if one.cell)


@needs_browser
def test_it_is_worked_by_keyboard(shown: Browser):
    shown.run("document.querySelector('.treemap .node').focus()")
    before = shown.run("return document.querySelector('.crumbs').textContent")
    shown.run(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))"
    )
    changed = shown.run("return document.querySelector('.crumbs').textContent") != before
    assert changed or shown.run("return document.querySelector('dialog').open")


@needs_browser
def test_keys_lead_to_a_figure_open_its_sources_and_come_back(window: Browser, written: Path):
    window.resize(1366, 768)
    window.open(written)
    focused = "const e = document.activeElement; return [e.textContent, getComputedStyle(e).outlineStyle]"
    seen = []
    for _ in range(9):
        window.press("Tab")
        seen.append(window.run(focused))
    income = window.run("return document.querySelector('[data-figure=county_income]').textContent")
    assert [text for text, _ in seen][:3] == ["跳到正文", "资金流向", "支出构成"]
    assert seen[-1] == [income, "solid"]
    assert {outline for _, outline in seen} == {"solid"}
    window.press("Enter")
    assert window.run("return [dialog.open, document.activeElement.textContent]") == [True, "关闭"]
    window.press("Tab")
    assert window.run("return document.activeElement.tagName") == "SUMMARY"
    window.press("Escape")
    assert window.run("return dialog.open") is False
    assert window.run(focused)[0] == income


@needs_browser
def test_it_fits_a_phone(window: Browser, written: Path):
    window.resize(390, 844)
    show(window, written)
    assert window.run("return document.documentElement.scrollWidth") == 390
    window.run("document.querySelector('[data-figure=county_income]').click()")
    window.run("document.querySelector('dialog details').open = true")
    window.wait_for("document.querySelector('dialog .raw')")
    assert window.run("const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth")
    assert window.log("browser") == []


@needs_browser
def test_what_a_workbook_says_is_text_and_never_markup(window: Browser, release: Release, tmp_path: Path):
    findings = release.findings.assign(message=HOSTILE)
    write_page(replace(release, findings=findings), tmp_path / "index.html")
    window.resize(1366, 768)
    show(window, tmp_path / "index.html")
    assert HOSTILE in window.run("return document.querySelector('#findings .finding').textContent")
    assert window.run("return document.querySelectorAll('img').length") == 0
    assert window.log("browser") == []


def test_what_was_read_is_found_for_rows_of_one_file_and_of_several():
    rows = pd.DataFrame(
        [
            ("a.xlsx", "表1", "B2"),
            ("a.xlsx; b.xlsx", "表1", "B2 C3"),
            ("c.xlsx", "表1", "B2"),
            ("a.xlsx", "", ""),
        ],
        columns=["source_file", "source_sheet", "source_cell"],
    )
    read = AsRead(rows)
    read.tell({("a.xlsx", "表1", "B2"): ["1.00", "元"]})
    read.tell({("b.xlsx", "表1", "C3"): ["2", "万元"]})
    raw, unit = read.texts()
    assert [raw["d"][number] for number in raw["i"]] == ["1.00", "1.00\x1f2", "", ""]
    assert [unit["d"][number] for number in unit["i"]] == ["元", "元\x1f万元", "", ""]


def test_the_page_is_the_same_wherever_the_facts_of_a_file_are_cut(
    release: Release, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rows = pa.Table.from_batches([*release.facts.batches()])
    monkeypatch.setattr("flows.published.page_data.FACTS_AT_ONCE", 7)
    cut = replace(release, facts=Rows("facts", partial(rows.to_batches, max_chunksize=7)))
    write_page(cut, tmp_path / "index.html")
    assert (tmp_path / "index.html").read_bytes() == written.read_bytes()


def test_figures_cannot_end_the_element_they_stand_in(release: Release):
    block = {**page_data(release), "statement": HOSTILE}
    figures = re.search(r'id="figures">(.*?)</script>', "".join(page(block)), flags=re.DOTALL)
    assert figures is not None
    assert json.loads(figures.group(1))["statement"] == HOSTILE


def test_the_page_names_no_address_outside_itself(written: Path):
    markup = re.sub(r'id="figures">.*?</script>', "", written.read_text("utf-8"), flags=re.DOTALL)
    assert set(re.findall(r"https?://[^\"'\s)]+", markup)) <= {"http://www.w3.org/2000/svg"}


def test_the_same_release_gives_the_same_page(release: Release, written: Path, tmp_path: Path):
    write_page(release, tmp_path / "index.html")
    assert (tmp_path / "index.html").read_bytes() == written.read_bytes()
