"""Tables of several panels (收入 and 支出 of a balance) whose panels stand one below the other instead of side by side."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.columns import plan_panel
from transforms.tables.heads import Paths, header_paths
from transforms.tables.plan import PanelPlan
from transforms.tables.recognition import Recognition
from transforms.tables.rows import read_rows
from transforms.wording.words import WORDS

Half = tuple[Block, Recognition]


def stacked(block: Block, recognition: Recognition) -> Iterator[Half]:
    """The table, parted where below a total the rows of another panel begin under the same header."""
    form = recognition.form
    if form is None or len(form.panels) == 1 or not block.header:
        yield block, recognition
        return
    filled = [plan for plan in recognition.plans if plan.of_kind("amount")]
    if len(filled) == 1:
        (upper,) = filled
        free = [key for key in form.panels if key not in recognition.taken | {upper.key}]
        others = {key: replace(upper, key=key, panel=form.panels[key]) for key in free}
        cuts = {key: _cut(block, upper, other) for key, other in others.items()}
        key = max(cuts, key=lambda each: cuts[each], default="")
        if key and (cut := cuts[key][1]):
            yield _with_data(block, block.data[:cut]), recognition
            sure = sum(found == cuts[key] for found in cuts.values()) == 1
            yield _lower(block, recognition, upper, key, cut, sure=sure)
            return
        if any(_mixed(block, upper, other) for other in others.values()):
            unread = upper.without_amounts("unknown")
            plans = tuple(unread if plan is upper else plan for plan in recognition.plans)
            recognition = replace(recognition, plans=plans)
    yield block, recognition


def surely_lists(block: Block, plan: PanelPlan, paths: Paths, previous: Half) -> bool:
    """Whether a table below another is the panel of its form that `plan` takes it for: every row with figures is known,
    and the header says so, or its total is that of the table above, as both sides of a balance have one.
    """
    rows = read_rows(block, plan)
    if not any(row.kind == "item" for row in rows):
        return False
    if any(row.kind == "unknown" and block.line(row.index).figures for row in rows):
        return False
    before, known = previous
    above = set[Decimal | None]().union(*(_totals(before, each) for each in known.plans))
    headed = any(common_words.header_key(text) in plan.panel.heading_words for path in paths for text in path)
    return headed or not above.isdisjoint(_totals(block, plan))


def _totals(block: Block, plan: PanelPlan) -> set[Decimal | None]:
    """The grand totals that a panel states."""
    columns = [column.index for column in plan.of_kind("amount") if column.key == "total"]
    rows = [row.index for row in read_rows(block, plan) if row.key == "total"]
    return {parse_number(block.sheet.at(row, column)) for row in rows for column in columns} - {None, 0}


def _lower(
    block: Block, recognition: Recognition, upper: PanelPlan, key: str, cut: int, *, sure: bool
) -> Half:
    """The rows from a place on as another panel of the same columns; unread where they may as well be a third one."""
    assert recognition.form is not None
    rest = _with_data(block, block.data[cut:])
    indices = [column.index for column in upper.columns]
    plan = plan_panel(rest, header_paths(block), indices, key, recognition.form)
    plan = plan if sure else plan.without_amounts("unknown")
    found = replace(recognition, plans=(plan,), taken=recognition.taken | {upper.key}, continues=True)
    return replace(rest, preamble=[], header=[], numbering=[], notes=[], repeated=[], above=()), found


def _with_data(block: Block, data: list[int]) -> Block:
    return replace(block, data=data, contents={})


def _cut(block: Block, upper: PanelPlan, lower: PanelPlan) -> tuple[int, int]:
    """(how many rows another panel knows, behind how many rows of data, the last a total, its rows begin); noughts where
    all are of one panel.
    """
    own, other = ([_key(block, row, plan) for row in block.data] for plan in (upper, lower))
    strange = next((n for n, key in enumerate(other) if key and not own[n]), 0)
    totals = [n for n in range(strange) if block.line(block.data[n]).is_total]
    if not totals or not any(own[: totals[-1]]):
        return 0, 0
    back = any(key and not other[n] for n, key in enumerate(own) if n > totals[-1])
    return (0, 0) if back else (sum(map(bool, other[totals[-1] :])), totals[-1] + 1)


def _mixed(block: Block, plan: PanelPlan, other: PanelPlan) -> bool:
    """Whether a list has rows of another panel, and a row (国有资本经营预算) that is one thing there and another here."""
    pairs = [(_key(block, row, plan), _key(block, row, other)) for row in block.data]
    strange = any(theirs and not own for own, theirs in pairs)
    return strange and any(own and theirs and own != theirs for own, theirs in pairs)


def _key(block: Block, row: int, plan: PanelPlan) -> str:
    """The item of a panel that a row names, '' for totals and what the panel does not know."""
    values = (block.sheet.at(row, column.index) for column in plan.of_kind("label", "code"))
    keys = (plan.panel.row_words.get(WORDS[str(value)].bare, "") for value in values if value != "")
    totals = common_words.total_words().values()
    return next((key for key in keys if key and key not in totals), "")
