"""Workbooks of provinces as they send them, each with its truth in the margin (tests/margins.py)."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.margins import Drawn, draw
from tests.variants.judge import records
from transforms.read import FileReading, read_sheets

FOLDER = Path(__file__).parent / "unseen"
WORKBOOKS = {
    f"{path.stem}: {book['place']}": book
    for path in sorted(FOLDER.glob("*.yml"))
    for book in yaml.safe_load(path.read_text(encoding="utf-8"))
}


def pages_of(book: dict) -> list[Drawn]:
    return [draw(str(name), page) for name, page in book["sheets"].items()]


def read(pages: list[Drawn]) -> FileReading:
    return read_sheets([page.sheet for page in pages], "unseen.xlsx")


def facts_of(reading: FileReading) -> dict[tuple[str, str], tuple]:
    keys = ("form", "panel", "row_key", "column_key", "measure", "amount")
    return {
        (fact["sheet"], fact["cell"]): tuple(fact[key] for key in keys)
        for fact in records(reading.facts)
        if fact["raw"]
    }


@pytest.mark.parametrize("name", WORKBOOKS)
def test_an_unseen_workbook_yields_its_facts_and_nothing_else(name: str) -> None:
    pages = pages_of(WORKBOOKS[name])
    reading = read(pages)
    expected = {(page.sheet.name, cell): said for page in pages for cell, said in page.facts.items()}
    assert facts_of(reading) == expected
    problems = [p for p in records(reading.problems) if p["detail"] != "unused"]
    found = [f"{p['rule_id']} {p['sheet']}!{p['cell']}" for p in problems]
    assert found == WORKBOOKS[name].get("problems", [])
    told = {p["sheet"] for p in records(reading.problems) if p["detail"] == "unused"}
    assert told == {page.sheet.name for page in pages if page.unused}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_order_of_the_sheets_does_not_matter(name: str) -> None:
    pages = pages_of(WORKBOOKS[name])
    turned = pages[::-1]
    assert told_by(read(turned)) == told_by(read(pages))


def told_by(reading: FileReading) -> set[tuple]:
    """What a workbook says wherever its sheets stand: figures with their roles, texts, problems."""
    figure = ("sheet", "cell", "form", "panel", "row_key", "column_key", "measure", "role", "amount", "unit")
    text = ("sheet", "cell", "form", "panel", "column_key", "text")
    problem = ("sheet", "cell", "rule_id", "found", "detail")
    return {
        tuple(record[key] for key in keys)
        for columns, keys in (
            (reading.facts, figure),
            (reading.labels, text),
            (reading.problems, problem),
        )
        for record in records(columns)
    }


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_leaves_of_an_unseen_workbook_add_up_to_its_printed_totals(name: str) -> None:
    facts = [
        f for f in records(read(pages_of(WORKBOOKS[name])).facts) if f["measure"] == "amount" and f["raw"]
    ]
    sums: Counter = Counter()
    for fact in facts:
        sums[fact["block_id"], fact["form"], fact["panel"]] += (fact["amount"] or 0) * (
            fact["role"] == "leaf"
        )
    open_sums = WORKBOOKS[name].get("open", [])
    for fact in facts:
        place = (fact["block_id"], fact["form"], fact["panel"])
        whole = fact["row_key"] == "total" and fact["column_key"] in ("total", "all_total", "value")
        if whole and fact["role"] == "total" and f"{fact['form']}:{fact['panel']}" not in open_sums:
            assert sums[place] >= (fact["amount"] or 0), place
            if fact["column_key"] != "total" or fact["form"] != "three_public":
                assert sums[place] == (fact["amount"] or 0), place


@pytest.mark.parametrize("name", WORKBOOKS)
def test_every_cell_of_an_unseen_workbook_has_its_place(name: str) -> None:
    pages = pages_of(WORKBOOKS[name])
    cells = {(c["sheet"], c["cell"]): c for c in records(read(pages).cells)}
    for page in pages:
        assert {c for s, c in cells if s == page.sheet.name} == {
            f"{_letters(c)}{r + 1}" for r, c, _ in page.sheet.filled()
        }
        for cell in page.unused:
            disposition = cells[page.sheet.name, cell]["disposition"]
            assert disposition in ("ignored", "note"), (page.sheet.name, cell, disposition)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_without_merged_ranges_as_csv_has_none_no_figure_is_read_otherwise_or_lost(name: str) -> None:
    pages = pages_of(WORKBOOKS[name])
    reading = read([replace(page, sheet=replace(page.sheet, merges=())) for page in pages])
    expected = {(page.sheet.name, cell): said for page in pages for cell, said in page.facts.items()}
    facts = facts_of(reading)
    assert facts.items() <= expected.items()
    unread = {(c["sheet"], c["cell"]) for c in records(reading.cells) if c["disposition"] == "unread"}
    assert expected.keys() - facts.keys() <= unread


def _letters(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column + 1)
