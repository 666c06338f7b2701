"""Counties to measure with: some departments drawn, the others copies of them under codes of their own."""

import csv
import re
import zipfile
from pathlib import Path

from transforms.sample import write_county

YEAR = 2020
DRAWN_DEPARTMENTS = 100
LARGE_CELLS = 6_000
CELL = re.compile(rb"<c ")
ROW = re.compile(rb'<row r="(\d+)".*?</row>', re.DOTALL)
CODED = re.compile(rb"<t>\d{5,7}</t>")
NUMBER = re.compile(rb"<v>[^<]*</v>")
NO_TEXT_AROUND = rb"(?<=[>;:])%s(?=[<&])"


def draw(folder: Path, files: int, *, large: bool = False) -> Path:
    """A county of about so many workbooks below `folder`, of 500 to 900 cells each or, if large, of 6,000.

    Some hundreds are drawn with a fixed seed. Each copy has codes of its own, on the roster as in the cells, so that it
    is another body; a large one repeats the rows of a list with amounts of nought, so that it still adds up.
    """
    drawn = folder / "drawn"
    departments = min(DRAWN_DEPARTMENTS, max(1, round(files / 3.2)))
    write_county(drawn, YEAR, departments=departments, seed=1)
    source, target = drawn / str(YEAR), folder / "input" / str(YEAR)
    target.mkdir(parents=True)
    workbooks = sorted(source.rglob("*.xlsx"))
    for number in range(files):
        copy, path = divmod(number, len(workbooks))[0], workbooks[number % len(workbooks)]
        _write_copy(path, target, _prefix(copy), large=large)
    _write_roster(source / "departments.csv", target / "departments.csv", -(-files // len(workbooks)))
    return folder / "input"


def _prefix(copy: int) -> str:
    """What stands before every code of a copy; nothing before those of the first."""
    return f"{10 + copy}" if copy else ""


def _write_copy(path: Path, target: Path, prefix: str, *, large: bool) -> None:
    code, _, name = path.parent.name.partition("_")
    written = target / f"{prefix}{code}_{name}" / path.name
    written.parent.mkdir(exist_ok=True)
    with (
        zipfile.ZipFile(path) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        contents = {member: source.read(member) for member in source.namelist()}
        for member, content in _enlarged(contents).items() if large else contents.items():
            if member.startswith("xl/worksheets/"):
                content = re.sub(NO_TEXT_AROUND % code.encode(), (prefix + code).encode(), content)
            copy.writestr(member, content)


def _enlarged(contents: dict[str, bytes]) -> dict[str, bytes]:
    """The parts of a workbook whose longest sheet has so many rows more that there are about 6,000 cells."""
    sheets = {
        name: len(CELL.findall(content)) for name, content in contents.items() if "worksheets/sheet" in name
    }
    longest = max(sheets, key=lambda name: (len(CODED.findall(contents[name])), sheets[name]))
    rows = [*ROW.finditer(contents[longest])]
    model = next((row for row in reversed(rows) if CODED.search(row[0])), rows[-2])
    each = max(1, len(CELL.findall(model[0])))
    count = max(0, (LARGE_CELLS - sum(sheets.values())) // each)
    number = int(model[1])
    added = b"".join(_row(model[0], number, number + extra) for extra in range(1, count + 1))
    below = b"".join(
        _row(row[0], int(row[1]), int(row[1]) + count, keep=True) for row in rows if int(row[1]) > number
    )
    content = contents[longest]
    enlarged = content[: model.end()] + added + below + content[rows[-1].end() :]
    enlarged = re.sub(rb'<dimension ref="[^"]*"/>', b"", enlarged)
    return {**contents, longest: enlarged}


def _row(row: bytes, number: int, new: int, *, keep: bool = False) -> bytes:
    """A row under another number, its amounts nought unless they are to be kept."""
    moved = re.sub(rb'r="([A-Z]*)%d"' % number, rb'r="\g<1>%d"' % new, row)
    return moved if keep else NUMBER.sub(b"<v>0</v>", moved)


def _write_roster(source: Path, target: Path, copies: int) -> None:
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        for copy in range(copies):
            for row in rows:
                codes = {
                    key: f"{_prefix(copy)}{row[key]}" if row[key] else "" for key in ("code", "parent_code")
                }
                writer.writerow({**row, **codes})
