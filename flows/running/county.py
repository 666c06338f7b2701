"""The parts of all groups as one county: what the stages after judging work on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from expectations.reconcile import Checks, catalogue, reconcile, together
from expectations.schema import conform, spelt_out, tables, tables_of
from expectations.surroundings import Surroundings
from flows.running.judging import TABLE
from flows.running.parts import Rows, Tables, joined, rows_of_parts
from transforms.bodies import Identified
from transforms.evidence import gathered
from transforms.standard.rows import with_body_id

OBJECTS = ("findings", "corrections")


@dataclass(frozen=True)
class County:
    """A year's bodies with all that their parts say; cells and facts stay where the parts are.

    `tables` hold texts as categories: there are many rows, and few texts. `owners`: the body of every file of which
    anything was read. `corrections`: the findings that tell of them. `readable`: bodies of which a figure was read; `prose`:
    (body, table) filled from a document's text; `told`: the cells that were asked for; `units`: of cells that findings name.
    `written`: the files in which cells and facts wait for publication.
    """

    year: int
    bodies: pd.DataFrame
    files: pd.DataFrame
    frames: Mapping[str, pd.DataFrame]
    tables: Mapping[str, pd.DataFrame]
    checks: Checks
    written: Mapping[str, Callable[[], Path | None]] = field(default_factory=dict)

    def without_tables(self) -> "County":
        """The same when the gate has parted its tables: they need not be held twice."""
        return replace(self, tables={})

    @property
    def blocks(self) -> pd.DataFrame:
        return self.frames["blocks"]

    @property
    def corrections(self) -> pd.DataFrame:
        return self.frames["corrections"]

    @cached_property
    def owners(self) -> dict[str, str]:
        known = self.files[self.files["body_id"] != ""]
        return dict(zip(known["file"], known["body_id"], strict=True))

    @property
    def told(self) -> pd.DataFrame:
        cells = self.frames["told"]
        return cells.assign(body_id=cells["file"].map(self.owners).fillna(""))

    @cached_property
    def units(self) -> dict[tuple[str, str, str], str]:
        rows = self.frames["units"].itertuples(index=False)
        return {(file, sheet, cell): unit for file, sheet, cell, unit in rows}

    @property
    def readable(self) -> frozenset[str]:
        return frozenset(self.frames["readable"]["body_id"])

    @property
    def prose(self) -> set[tuple[str, str]]:
        return set(self.frames["prose"].itertuples(index=False, name=None))

    def rows(self, table: str) -> Rows:
        """The cells or the facts of all files."""
        rows = rows_of_parts(table, self.files)
        return replace(rows, file=self.written[table]) if table in self.written else rows


def county_of(
    identified: Identified, parts: Sequence[Tables], year: int, *, has_roster: bool, beside: Surroundings
) -> County:
    """The parts joined, and what only the county as a whole can say judged. `beside`: without this year's tables."""
    frames = joined(parts)
    bodies = identified.bodies
    standard = {
        table.name: _in_order(table.name, frames.pop(TABLE + table.name)) for table in tables_of("standard")
    }
    outcomes = frames.pop("outcomes")
    frames = {name: spelt_out(frame) for name, frame in frames.items()}
    frames |= {name: _as_objects(frames[name]) for name in OBJECTS}
    whole = _judged_as_a_whole(bodies, year, has_roster=has_roster, beside=beside, standard=standard)
    own = Checks(outcomes, frames.pop("findings"), [], whole.edges)
    return County(
        year,
        bodies,
        _numbered(frames.pop("files")),
        frames,
        standard,
        together([own, whole], catalogue(), bodies),
    )


def _as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as the rules hand them over."""
    return frame.astype({name: object for name in frame.columns if frame[name].dtype == "str"})


def _in_order(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    return conform(with_body_id(tables()[table]), rows, coded=True)


def _numbered(files: pd.DataFrame) -> pd.DataFrame:
    """The files in the order of their names, with what their numbers count from."""
    placed = files.sort_values("file", kind="stable", ignore_index=True)
    counts = {f"n_{name}": placed[name] for name in ("blocks", "facts", "cells")}
    starts = {name: np.concatenate([[0], np.cumsum(placed[name])[:-1]]) for name in ("blocks", "facts")}
    return placed.assign(**counts, **starts)


def _judged_as_a_whole(
    bodies: pd.DataFrame,
    year: int,
    *,
    has_roster: bool,
    beside: Surroundings,
    standard: Mapping[str, pd.DataFrame],
) -> Checks:
    """The rules that look at all bodies at once, and at nothing but bodies and standard tables."""
    nothing = gathered([], Identified(bodies, {}, []), year, has_roster=has_roster)
    rules = [rule for rule in catalogue() if rule.reach == "county"]
    return reconcile(nothing, rules, replace(beside, standard=standard))
