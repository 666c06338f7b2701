"""Is this installation fit to run? Each check says what it found and, where something is wrong, what to mend."""

import locale
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from expectations.errors import BudgetError
from expectations.reasons import why
from expectations.saying import Messages
from flows.environment import PROJECT, prefect_home
from flows.preflight import DATABASE, refuse_a_dead_server
from flows.running.audit import AUDIT, broken_lines
from transforms.narrative.office import office_program

say = Messages(__file__)

Grade = Literal["好", "注意", "有问题"]
GOOD: Grade = "好"
NOTE: Grade = "注意"
WRONG: Grade = "有问题"
# In a checkout; where the program came as a wheel, in the folder that it came in.
LOCKS = (PROJECT / "requirements.lock", Path("requirements.lock"), Path("wheels") / "requirements.lock")
OLDEST, TOO_NEW = (3, 11), (3, 14)
LEAST_GIB = 2
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?")
START_WITHIN = 180
START = """
from prefect.client.orchestration import get_client
with get_client(sync_client=True) as server:
    raise SystemExit(1 if server.api_healthcheck() else 0)
"""
CHINESE = "预算公开表.xlsx"


@dataclass(frozen=True)
class Answer:
    """What one check found. `mend`: what to do; blank where nothing is to be done."""

    title: str
    grade: Grade
    found: str
    mend: str = ""

    def as_text(self) -> str:
        """One line, and under it what to do.

        >>> print(Answer("磁盘空间", "有问题", "剩余 0.5 GiB", "请清理磁盘。").as_text())
        [有问题] 磁盘空间：剩余 0.5 GiB
                 请清理磁盘。
        """
        return f"[{self.grade}] {self.title}：{self.found}" + (f"\n         {self.mend}" if self.mend else "")


def examine(input_dir: Path, output: Path, *, start_server: bool = True) -> Iterator[Answer]:
    """The answers of all checks, each as soon as it is known."""
    yield python()
    yield packages(next((lock for lock in LOCKS if lock.is_file()), LOCKS[0]))
    yield readable(input_dir)
    yield writable(say("output_folder"), output)
    yield writable(say("prefect_folder"), prefect_home())
    yield disk(output)
    yield encodings(output)
    yield prefect_database(prefect_home())
    if start_server:
        server = prefect_server()
        yield server
        if os.environ.get("PREFECT_API_URL") and server.grade == GOOD:
            yield lost()
    yield audit_log(output)
    yield office()


def python() -> Answer:
    """Whether this Python is one of those supported."""
    found = platform.python_version()
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return Answer("Python", GOOD, found)
    return Answer("Python", WRONG, found, say("python_wanted"))


def packages(lock: Path) -> Answer:
    """Whether the installed packages are those of the lock."""
    if not lock.is_file():
        return Answer(say("packages"), NOTE, say("no_lock", lock=lock.name))
    wrong = [*_differing(lock.read_text(encoding="utf-8"))]
    if not wrong:
        return Answer(say("packages"), GOOD, say("as_locked", lock=lock.name))
    shown = "、".join(wrong[:5]) + (f" 等 {len(wrong)} 个" if len(wrong) > 5 else "")
    mend = say("install")
    return Answer(say("packages"), WRONG, say("not_as_locked", lock=lock.name, shown=shown), mend)


def _differing(lock: str) -> Iterator[str]:
    from packaging.markers import Marker

    for line in lock.splitlines():
        pinned = PINNED.match(line)
        if not pinned or (pinned[3] and not Marker(pinned[3].strip()).evaluate()):
            continue
        try:
            found = version(pinned[1])
        except PackageNotFoundError:
            yield say("not_installed", package=pinned[1])
            continue
        if found != pinned[2]:
            yield say("other_version", package=pinned[1], found=found, wanted=pinned[2])


def readable(folder: Path) -> Answer:
    """Whether the input folder is there and can be listed."""
    try:
        years = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name.isdigit())
    except OSError as error:
        mend = say("make_input")
        return Answer(say("input_folder"), WRONG, say("not_readable", folder=folder, why=why(error)), mend)
    return Answer(
        say("input_folder"),
        GOOD if years else NOTE,
        say("years", folder=folder, years="、".join(years) or "无"),
    )


def writable(title: str, folder: Path) -> Answer:
    """Whether a folder can be made, written to and renamed in, as publishing does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=folder) as trial:
            (Path(trial) / "a").mkdir()
            (Path(trial) / "a").rename(Path(trial) / "b")
    except OSError as error:
        mend = say("give_permission")
        return Answer(title, WRONG, say("not_writable", folder=folder, why=why(error)), mend)
    return Answer(title, GOOD, say("is_writable", folder=folder))


def disk(folder: Path) -> Answer:
    """Whether there is room for some releases."""
    there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    if free < LEAST_GIB:
        mend = say("make_room", gib=LEAST_GIB)
        return Answer(say("disk"), WRONG, say("little_room", free=free), mend)
    return Answer(say("disk"), GOOD, say("enough_room", free=free))


def encodings(folder: Path) -> Answer:
    """Whether Chinese file names survive on this file system, and the console can show Chinese."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=folder) as trial:
            (Path(trial) / CHINESE).write_text("")
            names = [
                unicodedata.normalize("NFC", name) for name in (path.name for path in Path(trial).iterdir())
            ]
    except (OSError, UnicodeError):
        names = []
    if names != [CHINESE]:
        return Answer(
            say("file_names"),
            WRONG,
            say("no_chinese_names", folder=folder),
            say("change_file_system"),
        )
    shown = (sys.stdout.encoding or locale.getpreferredencoding()).lower()
    try:
        CHINESE.encode(shown)
    except (UnicodeEncodeError, LookupError):
        return Answer(say("console"), NOTE, say("console_encoding", encoding=shown), say("set_utf8"))
    return Answer(say("chinese"), GOOD, say("chinese_works", encoding=shown))


def prefect_database(home: Path) -> Answer:
    """Whether Prefect's own database is there and whole."""
    path = home / DATABASE
    if not path.is_file():
        return Answer(say("database"), NOTE, say("no_database"), say("made_by_first_run"))
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            state = database.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        state = str(error)
    if state == "ok":
        return Answer(say("database"), GOOD, str(path))
    return Answer(
        say("database"),
        WRONG,
        f"{path}：{state}",
        say("rename_database"),
    )


def prefect_server() -> Answer:
    """Whether the server that runs would use answers, or the embedded one starts."""
    title = say("server")
    if os.environ.get("PREFECT_API_URL"):
        try:
            refuse_a_dead_server()
        except BudgetError as error:
            return Answer(title, WRONG, str(error), say("start_server"))
        return Answer(title, GOOD, say("server_answers", url=os.environ["PREFECT_API_URL"]))
    try:
        done = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, check=False, timeout=START_WITHIN
        )
    except subprocess.TimeoutExpired:
        return Answer(
            title,
            WRONG,
            say("server_slow", seconds=START_WITHIN),
            say("close_programs"),
        )
    if done.returncode:
        return Answer(title, WRONG, say("server_fails"), say("mend_the_above"))
    return Answer(title, GOOD, say("server_starts"))


def lost() -> Answer:
    """Whether the server takes runs for running that were lost on this machine, and keep those after them waiting."""
    from prefect.client.orchestration import get_client

    from flows import lost_runs
    from flows.scheduled import scheduled_consolidation

    with get_client(sync_client=True) as client:
        found = [str(run.id) for run in lost_runs.of_flow(client, scheduled_consolidation.name)]
    if not found:
        return Answer(say("lost_runs"), GOOD, say("none_lost"))
    mend = say("delete_runs", commands="；".join(f"prefect flow-run delete {run}" for run in found))
    return Answer(say("lost_runs"), WRONG, say("some_lost", count=len(found)), mend)


def audit_log(output: Path) -> Answer:
    """Whether every line of the audit log follows the one before."""
    broken = broken_lines(output)
    if broken:
        lines = "、".join(map(str, broken[:5]))
        return Answer(
            say("audit"), WRONG, say("audit_changed", path=output / AUDIT, lines=lines), say("compare_backup")
        )
    return Answer(say("audit"), GOOD, say("audit_sound") if (output / AUDIT).exists() else say("audit_empty"))


def office() -> Answer:
    """Whether there is a program that converts old documents; not needed for workbooks."""
    found = office_program()
    if found:
        return Answer("LibreOffice", GOOD, found)
    return Answer("LibreOffice", NOTE, say("no_office"), say("office_wanted"))


def as_exit_code(answers: list[Answer], tell: Callable[[str], None] = print) -> int:
    """Say what is to be mended in a line; 0 where nothing is, else 2."""
    wrong = [answer.title for answer in answers if answer.grade == WRONG]
    tell(say("to_mend", titles="、".join(wrong)) if wrong else say("fit"))
    return 2 if wrong else 0
