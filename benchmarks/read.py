"""What reading costs beside merely reading the cells: `make bench-read` prints a table and writes docs/benchmarks.md.

In one process and one run: python-calamine reading all cells (the floor), this project from file to facts and ledger,
openpyxl in read-only mode, and pandas.read_excel; on workbooks of real size and on large ones. Ratios count: the
machine's speed cancels out.
"""

import platform
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
from python_calamine import CalamineWorkbook

from transforms.read import read_file
from transforms.sample import write_county

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
LARGE_CELLS = 6_000
SAMPLE_FOR_SLOW = 20


def by_calamine(path: Path) -> int:
    """The number of filled cells: what every reader of this format must at least do."""
    book = CalamineWorkbook.from_path(str(path))
    sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    return sum(1 for rows in sheets for row in rows for value in row if value != "")


def by_project(path: Path) -> int:
    return len(read_file(path, path.name).cells["cell"])


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


def enlarged(source: Path, folder: Path) -> Path:
    """A copy whose longest list of codes is repeated under new codes until the workbook has about 6,000 cells."""
    book = openpyxl.load_workbook(source)
    cells = sum(1 for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None)
    sheet = max(book.worksheets, key=lambda sheet: sheet.max_row * sheet.max_column)
    last = [cell.value for cell in sheet[sheet.max_row - 1]]
    filled = sum(1 for value in last if value is not None) or 1
    for _ in range((LARGE_CELLS - cells) // filled):
        sheet.append(last)
    target = folder / f"large_{source.stem}.xlsx"
    book.save(target)
    return target


def seconds(read: Callable[[Path], int], paths: Iterable[Path]) -> tuple[float, int]:
    start = time.perf_counter()
    cells = sum(read(path) for path in paths)
    return time.perf_counter() - start, cells


def rows(name: str, paths: list[Path]) -> list[str]:
    """One line per reader: milliseconds per workbook and the ratio to calamine."""
    for read in READERS.values():
        read(paths[0])
    floor, cells = seconds(by_calamine, paths)
    floor /= len(paths)
    lines = []
    for reader, read in READERS.items():
        slow = read in (by_openpyxl, by_pandas)
        chosen = paths[:SAMPLE_FOR_SLOW] if slow else paths
        each = seconds(read, chosen)[0] / len(chosen)
        lines.append(
            f"| {name} | {cells // len(paths)} | {reader} | {each * 1000:.2f} | {each / floor:.1f} |"
        )
    return lines


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_county(Path(folder), 2020, departments=70, seed=1)
        real_size = sorted(Path(folder).rglob("*.xlsx"))[:200]
        large = [enlarged(path, Path(folder)) for path in real_size[:50]]
        lines = rows(f"{len(real_size)} workbooks of real size", real_size) + rows(
            f"{len(large)} large ones", large
        )
    head = [
        "# Benchmarks",
        "",
        f"`make bench-read` on {date.today().isoformat()}, Python {platform.python_version()}, one process. Ratios are to",
        "python-calamine merely reading the same cells in the same run.",
        "",
        "| files | cells each | reader | ms per workbook | ratio |",
        "|---|---|---|---|---|",
    ]
    REPORT.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
