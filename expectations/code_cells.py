"""At which cell a code or its name stands: findings on these name it rather than the first figure of the row."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from expectations.ground import Evidence

ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)")
CODE, NAME = "code", "label"
ORDER: Mapping[str, Sequence[str]] = {"code": (CODE, NAME), "name": (NAME, CODE)}
AT = ["file", "sheet", "cell"]


def at_cells_of(wanted: Literal["code", "name"], found: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """What was found, at the cell of the code, or of its name, in the row of each; as it is where there is none.

    `found`: rows with file, sheet, cell, found (the code), label (the name as the row writes it) and `detail`, a further
    address in the same sheet or a text. Where code and name share a cell, that one is named.
    """
    asked = pd.concat([_left_of(found, name) for name in ("cell", "detail")], ignore_index=True)
    cells = evidence.cells
    here = cells[cells["cell"].isin(asked["cell"].unique())]
    here = here[here["disposition"].isin(ORDER[wanted])].astype(object)
    beside = asked.merge(here[[*AT, "raw", "disposition"]], on=AT)
    last = _own(beside, ORDER[wanted]).groupby(["place", "number"])["cell"].last()
    return found.assign(
        **{
            place: last.xs(place).reindex(found.index).fillna(found[place])
            for place in last.index.unique("place")
        }
    )


def _left_of(found: pd.DataFrame, place: str) -> pd.DataFrame:
    """All addresses left of those in a column, in the same row: what each row says of its code goes with them."""
    rows = [
        (number, place, file, sheet, f"{letters(column)}{parts[2]}", column, label or code)
        for number, file, sheet, cell, label, code in zip(
            found.index, *(found[name] for name in ("file", "sheet", place, "label", "found")), strict=True
        )
        if (parts := ADDRESS.fullmatch(cell))
        for column in range(1, column_number(parts[1]))
    ]
    return pd.DataFrame(rows, columns=["number", "place", *AT, "column", "said"])


def _own(beside: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """The cells of codes and those that hold the row's name or code, the one to name last.

    A table may name a body in the same row.
    """
    holds = [_bare(said) in _bare(raw) for said, raw in zip(beside["said"], beside["raw"], strict=True)]
    own = beside[np.array(holds, bool) | (beside["disposition"] == CODE)]
    rank = -own["disposition"].map(order.index).astype("int64")
    return own.assign(rank=rank).sort_values(["rank", "column"], kind="stable")


def column_number(column: str) -> int:
    """The number of a column.

    >>> column_number("A"), column_number("AB")
    (1, 28)
    """
    return sum((ord(sign) - 64) * 26**place for place, sign in enumerate(reversed(column)))


def letters(number: int) -> str:
    """The column of a number.

    >>> letters(1), letters(26), letters(28)
    ('A', 'Z', 'AB')
    """
    above, rest = divmod(number - 1, 26)
    return (letters(above) if above else "") + chr(65 + rest)


def _bare(text: object) -> str:
    return "".join(str(text).split())
