"""Tables `three_public` and `meetings_and_training`, which some provinces print on one form."""

import pandas as pd

from expectations.schema import allowed_values, tables
from transforms.standard.figures import entries, leaves
from transforms.standard.rows import gather


def three_public(facts: pd.DataFrame) -> pd.DataFrame:
    """The items of 三公经费 this year and, where printed, last year; an item not printed has no row.

    `vehicles` is an item only where purchase and operation are not split: elsewhere it is a printed total.
    """
    found = pd.concat([_items(facts, "three_public", "amount"), _items(facts, "three_public", "previous")])
    return gather(found, ["item"], values=["amount_yuan", "previous_yuan"])


def meetings_and_training(facts: pd.DataFrame) -> pd.DataFrame:
    """Meetings and training, where the form prints them."""
    return gather(_items(facts, "meetings_and_training", "amount"), ["item"])


def _items(facts: pd.DataFrame, table: str, measure: str) -> pd.DataFrame:
    cells = leaves(facts, "three_public", measure=measure)
    cells = cells[cells["column_key"].isin(list(allowed_values(tables()[table].column("item"))))]
    found = entries(cells, item=cells["column_key"])
    if measure == "previous":
        found = found.rename(columns={"amount_yuan": "previous_yuan"})
    return found
