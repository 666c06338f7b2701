"""Tables whose columns are what a form has as rows (房屋 | 车辆 over 数量 | 价值; 货物 | 工程): each column is a row of it."""

from dataclasses import dataclass, field, replace

from transforms import common_words
from transforms.forms import Form, Panel
from transforms.tables.block import Block
from transforms.tables.declare import as_of, threshold_in, unit_in
from transforms.tables.facts import Item, Table
from transforms.tables.heads import Paths, structural_kinds
from transforms.tables.hierarchy import line_of_row
from transforms.tables.labels import Kind
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.sums import sum_of
from transforms.tables.yields import Problem, Tidied
from transforms.wording.amounts import is_figure, read_amount
from transforms.wording.messages import message
from transforms.wording.text import bare, header_words
from transforms.wording.words import cell_text
from transforms.workbook import address, raw_text

_FEWEST = 2  # rows that make columns of them
_TOTAL, _VALUE = "total", "value"
_NAMES = ("label", "body", "code", "blank")
_ASIDE = frozenset({"label", "body", "code", "index", "remark"})


@dataclass(frozen=True)
class Turned:
    """The columns of such a table: `rows` has the key of the row that each column of amounts is.

    The key of a column is '' where the rows of the table say what their figures are (数量, 价值).
    """

    plan: PanelPlan
    rows: tuple[str, ...]

    @property
    def told_by_rows(self) -> bool:
        """Whether the rows say what their figures are."""
        return not all(column.key for column in self.plan.of_kind("amount"))


def turned_plan(block: Block, paths: Paths, form: Form) -> Turned | None:
    """The columns of a table as rows of the form; None where nobody knows what one holds, or two are one."""
    name, panel = next(iter(form.panels.items()))
    if not panel.rows_as_columns:
        return None
    paths = tuple(_without_headings(path, form, panel) for path in paths)
    if len({_said(path, panel)[0] for path in paths} - {"", _TOTAL}) < _FEWEST:
        return None
    columns = [_column(block, c, path, panel) for c, path in enumerate(paths)]
    said = [_said(column.path, panel) for column in columns if column.kind == "amount"]
    rows, keys = [row for row, _ in said], [key for _, key in said]
    parts = [key for row, key in said if row != _TOTAL]
    mixed = len({bool(key) for key in parts}) > 1
    if any(c.kind == "unknown" for c in columns) or len({*rows} - {_TOTAL}) < _FEWEST or mixed:
        return None
    if not parts[0]:
        columns, keys = [replace(column, key="") for column in columns], []
    if len({*zip(rows, keys or rows, strict=True)}) < len(rows):
        return None
    return Turned(PanelPlan(name, panel, tuple(columns)), tuple(rows))


def _without_headings(path: tuple[str, ...], form: Form, panel: Panel) -> tuple[str, ...]:
    """The words over a column of categories without those above that only repeat what the table is about (政府采购预算)."""
    above = path[:-1] if panel.categories else ()
    said = (text for text in above if common_words.header_key(text) not in form.neutral_headings)
    return (*said, *path[len(above) :])


def _column(block: Block, index: int, path: tuple[str, ...], panel: Panel) -> Column:
    kind = next(iter(structural_kinds(path) & _ASIDE), "")
    row, key = _said(path, panel)
    if kind or (not path and block.is_blank(index)):
        return Column(index, kind or "blank", path=path)
    if panel.categories and not row and not block.content(index)[1]:
        return Column(index, "label", path=path)
    unit = next((unit for text in reversed(path) if (unit := header_words(text)[2])), "")
    return Column(index, "amount" if row else "unknown", key, panel.measure_of(key), unit, path=path)


def _said(path: tuple[str, ...], panel: Panel) -> tuple[str, str]:
    """(row, column) that the words above a column say, the column '' where none does; blanks where one of them is unknown."""
    rows = [_row_of(bare(text), panel) or _row_of(common_words.header_key(text), panel) for text in path]
    if not path or not all(rows[:-1]):
        return "", ""
    if rows[-1]:
        return rows[-1], _VALUE if rows[-1] == _TOTAL and _VALUE in panel.columns else _whole(panel)
    key = panel.column_of(common_words.header_key(path[-1]))
    return (rows[-2], key) if key and len(rows) > 1 else ("", "")


def _whole(panel: Panel) -> str:
    """The column of amounts of a list of categories, which has only one; '' where the rows say what their figures are."""
    return next(iter(panel.columns)) if panel.categories else ""


def _row_of(words: str, panel: Panel) -> str:
    key = panel.category_words.get(words) or panel.row_words.get(words, "")
    known = (
        key in panel.rows
        or key in panel.above_row
        or (panel.categories and key in (*panel.categories, _TOTAL))
    )
    return key if known else ""


def tidy_turned(out: Tidied, block: Block, form: Form, turned: Turned, table: Table, unit: str) -> None:
    """The facts of such a table: those of its total, or its only row, or of rows that say what their figures are.

    Rows of bodies that add up to the total are set aside; other ones are told.
    """
    tidier = _Tidier(out, block, form, turned, table, unit)
    if turned.told_by_rows:
        tidier.take_each()
    else:
        tidier.take_total()
    if date := as_of(block):
        out.labels.add(tidier.kind("as_of"), 0, date)


@dataclass
class _Tidier:
    out: Tidied
    block: Block
    form: Form
    turned: Turned
    table: Table
    unit: str
    described: set[tuple[str, str]] = field(default_factory=set)

    @property
    def columns(self) -> list[Column]:
        return self.turned.plan.of_kind("amount")

    def take_each(self) -> None:
        """Take rows that say what their figures are."""
        panel = self.turned.plan.panel
        for row in self.block.data:
            key = next((key for name in self._names(row) if (key := panel.column_of(name))), "")
            if key:
                self._take(row, [replace(c, key=key, measure=panel.measure_of(key)) for c in self.columns])
            else:
                self._tell(row)

    def take_total(self) -> None:
        """Take the total row, what adds up to it being set aside."""
        block, total = self.block, self._total()
        others = [row for row in block.data if row != total]
        repeated = total >= 0 and sum_of(block, self.turned.plan, total, others).exact
        for row in others:
            if repeated:
                self.out.ledger.settle_row(block.sheet, row, "ignored", self.table.form, "row not used")
            else:
                self._tell(row)
        if total >= 0:
            self._take(total, self.columns)

    def kind(self, key: str) -> Kind:
        """What the labels of a key share."""
        return Kind(self.table.block, self.table.form, self.turned.plan.key, key, self.table.sheet)

    def _names(self, row: int) -> list[str]:
        values = [self.block.sheet.at(row, column.index) for column in self.turned.plan.of_kind(*_NAMES)]
        return [common_words.header_key(text) for value in values if (text := cell_text(value))]

    def _total(self) -> int:
        """The only row that is called a total, or the only one; -1 where there is none."""
        rows = [
            row
            for row in self.block.data
            if not common_words.total_words().keys().isdisjoint(self._names(row))
        ]
        rows = rows or self.block.data
        return rows[0] if len(rows) == 1 else -1

    def _take(self, row: int, columns: list[Column]) -> None:
        for column, key in zip(columns, self.turned.rows, strict=True):
            value = self.block.sheet.at(row, column.index)
            amount, unit, readable = read_amount(value, column.measure, column, self.unit, "")
            if value != "" and readable:
                self._place(row, column, key, Item(column.key, column.measure, unit), amount)
            elif value != "":
                self._refuse(row, column, "CEL-01", "")

    def _place(self, row: int, column: Column, key: str, item: Item, amount: int | None) -> None:
        """Make a fact of a figure; each row of the form has a position of its own."""
        facts, sheet, heading = self.out.facts, self.block.sheet, column.path[0]
        panel = self.turned.plan.panel
        offset = self.table.offset + len(sheet.rows) * self.turned.rows.index(key)
        kind, level = (
            (_TOTAL, int(key != _TOTAL)) if panel.categories else (_TOTAL if key == _TOTAL else "item", 0)
        )
        line = line_of_row(self.form, self.turned.plan.key, key, heading, kind, level, "")
        facts.open_place(self.table._replace(offset=offset), line, row)
        facts.add(facts.number_of(item), column.index, amount, sheet.at(row, column.index))
        self.out.settle(sheet, [(row, column.index)], "fact", self.table.form)
        counted = unit_in(heading) or item.unit if item.measure == "quantity" else ""
        for name, text in (("quantity_unit", counted), ("threshold", threshold_in(heading))):
            if text and (name, key) not in self.described:
                self.described.add((name, key))
                self.out.labels.add(self.kind(name), offset + row, text)

    def _tell(self, row: int) -> None:
        """Say of the figures of a row that nobody knows what it is."""
        for column in self.columns:
            if is_figure(self.block.sheet.at(row, column.index)):
                told = message("unknown_row", row="".join(self._names(row)[:1]))
                self._refuse(row, column, "SUB-16", told)

    def _refuse(self, row: int, column: Column, rule: str, told: str) -> None:
        sheet, where = self.block.sheet, address(row, column.index)
        found = raw_text(sheet.at(row, column.index))
        self.out.settle(
            sheet, [(row, column.index)], "unread", self.table.form, "row or column not recognised"
        )
        unit = self.unit if rule == "CEL-01" else told
        self.out.problems.append(Problem(rule, sheet.name, where, found, "", unit))
