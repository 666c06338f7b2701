"""The facts that tables are made of: leaves, each copy of a form once, and the form a table goes by."""

import re
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from transforms.wording.code_text import WHOLE_CODE
from transforms.wording.text import bare

ADDRESS = ["body_id", "form", "panel", "row_key", "column_key", "measure"]
# Forms whose rows are known by position only: two blocks are copies where their whole content agrees.
POSITIONAL_FORMS = ("procurement", "project")
# What facts are chosen by: few values, compared over and over.
CHOSEN_BY = ("form", "panel", "measure", "role")
# What no table is made of: each choice would carry it along.
LEFT_BEHIND = ("fact_id", "row_parent", "column_parent", "unit", "raw")
_LEADING_CODE = re.compile(r"^\d{3,7}[\s:：、.]*")
_KNOWN_LABELS = 100_000


def quickly_chosen(facts: pd.DataFrame) -> pd.DataFrame:
    """The facts with what tables are made of; the columns that they are chosen by as categories: comparing numbers is fast."""
    return facts.drop(columns=list(LEFT_BEHIND)).astype(dict.fromkeys(CHOSEN_BY, "category"))


def copied_blocks(facts: pd.DataFrame, labels: pd.DataFrame) -> set[int]:
    """The blocks that repeat an earlier block of the same body and form.

    A form sent twice must not count twice (SUB-02, SUB-04 name it); a continuation, which has other
    addresses than the block it continues, is no copy.
    """
    return _blocks_with_known_addresses(facts) | _blocks_with_known_content(facts, labels)


def _blocks_with_known_addresses(facts: pd.DataFrame) -> set[int]:
    leaf = _leaves_in_several_blocks(facts)
    first = leaf.groupby(ADDRESS, observed=True)["block_id"].transform("min")
    return set(leaf.loc[leaf["block_id"] != first, "block_id"])


def _leaves_in_several_blocks(facts: pd.DataFrame) -> pd.DataFrame:
    """The leaves of forms of which a body has more than one block."""
    leaf = facts[(facts["role"] == "leaf") & ~facts["form"].isin(POSITIONAL_FORMS)]
    printed = leaf[["body_id", "form", "block_id"]].drop_duplicates()
    several = printed.loc[printed.duplicated(["body_id", "form"], keep=False), "block_id"]
    return leaf[leaf["block_id"].isin(several)]


def parents_apart(facts: pd.DataFrame) -> pd.Index:
    """The leaves whose codes have their parts in another block of the form, which add up to them: totals of these."""
    leaf = _leaves_in_several_blocks(facts)
    leaf = leaf[leaf["row_key"].str.fullmatch(WHOLE_CODE)]
    found = leaf.index[:0]
    for digits in (5, 3) if len(leaf) else ():
        size = leaf["row_key"].str.len()
        parts = leaf[size > digits].assign(row_key=leaf["row_key"].str[:digits])
        sums = parts.groupby(ADDRESS, observed=True)["amount"].sum()
        above = leaf[size == digits]
        added = sums.reindex(pd.MultiIndex.from_frame(above[ADDRESS])).set_axis(above.index)
        found = found.append(above.index[(above["amount"] == added).fillna(value=False)])
        leaf = leaf.drop(found, errors="ignore")
    return found


def _blocks_with_known_content(facts: pd.DataFrame, labels: pd.DataFrame) -> set[int]:
    block = ["body_id", "form", "block_id"]
    facts, labels = (frame[frame["form"].isin(POSITIONAL_FORMS)] for frame in (facts, labels))
    numbers = facts[[*block, "panel", "row_key", "column_key"]].assign(content=facts["amount"].astype("str"))
    words = labels[[*block, "panel", "column_key"]].assign(
        row_key=labels["position"].astype("str"), content=labels["text"]
    )
    content = pd.concat([numbers, words])
    cells = pd.util.hash_pandas_object(
        content[["panel", "row_key", "column_key", "content"]].astype(object), index=False
    )
    whole = cells.groupby([content[name] for name in block]).sum().rename("content").reset_index()
    return set(whole.loc[whole.duplicated(["body_id", "form", "content"]), "block_id"])


def leaves(facts: pd.DataFrame, form: str, panel: str | None = None, measure: str = "amount") -> pd.DataFrame:
    """The cells of a form that add up to its total and state a figure; a printed zero is one."""
    chosen = (facts["form"] == form) & (facts["role"] == "leaf") & (facts["measure"] == measure)
    if panel is not None:
        chosen &= facts["panel"] == panel
    return facts[chosen & facts["amount"].notna()]


def entries(facts: pd.DataFrame, **columns: pd.Series | str | int) -> pd.DataFrame:
    """Entries (see rows.py) of these facts with further columns; `name` is the row's name as printed.

    Their derivation is that of the facts, which are printed where nothing else is said.
    """
    common = facts[["body_id", "block_id", "position", "file", "sheet", "cell"]]
    return common.assign(
        name=printed_names(facts["row_label"]),
        amount_yuan=facts["amount"].astype("int64"),
        derivation=facts.get("derivation", "printed"),
        **columns,
    )


def printed_names(labels: pd.Series) -> pd.Series:
    """Row labels without codes, ordinals and spaces.

    >>> printed_names(pd.Series(["一、 教育支出", "2013101行政运行"])).tolist()
    ['教育支出', '行政运行']
    """
    return labels.map(_printed_name)


@lru_cache(_KNOWN_LABELS)
def _printed_name(label: str) -> str:
    return _LEADING_CODE.sub("", bare(label))


def codes(row_keys: pd.Series) -> pd.Series:
    """Row keys that are codes; blank for all others, such as `total`."""
    return row_keys.where(row_keys.str.isdecimal(), "")


def deepest(candidates: pd.DataFrame, code: str, kind: str) -> pd.DataFrame:
    """Of each body's breakdowns (`candidate` 0, 1, …) the one with the deepest code in `code`.

    Among equals the one with more kinds in `kind`, among those the first. Zeros do not make a breakdown
    deep, and `unsplit` is no kind.
    """
    filled = candidates[candidates["amount_yuan"] != 0]
    filled = filled.assign(depth=filled[code].str.len(), kind=filled[kind].where(filled[kind] != "unsplit"))
    breakdown = ["body_id", "candidate"]
    standing = filled.groupby(breakdown).agg(depth=("depth", "max"), kinds=("kind", "nunique"))
    ranked = candidates[breakdown].drop_duplicates().merge(standing.reset_index(), on=breakdown, how="left")
    ranked = ranked.fillna({"depth": -1, "kinds": -1}).sort_values(
        ["body_id", "depth", "kinds", "candidate"], ascending=[True, False, False, True]
    )
    chosen = ranked.drop_duplicates("body_id")[breakdown]
    return candidates.merge(chosen, on=breakdown, how="inner", validate="many_to_one")


def texts_by_position(labels: pd.DataFrame, form: str, columns: Iterable[str]) -> pd.DataFrame:
    """The labels of a form as columns, indexed by block and position; blank where a row has none."""
    chosen = labels[(labels["form"] == form) & labels["column_key"].isin(list(columns))]
    chosen = chosen.drop_duplicates(["block_id", "position", "column_key"])
    wide = chosen.pivot(index=["block_id", "position"], columns="column_key", values="text")
    return wide.reindex(columns=list(columns)).astype(object).fillna("")
