"""The only opener of Word and text documents: their parts in the order of reading, each with its place.

A document is one of the kinds of `intake`; whatever is wrong with it is an UnreadableFileError.
"""

import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from transforms import intake
from transforms.delimited import decoded
from transforms.narrative.lines import join_lines, page_width, split_lines, without_page_numbers
from transforms.narrative.parts import Document, Part
from transforms.narrative.tabbed import split_tables, table_of
from transforms.opening import content_of
from transforms.refusals import UnreadableFileError


def open_document(path: Path, name: str, members: Sequence[str] = ()) -> Document:
    """The document in a file, or in the member of an archive that `members` lead to. Raises UnreadableFileError."""
    content = content_of(path, members)
    kind = intake.kind_of(io.BytesIO(content))
    if kind != intake.TEXT:
        raise UnreadableFileError(kind)
    return text_document(decoded(content), PurePosixPath(name).name)


def text_document(text: str, name: str) -> Document:
    """The document that a text gives: typed paragraphs and tab-led tables, or the lines of a page layout."""
    lines, left_out = without_page_numbers(split_lines(text))
    if page_width(lines):
        return Document(name, tuple(join_lines(lines)), tuple(left_out))
    parts: list[Part] = []
    tables = 0
    for run in split_tables(lines):
        if isinstance(run[0], list):
            tables += 1
            parts.append(table_of(run, f"表{tables}"))
        else:
            parts += join_lines(run)
    return Document(name, tuple(parts), tuple(left_out))
