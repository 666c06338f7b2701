"""The gate: which rows are published, which are of the scope that is not counted, which are withheld."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from expectations.definitions import with_referring
from expectations.saying import Messages
from expectations.schema import tables

say = Messages(__file__)

Tables = Mapping[str, pd.DataFrame]

KEY_TABLES = ("income", "expenditure", "expenditure_by_type")
OUTCOME_SUITES = ("outcomes", "outcomes_of_published_bodies")
CONTRACT_RULE = "CONTRACT"


@dataclass(frozen=True)
class Held:
    """Standard tables parted by the gate; every row of the input is in exactly one of the three."""

    published: dict[str, pd.DataFrame]
    other_scope: dict[str, pd.DataFrame]
    withheld: dict[str, pd.DataFrame]


def hold_back(
    tables: Tables,
    counted: pd.Series,
    withheld: Collection[str],
    withheld_tables: Collection[tuple[str, str]],
) -> Held:
    """Part the standard tables by body.

    `counted`: body_id -> bool, the scope that counts. `withheld`: bodies held back whole.
    `withheld_tables`: (body_id, table) held back from one table only, and from those that refer to it.
    """
    not_counted = set(counted.index[~counted.astype(bool)])
    parted = Held({}, {}, {})
    for name, frame in tables.items():
        held_bodies = set(withheld) | {
            body for body, table in withheld_tables if name in with_referring([table])
        }
        other = frame["body_id"].isin(not_counted)
        held = ~other & frame["body_id"].isin(held_bodies)
        parted.other_scope[name] = frame[other]
        parted.withheld[name] = frame[held]
        parted.published[name] = frame[~other & ~held]
    return parted


def withhold_everything(held: Held) -> Held:
    """Nothing is published: what would have been is withheld too."""
    withheld = {name: pd.concat([held.withheld[name], frame]) for name, frame in held.published.items()}
    return replace(held, published=emptied(held.published), withheld=withheld)


def withhold_tables(held: Held, closed: Collection[str]) -> Held:
    """Publish no row of the closed tables, nor of those that refer to them; their rows are withheld."""
    published, withheld = dict(held.published), dict(held.withheld)
    for name in with_referring(closed) & published.keys():
        withheld[name] = pd.concat([withheld[name], published[name]])
        published[name] = published[name].iloc[:0]
    return replace(held, published=published, withheld=withheld)


def without_closed(county: Tables, closed: Collection[str]) -> dict[str, pd.DataFrame]:
    """County tables with no rows where the table itself, or a standard table it is made of, is closed."""
    return {
        name: frame.iloc[:0] if {name, *tables()[name].made_of} & with_referring(closed) else frame
        for name, frame in county.items()
    }


def emptied(tables: Tables) -> dict[str, pd.DataFrame]:
    """The same tables without rows."""
    return {name: frame.iloc[:0] for name, frame in tables.items()}


def broken_contracts(validation: pd.DataFrame) -> pd.DataFrame:
    """Expectations that close the gate: those of critical severity that do not hold."""
    return validation[(validation["severity"] == "critical") & ~validation["success"].astype(bool)]


def nothing_publishable(published: Tables, closed: Collection[str]) -> bool:
    """True when no figure is left to publish, or the tables that everything else rests on are closed."""
    if set(closed) & {*OUTCOME_SUITES, *KEY_TABLES, "county_balance"}:
        return True
    return all(published[name].empty for name in KEY_TABLES)


def contract_findings(broken: pd.DataFrame) -> pd.DataFrame:
    """One finding for each expectation that closed a table."""
    rows = [
        {
            "finding_id": f"{CONTRACT_RULE}-{number:04d}",
            "rule_id": CONTRACT_RULE,
            "severity": "error",
            "gate": "table",
            "state": "open",
            "found": str(row.unexpected),
            "message": say(
                "table_held",
                table=row.table,
                column=row.column,
                expectation=row.expectation,
                detail=row.detail,
            ),
        }
        for number, row in enumerate(broken.itertuples(index=False), start=1)
    ]
    return pd.DataFrame(rows, dtype=object)
