"""Sheets drawn as they look on the page: ` | ` parts cells, `<` goes on to the left (merged), `^` upwards."""

from transforms.workbook import Merge, Sheet


def sheet(page: str, name: str = "Sheet1") -> Sheet:
    """A sheet from its drawing. `\\n` in a cell is a line break; a number is a number unless it begins with '."""
    lines = page.strip("\n").split("\n")
    texts = [[cell.strip().replace("\\n", "\n") for cell in line.split("|")] for line in lines]
    merges = _merges(texts)
    rows = [[_value(text) for text in line] for line in texts]
    return Sheet(name, rows, merges)


def _value(text: str) -> object:
    if text in ("<", "^"):
        return ""
    if text.startswith("'"):
        return text[1:]
    try:
        return float(text)
    except ValueError:
        return text


def _merges(texts: list[list[str]]) -> tuple[Merge, ...]:
    """Ranges grown from each cell over the `<` to its right and the `^` below it."""
    found = []
    for r, line in enumerate(texts):
        for c, text in enumerate(line):
            if text in ("<", "^", ""):
                continue
            right, bottom = c, r
            while right + 1 < len(line) and line[right + 1] == "<":
                right += 1
            while bottom + 1 < len(texts) and c < len(texts[bottom + 1]) and texts[bottom + 1][c] == "^":
                bottom += 1
            if (right, bottom) != (c, r):
                found.append((r, c, bottom, right))
    return tuple(found)
