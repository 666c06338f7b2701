"""The parts of a document in DocBook, as antiword writes it: sections, paragraphs, lists and tables."""

from collections.abc import Iterator

from transforms.narrative.elements import Element, child, children, local
from transforms.narrative.lines import Line, join_lines, page_width
from transforms.narrative.parts import Part
from transforms.narrative.tabbed import TypedRow, table_of

_TEXTS = frozenset({"para", "title"})
_BESIDE = frozenset({"bookinfo", "colspec"})


def docbook_parts(root: Element) -> tuple[Part, ...]:
    """Paragraphs with the number of theirs (第12段), tables with that of theirs (表3)."""
    parts: list[Part] = []
    waiting: list[Line] = []
    found = list(_blocks(root))
    widest = page_width([Line("", text) for text, _ in found if text])
    paragraphs = tables = 0
    for text, table in found:
        if table is None:
            paragraphs += 1
            waiting.append(Line(f"第{paragraphs}段", text))
            continue
        tables += 1
        parts += [*join_lines(waiting, widest), table_of(_rows(table), f"表{tables}")]
        waiting = []
    return (*parts, *join_lines(waiting, widest))


def _blocks(element: Element) -> Iterator[tuple[str, Element | None]]:
    """(text, None) of each paragraph and ('', table) of each table, in the order of reading."""
    for inner in element:
        name = local(inner)
        if name == "informaltable":
            yield "", inner
        elif name in _TEXTS and child(inner, "informaltable") is None:
            if text := _text(inner):
                yield text, None
        elif name not in _BESIDE:
            yield from _blocks(inner)


def _text(element: Element) -> str:
    """All text in an element, its own line breaks being those of the program that wrote it."""
    pieces = [element.text or ""]
    for inner in element:
        pieces += [_text(inner), getattr(inner, "tail", None) or ""]
    return "".join(piece.replace("\n", "") for piece in pieces).strip()


def _rows(table: Element) -> list[TypedRow]:
    """The rows of a table; cells that are wanting at the end of a row are no cells."""
    rows: list[TypedRow] = []
    for group in children(table, "tgroup"):
        for body in children(group, "tbody"):
            for number, row in enumerate(children(body, "row"), start=len(rows) + 1):
                rows.append(
                    [_cell(cell, number, n) for n, cell in enumerate(children(row, "entry"), start=1)]
                )
    return rows


def _cell(cell: Element, row: int, number: int) -> list[Line]:
    place = f"第{row}行第{number}格"
    texts = [(cell.text or "").strip(), *(text for text, _ in _blocks(cell))]
    said = [text for text in texts if text] or [_text(cell)]
    return [Line(place, text) for text in said]
