"""Writing rows as CSV, as people open it: the same bytes for the same rows. No definition is looked up here."""

from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

BOM = b"\xef\xbb\xbf"
RFC_4180 = pyarrow.csv.WriteOptions(eol="\r\n")
FORMULA = r"(?s)^(?:[=＝@＠\t\r\n]|[+＋-].*[^0-9.,%]|－.*[^0-9.,%－])"


def write_csv(rows: pa.Table, path: Path) -> None:
    """The rows as a CSV file (see `csv_into`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        csv_into(file, rows)


def csv_into(file: BinaryIO, rows: pa.Table) -> None:
    """UTF-8 with BOM, CRLF, amounts in yuan with two decimals, blank for unknown.

    Text that a spreadsheet program would run as a formula gets a leading apostrophe, here only:
    departments write these texts, and people open CSV files by double click.
    """
    file.write(BOM)
    pyarrow.csv.write_csv(harmless(rows), file, RFC_4180)


def harmless(rows: pa.Table) -> pa.Table:
    """The rows as CSV carries them: no text that a spreadsheet would run."""
    for i, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            rows = rows.set_column(i, field, _without_formulas(rows.column(i)))
    return rows


def _without_formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    formula = pc.fill_null(pc.match_substring_regex(texts, FORMULA), fill_value=False)
    if not pc.any(formula).as_py():
        return texts
    return pc.if_else(formula, pc.binary_join_element_wise("'", texts, ""), texts)
