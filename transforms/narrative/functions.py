"""Function lines of a document, such as 教育支出（类）普通教育（款）小学教育（项）, and the codes they stand for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from expectations import codes
from transforms.narrative.lexicon import texts
from transforms.wording.patterns import pattern
from transforms.wording.subjects import SPENDING
from transforms.wording.text import any_of, compact

KIND = "类"
LEVEL_OF = {level: digits for digits, level in codes.LEVELS.items()}
_LEVELLED, _CODED = pattern("levelled_function"), pattern("coded_function")
_BARE = re.compile(r"([\u4e00-\u9fff、]{3,30})(?=\d)")
_CODE_BEHIND = re.compile(
    r"(?:[\u4e00-\u9fff、]{2,30}[—-]{1,2})*"
    r"((?:[\u4e00-\u9fff、]|\([\u4e00-\u9fff]{1,8}\)){2,40}?)\((\d{3}(?:\d{2}){0,2})\)"
)


@dataclass(frozen=True)
class FunctionLine:
    """A function named in a text: where it ends, its code ('' where no list has it), the names on the way."""

    end: int
    code: str
    named: tuple[tuple[str, str], ...] = ()


class FunctionNames:
    """The functions of all editions by name; those of the year itself win."""

    def __init__(self, year: int) -> None:
        self._codes: dict[str, list[str]] = {}
        own = codes.functional(year)
        for code, editions in codes.codes("functional").items():
            names = [own[code]] if code in own else []
            names += [edition.name for edition in editions]
            for name in dict.fromkeys(_plain(name) for name in names):
                self._codes.setdefault(name, []).append(code)
        self._names: dict[str, list[str]] = {}
        for name, known in self._codes.items():
            for code in known:
                self._names.setdefault(code, []).append(name)
        self._class = any_of(self._spoken_classes())

    def _spoken_classes(self) -> list[str]:
        """What classes are called where nothing says that they are classes."""
        names = [name for name, known in self._codes.items() if any(len(code) == 3 for code in known)]
        spoken = [name if name.endswith(SPENDING) else name + SPENDING for name in names]
        spoken += [name.removesuffix(SPENDING) + KIND for name in names] + [name + KIND for name in spoken]
        ambiguous = set(texts().ambiguous_classes)
        return [
            name for name in spoken if not {_unkind(name), _unkind(name).removesuffix(SPENDING)} & ambiguous
        ]

    def line_at(self, text: str, at: int) -> FunctionLine | None:
        """The function that names with （类）（款）（项） spell out from a place on; the code is found later."""
        named: list[tuple[str, str]] = []
        end = at
        while match := _LEVELLED.match(text, end):
            named.append((match[0][:-3], match[0][-2]))
            end = match.end()
        return FunctionLine(end, "\t".join("/".join(pair) for pair in named), tuple(named)) if named else None

    def class_at(self, text: str, at: int) -> FunctionLine | None:
        """The class that is named at a place without saying that it is one."""
        match = self._class.match(text, at)
        if match is None:
            return None
        known = [code for code in self._codes[_plain(_unkind(match[0]))] if len(code) == 3]
        return FunctionLine(match.end(), known[0]) if len(known) == 1 else None

    def coded_at(self, text: str, at: int) -> FunctionLine | None:
        """A code with its own name behind it (2013101行政运行)."""
        match = _CODED.match(text, at)
        if match is None:
            return None
        rest = text[match.end() : match.end() + 40]
        names = self._names.get(match[1], [])
        said = max(
            (n for name in names for n in (name, name + SPENDING) if rest.startswith(n)), key=len, default=""
        )
        return FunctionLine(match.end() + len(said), match[1]) if said else None

    def code_behind(self, text: str, at: int) -> FunctionLine | None:
        """A name with its own code in brackets behind it: 行政运行(2013101)."""
        match = _CODE_BEHIND.match(text, at)
        if match is None or match[2] not in self._codes.get(_plain(match[1]), []):
            return None
        return FunctionLine(match.end(), match[2])

    def part_at(self, text: str, at: int) -> FunctionLine | None:
        """A 款 or 项 named by its name alone before an amount; which one it is depends on what it is a part of."""
        match = _BARE.match(text, at)
        known = self._codes.get(_plain(match[1]), []) if match else []
        if match is None or not any(len(code) > LEVEL_OF["类"] for code in known):
            return None
        return FunctionLine(match.end(1), f"{match[1]}/")

    def resolve(self, named: Sequence[tuple[str, str]], above: str) -> str:
        """The code that names spell out below the code `above`; '' where none or several fit.

        The last name is what is meant. A level that is written wrong (the 款 called 类) is forgiven where only one
        reading is on the list.
        """
        candidates = self._paths(named, above) or self._paths(named, above[:3]) or self._paths(named, "")
        level = LEVEL_OF[named[-1][1]]
        fitting = [code for code in candidates if len(code) == level]
        found = sorted(set(fitting or candidates))
        return found[0] if len(found) == 1 else ""

    def resolve_below(self, named: Sequence[tuple[str, str]], above: str) -> str:
        """The only code that names spell out below another; '' where none or several fit."""
        found = set(self._paths(named, above))
        return found.pop() if len(found) == 1 else ""

    def _paths(self, named: Sequence[tuple[str, str]], above: str) -> list[str]:
        found = [above]
        for name, _ in named:
            known = self._codes.get(_plain(name), [])
            found = [code for code in known for start in found if code.startswith(start) and code != start]
        return found


def _unkind(name: str) -> str:
    """The name of a class without 类 behind it."""
    return name.removesuffix(KIND)


def _plain(name: str) -> str:
    """A name as it is compared: 支出 at its end says nothing.

    >>> _plain("机关事业单位职业年金缴费支出")
    '机关事业单位职业年金缴费'
    """
    words = compact(name)
    return words.removesuffix(SPENDING) if len(words) > 4 else words


@cache
def function_names(year: int) -> FunctionNames:
    """The functions as a document of a year may name them."""
    return FunctionNames(year)
