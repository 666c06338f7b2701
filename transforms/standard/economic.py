"""Tables `basic_expenditure` and `operating_costs`: figures by department economic code."""

import numpy as np
import pandas as pd

from transforms.standard.figures import codes, entries, leaves
from transforms.standard.rows import gather

# 工资福利支出 and 对个人和家庭的补助 are personnel, all other classes operating (domain.md, section 4).
PERSONNEL_CLASSES = ("301", "303")
BASIC_FORMS = ("basic_by_economic", "appropriation_basic_by_economic")


def basic_expenditure(facts: pd.DataFrame) -> pd.DataFrame:
    """Basic expenditure by economic code, split as the form's own columns or, without them, by class.

    A total without code and column, all that an empty form prints, cannot be a row.
    """
    first, second = (basic_entries(facts, form) for form in BASIC_FORMS)
    chosen = pd.concat([first, second[~second["body_id"].isin(first["body_id"])]])
    chosen = chosen[chosen["spending_type"] != ""]
    return gather(chosen, ["economic_code", "spending_type"], texts=["economic_name"])


def basic_entries(facts: pd.DataFrame, form: str) -> pd.DataFrame:
    """A form's leaves by `economic_code` and `spending_type`; `derived` where the class decides the type."""
    cells = leaves(facts, form)
    code = codes(cells["row_key"])
    by_class = np.where(code.str[:3].isin(PERSONNEL_CLASSES), "basic_personnel", "basic_operating")
    unsplit = cells["column_key"] == "total"
    found = entries(
        cells,
        economic_code=code,
        spending_type=cells["column_key"].where(~unsplit, np.where(code != "", by_class, "")),
    )
    found["derivation"] = found["derivation"].where(~unsplit, "derived")
    return _with_economic_name(found)


def operating_costs(facts: pd.DataFrame) -> pd.DataFrame:
    """Operating costs by economic code; with a blank code where only another form prints their total."""
    own = leaves(facts, "operating_costs")
    beside = leaves(facts, "three_public")
    beside = beside[(beside["column_key"] == "operating_costs") & ~beside["body_id"].isin(own["body_id"])]
    found = pd.concat([entries(own, economic_code=codes(own["row_key"])), entries(beside, economic_code="")])
    return gather(_with_economic_name(found), ["economic_code"], texts=["economic_name"])


def _with_economic_name(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(economic_name=found["name"].where(found["economic_code"] != "", ""))
