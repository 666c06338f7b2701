"""Last year's release is read back as it was published."""

import json
from pathlib import Path

import pandas as pd
import pytest

from expectations.arrow import arrow_table, frame_of
from expectations.errors import InputError
from expectations.schema import tables
from flows.earlier import earlier_release
from flows.published.publish import publish
from tests.test_publish import a_release, income, rows


def test_published_rows_are_read_back_as_the_program_holds_them():
    table = tables()["income"]
    frame = rows("income", income("other", 119_292_000_001, "2013101"), income("debt", 0))
    back = frame_of(table, arrow_table(table, frame))
    assert back["amount_yuan"].tolist() == [0, 119_292_000_001]
    assert back["function_code"].tolist() == ["", "2013101"]
    assert back["amount_yuan"].dtype == "Int64"


def test_without_a_release_of_the_year_before_there_is_nothing_to_compare(tmp_path: Path):
    publish(a_release(run={"year": 2020, "exit_code": 0}), tmp_path)
    assert earlier_release(tmp_path, 2020) is None


def test_the_release_of_the_year_before_is_found_with_its_published_and_other_rows(tmp_path: Path):
    held = {"income": rows("income", income("other", 7))}
    publish(a_release(run={"year": 2020, "exit_code": 1}, withheld=held), tmp_path)
    found = earlier_release(tmp_path, 2021)
    assert found is not None
    assert (found.year, found.folder) == (2020, tmp_path / "2020")
    assert found.tables["income"]["amount_yuan"].tolist() == [119_292_000_001, 500]
    assert found.withheld["income"]["amount_yuan"].tolist() == [7]
    assert found.other_scope["income"].empty


def test_a_release_that_published_nothing_gives_way_to_the_one_before_it(tmp_path: Path):
    publish(a_release(run={"year": 2020, "exit_code": 0}), tmp_path)
    publish(a_release(run={"year": 2020, "exit_code": 3}), tmp_path)
    found = earlier_release(tmp_path, 2021)
    assert found is not None
    assert found.folder == tmp_path / "releases" / "2020" / "1"


def test_an_older_release_without_a_column_has_it_blank(tmp_path: Path):
    folder = publish(a_release(run={"year": 2020, "exit_code": 0}), tmp_path)
    path = folder / "parquet" / "income.parquet"
    pd.read_parquet(path).drop(columns=["function_name"]).to_parquet(path)
    found = earlier_release(tmp_path, 2021)
    assert found is not None
    assert found.tables["income"]["function_name"].tolist() == ["", ""]


@pytest.mark.parametrize("content", ["{}", json.dumps({"year": 2020}), "{damaged"])
def test_a_folder_whose_run_says_nothing_is_no_release(tmp_path: Path, content: str):
    (tmp_path / "2020").mkdir()
    (tmp_path / "2020" / "run.json").write_text(content)
    assert earlier_release(tmp_path, 2021) is None


def test_a_damaged_table_of_the_year_before_is_named(tmp_path: Path):
    folder = publish(a_release(run={"year": 2020, "exit_code": 0}), tmp_path)
    damaged = folder / "parquet" / "income.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with pytest.raises(InputError, match="上一年度成果中的 income 已损坏"):
        earlier_release(tmp_path, 2021)
