"""The only opener of Word and text documents: their parts in the order of reading, each with its place.

A document is one of the kinds of `intake`; whatever is wrong with it is an UnreadableFileError.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from lxml import etree

from transforms.files import intake
from transforms.files.archive import opened, xml_content
from transforms.files.delimited import decoded
from transforms.files.opening import content_of
from transforms.files.refusals import UnreadableFileError, keep_within, limits, refusal
from transforms.narrative.docbook import docbook_parts
from transforms.narrative.elements import Element, child
from transforms.narrative.lines import Line, join_lines, page_width, split_lines, without_page_numbers
from transforms.narrative.numbering import numbering_of, styles_of
from transforms.narrative.office import as_docbook, as_docx, office_program, small_program
from transforms.narrative.parts import Document, Part
from transforms.narrative.tabbed import as_typed, split_tables, table_of
from transforms.narrative.word import WordReader, plain_lines

_SET_ASIDE = (
    (re.compile(r"word/header\d*\.xml"), "页眉", "page header"),
    (re.compile(r"word/footer\d*\.xml"), "页脚", "page footer"),
    (re.compile(r"word/(?:footnotes|endnotes)\.xml"), "脚注", "footnote"),
)
_MEDIA = re.compile(r"word/(?:media|embeddings)/.+")


def open_document(path: Path, name: str, members: Sequence[str] = ()) -> Document:
    """The document in a file, or in the member of an archive that `members` lead to. Raises UnreadableFileError."""
    try:
        return _opened(content_of(path, members), PurePosixPath(members[-1] if members else name).name)
    except UnreadableFileError as error:
        raise _of_document(error) from error


def _opened(content: bytes, name: str) -> Document:
    kind = intake.kind_of(io.BytesIO(content))
    if kind == intake.TEXT:
        document = text_document(decoded(content), name)
    elif kind == intake.DOCX:
        document = word_document(content, name)
    elif kind == intake.DOC and office_program() is None and (program := small_program()):
        document = docbook_document(as_docbook(content, program), name)
    elif kind in intake.DOCUMENT_KINDS:
        document = word_document(as_docx(content, kind), name)
    else:
        raise UnreadableFileError(kind if kind in refusal.rows else "not_a_workbook")
    if not document.parts:
        raise UnreadableFileError("no_text")
    return document


def _of_document(error: UnreadableFileError) -> UnreadableFileError:
    """The refusal in the words for documents, where that cause has some."""
    cause = f"document_{error.cause}"
    return UnreadableFileError(cause) if cause in refusal.rows else error


def text_document(text: str, name: str) -> Document:
    """The document that a text gives: typed paragraphs and tab-led tables, or the lines of a page layout."""
    keep_within("document_text", len(text), limits().characters)
    lines, left_out = without_page_numbers(split_lines(text))
    widest = page_width(lines)
    if widest:
        return Document(name, tuple(join_lines(lines, widest)), tuple(left_out))
    return Document(name, tuple(_typed_parts(lines)), tuple(left_out))


def _typed_parts(lines: Sequence[Line]) -> Iterator[Part]:
    tables = 0
    for plain, rows in split_tables(as_typed(lines)):
        yield from join_lines(plain, 0)
        if rows:
            tables += 1
            yield table_of(rows, f"表{tables}")


def docbook_document(content: bytes, name: str) -> Document:
    """The document in DocBook, as a program of this machine has written it. Raises UnreadableFileError."""
    try:
        return Document(name, docbook_parts(etree.fromstring(content, _parser())))
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError("not_converted") from error


def word_document(content: bytes, name: str) -> Document:
    """The document in a .docx package. Raises UnreadableFileError."""
    with opened(io.BytesIO(content)) as package:
        try:
            return _word_document(package, name)
        except (etree.XMLSyntaxError, KeyError, ValueError, RecursionError) as error:
            raise UnreadableFileError("damaged") from error


def _word_document(package: zipfile.ZipFile, name: str) -> Document:
    names = package.namelist()
    reader = WordReader(
        styles_of(_root(package, "word/styles.xml", names)),
        numbering_of(_root(package, "word/numbering.xml", names)),
    )
    body = child(_root(package, "word/document.xml", names), "body")
    if body is not None:
        reader.take(body)
    parts = reader.parts()
    if not parts and any(_MEDIA.fullmatch(part) for part in names):
        raise UnreadableFileError("scanned")
    left_out = [*reader.read.left_out, *_set_aside(package, names)]
    return Document(name, parts, tuple(left_out))


def _set_aside(package: zipfile.ZipFile, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What stands outside the running text, as (place, text, reason)."""
    for pattern, place, reason in _SET_ASIDE:
        for part in sorted(each for each in names if pattern.fullmatch(each)):
            root = _root(package, part, names)
            if root is not None:
                yield from plain_lines(root, place, reason)


def _root(package: zipfile.ZipFile, part: str, names: Sequence[str]) -> Element | None:
    """The root of an XML part, None where there is no such part. Raises UnreadableFileError."""
    if part not in names:
        return None
    root: Element = etree.fromstring(xml_content(package, part), _parser())
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
