"""Targets of projects as one list (项目名称 | 绩效目标 | 一级指标 | … | 指标值): each project becomes a card of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

from transforms import common_words, forms
from transforms.forms import Form
from transforms.tables.block import Block
from transforms.tables.cards import (
    CardReader,
    CardRegion,
    labels_of_objectives,
    labels_of_targets,
    report_unclaimed,
)
from transforms.tables.declare import Declaration, split_lines, unit_and_body
from transforms.tables.heads import Paths
from transforms.tables.line import Line, line_of
from transforms.tables.titles import title_of, unused_title
from transforms.tables.yields import Tidied
from transforms.wording.amounts import is_broken, is_figure
from transforms.wording.text import bare, header_words
from transforms.workbook import Cell, Sheet, raw_text

Key = tuple[str, str]
HEAD, MONEY, INDICATORS, ASIDE, INDEX = "head", "money", "indicators", "aside", "index"
_NEEDED: frozenset[Key] = frozenset({(HEAD, "project_name"), (INDICATORS, "target")})
_LEVELS: frozenset[Key] = frozenset((INDICATORS, f"level_{n}") for n in (1, 2, 3))
_PLAIN: frozenset[Key] = frozenset({(HEAD, "project_name"), (HEAD, "objective"), (MONEY, "budget")})
_NAMES = ("project_code", "project_name")


@dataclass(frozen=True)
class TargetList:
    """The list of targets on a sheet: its header ends at `header`, `columns` says what each column holds."""

    sheet: Sheet
    form: Form
    title: str
    header: int
    columns: dict[int, Key]
    units: dict[int, str]

    @cached_property
    def declared(self) -> Declaration:
        """What the lines above the header, and the header of the money, declare."""
        found = unit_and_body([line for r in range(self.header) for line in split_lines(self.sheet, r)])
        unit = next((unit for c, unit in self.units.items() if self.columns[c][0] == MONEY), "")
        return replace(found, unit=unit or found.unit)

    def projects(self) -> Iterator[CardRegion]:
        """The rows of each project: from the one that names it to the next that names another."""
        starts = list(self._starts())
        for number, first in enumerate(starts):
            last = (starts[number + 1] if number + 1 < len(starts) else self._end) - 1
            yield CardRegion(self.sheet, self.form, self.title, first, last)

    def _starts(self) -> Iterator[int]:
        known: tuple[str, ...] = ()
        for r in range(self._first, self._end):
            names = self._named(r)
            if any(names) and names != known:
                known = names
                yield r

    def _named(self, row: int) -> tuple[str, ...]:
        """Code and name in a row; what a cell merged from above says holds for the row too."""
        named = [c for c, (panel, key) in self.columns.items() if panel == HEAD and key in _NAMES]
        return tuple(raw_text(self.sheet.shown(row, c)).strip() for c in named)

    def _line(self, row: int) -> Line:
        return line_of(tuple(self.sheet.rows[row]))

    @cached_property
    def _first(self) -> int:
        """The row of the first project: below the header, its numbers and a total on top."""
        for r in range(self.header + 1, len(self.sheet.rows)):
            line = self._line(r)
            if any(self._named(r)) and not (line.is_numbering or line.is_total or line.is_note):
                return r
        return len(self.sheet.rows)

    @cached_property
    def _end(self) -> int:
        """The row at which the projects end: that of a total, of a note, or the last one."""
        below = range(self._first + 1, len(self.sheet.rows))
        return next(
            (r for r in below if self._line(r).is_total or self._line(r).is_note), len(self.sheet.rows)
        )

    @property
    def fills_its_sheet(self) -> bool:
        """Whether no figures stand above the list, nor below its total."""
        around = [*range(self.header), *range(self._end + 1, len(self.sheet.rows))]
        return not any(self._line(row).figures for row in around)

    def settle_frame(self, out: Tidied) -> None:
        """Dispositions of what stands around the projects."""
        for r in [*range(self._first), *range(self._end, len(self.sheet.rows))]:
            self._settle_row(out, r, self._line(r))

    def _settle_row(self, out: Tidied, row: int, line: Line) -> None:
        form = self.form.form
        for c, value, text in line.cells:
            if row <= self.header and is_broken(value):
                report_unclaimed(out, self.sheet, (row, c), form)
            elif row <= self.header:
                out.settle(self.sheet, [(row, c)], "header", form, "list of targets")
            elif line.is_numbering or (line.is_total and not text):
                reason = "numbering row" if line.is_numbering else "total of a list of projects"
                out.settle(self.sheet, [(row, c)], "ignored", form, reason)
            elif text:
                out.settle(self.sheet, [(row, c)], "note" if line.is_note else "label", form)
            else:
                report_unclaimed(out, self.sheet, (row, c), form)


def find_target_list(sheet: Sheet) -> TargetList | None:
    """The list of targets on a sheet, None where it has none."""
    for form in forms.cards():
        labels, keys = labels_of_targets(sheet, form.form), _keys(form.form)
        for r, row in enumerate(sheet.rows if labels else ()):
            if not labels.isdisjoint(row):
                columns, units = _columns(sheet, r, keys)
                if set(columns.values()) >= _NEEDED and set(columns.values()) & _LEVELS:
                    return TargetList(sheet, form, _title(sheet, form, r), r, columns, units)
        if not labels and (listed := _without_indicators(sheet, form, keys)):
            return listed
    return None


def _without_indicators(sheet: Sheet, form: Form, keys: dict[str, Key]) -> TargetList | None:
    """A list of projects with their money and what they are to achieve in one sentence, below a title of the form."""
    objectives = labels_of_objectives(sheet, form.form)
    for r, row in enumerate(sheet.rows if objectives else ()):
        if not objectives.isdisjoint(row):
            columns, units = _columns(sheet, r, keys)
            lines = [line for above in range(r) for line in split_lines(sheet, above)]
            called = title_of(lines)[1] == form.form and not unused_title(lines)
            columns |= _only_money(sheet, r, columns)
            heads = all(
                c in columns or common_words.kinds_of(str(text)) for c, text in enumerate(row) if text != ""
            )
            listed = TargetList(sheet, form, title_of(lines)[0], r, columns, units)
            if called and heads and set(columns.values()) >= _PLAIN and listed.fills_its_sheet:
                return listed
    return None


def _only_money(sheet: Sheet, row: int, columns: dict[int, Key]) -> dict[int, Key]:
    """The only column of amounts, where no heading says which money of the project it is (金额)."""
    words = (header_words(str(text))[0] for text in sheet.rows[row])
    plain = [c for c, word in enumerate(words) if common_words.amount_words().get(word) == "amount"]
    known = any(panel == MONEY for panel, _ in columns.values())
    return {plain[0]: (MONEY, "budget")} if len(plain) == 1 and not known else {}


@cache
def _keys(form: str) -> dict[str, Key]:
    """What a heading says that its column holds, in lists of the targets of a form."""
    card = forms.forms()[form].card
    assert card
    found = {bare(word): (ASIDE, "") for word in card.aside}
    for panel, words in ((HEAD, card.head), (MONEY, card.money), (INDICATORS, card.indicators)):
        found |= {bare(word): (panel, key) for key, spelled in words.items() for word in spelled}
    return found


def states_money(block: Block, paths: Paths, form: Form) -> bool:
    """Whether a table has figures in a column of the money of projects."""
    keys = _keys(form.form)
    money = [
        c
        for c, path in enumerate(paths)
        if any(keys.get(bare(words), ("", ""))[0] == MONEY for words in path)
    ]
    return any(is_figure(value) for c in money for value in block.column(c))


def _columns(sheet: Sheet, row: int, keys: dict[str, Key]) -> tuple[dict[int, Key], dict[int, str]]:
    """What each column holds, and the units that headings name; a heading may be merged from the row above."""
    columns: dict[int, Key] = {}
    units: dict[int, str] = {}
    for c in range(max(map(len, sheet.rows[max(0, row - 1) : row + 1]))):
        text = sheet.shown(row, c) or (sheet.shown(row - 1, c) if row else "")
        words, _, unit = header_words(str(text))
        key = keys.get(bare(str(text))) or keys.get(words)
        if key is None and "index" in common_words.kinds_of(str(text)):
            key = INDEX, ""
        if key and (key in ((ASIDE, ""), (INDEX, "")) or key not in columns.values()):
            columns[c] = key
            units |= {c: unit} if unit else {}
    return columns, units


def _title(sheet: Sheet, form: Form, header: int) -> str:
    """The title above the header that the form knows, '' where it has none."""
    spelled = [words for titles in form.titles.values() for words in titles]
    lines = [line for r in range(header) for line in split_lines(sheet, r)]
    return max((words for line in lines for words in spelled if words in line), key=len, default="")


def tidy_project(out: Tidied, listed: TargetList, region: CardRegion, number: int) -> None:
    """The facts and texts of one project of a list."""
    _ListedReader(listed, region, number, out).read()


class _ListedReader(CardReader):
    """Places the cells of one project's rows by the columns they stand in."""

    def __init__(self, listed: TargetList, region: CardRegion, number: int, out: Tidied) -> None:
        super().__init__(region, number, listed.declared.unit, out)
        self.listed = listed
        self.stated: dict[Key, object] = {}

    def read(self) -> None:
        for r, c, value in self.region.cells():
            panel, key = self.listed.columns.get(c, ("", ""))
            if panel in (ASIDE, INDEX):
                self.out.settle(self.sheet, [(r, c)], "ignored", self.region.form.form, "column not used")
            elif panel in (HEAD, MONEY):
                self._state((panel, key), value, (r, c))
        self._read_indicators(
            self.region.first - 1,
            {c: key for c, (panel, key) in self.listed.columns.items() if panel == INDICATORS},
        )
        self._settle_rest()
        self._link()

    def _state(self, what: Key, value: object, cell: Cell) -> None:
        """Enter what holds for the whole project once; lists without merged cells say it in every row."""
        if self.stated.get(what) == value:
            self.out.settle(self.sheet, [cell], "ignored", self.region.form.form, "stated above")
        elif what[0] == HEAD:
            self._text(HEAD, 0, what[1], raw_text(value).strip(), cell)
        elif what not in self.stated:
            self._enter_money(what[1], str(self.sheet.shown(self.listed.header, cell[1])), cell)
        self.stated.setdefault(what, value)
