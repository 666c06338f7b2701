"""What the largest files cost that are read: `make bench-memory` measures peak memory and time of a fresh process for each.

Each workbook has a million filled cells, or as many as its format allows, in tables that real departments send.
"""

import csv
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import openpyxl

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks-memory.md"
TITLE = """# Peak memory

`make bench-memory`: a fresh worker reads one file of a million filled cells, or as many as its format allows, ledger
included. The bound is 300 MiB; a file with more different texts than `limits.yml` allows is refused before it is unpacked."""
HEAD = "| file | figures | peak MiB | seconds | refused |\n|---|---|---|---|---|"
CELLS = 999_000
SHEETS = 250
XLS_ROWS = 65_000
UNIT = ["部门：101001教育局机关", *[None] * 7, "单位：万元"]
SPENDING = [
    ["部门预算支出总表"],
    UNIT,
    ["科目编码", "科目名称", "合计", "基本支出", "项目支出", "事业单位经营支出", "上缴上级支出", "对附属单位补助支出"],
]  # fmt: skip
INCOME = [
    ["部门预算收入总表"],
    UNIT,
    ["科目编码", "科目名称", "合计", "一般公共预算", "政府性基金预算", "国有资本经营预算", "财政专户管理资金", "事业收入",
     "事业单位经营收入", "上级补助收入", "附属单位上缴收入", "债务收入", "其他收入", "上年结转", "使用非财政拨款结余"],
]  # fmt: skip
PROCUREMENT = [
    ["政府采购预算表"],
    UNIT,
    ["采购品目大类", "项目名称", "经济科目", "采购物品名称", "采购组织形式", "采购预算金额"],
]
READ = """
import sys, time
from pathlib import Path
from flows.running.reading import _begin
from flows.running.cache import packed
from transforms.read import read_file
_begin()
start = time.process_time()
reading = read_file(Path(sys.argv[1]), Path(sys.argv[1]).name)
packed(reading)
seconds = time.process_time() - start
said = [rule for rule in reading.problems["rule_id"] if rule == "SUB-09"]
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(len(reading.figures), int(peak.split()[1]) // 1024, round(seconds, 1), *said)
"""

Row = list[object]


# Functions, none of which could be taken for the number of a project (2020001); such numbers are told of, row by row.
FIRST_CODE, FIRST_NUMBER = 2_050_101, 2_015_001


def spending(rows: int, first: int = FIRST_CODE) -> Iterator[Row]:
    """A list of codes: eight cells a row, no two rows alike."""
    yield from SPENDING
    for number in range(rows):
        parts = [round(number + n + 0.01 * (number % 97), 2) for n in range(5)]
        yield [str(first + number), f"科目{number}", round(sum(parts), 2), *parts]


def procurement(rows: int) -> Iterator[Row]:
    """A list of things to buy: five cells a row, of which four are texts and one no other row has."""
    yield from PROCUREMENT
    for number in range(rows):
        yield [
            None,
            f"信息化设备购置项目{number // 4}",
            "办公费",
            f"台式计算机{number}",
            "政府集中采购",
            1.5 + number % 1000,
        ]


def wide(rows: int) -> Iterator[Row]:
    """A list of income by source: fifteen cells a row."""
    yield from INCOME
    for number in range(rows):
        parts = [round(number + n + 0.01 * (number % 97), 2) for n in range(12)]
        yield [str(FIRST_CODE + number), f"科目{number}", round(sum(parts), 2), *parts]


def long_list(path: Path) -> None:
    _write(path, [spending(CELLS // 8)])


def list_told_of(path: Path) -> None:
    """A list of which every tenth row is told of."""
    _write(path, [spending(CELLS // 8, FIRST_NUMBER)])


def things_to_buy(path: Path) -> None:
    _write(path, [procurement(CELLS // 5)])


def nothing_but_texts(path: Path) -> None:
    """No text twice, each in its own cell, as programs write them that keep no list of shared ones."""
    _write(path, [([f"甲{n}项目{c}款" for c in range(10)] for n in range(CELLS // 10))])


def many_sheets(path: Path) -> None:
    _write(path, [spending(CELLS // SHEETS // 8 - 2) for _ in range(SHEETS)])


def _write(path: Path, sheets: list[Iterator[Row]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    book.save(path)


def delimited(path: Path) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(spending(CELLS // 8))


def open_document(path: Path) -> None:
    """As LibreOffice writes it, without its styles."""
    rows = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in spending(CELLS // 8)
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "manifest")
    )
    table = f'<table:table table:name="表1">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", f"<manifest:manifest{spaces}/>")
        package.writestr("content.xml", f"<office:document-content{spaces}>{body}</office:document-content>")


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    kind = f'"float" office:value="{value}"' if isinstance(value, float) else '"string"'
    return f"<table:table-cell office:value-type={kind}><text:p>{value}</text:p></table:table-cell>"


def binary(path: Path) -> None:
    """By LibreOffice; the format ends at row 65,536."""
    _save_as_xls(path, [spending(XLS_ROWS), spending(CELLS // 8 - XLS_ROWS)])


def binary_texts(path: Path) -> None:
    """By LibreOffice: as many things to buy as two sheets of the format hold."""
    _save_as_xls(path, [procurement(XLS_ROWS), procurement(XLS_ROWS)])


def binary_wide(path: Path) -> None:
    """By LibreOffice: one sheet, full to its last row, fifteen columns."""
    _save_as_xls(path, [wide(XLS_ROWS)])


def _save_as_xls(path: Path, sheets: list[Iterator[Row]]) -> None:
    source = path.with_suffix(".xlsx")
    _write(source, sheets)
    command = ["soffice", "--headless", "--convert-to", "xls", "--outdir", str(path.parent), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)


FILES: dict[str, Callable[[Path], None]] = {
    "one long list of codes.xlsx": long_list,
    "one long list, a tenth of it told of.xlsx": list_told_of,
    "things to buy, texts.xlsx": things_to_buy,
    "nothing but different texts.xlsx": nothing_but_texts,
    "250 sheets.xlsx": many_sheets,
    "one long list of codes.csv": delimited,
    "one long list of codes.ods": open_document,
    "two long lists.xls": binary,
    "one wide list.xls": binary_wide,
    "things to buy, texts.xls": binary_texts,
}


def main() -> None:
    """Measure the files whose names have one of the words given, or all; of all the table is written to `REPORT`."""
    chosen = sys.argv[1:]
    lines = [HEAD]
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            if not chosen or any(word in name for word in chosen):
                lines.append(_measured(name, Path(folder)))
                print(lines[-1], flush=True)
    if not chosen:
        REPORT.write_text(f"{TITLE}\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _measured(name: str, folder: Path) -> str:
    """One line of the table: figures found, MiB at the peak, seconds of a process of its own, the rule that refuses it."""
    if name.endswith(".xls") and not which("soffice"):
        return f"| {name} | not measured: LibreOffice is not installed | | | |"
    path = folder / name
    FILES[name](path)
    told = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False
    )
    cells = (told.stdout.split() or [told.stderr[-300:]]) + [""] * 4
    path.unlink()
    return f"| {name} | {' | '.join(cells[:4])} |"


if __name__ == "__main__":
    main()
