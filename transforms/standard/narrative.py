"""Tables that only documents fill: goals, terms, projects with targets, changes on the year, departments."""

import pandas as pd

from transforms.standard.documents import DOCUMENT
from transforms.standard.figures import entries
from transforms.standard.rows import gather
from transforms.wording.code_text import WHOLE_CODE

GOAL = ["function_title", "duty", "annual_goal", "indicator"]
TERM = ["term", "definition"]
PROFILE = ["duties", "offices", "overall_goal"]
MEASURES = {
    "amount": "current_yuan",
    "previous": "previous_yuan",
    "change": "change_yuan",
    "percent": "percent",
}
# Where two panels tell of changes in one row, the first of these gives its name without the panel's.
PLAIN_PANELS = ("expenditure", "appropriation", "general_public_budget")


def performance_goals(labels: pd.DataFrame) -> pd.DataFrame:
    """The goals of each body's activities, in the order of the document."""
    return _texts(labels, "goals", GOAL, ["position"])


def glossary(labels: pd.DataFrame) -> pd.DataFrame:
    """The terms that each body explains, in the order of the document."""
    rows = _texts(labels, "glossary", TERM, ["position"])
    return rows[rows["term"] != ""]


def departments(bodies: pd.DataFrame, labels: pd.DataFrame, roster: str) -> pd.DataFrame:
    """Kind (of the roster), duties, offices and overall goal of each body of which one of them is known."""
    told = _texts(labels, "department", PROFILE, [])
    listed = bodies.loc[bodies["kind"] != "", ["body_id", "kind"]].assign(
        source_file=roster, source_sheet="", source_cell="", derivation="printed"
    )
    both = told.merge(listed[["body_id", "kind"]], on="body_id", how="left").fillna({"kind": ""})
    return pd.concat([both, listed[~listed["body_id"].isin(told["body_id"])]], ignore_index=True)


def _texts(labels: pd.DataFrame, panel: str, columns: list[str], keys: list[str]) -> pd.DataFrame:
    """Labels of a panel as rows: the paragraphs of one column are the lines of one text."""
    own = labels[
        (labels["form"] == DOCUMENT) & (labels["panel"] == panel) & labels["column_key"].isin(columns)
    ]
    own = _first_blocks(own)
    found = own[["body_id", "position", "file", "sheet", "cell"]].assign(derivation="printed")
    lines = own.groupby(["body_id", *keys, "column_key"])["text"].transform("\n".join)
    for name in columns:
        found[name] = lines.where(own["column_key"] == name, "")
    return gather(found, keys, [], columns)


def _first_blocks(own: pd.DataFrame) -> pd.DataFrame:
    """Of each body's documents the first that has such texts: a later copy adds nothing."""
    return own[own["block_id"] == own.groupby("body_id")["block_id"].transform("min")]


def project_targets(facts: pd.DataFrame) -> pd.DataFrame:
    """How many projects have targets, and their money."""
    own = _first_blocks(_stated(facts, ["project_targets"]))
    found = entries(own)
    found["project_count"] = own["amount"].where(own["column_key"] == "count")
    found["amount_yuan"] = own["amount"].where(own["column_key"] == "total")
    rows = gather(found, [], ["project_count", "amount_yuan"])
    return rows.assign(project_count=rows["project_count"] // 100)


def changes_on_year(facts: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Changes on the year before as each document states them.

    What a document leaves out of this year's figure, last year's and their difference is worked out from the others.
    """
    stated = _first_blocks(_stated(facts, None))
    compared = stated[stated["column_key"].str.startswith("previous_")]
    keys = ["body_id", "panel", "row_key"]
    current = stated[(stated["column_key"] == "total") & (stated["measure"] == "amount")]
    current = current.merge(compared[[*keys, "column_key"]].drop_duplicates(), on=keys, suffixes=("_own", ""))
    cells = pd.concat([compared, current], ignore_index=True)
    found = entries(cells, base=cells["column_key"], **_named(cells))
    found["reason"] = _reasons(cells, labels)
    for measure, column in MEASURES.items():
        found[column] = cells["amount"].where(cells["measure"] == measure)
    rows = gather(found, ["measure", "function_code", "base"], list(MEASURES.values()), ["reason"])
    return _worked_out(rows)


def _stated(facts: pd.DataFrame, panels: list[str] | None) -> pd.DataFrame:
    own = facts[(facts["form"] == DOCUMENT) & (facts["role"] != "repeated") & facts["amount"].notna()]
    return own if panels is None else own[own["panel"].isin(panels)]


def _named(cells: pd.DataFrame) -> dict[str, pd.Series]:
    """The name of what is compared and its function code."""
    coded = cells["row_key"].str.fullmatch(WHOLE_CODE)
    row = cells["row_key"].where(~coded, "total")
    order = {panel: number for number, panel in enumerate(PLAIN_PANELS)}
    rank = cells["panel"].map(order)
    first = rank.groupby([cells["body_id"], cells["row_key"], cells["column_key"]]).transform("min")
    plain = rank.notna() & (rank == first)
    return {
        "measure": row.where(plain, cells["panel"] + "." + row),
        "function_code": cells["row_key"].where(coded, ""),
    }


def _reasons(cells: pd.DataFrame, labels: pd.DataFrame) -> pd.Series:
    given = labels[(labels["form"] == DOCUMENT) & (labels["column_key"] == "reason")]
    texts = given.drop_duplicates(["block_id", "position"]).set_index(["block_id", "position"])["text"]
    where = pd.MultiIndex.from_frame(cells[["block_id", "position"]])
    said = pd.Series(texts.reindex(where).fillna("").to_numpy(), index=cells.index)
    return said.where(cells["column_key"].str.startswith("previous_") & (cells["measure"] != "amount"), "")


def _worked_out(rows: pd.DataFrame) -> pd.DataFrame:
    current, previous, change = (rows[name].astype("Int64") for name in list(MEASURES.values())[:3])
    filled = {
        "current_yuan": current.fillna(previous + change),
        "previous_yuan": previous.fillna(current - change),
        "change_yuan": change.fillna(current - previous),
    }
    unknown = rows[list(filled)].isna().any(axis=1) & pd.DataFrame(filled).notna().all(axis=1)
    percent = rows["percent"].astype("Float64") / 100
    return rows.assign(**filled, percent=percent, derivation=rows["derivation"].where(~unknown, "derived"))
