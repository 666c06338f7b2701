"""The annual consolidation as a deployment: by the clock and when files have changed, with notifications.

`county-budget serve` (`flows/serving.py`) and `prefect.yaml` deploy the flow of this module. A run on unchanged inputs costs
nothing and is told to nobody, so that looking for changes is running often.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    FlowRun,
    State,
)
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import Flow
from prefect.logging import get_logger
from prefect.schedules import Cron, Interval, Schedule

from expectations.errors import BudgetError, InputError
from expectations.saying import Messages
from flows.consolidate import annual_consolidation
from flows.environment import end_within, mute_the_end
from flows.notify import Event, Message, load_notify, send
from flows.preflight import server_is_gone
from flows.remote import local_folders, local_output
from flows.running.audit import last_end
from flows.running.completed import Completed
from flows.running.server import Server

say = Messages(__file__)

LONGEST_RUN = timedelta(hours=4)
PATIENCE = timedelta(hours=1)
SETTLE = timedelta(minutes=2)
FAREWELL = timedelta(minutes=1)
EVENTS: Mapping[int, Event] = {0: "finished", 1: "withheld", 3: "withheld"}

# The years of runs of this process that were told of without the server.
_told: list[int] = []


def tell(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 – named by Prefect
    """Notify of a run that ended; hook of Prefect, also called for a run whose process was lost."""
    if not _told and not (state.is_crashed() and came_to_its_end(flow_run)):
        notify_of(flow_run, state)


def came_to_its_end(flow_run: FlowRun) -> bool:
    """Whether the work of a run was done, and told of, although the server never heard of it."""
    ended = last_end(local_output(flow_run.parameters["output_dir"]), flow_run.parameters["year"])
    begun = flow_run.start_time
    return bool(begun and ended and ended >= begun.replace(microsecond=0))


def notify_of(flow_run: FlowRun, state: State[Any]) -> None:
    """Notify of a run that ended whomever its settings name."""
    notify, year = flow_run.parameters.get("notify"), int(flow_run.parameters["year"])
    _send(_message(year, state), Path(notify) if notify else None)


def _send(message: Message | None, notify: Path | None) -> None:
    if message and notify:
        for problem in send(message, load_notify(notify)):
            get_logger("flows.scheduled").error(problem)


def _message(year: int, state: State[Any]) -> Message | None:
    """What to say of a final state; None of a run that changed nothing."""
    if not state.is_completed():
        return Message("failed", year, _sentence(state))
    completed = state.result(raise_on_failure=False)
    return _result_message(year, completed if isinstance(completed, Completed) else None)


def _result_message(year: int, completed: Completed | None) -> Message | None:
    """What to say of a run that came to its end."""
    if completed is None or completed.unchanged:
        return None
    return Message(EVENTS[completed.exit_code], year, completed.summary)


def _sentence(state: State[Any]) -> str:
    if state.is_crashed():
        return say("crashed", why=state.message)
    error = state.result(raise_on_failure=False)
    if isinstance(error, TimeoutError):
        hours = LONGEST_RUN / timedelta(hours=1)
        return say("too_long", hours=hours)
    return str(error) if isinstance(error, BudgetError) else say("failed", why=state.message)


@contextmanager
def _told_without_server(year: int, notify: Path | None) -> Iterator[Server]:
    """Notify at once where the server is gone when the work ends: Prefect calls no hook then.

    Prefect has a minute to find the server again; the process of the run ends with it.
    """
    server = Server()
    message: Message | None = None
    try:
        yield server
        message = _result_message(year, server.completed)
    except BudgetError as error:
        message = Message("failed", year, str(error))
        raise
    finally:
        if server_is_gone():
            _told.append(year)
            _send(message, notify)
            end_within(FAREWELL.total_seconds(), 0)


@flow(
    name="county-consolidation",
    timeout_seconds=LONGEST_RUN.total_seconds(),
    persist_result=False,
    on_completion=[tell],
    on_failure=[tell],
    on_crashed=[tell],
)
def scheduled_consolidation(
    year: int,
    input_dir: str = "input",
    output_dir: str = "output",
    *,
    strict: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    notify: Path | None = None,
    settle_seconds: float = 0.0,
) -> Completed | None:
    """The annual consolidation, waiting for another run of the year to end. See `annual_consolidation`.

    `notify`: settings of notifications. `settle_seconds`: do nothing while a file is younger, so that a folder that
    is being copied is read when it is complete.
    """
    mute_the_end()
    if notify:
        load_notify(notify)
    age = seconds_since_change(Path(input_dir) / str(year)) if settle_seconds else float("inf")
    if age < settle_seconds:
        get_run_logger().info("A file changed %.0f s ago: left to the next look.", age)
        return None
    with (
        _told_without_server(year, notify) as server,
        local_folders(input_dir, output_dir, year) as (inputs, output),
    ):
        # Its stages are tasks of this run: a run within a run would be two to tell the server of.
        server.completed = annual_consolidation.fn(
            year,
            inputs,
            output,
            strict=strict,
            workers=workers,
            scheduler=scheduler,
            patience=PATIENCE.total_seconds(),
        )
    return server.completed


def seconds_since_change(folder: Path) -> float:
    """How long ago the newest file or folder below a folder was changed; endless where there is none.

    A time to come counts as far as it is away: the clock of a share is ahead by seconds, that of a sender by years.
    """
    now = time.time()
    return min((abs(now - changed) for changed in _times(folder)), default=float("inf"))


def _times(folder: Path) -> Iterator[float]:
    for path in folder.rglob("*"):
        with suppress(OSError):  # taken away meanwhile
            yield path.lstat().st_mtime


@dataclass(frozen=True)
class Timetable:
    """When to run: a cron expression in a time zone, and how often to look for changed files (None: not at all)."""

    cron: str
    timezone: str
    every: timedelta | None = None

    def schedules(self) -> list[Schedule]:
        """The schedules of Prefect. Raises InputError for a cron or a time zone that is none."""
        _check(self.cron, self.timezone)
        nightly = Cron(self.cron, timezone=self.timezone, slug="nightly")
        if self.every is None:
            return [nightly]
        settle = {"settle_seconds": min(SETTLE, self.every / 2).total_seconds()}
        return [nightly, Interval(self.every, timezone=self.timezone, slug="changes", parameters=settle)]


def _check(cron: str, timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(say("no_such_zone", timezone=timezone)) from error
    try:
        CronSchedule(cron=cron, timezone=timezone)
    except ValueError as error:
        raise InputError(say("no_cron", cron=cron)) from error


def deployment(timetable: Timetable, parameters: Mapping[str, Any]) -> RunnerDeployment:
    """The deployment of one year; a run that falls due while another is under way waits for it."""
    made = scheduled_consolidation.to_deployment(
        name=f"county-{parameters['year']}",
        schedules=timetable.schedules(),
        parameters=dict(parameters),
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
        ),
        description=say("deployment"),
    )
    return cast(RunnerDeployment, made)
