"""Golden sheets: each drawing in `golden/` with the facts that a right reading yields."""

from pathlib import Path

import pytest
import yaml

from tests.sheets import sheet
from transforms.forms import forms
from transforms.read import FileReading, read_sheets
from transforms.workbook import address as cell_address

FOLDER = Path(__file__).parent / "golden"
CASES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted(FOLDER.glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
}


def read(case: dict) -> FileReading:
    pages = case["pages"] if "pages" in case else {case.get("sheet_name", "Sheet1"): case["page"]}
    return read_sheets([sheet(page, name) for name, page in pages.items()], "golden.xlsx")


def address(fact: dict) -> str:
    measure = "" if fact["measure"] == "amount" else f"@{fact['measure']}"
    panel = f"{fact['panel']}:" if fact["panel"] else ""
    return f"{panel}{fact['row_key']}/{fact['column_key']}{measure}"


def records(columns: dict) -> list[dict]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def facts_of(reading: FileReading, block: int) -> dict[str, str]:
    """address -> 'amount in yuan [role] cell' of every filled cell, as golden sheets state them."""
    found = {}
    for fact in records(reading.facts):
        if fact["block_id"] == block and fact["raw"]:
            amount = "?" if fact["amount"] is None else f"{fact['amount'] / 100:.2f}"
            found[address(fact)] = f"{amount} {fact['role']} {fact['cell']}"
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_golden_sheet_yields_its_facts(name: str) -> None:
    case = CASES[name]
    reading = read(case)
    assert [block["form"] for block in reading.blocks] == [expected["form"] for expected in case["blocks"]]
    for number, expected in enumerate(case["blocks"]):
        assert facts_of(reading, number) == expected["facts"]
        for key, value in expected.get("declares", {}).items():
            assert reading.blocks[number][key] == value, key
    found = [f"{p['rule_id']} {p['cell']}" for p in records(reading.problems)]
    assert found == case.get("problems", [])


@pytest.mark.parametrize("name", CASES)
def test_a_golden_sheet_leaves_no_cell_behind(name: str) -> None:
    case = CASES[name]
    pages = case["pages"] if "pages" in case else {case.get("sheet_name", "Sheet1"): case["page"]}
    reading = read(case)
    filled = {
        (title, cell_address(r, c))
        for title, page in pages.items()
        for r, c, _ in sheet(page, title).filled()
    }
    cells = records(reading.cells)
    assert {(cell["sheet"], cell["cell"]) for cell in cells} == filled
    unread = [cell["cell"] for cell in cells if cell["disposition"] == "unread"]
    assert len(unread) == case.get("unread", 0)


def test_every_form_has_a_golden_sheet() -> None:
    shown = {block["form"] for case in CASES.values() for block in case["blocks"]}
    assert shown - {"document"} == set(forms())  # prose on a sheet is no form
