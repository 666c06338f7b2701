"""Drift: an unknown word names its form and cell, and accepting it is one list item."""

import errno
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from expectations.errors import InputError
from flows.cli import main
from tests.sheets import sheet
from transforms.common_words import FOLDER
from transforms.read import read_sheets
from transforms.suggest import accept, insert_word, suggest

PAGE = """
    部门预算支出总表
    部门：101教育局 |  |  |  |  | 单位：万元
    科目编码 | 科目名称 | 合计 | 基本支出 | 项目类支出 | 经营性支出
    '205 | 教育支出 | 12 | 9 | 2 | 1
    合计 |  | 12 | 9 | 2 | 1
"""
UNKNOWN = """
    预算总览
    单位：万元
    科目号 | 科目中文名 | 合计 | 基本支出 | 项目支出
    '205 | 教育支出 | 12 | 9 | 3
"""


TITLED = """
    一般公共预算机关运行经费支出预算表
    部门：101教育局
    单位：元
    科目名称 | 12
    办公费 | 9
    合计 | 9
"""


def problems(page: str) -> list[tuple[str, str, str]]:
    columns = read_sheets([sheet(page)], "a.xlsx").problems
    return list(zip(columns["rule_id"], columns["cell"], columns["detail"], strict=True))


def test_an_unknown_column_is_named_at_its_own_header_cell() -> None:
    named = [cell for rule, cell, _ in problems(PAGE) if rule == "SUB-05"]
    assert named == ["E3", "F3"]


def test_an_unknown_table_names_the_nearest_form_and_the_cells_that_differ() -> None:
    detail = next(detail for rule, _, detail in problems(UNKNOWN) if rule == "SUB-05")
    assert "最接近《" in detail
    assert "A3“科目号”、B3“科目中文名”" in detail


def test_a_number_typed_over_a_heading_is_told_at_its_cell_and_not_suggested_as_a_word() -> None:
    page = PAGE.replace("项目类支出", "17").replace("经营性支出", "经营支出")
    assert ("SUB-05", "E3", "header") in problems(page)
    assert ("SUB-16", "E3", "表头中应写栏目名称，不是数字。请改写。") in problems(page)
    assert suggest([sheet(page)]) == []


def test_a_table_whose_title_is_known_is_told_what_its_header_lacks() -> None:
    (detail,) = (detail for rule, _, detail in problems(TITLED) if rule == "SUB-05")
    assert detail.startswith("最接近《一般公共预算机关运行经费支出预算表》，与该表不同的是：B4“12”。")
    (detail,) = (
        detail for rule, _, detail in problems(TITLED.replace("科目名称 | 12\n", "")) if rule == "SUB-05"
    )
    assert "表名可以认出，但没有写明各栏是什么的表头。" in detail


def test_suggestions_say_which_list_lacks_the_word() -> None:
    found = [(each.word, each.cell, each.file, each.path) for each in suggest([sheet(PAGE)])]
    assert found == [
        ("项目类支出", "E3", "expenditure.yml", ("panels", "", "words", "project")),
        ("经营性支出", "F3", "expenditure.yml", ("panels", "", "words", "business_operating")),
    ]


def test_a_suggestion_says_its_meaning_in_the_nearest_words_and_what_has_none(tmp_path: Path) -> None:
    page = PAGE.replace("项目类支出", "总盘子")
    said = [each.as_text() for each in suggest([sheet(page)])]
    assert said == [
        "Sheet1!E3 “总盘子”：没有相近的写法，请自行判断属于哪一栏，加入 expenditure.yml 的 words；不需要的栏加入 aside",
        "Sheet1!F3 “经营性支出”：拟视为“经营支出”，"
        '在 expenditure.yml 的 panels → "" → words → business_operating 中增加 经营性支出',
    ]
    shutil.copytree(FOLDER, tmp_path / "forms")
    assert "总盘子" not in accept(suggest([sheet(page)]), tmp_path / "forms")


def test_a_table_under_an_unknown_title_is_taken_for_what_its_title_is_about() -> None:
    page = """
        一般公共预算三公经费安排表
        单位：万元
        项目 | 2022年预算数 | 2023年预算数
        合计 | 5 | 4
        因公出国（境）经费支出 | 0 | 0
        公车购置及运行费 | 4 | 3
        公务接待费 | 1 | 1
    """
    assert [(each.word, each.file, each.path[-1]) for each in suggest([sheet(page)])] == [
        ("一般公共预算三公经费安排表", "three_public.yml", "other"),
        ("因公出国(境)经费支出", "three_public.yml", "overseas_travel"),
        ("公车购置及运行费", "three_public.yml", "vehicles"),
    ]


def test_accepting_writes_the_items_and_shows_the_difference(tmp_path: Path) -> None:
    folder = tmp_path / "forms"
    shutil.copytree(FOLDER, folder)
    difference = accept(suggest([sheet(PAGE)]), folder)
    assert "+++ expenditure.yml" in difference
    added = [line for line in difference.splitlines() if line.startswith("+ ")]
    assert added == [
        "+    words: {business_operating: [经营性支出], project: [项目类支出], "
        "total: [本年合计, 本年支出合计, 本年支出总计, 支出合计, 支出总计, 支出预算合计]}"
    ]


def test_accepting_twice_changes_nothing_more(tmp_path: Path) -> None:
    folder = tmp_path / "forms"
    shutil.copytree(FOLDER, folder)
    found = suggest([sheet(PAGE)])
    assert accept(found, folder)
    assert accept(found, folder) == ""


def test_a_folder_without_definitions_is_an_error_for_the_user(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--forms"):
        accept(suggest([sheet(PAGE)]), tmp_path)


def test_a_word_that_yaml_would_misread_is_quoted() -> None:
    assert insert_word("a: [x]\n", ["a"], "0301") == 'a: [x, "0301"]\n'
    assert insert_word("a: [x]\n", ["a"], "y, z") == 'a: [x, "y, z"]\n'


def test_the_commands_show_then_accept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, path = tmp_path / "forms", tmp_path / "支出.xlsx"
    shutil.copytree(FOLDER, folder)
    book = openpyxl.Workbook()
    for row in sheet(PAGE).rows:
        book.active.append([value if value != "" else None for value in row])
    book.save(path)
    assert main(["forms", "suggest", str(path)]) == 0
    assert "1. Sheet!E3 “项目类支出”：拟视为“项目支出”" in capsys.readouterr().out
    assert main(["forms", "accept", str(path), "--forms", str(folder), "--only", "1"]) == 0
    assert "项目类支出" in (folder / "expenditure.yml").read_text(encoding="utf-8")
    assert "经营性支出" not in (folder / "expenditure.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("at", "byte"), [(3030, 66), (1064, 39)], ids=["a sheet without end", "a panic"])
def test_a_file_that_would_kill_what_reads_it_is_refused_with_a_sentence_alone(
    at: int, byte: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = bytearray((Path(__file__).parent / "files" / "biff8.xls").read_bytes())
    content[at] = byte
    (tmp_path / "坏.xls").write_bytes(content)
    assert main(["forms", "suggest", str(tmp_path / "坏.xls")]) == 2
    (said,) = capfd.readouterr().err.splitlines()
    assert said.endswith(("另存为 .xlsx 后再报送。", "另存为 .xlsx 再报送。", "请重新复制后再报送。"))


def test_a_header_of_strange_words_below_a_title_that_is_known_is_suggested_but_for_the_names_of_its_rows() -> (
    None
):
    page = """
        “三公”经费预算表
        部门：某县农机局 | 单位：万元
        费用名目 | 今年安排
        因公出国费 | 1
        公务接待费 | 2
    """
    found = [(each.word, each.cell, each.file, each.path) for each in suggest([sheet(page)])]
    assert found == [
        ("今年安排", "B3", "_words.yml", ("amounts", "amount")),
        ("因公出国费", "A4", "three_public.yml", ("panels", "", "words", "overseas_travel")),
    ]
    assert not any(path == ("titles", "other") for *_, path in found)


def test_three_digits_beside_codes_are_no_codes() -> None:
    page = UNKNOWN.replace("科目号", "科目编码").replace("科目中文名 | 合计", "科目名称 | 支出总盘子")
    (found,) = suggest([sheet(page.replace("| 12 |", "| 100 |").replace("预算总览", "部门支出总表"))])
    assert found.path == ("panels", "", "words", "total")


def test_a_workbook_that_may_not_be_read_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "支出.xlsx"
    path.touch()
    opened = Path.open

    def refused(self: Path, *ways: Any, **named: Any) -> Any:
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(self, *ways, **named)

    monkeypatch.setattr(Path, "open", refused)
    assert main(["forms", "suggest", str(path)]) == 2
    assert f"打不开文件 {path}（没有权限" in capsys.readouterr().err
