"""The ordinals that Word writes in front of paragraphs by itself (一、 1. （二）), which are no text of theirs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from transforms.narrative.elements import Element, child, children, local, value

_DIGITS = "零一二三四五六七八九"
_PLACE = re.compile(r"%(\d)")


def chinese(number: int) -> str:
    """A number below one hundred in Chinese digits.

    >>> chinese(3), chinese(10), chinese(21)
    ('三', '十', '二十一')
    """
    tens, ones = divmod(number, 10)
    if number >= 100:
        return str(number)
    return f"{_DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}{_DIGITS[ones] if ones or not tens else ''}"


def _circled(number: int) -> str:
    return chr(0x245F + number) if 1 <= number <= 20 else str(number)


def _letter(number: int) -> str:
    return chr(64 + number) if 1 <= number <= 26 else str(number)


# How the formats of Word write a number; all others are taken for decimal, bullets are none.
_WRITTEN: Mapping[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "chineseLegalSimplified": chinese,
    "ideographDigital": chinese,
    "japaneseCounting": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
}
_NO_ORDINAL = frozenset({"bullet", "none"})


@dataclass(frozen=True)
class Level:
    """One level of a list: the format of its number, its pattern (%1、) and where it starts."""

    written: str
    pattern: str
    start: int


@dataclass
class Numbering:
    """The lists of a document and how far each has counted."""

    levels: Mapping[str, Mapping[int, Level]] = field(default_factory=dict)
    counted: dict[str, dict[int, int]] = field(default_factory=dict)

    def next_ordinal(self, number: str, depth: int) -> str:
        """The ordinal of the next paragraph of a list at a depth, '' for a bullet or an unknown list."""
        levels = self.levels.get(number, {})
        if depth not in levels:
            return ""
        counters = self.counted.setdefault(number, {})
        counters[depth] = counters.get(depth, levels[depth].start - 1) + 1
        for deeper in [each for each in counters if each > depth]:
            del counters[deeper]
        if levels[depth].written in _NO_ORDINAL:
            return ""
        return _PLACE.sub(
            lambda match: self._written(levels, counters, int(match[1]) - 1), levels[depth].pattern
        )

    def _written(self, levels: Mapping[int, Level], counters: Mapping[int, int], depth: int) -> str:
        level = levels.get(depth)
        if level is None:
            return ""
        return _WRITTEN.get(level.written, str)(counters.get(depth, level.start))


def numbering_of(root: Element | None) -> Numbering:
    """The lists that word/numbering.xml defines."""
    if root is None:
        return Numbering()
    abstract = {
        value(element, "abstractNumId"): dict(_level(each) for each in children(element, "lvl"))
        for element in children(root, "abstractNum")
    }
    levels = {}
    for element in children(root, "num"):
        own = dict(abstract.get(value(child(element, "abstractNumId"), "val"), {}))
        for override in children(element, "lvlOverride"):
            own |= dict(_level(each) for each in children(override, "lvl"))
        levels[value(element, "numId")] = own
    return Numbering(levels)


def _level(element: Element) -> tuple[int, Level]:
    start = value(child(element, "start"), "val")
    level = Level(
        value(child(element, "numFmt"), "val"),
        value(child(element, "lvlText"), "val"),
        int(start) if start.isdigit() else 1,
    )
    return int(value(element, "ilvl") or 0), level


@dataclass(frozen=True)
class Style:
    """What a paragraph's style says: its name, the list it numbers and the depth in it."""

    name: str = ""
    number: str = ""
    depth: int = 0


def styles_of(root: Element | None) -> dict[str, Style]:
    """The paragraph styles that word/styles.xml defines, by their id."""
    elements = [] if root is None else [each for each in root if local(each) == "style"]
    found = {}
    for element in elements:
        number, depth = list_of(child(element, "pPr"))
        name = value(child(element, "name"), "val").lower()
        found[value(element, "styleId")] = Style(name, number, depth)
    return found


def list_of(properties: Element | None) -> tuple[str, int]:
    """(list, depth) that a paragraph's properties number it by; ('', 0) where they do not."""
    numbered = child(properties, "numPr")
    depth = value(child(numbered, "ilvl"), "val")
    return value(child(numbered, "numId"), "val"), int(depth) if depth.isdigit() else 0
