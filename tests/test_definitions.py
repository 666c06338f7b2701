"""Definitions that somebody edited and broke: the file and the place are named, and no workbook is blamed."""

import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from expectations.errors import DefinitionError
from expectations.saying import Messages
from expectations.yamlfile import read_as, read_yaml
from flows.running.filereading import read_one
from transforms import forms
from transforms.submissions import source_file

PAGE = "部门支出总表,,单位：万元\n科目编码,科目名称,合计\n205,教育支出,12\n"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path):
    broken = written(tmp_path / "rules" / "10_own.yml", "- id: EXP-01\n  title: 行\n  - x: [\n")
    with pytest.raises(DefinitionError, match=r"^rules/10_own\.yml: line 3, column 3: "):
        read_yaml(broken)


def test_a_file_in_another_encoding_is_named(tmp_path: Path):
    broken = tmp_path / "words.yml"
    broken.write_bytes("词: 合计\n".encode("gb18030"))
    with pytest.raises(DefinitionError, match=r"/words\.yml: 'utf-8' codec"):
        read_yaml(broken)


def test_a_value_that_does_not_fit_is_named_with_its_place(tmp_path: Path):
    limits = written(tmp_path / "files" / "limits.yml", "sheets: 300\ncells: viele\n")
    with pytest.raises(DefinitionError) as raised:
        read_as(limits, TypeAdapter(dict[str, int]))
    assert str(raised.value) == (
        "files/limits.yml: cells: Input should be a valid integer, unable to parse string as an integer"
    )


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("other: {missing: 找不到}", "flows/messages.yml: no sentences of check"),
        ("check: {mising: 找不到}", "flows/messages.yml: check.missing: KeyError('missing')"),
        ("check: {missing: '找不到 {fiel}'}", "flows/messages.yml: check.missing: KeyError('fiel')"),
        ("check: {missing: '找不到 {file'}", "flows/messages.yml: check.missing: ValueError("),
    ],
)
def test_a_sentence_that_was_spoilt_is_named_with_its_file(tmp_path: Path, rows: str, told: str):
    say = Messages(str(written(tmp_path / "flows" / "messages.yml", rows + "\n").with_name("check.py")))
    with pytest.raises(DefinitionError) as raised:
        say("missing", file="预算表.xlsx")
    assert str(raised.value).startswith(told)


def test_a_broken_form_stops_the_reading_and_refuses_no_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = shutil.copytree(forms.FOLDER, tmp_path / "forms")
    form = folder / "expenditure.yml"
    form.write_text(form.read_text(encoding="utf-8").replace("codes: function", "codes: funktion"), "utf-8")
    monkeypatch.setattr(forms, "FOLDER", folder)
    book = written(tmp_path / "101_教育局" / "支出.csv", PAGE)
    forms.forms.cache_clear()
    try:
        with pytest.raises(DefinitionError, match=r"^forms/expenditure\.yml: panels\.\.codes: "):
            read_one(source_file(book, "101_教育局/支出.csv"))
    finally:
        forms.forms.cache_clear()
