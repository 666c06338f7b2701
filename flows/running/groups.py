"""A year's bodies in departments, and the departments that are judged together in one go."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pandas as pd

from flows.running.parts import Part
from transforms.bodies import Identified
from transforms.submissions import SourceFile

MOST_FILES = 250
# What a worker has of its own of them at the peak: 230 to 300 MiB.
MOST_CELLS = 300_000
MOST_SPARE = 8
# How long a file, and how long a department that sent none takes, in cells.
FILE, DEPARTMENT = 250, 125


@dataclass(frozen=True)
class Group:
    """Some departments with their units: who they are, and their files in the order of their names."""

    identified: Identified
    files: tuple[SourceFile, ...]

    @property
    def departments(self) -> frozenset[str]:
        """The ids of its departments."""
        return frozenset(departments_of(self.identified.bodies).values())


def departments_of(bodies: pd.DataFrame) -> dict[str, str]:
    """The department of each body by its id: itself, or the one above it."""
    own, superior = bodies["body_id"], bodies["parent_id"]
    return dict(zip(own, superior.where(superior != "", own), strict=True))


def worth_keeping(parts: Sequence[Part], cells: Collection[int]) -> list[Part]:
    """The fullest parts, no more than are read faster than their departments are judged again. `parts`: the fullest first;
    `cells`: how many each file of the year has."""
    return [*parts[: MOST_SPARE + 2 * _least(cells)]]


def parted(
    identified: Identified,
    files: Sequence[SourceFile],
    wanted: Collection[str],
    workers: int,
    cells: Mapping[str, int],
) -> Iterator[Group]:
    """The `wanted` departments in groups much of a size: as few as their number of files and cells allow, and where several,
    as many as keep all workers busy. `cells`: how many each file has, by its name."""
    above = departments_of(identified.bodies)
    sent: dict[str, list[SourceFile]] = {department: [] for department in sorted(wanted)}
    for file in files:
        department = above[identified.body_of_file[file.name]]
        if department in sent:
            sent[department].append(file)
    weights = {
        department: DEPARTMENT + sum(FILE + cells[file.name] for file in own)
        for department, own in sent.items()
    }
    least = _least([cells[file.name] for own in sent.values() for file in own])
    for chosen in _shared_out(weights, _number(least, workers)):
        own = {body for body, department in above.items() if department in chosen}
        yield _group(identified, own, [file for department in chosen for file in sent[department]])


def _least(cells: Collection[int]) -> int:
    """How many groups files of so many cells each need, that no worker holds too much."""
    return max(-(-len(cells) // MOST_FILES), -(-sum(cells) // MOST_CELLS))


def _number(least: int, workers: int) -> int:
    """Into how many groups departments are parted that need so many at least."""
    return 1 if least <= 1 else -(-least // workers) * workers


def _shared_out(weights: Mapping[str, int], number: int) -> list[list[str]]:
    """The departments in so many groups, one after the other; what is left empty is left out."""
    groups: dict[int, list[str]] = defaultdict(list)
    for department, before in zip(weights, accumulate(weights.values(), initial=0), strict=False):
        groups[before * number // sum(weights.values())].append(department)
    return list(groups.values())


def _group(identified: Identified, own: set[str], files: Sequence[SourceFile]) -> Group:
    ordered = tuple(sorted(files, key=lambda file: file.name))
    names = {file.name for file in ordered}
    return Group(
        Identified(
            identified.bodies[identified.bodies["body_id"].isin(own)].reset_index(drop=True),
            {file.name: identified.body_of_file[file.name] for file in ordered},
            [problem for problem in identified.problems if problem[0] in names],
        ),
        ordered,
    )
