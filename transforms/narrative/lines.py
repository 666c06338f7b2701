"""Printed lines become paragraphs: soft breaks joined, page numbers and form feeds left out.

Text taken from a page layout has lines of one width that break inside words and numbers; text taken from Word has a
line per paragraph. Which of the two it is shows in the widths of its lines.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from transforms.narrative.parts import Passage
from transforms.wording.patterns import pattern

PAGE_NUMBER = "page number"
FORM_FEED = "\f"
# A line is full when the first word of the next one would not fit. Justified spacing takes up to _SLACK columns, the
# indent of a paragraph's first line _INDENT more; after a full stop only a line that is full to the brim goes on.
_SLACK, _INDENT, _AFTER_STOP = 8, 6, 2
_LAID_OUT_SHARE = 0.25
_LONGEST_LINE = 160
_FEWEST_LINES = 12
_FINAL = re.compile(r"[。！？；：:;!?…][”’」』）)]*$")
_MARKER, _ENDED_HEADING = pattern("marker"), pattern("ended_heading")
_PUNCTUATION = re.compile(r"[，。；：、,;:%）)]")
_WORD = re.compile(r"[A-Za-z0-9.,%]+\S?|\S")
_DECORATED_NUMBER = pattern("page_number")
_PLAIN_NUMBER = re.compile(r"^\d{1,3}$")
_FEWEST_NUMBERS = 3
_LINE = re.compile(r"第(\d+)行")
# Page layouts have sentences over several lines; nobody wants to read more than these at once.
_MOST_LINES = 8


@dataclass(frozen=True)
class Line:
    """One line of a text: its place, its words, and whether a page begins with it."""

    place: str
    text: str
    starts_page: bool = False


def split_lines(text: str) -> list[Line]:
    """The lines of a text, numbered as editors number them; line breaks other than \\n are none."""
    found = []
    for number, raw in enumerate(text.split("\n"), start=1):
        found.append(Line(f"第{number}行", raw.rstrip("\r").replace(FORM_FEED, ""), FORM_FEED in raw))
    return found


def width(text: str) -> int:
    """How many columns a text takes on the page: two for a Chinese character.

    >>> width("支出27.5万元")
    12
    """
    return sum(map(_columns_of, text))


@cache
def _columns_of(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WFA" else 1


def page_width(lines: Sequence[Line]) -> int:
    """The width to which a page layout fills its lines; 0 where the lines are paragraphs as typed."""
    widths = sorted(width(line.text.strip()) for line in lines if line.text.strip())
    if not widths or any(line.text.startswith("\t") for line in lines):
        return 0
    widest = widths[int((len(widths) - 1) * 0.95)]
    if any(line.starts_page for line in lines):
        return widest
    full = sum(1 for each in widths if each > widest - _SLACK)
    uniform = widths[-1] <= widest + _SLACK and full >= _LAID_OUT_SHARE * len(widths)
    return widest if uniform and len(widths) >= _FEWEST_LINES and widest <= _LONGEST_LINE else 0


def join_lines(lines: Sequence[Line], widest: int) -> list[Passage]:
    """The paragraphs of a text without tables; in one laid out in pages of a width soft breaks are joined."""
    groups: list[list[Line]] = []
    open_paragraph = False
    for line in lines:
        words = line.text.strip()
        if not words:
            # A blank line ends a paragraph as typed; between pages it says nothing.
            open_paragraph = open_paragraph and bool(widest)
            continue
        here = replace(line, text=words)
        if open_paragraph and widest and is_soft(groups[-1], words, widest):
            groups[-1].append(here)
        else:
            groups.append([here])
        open_paragraph = True
    return [passage_of(group) for group in groups]


def is_soft(paragraph: Sequence[Line], below: str, widest: int) -> bool:
    """Whether a line goes on with the paragraph above: that one's last line is full.

    It is where the first word of the line below would not have fitted. Markers of a list or a heading always begin
    a paragraph.
    """
    above = paragraph[-1].text
    if _MARKER.match(below) or _ENDED_HEADING.match(paragraph[0].text):
        return False
    if _FINAL.search(above) and not _PUNCTUATION.search(below):
        return False
    first = _WORD.match(below)
    taken = width(above) + width(first[0] if first else below)
    slack = (_AFTER_STOP if _FINAL.search(above) else _SLACK) + (_INDENT if len(paragraph) == 1 else 0)
    return taken > widest - min(slack, widest // 4)


def passage_of(lines: Sequence[Line]) -> Passage:
    """Lines joined to one passage; between two Latin words a break is a blank."""
    text, marks = "", []
    for line in lines:
        if text and _latin(text[-1]) and _latin(line.text[0]):
            text += " "
        marks.append((len(text), line.place))
        text += line.text
    return Passage(text, tuple(marks))


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def without_page_numbers(lines: Sequence[Line]) -> tuple[list[Line], list[tuple[str, str, str]]]:
    """The lines without page numbers, and those as (place, text, reason).

    A page number is a line of its own: with dashes around it anywhere, bare where it ends or begins a page or where
    several such lines count on.
    """
    numbers = {n for n, line in enumerate(lines) if _DECORATED_NUMBER.match(line.text.strip())}
    bare = [n for n, line in enumerate(lines) if _PLAIN_NUMBER.match(line.text)]
    pages = any(line.starts_page for line in lines)
    numbers |= {n for n in bare if _at_edge(lines, n)} if pages else set(_counted_on(lines, bare))
    left_out = [(lines[n].place, lines[n].text.strip(), PAGE_NUMBER) for n in sorted(numbers)]
    kept = [line for n, line in enumerate(lines) if n not in numbers]
    return (kept, left_out) if numbers else _without_glued(kept)


def _without_glued(lines: Sequence[Line]) -> tuple[list[Line], list[tuple[str, str, str]]]:
    """The same where page numbers are glued to the last lines of their pages: most pages count on from one number."""
    ends = _last_lines(lines)
    offsets = range(1 - min(len(ends), 2), 4)
    glued = {
        offset: [n for k, n in enumerate(ends) if lines[n].text.endswith(str(k + offset))]
        for offset in offsets
    }
    offset = max(offsets, key=lambda each: len(glued[each]), default=0)
    found = glued.get(offset, [])
    if len(found) < _FEWEST_NUMBERS or 2 * len(found) <= len(ends):
        return list(lines), []
    cut = {n: str(k + offset) for k, n in enumerate(ends) if n in found}
    left_out = [(f"{lines[n].place}末尾", number, PAGE_NUMBER) for n, number in cut.items()]
    kept = [replace(line, text=line.text.removesuffix(cut.get(n, ""))) for n, line in enumerate(lines)]
    return kept, left_out


def _last_lines(lines: Sequence[Line]) -> list[int]:
    """The last filled line of each page, none where the text has no pages."""
    starts = [n for n, line in enumerate(lines) if line.starts_page]
    bounds = [*sorted({0, *starts}), len(lines)] if starts else []
    pages = [[n for n in range(a, b) if lines[n].text.strip()] for a, b in pairwise(bounds)]
    return [page[-1] for page in pages if page]


def _at_edge(lines: Sequence[Line], at: int) -> bool:
    """Whether nothing but blanks stands between a line and the end or the beginning of its page."""
    after = next((line for line in lines[at + 1 :] if line.starts_page or line.text.strip()), None)
    before = next((n for n in range(at, -1, -1) if lines[n].starts_page or lines[n - 1].text.strip()), 0)
    return after is None or after.starts_page or lines[before].starts_page


def _counted_on(lines: Sequence[Line], bare: Sequence[int]) -> list[int]:
    """Of lines that are bare numbers those that count on from one to the next, if they are several."""
    run = [pair for pair in pairwise(bare) if int(lines[pair[1]].text) == int(lines[pair[0]].text) + 1]
    whole = sorted({n for pair in run for n in pair})
    return whole if len(whole) >= _FEWEST_NUMBERS else []


def whole_sentence(lines: Mapping[str, str], place: str) -> str:
    """The line at a place with those above and below it that its sentences go on to.

    >>> whole_sentence({"第3行": "其中：", "第4行": "支出12", "第5行": ".5万元。"}, "第5行")
    '支出12.5万元。'
    """
    match = _LINE.fullmatch(place)
    if match is None:
        return lines[place]
    first = last = int(match[1])
    while not _ends(lines.get(f"第{first - 1}行", "。")) and last - first < _MOST_LINES:
        first -= 1
    while not _ends(lines[f"第{last}行"]) and f"第{last + 1}行" in lines and last - first < _MOST_LINES:
        last += 1
    return "".join(lines[f"第{n}行"] for n in range(first, last + 1))


def _ends(text: str) -> bool:
    return bool(_FINAL.search(text)) or bool(_ENDED_HEADING.match(text))
