"""What the page of the county holds, as one compact block: tables by column, each distinct text once.

Amounts are integers of 分. Rows of the standard tables carry their cells and the raw text read there, so that
the page leads from any figure to its cells without asking anything of anyone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from expectations.canon import forms as canonical_forms
from expectations.schema import Column, Table, allowed_values, tables, tables_of
from flows.published.changes_pages import BY_ITEM, compared_sentence, same_bodies
from flows.published.headline import Headline, headlines, in_doubt
from flows.published.notes import three_public_statement
from flows.published.official_order import in_official_order
from flows.published.readcells import AsRead, Numbers, Told, in_order_of_rows
from flows.published.release import Release
from flows.returned.told import place_in_order
from flows.running.parts import Rows
from flows.trace import Address
from transforms.consolidate import RECEIVED_AS
from transforms.government import as_government, codes_of_bodies, kinds_by_codes
from transforms.plans import stated_counts

BODY = ("scope", "department_code", "department_name", "unit_code", "unit_name")
READ = ("file", "sheet", "cell", "raw", "unit")
FACTS_AT_ONCE = 16_384
NO_CELL: Address = ("", "", "")
FIRST_TABLES = (
    "county_balance",
    "county_income",
    "county_expenditure",
    "county_expenditure_by_department",
    "county_expenditure_by_type",
    "county_expenditure_by_fund",
    "county_basic_expenditure",
    "county_basic_expenditure_government",
    "county_three_public",
    "county_three_public_by_department",
    "county_operating_costs",
    "county_procurement",
    "county_assets",
    "county_projects",
    "county_project_payments",
    "county_project_indicators",
    "eliminations",
)
# What names a row of a standard table beside the columns that county tables are keyed by.
NAMING: Mapping[str, tuple[str, ...]] = {
    "income": ("function_code", "function_name"),
    "procurement": ("project_name", "item_name"),
    "projects": ("project_code", "project_name", "purpose"),
    "project_payments": ("project_code", "project_name", "month", "percent"),
    "project_indicators": ("project_name", "level_3", "target"),
}
FINDING_COLUMNS = ("rule_id", "severity", "gate", "state", "file", "sheet", "cell", "message")


@dataclass(frozen=True)
class Sources:
    """The columns of a standard table behind county figures: the amount added up (blank: rows are counted), and others."""

    amount: str
    columns: tuple[str, ...]


Block = dict[str, Any]
# Per body, by its codes and names, the forms in which some figure is not zero.
Filled = dict[tuple[str, ...], set[str]]


def county_tables() -> list[Table]:
    """Every county table in the order in which the page offers them."""
    ranks = {name: rank for rank, name in enumerate(FIRST_TABLES)}
    return sorted(tables_of("county"), key=lambda table: ranks.get(table.name, len(ranks)))


@cache
def sources_of_county() -> Mapping[str, Sources]:
    """The standard tables that county tables are made of, with what the page needs of each."""
    made = [(name, table) for table in county_tables() for name in table.made_of]
    return {
        name: _sources_of(tables()[name], [table for source, table in made if source == name])
        for name in dict.fromkeys(name for name, _ in made)
    }


def _sources_of(source: Table, counties: Sequence[Table]) -> Sources:
    """Of the columns that county tables share with their source those that name a row or are added up."""
    added = [table.adds for table in counties if table.adds in source.column_names]
    shared = [name for table in counties for name in table.column_names if name in source.column_names]
    named = [*shared, *(name.replace("_code", "_name") for name in shared), *NAMING.get(source.name, ())]
    kept = [name for name in source.column_names if name in named and name not in ("fiscal_year", *BODY)]
    return Sources(added[0] if added else "", tuple(kept))


def page_data(release: Release) -> Block:
    """Everything the page shows, ready for JSON: years, bodies, county tables, their sources, findings.

    What gives the sources of each stands in their place: they are the most, and wanted one after the other.
    """
    bodies = _Bodies(release)
    rows = {name: _source_rows(name, release) for name in sources_of_county()}
    read = {name: AsRead(frame) for name, frame in rows.items()}
    filled = _told_by(release.facts, [*read.values()])
    return {
        "year": release.year,
        "statement": three_public_statement(release),
        "compared": _compared(release),
        "received_as": RECEIVED_AS,
        "forms": {name: form.title for name, form in canonical_forms().items()},
        "tables_by_name": {name: table.title for name, table in tables().items()},
        "files": {item["file"]: item["sha256"] for item in release.run.get("inputs", ())},
        "headlines": [_headline(each) for each in headlines(release)],
        "bodies": bodies.block(filled) | {"doubtful": bodies.those(in_doubt(release.findings))},
        "county": {table.name: _county_table(table, release.tables[table.name]) for table in county_tables()},
        "sources": {
            name: partial(_sources, name, frame, release.coverage, bodies, read[name])
            for name, frame in rows.items()
        },
        "findings": _findings(release.findings, bodies),
    }


def _compared(release: Release) -> Block:
    """Whether the year before counts the same bodies, and how people are told; nothing without a year before."""
    if release.tables[BY_ITEM].empty:
        return {"same": True, "sentence": ""}
    return {"same": same_bodies(release.tables), "sentence": compared_sentence(release.tables)}


def _headline(each: Headline) -> Block:
    return {
        "title": each.measure.title,
        "county": each.measure.county,
        "source": each.measure.source,
        "types": each.measure.types,
        "published": each.published,
        "withheld": each.withheld,
        "doubtful": each.doubtful,
        "provisional": each.provisional,
        "sentence": each.sentence(),
    }


class _Bodies:
    """The bodies of the coverage table in its order, and the place of each by its codes and names."""

    def __init__(self, release: Release) -> None:
        coverage = release.coverage.sort_values(
            ["department_code", "department_name", "unit_code", "unit_name", "scope"], kind="stable"
        )
        self.coverage = coverage.reset_index(drop=True)
        keys = _tuples(self.coverage, BODY)
        self.places = {key: i for i, key in enumerate(keys)}
        self.by_code = {(key[0], key[1], key[3]): i for key, i in self.places.items()}

    def of_rows(self, rows: pd.DataFrame) -> Numbers:
        """The place of the body of each row of a standard table."""
        number = rows.groupby([*BODY], sort=False, dropna=False, observed=True).ngroup().to_numpy()
        keys = _tuples(rows.iloc[np.unique(number, return_index=True)[1]], BODY)
        places = [self.places.get(key, self.by_code.get((key[0], key[1], key[3]), -1)) for key in keys]
        return np.array(places, dtype=np.int32)[number]

    def of_findings(self, findings: pd.DataFrame) -> list[int]:
        """The place of the body of each finding, -1 where it is of no one body."""
        keys = _tuples(findings, ("scope", "department_code", "unit_code"))
        return [self.by_code.get((scope, department, unit), -1) for scope, department, unit in keys]

    def those(self, chosen: Collection[tuple[str, ...]]) -> list[int]:
        """The places of bodies chosen by scope and codes."""
        return sorted(place for key, place in self.by_code.items() if key in chosen)

    def block(self, filled: Filled) -> Block:
        """The bodies, with the forms that each sent and those of them that it did not fill."""
        names = (*BODY, "kind", "due", "withheld_tables", "files")
        keys = _tuples(self.coverage, BODY)
        rows = self.coverage.to_dict("records")
        forms = [str(row["forms"] or "").split() for row in rows]
        nil = [sorted(set(sent) - filled.get(key, set())) for key, sent in zip(keys, forms, strict=True)]
        return {
            **{name: _texts(self.coverage[name]) for name in names},
            "forms": [" ".join(sent) for sent in forms],
            "nil": [" ".join(empty) for empty in nil],
            "state": [_state(row, sent, empty) for row, sent, empty in zip(rows, forms, nil, strict=True)],
        }


def _told_by(facts: Rows, read: Sequence[AsRead]) -> Filled:
    """Per body the forms in which some figure is not zero (the others it sent are empty); what was read in each cell is told."""
    filled: Filled = {}
    waiting: dict[Address, list[str]] = {}
    for frame in facts.frames([*BODY, "form", "amount", *READ], FACTS_AT_ONCE):
        some = frame[frame["amount"].fillna(0) != 0]
        for *key, form in _tuples(some[[*BODY, "form"]].drop_duplicates(), [*BODY, "form"]):
            filled.setdefault(tuple(key), set()).add(form)
        waiting |= {(file, sheet, cell): texts for file, sheet, cell, *texts in _tuples(frame, READ)}
        last = next(reversed(waiting), NO_CELL)[0]  # the next rows may be of the same file
        _tell(read, {address: texts for address, texts in waiting.items() if address[0] != last})
        waiting = {address: texts for address, texts in waiting.items() if address[0] == last}
    _tell(read, waiting)
    return filled


def _tell(read: Sequence[AsRead], told: Told) -> None:
    for each in read:
        each.tell(told)


def _state(row: Mapping[Any, Any], forms: Sequence[str], nil: Sequence[str]) -> str:
    """Where a body stands: missing, withheld, nil, partial (single tables withheld), counted or compared."""
    if not row["sent"]:
        return "missing" if row["missing"] else "unsent"
    if row["withheld"]:
        return "withheld"
    if forms and len(nil) == len(forms):
        return "nil"
    if not row["counted"]:
        return "compared"
    return "partial" if row["withheld_tables"] else "counted"


def _county_table(table: Table, frame: pd.DataFrame) -> Block:
    columns = [column for column in table.columns if column.name != "fiscal_year"]
    frame = in_official_order(frame, [table.column(name) for name in table.key])
    return {
        "title": table.title,
        "made_of": table.made_of,
        "key": [name for name in table.key if name != "fiscal_year"],
        "level": table.level_column,
        "columns": [_described(column) for column in columns],
        "rows": {column.name: _values(frame[column.name], column) for column in columns},
        "length": len(frame),
    }


def _described(column: Column) -> Block:
    labels = allowed_values(column)
    kind = "money" if column.type == "yuan" else "number" if column.type in ("integer", "number") else "text"
    return {
        "name": column.name,
        "title": column.title,
        "kind": kind,
        **({"labels": labels} if labels else {}),
        **({"unit": column.unit} if column.unit and kind == "number" else {}),
    }


def _source_rows(name: str, release: Release) -> pd.DataFrame:
    """The rows of a standard table that are published and withheld."""
    return pd.concat(
        [
            frames[name].assign(withheld=held)
            for frames, held in ((release.tables, 0), (release.withheld, 1))
            if name in frames and len(frames[name])
        ]
        or [release.tables[name].assign(withheld=0)],
        ignore_index=True,
    )


def _sources(name: str, frame: pd.DataFrame, coverage: pd.DataFrame, bodies: _Bodies, read: AsRead) -> Block:
    """The rows of a standard table with their cells and what was read there."""
    table, wanted = tables()[name], sources_of_county()[name]
    raw, unit = read.texts()
    return {
        "title": table.title,
        "length": len(frame),
        "columns": [_described(table.column(column)) for column in wanted.columns],
        "body": bodies.of_rows(frame),
        "withheld": frame["withheld"].to_numpy(),
        "amount": _values(frame[wanted.amount], table.column(wanted.amount)) if wanted.amount else None,
        "rows": {
            **{column: _values(frame[column], table.column(column)) for column in wanted.columns},
            **(_government(frame, coverage) if name == "basic_expenditure" else {}),
            **(_stated(frame) if name == "project_indicators" else {}),
        },
        "file": _texts(frame["source_file"]),
        "sheet": _texts(frame["source_sheet"]),
        "cell": _texts(frame["source_cell"]),
        "derivation": _texts(frame["derivation"]),
        "raw": raw,
        "unit": unit,
    }


def _government(rows: pd.DataFrame, coverage: pd.DataFrame) -> Block:
    """The government's code of each row of basic expenditure, by which it is found under the county's figures."""
    mapped = as_government(rows.assign(body_id=codes_of_bodies(rows)), kinds_by_codes(coverage))
    return {"government_code": _texts(mapped["economic_code"]), "mapping": _texts(mapped["mapping"])}


def _stated(indicators: pd.DataFrame) -> Block:
    """What each indicator adds to the county's counts, under their names."""
    return {name: counts.to_numpy() for name, counts in stated_counts(indicators).items()}


def _findings(findings: pd.DataFrame, bodies: _Bodies) -> Block:
    """The findings in the order of their places."""
    places_of = findings[["file", "sheet", "cell"]].fillna("").itertuples(index=False, name=None)
    place = pd.Series([place_in_order(*each) for each in places_of], index=findings.index, dtype=object)
    findings = findings.assign(place=place).sort_values(["place", "finding_id"], kind="stable")
    places = bodies.of_findings(findings)
    order = {finding: i for i, finding in enumerate(findings["finding_id"])}
    labels = {
        name: allowed_values(tables()["findings"].column(name)) for name in ("severity", "gate", "state")
    }
    return {
        **{name: _texts(findings[name]) for name in FINDING_COLUMNS},
        "body": places,
        "root": [order.get(root, -1) for root in findings["root_finding_id"]],
        "labels": labels,
    }


def _values(values: pd.Series, column: Column) -> Any:
    """A column as the page holds it: texts once each, amounts as integers, unknown as null."""
    if column.type == "string":
        return _texts(values)
    return [None if pd.isna(value) else _number(value) for value in values.tolist()]


def _number(value: Any) -> int | float:
    return int(value) if float(value).is_integer() else float(value)


def _texts(values: pd.Series) -> Block:
    """Distinct texts in the order they come, and which of them each row has; unknown is the empty text."""
    if isinstance(values.dtype, pd.CategoricalDtype) and not values.hasnans:
        return in_order_of_rows(values.cat.categories, values.cat.codes.to_numpy())
    places, distinct = pd.factorize(values.astype(object).fillna("").astype(str))
    return {"d": [str(text) for text in distinct], "i": places.astype(np.int32)}


def _tuples(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The rows of some columns as texts, unknown as the empty text."""
    return zip(*(frame[name].astype(object).fillna("").astype(str).tolist() for name in columns), strict=True)
