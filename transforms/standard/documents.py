"""Figures of disclosure documents under the addresses of forms, so that one way leads into the tables.

A document states wholes and parts in no fixed order (支出…万元，其中…). Of each only what adds up is kept: the parts
where they make up their whole, else the whole. A table draws on the document only for bodies whose forms do not fill it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from expectations.canon import Hierarchy, forms
from transforms.standard.sources import SOURCE, apart
from transforms.wording.code_text import WHOLE_CODE

DOCUMENT = "document"
FUNDS = ("government_fund", "state_capital")
_KEY = ["block_id", "row_key"]


@dataclass(frozen=True)
class Way:
    """Which rows of a panel of the document go to which panel of which form.

    `codes`: rows that are codes, or those that are not. `column`: '' where the row becomes the column. `wholes`: rows
    that are no row of the table, so that their parts stand even where they do not add up. `only`: the rows wanted.
    """

    panel: str
    form: str
    to: str = ""
    codes: bool = False
    column: str = "total"
    wholes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


WAYS = (
    Way("income", "balance", "income", wholes=("total", "current_total")),
    Way("expenditure", "balance", "spending_type"),
    Way("expenditure", "balance", "function_class", codes=True),
    Way("general_public_budget", "general_by_function", codes=True),
    Way("appropriation", "appropriation_by_function", codes=True),
    Way("government_fund", "government_fund", codes=True),
    Way("state_capital", "state_capital", codes=True),
    Way("expenditure", "basic_by_economic", column="", only=("basic_personnel", "basic_operating")),
    Way("three_public", "three_public", column="", wholes=("total",)),
    Way("operating_costs", "operating_costs"),
    Way("procurement", "procurement", wholes=("total",)),
)


def facts_as_of_forms(facts: pd.DataFrame) -> pd.DataFrame:
    """The document's figures of this year as facts of forms, with their `derivation`; amounts in 分."""
    stated = facts[(facts["form"] == DOCUMENT) & (facts["role"] != "repeated") & facts["amount"].notna()]
    stated = stated.assign(derivation="printed", row_label="")
    amounts = stated[(stated["measure"] == "amount") & (stated["column_key"] == "total")]
    funds = stated[stated["panel"].isin(FUNDS) | stated["row_key"].isin(FUNDS)]
    several = funds.loc[funds["amount"] != 0, "block_id"]
    found = [_named_fund(_led(amounts, way), several) for way in WAYS]
    return pd.concat([*found, _assets(stated)], ignore_index=True)


def _led(amounts: pd.DataFrame, way: Way) -> pd.DataFrame:
    """The figures that go one way, under their new address."""
    coded = amounts["row_key"].str.fullmatch(WHOLE_CODE)
    own = amounts[(amounts["panel"] == way.panel) & (coded == way.codes)]
    own = own[own["row_key"].isin(way.only)] if way.only else own
    kept = (
        own[~_has_longer_code(own)]
        if way.codes
        else own[_stands(own, forms()[DOCUMENT].panels[way.panel].rows, way.wholes)]
    )
    column = kept["row_key"] if way.column == "" else way.column
    row = "total" if way.column == "" else kept["row_key"]
    return kept.assign(form=way.form, panel=way.to, row_key=row, column_key=column, role="leaf")


def _has_longer_code(own: pd.DataFrame) -> pd.Series:
    """Whether a code has others of its body below it."""
    above = {
        (block, code[:length])
        for block, code in zip(own["block_id"], own["row_key"], strict=True)
        for length in (3, 5)
        if length < len(code)
    }
    codes = zip(own["block_id"], own["row_key"], strict=True)
    return pd.Series([pair in above for pair in codes], index=own.index, dtype=bool)


def _stands(own: pd.DataFrame, hierarchy: Hierarchy, wholes: Sequence[str]) -> pd.Series:
    """Which figures stand: parts that make up their whole, or the whole where they do not."""
    own = own[~own.duplicated(_KEY)]
    amounts = own.pivot(index="block_id", columns="row_key", values="amount").astype("float64")
    steps = own.groupby("block_id")["own_step"].max().astype("float64")
    kept, made_up = amounts.notna(), amounts.copy()
    for parent in sorted(hierarchy, key=lambda each: len(_below(hierarchy, each))):
        parts = [part for part in _direct(hierarchy, parent) if part in made_up]
        if not parts:
            continue
        whole = amounts.get(parent, pd.Series(float("nan"), index=amounts.index))
        total = made_up[parts].sum(axis=1, min_count=1)
        tolerance = steps * min(5.0, (len(parts) + 1) / 2)
        agree = total.notna() & (whole.isna() | ((total - whole).abs() <= tolerance) | (parent in wholes))
        made_up[parent] = total.where(agree, whole)
        below = [each for each in _below(hierarchy, parent) if each in kept]
        kept.loc[~agree & whole.notna(), below] = False
        if parent in kept:
            kept.loc[agree, parent] = False
    standing = kept.stack()
    keys = pd.MultiIndex.from_frame(own[_KEY])
    return pd.Series(standing.reindex(keys).to_numpy(), index=own.index, dtype=bool)


def _direct(hierarchy: Hierarchy, parent: str) -> list[str]:
    """The parts of a whole, without those that are parts of another of its parts too."""
    parts = hierarchy[parent]
    inner = {each for part in parts for each in _below(hierarchy, part)}
    return [part for part in parts if part not in inner]


def _below(hierarchy: Hierarchy, parent: str) -> set[str]:
    parts = set(hierarchy.get(parent, ()))
    return parts.union(*(_below(hierarchy, part) for part in parts)) if parts else parts


def _named_fund(found: pd.DataFrame, several: pd.Series) -> pd.DataFrame:
    """财政拨款 of a document that knows no other fund is money of the general public budget."""
    single = (found["row_key"] == "fiscal_appropriation") & ~found["block_id"].isin(several)
    return found.assign(
        row_key=found["row_key"].where(~single, "general_public_budget"),
        derivation=found["derivation"].where(~single, "derived"),
    )


def _assets(stated: pd.DataFrame) -> pd.DataFrame:
    """Assets by class; a total only of what no class has, a kind of a class only where the class has nothing."""
    own = stated[stated["panel"] == "assets"]
    own = own.assign(
        kind=own["row_key"],
        row_key=own["row_key"].str.split(".").str[0],
        form="assets",
        role="leaf",
        panel="",
    )
    cell = [own["block_id"], own["column_key"]]
    has_parts = (own["row_key"] != "total").groupby(cell).transform("any")
    has_class = (own["kind"] == own["row_key"]).groupby([*cell, own["row_key"]]).transform("any")
    whole = (own["row_key"] == "total") & has_parts
    sub = (own["kind"] != own["row_key"]) & has_class
    return own[~whole & ~sub]


def labels_as_of_forms(facts: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The document's remarks on assets as labels of their form, and thresholds out of its classes' keys."""
    own = labels[(labels["form"] == DOCUMENT) & (labels["panel"] == "assets")]
    classes = facts[(facts["form"] == DOCUMENT) & (facts["panel"] == "assets")]
    threshold = classes["row_key"].str.extract(r"\.(\d+)$")[0]
    bounded = classes[threshold.notna()]
    thresholds = bounded[["block_id", "body_id", "position", "file", "sheet", "cell"]].assign(
        column_key="threshold", text=threshold[threshold.notna()]
    )
    return pd.concat([own, thresholds], ignore_index=True).assign(form="assets", panel="")


def told_in_prose(tables: Mapping[str, pd.DataFrame], facts: pd.DataFrame) -> set[tuple[str, str]]:
    """(body_id, table) of rows that stand where a document's text states them, rather than in a form."""
    stated = facts[facts["form"] == DOCUMENT]
    if stated.empty:
        return set()
    places = pd.MultiIndex.from_frame(stated[["body_id", "file", "sheet", "cell"]])
    columns = ["body_id", *SOURCE]
    return {
        (body, name)
        for name, frame in tables.items()
        if set(columns) <= set(frame.columns)
        for body in frame.loc[_first_cells(frame[columns]).isin(places), "body_id"].unique()
    }


def _first_cells(places: pd.DataFrame) -> pd.MultiIndex:
    """Places of rows that may be made of several cells, by the first of them."""
    files = places["source_file"]
    first = {
        "source_file": files.map({text: apart(text)[0] for text in files.unique()}),
        "source_cell": places["source_cell"].str.split(" ").str[0],
    }
    return pd.MultiIndex.from_frame(places.assign(**first))


def filled_up(own: Mapping[str, pd.DataFrame], told: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the forms, and rows of the document for bodies that have none in a table."""
    return {
        name: pd.concat([rows, told[name][~told[name]["body_id"].isin(rows["body_id"])]])
        if name in told
        else rows
        for name, rows in own.items()
    }
