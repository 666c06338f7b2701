"""The readings of a year's files joined into one evidence, whose frames everything after reading works on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd

from transforms.bodies import Identified, identify_bodies
from transforms.claims import said_of
from transforms.frames import Shifts, frame, joined, repeated
from transforms.joining import Together, cells_together, facts_together, labels_together, words
from transforms.read import FileReading
from transforms.recorded import (
    BLOCKS,
    CELLS,
    FACTS,
    LABELS,
    PROBLEMS,
    SENTENCES,
    Columns,
    add_records,
    empty_columns,
)
from transforms.submissions import Inputs
from transforms.tables.yields import Problem


@dataclass(frozen=True)
class Evidence:
    """All that the year's files say: bodies, blocks, facts, labels, cells, problems, sentences (docs/architecture.md)."""

    year: int
    bodies: pd.DataFrame
    blocks: pd.DataFrame
    facts: pd.DataFrame
    labels: pd.DataFrame
    cells: pd.DataFrame
    problems: pd.DataFrame
    sentences: pd.DataFrame
    has_roster: bool


def assemble(readings: Sequence[FileReading], inputs: Inputs) -> Evidence:
    """All readings as one evidence, each file's body found by what all of them say."""
    identified = identify_bodies({reading.file: said_of(reading) for reading in readings}, inputs)
    return gathered(readings, identified, inputs.year, has_roster=inputs.roster is not None)


def gathered(
    readings: Sequence[FileReading],
    identified: Identified,
    year: int,
    *,
    has_roster: bool,
) -> Evidence:
    """Readings as one evidence; ids made unique over files in the order of their names, each record given its body."""
    ordered = sorted(readings, key=lambda reading: reading.file)
    owners = [identified.body_of_file.get(reading.file, "") for reading in ordered]
    ordered = _none_twice(ordered, owners)
    placing = _problems_of_placing(identified)
    blocks = _starts(len(reading.blocks) for reading in ordered)
    facts = _starts(map(_count_of_facts, ordered))
    shifts = {"block_id": blocks, "fact_id": facts, "row_parent": facts, "column_parent": facts}
    records = [
        record | {"body_id": owner, "block_id": record["block_id"] + start}
        for reading, owner, start in zip(ordered, owners, blocks, strict=True)
        for record in reading.blocks
    ]
    return Evidence(
        year,
        identified.bodies,
        frame(records, BLOCKS),
        _spread(ordered, "facts", FACTS, owners, shifts),
        _spread(ordered, "labels", LABELS, owners, shifts),
        _spread(ordered, "cells", CELLS, owners, shifts),
        joined(
            [*(reading.problems for reading in ordered), *(columns for columns, _ in placing)],
            PROBLEMS,
            [*owners, *(owner for _, owner in placing)],
            shifts,
        ),
        joined([reading.sentences for reading in ordered], SENTENCES, owners, shifts),
        has_roster,
    )


def _none_twice(readings: list[FileReading], owners: Sequence[str]) -> list[FileReading]:
    """The readings, of which none takes from a comparison with the year before what another file of its body has."""
    if not any(reading.otherwise for reading in readings):
        return readings
    sent: dict[tuple[str, str], set[str]] = {}
    for reading, owner in zip(readings, owners, strict=True):
        for block in reading.blocks:
            sent.setdefault((owner, block["form"]), set()).add(reading.file)
    return [
        reading.otherwise[0]
        if any(block.get("compares") and len(sent[owner, block["form"]]) > 1 for block in reading.blocks)
        else reading
        for reading, owner in zip(readings, owners, strict=True)
    ]


_SPREAD: Mapping[str, Callable[[Sequence[FileReading]], Together]] = {
    "facts": lambda readings: facts_together([reading.figures for reading in readings]),
    "labels": lambda readings: labels_together([reading.texts for reading in readings]),
    "cells": lambda readings: cells_together([reading.ledger for reading in readings]),
}


def _count_of_facts(reading: FileReading) -> int:
    return len(reading.facts["fact_id"]) if "facts" in vars(reading) else len(reading.figures)


def _spread(
    readings: Sequence[FileReading],
    name: str,
    columns: Mapping[str, str],
    owners: Sequence[str],
    shifts: Shifts,
) -> pd.DataFrame:
    """The records of a name of all files as one frame: those written out already (of documents) as they are, all others
    together."""
    written = [n for n, reading in enumerate(readings) if name in vars(reading)]
    kept = [n for n, reading in enumerate(readings) if name not in vars(reading)]
    found, sizes = _SPREAD[name]([readings[n] for n in kept])
    found["file"] = words([readings[n].file for n in kept], repeated(range(len(kept)), sizes, int))
    found["body_id"] = repeated([owners[n] for n in kept], sizes)
    found |= {
        name: found[name] + repeated([by[n] for n in kept], sizes, int)
        for name, by in shifts.items()
        if name in found
    }
    spread = pd.DataFrame({column: pd.Series(found[column], dtype=kind) for column, kind in columns.items()})
    if not written:
        return spread
    parts = [getattr(readings[n], name) for n in written]
    own = {name: [by[n] for n in written] for name, by in shifts.items()}
    both = pd.concat([spread, joined(parts, columns, [owners[n] for n in written], own)], ignore_index=True)
    files = [*repeated(kept, sizes, int), *repeated(written, [len(part["file"]) for part in parts], int)]
    return both.iloc[np.argsort(files, kind="stable")].reset_index(drop=True)


def _problems_of_placing(identified: Identified) -> list[tuple[Columns, str]]:
    """What is wrong with where files lie, as columns of problems with each one's body."""
    found = []
    for file, rule_id, said, expected in identified.problems:
        columns = empty_columns(PROBLEMS)
        add_records(columns, [Problem(rule_id, "", "", said, expected, "")], file=file)
        found.append((columns, identified.body_of_file[file]))
    return found


def _starts(sizes: Iterable[int]) -> list[int]:
    """At which number each file's records begin when all files' are numbered through."""
    return [0, *accumulate(sizes)][:-1]
