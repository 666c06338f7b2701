"""Counties to measure with: some departments drawn, the others copies of them under codes of their own."""

import csv
import re
import zipfile
from pathlib import Path

from transforms.sample import write_county

YEAR = 2020
DRAWN_DEPARTMENTS = 100
LARGE_CELLS = 6_000
FILLED = re.compile(rb"<[vt][ >]")
ROW = re.compile(rb'<row r="(\d+)".*?</row>', re.DOTALL)
DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
HOW_PURCHASED = re.compile(
    "<t>(政府集中采购|部门集中采购|分散自行组织)</t>".encode("ascii", "xmlcharrefreplace")
)
NUMBER = re.compile(rb"<v>[^<]*</v>")
NO_TEXT_AROUND = rb"(?<=[>;:])%s(?=[<&])"


def draw(folder: Path, files: int, *, large: bool = False) -> Path:
    """A county of about so many workbooks below `folder`, of 500 to 900 cells each or, if large, of 6,000.

    Some hundreds are drawn with a fixed seed. Each copy has codes of its own, on the roster as in the cells, so that it
    is another body; a large one has thousands of purchases of nought more, so that it still adds up.
    """
    drawn = folder / "drawn"
    departments = min(DRAWN_DEPARTMENTS, max(1, round(files / 3.2)))
    write_county(drawn, YEAR, departments=departments, seed=1)
    source, target = drawn / str(YEAR), folder / "input" / str(YEAR)
    target.mkdir(parents=True)
    workbooks = [path for path in sorted(source.rglob("*.xlsx")) if not large or can_be_large(path)]
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
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for member, content in (enlarged(path) if large else _parts(path)).items():
            if member.startswith("xl/worksheets/"):
                content = re.sub(NO_TEXT_AROUND % code.encode(), (prefix + code).encode(), content)
            copy.writestr(member, content)


def can_be_large(path: Path) -> bool:
    """Whether a workbook lists a purchase, of which there can be any number."""
    return any(_purchases(content) for content in _parts(path).values())


def enlarged(path: Path) -> dict[str, bytes]:
    """The parts of a workbook with so many purchases of nought more that about 6,000 of its cells are filled."""
    contents = _parts(path)
    filled = sum(len(FILLED.findall(content)) for content in contents.values())
    sheet = next(name for name, content in contents.items() if _purchases(content))
    content, model = contents[sheet], _purchases(contents[sheet])[-1]
    number, count = int(model[1]), (LARGE_CELLS - filled) // len(FILLED.findall(model[0]))
    added = b"".join(_row(model[0], number, number + extra) for extra in range(1, count + 1))
    below = b"".join(
        _row(row[0], int(row[1]), int(row[1]) + count, keep=True)
        for row in ROW.finditer(content, model.end())
    )
    rest = content[content.index(b"</sheetData>") :]
    larger = DIMENSION.sub(b"", content[: model.end()]) + added + below + rest
    return {**contents, sheet: larger}


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as source:
        return {member: source.read(member) for member in source.namelist()}


def _purchases(content: bytes) -> list[re.Match[bytes]]:
    """The rows of a sheet that say how something is purchased."""
    return [row for row in ROW.finditer(content) if HOW_PURCHASED.search(row[0])]


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
