"""A workbook as its parts: the bytes of an .xlsx package, which parts belong together, written the same way twice."""

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from expectations.errors import BudgetError
from expectations.saying import Messages

say = Messages(__file__)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Said where it is used: lxml takes another prefix when some library has registered one for the same name.
REFERENCES = {"r": KINDS}
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
BOOK, BOOK_LINKS, CONTENT_TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
LARGEST_PACKAGE = 300_000_000
AUTHOR = "预算股审核"
SELECTED = re.compile(rb' tabSelected="(?:1|true)"')
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ARCHIVE_DATE = (1980, 1, 1, 0, 0, 0)
FASTEST = 1

Parts = dict[str, bytes]


class UnmarkableError(BudgetError):
    """A file whose cells cannot be marked without risk; the text says why."""


@dataclass
class Package:
    """The parts of a workbook under change: `parts` holds the bytes, `trees` those that have been parsed."""

    parts: Parts
    trees: dict[str, etree._Element] = field(default_factory=dict)

    def tree(self, name: str) -> etree._Element:
        """The root of a part, parsed once; what is changed in it is written by `packed`."""
        if name not in self.trees:
            self.trees[name] = parsed(self.parts[name])
        return self.trees[name]

    def packed(self) -> bytes:
        """The package as a file: parts in their order, every date the same."""
        for name, root in self.trees.items():
            self.parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return zipped(self.parts)


def parsed(content: bytes) -> etree._Element:
    """The root of an XML part. No entity is resolved, nothing is fetched. Raises UnmarkableError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnmarkableError(say("malformed")) from error


def unpacked(content: bytes) -> Parts:
    """The parts of an .xlsx or .xlsm file by name. Raises UnmarkableError for any other file."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_PACKAGE:
                raise UnmarkableError(say("too_large"))
            parts = {item.filename: archive.read(item) for item in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnmarkableError(say("no_workbook")) from error
    if missing := {BOOK, BOOK_LINKS, CONTENT_TYPES} - parts.keys():
        raise UnmarkableError(say("parts_missing", parts="、".join(sorted(missing))))
    return parts


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """These parts as an archive without times: the same parts give the same bytes. `method`: one of zipfile's."""
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w", method, compresslevel=FASTEST) as archive:
        for name, content in parts.items():
            item = zipfile.ZipInfo(name, ARCHIVE_DATE)
            item.compress_type = method
            archive.writestr(item, content, compresslevel=FASTEST)
    return raw.getvalue()


def rezipped(content: bytes) -> bytes:
    """An archive written by a library that notes the time, without the times."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return zipped({item.filename: archive.read(item) for item in archive.infolist()})


def links_of(part: str) -> str:
    """The part that holds the relationships of another.

    >>> links_of("xl/worksheets/sheet1.xml")
    'xl/worksheets/_rels/sheet1.xml.rels'
    """
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def target_of(part: str, target: str) -> str:
    """The part that a relationship of another part points to.

    >>> target_of("xl/worksheets/sheet1.xml", "../comments1.xml"), target_of("xl/workbook.xml", "/xl/styles.xml")
    ('xl/comments1.xml', 'xl/styles.xml')
    """
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def linked(package: Package, part: str, kind: str) -> str:
    """The part of a kind (`comments`, `styles` …) that another part refers to; '' where there is none."""
    links = links_of(part)
    if links not in package.parts:
        return ""
    targets = [
        link.get("Target", "") for link in package.tree(links) if link.get("Type") == f"{KINDS}/{kind}"
    ]
    return target_of(part, targets[0]) if targets else ""


def link(package: Package, part: str, kind: str, target: str) -> str:
    """Add a relationship to a part and give its id."""
    links = links_of(part)
    if links not in package.parts:
        package.parts[links] = f'<Relationships xmlns="{LINKS}"/>'.encode()
    root = package.tree(links)
    taken = {item.get("Id") for item in root}
    number = next(n for n in range(1, len(taken) + 2) if f"rIdReview{n}" not in taken)
    etree.SubElement(
        root, f"{{{LINKS}}}Relationship", Id=f"rIdReview{number}", Type=f"{KINDS}/{kind}", Target=f"/{target}"
    )
    return f"rIdReview{number}"


def add_part(package: Package, name: str, content: bytes, content_type: str) -> None:
    """Put a new part into the package and declare what it is."""
    package.parts[name] = content
    etree.SubElement(
        package.tree(CONTENT_TYPES), f"{{{TYPES}}}Override", PartName=f"/{name}", ContentType=content_type
    )


def free_name(package: Package, pattern: str) -> str:
    """The first part name of a pattern such as `xl/comments{}.xml` that is not taken."""
    taken = {name.lower() for name in package.parts}
    return next(pattern.format(n) for n in range(1, len(taken) + 2) if pattern.format(n).lower() not in taken)


def main(tag: str) -> str:
    """A tag of the spreadsheet namespace.

    >>> main("c")
    '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c'
    """
    return f"{{{MAIN}}}{tag}"


def sheet_parts(package: Package) -> dict[str, str]:
    """The part of each worksheet by the sheet's name, in order. Raises UnmarkableError where links are missing."""
    root = package.tree(BOOK)
    if root.tag != main("workbook"):
        raise UnmarkableError(say("strict_format"))
    targets = {item.get("Id"): item.get("Target", "") for item in package.tree(BOOK_LINKS)}
    found = {
        str(sheet.get("name")): target_of(BOOK, targets.get(sheet.get(f"{{{KINDS}}}id"), ""))
        for sheet in root.iter(main("sheet"))
    }
    return {name: part for name, part in found.items() if part in package.parts}


def fragment(xml: str) -> etree._Element:
    """An element of the main namespace from its XML."""
    return etree.fromstring(f'<r xmlns="{main("")[1:-1]}">{xml}</r>')[0]


def clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return ILLEGAL.sub("", text)
