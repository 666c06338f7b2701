"""A real Prefect server, what is started beside it, and what is asked of it."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx

PROJECT = Path(__file__).parents[1]
BUSY_SECONDS = 30
GRACE_SECONDS = 30
DATABASE = "prefect.db"
# How often a runner and a worker ask for runs: otherwise every 10 s.
HASTE = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_WORKER_QUERY_SECONDS": "1"}
Process = subprocess.Popen[bytes]


@contextmanager
def running_server(home: Path, port: int = 0) -> Iterator[tuple[Process, dict[str, str]]]:
    """A Prefect server of its own, at a port that is free or at this one, and the environment of its clients."""
    port = port or _free_port()
    environment = {
        **os.environ,
        **HASTE,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }
    if not (home / DATABASE).exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(_new_database(), home)
    with started(environment, "prefect", "server", "start", "--port", str(port)) as process:
        wait_for(lambda: _answers(environment["PREFECT_API_URL"]), 120, process)
        yield process, environment


@cache
def _new_database() -> Path:
    """The database that a server makes when it is first started, made once: its hundred migrations take long."""
    home = Path(mkdtemp())
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    prefect({**os.environ, "PREFECT_HOME": str(home)}, "server", "database", "upgrade", "--yes")
    return home / DATABASE


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(condition: Any, seconds: float, process: Process) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the process ended"
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def prefect(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def started(environment: dict[str, str], *arguments: str, said: Path = Path(os.devnull)) -> Iterator[Process]:
    """A process that runs while the test does, first of a group of its own: the server, a worker, or what `serve` starts.

    `said`: the file that its error stream goes to.
    """
    command = [sys.executable, "-m", *arguments]
    with said.open("wb") as told:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=PROJECT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:  # a worker of Prefect's that lost the signal
            process.kill()
            process.wait()


def notify_settings(folder: Path, url: str, port: int) -> Path:
    """Settings that tell the sinks."""
    path = folder / "notify.toml"
    path.write_text(
        f'[webhook]\nurl = "{url}"\n'
        f'[email]\nhost = "127.0.0.1"\nport = {port}\nsender = "a@b"\nrecipients = ["c@d"]\n',
        "utf-8",
    )
    return path


def ask(api: Any, deployment: str, **parameters: object) -> str:
    """Start a run of a deployment; its id. A server fails while its database is busy, and is asked again."""
    for _ in range(BUSY_SECONDS):
        asked = api.post(f"deployments/{deployment}/create_flow_run", json={"parameters": parameters})
        if not asked.is_server_error:
            break
        time.sleep(1)
    asked.raise_for_status()
    return str(asked.json()["id"])


def ended(api: Any, run: str) -> bool:
    return api.get(f"flow_runs/{run}").json()["state"]["type"] in {
        "COMPLETED",
        "FAILED",
        "CRASHED",
        "CANCELLED",
    }
