"""What a document says where a figure or a text was taken from it."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from transforms.narrative.lines import whole_sentence
from transforms.narrative.parts import BODY_TEXT

LINES = """
    SELECT file, sheet, cell, raw FROM read_parquet(?)
    WHERE form = 'document' AND sheet = ? AND file IN (SELECT unnest(?))
"""

Address = tuple[str, str, str]


def said_at(folder: Path, addresses: Iterable[Address]) -> dict[Address, str]:
    """The sentences at places in the running text of documents, of a release in `folder`; other places are left out."""
    wanted = {address for address in addresses if address[1] == BODY_TEXT}
    if not wanted:
        return {}
    files = sorted({file for file, _, _ in wanted})
    with duckdb.connect() as database:
        found = database.execute(LINES, [str(folder / "cells.parquet"), BODY_TEXT, files]).fetchall()
    lines = {(file, sheet, cell): raw for file, sheet, cell, raw in found}
    return {address: f"“{_sentence(lines, address)}”" for address in wanted if address in lines}


def _sentence(lines: dict[Address, str], address: Address) -> str:
    file, _sheet, cell = address
    return whole_sentence({place: raw for (of, _, place), raw in lines.items() if of == file}, cell)
