"""Before a run: refuse at once what cannot run."""

import os
import urllib.request
from datetime import date
from pathlib import Path

from expectations.errors import InputError
from flows import stages
from flows.audit import UNCHANGED, audited
from flows.completed import Completed, standing
from flows.identity import identity
from flows.lock import keep_apart, only_writer
from flows.progress import say

SERVER = "PREFECT_API_URL"
ANSWER_WITHIN = 10
WAIT = "；加上 --wait，本次运行会等它结束后自动开始"


def begin(
    year: int, input_dir: Path, output_dir: Path, *, strict: bool, anew: bool, patience: float = 0.0
) -> Completed | None:
    """The release that stands, where nothing has changed since: no server need start then. Else None.

    `patience`: seconds to wait for another run of the year; what came in meanwhile counts. Raises InputError for missing
    inputs, a faulty roster, an output in use or among the inputs, before a server starts.
    """
    keep_apart(input_dir, output_dir, year)
    inputs = stages.take_inputs(input_dir, year)
    refuse_a_dead_server()
    amendments = stages.take_amendments(input_dir, year)
    with only_writer(output_dir, year, patience, say, "" if patience else WAIT) as waited:
        if anew:
            return None
        if waited:
            inputs, amendments = stages.take_inputs(input_dir, year), stages.take_amendments(input_dir, year)
        wanted = identity(inputs, amendments, output_dir, date.today(), {"strict": strict})
        stands = standing(output_dir, year, wanted)
        if stands:
            begun = {"inputs": dict(wanted), "files": len(inputs.files)}
            with audited(output_dir, year, "command", begun) as entry:
                entry.note(result=UNCHANGED, exit_code=stands.exit_code)
        return stands


def refuse_a_dead_server() -> None:
    """Raise InputError where PREFECT_API_URL names a server that does not answer."""
    if server_is_gone():
        url = os.environ[SERVER]
        raise InputError(
            f"连不上 Prefect 服务器 {url}。请检查 PREFECT_API_URL，或取消该设置，用自带的服务器运行。"
        )


def server_is_gone() -> bool:
    """Whether the server that PREFECT_API_URL names, where it names one, gives no answer in some seconds."""
    url = os.environ.get(SERVER, "")
    if not url:
        return False
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=ANSWER_WITHIN) as answer:
            answer.read()
    except (OSError, ValueError):
        return True
    return False
