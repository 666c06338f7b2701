"""Tables of several panels (收入 and 支出 of a balance) whose panels stand one below the other instead of side by side."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.columns import plan_panel
from transforms.tables.heads import Paths, header_paths
from transforms.tables.one_header import Owners, owners
from transforms.tables.plan import PanelPlan
from transforms.tables.recognition import Recognition
from transforms.tables.rows import read_rows
from transforms.tables.strange_headers import above_strange_headers, below_strange_headers

Half = tuple[Block, Recognition]


def stacked(block: Block, recognition: Recognition) -> Iterator[Half]:
    """The table, parted where the rows of another panel begin: below a total under the same header, or below a header in
    words that nobody knows.
    """
    form = recognition.form
    if form is None or len(form.panels) == 1 or not block.header:
        yield block, recognition
        return
    half = block, recognition
    for half in _below_totals(above_strange_headers(block, form), recognition):
        yield half
    for part in below_strange_headers(block, form):
        half = _below_strange_header(part, header_paths(block), half)
        yield half


def _below_totals(block: Block, recognition: Recognition) -> Iterator[Half]:
    """The table, parted into the lists of several panels that stand below each other under its header."""
    assert recognition.form is not None
    filled = [plan for plan in recognition.plans if plan.of_kind("amount")]
    found: Owners = []
    if len(filled) == 1:
        plans = {filled[0].key: filled[0], **_others(recognition, filled[0])}
        found = owners(block, plans)
    if not found:
        yield block, recognition
        return
    for number, (key, rows) in enumerate(found):
        yield _list_of(block, recognition, filled[0], key, rows, goes_on=number > 0)


def _others(recognition: Recognition, upper: PanelPlan) -> dict[str, PanelPlan]:
    """The columns of a panel as those of each other one that the table has not had yet."""
    assert recognition.form is not None
    panels = recognition.form.panels
    free = panels.keys() - recognition.taken - {upper.key}
    return {key: replace(upper, key=key, panel=panels[key]) for key in panels if key in free}


def _below_strange_header(part: Block, paths: Paths, before: Half) -> Half:
    """A table under a header in strange words: the panel that it surely lists where it has one column of figures and the
    table above it, whose header has these `paths`, had no other; one that nobody knows otherwise.
    """
    known = before[1]
    filled = [plan for plan in known.plans if plan.of_kind("amount")]
    columns = {column for row in part.data for column in _figures(part, row)}
    if known.form and len(filled) == 1 and columns == {each.index for each in filled[0].of_kind("amount")}:
        rows = replace(part.with_data([*part.header, *part.data]), header=[])
        told = tuple((text,) for text in part.header_texts())
        indices = [column.index for column in filled[0].columns]
        plans = [plan_panel(rows, paths, indices, key, known.form) for key in _others(known, filled[0])]
        sure = [plan for plan in plans if surely_lists(rows, plan, told, before)]
        if len(sure) == 1:
            taken = known.taken | {filled[0].key}
            return rows, replace(known, plans=tuple(sure), taken=taken, continues=True)
    nearest = known.form.form if known.form else known.runner_up
    return part, Recognition(None, runner_up=nearest, below_unread=True)


def _figures(block: Block, row: int) -> Iterator[int]:
    """The columns in which a row holds figures."""
    return (column for column, _, text in block.line(row).cells if not text)


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


def _list_of(
    block: Block, recognition: Recognition, plan: PanelPlan, key: str, rows: list[int], *, goes_on: bool
) -> Half:
    """Rows of a table as a list of a panel; unread under none. The first of several has all that stands around the table."""
    assert recognition.form is not None
    part = block.with_data(rows)
    paths = header_paths(block)
    indices = [column.index for column in plan.columns if column.index < len(paths)]
    known = plan_panel(part, paths, indices, key, recognition.form) if key else None
    plans = (known or plan.without_amounts("unknown"),)
    if not goes_on:
        return part, replace(recognition, plans=plans)
    part = replace(part, preamble=[], header=[], numbering=[], notes=[], repeated=[], above=())
    return part, replace(recognition, plans=plans, continues=True)
