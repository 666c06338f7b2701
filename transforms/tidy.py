"""From recognised tables to facts: each figure with its address in the form, each cell with its disposition."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from transforms import forms
from transforms.columns import Column, PanelPlan
from transforms.declare import Declaration, as_of, unit_in
from transforms.hierarchy import link
from transforms.layout import Block, cell_text
from transforms.money import FEN_PER, parse_number, to_fen, to_hundredths
from transforms.recognise import Recognition
from transforms.rows import DataRow, read_rows, shown_texts
from transforms.text import bare, compact
from transforms.workbook import Cell, Sheet, address

ASIDE = "column not used: another classification, or of which"
_NO_FIGURES = ("code", "index", "remark", "label", "text", "body", "aside")


@dataclass(slots=True)
class Fact:
    """One figure with its address; `line`, `kind`, `body` serve the linking of totals and are not published.

    `own_step`: the display step of its own wording in 分; None where its table has one for all.
    """

    block_id: int
    form: str
    panel: str
    row_key: str
    row_label: str
    column_key: str
    measure: str
    amount: int | None
    unit: str
    position: int
    sheet: str
    cell: str
    raw: str
    kind: str = "item"
    line: int = 0
    level: int = 0
    body: str = ""
    role: str = "leaf"
    row_parent: int | None = None
    column_parent: int | None = None
    fact_id: int = 0
    own_step: int | None = None


@dataclass(slots=True)
class Label:
    """One text placed in a form."""

    block_id: int
    form: str
    panel: str
    position: int
    column_key: str
    text: str
    sheet: str
    cell: str


@dataclass(slots=True)
class Problem:
    """Something reading itself found; becomes a finding of rule `rule_id`, of its own `severity` where it has one."""

    rule_id: str
    sheet: str
    cell: str
    found: str
    expected: str
    detail: str
    severity: str = ""


@dataclass
class Tidied:
    """What tables of one file yield. `ledger`: (sheet, row, column) to (disposition, form, reason, raw text)."""

    facts: list[Fact] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ledger: dict[tuple[str, int, int], tuple[str, str, str, str]] = field(default_factory=dict)

    def settle(
        self, sheet: Sheet, cells: Iterable[Cell], disposition: str, form: str = "", reason: str = ""
    ) -> None:
        """Give cells their disposition, unless they have one."""
        for r, c in cells:
            key = (sheet.name, r, c)
            if key not in self.ledger:
                self.ledger[key] = (disposition, form, reason, raw_text(sheet.at(r, c)))


def raw_text(value: object) -> str:
    """A cell's content as text, numbers without a trailing .0."""
    return (
        str(int(value))
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        else str(value)
    )


def tidy_blocks(parts: list[tuple[Block, Recognition, Declaration]], number: int) -> Tidied:
    """The facts of one logical table, which may go on over several blocks (`parts`)."""
    out = Tidied()
    form = parts[0][1].form
    assert form is not None
    offset = 0
    carried: dict[str, _Carried] = {}
    for block, recognition, _ in parts:
        first = len(out.facts)
        context = _Context(number, form.form, parts[0][2].unit, offset)
        for plan in recognition.plans:
            carried[plan.key] = _tidy_panel(
                out, block, recognition.plans, plan, context, carried.get(plan.key)
            )
        _settle_frame(out, block, form.form, recognition.account)
        offset += (block.data[-1] + 1) if block.data else 0
        _due_blanks(out, block, recognition, first)
    link(out.facts, form)
    return out


@dataclass(frozen=True)
class _Context:
    """What the cells of one block share."""

    number: int
    form: str
    unit: str
    offset: int
    transposed: bool = False


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
    context = replace(context, transposed=_is_transposed(plan, rows))
    above = dict(carried.texts) if carried else {}
    for row in rows:
        panel = _panel_of_label(block, plans, plan, row)
        for column in plan.columns:
            _place(out, block, plan, row, column, panel, context)
        if row.kind == "code" and row.unit:
            out.labels.append(_unit_label(block, row, panel, context))
        if plan.panel.categories:
            above = shown_texts(block, plan, row.index, above)
            _labels_of_position(out, block, row, above, panel, context)
    if "quantity" in plan.panel.measures:
        _labels_of_assets(out, block, rows, plan, context)
    last = next((row for row in reversed(rows) if row.kind not in ("filler", "unknown", "memo")), None)
    return _Carried(last or (carried.row if carried else None), above)


def _is_transposed(plan: PanelPlan, rows: list[DataRow]) -> bool:
    """Whether the items that a form may have as columns are rows here."""
    items = plan.panel.items_as_rows and not plan.of_kind("code") and bool(plan.of_kind("label"))
    kinds = {row.kind for row in rows}
    return items and "item" in kinds and "code" not in kinds


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
    return [DataRow(row.index, "unknown", "", "") for row in filled]


def _panel_of_label(block: Block, plans: tuple[PanelPlan, ...], plan: PanelPlan, row: DataRow) -> str:
    """The panel of a row: a label merged from another panel's column belongs there (totals printed once for two)."""
    for column in plan.of_kind("label"):
        origin = block.sheet.origin(row.index, column.index)
        if origin[0] == row.index and origin[1] < plan.columns[0].index:
            return next((p.key for p in plans if any(c.index == origin[1] for c in p.columns)), plan.key)
    return plan.key


def _place(
    out: Tidied, block: Block, plan: PanelPlan, row: DataRow, column: Column, panel: str, context: _Context
) -> None:
    """Give one cell of a data row its disposition, and make a fact of it where it is a figure in its place."""
    value = block.sheet.at(row.index, column.index)
    if value == "":
        return
    cell = [(row.index, column.index)]
    if row.kind == "aside":
        out.settle(block.sheet, cell, "ignored", context.form, "row not used")
    elif column.kind == "amount" and row.kind not in ("unknown", "filler"):
        _place_amount(out, block, plan, row, column, panel, context, value)
    elif _is_figure(value) and column.kind not in _NO_FIGURES:
        _unread(out, block, row, column, context, value)
    else:
        disposition = {"code": "code", "index": "ignored", "aside": "ignored", "remark": "note"}.get(
            column.kind, "label"
        )
        reason = {"index": "numbering column", "aside": ASIDE}.get(column.kind, "")
        out.settle(block.sheet, cell, disposition, context.form, reason)


def _is_figure(value: object) -> bool:
    return parse_number(value) is not None


def _unread(
    out: Tidied, block: Block, row: DataRow, column: Column, context: _Context, value: object
) -> None:
    out.settle(
        block.sheet, [(row.index, column.index)], "unread", context.form, "row or column not recognised"
    )
    what = f"行“{row.label}”" if row.kind == "unknown" else f"列“{' / '.join(column.path) or '无表头'}”"
    out.problems.append(
        Problem(
            "SUB-16",
            block.sheet.name,
            address(row.index, column.index),
            raw_text(value),
            "",
            f"无法识别{what}",
        )
    )


def _place_amount(
    out: Tidied,
    block: Block,
    plan: PanelPlan,
    row: DataRow,
    column: Column,
    panel: str,
    context: _Context,
    value: object,
) -> None:
    position = (row.index, column.index)
    amount, unit, readable = read_amount(
        value, plan.panel.measure_of(column.key), column, context.unit, row.label
    )
    if not readable:
        _settle_text_in_amount(out, block, position, context, value)
        return
    row_key, column_key = row.key, (row.column if row.column and column.key == "total" else column.key)
    transposed = context.transposed and row.kind in ("item", "total", "memo")
    if transposed:
        row_key, column_key = "total", row.key
    fact = Fact(
        context.number, context.form, panel, row_key, row.label, column_key, row.measure or column.measure,
        amount, unit,
        context.offset + row.index, block.sheet.name, address(*position), raw_text(value),
        kind="transposed" if transposed else row.kind,
        line=context.offset + row.index, level=row.level, body=row.unit, role="memo" if row.kind == "memo" else "leaf",
    )  # fmt: skip
    out.facts.append(fact)
    out.settle(block.sheet, [position], "fact", context.form)


def read_amount(
    value: object, nature: str, column: Column, declared: str, label: str
) -> tuple[int | None, str, bool]:
    """(amount, unit, whether the cell holds a figure). The amount is None where no unit is declared."""
    if column.measure == "percent":
        text = value.rstrip(" %％") if isinstance(value, str) else value
        number = to_hundredths(text)
        return number, "%", number is not None
    if nature == "quantity":
        number = to_hundredths(value)
        return number, column.unit or unit_in(label), number is not None
    unit = column.unit if column.unit in FEN_PER else declared
    if unit:
        amount = to_fen(value, unit) if isinstance(value, float | int | str) else None
        return amount, unit, amount is not None
    return None, "", _is_figure(value)


def _settle_text_in_amount(
    out: Tidied, block: Block, position: Cell, context: _Context, value: object
) -> None:
    """Words where an amount belongs: filler, or something that is no number (CEL-01)."""
    text = compact(str(value))
    if text in forms.filler_words():
        out.settle(block.sheet, [position], "ignored", context.form, "filler")
        return
    out.settle(block.sheet, [position], "unread", context.form, "not a number")
    out.problems.append(
        Problem("CEL-01", block.sheet.name, address(*position), raw_text(value), "", context.unit)
    )


def _unit_label(block: Block, row: DataRow, panel: str, context: _Context) -> Label:
    """The body that a row belongs to, in a list over several."""
    where = (block.sheet.name, address(row.index, 0))
    position = context.offset + row.index
    return Label(
        context.number, context.form, panel, position, "unit", row.unit.removeprefix("unit."), *where
    )


def _labels_of_position(
    out: Tidied, block: Block, row: DataRow, above: dict[str, tuple[str, Cell]], panel: str, context: _Context
) -> None:
    if row.kind != "position":
        return
    for key, (text, cell) in above.items():
        out.labels.append(
            Label(
                context.number,
                context.form,
                panel,
                context.offset + row.index,
                key,
                text,
                block.sheet.name,
                address(*cell),
            )
        )


def _labels_of_assets(
    out: Tidied, block: Block, rows: list[DataRow], plan: PanelPlan, context: _Context
) -> None:
    label_columns = plan.of_kind("label")
    if date := as_of(block):
        out.labels.append(
            Label(context.number, context.form, plan.key, 0, "as_of", date, block.sheet.name, "")
        )
    for row in rows:
        where = (block.sheet.name, address(row.index, label_columns[0].index) if label_columns else "")
        for key, text in (("quantity_unit", unit_in(row.label)), ("threshold", threshold_in(row.label))):
            if text:
                out.labels.append(
                    Label(
                        context.number, context.form, plan.key, context.offset + row.index, key, text, *where
                    )
                )


def threshold_in(text: str) -> str:
    """The value from which equipment counts as large, in yuan: 单价50万元以上 gives 500000."""
    match = re.search(r"(\d+)万元", compact(text))
    return str(int(match[1]) * 10_000) if match else ""


def _settle_frame(out: Tidied, block: Block, form: str, account: str) -> None:
    """Dispositions of everything around the figures, and of whatever no panel claimed.

    account: how the form was found; the header's cells carry it in the ledger.
    """
    sheet = block.sheet
    out.settle(sheet, block.preamble, "header", form, "title or declaration")
    for r in (*block.header, *block.repeated):
        out.settle(sheet, [(r, c) for c, v in enumerate(sheet.rows[r]) if v != ""], "header", form, account)
    for r in block.numbering:
        out.settle(
            sheet, [(r, c) for c, v in enumerate(sheet.rows[r]) if v != ""], "ignored", form, "numbering row"
        )
    out.settle(sheet, block.notes, "note", form)
    for r in block.data:
        for c, value in enumerate(sheet.rows[r]):
            if value != "" and (sheet.name, r, c) not in out.ledger:
                _settle_stray(out, sheet, r, c, value, form)


def _settle_stray(out: Tidied, sheet: Sheet, row: int, column: int, value: object, form: str) -> None:
    if not _is_figure(value):
        filler = compact(str(value)) in forms.filler_words() or not bare(str(value))
        out.settle(sheet, [(row, column)], "ignored" if filler else "label", form, "filler" if filler else "")
        return
    out.settle(sheet, [(row, column)], "unread", form, "outside the table's columns")
    out.problems.append(
        Problem(
            "SUB-16", sheet.name, address(row, column), raw_text(value), "", "该单元格不在表格的任何一列之内"
        )
    )


def _due_blanks(out: Tidied, block: Block, recognition: Recognition, first: int) -> None:
    """Add facts without amount for blank cells where a figure is due, so that checks can count and name them.

    Due are: the total of a row whose parts are filled, the parts of a filled total, and the totals over codes.
    """
    for plan in recognition.plans:
        amounts = [c for c in plan.of_kind("amount") if c.measure == "amount"]
        facts = [
            f
            for f in out.facts[first:]
            if f.panel == plan.key and f.kind in ("code", "total", "single", "unit")
        ]
        lines: dict[int, list[Fact]] = {}
        for fact in facts:
            lines.setdefault(fact.line, []).append(fact)
        active = {fact.column_key for fact in facts}
        below = _columns_below(facts)
        for line, members in lines.items():
            due = _due_columns(plan, {f.column_key for f in members}, active, below.get(line, set()))
            for column in amounts:
                if column.key in due:
                    _add_blank(out, block, members[0], column)


def _columns_below(facts: list[Fact]) -> dict[int, set[str]]:
    """For each line that totals codes, the columns in which some code below it has a figure."""
    columns: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind == "unit":
            columns.setdefault("", set()).add(fact.column_key)
        elif fact.kind == "code":
            for stem in ("", *(fact.row_key[:n] for n in range(3, len(fact.row_key)))):
                columns.setdefault(stem, set()).add(fact.column_key)
    return {
        f.line: columns.get("" if f.kind == "total" else f.row_key, set())
        for f in facts
        if f.kind not in ("single", "unit")
    }


def _due_columns(plan: PanelPlan, filled: set[str], active: set[str], below: set[str]) -> set[str]:
    """Column keys of a line that are blank although a figure belongs there."""
    due = set(below)
    for total, parts in plan.panel.columns.items():
        columns = [column for part in parts for column in _printed(plan, part, active)]
        if total in active and columns:
            if filled & set(columns):
                due.add(total)
            elif total in filled and not _deep(plan, total) & filled:
                due.add(columns[0])
    return due - filled


def _printed(plan: PanelPlan, key: str, active: set[str]) -> list[str]:
    """The column itself where it holds figures, else those of its parts that do."""
    if key in active:
        return [key]
    return [column for part in plan.panel.columns.get(key, []) for column in _printed(plan, part, active)]


def _deep(plan: PanelPlan, key: str) -> set[str]:
    parts = set(plan.panel.columns.get(key, []))
    return parts | {deeper for part in parts for deeper in _deep(plan, part)}


def _add_blank(out: Tidied, block: Block, like: Fact, column: Column) -> None:
    row = int("".join(ch for ch in like.cell if ch.isdigit())) - 1
    if block.sheet.at(row, column.index) != "" or block.sheet.origin(row, column.index) != (
        row,
        column.index,
    ):
        return
    out.facts.append(
        Fact(
            like.block_id, like.form, like.panel, like.row_key, like.row_label, column.key, "amount", None,
            column.unit or like.unit, like.position, like.sheet, address(row, column.index), "",
            kind=like.kind, line=like.line, level=like.level,
        )
    )  # fmt: skip
