"""What the command line takes: its commands, their options, and what is said where somebody writes them wrongly."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from expectations.bureau_files import meant
from expectations.errors import InputError

EXIT_CODES = """exit codes 退出码:
  0  published, no errors 已发布，没有错误
  1  published with bodies or tables withheld 已发布，部分单位或表暂不汇总
  2  cannot run 无法运行
  3  nothing publishable 没有可发布的汇总数
(check: 0 no errors 没有错误, 1 errors found 有错误, 2 cannot run 无法运行)"""

INPUT, OUTPUT = ("input", "输入文件夹"), ("output", "输出文件夹")
LONGEST_WAIT, MOST_MINUTES = 60, 24 * 60

# What argparse says, from the more to the less particular, and how it is told.
SAID = (
    (r"the following arguments are required: (.+)", "缺少 {0}"),
    (r"unrecognized arguments: (.+)", "不认识 {0}{near}"),
    (r"argument \S+: invalid choice: '?(.*?)'? \(choose from (.+)\)", "“{0}”写错了{near}，可以写 {1}"),
    (r"argument (\S+): expected .+ arguments?", "{0} 后面缺少内容"),
    (r"argument (\S+): invalid int value: '(.*)'", "{0} 后面应写整数，“{1}”不是"),
    (r"ambiguous option: (\S+) could match (.+)", "{0} 可能是 {1}，请写完整"),
    (r"argument (\S+): (.+)", "{0}：{1}"),
)


class Parser(argparse.ArgumentParser):
    """Wrong arguments are an error for the user like any other. `known`: the options that somebody may have meant."""

    known: frozenset[str] = frozenset()

    @property
    def options(self) -> frozenset[str]:
        """Its own options."""
        return frozenset(self._option_string_actions)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{self.prog}: {_told(message, self.known)}。请用 {self.prog} --help 查看用法。")


def _told(message: str, known: frozenset[str]) -> str:
    """What argparse says, in Chinese, with what was probably meant.

    >>> _told("unrecognized arguments: --yaer 2020", frozenset({"--year"}))
    '不认识 --yaer 2020（是否应为 --year？）'
    >>> _told("argument COMMAND: invalid choice: 'rn' (choose from 'run', 'rules')", frozenset())
    '“rn”写错了（是否应为 run？），可以写 run、rules'
    """
    for pattern, template in SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = [part.replace("'", "").replace(", ", "、") for part in found.groups()]
            choices = known if len(parts) < 2 else parts[1].split("、")
            return template.format(*parts, near=meant(parts[0].split(" ")[0], choices))
    return message


class Version(argparse.Action):
    """Print which program this is, by which Python it runs and by which definitions, and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from flows.provenance import versions

        print(versions())
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """The commands with their options."""
    parser = Parser(
        prog="county-budget",
        description="Consolidate the departmental budgets of a county. 汇总全县部门预算。",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=Version, nargs=0, help="versions of program and definitions 版本")
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
    parser.known = frozenset().union(*(command.options for command in commands.choices.values()))
    return parser


def _add_run(commands: Any) -> None:
    parser = commands.add_parser("run", help="consolidate a year 汇总一个年度")
    parser.set_defaults(command="run")
    parser.add_argument("year", type=_year, metavar="YEAR")
    _add_folders(parser)
    _add_ways(parser)
    parser.add_argument(
        "--no-cache", action="store_true", help="reuse nothing of earlier runs 不使用以前运行的结果"
    )
    parser.add_argument(
        "--wait",
        type=_minutes,
        nargs="?",
        const=LONGEST_WAIT,
        default=0,
        metavar="MINUTES",
        help=f"wait for another run of the year to end, default {LONGEST_WAIT} minutes at most "
        "同一年度正在运行时等它结束，可写明最多等几分钟",
    )


def _add_check(commands: Any) -> None:
    parser = commands.add_parser("check", help="check one submission 审核一个单位的材料")
    parser.set_defaults(command="check")
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
    parser.set_defaults(command="trace")
    parser.add_argument("year", type=_year, metavar="YEAR")
    parser.add_argument("table", metavar="TABLE")
    parser.add_argument("conditions", nargs="*", metavar="KEY=VALUE")
    _add_folder(parser, *OUTPUT, _folder)


def _add_verify(commands: Any) -> None:
    parser = commands.add_parser("verify", help="is a release what it was made? 核对已发布的成果")
    parser.set_defaults(command="verify")
    parser.add_argument("year", type=_year, metavar="YEAR")
    _add_folders(parser, kind=_folder)


def _add_compare(commands: Any) -> None:
    parser = commands.add_parser("compare", help="what changed between two releases 比较两次发布")
    parser.set_defaults(command="compare")
    parser.add_argument("year", type=_year, metavar="YEAR")
    parser.add_argument(
        "numbers", nargs="*", metavar="A B", help="numbers below output/releases/YEAR, or current 发布序号"
    )
    _add_folder(parser, *OUTPUT, _folder)


def _add_sample(commands: Any) -> None:
    parser = commands.add_parser("sample", help="write a synthetic county 生成示例数据")
    parser.set_defaults(command="sample")
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
    parser.set_defaults(command="forms")
    parser.add_argument("action", choices=("suggest", "accept"), help="show or apply 查看或采用")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--forms", type=Path, metavar="DIR", help="folder of the form definitions 表式文件夹")
    parser.add_argument(
        "--only", type=_positive, nargs="+", metavar="N", help="only these suggestions 只采用这几条"
    )


def _add_province(commands: Any) -> None:
    parser = commands.add_parser("province", help="join the releases of many counties 合并各县成果")
    parser.set_defaults(command="province")
    parser.add_argument("year", type=_year, metavar="YEAR")
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="output folders of counties")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")


def _add_doctor(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="is this installation fit to run? 检查安装是否可用")
    parser.set_defaults(command="doctor")
    _add_folders(parser)
    parser.add_argument(
        "--no-server", action="store_true", help="do not start Prefect's server 不试启动服务器"
    )


def _add_serve(commands: Any) -> None:
    parser = commands.add_parser("serve", help="run every night as a Prefect deployment 每晚定时运行")
    parser.set_defaults(command="serve")
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
        "--workers",
        type=_positive,
        metavar="N",
        help="processes that read and judge, default all cores 进程数",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="read on a Dask cluster, tcp://… 用 Dask 集群读取"
    )


def _add_rules(commands: Any) -> None:
    rules = commands.add_parser("rules", help="the catalogue of checks 审核规则")
    rules.set_defaults(command="rules")
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
    for name, title in (INPUT, OUTPUT):
        _add_folder(parser, name, title, kind)


def _add_folder(
    parser: argparse.ArgumentParser, name: str, title: str, kind: Callable[[str], str | Path]
) -> None:
    where = "folder or s3://…" if kind is str else "folder"
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


def _minutes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(
            f"“{text}”不是等待的分钟数（1 至 {MOST_MINUTES}）。不写分钟数时，请把 --wait 放在年度后面"
        )
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”不是正整数")
    return int(text)


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}”不是非负整数")
    return int(text)
