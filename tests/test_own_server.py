import subprocess
import sys
from collections.abc import Iterator

import pytest

from flows.running.own_server import ends_with_this_process

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
