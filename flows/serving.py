"""`county-budget serve`: the deployment of a year, run when it falls due until somebody stops it.

A run counts as running on the server until somebody says otherwise, and only one of a year may run. So when the runner is
stopped, by Ctrl-C or signal 15, the run under way is cancelled there (Prefect's own way out of signal 15 leaves it); and when it
starts, runs that were lost meanwhile, as when the power failed, are put down as crashed.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, State
from prefect.deployments.runner import RunnerDeployment
from prefect.logging import get_logger
from prefect.runner import Runner
from prefect.states import Crashed

from expectations.errors import InputError
from expectations.saying import Messages
from flows import lost_runs
from flows.interruption import interruption
from flows.preflight import server_is_gone
from flows.scheduled import Timetable, came_to_its_end, deployment, notify_of

say = Messages(__file__)

# A run that is cancelled has half a minute of Prefect's to end by itself.
PATIENCE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.5
WAIT_SECONDS = 10.0


class _Stoppable(Runner):
    """A runner that signal 15 stops, the run under way cancelled and the timetable paused."""

    def handle_sigterm(self, *_: object, **__: object) -> None:
        """Called by Python between two steps of the loop in which the runner works."""
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(lambda: setattr(self, "_end", loop.create_task(self._stop())))

    async def _stop(self) -> None:
        """Take no more runs and cancel those under way, also one that was just being started; ends with the loop."""
        self.pause_on_shutdown = True
        await self.astop()
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await self.cancel_all()


def serve_year(timetable: Timetable, parameters: Mapping[str, Any]) -> None:
    """Run the deployment of a year until stopped; a server that goes is waited for.

    Raises InputError before it begins for what cannot run.
    """
    deployed = deployment(timetable, parameters)
    if not os.environ.get("PREFECT_API_URL"):
        raise InputError(say("server_wanted"))
    interruption.patience = PATIENCE_SECONDS
    while not asyncio.run(_served(deployed)):
        _tell(say("server_lost"))
        _wait_for_server()
    _tell(say("stopped"))


async def _served(deployed: RunnerDeployment) -> bool:
    """Run the deployment; whether somebody stopped it, and not the loss of the server, of which Prefect raises what it likes."""
    runner = _Stoppable(limit=1, pause_on_shutdown=False)
    interrupted = signal.getsignal(signal.SIGTERM)
    try:
        _give_up_lost_runs(await runner.aadd_deployment(deployed))
        _tell(say("serving", name=f"{deployed.flow_name}/{deployed.name}"))
        await runner.start()
    except Exception:  # noqa: BLE001 – Prefect raises errors of its own, of HTTP and groups of both
        get_logger("flows.serving").exception("The runner ended.")
    finally:
        signal.signal(signal.SIGTERM, interrupted)
    return runner.stopping


def _wait_for_server() -> None:
    """A little at least: what fails although the server answers is not to be tried without a pause."""
    time.sleep(WAIT_SECONDS)
    while server_is_gone():
        time.sleep(WAIT_SECONDS)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _give_up_lost_runs(deployment_id: UUID) -> None:
    """Put down as crashed what the server takes for running while nobody holds the lock of its year."""
    served = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    with get_client(sync_client=True) as client:
        for run in lost_runs.of_deployment(client, served):
            _give_up(client, run)


def _give_up(client: SyncPrefectClient, run: FlowRun) -> None:
    """Notify of it, too, unless its work came to an end that only the server never heard of."""
    worked = came_to_its_end(run)
    lost: State[Any] = Crashed(message=say("unheard" if worked else "lost"))
    client.set_flow_run_state(run.id, lost, force=True)
    _tell(say("ended_unheard" if worked else "gave_up", run=run.name))
    if not worked:
        notify_of(run, lost)
