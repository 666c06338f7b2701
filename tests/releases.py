"""A release made from files without Prefect, for tests of what is published."""

from pathlib import Path

from flows import stages
from flows.provenance import describe_run
from flows.release import Release
from transforms.read import assemble
from transforms.standardise import standardise


def release_of(input_dir: Path, year: int) -> Release:
    """The stages of the annual run, one after the other, up to the release."""
    inputs = stages.take_inputs(input_dir, year)
    readings = stages.read_submissions(inputs, 1, None, lambda _count: None)
    evidence = assemble(readings, inputs)
    checks = stages.reconcile_rules(evidence)
    judgement = stages.judge(standardise(evidence), evidence, checks)
    county = stages.consolidate_county(judgement)
    contract = stages.validate_contract(judgement, county, checks)
    run = describe_run(inputs)
    return stages.close_gate(evidence, checks, judgement, county, contract, run, strict=False).release
