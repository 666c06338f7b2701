"""Facts become standard tables: leaves only, every body at its own scope, each figure with its cells."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from expectations import codes
from expectations.schema import tables_of
from transforms.roster import ROSTER
from transforms.standard.documents import DOCUMENT, facts_as_of_forms, filled_up, labels_as_of_forms
from transforms.standard.economic import basic_expenditure, operating_costs
from transforms.standard.figures import CHOSEN_BY, copied_blocks, parents_apart, quickly_chosen
from transforms.standard.income import income
from transforms.standard.narrative import (
    changes_on_year,
    departments,
    glossary,
    performance_goals,
    project_targets,
)
from transforms.standard.positions import assets, procurement
from transforms.standard.projects import project_indicators, project_payments, projects
from transforms.standard.rows import empty, shaped
from transforms.standard.spending import (
    expenditure,
    expenditure_by_type,
    expenditure_entries,
    whole_candidates,
)
from transforms.standard.three_public import meetings_and_training, three_public

if TYPE_CHECKING:
    from transforms.evidence import Evidence

NO_BLOCKS = pd.DataFrame({"body_id": [], "form": []}, dtype=object)
FUNCTIONAL_TABLES = ("income", "expenditure")
ECONOMIC_TABLES = ("basic_expenditure", "operating_costs")


def standardise(evidence: "Evidence") -> dict[str, pd.DataFrame]:
    """Every standard table by name, columns as defined with `body_id` last, amounts in 分.

    All bodies are in the tables, departments beside their units: `counted_scope` says which of them count.
    What a body's forms do not fill is filled from its disclosure document.
    """
    rows = _rows(evidence)
    names = _names(evidence.year)
    return {
        table.name: shaped(table.name, rows[table.name], evidence.bodies, names.get(table.name))
        if table.name in rows
        else empty(table.name)
        for table in tables_of("standard")
    }


def _rows(evidence: "Evidence") -> dict[str, pd.DataFrame]:
    facts, labels = quickly_chosen(evidence.facts), evidence.labels
    copies = copied_blocks(facts, labels)
    facts, labels = (frame[~frame["block_id"].isin(copies)] for frame in (facts, labels))
    facts = facts.drop(parents_apart(facts))
    stated, said = (frame[frame["form"] == DOCUMENT] for frame in (facts, labels))
    stated = stated.astype(dict.fromkeys(CHOSEN_BY, object))
    return filled_up(_rows_of_forms(facts, labels, evidence.blocks), _rows_told(stated, said)) | {
        "projects": projects(facts, labels),
        "project_payments": project_payments(facts, labels),
        "project_indicators": project_indicators(labels),
        "departments": departments(evidence.bodies, said, ROSTER),
        **_rows_of_documents(stated, said),
    }


def _rows_of_documents(stated: pd.DataFrame, said: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables that only documents fill; none where there are no documents."""
    if stated.empty and said.empty:
        return {}
    return {
        "project_targets": project_targets(stated),
        "performance_goals": performance_goals(said),
        "glossary": glossary(said),
        "changes_on_year": changes_on_year(stated, said),
    }


def _rows_told(stated: pd.DataFrame, said: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the documents state, as if it stood in forms; nothing where there are none."""
    if stated.empty:
        return {}
    return _rows_of_forms(facts_as_of_forms(stated), labels_as_of_forms(stated, said), NO_BLOCKS)


def _rows_of_forms(
    facts: pd.DataFrame, labels: pd.DataFrame, blocks: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    whole = whole_candidates(facts)
    crossed = expenditure_entries(facts, whole, blocks)
    return {
        "income": income(facts),
        "expenditure": expenditure(crossed),
        "expenditure_by_type": expenditure_by_type(facts, whole, crossed),
        "basic_expenditure": basic_expenditure(facts),
        "three_public": three_public(facts),
        "meetings_and_training": meetings_and_training(facts),
        "operating_costs": operating_costs(facts),
        "procurement": procurement(facts, labels),
        "assets": assets(facts, labels),
    }


def _names(year: int) -> Mapping[str, Mapping[str, str]]:
    functional = dict.fromkeys(FUNCTIONAL_TABLES, codes.functional(year))
    return functional | dict.fromkeys(ECONOMIC_TABLES, codes.dept_economic(year))


def readable_bodies(facts: pd.DataFrame) -> frozenset[str]:
    """The bodies of which at least one figure was read."""
    return frozenset(facts.loc[facts["raw"] != "", "body_id"])


def counted_scope(bodies: pd.DataFrame, outcomes: pd.DataFrame, readable: frozenset[str]) -> pd.Series:
    """Which bodies count in the county's figures, as truth by `body_id`; one that sent nothing does not.

    A department's units count instead of it where it agrees with their sum (X-15) or sent nothing readable itself;
    otherwise the department's own workbook counts and its units do not.
    """
    sent = bodies.set_index("body_id")["sent"].astype(bool) & bodies["body_id"].isin(readable).to_numpy()
    agreed = outcomes.loc[
        (outcomes["rule_id"] == "X-15") & outcomes["outcome"].isin(["agrees", "rounding"]), "body_id"
    ]
    superior = bodies.set_index("body_id")["parent_id"]
    by_units = sent.index.isin(agreed) & sent.index.isin(superior[sent])
    superior_counts = superior.isin(sent.index[sent & ~by_units])
    return (sent & ~by_units & ~superior_counts).rename("counted")
