"""The county's official forms: what departments send, crossed and added up for the whole county."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from expectations import codes
from expectations.saying import Messages
from expectations.schema import allowed_values, tables, tables_of
from flows.published.notes import three_public_statement
from flows.published.release import Release
from flows.published.sheet_page import Heading, Page, Place, Row, Terms, across, down_the_tree, less, total_of
from transforms.consolidate import by_department

say = Messages(__file__)

DEPARTMENT = ["department_code", "department_name"]
CODE_LENGTHS = (3, 5, 7)
WITH_ELIMINATION = ["汇总数", "抵销数", "合并数"]
UNCLASSIFIED = "未分科目"
FUNDS = {
    "general_public_budget": ("一般公共预算支出", "全县一般公共预算财政拨款支出表"),
    "government_fund": ("政府性基金支出", "全县政府性基金预算财政拨款支出表"),
    "state_capital": ("国有资本经营支出", "全县国有资本经营预算财政拨款支出表"),
}
CODE, NAME = Heading("科目编码", width=16), Heading("科目名称", width=38)
DEPARTMENT_HEADINGS = [Heading("部门编码", width=12), Heading("部门名称", width=26)]


def income_by_department(release: Release) -> Page:
    """Income by department and source, less what departments pass on inside themselves."""
    grid = _by_department(release, "income", "income_source")
    eliminated = _eliminated(release)
    return _department_page(
        "收入总表", "全县部门收入总表", grid, _titles("income", "income_source"), eliminated
    )


def expenditure_by_department(release: Release) -> Page:
    """Expenditure by department and spending type, less what departments pass on inside themselves."""
    grid = _by_department(release, "expenditure", "spending_type")
    titles = _titles("expenditure", "spending_type")
    eliminated = _eliminated(release)
    return _department_page("支出总表（按部门）", "全县部门支出总表（按部门）", grid, titles, eliminated)


def expenditure_by_function(release: Release) -> Page:
    """Expenditure by 类, 款 and 项 and spending type, gross, eliminated and net."""
    frame, county = release.tables["expenditure"], release.tables["county_expenditure"]
    grid = _tree(frame, "function_code", "spending_type", codes.functional(release.year))
    codes_of = county["function_code"].fillna("")
    eliminated = _by_name(county["elimination_yuan"].astype("int64").groupby(codes_of).max())
    return _tree_page(
        "支出总表（按功能科目）",
        "全县部门支出总表（按功能科目）",
        grid,
        _titles("expenditure", "spending_type"),
        eliminated,
    )


def expenditure_by_fund(release: Release) -> Page:
    """Expenditure by function class and the fund it is paid from."""
    frame = release.tables["expenditure"].copy()
    frame["function_code"] = frame["function_code"].fillna("").str[:3]
    grid = _tree(frame, "function_code", "fund_source", codes.functional(release.year))
    return _tree_page(
        "支出（按资金来源）",
        "全县部门支出表（按功能类和资金来源）",
        grid,
        _titles("expenditure", "fund_source"),
        None,
    )


def of_fund(release: Release, fund: str) -> Page:
    """Expenditure of one fund by function and spending type."""
    sheet, title = FUNDS[fund]
    frame = release.tables["expenditure"]
    grid = _tree(
        frame[frame["fund_source"] == fund], "function_code", "spending_type", codes.functional(release.year)
    )
    return _tree_page(sheet, title, grid, _titles("expenditure", "spending_type"), None)


def basic_by_economic(release: Release) -> Page:
    """Basic expenditure by economic code, personnel and operating."""
    grid = _tree(
        release.tables["basic_expenditure"],
        "economic_code",
        "spending_type",
        codes.dept_economic(release.year),
    )
    titles = _titles("basic_expenditure", "spending_type")
    return _tree_page("基本支出（按经济科目）", "全县部门基本支出表（按经济科目）", grid, titles, None)


def basic_by_government(release: Release) -> Page:
    """Basic expenditure by the government's economic code; what cannot be mapped stands apart by reason."""
    county = release.tables["county_basic_expenditure_government"]
    deepest = county[county["economic_level"] == county["economic_level"].max()]
    names = codes.gov_economic(release.year)
    grid = _tree(deepest.assign(amount_yuan=deepest["net_yuan"]), "economic_code", "mapping", names)
    titles = _titles("county_basic_expenditure_government", "mapping")
    return _tree_page(
        "基本支出（政府经济科目）", "全县部门基本支出表（按政府预算经济科目）", grid, titles, None
    )


def three_public_by_department(release: Release) -> Page:
    """The three public expenses by department and item, last year's beside them, and the county's statement.

    Last year's are of the bodies that state them; so that both can be compared, this year's of the same stand there.
    """
    grid = _by_department(release, "three_public", "item")
    titles = _titles("three_public", "item")
    page = _department_page("三公经费（按部门）", "全县部门“三公”经费预算表（按部门）", grid, titles, None)
    before = _comparable(release.tables["county_three_public_by_department"])
    lasts = [before.get("".join(map(str, row[:2])), [None, None]) for row in page.rows[:-1]]
    total = [sum(int(str(each[i])) for each in lasts if each[i] is not None) or None for i in (0, 1)]
    width = len(page.headings)
    added = [place for i in range(2) for place in total_of(range(len(lasts)), len(lasts), [width + i])]
    return replace(
        page,
        headings=[*page.headings, Heading("可比本年数", "money", 14), Heading("可比上年数", "money", 14)],
        rows=[[*row, *last] for row, last in zip(page.rows, [*lasts, total], strict=True)],
        sums={**page.sums, **dict(added)},
        remarks=(three_public_statement(release), say("comparable"), *page.remarks),
    )


def _comparable(rows: pd.DataFrame) -> dict[str, list[int | None]]:
    """This year's and last year's sums of the bodies that state last year, by department code and name."""
    keys = rows["department_code"].fillna("") + rows["department_name"].fillna("")
    sums = rows.groupby(keys)[["comparable_yuan", "comparable_previous_yuan"]].sum(min_count=1)
    return {
        str(key): [None if pd.isna(value) else int(value) for value in pair]
        for key, pair in zip(sums.index, sums.to_numpy(), strict=True)
    }


def payments_by_month(release: Release) -> Page:
    """Project money due by month, as the payment plans say."""
    due = release.tables["county_project_payments"]
    months = due["month"].astype("string").fillna("")
    grid = _pivot(due.assign(month=months, amount_yuan=due["net_yuan"]), DEPARTMENT, "month")
    titles = {str(month): f"{month}月" for month in range(1, 13)} | {"": "未列计划"}
    return _department_page("项目资金支付计划", "全县项目资金分月支付计划表", grid, titles, None)


def _titles(table: str, column: str) -> Mapping[str, str]:
    return allowed_values(tables()[table].column(column))


def _by_department(release: Release, table: str, column: str) -> pd.DataFrame:
    return _pivot(_placed(release)[table], DEPARTMENT, column)


def _placed(release: Release) -> dict[str, pd.DataFrame]:
    """The published standard tables with every row under the department it is added up in."""
    return by_department({table.name: release.tables[table.name] for table in tables_of("standard")})


def _pivot(rows: pd.DataFrame, index: Sequence[str], column: str) -> pd.DataFrame:
    """Sums in 分 by index and column; 0 where nothing is stated."""
    keys = [*index, column]
    filled = rows.assign(
        **{key: rows[key].astype(object).fillna("").astype(str) for key in keys},
        amount_yuan=rows["amount_yuan"].astype("Int64").fillna(0),
    )
    sums = filled.groupby(keys)["amount_yuan"].sum()
    return sums.unstack(column, fill_value=0).astype("int64") if len(sums) else pd.DataFrame()


def _eliminated(release: Release) -> dict[str, int]:
    """What is eliminated in each department, by its code and name."""
    rows = release.tables["eliminations"]
    keys = rows["department_code"].fillna("") + rows["department_name"].fillna("")
    return _by_name(rows["elimination_yuan"].astype("int64").groupby(keys).sum())


def _by_name(amounts: pd.Series) -> dict[str, int]:
    return {str(name): int(amount) for name, amount in amounts.items()}


def _department_page(
    sheet: str,
    title: str,
    grid: pd.DataFrame,
    titles: Mapping[str, str],
    eliminated: Mapping[str, int] | None,
) -> Page:
    labels = [list(key) for key in grid.index]
    rest = None if eliminated is None else [eliminated.get("".join(key), 0) for key in grid.index]
    return _grid_page(sheet, title, DEPARTMENT_HEADINGS, labels, [0] * len(labels), grid, titles, rest)


def _tree(
    rows: pd.DataFrame, code: str, column: str, names: Mapping[str, str]
) -> tuple[list[list[str]], list[int], pd.DataFrame]:
    """Each code once below its parent: labels of code and name, depths, and sums of all that begins with it."""
    leaves = _pivot(rows, [code], column)
    owns = [key for key in leaves.index if key]
    listed = sorted({key[:length] for key in owns for length in CODE_LENGTHS if len(key) >= length})
    printed = rows.groupby(code)[f"{code.removesuffix('_code')}_name"].first().to_dict()
    shown = [*listed, *([""] if "" in leaves.index and leaves.loc[""].any() else [])]
    sums = [leaves[leaves.index.str.startswith(key) if key else leaves.index == ""].sum() for key in shown]
    grid = pd.DataFrame(sums, index=shown, columns=leaves.columns)
    labels = [[key, names.get(key) or str(printed.get(key) or "") or UNCLASSIFIED] for key in shown]
    return labels, [CODE_LENGTHS.index(len(key)) if key else 0 for key in shown], grid


def _tree_page(
    sheet: str,
    title: str,
    tree: tuple[list[list[str]], list[int], pd.DataFrame],
    titles: Mapping[str, str],
    eliminated: Mapping[str, int] | None,
) -> Page:
    labels, depths, grid = tree
    labels, depths, grid = _with_eliminated_only(labels, depths, grid, eliminated or {})
    rest = None if eliminated is None else [eliminated.get(str(key), 0) for key in grid.index]
    return _grid_page(sheet, title, [CODE, NAME], labels, depths, grid, titles, rest)


def _with_eliminated_only(
    labels: list[list[str]], depths: list[int], grid: pd.DataFrame, eliminated: Mapping[str, int]
) -> tuple[list[list[str]], list[int], pd.DataFrame]:
    """What is eliminated without a function code has a row of its own, even if nobody spends there."""
    if not eliminated.get("") or "" in grid.index:
        return labels, depths, grid
    return [*labels, ["", UNCLASSIFIED]], [*depths, 0], pd.concat([grid, pd.DataFrame(0, [""], grid.columns)])


def _grid_page(
    sheet: str,
    title: str,
    headings: Sequence[Heading],
    labels: Sequence[Sequence[str]],
    depths: Sequence[int],
    grid: pd.DataFrame,
    titles: Mapping[str, str],
    eliminated: Sequence[int] | None,
) -> Page:
    """Labels, one column per value that occurs, their sum, and where asked what is eliminated and the rest."""
    present = [key for key in titles if key in grid.columns and grid[key].any()]
    rows: list[Row] = []
    for i, label in enumerate(labels):
        amounts = [int(amount) for amount in grid.iloc[i][present]]
        rows.append([*label, *amounts, *_ends(sum(amounts), eliminated, i)])
    ends = ["合计"] if eliminated is None else WITH_ELIMINATION
    money = range(2, 2 + len(present) + len(ends))
    tops = [i for i, depth in enumerate(depths) if depth == 0]
    total = ["合计", None, *(sum(int(str(rows[i][column])) for i in tops) for column in money)]
    indents = [*depths, 0]
    return Page(
        sheet,
        title,
        [*headings, *(Heading(text, "money", 14) for text in [*(titles[key] for key in present), *ends])],
        [*rows, total],
        indents=indents if any(depths) else (),
        strong=frozenset({*(tops if any(depths) else ()), len(rows)}),
        sums=_sums(indents, len(present), len(ends)),
        remarks=() if rows else (say("empty"),),
    )


def _ends(gross: int, eliminated: Sequence[int] | None, i: int) -> list[int]:
    return [gross] if eliminated is None else [gross, eliminated[i], gross - eliminated[i]]


def _sums(indents: Sequence[int], parts: int, ends: int) -> dict[Place, Terms]:
    """Rows add up to their gross, gross less elimination is net, and columns add up along the tree."""
    gross, lines = 2 + parts, range(len(indents))
    across_rows = dict(across(lines, range(2, gross), gross))
    net = dict(less(lines, gross, gross + 1, gross + 2)) if ends == len(WITH_ELIMINATION) else {}
    added_down = [*range(2, gross), *range(gross + 1, gross + ends - 1)]
    return across_rows | net | dict(down_the_tree(indents, added_down))
