"""A year's bodies parted into groups that can be judged apart: whole departments with their units and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import pandas as pd

from transforms.bodies import Identified
from transforms.submissions import SourceFile

MOST_FILES = 200
MOST_BYTES = 16 * 1024**2


@dataclass(frozen=True)
class Group:
    """Some departments with their units: who they are, and their files in the order of their names."""

    identified: Identified
    files: tuple[SourceFile, ...]


def parted(identified: Identified, files: Sequence[SourceFile]) -> list[Group]:
    """All bodies in groups. A department goes by its name alone, so that one file more or less moves no other's."""
    owners = identified.body_of_file
    number = _numbers(identified.bodies, _wanted(files))
    used = sorted(set(number.values()))
    return [
        _group(identified, {body for body, own in number.items() if own == each}, files, owners)
        for each in used
    ]


def _wanted(files: Sequence[SourceFile]) -> int:
    """Into how many groups the files are parted, by their number and their size."""
    size = sum({file.path: file.size for file in files}.values())
    return max(1, -(-len(files) // MOST_FILES), -(-size // MOST_BYTES))


def _numbers(bodies: pd.DataFrame, count: int) -> dict[str, int]:
    return {
        body: crc32((superior or body).encode()) % count
        for body, superior in zip(bodies["body_id"], bodies["parent_id"], strict=True)
    }


def _group(
    identified: Identified, own: set[str], files: Sequence[SourceFile], owners: dict[str, str]
) -> Group:
    mine = [file for file in files if owners[file.name] in own]
    names = {file.name for file in mine}
    return Group(
        Identified(
            identified.bodies[identified.bodies["body_id"].isin(own)].reset_index(drop=True),
            {name: owners[name] for name in sorted(names)},
            [problem for problem in identified.problems if problem[0] in names],
        ),
        tuple(sorted(mine, key=lambda file: file.name)),
    )
