"""Mutants of the shape of a sheet: the changed sheet, the row of figures that is gone (-1: none), where its cells went."""

import random
from collections.abc import Callable
from dataclasses import replace

from transforms.wording.text import years_named
from transforms.workbook import Sheet, address, position

Move = Callable[[str], str]


def insert_row(sheet: Sheet, rng: random.Random) -> tuple[Sheet, int, Move]:
    """The sheet with a blank row between two others, outside merged ranges."""
    at = rng.randrange(len(sheet.rows) + 1)
    if any(top < at <= bottom for top, _, bottom, _ in sheet.merges):
        return sheet, -1, _stays
    merges = tuple((t + (t >= at), left, b + (t >= at), r) for t, left, b, r in sheet.merges)
    rows = [*sheet.rows[:at], [], *sheet.rows[at:]]
    return replace(sheet, rows=rows, merges=merges), -1, _moving(at, 1, 0)


def insert_column(sheet: Sheet, rng: random.Random) -> tuple[Sheet, int, Move]:
    """The sheet moved to the right by a blank column."""
    merges = tuple((t, left + 1, b, r + 1) for t, left, b, r in sheet.merges)
    rows = [["", *row] if row else [] for row in sheet.rows]
    return replace(sheet, rows=rows, merges=merges), -1, _moving(0, 0, 1)


def delete_row(sheet: Sheet, rng: random.Random) -> tuple[Sheet, int, Move]:
    """The sheet without one of its rows of figures; the row that is gone.

    Not where codes stand in parts: the rows below may take theirs from the one that is gone.
    """
    if any(value in ("款", "项") for _, _, value in sheet.filled()):
        return sheet, -1, _stays
    rows = [r for r, row in enumerate(sheet.rows) if any(isinstance(v, float) for v in row)]
    rows = [r for r in rows if not any(top <= r <= bottom for top, _, bottom, _ in sheet.merges)]
    rows = [r for r in rows if not years_named(str(sheet.rows[r][0]))]  # last year's row alone is this year's
    if not rows:
        return sheet, -1, _stays
    gone = rng.choice(rows)
    merges = tuple((t - (t > gone), left, b - (t > gone), r) for t, left, b, r in sheet.merges)
    kept = [*sheet.rows[:gone], *sheet.rows[gone + 1 :]]
    moved = _moving(gone + 1, -1, 0)
    return (
        replace(sheet, rows=kept, merges=merges),
        gone,
        lambda cell: "" if cell and position(cell)[0] == gone else moved(cell),
    )


def garble(sheet: Sheet, rng: random.Random) -> tuple[Sheet, int, Move]:
    """The sheet with one character of a word in it replaced by one that no form has; the row of the word."""
    words = [
        (r, c, v) for r, c, v in sheet.filled() if isinstance(v, str) and not v[:1].isdigit() and len(v) > 1
    ]
    if not words:
        return sheet, -1, _stays
    row, column, text = rng.choice(words)
    at = rng.randrange(len(text))
    rows = [list(values) for values in sheet.rows]
    rows[row][column] = f"{text[:at]}囗{text[at + 1 :]}"
    return replace(sheet, rows=rows), row, _stays


def _stays(cell: str) -> str:
    return cell


def _moving(first: int, down: int, right: int) -> Move:
    """Where the cells from a row on went."""

    def moved(cell: str) -> str:
        if not cell:
            return cell  # told of the whole
        row, column = position(cell)
        return address(row + down, column + right) if row >= first else cell

    return moved
