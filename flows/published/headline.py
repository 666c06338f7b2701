"""The county's headline figures: what is counted, what is withheld beside it, and the provisional total.

The run's summary, the notes of the workbook and the page say the same figures in the same words.
"""

from dataclasses import dataclass

import pandas as pd

from expectations.headlines import Measure, measures
from expectations.saying import Messages
from expectations.schema import tables
from flows.published.release import Release

say = Messages(__file__)

BODY = ["scope", "department_code", "unit_code"]
# Rules by which a body's amounts may be of another magnitude than they seem: no total is made with those.
MAGNITUDE_IN_DOUBT = ("CEL-09", "SUB-20")

Bodies = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Headline:
    """A measure in 分: `published` is net of eliminations; `withheld` is as the bodies sent it, nothing eliminated.

    `doubtful`: how many withheld bodies are left out of `withheld`, as the magnitude of their amounts is in doubt.
    """

    measure: Measure
    published: int
    withheld: int
    doubtful: int = 0

    @property
    def provisional(self) -> int:
        """Published and withheld together."""
        return self.published + self.withheld

    def sentence(self) -> str:
        """The figures in the words of the budget office."""
        published = in_wan(self.published)
        if not self.withheld:
            key = "only_doubtful" if self.doubtful else "all_published"
            return say(key, published=published, count=self.doubtful)
        withheld, provisional = in_wan(self.withheld), in_wan(self.provisional)
        without = say("without_doubtful", count=self.doubtful) if self.doubtful else ""
        return say(
            "with_withheld", published=published, withheld=withheld, provisional=provisional, without=without
        )


def headlines(release: Release) -> tuple[Headline, ...]:
    """Every headline of a release."""
    doubted = in_doubt(release.findings)
    return tuple(_headline(measure, release, doubted) for measure in measures())


def _headline(measure: Measure, release: Release, doubted: Bodies) -> Headline:
    amount = tables()[measure.county].adds
    published = _of_types(release.tables.get(measure.county), measure.types)
    withheld = _of_types(release.withheld.get(measure.source), measure.types)
    bodies = _bodies(withheld)
    doubtful = bodies.isin(doubted)
    return Headline(
        measure,
        int(published["net_yuan"].sum()) if len(published) else 0,
        int(withheld.loc[~doubtful, amount].sum()) if len(withheld) else 0,
        bodies[doubtful].nunique(),
    )


def in_doubt(findings: pd.DataFrame) -> Bodies:
    """The bodies (scope, department code, unit code) with an open finding that their amounts may be of another magnitude."""
    doubting = findings["rule_id"].isin(MAGNITUDE_IN_DOUBT) & (findings["state"] == "open")
    return frozenset(_bodies(findings[doubting]))


def _bodies(rows: pd.DataFrame) -> pd.Series:
    """The body of each row by its codes."""
    keys = [rows[name].astype(object).fillna("").astype(str) for name in BODY] if len(rows) else []
    return pd.Series([*zip(*keys, strict=True)], index=rows.index if keys else None, dtype=object)


def _of_types(rows: pd.DataFrame | None, types: tuple[str, ...]) -> pd.DataFrame:
    """The rows of some spending types, all where none are given."""
    if rows is None:
        return pd.DataFrame()
    return rows[rows["spending_type"].isin(types)] if types else rows


def in_wan(fen: int) -> str:
    """An amount of 分 in 万元 with two decimals, half away from zero.

    >>> in_wan(119292000000), in_wan(-5000), in_wan(4999)
    ('119,292.00', '-0.01', '0.00')
    """
    hundredths = (abs(fen) + 5_000) // 10_000
    sign = "-" if fen < 0 and hundredths else ""
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}"
