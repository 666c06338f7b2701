"""What stands on the pages of the county workbook: headings and rows for people, amounts still in 分."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Any

import pandas as pd

from expectations.schema import Column, allowed_values, tables
from flows.published import official_forms
from flows.published.changes_pages import changes_pages
from flows.published.findings_page import findings_page
from flows.published.notes import table_titles
from flows.published.official_order import in_official_order
from flows.published.release import Release
from flows.published.sheet_page import Heading, Kind, Page, Place, Row, Terms, less, sheet_name, total_of

PLAIN_TABLES = (
    "county_income",
    "county_expenditure_by_type",
    "county_expenditure_by_fund",
    "county_three_public",
    "county_operating_costs",
    "county_procurement",
    "county_assets",
    "county_projects",
)
COVERAGE_HEADINGS: Sequence[tuple[str, Kind, int]] = (
    ("部门编码", "text", 10),
    ("部门名称", "text", 22),
    ("单位编码", "text", 10),
    ("单位名称", "text", 24),
    ("单位性质", "text", 10),
    ("应报日期", "text", 12),
    ("报送情况", "text", 10),
    ("汇总情况", "text", 15),
    ("暂不汇总的表", "text", 24),
    ("报送次数", "number", 9),
    ("收到表数", "number", 9),
    ("收到的文件", "text", 46),
)
HIDDEN_COLUMNS = frozenset({"fiscal_year"})


def pages(release: Release) -> list[Page]:
    """All pages of the workbook in their order: the official forms, the summaries, who sent what and what is wrong."""
    makers: list[Callable[[Release], Page]] = [
        balance_page,
        official_forms.income_by_department,
        official_forms.expenditure_by_function,
        official_forms.expenditure_by_department,
        official_forms.expenditure_by_fund,
        *(partial(official_forms.of_fund, fund=fund) for fund in official_forms.FUNDS),
        official_forms.basic_by_economic,
        official_forms.basic_by_government,
        official_forms.three_public_by_department,
        *(partial(_plain_page, name=name) for name in PLAIN_TABLES),
        official_forms.payments_by_month,
        partial(_plain_page, name="county_project_indicators"),
        partial(_plain_page, name="eliminations"),
    ]
    return [
        *(make(release) for make in makers),
        *changes_pages(release.tables),
        coverage_page(release),
        findings_page(release),
    ]


def _plain_page(release: Release, name: str) -> Page:
    return table_page(name, release.tables[name])


def table_page(name: str, frame: pd.DataFrame) -> Page:
    """A county table as it is published, with Chinese headings and a total of its amounts."""
    table = tables()[name]
    columns = _for_people([column for column in table.columns if column.name not in HIDDEN_COLUMNS])
    frame = _with_unnamed(in_official_order(frame, [table.column(name) for name in table.key]))
    rows = [*_shown(frame, columns)]
    page = Page(
        sheet=sheet_name(table.title),
        title=table.title,
        headings=[_heading(column, frame[column.name]) for column in columns],
        rows=rows,
    )
    if not any(column.type == "yuan" for column in columns):
        return replace(page, unit="单位：个")
    total = _total_row(frame, columns)
    sums = _table_sums(columns, total, len(rows))
    return replace(page, rows=[*rows, total], strong=frozenset({len(rows)}), sums=sums)


def _for_people(columns: Sequence[Column]) -> list[Column]:
    """This year's figures first, what last year is compared by after them."""
    return sorted(columns, key=lambda column: column.name.startswith(("previous_", "comparable_")))


def _with_unnamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows without a code say so where the name would stand."""
    named = [name for name in ("function", "economic") if f"{name}_name" in frame]
    return frame.assign(
        **{
            f"{name}_name": frame[f"{name}_name"].mask(
                frame[f"{name}_code"].fillna("") == "", official_forms.UNCLASSIFIED
            )
            for name in named
        }
    )


def _table_sums(columns: Sequence[Column], total: Row, place: int) -> dict[Place, Terms]:
    """Net is gross less elimination in every row, and the total row adds up the money above it."""
    names = [column.name for column in columns]
    sums = dict(total_of(range(place), place, [i for i, value in enumerate(total) if isinstance(value, int)]))
    if "net_yuan" in names:
        places = [names.index(name) for name in ("gross_yuan", "elimination_yuan", "net_yuan")]
        sums |= dict(less(range(place + 1), *places))
    return sums


def balance_page(release: Release) -> Page:
    """Income and expenditure side by side, as the official form has them."""
    table, frame = tables()["county_balance"], release.tables["county_balance"]
    columns = [table.column(name) for name in ("item_name", "gross_yuan", "elimination_yuan", "net_yuan")]
    source = tables()["income"].column("income_source").model_copy(update={"name": "item_code"})
    income = in_official_order(frame[frame["side"] == "income"], [source])
    expenditure = in_official_order(frame[frame["side"] == "expenditure"], [table.column("item_code")])
    rows = _side_by_side([*_shown(income, columns)], [*_shown(expenditure, columns)], len(columns))
    total = [*_total_row(income, columns), *_total_row(expenditure, columns)]
    headings = [
        heading
        for item in ("收入项目", "支出项目（功能分类）")
        for heading in (
            Heading(item, width=30),
            *(Heading(column.title, "money", 16) for column in columns[1:]),
        )
    ]
    sums = dict(total_of(range(len(rows)), len(rows), [1, 2, 5, 6]))
    sums |= dict(less(range(len(rows) + 1), 1, 2, 3)) | dict(less(range(len(rows) + 1), 5, 6, 7))
    return Page(
        sheet_name(table.title),
        table.title,
        headings,
        [*rows, total],
        strong=frozenset({len(rows)}),
        sums=sums,
    )


def _side_by_side(left: Sequence[Row], right: Sequence[Row], width: int) -> list[Row]:
    blank: Row = [None] * width
    return [[*one, *other] for one, other in zip_longest(left, right, fillvalue=blank)]


def coverage_page(release: Release) -> Page:
    """Who sent what, department by department."""
    order = ["department_code", "department_name", "unit_code", "unit_name", "scope"]
    rows = release.coverage.sort_values(order, kind="stable").to_dict("records")
    return Page(
        "报送情况",
        tables()["coverage"].title,
        [Heading(title, kind, width) for title, kind, width in COVERAGE_HEADINGS],
        [_coverage_row(row) for row in rows],
        unit="",
        listing=True,
    )


def _coverage_row(row: Mapping[Hashable, Any]) -> Row:
    return [
        *(row[name] for name in ("department_code", "department_name", "unit_code", "unit_name", "kind")),
        None if pd.isna(row["due"]) else str(row["due"]),
        "已报送" if row["sent"] else "缺报" if row["missing"] else "未报送",
        _standing(row),
        table_titles(row["withheld_tables"]),
        None if pd.isna(row["submission"]) else int(row["submission"]),
        len(str(row["forms"] or "").split()) or None,
        row["files"],
    ]


def _standing(row: Mapping[Hashable, Any]) -> str:
    if not row["sent"]:
        return ""
    if row["withheld"]:
        return "暂不汇总"
    return "已汇总" if row["counted"] else "按另一口径汇总"


def _heading(column: Column, values: Iterable[object] = ()) -> Heading:
    kinds: dict[str, Kind] = {"yuan": "money", "number": "number", "integer": "number", "boolean": "flag"}
    longest = max(map(len, map(str, values)), default=0) if column.type == "string" else 0
    return Heading(
        column.title, kinds.get(column.type, "text"), max(_width(column), min(2 * longest + 2, 28))
    )


def _width(column: Column) -> int:
    if column.name == "message":
        return 80
    if column.name.endswith("_name") or column.name in (
        "files",
        "file",
        "forms",
        "paying_bodies",
        "receiving_bodies",
    ):
        return 28
    return max(16, *(2 * len(title) + 2 for title in allowed_values(column).values()), 0)


def _shown(frame: pd.DataFrame, columns: Iterable[Column]) -> Iterable[Row]:
    """The rows of a frame as people read them: coded values by their titles, unknown values None."""
    shown = [_shown_column(frame[column.name], column) for column in columns]
    return (list(row) for row in zip(*shown, strict=True))


def _shown_column(values: pd.Series, column: Column) -> list[object]:
    titles = allowed_values(column)
    return [None if pd.isna(value) else titles.get(str(value), value) for value in values.tolist()]


def _total_row(frame: pd.DataFrame, columns: Sequence[Column]) -> Row:
    return ["合计", *(_total(frame[column.name], column) for column in columns[1:])]


def _total(values: pd.Series, column: Column) -> int | None:
    """The sum of an amount; none where no row states it, nor of last year's where one row does not."""
    missing = values.isna()
    known = not missing.any() if column.name == "previous_yuan" else not missing.all() or values.empty
    return int(values.sum()) if column.type == "yuan" and column.name != "threshold_yuan" and known else None
