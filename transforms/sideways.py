"""Tables on their side: what a form has as columns (人员经费, 一般公共预算) are rows, its rows (功能科目, 单位) columns.

Such a table is read as it stands when its rows are columns again; its cells keep their addresses.
"""

from collections import Counter
from dataclasses import replace
from itertools import takewhile

from transforms import common_words, forms
from transforms.recognise import recognise
from transforms.tables.block import Block
from transforms.tables.declare import Declaration
from transforms.tables.heads import header_paths, structural_kinds
from transforms.tables.layout import find_blocks
from transforms.tables.line import DECLARATION, Line
from transforms.tables.placing import DISPOSED
from transforms.tables.recognition import Recognition
from transforms.tables.rows import read_rows
from transforms.tables.titles import title_of
from transforms.tables.yields import Tidied
from transforms.tidy import Part, settle_frame, tidy_blocks
from transforms.wording.body_names import names_body
from transforms.wording.text import bare
from transforms.wording.words import cell_text
from transforms.workbook import Sheet, address, position

_FEWEST = 2  # rows that are columns elsewhere, figures beside a name, rows that such a table has when upright
_MISTYPED = "CEL-01"
_BESIDE, _NAMES = frozenset({"index", "remark"}), frozenset({"code", "label", "body"})


def set_upright(
    block: Block, recognition: Recognition, previous: tuple[Block, Recognition] | None
) -> tuple[Block, Recognition]:
    """A table as it is read: as it stands, or on its side where all of it is known so and not as it stands.

    `previous`: the table before it; of several on a sheet each needs a title of its own.
    """
    if recognition.unused or block.repeated or not _may_lie(block, recognition):
        return block, recognition
    alone = previous is None or previous[0].sheet is not block.sheet
    if not alone and not title_of(block.texts_above())[1]:
        return block, recognition
    turned = _turned(block)
    known = recognise(turned, None) if turned else Recognition(None)
    return (turned, known) if turned and _is_all_known(turned, known) else (block, recognition)


def _may_lie(block: Block, recognition: Recognition) -> bool:
    """Whether a table, or some column of it, is of no form, and its rows are called as columns of amounts."""
    strange = (column for plan in recognition.plans for column in plan.of_kind("unknown"))
    if recognition.form and not any(block.content(column.index)[1] for column in strange):
        return False
    named = {common_words.header_key(text) for row in block.data for _, text in block.line(row).texts[:2]}
    return len(named & forms.column_words()) >= _FEWEST


def _turned(block: Block) -> Block | None:
    """The table with its rows as columns, without what stands above and below it; None where that is no table.

    Columns that number or remark on rows stay behind, and a heading over all others (功能科目) heads their names.
    """
    upright = _with_heads(block)
    paths, sheet = header_paths(upright), block.sheet
    lead = next(
        (c for c, path in enumerate(paths) if not (_is_beside(path) or _is_empty(upright, c, path))), 0
    )
    over = {row: text for row in upright.header if (text := _heading_of_names(upright, row, lead))}
    rows = [row for row in (*upright.header, *upright.data) if row not in over]
    lines: list[list[object]] = [[""] * (rows[-1] + 1) for _ in paths]
    for row in rows:
        for column, value in enumerate(sheet.rows[row]):
            if not _is_beside(paths[column]):
                lines[column][row] = value
    if heading := next(iter(over.values()), "") or _of_bodies(lines, rows[0], lead):
        lines[lead][rows[0]] = heading
    inside = (merge for merge in sheet.merges if rows[0] <= merge[0] and merge[2] <= rows[-1])
    merges = tuple((left, top, right, bottom) for top, left, bottom, right in inside)
    blocks, rest = find_blocks(Sheet(sheet.name, lines, merges, above=tuple(upright.texts_above())))
    alone = len(blocks) == 1 and not rest and not blocks[0].preamble and not blocks[0].notes
    return replace(blocks[0], upright=upright) if alone else None


def _is_beside(path: tuple[str, ...]) -> bool:
    """Whether a column numbers the rows, or remarks on them."""
    kinds = structural_kinds(path)
    return bool(kinds) and kinds <= _BESIDE


def _is_empty(block: Block, column: int, path: tuple[str, ...]) -> bool:
    return not path and block.is_blank(column)


def _heading_of_names(block: Block, row: int, lead: int) -> str:
    """What a row of the header says of the names of all columns (单位, 功能科目), '' where it says more, or nothing."""
    said = {text for column, text in block.line(row).texts if column > lead}
    return said.pop() if len(said) == 1 and all(common_words.kinds_of(text) & _NAMES for text in said) else ""


def _of_bodies(lines: list[list[object]], row: int, lead: int) -> str:
    """The heading of bodies where a row has no other names than theirs behind the first, totals apart; '' elsewhere."""
    names = {cell_text(line[row]) for line in lines[lead + 1 :]} - {""}
    bodies = {name for name in names if bare(name) not in common_words.total_words()}
    return common_words.shared_words().headers["body"][0] if bodies and all(map(names_body, bodies)) else ""


def _with_heads(block: Block) -> Block:
    """The table with the rows right above it that stand over its columns (科目编码 | 2010301 | 2080505) as its own, and without
    one that counts them.
    """
    above = sorted({row for row, _ in block.preamble}, reverse=True)
    heads = set(takewhile(lambda row: _heads_columns(block.line(row)), above))
    preamble = [cell for cell in block.preamble if cell[0] not in heads]
    counting = [row for row in block.header if _counts_columns(block.line(row))]
    header = [row for row in [*sorted(heads), *block.header] if row not in counting]
    return replace(block, preamble=preamble, header=header, numbering=[*block.numbering, *counting])


def _counts_columns(line: Line) -> bool:
    return line.is_numbering or line.is_called_numbering


def _heads_columns(line: Line) -> bool:
    declares = any(DECLARATION.search(text) for _, text in line.texts)
    return len(line.cells) > _FEWEST and not declares


def tidy_sideways(out: Tidied, part: Part, number: int) -> None:
    """The facts of a table on its side, each at its cell on the sheet as it stands."""
    block, recognition, _ = part
    places, labels, problems = len(out.facts.places), len(out.labels.text), len(out.problems)
    tidy_blocks(out, [part], number)
    out.facts.exchange(places)
    out.labels.exchange(labels)
    out.problems[problems:] = [
        replace(problem, cell=address(*reversed(position(problem.cell))))
        for problem in out.problems[problems:]
    ]
    assert recognition.form
    assert block.upright
    out.ledger.exchange(block.sheet, block.upright.sheet)
    _settle_rest(out, block.upright, recognition.form.form, recognition.account)


def _settle_rest(out: Tidied, upright: Block, form: str, account: str) -> None:
    """Dispositions of what a table on its side has besides: what stands around it, its headings, columns beside the others."""
    settle_frame(out, replace(upright, header=[], data=[]), form, account)
    for column, path in enumerate(header_paths(upright)):
        if _is_beside(path):
            disposition, reason = DISPOSED[next(iter(structural_kinds(path)))]
            cells = [(row, column) for row in upright.data if upright.sheet.at(row, column) != ""]
            out.settle(upright.sheet, cells, disposition, form, reason)
    for row in upright.header:
        out.settle(upright.sheet, [(row, c) for c, _, _ in upright.line(row).cells], "header", form, account)


def _is_all_known(block: Block, recognition: Recognition) -> bool:
    """Whether a table that its title names lists subjects or bodies, and every figure of it has a place."""
    if recognition.form is None or not recognition.title or not recognition.plans:
        return False
    kinds = Counter(row.kind for plan in recognition.plans for row in read_rows(block, plan))
    if kinds["code"] + kinds["unit"] + kinds["total"] < _FEWEST or not kinds["code"] + kinds["unit"]:
        return False
    out = Tidied()
    tidy_blocks(out, [(block, recognition, Declaration())], 0)
    return bool(len(out.facts)) and all(problem.rule_id == _MISTYPED for problem in out.problems)
