"""Tables that go on with the one before them: with its head once more, or without any."""

import re
from dataclasses import replace
from itertools import takewhile

from transforms import common_words
from transforms.once import recalled
from transforms.tables.block import Block
from transforms.tables.header import head_of, header_signature
from transforms.tables.line import Line, line_of
from transforms.tables.plan import PanelPlan
from transforms.tables.recognition import Recognition
from transforms.tables.row_cells import digits_of
from transforms.tables.rows import read_rows
from transforms.tables.strange_headers import has_strange_header
from transforms.tables.titles import strange_title, title_of
from transforms.wording.patterns import pattern, piece
from transforms.wording.text import bare, compact
from transforms.wording.words import cell_text
from transforms.workbook import Cell, Sheet

_GOES_ON, _PAGE = pattern("goes_on"), pattern("page")
_NUMBER_OF_PAGE = pattern("number_of_page")
_PART_OF_CODE = re.compile(r"0\d+$")
_SHIFTS = range(-3, 4)  # by how many columns a page may be moved
FEW_WORDS = 0.2
CLASS_DIGITS = 3  # what a class (类) has; a part behind it has fewer, a code written whole more


def may_continue(block: Block, previous: tuple[Block, Recognition], title: str) -> bool:
    """Whether a table may be the rest of the one before: no other title, no closing total before it, codes going on."""
    before, recognition = previous
    if (
        recognition.form is None
        or not recognition.plans
        or (title and title != recognition.form.form)
        or not before.data
        or not block.data
    ):
        return False
    preamble = block.texts_above()
    said = says_it_goes_on(block) or _printed_again(block, before)
    if not said and (title_of(preamble)[1] or strange_title(preamble)):
        return False
    filled = [r for r in before.data if before.line(r).figures or before.line(r).is_total] or before.data
    return filled[-1] == before.data[0] or not before.line(filled[-1]).is_total


def says_it_goes_on(block: Block) -> bool:
    """Whether what stands above a table says that it is the rest of another (续表)."""
    return any(map(_goes_on, block.texts_above()))


@recalled
def _goes_on(text: str) -> bool:
    return _GOES_ON.search(compact(text)) is not None


def number_of_page(block: Block) -> int:
    """The number that a page of a table says it has (续表二), 0 where it says none."""
    found = next(filter(None, (_NUMBER_OF_PAGE.search(compact(text)) for text in block.texts_above())), None)
    return int(found[1] or piece("numeral").index(found[2]) + 1) if found else 0


def _printed_again(block: Block, before: Block) -> bool:
    """Whether a table has all that stands above the one before it on its sheet once more, and of both one has a total:
    a list of several pages, each with its head."""
    if block.sheet is not before.sheet:
        return False
    head, printed = ({compact(text) for text in each.texts_above()} - {""} for each in (block, before))
    pages = {text for text in head if _PAGE.search(text)}
    totals = (any(each.line(r).is_total for r in each.data) for each in (block, before))
    return head - pages == printed and not all(totals)


def continuation(block: Block, previous: tuple[Block, Recognition]) -> Recognition | None:
    """The table before, gone on: with its header repeated, or without any header and perhaps shifted by columns."""
    before, recognition = previous
    if not block.header:
        _take_rows_above(block)
        strange = recognition.form is not None and has_strange_header(block, recognition.form)
        if (
            strange
            or _is_called_otherwise(block, before)
            or any(map(_heads_amounts, map(block.line, takewhile(block.worded.__contains__, block.data))))
        ):
            return None
    shift = _repeated_header_shift(block, before) if block.header else _headless_shift(block, recognition)
    if shift is None:
        return None
    plans = tuple(_shifted(plan, shift) for plan in recognition.plans)
    if not block.header and not _knows_rows(block, plans):
        return None
    return Recognition(recognition.form, plans, recognition.title, recognition.family, 1.0, continues=True)


def _knows_rows(block: Block, plans: tuple[PanelPlan, ...]) -> bool:
    """Whether of rows known by their words at least one is: codes in columns of their own may need the page before."""
    kinds = {row.kind for plan in plans if not plan.of_kind("code") for row in read_rows(block, plan)}
    return "unknown" not in kinds or bool(kinds - {"unknown", "total", "filler"})


def _is_called_otherwise(block: Block, before: Block) -> bool:
    """Whether a sheet that says of what body or in what unit its table is has a name that may be the title of another one."""
    own = block.sheet is not before.sheet and bool(block.texts_above())
    return own and bool(strange_title([block.sheet.name]))


def _take_rows_above(block: Block) -> None:
    """Give a table without header the rows of words above its first figures: rows whose amount is no figure."""
    above = sorted({row for row, _ in block.preamble}, reverse=True)
    taken = list(takewhile(lambda row: _is_row(line_of(tuple(block.sheet.rows[row]))), above))
    block.data = [*reversed(taken), *block.data]
    block.worded = [*reversed(taken), *block.worded]
    block.preamble = [cell for cell in block.preamble if cell[0] not in taken]


def _heads_amounts(line: Line) -> bool:
    """Whether a row above the first figures says behind its first cell that amounts stand below: a header of its own."""
    return any(common_words.measure_said(common_words.header_key(text)) for _, text in line.texts[1:])


def words_for_amounts(sheet: Sheet, previous: tuple[Block, Recognition]) -> list[Cell]:
    """On a sheet without figures that looks like more rows of the table before it: the cells where its amounts stand.

    Every line has several words in columns of words and ends in a column of amounts, perhaps shifted by a column; no
    title or name of the sheet says that it is another table.
    """
    lines = {r: line for r, values in enumerate(sheet.rows) if (line := line_of(tuple(values))).cells}
    if title_of([sheet.name])[1] or not all(_is_row(line) and len(line.cells) > 2 for line in lines.values()):
        return []
    kinds = {column.index: column.kind for plan in previous[1].plans for column in plan.columns}
    for shift in sorted(_SHIFTS, key=abs):
        found = {(r, c): kinds.get(c - shift, "") for r, line in lines.items() for c, _, _ in line.cells}
        last = {kinds.get(line.cells[-1][0] - shift, "") for line in lines.values()}
        if last == {"amount"} and set(found.values()) <= {"amount", "text", "label", "code", "body"}:
            return [cell for cell, kind in found.items() if kind == "amount"]
    return []


def _is_row(line: Line) -> bool:
    return len(line.cells) > 1 and not (line.is_preamble or line.is_title or line.is_note)


def _repeated_header_shift(block: Block, before: Block) -> int | None:
    if header_signature(block.sheet, block.header) != header_signature(before.sheet, before.header):
        return None
    first = min(head_of(block.sheet, block.header).labelled, default=0)
    return first - min(head_of(before.sheet, before.header).labelled, default=0)


def _headless_shift(block: Block, recognition: Recognition) -> int | None:
    """The one shift at which figures stand in amount columns and words in columns of words; None if not one.

    Now and then words stand where an amount belongs: if no shift is without, the one at which they are few.
    """
    misfits = {shift: _misfits(block, recognition, shift) for shift in _SHIFTS}
    for most in (0.0, FEW_WORDS):
        shifts = [shift for shift, share in misfits.items() if share <= most]
        if shifts:
            return shifts[0] if len(shifts) == 1 else None
    return None


def _misfits(block: Block, recognition: Recognition, shift: int) -> float:
    """The share of words among what stands in amount columns; 1 where anything else stands where it cannot."""
    kinds = {index + shift: kind for plan in recognition.plans for index, kind in _kinds(plan).items()}
    words = figures = 0
    for r in block.data:
        for c, value in enumerate(block.sheet.rows[r]):
            kind = kinds.get(c, "blank")
            if value == "" or _may_hold(kind, value):
                figures += kind == "amount" and value != ""
            elif kind == "amount":
                words += 1
            else:
                return 1.0
    return words / max(words + figures, 1)


def _kinds(plan: PanelPlan) -> dict[int, str]:
    """The kind of each column; of codes in several columns those behind the first are parts (款, 项)."""
    parts = dict.fromkeys((column.index for column in plan.of_kind("code")[1:]), "part")
    return {column.index: column.kind for column in plan.columns} | parts


def _may_hold(kind: str, value: object) -> bool:
    """Whether a column of this kind may hold such a cell: figures in amounts, codes in codes, words elsewhere."""
    text = cell_text(value)
    if text in common_words.filler_words():
        return True
    if kind in ("code", "part") and (digits := digits_of(value)):
        return kind == "code" or len(digits) != CLASS_DIGITS
    if text and bare(text) not in common_words.total_words():
        return kind in ("label", "text", "remark", "body")
    if text:
        return kind in ("code", "part", "label", "text", "index", "body")
    return kind in ("index", "remark") or (kind == "amount" and not _PART_OF_CODE.match(str(value).strip()))


def _shifted(plan: PanelPlan, shift: int) -> PanelPlan:
    columns = tuple(replace(c, index=c.index + shift) for c in plan.columns if c.index + shift >= 0)
    return PanelPlan(plan.key, plan.panel, columns)
