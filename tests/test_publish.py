"""A release is written whole, the same bytes twice, readable by everyone, and replaced in one move."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow.parquet
import pytest

from expectations.errors import InputError, PublicationError
from expectations.schema import empty_frame, tables, tables_of
from flows.published.exchange import exchange
from flows.published.publish import publish
from flows.published.release import Release
from flows.published.replace import standing_release
from flows.running.lock import only_writer
from flows.running.parts import rows_of_frame

BODY = {
    "fiscal_year": 2020,
    "scope": "department",
    "department_code": "723",
    "department_name": "县委办公室",
    "unit_code": "",
    "unit_name": "",
}
COVERED = {
    **BODY,
    "kind": "",
    "on_roster": True,
    "sent": True,
    "missing": False,
    "withheld": False,
    "withheld_tables": "",
    "counted": True,
    "submission": 1,
    "forms": "income",
    "files": "723_县委办公室/预算.xlsx",
}
SOURCE = {
    "source_file": "723_县委办公室/预算.xlsx",
    "source_sheet": "表2",
    "source_cell": "D6",
    "derivation": "printed",
}


def rows(name: str, *values: dict[str, object]) -> pd.DataFrame:
    """A frame of a table with these rows; columns not given are unknown."""
    table = tables()[name]
    return pd.DataFrame([*values], columns=list(table.column_names)) if values else empty_frame(table)


def income(source: str, fen: int, code: str = "") -> dict[str, object]:
    return {**BODY, **SOURCE, "income_source": source, "function_code": code, "amount_yuan": fen}


def a_release(**changes: object) -> Release:
    standard = {table.name: empty_frame(table) for table in tables_of("standard", "county")}
    standard["income"] = rows(
        "income", income("other", 500), income("general_public_budget", 119_292_000_001, "2013101")
    )
    standard["county_income"] = rows(
        "county_income",
        {
            "fiscal_year": 2020,
            "income_source": "general_public_budget",
            "gross_yuan": 119_292_000_001,
            "elimination_yuan": 0,
            "net_yuan": 119_292_000_001,
            "body_count": 1,
        },
    )
    release = Release(
        year=2020,
        tables=standard,
        other_scope={},
        withheld={},
        findings=empty_frame(tables()["findings"]),
        outcomes=empty_frame(tables()["outcomes"]),
        coverage=rows("coverage", COVERED),
        cells=rows_of_frame("cells", empty_frame(tables()["cells"])),
        facts=rows_of_frame("facts", empty_frame(tables()["facts"])),
        run={"year": 2020, "inputs": [{"file": "723_县委办公室/预算.xlsx", "size": 1, "sha256": "0"}]},
    )
    return replace(release, **changes)  # type: ignore[arg-type]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(a_release(), tmp_path_factory.mktemp("output"))


def test_csv_is_utf8_with_bom_and_crlf_sorted_by_key_with_yuan_in_two_decimals(published: Path):
    content = (published / "csv" / "income.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") == 3
    _, first, second, _ = content.decode("utf-8-sig").split("\r\n")
    assert '"general_public_budget","2013101",,1192920000.01,' in first
    assert '"other",,,5.00,' in second


def test_parquet_holds_amounts_as_decimals_and_codes_as_text(published: Path):
    table = pyarrow.parquet.read_table(published / "parquet" / "income.parquet")
    assert table.schema.field("amount_yuan").type == pyarrow.decimal128(18, 2)
    assert table.column("function_code").to_pylist() == ["2013101", None]
    assert table.column("amount_yuan").to_pylist() == [Decimal("1192920000.01"), Decimal("5.00")]


def test_duckdb_has_every_table_with_chinese_comments(published: Path):
    with duckdb.connect(str(published / "county_budget.duckdb"), read_only=True) as database:
        comments = dict(database.sql("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        total = database.sql("SELECT sum(amount_yuan) FROM income").fetchall()
    assert comments["income"].startswith("部门收入预算表")
    assert {table.name for table in tables_of("standard", "county")} <= comments.keys()
    assert total == [(Decimal("1192920005.01"),)]


def test_every_table_has_its_file_even_without_rows(published: Path):
    for table in tables_of("standard"):
        for folder in ("csv", "other_scope", "withheld"):
            header = (published / folder / f"{table.name}.csv").read_text("utf-8-sig").splitlines()[0]
            assert header == ",".join(f'"{name}"' for name in table.column_names)


def test_publishing_twice_gives_the_same_bytes_but_for_the_database(tmp_path: Path):
    first = files_of(publish(a_release(), tmp_path / "a"))
    second = files_of(publish(a_release(), tmp_path / "b"))
    differing = {name for name in first if first[name] != second[name]}
    assert first.keys() == second.keys()
    assert differing <= {"county_budget.duckdb", "run.json"}


def test_the_order_of_rows_does_not_change_a_byte(tmp_path: Path):
    release = a_release()
    turned = {name: frame.iloc[::-1] for name, frame in release.tables.items()}
    one = publish(release, tmp_path / "a") / "csv" / "income.csv"
    other = publish(replace(release, tables=turned), tmp_path / "b") / "csv" / "income.csv"
    assert one.read_bytes() == other.read_bytes()


def test_text_that_a_spreadsheet_would_run_is_harmless_in_csv_and_unchanged_in_parquet(tmp_path: Path):
    names = ["=cmd()", "@SUM(A1)", "+1+cmd", "-5.00", "办公用品"]
    projects = [{**BODY, **SOURCE, "position": i, "project_name": name} for i, name in enumerate(names)]
    release = a_release()
    folder = publish(
        replace(release, tables={**release.tables, "projects": rows("projects", *projects)}), tmp_path
    )
    csv = pd.read_csv(folder / "csv" / "projects.csv", dtype=str)
    assert csv["project_name"].tolist() == ["'=cmd()", "'@SUM(A1)", "'+1+cmd", "-5.00", "办公用品"]
    parquet = pyarrow.parquet.read_table(folder / "parquet" / "projects.parquet")
    assert parquet.column("project_name").to_pylist() == names


def test_the_data_package_is_valid(published: Path):
    from frictionless import Package

    report = Package(str(published / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "fieldName", "message"])[:5]


def test_run_json_names_inputs_and_the_checksum_of_every_output(published: Path):
    run = json.loads((published / "run.json").read_text("utf-8"))
    assert run["inputs"][0]["file"] == "723_县委办公室/预算.xlsx"
    assert run["outputs"].keys() == files_of(published).keys() - {"run.json"}


def test_the_workbook_shows_wan_yuan_with_chinese_headings_and_links(published: Path):
    book = openpyxl.load_workbook(published / "county_budget.xlsx")
    sheet = book["部门收入"]
    assert sheet["A1"].value == "2020年全县部门收入汇总表"
    assert [cell.value for cell in sheet[3]][:5] == ["收入来源", "汇总数", "抵销数", "合并数", "单位个数"]
    assert [cell.value for cell in sheet[4]][:2] == ["一般公共预算拨款", 119292.000001]
    assert sheet["B4"].number_format.startswith("#,##0.00")
    assert sheet.freeze_panes == "B4"
    assert any(cell.hyperlink for cell in book["目录"]["B"])


def test_the_former_release_is_kept_under_the_next_number(tmp_path: Path):
    for year_total in (100, 200, 300):
        release = a_release()
        changed = {**release.tables, "income": rows("income", income("other", year_total))}
        publish(replace(release, tables=changed), tmp_path)
    kept = [
        (tmp_path / "releases" / "2020" / n / "csv" / "income.csv").read_text("utf-8-sig") for n in ("1", "2")
    ]
    assert [",1.00," in kept[0], ",2.00," in kept[1]] == [True, True]
    assert ",3.00," in (tmp_path / "2020" / "csv" / "income.csv").read_text("utf-8-sig")


def on_a_full_disk(output: Path, no_file_beyond: int) -> str:
    """What a process says that publishes twenty thousand rows where no file can grow beyond so many bytes."""
    program = f"""
import resource
from pathlib import Path
from expectations.errors import PublicationError
from tests.test_publish import a_release, income, rows
from flows.published.publish import publish
many = rows("income", *(income("other", fen) for fen in range(20_000)))
resource.setrlimit(resource.RLIMIT_FSIZE, ({no_file_beyond}, resource.RLIM_INFINITY))
try:
    publish(a_release(tables={{**a_release().tables, "income": many}}), Path({str(output)!r}))
except PublicationError as error:
    print(error)
"""
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files is not limited there")
@pytest.mark.parametrize(
    ("no_file_beyond", "file"),
    [(10, "county_budget.duckdb"), (20_000, "county_budget.duckdb"), (1_900_000, "")],
)
def test_a_full_disk_is_told_with_the_file_and_leaves_the_former_release_untouched(
    tmp_path: Path, no_file_beyond: int, file: str
):
    before = files_of(publish(a_release(), tmp_path))
    said = on_a_full_disk(tmp_path, no_file_beyond)
    assert f"{file}（文件超过磁盘允许的大小），原有成果未改动" in said
    assert files_of(tmp_path / "2020") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2020"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not synced there")
def test_every_file_and_folder_is_on_the_disk_before_the_release_bears_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced: set[int] = set()
    named: list[set[int]] = []
    fsync, rename = os.fsync, Path.rename

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def renamed(self: Path, target: Path) -> Path:
        named.append(set(synced))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "rename", renamed)
    folder = publish(a_release(), tmp_path)
    assert {path.stat().st_ino for path in (folder, *folder.rglob("*"))} <= named[0]


@pytest.fixture
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system, such as Windows, that cannot exchange two folders in one step."""

    def unavailable(*_arguments: object, **_options: object) -> None:
        raise OSError("no such library")

    monkeypatch.setattr("ctypes.CDLL", unavailable)


@pytest.mark.usefixtures("without_exchange")
def test_a_release_folder_that_cannot_be_moved_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = files_of(publish(a_release(), tmp_path))
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if self.name == "2020":
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(PublicationError, match=r"2020.*原有成果未改动"):
        publish(a_release(), tmp_path)
    assert files_of(tmp_path / "2020") == before
    assert not list(tmp_path.glob(".2020*"))


def test_a_former_release_that_cannot_be_shelved_stays_published(tmp_path: Path):
    before = files_of(publish(a_release(), tmp_path))
    (tmp_path / "releases").write_text("a file where the shelf should be")
    with pytest.raises(PublicationError, match="原有成果未改动"):
        publish(a_release(), tmp_path)
    assert files_of(tmp_path / "2020") == before
    assert not list(tmp_path.glob(".2020*"))


@pytest.mark.usefixtures("without_exchange")
def test_without_an_exchange_two_renames_do(tmp_path: Path):
    before = files_of(publish(a_release(), tmp_path))
    publish(a_release(run={"year": 2020, "second": True}), tmp_path)
    assert files_of(tmp_path / "releases" / "2020" / "1") == before
    assert json.loads((tmp_path / "2020" / "run.json").read_text("utf-8"))["second"] is True


def killed(output: Path, year: int, *, at_rename: int, exchange: bool) -> int:
    """The exit code of a process that publishes and is killed before its n-th rename of a folder."""
    program = f"""
import os, signal, sys
from pathlib import Path
from tests.test_publish import a_release
from flows.published.publish import publish
if not {exchange}:
    import ctypes
    ctypes.CDLL = None
renames = 0
def watch(event, arguments):
    global renames
    if event == "os.rename":
        renames += 1
        if renames == {at_rename}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
publish(a_release(run={{"year": 2020, "second": True}}), Path({str(output)!r}))
"""
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("at_rename", [1, 2, 3])
def test_a_publication_killed_at_any_rename_leaves_one_whole_release(
    tmp_path: Path, at_rename: int, exchange: bool
):
    before = files_of(publish(a_release(), tmp_path))
    died = killed(tmp_path, 2020, at_rename=at_rename, exchange=exchange)
    found = standing_release(tmp_path, 2020)
    whole = files_of(found)
    record = json.loads(whole["run.json"])
    assert whole == before or record.get("second")
    assert record["outputs"].keys() == whole.keys() - {"run.json"}
    publish(a_release(run={"year": 2020, "third": True}), tmp_path)
    assert died == (-9 if at_rename < 3 or not exchange else 0)
    assert json.loads((tmp_path / "2020" / "run.json").read_text("utf-8"))["third"] is True
    assert files_of(tmp_path / "releases" / "2020" / "1") == before
    assert not list(tmp_path.glob(".2020*"))


def test_a_reader_finds_a_whole_release_at_every_instant_while_it_is_replaced(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    if not exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot exchange two folders at once")
    publish(a_release(), tmp_path)
    expected = (tmp_path / "2020" / "csv" / "income.csv").read_bytes()
    stop, seen = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            path = tmp_path / "2020" / "csv" / "income.csv"
            seen.append(path.read_bytes() if path.exists() else b"nothing there")

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(2):
        publish(a_release(), tmp_path)
    stop.set()
    reader.join()
    assert set(seen) == {expected}


def test_a_second_run_of_the_same_year_is_refused_with_a_sentence(tmp_path: Path):
    with (
        only_writer(tmp_path, 2020),
        pytest.raises(InputError, match="另一个进程正在处理"),
        only_writer(tmp_path, 2020),
    ):
        pass


def test_an_output_that_is_no_folder_is_named(tmp_path: Path):
    (tmp_path / "output").write_text("")
    with pytest.raises(InputError, match="output 不能写入"), only_writer(tmp_path / "output", 2020):
        pass


def test_a_second_run_waits_its_time_and_says_for_whom(tmp_path: Path):
    told: list[str] = []
    with only_writer(tmp_path, 2020):
        waiting = pytest.raises(InputError, match=rf"进程 {os.getpid()}，始于")
        with waiting, only_writer(tmp_path, 2020, patience=0.1, tell=told.append):
            pass
    assert [sentence.endswith("等它结束后继续……") for sentence in told] == [True]


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path):
    program = f"""
import os, signal
from pathlib import Path
from flows.running.lock import only_writer
with only_writer(Path({str(tmp_path)!r}), 2020):
    os.kill(os.getpid(), signal.SIGTERM)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode != 0
    with only_writer(tmp_path, 2020):
        pass
