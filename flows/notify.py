"""Telling people what became of a scheduled run: e-mail and webhook, as a settings file says."""

import json
import os
import smtplib
import socket
import ssl
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.error import HTTPError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.bureau_files import text_of
from expectations.errors import InputError
from expectations.reasons import why
from expectations.saying import Messages
from flows.running.within import within

say = Messages(__file__)

ANSWER_WITHIN = 30.0
# A server that goes on sending a little is never silent.
ALL_WITHIN = 90.0
LONGEST_ANSWER = 1 << 16
# 企业微信 takes no longer content of a text message (群机器人配置说明); 钉钉 takes more.
LONGEST_TEXT_BYTES = 2048
PASSWORD = "COUNTY_BUDGET_SMTP_PASSWORD"

Event = Literal["finished", "withheld", "failed"]
EVENTS: tuple[Event, ...] = ("finished", "withheld", "failed")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Email(_Part):
    """A mail server and who is told. The password is never in the file: it comes from the environment."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    sender: str
    recipients: Annotated[list[str], Field(min_length=1)]


class Webhook(_Part):
    """An address that is sent JSON: all fields, or a text message as 企业微信 and 钉钉 take it."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    form: Literal["json", "text"] = "json"


class NotifySettings(_Part):
    """`events`: of what people are told; an unchanged run is never told of."""

    county: str = ""
    events: list[Event] = list(EVENTS)
    email: Email | None = None
    webhook: Webhook | None = None


@dataclass(frozen=True)
class Message:
    """What is told: the event, the year, and the text of the summary or of the error."""

    event: Event
    year: int
    text: str


def load_notify(path: Path) -> NotifySettings:
    """The settings of a file. Raises InputError that names the file and the setting."""
    text = text_of(path)
    try:
        return NotifySettings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(say("misspelt", path=path, why=error)) from error
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InputError(say("wrong_setting", path=path, setting=where)) from error


def send(message: Message, settings: NotifySettings) -> list[str]:
    """Tell everyone who is to be told; the sentences on what could not be sent, for the log.

    A mail server that is down must not undo a run that was published.
    """
    if message.event not in settings.events:
        return []
    return [problem for way in _ways(message, settings) if (problem := _try(way))]


def _ways(message: Message, settings: NotifySettings) -> Iterator[Callable[[], None]]:
    if settings.email:
        yield lambda: _mail(message, settings, settings.email)
    if settings.webhook:
        yield lambda: _post(message, settings, settings.webhook)


def _try(way: Callable[[], None]) -> str:
    try:
        within(ALL_WITHIN, way)
    except (OSError, smtplib.SMTPException, HTTPException, ValueError) as error:
        return say("not_sent", why=why(error))
    return ""


def subject(message: Message, settings: NotifySettings) -> str:
    """The subject of a mail, the first line of a text message.

    >>> subject(Message("finished", 2020, ""), NotifySettings(county="魏县"))
    '[魏县] 2020年部门预算汇总完成'
    """
    county = f"[{settings.county}] " if settings.county else ""
    return county + say(message.event, year=message.year)


def _mail(message: Message, settings: NotifySettings, email: Email | None) -> None:
    if email is None:
        return
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = (
        subject(message, settings),
        email.sender,
        ", ".join(email.recipients),
    )
    mail.set_content(f"{message.text}\n\n{socket.gethostname()}\n")
    connect = smtplib.SMTP_SSL if email.security == "tls" else smtplib.SMTP
    with connect(email.host, email.port, timeout=ANSWER_WITHIN) as server:
        if email.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if email.user:
            server.login(email.user, os.environ.get(PASSWORD, ""))
        refused = server.send_message(mail)
    if refused:
        raise ValueError(say("refused", recipients="、".join(refused)))


def _post(message: Message, settings: NotifySettings, webhook: Webhook | None) -> None:
    if webhook is None:
        return
    body = json.dumps(_payload(message, settings, webhook), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(webhook.url, body, headers)
    try:
        with urllib.request.build_opener(_NoOtherPlace).open(request, timeout=ANSWER_WITHIN) as answer:
            told = answer.read(LONGEST_ANSWER)
    except HTTPError as error:
        raise ValueError(say("answered", answer=error.code)) from error
    if webhook.form == "text" and (refusal := _refusal(told)):
        raise ValueError(say("answered", answer=refusal))


class _NoOtherPlace(urllib.request.HTTPRedirectHandler):
    """Goes where it was sent only: elsewhere Python would ask without the message, and take any answer for a good one."""

    def redirect_request(self, *_told: object) -> None:
        return None


def _refusal(answer: bytes) -> str:
    """Why 企业微信 or 钉钉 did not take a message, which they say in an answer that counts as good; '' where they did.

    >>> _refusal(b'{"errcode": 310000, "errmsg": "keywords not in content"}'), _refusal(b'{"errcode": 0}'), _refusal(b"ok")
    ('310000 keywords not in content', '', '')
    """
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    code = told.get("errcode", 0) if isinstance(told, dict) else 0
    return f"{code} {told.get('errmsg', '')}".strip() if code else ""


def _cut(text: str) -> str:
    """A text as long as a text message may be, cut between two characters, with where the rest is."""
    if len(text.encode()) <= LONGEST_TEXT_BYTES:
        return text
    rest = say("rest")
    return text.encode()[: LONGEST_TEXT_BYTES - len(rest.encode())].decode(errors="ignore") + rest


def _payload(message: Message, settings: NotifySettings, webhook: Webhook) -> dict[str, Any]:
    if webhook.form == "text":
        content = _cut(f"{subject(message, settings)}\n{message.text}")
        return {"msgtype": "text", "text": {"content": content}}
    return {
        "event": message.event,
        "county": settings.county,
        "year": message.year,
        "title": subject(message, settings),
        "text": message.text,
    }
