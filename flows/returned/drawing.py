"""Drawing what goes back to a body: its own workbooks marked, a letter, and what its new submission changed.

What is drawn depends on the notice, on the bytes of its files and on the code with its sentences: no other definition is looked
up here, so that a notice drawn once can be used again (see `identity.drawing`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from expectations.saying import Messages
from flows.returned.marking import marked
from flows.returned.package import KINDS, LINKS, MAIN, TYPES, UnmarkableError, zipped
from flows.returned.review import Entry, marks, review_sheet
from flows.running.filereading import away, changed
from transforms.submissions import SourceFile

if TYPE_CHECKING:
    import pyarrow as pa

say = Messages(__file__)

LETTER, INQUIRY, REMINDER = "退回修改通知.docx", "核实通知.docx", "催报通知.docx"
CHANGES = "重报对比.csv"
MARKED, SEPARATE = "（已标注）", "（审核意见）"
# What is put behind a name must not make it too long for a file system: 255 bytes mostly, four a character at most.
LONGEST_STEM = 50
MARKABLE = frozenset({".xlsx", ".xlsm"})
_BLANK_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="1"><xf xfId="0"/></cellXfs></styleSheet>'
)
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Files = dict[str, bytes]


@dataclass(frozen=True)
class Notice:
    """What one body gets back. `files`: its workbooks by name; `changes`: what a resubmission changed."""

    folder: str
    body: str
    year: int
    entries: tuple[Entry, ...]
    files: Mapping[str, SourceFile]
    bureau: str
    deadline: str
    remarks: tuple[str, ...] = ()
    changes: "pa.Table | None" = field(default=None, repr=False)


@dataclass(frozen=True)
class Marked:
    """A workbook to send back under its name; `file`: the original's; `why_not`: why its cells are not marked."""

    name: str
    content: bytes
    file: str
    why_not: str = ""


def drawn(notice: Notice) -> Files:
    """Every file of a notice by its name; the same notice gives the same bytes. Raises InputError for a file that changed."""
    files = {} if notice.changes is None else {CHANGES: _csv(notice.changes)}
    return {**files, **_return(notice)} if notice.entries else files


def _csv(rows: "pa.Table") -> bytes:
    from flows.published.csvfiles import csv_into  # pyarrow: few bodies send again

    content = BytesIO()
    csv_into(content, rows)
    return content.getvalue()


def _return(notice: Notice) -> Files:
    """The marked workbooks and the letter that goes with them."""
    from flows.returned.letter import (  # python-docx: `check` writes no letter and need not wait
        Letter,
        letter_bytes,
    )

    books = workbooks_back(notice)
    reasons = [
        say("not_marked", file=book.file, why=book.why_not, book=book.name) for book in books if book.why_not
    ]
    letter = Letter(
        notice.body,
        notice.year,
        notice.bureau,
        notice.deadline,
        notice.entries,
        [book.name for book in books],
        (*notice.remarks, *reasons),
    )
    name = REMINDER if letter.only_missing else LETTER if letter.has_errors else INQUIRY
    return {**{book.name: book.content for book in books}, name: letter_bytes(letter)}


def workbooks_back(notice: Notice) -> list[Marked]:
    """Every workbook of the body that an entry speaks of, marked; all of them carry what concerns the whole."""
    general = [entry for entry in notice.entries if entry.file not in notice.files]
    books: list[Marked] = []
    for name, file in notice.files.items():
        here = [entry for entry in notice.entries if entry.file == name]
        if here or (general and len(notice.files) == 1):
            books.append(_workbook_back(notice, file, here, general, {book.name for book in books}))
    return books


def _workbook_back(
    notice: Notice, file: SourceFile, here: Sequence[Entry], general: Sequence[Entry], taken: set[str]
) -> Marked:
    listed = sorted([*here, *general], key=lambda entry: entry.number)
    elsewhere = len(notice.entries) - len(listed)
    note = say("elsewhere", count=elsewhere) if elsewhere else ""
    first = review_sheet(say("budget", body=notice.body, year=notice.year), listed, note)
    path = PurePath(file.title)
    stem = path.stem[:LONGEST_STEM]
    try:
        if path.suffix.lower() not in MARKABLE:
            raise UnmarkableError(say("other_format", suffix=path.suffix))
        content = marked(_content(file), marks(here), first)
    except UnmarkableError as error:
        name = _free(f"{stem}{SEPARATE}.xlsx", taken)
        return Marked(name, marked(_blank_workbook(), [], first), file.title, str(error))
    return Marked(_free(f"{stem}{MARKED}{path.suffix}", taken), content, file.title)


def _content(file: SourceFile) -> bytes:
    """The bytes that were read and judged. Raises InputError where these are others by now, or gone, BudgetError where they
    cannot be read just now."""
    try:
        content = file.path.read_bytes()
    except FileNotFoundError as error:
        raise changed(file) from error
    except OSError as error:
        raise away(file, error) from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise changed(file)
    return content


def _free(name: str, taken: set[str]) -> str:
    stem, dot, suffix = name.rpartition(".")
    names = (name if n == 1 else f"{stem}{n}{dot}{suffix}" for n in range(1, len(taken) + 2))
    return next(each for each in names if each not in taken)


def _blank_workbook() -> bytes:
    """A workbook to which only the first sheet is wanting."""
    types = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_BOOK_TYPE}.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("styles", "styles"))
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": _link("officeDocument", "/xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets/></workbook>',
        "xl/_rels/workbook.xml.rels": _link("styles", "/xl/styles.xml"),
        "xl/styles.xml": _BLANK_STYLES,
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def _link(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{LINKS}"><Relationship Id="rId1" Type="{KINDS}/{kind}" Target="{target}"/>'
        "</Relationships>"
    )
