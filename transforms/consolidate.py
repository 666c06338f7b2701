"""Standard tables become the county's: rolled up, and less the money that is passed on inside a department.

Every county row is gross − elimination = net, exactly. Only expenditure and income know eliminations: what a
superior pays to its units and they receive from it (and the reverse) is in the gross twice.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from expectations import codes
from expectations.schema import allowed_values, conform, empty_frame, spelt_out, tables, tables_of
from transforms.government import NO_KINDS, as_government
from transforms.plans import DEPARTMENT, YEAR, due_by_month, indicator_counts
from transforms.standard.sources import SOURCE
from transforms.year_on_year import year_on_year

# What is paid as the spending type on the left is received as the income source on the right.
RECEIVED_AS = {"subsidy_to_subsidiary": "superior_subsidy", "remitted_to_superior": "subsidiary_remittance"}
FUNCTION_DIGITS = {1: 3, 2: 5, 3: 7}
ECONOMIC_DIGITS = {1: 3, 2: 5}
PROVENANCE = (*SOURCE, "derivation")
BODY = [YEAR, *DEPARTMENT, "unit_code", "unit_name"]
WITHOUT_FUNCTION = "未分科目支出"


def consolidate(
    standard: Mapping[str, pd.DataFrame],
    kinds: Mapping[str, str] = NO_KINDS,
    last: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, pd.DataFrame]:
    """The county tables and `eliminations` by name, from standard tables that hold counted bodies only.

    `kinds`: what each body is by `body_id` (`government.kinds_of_bodies`). `last`: the standard tables that were
    published of the year before; without them the tables of changes have no rows.
    """
    standard = by_department(standard)
    eliminations = _eliminations(standard["income"], standard["expenditure_by_type"])
    income = _with_eliminations(standard["income"], "income_source", eliminations, "kind")
    by_type = _with_eliminations(standard["expenditure_by_type"], "spending_type", eliminations, "paid_as")
    passed_on = _by_function(standard["expenditure"], eliminations)
    expenditure = pd.concat([standard["expenditure"].assign(elimination_yuan=0), passed_on])
    return {
        name: conform(tables()[name], frame)
        for name, frame in {
            "county_balance": _balance(income, expenditure),
            "county_income": _roll_up(income, ["income_source"]),
            "county_expenditure": _levels(expenditure, "function", FUNCTION_DIGITS),
            "county_expenditure_by_department": _roll_up(expenditure, DEPARTMENT),
            "county_expenditure_by_type": _roll_up(by_type, ["spending_type"]),
            "county_expenditure_by_fund": _roll_up(expenditure, ["fund_source", "spending_type"]),
            "county_basic_expenditure": _levels(standard["basic_expenditure"], "economic", ECONOMIC_DIGITS),
            "county_basic_expenditure_government": _government(standard["basic_expenditure"], kinds),
            "county_three_public": _three_public(standard["three_public"], ["item"]),
            "county_three_public_by_department": _three_public(
                standard["three_public"], [*DEPARTMENT, "item"]
            ),
            "county_operating_costs": _operating_costs(standard["operating_costs"]),
            "county_assets": _assets(standard["assets"]),
            "county_procurement": _roll_up(standard["procurement"], ["category"]),
            "county_projects": _projects(standard["projects"]),
            "county_project_payments": _payments(standard["projects"], standard["project_payments"]),
            "county_project_indicators": indicator_counts(standard["project_indicators"]),
            "eliminations": eliminations,
            **_changes(standard, last),
        }.items()
    }


def _changes(
    standard: Mapping[str, pd.DataFrame], last: Mapping[str, pd.DataFrame] | None
) -> dict[str, pd.DataFrame]:
    years = standard["expenditure_by_type"][YEAR]
    if last is None or years.empty:
        return {table.name: empty_frame(table) for table in tables_of("county") if "_changes_" in table.name}
    return year_on_year(standard, by_department(last), int(years.iloc[0]))


def _roll_up(
    rows: pd.DataFrame, keys: Sequence[str], amount: str = "amount_yuan", also: Sequence[str] = ()
) -> pd.DataFrame:
    """Gross, elimination, net and number of bodies per year and key; the columns of `also` are added up too.

    Blank amounts count 0 in the gross; a column of `also` that is blank throughout stays blank.
    Rows without `body_id` are eliminations: they belong to no body.
    """
    if "elimination_yuan" not in rows:
        rows = rows.assign(elimination_yuan=0)
    rows = rows.assign(gross_yuan=rows[amount].astype("Int64"))
    groups = rows.groupby([YEAR, *keys], dropna=False)
    money = groups[["gross_yuan", "elimination_yuan"]].sum().astype("Int64")
    money["net_yuan"] = money["gross_yuan"] - money["elimination_yuan"]
    money["body_count"] = groups["body_id"].nunique()
    if also:
        money = money.join(groups[list(also)].sum(min_count=1))
    return money.reset_index()


def _levels(rows: pd.DataFrame, classification: str, digits: Mapping[int, int]) -> pd.DataFrame:
    """The roll-up at every level of a classification; a shorter code stands for itself at deeper levels."""
    code, level = f"{classification}_code", f"{classification}_level"
    rolled = _roll_up(_at_levels(rows, classification, digits), [level, code])
    return rolled.assign(**{f"{classification}_name": _names(rolled, rows, classification)})


def _at_levels(rows: pd.DataFrame, classification: str, digits: Mapping[int, int]) -> pd.DataFrame:
    code = f"{classification}_code"
    at_level = []
    for level, length in digits.items():
        cut = rows.assign(**{code: rows[code].str[:length]})
        cut[f"{classification}_level"] = level
        at_level.append(cut)
    return pd.concat(at_level)


def _government(rows: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Basic expenditure under the government's economic codes, at both levels."""
    mapped = as_government(rows, kinds)
    rolled = _roll_up(
        _at_levels(mapped, "economic", ECONOMIC_DIGITS), ["economic_level", "mapping", "economic_code"]
    )
    names = [
        codes.gov_economic(int(year)).get(code, "")
        for year, code in zip(rolled[YEAR], rolled["economic_code"], strict=True)
    ]
    return rolled.assign(economic_name=names)


def _three_public(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The roll-up with last year beside it: as a sum where every body states it, else only for those that do."""
    stated = rows["previous_yuan"].notna()
    comparable = rows.assign(
        comparable_yuan=rows["amount_yuan"].where(stated),
        comparable_previous_yuan=rows["previous_yuan"],
        stating=rows["body_id"].where(stated),
    )
    rolled = _roll_up(comparable, keys, also=["comparable_yuan", "comparable_previous_yuan"])
    counts = comparable.groupby([YEAR, *keys], dropna=False)["stating"].nunique()
    rolled["previous_body_count"] = counts.to_numpy()
    everybody = rolled["previous_body_count"] == rolled["body_count"]
    return rolled.assign(previous_yuan=rolled["comparable_previous_yuan"].where(everybody))


def _payments(projects: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    """What each department's projects are due to pay by month; month blank for what no plan covers."""
    due = due_by_month(projects, plans)
    rolled = _roll_up(due, [*DEPARTMENT, "month"])
    counts = due.groupby([YEAR, *DEPARTMENT, "month"], dropna=False).size()
    return rolled.assign(project_count=counts.to_numpy())


def _names(rolled: pd.DataFrame, rows: pd.DataFrame, classification: str) -> pd.Series:
    """The names of the codes in the list of their year; for others what most bodies call them."""
    code, name = f"{classification}_code", f"{classification}_name"
    said = rows[rows[name].fillna("") != ""].groupby([code, name]).size().reset_index(name="times")
    said = said.sort_values(["times", name], ascending=[False, True]).drop_duplicates(code)
    named = rolled[code].map(said.set_index(code)[name])
    for year in rolled[YEAR].unique():
        lists = {"function": codes.functional, "economic": codes.dept_economic}
        listed = rolled[code].map(lists[classification](int(year)))
        named = listed.where((rolled[YEAR] == year) & listed.notna(), named)
    return named.fillna("")


def _balance(income: pd.DataFrame, expenditure: pd.DataFrame) -> pd.DataFrame:
    """Income by source beside expenditure by function class."""
    sources = allowed_values(tables()["income"].column("income_source"))
    earned = _roll_up(income, ["income_source"]).rename(columns={"income_source": "item_code"})
    earned = earned.assign(side="income", item_name=earned["item_code"].map(sources))
    spent = _levels(expenditure, "function", {1: FUNCTION_DIGITS[1]})
    spent = spent.rename(columns={"function_code": "item_code", "function_name": "item_name"})
    spent["item_name"] = spent["item_name"].where(spent["item_code"] != "", WITHOUT_FUNCTION)
    return pd.concat([earned, spent.assign(side="expenditure")])


def _operating_costs(rows: pd.DataFrame) -> pd.DataFrame:
    rolled = _roll_up(rows, ["economic_code"])
    return rolled.assign(economic_name=_names(rolled, rows, "economic"))


def _assets(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["asset_class", "threshold_yuan", "quantity_unit"]
    also = ["quantity", "planned_quantity", "planned_purchase_yuan"]
    return _roll_up(rows, keys, amount="book_value_yuan", also=also)


def _projects(rows: pd.DataFrame) -> pd.DataFrame:
    also = ["project_count", "fiscal_yuan", "other_yuan"]
    return _roll_up(rows.assign(project_count=1), DEPARTMENT, amount="budget_yuan", also=also)


def by_department(standard: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What is added up of the tables that county tables are made of, every row under a department, of one name per code
    however workbooks spell it.

    A unit whose department nobody names stands for itself.
    """
    bodies = pd.concat([spelt_out(rows[BODY].drop_duplicates()) for rows in standard.values()])
    known = _own_department(bodies)
    known = known[(known["department_code"] != "") & (known["department_name"] != "")]
    names = known.groupby([YEAR, "department_code"])["department_name"].min()
    placed = {
        name: _own_department(_added_up(standard[name])) for name in _added_tables() if name in standard
    }
    return {table: rows.assign(department_name=_named(rows, names)) for table, rows in placed.items()}


def _added_tables() -> list[str]:
    return list(dict.fromkeys(name for table in tables_of("county") for name in table.made_of))


def _added_up(rows: pd.DataFrame) -> pd.DataFrame:
    """What is added up: the rows without what says where they come from, their texts in each of them."""
    return spelt_out(rows.drop(columns=[name for name in PROVENANCE if name in rows]))


def _own_department(rows: pd.DataFrame) -> pd.DataFrame:
    known = (rows["department_code"] != "") | (rows["department_name"] != "")
    return rows.assign(
        department_code=rows["department_code"].where(known, rows["unit_code"]),
        department_name=rows["department_name"].where(known, rows["unit_name"]),
    )


def _named(rows: pd.DataFrame, names: pd.Series) -> pd.Series:
    found = names.reindex(pd.MultiIndex.from_frame(rows[[YEAR, "department_code"]])).set_axis(rows.index)
    return found.where(found.notna(), rows["department_name"])


def _eliminations(income: pd.DataFrame, by_type: pd.DataFrame) -> pd.DataFrame:
    """What each department's bodies paid and received inside it, per kind; the lesser of both is eliminated.

    A side that nobody states stays blank: the row is one-sided and eliminates nothing.
    """
    paid = by_type.assign(paid_as=by_type["spending_type"], kind=by_type["spending_type"].map(RECEIVED_AS))
    passed_on = income["income_source"].isin(list(RECEIVED_AS.values()))
    received = income.assign(kind=income["income_source"].where(passed_on))
    sides = [_side(paid, "paid_yuan", "paying_bodies"), _side(received, "received_yuan", "receiving_bodies")]
    pairs = sides[0].merge(sides[1], on=[YEAR, "kind", *DEPARTMENT], how="outer", validate="one_to_one")
    lesser = pairs[["paid_yuan", "received_yuan"]].min(axis=1, skipna=False)
    return pairs.assign(
        elimination_yuan=lesser.fillna(0),
        state=_states(pairs),
        paid_as=pairs["kind"].map({kind: paid_as for paid_as, kind in RECEIVED_AS.items()}),
        paying_bodies=pairs["paying_bodies"].fillna(""),
        receiving_bodies=pairs["receiving_bodies"].fillna(""),
    )


def _side(rows: pd.DataFrame, amount: str, bodies: str) -> pd.DataFrame:
    stated = rows[rows["kind"].notna() & (rows["amount_yuan"] != 0)]
    stated = stated.assign(body=_body_labels(stated)).sort_values("body", kind="stable")
    groups = stated.groupby([YEAR, "kind", *DEPARTMENT])
    named = groups["body"].agg(lambda labels: " ".join(dict.fromkeys(labels)))
    sums = groups["amount_yuan"].sum().astype("Int64").rename(amount).to_frame()
    return sums.join(named.rename(bodies)).reset_index()


def _body_labels(rows: pd.DataFrame) -> pd.Series:
    label = rows["unit_code"]
    for column in ("unit_name", "department_code", "department_name"):
        label = label.where(label != "", rows[column])
    return label


def _states(pairs: pd.DataFrame) -> pd.Series:
    paid, received = pairs["paid_yuan"], pairs["received_yuan"]
    both = paid.notna() & received.notna()
    state = pd.Series("one_sided", index=pairs.index).where(~both, "partial")
    return state.where(~both | (paid.fillna(0) != received.fillna(0)), "matched")


def _with_eliminations(rows: pd.DataFrame, key: str, eliminations: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows followed by what is eliminated at each value of `key`, as rows of no body."""
    eliminated = eliminations[[YEAR, *DEPARTMENT, "elimination_yuan"]].assign(**{key: eliminations[kind]})
    return pd.concat([rows.assign(elimination_yuan=0), _without_body(eliminated)])


def _without_body(eliminated: pd.DataFrame) -> pd.DataFrame:
    some = eliminated[eliminated["elimination_yuan"] != 0]
    return some.assign(amount_yuan=0)


def _by_function(expenditure: pd.DataFrame, eliminations: pd.DataFrame) -> pd.DataFrame:
    """The eliminations at the function codes of the payers' rows of that type, in order of code.

    Where the payers' rows do not state the type, the elimination has no function code.
    """
    payer = [YEAR, *DEPARTMENT, "spending_type"]
    due = eliminations.rename(columns={"paid_as": "spending_type"})[[*payer, "elimination_yuan"]]
    paid = expenditure[expenditure["spending_type"].isin(list(RECEIVED_AS))]
    paid = paid.sort_values(["function_code", "unit_code", "unit_name", "fund_source"], kind="stable")
    paid = paid.merge(due, on=payer, how="inner", validate="many_to_one")
    before = paid.groupby(payer)["amount_yuan"].cumsum() - paid["amount_yuan"]
    room = (paid["elimination_yuan"] - before).clip(lower=0)
    placed = paid.assign(elimination_yuan=room.where(room < paid["amount_yuan"], paid["amount_yuan"]))
    done = placed.groupby(payer)["elimination_yuan"].sum().rename("placed").reset_index()
    rest = due.merge(done, on=payer, how="left", validate="one_to_one")
    rest["elimination_yuan"] = rest["elimination_yuan"] - rest["placed"].fillna(0)
    both = pd.concat([placed, rest.assign(function_code="", function_name="", fund_source="unsplit")])
    kept = ["fund_source", "function_code", "function_name", "spending_type", "elimination_yuan"]
    return _without_body(both[[YEAR, *DEPARTMENT, *kept]])
