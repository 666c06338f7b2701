"""Every layout trap has its golden sheet, every spelling of a cell its meaning (tests/traps.yml)."""

from pathlib import Path

import pytest
import yaml

from tests.sheets import sheet
from tests.test_golden import CASES
from tests.variants.judge import records
from transforms.read import FileReading, read_sheets

TRAPS = yaml.safe_load((Path(__file__).parent / "traps.yml").read_text(encoding="utf-8"))


def test_every_trap_has_a_golden_sheet() -> None:
    golden = {name.partition(": ")[2] for name in CASES}
    assert {trap: name for trap, name in TRAPS["layouts"].items() if name not in golden} == {}


def read_amount(cell: str, unit: str = "单位：元") -> FileReading:
    page = (
        f"部门支出总表\n{unit}\n科目编码 | 科目名称 | 合计\n'205 | 教育支出 | {cell}\n'206 | 科学技术支出 | 7"
    )
    return read_sheets([sheet(page)], "a.xlsx")


def amounts(reading: FileReading) -> dict[str, int | None]:
    return {fact["cell"]: fact["amount"] for fact in records(reading.facts) if fact["raw"]}


@pytest.mark.parametrize("spelled", TRAPS["units"])
def test_a_unit_note_is_known_in_every_spelling(spelled: str) -> None:
    assert read_amount("1", spelled).blocks[0]["unit"] == TRAPS["units"][spelled]


@pytest.mark.parametrize("spelled", TRAPS["zeros"])
def test_a_zero_is_a_zero_in_every_spelling(spelled: str) -> None:
    assert amounts(read_amount(spelled)) == {"C4": 0, "C5": 700}


def test_a_blank_is_unknown_and_no_zero() -> None:
    assert amounts(read_amount("")) == {"C5": 700}


@pytest.mark.parametrize("spelled", TRAPS["numbers"] | TRAPS["negatives"])
def test_a_number_is_read_in_every_spelling_and_words_are_reported(spelled: str) -> None:
    expected = (TRAPS["numbers"] | TRAPS["negatives"])[spelled]
    reading = read_amount(spelled)
    told = [(p["rule_id"], p["cell"]) for p in records(reading.problems)]
    if expected is None:
        assert (amounts(reading), told) == ({"C5": 700}, [("CEL-01", "C4")])
    else:
        assert (amounts(reading), told) == ({"C4": round(expected * 100), "C5": 700}, [])
