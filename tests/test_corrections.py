"""Corrections, waivers, settings and resubmissions: guarded rows, told of in the findings, loud when stale."""

import csv
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from expectations.bureau_files import Line
from expectations.corrections import COLUMNS as CORRECTION_COLUMNS
from expectations.corrections import correct, load_corrections
from expectations.errors import InputError
from expectations.outcomes import FINDING_COLUMNS
from expectations.settings import Settings, load_settings, refuse_unknown_bodies
from expectations.waivers import COLUMNS as WAIVER_COLUMNS
from expectations.waivers import in_shadow, load_waivers, waive
from flows.amendments import load_amendments, mark_corrected
from flows.cli import main
from flows.returned.notice_folders import write_notices
from flows.stages import Verdict
from tests.drawn import body
from tests.releases import judged_year, verdict_of
from tests.test_cli import INCOME_FORM, write_workbook
from transforms.sample import write_county

YEAR = 2020
TODAY = date(2020, 3, 1)
FILE = "723_县委办公室/预算.xlsx"
CORRECTION = {
    "department_code": "723", "unit_code": "", "file": FILE, "sheet": "表2", "cell": "C5", "expected": "13.03",
    "value": "13.5", "reason": "电话核实", "approved_by": "张三",
}  # fmt: skip
WAIVER = {
    "rule_id": "EXP-02", "department_code": "723", "unit_code": "", "sheet": "表2", "cell": "C5", "value": "13.03",
    "reason": "已书面说明", "approved_by": "李四", "until": "2020-12-31",
}  # fmt: skip


def write_rows(path: Path, *rows: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def line(known: dict[str, str], **changed: str) -> Line:
    return Line("x.csv", 2, {**known, **changed})


BODIES = pd.DataFrame([body("department:723")])


def facts(raw: str = "13.03", amount: int | None = 13_030_000, unit: str = "万元") -> pd.DataFrame:
    row = {"body_id": "department:723", "file": FILE, "sheet": "表2", "cell": "C5", "raw": raw, "unit": unit}
    return pd.DataFrame([{**row, "amount": amount}, {**row, "cell": "C6", "amount": 1}]).astype(
        {"amount": "Int64"}
    )


def problems(rule_id: str = "CEL-01") -> pd.DataFrame:
    return pd.DataFrame([{"rule_id": rule_id, "file": FILE, "sheet": "表2", "cell": "C5"}])


def test_a_correction_is_used_instead_and_the_cells_text_is_kept():
    corrected = correct(facts(), problems("SUB-10"), BODIES, [line(CORRECTION)])
    assert corrected.facts["amount"].tolist() == [13_500_000, 1]
    assert corrected.facts["raw"].tolist() == ["13.03", "13.03"]
    told = corrected.findings.iloc[0]
    assert (told["found"], told["expected"], told["difference"]) == ("130300.00", "135000.00", "-4700.00")
    assert (told["severity"], told["gate"], told["state"]) == ("info", "none", "open")
    assert (
        told["message"] == "表2!C5：按更正记录将“13.03”改按 13.50 万元 取数。理由：电话核实；批准人：张三。"
    )
    assert len(corrected.problems) == 1


def test_a_figure_in_words_can_be_corrected_and_its_problem_is_settled():
    corrected = correct(
        facts("十二万", None), problems(), BODIES, [line(CORRECTION, expected="十二万", value="12")]
    )
    assert corrected.facts["amount"].tolist() == [12_000_000, 1]
    assert corrected.problems.empty


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"expected": "13.04"}, "x.csv 第 2 行：表2!C5 现在是“13.03”，不是更正时的“13.04”，更正已失效"),
        (
            {"department_code": "724"},
            "x.csv 第 2 行：没有这个单位（department_code 为“724”，unit_code 为“”）",
        ),
        ({"file": "别的.xlsx"}, "该单位采用的材料中没有读到文件“别的.xlsx”"),
        ({"sheet": "表3"}, "该文件中没有读到工作表“表3”"),
        ({"cell": "Z9"}, "该工作表的 Z9 不是取数的单元格"),
        ({"value": "13.0000001"}, "“13.0000001”不是精确到分的金额"),
    ],
)
def test_a_correction_that_no_longer_fits_is_refused_by_file_and_row(changed: dict[str, str], sentence: str):
    with pytest.raises(InputError) as refused:
        correct(facts(), problems(), BODIES, [line(CORRECTION, **changed)])
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{**CORRECTION, "value": "十三"}], "corrections.csv 第 2 行：value “十三”不是数字"),
        ([{**CORRECTION, "reason": " "}], "corrections.csv 第 2 行：缺少 reason"),
        ([CORRECTION, CORRECTION], "corrections.csv 第 3 行：与第 2 行更正的是同一个单元格"),
        (
            [{**CORRECTION, "value": "十三"}, CORRECTION, {**CORRECTION, "cell": "Z9", "value": "一"}],
            "value “十三”不是数字，应写表上金额单位的数字，如 12.50。请改正该行后重新运行。\n"
            "corrections.csv 第 3 行：与第 2 行更正的是同一个单元格，每个单元格只能更正一次。请改正该行后重新运行。\n"
            "corrections.csv 第 4 行：value “一”不是数字",
        ),
        ([{"code": "723"}], "corrections.csv 第 1 行：表头应为"),
        ([{**CORRECTION, "valeu": "1"}], "approved_by，多出 valeu。请改正"),
        ([{name: text for name, text in CORRECTION.items() if name != "reason"}], "，缺少 reason。请改正"),
    ],
)
def test_a_faulty_row_is_refused_before_anything_is_read(
    tmp_path: Path, rows: list[dict[str, str]], sentence: str
):
    with pytest.raises(InputError) as refused:
        load_corrections(write_rows(tmp_path / "corrections.csv", *rows))
    assert sentence in str(refused.value)


def test_a_file_that_is_no_text_is_told_what_it_is(tmp_path: Path):
    path = write_workbook(tmp_path / "waivers.xlsx", {"豁免": [[*WAIVER]]}).rename(tmp_path / "waivers.csv")
    with pytest.raises(InputError, match=r"waivers\.csv 的内容是工作簿，只是改了扩展名"):
        load_waivers(path, {"EXP-02"})
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(InputError, match=r"settings\.toml 不能读取（这是文件夹，不是文件）"):
        load_settings(tmp_path / "settings.toml", ())


def test_a_quotation_mark_alone_in_a_long_file_is_told(tmp_path: Path):
    path = write_rows(tmp_path / "waivers.csv", WAIVER)
    with path.open("a", encoding="utf-8") as file:
        file.write('EXP-02,"' + "长" * 200_000)
    with pytest.raises(InputError, match=r"waivers\.csv 中有没有成对的引号"):
        load_waivers(path, {"EXP-02"})


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"rule_id": "EXP-99"}, "waivers.csv 第 2 行：没有编号为“EXP-99”的规则"),
        ({"until": "2020年底"}, "waivers.csv 第 2 行：until “2020年底”不是日期"),
        ({"sheet": ""}, "waivers.csv 第 2 行：写了单元格，没有写工作表"),
    ],
)
def test_a_faulty_waiver_is_refused(tmp_path: Path, changed: dict[str, str], sentence: str):
    path = write_rows(tmp_path / "waivers.csv", {**WAIVER, **changed})
    with pytest.raises(InputError) as refused:
        load_waivers(path, {"EXP-02"})
    assert sentence in str(refused.value)


def test_a_day_may_be_written_as_spreadsheet_programs_save_it(tmp_path: Path):
    path = write_rows(tmp_path / "waivers.csv", {**WAIVER, "until": "2020/3/1"})
    assert [line["until"] for line in load_waivers(path, {"EXP-02"})] == ["2020-03-01"]


def finding(**known: str) -> pd.DataFrame:
    row = dict.fromkeys(FINDING_COLUMNS, "") | {
        "finding_id": "1", "rule_id": "EXP-02", "severity": "error", "gate": "body", "state": "open",
        "body_id": "department:723", "file": FILE, "sheet": "表2", "cell": "C5", "found": "130300.00", "message": "不符。",
    }  # fmt: skip
    return pd.DataFrame([{**row, **known}], dtype=object)


CELLS = pd.DataFrame([{"body_id": "department:723", "sheet": "表2", "cell": "C5", "raw": "13.03"}])


@pytest.mark.parametrize("value", ["13.03", "130300.00", "130,300"])
def test_a_waiver_bound_to_the_value_holds_nobody_back(value: str):
    waived = waive(finding(), CELLS, BODIES, [line(WAIVER, value=value)], TODAY)
    (row,) = waived.findings.to_dict("records")
    assert (row["state"], row["gate"]) == ("waived", "none")
    assert row["message"] == "不符。（已批准豁免：已书面说明；批准人：李四；有效期至 2020-12-31。）"
    assert [waiver.state for waiver in waived.waivers] == ["applied"]


@pytest.mark.parametrize(
    ("changed", "state", "severity", "words"),
    [
        ({"value": "12.00"}, "changed", "warning", "批准豁免 EXP-02 时为“12.00”，现在为“13.03”，豁免失效"),
        ({"until": "2020-02-29"}, "expired", "warning", "豁免已于 2020-02-29 到期，问题恢复为待处理"),
        ({"cell": "C6"}, "unused", "info", "没有用到"),
    ],
)
def test_a_waiver_that_lapsed_leaves_the_finding_open_and_says_so(
    changed: dict[str, str], state: str, severity: str, words: str
):
    waived = waive(finding(), CELLS, BODIES, [line(WAIVER, **changed)], TODAY)
    first, told = waived.findings.to_dict("records")
    assert (first["state"], first["gate"]) == ("open", "body")
    assert (told["rule_id"], told["severity"]) == ("WAIVER", severity)
    assert words in told["message"]
    assert [waiver.state for waiver in waived.waivers] == [state]


def test_a_waiver_ends_after_its_last_day():
    waived = waive(finding(), CELLS, BODIES, [line(WAIVER, until="2020-03-01")], TODAY)
    assert waived.waivers[0].state == "applied"


def test_a_waiver_of_an_unknown_sheet_is_refused():
    with pytest.raises(InputError, match="没有工作表“表二”"):
        waive(finding(), CELLS, BODIES, [line(WAIVER, sheet="表二")], TODAY)


def test_a_rule_on_trial_is_reported_apart():
    assert in_shadow(finding(), ["EXP-02"])[["state", "gate"]].values.tolist() == [["shadow", "none"]]
    assert in_shadow(finding(), ["EXP-03"])["state"].tolist() == ["open"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[notice]\nburo = '预算股'", "settings.toml 第 2 行：notice.buro 没有这一项设置"),
        ("[notice]\n\nworking_days = 0", "settings.toml 第 3 行：notice.working_days 不能小于 1"),
        ("[notice]\ndue = '五月'", "settings.toml 第 2 行：notice.due"),
        ("[notice\n", "settings.toml 第 1 行写法有误"),
        ("[notice]\nbureau = '甲'\nbureau = '乙'", "settings.toml 第 3 行写法有误"),
        ("[thresholds]\nyear_on_year_percent = inf", "year_on_year_percent 应为具体的数字"),
        ("[rules]\nshadow = 'X-15'", '第 2 行：rules.shadow 应为方括号中的一列，如 ["EXP-01"]'),
        ("notice = 3", "settings.toml 第 1 行：notice 应为一节"),
        (
            "[thresholds]\nyear_on_year_yuan = -1",
            "settings.toml 第 2 行：thresholds.year_on_year_yuan 不能小于 0",
        ),
        ("[received]\n101 = '三月'", "settings.toml 第 2 行：received.101 不是日期"),
        ("[rules]\nshadow = ['X-99']", "settings.toml 第 2 行：没有编号为 X-99 的规则"),
    ],
)
def test_a_slip_in_the_settings_is_named_with_its_row(tmp_path: Path, text: str, sentence: str):
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_settings(path, {"X-15"})
    assert sentence in str(refused.value)


def test_settings_saved_by_chinese_windows_are_read(tmp_path: Path):
    path = tmp_path / "settings.toml"
    path.write_bytes("[notice]\nbureau = '某县财政局'".encode("gb18030"))
    assert load_settings(path, ()).notice.bureau == "某县财政局"


def test_a_body_that_is_not_there_cannot_have_sent_anything(tmp_path: Path):
    path = tmp_path / "settings.toml"
    path.write_text("[received]\n101 = 2020-03-01\n999 = 2020-03-01", encoding="utf-8")
    with pytest.raises(InputError, match=r"settings\.toml 第 3 行：received 中的 999 不是任何单位的编码"):
        refuse_unknown_bodies(load_settings(path, ()), path, {"101"})


def test_a_cell_may_be_named_in_small_letters(tmp_path: Path):
    (read,) = load_corrections(write_rows(tmp_path / "corrections.csv", {**CORRECTION, "cell": "c5"}))
    assert read["cell"] == "C5"


def test_settings_have_defaults(tmp_path: Path):
    assert load_settings(tmp_path / "settings.toml", ()) == Settings()
    assert Settings().notice.bureau == "县财政局预算股"


WRONG = [list(row) for row in INCOME_FORM]
WRONG[4] = ["2013101", "行政运行", 110.5, 120.5]


def judged(input_dir: Path) -> tuple[Verdict, pd.DataFrame]:
    """A year's run without Prefect and without the expectation suites; the standard table of income."""
    tables = judged_year(input_dir, YEAR, as_of=TODAY).county.tables
    return verdict_of(input_dir, YEAR, as_of=TODAY, validated=False), tables["income"]


def test_a_correction_reaches_the_published_row_and_says_so(tmp_path: Path):
    write_workbook(tmp_path / "2020" / FILE, {"表2": WRONG})
    assert "INC-01" in set(judged(tmp_path)[0].release.findings["rule_id"])
    write_rows(
        tmp_path / "2020" / "corrections.csv",
        {**CORRECTION, "cell": "C5", "expected": "110.5", "value": "120.5"},
        {**CORRECTION, "cell": "D5", "expected": "120.5", "value": "120.50"},
    )
    verdict, income = judged(tmp_path)
    assert "INC-01" not in set(verdict.release.findings["rule_id"])
    assert income["derivation"].tolist() == ["corrected"]
    assert [row["cell"] for row in verdict.release.run["amendments"]["corrections"]] == ["C5", "D5"]


def test_only_rows_that_draw_on_the_cell_are_corrected():
    source = {"source_file": "a.xlsx", "source_sheet": "表1"}
    table = pd.DataFrame(
        [
            {**source, "source_cell": cell, "derivation": "printed", "amount_yuan": 1}
            for cell in ("B2 B3", "B23")
        ]
    )
    marked = mark_corrected({"income": table}, [("a.xlsx", "表1", "B3")])["income"]
    assert marked["derivation"].tolist() == ["corrected", "printed"]


def resubmit(root: Path, *forms: list[list[object]]) -> None:
    for number, form in enumerate(forms, start=1):
        write_workbook(root / "2020" / "723_县委办公室" / str(number) / "预算.xlsx", {"表2": form})


def test_a_resubmission_is_compared_cell_by_cell_and_finding_by_finding(tmp_path: Path):
    resubmit(tmp_path, WRONG, INCOME_FORM)
    release = judged(tmp_path)[0].release
    (told,) = release.run["resubmissions"]
    assert (told["submission"], told["previous"], told["identical"]) == (2, 1, False)
    assert (told["changed_cells"], told["new"]) == (1, 0)
    assert told["mended"] >= 1
    write_notices(release.notices, tmp_path / "notices")
    report = pd.read_csv(tmp_path / "notices" / "723_县委办公室" / "重报对比.csv", dtype=str).fillna("")
    changed = report[report["类别"] == "单元格改动"]
    assert changed[["单元格", "上次", "本次"]].values.tolist() == [["C5", "110.5", "120.5"]]
    mended = report[(report["类别"] == "已改正") & (report["规则"] == "INC-01")]
    assert mended[["单元格", "上次", "本次"]].values.tolist() == [["C5", "110.5", "120.5"]]


def test_a_mended_resubmission_tells_what_it_adds_to_the_county(tmp_path: Path):
    write_county(tmp_path / "faulty", YEAR, departments=3, seed=7, defects=1)
    write_county(tmp_path / "clean", YEAR, departments=3, seed=7, defects=0)
    planted = pd.read_csv(tmp_path / "faulty" / "2020" / "defects.csv")["file"].iloc[0]
    folder = tmp_path / "faulty" / "2020" / Path(planted).parent
    for number, county in (("1", "faulty"), ("2", "clean")):
        (folder / number).mkdir()
        (folder / number / Path(planted).name).write_bytes(
            (tmp_path / county / "2020" / planted).read_bytes()
        )
    (folder / Path(planted).name).unlink()
    release = judged(tmp_path / "faulty")[0].release
    (told,) = release.run["resubmissions"]
    before, after = told["published_yuan"]["income"]
    assert (before, told["new"]) == ("0.00", 0)
    assert told["remaining"] == release.findings["file"].str.startswith(folder.name).sum()
    assert set(release.findings["severity"]) <= {"info", "warning"}
    assert float(after) > 0


def test_an_identical_resubmission_is_said_to_be_one(tmp_path: Path):
    folder = tmp_path / "2020" / "723_县委办公室"
    resubmit(tmp_path, WRONG, WRONG)
    (folder / "2" / "预算.xlsx").write_bytes((folder / "1" / "预算.xlsx").read_bytes())
    release = judged(tmp_path)[0].release
    (told,) = release.run["resubmissions"]
    assert told["identical"]
    assert (told["changed_cells"], told["mended"], told["new"]) == (0, 0, 0)
    assert release.notices[0].remarks == ("本次（第2次）报送的文件与第1次完全相同，没有任何修改。",)


def test_a_resubmission_that_cannot_be_read_mends_nothing(tmp_path: Path):
    resubmit(tmp_path, WRONG, WRONG)
    (tmp_path / "2020" / "723_县委办公室" / "2" / "预算.xlsx").write_bytes(b"")
    release = judged(tmp_path)[0].release
    (told,) = release.run["resubmissions"]
    assert (told["identical"], told["changed_cells"], told["mended"]) == (False, 0, 0)
    assert told["unchecked"] >= 1
    assert release.notices[0].remarks == (
        f"本次（第2次）报送的文件无法读取，不能与第1次比较；上次指出的问题有{told['unchecked']}个未能核对。",
    )


def test_what_follows_a_submission_that_could_not_be_read_is_not_called_the_same(tmp_path: Path):
    resubmit(tmp_path, WRONG, WRONG)
    (tmp_path / "2020" / "723_县委办公室" / "1" / "预算.xlsx").write_bytes(b"")
    release = judged(tmp_path)[0].release
    (told,) = release.run["resubmissions"]
    (remark,) = release.notices[0].remarks
    assert told["new"] >= 1
    assert remark.startswith("本次（第2次）报送与第1次相比，改动单元格0个（无法读取的文件除外）；")


@pytest.mark.parametrize("name", ["corrections.csv", "waivers.csv"])
def test_a_run_with_a_faulty_row_publishes_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    write_workbook(tmp_path / "2020" / FILE, {"表2": INCOME_FORM})
    wrong = {**CORRECTION, "value": "x"} if name == "corrections.csv" else {**WAIVER, "rule_id": "ABC"}
    write_rows(tmp_path / "2020" / name, wrong)
    assert main(["run", "2020", "--input", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
    assert f"{name} 第 2 行" in capsys.readouterr().err
    assert not (tmp_path / "out" / "2020").exists()


def test_rows_have_exactly_the_contracts_columns():
    assert tuple(CORRECTION) == CORRECTION_COLUMNS
    assert tuple(WAIVER) == WAIVER_COLUMNS


def test_a_year_without_the_bureaus_files_is_amended_by_nothing(tmp_path: Path):
    amendments = load_amendments(tmp_path, YEAR)
    assert (list(amendments.corrections), list(amendments.waivers)) == ([], [])
    assert json.loads(amendments.settings.model_dump_json())["rules"] == {"shadow": []}
