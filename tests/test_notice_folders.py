"""Notices kept between runs and drawn by several processes: always the bytes that one cold run in one process draws."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from expectations.errors import InputError, PublicationError
from flows.identity import drawing
from flows.published.publish import publish
from flows.returned import notice_folders
from flows.returned.drawing import Notice, drawn
from flows.returned.notice_folders import KeptNotices, drawing_aside, write_notices
from flows.returned.package import zipped
from flows.running import processes
from flows.running.cache import sealed
from tests.releases import verdict_of
from tests.test_publish import a_release
from transforms.sample import write_county

YEAR = 2020
VERSION = "1"
LONGEST_WAIT = 120
CHANGES = pa.table({"类别": ["结论"], "说明": ["改动单元格1个"]})


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=3, seed=7, defects=3)
    return folder


@pytest.fixture(scope="module")
def notices(county: Path) -> tuple[Notice, ...]:
    first, *others = verdict_of(county, YEAR, validated=False).release.notices
    return replace(first, changes=CHANGES, remarks=("改动单元格1个。",)), *others


def folders(
    notices: tuple[Notice, ...], at: Path, kept: KeptNotices | None = None, workers: int = 1
) -> dict[str, bytes]:
    """Every file of the notices' folders by name."""
    shutil.rmtree(at, ignore_errors=True)
    with drawing_aside(notices, kept, workers) as files_of:
        write_notices(notices, at, files_of)
    return files_below(at)


def files_below(at: Path) -> dict[str, bytes]:
    return {path.relative_to(at).as_posix(): path.read_bytes() for path in at.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def cold(notices: tuple[Notice, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return folders(notices, tmp_path_factory.mktemp("cold") / "notices")


@pytest.fixture
def kept(notices: tuple[Notice, ...], tmp_path: Path) -> KeptNotices:
    """All notices of an earlier run."""
    kept = KeptNotices(tmp_path / "kept", VERSION)
    folders(notices, tmp_path / "earlier", kept)
    return kept


@pytest.fixture
def none_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_folders, "drawn", lambda notice: pytest.fail(f"{notice.folder} was drawn"))


def entries(kept: KeptNotices) -> list[Path]:
    return sorted(path for path in kept.folder.rglob("*") if path.is_file())


def test_what_is_known_is_taken_over_byte_for_byte_and_not_drawn(
    notices: tuple[Notice, ...], cold: dict[str, bytes], kept: KeptNotices, none_drawn: None, tmp_path: Path
):
    assert len(entries(kept)) == len(notices)
    assert any(name.endswith("重报对比.csv") for name in cold)
    assert folders(notices, tmp_path / "again", kept) == cold


@pytest.mark.parametrize("damage", [b"", b"PK", None])
def test_a_damaged_entry_is_drawn_again_and_mended(
    notices: tuple[Notice, ...],
    cold: dict[str, bytes],
    kept: KeptNotices,
    tmp_path: Path,
    damage: bytes | None,
):
    whole = [path.read_bytes() for path in entries(kept)]
    for path in entries(kept):
        content = path.read_bytes()
        path.write_bytes(content[:900] + b"\0" + content[901:] if damage is None else damage)
    assert folders(notices, tmp_path / "again", kept) == cold
    assert [path.read_bytes() for path in entries(kept)] == whole


def test_an_entry_that_would_write_elsewhere_counts_as_missing(
    notices: tuple[Notice, ...], kept: KeptNotices
):
    for path in entries(kept):
        path.write_bytes(sealed(zipped({"../../harm.docx": b"x"})))
    assert kept.get(notices[0]) is None


def test_a_folder_that_cannot_be_written_costs_only_the_time(
    notices: tuple[Notice, ...], cold: dict[str, bytes], tmp_path: Path
):
    (tmp_path / "kept").write_text("no folder")
    assert folders(notices, tmp_path / "again", KeptNotices(tmp_path / "kept", VERSION)) == cold


def another_word(notice: Notice) -> Notice:
    first, *others = notice.entries
    return replace(notice, entries=(replace(first, message=f"{first.message}请尽快。"), *others))


def another_address(notice: Notice) -> Notice:
    first, *others = notice.entries
    return replace(notice, entries=(replace(first, cells=("A1",)), *others))


def another_file(notice: Notice) -> Notice:
    """The same bytes under another name."""
    name, file = next(iter(notice.files.items()))
    copy = Path(shutil.copy(file.path, file.path.with_name(f"重报{file.path.suffix}")))
    return replace(notice, files={**notice.files, name: replace(file, path=copy)})


@pytest.mark.parametrize(
    "change",
    [
        partial(replace, bureau="某县财政局预算股"),
        partial(replace, deadline="于2020年3月1日前"),
        partial(replace, body="某某局"),
        partial(replace, year=2021),
        partial(replace, remarks=("本次报送没有任何修改。",)),
        partial(replace, changes=CHANGES.slice(0, 0)),
        another_word,
        another_address,
        another_file,
    ],
)
def test_a_notice_that_says_anything_else_is_drawn(
    change: Callable[[Notice], Notice],
    notices: tuple[Notice, ...],
    kept: KeptNotices,
    tmp_path: Path,
):
    (notice,) = (each for each in notices if each.changes is not None)
    changed = change(notice)
    now = folders((changed,), tmp_path / "again", kept)
    assert now == folders((changed,), tmp_path / "cold")
    assert now != folders((notice,), tmp_path / "before")


def test_the_name_of_the_folder_is_no_reason_to_draw(notices: tuple[Notice, ...], kept: KeptNotices):
    assert kept.get(replace(notices[0], folder="101_新名")) == kept.get(notices[0]) is not None


def test_other_code_knows_nothing_of_it(notices: tuple[Notice, ...], kept: KeptNotices):
    assert KeptNotices(kept.folder, "2").get(notices[0]) is None


@pytest.mark.parametrize(
    ("file", "drawn_anew"),
    [
        ("flows/returned/letter.py", True),
        ("flows/returned/review.py", True),
        ("flows/returned/untouched.py", True),
        ("flows/returned/messages.yml", True),
        ("expectations/messages.yml", True),
        ("expectations/rules/30_inside.yml", False),
        ("flows/published/page.py", False),
    ],
)
def test_the_words_of_a_letter_count_and_rules_count_by_what_they_find(
    file: str, drawn_anew: bool, monkeypatch: pytest.MonkeyPatch
):
    before, read = drawing.__wrapped__(), Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda self: read(self) + (b"#" if self.as_posix().endswith(file) else b"")
    )
    assert (drawing.__wrapped__() != before) == drawn_anew


OPENED = """
import pickle, sys
opened = []
notices = pickle.load(open(sys.argv[1], "rb"))
import flows.returned.drawing, flows.returned.letter
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
for notice in notices:
    flows.returned.drawing.drawn(notice)
import json
json.dump(opened, sys.stdout)
"""


def test_drawing_looks_no_definition_up(notices: tuple[Notice, ...], tmp_path: Path):
    """What a notice depends on is what it says, the files it sends back, code and its sentences."""
    (tmp_path / "notices").write_bytes(pickle.dumps(notices))
    told = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path / "notices")], capture_output=True, check=True
    )
    ours = {path for path in json.loads(told.stdout) if "/expectations/" in path or "/transforms/" in path}
    assert not [path for path in ours if not path.endswith((".py", ".pyc", "/messages.yml"))]


def test_after_one_file_changed_the_notices_are_those_of_a_cold_run(
    county: Path, kept: KeptNotices, tmp_path: Path
):
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    first, changed, *_ = sorted(copied.rglob("*.xlsx"))
    shutil.copyfile(first, changed)
    notices = verdict_of(copied, YEAR, validated=False).release.notices
    before = len(entries(kept))
    assert folders(notices, tmp_path / "again", kept) == folders(notices, tmp_path / "cold")
    assert 0 < len(entries(kept)) - before < before


def test_settings_of_the_bureau_are_not_stale(county: Path, kept: KeptNotices, tmp_path: Path):
    copied = Path(shutil.copytree(county, tmp_path / "input"))
    settings = '[notice]\nbureau = "某县财政局预算股"\ndue = 2020-05-01\n'
    (copied / str(YEAR) / "settings.toml").write_text(settings, "utf-8")
    notices = verdict_of(copied, YEAR, validated=False).release.notices
    assert {(each.bureau, each.deadline) for each in notices} == {("某县财政局预算股", "于2020年5月1日前")}
    assert folders(notices, tmp_path / "again", kept) == folders(notices, tmp_path / "cold")


@pytest.fixture
def many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_folders, "WORTH_A_PROCESS", 1)


@pytest.mark.usefixtures("many_processes")
def test_what_another_process_draws_has_the_bytes_of_this_one(
    notices: tuple[Notice, ...], cold: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kept = KeptNotices(tmp_path / "kept", VERSION)
    with drawing_aside(notices, kept, 2) as files_of:
        until = time.monotonic() + LONGEST_WAIT
        while not all(map(kept.has, notices)) and time.monotonic() < until:
            time.sleep(0.05)
        monkeypatch.setattr(
            notice_folders, "drawn", lambda notice: pytest.fail(f"{notice.folder} was drawn here")
        )
        write_notices(notices, tmp_path / "two", files_of)
    assert files_below(tmp_path / "two") == cold


@pytest.mark.usefixtures("many_processes")
def test_processes_that_share_the_work_leave_the_bytes_of_one(
    notices: tuple[Notice, ...], cold: dict[str, bytes], tmp_path: Path
):
    kept = KeptNotices(tmp_path / "kept", VERSION)
    assert folders(notices, tmp_path / "three", kept, workers=3) == cold
    assert all(map(kept.has, notices))


@pytest.mark.usefixtures("many_processes")
def test_what_processes_cannot_keep_they_give(
    notices: tuple[Notice, ...], cold: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "kept").write_text("no folder")
    monkeypatch.setattr(Future, "cancel", lambda _self: False)
    monkeypatch.setattr(
        notice_folders, "drawn", lambda notice: pytest.fail(f"{notice.folder} was drawn here")
    )
    assert folders(notices, tmp_path / "two", KeptNotices(tmp_path / "kept", VERSION), workers=2) == cold


@pytest.mark.usefixtures("many_processes")
def test_what_processes_leave_undone_that_die_is_drawn_all_the_same(
    notices: tuple[Notice, ...], cold: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(processes, "begin_worker", partial(os._exit, 1))
    assert folders(notices, tmp_path / "two", KeptNotices(tmp_path / "kept", VERSION), workers=2) == cold


KILLED = """
import os, pathlib, pickle, signal, sys, time
from flows.returned import notice_folders
if __name__ == "__main__":
    notice_folders.WORTH_A_PROCESS = notice_folders.AT_ONCE = 1
    notices = pickle.load(open(sys.argv[1], "rb"))
    kept = notice_folders.KeptNotices(pathlib.Path(sys.argv[1]).with_name("kept"), "1")
    with notice_folders.drawing_aside(notices, kept, 3):
        while not any(map(kept.has, notices)):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_processes_that_draw_for_a_run_that_was_killed_end_with_it(
    notices: tuple[Notice, ...], tmp_path: Path
):
    """They hold the output of the run: it ends when the last of them does."""
    (tmp_path / "notices").write_bytes(pickle.dumps(notices))
    (tmp_path / "killed.py").write_text(KILLED)
    program = [sys.executable, str(tmp_path / "killed.py"), str(tmp_path / "notices")]
    known = {**os.environ, "PYTHONPATH": str(Path(notice_folders.__file__).parent.parent)}
    assert subprocess.run(program, env=known, capture_output=True, timeout=120).returncode == -9


@pytest.mark.usefixtures("many_processes")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("content", [b"other bytes", None])
def test_a_workbook_that_is_another_by_now_stops_the_run_with_its_name(
    notices: tuple[Notice, ...], tmp_path: Path, workers: int, content: bytes | None
):
    marked = next(notice for notice in notices if any(name.endswith("xlsx") for name in drawn(notice)))
    gone = {name: replace(file, path=tmp_path / file.path.name) for name, file in marked.files.items()}
    for file in gone.values() if content else ():
        file.path.write_bytes(content or b"")
    kept = KeptNotices(tmp_path / "kept", VERSION)
    notice = replace(marked, files=gone)
    others = (each for each in notices if each.folder != marked.folder)
    with pytest.raises(InputError, match=r"\.xlsx 在运行中被改动、移走或不能再读取"):
        folders((notice, *others), tmp_path / "again", kept, workers)
    assert not kept.has(notice)


@pytest.mark.usefixtures("many_processes")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_fills_while_notices_are_written_is_told_and_leaves_the_former_release(
    notices: tuple[Notice, ...], tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
):
    publish(a_release(), tmp_path)
    record = (tmp_path / str(YEAR) / "run.json").read_bytes()
    write = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.suffix == ".docx":
            raise OSError(28, "No space left on device", str(self))
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    kept = KeptNotices(tmp_path / ".cache", VERSION)
    with pytest.raises(PublicationError, match=r"未能写入 .*通知\.docx（磁盘已满），原有成果未改动"):
        publish(replace(a_release(), notices=notices), tmp_path, kept, workers)
    assert (tmp_path / str(YEAR) / "run.json").read_bytes() == record
    assert not list(tmp_path.glob(f".{YEAR}.*"))
