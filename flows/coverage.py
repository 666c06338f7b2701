"""Who sent what: one row per body on the roster or found in the files."""

from collections.abc import Callable, Collection, Iterable

import pandas as pd

from transforms.standard.sources import together


def coverage(
    bodies: pd.DataFrame,
    blocks: pd.DataFrame,
    counted: pd.Series,
    withheld: Collection[str],
    withheld_tables: Collection[tuple[str, str]],
) -> pd.DataFrame:
    """The coverage table: sent, missing, withheld, counted, forms and files of every body."""
    table = bodies.copy()
    ids = table["body_id"]
    table["missing"] = table["on_roster"] & ~table["sent"]
    table["withheld"] = ids.isin(withheld)
    table["withheld_tables"] = ids.map(_joined(withheld_tables)).fillna("")
    table["counted"] = table["sent"] & ids.map(counted).eq(other=True) & ~table["withheld"]
    table["submission"] = table["submission"].astype("Int64").where(table["sent"])
    table["forms"] = ids.map(_distinct(blocks[blocks["form"] != ""], "form", " ".join)).fillna("")
    table["files"] = ids.map(_distinct(blocks, "file", together)).fillna("")
    return table


def _joined(withheld_tables: Collection[tuple[str, str]]) -> dict[str, str]:
    tables: dict[str, list[str]] = {}
    for body, table in sorted(withheld_tables):
        tables.setdefault(body, []).append(table)
    return {body: " ".join(names) for body, names in tables.items()}


def _distinct(blocks: pd.DataFrame, column: str, join: Callable[[Iterable[str]], str]) -> pd.Series:
    """Per body the distinct values of a column of its blocks, sorted and joined."""
    distinct = blocks[["body_id", column]].drop_duplicates().sort_values(["body_id", column])
    return distinct.groupby("body_id")[column].agg(join)
