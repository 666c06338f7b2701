"""What stands on the pages of the county workbook: headings and rows for people, amounts still in 分."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

import pandas as pd

from expectations.schema import Column, allowed_values, tables
from flows.release import Release

Kind = Literal["text", "money", "number", "flag"]
Row = Sequence[object]

DIGITS_OF_LEVEL = {1: 3, 2: 5, 3: 7}
MOST_FINDINGS = 20_000
SEVERITY_ORDER = ("error", "warning", "info")
PLAIN_TABLES = (
    "county_income",
    "county_expenditure_by_department",
    "county_expenditure_by_type",
    "county_three_public",
    "county_operating_costs",
    "county_assets",
    "county_procurement",
    "county_projects",
    "eliminations",
)
HIDDEN_COLUMNS = frozenset(
    {"fiscal_year", "function_level", "economic_level", "finding_id", "root_finding_id"}
)


@dataclass(frozen=True)
class Heading:
    """One column of a page: money is in 分 and shown in 万元."""

    title: str
    kind: Kind = "text"
    width: int = 14


@dataclass(frozen=True)
class Page:
    """One sheet: title, headings, rows with their indents and which of them stand out; a total row last."""

    sheet: str
    title: str
    headings: Sequence[Heading]
    rows: Sequence[Row]
    unit: str = "单位：万元"
    indents: Sequence[int] = ()
    strong: frozenset[int] = field(default_factory=frozenset)


def pages(release: Release) -> list[Page]:
    """All pages of the workbook in their order."""
    makers: list[Callable[[Release], Page]] = [balance_page, function_page, economic_page]
    return [
        *(make(release) for make in makers),
        *(table_page(name, release.tables[name]) for name in PLAIN_TABLES),
        three_public_page(release),
        coverage_page(release),
        findings_page(release),
    ]


def table_page(name: str, frame: pd.DataFrame) -> Page:
    """A county table as it is published, with Chinese headings and a total of its amounts."""
    table = tables()[name]
    columns = [column for column in table.columns if column.name not in HIDDEN_COLUMNS]
    rows = [*_shown(in_official_order(frame, [table.column(name) for name in table.key]), columns)]
    total = _total_row(frame, columns)
    return Page(
        sheet=_sheet_name(table.title),
        title=table.title,
        headings=[_heading(column) for column in columns],
        rows=[*rows, total],
        strong=frozenset({len(rows)}),
    )


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
    return Page(
        _sheet_name(table.title), table.title, headings, [*rows, total], strong=frozenset({len(rows)})
    )


def _side_by_side(left: Sequence[Row], right: Sequence[Row], width: int) -> list[Row]:
    blank: Row = [None] * width
    return [[*one, *other] for one, other in zip_longest(left, right, fillvalue=blank)]


def function_page(release: Release) -> Page:
    """Expenditure by function as a tree of 类, 款 and 项."""
    return _tree_page("county_expenditure", release.tables["county_expenditure"], "function")


def economic_page(release: Release) -> Page:
    """Basic expenditure by economic code as a tree of 类 and 款."""
    return _tree_page("county_basic_expenditure", release.tables["county_basic_expenditure"], "economic")


def _tree_page(name: str, frame: pd.DataFrame, classification: str) -> Page:
    """Each code once, below its parent; a code that a deeper level repeats is left out there."""
    table = tables()[name]
    level, code = f"{classification}_level", f"{classification}_code"
    own = frame[code].fillna("").str.len() == frame[level].map(DIGITS_OF_LEVEL)
    unknown = (frame[level] == 1) & (frame[code].fillna("") == "")
    tree = in_official_order(frame[own | unknown], [table.column(code)])
    columns = [column for column in table.columns if column.name not in HIDDEN_COLUMNS]
    rows = list(_shown(tree, columns))
    levels = tree[level].astype(int).tolist()
    return Page(
        sheet=_sheet_name(table.title),
        title=table.title,
        headings=[_heading(column) for column in columns],
        rows=[*rows, _total_row(frame[frame[level] == 1], columns)],
        indents=[*(depth - 1 for depth in levels), 0],
        strong=frozenset({*(i for i, depth in enumerate(levels) if depth == 1), len(rows)}),
    )


def three_public_page(release: Release) -> Page:
    """The three public expenses by department and item, which the county must publish."""
    items = allowed_values(tables()["three_public"].column("item"))
    frame = release.tables["three_public"]
    key = ["department_code", "department_name"]
    sums = (
        frame.assign(**{name: frame[name].fillna("") for name in key})
        .groupby([*key, "item"])["amount_yuan"]
        .sum()
    )
    grid = sums.unstack("item").reindex(columns=list(items)).sort_index() if len(sums) else pd.DataFrame()
    known = grid.astype(object).where(grid.notna(), None)
    rows = [
        [*department, sum(filter(None, amounts)), *amounts]
        for department, amounts in zip(known.index, known.to_numpy().tolist(), strict=True)
    ]
    totals = [sum(row[i] or 0 for row in rows) for i in range(2, 3 + len(items))]
    titles = ["“三公”经费合计", *items.values()]
    headings = [
        Heading("部门编码"),
        Heading("部门名称", width=28),
        *(Heading(title, "money", 18) for title in titles),
    ]
    title = "全县部门“三公”经费预算表（按部门）"
    return Page(
        "三公经费（按部门）", title, headings, [*rows, ["合计", None, *totals]], strong=frozenset({len(rows)})
    )


def coverage_page(release: Release) -> Page:
    """Who sent what."""
    table = tables()["coverage"]
    columns = [column for column in table.columns if column.name not in HIDDEN_COLUMNS]
    return Page(
        "报送情况",
        table.title,
        [_heading(column) for column in columns],
        [*_shown(release.coverage, columns)],
        unit="",
    )


def findings_page(release: Release) -> Page:
    """What the checks found, the worst first."""
    table = tables()["findings"]
    columns = [column for column in table.columns if column.name not in HIDDEN_COLUMNS]
    rank = {severity: i for i, severity in enumerate(SEVERITY_ORDER)}
    order = release.findings["severity"].map(rank).sort_values(kind="stable").index
    shown = release.findings.loc[order].head(MOST_FINDINGS)
    left_out = len(release.findings) - len(shown)
    unit = f"另有 {left_out} 条见 findings.csv；金额单位：元" if left_out else "金额单位：元"
    return Page(
        "审核问题",
        table.title,
        [_heading(column) for column in columns],
        [*_shown(shown, columns)],
        unit=unit,
    )


def in_official_order(frame: pd.DataFrame, key: Sequence[Column]) -> pd.DataFrame:
    """Rows in the order in which their values are listed in the definitions; what has no code comes last."""
    ranks = pd.DataFrame(
        {column.name: _rank(frame[column.name], column) for column in key}, index=frame.index
    )
    return frame.loc[ranks.sort_values(list(ranks.columns), kind="stable").index]


def _rank(values: pd.Series, column: Column) -> pd.Series:
    listed = list(allowed_values(column))
    if listed:
        return values.map(listed.index)
    return values.mask(values == "") if column.type == "string" else values


def _heading(column: Column) -> Heading:
    kinds: dict[str, Kind] = {"yuan": "money", "number": "number", "integer": "number", "boolean": "flag"}
    return Heading(column.title, kinds.get(column.type, "text"), _width(column))


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
    amounts = [
        int(frame[column.name].sum()) if column.type == "yuan" and column.name != "threshold_yuan" else None
        for column in columns[1:]
    ]
    return ["合计", *amounts]


def _sheet_name(title: str) -> str:
    """A sheet's name: short and without what spreadsheets forbid."""
    return title.replace("全县", "").replace("汇总表", "").replace("/", "")[:31]
