"""The same workbook in every format gives the same facts; files are known by their content, not their name."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from flows.running.filereading import read_batch
from transforms.evidence import assemble
from transforms.read import FileReading, read_file
from transforms.submissions import discover

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
FILES = Path(__file__).parent / "files"
FILTERS = {
    "doc": "doc:MS Word 97",
    "xls": "xls:MS Excel 97",
    "ods": "ods",
    "xlsx": "xlsx",
    "csv": "csv:Text - txt - csv (StarCalc):44,34,76,1",
}
ROWS = (
    ["部门预算支出总表"],
    ["部门：101教育局", None, None, None, "单位：元"],
    ["科目", None, "合计", "其中", None],
    ["编码", "名称", None, "基本支出", "项目支出"],
    ["205", "教育支出", 1234.5, 1200.25, 34.25],
    ["20502", "普通教育", 1234.5, 1200.25, 34.25],
    ["2050202", "小学教育", 1234.5, 1200.25, 34.25],
    ["合计", None, 1234.5, 1200.25, 34.25],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


@pytest.fixture(scope="module")
def original(folder: Path) -> Path:
    book = Workbook()
    page = book.active
    page.title = "支出"
    for row in ROWS:
        page.append(row)
    for span in ("A1:E1", "A3:B3", "C3:C4", "D3:E3", "A8:B8"):
        page.merge_cells(span)
    book.save(folder / "original.xlsx")
    return folder / "original.xlsx"


def converted(path: Path, kind: str) -> Path:
    """The file as LibreOffice saves it in another format."""
    home = path.parent / "office"
    target = path.parent / kind
    subprocess.run(
        [SOFFICE or "", f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to",
         FILTERS[kind], "--outdir", str(target), str(path)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return target / f"{path.stem}.{kind}"


def facts(reading: FileReading) -> set[tuple]:
    names = ("form", "row_key", "column_key", "measure", "role", "amount", "unit", "cell")
    return set(zip(*(reading.facts[name] for name in names), strict=True))


def problems(reading: FileReading) -> list[tuple[str, str]]:
    return list(zip(reading.problems["rule_id"], reading.problems["cell"], strict=True))


@needs_office
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx", "csv"])
def test_a_file_that_libreoffice_saved_gives_the_same_facts(kind: str, original: Path) -> None:
    expected = read_file(original, original.name)
    reading = read_file(converted(original, kind), f"a.{kind}")
    assert len(facts(expected)) == 12
    assert facts(reading) == facts(expected)
    assert problems(reading) == problems(expected) == []


@needs_office
@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize(
    "code", ["0\\.0,", "0\\.0000", "#,##0.00,", '0.00"万元"', '0.00"万元";[RED]-0.00"万元"']
)
def test_numbers_that_their_format_shows_otherwise_are_named_in_other_formats_too(
    kind: str, code: str, original: Path, tmp_path: Path
) -> None:
    book = load_workbook(original)
    for row in book.active.iter_rows(min_row=5, min_col=3):
        for cell in row:
            cell.number_format = code
    book.save(tmp_path / "scaled.xlsx")
    reading = read_file(converted(tmp_path / "scaled.xlsx", kind), f"a.{kind}")
    assert problems(reading) == [("SUB-20", "C5")]


def test_numbers_that_their_format_shows_divided_are_named_in_xlsb_too(tmp_path: Path) -> None:
    """The only format and the only style of cells of the file, as records of BIFF12, made into ones that divide."""
    code, divides = '"上午/下午 "hh"時"mm"分"ss"秒 "', f'"{" " * 13}"#,##0.00,'
    dated, own = (number.to_bytes(2, "little") for number in (56, 200))
    size, style = len(code).to_bytes(4, "little"), bytes.fromhex("e90404010000002f100000")
    records = {
        dated + size + code.encode("utf-16-le"): own + size + divides.encode("utf-16-le"),
        style + b"\0\0": style + own,
    }
    target = repacked(FILES / "full_records.xlsb", tmp_path / "a.xlsb", renamed=records)
    assert problems(read_file(target, "a.xlsb")) == [("SUB-20", "C5")]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("full_records.xlsb", "a.xlsb"),
        ("biff8.xls", "a.xls"),
        ("biff8.xls", "a.et"),
        ("laid_out.ods", "a.ods"),
        ("texts_in_cells.xlsx", "a.xlsx"),
    ],
)
def test_a_file_that_another_program_saved_gives_the_same_facts(file: str, name: str, original: Path) -> None:
    """No file here was saved by Excel or WPS, which cannot be had: .xlsb and .et stand for theirs as SheetJS writes
    them. An .et is a BIFF8 workbook under another name; nothing is known here of .et files before WPS 2005."""
    reading = read_file(FILES / file, name)
    assert facts(reading) == facts(read_file(original, original.name))
    assert problems(reading) == []


@pytest.mark.parametrize(
    ("file", "told"), [("short_records.xlsb", "直接读取会丢失数据"), ("xml_2003.xml", "XML 电子表格 2003")]
)
def test_a_file_of_which_cells_would_be_lost_is_refused_with_what_to_do(file: str, told: str) -> None:
    reading = read_file(FILES / file, file)
    assert list(reading.problems["rule_id"]) == ["SUB-09"]
    assert told in reading.problems["detail"][0]
    assert "另存为 .xlsx" in reading.problems["detail"][0]


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}


def repacked(
    path: Path, target: Path, *, without: str = "", renamed: dict[bytes, bytes] | None = None
) -> Path:
    """A package once more, without one of its parts, or with other names in its XML."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as other:
        for name in package.namelist():
            content = package.read(name)
            for old, new in (renamed or {}).items():
                content = content.replace(old, new)
            if name != without:
                other.writestr(name, content)
    return target


def hidden_book(path: Path) -> Path:
    """The workbook with a formula without result, an error, a hidden row and column, and a comment with a figure."""
    book = Workbook()
    page = book.active
    page.title = "支出"
    for row in ROWS:
        page.append(row)
    page["C8"] = "=NA()"
    page["D8"] = "=SUM(D7:D7)"
    page.row_dimensions[6].hidden = True
    page.column_dimensions["E"].hidden = True
    page["B5"].comment = Comment("原报 1,300.00 元，已核减", "审核")
    book.save(path)
    return path


def test_strict_open_xml_gives_the_same_facts_and_the_same_troubles(original: Path, tmp_path: Path) -> None:
    """Excel saves it as "Strict Open XML"; no program here does, so that the names are changed by hand."""
    strict = repacked(original, tmp_path / "strict.xlsx", renamed=STRICT)
    assert facts(read_file(strict, "a.xlsx")) == facts(read_file(original, "a.xlsx"))
    hidden = hidden_book(tmp_path / "hidden.xlsx")
    found = problems(read_file(repacked(hidden, tmp_path / "b.xlsx", renamed=STRICT), "a.xlsx"))
    assert found == problems(read_file(hidden, "a.xlsx"))
    assert {("SUB-11", "D8"), ("SUB-10", "A6"), ("SUB-10", "E5"), ("SUB-10", "B5")} <= set(found)


@needs_office
@pytest.mark.parametrize(
    "part", ["mimetype", "META-INF/manifest.xml", "styles.xml", "settings.xml", "meta.xml"]
)
def test_an_open_document_without_a_part_that_no_figure_needs_is_read(
    part: str, original: Path, tmp_path: Path
) -> None:
    whole = converted(original, "ods")
    with zipfile.ZipFile(whole) as package:
        assert part in package.namelist()
    reading = read_file(repacked(whole, tmp_path / "a.ods", without=part), "a.ods")
    assert facts(reading) == facts(read_file(original, original.name))
    assert problems(reading) == []


@needs_office
@pytest.mark.skipif(not REAL.is_dir(), reason="the real workbooks are not beside the project")
@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize("name", ["js_party_office_2019.xlsx", "pt_commerce_2025.xlsx"])
def test_a_real_workbook_gives_the_same_facts_in_another_format(name: str, kind: str, folder: Path) -> None:
    expected = facts(read_file(REAL / name, name))
    shutil.copy(REAL / name, folder / name)
    assert len(expected) > 100
    assert facts(read_file(converted(folder / name, kind), name)) == expected


@needs_office
@pytest.mark.parametrize(
    ("kind", "name"),
    [("xls", "a.et"), ("xls", "a.xlsx"), ("ods", "a.xls"), ("xlsx", "a.xls"), ("xlsx", "a.dat")],
)
def test_a_wrong_name_does_no_harm(kind: str, name: str, original: Path, tmp_path: Path) -> None:
    shutil.copy(converted(original, kind), tmp_path / name)
    assert facts(read_file(tmp_path / name, name)) == facts(read_file(original, original.name))


def text(mark: str) -> str:
    return "\r\n".join(mark.join("" if v is None else str(v) for v in row) for row in ROWS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_text_table_is_read_in_every_encoding_with_every_delimiter(
    encoding: str, mark: str, tmp_path: Path, original: Path
) -> None:
    (tmp_path / "支出.csv").write_bytes(text(mark).encode(encoding))
    reading = read_file(tmp_path / "支出.csv", "支出.csv")
    assert facts(reading) == facts(read_file(original, original.name))
    assert set(reading.facts["sheet"]) == {"支出"}


def test_tab_separated_text_that_calls_itself_xls_is_read(tmp_path: Path, original: Path) -> None:
    (tmp_path / "a.xls").write_bytes(text("\t").encode("gb18030"))
    assert facts(read_file(tmp_path / "a.xls", "a.xls")) == facts(read_file(original, original.name))


def test_an_xlsm_is_read_and_its_macros_are_named(original: Path, tmp_path: Path) -> None:
    shutil.copy(original, tmp_path / "a.xlsm")
    with zipfile.ZipFile(tmp_path / "a.xlsm", "a") as package:
        package.writestr("xl/vbaProject.bin", b"never run")
    reading = read_file(tmp_path / "a.xlsm", "a.xlsm")
    assert facts(reading) == facts(read_file(original, original.name))
    assert problems(reading) == [("SUB-14", "")]


HTML = b"<html><body><table><tr><td>1</td></tr></table></body></html>"
XML = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HTML, "网页表格"),
        (b"\xef\xbb\xbf  " + HTML.upper(), "网页表格"),
        (XML, "XML 电子表格 2003"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook", "MHTML"),
        (
            b"<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument'>",
            "单个 XML",
        ),
        (b"%PDF-1.7", "PDF"),
        (b'ID;PWXL;N;E\r\nC;Y1;X1;K"a"\r\nC;Y2;X1;K1\r\n', "SYLK"),
        (b"\x89PNG\r\n", "图片"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\x09\x08\x10\x00\x00\x06", "旧格式"),
        ("一段话，不是表格。".encode(), "不是电子表格"),
        (b"\x00\x01\x02", "不是电子表格"),
        (b"", "空的"),
    ],
)
def test_what_is_no_workbook_is_named_with_what_to_do(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    reading = read_file(tmp_path / "a.xls", "a.xls")
    assert reading.problems["rule_id"] == ["SUB-09"]
    assert words in reading.problems["detail"][0]
    assert "请" in reading.problems["detail"][0]


def year_with_archive(tmp_path: Path, members: dict[str, bytes], name: str = "101_教育局/材料.zip") -> Path:
    path = tmp_path / "2020" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return tmp_path / "2020"


def test_the_members_of_a_departments_archive_are_files_of_its_submission(
    original: Path, tmp_path: Path
) -> None:
    members = {"表/支出.xlsx": original.read_bytes(), "说明.pdf": b"%PDF-1.7", "~$支出.xlsx": b"x"}
    inputs = discover(year_with_archive(tmp_path, members), 2020)
    assert [file.name for file in inputs.files] == ["101_教育局/材料.zip!表/支出.xlsx"]
    assert inputs.ignored == {
        "101_教育局/材料.zip!说明.pdf": "a PDF",
        "101_教育局/材料.zip!~$支出.xlsx": "left behind by a program",
    }
    file = inputs.files[0]
    assert (file.folder_code, file.folder_name, file.submission) == ("101", "教育局", 1)
    reading = read_file(file.path, file.name, file.members)
    assert facts(reading) == facts(read_file(original, original.name))
    assert assemble([reading], inputs).bodies["body_id"].tolist() == ["department:101"]


def test_an_archive_that_lies_in_no_folder_is_one_itself(original: Path, tmp_path: Path) -> None:
    members = {"1/a.xlsx": b"", "2/a.xlsx": original.read_bytes()}
    inputs = discover(year_with_archive(tmp_path, members, "101_教育局.zip"), 2020)
    assert [(file.folder_name, file.submission, file.members) for file in inputs.files] == [
        ("教育局", 2, ("2/a.xlsx",))
    ]
    assert inputs.ignored == {"101_教育局.zip!1/a.xlsx": "superseded by submission 2"}


def test_an_archive_in_an_archive_is_read_and_no_deeper(original: Path, tmp_path: Path) -> None:
    nested = original.read_bytes()
    for depth in range(3):
        with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
            archive.writestr(f"{depth}.zip" if depth else "a.xlsx", nested)
        nested = (tmp_path / "inner.zip").read_bytes()
        if depth == 0:
            inputs = discover(year_with_archive(tmp_path, {"内.zip": nested}), 2020)
            assert [file.members for file in inputs.files] == [("内.zip", "a.xlsx")]
            file = inputs.files[0]
            assert len(facts(read_file(file.path, file.name, file.members))) == 12
    inputs = discover(year_with_archive(tmp_path, {"内.zip": nested}), 2020)
    (reading,) = read_batch(list(inputs.files)).values()
    assert reading.problems["rule_id"] == ["SUB-09"]
    assert "套了压缩包" in reading.problems["detail"][0]


def test_names_that_a_chinese_program_packed_are_decoded(original: Path, tmp_path: Path) -> None:
    year = year_with_archive(tmp_path, {"ABCDEFGH.xlsx": original.read_bytes()})
    path = next(year.rglob("*.zip"))
    packed = path.read_bytes().replace(b"ABCDEFGH", "支出总表".encode("gb18030"))
    path.write_bytes(packed)
    file = discover(year, 2020).files[0]
    assert file.name == "101_教育局/材料.zip!支出总表.xlsx"
    assert len(facts(read_file(file.path, file.name, file.members))) == 12


def test_whatever_is_not_read_is_listed_with_a_reason(original: Path, tmp_path: Path) -> None:
    year = year_with_archive(tmp_path, {"支出.xlsx": original.read_bytes()})
    (year / "101_教育局" / "扫描.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (year / "101_教育局" / "便条.txt").write_text("请查收", encoding="utf-8")
    assert discover(year, 2020).ignored == {
        "101_教育局/扫描.jpg": "an image",
        "101_教育局/便条.txt": "plain text",
    }


@needs_office
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_what_is_hidden_from_a_reader_of_values_is_found_in_every_format(kind: str, folder: Path) -> None:
    hidden_book(folder / "hidden.xlsx")
    found = problems(read_file(converted(folder / "hidden.xlsx", kind), f"hidden.{kind}"))
    expected = {("SUB-12", "C8"), ("SUB-10", "A6"), ("SUB-10", "E5")}
    # The comments of .xls are drawing objects, which are not read.
    assert expected | ({("SUB-10", "B5")} if kind != "xls" else set()) <= set(found)
