"""A release can be verified, is not kept twice, and can be compared with the one before."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow.parquet
import pytest

from expectations.errors import InputError
from expectations.schema import conform, tables
from flows.cli import main
from flows.province import province
from flows.published.publish import publish
from flows.published.release import Release
from flows.running.checksums import sha256
from flows.running.completed import standing
from tests.releases import release_of
from tests.test_submissions import in_gb18030
from transforms.sample import write_county

YEAR = 2020


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=4, seed=3, defects=1)
    return folder


@pytest.fixture(scope="module")
def release(inputs: Path) -> Release:
    return release_of(inputs, YEAR)


@pytest.fixture(scope="module")
def published(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(release, tmp_path_factory.mktemp("output"))


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "output" / str(YEAR))
    return tmp_path / "output" / str(YEAR)


def verified(folder: Path, inputs: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["verify", str(YEAR), "--output", str(folder.parent), "--input", str(inputs)])
    told = capsys.readouterr()
    return code, told.out + told.err


def with_checksums_renewed(folder: Path) -> None:
    """As a careful forger would leave it: run.json lists the checksums of the altered files."""
    path = folder / "run.json"
    run = json.loads(path.read_text("utf-8"))
    run["outputs"] = {name: sha256(folder / name) for name in run["outputs"]}
    path.write_text(json.dumps(run), encoding="utf-8")


def test_a_release_as_published_is_verified(
    published: Path, inputs: Path, capsys: pytest.CaptureFixture[str]
):
    code, told = verified(published, inputs, capsys)
    assert (code, "不符" in told) == (0, False), told
    assert all(f"相符  CON-0{number}" in told for number in (1, 2, 3, 5))


def test_an_altered_file_is_named_and_the_verification_fails(
    copy: Path, inputs: Path, capsys: pytest.CaptureFixture[str]
):
    path = copy / "csv" / "county_income.csv"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    code, told = verified(copy, inputs, capsys)
    assert code == 1
    assert "成果文件 csv/county_income.csv 在发布以后改动过" in told


def test_missing_and_added_files_are_named(copy: Path, inputs: Path, capsys: pytest.CaptureFixture[str]):
    (copy / "parquet" / "income.parquet").unlink()
    (copy / "csv" / "extra.csv").write_text("")
    code, told = verified(copy, inputs, capsys)
    assert code == 1
    assert "缺少成果文件 parquet/income.parquet" in told
    assert "csv/extra.csv 不是发布的文件" in told


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_inputs_are_found_under_the_names_that_they_were_sent_with(
    published: Path, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    shutil.copytree(inputs, tmp_path / "input")
    sent = next((tmp_path / "input" / str(YEAR)).rglob("*.xlsx"))
    sent.rename(sent.with_name(in_gb18030(sent.name)))
    code, told = verified(published, tmp_path / "input", capsys)
    assert (code, "不符" in told) == (0, False), told


def test_an_input_changed_since_the_run_is_named(
    published: Path, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    shutil.copytree(inputs, tmp_path / "input")
    (tmp_path / "input" / str(YEAR) / "departments.csv").unlink()
    changed = next((tmp_path / "input" / str(YEAR)).rglob("*.xlsx"))
    changed.write_bytes(b"")
    code, told = verified(published, tmp_path / "input", capsys)
    assert code == 1
    assert "缺少输入文件 departments.csv" in told
    assert (
        f"输入文件 {changed.relative_to(tmp_path / 'input' / str(YEAR)).as_posix()} 在运行以后改动过" in told
    )


def forge_county_sum(folder: Path) -> None:
    """One yuan more for the county, in Parquet, CSV and the database alike."""
    path = folder / "parquet" / "county_operating_costs.parquet"
    with duckdb.connect(str(folder / "county_budget.duckdb")) as database:
        database.execute(
            "UPDATE county_operating_costs SET gross_yuan = gross_yuan + 1, net_yuan = net_yuan + 1"
        )
        rows = database.sql("SELECT * FROM county_operating_costs").to_arrow_table()
    pyarrow.parquet.write_table(rows.cast(pyarrow.parquet.read_schema(path)), path)


@pytest.mark.parametrize(
    ("alter", "sentence"),
    [
        (forge_county_sum, "county_operating_costs 合计"),
        (
            lambda folder: duckdb.connect(str(folder / "county_budget.duckdb")).execute("DELETE FROM income"),
            "county_budget.duckdb 中的 income 有 0 行",
        ),
        (
            lambda folder: (folder / "csv" / "three_public.csv").write_bytes(
                (folder / "csv" / "three_public.csv").read_bytes().replace(b".00,", b".01,", 1)
            ),
            "csv/three_public.csv 的",
        ),
        (
            lambda folder: (folder / "report" / "index.html").write_text(
                (folder / "report" / "index.html")
                .read_text("utf-8")
                .replace('"net_yuan":[', '"net_yuan":[7,', 1),
                encoding="utf-8",
            ),
            "report/index.html 中的 county_balance 与数据表不同",
        ),
        (lambda folder: (folder / "parquet" / "assets.parquet").write_bytes(b"no"), "parquet/assets.parquet"),
        (lambda folder: (folder / "county_budget.xlsx").write_bytes(b"no"), "county_budget.xlsx"),
    ],
)
def test_formats_that_disagree_are_told_even_with_renewed_checksums(
    copy: Path, inputs: Path, capsys: pytest.CaptureFixture[str], alter, sentence: str
):
    alter(copy)
    with_checksums_renewed(copy)
    code, told = verified(copy, inputs, capsys)
    assert code == 1
    assert sentence in told


def damage(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:900])


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("county_budget.duckdb", ()),
        ("county_budget.xlsx", ()),
        ("csv/income.csv", ()),
        ("parquet/income.parquet", ("缺少或不能读取的表未能核对：income",)),
    ],
)
def test_a_damaged_file_is_named_once_in_words(
    copy: Path, inputs: Path, capsys: pytest.CaptureFixture[str], name: str, also: tuple[str, ...]
):
    damage(name)(copy)
    code, told = verified(copy, inputs, capsys)
    formats = told[told.index("CON-05") :].splitlines()[1:]
    assert code == 1
    assert f"成果文件 {name} 在发布以后改动过" in told
    assert [line.strip() for line in formats if "CON" not in line][:1] == [
        f"{name} 已损坏，不能读取。请从备份恢复，或重新运行"
    ]
    assert len([line for line in formats if name in line]) == 1
    assert all(sentence in told for sentence in also)
    assert "Exception" not in told


@pytest.mark.parametrize("name", ["parquet/income.parquet", "facts.parquet", "run.json"])
def test_a_trace_through_a_damaged_release_names_the_file(
    copy: Path, capsys: pytest.CaptureFixture[str], name: str
):
    damage(name)(copy)
    assert main(["trace", str(YEAR), "county_income", "--output", str(copy.parent)]) == 2
    told = capsys.readouterr().err
    assert f"{copy / name} " in told
    assert "Traceback" not in told


@pytest.mark.parametrize("record", ["", "[]", "null", '{"outputs": ["a.csv"]}'])
def test_a_release_whose_record_is_none_is_named_and_stands_for_nothing(
    copy: Path, inputs: Path, capsys: pytest.CaptureFixture[str], record: str
):
    (copy / "run.json").write_text(record, "utf-8")
    code, told = verified(copy, inputs, capsys)
    assert (code, told.strip()) == (
        2,
        f"{copy / 'run.json'} 不能读取，无法得知成果应有哪些文件。请重新运行或从备份恢复。",
    )
    assert standing(copy.parent, YEAR, {}) is None
    with pytest.raises(InputError, match="没有完整的 2020 年成果"):
        province(YEAR, [str(copy.parent)], str(copy.parent.parent / "province"))


def test_a_workbook_with_another_figure_is_told(copy: Path, inputs: Path, capsys: pytest.CaptureFixture[str]):
    path = copy / "county_budget.xlsx"
    book = openpyxl.load_workbook(path, data_only=True)
    book["部门收入"]["B4"].value = 1
    book.save(path)
    with_checksums_renewed(copy)
    code, told = verified(copy, inputs, capsys)
    assert code == 1
    assert "county_budget.xlsx 工作表 部门收入 第 4 行的汇总数与数据表不同" in told


def test_a_release_that_is_not_there_is_a_sentence_and_exit_code_2(
    tmp_path: Path, inputs: Path, capsys: pytest.CaptureFixture[str]
):
    code, told = verified(tmp_path / "output" / str(YEAR), inputs, capsys)
    assert code == 2
    assert "没有已发布的成果（缺少 run.json）" in told


def test_a_store_instead_of_a_folder_is_a_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]):
    assert main(["verify", str(YEAR), "--output", "s3://county/output"]) == 2
    assert "“s3://county/output”不在本机" in capsys.readouterr().err


def test_a_comparison_says_which_figures_changed_and_why(
    release: Release, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    output, changed = tmp_path / "output", tmp_path / "input"
    publish(release, output)
    shutil.copytree(inputs, changed)
    gone = release.coverage[release.coverage["counted"] & (release.coverage["scope"] == "department")].iloc[0]
    folder = changed / str(YEAR) / str(gone["files"]).partition("/")[0]
    shutil.rmtree(folder)
    publish(release_of(changed, YEAR), output)
    assert main(["compare", str(YEAR), "--output", str(output)]) == 0
    told = capsys.readouterr().out
    assert "第 1 次成果 → 现行成果" in told
    assert "全县部门收入汇总表 一般公共预算拨款：" in told
    changed_lines = [line for line in told.splitlines() if line.startswith("  全县") and " → " in line]
    assert any(line.startswith("  全县部门支出汇总表（按功能科目） 208") for line in changed_lines)
    body = f"{gone['department_code']} {gone['department_name']}"
    assert [
        line for line in changed_lines if f"；涉及 {body} -" not in line and f"；涉及 {body}" not in line
    ] == []
    assert f"{gone['department_code']} {gone['department_name']}：已报送是→否" in told
    assert f"撤去 {folder.name}/" in told


def test_the_body_behind_a_changed_figure_of_large_equipment_is_named(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    body = release.tables["income"].iloc[0]
    for worth in (300_000_00, 350_000_00):
        own = {"asset_class": "large_equipment", "threshold_yuan": 200_000_00, "book_value_yuan": worth}
        amounts = {"gross_yuan": worth, "elimination_yuan": 0, "net_yuan": worth, "body_count": 1}
        rows = {"assets": dict(body) | own, "county_assets": dict(body) | own | amounts}
        blank = {name: dict.fromkeys(tables()[name].column_names) for name in rows}
        made = {name: conform(tables()[name], pd.DataFrame([blank[name] | rows[name]])) for name in rows}
        publish(replace(release, tables=release.tables | made), tmp_path)
    assert main(["compare", str(YEAR), "--output", str(tmp_path)]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "20.00 万元起" in line)
    name = "unit" if body["scope"] == "unit" else "department"
    assert line.endswith(
        f"30.00 → 35.00 万元（+5.00）；涉及 {body[f'{name}_code']} {body[f'{name}_name']} +5.00"
    )


def test_changed_definitions_and_corrections_are_reasons(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    publish(release, tmp_path)
    run = {
        **release.run,
        "definitions": {**release.run["definitions"], "rules": "other"},
        "amendments": {"corrections": [{"row": 2, "file": "a.xlsx", "cell": "B4", "value": "5"}]},
    }
    publish(replace(release, run=run), tmp_path)
    assert main(["compare", str(YEAR), "1", "current", "--output", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "审核规则已改动" in told
    assert "新增更正 a.xlsx B4 5" in told
    assert "报送文件没有变化" in told


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ([], "只发布过一次"),
        (["1"], "请给出两次发布的序号"),
        (["1", "current"], "没有已发布的成果"),
        (["last", "current"], "“last”不是发布序号"),
    ],
)
def test_a_release_to_compare_that_is_not_there_is_named(
    published: Path, capsys: pytest.CaptureFixture[str], asked: list[str], sentence: str
):
    assert main(["compare", str(YEAR), *asked, "--output", str(published.parent)]) == 2
    assert sentence in capsys.readouterr().err
