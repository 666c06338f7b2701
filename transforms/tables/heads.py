"""What stands above each column of a table, and which kind of column such words may head."""

from collections.abc import Set

from transforms import common_words, forms
from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.header import shown_lines
from transforms.workbook import Cell, Sheet

Paths = tuple[tuple[str, ...], ...]
Lines = tuple[tuple[str, ...], ...]
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
def _paths(lines: Lines, covered: tuple[tuple[bool, ...], ...], width: int) -> Paths:
    headed = [
        _header_line(line, cover, lines[position + 1 :])
        for position, (line, cover) in enumerate(zip(lines, covered, strict=True))
    ]
    return tuple(tuple(dict.fromkeys(_path(c, lines, covered, headed))) for c in range(width))


def _path(
    column: int, lines: Lines, covered: tuple[tuple[bool, ...], ...], headed: list[list[str]]
) -> list[str]:
    """The texts over a column from top to bottom; a word that goes on in the cell below (人员 over 经费) is one."""
    path, above = [""], False
    for line, cover, heads in zip(lines, covered, headed, strict=True):
        own = bool(line[column]) and not (cover and cover[column])
        if own and above and _is_one_word(path[-1], line[column]):
            path[-1] += line[column]
        else:
            path.append(heads[column])
        above = own
    return [text for text in path if text]


@recalled
def _is_one_word(upper: str, lower: str) -> bool:
    """Whether two texts below each other are one word of a column of amounts, of which the lower alone heads none."""
    amounts = forms.column_words()
    alone = common_words.header_key(lower)
    heads = alone in amounts or alone in common_words.amount_words() or alone in common_words.total_words()
    return not heads and common_words.header_key(upper + lower) in amounts


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
