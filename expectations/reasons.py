"""Why the system refused something, in the words of `reasons.yml`."""

import errno
import os
import socket
from functools import cache
from pathlib import Path

from expectations.yamlfile import read_yaml


def why(error: BaseException) -> str:
    """The reason of an error, in Chinese where `reasons.yml` knows its number, else as the system or the library gives it.

    >>> why(OSError(errno.ENOSPC, "No space left on device")), why(TimeoutError("timed out")), why(ValueError("no such bucket"))
    ('磁盘已满', '连接超时', 'no such bucket')
    >>> why(OSError(None, os.strerror(errno.ENOSPC)))
    '磁盘已满'
    """
    wrapped = getattr(error, "reason", None)
    if isinstance(wrapped, BaseException):
        return why(wrapped)
    said = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return _reasons().get(_name(error), said)


def _name(error: BaseException) -> str:
    """The system's name for an error: EAI where no host has that name, ETIMEDOUT whoever waited too long. A library that
    does not give its number gives its words, or an error of a kind of its own; a store gives a code."""
    if isinstance(error, socket.gaierror):
        return "EAI"
    if isinstance(error, TimeoutError):
        return "ETIMEDOUT"
    if code := _code(error):
        return code
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or _numbers().get(error.strerror or "", 0), "")
    return type(error).__name__


def _code(error: BaseException) -> str:
    """What a store called the refusal that its library tells by an error of the system's kind, '' where none did."""
    answer = getattr(error.__cause__ or error, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""


@cache
def _numbers() -> dict[str, int]:
    return {os.strerror(number): number for number in errno.errorcode}


@cache
def _reasons() -> dict[str, str]:
    found: dict[str, str] = read_yaml(Path(__file__).with_suffix(".yml"))
    return found
