"""Rows out of entries: what falls on one key is added, and every cell that went in is named.

An *entry* is one cell on its way into a table: `body_id`, the table's own columns, `file`, `sheet`, `cell`
and `derivation`. Amounts are integers of 分; an entry that is subtracted carries a negative amount.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.schema import Column, Table, conform, tables
from transforms.standard.sources import SOURCE, together

BODY_KEY = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]
PLACES = dict(zip(("file", "sheet", "cell"), SOURCE, strict=True))
BODY_ID = Column(name="body_id", type="string", title="")
# How a row came about, the least certain first.
DERIVATIONS = ("corrected", "derived", "printed")

Rows = npt.NDArray[np.intp]


def gather(
    entries: pd.DataFrame,
    keys: Sequence[str],
    values: Sequence[str] = ("amount_yuan",),
    texts: Sequence[str] = (),
) -> pd.DataFrame:
    """One row per body and key: the values added (all unknown stays NA), the first text that is not blank.

    `source_cell` names the cells in the entries' order, separated by spaces. `source_file` and
    `source_sheet` hold one name where all cells share it, else one name per cell (sources.py).
    `derivation` is `derived` as soon as one entry's is.
    """
    by = ["body_id", *keys]
    entries = entries.reset_index(drop=True)
    row: Rows = np.asarray(entries.groupby(by, sort=False, dropna=False, observed=True).ngroup())
    first = np.unique(row, return_index=True)[1]
    added = entries[list(values)]
    if len(first) < len(row):
        added = added.groupby(row).sum(min_count=1)
    parts: list[pd.DataFrame | pd.Series] = [
        entries.loc[first, by].reset_index(drop=True),
        added,
        pd.DataFrame({name: _first_known(entries[name], row, len(first)) for name in texts}, dtype=object),
        _weakest(entries["derivation"], row, len(first)),
        _places(entries[list(PLACES)], row, first),
    ]
    return pd.concat(parts, axis=1)


def _first_known(texts: pd.Series, row: Rows, count: int) -> npt.NDArray[np.object_]:
    """The first text of each row that is not blank."""
    said = texts.to_numpy(dtype=object, na_value="")
    filled = np.flatnonzero(said != "")[::-1]  # the first of a row is written last
    found = np.full(count, "", dtype=object)
    found[row[filled]] = said[filled]
    return found


def _weakest(derivation: pd.Series, row: Rows, count: int) -> pd.Series:
    """Of each row's derivations the one that says most of how it came about."""
    known = pd.Categorical(derivation, DERIVATIONS)
    weakest = np.full(count, len(DERIVATIONS) - 1, dtype=np.int64)
    np.minimum.at(weakest, row, known.codes)
    return pd.Series(np.array(DERIVATIONS, dtype=object)[weakest], name="derivation")


def _places(cells: pd.DataFrame, row: Rows, first: Rows) -> pd.DataFrame:
    """Where the cells of each row are; most rows have one cell and need no joining."""
    order = np.argsort(row, kind="stable")
    bounds = np.searchsorted(row[order], np.arange(len(first) + 1))
    several = np.flatnonzero(np.diff(bounds) > 1).tolist()
    cells_of = {number: order[bounds[number] : bounds[number + 1]] for number in several}
    found = {}
    for name, title in PLACES.items():
        values = cells[name].to_numpy(dtype=object)
        join = " ".join if name == "cell" else _shared
        single = pd.Series(values[first], dtype=object)
        found[title] = single.map({text: join([text]) for text in single.unique()}).to_numpy(dtype=object)
        for number, own in cells_of.items():
            found[title][number] = join(values[own].tolist())
    return pd.DataFrame(found, dtype=object)


def _shared(names: list[str]) -> str:
    """One name where all are the same."""
    return together(names[:1] if len(set(names)) == 1 else names)


def shaped(
    table: str, rows: pd.DataFrame, bodies: pd.DataFrame, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The rows as the table is defined, each with its body's key, and `body_id` as the last column.

    `names` gives a name to the codes whose form prints none.
    """
    definition = tables()[table]
    body = pd.Index(bodies["body_id"]).get_indexer(pd.Index(rows["body_id"]))
    keyed = rows.assign(**{name: bodies[name].array.take(body, allow_fill=True) for name in BODY_KEY})
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
