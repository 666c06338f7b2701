"""What is not placed: tables that are known and not used, that nobody knows, and words that a known table has besides."""

from collections.abc import Iterator

from transforms.common_words import amount_words, header_key, structure_words
from transforms.forms import BOTH_SIDES, Form, forms, sayings_of_unused, subjects_of
from transforms.tables.block import Block
from transforms.tables.declare import Declaration
from transforms.tables.heads import header_cell, lowest_word
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.recognition import Recognition
from transforms.tables.titles import title_of
from transforms.tables.yields import Problem, Tidied
from transforms.wording.amounts import is_figure
from transforms.wording.messages import message
from transforms.wording.text import compact
from transforms.workbook import Cell, address, raw_text


def strange_words(block: Block, recognition: Recognition, form: Form) -> Iterator[Problem]:
    """What a recognised table has that its form does not know: its title, headers of columns."""
    if recognition.strange_title:
        where = address(*top_left(block))
        yield Problem("SUB-05", block.sheet.name, where, recognition.strange_title, form.title, "title")
    for plan in recognition.plans:
        for column in plan.of_kind("unknown"):
            where = address(*header_cell(block, column.index))
            yield Problem("SUB-05", block.sheet.name, where, " / ".join(column.path), form.title, "header")
        if split := _types_of_funds(block, plan):
            where, found = address(*header_cell(block, split.index)), " / ".join(split.path)
            yield Problem("SUB-05", block.sheet.name, where, found, form.title, "types_of_funds", "info")


def _types_of_funds(block: Block, plan: PanelPlan) -> Column | None:
    """The first column of a type of spending that is set aside with the fund it divides (一般公共预算 | 基本支出), where no
    column has that type of all funds; None where there is none."""
    types = plan.panel.columns.get("total", [])
    if any(column.key != "total" for column in plan.of_kind("amount")) or not plan.panel.codes:
        return None
    asides = (column for column in plan.of_kind("aside") if len(column.path) > 1)
    split = (c for c in asides if plan.panel.column_words.get(lowest_word(c.path)) in types)
    return next((column for column in split if block.content(column.index)[1]), None)


def foreign_note(note: str, form: Form, sheet: str, cell: str) -> Problem | None:
    """The problem of an empty-table note that speaks of another form than the one it stands under."""
    spoken = subjects_of(note)
    if not spoken or form.form in spoken:
        return None
    word = next(iter(spoken.values()))
    told = message("foreign_note", spoken=word, form=form.title)
    return Problem("SUB-19", sheet, cell, note, form.title, told)


def two_units(block: Block, declared: Declaration) -> Iterator[Problem]:
    """The problem of each cell below a table's head that states another unit than the head, with the table's own cell."""
    for cell in declared.disputed:
        found = compact(str(block.sheet.at(*cell)))
        yield Problem("SUB-08", block.sheet.name, address(*cell), found, "", address(*top_left(block)))


def top_left(block: Block) -> Cell:
    """The cell that a table is told by: the first of its header that holds anything."""
    row = (block.header or block.data)[0]
    return row, block.line(row).cells[0][0]


def settle_unused(out: Tidied, block: Block, recognition: Recognition) -> None:
    """A known table that no county table needs: each cell set aside with the reason; one that no budget is, with a warning."""
    rows = (*block.header, *block.numbering, *block.repeated, *block.data)
    cells = [(r, c) for r in rows for c, value in enumerate(block.sheet.rows[r]) if value != ""]
    out.settle(block.sheet, [*block.preamble, *block.notes, *cells], "ignored", "", recognition.account)
    if not recognition.continues:
        where, title = address(*top_left(block)), recognition.strange_title
        told = sayings_of_unused().get(recognition.unused)
        severity = "" if told else "info"
        out.problems.append(Problem("SUB-05", block.sheet.name, where, title, "", told or "unused", severity))


def settle_unrecognised(out: Tidied, block: Block, recognition: Recognition) -> None:
    """A table that is no known form, or could be several: its figures are reported, never guessed."""
    sheet = block.sheet
    figures = 0
    for r in (*block.header, *block.numbering, *block.repeated, *block.data):
        strays = block.line(r).stray_figures if r in block.header else range(len(sheet.rows[r]))
        for c, value in enumerate(sheet.rows[r]):
            if value != "":
                figure = c in strays and is_figure(value)
                figures += figure
                out.settle(sheet, [(r, c)], "unread" if figure else "note", "", recognition.account)
    out.settle(sheet, [*block.preamble, *block.notes], "note")
    if figures:
        where = address(*top_left(block))
        header = "；".join(raw_text(v) for r in block.header for v in sheet.rows[r] if v != "")
        nearest = forms()[recognition.runner_up].title if recognition.runner_up else ""
        told = differences(block, recognition) or ("table" if header else "bare")
        out.problems.append(Problem("SUB-05", sheet.name, where, header, nearest, told))
        out.problems.append(
            Problem("SUB-16", sheet.name, where, message("so_many", count=figures), "", "whole")
        )


def differences(block: Block, recognition: Recognition) -> str:
    """The sentence on an unknown table: which form is nearest and which cells differ; '' where none is near."""
    if recognition.rivals[1:]:
        rivals = "》《".join(forms()[name].title for name in recognition.rivals)
        return message("several_forms", forms=rivals)
    if not recognition.runner_up:
        return ""
    form = forms()[recognition.runner_up]
    cells = [f"{address(*cell)}“{compact(text)}”" for cell, text in _strange_headers(block, form)]
    title = recognition.strange_title
    _, named, family = title_of([title])
    called = named == form.form and family != BOTH_SIDES
    if title and not called:
        cells.insert(0, message("strange_title", title=title))
    nothing = message("no_known_header" if called else "no_known_title")
    differ = message("differences", cells="、".join(cells)) if cells else nothing
    return message("nearest_form", form=form.title, differences=differ)


def _strange_headers(block: Block, form: Form) -> list[tuple[Cell, str]]:
    """The header cells, with what stands in them, that a form knows nothing of; numbers that are no years among them."""
    known = set(structure_words()) | set(amount_words()) | form.neutral_headings
    for panel in form.panels.values():
        known |= set(panel.column_words) | set(panel.text_words) | panel.heading_words
    found = []
    for r in block.header:
        line = block.line(r)
        strange = {c for c, text in line.texts if header_key(text) not in known}.union(line.stray_figures)
        found += [((r, c), raw_text(value)) for c, value, _ in line.cells if c in strange]
    return found
