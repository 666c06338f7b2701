"""Projects by their plans: money due by month, and what their performance indicators state."""

import pandas as pd

YEAR = "fiscal_year"
DEPARTMENT = ["department_code", "department_name"]
PROJECT = [YEAR, *DEPARTMENT, "body_id", "project_code", "project_name"]
WHOLE = 10_000


def due_by_month(projects: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    """One row per project and month with the part of its budget due then (`amount_yuan`, 分).

    Shares are cut from the running total, so that a project's months add up to its budget to the 分. What its
    plan does not cover, and the whole budget of a project without a plan, has a blank month.
    """
    budgets = projects.assign(budget=projects["budget_yuan"].astype("Int64").fillna(0))
    budgets = budgets.groupby(PROJECT, dropna=False)["budget"].sum().reset_index()
    due = plans.merge(budgets, on=PROJECT, how="inner", validate="many_to_one").sort_values(
        [*PROJECT, "month"], kind="stable"
    )
    hundredths = (due["percent"].astype(float) * 100).round().astype("int64")
    by_then = hundredths.groupby([due[name] for name in PROJECT], dropna=False).cumsum()
    budget = due["budget"].astype("int64")
    due["amount_yuan"] = _share(budget, by_then) - _share(budget, by_then - hundredths)
    planned = due.groupby(PROJECT, dropna=False)["amount_yuan"].sum().rename("planned").reset_index()
    rest = budgets.merge(planned, on=PROJECT, how="left", validate="one_to_one")
    rest["amount_yuan"] = rest["budget"] - rest["planned"].fillna(0)
    unplanned = rest[(rest["amount_yuan"] != 0) | rest["planned"].isna()]
    found = pd.concat([due[[*PROJECT, "month", "amount_yuan"]], unplanned[[*PROJECT, "amount_yuan"]]])
    return found.astype({"month": "Int64", "amount_yuan": "Int64"})


def _share(budget: pd.Series, hundredths: pd.Series) -> pd.Series:
    return (budget * hundredths + WHOLE // 2) // WHOLE


def indicator_counts(indicators: pd.DataFrame) -> pd.DataFrame:
    """Per department and class of indicators: how many, of how many projects, and how well they are stated."""
    keys = [YEAR, *DEPARTMENT, "level_1", "level_2"]
    counted = indicators.assign(
        project_count=indicators.groupby(PROJECT, dropna=False).ngroup(),
        body_count=indicators["body_id"],
        **stated_counts(indicators),
    )
    groups = counted.groupby(keys, dropna=False)
    sums = groups[[*stated_counts(indicators)]].sum()
    return sums.join(groups[["project_count", "body_count"]].nunique()).reset_index()


def stated_counts(indicators: pd.DataFrame) -> dict[str, pd.Series]:
    """1 for each indicator, and 1 or 0 for each as it states a target, a target in figures, and a basis."""
    return {
        "indicator_count": pd.Series(1, indicators.index),
        "with_target_count": (indicators["target"] != "").astype(int),
        "measurable_count": indicators["target_value"].notna().astype(int),
        "with_basis_count": (indicators["basis"] != "").astype(int),
    }
