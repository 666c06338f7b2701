"""What the command line takes: its commands, their options, and what is said where somebody writes them wrongly."""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from expectations.errors import InputError
from expectations.reasons import why
from expectations.saying import Messages
from expectations.width import lines_within

say = Messages(__file__)

INPUT, OUTPUT = "input", "output"
# Python waits for no more than 61 processes on Windows; elsewhere more than there are cores only cost memory.
MOST_WORKERS = 61 if sys.platform == "win32" else 512
LONGEST_WAIT, MOST_MINUTES = 60, 24 * 60

# What argparse says, from the more to the less particular, and the key of what is told instead.
SAID = {
    "lacking": r"the following arguments are required: (?P<given>.+)",
    "unknown": r"unrecognized arguments: (?P<given>.+)",
    "no_choice": r"argument \S+: invalid choice: '?(?P<given>.*?)'? \(choose from (?P<known>.+)\)",
    "nothing_behind": r"argument (?P<given>\S+): expected .+ arguments?",
    "no_whole_number": r"argument (?P<given>\S+): invalid int value: '(?P<value>.*)'",
    "ambiguous": r"ambiguous option: (?P<given>\S+) could match (?P<known>.+)",
    "wrong": r"argument (?P<given>\S+): (?P<why>.+)",
}


class Help(argparse.RawDescriptionHelpFormatter):
    """Help whose lines fit the terminal: argparse counts a Chinese character as one column, a terminal shows it on two."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return [*lines_within(text, width)]


class Parser(argparse.ArgumentParser):
    """Wrong arguments are an error for the user like any other. `known`: the options that somebody may have meant."""

    known: frozenset[str] = frozenset()

    def __init__(self, **known: Any) -> None:
        super().__init__(**{"formatter_class": Help, **known})

    @property
    def options(self) -> frozenset[str]:
        """Its own options."""
        return frozenset(self._option_string_actions)

    def error(self, message: str) -> NoReturn:
        raise InputError(say("misused", program=self.prog, problem=_told(message, self.known)))


def _told(message: str, known: frozenset[str]) -> str:
    """What argparse says, in Chinese, with what was probably meant.

    >>> _told("unrecognized arguments: --yaer 2020", frozenset({"--year"}))
    '不认识 --yaer 2020（是否应为 --year？）'
    >>> _told("argument COMMAND: invalid choice: 'rn' (choose from 'run', 'rules')", frozenset())
    '“rn”写错了（是否应为 run？），可以写 run、rules'
    >>> _told("unrecognized arguments: --year 2020", frozenset({"--year"}))
    '这个命令没有 --year'
    """
    from expectations.bureau_files import meant

    for key, pattern in SAID.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = {
                name: part.replace("'", "").replace(", ", "、") for name, part in found.groupdict().items()
            }
            given = parts["given"].split(" ")[0]
            if key == "unknown" and given in known:
                return say("of_another", given=given)
            choices = parts["known"].split("、") if "known" in parts else known
            return say(key, **parts, near=meant(given, choices))
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
        description=say("program"),
        epilog=say("exit_codes"),
    )
    parser.add_argument("--version", action=Version, nargs=0, help=say("version"))
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
    parser = commands.add_parser("run", help=say("run"))
    parser.set_defaults(command="run")
    _add_year(parser)
    _add_folders(parser, _address)
    _add_ways(parser)
    parser.add_argument("--no-cache", action="store_true", help=say("no_cache"))
    parser.add_argument(
        "--wait",
        type=_minutes,
        nargs="?",
        const=LONGEST_WAIT,
        default=0,
        metavar="MINUTES",
        help=say("wait", minutes=LONGEST_WAIT),
    )


def _add_year(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("year", type=_year, metavar="YEAR", help=say("year"))


def _add_check(commands: Any) -> None:
    parser = commands.add_parser("check", help=say("check"))
    parser.set_defaults(command="check")
    parser.add_argument("files", type=_path, nargs="+", metavar="FILE", help=say("files"))
    parser.add_argument("--year", type=_year, help=say("year_of_forms"))
    parser.add_argument("--output", type=_path, metavar="DIR", help=say("marked_copy"))
    parser.add_argument("--json", action="store_true", help=say("json"))


def _add_trace(commands: Any) -> None:
    parser = commands.add_parser("trace", help=say("trace"))
    parser.set_defaults(command="trace")
    _add_year(parser)
    parser.add_argument("table", metavar="TABLE", help=say("table"))
    parser.add_argument("conditions", nargs="*", metavar="KEY=VALUE", help=say("conditions"))
    _add_folder(parser, OUTPUT, _path)


def _add_verify(commands: Any) -> None:
    parser = commands.add_parser("verify", help=say("verify"))
    parser.set_defaults(command="verify")
    _add_year(parser)
    _add_folders(parser, _path)


def _add_compare(commands: Any) -> None:
    parser = commands.add_parser("compare", help=say("compare"))
    parser.set_defaults(command="compare")
    _add_year(parser)
    parser.add_argument("numbers", nargs="*", metavar="A B", help=say("numbers"))
    _add_folder(parser, OUTPUT, _path)


def _add_sample(commands: Any) -> None:
    parser = commands.add_parser("sample", help=say("sample"))
    parser.set_defaults(command="sample")
    parser.add_argument("folder", type=_path, metavar="DIR", help=say("sample_folder"))
    parser.add_argument("--departments", type=_positive, required=True, metavar="N", help=say("departments"))
    parser.add_argument("--year", type=_year, required=True, help=say("year"))
    parser.add_argument("--seed", type=int, required=True, metavar="S", help=say("seed"))
    parser.add_argument("--defects", type=_natural, default=0, metavar="N", help=say("defects"))
    parser.add_argument("--documents", action="store_true", help=say("documents"))


def _add_forms(commands: Any) -> None:
    parser = commands.add_parser("forms", help=say("forms"))
    parser.set_defaults(command="forms")
    parser.add_argument(
        "action", choices=("suggest", "accept"), metavar="suggest|accept", help=say("forms_action")
    )
    parser.add_argument("file", type=_path, metavar="FILE", help=say("strange_file"))
    parser.add_argument("--forms", type=_path, metavar="DIR", help=say("forms_folder"))
    parser.add_argument("--only", type=_positive, nargs="+", metavar="N", help=say("only"))


def _add_province(commands: Any) -> None:
    parser = commands.add_parser("province", help=say("province"))
    parser.set_defaults(command="province")
    _add_year(parser)
    parser.add_argument("counties", type=_address, nargs="+", metavar="DIR", help=say("county_folders"))
    parser.add_argument("--output", type=_address, required=True, metavar="DIR", help=say("province_output"))


def _add_doctor(commands: Any) -> None:
    parser = commands.add_parser("doctor", help=say("doctor"))
    parser.set_defaults(command="doctor")
    _add_folders(parser, _path)
    parser.add_argument("--no-server", action="store_true", help=say("no_server"))


def _add_serve(commands: Any) -> None:
    parser = commands.add_parser("serve", help=say("serve"))
    parser.set_defaults(command="serve")
    parser.add_argument("--year", type=_year, required=True, help=say("year"))
    _add_folders(parser, _address)
    parser.add_argument("--cron", default="0 2 * * *", help=say("cron"))
    parser.add_argument("--timezone", default="Asia/Shanghai", metavar="ZONE", help=say("timezone"))
    parser.add_argument(
        "--watch",
        type=_interval,
        metavar="MINUTES",
        help=say("watch"),
    )
    parser.add_argument("--notify", type=_path, metavar="FILE", help=say("notify"))
    _add_ways(parser)


def _add_ways(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help=say("strict"))
    parser.add_argument(
        "--workers",
        type=_workers,
        metavar="N",
        help=say("workers"),
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help=say("scheduler"))


def _add_rules(commands: Any) -> None:
    rules = commands.add_parser("rules", help=say("rules"))
    rules.set_defaults(command="rules")
    rules.add_argument("action", choices=("list", "show", "test"), help=say("rules_action"))
    rules.add_argument("rule", nargs="?", metavar="RULE", help=say("rule"))
    rules.add_argument("--years", type=_year, nargs="+", metavar="YEAR", help=say("years"))
    _add_folders(rules, _path)


def _add_folders(parser: argparse.ArgumentParser, kind: Callable[[str], str | Path]) -> None:
    """Where the input and the output are: addresses, or folders of this machine alone (`_path`)."""
    for name in (INPUT, OUTPUT):
        _add_folder(parser, name, kind)


def _add_folder(parser: argparse.ArgumentParser, name: str, kind: Callable[[str], str | Path]) -> None:
    where = "folder or s3://…" if kind is _address else "folder"
    told = say("input" if name == INPUT else "output", where=where)
    parser.add_argument(f"--{name}", type=kind, default=name, metavar="DIR", help=told)


def _address(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(say("no_name"))
    if "://" not in text:
        _usable(Path(text))
    return text


def _path(text: str) -> Path:
    if "://" in text:
        raise argparse.ArgumentTypeError(say("not_here", text=text))
    return _usable(Path(_address(text)))


def _usable(path: Path) -> Path:
    """The path where this machine can say whether anything is there: its name is not too long, its folder may be read."""
    try:
        path.exists()
    except OSError as error:
        raise argparse.ArgumentTypeError(say("not_usable", text=path, why=why(error))) from error
    return path


def _year(text: str) -> int:
    if not (text.isdecimal() and 2000 <= int(text) <= 2100):
        raise argparse.ArgumentTypeError(say("no_year", text=text))
    return int(text)


def _minutes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(say("no_minutes", text=text, most=MOST_MINUTES))
    return int(text)


def _interval(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(say("no_interval", text=text, most=MOST_MINUTES))
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say("no_positive", text=text))
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(say("no_workers", text=text, most=MOST_WORKERS))
    return int(text)


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(say("no_natural", text=text))
    return int(text)
