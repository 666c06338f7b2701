"""What lies in a year's folder, and what a wrong roster is told."""

from pathlib import Path

import pytest

from expectations.errors import InputError
from transforms.submissions import discover, read_roster

HEADER = "code,name,parent_code,kind,due\n"


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "2020" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "2020"


def test_a_folder_of_units_is_no_submission(tmp_path: Path):
    found = discover(folder(tmp_path, "101_教育局/101001/a.xlsx", "101_教育局/101002/b.xlsx"), 2020)
    assert [file.name for file in found.files] == ["101_教育局/101001/a.xlsx", "101_教育局/101002/b.xlsx"]


def test_the_highest_submission_counts_and_the_older_is_listed(tmp_path: Path):
    found = discover(folder(tmp_path, "101_教育局/1/a.xlsx", "101_教育局/2/a.xlsx"), 2020)
    assert [file.name for file in found.files] == ["101_教育局/2/a.xlsx"]
    assert found.ignored == {"101_教育局/1/a.xlsx": "superseded by submission 2"}


def test_what_programs_leave_behind_is_listed_not_read(tmp_path: Path):
    found = discover(folder(tmp_path, "a.xlsx", "~$a.xlsx", ".DS_Store", "Thumbs.db"), 2020)
    assert [file.name for file in found.files] == ["a.xlsx"]
    assert set(found.ignored) == {"~$a.xlsx", ".DS_Store", "Thumbs.db"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,name,parent,kind,due\n101,教育局,,,\n", "不认识的 parent"),
        ("code,kind\n101,行政\n", "缺少 name"),
        (HEADER + "101,教育局,,,\n101,教委,,,\n", "代码 101 重复（第 2、3 行）"),
        (HEADER + "101,教育局,,机关,\n", "第 2 行的单位性质“机关”"),
        (HEADER + "101,教育局,999,,\n", "上级代码 999 不在名册中"),
        (HEADER + "1,甲,,,\n11,乙,1,,\n111,丙,11,,\n", "第 4 行的上级 11 本身是下属单位"),
        (HEADER + "101,教育局,,,2020年1月31日\n", "截止日期“2020年1月31日”"),
        (HEADER + ",教育局,,,\n", "第 2 行缺少 code"),
        (
            HEADER + "1,甲,9,,\n2,乙,,,\n3,丙,,,2020/2/30\n",
            "第 2 行的上级代码 9 不在名册中；第 4 行的截止日期“2020/2/30”",
        ),
    ],
)
def test_a_wrong_roster_is_refused_with_its_line(tmp_path: Path, text: str, sentence: str):
    path = tmp_path / "departments.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        read_roster(path)


def test_a_roster_may_be_saved_by_a_chinese_spreadsheet_program(tmp_path: Path):
    path = tmp_path / "departments.csv"
    path.write_bytes((HEADER + "101,教育局,,行政,2020/1/31\n").encode("gb18030"))
    roster = read_roster(path)
    assert roster is not None
    assert roster[["name", "due"]].values.tolist() == [["教育局", "2020-01-31"]]
