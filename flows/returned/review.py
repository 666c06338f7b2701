"""What a department reads of its findings: entries in order of weight, and the sheet 审核意见 that lists them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from expectations.catalogue import SEVERITY_TITLES
from expectations.messages import place
from expectations.saying import Messages
from expectations.width import columns_wide
from flows.returned.marking import FILLS, FirstSheet, Mark
from flows.returned.package import KINDS, MAIN, clean
from transforms.read import REVIEW_SHEET

say = Messages(__file__)

HEADINGS = (
    ("序号", 6), ("程度", 6), ("工作表", 17), ("单元格", 9), ("实填", 17), ("应填", 17), ("相差", 16),
    ("问题和改法", 54), ("起因", 12), ("规则", 9),
)  # fmt: skip
FIRST_ROW = 5
LINE_HEIGHT = 15
_FACE = '<name val="微软雅黑"/><family val="2"/><charset val="134"/>'
_TITLE = f'<font><b/><sz val="16"/><color rgb="FF1F3864"/>{_FACE}</font>'
_PLAIN = f'<font><sz val="10"/>{_FACE}</font>'
_STRONG = f'<font><b/><sz val="10"/>{_FACE}</font>'
_WHITE = f'<font><b/><sz val="10"/><color rgb="FFFFFFFF"/>{_FACE}</font>'
_LINK = f'<font><u/><sz val="10"/><color rgb="FF0563C1"/>{_FACE}</font>'
_SIDES = "".join(
    f'<{side} style="thin"><color rgb="FFBFC7D5"/></{side}>' for side in ("left", "right", "top", "bottom")
)
_GRID = f"<border>{_SIDES}<diagonal/></border>"
_MIDDLE = '<alignment horizontal="center" vertical="center" wrapText="1"/>'
_WRAP = '<alignment horizontal="left" indent="1" vertical="center" wrapText="1"/>'
_RIGHT = '<alignment horizontal="right" indent="1" vertical="center" wrapText="1"/>'
STYLES = {
    "title": (_TITLE, "", "", '<alignment vertical="center"/>'),
    "count": (_STRONG, "", "", '<alignment vertical="center"/>'),
    "guide": (_PLAIN, "", "", _WRAP),
    "head": (_WHITE, "FF2F5597", _GRID, _MIDDLE),
    "text": (_PLAIN, "", _GRID, _WRAP),
    "middle": (_PLAIN, "", _GRID, _MIDDLE),
    "amount": (_PLAIN, "", _GRID, _RIGHT),
    "link": (_LINK, "", _GRID, _MIDDLE),
    "error": (_STRONG, FILLS["error"], _GRID, _MIDDLE),
    "warning": (_STRONG, FILLS["warning"], _GRID, _MIDDLE),
    "info": (_PLAIN, "", _GRID, _MIDDLE),
}


@dataclass(frozen=True)
class Entry:
    """One finding as a department reads it; amounts in the unit of its form, `cause` the number of its root.

    `title`: what the body called the file, '' where it sent one only.
    """

    number: int
    rule_id: str
    severity: str
    gate: str
    file: str
    sheet: str
    cells: tuple[str, ...]
    found: str
    expected: str
    difference: str
    message: str
    cause: int = 0
    title: str = ""

    @property
    def due(self) -> str:
        """What should stand there; for what follows from another finding that one says it, not a sum made wrong by it."""
        return f"见第 {self.cause} 条" if self.cause and self.expected else self.expected

    @property
    def whole(self) -> str:
        """The message with the file, for a reader of several."""
        named = self.title in self.message
        return self.message if named else say("in_file", file=self.title, message=self.message)

    @property
    def short(self) -> str:
        """The message without the place, for a reader who stands there; whole where it reads on in brackets."""
        where = place(self.sheet, self.cells[0] if self.cells else "")
        rest = self.message.removeprefix(where).lstrip(" ：")
        return self.message if rest.startswith("（") else rest


def counted(entries: Iterable[Entry]) -> str:
    """How many of each severity.

    >>> counted([Entry(1, "EXP-01", "error", "body", "", "", (), "", "", "", "")])
    '错误1个'
    """
    severities = [entry.severity for entry in entries]
    return "、".join(
        f"{SEVERITY_TITLES[name]}{severities.count(name)}个"
        for name in ("error", "warning")
        if name in severities
    )


def marks(entries: Iterable[Entry]) -> list[Mark]:
    """A mark for every cell that an entry names."""
    return [
        Mark(
            entry.sheet,
            cell,
            entry.severity,
            say(
                "comment", number=entry.number, severity=SEVERITY_TITLES[entry.severity], message=entry.short
            ),
        )
        for entry in entries
        for cell in entry.cells
        if entry.severity != "info"
    ]


def review_sheet(heading: str, entries: Sequence[Entry], note: str = "") -> FirstSheet:
    """The sheet 审核意见: one row per entry, with links to the cells. `heading`: whose it is."""
    return FirstSheet(REVIEW_SHEET, STYLES, partial(_render, heading, entries, note))


def _render(
    heading: str, entries: Sequence[Entry], note: str, styles: Mapping[str, str], sheets: Collection[str]
) -> str:
    rows = [
        _row(1, 30, [_cell("A1", REVIEW_SHEET, styles["title"])]),
        _row(2, 20, [_cell("A2", f"{heading}　　{counted(entries)}", styles["count"])]),
        _row(3, 34, [_cell("A3", say("guide") + note, styles["guide"])]),
        _row(
            4,
            22,
            [_cell(f"{_letter(n)}4", title, styles["head"]) for n, (title, _) in enumerate(HEADINGS)],
        ),
        *(_entry_row(row, entry, styles, sheets) for row, entry in enumerate(entries, start=FIRST_ROW)),
    ]
    links = "".join(
        f'<hyperlink ref="D{row}" location="{escape(_location(entry))}" display="{escape(entry.cells[0])}"/>'
        for row, entry in enumerate(entries, start=FIRST_ROW)
        if _is_here(entry, sheets)
    )
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, (_, width) in enumerate(HEADINGS, start=1)
    )
    last = _letter(len(HEADINGS) - 1)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN}" xmlns:r="{KINDS}">'
        '<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        '<pane ySplit="4" topLeftCell="A5" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="{LINE_HEIGHT}"/><cols>{columns}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="2"><mergeCell ref="A2:{last}2"/><mergeCell ref="A3:{last}3"/></mergeCells>'
        f"{f'<hyperlinks>{links}</hyperlinks>' if links else ''}"
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _entry_row(row: int, entry: Entry, styles: Mapping[str, str], sheets: Collection[str]) -> str:
    place = " ".join(entry.cells) or (say("whole_sheet") if entry.sheet else say("whole_submission"))
    cause = say("caused_by", number=entry.cause) if entry.cause else ""
    content = (
        (str(entry.number), "middle"),
        (SEVERITY_TITLES[entry.severity], entry.severity),
        (entry.sheet, "text"),
        (place, "link" if _is_here(entry, sheets) else "middle"),
        (entry.found, "amount"),
        (entry.due, "amount"),
        (entry.difference, "amount"),
        (entry.short, "text"),
        (cause, "middle"),
        (entry.rule_id, "middle"),
    )
    lines = max(_lines(text, width) for (text, _), (_, width) in zip(content, HEADINGS, strict=True))
    cells = [_cell(f"{_letter(n)}{row}", text, styles[style]) for n, (text, style) in enumerate(content)]
    return _row(row, max(2, lines) * LINE_HEIGHT + 4, cells)


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column."""
    return -(-columns_wide(text) // max(width - 3, 1))


def _is_here(entry: Entry, sheets: Collection[str]) -> bool:
    return bool(entry.cells) and entry.sheet in sheets


def _location(entry: Entry) -> str:
    name = entry.sheet.replace("'", "''")
    return f"'{name}'!{entry.cells[0]}"


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def _row(number: int, height: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}" ht="{height}" customHeight="1">{"".join(cells)}</row>'


def _cell(place: str, text: str, style: str) -> str:
    """Text stays text: an inline string is never run as a formula."""
    words = f'<is><t xml:space="preserve">{escape(clean(text), quote=False)}</t></is>'
    return (
        f'<c r="{place}" s="{style}" t="inlineStr">{words}</c>' if text else f'<c r="{place}" s="{style}"/>'
    )
