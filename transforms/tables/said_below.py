"""Which table of a sheet a line belongs to that stands between two of them and declares something (单位：元)."""

from collections.abc import Sequence
from itertools import pairwise, takewhile

from transforms.tables.block import Block
from transforms.wording.patterns import pattern
from transforms.wording.text import compact
from transforms.workbook import Cell

_UNIT, _NUMBER_OF_TABLE = pattern("unit"), pattern("number_of_table")


def take_last_lines(blocks: Sequence[Block], last: Sequence[Cell]) -> bool:
    """Give the last lines of a sheet, below its last table, to that where they declare something; whether they do.

    Where nothing declares above the first table, what stands above the title of each further one is said of the table
    before it, then.
    """
    if not blocks or not last or not all(_declares(blocks[-1], row) for row in {row for row, _ in last}):
        return False
    blocks[-1].notes += last
    if not any(_declares(blocks[0], row) for row, _ in blocks[0].preamble):
        for before, block in pairwise(blocks):
            before.notes += _taken_from(block, _above_its_title(block))
    return True


def units_below(blocks: Sequence[Block]) -> list[Cell]:
    """Give a unit that stands between a table without any and the title of the next to the one it stands right at.

    Gives the cells of those that stand right at both, or at neither: they are no table's.
    """
    nobodys: list[Cell] = []
    for before, block in pairwise(blocks):
        above = _above_its_title(block)
        if not above or not before.data or not _states_unit(block, above) or _states_any_unit(before):
            continue
        title = min(row for row, _ in block.preamble if (row, 0) > max(above))
        near = above[0][0] - before.data[-1] == 1, title - above[-1][0] == 1
        if near == (True, False):
            before.notes += _taken_from(block, above)
        elif near != (False, True):
            nobodys += _taken_from(block, above)
    return nobodys


def _taken_from(block: Block, cells: list[Cell]) -> list[Cell]:
    block.preamble = [cell for cell in block.preamble if cell not in cells]
    return cells


def _states_unit(block: Block, cells: Sequence[Cell]) -> bool:
    """Whether cells state a unit and do not say which table they are of (公开02表)."""
    texts = [compact(str(block.sheet.at(*cell))) for cell in cells]
    return any(map(_UNIT.search, texts)) and not any(map(_NUMBER_OF_TABLE.search, texts))


def _states_any_unit(block: Block) -> bool:
    texts = [
        *block.texts_above(),
        *block.header_texts(),
        *(str(block.sheet.at(*cell)) for cell in block.notes),
    ]
    return any(_UNIT.search(compact(text)) for text in texts)


def _declares(block: Block, row: int) -> bool:
    return block.line(row).declares


def _above_its_title(block: Block) -> list[Cell]:
    """The cells of the lines above a table's title where these declare something."""
    rows = dict.fromkeys(row for row, _ in block.preamble)
    above = list(takewhile(lambda row: _declares(block, row), rows))
    return [cell for cell in block.preamble if cell[0] in above] if len(above) < len(rows) else []
