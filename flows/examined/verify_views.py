"""Whether the workbook and the page show what the tables hold."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from expectations.saying import Messages
from flows.published.county_pages import pages
from flows.published.county_workbook import FIRST_ROW
from flows.published.page import as_json
from flows.published.page_data import page_data
from flows.published.release import Release
from flows.published.sheet_page import Page

say = Messages(__file__)

FIGURES = re.compile(r'<script type="application/json" id="figures">(.*?)</script>', re.DOTALL)
FEN_PER_WAN = 1_000_000


def workbook_apart(release: Release, path: Path) -> Iterator[str]:
    """Each sheet of the county workbook that lacks or contradicts a figure of the tables."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for page in pages(release):
            if page.sheet not in book.sheetnames:
                yield say("sheet_missing", workbook=path.name, sheet=page.sheet)
                continue
            shown = [*book[page.sheet].iter_rows(min_row=FIRST_ROW, values_only=True)]
            yield from _sheet_apart(page, shown, path.name)
    finally:
        book.close()


def _sheet_apart(page: Page, shown: list[tuple[Any, ...]], name: str) -> Iterator[str]:
    money = [i for i, heading in enumerate(page.headings) if heading.kind == "money"]
    for number, row in enumerate(page.rows):
        cells = shown[number] if number < len(shown) else ()
        for i in money:
            if _in_fen(cells[i] if i < len(cells) else None) != row[i]:
                yield say(
                    "figure_differs",
                    workbook=name,
                    sheet=page.sheet,
                    number=FIRST_ROW + number,
                    heading=page.headings[i].title,
                )
                return


def _in_fen(value: object) -> object:
    if not isinstance(value, int | float):
        return value
    return int((Decimal(str(value)) * FEN_PER_WAN).to_integral_value())


def page_apart(release: Release, path: Path) -> Iterator[str]:
    """Each county table that the page shows with other figures than were published."""
    found = FIGURES.search(path.read_text(encoding="utf-8"))
    if found is None:
        yield say("no_figures", file=path.name)
        return
    shown, expected = json.loads(found.group(1)), json.loads("".join(as_json(page_data(release))))
    for part in ("county", "sources"):
        for name, table in expected[part].items():
            if shown.get(part, {}).get(name) != table:
                yield say("part_differs", file=path.name, part=name)
    yield from (
        say("part_differs", file=path.name, part=part)
        for part in ("headlines", "statement", "bodies", "findings")
        if shown.get(part) != expected[part]
    )
