"""A release made from files without Prefect, for tests of what is published."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from expectations.schema import tables_of
from flows import stages
from flows.identity import Identity, identity, reading
from flows.provenance import describe_run
from flows.published.publish import publish
from flows.published.release import Release
from flows.running.cache import Cache
from flows.running.county import County
from flows.running.setting import Question, Setting
from transforms.consolidate import consolidate
from transforms.sample import write_county
from transforms.submissions import Inputs

_SCRATCH = TemporaryDirectory()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of a small county of 2020 with two defects."""
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, 2020, departments=6, seed=11, defects=2)
    return release_of(folder, 2020)


def release_of(input_dir: Path, year: int) -> Release:
    """The release of a year's inputs."""
    return verdict_of(input_dir, year).release


@dataclass(frozen=True)
class Judged:
    """A year's county as judged, and what it was judged from."""

    inputs: Inputs
    setting: Setting
    store: Cache
    county: County


def judged_year(
    input_dir: Path,
    year: int,
    output: Path | None = None,
    as_of: date = date(2020, 1, 31),
    kept: Path | None = None,
) -> Judged:
    """The stages of the annual run up to the joined county; beside an earlier year in `output`.

    `kept`: where readings and parts lie, else in a place that lasts as long as the process.
    """
    folder = kept or Path(_SCRATCH.name)
    store = Cache(folder / "readings", reading())
    inputs = stages.take_inputs(input_dir, year)
    earlier = stages.take_earlier(output, year) if output else None
    known = str(earlier.folder) if earlier else ""
    setting = Setting(stages.take_amendments(input_dir, year), as_of, earlier, known)
    heads = stages.read_submissions(inputs, 1, None, lambda _count: None, store)
    question = Question(inputs, stages.identify(heads, inputs), heads, setting)
    county = stages.judge_bodies(question, store, folder / "parts", 1)
    return Judged(inputs, setting, store, county)


def verdict_of(
    input_dir: Path,
    year: int,
    output: Path | None = None,
    as_of: date = date(2020, 1, 31),
    *,
    validated: bool = True,
    kept: Path | None = None,
) -> stages.Verdict:
    """The release of a year's inputs; unless `validated`, without the expectation suites, which take their time."""
    judged = judged_year(input_dir, year, output, as_of, kept)
    inputs, setting, county = judged.inputs, judged.setting, judged.county
    standing = stages.settle_findings(county, setting)
    checks = standing.checks
    judgement = stages.judge(county.tables, county.bodies, checks, county.readable, county.prose)
    again = stages.compare_submissions(inputs, county, standing, judgement, setting, judged.store, 1)
    totals = stages.consolidate_county(judgement, county.bodies, setting.earlier)
    unbroken = pd.DataFrame({"table": [], "severity": [], "success": []})
    contract = stages.validate_contract(judgement, totals, checks) if validated else unbroken
    run = describe_run(inputs)
    return stages.close_gate(
        inputs, county, setting, standing, again, judgement, totals, contract, run, strict=False
    )


def publish_year(input_dir: Path, output: Path, as_of: date = date(2020, 1, 31)) -> Path:
    """The release of a year's inputs, published with its identity as the annual run does it."""
    release = release_of(input_dir, 2020)
    known = {"identity": dict(identity_of(input_dir, output, as_of))}
    return publish(replace(release, run={**release.run, **known}), output)


def beside_last_year(release: Release, left_out: str = "") -> Release:
    """The release beside a year before that was the same but for one department."""
    current = {table.name: release.tables[table.name] for table in tables_of("standard")}
    last = {
        name: rows[rows["department_code"].fillna("") != left_out].assign(fiscal_year=release.year - 1)
        for name, rows in current.items()
    }
    found = consolidate(current, last=last)
    changes = {name: rows for name, rows in found.items() if name.startswith("county_changes")}
    return replace(release, tables={**release.tables, **changes})


def identity_of(
    input_dir: Path, output: Path, as_of: date = date(2020, 1, 31), **options: object
) -> Identity:
    """What the release of these inputs depends on."""
    inputs = stages.take_inputs(input_dir, 2020)
    amendments = stages.take_amendments(input_dir, 2020)
    return identity(inputs, amendments, output, as_of, {"strict": False, **options})
