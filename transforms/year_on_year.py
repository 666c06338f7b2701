"""This year beside what was published of the year before: by body, by function, by item.

Sums are those of the published bodies, before eliminations. A body that one of the years lacks makes its sums
incomparable, so the sums over the departments that both years count alike stand beside them.
"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from expectations import codes
from expectations.crosswalk import bridged
from expectations.schema import allowed_values, tables
from transforms.plans import DEPARTMENT, YEAR

Tables = Mapping[str, pd.DataFrame]
NAMES = ["department_code", "department_name", "unit_code", "unit_name"]
YEARS = ["current_yuan", "last_yuan"]
BASIC = ("basic", "basic_personnel", "basic_operating")
FUNCTION_DIGITS = {1: 3, 2: 5, 3: 7}


def year_on_year(current: Tables, last: Tables, year: int) -> dict[str, pd.DataFrame]:
    """The three tables of changes from standard tables of counted bodies, every row under its department."""
    alike = departments_counted_alike(current["expenditure_by_type"], last["expenditure_by_type"])
    found = {
        "county_changes_by_body": _by_body(current, last),
        "county_changes_by_function": _by_function(current["expenditure"], last["expenditure"], alike, year),
        "county_changes_by_item": _by_item(current, last, alike, year),
    }
    return {name: rows.assign(**{YEAR: year}) for name, rows in found.items()}


def departments_counted_alike(current: pd.DataFrame, last: pd.DataFrame) -> frozenset[str]:
    """The departments of which both years count the same: as a whole, or the same units."""
    now, before = _counted(current), _counted(last)
    return frozenset(name for name in now.keys() & before.keys() if now[name] == before[name])


def _counted(rows: pd.DataFrame) -> dict[str, frozenset[str]]:
    units = rows["unit_code"].where(rows["unit_code"] != "", rows["unit_name"])
    groups = units.groupby(_department(rows))
    return {str(name): frozenset(found) for name, found in groups}


def _department(rows: pd.DataFrame) -> pd.Series:
    code, name = (rows[column] for column in DEPARTMENT)
    return code.where(code != "", name)


def _by_body(current: Tables, last: Tables) -> pd.DataFrame:
    sums = [_of_bodies(tables_of_year) for tables_of_year in (current, last)]
    rows = pd.concat([frame.assign(year=name) for frame, name in zip(sums, YEARS, strict=True)])
    keys = ["scope", "body", "measure"]
    amounts = rows.groupby([*keys, "year"])["amount_yuan"].sum().unstack("year").reindex(columns=YEARS)
    names = rows.sort_values("year").groupby(["scope", "body"])[NAMES].first()
    present = rows.groupby(["scope", "body"])["year"].agg(frozenset)
    standing = present.map(
        lambda years: "both" if len(years) == 2 else "new" if YEARS[0] in years else "gone"
    )
    found = amounts.reset_index().join(names, on=["scope", "body"])
    return with_changes(found.join(standing.rename("standing"), on=["scope", "body"]))


def _of_bodies(standard: Tables) -> pd.DataFrame:
    """Each body's sums by measure, with the code, or where it has none the name, that it is found by."""
    types = standard["expenditure_by_type"]
    measured = {
        "income": standard["income"],
        "expenditure": types,
        "basic": types[types["spending_type"].isin(BASIC)],
        "project": types[types["spending_type"] == "project"],
        "three_public": standard["three_public"],
    }
    columns = ["scope", *NAMES, "amount_yuan"]
    rows = pd.concat([frame[columns].assign(measure=name) for name, frame in measured.items()])
    body = rows["unit_code"]
    for column in ("unit_name", "department_code", "department_name"):
        body = body.where(body != "", rows[column])
    return rows.assign(body=body)


def _by_function(current: pd.DataFrame, last: pd.DataFrame, alike: frozenset[str], year: int) -> pd.DataFrame:
    """Both years by this year's codes, at every level."""
    moved = last.assign(before=last["function_code"])
    moved["function_code"] = [bridged("functional", code, year - 1, year) for code in last["function_code"]]
    levels = []
    for level, digits in FUNCTION_DIGITS.items():
        now, before = (
            rows.assign(function_code=rows["function_code"].str[:digits], function_level=level)
            for rows in (current, moved)
        )
        both = _side_by_side(now, before, ["function_level", "function_code"], alike)
        levels.append(both.join(_last_codes(before, digits), on="function_code"))
    found = pd.concat(levels)
    names = [_name(code, year) for code in found["function_code"]]
    return found.assign(function_name=names, last_codes=found["last_codes"].fillna(""))


def _last_codes(moved: pd.DataFrame, digits: int) -> pd.Series:
    """The codes of last year, at this level, that came to another code."""
    before = moved["before"].str[:digits]
    apart = before[before != moved["function_code"]]
    groups = apart.groupby(moved["function_code"].loc[apart.index])
    return groups.agg(lambda names: " ".join(sorted(set(names)))).rename("last_codes")


def _name(code: str, year: int) -> str:
    known = codes.editions("functional", code)
    return codes.functional(year).get(code) or (known[-1].name if known else "")


def _by_item(current: Tables, last: Tables, alike: frozenset[str], year: int) -> pd.DataFrame:
    subjects: Mapping[str, tuple[str, Callable[[pd.DataFrame], pd.Series], Mapping[str, str]]] = {
        "income_source": ("income", lambda rows: rows["income_source"], _titles("income", "income_source")),
        "spending_type": (
            "expenditure_by_type",
            lambda rows: rows["spending_type"],
            _titles("expenditure_by_type", "spending_type"),
        ),
        "three_public_item": ("three_public", lambda rows: rows["item"], _titles("three_public", "item")),
        "economic_class": ("basic_expenditure", _economic_class(year), codes.dept_economic(year)),
    }
    found = []
    for subject, (table, item_of, names) in subjects.items():
        now, before = (
            rows.assign(item=item_of(rows), subject=subject) for rows in (current[table], last[table])
        )
        both = _side_by_side(now, before, ["subject", "item"], alike)
        found.append(both.assign(item_name=both["item"].map(dict(names)).fillna("")))
    return pd.concat(found)


def _titles(table: str, column: str) -> Mapping[str, str]:
    return allowed_values(tables()[table].column(column))


def _economic_class(year: int) -> Callable[[pd.DataFrame], pd.Series]:
    """Which class an economic code belongs to in a year; last year's codes are bridged first."""

    def of_rows(rows: pd.DataFrame) -> pd.Series:
        pairs = zip(rows["economic_code"], rows[YEAR], strict=True)
        return pd.Series(
            [bridged("dept_economic", code, int(of), year)[:3] for code, of in pairs], rows.index, dtype=str
        )

    return of_rows


def _side_by_side(
    current: pd.DataFrame, last: pd.DataFrame, keys: Sequence[str], alike: frozenset[str]
) -> pd.DataFrame:
    """The sums of both years by key, blank where a year has none, and those over departments counted alike."""
    sums = {}
    for name, rows in zip(YEARS, (current, last), strict=True):
        groups = rows.groupby(list(keys))["amount_yuan"]
        sums[name] = groups.sum().astype("Int64")
        same = rows[_department(rows).isin(alike)]
        sums[f"comparable_{name}"] = same.groupby(list(keys))["amount_yuan"].sum().astype("Int64")
    both = pd.concat(sums, axis=1)
    comparable = [f"comparable_{name}" for name in YEARS]
    both[comparable] = both[comparable].fillna(0)
    return with_changes(both.reset_index())


def with_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of both years' amounts in 分 with their change and its percentage of last year's, blank on none."""
    current, last = (rows[name].astype("Int64").fillna(0) for name in YEARS)
    percent = (current - last).astype("Float64") * 100 / last.where(last != 0).astype("Float64")
    return rows.assign(change_yuan=current - last, change_percent=percent)
