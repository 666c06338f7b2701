"""Documents drawn from true figures in random wordings, orders and formats, and what the reader makes of them.

`python -m tests.drawn_documents N` draws N documents and prints how many figures were found; a wrong one ends it with the text.
"""

import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from transforms.narrative.parts import Document, Passage
from transforms.narrative.read import reading_of

WORDINGS = Path(__file__).with_suffix(".yml")
YEAR = 2021
UNITS = {"元": 100, "千元": 100_000, "万元": 1_000_000, "亿元": 10_000_000_000}
# Which figure each chapter states, in an order drawn anew; with their headings.
CHAPTERS = {
    "一、部门预算安排总体情况": ("income", "expenditure"),
    "二、机关运行经费安排情况": ("operating_costs",),
    "三、财政拨款“三公”经费预算情况": ("three_public",),
    "四、政府采购预算情况": ("procurement",),
}
STRANGE_SHARE = 0.15


@dataclass
class Drawn:
    """A document's paragraphs and its true figures; `told`: those told in wordings the reader must know."""

    lines: list[str] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


@cache
def wordings():
    return yaml.safe_load(WORDINGS.read_text(encoding="utf-8"))


def drawn_document(chance: random.Random, strange_share: float = STRANGE_SHARE) -> Drawn:
    """A document about figures drawn at random, the chapters and their figures in any order."""
    out = Drawn(lines=["某县林业局", "2021年部门预算公开说明"])
    chapters = list(CHAPTERS.items())
    chance.shuffle(chapters)
    for heading, panels in chapters:
        out.lines.append(heading)
        measures = [name for name in wordings()["names"] if name.split("!")[0] in panels]
        chance.shuffle(measures)
        for measure in measures:
            out.lines.append(_paragraph(chance, out, measure, strange_share))
    return out


def _paragraph(chance: random.Random, out: Drawn, measure: str, strange_share: float) -> str:
    """What one paragraph states: an amount, and perhaps how it changed."""
    strange = chance.random() < strange_share
    amount = chance.choice([0, chance.randrange(1, 10**7), chance.randrange(1, 10**5) * 100]) * 10_000
    part = chance.choice(["name", "statement", "change"]) if strange else ""
    name = chance.choice(wordings()["names"][measure]["strange" if part == "name" else "known"])
    template = chance.choice(wordings()["statements"]["strange" if part == "statement" else "known"])
    text = template.format(n=name, a=_amount(chance, amount))
    out.truth[measure] = amount
    told = {measure} if part not in ("name", "statement") else set()
    if chance.random() < 0.6:
        text, changes = _changed(chance, measure, amount, text, strange=part == "change")
        out.truth |= changes
        told |= set(changes) if not strange else set()
    if part == "" or part == "change":
        out.told |= told
    return text + chance.choice(wordings()["reasons"])


def _changed(chance: random.Random, measure: str, amount: int, text: str, *, strange: bool):
    """The text with a change behind it, and the true change."""
    ways = ["level"] + (["up", "down"] if amount else ["down"])
    way = chance.choice(ways)
    wording = chance.choice(wordings()[way]["strange" if strange else "known"])
    size = 0
    if way != "level":
        ceiling = amount if way == "up" else 10**11
        size = chance.randrange(1, max(ceiling // 10_000, 2)) * 10_000
    size = min(size, amount) if way == "up" else size
    previous = amount - size if way == "up" else amount + size
    told = {f"{measure}:previous_budget@change": -size if way == "down" else size}
    percent = (Decimal(size) * 100 / previous).quantize(Decimal("0.01")) if previous else None
    if "{p}" in wording and percent is None:
        wording = wording.split("，")[0]
    if "{p}" in wording and percent is not None:
        told[f"{measure}:previous_budget@percent"] = int(percent * 100) * (-1 if way == "down" else 1)
    return text + "，" + wording.format(a=_amount(chance, size), p=_percent(chance, percent)), told


def _amount(chance: random.Random, fen: int) -> str:
    """An amount as someone may write it, exactly."""
    unit = chance.choice(["万元", "万元", "万元", "元", "千元", "亿元"])
    number = Decimal(fen) / UNITS[unit]
    text = f"{number:,f}" if chance.random() < 0.3 else f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    blank = " " if chance.random() < 0.2 else ""
    return f"{blank}{text or '0'}{blank}{unit}"


def _percent(chance: random.Random, percent: Decimal | None) -> str:
    return f"{percent}{' ' if chance.random() < 0.2 else ''}%"


def read_figures_of(document: Document) -> dict[str, int]:
    """The figures of a document by address, as the phrase files write addresses; the first of several."""
    facts = reading_of(document, "说明.txt").facts
    found: dict[str, int] = {}
    columns = ("form", "panel", "row_key", "column_key", "measure", "amount")
    for form, panel, row, column, measure, amount in zip(*(facts[name] for name in columns), strict=True):
        if form == "document":
            place = f"{panel}!{row}" + (f":{column}" if column != "total" else "")
            found.setdefault(place + (f"@{measure}" if measure != "amount" else ""), amount)
    return found


def as_document(drawn: Drawn) -> Document:
    """The drawn paragraphs as reading hands them over."""
    parts = [Passage(text, ((0, f"第{number}行"),)) for number, text in enumerate(drawn.lines, start=1)]
    return Document("说明.txt", tuple(parts))


def verdict(drawn: Drawn, document: Document | None = None) -> tuple[dict[str, int], set[str]]:
    """What the reader read wrongly (address and amount), and what it did not find though told in known words."""
    found = read_figures_of(document or as_document(drawn))
    wrong = {place: amount for place, amount in found.items() if drawn.truth.get(place) != amount}
    return wrong, {place for place in drawn.told if place not in found}


def main(count: int) -> int:
    tally: Counter[str] = Counter()
    for seed in range(count):
        drawn = drawn_document(random.Random(seed))
        wrong, missed = verdict(drawn)
        tally += Counter(documents=1, figures=len(drawn.truth), told=len(drawn.told), missed=len(missed))
        if wrong:
            print(f"document {seed}: read wrongly {wrong}", *drawn.lines, sep="\n")
            return 1
    print(", ".join(f"{name} {number}" for name, number in tally.items()), "wrong 0", sep=", ")
    return int(tally["missed"] > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
