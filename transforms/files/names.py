"""Names of files as their senders wrote them. Windows packs Chinese names in GB18030, and not every program that unpacks
them on another system converts them."""

import os
from pathlib import PurePath

_ENCODINGS = ("utf-8", "gb18030")


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


def readable(part: str) -> str:
    """The name of a file or folder as it was sent, which any text may hold."""
    if part.isascii():
        return part
    raw = os.fsencode(part)
    return as_sent(raw) or raw.decode("ascii", "backslashreplace")
