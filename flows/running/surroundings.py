"""What the rules know beside the evidence of a run."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from expectations.surroundings import Surroundings
from flows.amendments import Amendments

Frames = Mapping[str, pd.DataFrame]


def surroundings_of(
    amendments: Amendments, as_of: date, tables: Frames | None, earlier: Frames | None
) -> Surroundings:
    """`tables`: this year's standard tables; `earlier`: all of the year before, None where there is no release of it."""
    return Surroundings(
        thresholds=amendments.settings.thresholds,
        received=amendments.settings.received,
        codes=amendments.codes,
        as_of=as_of,
        standard=tables,
        earlier=earlier,
    )
