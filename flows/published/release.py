"""One year's release: everything that is published together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from expectations.bureau_codes import Own
from expectations.catalogue import catalogue_frame
from expectations.reconcile import catalogue
from flows.returned.drawing import Notice
from flows.running.parts import Rows

Frames = Mapping[str, pd.DataFrame]
# How a run ends, as its exit code and as `exit_code` of run.json.
PUBLISHED, WITH_BODIES_WITHHELD, NOTHING_PUBLISHED = 0, 1, 3


@dataclass(frozen=True)
class Release:
    """All that is published of one year; frames hold the columns of their definitions, amounts in 分.

    `tables`: published standard and county tables. `other_scope`, `withheld`: standard tables.
    `cells` and `facts` are where they were judged, file by file. `run` is what `run.json` says of inputs, versions and counts.
    `notices`: what goes back to each faulty body. `bureau_codes`: the bureau's own code lists.
    """

    year: int
    tables: Frames
    other_scope: Frames
    withheld: Frames
    findings: pd.DataFrame
    outcomes: pd.DataFrame
    coverage: pd.DataFrame
    cells: Rows
    facts: Rows
    run: Mapping[str, Any]
    notices: tuple[Notice, ...] = ()
    bureau_codes: Own = field(default_factory=dict)

    @property
    def quality(self) -> dict[str, pd.DataFrame]:
        """The tables that tell how far the figures can be trusted."""
        return {
            "findings": self.findings,
            "outcomes": self.outcomes,
            "coverage": self.coverage,
            "rules": catalogue_frame(catalogue()),
        }
