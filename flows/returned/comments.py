"""Comments in a workbook's package: texts at cells, and the boxes in which spreadsheet programs show them."""

import re
from collections.abc import Mapping
from html import escape

from lxml import etree

from expectations.saying import Messages
from flows.returned.package import (
    AUTHOR,
    KINDS,
    REFERENCES,
    SPREADSHEET,
    Package,
    UnmarkableError,
    add_part,
    clean,
    fragment,
    free_name,
    link,
    linked,
    main,
)
from transforms.workbook import position

say = Messages(__file__)

VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
SHAPE = re.compile(rb"_x0000_s(\d{1,9})")
FIRST_SHAPE = 50_000
BOX_COLUMNS, BOX_CHARACTERS, BOX_MARGIN = 4, 20, 2
AFTER_COMMENTS = frozenset(
    [
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    ]
)
VML_HEAD = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="49"/></o:shapelayout></xml>'
)
VML_TYPE = (
    '<v:shapetype id="_x0000_t202review" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
VML_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202review" '
    'style="position:absolute;width:260pt;height:{height}pt;z-index:{number};visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" '
    'obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left},15,{top},2,{right},31,{bottom},4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def comment_cells(package: Package, part: str, texts: Mapping[str, str]) -> None:
    """Put a comment on each of the cells; one that the department wrote stays, ours comes after it."""
    comments = linked(package, part, "comments")
    if not comments:
        comments = _new_comments(package, part)
    root = package.tree(comments)
    drawn = {comment.get("ref") for comment in root.iter(main("comment"))}
    author = _author(root)
    for cell, text in texts.items():
        _write_comment(root, cell, text, author)
    _sort_comments(root)
    _draw_boxes(package, part, {cell: text for cell, text in texts.items() if cell not in drawn})


def _new_comments(package: Package, part: str) -> str:
    name = free_name(package, "xl/commentsReview{}.xml")
    blank = f'<comments xmlns="{main("")[1:-1]}"><authors/><commentList/></comments>'
    add_part(package, name, blank.encode(), f"{SPREADSHEET}.comments+xml")
    link(package, part, "comments", name)
    return name


def _author(root: etree._Element) -> str:
    authors = root.find(main("authors"))
    if authors is None:
        raise UnmarkableError(say("malformed"))
    names = [author.text for author in authors]
    if AUTHOR not in names:
        etree.SubElement(authors, main("author")).text = AUTHOR
        names.append(AUTHOR)
    return str(names.index(AUTHOR))


def _write_comment(root: etree._Element, cell: str, text: str, author: str) -> None:
    """Write our comment; what an earlier marking left in the cell gives way to it."""
    holder = root.find(main("commentList"))
    if holder is None:
        raise UnmarkableError(say("malformed"))
    found = next((comment for comment in holder if comment.get("ref") == cell), None)
    if found is None or found.get("authorId") == author:
        if found is not None:
            holder.remove(found)
        found = etree.SubElement(holder, main("comment"), ref=cell, authorId=author)
        etree.SubElement(found, main("text"))
    words = found.find(main("text"))
    if words is None:
        raise UnmarkableError(say("malformed"))
    before = "\n" if len(words) else ""
    words.append(
        fragment(
            '<r><rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/><family val="3"/><charset val="134"/>'
            f'</rPr><t xml:space="preserve">{escape(before + clean(text), quote=False)}</t></r>'
        )
    )


def _sort_comments(root: etree._Element) -> None:
    holder = root.find(main("commentList"))
    if holder is not None:
        holder[:] = sorted(holder, key=lambda comment: position(str(comment.get("ref"))))


def _draw_boxes(package: Package, part: str, texts: Mapping[str, str]) -> None:
    """The boxes in which spreadsheet programs show comments."""
    drawing = linked(package, part, "vmlDrawing")
    if not drawing:
        drawing = _new_drawing(package, part)
    known = package.parts[drawing]
    first = max([FIRST_SHAPE, *(int(number) for number in SHAPE.findall(known))]) + 1
    shapes = "".join(_box(number, cell, texts[cell]) for number, cell in enumerate(texts, start=first))
    kind = "" if b"_x0000_t202review" in known else VML_TYPE
    end = known.rfind(b"</xml>")
    if end < 0:
        raise UnmarkableError(say("malformed"))
    package.parts[drawing] = known[:end] + (kind + shapes).encode() + known[end:]


def _new_drawing(package: Package, part: str) -> str:
    """A drawing for the sheet's comments, referred to where the order of its elements wants it."""
    name = free_name(package, "xl/drawings/vmlDrawingReview{}.vml")
    add_part(package, name, VML_HEAD.encode(), VML)
    reference = etree.Element(main("legacyDrawing"), nsmap=REFERENCES)
    reference.set(f"{{{KINDS}}}id", link(package, part, "vmlDrawing", name))
    root = package.tree(part)
    following = [child for child in root if etree.QName(child).localname in AFTER_COMMENTS]
    if following:
        following[0].addprevious(reference)
    else:
        root.append(reference)
    return name


def _box(number: int, cell: str, text: str) -> str:
    row, column = position(cell)
    lines = sum(1 + len(line) // BOX_CHARACTERS for line in text.splitlines()) + 1
    return VML_SHAPE.format(
        number=number,
        height=lines * 14,
        row=row,
        column=column,
        left=column + 1,
        top=max(row - 1, 0),
        right=column + 1 + BOX_COLUMNS,
        bottom=max(row - 1, 0) + max(4, lines + BOX_MARGIN),
    )
