"""Numbers as departments type them; whatever might be two numbers is none."""

from decimal import Decimal

import pytest

from transforms.money import display_step, parse_number, to_fen


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.50"),
        ("１２３", "123"),
        (" 12.5 ", "12.5"),
        ("'12", "12"),
        ("¥1,200", "1200"),
        ("￥ 5", "5"),
        ("(12)", "-12"),
        ("（1,000.5）", "-1000.5"),
        ("△3.2", "-3.2"),
        ("-7", "-7"),
        ("1 234 567", "1234567"),
        ("-", "0"),
        ("—", "0"),
        ("/", "0"),
    ],
)
def test_a_number_is_read_however_it_is_typed(text: str, number: str):
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["十二万", "100\n200", "12 34", "1'2", "2020-", "1,23", "12万元", "9E30", "1.2.3", "2020-01", ""]
)
def test_what_might_be_two_numbers_is_none(text: str):
    assert parse_number(text) is None


@pytest.mark.parametrize("value", [6217001234567890123.0, "6217001234567890123", 1e300, "1" * 400])
def test_an_account_number_is_no_amount(value: object):
    assert to_fen(value, "元") is None


@pytest.mark.parametrize(
    ("value", "unit", "fen"),
    [(27664.22, "万元", 27664220000), (0.1, "元", 10), (-0.005, "万元", -5000), ("1.005", "元", 100)],
)
def test_an_amount_is_exact_to_the_fen(value: object, unit: str, fen: int):
    assert to_fen(value, unit) == fen


def test_the_display_step_is_the_largest_that_divides_all_amounts():
    assert display_step([120_0000, 5_000_000], "万元") == 100_000
    assert display_step([371514655_00], "元") == 100
    assert display_step([], "万元") == 1_000_000
