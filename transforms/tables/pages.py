"""Tables by the others of their file: pages (续表) apart from what they go on with, comparisons with the year before."""

from dataclasses import replace

from transforms.tables.block import Block
from transforms.tables.continuing import continuation, may_continue, number_of_page, says_it_goes_on
from transforms.tables.declare import Declaration
from transforms.tables.recognition import Recognition
from transforms.tables.titles import strange_title
from transforms.tidy import Part

Tables = list[list[Part]]


def with_their_pages(tables: Tables) -> Tables:
    """The tables of a file, pages that say that they go on joined to the one table that they fit, wherever they stand."""
    whole = {at: parts for at, parts in enumerate(tables) if not _is_a_page(parts)}
    joined = dict(enumerate(tables))
    for at, parts in enumerate(tables):
        if at not in whole and (found := _owner(parts, whole)):
            owner, pages = found
            joined[owner] = [*joined[owner], *pages]
            del joined[at]
    return [_in_order(parts) for parts in joined.values()]


def comparisons_aside(tables: Tables, *, alone: bool) -> Tables:
    """The tables of a file, without those that set a form beside the year before and may not be read.

    Such a one is set aside where another table of the file has its form, and told where a second one compares it, beside a
    table that nobody knows, which may be the form itself, and where another file of the body has the form (not `alone`).
    """
    heads = [parts[0][1] for parts in tables]
    if not any(head.compares for head in heads):
        return tables
    known = alone and all(head.form or head.unused for head in heads)
    return [each for parts in tables for each in _compared(parts, heads, known=known)]


def _compared(parts: list[Part], heads: list[Recognition], *, known: bool) -> Tables:
    recognition = parts[0][1]
    if not recognition.compares:
        return [parts]
    same = [head for head in heads if head.form is recognition.form]
    if not all(head.compares for head in same):
        told = "a comparison of what another table gives"
        return [[(block, replace(each, form=None, unused=told), said) for block, each, said in parts]]
    return [parts] if known and len(same) == 1 else [[_untold(*part)] for part in parts]


def _untold(block: Block, known: Recognition, said: Declaration) -> Part:
    """A table as one that nobody knows."""
    assert known.form
    title = strange_title(block.texts_above())
    return block, Recognition(None, strange_title=title, runner_up=known.form.form), said


def _in_order(parts: list[Part]) -> list[Part]:
    """A table's pages by their numbers, if each says its own; as they stand in the file otherwise."""
    numbered = {number_of_page(part[0]): part for part in parts[1:]}
    if 0 in numbered or len(numbered) < len(parts) - 1:
        return parts
    return [parts[0], *(numbered[number] for number in sorted(numbered))]


def _is_a_page(parts: list[Part]) -> bool:
    block, recognition, _ = parts[0]
    return not recognition.unused and bool(block.data) and says_it_goes_on(block)


def _owner(pages: list[Part], whole: dict[int, list[Part]]) -> tuple[int, list[Part]] | None:
    """The place of the one table that pages go on with, and the pages as parts of it; None where none or several fit."""
    found = [(at, fitted) for at, parts in whole.items() if (fitted := _as_parts(pages, parts))]
    return found[0] if len(found) == 1 else None


def _as_parts(pages: list[Part], table: list[Part]) -> list[Part]:
    """Pages read as more of a table, if each may be."""
    last, known, declared = table[-1]
    if len(pages) > 1 and not all(number_of_page(block) for block, _, _ in pages):
        return []  # nobody can say which of them comes first
    fitted = []
    for block, recognition, said in pages:
        title = recognition.form.form if recognition.form else ""
        fits = may_continue(block, (last, known), title) and said.may_be_of_body(declared)
        more: Recognition | None = continuation(block, (last, known)) if fits else None
        if more is None:
            return []
        fitted.append((block, replace(more, taken=known.taken), said))
    return fitted
