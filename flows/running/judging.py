"""A group of bodies from its kept readings to a part of the county: gathered, standardised and checked by itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from expectations.arrow import coded_table
from expectations.bureau_files import Line
from expectations.errors import DefinitionError
from expectations.reconcile import catalogue, reconcile
from expectations.schema import tables
from flows.amendments import Amended, Amendments, correct_evidence, file_owners, mark_corrected
from flows.running.cache import Cache
from flows.running.filereading import read_one
from flows.running.groups import Group, departments_of
from flows.running.parts import DEPARTMENT, write_part
from flows.running.processes import furnished_pool
from flows.running.surroundings import surroundings_of
from transforms.bodies import Identified
from transforms.evidence import Evidence, gathered
from transforms.read import FileReading
from transforms.standard.documents import told_in_prose
from transforms.standardise import readable_bodies, standardise

TABLE = "table."
PLACE = ["file", "sheet", "cell"]
BODY_NAMES = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]


@dataclass(frozen=True)
class Task:
    """All that the judging of a group needs. `given`: readings that are not kept; `told`: files whose cells are wanted
    beside the part; `lines`: the corrections of its bodies; `earlier`: what the year before published of its bodies."""

    year: int
    group: Group
    has_roster: bool
    given: Mapping[str, FileReading]
    told: frozenset[str]
    lines: tuple[Line, ...]
    amendments: Amendments
    as_of: date
    earlier: Mapping[str, pd.DataFrame] | None


@contextmanager
def judging(
    wanted: Sequence[tuple[Task, Mapping[str, str]]], store: Cache, folder: Path, workers: int
) -> Iterator[Iterator[Path]]:
    """The parts of groups that are to be judged, in their order, each as soon as it is there: they are judged in processes
    beside this one. `wanted`: with the keys of their departments."""
    if not wanted:
        yield iter(())
        return
    with furnished_pool(min(workers, len(wanted))) as judges:
        yield judges.map(judge_group, *zip(*wanted, strict=True), repeat(store), repeat(folder))


def judge_group(task: Task, keys: Mapping[str, str], store: Cache, folder: Path) -> Path:
    """Judge a group and write its part below a folder. Raises InputError where a correction does not fit, PublicationError."""
    evidence = gathered(_readings(task, store), task.group.identified, task.year, has_roster=task.has_roster)
    told = evidence.cells[evidence.cells["file"].isin(task.told)]
    sizes, cells = _sizes(evidence, task.group), coded_table(tables()["cells"], evidence.cells)
    amended = correct_evidence(replace(evidence, cells=evidence.cells.iloc[:0]), task.lines)
    evidence = amended.evidence
    standard = mark_corrected(standardise(evidence), amended.places)
    beside = surroundings_of(task.amendments, task.as_of, standard, task.earlier)
    checks = reconcile(evidence, [rule for rule in catalogue() if rule.reach == "tree"], beside)
    owners = file_owners(evidence)
    frames = {
        "files": sizes.assign(body_id=[owners.get(file, "") for file in sizes["file"]]),
        "blocks": evidence.blocks[["body_id", "file", "form"]],
        "sentences": evidence.sentences,
        "outcomes": checks.outcomes,
        "findings": checks.findings,
        "corrections": amended.findings,
        "readable": pd.DataFrame({"body_id": sorted(readable_bodies(evidence.facts))}, dtype=object),
        "prose": _prose(standard, evidence.facts),
        "units": _units(amended, checks.findings),
        "told": told,
        **{f"{TABLE}{name}": frame for name, frame in standard.items()},
    }
    rows = {
        "cells": _by_file(cells, sizes["cells"]),
        "facts": _by_file(_facts(evidence, sizes), sizes["facts"]),
    }
    whose = _Whose(task.group.identified)
    return write_part(folder, keys, {name: whose.marked(frame) for name, frame in frames.items()}, rows)


class _Whose:
    """The department of each row, by its body or its file."""

    def __init__(self, identified: Identified) -> None:
        self._of_body = departments_of(identified.bodies)
        self._of_file = {file: self._of_body[body] for file, body in identified.body_of_file.items()}

    def marked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows with their department. Raises DefinitionError for a row that speaks of no body and no file."""
        named = [
            frame[name].map(known)
            for name, known in (("body_id", self._of_body), ("file", self._of_file))
            if name in frame
        ]
        department = named[0] if len(named) == 1 else named[0].fillna(named[1])
        if department.isna().any():
            raise DefinitionError(f"of no body and no file: {frame[department.isna()].iloc[0].to_dict()}")
        return frame.assign(**{DEPARTMENT: pd.Categorical(department)})


def _readings(task: Task, store: Cache) -> list[FileReading]:
    return [task.given.get(file.name) or store.get(file) or read_one(file) for file in task.group.files]


def _sizes(evidence: Evidence, group: Group) -> pd.DataFrame:
    """One row a file in the order of their names: its place, and how many blocks, facts and cells there are of it."""
    names = pd.Index([file.name for file in group.files], dtype=object)
    parts = {"blocks": evidence.blocks, "facts": evidence.facts, "cells": evidence.cells}
    counted = {
        name: frame["file"].value_counts().reindex(names, fill_value=0).to_numpy(dtype="int64")
        for name, frame in parts.items()
    }
    return pd.DataFrame({"file": names, "batch": np.arange(len(names)), **counted})


def _by_file(rows: pa.Table, sizes: pd.Series) -> list[pa.Table]:
    """Rows in the order of their files, parted by file."""
    return [rows.slice(start, size) for start, size in zip(np.cumsum(sizes) - sizes, sizes, strict=True)]


def _prose(standard: Mapping[str, pd.DataFrame], facts: pd.DataFrame) -> pd.DataFrame:
    """The tables that bodies fill from the text of a document."""
    return pd.DataFrame(sorted(told_in_prose(standard, facts)), columns=["body_id", "table"], dtype=object)


def _units(amended: Amended, findings: pd.DataFrame) -> pd.DataFrame:
    """The unit in which each cell that a finding names first states its figure."""
    named = pd.concat([findings[PLACE], amended.findings[PLACE]])
    named = named.assign(cell=named["cell"].str.split(" ").str[0]).drop_duplicates()
    facts = amended.evidence.facts
    facts = facts[facts["file"].isin(named["file"])]
    wanted = pd.MultiIndex.from_frame(facts[PLACE]).isin(pd.MultiIndex.from_frame(named))
    return facts.loc[wanted, [*PLACE, "unit"]].drop_duplicates(PLACE)


def _facts(evidence: Evidence, sizes: pd.DataFrame) -> pa.Table:
    """The facts as they are published, their numbers and those of their blocks counting within each file."""
    facts, counts = evidence.facts, sizes["facts"]
    first, first_block = (
        np.repeat((np.cumsum(sizes[name]) - sizes[name]).to_numpy(), counts) for name in ("facts", "blocks")
    )
    moved = {name: facts[name] - first for name in ("fact_id", "row_parent", "column_parent")}
    moved["block_id"] = facts["block_id"] - first_block
    return _published(with_names(facts, evidence.bodies).assign(**moved))


def _published(facts: pd.DataFrame) -> pa.Table:
    """The facts in their order as their table is defined; numbers within a file repeat and are no key yet."""
    definition = tables()["facts"].model_copy(update={"key": ()})
    return coded_table(definition, facts)


def with_names(facts: pd.DataFrame, bodies: pd.DataFrame) -> pd.DataFrame:
    """Facts with year, scope, codes and names of their bodies; one row per fact as before."""
    body = pd.Index(bodies["body_id"]).get_indexer(pd.Index(facts["body_id"]))
    return facts.assign(
        **{name: pd.Categorical(bodies[name]).take(body, allow_fill=True) for name in BODY_NAMES}
    )
