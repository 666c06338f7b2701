"""The code lists: one name per code and year, and a parent for every code."""

from itertools import pairwise

import pytest

from expectations import codes
from expectations.errors import DefinitionError

LISTS = ("functional", "dept_economic", "gov_economic")
YEARS = range(2017, 2027)


@pytest.mark.parametrize("code_list", LISTS)
def test_a_code_has_one_name_in_a_year(code_list):
    overlapping = [
        (code, year)
        for code, rows in codes.codes(code_list).items()
        for year in YEARS
        if sum(row.holds(year) for row in rows) > 1
    ]
    assert overlapping == []


@pytest.mark.parametrize("code_list", LISTS)
def test_editions_of_a_code_follow_each_other(code_list):
    for code, rows in codes.codes(code_list).items():
        assert [row for row in rows if row.valid_from > row.valid_to] == [], code
        assert all(earlier.valid_to < later.valid_from for earlier, later in pairwise(rows)), code


@pytest.mark.parametrize("code_list", LISTS)
@pytest.mark.parametrize("year", [2017, 2018, 2019, 2020, 2022, 2025])
def test_every_parent_exists_in_the_year_of_its_child(code_list, year):
    names = codes.names(code_list, year)
    assert [code for code in names if codes.parent(code) and codes.parent(code) not in names] == []


@pytest.mark.parametrize("code_list", LISTS)
def test_level_and_parent_follow_from_the_code(code_list):
    for rows in codes.codes(code_list).values():
        for row in rows:
            assert (row.level, row.parent) == (codes.LEVELS[len(row.code)], codes.parent(row.code)), row.code


@pytest.mark.parametrize("code_list", LISTS)
def test_every_row_says_where_it_comes_from(code_list):
    assert [row.code for rows in codes.codes(code_list).values() for row in rows if not row.source] == []


def test_classes_of_2020_are_those_of_the_official_form():
    classes = {code for code in codes.functional(2020) if len(code) == 3}
    numbers = [*range(201, 218), *range(219, 225), 227, *range(229, 235)]
    assert classes == {str(number) for number in numbers}


@pytest.mark.parametrize(
    ("code", "before", "year", "after"),
    [
        ("210", "医疗卫生与计划生育支出", 2019, "卫生健康支出"),
        ("207", "文化体育与传媒支出", 2019, "文化旅游体育与传媒支出"),
        ("220", "国土海洋气象等支出", 2019, "自然资源海洋气象等支出"),
        ("20805", "行政事业单位离退休", 2020, "行政事业单位养老支出"),
        ("215", "资源勘探信息等支出", 2020, "资源勘探工业信息等支出"),
    ],
)
def test_a_renamed_code_has_the_name_of_its_year(code, before, year, after):
    assert codes.functional(year - 1)[code] == before
    assert codes.functional(year)[code] == after
    assert [row.name for row in codes.editions("functional", code)] == [before, after]


def test_a_code_that_is_new_is_not_on_the_list_of_the_year_before():
    assert "224" not in codes.functional(2018)
    assert codes.functional(2019)["224"] == "灾害防治及应急管理支出"


def test_an_unlisted_code_has_no_editions():
    assert codes.editions("functional", "7110201") == ()


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("30101", "行政", "50101"),
        ("30101", "参公", "50101"),
        ("30101", "事业", "50501"),
        ("31002", "行政", "50306"),
        ("31002", "事业", "50601"),
        ("30302", "事业", "50905"),
        ("39999", "行政", "59999"),
        ("39910", "行政", ""),
    ],
)
def test_department_codes_map_to_the_government_classification(code, kind, expected):
    assert codes.gov_from_dept(code, kind) == expected


def test_the_mapping_names_listed_codes_only():
    for (dept_code, _), gov_code in codes._gov_from_dept().items():
        assert dept_code in codes.dept_economic(2020)
        assert gov_code in codes.gov_economic(2020)


def test_a_published_list_holds_the_codes_of_the_year_and_every_published_code():
    listed = codes.listing("functional", 2020, ["2010101", "20115", "2059876", ""]).set_index("code")
    assert listed.loc["210", "name"] == "卫生健康支出"
    assert listed.loc["20115", "name"] == "工商行政管理事务"
    assert listed.loc["2059876", ["name", "parent"]].tolist() == ["", "20598"]
    assert listed.index.is_monotonic_increasing
    assert listed.index.is_unique


def test_a_row_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "functional.csv"
    header = "code,name,level,parent,valid_from,valid_to,source"
    path.write_text(f"{header}\n201,一般公共服务支出,类,,soon,,会议\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"functional\.csv, line 2"):
        codes.load_codes(path)
