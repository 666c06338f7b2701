"""Why the system refused something is said in Chinese, whoever wraps its error."""

import errno
import re
import socket
import urllib.request
from pathlib import Path

import aiohttp
import botocore.exceptions
import pytest
import s3fs.errors
import yaml

from expectations import reasons
from expectations.reasons import why

# Names of settings (AWS_ACCESS_KEY_ID) are no English.
ENGLISH = re.compile(r"[a-z]")
KNOWN = yaml.safe_load(Path(reasons.__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def refused(path: Path) -> OSError:
    with pytest.raises(OSError, match="Errno") as told:
        path.open("x")
    return told.value


def test_what_the_system_says_of_a_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert why(refused(tmp_path / "file" / "below")) == KNOWN["ENOTDIR"]
    assert why(refused(tmp_path / "none" / "below")) == KNOWN["ENOENT"]
    assert why(refused(tmp_path / "file")) == KNOWN["EEXIST"]
    assert why(refused(tmp_path / ("名" * 200))) == KNOWN["ENAMETOOLONG"]


def test_what_the_network_says() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(OSError, match="Errno") as told:
            urllib.request.urlopen(address, timeout=5)
    assert why(told.value) == KNOWN["ECONNREFUSED"]
    assert why(socket.gaierror(socket.EAI_NONAME, "Name or service not known")) == KNOWN["EAI"]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_reason_is_of_an_error_and_without_english(name: str) -> None:
    of_the_system = name == "EAI" or hasattr(errno, name)
    of_a_library = any(hasattr(library, name) for library in (aiohttp, botocore.exceptions))
    assert of_the_system or of_a_library or name in s3fs.errors.ERROR_CODE_TO_EXCEPTION
    assert not ENGLISH.search(KNOWN[name])


@pytest.mark.parametrize("code", ["NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SlowDown", "503"])
def test_what_a_store_says_is_known_by_its_code_whatever_error_its_library_makes_of_it(code: str) -> None:
    answer = {"Error": {"Code": code, "Message": "The request was refused."}}
    refusal = botocore.exceptions.ClientError(answer, "PutObject")
    assert why(refusal) == why(s3fs.errors.translate_boto_error(refusal)) == KNOWN[code]


def test_what_is_not_known_stays_as_it_was_said() -> None:
    assert why(OSError(errno.EDOM, "Numerical argument out of domain")) == "Numerical argument out of domain"
