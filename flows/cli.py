"""The command line: `county-budget run | check | trace | verify | compare | sample | forms | rules | serve`.

Libraries that take seconds to import are imported by the command that needs them.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from expectations.errors import BudgetError, InputError
from flows.environment import CANNOT_RUN, mute_the_end, prepare_environment, silence_console

# As a shell says that a command ended by SIGPIPE.
READER_GONE = 141
EXIT_CODES = """exit codes 退出码:
  0  published, no errors 已发布，没有错误
  1  published with bodies or tables withheld 已发布，部分单位或表暂不汇总
  2  cannot run 无法运行
  3  nothing publishable 没有可发布的汇总数
(check: 0 no errors 没有错误, 1 errors found 有错误, 2 cannot run 无法运行)"""

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Wrong arguments are an error for the user like any other."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{self.prog}: {message}。请用 {self.prog} --help 查看用法。")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; what a user can mend is said in a sentence on stderr."""
    _never_fail_to_print()
    try:
        arguments = build_parser().parse_args(argv)
        prepare_environment()
        code = int(arguments.command(arguments))
        sys.stdout.flush()
        return code
    except BudgetError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        return _nobody_reads()
    except KeyboardInterrupt:
        print("已中断；已发布的成果未改动。", file=sys.stderr)
    return CANNOT_RUN


def _nobody_reads() -> int:
    """End quietly where the reader of the output has gone (… | head); Python must not complain when it ends either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_GONE


def _never_fail_to_print() -> None:
    """A console that lacks a character shows a question mark rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def build_parser() -> argparse.ArgumentParser:
    """The commands with their options."""
    parser = Parser(
        prog="county-budget",
        description="Consolidate the departmental budgets of a county. 汇总全县部门预算。",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (
        _add_run,
        _add_check,
        _add_trace,
        _add_verify,
        _add_compare,
        _add_sample,
        _add_forms,
        _add_province,
        _add_doctor,
        _add_rules,
        _add_serve,
    ):
        add(commands)
    return parser


def _add_run(commands: Any) -> None:
    parser = commands.add_parser("run", help="consolidate a year 汇总一个年度")
    parser.set_defaults(command=_run)
    parser.add_argument("year", type=_year, metavar="YEAR")
    _add_folders(parser)
    _add_ways(parser)
    parser.add_argument(
        "--no-cache", action="store_true", help="reuse nothing of earlier runs 不使用以前运行的结果"
    )


def _add_check(commands: Any) -> None:
    parser = commands.add_parser("check", help="check one submission 审核一个单位的材料")
    parser.set_defaults(command=_check)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--year", type=_year, help="budget year, default the year on the forms 预算年度")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="folder for a marked copy 标注后的文件存入的文件夹"
    )
    parser.add_argument(
        "--json", action="store_true", help="findings and outcomes as one JSON object 输出 JSON"
    )


def _add_trace(commands: Any) -> None:
    parser = commands.add_parser("trace", help="from a published figure to its cells 追溯数字来源")
    parser.set_defaults(command=_trace)
    parser.add_argument("year", type=_year, metavar="YEAR")
    parser.add_argument("table", metavar="TABLE")
    parser.add_argument("conditions", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR")


def _add_verify(commands: Any) -> None:
    parser = commands.add_parser("verify", help="is a release what it was made? 核对已发布的成果")
    parser.set_defaults(command=_verify)
    parser.add_argument("year", type=_year, metavar="YEAR")
    _add_folders(parser, kind=_folder)


def _add_compare(commands: Any) -> None:
    parser = commands.add_parser("compare", help="what changed between two releases 比较两次发布")
    parser.set_defaults(command=_compare)
    parser.add_argument("year", type=_year, metavar="YEAR")
    parser.add_argument(
        "numbers", nargs="*", metavar="A B", help="numbers below output/releases/YEAR, or current 发布序号"
    )
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR")


def _add_sample(commands: Any) -> None:
    parser = commands.add_parser("sample", help="write a synthetic county 生成示例数据")
    parser.set_defaults(command=_sample)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--departments", type=_positive, required=True, metavar="N")
    parser.add_argument("--year", type=_year, required=True)
    parser.add_argument("--seed", type=int, required=True, metavar="S")
    parser.add_argument(
        "--defects", type=_natural, default=0, metavar="N", help="planted defects 植入的错误数"
    )
    parser.add_argument(
        "--documents", action="store_true", help="with disclosure documents 连同公开说明一并生成"
    )


def _add_forms(commands: Any) -> None:
    parser = commands.add_parser("forms", help="words that the forms do not know 表式中没有的写法")
    parser.set_defaults(command=_forms)
    parser.add_argument("action", choices=("suggest", "accept"), help="show or apply 查看或采用")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--forms", type=Path, metavar="DIR", help="folder of the form definitions 表式文件夹")
    parser.add_argument(
        "--only", type=_positive, nargs="+", metavar="N", help="only these suggestions 只采用这几条"
    )


def _add_province(commands: Any) -> None:
    parser = commands.add_parser("province", help="join the releases of many counties 合并各县成果")
    parser.set_defaults(command=_province)
    parser.add_argument("year", type=_year, metavar="YEAR")
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="output folders of counties")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")


def _add_doctor(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="is this installation fit to run? 检查安装是否可用")
    parser.set_defaults(command=_doctor)
    _add_folders(parser)
    parser.add_argument(
        "--no-server", action="store_true", help="do not start Prefect's server 不试启动服务器"
    )


def _add_serve(commands: Any) -> None:
    parser = commands.add_parser("serve", help="run every night as a Prefect deployment 每晚定时运行")
    parser.set_defaults(command=_serve)
    parser.add_argument("--year", type=_year, required=True)
    _add_folders(parser)
    parser.add_argument(
        "--cron", default="0 2 * * *", help="schedule, default 02:00 every night 定时，默认每晚两点"
    )
    parser.add_argument(
        "--timezone", default="Asia/Shanghai", metavar="ZONE", help="default Asia/Shanghai 时区"
    )
    parser.add_argument(
        "--watch",
        type=_positive,
        metavar="MINUTES",
        help="look for changed files as often 每隔几分钟查看材料有无变动",
    )
    parser.add_argument("--notify", type=Path, metavar="FILE", help="whom to tell: notify.toml 通知设置文件")
    _add_ways(parser)


def _add_ways(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strict", action="store_true", help="publish no figures while any error is open 有错误即不发布"
    )
    parser.add_argument(
        "--workers", type=_positive, metavar="N", help="reading processes, default all cores 读取进程数"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="read on a Dask cluster, tcp://… 用 Dask 集群读取"
    )


def _add_rules(commands: Any) -> None:
    rules = commands.add_parser("rules", help="the catalogue of checks 审核规则")
    rules.set_defaults(command=_rules)
    rules.add_argument(
        "action", choices=("list", "show", "test"), help="list, explain, replay 列出、说明、回放"
    )
    rules.add_argument("rule", nargs="?", metavar="RULE", help="its id, e.g. EXP-01 规则编号")
    rules.add_argument(
        "--years", type=_year, nargs="+", metavar="YEAR", help="past years to replay 回放的年度"
    )
    _add_folders(rules, kind=_folder)


def _add_folders(parser: argparse.ArgumentParser, kind: Callable[[str], str | Path] = str) -> None:
    """Where the input and the output are: addresses, or folders of this machine alone (`_folder`)."""
    where = "folder or s3://…" if kind is str else "folder"
    for name, title in (("input", "输入文件夹"), ("output", "输出文件夹")):
        parser.add_argument(
            f"--{name}", type=kind, default=name, metavar="DIR", help=f"{where}, default {name} {title}"
        )


def _folder(text: str) -> Path:
    if "://" in text:
        raise argparse.ArgumentTypeError(f"“{text}”不是本机的文件夹，请先下载到本机")
    return Path(text)


def _year(text: str) -> int:
    if not (text.isdecimal() and 2000 <= int(text) <= 2100):
        raise argparse.ArgumentTypeError(f"“{text}”不是年度，请写四位数字，如 2020")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”不是正整数")
    return int(text)


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}”不是非负整数")
    return int(text)


def _run(arguments: argparse.Namespace) -> int:
    from flows.remote import local_folders

    with local_folders(arguments.input, arguments.output, arguments.year) as (inputs, output):
        return _run_here(arguments, inputs, output)


def _run_here(arguments: argparse.Namespace, inputs: Path, output: Path) -> int:
    """The annual consolidation; what must fail fails before Prefect's server is started."""
    from flows import preflight

    stands = preflight.begin(arguments.year, inputs, output, strict=arguments.strict, anew=arguments.no_cache)
    if stands:
        print(stands.summary)
        return stands.exit_code
    silence_console()
    mute_the_end()
    from flows.consolidate import run_year

    preflight.import_slow_libraries()
    completed = run_year(
        arguments.year,
        inputs,
        output,
        strict=arguments.strict,
        workers=arguments.workers,
        scheduler=arguments.scheduler,
        anew=arguments.no_cache,
    )
    print(completed.summary)
    return completed.exit_code


def _check(arguments: argparse.Namespace) -> int:
    from flows.check import check_files

    report = check_files(arguments.files, arguments.year)
    print(report.as_json() if arguments.json else report.as_text())
    for path in report.write_marked(arguments.output) if arguments.output else ():
        print(f"已标注：{path}", file=sys.stderr)
    return 1 if report.has_errors else 0


def _trace(arguments: argparse.Namespace) -> int:
    from flows.trace import trace

    for line in trace(arguments.output, arguments.year, arguments.table, arguments.conditions):
        print(line)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from flows.verify import failed, verify

    checks = verify(arguments.output, arguments.input, arguments.year)
    print("\n".join(line for check in checks for line in check.as_lines()))
    return 1 if failed(checks) else 0


def _compare(arguments: argparse.Namespace) -> int:
    from flows.compare import compare

    for line in compare(arguments.output, arguments.year, arguments.numbers):
        print(line)
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    from transforms.sample import write_county

    _refuse_used(arguments.folder / str(arguments.year))
    write_county(
        arguments.folder,
        arguments.year,
        arguments.departments,
        arguments.seed,
        arguments.defects,
        documents=arguments.documents,
    )
    print(f"已生成示例数据：{arguments.folder / str(arguments.year)}")
    return 0


def _refuse_used(folder: Path) -> None:
    """Raise InputError where a folder holds anything or cannot be made: what was sent is not mixed with inventions."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"不能在 {folder} 中生成示例数据（{error.strerror}）。请换一个可写的文件夹。"
        ) from error
    if used:
        raise InputError(f"{folder} 中已有文件，示例数据不与它们混放。请换一个文件夹，或先移走其中的文件。")


def _forms(arguments: argparse.Namespace) -> int:
    """Show what the forms would have to learn to read a workbook, or teach it to them."""
    from transforms.forms import FOLDER
    from transforms.opening import read_workbook
    from transforms.suggest import accept, suggest

    if not arguments.file.is_file():
        raise InputError(f"找不到文件 {arguments.file}。")
    found = list(enumerate(suggest(read_workbook(arguments.file)), start=1))
    chosen = [each for number, each in found if not arguments.only or number in arguments.only]
    if not chosen:
        print("没有需要补充的写法。")
    elif arguments.action == "accept":
        print(accept(chosen, arguments.forms or FOLDER), end="")
    else:
        print("\n".join(f"{number}. {each.as_text()}" for number, each in found))
    return 0


def _province(arguments: argparse.Namespace) -> int:
    from flows.province import province

    members = province(arguments.year, arguments.folders, arguments.output)
    left_out = [member for member in members if member.left_out]
    for member in left_out:
        print(f"{member.name} 未计入：{member.left_out}（{member.release}）", file=sys.stderr)
    print(f"已合并 {len(members) - len(left_out)} 个县：{arguments.output / str(arguments.year)}")
    return 1 if left_out else 0


def _doctor(arguments: argparse.Namespace) -> int:
    from flows import doctor

    answers = []
    folders = Path(arguments.input), Path(arguments.output)
    for answer in doctor.examine(*folders, start_server=not arguments.no_server):
        print(answer.as_text(), flush=True)
        answers.append(answer)
    return doctor.as_exit_code(answers)


def _rules(arguments: argparse.Namespace) -> int:
    """Show the rules, or say whom one would have hit in past years."""
    from flows.rulebook import listed, replayed, rule_of, shown

    if arguments.action != "list" and not arguments.rule:
        raise InputError(f"请写明规则编号，如 county-budget rules {arguments.action} EXP-01。")
    if arguments.action == "test" and not arguments.years:
        raise InputError("请用 --years 写明回放的年度，如 --years 2019 2020。")
    if arguments.action == "list":
        lines = listed()
    elif arguments.action == "show":
        lines = shown(rule_of(arguments.rule))
    else:
        lines = replayed(rule_of(arguments.rule), arguments.years, arguments.input, arguments.output)
    for line in lines:
        print(line)
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from flows import preflight

    preflight.refuse_a_dead_server()
    from flows.notify import load_notify
    from flows.remote import resolved
    from flows.scheduled import Timetable, serve_year

    if arguments.notify:
        load_notify(arguments.notify)
    every = timedelta(minutes=arguments.watch) if arguments.watch else None
    parameters = {
        "year": arguments.year,
        "input_dir": resolved(arguments.input),
        "output_dir": resolved(arguments.output),
        "strict": arguments.strict,
        "workers": arguments.workers,
        "scheduler": arguments.scheduler,
        "notify": str(arguments.notify.resolve()) if arguments.notify else None,
    }
    serve_year(Timetable(arguments.cron, arguments.timezone, every), parameters)
    return 0


if __name__ == "__main__":
    sys.exit(main())
