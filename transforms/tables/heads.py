"""What stands above each column of a table, and which kind of column such words may head."""

from collections.abc import Set

from transforms import common_words
from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.header import shown_lines
from transforms.workbook import Cell, Sheet

Paths = tuple[tuple[str, ...], ...]
STRUCTURAL = ("aside", "code", "label", "index", "remark", "body")


def header_paths(block: Block) -> Paths:
    """For each column the header texts above its data, from top to bottom, merged ranges resolved."""
    sheet = block.sheet
    width = max(map(len, map(sheet.rows.__getitem__, [*block.header, *block.data])), default=0)
    if sheet.merges:
        width = max([width, *(right + 1 for top, _, _, right in sheet.merges if top in block.header)])
    covered = tuple(_covered(sheet, row, width) for row in block.header)
    return _paths(shown_lines(sheet, block.header, width), covered, width)


def _covered(sheet: Sheet, row: int, width: int) -> tuple[bool, ...]:
    """Which cells of a row a merged range covers; nothing where there is none."""
    inside = sheet.merged.inside.get(row, ())
    return tuple([c in inside for c in range(width)]) if inside else ()


@recalled
def _paths(lines: tuple[tuple[str, ...], ...], covered: tuple[tuple[bool, ...], ...], width: int) -> Paths:
    headed = [
        _header_line(line, cover, lines[position + 1 :])
        for position, (line, cover) in enumerate(zip(lines, covered, strict=True))
    ]
    return tuple(tuple(dict.fromkeys(line[c] for line in headed if line[c])) for c in range(width))


def header_cell(block: Block, column: int) -> Cell:
    """The lowest header cell that stands over a column."""
    found = [block.sheet.origin(r, column) for r in block.header if block.sheet.shown(r, column) != ""]
    return found[-1] if found else ((block.header or block.data)[0], column)


def _header_line(
    shown: tuple[str, ...], covered: tuple[bool, ...], below: tuple[tuple[str, ...], ...]
) -> list[str]:
    """The texts of one header row, a group's text standing over each of its columns.

    A blank beside a group's text belongs to the group where no merged range says where the group ends.
    """
    line: list[str] = []
    for c, text in enumerate(shown):
        spills = not text and c and line[c - 1] and not (covered and covered[c - 1])
        line.append(line[c - 1] if spills and any(lower[c] for lower in below) else text)
    return line


def structural_kinds(path: tuple[str, ...]) -> Set[str]:
    """The kinds of column (code, label, …) that a header path may head."""
    kinds = [common_words.kinds_of(text) for text in path]
    if any("aside" in each for each in kinds):
        return frozenset({"aside"})
    if any("body" in each for each in kinds[:-1]) and kinds[-1] & {"code", "label"}:
        return frozenset({"body"})
    return kinds[-1] if kinds else frozenset()


def lowest_word(path: tuple[str, ...]) -> str:
    """The lowest text of a header path, as forms know it."""
    return common_words.header_key(path[-1]) if path else ""
