"""A second look at a workbook's package: what a reader of values cannot see.

Formula cells without a result and error cells look blank to the reader of values; hidden rows and columns look like
any other; links to other workbooks and macros do not show at all. Sheets in which the tell-tale bytes do not occur are
not parsed, so that a clean file costs next to nothing.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from transforms.workbook import UnreadableFileError

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TELLTALE = re.compile(rb"<(?:\w+:)?f[ >/]|t=\"e\"|hidden=\"(?:1|true)\"")


@dataclass(frozen=True)
class SheetTroubles:
    """What one sheet's XML shows: cells are addresses, rows and columns zero-based indices."""

    errors: dict[str, str] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Troubles:
    """What a package shows beside its values."""

    sheets: dict[str, SheetTroubles] = field(default_factory=dict)
    external_links: bool = False
    macros: bool = False


def inspect(path: Path) -> Troubles:
    """The troubles of a workbook that is a zip package (.xlsx, .xlsm); none are known of other formats.

    Raises UnreadableFileError where the package is damaged.
    """
    if not zipfile.is_zipfile(path):
        return Troubles()
    try:
        return _inspect_package(path)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError) as error:
        raise UnreadableFileError(f"{error}") from error


def _inspect_package(path: Path) -> Troubles:
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        if "xl/workbook.xml" not in names:
            return Troubles()
        sheets = {
            name: _inspect_sheet(content)
            for name, part in _sheet_parts(package)
            if part in names and _TELLTALE.search(content := package.read(part))
        }
        return Troubles(sheets, _links_outside(names), "xl/vbaProject.bin" in names)


def _links_outside(names: set[str]) -> bool:
    return any(name.startswith("xl/externalLinks/") for name in names)


def _sheet_parts(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(sheet name, part name) of each worksheet."""
    links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    for sheet in ElementTree.fromstring(package.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_LINK), "")
        yield str(sheet.get("name")), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _inspect_sheet(content: bytes) -> SheetTroubles:
    root = ElementTree.fromstring(content)
    errors, unresolved, formulas = {}, {}, {}
    for cell in root.iter(f"{_MAIN}c"):
        value = cell.findtext(f"{_MAIN}v") or ""
        formula = cell.find(f"{_MAIN}f")
        if cell.get("t") == "e":
            errors[str(cell.get("r"))] = value
        elif formula is not None and value == "" and cell.get("t") != "str":
            unresolved[str(cell.get("r"))] = f"={formula.text or ''}"
        elif formula is not None:
            formulas[str(cell.get("r"))] = formula.text or ""
    return SheetTroubles(errors, unresolved, formulas, _hidden_rows(root), _hidden_columns(root))


def _is_hidden(element: ElementTree.Element) -> bool:
    return element.get("hidden") in ("1", "true")


def _hidden_rows(root: ElementTree.Element) -> frozenset[int]:
    return frozenset(
        int(str(row.get("r"))) - 1 for row in root.iter(f"{_MAIN}row") if _is_hidden(row) and row.get("r")
    )


def _hidden_columns(root: ElementTree.Element) -> frozenset[int]:
    spans = [column for column in root.iter(f"{_MAIN}col") if _is_hidden(column)]
    return frozenset(
        n - 1
        for span in spans
        for n in range(int(str(span.get("min"))), min(int(str(span.get("max"))), 1024) + 1)
    )
