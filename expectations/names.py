"""Names of files as their senders wrote them. Windows packs Chinese names in GB18030, and not every program that unpacks
them on another system converts them."""

import os
import re
from pathlib import PurePath

_ENCODINGS = ("utf-8", "gb18030")
# Line breaks, tabs and the like, which would tear the sentences, rows and file names that a name stands in.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def as_sent(raw: bytes) -> str | None:
    """The name that bytes spell; None where they spell none.

    >>> as_sent("测试".encode()), as_sent("测试".encode("gb18030")), as_sent(b"\\xff")
    ('测试', '测试', None)
    """
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def name_below(path: PurePath, folder: PurePath) -> str:
    """A path below a folder with forward slashes, its parts as they were sent; bytes that spell nothing are shown by their
    codes.

    >>> name_below(PurePath("2020", os.fsdecode("测试".encode("gb18030")), "a.xlsx"), PurePath("2020"))
    '测试/a.xlsx'
    """
    return "/".join(readable(part) for part in path.relative_to(folder).parts)


def as_people_read(path: PurePath) -> str:
    """A path to be told in a sentence.

    >>> as_people_read(PurePath("2020", os.fsdecode("预算".encode("gb18030"))))
    '2020/预算'
    """
    return str(type(path)(*map(readable, path.parts)))


def readable(part: str) -> str:
    """The name of a file or folder as it was sent, in one line, which any text may hold.

    >>> readable("预算\\n2020.xlsx")
    '预算 2020.xlsx'
    """
    return in_one_line(part if part.isascii() else _spelt(os.fsencode(part)))


def in_one_line(name: str) -> str:
    """A name with a blank for what would break a line.

    >>> in_one_line("预算\\r\\n2020.xlsx")
    '预算 2020.xlsx'
    """
    return _CONTROL.sub(" ", name)


def _spelt(raw: bytes) -> str:
    return as_sent(raw) or raw.decode("ascii", "backslashreplace")
