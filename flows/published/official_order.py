"""The order in which people expect rows: that of the official forms, as the definitions list it."""

from collections.abc import Sequence

import pandas as pd

from expectations.schema import Column, allowed_values


def in_official_order(frame: pd.DataFrame, key: Sequence[Column]) -> pd.DataFrame:
    """Rows in the order in which their values are listed in the definitions; what has no code comes last."""
    ranks = pd.DataFrame(
        {column.name: _rank(frame[column.name], column) for column in key}, index=frame.index
    )
    return frame.loc[ranks.sort_values(list(ranks.columns), kind="stable").index]


def _rank(values: pd.Series, column: Column) -> pd.Series:
    listed = list(allowed_values(column))
    if listed:
        return values.map(listed.index)
    return values.mask(values == "") if column.type == "string" else values
