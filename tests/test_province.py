"""A province: counties' tables side by side, partitioned, and their county tables added up to the last 分."""

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.dataset
import pyarrow.parquet
import pytest

from expectations.errors import InputError
from flows import remote
from flows.cli import main
from flows.province import province
from flows.published.publish import publish
from flows.remote import put_up, store
from flows.running.checksums import sha256
from flows.running.completed import read_record
from tests.remotes import bucket
from tests.test_publish import a_release

__all__ = ["bucket"]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("county") / "weixian"
    publish(a_release(), output)
    return output


def test_tables_are_partitioned_by_county_and_county_tables_added_up(county: Path, tmp_path: Path):
    other = shutil.copytree(county, tmp_path / "linzhang")
    members = province(2020, [str(county), str(other)], str(tmp_path / "province"))
    assert [member.left_out for member in members] == ["", ""]
    folder = tmp_path / "province" / "2020"
    income = pyarrow.dataset.dataset(folder / "income", partitioning="hive").to_table().to_pandas()
    assert income.groupby("county", observed=True)["amount_yuan"].sum().to_dict() == {
        "linzhang": Decimal("1192920005.01"),
        "weixian": Decimal("1192920005.01"),
    }
    sums = pd.read_csv(folder / "csv" / "province_income.csv", dtype=str)
    assert sums[["income_source", "net_yuan", "counties"]].to_numpy().tolist() == [
        ["general_public_budget", "2385840000.02", "2"]
    ]


def test_a_release_that_was_changed_is_left_out_and_named(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    other = shutil.copytree(county, tmp_path / "linzhang")
    (other / "2020" / "parquet" / "income.parquet").write_bytes(b"")
    target = tmp_path / "province"
    assert main(["province", "2020", str(county), str(other), "--output", str(target)]) == 1
    assert f"linzhang（{other}）未计入：成果不完整或被改动" in capsys.readouterr().err
    counties = json.loads((target / "2020" / "run.json").read_text("utf-8"))["counties"]
    assert [each["left_out"] for each in counties] == ["", "成果不完整或被改动"]


def test_two_counties_of_one_name_and_no_county_at_all_are_sentences(county: Path, tmp_path: Path):
    with pytest.raises(InputError, match="都叫 weixian"):
        province(2020, [str(county), str(county)], str(tmp_path / "province"))
    with pytest.raises(InputError, match="没有完整的 2020 年成果"):
        province(2020, [str(tmp_path / "nowhere")], str(tmp_path / "province"))
    assert not (tmp_path / "province" / "2020").exists()


@pytest.mark.parametrize("target", ["", "2020"])
def test_a_province_never_takes_the_place_of_a_county(target: str, county: Path):
    before = sorted(county.rglob("*"))
    with pytest.raises(InputError, match="一个县自己的成果，会被替换"):
        province(2020, [str(county)], str(county / target))
    assert sorted(county.rglob("*")) == before


def without_a_column(release: Path) -> None:
    path = release / "parquet" / "income.parquet"
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).drop_columns(["derivation"]), path)
    note(release, outputs={**read_record(release)["outputs"], "parquet/income.parquet": sha256(path)})


def without_a_table(release: Path) -> None:
    outputs = dict(read_record(release)["outputs"])
    del outputs["parquet/assets.parquet"]
    note(release, outputs=outputs)


def without_figures(release: Path) -> None:
    note(release, exit_code=3)


def note(release: Path, **facts: object) -> None:
    (release / "run.json").write_text(json.dumps({**read_record(release), **facts}), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (without_a_column, "成果是用另一个版本的程序生成的"),
        (without_a_table, "成果是用另一个版本的程序生成的"),
        (without_figures, "该县没有可发布的汇总数"),
    ],
)
def test_a_county_of_other_tables_or_without_figures_is_left_out_and_named(
    change: Callable[[Path], None], why: str, county: Path, tmp_path: Path
):
    other = shutil.copytree(county, tmp_path / "linzhang")
    change(other / "2020")
    members = province(2020, [str(county), str(other)], str(tmp_path / "province"))
    assert [member.left_out[: len(why)] for member in members] == ["", why]
    folders = (tmp_path / "province" / "2020").glob("*/county=*")
    assert {folder.name for folder in folders} == {"county=weixian"}


def test_the_log_tells_which_counties_were_joined_and_which_left_out(county: Path, tmp_path: Path):
    target = tmp_path / "province"
    province(2020, [str(county), str(tmp_path / "linzhang")], str(target))
    lines = [json.loads(line) for line in (target / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["started", "ended"]
    assert lines[0]["counties"] == [str(county), str(tmp_path / "linzhang")]
    assert (lines[1]["result"], lines[1]["left_out"]) == ("published", ["linzhang"])


def test_counties_in_a_store_are_joined_and_put_up(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(remote, "prefect_home", lambda: tmp_path / ".prefect")
    for name in ("weixian", "linzhang", "cixian"):
        publish(a_release(), tmp_path / name)
        put_up(tmp_path / name, store(f"s3://county/{name}/output"), 2020)
    damaged = json.loads(bucket.cat("county/cixian/output/2020/release.json"))["release"]
    bucket.rm(f"county/cixian/output/{damaged}/parquet/income.parquet")
    counties = [f"s3://county/{name}/output" for name in ("weixian", "linzhang", "cixian")]
    assert main(["province", "2020", *counties, "--output", "s3://county/province"]) == 1
    assert (
        "cixian（s3://county/cixian/output）未计入：不能读取 s3://county/cixian/output"
        in capsys.readouterr().err
    )
    pointer = json.loads(bucket.cat("county/province/2020/release.json"))
    with bucket.open(f"county/province/{pointer['release']}/csv/province_income.csv") as file:
        sums = pd.read_csv(file, dtype=str)
    assert sums[["net_yuan", "counties"]].to_numpy().tolist() == [["2385840000.02", "2"]]


def test_of_a_release_in_a_store_only_what_changed_is_fetched_again(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(remote, "prefect_home", lambda: tmp_path / ".prefect")
    fetched: list[str] = []
    fetch = remote.Store.fetch
    monkeypatch.setattr(
        remote.Store, "fetch", lambda self, name, path: (fetched.append(path.name), fetch(self, name, path))
    )
    for release in (a_release(), a_release(run={"year": 2020, "number": 2})):
        publish(release, tmp_path / "shexian")
        put_up(tmp_path / "shexian", store("s3://county/shexian"), 2020)
        fetched.clear()
        province(2020, ["s3://county/shexian"], str(tmp_path / "province"))
    assert fetched == ["run.json"]
    with pytest.raises(InputError, match="一个县自己的成果，会被替换"):
        province(2020, ["s3://county/shexian"], "s3://county/shexian/")
    with pytest.raises(InputError, match="没有这个存储桶"):
        province(2020, ["s3://county/shexian"], "s3://nowhere/province")
