import subprocess
import sys

import pytest

from flows.running.own_server import ends_with_this_process


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal 9")
def test_what_a_killed_run_has_started_ends_with_it():
    with sleeper() as server:
        program = f"""
import os, signal
from flows.running.own_server import ends_with_this_process
with ends_with_this_process({server.pid}):
    os.kill(os.getpid(), signal.SIGKILL)
"""
        killed = subprocess.run([sys.executable, "-c", program], check=False)
        assert killed.returncode == -9
        assert server.wait(timeout=60) == -15


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal 15")
def test_what_a_run_has_started_ends_with_it_where_it_dies_by_what_was_raised_in_it():
    with sleeper() as server:
        program = f"""
import os, signal
from flows.running.own_server import ends_with_this_process
try:
    with ends_with_this_process({server.pid}):
        raise KeyboardInterrupt
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGTERM)
"""
        killed = subprocess.run([sys.executable, "-c", program], check=False)
        assert killed.returncode == -15
        assert server.wait(timeout=60) == -15


def test_a_run_that_ends_leaves_its_server_to_prefect():
    with sleeper() as server:
        with ends_with_this_process(server.pid):
            pass
        assert server.poll() is None
        server.kill()
