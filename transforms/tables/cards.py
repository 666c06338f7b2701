"""Forms that are cards of label and value (项目绩效目标表): found by their labels, wherever these stand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import NamedTuple

from expectations.units import FEN_PER
from transforms import forms
from transforms.forms import Form
from transforms.money import (
    are_parts_of_one,
    money_of,
    parse_number,
    parts_or_percentages,
    to_hundredths,
    with_its_unit,
    without_percent,
)
from transforms.once import recalled
from transforms.tables.declare import Declaration, split_lines, unit_and_body, unit_in
from transforms.tables.facts import TOTAL, Figure
from transforms.tables.labels import Kind
from transforms.tables.yields import Problem, Tidied
from transforms.wording.messages import message
from transforms.wording.patterns import pattern
from transforms.wording.telling import Telling
from transforms.wording.text import bare, compact, header_words
from transforms.wording.words import WORDS, cell_text
from transforms.workbook import Cell, Sheet, address, raw_text

_MONTH = pattern("month_end")
_INDICATOR_CORE = {"level_1", "target"}


@dataclass(frozen=True)
class CardRegion:
    """The rows [first, last] of one card on a sheet."""

    sheet: Sheet
    form: Form
    title: str
    first: int
    last: int

    def cells(self) -> Iterator[tuple[int, int, object]]:
        for r in range(self.first, self.last + 1):
            for c, value in enumerate(self.sheet.rows[r]):
                if value != "":
                    yield r, c, value


def find_cards(sheet: Sheet) -> list[CardRegion]:
    """The cards on a sheet; none where the sheet is not one of cards."""
    for form in forms.cards():
        if starts := _starts(sheet, form):
            ends = [*(row - 1 for row, _ in starts[1:]), len(sheet.rows) - 1]
            firsts = [0, *(row for row, _ in starts[1:])]
            return [
                CardRegion(sheet, form, title, first, last)
                for (_, title), first, last in zip(starts, firsts, ends, strict=True)
            ]
    return []


def _starts(sheet: Sheet, form: Form) -> list[tuple[int, str]]:
    """(row, title) of each card: at its title, or at its project code where titles are missing."""
    if not _has_labels(sheet, form.form):
        return []
    known = _words_of(form.form)
    texts = [(r, WORDS[value]) for r, _, value in sheet.filled() if isinstance(value, str)]
    titled = [(r, title) for r, word in texts if (title := _title_in(known.titles, compact(word.text)))]
    coded = [(r, "") for r, word in texts if known.head.get(word.bare) == "project_code"]
    return titled if len(titled) >= len(coded) else coded


def _title_in(titles: tuple[str, ...], text: str) -> str:
    return next((title for title in titles if title in text), "")


def _has_labels(sheet: Sheet, form: str) -> bool:
    return all(label.among(sheet.texts) for label in _labels()[form].needed)


def labels_of_targets(sheet: Sheet, form: str) -> set[str]:
    """The texts of a sheet that are the label under which a card states the targets of its indicators."""
    return _labels()[form].needed[0].those(sheet.texts)


def labels_of_objectives(sheet: Sheet, form: str) -> set[str]:
    """The texts of a sheet that are the label under which a project says what it is to achieve."""
    return _labels()[form].objective.those(sheet.texts)


class _Labels(NamedTuple):
    """Labels of a form of cards: those without which a sheet has no card of it, and that of the objective of a project."""

    needed: tuple[Telling, ...]
    objective: Telling


@cache
def _labels() -> dict[str, _Labels]:
    """Those of all forms, begun at one time: texts are looked at anew whenever one more thing is asked of them."""
    return {form.form: _labels_of(_words_of(form.form)) for form in forms.cards()}


def _labels_of(card: "_CardWords") -> _Labels:
    kinds = (card.indicators, "target"), (card.head, "project_name"), (card.money, "budget")
    needed = tuple(Telling(partial(_is_called, known, key)) for known, key in kinds)
    return _Labels(needed, Telling(partial(_is_called, card.head, "objective")))


def _is_called(known: dict[str, str], key: str, text: str) -> bool:
    return known.get(_label_words(text)) == key


@recalled
def _label_words(text: str) -> str:
    """A label as a card knows it, without the unit of money behind it (年度资金总额（万元）)."""
    words = bare(text)
    return header_words(words)[0] if words.endswith(")") else words


@dataclass(frozen=True)
class _CardWords:
    """The labels of a card, compact and bare, with what each stands for."""

    head: dict[str, str]
    money: dict[str, str]
    payments: frozenset[str]
    indicators: dict[str, str]
    titles: tuple[str, ...]
    aside: frozenset[str]


@cache
def _words_of(form: str) -> _CardWords:
    known = forms.forms()[form]
    assert known.card
    head, money, indicators = (
        {bare(word): key for key, words in labels.items() for word in words}
        for labels in (known.card.head, known.card.money, known.card.indicators)
    )
    titles = tuple(compact(words) for spelled in known.titles.values() for words in spelled)
    payments, aside = (frozenset(map(bare, words)) for words in (known.card.payments, known.card.aside))
    return _CardWords(head, money, payments, indicators, titles, aside)


def tidy_card(out: Tidied, region: CardRegion, number: int) -> Declaration:
    """The facts and texts of one card, with what it declares of itself; its unit may stand at its money alone."""
    lines = [line for r in range(region.first, region.last + 1) for line in split_lines(region.sheet, r)]
    declared = unit_and_body(lines)
    reader = CardReader(region, number, declared.unit, out)
    reader.read()
    return replace(declared, unit=declared.unit or reader.unit)


class CardReader:
    """Places the cells of one card by the labels beside them."""

    def __init__(self, region: CardRegion, number: int, unit: str, out: Tidied) -> None:
        self.region, self.number, self.unit, self.out = region, number, unit, out
        self.sheet = region.sheet
        self.found: list[tuple[int, str, str, Cell]] = []
        self.kinds: dict[tuple[str, str], Kind] = {}
        self.marked = out.ledger.marked(self.sheet)
        self.labelled = out.ledger.number("label", region.form.form)
        known = _words_of(region.form.form)
        self.head, self.money, self.payments = known.head, known.money, known.payments
        self.indicators, self.aside = known.indicators, known.aside

    def read(self) -> None:
        header = self._indicator_header()
        end = header[0] if header else self.region.last + 1
        self.unit = self.unit or self._unit_alone(end)
        for r, c, value in self.region.cells():
            if r < end and isinstance(value, str):
                self._label(r, c, _label_words(value))
        if header:
            self._read_indicators(*header)
            self._set_aside(header[0])
        self._settle_rest()
        self._link()

    def _label(self, row: int, column: int, words: str) -> None:
        if words in self.money:
            self._read_money(row, column, self.money[words])
        elif words in self.payments:
            self._read_payments(row, column)
        elif words in self.head:
            self._read_text(row, column, self.head[words])

    def _is_label(self, value: object) -> bool:
        words = _label_words(value) if isinstance(value, str) else ""
        return (
            words in self.head
            or words in self.money
            or words in self.payments
            or bool(_MONTH.match(compact(words)))
        )

    def _extent(self, row: int, column: int) -> tuple[int, int]:
        """The last row and column of the merged range that begins here."""
        found = [(b, r) for t, left, b, r in self.sheet.merges if (t, left) == (row, column)]
        return found[0] if found else (row, column)

    def _right_of(self, row: int, column: int) -> Cell | None:
        """The next filled cell in the row that is no label itself."""
        for c in range(self._extent(row, column)[1] + 1, len(self.sheet.rows[row])):
            value = self.sheet.at(row, c)
            if value != "":
                return None if self._is_label(value) else (row, c)
        return None

    def _read_money(self, row: int, column: int, key: str) -> None:
        if cell := self._right_of(row, column):
            self._enter_money(key, str(self.sheet.at(row, column)), cell)

    def _enter_money(self, key: str, label: str, cell: Cell) -> None:
        value = self.sheet.at(*cell)
        typed = with_its_unit(value)[1] if isinstance(value, str) else ""
        unit = self._unit_beside(cell) or self.unit or typed
        amount = money_of(value, unit) if unit in FEN_PER else None
        if amount is None and parse_number(value) is None:
            self._refuse(cell, value)
            return
        self.unit = unit
        self._fact("money", key, label, "total", amount, unit, cell)

    def _unit_beside(self, cell: Cell) -> str:
        """The unit of money that a label left of a figure carries in brackets: 项目资金（万元）."""
        shown = [self.sheet.shown(cell[0], column) for column in range(cell[1])]
        units = [unit_in(text) for text in shown if isinstance(text, str)]
        return next((unit for unit in reversed(units) if unit in FEN_PER), "")

    def _unit_alone(self, end: int) -> str:
        """The one unit of money that stands in brackets in a cell of its own (项目资金 over （万元）), above a row."""
        texts = (compact(value) for r, _, value in self.region.cells() if r < end and isinstance(value, str))
        units = {unit for text in texts if (unit := unit_in(text)) in FEN_PER and text == f"({unit})"}
        return units.pop() if len(units) == 1 else ""

    def _read_payments(self, row: int, column: int) -> None:
        last = self._extent(row, column)[0]
        below = last if last > row else row + 1
        paid = {
            c: (month[1], value, given)
            for c, value in enumerate(self.sheet.rows[row])
            if isinstance(value, str)
            and (month := _MONTH.match(compact(value)))
            and (given := self.sheet.at(below, c)) != ""
        }
        plan = [given for _, _, given in paid.values()]
        times, unsure = 100 if are_parts_of_one(plan) else 1, parts_or_percentages(plan)
        for c, (until, heading, given) in paid.items():
            if given in unsure:
                report_unclaimed(
                    self.out, self.sheet, (below, c), self.region.form.form, "part_or_percentage"
                )
            elif (amount := to_hundredths(without_percent(given), times)) is None:
                self._refuse((below, c), given)
            else:
                self._fact("payments", until, heading, "percent", amount, "%", (below, c))

    def _read_text(self, row: int, column: int, key: str) -> None:
        last, right = self._extent(row, column)
        for r in range(row, last + 1):
            for c in range(right + 1, len(self.sheet.rows[r])):
                value = self.sheet.at(r, c)
                if value == "" or self._is_label(value):
                    if value != "" and key in ("project_code", "project_name"):
                        return
                    continue
                if isinstance(value, str) and (parse_number(value) is None or key.startswith("project_")):
                    self._text("head", 0, key, value.strip(), (r, c))
                    return

    def _indicator_header(self) -> tuple[int, dict[int, str]] | None:
        for r in range(self.region.first, self.region.last + 1):
            found = {
                c: self.indicators[words]
                for c, v in enumerate(self.sheet.rows[r])
                if isinstance(v, str) and (words := WORDS[v].bare) in self.indicators
            }
            if set(found.values()) >= _INDICATOR_CORE:
                return r, found
        return None

    def _read_indicators(self, header: int, columns: dict[int, str]) -> None:
        levels: dict[str, tuple[str, Cell]] = {}
        position = 0
        for r in range(header + 1, self.region.last + 1):
            texts = {
                key: (raw_text(self.sheet.at(r, c)).strip(), (r, c))
                for c, key in columns.items()
                if self.sheet.at(r, c) != ""
            }
            levels |= {key: texts[key] for key in ("level_1", "level_2") if key in texts}
            if not texts.keys() & {"target", "description", "level_3"}:
                continue
            position += 1
            for key, (text, cell) in (levels | texts).items():
                self._text("indicators", position, key, text, cell)

    def _set_aside(self, header: int) -> None:
        """What stands under headings that are not used (分值)."""
        heads = enumerate(self.sheet.rows[header])
        columns = [c for c, value in heads if isinstance(value, str) and WORDS[value].bare in self.aside]
        cells = [(r, c) for r in range(header + 1, self.region.last + 1) for c in columns]
        filled = [cell for cell in cells if self.sheet.at(*cell) != ""]
        self.out.settle(self.sheet, filled, "ignored", self.region.form.form, "column not used")

    def _fact(
        self, panel: str, row_key: str, label: str, column: str, amount: int | None, unit: str, cell: Cell
    ) -> None:
        fact = Figure(
            block_id=self.number,
            form=self.region.form.form,
            panel=panel,
            row_key=row_key,
            row_label=label,
            column_key=column,
            measure="percent" if unit == "%" else "amount",
            amount=amount,
            unit=unit,
            sheet=self.sheet.name,
            row=cell[0],
            column=cell[1],
            value=self.sheet.at(*cell),
        )
        self.found.append((self.out.facts.append(fact), panel, row_key, cell))
        self.out.settle(self.sheet, [cell], "fact", self.region.form.form)

    def _text(self, panel: str, position: int, key: str, text: str, cell: Cell) -> None:
        kind = self.kinds.get((panel, key))
        if kind is None:
            kind = Kind(self.number, self.region.form.form, panel, key, self.sheet.name)
            self.kinds[panel, key] = kind
        self.out.labels.add(kind, position, text, cell)
        self.marked.settle(cell, self.labelled)

    def _refuse(self, cell: Cell, value: object) -> None:
        self.out.settle(self.sheet, [cell], "unread", self.region.form.form, "not a number")
        self.out.problems.append(
            Problem("CEL-01", self.sheet.name, address(*cell), raw_text(value), "", self.unit)
        )

    def _settle_rest(self) -> None:
        starts, marks = self.marked.starts, self.marked.marks
        for r, c, value in self.region.cells():
            if not marks[starts[r] + c]:
                if cell_text(value):
                    marks[starts[r] + c] = self.labelled
                else:
                    report_unclaimed(self.out, self.sheet, (r, c), self.region.form.form)

    def _link(self) -> None:
        """财政资金 and 其他资金 add into 预算数."""
        facts, form = self.out.facts, self.region.form.form
        money = [(number, key, cell) for number, panel, key, cell in self.found if panel == "money"]
        whole = next(((number, cell) for number, key, cell in money if key == "budget"), None)
        parts = [number for number, key, _ in money if key != "budget"]
        if whole is None or not parts:
            return
        for number in parts:
            facts.row_parent[number] = whole[0]
        facts.role[whole[0]] = TOTAL
        self.out.ledger.promote(self.sheet, whole[1], "total", form)


def report_unclaimed(out: Tidied, sheet: Sheet, cell: Cell, form: str, told: str = "no_label") -> None:
    """Say of a figure that no label or heading of the targets claims it, or what else nobody can say of it (SUB-16)."""
    out.settle(sheet, [cell], "unread", form, "no label claims this figure" if told == "no_label" else told)
    found, told = raw_text(sheet.at(*cell)), message(told)
    out.problems.append(Problem("SUB-16", sheet.name, address(*cell), found, "", told))
