"""Before a run: refuse at once what cannot run."""

import os
import urllib.request
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile

from expectations.errors import InputError
from expectations.reasons import why
from expectations.saying import Messages
from flows import stages
from flows.identity import identity
from flows.running import progress
from flows.running.audit import UNCHANGED, audited
from flows.running.completed import Completed, standing
from flows.running.kept import FOLDER, readings_in
from flows.running.lock import keep_apart, only_writer
from flows.running.reading import begin_early
from transforms.submissions import Inputs

say = Messages(__file__)

SERVER = "PREFECT_API_URL"
ANSWER_WITHIN = 10
# A new database with its journal; one that is there already has told its server most of what it has to tell.
DATABASE = "prefect.db"
NEW_DATABASE_BYTES = 8 << 20


def begin(
    year: int,
    input_dir: Path,
    output_dir: Path,
    *,
    strict: bool,
    anew: bool,
    workers: int,
    patience: float = 0.0,
) -> Completed | None:
    """The release that stands, where nothing has changed since: no server need start then. Else None, and as many
    processes as will have something to read come up meanwhile, at most `workers`.

    `patience`: seconds to wait for another run of the year; what came in meanwhile counts. Raises InputError for missing
    inputs, a faulty roster, an output in use or among the inputs, before a server starts.
    """
    keep_apart(input_dir, output_dir, year)
    inputs = stages.take_inputs(input_dir, year)
    refuse_a_dead_server()
    _refuse_a_homeless_server()
    amendments = stages.take_amendments(input_dir, year)
    with only_writer(output_dir, year, patience, progress.say, "" if patience else say("wait")) as waited:
        if waited:
            inputs, amendments = stages.take_inputs(input_dir, year), stages.take_amendments(input_dir, year)
        wanted = identity(inputs, amendments, output_dir, date.today(), {"strict": strict})
        stands = None if anew else standing(output_dir, year, wanted)
        if stands:
            begun = {"inputs": dict(wanted), "files": len(inputs.files)}
            with audited(output_dir, year, "command", begun) as entry:
                entry.note(result=UNCHANGED, exit_code=stands.exit_code)
            return stands
    begin_early(_unread(inputs, output_dir, anew=anew), workers)
    return None


def _unread(inputs: Inputs, output_dir: Path, *, anew: bool) -> int:
    """How many files are to be read."""
    store = readings_in(output_dir / FOLDER)
    return sum(anew or store.said(file) is None for file in inputs.files)


def refuse_a_dead_server() -> None:
    """Raise InputError where PREFECT_API_URL names a server that does not answer."""
    if server_is_gone():
        url = os.environ[SERVER]
        raise InputError(say("server_gone", url=url))


def _refuse_a_homeless_server() -> None:
    """Raise InputError where the server that a run starts could not keep its database: it would be waited for in vain."""
    if os.environ.get(SERVER):
        return
    home = Path(os.environ["PREFECT_HOME"])
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home) as trial:
            trial.write(bytes(0 if (home / DATABASE).exists() else NEW_DATABASE_BYTES))
            trial.flush()
    except OSError as error:
        raise InputError(say("no_home", folder=home, why=why(error))) from error


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
