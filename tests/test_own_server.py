import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.running.own_server import ends_with_this_process
from transforms.sample import write_county

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals 9 and 15")


@pytest.fixture
def server() -> "Iterator[subprocess.Popen[bytes]]":
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as sleeper:
        yield sleeper
        sleeper.kill()


def died(program: str, server: int) -> int:
    """How a process ended that runs a program, with `around` for what watches the server."""
    head = f"import os, signal\nfrom {ends_with_this_process.__module__} import ends_with_this_process\n"
    around = f"around = ends_with_this_process({server})\n"
    return -subprocess.run([sys.executable, "-c", head + around + program], check=False).returncode


def test_what_a_run_has_started_ends_with_it_where_it_is_killed_and_only_then(
    server: "subprocess.Popen[bytes]",
):
    assert died("with around:\n  pass\nos.kill(os.getpid(), signal.SIGKILL)", server.pid) == 9
    assert server.poll() is None
    assert died("with around:\n  os.kill(os.getpid(), signal.SIGKILL)", server.pid) == 9
    assert server.wait(timeout=20) == -15


def test_what_a_run_has_started_ends_with_it_where_it_dies_by_what_was_raised_in_it(
    server: "subprocess.Popen[bytes]",
):
    program = """
try:
    with around:
        raise KeyboardInterrupt
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGTERM)
"""
    assert died(program, server.pid) == 15
    assert server.wait(timeout=20) == -15


def run_of(folder: Path, before: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
    """A run that would start a server, its database in the folder. `before`: what the process does first."""
    write_county(folder / "input", 2020, departments=1, seed=7)
    program = f"import sys\n{before}\nfrom flows.cli import main\nsys.exit(main())"
    places = ["--input", str(folder / "input"), "--output", str(folder / "output")]
    environment = {**os.environ, "PREFECT_HOME": str(folder / "prefect"), **settings}
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-c", program, "run", "2020", *places]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_server_that_does_not_come_up_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "prefect" / "prefect.db").mkdir(parents=True)
    done = run_of(tmp_path, PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="2")
    assert done.stderr.startswith("自带的 Prefect 服务器没有启动，没有开始运行；原有成果未改动。")
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "output" / "2020").exists()


def test_a_run_whose_server_has_no_room_for_a_new_database_is_refused_at_once(tmp_path: Path):
    bounded = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))"
    done = run_of(tmp_path, bounded)
    assert "不能写入（文件超过磁盘允许的大小）" in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
