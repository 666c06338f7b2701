"""`serve` at a real server: a run that cannot run, one that is stopped, and one that is lost with server and all."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.prefect_server import Process, ask, ended, notify_settings, running_server, started, wait_for
from tests.sinks import mail_sink, webhook_sink
from transforms.sample import write_county

NAME = "deployments/name/county-consolidation/county-2020"
signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to a group")


@contextmanager
def served(environment: dict[str, str], folder: Path, *ways: str) -> Iterator[tuple[Process, httpx.Client]]:
    """What `serve` starts for the inputs and outputs of a folder, once it is deployed, and a client of its server."""
    api = httpx.Client(base_url=environment["PREFECT_API_URL"] + "/", timeout=30)
    folders = ["--input", str(folder / "input"), "--output", str(folder / "output")]
    yearly = ["--year", "2020", "--cron", "30 3 1 1 *"]
    with (
        api,
        started(environment, "flows.cli", "serve", *yearly, *folders, *ways, said=folder / "said") as serving,
    ):
        wait_for(lambda: _unpaused(api), 120, serving)
        yield serving, api


def _unpaused(api: httpx.Client) -> bool:
    """Whether a runner has deployed; one that was stopped has paused its deployment."""
    deployed = api.get(NAME)
    return deployed.status_code == 200 and not deployed.json()["paused"]


def _begin(api: httpx.Client) -> str:
    deployed = api.get(NAME).json()
    return ask(api, deployed["id"], **deployed["parameters"])


def _under_way(folder: Path, serving: Process, api: httpx.Client) -> str:
    """A run that has begun its work."""
    run = _begin(api)
    wait_for((folder / "output" / "audit.jsonl").exists, 240, serving)
    return run


def _state(api: httpx.Client, run: str) -> Any:
    return api.get(f"flow_runs/{run}").json()["state"]["type"]


def _examined(environment: dict[str, str], folder: Path) -> str:
    """What `doctor` says of the installation."""
    command = [sys.executable, "-m", "flows.cli", "doctor", "--output", str(folder / "output")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of clients of a server that nobody stops."""
    with running_server(tmp_path_factory.mktemp("prefect")) as (_, environment):
        yield environment


@pytest.fixture
def county(tmp_path: Path) -> Path:
    write_county(tmp_path / "input", 2020, departments=4, seed=7)
    return tmp_path


def test_a_run_that_cannot_run_is_told_of_with_its_sentence(standing: dict[str, str], tmp_path: Path):
    with (
        webhook_sink() as (url, told),
        mail_sink() as (port, mails),
        served(standing, tmp_path, "--notify", str(notify_settings(tmp_path, url, port))) as (
            serving,
            api,
        ),
    ):
        run = _begin(api)
        wait_for(lambda: ended(api, run), 240, serving)
        assert api.get(NAME).json()["schedules"][0]["schedule"]["cron"] == "30 3 1 1 *"
        assert _state(api, run) == "FAILED"
    assert [each["event"] for each in told] == ["failed"]
    assert told[0]["text"].startswith("找不到输入文件夹")
    assert len(mails) == 1


@signals
def test_a_run_that_is_stopped_with_its_runner_is_cancelled_on_the_server(
    standing: dict[str, str], county: Path
):
    with served(standing, county) as (serving, api):
        run = _under_way(county, serving, api)
        os.killpg(serving.pid, signal.SIGINT)
        assert serving.wait(120) == 0
    with served(standing, county) as (serving, api):
        assert _state(api, run) == "CANCELLED"
        again = _begin(api)
        wait_for(lambda: ended(api, again), 240, serving)
        assert _state(api, again) == "COMPLETED"


@signals
def test_a_run_that_is_lost_when_the_power_fails_is_told_of_and_keeps_no_other_waiting(county: Path):
    with webhook_sink() as (url, told), mail_sink() as (port, _):
        notify = ["--notify", str(notify_settings(county, url, port))]
        with (
            running_server(county / "prefect") as (server, environment),
            served(environment, county, *notify) as (serving, api),
        ):
            run = _under_way(county, serving, api)
            os.killpg(serving.pid, signal.SIGKILL)
            os.killpg(server.pid, signal.SIGKILL)
        with running_server(county / "prefect") as (_, environment):
            assert f"prefect flow-run delete {run}" in _examined(environment, county)
            with served(environment, county, *notify) as (serving, api):
                wait_for(lambda: ended(api, run), 60, serving)
                assert _state(api, run) == "CRASHED"
                assert "prefect flow-run delete" not in _examined(environment, county)
                again = _begin(api)
                wait_for(lambda: ended(api, again), 240, serving)
                assert _state(api, again) == "COMPLETED"
    assert [each["event"] for each in told] == ["failed", "finished"]
    assert told[0]["text"].startswith("运行中的进程意外终止（计算机断电")


@signals
def test_a_server_that_goes_is_waited_for_and_the_run_it_did_not_hear_of_is_told_of_once(county: Path):
    # A runner that has asked three times in vain ends, and with it the run, which is to have the usual time.
    usual = {"PREFECT_RUNNER_POLL_FREQUENCY": "10", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    with (
        webhook_sink() as (url, told),
        mail_sink() as (port, _),
        running_server(county / "prefect") as (server, environment),
    ):
        notify = ["--notify", str(notify_settings(county, url, port))]
        with served({**environment, **usual}, county, *notify) as (serving, api):
            run = _under_way(county, serving, api)
            wait_for((county / "output" / "2020").exists, 240, serving)
            os.killpg(server.pid, signal.SIGKILL)
            wait_for(lambda: told, 120, serving)
            wait_for(lambda: "失去联系" in (county / "said").read_text("utf-8"), 240, serving)
            with running_server(county / "prefect", api.base_url.port or 0):
                wait_for(lambda: ended(api, run), 120, serving)
                again = _begin(api)
                wait_for(lambda: ended(api, again), 240, serving)
    assert [each["event"] for each in told] == ["finished"]


def test_a_lost_run_for_an_address_is_looked_for_where_it_worked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its lock and its log are in the folder that stands for the address, not in one of that name."""
    from prefect.client.schemas.objects import FlowRun

    from flows import remote
    from flows.remote import local_output
    from flows.running.audit import append
    from flows.scheduled import came_to_its_end

    monkeypatch.setattr(remote, "prefect_home", lambda: tmp_path / "home" / "prefect")
    monkeypatch.chdir(tmp_path)
    parameters = {"output_dir": "s3://county/output", "year": 2020}
    begun = FlowRun(flow_id=uuid4(), parameters=parameters, start_time=datetime.now(UTC))
    assert not came_to_its_end(begun)
    folder = local_output("s3://county/output")
    folder.mkdir(parents=True)
    append(folder, {"event": "ended", "year": 2020})
    assert came_to_its_end(begun)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
