"""The command line: what a user asks wrongly is a sentence and exit code 2, never a traceback."""

import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from expectations.rules_model import RULES
from expectations.width import columns_wide
from flows.cli import main
from flows.commands import READER_GONE
from flows.parser import build_parser
from flows.provenance import folder_checksum
from flows.running.lock import only_writer

INCOME_FORM = [
    ["部门收入总表"],
    ["部门：723县委办公室", None, None, "单位：万元"],
    ["科目编码", "科目名称", "合计", "一般公共预算拨款"],
    ["合计", None, 120.5, 120.5],
    ["2013101", "行政运行", 120.5, 120.5],
]


def write_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def test_help_says_what_every_argument_is():
    commands = build_parser()._subparsers._group_actions[0].choices
    silent = [
        (name, each.dest) for name, command in commands.items() for each in command._actions if not each.help
    ]
    assert len(commands) > 10
    assert silent == []


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return write_workbook(tmp_path / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "2020", "--input", "nowhere"], "找不到输入文件夹"),
        (["run", "二〇二〇"], "不是年度"),
        (["run", "2020", "--wrong"], "--wrong"),
        (["run", "2020", "--workers", "0"], "不是进程数"),
        ([], "COMMAND"),
        (["check", "nowhere.xlsx"], "找不到文件 nowhere.xlsx"),
        (["check", "flows"], "文件夹 flows 中没有可读取的工作簿"),
        (["check", ""], "FILE：文件名或文件夹名是空的"),
        (["run", "2020", "--input", ""], "--input：文件名或文件夹名是空的"),
        (["check", "/dev/zero"], "找不到文件 /dev/zero"),
        (["trace", "2020", "income", "--output", "长" * 300], "不能使用（路径或文件名太长）"),
        (["run", "2020", "--input", "长" * 300], "不能使用（路径或文件名太长）"),
        (["run", "2020", "--year", "2020"], "这个命令没有 --year"),
        (["check", "s3://county/a.xlsx"], "“s3://county/a.xlsx”不在本机"),
        (["sample", "s3://county", "--departments", "1", "--year", "2020", "--seed", "1"], "不在本机"),
        (["rn", "2020"], "“rn”写错了（是否应为 run？）"),
        (["run"], "缺少 YEAR"),
        (["serve", "--year", "2020", "--watch", "9" * 14], "不是分钟数（1 至 1440）"),
        (["check", "--yaer", "2020", "a.xlsx"], "不认识 --yaer（是否应为 --year？）"),
        (["run", "2020", "--workers"], "--workers 后面缺少内容"),
        (["rules", "show", "X-7"], "没有编号为 X-7 的规则（是否应为 X-07？）"),
        (["trace", "2020", "nonsense"], "没有名为 nonsense 的表。"),
        (["trace", "2020", "expenditur"], "没有名为 expenditur 的表（是否应为 expenditure？）"),
        (["trace", "2020", "部门收入表"], "没有名为 部门收入表 的表（是否应为 部门收入预算表？）"),
        (["trace", "2020", "income", "unitcode=1"], "不是条件（是否应为 unit_code？）"),
        (["trace", "2020", "income", "--output", "nowhere"], "没有已发布的 income"),
        (["compare", "2020", "--output", "nowhere"], "nowhere 中没有 2020 年的成果"),
        (["sample", "county", "--departments", "3"], "--year"),
        (["run", "2020", "--workers", "99999999"], "“99999999”不是进程数（1 至 "),
        (["serve", "--year", "2020", "--cron", "every night"], "不是定时表达式"),
        (
            ["serve", "--year", "2020", "--notify", "nowhere.toml"],
            "nowhere.toml 不能读取（找不到文件或文件夹）",
        ),
        (["serve", "--year", "2020"], "需要一个 Prefect 服务器"),
    ],
)
def test_what_cannot_run_is_said_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_a_year_without_files_cannot_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "2020").mkdir()
    assert main(["run", "2020", "--input", str(tmp_path)]) == 2
    assert str(tmp_path / "2020") in capsys.readouterr().err


def test_a_roster_that_names_a_code_twice_cannot_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_workbook(tmp_path / "2020" / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    roster = "code,name,parent_code,kind,due\n723,县委办公室,,行政,\n723,县委宣传部,,行政,\n"
    (tmp_path / "2020" / "departments.csv").write_text(roster, encoding="utf-8")
    assert main(["run", "2020", "--input", str(tmp_path), "--output", str(tmp_path / "output")]) == 2
    assert "723 重复" in capsys.readouterr().err


def test_a_second_run_says_that_one_is_under_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_workbook(tmp_path / "2020" / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    output = tmp_path / "output"
    with only_writer(output, 2020):
        assert main(["run", "2020", "--input", str(tmp_path), "--output", str(output)]) == 2
    said = capsys.readouterr().err
    assert "另一个进程正在处理" in said
    assert said.endswith("请等它结束后再运行；加上 --wait，本次运行会等它结束后自动开始。\n")


def test_a_second_run_told_to_wait_announces_it_and_takes_what_came_in_meanwhile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = write_workbook(tmp_path / "2020" / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    output, first = tmp_path / "output", threading.Event()

    def other_run() -> None:
        with only_writer(output, 2020):
            first.set()
            while "等它结束后继续" not in "".join(told):
                told.append(capsys.readouterr().err)
                time.sleep(0.05)
            path.unlink()

    told: list[str] = []
    other = threading.Thread(target=other_run)
    other.start()
    first.wait()
    assert main(["run", "2020", "--wait=1", "--input", str(tmp_path), "--output", str(output)]) == 2
    other.join()
    assert "没有可读取的工作簿" in capsys.readouterr().err


def test_wait_before_the_year_is_told_how_to_be_written(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "--wait", "2020"]) == 2
    assert (
        "“2020”不是等待的分钟数（1 至 1440）。不写分钟数时，请把 --wait 放在年度后面"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("command", ["run", "check", "trace", "verify", "compare", "province", "doctor"])
def test_help_fits_a_terminal_of_80_columns(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(columns_wide, lines)) <= 80
    assert any("预算年度" in line or "文件夹" in line for line in lines)


def test_help_of_run_tells_of_waiting(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert "--wait [MINUTES]" in capsys.readouterr().out


def test_the_version_is_one_line_that_names_the_definitions_as_a_run_does(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    (line,) = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert line.startswith("county-budget 0.1.0，Python 3.")
    assert f"审核规则 {folder_checksum(RULES)[:12]}" in line


def test_a_sample_county_says_how_many_defects_it_holds_and_where_they_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    asked = ["--departments", "2", "--year", "2020", "--seed", "1", "--defects", "3"]
    assert main(["sample", str(tmp_path), *asked]) == 0
    ledger = tmp_path / "2020" / "defects.csv"
    assert len(ledger.read_text(encoding="utf-8-sig").splitlines()) == 2
    assert f"埋入差错 1 处（要求 3 处，其余没有合适的单位可埋），清单见 {ledger}。" in capsys.readouterr().out


def test_help_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown for word in ("run", "check", "trace", "sample", "serve", "0  ", "1  ", "2  ", "3  ")
    )


@pytest.mark.parametrize("output", ["{root}", "{root}/2020", "{root}/2020/723_县委办公室", "{root}/.."])
def test_a_release_never_takes_the_place_of_what_was_sent(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = tmp_path / "2020"
    book = write_workbook(root / "2020" / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    before = book.read_bytes()
    assert main(["run", "2020", "--input", str(root), "--output", output.format(root=root)]) == 2
    assert "报送的原件会被替换" in capsys.readouterr().err
    assert book.read_bytes() == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [book]


def test_a_sample_county_is_not_mixed_with_what_was_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    book = write_workbook(tmp_path / "2020" / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    asked = ["--departments", "1", "--year", "2020", "--seed", "1"]
    assert main(["sample", str(tmp_path), *asked]) == 2
    assert main(["sample", str(book), *asked]) == 2
    told = capsys.readouterr().err
    assert "中已有文件" in told
    assert "不能在" in told
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [book]


def test_check_gives_findings_and_outcomes_as_one_json_object(
    workbook: Path, capsys: pytest.CaptureFixture[str]
):
    exit_code = main(["check", str(workbook), "--year", "2020", "--json"])
    answer = json.loads(capsys.readouterr().out)
    errors = [finding["rule_id"] for finding in answer["findings"] if finding["severity"] == "error"]
    assert "SUB-03" in errors
    assert exit_code == 1
    assert {outcome["rule_id"] for outcome in answer["outcomes"]} >= {"INC-01", "SUB-03"}
    assert answer["findings"][0].keys() >= {"finding_id", "file", "sheet", "cell", "message"}


def test_check_prints_sentences_and_their_number(workbook: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(workbook), "--year", "2020"]) == 1
    *findings, count = capsys.readouterr().out.splitlines()
    assert any(line.startswith("[错误 SUB-03]") for line in findings)
    assert count.startswith("错误 ")


def test_check_names_all_missing_forms_in_one_line_below_the_file_that_cannot_be_read(
    workbook: Path, capsys: pytest.CaptureFixture[str]
):
    (workbook.parent / "另一本.xlsx").write_bytes(b"PK\x03\x04")
    main(["check", str(workbook.parent), "--year", "2020"])
    lead, error, warning, *_ = capsys.readouterr().out.splitlines()
    assert lead.startswith("[错误 SUB-09] 723_县委办公室/另一本.xlsx 无法读取")
    assert error.startswith("    由此引起 [错误 SUB-03] 没有收到部门预算收支总表")
    assert warning.startswith("    由此引起 [警告 SUB-03] 没有收到《")
    assert "《政府采购预算表》《财政拨款“三公”经费支出表》" in warning


@pytest.mark.parametrize(
    ("row", "rule_id", "told"),
    [
        (["单位：元"], "SUB-08", ["表2!A6 写的“单位:元”与表的上方注明的金额单位不同"]),
        (
            ["总计", None, 130.5],
            "SUB-16",
            ["表2!C6 的数字 130.5 未取用。“总计”与本表上面的合计不同，请只保留正确的一行。"],
        ),
        (
            ["其它", None, 3],
            "SUB-16",
            [
                "表2!C6 的数字 3 未取用。无法识别行“其它”。请改用规定的科目名称；与本表无关的请删除。",
            ],
        ),
    ],
)
def test_check_tells_a_fault_once_and_what_to_do_about_it(
    row: list[object], rule_id: str, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    book = write_workbook(tmp_path / "723_县委办公室" / "预算.xlsx", {"表2": [*INCOME_FORM, row]})
    main(["check", str(book), "--year", "2020"])
    said = [line for line in capsys.readouterr().out.splitlines() if f" {rule_id}]" in line]
    assert [line.partition("] ")[2][: len(start)] for line, start in zip(said, told, strict=True)] == told


def test_check_answers_one_department_at_a_time(workbook: Path, capsys: pytest.CaptureFixture[str]):
    other = write_workbook(workbook.parents[1] / "101_教育局" / "预算2.xlsx", {"表2": INCOME_FORM})
    assert main(["check", str(workbook), str(other)]) == 2
    assert (
        "不同部门的文件夹里（723_县委办公室、101_教育局）。请一次只审核一个部门的材料"
        in capsys.readouterr().err
    )


def test_check_leaves_the_files_of_units_in_their_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for code, name in (("101", "教育局"), ("101002", "第一中学")):
        form = [INCOME_FORM[0], [f"部门：{code}{name}", None, None, "单位：万元"], *INCOME_FORM[2:]]
        write_workbook(tmp_path / f"{code}_{name}" / f"{name}.xlsx", {"表2": form})
    main(["check", *map(str, sorted(tmp_path.iterdir())), "--year", "2020"])
    said = capsys.readouterr().out
    assert "【第一中学】" in said
    assert "SUB-07" not in said


def test_check_parts_its_answer_where_the_files_are_of_several_bodies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("教育局", "财政局"):
        form = [INCOME_FORM[0], [f"部门：{name}", None, None, "单位：万元"], *INCOME_FORM[2:]]
        write_workbook(tmp_path / "报送" / f"{name}.xlsx", {"表2": form})
    main(["check", str(tmp_path / "报送"), "--year", "2020"])
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("这次审核的文件属于 2 个单位（教育局、财政局）")
    assert [line for line in said if line.startswith("【")] == ["【教育局】", "【财政局】"]


def test_check_of_a_folder_reads_its_last_submission_and_leaves_out_what_is_no_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    body = tmp_path / "723_县委办公室"
    write_workbook(body / "1" / "预算.xlsx", {"表2": [*INCOME_FORM[:3], ["合计", None, 9, 120.5]]})
    write_workbook(body / "2" / "预算2020.xlsx", {"表2": INCOME_FORM})
    (body / "2" / "~$预算2020.xlsx").write_bytes(b"left")
    (body / "2" / "盖章.pdf").write_bytes(b"%PDF-1.4 seal")
    assert main(["check", str(body), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert "SUB-09" not in {finding["rule_id"] for finding in answer["findings"]}
    assert {row["rule_id"]: row["outcome"] for row in answer["outcomes"]}["INC-01"] == "agrees"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "文件是空的"), (b"%PDF-1.4", "文件内容是 PDF"), (b"PK\x03\x04", "文件不完整")],
)
def test_check_says_why_a_file_cannot_be_read_rather_than_ask_for_its_year(
    content: bytes, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "a.xlsx").write_bytes(content)
    assert main(["check", str(tmp_path / "a.xlsx")]) == 1
    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "code", "sentence"),
    [
        ("说明.pdf", "部门预算公开说明", 1, "文件既不是电子表格，也不是 Word 文档。"),
        ("departments.csv", "code,name", 2, "departments.csv 是预算股自己的名册文件，不是单位报送的材料"),
        ("名单.csv", "code,name\n101,3", 1, "名单!A2：没有表名和表头，认不出是哪一张表，未取用。"),
        (
            "名单.csv",
            "code,name\n101,3",
            1,
            "由此引起 [警告 SUB-16] 名单!A2 起的整张表没有认出，共 2 个数字均未取用。",
        ),
    ],
)
def test_check_says_of_what_is_no_submission_what_it_is(
    name: str, content: str, code: int, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert main(["check", str(tmp_path / name), "--year", "2020"]) == code
    assert sentence in "".join(capsys.readouterr())


def test_check_finds_the_year_in_the_names_of_an_archives_files(
    tmp_path: Path, workbook: Path, capsys: pytest.CaptureFixture[str]
):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(workbook, "县委办2020年预算.xlsx")
    assert main(["check", str(tmp_path / "a.zip")]) == 1
    assert "没有收到部门预算收支总表" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind this user")
@pytest.mark.parametrize("command", [["check", "{file}"], ["run", "2020", "--input", "{root}"]])
def test_a_file_that_cannot_be_opened_is_named(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    book = write_workbook(tmp_path / "2020" / "723_县委办公室" / "预算.xlsx", {"表2": INCOME_FORM})
    book.chmod(0)
    assert main([word.format(file=book, root=tmp_path) for word in command]) == 2
    assert f"打不开文件 {book}" in capsys.readouterr().err


def test_check_loads_nothing_that_only_a_run_or_a_notice_needs(workbook: Path):
    """Each of them takes a tenth of a second to several seconds to import."""
    program = (
        "import sys; from flows.cli import main; main(sys.argv[1:]); "
        "unneeded = {'prefect', 'great_expectations', 'plotly', 'openpyxl', 'docx', 'urllib.request'}; "
        "ours = {'flows.stages', 'flows.returned.notices', 'transforms.standardise', 'transforms.consolidate'}; "
        "print((unneeded | ours) & set(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "check", str(workbook), "--year", "2020"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stderr.strip() == "set()"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_check_counts_files_on_a_terminal_and_nowhere_else(workbook: Path):
    import pty
    import termios

    command = [sys.executable, "-c", "from flows.cli import main; main()", "check", str(workbook)]
    ours, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    subprocess.run([*command, "--year", "2020"], stdout=subprocess.DEVNULL, stderr=terminal, check=True)
    shown = os.read(ours, 1 << 16).decode(errors="replace")
    assert "1/1" in shown
    assert "个文件" in shown
    piped = subprocess.run([*command, "--year", "2020"], capture_output=True, check=True)
    assert piped.stderr == b""


def test_check_begins_to_read_before_it_loads_what_judges():
    program = "import sys, flows.check; print({'pandas', 'pyarrow', 'duckdb'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


def test_a_server_that_does_not_answer_is_named(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    year = workbook.parents[1] / "2020"
    workbook.parent.rename(workbook.parents[1] / "moved")
    (workbook.parents[1] / "moved").rename(year)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert main(["run", "2020", "--input", str(year.parent), "--output", str(year.parent / "out")]) == 2
    assert "连不上 Prefect 服务器" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a file has other folders there")
def test_a_run_whose_server_has_no_place_for_its_database_is_refused_at_once(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    workbook.parent.rename(tmp_path / "2020")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "2020" / workbook.name / "prefect"))
    assert main(["run", "2020", "--input", str(tmp_path), "--output", str(tmp_path / "output")]) == 2
    assert "不能写入（路径中有一段是文件，不是文件夹）" in capsys.readouterr().err
    assert not (tmp_path / "output" / "2020").exists()


def test_a_program_that_breaks_down_does_not_end_as_if_it_had_published():
    broken = (
        "import flows.commands as c; c.COMMANDS = {'rules': lambda _: 1 / 0}; raise SystemExit(c.stoppable())"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken, "rules", "list"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert "ZeroDivisionError" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("程序内部错误，没有完成。")


def test_a_command_ends_quietly_when_nobody_reads_its_output_any_more():
    command = [
        sys.executable,
        "-c",
        "import sys; from flows.cli import main; sys.exit(main(['rules', 'list']))",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == READER_GONE
