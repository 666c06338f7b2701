"""The proof that a marked workbook is the department's own: every part of it compared with the original."""

import copy
from collections.abc import Collection, Iterator, Sequence

from lxml import etree

from flows.returned.package import (
    AUTHOR,
    BOOK,
    BOOK_LINKS,
    CONTENT_TYPES,
    SELECTED,
    Package,
    linked,
    links_of,
    main,
    sheet_parts,
    unpacked,
)

VALUE, BLANK = main("v"), (b"", "")


def differences(original: bytes, result: bytes) -> list[str]:
    """What a marked workbook changes beyond fills, comments and the first sheet; nothing where all is well.

    Every part is compared: unmarked ones byte by byte, sheets cell by cell (value, type, formula, format but
    the fill), rows, columns and every other element as canonical XML, the sheets' order, names and states.
    """
    before, after = Package(unpacked(original)), Package(unpacked(result))
    found = [name for name in before.parts if name not in after.parts]
    sheets = set(sheet_parts(before).values())
    formats = _formats(before), _formats(after)
    allowed = _allowed(before, sheets)
    for name in before.parts.keys() & after.parts.keys():
        old, new = before.parts[name], after.parts[name]
        if old == new or (name in sheets and SELECTED.sub(b"", old, count=1) == new):
            continue
        if name in sheets:
            found += _sheet_differences(before.tree(name), after.tree(name), formats, name)
        elif name not in allowed:
            found.append(name)
    if _book(before.tree(BOOK), new=False) != _book(after.tree(BOOK), new=True):
        found.append(BOOK)
    found += _style_differences(before, after)
    found += _lost_items(before, after)
    return sorted(found)


def _allowed(package: Package, sheets: Collection[str]) -> set[str]:
    """The parts that a mark may add to beside the sheets."""
    found = {BOOK, BOOK_LINKS, CONTENT_TYPES, linked(package, BOOK, "styles")}
    for sheet in sheets:
        found |= {
            links_of(sheet),
            linked(package, sheet, "comments"),
            linked(package, sheet, "vmlDrawing"),
        }
    return found


def _formats(package: Package) -> list[bytes]:
    """Every cell format without its fill."""
    formats = []
    for format_ in package.tree(linked(package, BOOK, "styles")).find(main("cellXfs")):
        bare = copy.deepcopy(format_)
        for name in ("fillId", "applyFill"):
            bare.attrib.pop(name, None)
        formats.append(_canonical(bare))
    return formats


def _canonical(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", with_tail=False))


def _sheet_differences(
    old: etree._Element, new: etree._Element, formats: tuple[list[bytes], list[bytes]], name: str
) -> Iterator[str]:
    before, after = _cells(old, formats[0]), _cells(new, formats[1])
    for cell in before.keys() | after.keys():
        content, _format = after.get(cell, (b"lost", b""))
        if cell not in before:
            if content != BLANK:
                yield f"{name} {cell}"
        elif before[cell] != after.get(cell):
            yield f"{name} {cell}"
    if _rows(old) != {number: row for number, row in _rows(new).items() if number in _rows(old)}:
        yield f"{name} rows"
    if _rest(old) != _rest(new):
        yield f"{name} other elements"


def _cells(root: etree._Element, formats: Sequence[bytes]) -> dict[str, tuple[object, bytes]]:
    """Content (value, or children as XML, and type) and format of every cell by its address."""
    return {
        str(cell.get("r")): (
            (_content(cell), cell.get("t", "")),
            formats[int(cell.get("s", "0"))] if int(cell.get("s", "0")) < len(formats) else b"",
        )
        for cell in root.iter(main("c"))
    }


def _content(cell: etree._Element) -> bytes:
    if len(cell) == 1 and cell[0].tag == VALUE:
        return (cell[0].text or "").encode()
    return b"".join(_canonical(child) for child in cell)


def _rows(root: etree._Element) -> dict[str, dict[str, str]]:
    """The attributes (height, hidden, outline …) of every row."""
    return {
        str(row.get("r")): {key: value for key, value in row.attrib.items() if key != "spans"}
        for row in root.iter(main("row"))
    }


def _rest(root: etree._Element) -> list[bytes]:
    """All that a sheet says beside its cells; the reference to comment boxes and the selection left out."""
    parts = []
    for child in root:
        tag = etree.QName(child).localname
        if tag in ("sheetData", "legacyDrawing"):
            continue
        if tag == "sheetViews":
            child = copy.deepcopy(child)
            for view in child:
                view.attrib.pop("tabSelected", None)
        parts.append(_canonical(child))
    return parts


def _book(root: etree._Element, *, new: bool) -> list[bytes]:
    """The workbook's sheets, names and settings; of a marked one as they are without the first sheet."""
    bare = copy.deepcopy(root)
    if new:
        sheets = bare.find(main("sheets"))
        sheets.remove(sheets[0])
        for name in bare.iter(main("definedName")):
            if name.get("localSheetId") is not None:
                name.set("localSheetId", str(int(str(name.get("localSheetId"))) - 1))
    for view in bare.iter(main("workbookView")):
        for attribute in ("activeTab", "firstSheet"):
            view.attrib.pop(attribute, None)
    return [_canonical(child) for child in bare]


def _style_differences(before: Package, after: Package) -> list[str]:
    """Every known format, font, fill, border and number format stands where it stood."""
    part = linked(before, BOOK, "styles")
    changed = []
    for old, new in zip(before.tree(part), after.tree(part), strict=True):
        kept = [_canonical(item) for item in new][: len(old)]
        if kept != [_canonical(item) for item in old] or old.tag != new.tag:
            changed.append(f"{part} {etree.QName(old).localname}")
    return changed


def _lost_items(before: Package, after: Package) -> list[str]:
    """Relationships, content types and comments that were there and are no more."""
    lost = []
    for name in before.parts:
        if name not in after.parts or before.parts[name] == after.parts[name]:
            continue
        if name.endswith(".rels") or name == CONTENT_TYPES:
            new = {_canonical(item) for item in after.tree(name)}
            lost += [name for item in before.tree(name) if _canonical(item) not in new]
        elif b"<comments" in before.parts[name][:2000]:
            new_texts = _comment_texts(after.tree(name))
            old_texts = _comment_texts(before.tree(name), but=AUTHOR)
            lost += [name for cell, text in old_texts.items() if not new_texts.get(cell, "").startswith(text)]
    return lost


def _comment_texts(root: etree._Element, but: str = "") -> dict[str, str]:
    """The comments of a sheet by cell, except those of one author."""
    authors = [author.text or "" for author in root.iterfind(f"{main('authors')}/{main('author')}")]
    return {
        str(comment.get("ref")): "".join(comment.itertext())
        for comment in root.iter(main("comment"))
        if authors[int(comment.get("authorId", "0"))] != but
    }
