"""A release made from files without Prefect, for tests of what is published."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from flows import stages
from flows.amendments import apply_corrections
from flows.identity import Identity, identity
from flows.provenance import describe_run
from flows.publish import publish
from flows.release import Release
from transforms.evidence import assemble


def release_of(input_dir: Path, year: int) -> Release:
    """The release of a year's inputs."""
    return verdict_of(input_dir, year).release


def verdict_of(input_dir: Path, year: int, output: Path | None = None) -> stages.Verdict:
    """The stages of the annual run, one after the other, up to the release; beside an earlier year in `output`."""
    inputs = stages.take_inputs(input_dir, year)
    amendments = stages.take_amendments(input_dir, year)
    readings = stages.read_submissions(inputs, 1, None, lambda _count: None)
    amended = apply_corrections(assemble(readings, inputs), amendments)
    evidence = amended.evidence
    standing = stages.check_amended(amended, amendments, date(2020, 1, 31))
    judgement = stages.judge(stages.standardise_tables(amended), evidence, standing.checks)
    earlier = stages.take_earlier(output, year) if output else None
    county = stages.consolidate_county(judgement, evidence, earlier)
    contract = stages.validate_contract(judgement, county, standing.checks)
    run = describe_run(inputs)
    return stages.close_gate(inputs, evidence, standing, (), judgement, county, contract, run, strict=False)


def publish_year(input_dir: Path, output: Path, as_of: date = date(2020, 1, 31)) -> Path:
    """The release of a year's inputs, published with its identity as the annual run does it."""
    release = release_of(input_dir, 2020)
    known = {"identity": dict(identity_of(input_dir, output, as_of))}
    return publish(replace(release, run={**release.run, **known}), output)


def identity_of(
    input_dir: Path, output: Path, as_of: date = date(2020, 1, 31), **options: object
) -> Identity:
    """What the release of these inputs depends on."""
    inputs = stages.take_inputs(input_dir, 2020)
    amendments = stages.take_amendments(input_dir, 2020)
    return identity(inputs, amendments, output, as_of, {"strict": False, **options})
