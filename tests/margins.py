"""Workbooks drawn with their truth in the margin: what each row and each column of a page means.

The first cell of a line holds the row's key, or the keys of the tables side by side in their order; it is no part of the
sheet. A line whose margin begins with `=` is no part of it either: it names form and unit of what follows and the key of
each column (`-` for none): `column`, `panel:column`, `column@measure`. A row key `/key` is the column of a figure whose
row is `total` (that of a body in a column `unit.<name>`), `key@measure` one of another measure; `.` and a blank mean none.
A column `row/column` is one of a row of its own (房屋 over 面积), and with `turned` behind the unit the margin names the
columns of the form and the line above its rows: the table lies on its side.
`= unused` begins a table that is known and not used, `= none` one that is prose. A panel `#2` is a second list of one panel
beside the first, with row keys of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from tests.sheets import sheet
from transforms.workbook import Sheet, address

FEN = {"元": 100, "万元": 1_000_000, "千元": 100_000, "百元": 10_000, "亿元": 10_000_000_000, "": None}
_NEGATIVE = re.compile(r"^(?:△|\((?=.*\)$))([\d.]+)\)?$")
_UNIT = re.compile(r"(?:万元|元)$")
_TURNED = "turned"
_LEADING_ZERO = re.compile(r"0\d+")
ZEROS = {"-", "--", "—", "——", "－", "/", "无"}


@dataclass(frozen=True)
class Drawn:
    """A sheet and what it says: `facts` maps a cell to (form, panel, row, column, measure, amount in 分 or hundredths)."""

    sheet: Sheet
    facts: dict[str, tuple[str, str, str, str, str, int | None]]
    unused: frozenset[str] = field(default=frozenset())


def draw(name: str, page: str) -> Drawn:
    """A page with its margin as a sheet and its facts."""
    lines, facts, unused = [], {}, set()
    form, unit, columns = "none", "", list[tuple[str, str, str]]()
    for line in page.strip("\n").split("\n"):
        margin, _, rest = line.partition("|")
        if margin.startswith("="):
            form, unit, columns = _heads(margin, rest)
            continue
        texts = [text.strip() for text in rest.split("|")]
        facts |= dict(_facts(form, unit, columns, margin.split(), texts, len(lines)))
        if form == "unused":
            unused |= {address(len(lines), c) for c, text in enumerate(texts) if _number(text) is not None}
        lines.append(
            "|".join(f" '{text} " if _LEADING_ZERO.fullmatch(text) else f" {text} " for text in texts)
        )
    return Drawn(sheet("\n".join(lines), name), facts, frozenset(unused))


def _heads(margin: str, rest: str) -> tuple[str, str, list[tuple[str, str, str]]]:
    form, *unit = margin.lstrip("= ").split()
    columns = [_column(text.strip()) for text in rest.split("|")] if rest.strip() else []
    return form, "".join(unit), columns


def _column(text: str) -> tuple[str, str, str]:
    key, _, measure = text.partition("@")
    panel, _, column = key.rpartition(":")
    return ("", "", "") if text in ("-", "") else (panel, column, measure or "amount")


def _facts(
    form: str, unit: str, columns: list[tuple[str, str, str]], margin: list[str], texts: list[str], row: int
) -> Iterator[tuple[str, tuple[str, str, str, str, str, int | None]]]:
    panels = list(dict.fromkeys(panel for panel, column, measure in columns if column or measure))
    for c, ((panel, column, measure), text) in enumerate(zip(columns, texts, strict=False)):
        if not (column or measure) or (number := _number(text)) is None or not margin:
            continue
        where, key = _row(margin, panels.index(panel), panel)
        if key == ".":
            continue
        key, _, other = key.partition("@")
        whose = column if column.startswith("unit.") else "total"
        row_key, column_key = (whose, key[1:]) if key.startswith("/") else (key, column)
        row_key, column_key = column.split("/") if "/" in column else (row_key, column_key)
        row_key, column_key = (column, key) if unit.endswith(_TURNED) else (row_key, column_key)
        factor = 100 if measure in ("quantity", "percent") else FEN[unit.removesuffix(_TURNED)]
        amount = None if factor is None else int(number * factor)
        yield address(row, c), (form, where, row_key, column_key, other or measure, amount)


def _row(margin: list[str], position: int, panel: str) -> tuple[str, str]:
    """(panel, row key): the key at the panel's position; a key may name another panel (totals printed once for two)."""
    key = margin[position] if position < len(margin) else "."
    named, _, rest = key.rpartition(":")
    where = named or panel
    return "" if where.startswith("#") else where, rest


def _number(text: str) -> Decimal | None:
    if text in ZEROS:
        return Decimal(0)
    plain = _UNIT.sub("", normalize("NFKC", text)).lstrip("'¥").replace(",", "").rstrip("%")
    try:
        return Decimal(_NEGATIVE.sub(r"-\1", plain))
    except InvalidOperation:
        return None
