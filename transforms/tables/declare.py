"""What a table says of itself around its header: unit, body, year, empty-table note."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from expectations.units import FEN_PER
from transforms import common_words
from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.line import NOTE
from transforms.wording.body_names import scope_named
from transforms.wording.patterns import pattern
from transforms.wording.telling import Telling
from transforms.wording.text import compact, header_words, years_named
from transforms.workbook import Cell, Sheet

_UNIT, _UNIT_ALONE, _UNIT_OF_COUNT = pattern("unit"), pattern("unit_alone"), pattern("unit_of_count")
_BODY, _CODE, _BARE_BODY = pattern("body"), pattern("body_code"), pattern("body_alone")
_CODE_AND_NAME = re.compile(r"^[\[(]?(\d{3,9})[\])]?[-_—]?(.*)$")
_EMPTY, _DAY, _LARGE_FROM = pattern("empty_table"), pattern("day"), pattern("large_from")
_UNIT_IN_WORDS = pattern("unit_in_words")
_STATES_UNIT = Telling(lambda text: _UNIT_IN_WORDS.search(compact(text)) or _money_in_brackets(text))


@dataclass(frozen=True)
class Declaration:
    """What a table declares; '' or None where it does not. `disputed`: the cells below its head that state another unit."""

    unit: str = ""
    code: str = ""
    name: str = ""
    scope: str = ""
    year: int | None = None
    note: str = ""
    disputed: tuple[Cell, ...] = ()

    def may_be_of_body(self, other: "Declaration") -> bool:
        """Whether two tables may be of one body: neither code nor name is another, whatever is in brackets (公章)."""
        codes = {self.code, other.code} - {""}
        names = {name.partition("(")[0] for name in (self.name, other.name)} - {""}
        return len(codes) < 2 and len(names) < 2


def declaration(block: Block, title: str, remarks: Iterable[int] = ()) -> Declaration:
    """The declaration of a table, read from its preamble, its header, its notes and columns of remarks.

    A table whose notes or remarks state another unit than its head has none: nobody knows which counts.
    """
    lines, notes = list(preamble_lines(block)), note_lines(block)
    code, name, scope = _body(lines)
    unit = _unit_of_table(lines, chain((_joined(block.sheet, r) for r in block.header), notes))
    disputed = tuple(_stating_others(block, unit, remarks)) if unit else ()
    return Declaration(
        unit="" if disputed else unit,
        disputed=disputed,
        code=code,
        name=name,
        scope=_scope(lines, block.sheet.name, title) or scope,
        year=_year(lines, block.sheet.name),
        note=next((line for line in notes if _EMPTY.search(line)), ""),
    )


def _stating_others(block: Block, unit: str, remarks: Iterable[int]) -> Iterator[Cell]:
    """The cells of notes, of remarks and of rows of words that state another unit of money than the table's."""
    sheet, columns = block.sheet, [c for c in remarks if str in block.types(c)]
    cells = [(r, c) for r in block.data for c in columns] + block.notes
    if _STATES_UNIT.among(sheet.texts):
        cells += [(r, c) for r in block.data for c in range(len(sheet.rows[r]))]
    for cell in sorted(set(cells)):
        value = sheet.at(*cell)
        if value and value.__class__ is str:
            stated = {*_said(compact(value)).units, *_money_in_brackets(value)}
            if not stated <= {unit}:
                yield cell


def _money_in_brackets(text: str) -> tuple[str, ...]:
    """The unit of money that a name has behind it in brackets (第一中学（万元）), if any."""
    unit = header_words(text)[2] if "元" in text else ""
    return (unit,) if unit in FEN_PER else ()


def unit_and_body(lines: list[str]) -> Declaration:
    """What the lines of a card declare; a bare line such as 723002魏县县委办 names the body too."""
    code, name, scope = _body(lines)
    if not name:
        bare_line = next((m for line in lines if (m := _BARE_BODY.match(line))), None)
        code, name = (bare_line[1], bare_line[2]) if bare_line else (code, "")
    return Declaration(unit=_unit(lines), code=code, name=name, scope=scope, year=None)


def preamble_lines(block: Block) -> Iterable[str]:
    """The lines above the header: rows joined over their cells, cells of several lines line by line."""
    yield from map(compact, block.above)
    for row in dict.fromkeys(r for r, _ in block.preamble):
        yield from split_lines(block.sheet, row)
        yield from _units_alone(tuple(block.sheet.rows[row]))


@recalled
def _units_alone(values: tuple[object, ...]) -> tuple[str, ...]:
    """What the cells say that hold nothing but a unit (部门：某局 | 万元), which may be parted (万 | 元)."""
    texts = "|".join(compact(value) for value in values if isinstance(value, str) and value)
    found = [match[1].replace("|", "") for match in _UNIT_ALONE.finditer(texts)]
    return tuple([f"单位:{unit}" for unit in found if unit in FEN_PER])


def split_lines(sheet: Sheet, row: int) -> Iterable[str]:
    """A row's text as compact lines; a cell with line breaks gives several."""
    return _split(tuple(sheet.rows[row]))


@recalled
def _split(values: tuple[object, ...]) -> tuple[str, ...]:
    texts = [_text(value) for value in values if value != ""]
    broken = [line for text in texts for line in text.split("\n")] if any("\n" in t for t in texts) else []
    lines = [*(compact(line) for line in broken if line.strip()), compact("".join(texts))]
    return tuple(lines if lines[-1] else lines[:-1])


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def note_lines(block: Block) -> list[str]:
    """The remarks under a table."""
    return [compact(str(block.sheet.at(*cell))) for cell in block.notes]


def units_stated(sheet: Sheet, rows: Iterable[int]) -> set[str]:
    """Every unit of money that some rows of a sheet state: in a line, alone in a cell, in brackets behind a name."""
    found = set()
    for row in rows:
        texts = [compact(value) for value in sheet.rows[row] if value.__class__ is str and value]
        lines = [*texts, *split_lines(sheet, row), *_units_alone(tuple(sheet.rows[row]))]
        found |= {unit for line in lines for unit in (*_said(line).units, *_money_in_brackets(line))}
    return found


def _joined(sheet: Sheet, row: int) -> str:
    return compact("".join([value for value in sheet.rows[row] if value.__class__ is str]))


@dataclass(frozen=True, slots=True)
class _Said:
    """What one line says; lines recur on every table of a workbook."""

    units: tuple[str, ...]
    code: str
    body: tuple[str, str, str]
    year: int | None


@recalled
def _said(line: str) -> _Said:
    code, years = _CODE.search(line), years_named(line)
    year = years[0] if years and not NOTE.search(line) else None
    units = tuple(unit[1] for unit in _UNIT.finditer(line))
    return _Said(units, code[1] if code else "", _named(line), year)


def _named(line: str) -> tuple[str, str, str]:
    """(code, name, scope) of the body that a line names; blanks where it names none."""
    units = {unit.start(1) for unit in _UNIT.finditer(line)}
    for match in _BODY.finditer(line):
        kind, found = match[1], match[2].strip(":、,。.-_ ")
        if not found or found in FEN_PER or match.start(2) in units:
            continue
        joined = _CODE_AND_NAME.match(found)
        number, name = (joined[1], joined[2]) if joined else ("", found)
        if name:
            return number, name, scope_named(kind)
    return "", "", ""


def _unit(lines: Iterable[str]) -> str:
    return next((units[0] for line in lines if (units := _said(line).units)), "")


def _unit_of_table(above: list[str], others: Iterable[str]) -> str:
    """The unit that the lines above a table state, else the others; '' where those above state two: nobody knows which."""
    stated = {unit for line in above for unit in _said(line).units}
    return "" if len(stated) > 1 else _unit(chain(above, others))


def _body(lines: list[str]) -> tuple[str, str, str]:
    """(code, name, scope) of the body that the lines name; blanks where they name none."""
    named = next((body for line in lines if (body := _said(line).body)[1]), ("", "", ""))
    code = named[0] or next((said for line in lines if (said := _said(line).code)), "")
    return code, *named[1:]


def _scope(lines: list[str], sheet_name: str, title: str) -> str:
    """department or unit, by the words in front of the title: 部门…表, 预算单位…表."""
    if not title:
        return ""
    for line in [*lines, compact(sheet_name)]:
        if title not in line:
            continue
        before = line[: line.index(title)]
        for scope, word in common_words.shared_words().kinds_of_bodies.items():
            if before.endswith(word):
                return scope
        if title.startswith(common_words.shared_words().kinds_of_bodies["department"]):
            return "department"
    return ""


def _year(lines: list[str], sheet_name: str) -> int | None:
    return next((year for line in [*lines, sheet_name] if (year := _said(line).year) is not None), None)


def as_of(block: Block) -> str:
    """The date at which assets were counted (截止2019年12月31日), as an ISO date, '' where none is given."""
    texts = [*preamble_lines(block), *note_lines(block), *(_joined(block.sheet, r) for r in block.header)]
    for text in texts:
        if match := _DAY.search(text):
            return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    return ""


def threshold_in(text: str) -> str:
    """The value from which equipment counts as large, in yuan: 单价50万元以上 gives 500000."""
    match = _LARGE_FROM.search(compact(text))
    return str(int(match[1]) * 10_000) if match else ""


def unit_in(text: str) -> str:
    """The unit that a label carries in brackets: 房屋（平方米） gives 平方米."""
    words = compact(text)
    if match := _UNIT_OF_COUNT.search(words):
        return match[1]
    return header_words(text)[2]
