"""The bureau's own code lists: they outrank the project's, and a slip in them is named with file and row."""

from pathlib import Path

import pytest

from expectations.bureau_codes import Own, all_editions, load_bureau_codes
from expectations.codes import listing
from expectations.drawing import draw
from expectations.errors import InputError
from expectations.reconcile import catalogue, reconcile
from expectations.surroundings import Surroundings

YEAR = 2020
DRAWN = """
    expenditure 万元          | total
    2010399 新设科目支出      | 30.00
    201 一般公共服务支出      | 30.00
"""


def lists(tmp_path: Path, text: str, name: str = "functional.csv") -> Own:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return load_bureau_codes(tmp_path, YEAR)


def messages(own: Own) -> list[str]:
    rules = [rule for rule in catalogue() if rule.id in ("CEL-04", "CEL-05")]
    return (
        reconcile(draw(DRAWN.replace("2010399", "2019876")), rules, Surroundings(codes=own))
        .findings["message"]
        .tolist()
    )


def test_a_code_that_only_the_bureau_lists_is_listed(tmp_path: Path):
    assert any("2019876" in message for message in messages({}))
    assert messages(lists(tmp_path, "code,name\n2019876,新设科目支出\n")) == []


def test_the_bureaus_name_outranks_the_projects(tmp_path: Path):
    own = lists(tmp_path, "code,name\n2019876,新设科目支出\n201,一般公共事务支出\n")
    assert any("当年为“一般公共事务支出”" in message for message in messages(own))


def test_a_row_without_years_holds_in_the_year_of_its_folder_only(tmp_path: Path):
    own = lists(tmp_path, "code,name\n201,一般公共事务支出\n")
    years = [
        (row.name, row.valid_from, row.valid_to)
        for row in all_editions("functional", own)
        if row.code == "201"
    ]
    assert years == [
        ("一般公共服务支出", 0, 2019),
        ("一般公共服务支出", 2021, 9999),
        ("一般公共事务支出", 2020, 2020),
    ]


def test_the_published_list_has_the_bureaus_rows(tmp_path: Path):
    own = lists(tmp_path, "code,name,valid_from,valid_to\n2019876,新设科目支出,2019,\n")
    row = listing("functional", YEAR, {"2019876"}, own["functional"]).set_index("code").loc["2019876"]
    assert (row["name"], row["valid_from"], row["valid_to"]) == ("新设科目支出", "2019", "")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("functional.xlsx", "PK", "codes/functional.xlsx 不是科目表的文件名"),
        ("functional.CSV", "code,name\n", "codes/functional.CSV 不是科目表的文件名"),
        ("function.csv", "code,name\n", "codes/function.csv 不是科目表的文件名，应为 functional.csv、"),
        ("functional.csv", "code\n201\n", "functional.csv 第 1 行：表头应为 code,name，缺少 name"),
        ("functional.csv", "code,name\n2010,甲\n", "functional.csv 第 2 行：科目编码“2010”不规范"),
        ("functional.csv", "code,name\n201,\n", "functional.csv 第 2 行：缺少 name"),
        ("functional.csv", "code,name\n201,甲\n201,乙\n", "functional.csv 第 3 行：编码 201 与第 2 行重复"),
        ("dept_economic.csv", "code,name,valid_from\n301,甲,二〇\n", "第 2 行：“二〇”不是年度，应写成 2020 的样子"),
    ],
)  # fmt: skip
def test_a_slip_in_a_list_is_named_with_file_and_row(tmp_path: Path, name: str, text: str, sentence: str):
    with pytest.raises(InputError) as refused:
        lists(tmp_path, text, name)
    assert sentence in str(refused.value)


def test_a_file_in_the_place_of_the_folder_of_lists_is_told(tmp_path: Path):
    (tmp_path / "codes").write_text("code,name\n")
    with pytest.raises(InputError, match="codes 应为文件夹"):
        load_bureau_codes(tmp_path / "codes", 2020)


def test_lists_beside_the_years_folder_are_not_passed_over_in_silence(tmp_path: Path):
    for name in ("codes", "2020"):
        (tmp_path / name).mkdir()
    (tmp_path / "codes" / "functional.csv").write_text("code,name\n2019876,新设科目支出\n", encoding="utf-8")
    with pytest.raises(InputError, match="科目表应放在 2020/codes 文件夹中"):
        load_bureau_codes(tmp_path / "2020" / "codes", YEAR)
    (tmp_path / "2020" / "codes").mkdir()
    assert load_bureau_codes(tmp_path / "2020" / "codes", YEAR) == {}
