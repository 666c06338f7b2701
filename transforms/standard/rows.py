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
    entries = entries.reset_index(drop=True)
    row = entries.groupby(by, sort=False, dropna=False).ngroup().rename("row")
    groups = entries.groupby(row)
    parts: list[pd.DataFrame | pd.Series] = [entries.loc[~row.duplicated(), by].set_axis(row.unique())]
    if values:
        parts.append(groups[list(values)].sum(min_count=1))
    if texts:
        parts.append(_known(entries[list(texts)], row))
    parts.append(groups["derivation"].min())  # corrected < derived < printed
    return pd.concat([*parts, _places(entries[list(PLACES)], row)], axis=1)


def _known(texts: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """The first text of each row that is not blank."""
    known = texts.astype(object).where(texts != "", None)
    first = known.groupby(row).first().astype(object)
    return first.where(first.notna(), "")


def _places(cells: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """Where the cells of each row are; most rows have one cell and need no joining."""
    shared = row.duplicated(keep=False)
    single = cells[~shared].set_axis(row[~shared])
    groups = cells[shared].groupby(row[shared])
    joined = {"cell": groups["cell"].agg(" ".join)}
    for column in ("file", "sheet"):
        names = groups[column]
        joined[column] = names.agg(SEPARATOR.join).where(names.nunique() != 1, names.first())
    return pd.concat([single, pd.DataFrame(joined)]).rename(columns=PLACES)


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
