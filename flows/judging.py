"""A group of bodies from its kept readings to a part of the county: gathered, standardised and checked by itself."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from expectations.bureau_files import Line
from expectations.reconcile import catalogue, reconcile
from expectations.schema import arrow_table, tables
from flows.amendments import Amended, Amendments, correct_evidence, file_owners, mark_corrected
from flows.cache import Cache
from flows.checksums import checksum
from flows.environment import mute_errors
from flows.filereading import read_one
from flows.groups import Group
from flows.identity import program
from flows.parts import is_whole, write_part
from flows.surroundings import surroundings_of
from transforms.evidence import Evidence, gathered
from transforms.read import FileReading
from transforms.standard.documents import told_in_prose
from transforms.standardise import readable_bodies, standardise

TABLE = "table."
PLACE = ["file", "sheet", "cell"]
BODY_NAMES = ["fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name"]


@dataclass(frozen=True)
class Task:
    """All that the judging of a group depends on. `given`: readings that are not kept; `told`: files whose cells are wanted
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
    earlier_is: str

    @property
    def key(self) -> str:
        """The checksum of what the part says, as far as it can change."""
        identified, settings = self.group.identified, self.amendments.settings
        due = {str(day) for day in identified.bodies["due"] if day and day < self.as_of.isoformat()}
        return checksum(
            [
                [program(), str(self.year), str(self.has_roster), self.earlier_is, *sorted(self.told)],
                *([file.name, *file.members, file.sha256] for file in self.group.files),
                *(list(map(str, row)) for row in identified.bodies.itertuples(index=False)),
                *([*item] for item in sorted(identified.body_of_file.items())),
                *([*problem] for problem in identified.problems),
                *([line.file, str(line.number), *map("=".join, line.fields.items())] for line in self.lines),
                [settings.model_dump_json(), repr(self.amendments.codes), *sorted(due)],
            ]
        )


def judge_groups(tasks: Sequence[Task], store: Cache, folder: Path, workers: int) -> list[Path]:
    """The parts of all groups, in their order: those that are there already, the others judged.

    A single group is judged in this process, several in fresh ones: forking beside Prefect's threads may deadlock.
    """
    targets = [folder / task.key for task in tasks]
    wanted = [(task, target) for task, target in zip(tasks, targets, strict=True) if not is_whole(target)]
    if min(workers, len(wanted)) <= 1:
        for task, target in wanted:
            judge_group(task, store, target)
        return targets
    with ProcessPoolExecutor(
        min(workers, len(wanted)), mp_context=get_context("spawn"), initializer=mute_errors
    ) as pool:
        for done in [pool.submit(judge_group, task, store, target) for task, target in wanted]:
            done.result()
    return targets


def judge_group(task: Task, store: Cache, target: Path) -> None:
    """Judge a group and write its part. Raises InputError where a correction does not fit, PublicationError."""
    evidence = gathered(_readings(task, store), task.group.identified, task.year, has_roster=task.has_roster)
    told = evidence.cells[evidence.cells["file"].isin(task.told)]
    sizes, cells = _sizes(evidence, task.group), arrow_table(tables()["cells"], evidence.cells)
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
    write_part(target, frames, rows)


def _readings(task: Task, store: Cache) -> list[FileReading]:
    return [task.given.get(file.name) or store.get(file) or read_one(file) for file in task.group.files]


def _sizes(evidence: Evidence, group: Group) -> pd.DataFrame:
    """One row a file in the order of their names: how many blocks, facts and cells there are of it."""
    names = pd.Index([file.name for file in group.files], dtype=object)
    parts = {"blocks": evidence.blocks, "facts": evidence.facts, "cells": evidence.cells}
    counted = {
        name: frame["file"].value_counts().reindex(names, fill_value=0).to_numpy(dtype="int64")
        for name, frame in parts.items()
    }
    return pd.DataFrame({"file": names, **counted})


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
    return arrow_table(definition, facts)


def with_names(facts: pd.DataFrame, bodies: pd.DataFrame) -> pd.DataFrame:
    """Facts with year, scope, codes and names of their bodies; one row per fact as before."""
    body = pd.Index(bodies["body_id"]).get_indexer(pd.Index(facts["body_id"]))
    return facts.assign(
        **{name: pd.Categorical(bodies[name]).take(body, allow_fill=True) for name in BODY_NAMES}
    )
