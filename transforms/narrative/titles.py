"""What the places of figures are called, for people."""

from functools import cache

from expectations import codes
from expectations.definitions import definitions
from transforms.narrative.lexicon import THIS_YEAR, measures
from transforms.narrative.stated import Place

ENUMS = (
    "income_source",
    "spending_type",
    "three_public_item",
    "meeting_item",
    "procurement_category",
    "asset_class",
)


def place_title(place: Place, year: int) -> str:
    """What a row of a panel is called.

    >>> place_title(Place("expenditure", "project"), 2020), place_title(Place("appropriation", "2013101"), 2020)
    ('支出预算：项目支出', '财政拨款支出：行政运行（2013101）')
    """
    panel = measures().panels[place.panel]
    row = _row_title(place.row.split(".")[0], year)
    return f"{panel}：{row}" if row else panel


def _row_title(row: str, year: int) -> str:
    if row in ("total", THIS_YEAR):
        return ""
    if row.isdigit():
        name = codes.functional(year).get(row) or codes.dept_economic(year).get(row) or _earlier_name(row)
        return f"{name}（{row}）"
    return _titles().get(row, row)


def _earlier_name(row: str) -> str:
    known = codes.editions("functional", row)
    return known[-1].name if known else ""


@cache
def _titles() -> dict[str, str]:
    known = definitions().enums
    return {value: title for name in reversed(ENUMS) for value, title in known[name].values.items()}
