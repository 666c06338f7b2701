"""Reading the bureau's own CSV files: every row checked, every refusal names file and row."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from expectations.errors import InputError
from expectations.reasons import why
from expectations.saying import Messages

if TYPE_CHECKING:
    import pandas as pd

say = Messages(__file__)

# How files of spreadsheet programs begin: packages and, of old, OLE.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
Row = Mapping[str, str]
Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Line:
    """A row of a bureau file: its file, its number in it (the heading is row 1), its fields without blanks around."""

    file: str
    number: int
    fields: Row

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    def refuse(self, reason: str) -> InputError:
        """The error that names this row. `reason`: a sentence without its full stop."""
        return InputError(say("refused_row", file=self.file, number=self.number, wrong=reason))


def read_lines(
    path: Path, columns: Sequence[str], required: Sequence[str], optional: Sequence[str] = ()
) -> list[Line]:
    """The rows of a CSV file with these columns, and optional ones; none where there is no file. Raises InputError."""
    if not is_there(path):
        return []
    filled = rows_of(path)
    if not filled:
        return []
    heading = [name.strip() for name in filled[0][1]]
    columns = [*columns, *(name for name in optional if name in heading)]
    if sorted(heading) != sorted(columns):
        raise InputError(
            say(
                "heading_unlike",
                file=path.name,
                number=filled[0][0],
                columns=",".join(columns),
                unlike=_unlike(heading, columns),
            )
        )
    return of_each(filled[1:], lambda line: _line(path.name, *line, heading, required))


def is_there(path: Path) -> bool:
    """Whether there is something of that name, be it a link to what is away: it cannot be read then, and that is told."""
    return path.exists() or path.is_symlink()


def rows_of(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file that say something, each with its number in the file. Raises InputError where it is none."""
    try:
        rows = csv.reader(io.StringIO(text_of(path)), strict=True)
        return [(number, row) for number, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    except csv.Error as error:
        raise InputError(say("no_rows", file=path.name)) from error


def of_each(rows: Iterable[Given], make: Callable[[Given], Made]) -> list[Made]:
    """What is made of each row. Raises one InputError that tells of every row refused, a line each."""
    made, refused = [], []
    for row in rows:
        try:
            made.append(make(row))
        except InputError as error:
            refused.append(str(error))
    if refused:
        raise InputError("\n".join(refused))
    return made


def meant(given: str, known: Iterable[str]) -> str:
    """Which of the known words somebody is likely to have meant, as a question in brackets; '' where none is near.

    >>> meant("x-07", ["X-06", "X-07"]), meant("X-99", ["BAL-01"])
    ('（是否应为 X-07？）', '')
    >>> meant("X-7", ["X-17", "X-07"]), meant("exp1", ["EXP-01", "EXP-02"])
    ('（是否应为 X-07？）', '（是否应为 EXP-01？）')
    """
    folded = {_folded(word): word for word in known}
    near = get_close_matches(_folded(given), folded, n=1, cutoff=0.8)
    return say("meant", word=folded[near[0]]) if near else ""


def _folded(word: str) -> str:
    """A word as it is compared: in small letters, numbers without noughts in front."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", word.casefold())


def iso_day(text: str) -> str:
    """A day as 2020-01-31, also of 2020/1/31, which Chinese spreadsheet programs make of it; '' where it is none.

    >>> iso_day("2020/1/31"), iso_day("2020-01-31"), iso_day("2020-13-31")
    ('2020-01-31', '2020-01-31', '')
    """
    parts = re.fullmatch(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", text)
    try:
        return date(int(parts[1]), int(parts[3]), int(parts[4])).isoformat() if parts else ""
    except ValueError:
        return ""


def _unlike(heading: Sequence[str], columns: Sequence[str]) -> str:
    """In what a heading is not the one wanted.

    >>> _unlike(["file", "cel"], ["file", "cell"]), _unlike(["file;cell"], ["file", "cell"])
    ('，缺少 cell，多出 cel', '（各栏之间用逗号）')
    """
    if len(heading) == 1 and heading[0] not in columns:
        return say("commas_wanted")
    repeated = [name for name, count in Counter(heading).items() if count > 1]
    parts = (
        ("缺少", [name for name in columns if name not in heading]),
        ("多出", [name for name in heading if name not in columns]),
        ("重复", repeated),
    )
    return "".join(f"，{what} {'、'.join(map(str, names))}" for what, names in parts if names)


def _line(
    file: str, number: int, row: Sequence[str], heading: Sequence[str], required: Sequence[str]
) -> Line:
    fields = dict(zip(heading, map(str.strip, row), strict=False))
    if "cell" in fields:
        fields["cell"] = fields["cell"].upper()  # as spreadsheet programs take b5 for B5
    line = Line(file, number, fields)
    if len(row) != len(heading):
        raise line.refuse(say("columns_counted", count=len(row), wanted=len(heading)))
    if missing := [name for name in required if not line[name]]:
        raise line.refuse(say("columns_empty", columns="、".join(missing)))
    return line


def text_of(path: Path) -> str:
    """The text of a file of the bureau's, in UTF-8 or as Chinese Windows saves it. Raises InputError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(say("not_readable", file=path.name, why=why(error))) from error
    if content.startswith(WORKBOOKS):
        raise InputError(say("a_workbook", file=path.name))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(say("encoding", file=path.name))


def body_of(line: Line, bodies: "pd.DataFrame") -> str:
    """The body_id that a row names by department_code and unit_code. Raises InputError."""
    codes = (bodies["department_code"] == line["department_code"]) & (
        bodies["unit_code"] == line["unit_code"]
    )
    found = bodies.loc[codes, "body_id"]
    if len(found) != 1:
        raise line.refuse(
            say("no_such_body", department_code=line["department_code"], unit_code=line["unit_code"])
        )
    return str(found.iloc[0])
