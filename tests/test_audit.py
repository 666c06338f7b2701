"""The audit log: one line when a run begins, one when it ends, none ever changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.errors import InputError, PublicationError
from flows.running.audit import AUDIT, append, audited, broken_lines

BEGUN = {"inputs": {"files": "0"}, "files": 3}


def lines(output: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (output / AUDIT).read_text("utf-8").splitlines()]


def test_a_run_leaves_who_what_and_with_which_result(tmp_path: Path):
    with audited(tmp_path, 2020, "command", BEGUN) as run:
        run.note(result="published", exit_code=0, corrections=[{"row": 2, "cell": "C5"}])
    first, last = lines(tmp_path)
    assert [first["event"], last["event"]] == ["started", "ended"]
    assert first["run"] == last["run"]
    assert first["files"] == 3
    assert (last["result"], last["exit_code"], last["corrections"]) == (
        "published",
        0,
        [{"row": 2, "cell": "C5"}],
    )
    assert {"at", "user", "host", "pid", "year", "how"} <= first.keys()


def test_a_run_that_fails_leaves_its_sentence(tmp_path: Path):
    with pytest.raises(InputError), audited(tmp_path, 2020, "command", BEGUN):
        raise InputError("名册第 3 行重复。")
    assert lines(tmp_path)[-1]["result"] == "failed"
    assert lines(tmp_path)[-1]["error"] == "名册第 3 行重复。"


def test_a_run_that_is_interrupted_says_so(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), audited(tmp_path, 2020, "command", BEGUN):
        raise KeyboardInterrupt
    assert lines(tmp_path)[-1]["result"] == "interrupted"


def test_a_log_that_cannot_be_written_stops_the_run_before_it_begins(tmp_path: Path):
    (tmp_path / AUDIT).mkdir()
    with pytest.raises(PublicationError, match="审计日志"), audited(tmp_path, 2020, "command", BEGUN):
        pytest.fail("it ran unrecorded")


def test_lines_of_processes_that_append_at_once_are_whole_and_follow_each_other(tmp_path: Path):
    program = f"""
from pathlib import Path
from flows.running.audit import append
for number in range(25):
    append(Path({str(tmp_path)!r}), {{"number": number, "text": "预算" * 500}})
"""
    writers = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(line["number"] for line in lines(tmp_path)) == sorted([*range(25)] * 3)
    assert broken_lines(tmp_path) == []


@pytest.mark.parametrize("kept", [(0, 2), (1, 2)])
def test_a_line_taken_out_shows(tmp_path: Path, kept: tuple[int, ...]):
    for number in range(3):
        append(tmp_path, {"number": number})
    whole = (tmp_path / AUDIT).read_bytes().splitlines(keepends=True)
    (tmp_path / AUDIT).write_bytes(b"".join(whole[number] for number in kept))
    assert broken_lines(tmp_path) == [2 if kept == (0, 2) else 1]


def test_a_line_changed_shows_at_the_next(tmp_path: Path):
    for number in range(3):
        append(tmp_path, {"number": number})
    log = (tmp_path / AUDIT).read_text("utf-8")
    (tmp_path / AUDIT).write_text(log.replace('"number": 1', '"number": 7'), "utf-8")
    assert broken_lines(tmp_path) == [3]


def test_a_line_cut_short_by_a_crash_is_left_and_the_next_begins_its_own(tmp_path: Path):
    append(tmp_path, {"number": 0})
    with (tmp_path / AUDIT).open("ab") as log:
        log.write(b'{"at": "2020-')
    append(tmp_path, {"number": 1})
    assert json.loads((tmp_path / AUDIT).read_text("utf-8").splitlines()[-1])["number"] == 1
    assert broken_lines(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal 9")
def test_a_run_that_is_killed_has_its_line_and_later_runs_change_none(tmp_path: Path):
    program = f"""
import os, signal
from pathlib import Path
from flows.running.audit import audited
with audited(Path({str(tmp_path)!r}), 2020, "command", {{}}):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -9
    after_the_kill = (tmp_path / AUDIT).read_bytes()
    with audited(tmp_path, 2020, "command", BEGUN) as run:
        run.note(result="published")
    assert (tmp_path / AUDIT).read_bytes().startswith(after_the_kill)
    assert [line["event"] for line in lines(tmp_path)] == ["started", "started", "ended"]
    assert lines(tmp_path)[0]["run"] != lines(tmp_path)[1]["run"]
    assert broken_lines(tmp_path) == []


def test_the_log_is_only_ever_opened_to_append(tmp_path: Path):
    opened: list[str] = []

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(AUDIT) and str(tmp_path) in str(arguments[0]):
            opened.append(str(arguments[1]))

    sys.addaudithook(hear)
    with audited(tmp_path, 2020, "command", BEGUN):
        pass
    broken_lines(tmp_path)
    assert sorted(set(opened)) == ["a+", "r"]
