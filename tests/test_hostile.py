"""One bad file costs little, harms no other, and leaves one finding that says what it is and what to do."""

import csv
import io
import shutil
import struct
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from flows.check import check_files
from flows.published.county_workbook import _write_cells
from flows.published.csvfiles import write_csv
from flows.running import filereading
from flows.running.filereading import Batch, Readings, read_batch
from flows.running.reading import read_here
from transforms.files.archive import directory_size
from transforms.files.binary import inspect_xlsb, plain_sum
from transforms.files.compound import MAGIC
from transforms.files.opening import read_workbook
from transforms.files.refusals import UnreadableFileError, limits, refusal
from transforms.files.suspicions import bounded, sum_terms
from transforms.read import FileReading, read_file
from transforms.submissions import SourceFile, discover, source_file
from transforms.tables.yields import Problem

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT_TYPES = f'<Types xmlns="{PACKAGE}/content-types"/>'
FILES = Path(__file__).parent / "files"
FORMULAS = Path(__file__).parents[2] / "shared/real/pt_unit_template_blank.xls"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def package(
    folder: Path, sheet: str, *, sheets: int = 1, extra: dict[str, str | bytes] | None = None
) -> Path:
    """A package whose sheets all show the same XML."""
    names = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, sheets + 1))
    link = '<Relationship Id="r1" Type="' + LINKS + '/worksheet" Target="worksheets/sheet1.xml"/>'
    start = f'<Relationship Id="r1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{start}</Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{LINKS}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}>{sheet}</worksheet>",
    } | (extra or {})
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def cells(*references: str) -> str:
    rows = "".join(
        f'<row r="{"".join(filter(str.isdigit, r))}"><c r="{r}"><v>1</v></c></row>' for r in references
    )
    return f"<sheetData>{rows}</sheetData>"


def cause(path: Path) -> str:
    """Why a file is refused; reading it yields that as its one problem."""
    with pytest.raises(UnreadableFileError) as refused:
        read_workbook(path)
    reading = read_file(path, path.name)
    assert (reading.problems["rule_id"], reading.problems["detail"]) == (["SUB-09"], [str(refused.value)])
    return refused.value.cause


def test_every_refusal_says_what_to_do_in_its_own_words() -> None:
    assert all("请" in text for text in refusal.rows.values())
    assert len(set(refusal.rows.values())) == len(refusal.rows)


FIRST = "<row r='1'><c s='1' r='A1'><v>1</v></c></row>"
FAR = {
    "plain": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "quoted otherwise": "<row r='1048576'><c\tr = 'xfd1048576' ><v>1</v></c></row>",
    "inline": "<row><c t='inlineStr'\n r='XFD1048576'>\n<is><t>1</t></is></c></row>",
    "without references": '<row r="1048576"><c><v>1</v></c>' + "<c/>" * 4000 + "</row>",
}


@pytest.mark.parametrize("row", FAR.values(), ids=FAR)
def test_a_cell_far_away_is_refused_before_the_library_allocates(row: str, tmp_path: Path) -> None:
    path = package(tmp_path, f"<sheetData>{FIRST}{row}</sheetData>")
    assert cause(path) == "far_cell"
    assert "“s1”" in read_file(path, "a.xlsx").problems["detail"][0]


def test_formats_without_content_far_away_do_no_harm(tmp_path: Path) -> None:
    sheet = f'<sheetData>{FIRST}<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert read_file(package(tmp_path, sheet), "a.xlsx").cells["cell"] == ["A1"]


def test_too_many_sheets_merges_and_cells_are_refused(tmp_path: Path) -> None:
    assert cause(package(tmp_path, cells("A1"), sheets=10_000)) == "sheets"
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 1_000_001))
    assert cause(package(tmp_path, cells("A1") + f"<mergeCells>{merges}</mergeCells>")) == "merges"
    row = "".join(f'<c r="A{n}"><v>1</v></c>' for n in range(1, limits().cells + 2))
    assert cause(package(tmp_path, f"<sheetData><row>{row}</row></sheetData>")) == "cells"
    assert cause(package(tmp_path, cells(*(f"A{n}" for n in range(1, 4001))), sheets=300)) == "cells"


def test_a_table_of_a_hundred_thousand_cells_is_read(tmp_path: Path):
    rows = "".join(f'<row r="{n}">{cells_of(n)}</row>' for n in range(1, 10_001))
    reading = read_file(package(tmp_path, f"<sheetData>{rows}</sheetData>"), "a.xlsx")
    assert len(reading.cells["cell"]) == 100_000
    assert reading.cells["cell"][-1] == "J10000"
    assert "SUB-09" not in reading.problems["rule_id"]


def cells_of(row: int) -> str:
    """Ten cells of a row."""
    return "".join(f'<c r="{letter}{row}"><v>1</v></c>' for letter in "ABCDEFGHIJ")


def test_more_different_texts_than_any_budget_has_are_refused_before_they_are_read(tmp_path: Path):
    texts = "".join(f"<si><t>{n}</t></si>" for n in range(limits().texts + 1))
    shared = {"xl/sharedStrings.xml": f"<sst {MAIN}>{texts}</sst>"}
    assert cause(package(tmp_path, cells("A1"), extra=shared)) == "texts"


ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def texts_in_cells(kind: str, folder: Path, count: int) -> Path:
    """A workbook of so many texts, no two alike, each in its own cell, eight in a row."""
    rows = [[f"第{row * 8 + n}项" for n in range(8)] for row in range(count // 8)]
    path = folder / f"a.{kind}"
    if kind == "csv":
        path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    elif kind == "ods":
        cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        table = "".join(
            f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr(
                "content.xml", f"<office:document-content {ODS_NAMES}>{table}</office:document-content>"
            )
    else:
        cell = '<c t="inlineStr"><is><t>{}</t></is></c>' if kind == "inline" else '<c t="str"><v>{}</v></c>'
        sheet = "".join(f"<row>{''.join(map(cell.format, row))}</row>" for row in rows)
        return package(folder, f"<sheetData>{sheet}</sheetData>")
    return path


@pytest.mark.skipif(not FORMULAS.exists(), reason="the shared workbooks are not here")
def test_a_formula_longer_than_its_workbook_is_damage_like_any_other(tmp_path: Path):
    content = bytearray(FORMULAS.read_bytes())
    content[57906] = 172  # the high byte of a formula's length, at which the library breaks down
    (tmp_path / "a.xls").write_bytes(content)
    assert cause(tmp_path / "a.xls") == "damaged"


@pytest.mark.parametrize("kind", ["inline", "str", "csv", "ods"])
def test_texts_that_no_list_counts_are_counted_in_their_cells(kind: str, tmp_path: Path):
    assert cause(texts_in_cells(kind, tmp_path, limits().texts + 8)) == "texts"


def test_the_list_of_texts_of_a_binary_workbook_is_weighed_before_it_is_read(tmp_path: Path):
    many = struct.pack("<L", limits().texts + 1)
    content = (FILES / "biff8.xls").read_bytes()
    start = content.index(b"\xfc\x00", content.index(b"\x85\x00"))  # the list follows the names of the sheets
    (tmp_path / "a.xls").write_bytes(content[: start + 8] + many + content[start + 12 :])
    assert cause(tmp_path / "a.xls") == "texts"
    shutil.copy(
        FILES / "full_records.xlsb", tmp_path / "a.xlsb"
    )  # its texts are in the cells: the list is drawn
    with zipfile.ZipFile(tmp_path / "a.xlsb", "a") as archive:
        archive.writestr("xl/sharedStrings.bin", b"\x9f\x01\x08" + many + many)
    assert cause(tmp_path / "a.xlsb") == "texts"


@pytest.mark.parametrize("rows", [(233, 8), (0, 0xFFFFFFFF)])
def test_an_xls_whose_sheet_ends_before_it_begins_or_nowhere_is_damage(
    rows: tuple[int, int], tmp_path: Path
) -> None:
    content = (FILES / "biff8.xls").read_bytes()
    start = content.index(struct.pack("<HH", 0x200, 14)) + 4
    (tmp_path / "a.xls").write_bytes(content[:start] + struct.pack("<LL", *rows) + content[start + 8 :])
    assert cause(tmp_path / "a.xls") == "damaged"


def test_a_table_of_contents_that_places_members_before_the_file_is_damage(tmp_path: Path) -> None:
    content = bytearray((FILES / "laid_out.ods").read_bytes())
    where = content.rindex(b"PK\x05\x06") + 16
    (begins,) = struct.unpack_from("<L", content, where)
    struct.pack_into("<L", content, where, begins + 1000)
    (tmp_path / "a.ods").write_bytes(content)
    assert cause(tmp_path / "a.ods") == "damaged"


def test_a_bomb_is_refused_unopened(tmp_path: Path) -> None:
    bomb = {"xl/media/image1.png": b"\0" * (64 << 20)}
    assert cause(package(tmp_path, cells("A1"), extra=bomb)) == "ratio"
    assert cause(
        package(tmp_path, cells("A1"), extra={f"xl/media/{n}.png": b"\0" * (64 << 20) for n in range(5)})
    ) == ("unpacked_too_large")


def test_a_member_that_lies_about_its_size_is_not_unpacked_further(tmp_path: Path) -> None:
    path = package(tmp_path, cells("A1") + " " * (8 << 20))
    content = bytearray(path.read_bytes())
    real = struct.pack("<L", len(f"<worksheet {MAIN}>" + cells("A1") + "</worksheet>") + (8 << 20))
    assert content.count(real) == 2
    path.write_bytes(bytes(content).replace(real, struct.pack("<L", 100)))
    assert cause(path) == "damaged"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_entities_are_refused_wherever_they_are_defined(part: str, tmp_path: Path) -> None:
    content = f"<?xml version='1.0'?><!-- {'x' * 9000} -->{BOMB}<worksheet {MAIN}>&b;</worksheet>"
    assert cause(package(tmp_path, "", extra={part: content})) == "entities"


def test_an_ods_with_entities_or_a_cell_repeated_a_billion_times_is_refused(tmp_path: Path) -> None:
    office = 'xmlns:office="urn:o" xmlns:table="urn:t"'
    cell = '<table:table-cell office:value-type="float" table:number-columns-repeated="16384"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    table = f'<office:document {office}><table:table table:name="表">{row}</table:table></office:document>'
    for content, expected in ((table, "cells"), (BOMB + "<a/>", "entities"), ("<broken", "damaged")):
        path = tmp_path / "a.ods"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)
        assert cause(path) == expected


def record12(kind: int, content: bytes) -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(content)]) + content


def text12(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def xlsb(*rows: tuple[int, bytes]) -> zipfile.ZipFile:
    """The parts of an .xlsb that are looked at, made by hand: what no program writes on purpose."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "xl/workbook.bin", record12(156, struct.pack("<LL", 0, 1) + text12("r1") + text12("表"))
        )
        archive.writestr("xl/_rels/workbook.bin.rels", '<a><b Id="r1" Target="worksheets/sheet1.bin"/></a>')
        archive.writestr(
            "xl/worksheets/sheet1.bin", b"".join(record12(kind, content) for kind, content in rows)
        )
    return zipfile.ZipFile(file)


def test_an_xlsb_is_weighed_and_its_errors_hidden_rows_and_merges_are_seen() -> None:
    row = struct.pack("<LLHBBB", 4, 0, 300, 0, 0x10, 0)
    error = (3, struct.pack("<LLB", 2, 0, 23))
    merge = (176, struct.pack("<LLLL", 0, 1, 2, 3))
    (looked,) = inspect_xlsb(xlsb((0, row), error, merge)).sheets
    assert looked.errors == {"C5": "#REF!"}
    assert (looked.hidden_rows, looked.merges) == (frozenset({4}), ((0, 2, 1, 3),))
    far = (0, struct.pack("<LLHBBB", 1_048_575, 0, 300, 0, 0, 0))
    with pytest.raises(UnreadableFileError, match="XFD1048576"):
        inspect_xlsb(xlsb((0, row), error, far, (5, struct.pack("<LLd", 16_383, 0, 1.0))))


def test_a_sum_in_an_xls_is_understood_and_anything_else_is_not() -> None:
    area = b"\x25" + struct.pack("<HHHH", 3, 4, 2 | 0xC000, 2 | 0xC000)
    cell = b"\x44" + struct.pack("<HH", 8, 2)
    assert plain_sum(area + b"\x19\x10\0\0") == "SUM(C4:C5)"
    assert plain_sum(area + cell + b"\x42\x02\x04\x00") == "SUM(C4:C5,C9)"
    assert plain_sum(cell + cell + b"\x03") == "C9+C9"
    assert plain_sum(cell + cell + b"\x05") == plain_sum(b"\x25\0") == plain_sum(b"\x03") == ""


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in records)


def compound(name: str, stream: bytes) -> bytes:
    """The smallest compound file with one stream, of at least 4,096 bytes."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    end = 0xFFFFFFFE
    header = MAGIC + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    header += struct.pack("<LLLLLLLL", 1, 1, 0, 4096, end, 0, end, 0) + struct.pack(
        "<109L", 0, *[0xFFFFFFFF] * 108
    )
    table = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    table += [0xFFFFFFFF] * (128 - len(table))
    directory = b"".join(
        text.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HB", 2 * len(text) + 2, kind) + b"\0" * 49
        + struct.pack("<LLL", start, size, 0)
        for text, kind, start, size in (("Root Entry", 5, end, 0), (name, 2, 2, len(stream)))
    ).ljust(512, b"\0")  # fmt: skip
    return header + struct.pack("<128L", *table) + directory + stream


BEGIN, END = (0x809, struct.pack("<HH", 0x600, 5) + b"\0" * 12), (0x0A, b"")


def test_a_password_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(compound("Workbook", biff(BEGIN, (0x2F, b"\1\0" * 3), END)))
    assert cause(path) == "encrypted"
    path.write_bytes(compound("EncryptedPackage", b""))
    assert cause(path) == "encrypted"


def test_an_xls_with_a_far_cell_or_a_loop_among_its_sectors_is_refused(tmp_path: Path) -> None:
    begin = biff(BEGIN, (0x85, struct.pack("<LBBBB", 0, 0, 0, 1, 0) + b"s"), END)
    sheet = biff(BEGIN, *((0x203, struct.pack("<HHHd", n, n, 0, 1.0)) for n in (0, 65_535)), END)
    stream = (
        begin.replace(struct.pack("<L", 0) + b"\0\0\1\0s", struct.pack("<L", len(begin)) + b"\0\0\1\0s")
        + sheet
    )
    path = tmp_path / "a.xls"
    path.write_bytes(compound("Workbook", stream))
    assert cause(path) == "far_cell"
    looped = bytearray(compound("Workbook", stream))
    looped[512 + 4 * 3 : 512 + 4 * 4] = struct.pack("<L", 2)
    path.write_bytes(bytes(looped))
    assert cause(path) == "damaged"


def book(folder: Path, name: str = "whole.xlsx") -> Path:
    written = Workbook()
    for row in (
        ["2020年部门预算支出总表"],
        ["部门：101教育局", None, "单位：元"],
        ["科目编码", "科目名称", "合计"],
        ["合计", None, 1],
    ):
        written.active.append(row)
    folder.mkdir(parents=True, exist_ok=True)
    written.save(folder / name)
    return folder / name


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.05])
def test_a_truncated_file_is_named(kept: float, tmp_path: Path) -> None:
    whole = book(tmp_path).read_bytes()
    (tmp_path / "a.xlsx").write_bytes(whole[: int(len(whole) * kept)])
    assert cause(tmp_path / "a.xlsx") == "truncated"


def test_a_workbook_without_content_is_named(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "a.xlsx")
    assert cause(tmp_path / "a.xlsx") == "no_sheets"


def test_a_workbook_of_scanned_pages_is_named(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as package:
        package.writestr("xl/media/image1.png", b"\x89PNG")
    assert cause(tmp_path / "a.xlsx") == "only_pictures"


def test_a_table_of_contents_beyond_measure_is_never_loaded(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", "")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    struct.pack_into("<L", content, len(content) - 10, 1 << 30)
    assert directory_size(io.BytesIO(bytes(content))) == 1 << 30
    (tmp_path / "a.xlsx").write_bytes(bytes(content))
    assert cause(tmp_path / "a.xlsx") == "unpacked_too_large"


@pytest.mark.parametrize(
    "member",
    ["../表.xlsx", "/etc/表.xlsx", "C:/表.xlsx", "a/../../表.xlsx", "..\\表.xlsx", "./a.xlsx"],
)
def test_a_member_that_leads_out_of_its_archive_refuses_the_archive(member: str, tmp_path: Path) -> None:
    path = tmp_path / "2020" / "101_教育局" / "a.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, book(tmp_path).read_bytes())
    before = set(tmp_path.rglob("*"))
    inputs = discover(tmp_path / "2020", 2020)
    (reading,) = read_batch(list(inputs.files)).values()
    assert reading.problems["rule_id"] == ["SUB-09"]
    assert "不正常的路径" in reading.problems["detail"][0]
    assert set(tmp_path.rglob("*")) == before


def test_a_line_break_in_the_name_of_a_member_is_a_blank(tmp_path: Path) -> None:
    path = tmp_path / "2020" / "101_教育局" / "a.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("预算\n表.xlsx", book(tmp_path).read_bytes())
    inputs = discover(tmp_path / "2020", 2020)
    ((name, reading),) = read_batch(list(inputs.files)).items()
    assert (name.endswith("预算 表.xlsx"), reading.problems["rule_id"]) == (True, [])


INJECTED = ["=cmd|'/c calc'!A1", "＝1+1", "+cmd", "-2+3+cmd|x", "@SUM(A1)", "\t=1+1", "\n=1+1"]


@pytest.mark.parametrize("text", INJECTED)
def test_text_that_is_a_formula_to_a_spreadsheet_stays_text_in_every_output(
    text: str, tmp_path: Path
) -> None:
    write_csv(pa.table({"project_name": [text]}), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == [f"'{text}"]
    written = Workbook()
    _write_cells(written.active, 1, [text], Font())
    written.save(tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx").active["A1"]
    assert (cell.data_type, cell.value.strip()) == ("s", text.strip())


@pytest.mark.parametrize("text", ["-1.5", "－", "-", "教育局=1"])
def test_text_that_is_none_is_left_alone(text: str, tmp_path: Path) -> None:
    write_csv(pa.table({"name": [text]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[1] == f'"{text}"'


def test_a_workbook_of_formulas_without_results_names_them(tmp_path: Path) -> None:
    written = Workbook()
    written.active["A1"] = "=SUM(B1:B2)"
    written.save(tmp_path / "a.xlsx")
    assert read_file(tmp_path / "a.xlsx", "a.xlsx").problems["rule_id"] == ["SUB-11"]


def test_a_sum_over_a_whole_sheet_is_not_added_up(tmp_path: Path) -> None:
    assert list(sum_terms("SUM(A1:XFD1048576)")) == []


def test_a_thousand_problems_of_one_rule_are_counted_not_listed() -> None:
    problems = [Problem("SUB-12", "s", f"A{n}", "#N/A", "", "") for n in range(1000)]
    shown = bounded(problems, 10)
    assert len(shown) == 10
    assert shown[-1].detail == "另有 990 处同样的问题未逐一列出。"


def slow_batch(batch: Batch) -> Readings:
    """Never returns from a file named slow, and never looks up."""
    if any("slow" in file.name for file in batch):
        while True:
            time.sleep(60)
    return read_batch(batch)


def greedy_batch(batch: Batch) -> Readings:
    """Takes two gigabytes for a file named greedy."""
    if any("greedy" in file.name for file in batch):
        bytearray(2 << 30)
    return read_batch(batch)


def sources(folder: Path, *names: str) -> list[SourceFile]:
    return [source_file(book(folder, name), name) for name in names]


def test_a_file_that_never_ends_costs_thirty_seconds_and_harms_no_other(tmp_path: Path) -> None:
    files = sources(tmp_path, "a.xlsx", "slow.xlsx", "z.xlsx")
    readings: Readings = {}
    read_here(files, 2, readings.update, slow_batch)
    assert {name: reading.problems["rule_id"] for name, reading in readings.items()} == {
        "a.xlsx": [], "slow.xlsx": ["SUB-09"], "z.xlsx": [],
    }  # fmt: skip
    assert limits().seconds + limits().seconds_alone <= 30
    assert "用时超过" in readings["slow.xlsx"].problems["detail"][0]


def test_a_file_that_takes_all_memory_is_stopped(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="this system bounds no process's memory")
    readings: Readings = {}
    read_here(sources(tmp_path, "greedy.xlsx", "z.xlsx"), 1, readings.update, greedy_batch)
    assert "内存" in readings["greedy.xlsx"].problems["detail"][0]
    assert readings["z.xlsx"].problems["rule_id"] == []


def test_a_file_at_which_the_program_breaks_down_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_down(path: Path, name: str, members: Sequence[str]) -> FileReading:
        return read_file(path, name, members) if name != "bad.xlsx" else read_file(path / "\0", name, members)

    monkeypatch.setattr(filereading, "read_file", breaks_down)
    readings = read_batch(sources(tmp_path, "bad.xlsx", "z.xlsx"))
    assert readings["bad.xlsx"].problems["rule_id"] == ["SUB-09"]
    assert "程序读取该文件时出错（ValueError）" in readings["bad.xlsx"].problems["detail"][0]
    assert readings["z.xlsx"].problems["rule_id"] == []


def test_check_says_of_a_bad_file_what_a_run_says(tmp_path: Path) -> None:
    path = package(tmp_path, cells("A1", "XFD1048576"))
    findings = check_files([path], 2020).checks.findings
    found = findings[findings["rule_id"] == "SUB-09"]
    assert len(found) == 1
    assert "XFD1048576" in found["message"].iloc[0]
