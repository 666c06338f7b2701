"""The county's headline figures: what is published, what is withheld beside it, and the provisional total.

The run's summary, the notes of the workbook and the page say the same figures in the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from expectations.headlines import Measure, measures
from expectations.saying import Messages
from expectations.schema import tables
from flows.published.release import Release

say = Messages(__file__)


@dataclass(frozen=True)
class Headline:
    """A measure in 分: `published` is net of eliminations; `withheld` is as the bodies sent it, nothing eliminated."""

    measure: Measure
    published: int
    withheld: int

    @property
    def provisional(self) -> int:
        """Published and withheld together."""
        return self.published + self.withheld

    def sentence(self) -> str:
        """The figures in the words of the budget office."""
        published = in_wan(self.published)
        if not self.withheld:
            return say("all_published", published=published)
        withheld, provisional = in_wan(self.withheld), in_wan(self.provisional)
        return say("with_withheld", published=published, withheld=withheld, provisional=provisional)


def headlines(release: Release) -> tuple[Headline, ...]:
    """Every headline of a release."""
    return tuple(
        Headline(
            measure,
            _sum(release.tables, measure.county, "net_yuan", measure.types),
            _sum(release.withheld, measure.source, tables()[measure.county].adds, measure.types),
        )
        for measure in measures()
    )


def _sum(frames: Mapping[str, pd.DataFrame], table: str, amount: str, types: tuple[str, ...]) -> int:
    if table not in frames:
        return 0
    rows = frames[table]
    return int((rows[rows["spending_type"].isin(types)] if types else rows)[amount].sum())


def in_wan(fen: int) -> str:
    """An amount of 分 in 万元 with two decimals, half away from zero.

    >>> in_wan(119292000000), in_wan(-5000), in_wan(4999)
    ('119,292.00', '-0.01', '0.00')
    """
    hundredths = (abs(fen) + 5_000) // 10_000
    sign = "-" if fen < 0 and hundredths else ""
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}"
