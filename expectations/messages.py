"""The sentence a department reads: figures in the form's own unit, with their cells."""

from collections.abc import Sequence

import numpy as np

from expectations.canon import title
from expectations.ground import Ground, Ints

FEN = {"元": 100, "百元": 10_000, "千元": 100_000, "万元": 1_000_000, "百万元": 100_000_000, "亿元": 10_000_000_000}
HUNDREDTHS = 100
SHOWN_PARTS = 6
SLIPS = {100: "一百", 1_000: "一千", 10_000: "一万"}
SLIP = "两数正好相差{times}倍，疑为金额单位有误。"
SLIP_TOLERANCE = 1_000


def in_unit(amount: int, unit: str) -> str:
    """An amount as its form shows it: at least two decimals, all that it has.

    >>> in_unit(12050000, "万元")
    '12.05 万元'
    """
    factor = FEN.get(unit, HUNDREDTHS)
    whole, rest = divmod(abs(amount), factor)
    decimals = str(rest).zfill(len(str(factor)) - 1)
    kept = decimals[:2] + decimals[2:].rstrip("0")
    return f"{'-' if amount < 0 else ''}{whole:,}.{kept} {unit}".rstrip()


def place(sheet: str, cell: str) -> str:
    """Where something stands, as people write it.

    >>> place("支出总表", "D17")
    '支出总表!D17'
    """
    return f"{sheet}!{cell}" if sheet and cell else sheet or cell


def where(ground: Ground, fact: int) -> str:
    """The place of a fact."""
    row = ground.facts.iloc[fact]
    return place(row["sheet"], row["cell"])


def listed_parts(ground: Ground, facts: Ints, sheet: str) -> str:
    """The cells of the parts, with their sheet where it is another one."""
    if not len(facts):
        return "（无）"
    rows = ground.facts.iloc[facts[:SHOWN_PARTS]]
    cells = [
        cell if own == sheet else place(own, cell) for own, cell in zip(rows["sheet"], rows["cell"], strict=True)
    ]
    return "、".join(cells) + (f" 等 {len(facts)} 格" if len(facts) > SHOWN_PARTS else "")


def slip_hint(found: int, expected: int) -> str:
    """A sentence where two figures are a hundred, thousand or ten thousand times each other, '' otherwise."""
    small, large = sorted((abs(found), abs(expected)))
    for times, name in SLIPS.items():
        if small and abs(large - small * times) * SLIP_TOLERANCE <= large:
            return SLIP.format(times=name)
    return ""


def sentence(template: str, ground: Ground, anchor: int, parts: Ints, found: int, expected: int) -> str:
    """The message on an identity that does not hold."""
    row = ground.facts.iloc[anchor]
    other = int(parts[0]) if len(parts) else anchor
    return template.format(
        where=place(row["sheet"], row["cell"]),
        form=title(row["form"]),
        other=where(ground, other),
        other_form=title(ground.facts.at[other, "form"]),
        found=in_unit(found, row["unit"]),
        expected=in_unit(expected, row["unit"]),
        difference=in_unit(abs(found - expected), row["unit"]),
        label=row["row_label"] or row["row_key"],
        parts=listed_parts(ground, parts, row["sheet"]),
        hint=slip_hint(found, expected),
    )


def first_of_each(count: int, owners: Ints, facts: Ints) -> Ints:
    """Per owner 0 … count-1 the first of its facts; -1 where it has none."""
    first = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, owners, facts)
    return np.where(first == np.iinfo(np.int64).max, -1, first)


def gathered(owners: Ints, facts: Ints, wanted: Sequence[int]) -> dict[int, Ints]:
    """The facts of each wanted owner, in order."""
    use = np.isin(owners, wanted)
    owners, facts = owners[use], facts[use]
    order = np.lexsort((facts, owners))
    owners, facts = owners[order], facts[order]
    starts = np.searchsorted(owners, wanted, side="left")
    ends = np.searchsorted(owners, wanted, side="right")
    return {owner: facts[start:end] for owner, start, end in zip(wanted, starts, ends, strict=True)}
