"""Number formats of OpenDocument, which are elements, as the codes that other programs write."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

from transforms.files.archive import refuse_entities, xml_content
from transforms.files.number_formats import shows_otherwise

_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_NUMBER, _STYLE = _NAMESPACE % "datastyle", _NAMESPACE % "style"
_STYLES, _BODY = "styles.xml", _NAMESPACE % "office" + "body"
_TELLTALE = re.compile("number:display-factor|<number:embedded-text|元</number:text>".encode())
_THOUSAND = 1000
_MOST_DIGITS = 30  # that a screen shows of a number


def telling_styles(package: zipfile.ZipFile, content: bytes) -> Mapping[str, str]:
    """The styles of cells of an .ods package by which a number is shown as another one or in a unit, with their format
    codes. `content`: its content.xml. Raises UnreadableFileError, ParseError.
    """
    parts = [content, xml_content(package, _STYLES) if _STYLES in package.namelist() else b""]
    if not any(map(_TELLTALE.search, parts)):
        return {}
    refuse_entities(content)
    elements = [element for part in parts if part for element in _before_body(part)]
    shown = _codes(element for element in elements if element.tag.startswith(_NUMBER))
    cells = [element for element in elements if element.get(f"{_STYLE}family") == "table-cell"]
    formats = ((str(cell.get(f"{_STYLE}name")), cell.get(f"{_STYLE}data-style-name")) for cell in cells)
    return {name: shown[known] for name, known in formats if known in shown}


def _before_body(part: bytes) -> Iterator[ElementTree.Element]:
    """The elements of a part up to its body, each when it is whole."""
    for event, element in ElementTree.iterparse(io.BytesIO(part), ("start", "end")):
        if element.tag == _BODY:
            return
        if event == "end":
            yield element


def _codes(styles: Iterable[ElementTree.Element]) -> dict[str | None, str]:
    """The codes of the formats that show a number otherwise, by name, one that is another for some numbers among them."""
    named = {style.get(f"{_STYLE}name"): style for style in styles if style.get(f"{_STYLE}name")}
    codes = {name: "".join(map(_code, style)) for name, style in named.items()}
    found = {}
    for name, style in named.items():
        mapped = [each.get(f"{_STYLE}apply-style-name") for each in style.iter(f"{_STYLE}map")]
        every = [codes.get(each, "") for each in (name, *mapped)]
        if telling := next(filter(shows_otherwise, every), ""):
            found[name] = telling
    return found


def _code(piece: ElementTree.Element) -> str:
    """What a piece of a format is in a code: digits with what stands among them, or a text."""
    if piece.tag != f"{_NUMBER}number":
        return f'"{piece.text}"' if piece.text and piece.text.strip() else ""
    digits = list("0" * max(1, min(_MOST_DIGITS, _count(piece, "min-integer-digits"))))
    for text in piece.iter(f"{_NUMBER}embedded-text"):
        digits.insert(max(0, len(digits) - _count(text, "position")), f"\\{text.text or ' '}")
    decimals = "0" * min(_MOST_DIGITS, _count(piece, "decimal-places"))
    thousands, factor = "", _count(piece, "display-factor")
    while factor >= _THOUSAND:
        thousands, factor = f"{thousands},", factor // _THOUSAND
    return "".join(digits) + (f".{decimals}" if decimals else "") + thousands


def _count(piece: ElementTree.Element, name: str) -> int:
    return int(piece.get(f"{_NUMBER}{name}", "0").partition(".")[0])
