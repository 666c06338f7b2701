"""From recognised tables to facts: each figure with its address in the form, each cell with its disposition."""

from bisect import bisect_right
from dataclasses import dataclass, replace

from transforms import common_words, forms
from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.companions import TWINS, settled
from transforms.tables.declare import Declaration, as_of, threshold_in, unit_in
from transforms.tables.due import add_due_blanks
from transforms.tables.facts import TOTAL, Table
from transforms.tables.half_rows import apart_from_doubles, without_copies
from transforms.tables.half_totals import sums_of_halves
from transforms.tables.hierarchy import link
from transforms.tables.labels import Kind
from transforms.tables.placing import Context, PanelTidier
from transforms.tables.plan import PanelPlan
from transforms.tables.recognition import Recognition
from transforms.tables.restated import restated
from transforms.tables.row_cells import shown_texts
from transforms.tables.rows import read_rows
from transforms.tables.turned import tidy_turned
from transforms.tables.yields import Problem, Tidied
from transforms.wording.amounts import is_broken, is_figure
from transforms.wording.body_names import BODY_KEY
from transforms.wording.meaning import DataRow, Meaning
from transforms.wording.messages import message
from transforms.wording.patterns import pattern
from transforms.wording.text import bare, compact
from transforms.wording.words import cell_text
from transforms.workbook import Cell, Sheet, address, raw_text

_PLAIN_WORDS = pattern("plain_words")
Part = tuple[Block, Recognition, Declaration]


def tidy_blocks(out: Tidied, parts: list[Part], number: int) -> None:
    """The facts of one logical table, which may go on over several blocks (`parts`), each in the unit stated last."""
    form, declared = parts[0][1].form, parts[0][2]
    assert form is not None
    offset, first, unit = 0, len(out.facts.places), declared.unit
    carried: dict[str, _Carried] = {}
    for block, recognition, own in parts:
        start, unit = len(out.facts.places), own.unit or unit
        context = Context(Table(number, form.form, block.sheet.name, offset), unit)
        if recognition.turned:
            tidy_turned(out, block, form, recognition.turned, context.table, unit)
        plans = tuple(_of_the_year(plan, declared.year) for plan in recognition.plans)
        halved = len({plan.key for plan in plans}) < len(plans)
        plans = without_copies(block, plans) if halved else plans
        for plan in plans:
            rows = _rows_of(block, plan, carried.get(plan.key))
            rows = _of_halves(rows, block, plan, plans) if halved else rows
            carried[plan.key] = _tidy_panel(out, block, plans, plan, context, rows, carried.get(plan.key))
        settle_frame(out, block, form.form, recognition.account)
        _settle_strays(out, block, form.form)
        offset += (block.data[-1] + 1) if block.data else 0
        add_due_blanks(out.facts, block, plans, start)
    link(out.facts, first, form)
    _mark_totals(out, [block.sheet for block, _, _ in parts], first, form.form)


@recalled
def _of_the_year(plan: PanelPlan, year: int | None) -> PanelPlan:
    """The plan, amounts under an earlier year than the one the table declares being the previous year's.

    Not of assets, which stand as of the end of the year before.
    """

    dated = [column for column in plan.columns if column.year]
    if not dated:
        return plan
    old = (
        c for c in dated if year and c.year and c.year < year and (c.kind, c.measure) == ("amount", "amount")
    )
    previous = [] if "quantity" in plan.panel.measures else [replace(c, measure="previous") for c in old]
    return settled(plan.taking(previous), TWINS)


def _mark_totals(out: Tidied, sheets: list[Sheet], first: int, form: str) -> None:
    """Say of the cells of printed totals that they are such."""
    facts, places = out.facts, out.facts.places
    mark = out.ledger.number("total", form)
    marked = {sheet.name: out.ledger.marked(sheet) for sheet in sheets}
    number = facts.role.find(TOTAL, places.first[first] if first < len(places) else len(facts))
    while number >= 0:
        place = bisect_right(places.first, number) - 1
        if facts.value[number] != "":
            found = marked[places.table[place].sheet]
            found.marks[found.starts[places.row[place]] + facts.column[number]] = mark
        number = facts.role.find(TOTAL, number + 1)


@dataclass(frozen=True)
class _Carried:
    """Where a panel's list stands at the end of a sheet: its last row and the texts that hold on."""

    row: DataRow | None
    texts: dict[str, tuple[str, Cell]]


def _of_halves(
    rows: list[DataRow], block: Block, plan: PanelPlan, plans: tuple[PanelPlan, ...]
) -> list[DataRow]:
    return apart_from_doubles(sums_of_halves(rows, block, plan, plans), block, plan, plans)


def _rows_of(block: Block, plan: PanelPlan, carried: _Carried | None) -> list[DataRow]:
    return _single_row_only(read_rows(block, plan, carried.row if carried else None), block, plan)


def _tidy_panel(
    out: Tidied,
    block: Block,
    plans: tuple[PanelPlan, ...],
    plan: PanelPlan,
    context: Context,
    rows: list[DataRow],
    carried: _Carried | None,
) -> _Carried:
    above = dict(carried.texts) if carried else {}
    panel = PanelTidier(out, block, plans, plan, context, _is_transposed(plan, rows))
    panel.take(rows)
    for cell, column in restated(block, plan, context.unit):
        told = " / ".join(column.path)
        _report_stray(out, block.sheet, *cell, context.form, "restated_otherwise", column=told)
    for row in rows if plan.panel.codes else ():
        if row.meaning.unit and row.kind == "code":
            kind = _label_kind(context, panel.panel_of(row), "unit")
            body = row.meaning.unit.removeprefix(BODY_KEY)
            out.labels.add(kind, context.table.offset + row.index, body, (row.index, 0))
    for row in rows if plan.panel.categories else ():
        above = shown_texts(block, plan, row.index, above)
        _labels_of_position(out, row, above, panel.panel_of(row), context)
    if "quantity" in plan.panel.measures:
        _labels_of_assets(out, block, rows, plan, context)
    last = next((row for row in reversed(rows) if row.kind not in ("filler", "unknown", "memo")), None)
    return _Carried(last or (carried.row if carried else None), above)


def _is_transposed(plan: PanelPlan, rows: list[DataRow]) -> bool:
    """Whether the items that a form may have as columns are rows here."""
    if not plan.panel.items_as_rows or plan.has_items or not plan.of_kind("label"):
        return False
    kinds = {row.kind for row in rows}
    if kinds <= {"total", "unknown", "filler"}:
        return any(row.key == forms.CURRENT for row in rows)
    return bool(kinds & {"item", "memo"}) and "code" not in kinds


def _single_row_only(rows: list[DataRow], block: Block, plan: PanelPlan) -> list[DataRow]:
    """A table without names has one row of figures; with several, or with words beside it, nobody can say what they are."""
    if plan.of_kind("code", "label", "text") or any(row.kind == "unit" for row in rows):
        return rows
    filled = [row for row in rows if _states_figures(row, block, plan)]
    known = {column.index for column in plan.columns} - {c.index for c in plan.of_kind("unknown", "blank")}
    named = any(
        cell_text(value)
        for row in filled
        for index, value in enumerate(block.sheet.rows[row.index])
        if index not in known
    )
    if len(filled) <= 1 and not named:
        return filled
    return [DataRow(row.index, Meaning("unknown", "", "")) for row in filled]


def _states_figures(row: DataRow, block: Block, plan: PanelPlan) -> bool:
    """Whether something stands in a row's columns of amounts that is no plain word: a figure, well typed or not."""
    values = [block.sheet.at(row.index, column.index) for column in plan.of_kind("amount")]
    return any(value != "" and not _PLAIN_WORDS.match(cell_text(value)) for value in values)


def _label_kind(context: Context, panel: str, key: str) -> Kind:
    return Kind(context.table.block, context.form, panel, key, context.table.sheet)


def _labels_of_position(
    out: Tidied, row: DataRow, above: dict[str, tuple[str, Cell]], panel: str, context: Context
) -> None:
    if row.kind != "position":
        return
    for key, (text, cell) in above.items():
        out.labels.add(_label_kind(context, panel, key), context.table.offset + row.index, text, cell)


def _labels_of_assets(
    out: Tidied, block: Block, rows: list[DataRow], plan: PanelPlan, context: Context
) -> None:
    column = next((column.index for column in plan.of_kind("label")), -1)
    kinds = {key: _label_kind(context, plan.key, key) for key in ("as_of", "quantity_unit", "threshold")}
    if date := as_of(block):
        out.labels.add(kinds["as_of"], 0, date)
    for row in rows:
        where = (row.index if column >= 0 else -1, max(column, 0))
        for key, text in (("quantity_unit", unit_in(row.label)), ("threshold", threshold_in(row.label))):
            if text:
                out.labels.add(kinds[key], context.table.offset + row.index, text, where)


def settle_frame(out: Tidied, block: Block, form: str, account: str) -> None:
    """Dispositions of everything around the figures.

    account: how the form was found; the header's cells carry it in the ledger.
    """
    sheet, ledger = block.sheet, out.ledger
    broken = [(r, c) for r, c in block.preamble if is_broken(sheet.rows[r][c])]
    for r, c in broken:
        _report_stray(out, sheet, r, c, form)
    out.settle(sheet, block.preamble, "header", form, "title or declaration")
    for r in (*block.header, *block.repeated):
        ledger.settle_row(sheet, r, "header", form, account)
        line = block.line(r)
        for c in line.stray_figures:
            _report_stray(out, sheet, r, c, form, "in_header")
    for r in block.numbering:
        ledger.settle_row(sheet, r, "ignored", form, "numbering row")
        for c in block.line(r).miscounted:
            _report_stray(out, sheet, r, c, form)
    out.settle(sheet, block.notes, "note", form)


def _settle_strays(out: Tidied, block: Block, form: str) -> None:
    """Dispositions of the data that no panel claimed."""
    sheet, marked = block.sheet, out.ledger.marked(block.sheet)
    starts = marked.starts
    if not block.data or 0 not in marked.marks[starts[block.data[0]] : starts[block.data[-1] + 1]]:
        return
    for r in block.data:
        marks = marked.marks[marked.starts[r] : marked.starts[r + 1]]
        if 0 in marks:
            for c, value in enumerate(sheet.rows[r]):
                if value != "" and not marks[c]:
                    _settle_stray(out, sheet, r, c, value, form)


def _settle_stray(out: Tidied, sheet: Sheet, row: int, column: int, value: object, form: str) -> None:
    if not is_figure(value):
        filler = compact(str(value)) in common_words.filler_words() or not bare(str(value))
        out.settle(sheet, [(row, column)], "ignored" if filler else "label", form, "filler" if filler else "")
        return
    _report_stray(out, sheet, row, column, form)


def _report_stray(
    out: Tidied, sheet: Sheet, row: int, at: int, form: str, told: str = "outside", **facts: object
) -> None:
    """Say of a figure that it stands in no column of the table, or what else is `told` of it (SUB-16)."""
    where, found = address(row, at), raw_text(sheet.rows[row][at])
    marked = out.ledger.marked(sheet)
    marked.marks[marked.starts[row] + at] = out.ledger.number("unread", form, "outside the table's columns")
    out.problems.append(Problem("SUB-16", sheet.name, where, found, "", message(told, **facts)))
