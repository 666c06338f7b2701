"""What lies in a year's folder, and what a wrong roster is told."""

import os
import re
import sys
import time
from pathlib import Path

import pytest

from expectations.errors import BudgetError, InputError
from flows.running.filereading import read_one
from transforms.roster import read_roster
from transforms.submissions import discover, received

HEADER = "code,name,parent_code,kind,due\n"


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "2020" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(name))
    return tmp_path / "2020"


def test_a_folder_of_units_is_no_submission(tmp_path: Path):
    found = discover(folder(tmp_path, "101_教育局/101001/a.xlsx", "101_教育局/101002/b.xlsx"), 2020)
    assert [file.name for file in found.files] == ["101_教育局/101001/a.xlsx", "101_教育局/101002/b.xlsx"]


def test_the_highest_submission_counts_and_the_older_is_listed(tmp_path: Path):
    found = discover(folder(tmp_path, "101_教育局/1/a.xlsx", "101_教育局/2/a.xlsx"), 2020)
    assert [file.name for file in found.files] == ["101_教育局/2/a.xlsx"]
    assert found.ignored == {"101_教育局/1/a.xlsx": "superseded by submission 2"}


def in_gb18030(name: str) -> str:
    """A name as a system shows it on which it was unpacked without being converted."""
    return os.fsdecode(name.encode("gb18030"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_names_that_were_not_converted_are_read_as_their_senders_wrote_them(tmp_path: Path):
    year = folder(tmp_path, f"{in_gb18030('101_教育局')}/{in_gb18030('预算')}.xlsx")
    (found,) = discover(year, 2020).files
    assert (found.name, found.folder_name) == ("101_教育局/预算.xlsx", "教育局")
    assert found.path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows takes no such names")
def test_a_name_of_several_lines_is_one_line(tmp_path: Path):
    year = folder(tmp_path, "101_教育局/预算\n2020.xlsx")
    (found,) = discover(year, 2020).files
    assert (found.name, found.title) == ("101_教育局/预算 2020.xlsx", "预算 2020.xlsx")
    assert found.path.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_two_files_of_one_name_in_two_encodings_are_refused(tmp_path: Path):
    year = folder(tmp_path, "101_教育局/预算.xlsx", f"101_教育局/{in_gb18030('预算')}.xlsx")
    with pytest.raises(InputError, match=r"有两个文件都叫 .*/101_教育局/预算\.xlsx"):
        discover(year, 2020)


def test_a_link_that_leads_back_is_not_followed(tmp_path: Path):
    year = folder(tmp_path, "101_教育局/a.xlsx", "../elsewhere/b.xlsx")
    (year / "101_教育局" / "back").symlink_to(year, target_is_directory=True)
    (year / "101_教育局" / "here").symlink_to(year / "101_教育局", target_is_directory=True)
    (year / "102_财政局").symlink_to(year.parent / "elsewhere", target_is_directory=True)
    found = discover(year, 2020)
    assert [file.name for file in found.files] == ["101_教育局/a.xlsx", "102_财政局/b.xlsx"]


@pytest.mark.parametrize("name", ["2", "02", "第2次", "第二次报送"])
def test_a_submission_is_numbered_as_people_write_it(tmp_path: Path, name: str):
    found = discover(folder(tmp_path, "101_教育局/a.xlsx", f"101_教育局/{name}/a.xlsx"), 2020)
    assert [(file.name, file.submission) for file in found.files] == [(f"101_教育局/{name}/a.xlsx", 2)]


def test_a_later_submission_without_anything_to_read_is_listed_and_the_one_before_counts(tmp_path: Path):
    year = folder(tmp_path, "101_教育局/1/a.xlsx", "102_财政局/2/a.xlsx", "102_财政局/3/说明.txt")
    (year / "101_教育局" / "2").mkdir()
    found = discover(year, 2020)
    assert [file.name for file in found.files] == ["101_教育局/1/a.xlsx", "102_财政局/2/a.xlsx"]
    assert found.ignored["101_教育局/2/"] == "nothing to read in it: submission 1 counts"
    assert found.ignored["102_财政局/3/"] == "nothing to read in it: submission 2 counts"


def test_what_programs_leave_behind_is_listed_not_read(tmp_path: Path):
    found = discover(folder(tmp_path, "a.xlsx", "~$a.xlsx", ".DS_Store", "Thumbs.db"), 2020)
    assert [file.name for file in found.files] == ["a.xlsx"]
    assert set(found.ignored) == {"~$a.xlsx", ".DS_Store", "Thumbs.db"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,name,parent,kind,due\n101,教育局,,,\n", "不认识的 parent"),
        (HEADER + "101,教育局,,,2020-01-31,第一小学\n", "第 2 行的栏数多于表头"),
        ("code,kind\n101,行政\n", "缺少 name"),
        (HEADER, "只有栏目名，没有单位"),
        (HEADER + "101,教育局,,,\n101,教委,,,\n", "代码 101 重复（第 2、3 行）"),
        (HEADER + "101,教育局,,机关,\n", "第 2 行的单位性质“机关”"),
        (HEADER + "101,教育局,999,,\n", "上级代码 999 不在名册中"),
        (HEADER + "1,甲,,,\n11,乙,1,,\n111,丙,11,,\n", "第 4 行的上级 11 本身是下属单位"),
        (HEADER + "101,教育局,,,2020年1月31日\n", "截止日期“2020年1月31日”"),
        (HEADER + ",教育局,,,\n", "第 2 行缺少 code"),
        (HEADER + "\n,,,,\n,教育局,,,\n", "第 4 行缺少 code"),
        ("\n" + HEADER + "\n101,教育局,,,\n\n101,教委,,,\n", "代码 101 重复（第 4、6 行）"),
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


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_roster_that_is_a_link_to_nothing_is_told_and_not_passed_over(tmp_path: Path):
    path = tmp_path / "departments.csv"
    path.symlink_to(tmp_path / "away.csv")
    with pytest.raises(InputError, match=r"departments\.csv 不能读取（找不到文件或文件夹）"):
        read_roster(path)


def test_a_roster_may_be_saved_by_a_chinese_spreadsheet_program(tmp_path: Path):
    path = tmp_path / "departments.csv"
    path.write_bytes((HEADER + "101,教育局,,行政,2020/1/31\n").encode("gb18030"))
    roster = read_roster(path)
    assert roster is not None
    assert roster[["name", "due"]].values.tolist() == [["教育局", "2020-01-31"]]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("settings.yaml", "settings.toml"),
        ("settings.toml.txt", "settings.toml"),
        ("Settings.TOML", "settings.toml"),
        ("setings.toml", "settings.toml"),
        ("设置.json", "settings.toml"),
        ("corrections.xlsx", "corrections.csv"),
        ("correction.csv", "corrections.csv"),
        ("waivers - 副本.csv", "waivers.csv"),
        ("2020年部门名册.xlsx", "departments.csv"),
    ],
)
def test_a_file_of_the_bureaus_under_another_name_is_refused_with_the_right_one(
    tmp_path: Path, name: str, right: str
):
    with pytest.raises(
        InputError, match=f"^2020/{re.escape(name)} 不会被读取：.*文件的名称应为 {right}，.*请改名"
    ):
        discover(folder(tmp_path, "101_教育局/a.xlsx", name), 2020)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("2020/预算股/waivers.csv", "2020/预算股/waivers.csv"), ("settings.toml", "{}/settings.toml")],
)
def test_a_file_of_the_bureaus_in_another_folder_is_refused_with_the_right_one(
    tmp_path: Path, name: str, shown: str
):
    year = folder(tmp_path, "101_教育局/a.xlsx", f"../{name}")
    wanted = f"^{re.escape(shown.format(tmp_path.name))} 不会被读取：.*应直接放在 2020 文件夹中。请移入该文件夹后重新运行"
    with pytest.raises(InputError, match=wanted):
        discover(year, 2020)


def test_a_file_above_the_year_is_listed_where_the_year_has_its_own(tmp_path: Path):
    found = discover(folder(tmp_path, "101_教育局/a.xlsx", "settings.toml", "../settings.toml"), 2020)
    assert found.ignored == {"../settings.toml": "not read: settings.toml is"}


def test_beside_the_right_one_it_is_listed_with_what_is_read_instead(tmp_path: Path):
    year = folder(
        tmp_path, "101_教育局/a.xlsx", "settings.yaml", "settings.toml", "corrections.xlsx", "corrections.csv"
    )
    found = discover(year, 2020)
    assert [file.name for file in found.files] == ["101_教育局/a.xlsx"]
    assert found.ignored == {
        "settings.yaml": "not read: settings.toml is",
        "corrections.xlsx": "not read: corrections.csv is",
    }


def test_what_departments_send_is_not_taken_for_a_file_of_the_bureaus(tmp_path: Path):
    found = discover(
        folder(tmp_path, "101_教育局/设置.xlsx", "101_教育局/更正.xlsx", "教育局部门预算.xlsx"), 2020
    )
    assert len(found.files) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="the time of the last change is not kept there")
def test_a_file_written_anew_with_its_old_size_and_date_is_looked_into_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("transforms.submissions.SETTLED_SECONDS", -1e9)
    year = folder(tmp_path, "101_教育局/a.xlsx")
    first, again = (discover(year, 2020).files[0] for _ in range(2))
    before = first.path.stat()
    time.sleep(0.05)
    first.path.write_bytes(first.path.read_bytes()[::-1])
    os.utime(first.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert discover(year, 2020).files[0].sha256 != first.sha256
    assert again is first


def test_a_file_that_is_gone_when_it_is_looked_into_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"打不开文件 .*a\.xlsx"):
        received(tmp_path / "a.xlsx", "a.xlsx")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows says that it may not read a folder")
def test_a_file_that_cannot_be_read_just_now_is_told_and_worth_another_try(tmp_path: Path):
    (file,) = discover(folder(tmp_path, "101_教育局/a.xlsx"), 2020).files
    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(BudgetError, match=r"101_教育局/a\.xlsx 不能读取（这是文件夹，不是文件）") as told:
        read_one(file)
    assert not isinstance(told.value, InputError)
