"""What rules know beside the evidence of a year: the bureau's thresholds, the day, last year's figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from expectations.bureau_codes import Own
from expectations.settings import Thresholds


@dataclass(frozen=True)
class Surroundings:
    """`thresholds`: as the bureau sets them. `received`: by code of a body the day its material came in.

    `as_of`: the day on which is judged who is late; None where that is not asked.
    `standard`: this year's standard tables; `earlier`: those of the release of the year before, None where there is none.
    `codes`: the bureau's own code lists.
    Rules see them as `this_<table>` and `earlier_<table>`, amounts in 分.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    received: Mapping[str, date] = field(default_factory=dict)
    as_of: date | None = None
    standard: Mapping[str, pd.DataFrame] | None = None
    earlier: Mapping[str, pd.DataFrame] | None = None
    codes: Own = field(default_factory=dict)


NOTHING_BESIDE = Surroundings()
