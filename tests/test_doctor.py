"""The doctor says of an installation what is wrong with it and what to mend."""

import os
import sqlite3
from pathlib import Path

import pytest

from flows import doctor
from flows.cli import main
from flows.running.audit import append


def test_packages_that_differ_from_the_lock_are_named(tmp_path: Path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "pandas==0.1 \\\n    --hash=sha256:0\nno-such-package==1.0 \\\n    --hash=sha256:0\n"
        "colorama==99 ; sys_platform == 'win33' \\\n    --hash=sha256:0\n"
    )
    answer = doctor.packages(lock)
    assert answer.grade == "有问题"
    assert "（应为 0.1）" in answer.found
    assert "no-such-package 未安装" in answer.found
    assert "colorama" not in answer.found


def test_the_packages_of_this_environment_are_those_of_the_lock():
    assert doctor.packages(doctor.LOCKS[0]).grade == "好"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind this user")
def test_a_folder_without_rights_is_named(tmp_path: Path):
    tmp_path.chmod(0o500)
    assert doctor.writable("输出文件夹", tmp_path / "output").grade == "有问题"


def test_an_output_that_is_a_file_is_named_with_what_to_do(tmp_path: Path):
    (tmp_path / "output").write_text("")
    answer = doctor.writable("输出文件夹", tmp_path / "output")
    assert answer.grade == "有问题"
    assert "权限" in answer.mend


def test_a_database_that_is_damaged_is_named(tmp_path: Path):
    (tmp_path / "prefect.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    assert doctor.prefect_database(tmp_path).grade == "有问题"
    (tmp_path / "prefect.db").unlink()
    sqlite3.connect(tmp_path / "prefect.db").execute("CREATE TABLE a (b)").connection.close()
    assert doctor.prefect_database(tmp_path).grade == "好"


def test_an_audit_log_that_was_changed_is_named(tmp_path: Path):
    for number in range(2):
        append(tmp_path, {"number": number})
    assert doctor.audit_log(tmp_path).grade == "好"
    log = tmp_path / "audit.jsonl"
    log.write_text(log.read_text("utf-8").replace('"number": 0', '"number": 5'), "utf-8")
    assert "第 2 行之前" in doctor.audit_log(tmp_path).found


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert doctor.prefect_server().grade == "有问题"


def test_the_command_ends_with_2_where_something_is_to_be_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folders = ["--input", str(tmp_path / "nowhere"), "--output", str(tmp_path / "output"), "--no-server"]
    assert main(["doctor", *folders]) == 2
    assert capsys.readouterr().out.splitlines()[-1] == "需要处理：输入文件夹"
    (tmp_path / "nowhere" / "2020").mkdir(parents=True)
    assert main(["doctor", *folders]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "可以运行。"
