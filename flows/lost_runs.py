"""Runs that Prefect's server takes for running although nobody works on them: each keeps the next run of its year waiting."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType

from expectations.errors import InputError
from flows.remote import local_output
from flows.running.lock import lock_of, only_writer

UNDER_WAY = FlowRunFilter(
    state=FlowRunFilterState(
        type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
    )
)


def of_deployment(client: SyncPrefectClient, deployment: DeploymentFilter) -> Iterator[FlowRun]:
    """The lost runs of a deployment that nobody serves; the lock of the year is held while one is dealt with."""
    for run in client.read_flow_runs(flow_run_filter=UNDER_WAY, deployment_filter=deployment):
        with suppress(InputError), only_writer(*_place(run)):
            yield run


def of_flow(client: SyncPrefectClient, flow: str) -> Iterator[FlowRun]:
    """The lost runs of a flow that others may serve, here or elsewhere: those whose folder was worked in on this machine.
    One that has not begun its work yet is none of them."""
    named = FlowFilter(name=FlowFilterName(any_=[flow]))
    for run in client.read_flow_runs(flow_run_filter=UNDER_WAY, flow_filter=named):
        lock = lock_of(*_place(run))
        begun = run.start_time
        if begun and lock.is_file() and lock.stat().st_mtime >= begun.timestamp():
            with suppress(InputError), only_writer(*_place(run)):
                yield run


def _place(run: FlowRun) -> tuple[Path, int]:
    return local_output(run.parameters["output_dir"]), int(run.parameters["year"])
