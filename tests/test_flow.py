"""The annual consolidation from files to release, through Prefect; one server serves all the tests."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from flows.cli import main
from flows.environment import prepare_environment
from flows.running.completed import is_whole, read_record
from tests.changes import (
    OF_FILES,
    OF_THE_BUREAU,
    OF_TIME,
    differing,
    said,
    small_county,
    with_the_year_before,
)
from tests.remotes import bucket, cluster
from transforms.sample import write_county

prepare_environment()

__all__ = ["bucket", "cluster"]
pytestmark = pytest.mark.xdist_group("prefect")

YEAR = 2020


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        with prefect_test_harness(server_startup_timeout=120):
            yield


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, YEAR, departments=4, seed=7, defects=1)
    return folder


@pytest.fixture(scope="session")
def released(prefect_server: None, county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from flows.consolidate import annual_consolidation

    completed = annual_consolidation(YEAR, county, tmp_path_factory.mktemp("output"))
    assert completed.exit_code == 1
    assert "已报" in completed.summary
    return completed.folder


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"department_code": str, "unit_code": str}, keep_default_na=False)


def test_the_county_adds_up_to_its_published_bodies(released: Path):
    income = pd.read_csv(released / "csv" / "income.csv")["amount_yuan"].sum()
    county = pd.read_csv(released / "csv" / "county_income.csv")["gross_yuan"].sum()
    assert income == pytest.approx(county, abs=0.001)
    assert income > 0


def test_coverage_lists_everybody_on_the_roster(released: Path, county: Path):
    roster = read_csv(county / str(YEAR) / "departments.csv")
    coverage = read_csv(released / "coverage.csv")
    known = set(coverage["unit_code"]) | set(coverage["department_code"])
    assert set(roster["code"].astype(str)) <= known
    assert coverage["missing"].sum() == 1


def test_the_body_with_a_planted_defect_is_withheld_and_published_nowhere(released: Path, county: Path):
    defect = read_csv(county / str(YEAR) / "defects.csv").iloc[0]
    coverage = read_csv(released / "coverage.csv")
    held = coverage[coverage["withheld"]]
    assert set(held["department_code"] + held["unit_code"]) >= {
        defect["department_code"] + defect["unit_code"]
    }
    published = read_csv(released / "csv" / "income.csv")
    key = ["scope", "department_code", "unit_code"]
    assert published.merge(held[key], on=key).empty


def test_run_json_tells_inputs_versions_counts_and_durations(released: Path):
    run = json.loads((released / "run.json").read_text("utf-8"))
    assert all(len(item["sha256"]) == 64 for item in run["inputs"])
    assert run["definitions"].keys() == {"forms", "rules", "tables", "codes"}
    assert run["counts"]["withheld"] >= 1
    assert run["durations"]["read_submissions"] > 0


def test_what_a_run_leaves_on_the_server_is_in_chinese(released: Path):
    from prefect.artifacts import Artifact

    summary, findings, coverage = (
        str(Artifact.get(f"{name}-{YEAR}").data) for name in ("summary", "findings", "coverage")
    )
    assert "- 单位　已报" in summary
    shown = json.loads(findings)
    assert shown[0]["程度"] == "错误"
    assert len(shown) == min(len(read_csv(released / "findings.csv")), 200)
    assert {row["汇总情况"] for row in json.loads(coverage)} >= {"已汇总", "暂不汇总"}


def test_strict_publishes_no_figures_while_an_error_is_open(
    prefect_server: None, county: Path, tmp_path: Path
):
    from flows.consolidate import annual_consolidation

    completed = annual_consolidation(YEAR, county, tmp_path, strict=True, workers=1)
    assert completed.exit_code == 3
    assert all(len(read_csv(path)) == 0 for path in (completed.folder / "csv").glob("*.csv"))
    assert len(read_csv(completed.folder / "withheld" / "income.csv")) > 0
    assert len(read_csv(completed.folder / "findings.csv")) > 0


def test_a_published_figure_leads_back_to_its_cells(released: Path, capsys: pytest.CaptureFixture[str]):
    output = released.parent
    assert main(["trace", str(YEAR), "county_income", "--output", str(output)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("全县部门收入汇总表（county_income）：") for line in lines)
    assert any(".xlsx / " in line and "“" in line for line in lines)


README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_readmes_queries_answer_on_what_is_published(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    shutil.copytree(released, tmp_path / "output" / str(YEAR))
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(f"output/{YEAR}/county_budget.duckdb", read_only=True) as connection:
        for query in blocks("sql"):
            nets = [net for *_, net in connection.execute(query).fetchall()]
            assert nets == sorted(nets, reverse=True)
            by_type = connection.execute("SELECT sum(net_yuan) FROM county_expenditure_by_type").fetchall()
            assert sum(nets) == by_type[0][0]
    for code in blocks("python"):
        exec(compile(code, "README.md", "exec"), {})
    published = read_csv(released / "csv" / "expenditure.csv")
    largest = published.groupby("department_name")["amount_yuan"].sum().nlargest(1)
    assert largest.index[0] in capsys.readouterr().out


def test_after_changes_of_every_kind_of_input_a_run_says_what_a_cold_run_says(
    prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Byte for byte; each kind by itself, and those of the program, in `make incremental`."""
    from flows import consolidate

    county = small_county(tmp_path)
    run = partial(consolidate.annual_consolidation, input_dir=county.inputs.parent, workers=1)
    run(YEAR - 1, output_dir=county.output)
    before = said(run(YEAR, output_dir=county.output).folder)
    for change in (*OF_FILES, *OF_THE_BUREAU, *OF_TIME):
        change(county)
    day = county.today or date.today()
    monkeypatch.setattr(consolidate, "date", type("Day", (date,), {"today": staticmethod(lambda: day)}))
    now = said(run(YEAR, output_dir=county.output).folder)
    cold = with_the_year_before(county.output, tmp_path / "cold")
    assert differing(now, said(run(YEAR, output_dir=cold).folder)) == []
    assert "findings.csv" in differing(now, before)


@pytest.mark.parametrize("on_cluster", [False, True], ids=["here", "on two workers of a cluster"])
def test_a_run_from_a_store_to_a_store_says_what_a_local_run_says(
    released: Path, county: Path, tmp_path: Path, request: pytest.FixtureRequest, *, on_cluster: bool
):
    """Also where a Dask cluster reads the files: byte for byte."""
    bucket = request.getfixturevalue("bucket")
    scheduler = request.getfixturevalue("cluster").scheduler_address if on_cluster else None
    there = f"county/{on_cluster}"
    bucket.put(f"{county}/{YEAR}", f"{there}/in/{YEAR}", recursive=True)
    ways = ["--scheduler", scheduler] if scheduler else ["--workers", "1"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.remote.prefect_home", lambda: tmp_path / ".prefect")
        address = ["--input", f"s3://{there}/in", "--output", f"s3://{there}/out"]
        assert main(["run", str(YEAR), *address, *ways]) == 1
    pointer = json.loads(bucket.cat(f"{there}/out/{YEAR}/release.json"))
    for name in pointer["outputs"]:
        (tmp_path / "got" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "got" / name).write_bytes(bucket.cat(f"{there}/out/{pointer['release']}/{name}"))
    assert differing(said(tmp_path / "got"), said(released)) == []
    assert is_whole(tmp_path / "got", read_record(tmp_path / "got"))


def test_a_cluster_that_is_not_there_is_said_and_nothing_is_published(
    prefect_server: None,
    county: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr("flows.running.cluster.CONNECT_WITHIN", 1.0)
    folders = ["--input", str(county), "--output", str(tmp_path)]
    assert main(["run", str(YEAR), *folders, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "连不上 Dask 集群 tcp://127.0.0.1:9" in capsys.readouterr().err
    assert not (tmp_path / str(YEAR)).exists()
