"""The cells of one panel placed: figures with their addresses in the form, every cell with what became of it."""

from array import array
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

from transforms import common_words, forms
from transforms.money import parse_number, without_percent
from transforms.tables.block import Block
from transforms.tables.facts import Item, Table
from transforms.tables.hierarchy import TRANSPOSED, TRANSPOSED_MEMO, line_of_row
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.row_cells import names_nothing
from transforms.tables.shares import columns_of_shares
from transforms.tables.yields import Problem, Tidied
from transforms.wording.amounts import amounts_of, is_broken, is_figure, read_amount
from transforms.wording.body_names import BODY_KEY
from transforms.wording.code_text import is_projects_code, open_codes
from transforms.wording.meaning import DataRow
from transforms.wording.messages import message
from transforms.wording.patterns import pattern
from transforms.wording.text import bare, compact
from transforms.workbook import address, raw_text

_UNKNOWN = frozenset({"unknown", "filler"})
_UNPLACED = _UNKNOWN | {"aside"}
# Kinds of rows that stand for what is a column elsewhere, where items are rows.
_TURNED = frozenset({"item", "total", "memo"})
# A column of amounts: itself, the number of what its figures are, the least number that needs a closer look, 分 per unit.
Money = tuple[Column, int, float, int]
# Kinds of columns in which a total's name and figure may stand in one cell of a row that is known without them, and of
# positions (purchases) also those of names: elsewhere a row is known by its name.
_MAY_STATE_TOTALS = ("index", "text", "aside")
# Kinds of columns that say what a row is, where a number with decimals says nothing; and what is said of it.
_NAMING = ("code", "label", "text", "body", "index")
_NAMES_NOTHING = {"code": "number_of_no_code", "index": "number_of_no_row"}
_TENTH = 0.1
_DIFFERENCES = frozenset({"change", "percent"})
_SAID_IN_WORDS, _REASON = pattern("difference_in_words"), pattern("reason_for_difference")
_TOTAL_IN_WORDS = pattern("total_in_words")
ASIDE = "column not used: another classification, of which, or a check"
# What the cells of a kind of column are, and why; those of any other are labels. "row": those of a row that is not used.
DISPOSED = {
    "amount": ("fact", ""),
    "code": ("code", ""),
    "index": ("ignored", "numbering column"),
    "aside": ("ignored", ASIDE),
    "remark": ("note", ""),
    "row": ("ignored", "row not used"),
}


@dataclass(frozen=True)
class Context:
    """What the cells of one block share."""

    table: Table
    unit: str

    @property
    def form(self) -> str:
        return self.table.form


class PanelTidier:
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
        context: Context,
        transposed: bool,  # noqa: FBT001 – what the rows of this panel are
    ) -> None:
        self.out, self.facts, self.ledger = out, out.facts, out.ledger
        self.block, self.sheet, self.plans, self.plan = block, block.sheet, plans, plan
        self.context, self.turned = context, _TURNED if transposed else frozenset[str]()
        self.marked = out.ledger.marked(block.sheet)
        self.merged = block.sheet.merged_rows
        self.names = [c for c in plan.of_kind(*_NAMING) if _holds_broken(block, c) and not _counts(block, c)]
        self.odd = [c for c in plan.of_kind("unknown", "blank") if not block.is_blank(c.index)]
        kinds = (*_MAY_STATE_TOTALS, "label") if plan.panel.categories else _MAY_STATE_TOTALS
        self.totalled = [c for c in plan.of_kind(*kinds) if any(map(_states_total, block.column(c.index)))]
        self.special = bool(self.names or self.odd or self.turned or self.totalled)
        self.shares = columns_of_shares(block, plan)
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
        known = {each: self._mark_of(each, kind) for each in {column.kind for column in self.plan.columns}}
        return array("H", [known[column.kind] for column in self.plan.columns])

    def _mark_of(self, column: str, row: str) -> int:
        """The mark of the cells of a kind of column in rows of a kind."""
        held = "label" if row in _UNKNOWN and column == "amount" else column
        disposition, reason = DISPOSED.get("row" if row == "aside" else held, ("label", ""))
        return self.ledger.number(disposition, self.context.form, reason)

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
            if name.index < width and names_nothing(name, value := cells[name.index]):
                self._unread(row, name, value)
        known = meaning.kind not in _UNKNOWN
        for column in self.totalled if known else ():
            if column.index < width and _states_total(value := cells[column.index]):
                self._unread(row, column, value)
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
            elif (column.kind in ("amount", "unknown", "blank") and is_figure(without_percent(value))) or (
                not known and _states_total(value)
            ):
                self._unread(row, column, value)
            elif column.kind == "amount":
                self._text_in_amount(row, column, value)

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
        percent = (meaning.measure or column.measure) == "percent"
        nature = "percent" if percent else nature
        shares, shown = self.shares.get(column.index), value
        if shares and (share := parse_number(value)) is not None:
            if row.index in shares.unsure:
                self._unread(row, column, value, "share_or_percentage")
                return
            shown = float(share * 100) if row.index in shares.rows else value
        amount, unit, readable = read_amount(shown, nature, column, self.context.unit, meaning.label)
        if not readable:
            self._text_in_amount(row, column, value)
            return
        row_key = meaning.key
        column_key = (
            meaning.column if meaning.column and "total" in (meaning.column, column.key) else column.key
        )
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

    def _text_in_amount(self, row: DataRow, column: Column, value: object) -> None:
        """Words where an amount belongs: filler, a difference said in words, something that is no number (CEL-01), or
        that may as well be a heading, in a row that nobody knows.
        """
        if compact(str(value)) in common_words.filler_words():
            self._remark(row.index, column.index, "ignored", "filler")
            return
        if column.measure in _DIFFERENCES and self._tells_difference(column, str(value)):
            self._remark(row.index, column.index, "note", "")
            return
        if row.kind == "unknown" and bare(row.label) not in common_words.total_words():
            self._unread(row, column, value)
            return
        self._remark(row.index, column.index, "unread", "not a number")
        where = address(row.index, column.index)
        self.out.problems.append(
            Problem("CEL-01", self.sheet.name, where, raw_text(value), "", self.context.unit)
        )

    def _tells_difference(self, column: Column, words: str) -> bool:
        """Whether words say a difference, or the reason for one in a column of reasons rather than of figures."""
        texts, figures = self.block.content(column.index)
        reason = texts > max(figures, 1) and _REASON.search(words)
        return bool(_SAID_IN_WORDS.search(words) or reason)

    def _unread(self, row: DataRow, column: Column, value: object, why: str = "") -> None:
        self._remark(row.index, column.index, "unread", "row or column not recognised")
        where = address(row.index, column.index)
        told = message(why) if why else self._why_unread(row, column)
        self.out.problems.append(Problem("SUB-16", self.sheet.name, where, raw_text(value), "", told))

    def _why_unread(self, row: DataRow, column: Column) -> str:
        if column in self.totalled:
            return message("total_in_words")
        if column in self.names:
            return message(_NAMES_NOTHING.get(column.kind, "name_is_a_figure"))
        if codes := open_codes(row.key):
            return message("code_of_two", code=row.key, codes="、".join(codes))
        if row.kind == "unknown" and is_projects_code(row.key):
            return message("code_of_project", code=row.key)
        if row.kind == "unknown" and row.meaning.why:
            return row.meaning.why
        if row.kind == "unknown" and row.key in common_words.total_words().values():
            return message("another_total", row=row.label)
        if row.kind == "unknown" and common_words.header_key(row.label) in self.plan.panel.aside_words:
            return message("divides_nothing", row=row.label)
        if row.kind == "unknown" and row.label:
            return message("unknown_row", row=row.label)
        if row.kind == "unknown" and column.kind != "unknown":
            return message("row_without_name")
        return message("unknown_column", column=" / ".join(column.path) or message("no_header"))


def _holds_broken(block: Block, column: Column) -> bool:
    """Whether a column holds a number with decimals."""
    return float in block.types(column.index) and any(map(is_broken, block.column(column.index)))


def _counts(block: Block, column: Column) -> bool:
    """Whether the numbers with decimals in a column of numbering count on below those above them (3, 3.1, 3.2)."""
    numbers = [value for value in block.column(column.index) if value.__class__ is float]
    steps = [after - before for before, after in pairwise([0.0, *numbers]) if is_broken(after)]
    return column.kind == "index" and all(isclose(step, _TENTH) for step in steps)


def _states_total(value: object) -> bool:
    """Whether a cell holds a total's name and its figure together (合计：12万元)."""
    return isinstance(value, str) and _TOTAL_IN_WORDS.search(compact(value)) is not None
