"""The readings of a year's files joined into one evidence, whose frames everything after reading works on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pandas as pd

from transforms.bodies import Identified, identify_bodies
from transforms.frames import frame, joined
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
from transforms.tidy import Problem


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
    """All readings as one evidence; ids made unique over files, each record given its body."""
    ordered = sorted(readings, key=lambda reading: reading.file)
    identified = identify_bodies(ordered, inputs)
    owners = [identified.body_of_file.get(reading.file, "") for reading in ordered]
    placing = _problems_of_placing(identified)
    blocks = _starts(len(reading.blocks) for reading in ordered)
    facts = _starts(len(reading.facts["fact_id"]) for reading in ordered)
    shifts = {"block_id": blocks, "fact_id": facts, "row_parent": facts, "column_parent": facts}
    records = [
        record | {"body_id": owner, "block_id": record["block_id"] + start}
        for reading, owner, start in zip(ordered, owners, blocks, strict=True)
        for record in reading.blocks
    ]
    return Evidence(
        inputs.year,
        identified.bodies,
        frame(records, BLOCKS),
        joined([reading.facts for reading in ordered], FACTS, owners, shifts),
        joined([reading.labels for reading in ordered], LABELS, owners, shifts),
        joined([reading.cells for reading in ordered], CELLS, owners, shifts),
        joined(
            [*(reading.problems for reading in ordered), *(columns for columns, _ in placing)],
            PROBLEMS,
            [*owners, *(owner for _, owner in placing)],
            shifts,
        ),
        joined([reading.sentences for reading in ordered], SENTENCES, owners, shifts),
        inputs.roster is not None,
    )


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
