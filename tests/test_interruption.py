"""Runs that somebody stops: real processes, real signals, to all of them as a terminal sends Ctrl-C, or to the run alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from flows.environment import CANNOT_RUN
from flows.running.completed import is_whole, read_record
from transforms.sample import write_county

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to a group"),
]

YEAR = 2020
MOST_LOOKS = 6000
COMMAND = [sys.executable, "-c", "import sys; from flows.cli import main; sys.exit(main())"]
Send = Callable[[int, int], None]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=4, seed=7, defects=1)
    return folder


def until(come: Callable[[], bool]) -> None:
    """Wait, for minutes at most: a test that waits for ever says nothing."""
    for _ in range(MOST_LOOKS):
        if come():
            return
        time.sleep(0.05)
    pytest.fail("waited in vain")


def all_gone(group: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return False
    return True


@pytest.mark.parametrize(
    ("moment", "send", "which"),
    [
        ("2 s", os.killpg, signal.SIGINT),
        ("5 s", os.killpg, signal.SIGINT),
        ("[2/11]", os.killpg, signal.SIGINT),
        ("[4/11]", os.kill, signal.SIGTERM),
    ],
)
def test_a_run_that_is_stopped_says_so_in_one_sentence_and_leaves_no_process(
    moment: str, send: Send, which: int, county: Path, tmp_path: Path
):
    said, command = tmp_path / "said", [*COMMAND, "run", str(YEAR), "--input", str(county)]
    with said.open("w") as stderr:
        run = subprocess.Popen(
            [*command, "--output", str(tmp_path / "output")], stderr=stderr, start_new_session=True
        )
    if moment.endswith("s"):
        time.sleep(float(moment.removesuffix(" s")))
    else:
        until(lambda: moment in said.read_text("utf-8"))
    send(run.pid, which)
    assert run.wait() == CANNOT_RUN
    until(lambda: all_gone(run.pid))
    told = [line for line in said.read_text("utf-8").splitlines() if not line.startswith("[")]
    assert told == ["已中断；已发布的成果未改动。"]
    assert not (tmp_path / "output" / str(YEAR)).exists()


@pytest.mark.parametrize("module", ["flows.commands", "yaml", "flows.parser", "flows.remote"])
def test_a_command_that_is_stopped_while_it_imports_says_so_in_one_sentence(module: str):
    command = (
        "import os, signal, sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stop())\n"
        "from flows.cli import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, "run", str(YEAR)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (CANNOT_RUN, "")
    assert done.stderr == "已中断；已发布的成果未改动。\n"


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_stop_waits_until_a_process_beside_the_run_has_got_what_it_begins_with(method: str):
    """A process that gets no more than half of it would print a traceback; it is stopped when it has been started."""
    command = (
        "import os, signal\n"
        "from multiprocessing import get_context, reduction\n"
        "from flows.interruption import interruptible\n"
        "from flows.running.processes import WorkerPool\n"
        "dump = reduction.dump\n"
        "def stopped(*written):\n"
        "    dump(*written)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    reached.append(1)\n"
        "reduction.dump, reached = stopped, []\n"
        "with interruptible():\n"
        f"    pool = WorkerPool(1, mp_context=get_context({method!r}))\n"
        "    try: pool.submit(os.getpid)\n"
        "    finally: print(len(reached))\n"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (CANNOT_RUN, "2\n")
    assert done.stderr == "已中断；已发布的成果未改动。\n"


def test_a_run_that_is_stopped_after_it_has_published_names_the_release(county: Path, tmp_path: Path):
    said, output = tmp_path / "said", tmp_path / "output"
    with said.open("w") as stderr:
        run = subprocess.Popen(
            [*COMMAND, "run", str(YEAR), "--input", str(county), "--output", str(output)], stderr=stderr
        )
    until(lambda: "[11/11]" in said.read_text("utf-8"))
    run.terminate()
    assert run.wait() == CANNOT_RUN
    assert (
        said.read_text("utf-8").splitlines()[-1] == f"已中断；中断前新的成果已经写入 {output / str(YEAR)}。"
    )
    assert is_whole(output / str(YEAR), read_record(output / str(YEAR)))
