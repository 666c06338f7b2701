"""Whole documents as departments write them, with their true figures beside them.

A mark in braces stands before each figure and says what it states, `{t!total}12.5万元`: the letter before `!` is one of
PANELS or a whole panel. `{#row}` counts assets, `{share}` is the share of what the mark before names, `{+}` `{-%}`
`{e-}` are its change (in percent, on last year's execution). `{address=value}` is a figure said in words.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.phrases import fen

FOLDER = Path(__file__).parent / "disclosures"
PANELS = {
    "i": "income",
    "x": "expenditure",
    "a": "appropriation",
    "g": "general_public_budget",
    "t": "three_public",
}
_MARK = re.compile(r"\{([^}]*)\}")
_VALUE = re.compile(r"-?[\d.,]+(?:%|[万亿]?元|平方米|[台辆个](?:（套）)?)")
_CHANGE = re.compile(r"(e?)([+-])(%?)")


@dataclass(frozen=True)
class Disclosure:
    """A document without its marks, and the figures that they say: {(address, value in 分 or hundredths)}."""

    name: str
    year: int
    text: str
    figures: frozenset[tuple[str, int]]


def disclosures() -> list[Disclosure]:
    """All of them, by name."""
    return [_parsed(path) for path in sorted(FOLDER.glob("*.txt"))]


def _parsed(path: Path) -> Disclosure:
    marked = path.read_text(encoding="utf-8")
    figures, spoken = set(), ""
    for mark in _MARK.finditer(marked):
        address, _, value = mark[1].partition("=")
        name, sign = _address(address, spoken)
        if ("!" in address and ":" not in address) or address.startswith("#"):
            spoken = name
        behind = _behind(marked, mark.end())
        if not value and not behind:
            continue
        value = value or _VALUE.match(behind)[0]
        figures.add((name, sign * abs(fen(value.replace(",", ""))) if sign else fen(value.replace(",", ""))))
    return Disclosure(path.stem, int(path.stem[-4:]), _MARK.sub("", marked), frozenset(figures))


def _behind(marked: str, at: int) -> str:
    """The text whose beginning is the value of a mark; '' where the mark only names what the next one is about."""
    following = _MARK.match(marked, at)
    if following and (following[1] == "share" or _CHANGE.fullmatch(following[1])):
        return ""
    text = _MARK.sub("", marked[at : at + 200])
    return text if re.match(r"[-\d]", text) else ""


def _address(mark: str, spoken: str) -> tuple[str, int]:
    """The address that a mark means, and the sign of its value: 0 where the value has its own."""
    if change := _CHANGE.fullmatch(mark):
        base = "previous_execution" if change[1] else "previous_budget"
        return f"{spoken}:{base}@{'percent' if change[3] else 'change'}", -1 if change[2] == "-" else 1
    if mark == "share":
        return f"{spoken}:share@percent", 0
    if mark.startswith("#"):
        return f"assets!{mark[1:]}:quantity@quantity", 0
    panel, _, row = mark.partition("!")
    if panel == "v":
        return f"assets!{row}:value", 0
    return f"{PANELS.get(panel, panel)}!{row}", 0
