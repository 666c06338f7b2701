"""From recognised tables to facts: each figure with its address in the form, each cell with its disposition."""

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache

from transforms import forms
from transforms.amounts import amounts_of, is_broken, is_figure, read_amount, without_percent
from transforms.columns import Column, PanelPlan
from transforms.declare import Declaration, as_of, unit_in
from transforms.due import add_due_blanks
from transforms.facts import TOTAL, Item, Table, raw_text
from transforms.forms import BODY_KEY
from transforms.hierarchy import TRANSPOSED, TRANSPOSED_MEMO, line_of_row, link
from transforms.labels import Kind
from transforms.layout import Block
from transforms.meaning import DataRow, Meaning
from transforms.recognise import Recognition
from transforms.rows import read_rows, shown_texts
from transforms.text import bare, compact
from transforms.words import cell_text
from transforms.workbook import Cell, Sheet, address
from transforms.yields import Problem, Tidied

_UNKNOWN = frozenset({"unknown", "filler"})
_UNPLACED = _UNKNOWN | {"aside"}
# Kinds of rows that stand for what is a column elsewhere, where items are rows.
_TURNED = frozenset({"item", "total", "memo"})
Part = tuple[Block, Recognition, Declaration]
# A column of amounts: itself, the number of what its figures are, the least number that needs a closer look, 分 per unit.
Money = tuple[Column, int, float, int]
ASIDE = "column not used: another classification, or of which"
# What the cells of a kind of column are, and why; those of any other are labels. "row": those of a row that is not used.
_DISPOSED = {
    "amount": ("fact", ""),
    "code": ("code", ""),
    "index": ("ignored", "numbering column"),
    "aside": ("ignored", ASIDE),
    "remark": ("note", ""),
    "row": ("ignored", "row not used"),
}


def tidy_blocks(out: Tidied, parts: list[Part], number: int) -> None:
    """The facts of one logical table, which may go on over several blocks (`parts`)."""
    form, declared = parts[0][1].form, parts[0][2]
    assert form is not None
    offset, first = 0, len(out.facts.places)
    carried: dict[str, _Carried] = {}
    for block, recognition, _ in parts:
        start = len(out.facts.places)
        context = _Context(Table(number, form.form, block.sheet.name, offset), declared.unit)
        plans = tuple(_of_the_year(plan, declared.year) for plan in recognition.plans)
        for plan in plans:
            carried[plan.key] = _tidy_panel(out, block, plans, plan, context, carried.get(plan.key))
        _settle_frame(out, block, form.form, recognition.account)
        _settle_strays(out, block, form.form)
        offset += (block.data[-1] + 1) if block.data else 0
        add_due_blanks(out.facts, block, plans, start)
    link(out.facts, first, form)
    _mark_totals(out, [block.sheet for block, _, _ in parts], first, form.form)


@lru_cache(maxsize=4096)
def _of_the_year(plan: PanelPlan, year: int | None) -> PanelPlan:
    """The plan, amounts under an earlier year than the one the table declares being the previous year's.

    Not of assets, which stand as of the end of the year before.
    """

    def earlier(column: Column) -> bool:
        old = column.year is not None and year is not None and column.year < year
        return old and column.kind == "amount" and column.measure == "amount"

    if "quantity" in plan.panel.measures or not any(map(earlier, plan.columns)):
        return plan
    columns = (replace(c, measure="previous") if earlier(c) else c for c in plan.columns)
    return PanelPlan(plan.key, plan.panel, tuple(columns))


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
class _Context:
    """What the cells of one block share."""

    table: Table
    unit: str

    @property
    def form(self) -> str:
        return self.table.form


@dataclass(frozen=True)
class _Carried:
    """Where a panel's list stands at the end of a sheet: its last row and the texts that hold on."""

    row: DataRow | None
    texts: dict[str, tuple[str, Cell]]


def _tidy_panel(
    out: Tidied,
    block: Block,
    plans: tuple[PanelPlan, ...],
    plan: PanelPlan,
    context: _Context,
    carried: _Carried | None,
) -> _Carried:
    rows = _single_row_only(read_rows(block, plan, carried.row if carried else None), block, plan)
    above = dict(carried.texts) if carried else {}
    panel = _PanelTidier(out, block, plans, plan, context, _is_transposed(plan, rows))
    panel.take(rows)
    for row in rows if plan.panel.codes else ():
        if row.meaning.unit and row.kind == "code":
            kind = _label_kind(context, panel.panel_of(row), "unit")
            body = row.meaning.unit.removeprefix("unit.")
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
    if not plan.panel.items_as_rows or plan.has_items or plan.of_kind("code") or not plan.of_kind("label"):
        return False
    kinds = {row.kind for row in rows}
    return bool(kinds & {"item", "memo"}) and "code" not in kinds


def _single_row_only(rows: list[DataRow], block: Block, plan: PanelPlan) -> list[DataRow]:
    """A table without names has one row of figures; with several nobody can say what they are."""
    if plan.of_kind("code", "label", "text") or any(row.kind == "unit" for row in rows):
        return rows
    filled = [
        row for row in rows if any(block.sheet.at(row.index, c.index) != "" for c in plan.of_kind("amount"))
    ]
    strange = plan.of_kind("unknown", "blank")
    named = any(cell_text(block.sheet.at(row.index, c.index)) for row in filled for c in strange)
    if len(filled) <= 1 and not named:
        return filled
    return [DataRow(row.index, Meaning("unknown", "", "")) for row in filled]


class _PanelTidier:
    """Places the cells of one panel's rows.

    Most rows are plain: their cells have the marks that their columns have (`usual`), and their figures, binary
    floats in the table's unit, become facts with the `money` columns' items. Everything else is looked at cell by cell.
    """

    def __init__(
        self,
        out: Tidied,
        block: Block,
        plans: tuple[PanelPlan, ...],
        plan: PanelPlan,
        context: _Context,
        transposed: bool,  # noqa: FBT001 – what the rows of this panel are
    ) -> None:
        self.out, self.facts, self.ledger = out, out.facts, out.ledger
        self.block, self.sheet, self.plans, self.plan = block, block.sheet, plans, plan
        self.context, self.turned = context, _TURNED if transposed else frozenset[str]()
        self.marked = out.ledger.marked(block.sheet)
        self.merged = block.sheet.merged_rows
        self.names = [c for c in plan.of_kind("label", "text", "body") if float in block.types(c.index)]
        self.odd = [c for c in plan.of_kind("unknown", "blank") if not block.is_blank(c.index)]
        self.special = bool(self.names or self.odd or self.turned)
        self.lead, self.money = self._money()
        self.place = -1

    def _money(self) -> tuple[int, list[Money | None]]:
        """The first column of amounts, and for it and each one after it how its figures are read; None where it has none."""
        columns: dict[int, Money] = {
            column.index: (column, self.facts.number_of(item), most, fen)
            for column, item, most, fen in amounts_of(self.plan, self.context.unit)
        }
        first, last = min(columns, default=0), max(columns, default=-1)
        return first, [columns.get(index) for index in range(first, last + 1)]

    def _marks(self, kind: str) -> "array[int]":
        """The marks of the cells of a kind of row, from the panel's first column on."""
        form, known = self.context.form, {}
        for column in self.plan.columns:
            if column.kind not in known:
                held = (
                    "row"
                    if kind == "aside"
                    else "label"
                    if kind in _UNKNOWN and column.kind == "amount"
                    else column.kind
                )
                disposition, reason = _DISPOSED.get(held, ("label", ""))
                known[column.kind] = self.ledger.number(disposition, form, reason)
        return array("H", [known[column.kind] for column in self.plan.columns])

    def take(self, rows: list[DataRow]) -> None:
        """Place the cells of the panel's rows."""
        self._mark(rows)
        grid, special = self.sheet.rows, self.special
        for row in rows:
            self.place = -1
            meaning = row.meaning
            if special or meaning.kind in _UNPLACED or meaning.column or meaning.measure:
                self._take_special(row, grid[row.index])
            else:
                self._take_money(row, grid[row.index])

    def _mark(self, rows: list[DataRow]) -> None:
        """Give the cells of rows the marks of their columns."""
        columns = self.plan.columns
        if not columns:
            return
        first, size = columns[0].index, len(columns)
        usual, unusual = self._marks("plain"), dict[str, "array[int]"]()
        starts, marks = self.marked.starts, self.marked.marks
        for row in rows:
            own = usual
            if (kind := row.meaning.kind) in _UNPLACED:
                own = unusual[kind] = unusual.get(kind) or self._marks(kind)
            at, end = starts[row.index] + first, starts[row.index + 1]
            if end - at >= size:
                marks[at : at + size] = own
            elif end > at:
                marks[at:end] = own[: end - at]

    def _take_special(self, row: DataRow, cells: list[object]) -> None:
        """Place the cells of a row that may mean something else than its columns say."""
        meaning, width = row.meaning, len(cells)
        if meaning.kind == "aside":
            return
        for name in self.names:
            if name.index < width and is_broken(value := cells[name.index]):
                self._unread(row, name, value)
        known = meaning.kind not in _UNKNOWN
        if not known or any(c.index < width and cells[c.index] != "" for c in self.odd):
            self._take_each(row, cells, known)
        elif meaning.column or meaning.measure or meaning.kind in self.turned:
            for column in self.plan.of_kind("amount"):
                if column.index < width and cells[column.index] != "":
                    self._place_amount(row, column, cells[column.index])
        else:
            self._take_money(row, cells)

    def _take_money(self, row: DataRow, cells: list[object]) -> None:
        """Place the amounts of a plain row."""
        facts = self.facts
        for money, value in zip(self.money, cells[self.lead :], strict=False):
            if value == "" or money is None:
                continue
            column, item, most, fen = money
            if value.__class__ is float and -most < value < most:
                if self.place < 0:
                    self._open(row, row.meaning.key)
                facts.item.append(item)
                facts.column.append(column.index)
                facts.amount.append(round(value * fen))
                facts.value.append(value)
            else:
                self._place_amount(row, column, value)

    def _take_each(self, row: DataRow, cells: list[object], known: bool) -> None:  # noqa: FBT001
        """Place the cells of a row one by one."""
        for column in self.plan.columns:
            if column.index >= len(cells) or cells[column.index] == "":
                continue
            value = cells[column.index]
            if column.kind == "amount" and known:
                self._place_amount(row, column, value)
            elif column.kind in ("amount", "unknown", "blank") and is_figure(without_percent(value)):
                self._unread(row, column, value)

    def _remark(self, row: int, column: int, disposition: str, reason: str) -> None:
        """Say of a cell that it is something else than its column's cells are."""
        at = self.marked.starts[row] + column
        self.marked.marks[at] = self.ledger.number(disposition, self.context.form, reason)

    def _open(self, row: DataRow, key: str) -> None:
        """Begin the place of a row's figures."""
        meaning, kind = row.meaning, row.meaning.kind
        if kind in self.turned:
            part = kind != "memo" and meaning.key in self.plan.panel.above_column
            kind = TRANSPOSED if part else TRANSPOSED_MEMO
        panel = self.panel_of(row) if row.index in self.merged else self.plan.key
        said = (meaning, panel, key, kind)
        line = self.plan.lines.get(said)
        if line is None:
            form = forms.forms()[self.context.form]
            line = line_of_row(form, panel, key, meaning.label, kind, meaning.level, meaning.unit)
            self.plan.lines[said] = line
        self.place = self.facts.open_place(self.context.table, line, row.index)

    def panel_of(self, row: DataRow) -> str:
        """The panel of a row: a label merged from another panel's column belongs there (totals printed once for two)."""
        if row.index not in self.merged:
            return self.plan.key
        for column in self.plan.of_kind("label"):
            origin = self.sheet.origin(row.index, column.index)
            if origin[0] == row.index and origin[1] < self.plan.columns[0].index:
                owner = (p.key for p in self.plans if any(c.index == origin[1] for c in p.columns))
                return next(owner, self.plan.key)
        return self.plan.key

    def _place_amount(self, row: DataRow, column: Column, value: object) -> None:
        """Make a fact of a cell where it is a figure, say what it is where it is none."""
        meaning = row.meaning
        nature = self.plan.panel.measure_of(column.key)
        amount, unit, readable = read_amount(value, nature, column, self.context.unit, meaning.label)
        if not readable:
            self._text_in_amount(row.index, column.index, value)
            return
        row_key = meaning.key
        column_key = meaning.column if meaning.column and column.key == "total" else column.key
        if meaning.kind in self.turned:
            if column.key.startswith(BODY_KEY):
                self._place_share(row, column, amount, unit)
                return
            row_key, column_key = "total", meaning.key
        if self.place < 0:
            self._open(row, row_key)
        item = self.facts.number_of(Item(column_key, meaning.measure or column.measure, unit))
        self.facts.add(item, column.index, amount, value)

    def _place_share(self, row: DataRow, column: Column, amount: int | None, unit: str) -> None:
        """Make a fact of what one body has of an item that is a row: in the row of the body, of which nothing is added."""
        form, level = forms.forms()[self.context.form], row.meaning.level
        line = line_of_row(form, self.plan.key, column.key, row.label, "memo", level, column.key)
        self.facts.open_place(self.context.table, line, row.index)
        item = self.facts.number_of(Item(row.key, row.meaning.measure or column.measure, unit))
        self.facts.add(item, column.index, amount, self.sheet.rows[row.index][column.index])
        self.place = -1

    def _text_in_amount(self, row: int, column: int, value: object) -> None:
        """Words where an amount belongs: filler, or something that is no number (CEL-01)."""
        if compact(str(value)) in forms.filler_words():
            self._remark(row, column, "ignored", "filler")
            return
        self._remark(row, column, "unread", "not a number")
        where = address(row, column)
        self.out.problems.append(
            Problem("CEL-01", self.sheet.name, where, raw_text(value), "", self.context.unit)
        )

    def _unread(self, row: DataRow, column: Column, value: object) -> None:
        self._remark(row.index, column.index, "unread", "row or column not recognised")
        what = (
            f"无法识别行“{row.label}”。"
            if row.kind == "unknown"
            else f"无法识别列“{' / '.join(column.path) or '无表头'}”。"
        )
        what = "名称栏中是数字，不是名称。" if column in self.names else what
        where = address(row.index, column.index)
        self.out.problems.append(Problem("SUB-16", self.sheet.name, where, raw_text(value), "", what))


def _label_kind(context: _Context, panel: str, key: str) -> Kind:
    return Kind(context.table.block, context.form, panel, key, context.table.sheet)


def _labels_of_position(
    out: Tidied, row: DataRow, above: dict[str, tuple[str, Cell]], panel: str, context: _Context
) -> None:
    if row.kind != "position":
        return
    for key, (text, cell) in above.items():
        out.labels.add(_label_kind(context, panel, key), context.table.offset + row.index, text, cell)


def _labels_of_assets(
    out: Tidied, block: Block, rows: list[DataRow], plan: PanelPlan, context: _Context
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


def threshold_in(text: str) -> str:
    """The value from which equipment counts as large, in yuan: 单价50万元以上 gives 500000."""
    match = re.search(r"(\d+)万元", compact(text))
    return str(int(match[1]) * 10_000) if match else ""


def _settle_frame(out: Tidied, block: Block, form: str, account: str) -> None:
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
            _report_stray(out, sheet, r, c, form)
    for r in block.numbering:
        ledger.settle_row(sheet, r, "ignored", form, "numbering row")
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
        filler = compact(str(value)) in forms.filler_words() or not bare(str(value))
        out.settle(sheet, [(row, column)], "ignored" if filler else "label", form, "filler" if filler else "")
        return
    _report_stray(out, sheet, row, column, form)


def _report_stray(out: Tidied, sheet: Sheet, row: int, column: int, form: str) -> None:
    """Say of a figure that it stands in no column of the table (SUB-16)."""
    where, found = address(row, column), raw_text(sheet.rows[row][column])
    marked = out.ledger.marked(sheet)
    marked.marks[marked.starts[row] + column] = out.ledger.number(
        "unread", form, "outside the table's columns"
    )
    out.problems.append(Problem("SUB-16", sheet.name, where, found, "", "该单元格不在表格的任何一列之内。"))
