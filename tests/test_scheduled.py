"""Scheduled runs: timetable, notifications, and one run from the API of a real server to its end on a real worker."""

import email
import email.policy
import inspect
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from expectations.errors import InputError, PublicationError
from flows.environment import prepare_environment
from flows.notify import Email, Message, NotifySettings, Webhook, load_notify, send
from flows.running.completed import Completed, is_whole, read_record
from flows.running.server import Server
from tests.prefect_server import (
    PROJECT,
    Process,
    ask,
    ended,
    notify_settings,
    prefect,
    running_server,
    started,
    wait_for,
)
from tests.sinks import dripping_service, mail_sink, webhook_sink
from transforms.sample import write_county

prepare_environment()

WITHHELD = Message("withheld", 2020, "2020年部门预算汇总：暂不汇总 3 个单位")


def test_a_mail_says_in_its_subject_what_became_of_the_run():
    with mail_sink() as (port, received):
        to = Email(host="127.0.0.1", port=port, sender="ys@county.cn", recipients=["zhang@county.cn"])
        assert send(WITHHELD, NotifySettings(county="魏县", email=to)) == []
    mail = email.message_from_bytes(received[0].encode(), policy=email.policy.default)
    assert mail["Subject"] == "[魏县] 2020年部门预算汇总完成，有单位或表暂不汇总"
    assert mail["To"] == "zhang@county.cn"
    assert "暂不汇总 3 个单位" in mail.get_content()


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "json",
            {
                "event": "withheld",
                "county": "",
                "year": 2020,
                "title": "2020年部门预算汇总完成，有单位或表暂不汇总",
                "text": "2020年部门预算汇总：暂不汇总 3 个单位",
            },
        ),
        (
            "text",
            {
                "msgtype": "text",
                "text": {
                    "content": "2020年部门预算汇总完成，有单位或表暂不汇总\n2020年部门预算汇总：暂不汇总 3 个单位"
                },
            },
        ),
    ],
)
def test_a_webhook_gets_all_fields_or_a_text_message(form: str, expected: dict[str, Any]):
    with webhook_sink() as (url, received):
        assert send(WITHHELD, NotifySettings(webhook=Webhook(url=url, form=form))) == []
    assert received == [expected]


def test_what_nobody_wants_to_be_told_is_not_sent():
    with webhook_sink() as (url, received):
        send(WITHHELD, NotifySettings(events=["failed"], webhook=Webhook(url=url)))
    assert received == []


def test_a_mail_server_that_is_down_is_a_sentence_and_the_webhook_is_still_told():
    with webhook_sink() as (url, received):
        nowhere = Email(host="127.0.0.1", port=9, sender="a@b", recipients=["c@d"])
        problems = send(WITHHELD, NotifySettings(email=nowhere, webhook=Webhook(url=url)))
    assert [problem.split("：")[0] for problem in problems] == ["通知未能发出"]
    assert len(received) == 1


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (500, b"", "答复为 500"),
        (
            200,
            b'{"errcode": 310000, "errmsg": "keywords not in content"}',
            "答复为 310000 keywords not in content",
        ),
    ],
)
def test_a_webhook_that_does_not_take_a_message_is_told(status: int, answer: bytes, told: str):
    with webhook_sink(status, answer) as (url, _):
        (problem,) = send(WITHHELD, NotifySettings(webhook=Webhook(url=url, form="text")))
    assert told in problem


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_webhook_that_has_moved_has_not_taken_the_message(status: int):
    with webhook_sink() as (moved, received), webhook_sink(status, elsewhere=moved) as (url, _):
        (problem,) = send(WITHHELD, NotifySettings(webhook=Webhook(url=url)))
    assert f"答复为 {status}" in problem
    assert received == []


def test_servers_that_never_come_to_an_end_keep_no_run_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("flows.notify.ALL_WITHIN", 1.0)
    with dripping_service(b"220 ") as mail, dripping_service(b"HTTP/1.1 200 OK\r\nX: ") as hook:
        endless = Email(host="127.0.0.1", port=mail, sender="a@b", recipients=["c@d"])
        problems = send(
            WITHHELD, NotifySettings(email=endless, webhook=Webhook(url=f"http://127.0.0.1:{hook}/"))
        )
    assert problems == ["通知未能发出：连接超时"] * 2


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_text_message_is_no_longer_than_may_be_and_says_where_the_rest_is(before: str):
    long = Message("failed", 2020, before + "错" * 3000)
    with webhook_sink() as (url, received):
        assert send(long, NotifySettings(webhook=Webhook(url=url, form="text"))) == []
    content = received[0]["text"]["content"]
    assert 2045 < len(content.encode()) <= 2048
    assert content.startswith(f"2020年部门预算汇总未能完成\n{before}错错")
    assert "错……（消息太长，以上不是全文；全文见" in content


def test_an_address_that_no_program_can_ask_is_told():
    (problem,) = send(WITHHELD, NotifySettings(webhook=Webhook(url="http://127.0.0.1/a hook")))
    assert problem.startswith("通知未能发出")


def test_a_recipient_whom_the_mail_server_refuses_is_named():
    with mail_sink(unknown="gone@") as (port, received):
        known = Email(host="127.0.0.1", port=port, sender="a@b", recipients=["gone@d", "here@d"])
        (problem,) = send(WITHHELD, NotifySettings(email=known))
    assert "不接收 gone@d，其余收件人已经发出" in problem
    assert len(received) == 1


def test_notification_settings_may_be_saved_by_chinese_windows(tmp_path: Path):
    (tmp_path / "notify.toml").write_bytes('county = "魏县"'.encode("gb18030"))
    assert load_notify(tmp_path / "notify.toml").county == "魏县"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("events = [", "写法有误"),
        ('events = ["started"]', "events.0 填写有误"),
        ('[email]\nhost = "mail"\nsender = "a@b"\nrecipients = []', "email.recipients 填写有误"),
        ('[webhook]\nurl = "ftp://x"', "webhook.url 填写有误"),
        ('[email]\npassword = "secret"', "email.host 填写有误"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path: Path, text: str, told: str):
    (tmp_path / "notify.toml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=told):
        load_notify(tmp_path / "notify.toml")


def test_a_deployment_runs_at_night_in_the_countys_time_and_looks_for_changes():
    from flows.scheduled import Timetable, deployment

    timetable = Timetable("0 2 * * *", "Asia/Shanghai", timedelta(minutes=3))
    made = deployment(timetable, {"year": 2020})
    nightly, changes = (each.schedule for each in made.schedules or ())
    assert (nightly.cron, nightly.timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert changes.interval == timedelta(minutes=3)
    assert (made.schedules or ())[1].parameters == {"settle_seconds": 90.0}
    assert made.concurrency_limit == 1
    assert made.concurrency_options.collision_strategy.value == "ENQUEUE"


@pytest.mark.parametrize(
    ("cron", "timezone", "told"),
    [
        ("every night", "Asia/Shanghai", "不是定时表达式"),
        ("0 2 * * *", "Asia/Weixian", "没有名为“Asia/Weixian”"),
    ],
)
def test_a_wrong_timetable_is_a_sentence(cron: str, timezone: str, told: str):
    from flows.scheduled import Timetable

    with pytest.raises(InputError, match=told):
        Timetable(cron, timezone).schedules()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"type": "FAILED", "data": InputError("找不到输入文件夹。")}, "找不到输入文件夹。"),
        ({"type": "FAILED", "data": TimeoutError()}, "运行超过 4 小时，已结束"),
        ({"type": "FAILED", "data": KeyError("x"), "message": "KeyError: 'x'"}, "程序内部错误：KeyError"),
        ({"type": "CRASHED", "message": "signal 9"}, "运行中的进程意外终止（signal 9）"),
    ],
)
def test_a_run_that_did_not_end_well_is_told_of_in_a_sentence(state: dict[str, Any], told: str):
    from prefect.client.schemas.objects import State

    from flows.scheduled import _message

    message = _message(2020, State(**state))
    assert message is not None
    assert message.event == "failed"
    assert message.text.startswith(told)


def test_a_run_that_changed_nothing_is_told_to_nobody(tmp_path: Path):
    from flows.scheduled import _result_message

    assert _result_message(2020, Completed(1, tmp_path, "", unchanged=True)) is None
    finished = _result_message(2020, Completed(0, tmp_path, "汇总已发布"))
    assert finished == Message("finished", 2020, "汇总已发布")


def test_a_folder_that_is_being_copied_is_left_to_the_next_look(tmp_path: Path):
    from flows.scheduled import seconds_since_change

    assert seconds_since_change(tmp_path) == float("inf")
    (tmp_path / "a.xlsx").write_text("")
    assert seconds_since_change(tmp_path) < 60
    os.utime(tmp_path / "a.xlsx", (time.time() - 500, time.time() - 500))
    assert 400 < seconds_since_change(tmp_path) < 600


def test_a_file_from_a_clock_that_is_ahead_or_a_link_to_nothing_keeps_no_run_waiting(tmp_path: Path):
    from flows.scheduled import seconds_since_change

    (tmp_path / "a.xlsx").write_text("")
    os.utime(tmp_path / "a.xlsx", (time.time() + 1e7, time.time() + 1e7))
    assert seconds_since_change(tmp_path) > 9e6
    (tmp_path / "b.xlsx").symlink_to(tmp_path / "away.xlsx")
    assert seconds_since_change(tmp_path) < 60


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, dict[str, str]]]:
    with running_server(tmp_path_factory.mktemp("prefect")) as each:
        yield each


@pytest.fixture
def server(running: tuple[Process, dict[str, str]]) -> dict[str, str]:
    return running[1]


def test_runs_started_from_the_api_are_worked_one_after_the_other_and_told_of_once(
    server: dict[str, str], tmp_path: Path
):
    """The second finds nothing changed: it publishes nothing and tells nobody."""
    write_county(tmp_path / "input", 2020, departments=2, seed=7, defects=1)
    api = httpx.Client(base_url=server["PREFECT_API_URL"] + "/", timeout=30)
    prefect(server, "work-pool", "create", "county", "--type", "process")
    prefect(server, "deploy", "--all")
    deployed = api.get("deployments/name/county-consolidation/county-2020").json()
    folders = {"input_dir": str(tmp_path / "input"), "output_dir": str(tmp_path / "output")}
    worker = ("prefect", "worker", "start", "--pool", "county", "--type", "process")
    with webhook_sink() as (url, told), mail_sink() as (port, mails), started(server, *worker) as process:
        notify = str(notify_settings(tmp_path, url, port))
        runs = [ask(api, deployed["id"], year=2020, notify=notify, workers=1, **folders) for _ in range(2)]
        wait_for(lambda: all(ended(api, run) for run in runs), 400, process)
    first, second = sorted(
        (api.get(f"flow_runs/{run}").json() for run in runs), key=lambda run: run["start_time"]
    )
    assert [first["state"]["type"], second["state"]["type"]] == ["COMPLETED", "COMPLETED"]
    assert first["end_time"] <= second["start_time"]
    assert (tmp_path / "output" / "2020" / "run.json").is_file()
    lines = [
        json.loads(line) for line in (tmp_path / "output" / "audit.jsonl").read_text("utf-8").splitlines()
    ]
    results = [(line["how"], line["result"]) for line in lines if line["event"] == "ended"]
    assert results == [
        ("county-2020", "published, bodies or tables withheld"),
        ("county-2020", "unchanged"),
    ]
    assert [each["event"] for each in told] == ["withheld"]
    assert len(mails) == 1


def test_stages_that_reach_for_shares_are_tried_again_later_and_later_and_wrong_inputs_are_not():
    from prefect.states import Failed

    from flows import consolidate

    for stage in (consolidate.take_inputs, consolidate.read_submissions, consolidate.publish_release):
        tried = inspect.getclosurevars(stage).nonlocals["announced"]
        assert (tried.retries, tried.retry_delay_seconds) == (2, [3.0, 6.0])
    assert consolidate.worth_retrying(None, None, Failed(data=PublicationError("未能写入")))
    assert not consolidate.worth_retrying(None, None, Failed(data=InputError("找不到输入文件夹")))


def test_a_scheduled_run_has_an_end_even_where_it_hangs():
    from flows.scheduled import scheduled_consolidation

    assert scheduled_consolidation.timeout_seconds == 4 * 3600


def test_a_run_whose_server_is_stopped_ends_with_its_release_and_says_so(
    running: tuple[Process, dict[str, str]], tmp_path: Path
):
    """The last test of this module: it stops the server of them all."""
    process, environment = running
    write_county(tmp_path / "input", 2020, departments=2, seed=7, defects=1)
    folders = ["--input", str(tmp_path / "input"), "--output", str(tmp_path / "output")]
    run = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "run", "2020", *folders, "--workers", "1"],
        env={**environment, "PREFECT_CLIENT_MAX_RETRIES": "0"},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    told = []
    for line in run.stderr or ():
        told.append(line)
        if line.startswith("[3/"):
            process.kill()
    summary = run.stdout.read() if run.stdout else ""
    assert run.wait() == 1
    assert "汇总已发布" in summary
    assert told[-1].startswith("运行中与 Prefect 服务器失去联系")
    assert len(told) == 12, "nothing else is printed"
    assert is_whole(tmp_path / "output" / "2020", read_record(tmp_path / "output" / "2020"))


def test_a_run_that_a_person_stops_says_so_although_its_server_was_stopped_with_it():
    server = Server()
    with pytest.raises(KeyboardInterrupt), server.working():
        raise KeyboardInterrupt
    server.lost = True
    assert server.interrupted
    with pytest.raises(KeyboardInterrupt):
        server.outcome()
