"""The unit that a sheet states once above all of its tables, for those that state none."""

from dataclasses import replace

from transforms.tables.block import Block
from transforms.tables.declare import split_lines, units_stated
from transforms.tables.pages import Tables
from transforms.tables.recognition import Recognition
from transforms.tidy import Part
from transforms.wording.text import compact


def with_units_of_sheets(tables: Tables) -> Tables:
    """The tables of a file, those without unit in the one of their sheet (docs/decisions/0045).

    A unit is the sheet's that stands above the title of its first table, where nothing on the sheet states another. What stands
    below that title is that table's: nobody knows whether the others are in it.
    """
    first: dict[int, Part] = {}
    found = []
    for parts in tables:
        block, recognition, declared = parts[0]
        above = first.setdefault(id(block.sheet), parts[0])
        lacks = above is not parts[0] and not declared.unit and _has_title_only(block, recognition)
        if lacks and (unit := _of_sheet(above)):
            parts = [(each, known, replace(said, unit=said.unit or unit)) for each, known, said in parts]
        found.append(parts)
    return found


def _has_title_only(block: Block, recognition: Recognition) -> bool:
    """Whether nothing but its title stands around a known table: anything else may be a unit of its own, mistyped."""
    title = recognition.title
    return (
        bool(title) and not block.notes and all(compact(text).endswith(title) for text in block.texts_above())
    )


def _of_sheet(part: Part) -> str:
    """The unit that stands above the title of the first table of a sheet, if it is the only one there; '' for none."""
    block, recognition, _ = part
    title, rows = recognition.title, dict.fromkeys(row for row, _ in block.preamble)
    titled = [row for row in rows if title and any(title in line for line in split_lines(block.sheet, row))]
    above = units_stated(block.sheet, (row for row in rows if row < max(titled, default=0)))
    everywhere = units_stated(block.sheet, range(len(block.sheet.rows)))
    return above.pop() if len(above) == 1 and everywhere == above else ""
