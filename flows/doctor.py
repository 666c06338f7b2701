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
from flows.environment import PROJECT, prefect_home
from flows.preflight import refuse_a_dead_server
from flows.running.audit import AUDIT, broken_lines
from transforms.narrative.office import office_program

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
    yield writable("输出文件夹", output)
    yield writable("Prefect 文件夹", prefect_home())
    yield disk(output)
    yield encodings(output)
    yield prefect_database(prefect_home())
    if start_server:
        yield prefect_server()
    yield audit_log(output)
    yield office()


def python() -> Answer:
    """Whether this Python is one of those supported."""
    found = platform.python_version()
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return Answer("Python", GOOD, found)
    return Answer("Python", WRONG, found, "需要 Python 3.11、3.12 或 3.13，请安装后重新建立 .venv。")


def packages(lock: Path) -> Answer:
    """Whether the installed packages are those of the lock."""
    if not lock.is_file():
        return Answer("程序包", NOTE, f"没有 {lock.name}，未核对版本")
    wrong = [*_differing(lock.read_text(encoding="utf-8"))]
    if not wrong:
        return Answer("程序包", GOOD, f"与 {lock.name} 一致")
    shown = "、".join(wrong[:5]) + (f" 等 {len(wrong)} 个" if len(wrong) > 5 else "")
    mend = (
        "请重新安装：python -m pip install --require-hashes -r requirements.lock"
        "（离线时加 --no-index --find-links 轮子文件夹）。"
    )
    return Answer("程序包", WRONG, f"与 {lock.name} 不一致：{shown}", mend)


def _differing(lock: str) -> Iterator[str]:
    from packaging.markers import Marker

    for line in lock.splitlines():
        pinned = PINNED.match(line)
        if not pinned or (pinned[3] and not Marker(pinned[3].strip()).evaluate()):
            continue
        try:
            found = version(pinned[1])
        except PackageNotFoundError:
            yield f"{pinned[1]} 未安装"
            continue
        if found != pinned[2]:
            yield f"{pinned[1]} {found}（应为 {pinned[2]}）"


def readable(folder: Path) -> Answer:
    """Whether the input folder is there and can be listed."""
    try:
        years = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name.isdigit())
    except OSError as error:
        mend = "请建立该文件夹并放入各年度材料，或用 --input 指定；检查读取权限。"
        return Answer("输入文件夹", WRONG, f"{folder} 不能读取（{error.strerror}）", mend)
    return Answer("输入文件夹", GOOD if years else NOTE, f"{folder}，年度：{'、'.join(years) or '无'}")


def writable(title: str, folder: Path) -> Answer:
    """Whether a folder can be made, written to and renamed in, as publishing does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=folder) as trial:
            (Path(trial) / "a").mkdir()
            (Path(trial) / "a").rename(Path(trial) / "b")
    except OSError as error:
        mend = "请给运行本程序的用户写入和改名的权限，或换一个文件夹。"
        return Answer(title, WRONG, f"{folder} 不能写入（{error.strerror}）", mend)
    return Answer(title, GOOD, f"{folder} 可以写入")


def disk(folder: Path) -> Answer:
    """Whether there is room for some releases."""
    there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    if free < LEAST_GIB:
        mend = f"请清理到至少 {LEAST_GIB} GiB；output/releases/ 中较早的成果备份后可以移走，output/.cache 可以删除。"
        return Answer("磁盘空间", WRONG, f"剩余 {free:.1f} GiB", mend)
    return Answer("磁盘空间", GOOD, f"剩余 {free:.0f} GiB")


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
            "中文文件名",
            WRONG,
            f"{folder} 不能保存中文文件名",
            "请换一个文件系统（NTFS、ext4 等），或改用 UTF-8 的挂载选项。",
        )
    shown = (sys.stdout.encoding or locale.getpreferredencoding()).lower()
    try:
        CHINESE.encode(shown)
    except (UnicodeEncodeError, LookupError):
        return Answer("中文显示", NOTE, f"控制台编码为 {shown}", "请设置环境变量 PYTHONUTF8=1。")
    return Answer("中文", GOOD, f"文件名和控制台（{shown}）都可以用中文")


def prefect_database(home: Path) -> Answer:
    """Whether Prefect's own database is there and whole."""
    path = home / "prefect.db"
    if not path.is_file():
        return Answer("Prefect 数据库", NOTE, "尚未建立", "第一次运行时会自动建立，约需半分钟。")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            state = database.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        state = str(error)
    if state == "ok":
        return Answer("Prefect 数据库", GOOD, str(path))
    return Answer(
        "Prefect 数据库",
        WRONG,
        f"{path}：{state}",
        "停止所有运行后把它改名，再运行一次即自动重建；成果不受影响。",
    )


def prefect_server() -> Answer:
    """Whether the server that runs would use answers, or the embedded one starts."""
    title = "Prefect 服务器"
    if os.environ.get("PREFECT_API_URL"):
        try:
            refuse_a_dead_server()
        except BudgetError as error:
            return Answer(title, WRONG, str(error), "请启动服务器：prefect server start。")
        return Answer(title, GOOD, f"{os.environ['PREFECT_API_URL']} 有回应")
    try:
        done = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, check=False, timeout=START_WITHIN
        )
    except subprocess.TimeoutExpired:
        return Answer(
            title,
            WRONG,
            f"{START_WITHIN} 秒内没有启动",
            "请关闭其他程序后再试；检查安全软件是否拦截本机端口。",
        )
    if done.returncode:
        return Answer(
            title, WRONG, "自带的服务器不能启动", "请先按上面各项改正；仍不能启动的，重新安装程序包。"
        )
    return Answer(title, GOOD, "自带的服务器可以启动")


def audit_log(output: Path) -> Answer:
    """Whether every line of the audit log follows the one before."""
    broken = broken_lines(output)
    if broken:
        lines = "、".join(map(str, broken[:5]))
        return Answer("审计日志", WRONG, f"{output / AUDIT} 第 {lines} 行之前被改动过", "请与备份核对。")
    return Answer("审计日志", GOOD, "没有改动过的痕迹" if (output / AUDIT).exists() else "尚无记录")


def office() -> Answer:
    """Whether there is a program that converts old documents; not needed for workbooks."""
    found = office_program()
    if found:
        return Answer("LibreOffice", GOOD, found)
    return Answer("LibreOffice", NOTE, "没有安装", "只影响读取 .doc、.wps 文档；可以请报送单位另存为 .docx。")


def as_exit_code(answers: list[Answer], tell: Callable[[str], None] = print) -> int:
    """Say what is to be mended in a line; 0 where nothing is, else 2."""
    wrong = [answer.title for answer in answers if answer.grade == WRONG]
    tell(f"需要处理：{'、'.join(wrong)}" if wrong else "可以运行。")
    return 2 if wrong else 0
