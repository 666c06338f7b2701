"""The letter that goes back with a department's workbook: what to mend, where, by when, as an official letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from expectations.messages import says_what_follows
from expectations.saying import Messages
from flows.returned.package import clean, rezipped
from flows.returned.review import Entry, counted

say = Messages(__file__)

TITLE_FACE, HEADING_FACE, FACE, LATIN = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
# 三号、二号 and 28 points between lines: the sizes of official documents (GB/T 9704).
SIZE, TITLE_SIZE, LINE = Pt(16), Pt(22), Pt(28)
INDENT = Pt(32)
MOST_LISTED = 30
NUMERALS = "一二三四五六七八九"
# Parts of the library's template that no letter uses: the picture of an empty page, lists, the styles a second time.
UNUSED = (
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.NUMBERING,
    RELATIONSHIP_TYPE.CUSTOM_XML,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
)


@dataclass(frozen=True)
class Subject:
    """The sentences of one kind of letter, by their keys."""

    title: str
    opening: str
    requests: str
    sending: str


RETURN = Subject("return_title", "return_opening", "return_requests", "return_sending")
INQUIRY = Subject("inquiry_title", "inquiry_opening", "inquiry_requests", "inquiry_sending")


@dataclass(frozen=True)
class Letter:
    """What a letter says. `attached`: names of the workbooks that go with it; `remarks`: further sentences."""

    body: str
    year: int
    bureau: str
    deadline: str
    entries: Sequence[Entry]
    attached: Sequence[str]
    remarks: Sequence[str] = ()

    @property
    def has_errors(self) -> bool:
        """Whether something must be mended, not only looked into."""
        return any(entry.severity == "error" for entry in self.entries)

    @property
    def only_missing(self) -> bool:
        """Whether nothing was sent, so that there is nothing to send back."""
        return all(entry.rule_id == "SUB-01" for entry in self.entries)


def letter_bytes(letter: Letter) -> bytes:
    """The letter as a .docx; the same letter gives the same bytes."""
    document = Document(BytesIO(_template()))
    if letter.only_missing:
        _write_reminder(document, letter)
    else:
        _write_return(document, letter)
    _sign(document, letter.bureau)
    _set_properties(document.core_properties, letter)
    return rezipped(_saved(document))


def _saved(document: Any) -> bytes:
    raw = BytesIO()
    document.save(raw)
    return raw.getvalue()


@cache
def _template() -> bytes:
    """A blank letter: the library's template with the page and the fonts set, without what no letter uses."""
    document = Document()
    _set_page(document)
    for holder in (document.part, document.part.package):
        for name, relationship in [*holder.rels.items()]:
            if relationship.reltype in UNUSED:
                del holder.rels[name]
    styles = document.styles.element
    for style in styles.style_lst:
        if style.get(qn("w:default")) is None:
            styles.remove(style)
    return _saved(document)


def _set_properties(properties: Any, letter: Letter) -> None:
    """Who wrote it; the library's template would say when it was made, this says the year of the budget."""
    properties.author = properties.last_modified_by = letter.bureau
    properties.title = say("budget", body=letter.body, year=letter.year)
    properties.comments = ""
    properties.created = properties.modified = datetime(letter.year, 1, 1)


def _write_return(document: Any, letter: Letter) -> None:
    subject = RETURN if letter.has_errors else INQUIRY
    _title(document, say(subject.title, year=letter.year))
    _paragraph(document, f"{letter.body}：", indent=False)
    opening = say(
        subject.opening, year=letter.year, counted=counted(letter.entries), deadline=letter.deadline
    )
    _paragraph(document, opening + _consequence(letter.entries))
    for remark in letter.remarks:
        _paragraph(document, remark)
    sections = [
        (say("must_be_mended"), [entry for entry in letter.entries if entry.severity == "error"]),
        (say("to_be_confirmed"), [entry for entry in letter.entries if entry.severity == "warning"]),
    ]
    numerals = iter(NUMERALS)
    listed = {entry.number for entry in letter.entries}
    for heading, entries in sections:
        roots = [entry for entry in entries if entry.cause not in listed]
        if roots:
            _heading(document, f"{next(numerals)}、{heading}")
            _list(document, roots, letter.entries)
    _heading(document, f"{next(numerals)}、{say(subject.requests)}")
    for sentence in _requests(letter, subject):
        _paragraph(document, sentence)
    _attachments(document, letter.attached)


def _write_reminder(document: Any, letter: Letter) -> None:
    _title(document, say("reminder_title", year=letter.year))
    _paragraph(document, f"{letter.body}：", indent=False)
    _paragraph(
        document,
        say("reminder", year=letter.year, deadline=letter.deadline),
    )


def _consequence(entries: Sequence[Entry]) -> str:
    gates = {entry.gate for entry in entries if entry.severity == "error"}
    if "body" in gates:
        return say("body_held")
    return say("tables_held") if "table" in gates else ""


def _list(document: Any, roots: Sequence[Entry], known: Sequence[Entry]) -> None:
    """The entries that no other one causes by weight; what they cause is counted under them."""
    for count, entry in enumerate(roots[:MOST_LISTED], start=1):
        caused = sum(other.cause == entry.number for other in known)
        told = not caused or says_what_follows(entry.message)
        more = "" if told else say("follow", count=caused)
        _paragraph(document, f"{count}．{entry.whole}{more}")
    if len(roots) > MOST_LISTED:
        _paragraph(document, say("more", count=len(roots) - MOST_LISTED))


def _requests(letter: Letter, subject: Subject) -> list[str]:
    marked = say("marked")
    explain = say("explain")
    return [
        *([marked] if letter.attached else []),
        say(subject.sending),
        *([explain] if any(entry.severity == "warning" for entry in letter.entries) else []),
    ]


def _attachments(document: Any, names: Sequence[str]) -> None:
    for count, name in enumerate(names, start=1):
        number = f"{count}．" if len(names) > 1 else ""
        lead = "附件：" if count == 1 else "　　　"
        _paragraph(document, f"{lead}{number}{name}")


def _sign(document: Any, bureau: str) -> None:
    """Office and a date to fill in by hand when the letter is stamped."""
    _paragraph(document, "", indent=False)
    for text in (f"{bureau}　　", "　　　　年　　月　　日　　"):
        _paragraph(document, text, indent=False).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _title(document: Any, text: str) -> None:
    paragraph = _paragraph(document, text, indent=False, face=TITLE_FACE, size=TITLE_SIZE)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = LINE


def _heading(document: Any, text: str) -> None:
    _paragraph(document, text, face=HEADING_FACE).paragraph_format.keep_with_next = True


def _paragraph(document: Any, text: str, *, indent: bool = True, face: str = FACE, size: Any = SIZE) -> Any:
    """A paragraph as the template lays it out, but for what is said of it."""
    paragraph = document.add_paragraph()
    if indent:
        paragraph.paragraph_format.first_line_indent = INDENT
    run = paragraph.add_run(clean(text))
    if size != SIZE:
        run.font.size = size
    if face != FACE:
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    return paragraph


def _set_page(document: Any) -> None:
    """A4 with margins, lines and fonts of official documents; no theme font gets in the way of the Chinese ones."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    normal = document.styles["Normal"]
    layout = normal.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    normal.font.name, normal.font.size = LATIN, SIZE
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), FACE)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
