"""The rows of a header as a reader sees them: their words, and which columns they say name the rows."""

from dataclasses import dataclass

from transforms import common_words, forms
from transforms.once import recalled
from transforms.tables.line import line_of
from transforms.wording.text import compact
from transforms.workbook import Sheet


@dataclass(frozen=True)
class Head:
    """What the columns under a header are, by its words alone.

    `labelled`: those that it calls codes, names or numbering, where a line of data may begin; `texts`: those that it
    calls ones of texts (采购品目), below which no amounts stand; `naming`: both.
    """

    labelled: frozenset[int]
    texts: frozenset[int]
    naming: frozenset[int]


def head_of(sheet: Sheet, header: list[int]) -> Head:
    """What the columns under a header are."""
    width = max((len(sheet.rows[r]) for r in header), default=0)
    lines = zip(header, shown_lines(sheet, header, width), strict=True)
    return _head(tuple(_without_strays(sheet, row, line) for row, line in lines), width)


def _without_strays(sheet: Sheet, row: int, line: tuple[str, ...]) -> tuple[str, ...]:
    """What a row of a header shows without numbers typed into it, which head nothing."""
    strays = line_of(tuple(sheet.rows[row])).stray_figures
    return tuple("" if c in strays else text for c, text in enumerate(line)) if strays else line


@recalled
def _head(lines: tuple[tuple[str, ...], ...], width: int) -> Head:
    headed = [(c, text) for line in lines for c, text in enumerate(line) if text]
    lowest = dict(headed)
    found = {c for c, text in lowest.items() if common_words.kinds_of(text) - {"body", "remark"}}
    found |= _group_alone(lowest)
    labelled = frozenset(found | {c for c in range(1, width) if c not in lowest and c - 1 in found})
    texts = frozenset(c for c, text in headed if common_words.header_key(text) in forms.text_headings())
    return Head(labelled, texts, labelled | texts)


def _group_alone(lowest: dict[int, str]) -> set[int]:
    """The first column where a heading of groups (资金来源) stands over it alone: what stands below may be names."""
    headed = [c for c in sorted(lowest) if common_words.kinds_of(lowest[c]) != {"index"}]
    first = headed[0] if headed else -1
    word = lowest.get(first, "")
    return (
        {first}
        if common_words.header_key(word) in common_words.group_words() and lowest.get(first + 1) != word
        else set()
    )


def shown_lines(sheet: Sheet, rows: list[int], width: int) -> tuple[tuple[str, ...], ...]:
    """The texts of rows as a reader sees them, merged ranges resolved, each `width` long."""
    lines = [sheet.shown_in(row)[:width] for row in rows]
    return tuple([line + ("",) * (width - len(line)) for line in lines])


def header_signature(sheet: Sheet, header: list[int]) -> tuple[str, ...]:
    """The header's words in order, to tell a repeated header from another one; 序号 may be left out of either."""
    strays = {r: set(line_of(tuple(sheet.rows[r])).stray_figures) for r in header}
    words = (
        compact(str(value))
        for r in header
        for c, value in enumerate(sheet.rows[r])
        if value != "" and c not in strays[r]
    )
    numbering = {"index"}
    return tuple(
        word
        for word in words
        if common_words.structure_words().get(common_words.header_key(word)) != numbering
    )
