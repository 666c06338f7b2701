"""Headers in words that nobody knows, in the midst of a table of several panels: what stands below one is another list."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, takewhile

from transforms import common_words
from transforms.forms import Form
from transforms.tables.block import Block
from transforms.wording.text import bare
from transforms.wording.words import WORDS


def above_strange_headers(block: Block, form: Form) -> Block:
    """The table as far as its own header goes: down to the first one in strange words."""
    cuts = _cuts(block, form) if block.header else []
    return block.with_data(block.data[: cuts[0]]) if cuts else block


def below_strange_headers(block: Block, form: Form) -> Iterator[Block]:
    """What stands below each header in strange words, as a table of its own that has this header."""
    cuts = _cuts(block, form)
    for start, end in pairwise([*cuts, len(block.data)] if cuts else []):
        yield _as_table(block.with_data(block.data[start:end]))


def has_strange_header(block: Block, form: Form) -> bool:
    """Whether a header in strange words stands in a table, or in what may be the rest of one."""
    return bool(_cuts(block, form))


def _as_table(block: Block) -> Block:
    header = list(takewhile(block.worded.__contains__, block.data))
    below = block.data[len(header) :]
    numbering = [row for row in below[:1] if _numbers_columns(block, row)]
    part = block.with_data(below[len(numbering) :])
    return replace(part, preamble=[], header=header, numbering=numbering, notes=[], repeated=[], above=())


def _numbers_columns(block: Block, row: int) -> bool:
    line = block.line(row)
    return line.is_numbering or line.is_called_numbering


def _cuts(block: Block, form: Form) -> list[int]:
    """The places among the data at which rows of words begin of which one heads the figures below, in strange words.

    Only a form of several panels has lists below each other.
    """
    if len(form.panels) == 1 or not block.worded:
        return []
    figured = {c for c in range(len(block.columns)) if block.content(c)[1] > block.content(c)[0]}
    heads = {row for row in block.worded if _heads(block, row, form, figured)}
    if not heads:
        return []
    worded = [row in block.worded for row in block.data]
    begins = [at for at, words in enumerate(worded) if words and not (at and worded[at - 1])]
    ends = [next((at for at in range(start, len(worded)) if not worded[at]), -1) for start in begins]
    return [
        start
        for start, end in zip(begins, ends, strict=True)
        if start < end and not heads.isdisjoint(block.data[start:end])
    ]


def _heads(block: Block, row: int, form: Form, figured: set[int]) -> bool:
    """Whether a row without figures has a strange name, and words where the table has figures: the names of columns."""
    texts = block.line(row).texts
    beside = [column for column, _ in texts if column in figured and not _fills(block, row, column)]
    return bool(beside) and len(beside) < len(texts) and not _names_a_row(texts[0][1], form)


def _fills(block: Block, row: int, column: int) -> bool:
    return WORDS[str(block.sheet.at(row, column))].is_filler


def _names_a_row(text: str, form: Form) -> bool:
    """Whether a text names a row of the form, be it one that is not used."""
    words = bare(text)
    aside = common_words.header_key(words)
    known = words in common_words.total_words() or words in common_words.page_sums()
    return known or any(words in each.row_words or aside in each.aside_words for each in form.panels.values())
