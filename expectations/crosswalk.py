"""From the codes of one edition to those of a later one: `codes/crosswalk.csv`, one row per code that moved.

A code that keeps its meaning under a new name needs no row. Each row gives one code to go to, so that a bridge
never splits an amount and totals stay; what was split goes up to the level that its parts share.
"""

import csv
from collections.abc import Mapping
from functools import cache

from expectations.codes import FOLDER, parent


@cache
def moves(code_list: str, year: int) -> Mapping[str, str]:
    """The codes that moved when the edition of a year came into force, with where they went."""
    with (FOLDER / "crosswalk.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if (row["code_list"], row["since"]) == (code_list, str(year))
        ]
    return {row["from_code"]: row["to_code"] for row in rows}


def bridged(code_list: str, code: str, from_year: int, to_year: int) -> str:
    """The code of a later year that stands for a code of an earlier one.

    A code below one that moved goes where that went. A code that did not move is itself.

    >>> bridged("functional", "2150601", 2018, 2019), bridged("functional", "2010101", 2018, 2019)
    ('22401', '2010101')
    """
    for year in range(from_year + 1, to_year + 1):
        code = _moved(moves(code_list, year), code)
    return code


def _moved(known: Mapping[str, str], code: str) -> str:
    above = code
    while above:
        if above in known:
            return known[above]
        above = parent(above)
    return code
