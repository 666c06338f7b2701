"""The official subjects by their names: classes of functions, and codes of a list."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from expectations import codes
from transforms.wording.patterns import pattern, piece
from transforms.wording.text import bare

CodeList = Literal["function", "economic"]
SPENDING, _SHORT_ELSEWHERE = piece("spending"), pattern("short_elsewhere")


@cache
def class_names() -> dict[str, str]:
    """Names of function classes (类) of every edition, with 支出 at the end or without, to their codes."""
    classes = (code for code in codes.codes("functional") if len(code) == 3)
    named = {bare(edition.name): code for code in classes for edition in codes.editions("functional", code)}
    short = {
        name.removesuffix(SPENDING): code for name, code in named.items() if not _SHORT_ELSEWHERE.match(name)
    }
    return short | named


@cache
def codes_named(code_list: CodeList) -> Mapping[str, tuple[str, ...]]:
    """Names, of every edition, of the codes that still hold, to these codes; names of no other of those that ended, to these."""
    holding, ended = dict[str, set[str]](), dict[str, set[str]]()
    of = {"function": "functional", "economic": "dept_economic"}[code_list]
    for code, editions in codes.codes(of).items():
        holds = any(each.valid_to == codes.FAR_AHEAD for each in editions)
        for edition in editions:
            (holding if holds else ended).setdefault(bare(edition.name), set()).add(code)
    return {name: tuple(sorted(named)) for name, named in (ended | holding).items()}
