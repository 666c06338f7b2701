"""The server that Prefect starts for a run where none is given: it ends with the run, also where that is killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from httpx import HTTPError
from prefect.client.base import ServerType, determine_server_type
from prefect.server.api.server import SubprocessASGIServer

from expectations.errors import InputError
from expectations.saying import Messages

say = Messages(__file__)

# Waits until its input ends, as it does with the process that holds the other end, and ends another one.
WATCH = "import os, signal, sys; sys.stdin.read(); os.kill(int(sys.argv[1]), signal.SIGTERM)"
_watching: "list[subprocess.Popen[bytes]]" = []


def start_own_server() -> None:
    """Start now the server that Prefect would start, where none is given. Raises InputError where it does not come up."""
    if determine_server_type() is ServerType.EPHEMERAL:
        try:
            SubprocessASGIServer().start()
        except (RuntimeError, HTTPError) as error:
            raise InputError(say("not_up")) from error


@contextmanager
def own_server_ends_with_run() -> Iterator[None]:
    """Prefect ends its server where it is told to; nobody tells it where this process is killed."""
    server = SubprocessASGIServer().server_process
    if server is None:
        yield
    else:
        with ends_with_this_process(server.pid):
            yield


@contextmanager
def ends_with_this_process(pid: int) -> Iterator[None]:
    """End a process when this one ends inside, however that comes; also after something was raised inside: where that is
    signal 15, Prefect lets this process die by it without a word to its server."""
    command = [sys.executable, "-I", "-S", "-c", WATCH, str(pid)]
    watch = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    _watching.append(watch)
    yield
    _watching.remove(watch)
    with watch:
        watch.kill()
