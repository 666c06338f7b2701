"""A province: counties' tables side by side, partitioned, and their county tables added up to the last 分."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.dataset
import pytest

from expectations.errors import InputError
from flows.cli import main
from flows.province import province
from flows.published.publish import publish
from tests.test_publish import a_release


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("county") / "weixian"
    publish(a_release(), output)
    return output


def test_tables_are_partitioned_by_county_and_county_tables_added_up(county: Path, tmp_path: Path):
    other = shutil.copytree(county, tmp_path / "linzhang")
    members = province(2020, [county, other], tmp_path / "province")
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
    (other / "2020" / "csv" / "income.csv").write_text("")
    target = tmp_path / "province"
    assert main(["province", "2020", str(county), str(other), "--output", str(target)]) == 1
    assert "linzhang 未计入：成果不完整或被改动" in capsys.readouterr().err
    counties = json.loads((target / "2020" / "run.json").read_text("utf-8"))["counties"]
    assert [each["left_out"] for each in counties] == ["", "成果不完整或被改动"]


def test_two_counties_of_one_name_and_no_county_at_all_are_sentences(county: Path, tmp_path: Path):
    with pytest.raises(InputError, match="都叫 weixian"):
        province(2020, [county, county], tmp_path / "province")
    with pytest.raises(InputError, match="没有完整的 2020 年成果"):
        province(2020, [tmp_path / "nowhere"], tmp_path / "province")
    assert not (tmp_path / "province" / "2020").exists()


@pytest.mark.parametrize("target", ["", "2020"])
def test_a_province_never_takes_the_place_of_a_county(target: str, county: Path):
    before = sorted(county.rglob("*"))
    with pytest.raises(InputError, match="一个县自己的成果，会被替换"):
        province(2020, [county], county / target)
    assert sorted(county.rglob("*")) == before
