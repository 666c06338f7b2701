"""What reading costs beside merely reading the cells: `make bench-read` prints a table and writes docs/benchmarks.md.

In one process and one run: python-calamine reading all cells (the floor), this project from file to facts and ledger,
openpyxl in read-only mode, and pandas.read_excel; on workbooks of real size and on large ones. Ratios count: the
machine's speed cancels out.

Each round reads the workbooks of another county: what reading remembers of words, headers and rows it has from other
workbooks of the template, as in a run over a county, never from the same file.
"""

import gc
import platform
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
from python_calamine import CalamineWorkbook

from benchmarks.counties import can_be_large, enlarged
from benchmarks.report import replace_section
from transforms.evidence import assemble
from transforms.read import read_file, uncollected
from transforms.sample import write_county
from transforms.submissions import Inputs, SourceFile

HEADING = "## Reading"
SAMPLE_FOR_SLOW = 20
ROUNDS = 3


def by_calamine(path: Path) -> int:
    """The number of filled cells: what every reader of this format must at least do."""
    book = CalamineWorkbook.from_path(str(path))
    sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    return sum(1 for rows in sheets for row in rows for value in row if value != "")


def by_project(path: Path) -> int:
    """The number of figures: facts and ledger as they travel, written out only when all files are joined."""
    return len(read_file(path, path.name).figures)


def assembled(paths: list[Path]) -> float:
    """Milliseconds of the process a workbook for writing facts and ledger out and joining them into one evidence."""
    readings = [read_file(path, path.name) for path in paths]
    sources = tuple(SourceFile(path, path.name, "", "", "", 1, 0, "") for path in paths)
    inputs = Inputs(2020, paths[0].parent, sources, {}, None)
    start = time.process_time()
    assemble(readings, inputs)
    return (time.process_time() - start) * 1000 / len(paths)


def by_openpyxl(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(
        1 for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None
    )


def by_pandas(path: Path) -> int:
    sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="openpyxl")
    return int(sum(frame.notna().to_numpy().sum() for frame in sheets.values()))


READERS: dict[str, Callable[[Path], int]] = {
    "python-calamine, cells only": by_calamine,
    "county-budget, cells to facts and ledger": by_project,
    "openpyxl read-only, cells only": by_openpyxl,
    "pandas.read_excel, cells only": by_pandas,
}


FLOOR = "python-calamine, cells only"
FAST = {reader: read for reader, read in READERS.items() if read in (by_calamine, by_project)}


def larger(source: Path, folder: Path) -> Path:
    """A copy of about 6,000 cells."""
    target = folder / f"large_{len(list(folder.glob('large_*')))}.xlsx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for member, content in enlarged(source).items():
            copy.writestr(member, content)
    return target


def drawn(folder: Path, seed: int) -> list[Path]:
    """Two hundred workbooks of a sample county."""
    folder.mkdir()
    write_county(folder, 2020, departments=70, seed=seed)
    return sorted(folder.rglob("*.xlsx"))[:200]


def milliseconds(read: Callable[[Path], int], paths: list[Path]) -> float:
    """Milliseconds of the process a workbook; what other processes do to the clock does not count.

    As in the processes that read for a run, nobody looks for garbage meanwhile.
    """
    gc.collect()
    with uncollected():
        start = time.process_time()
        for path in paths:
            read(path)
        return (time.process_time() - start) * 1000 / len(paths)


def rows(name: str, counties: list[list[Path]]) -> list[str]:
    """One line per reader: milliseconds per workbook, the least of some interleaved rounds, and the ratio to calamine.

    counties: the workbooks of each round.
    """
    paths = counties[0]
    cells = sum(map(by_calamine, paths)) // len(paths)
    some = paths[:SAMPLE_FOR_SLOW]
    for read in READERS.values():
        read(paths[0])
    rounds = [[milliseconds(read, county) for read in FAST.values()] for county in counties]
    least = dict(zip(FAST, map(min, zip(*rounds, strict=True)), strict=True))
    least |= {reader: milliseconds(read, some) for reader, read in READERS.items() if reader not in FAST}
    least["county-budget, afterwards, written out and joined into one evidence"] = assembled(paths)
    floor = least[FLOOR]
    return [
        f"| {name} | {cells} | {reader} | {each:.2f} | {each / floor:.1f} |" for reader, each in least.items()
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        counties = [drawn(Path(folder) / str(seed), seed) for seed in range(1, ROUNDS + 1)]
        large = [
            [larger(path, Path(folder)) for path in list(filter(can_be_large, county))[:50]]
            for county in counties
        ]
        lines = rows(f"{len(counties[0])} workbooks of real size", counties) + rows(
            f"{len(large[0])} large ones", large
        )
    head = [
        f"`make bench-read` on {date.today().isoformat()}, Python {platform.python_version()}, one process. Ratios are to",
        "python-calamine merely reading the same cells in the same run. Time of the process, the least of three rounds in turns,",
        "each on the workbooks of another county.",
        "",
        "| files | cells each | reader | ms per workbook | ratio |",
        "|---|---|---|---|---|",
    ]
    replace_section(HEADING, [*head, *lines])
    print("\n".join(lines))


if __name__ == "__main__":
    main()
