"""How wide a text is where each digit takes one column."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"\S+\s*")
_SIGN = re.compile(r".[，。、；：）》”]*\s*")


def columns_wide(text: str) -> int:
    """The width of a text in digits: a Chinese character takes two.

    >>> columns_wide("部门 12")
    7
    """
    return sum(2 if sign > "\u2e7f" or sign in "“”—…" else 1 for sign in text)


def lines_within(text: str, width: int) -> Iterator[str]:
    """A text in lines no wider than this, broken at blanks; what is too long for a line by itself is broken anywhere.

    >>> [*lines_within("budget year 预算年度", 12)], [*lines_within("输入文件夹，必填", 10)]
    (['budget year', '预算年度'], ['输入文件', '夹，必填'])
    """
    line = ""
    for word in _WORD.findall(text):
        for piece in [word] if columns_wide(word.rstrip()) <= width else _SIGN.findall(word):
            if line and columns_wide((line + piece).rstrip()) > width:
                yield line.rstrip()
                line = ""
            line += piece
    yield line.rstrip()
