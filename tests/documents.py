"""Word documents built for tests from the parts of a text: real paragraphs and tables with merged cells."""

import io
import zipfile

import docx

from transforms.narrative.parts import Document, Passage, Table


def as_word(document: Document) -> bytes:
    """The .docx that says what the document says."""
    word = docx.Document()
    for part in document.parts:
        if isinstance(part, Passage):
            word.add_paragraph(part.text)
        else:
            _add_table(word, part)
    raw = io.BytesIO()
    word.save(raw)
    return raw.getvalue()


def _add_table(word: "docx.document.Document", part: Table) -> None:
    rows = part.sheet.rows
    table = word.add_table(len(rows), max(len(row) for row in rows))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = str(text)
    for top, left, bottom, right in part.sheet.merges:
        table.cell(top, left).merge(table.cell(bottom, right))


_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def with_body(body: str, numbering: str = "", doctype: str = "") -> bytes:
    """The .docx whose body and lists are these elements."""
    word = docx.Document()
    raw = io.BytesIO()
    word.save(raw)
    written = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            if name not in ("word/document.xml", "word/numbering.xml"):
                new.writestr(name, old.read(name))
        new.writestr(
            "word/document.xml", f"{doctype}<w:document {_SPACES}><w:body>{body}</w:body></w:document>"
        )
        new.writestr("word/numbering.xml", f"<w:numbering {_SPACES}>{numbering}</w:numbering>")
    return written.getvalue()
