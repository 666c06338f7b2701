"""The sentence a department reads: figures in the form's own unit, with their cells."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from expectations.canon import title
from expectations.definitions import definitions
from expectations.saying import Messages
from expectations.slips import UNIT_SLIPS, unit_times
from expectations.units import FEN_PER

if TYPE_CHECKING:
    from expectations.ground import Ground

say = Messages(__file__)

HUNDREDTHS = 100
PERCENT = "%"
SHOWN_PARTS = 6
TOTAL = "合计"
INNER = {"“": "‘", "”": "’"}
BLANK_AFTER_LINE = re.compile(r"(?<=[0-9]行) (?=[^\x00-\x7f])")
# What the columns of the forms hold, from the more to the less particular list of values.
COLUMN_LISTS = ("spending_type", "income_source", "three_public_item")
UNLESS_SPLIT = re.compile("（未.*）$")


def in_unit(amount: int, unit: str) -> str:
    """An amount as its form shows it: at least two decimals, all that it has.

    >>> in_unit(12050000, "万元"), in_unit(11000, "%")
    ('12.05 万元', '110.00%')
    """
    factor = FEN_PER.get(unit, HUNDREDTHS)
    whole, rest = divmod(abs(amount), factor)
    decimals = str(rest).zfill(len(str(factor)) - 1)
    kept = decimals[:2] + decimals[2:].rstrip("0")
    return f"{'-' if amount < 0 else ''}{whole:,}.{kept}{'' if unit == PERCENT else ' '}{unit}".rstrip()


def place(sheet: str, cell: str) -> str:
    """Where something stands, as people write it.

    >>> place("支出总表", "D17"), place("正文", "第47行")
    ('支出总表!D17', '正文第47行')
    """
    if cell.startswith("第"):
        return f"{sheet}{cell}"
    return f"{sheet}!{cell}" if sheet and cell else sheet or cell


class Printed(NamedTuple):
    """How one fact is printed."""

    file: str
    sheet: str
    cell: str
    form: str
    unit: str
    label: str
    column: str

    @property
    def where(self) -> str:
        """Its sheet and cell."""
        return place(self.sheet, self.cell)

    @property
    def item(self) -> str:
        """What it is a figure of: its row, and its column where that is not the total."""
        column = column_title(self.column)
        return f"“{self.label}”的{column}" if column else f"“{self.label}”"


@cache
def column_title(column: str) -> str:
    """What people call a column; '' for totals and columns that no list of values has.

    >>> column_title("basic"), column_title("official_reception"), column_title("total")
    ('基本支出', '公务接待费', '')
    """
    found = (definitions().enums[name].values.get(column) for name in COLUMN_LISTS)
    return UNLESS_SPLIT.sub("", next(filter(None, found), ""))


class Comparison(NamedTuple):
    """An identity that does not hold: the cell to name, the first of its parts, both sums in 分.

    `lacking`: the form that prints no figure for its side, '' where both do. `found_count`: how many cells stand on the side of
    `anchor`, as their sum unless some are `subtracted`.
    """

    anchor: Printed
    parts: Sequence[Printed]
    part_count: int
    found: int
    expected: int
    lacking: str = ""
    found_count: int = 1
    subtracted: bool = False

    @property
    def item(self) -> str:
        """What `found` is a figure of: the anchor's item, or all the cells on its side."""
        if self.found_count == 1:
            return self.anchor.item
        return say("side", count=self.found_count, made="加减" if self.subtracted else "合计")


def printed_facts(ground: "Ground", facts: Iterable[int]) -> dict[int, Printed]:
    """How each of the facts is printed, by position."""
    wanted = sorted({int(fact) for fact in facts})
    shown = ground.facts.take(wanted)
    labels = shown["row_label"].where(shown["row_label"] != "", shown["row_key"].map(_unlabelled))
    texts = [shown[name].astype(str) for name in ("file", "sheet", "cell", "form", "unit")]
    texts += [labels.astype(str), shown["column_key"].astype(str)]
    return {fact: Printed(*row) for fact, *row in zip(wanted, *texts, strict=True)}


def _unlabelled(row_key: str) -> str:
    """What a row without words of its own is called: its code, the item it is of, else 合计.

    >>> _unlabelled("2010301"), _unlabelled("basic"), _unlabelled("total")
    ('2010301', '基本支出', '合计')
    """
    return row_key if row_key.isdigit() else column_title(row_key) or TOTAL


def listed_parts(comparison: Comparison) -> str:
    """The cells of the parts, with their sheet where it is another one."""
    own = comparison.anchor.sheet
    cells = [part.cell if part.sheet == own else part.where for part in comparison.parts]
    more = f" 等 {comparison.part_count} 格" if comparison.part_count > len(cells) else ""
    return "、".join(cells) + more if cells else say("row_lacking")


def what_follows(others: int) -> str:
    """How many other findings are settled along with one."""
    return say("follow", others=others)


def says_what_follows(message: str) -> bool:
    """Whether a message ends by saying what is settled along with it.

    >>> says_what_follows("应为 3.00 元。改正后，另 2 处不符随之消除。"), says_what_follows("请核对。")
    (True, False)
    """
    return message.endswith(say.rows["follow"].rpartition("}")[2])


def slip_hint(found: int, expected: int) -> str:
    """A sentence where two figures are a hundred, thousand or ten thousand times each other, '' otherwise."""
    times = abs(unit_times(abs(found), abs(expected)))
    return say("slip", times=UNIT_SLIPS[times]) if times else ""


def typeset(text: str) -> str:
    """A sentence as it is printed: quotation marks within quotation marks are the single ones, where they match; no blank
    parts the line of a document from what is said of it.

    >>> typeset("““三公”经费”"), typeset("正文第9行 “接待费”"), typeset("支出总表!D17 “接待费”")
    ('“‘三公’经费”', '正文第9行“接待费”', '支出总表!D17 “接待费”')
    """
    text = BLANK_AFTER_LINE.sub("", text)
    depth, told = 0, []
    for sign in text:
        depth += sign == "“"
        told.append(INNER.get(sign, sign) if depth > 1 else sign)
        depth -= sign == "”"
        if depth < 0:
            return text
    return text if depth else "".join(told)


def sentence(template: str, comparison: Comparison) -> str:
    """The message on an identity that does not hold, in the unit of the form it names."""
    anchor, found, expected = comparison.anchor, comparison.found, comparison.expected
    other = comparison.parts[0] if comparison.parts else anchor
    if comparison.lacking:
        return _lopsided(comparison)
    told = template.format(
        where=anchor.where,
        form=title(anchor.form),
        label=anchor.label,
        item=comparison.item,
        other=other.where + (f" 等 {comparison.part_count} 格" if comparison.part_count > 1 else ""),
        other_form=title(other.form),
        parts=listed_parts(comparison),
        found=in_unit(found, anchor.unit),
        expected=in_unit(expected, anchor.unit),
        difference=in_unit(abs(found - expected), anchor.unit),
        hint=slip_hint(found, expected),
    )
    return typeset(told)


def _lopsided(comparison: Comparison) -> str:
    """What is said where only one side of a comparison prints figures: those of several cells as their sum."""
    anchor = comparison.anchor
    count = comparison.part_count
    told = say(
        "absent",
        where=anchor.where,
        form=title(anchor.form),
        item=say("side", count=count, made="合计") if count > 1 else anchor.item,
        found=in_unit(comparison.found or comparison.expected, anchor.unit),
        lacking=comparison.lacking,
    )
    return typeset(told)
