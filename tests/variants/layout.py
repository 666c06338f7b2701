"""Laying tables out on sheets: every habit of departments that leaves the facts as they are."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from tests.variants.canvas import Canvas, Stated
from tests.variants.money import Typing, draw_typing, percent_typed
from tests.variants.odd import oddly, sideways
from tests.variants.tables import KINDS, Figure, Part, Row, Table, Tools, Unused, Wide, draw_table
from tests.variants.words import Speller, words
from transforms.wording.text import compact
from transforms.workbook import Sheet

FAMILIES = ("hebei", "jiangsu", "shanghai", "free")
# The share of unknown spellings that departments use: half of them none, a fifth of all that are drawn.
OF_SHEET = 0.15  # share of sheets that state a unit once for all of their tables
BELOW = 0.15  # share of balances whose sides stand one below the other
BODIES = ("单位", "部门")  # what a word with a colon behind it would declare
SIDES = ("收入", "支出")
ONE_LIST = 2  # columns of a list of one amount
ONE_HEADER = 0.4  # share of those whose sides stand under one header
STRANGE = (0, 0, 0, 0, 0.1, 0.3, 0.5, 0.8)


@dataclass(frozen=True)
class Habits:
    """How one department lays out one table."""

    family: str
    typing: Typing
    merged: bool
    bottom_aligned: bool
    title_place: str
    unit_place: str
    numbering: bool
    blank_rows: float
    fillers: int
    note: bool
    left: int
    years: bool
    heads: str
    percents: str


@dataclass
class Variant:
    """A workbook in some layout with what each of its cells states."""

    seed: int
    canvases: list[Canvas]
    tables: list[Table]
    speller: Speller
    features: list[str] = field(default_factory=list)

    @property
    def sheets(self) -> list[Sheet]:
        return [canvas.sheet() for canvas in self.canvases]

    @property
    def known(self) -> bool:
        """Whether a reader can know every word."""
        return not self.speller.unknown

    def truth(self) -> dict[tuple[str, str], Stated]:
        return {(c.name, cell): stated for c in self.canvases for cell, stated in c.truth.items()}


def draw_variant(seed: int) -> Variant:
    """The workbook of this seed."""
    rng = Random(seed)
    say = Speller(rng, rng.choice(STRANGE))
    variant = Variant(seed, [], [], say)
    canvas, unit = Canvas("Sheet1"), ""
    for number in range(rng.choice((1, 1, 1, 2, 3))):
        if number == 0 or rng.random() < 0.5:
            canvas = Canvas(rng.choice(("Sheet{}", "表{}", "公开{}表 ", "第{}页")).format(number + 1))
            variant.canvases.append(canvas)
            unit = _unit_of_sheet(canvas, rng) if say.learned and rng.random() < OF_SHEET else ""
        else:
            canvas.row += rng.randint(0, 2)
            variant.features.append("stacked")
        _draw_one(variant, rng, say, unit)
    return variant


def _unit_of_sheet(canvas: Canvas, rng: Random) -> str:
    """The unit that a sheet states once, in a line above the title of its first table."""
    unit = rng.choice(("元", "万元", "千元"))
    canvas.put(0, 0, rng.choice(words()["headings"]))
    canvas.put(0, rng.randint(1, 5), rng.choice(words()["units"]["known"]).format(unit=unit))
    canvas.row = 1
    return unit


def _draw_one(variant: Variant, rng: Random, say: Speller, unit: str) -> None:
    habits, seen = _habits(rng), [table.form for table in variant.tables]
    if unit:
        typing = replace(habits.typing, unit=unit)
        habits = replace(habits, typing=typing, title_place="line", unit_place="sheet", note=False)
    tools = Tools(rng, say, habits.typing.unit)
    table = _draw_table(tools, rng.choice((*KINDS, "sideways")))
    if table.form in seen or (unit and table.foreign):
        return
    table = replace(table, splits=table.splits and not unit)
    if table.lies and habits.unit_place == "header":
        habits = replace(habits, unit_place="line")
    canvas = variant.canvases[-1]
    variant.tables.append(table)
    variant.features += [
        table.form,
        habits.family,
        habits.typing.number,
        habits.unit_place,
        habits.title_place,
    ]
    compares = any(figure.measure == "previous" for figure in table.figures())
    if not ((foreign := table.foreign) or compares or say.learned) and rng.random() < 0.08:
        table, foreign = replace(table, title=rng.choice(words()["foreign"])), True
    say.unknown += [table.title] if foreign else []
    Drawer(canvas, table, habits, tools, foreign=foreign).draw(variant)


def _draw_table(tools: Tools, kind: str) -> Table:
    return sideways(tools) if kind == "sideways" else oddly(tools, draw_table(tools, kind))


def _habits(rng: Random) -> Habits:
    family = rng.choice(FAMILIES)
    unit = {"hebei": "万元", "jiangsu": "万元", "shanghai": "元"}.get(family) or rng.choice(
        ("元", "万元", "千元")
    )
    place = {"hebei": "line", "jiangsu": "title", "shanghai": "line"}.get(family)
    return Habits(
        family=family,
        typing=draw_typing(rng, unit),
        merged=rng.random() < 0.6,
        bottom_aligned=rng.random() < 0.4,
        title_place=place or rng.choice(("line", "line", "title", "sheet", "end")),
        unit_place=rng.choice(("line", "line", "cell", "broken", "header", "before", "absent")),
        numbering=rng.random() < 0.2,
        blank_rows=rng.choice((0, 0, 0.1, 0.3)),
        fillers=rng.choice((0, 0, 0, 1, 2)),
        note=rng.random() < 0.25,
        left=rng.choice((0, 0, 0, 1, 2)),
        years=rng.random() < 0.4,
        heads=rng.choice(("plain",) * 18 + ("colons", "english")),
        percents=rng.choice(("number", "text", "formatted")),
    )


@dataclass
class Drawer:
    """Draws one table on a canvas."""

    canvas: Canvas
    table: Table
    habits: Habits
    tools: Tools
    foreign: bool = False
    declared: bool = True

    @property
    def rng(self) -> Random:
        return self.tools.rng

    def draw(self, variant: Variant) -> None:
        """The whole table; a long list may go on to another sheet."""
        self._preamble()
        if len(self.table.leaves) > 1 and self.rng.random() < BELOW:
            self._parts_below_each_other(variant)
            return
        rows = self._rows()
        cut = self._cut(rows)
        self._header()
        self._body(rows[:cut])
        if cut < len(rows):
            self._next_sheet(variant)
            self._body(rows[cut:])
        if self.habits.note:
            self._line([(0, self.rng.choice(words()["notes"]))])
        variant.features += ["continued"] if cut < len(rows) else []

    def _parts_below_each_other(self, variant: Variant) -> None:
        """The sides of a balance one below the other, each with a header of its own or all under one."""
        one_header = all(len(part.columns) == ONE_LIST for part in self.table.parts)
        one_header = one_header and self.rng.random() < ONE_HEADER
        variant.features.append("below under one header" if one_header else "below")
        parts = _under_one_header(self.table.parts, self.tools) if one_header else self.table.parts
        for number, part in enumerate(parts):
            side = replace(self, table=replace(self.table, parts=[part]))
            if not (one_header and number):
                side._header()
            side._body(side._rows())

    def _cut(self, rows: list[Row]) -> int:
        """After how many rows the sheet ends."""
        ends = len(rows) < 5 or not self.table.splits or self.canvas.row > 8 or not self.tools.say.learned
        if ends or self.canvas.values.get((0, 0)) is None or self.rng.random() > 0.2:
            return len(rows)
        at = self.rng.randint(3, len(rows) - 2)
        told = any(sum(isinstance(cell, str | float) for cell in row) > 1 for row in rows[at:])
        return at if told else len(rows)

    def _next_sheet(self, variant: Variant) -> None:
        self.canvas = Canvas(f"续{len(variant.canvases)}")
        variant.canvases.append(self.canvas)
        if self.rng.random() < 0.5:
            self._header()
        else:
            self.habits = replace(self.habits, left=self.rng.choice((self.habits.left, self.habits.left + 1)))

    def _rows(self) -> list[Row]:
        """The parts' rows side by side, with fillers and blank lines among them."""
        height = max(len(part.rows) for part in self.table.parts)
        rows = [
            [cell for part in self.table.parts for cell in _padded(part, number)] for number in range(height)
        ]
        if self.table.splits and len(rows) > 2:
            width = len(rows[0])
            first = next(c for c, cell in enumerate(rows[1]) if isinstance(cell, str | float))
            for _ in range(self.habits.fillers):
                filler = self.rng.choice(words()["fillers"])
                rows.insert(len(rows) - 1, [filler if c == first else None for c in range(width)])
        return rows

    def _line(self, cells: list[tuple[int, object]]) -> None:
        for column, value in cells:
            self.canvas.put(self.canvas.row, self.habits.left + column, value)
        self.canvas.row += 1

    @property
    def _width(self) -> int:
        return sum(len(part.columns) for part in self.table.parts)

    def _preamble(self) -> None:
        title = self._title()
        body = self.rng.choice(words()["bodies"])
        if self.habits.unit_place == "sheet":
            self._merged_line(title)
            return
        note = self.tools.say.unit_note(self.habits.typing.unit)
        self._note_unit(note)
        place = self.habits.title_place
        if place == "title":
            spoken = note if self.habits.unit_place in ("line", "cell", "broken", "before") else ""
            self._merged_line(f"{title}\n公开{self.rng.randint(1, 12)}表\n{body} {spoken}".strip())
            return
        if place == "sheet" and not self.canvas.values and len(title) < 31:
            self.canvas.name = f"{title} ".replace("\n", "")
        else:
            self._merged_line(title)
        self._declaration(body, note)

    def _title(self) -> str:
        title = self.table.title
        if self.habits.years and not self.foreign:
            title = f"2020年{title.strip()}"
        return title

    def _note_unit(self, note: str) -> None:
        """Whether the reader can know the unit from what will be drawn."""
        unit = self.habits.typing.unit
        unknown = note in {form.format(unit=unit) for form in words()["units"]["unknown"]}
        shown_in_header = self.habits.unit_place == "header"
        self.declared = shown_in_header or (self.habits.unit_place != "absent" and not unknown)

    def _merged_line(self, text: str) -> None:
        row, left = self.canvas.row, self.habits.left
        self._line([(0, text)])
        if self.habits.merged:
            self.canvas.merge(row, left, row, left + max(self._width - 1, 1))

    def _declaration(self, body: str, note: str) -> None:
        last, place = max(self._width - 1, 2), self.habits.unit_place
        name = [(0, body)]
        if self.rng.random() < 0.2:
            head, _, rest = body.partition("：")
            name = [(0, f"{head}："), (1, rest)]
        if place in ("line", "absent", "header"):
            self._line([*name, (last, note)] if place == "line" else name)
        elif place == "cell":
            self._line([(0, f"{body}   {note}")])
        elif place == "before":
            self._line([(last, note)])
            self._line(name)
        else:
            at = max(len(note) - 1, 1)
            self._line([*name, (last, note[:at]), (last + 1, note[at:])])

    def _header(self) -> None:
        paths = [
            self._worded(path, c, part) for part in self.table.parts for c, path in enumerate(part.columns)
        ]
        depth = max(len(path) for path in paths)
        merged = self.habits.merged or _needs_merges(paths, self.habits)
        grid = [self._placed(path, depth, merged=merged) for path in paths]
        top = self.canvas.row
        for c, lines in enumerate(grid):
            self._head_column(grid, paths, c, lines, top, merged=merged)
        self.canvas.row = top + depth
        if self.habits.numbering:
            self._numbering(len(paths))

    def _worded(self, path: tuple[str, ...], column: int, part: Part) -> tuple[str, ...]:
        """The path with the unit in its last word, where this department puts it there."""
        last, of_amounts = path[-1], column in part.amounts
        if self.habits.unit_place == "header" and of_amounts:
            return (*path[:-1], f"{last}（{self.habits.typing.unit}）")
        if self.habits.heads == "english" and not last.endswith("%"):
            return (*path[:-1], f"{last} {'Budget' if of_amounts else 'Item'}")
        plain = len(path) > 1 or self.habits.heads != "colons"
        return path if plain or any(body in compact(last) for body in BODIES) else (f"{last}：",)

    def _placed(self, path: tuple[str, ...], depth: int, *, merged: bool) -> list[str]:
        gap = [""] * (depth - len(path))
        if merged or not self.habits.bottom_aligned:
            return [*path, *gap]
        return [*path[:-1], *gap, path[-1]]

    def _head_column(
        self,
        grid: list[list[str]],
        paths: list[tuple[str, ...]],
        c: int,
        lines: list[str],
        top: int,
        *,
        merged: bool,
    ) -> None:
        for level, text in enumerate(lines):
            grouped = level < len(paths[c]) - 1
            if not text or (grouped and c and self._same_group(grid, paths, c, level)):
                continue
            row, column = top + level, self.habits.left + c
            self.canvas.put(row, column, text)
            if not merged:
                continue
            right = c
            while grouped and right + 1 < len(grid) and self._same_group(grid, paths, right + 1, level):
                right += 1
            bottom = level
            while bottom + 1 < len(lines) and not lines[bottom + 1]:
                bottom += 1
            self.canvas.merge(row, column, top + bottom, self.habits.left + right)

    def _same_group(self, grid: list[list[str]], paths: list[tuple[str, ...]], c: int, level: int) -> bool:
        """Whether a column stands under the same group heading as the one on its left."""
        bounds = self._part_starts()
        deep = level < len(paths[c]) - 1 and level < len(paths[c - 1]) - 1
        return deep and c not in bounds and grid[c][: level + 1] == grid[c - 1][: level + 1]

    def _part_starts(self) -> set[int]:
        starts, at = set(), 0
        for part in self.table.parts:
            starts.add(at)
            at += len(part.columns)
        return starts

    def _numbering(self, width: int) -> None:
        figures = self.rng.random() < 0.5
        front = next((min(part.amounts) for part in self.table.parts), 0)
        cells: list[tuple[int, object]] = [(0, "栏次")] if front else []
        marks = range(front, width)
        cells += [(c, float(n) if figures else str(n)) for n, c in enumerate(marks, start=1)]
        self._line(cells)

    def _body(self, rows: list[Row]) -> None:
        for row in rows:
            if self.rng.random() < self.habits.blank_rows:
                self.canvas.row += 1
            for c, cell in enumerate(row):
                self._cell(self.canvas.row, self.habits.left + c, cell)
            self.canvas.row += 1

    def _cell(self, row: int, column: int, cell: object) -> None:
        if isinstance(cell, Figure):
            self._figure(row, column, cell)
        elif isinstance(cell, Unused):
            self.canvas.put(row, column, self.habits.typing.typed(cell.amount, self.rng))
        elif isinstance(cell, Wide):
            self.canvas.put(row, column, cell.text)
            if self.habits.merged:
                self.canvas.merge(row, column, row, column + cell.width - 1)
        else:
            self.canvas.put(row, column, cell)

    def _figure(self, row: int, column: int, figure: Figure) -> None:
        if figure.measure == "quantity":
            value, declared = figure.amount / 100, True
        elif figure.measure == "percent":
            value, declared = percent_typed(figure.amount, self.habits.percents), True
        else:
            value, declared = self.habits.typing.typed(figure.amount, self.rng), self.declared
        stated = Stated(None if self.foreign else figure, declared)
        self.canvas.state(row, column, value, stated)


def _under_one_header(parts: list[Part], tools: Tools) -> list[Part]:
    """Lists of one amount each under words that are of no side, which rows of their own name where there are two."""
    head: list[tuple[str, ...]] = [(tools.say.say("headers", key),) for key in ("item", "amount")]
    named = len(parts) == len(SIDES) and tools.chance(0.5)
    rows = [
        [[side], *part.rows] if named else part.rows for side, part in zip(SIDES * 2, parts, strict=False)
    ]
    return [replace(part, columns=head, rows=own) for part, own in zip(parts, rows, strict=True)]


def _padded(part: Part, number: int) -> Row:
    row = part.rows[number] if number < len(part.rows) else []
    return [*row, *[None] * (len(part.columns) - len(row))]


def _needs_merges(paths: list[tuple[str, ...]], habits: Habits) -> bool:
    """Without merged ranges a lone column right of a group would look like the group's, if it stands low."""
    after_group = any(len(left) > len(right) for left, right in pairwise(paths))
    return after_group and habits.bottom_aligned
