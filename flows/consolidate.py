"""The annual consolidation as a Prefect flow: each task is a stage and calls a plain function.

No task per file: a task costs more than reading a file. The read stage fans out inside its task.
Frames are neither cached nor persisted; what a run leaves behind is its release.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pandas as pd
from httpx import HTTPError
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote

from expectations.errors import DefinitionError, InputError
from flows import stages
from flows.artifacts import ReadingProgress, leave_report
from flows.earlier import Earlier
from flows.environment import (
    CANNOT_RUN,
    FAREWELL_SECONDS,
    end_within,
    give_back_memory,
    libraries_passed_over,
    texts_as_python_objects,
)
from flows.identity import identity
from flows.interruption import interruption
from flows.provenance import describe_run
from flows.published.publish import publish
from flows.published.release import Frames, Release
from flows.resubmission import Resubmission
from flows.running import audit
from flows.running.audit import UNCHANGED, audited
from flows.running.cache import Cache
from flows.running.clock import measuring
from flows.running.completed import Completed, standing
from flows.running.county import County
from flows.running.filereading import Heads
from flows.running.kept import Kept, keeping
from flows.running.lock import keep_apart, only_writer
from flows.running.own_server import own_server_ends_with_run, start_own_server
from flows.running.processes import begin_early
from flows.running.progress import Progress, files_counted, say
from flows.running.reading import cores
from flows.running.server import Server
from flows.running.setting import Question, Setting
from flows.stages import Judgement, Standing, Verdict
from flows.summary import summary
from transforms.bodies import Identified
from transforms.submissions import Inputs

STAGES = 11
RETRIES = 2
FIRST_RETRY_SECONDS = 3

Arguments = ParamSpec("Arguments")
Product = TypeVar("Product")

_progress: ContextVar[Progress] = ContextVar("progress")
_server: ContextVar[Server] = ContextVar("server")


def worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """A share that was away for a moment may be back; a wrong argument or definition stays wrong."""
    return not isinstance(state.result(raise_on_failure=False), InputError | DefinitionError)


def stage(
    title: str, retries: int = 0
) -> Callable[[Callable[Arguments, Product]], Callable[Arguments, Product]]:
    """Make a function a task that announces itself by its Chinese title and notes its duration.

    Arguments are quoted: Prefect would otherwise look for futures in every cell that was read.
    """

    def decorate(function: Callable[Arguments, Product]) -> Callable[Arguments, Product]:
        @task(
            name=function.__name__.replace("_", "-"),
            description=title,
            retries=retries,
            retry_delay_seconds=exponential_backoff(FIRST_RETRY_SECONDS),
            retry_condition_fn=worth_retrying,
            cache_policy=NO_CACHE,
            persist_result=False,
        )
        @wraps(function)
        def announced(*given: Arguments.args, **named: Arguments.kwargs) -> Product:
            with _progress.get().stage(function.__name__, title):
                try:
                    return function(*given, **named)
                finally:
                    give_back_memory()

        @wraps(function)
        def run(*given: Arguments.args, **named: Arguments.kwargs) -> Product:
            quoted: Any = announced
            product: Product = quoted(
                *map(quote, given), **{name: quote(value) for name, value in named.items()}
            )
            return product

        return run

    return decorate


@stage("清点输入文件", retries=RETRIES)
def take_inputs(input_dir: Path, year: int) -> Inputs:
    return stages.take_inputs(input_dir, year)


@stage("读取报送材料", retries=RETRIES)
def read_submissions(inputs: Inputs, workers: int | None, scheduler: str | None, store: Cache) -> Heads:
    total = len(inputs.files)
    report = ReadingProgress(_server.get(), total, f"reading-{inputs.year}")
    with files_counted(total) as advance:

        def on_read(count: int) -> None:
            advance(count)
            report.advance(count)

        return stages.read_submissions(inputs, workers, scheduler, on_read, store)


@stage("归集单位")
def identify(heads: Heads, inputs: Inputs) -> Identified:
    return stages.identify(heads, inputs)


@stage("整理和审核")
def judge_bodies(question: Question, kept: Kept, workers: int | None) -> County:
    return kept.begin(stages.judge_bodies(question, kept.readings, kept.parts, workers))


@stage("核对更正和豁免")
def settle_findings(county: County, setting: Setting) -> Standing:
    return stages.settle_findings(county, setting)


@stage("扣留有错误的单位")
def hold_back(county: County, standing: Standing) -> Judgement:
    return stages.judge(county.tables, county.bodies, standing.checks, county.readable, county.prose)


@stage("比较重报材料")
def compare_submissions(
    inputs: Inputs,
    county: County,
    standing: Standing,
    judgement: Judgement,
    setting: Setting,
    store: Cache,
    workers: int | None,
) -> tuple[Resubmission, ...]:
    return stages.compare_submissions(inputs, county, standing, judgement, setting, store, workers)


@stage("汇总全县")
def consolidate_county(judgement: Judgement, county: County, earlier: Earlier | None) -> Frames:
    return stages.consolidate_county(judgement, county.bodies, earlier)


@stage("核对发布约定")
def validate_contract(
    judgement: Judgement, totals: Frames, standing: Standing, workers: int | None
) -> pd.DataFrame:
    return stages.validate_contract(judgement, totals, standing.checks, workers)


@stage("发布", retries=RETRIES)
def publish_release(release: Release, output_dir: Path, kept: Kept, workers: int | None) -> Path:
    interruption.published = publish(release, output_dir, kept.notices, workers or cores())
    return interruption.published


@stage("报告")
def report(verdict: Verdict, folder: Path) -> str:
    """Leave tables, a link and the summary in the Prefect UI; give the summary."""
    text = summary(verdict.release, verdict.exit_code, folder)
    leave_report(_server.get(), verdict.release, text, folder)
    return text


@flow(name="annual-consolidation", persist_result=False)
def annual_consolidation(
    year: int,
    input_dir: Path = Path("input"),
    output_dir: Path = Path("output"),
    *,
    strict: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    anew: bool = False,
    patience: float = 0.0,
) -> Completed:
    """Read what the departments sent for a year, check it, add it up, and publish what stands.

    `strict`: publish no figures while any error is open. `workers`: reading processes, all cores when None.
    `scheduler`: address of a Dask cluster that reads instead. `anew`: reuse nothing of earlier runs.
    `patience`: seconds to wait for another run of the year. Raises BudgetError for what a user can mend.
    """
    progress, server = Progress(STAGES), _server.get(Server())
    _progress.set(progress)
    _server.set(server)
    begin_early()
    texts_as_python_objects()
    keep_apart(input_dir, output_dir, year)
    with (
        libraries_passed_over(),
        own_server_ends_with_run(),
        server.working(),
        only_writer(output_dir, year, patience, say),
    ):
        inputs = take_inputs(input_dir, year)
        amendments = stages.take_amendments(input_dir, year)
        as_of = date.today()
        wanted = identity(inputs, amendments, output_dir, as_of, {"strict": strict})
        begun = {"inputs": dict(wanted), "files": len(inputs.files), "anew": anew}
        with audited(output_dir, year, _how(), begun) as entry:
            stands = None if anew else standing(output_dir, year, wanted)
            if stands:
                entry.note(result=UNCHANGED, exit_code=stands.exit_code)
                server.completed = stands
                return stands
            run = {**describe_run(inputs), "identity": dict(wanted)}
            earlier = stages.take_earlier(output_dir, year)
            setting = Setting(amendments, as_of, earlier, wanted["earlier"])
            with keeping(output_dir, anew=anew) as kept:
                verdict = _judged(inputs, setting, run, kept, workers, scheduler, strict=strict)
                with measuring() as parts:
                    folder = publish_release(verdict.release, output_dir, kept, workers)
            entry.note(**audit.published(verdict.exit_code, verdict.release.run, folder))
            text = report(verdict, folder)
            entry.note(durations={**progress.durations, **parts})
    server.completed = Completed(verdict.exit_code, folder, text)
    return server.completed


def run_year(year: int, input_dir: Path, output_dir: Path, **options: Any) -> Completed:
    """The annual consolidation from the command line: it ends as its work does, also where the server is lost meanwhile.

    `options`: those of `annual_consolidation`. Raises BudgetError for what a user can mend.
    """
    server = Server()
    _server.set(server)
    start_own_server()
    try:
        annual_consolidation(year, input_dir, output_dir, **options)
    except HTTPError:
        server.lost = True
    if server.lost:
        if not server.interrupted:
            say(server.loss)
        if not server.completed:
            end_within(FAREWELL_SECONDS, CANNOT_RUN)
    return replace(server.outcome(), unheard=server.lost)


def _judged(
    inputs: Inputs,
    setting: Setting,
    run: Mapping[str, Any],
    kept: Kept,
    workers: int | None,
    scheduler: str | None,
    *,
    strict: bool,
) -> Verdict:
    """The stages from files to a release that is ready to be written. `run`: what `run.json` says so far."""
    heads = read_submissions(inputs, workers, scheduler, kept.readings)
    question = Question(inputs, identify(heads, inputs), heads, setting)
    county = judge_bodies(question, kept, workers)
    stand = settle_findings(county, setting)
    judgement = hold_back(county, stand)
    county = county.without_tables()
    resubmissions = compare_submissions(inputs, county, stand, judgement, setting, kept.readings, workers)
    totals = consolidate_county(judgement, county, setting.earlier)
    contract = validate_contract(judgement, totals, stand, workers)
    run = {**run, "durations": dict(_progress.get().durations)}
    return stages.close_gate(
        inputs, county, setting, stand, resubmissions, judgement, totals, contract, run, strict=strict
    )


def _how() -> str:
    """Who started this run: the name of a deployment, else the command line."""
    return str(deployment.name or "command")
