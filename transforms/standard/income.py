"""Table `income`."""

import pandas as pd

from transforms.standard.figures import codes, deepest, entries, leaves
from transforms.standard.rows import gather

TOTALS = ("total", "current_total")


def income(facts: pd.DataFrame) -> pd.DataFrame:
    """Income by source and function code, from the income form or the balance, whichever goes deeper.

    Sub-items of a source (`business.x`) count as that source. A figure without a source, such as the
    total of a form that prints nothing else, cannot be a row.
    """
    form = leaves(facts, "income")
    panel = leaves(facts, "balance", "income")
    candidates = pd.concat(
        [
            entries(
                form,
                candidate=0,
                income_source=_source(form["column_key"]),
                function_code=codes(form["row_key"]),
            ),
            entries(panel, candidate=1, income_source=_source(panel["row_key"]), function_code=""),
        ]
    )
    named = candidates[~candidates["income_source"].isin(TOTALS)]
    chosen = deepest(named, "function_code", "income_source")
    chosen["function_name"] = chosen["name"].where(chosen["function_code"] != "", "")
    return gather(chosen, ["income_source", "function_code"], texts=["function_name"])


def _source(keys: pd.Series) -> pd.Series:
    return keys.str.split(".").str[0]
