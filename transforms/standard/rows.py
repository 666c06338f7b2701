"""Rows out of entries: what falls on one key is added, and every cell that went in is named.

An *entry* is one cell on its way into a table: `body_id`, the table's own columns, `file`, `sheet`, `cell`
and `derivation`. Amounts are integers of 分; an entry that is subtracted carries a negative amount.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from expectations.schema import Column, Table, conform, tables

BODY_KEY = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]
PLACES = {"file": "source_file", "sheet": "source_sheet", "cell": "source_cell"}
BODY_ID = Column(name="body_id", type="string", title="")
SEPARATOR = "; "


def gather(
    entries: pd.DataFrame,
    keys: Sequence[str],
    values: Sequence[str] = ("amount_yuan",),
    texts: Sequence[str] = (),
) -> pd.DataFrame:
    """One row per body and key: the values added (all unknown stays NA), the first text that is not blank.

    `source_cell` names the cells in the entries' order, separated by spaces. `source_file` and
    `source_sheet` hold one name where all cells share it, else one name per cell, separated by "; ".
    `derivation` is `derived` as soon as one entry's is.
    """
    by = ["body_id", *keys]
    groups = entries.groupby(by, sort=False, dropna=False)
    parts = [groups[list(values)].sum(min_count=1)] if values else []
    if texts:
        parts.append(_known(entries, by, texts))
    parts.append(groups["derivation"].min())  # corrected < derived < printed
    return pd.concat([*parts, _places(entries, by)], axis=1).reset_index()


def _known(entries: pd.DataFrame, by: Sequence[str], texts: Sequence[str]) -> pd.DataFrame:
    known = entries[[*by, *texts]].copy()
    known[list(texts)] = known[list(texts)].astype(object).where(known[list(texts)] != "", None)
    first = known.groupby(list(by), sort=False, dropna=False)[list(texts)].first()
    return first.astype(object).where(first.notna(), "")


def _places(entries: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Where the cells of each row are; most rows have one cell and need no joining."""
    shared = entries.duplicated(list(by), keep=False)
    single = entries[~shared].set_index(list(by))[list(PLACES)]
    if not shared.any():
        return single.rename(columns=PLACES)
    groups = entries[shared].groupby(list(by), sort=False, dropna=False)
    joined = pd.DataFrame(
        {
            "file": _names(groups["file"].agg(SEPARATOR.join), groups["file"]),
            "sheet": _names(groups["sheet"].agg(SEPARATOR.join), groups["sheet"]),
            "cell": groups["cell"].agg(" ".join),
        }
    )
    both = pd.concat([single, joined]) if len(single) else joined
    return both.rename(columns=PLACES)


def _names(joined: pd.Series, names: "pd.core.groupby.SeriesGroupBy") -> pd.Series:
    return names.first().where(names.nunique() == 1, joined)


def shaped(
    table: str, rows: pd.DataFrame, bodies: pd.DataFrame, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The rows as the table is defined, each with its body's key, and `body_id` as the last column.

    `names` gives a name to the codes whose form prints none.
    """
    definition = tables()[table]
    keyed = rows.merge(bodies[["body_id", *BODY_KEY]], on="body_id", how="left", validate="many_to_one")
    if names is not None:
        keyed = _with_names(definition, keyed, names)
    for column in definition.columns:
        if column.name not in keyed:
            keyed[column.name] = pd.NA
    return conform(with_body_id(definition), keyed)


def _with_names(definition: Table, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    code = next(name for name in definition.column_names if name in ("function_code", "economic_code"))
    name = code.replace("_code", "_name")
    listed = [names.get(each, "") for each in rows[code]]
    return rows.assign(**{name: rows[name].where(rows[name] != "", listed)})


def with_body_id(definition: Table) -> Table:
    """The table as it is held inside the program: with the column that ties a row to its body."""
    return definition.model_copy(update={"columns": (*definition.columns, BODY_ID)})


def empty(table: str) -> pd.DataFrame:
    """The table without rows, with its columns and `body_id`."""
    definition = with_body_id(tables()[table])
    return conform(definition, pd.DataFrame(columns=list(definition.column_names)))
