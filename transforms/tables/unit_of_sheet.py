"""The unit that a sheet states once above all of its tables, for those that state none."""

import re
from dataclasses import replace

from expectations.units import FEN_PER
from transforms.tables.block import Block
from transforms.tables.declare import split_lines, units_stated
from transforms.tables.line import TITLE_END
from transforms.tables.pages import Tables
from transforms.tables.recognition import Recognition
from transforms.tables.titles import compared_title
from transforms.tidy import Part
from transforms.wording.text import compact

_BRACKETS_AT_END = re.compile(r"\([^()]*\)$")


def with_units_of_sheets(tables: Tables) -> Tables:
    """The tables of a file, those without unit in the one of their sheet (docs/decisions/0045).

    A unit is the sheet's that stands above the title of its first table, where nothing on the sheet states another. What stands
    below that title is that table's: nobody knows whether the others are in it.
    """
    first: dict[int, Part] = {}
    found = []
    for parts in tables:
        block, recognition, declared = parts[0]
        block = block.upright or block
        above = first.setdefault(id(block.sheet), parts[0])
        lacks = above is not parts[0] and not declared.unit and _has_title_only(block, recognition)
        if lacks and (unit := _of_sheet(above)):
            parts = [(each, known, replace(said, unit=said.unit or unit)) for each, known, said in parts]
        found.append(parts)
    return found


def _has_title_only(block: Block, recognition: Recognition) -> bool:
    """Whether nothing but its title stands around a known table: anything else may be a unit of its own, mistyped."""
    alone = bool(recognition.title) and not block.notes
    return alone and all(_is_title(compact(text), recognition) for text in block.texts_above())


def _is_title(line: str, recognition: Recognition) -> bool:
    """Whether a line is the title of a known table, with what is in brackets behind it, if that speaks of no money."""
    words = _BRACKETS_AT_END.sub("", line)
    if any(unit in line[len(words) :] for unit in FEN_PER):
        return False
    compared = recognition.compares and TITLE_END.search(words) and compared_title([words])[1]
    return bool(compared) or line.endswith(recognition.title) or words.endswith(recognition.title)


def _titles(line: str, recognition: Recognition) -> bool:
    """Whether a line holds the title of a known table, whatever stands beside."""
    return recognition.title in line or _is_title(line, recognition)


def _of_sheet(part: Part) -> str:
    """The unit that stands above the title of the first table of a sheet, if it is the only one there; '' for none."""
    block, recognition, _ = part
    block = block.upright or block
    if not recognition.title:
        return ""
    rows = dict.fromkeys(row for row, _ in block.preamble)
    titled = [
        row for row in rows if any(_titles(line, recognition) for line in split_lines(block.sheet, row))
    ]
    above = units_stated(block.sheet, (row for row in rows if row < max(titled, default=0)))
    everywhere = units_stated(block.sheet, range(len(block.sheet.rows)))
    return above.pop() if len(above) == 1 and everywhere == above else ""
