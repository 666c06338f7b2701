"""Tables side by side: income beside expenditure, with the totals in the last rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from transforms.sample.budget import Line
from transforms.sample.heading import lay_heading, new_page
from transforms.sample.lists import function_name
from transforms.sample.page import Entry, Figure, Page, Row, lay_header, lay_rows
from transforms.sample.sheet import Columns, Sheet, columns_of, function_sums, lines_of, printed_value

ORDINALS = "一二三四五六七八九十"


def ordinal(count: int) -> str:
    """The Chinese numeral of a heading.

    >>> [ordinal(each) for each in (1, 10, 11, 20, 31)]
    ['一', '十', '十一', '二十', '三十一']
    """
    tens, ones = divmod(count, 10)
    head = "" if not tens else "十" if tens == 1 else ORDINALS[tens - 1] + "十"
    return head + (ORDINALS[ones - 1] if ones else "")


def lay_panels(sheet: Sheet) -> list[Page]:
    """Income beside expenditure, with totals in the last rows."""
    panels = [_panel(sheet, spec) for spec in sheet.spec["panels"]]
    height = max(int(sheet.spec.get("least_rows", 0)), *(len(body) for _, body, _ in panels))
    columns = [column for heads, _, _ in panels for column in heads]
    rows = [*_side_by_side([(heads, body) for heads, body, _ in panels], height)]
    foot = _side_by_side([(heads, foot) for heads, _, foot in panels], len(panels[0][2]))
    rows += [replace(row, merges=_foot_merges(sheet)) for row in foot]
    page = new_page(sheet)
    top = lay_header(page, lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    lay_rows(page, top, 1, rows, sheet.style, sheet.zero)
    return [page]


def _foot_merges(sheet: Sheet) -> tuple[tuple[int, int], ...]:
    """Where a block's totals are printed in the next block, their labels reach to it."""
    return ((2, 4),) if any("foot_in" in spec for spec in sheet.spec["panels"]) else ()


def _side_by_side(panels: Sequence[tuple[Columns, list[list[Entry]]]], height: int) -> list[Row]:
    rows = []
    for index in range(height):
        entries: list[Entry] = []
        for heads, body in panels:
            entries += body[index] if index < len(body) else [None] * len(heads)
        rows.append(Row(tuple(entries)))
    return rows


def _panel(sheet: Sheet, spec: Mapping[str, Any]) -> tuple[Columns, list[list[Entry]], list[list[Entry]]]:
    """Columns, rows and foot rows of one block."""
    scope_columns = spec.get("unit_columns") if sheet.body.scope == "unit" else None
    columns = columns_of(scope_columns or spec["columns"], sheet)
    keys = [column.key for column in columns[1:]]
    fill = _filler(sheet, spec, keys)
    if isinstance(spec["rows"], str):
        named = [
            (code, f"{ordinal(count)}、{name}") for count, (code, name) in enumerate(_classes(sheet, spec), 1)
        ]
    else:
        named = _panel_rows(sheet, spec)
    body = [fill(key, label) for key, label in named]
    foot = [fill(key, label) for key, label in spec["foot"]]
    if "foot_in" in spec:
        foot = [[label, None] for _, label in spec["foot"]]
    return columns, body, foot


def _panel_rows(sheet: Sheet, spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The rows of a block, with its of-which row where the style prints one."""
    printed: list[tuple[str, str]] = []
    for key, label in spec["rows"]:
        printed.append((key, label))
        if sheet.style["memo_rows"] == "printed" and spec.get("memo", [""])[0] == key:
            printed.append((f"memo {key}", spec["memo"][1]))
    return printed


def _classes(sheet: Sheet, spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    used = {line.function[:3] for line in _panel_lines(sheet)}
    return [
        (code, function_name(code, sheet.edition, name))
        for code, name in sheet.family["classes"]
        if spec["rows"] == "every class" or code in used
    ]


def _panel_lines(sheet: Sheet) -> list[Line]:
    return lines_of(sheet.budget, "fiscal" if sheet.form == "appropriation_balance" else "all")


def _filler(sheet: Sheet, spec: Mapping[str, Any], keys: Sequence[str]) -> Callable[[str, str], list[Entry]]:
    """Gives the entries of a row of the panel from its key and label."""
    sums = function_sums(_panel_lines(sheet), spec.get("by", "kind"))
    whole = sums.get("total", Counter())

    def amounts(key: str, column: str) -> int:
        if key.isdigit():
            return printed_value(sums.get(key, Counter()), column)
        if key.startswith("memo "):
            return printed_value(whole, key.removeprefix("memo ")) // 3_000_000 * 1_000_000
        if column == "total":
            return printed_value(whole, key)
        return 0 if key == "carried_forward" else printed_value(whole, column)

    def entries(key: str, label: str) -> list[Entry]:
        shared = spec["panel"] == "spending_type" and _balance_total(sheet, key)
        panel = "function_class" if shared else spec["panel"]
        return [label, *(Figure(amounts(key, column), (sheet.form, panel, key, column)) for column in keys)]

    return entries


def _balance_total(sheet: Sheet, key: str) -> bool:
    """Whether the figure is an expenditure total printed once for two blocks."""
    return sheet.form == "balance" and key in ("current_total", "carried_forward", "total")
