"""The page as its readers use it: what is opened says words only, and years are compared where they can be."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flows.published.headline import headlines
from flows.published.page import write_page
from flows.published.release import Release
from tests.browser import CHROMIUM, DRIVER, MISSING, Browser, browser
from tests.releases import beside_last_year, release

__all__ = ["release"]

CHANGE_ROWS = (
    "return [...document.querySelectorAll('#changes table')[{table}].querySelectorAll('tr')]"
    ".map((row) => [...row.children].map((cell) => cell.textContent))"
)

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason=MISSING)


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        opened.resize(1366, 768)
        yield opened


def opened(window: Browser, release: Release, path: Path, section: str) -> Browser:
    write_page(release, path / "index.html")
    window.open(path / "index.html")
    window.run(f"drawSection('{section}')")
    return window


def test_what_is_said_of_a_body_names_its_files_and_is_words_only(
    window: Browser, release: Release, tmp_path: Path
):
    opened(window, release, tmp_path, "coverage")
    bodies = window.run(
        "return [...document.querySelectorAll('#coverage .board .chip')].map((chip) => {"
        " chip.click(); const text = dialog.innerText; dialog.close(); return text; })"
    )
    assert len(bodies) == len(release.coverage)
    assert not [text for text in bodies if "null" in text or "[object" in text]
    for files in release.coverage["files"].dropna():
        assert any(all(name in text for name in files.split("; ")) for text in bodies), files


def test_a_figure_without_eliminations_or_note_is_opened_without_a_word_too_much(
    window: Browser, release: Release, tmp_path: Path
):
    opened(window, release, tmp_path, "three-public")
    window.run("document.querySelector('#three-public .bar-row').click()")
    assert "null" not in window.run("return dialog.innerText")


def test_years_of_the_same_bodies_are_compared_as_a_whole(window: Browser, release: Release, tmp_path: Path):
    opened(window, beside_last_year(release), tmp_path, "changes")
    assert "两年计入的单位相同" in window.run("return document.querySelector('#changes .lead').textContent")
    assert window.run(CHANGE_ROWS.format(table=0))[0] == ["项目", "本年", "上年", "增减", "幅度"]


def test_years_of_different_bodies_are_compared_where_both_count(
    window: Browser, release: Release, tmp_path: Path
):
    """The year's figures did not change: what a department that was not there before adds is no growth."""
    new = release.tables["expenditure_by_type"]["department_code"].iloc[0]
    opened(window, beside_last_year(release, left_out=new), tmp_path, "changes")
    assert "只有本年计入的" in window.run("return document.querySelector('#changes .lead').textContent")
    titles, *rows = window.run(CHANGE_ROWS.format(table=1))
    assert titles == ["项目", "本年", "可比本年", "可比上年", "增减", "幅度"]
    assert rows
    assert {row[4] for row in rows} == {"0.00"}
    assert (
        window.run(
            "return document.querySelectorAll('#changes table')[4].querySelectorAll('tbody tr').length"
        )
        == 0
    )


def test_the_provisional_total_opened_is_without_bodies_whose_magnitude_is_in_doubt(
    window: Browser, release: Release, tmp_path: Path
):
    held = release.withheld["income"].iloc[0]
    doubt = release.findings.head(1).assign(
        finding_id="doubt", rule_id="CEL-09", state="open",
        **{name: held[name] for name in ("scope", "department_code", "unit_code")},
    )  # fmt: skip
    doubted = replace(release, findings=pd.concat([release.findings, doubt], ignore_index=True))
    opened(window, doubted, tmp_path, "flow")
    opened_up = (
        "const one = headlineFigure(D.headlines[0]).withHeld, [part] = one.parts;"
        "return [one.net, sourceAmount(part.table, part.rows)]"
    )
    net, added = window.run(opened_up)
    income, whole = headlines(doubted)[0], headlines(release)[0]
    assert net == income.provisional < whole.provisional
    assert added - net == window.run("return headlineFigure(D.headlines[0]).withHeld.elimination")
    assert "金额单位有疑问的 1 个单位" in window.run("return document.querySelector('.card').textContent")


def test_what_follows_from_a_finding_is_folded_up_below_it_and_nothing_is_lost(
    window: Browser, release: Release, tmp_path: Path
):
    root, *others = (
        release.findings.head(1).assign(finding_id=name, cell=name) for name in ("B2", "D10", "D9")
    )
    follows = [each.assign(root_finding_id="B2") for each in others]
    findings = pd.concat([*follows, root.assign(root_finding_id="")], ignore_index=True)
    opened(window, replace(release, findings=findings), tmp_path, "findings")
    told = "return [...document.querySelectorAll('{0}')].map((li) => li.querySelector('small').textContent.match(/! (\\w+)/)[1])"
    assert window.run(told.format("#findings .finding")) == ["B2", "D9", "D10"]
    assert window.run(told.format("#findings .finding .finding")) == ["D9", "D10"]
    assert (
        window.run("return document.querySelector('#findings .followers > summary').textContent")
        == "由此引起的另有 2 处"
    )


def test_paper_says_that_a_list_goes_on(window: Browser, release: Release, tmp_path: Path):
    opened(window, release, tmp_path, "data")
    more, rows = window.run(
        "return [document.querySelector('#data .more').dataset.shown, document.querySelectorAll('#data tbody tr').length]"
    )
    assert more.startswith(f"以上为前 {rows} 项，共 ")


def test_on_a_phone_names_and_captions_are_whole(window: Browser, release: Release, tmp_path: Path):
    window.resize(390, 844)
    opened(window, beside_last_year(release), tmp_path, "data")
    window.run("for (const id of ['three-public', 'projects', 'coverage']) drawSection(id)")
    ends = window.run(
        "return Object.keys(D.county).map((name) => { seen.table = name; drawTables();"
        " return document.querySelector('#data caption span').getBoundingClientRect().right; })"
    )
    cut = "[...document.querySelectorAll('.bar-name, .department-name')].filter((name) => name.scrollWidth > name.clientWidth)"
    assert max(ends) <= 390
    assert window.run(f"return {cut}.length") == 0
    window.resize(1366, 768)


def test_what_no_body_states_is_no_nought(window: Browser, release: Release, tmp_path: Path):
    names = ("operating_costs", "county_operating_costs")
    without = {name: release.tables[name].head(0) for name in names}
    opened(window, replace(release, tables={**release.tables, **without}), tmp_path, "flow")
    card = "document.querySelector('[data-figure=county_operating_costs]').parentElement.innerText"
    assert [line for line in window.run(f"return {card}").split("\n") if line][:3] == [
        "机关运行经费",
        "—",
        "没有已汇总的单位列示",
    ]


def test_a_line_of_a_document_is_named_without_stray_signs(window: Browser, release: Release, tmp_path: Path):
    finding = release.findings.head(1).assign(
        sheet="正文", cell="第9行", message="正文第9行“接待费”写有增减。"
    )
    opened(window, replace(release, findings=finding), tmp_path, "findings")
    assert "正文第9行" in window.run("return document.querySelector('#findings .finding small').textContent")
