"""Wordings of the phrase files written out, and looked up by what a text begins with."""

import re

from expectations.errors import DefinitionError
from transforms.wording.text import compact

_MARK = re.compile(r"[\[\]()|]")


def spelled_out(pattern: str) -> list[str]:
    """Every text a wording stands for: [x] may be left out, (a|b) is a choice; a literal bracket is full-width.

    >>> spelled_out("(上|去)年[预算]"), spelled_out("费（境）")
    (['上年预算', '上年', '去年预算', '去年'], ['费(境)'])
    """
    texts, rest = _alternatives(pattern, "")
    if rest:
        raise DefinitionError(f"a bracket too many in the wording {pattern!r}")
    return list(dict.fromkeys(compact(text) for text in texts))


def _alternatives(rest: str, closing: str) -> tuple[list[str], str]:
    """The texts up to a closing bracket, and what follows it."""
    found: list[str] = []
    texts = [""]
    while rest:
        mark = _MARK.search(rest)
        literal = rest[: mark.start()] if mark else rest
        texts = [text + literal for text in texts]
        if mark is None:
            return found + texts, ""
        rest = rest[mark.end() :]
        if mark[0] == "|":
            found, texts = found + texts, [""]
        elif mark[0] in "[(":
            inner, rest = _alternatives(rest, "]" if mark[0] == "[" else ")")
            inner += [""] if mark[0] == "[" else []
            texts = [text + each for text in texts for each in inner]
        elif mark[0] == closing:
            return found + texts, rest
        else:
            raise DefinitionError(f"brackets that do not match before {rest!r}")
    return found + texts, ""


class Wordings:
    """Texts with what each means, found at a place in another text; the longest wins."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._lengths: dict[str, list[int]] = {}

    def add(self, kind: str, key: str, patterns: list[str]) -> None:
        """Let wordings mean a kind of token; DefinitionError where one has another meaning already."""
        for text in (text for pattern in patterns for text in spelled_out(pattern)):
            if not text:
                continue
            other = self._known.setdefault(text, (kind, key))
            if other != (kind, key):
                raise DefinitionError(f"{text} is both {other} and {(kind, key)}")
            lengths = self._lengths.setdefault(text[0], [])
            if len(text) not in lengths:
                lengths.append(len(text))
                lengths.sort(reverse=True)

    def at(self, text: str, start: int) -> tuple[str, str, int] | None:
        """(kind, key, end) of the longest wording that begins at a place."""
        for length in self._lengths.get(text[start], ()):
            meaning = self._known.get(text[start : start + length])
            if meaning and start + length <= len(text):
                return (*meaning, start + length)
        return None
