"""What the commands of `county-budget` do.

Libraries that take seconds to import are imported by the command that needs them.
"""

import argparse
import gc
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.errors import BudgetError, DefinitionError, InputError
from expectations.reasons import why
from expectations.saying import Messages
from flows.environment import (
    CANNOT_RUN,
    FAREWELL_SECONDS,
    end_within,
    mute_the_end,
    prepare_environment,
    silence_console,
)
from flows.interruption import interruptible, interruption
from flows.parser import build_parser

if TYPE_CHECKING:
    from flows.running.completed import Completed

say = Messages(__file__)

# As a shell says that a command ended by SIGPIPE.
READER_GONE = 141
# EX_SOFTWARE of sysexits.h.
BROKEN_DOWN = 70
Command = Callable[[argparse.Namespace], int]


def stoppable() -> int:
    """Run the command of this process, which somebody may stop, and give its exit code; one of its own where the program breaks
    down, for Python's would mean that something was published."""
    with interruptible():
        try:
            return answered(sys.argv[1:])
        except Exception:
            if interruption.came:
                raise
            traceback.print_exc()
            print(say("broken_down"), file=sys.stderr)
            return BROKEN_DOWN


def answered(argv: Sequence[str]) -> int:
    """Run a command and give its exit code; what a user can mend is said in a sentence on stderr."""
    _never_fail_to_print()
    try:
        arguments = build_parser().parse_args(argv)
        prepare_environment()
        code = COMMANDS[arguments.command](arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _nobody_reads()
    except BudgetError as error:
        if interruption.came:
            raise
        print(_told(error), file=sys.stderr)
        return CANNOT_RUN


def _told(error: BudgetError) -> str:
    """What a user reads of an error. Whoever edits a definition must not take its faults for those of a workbook."""
    if not isinstance(error, DefinitionError):
        return str(error)
    try:
        return say("definition_broken", problem=error)
    except DefinitionError:
        return str(error)  # the sentences themselves are broken


def _nobody_reads() -> int:
    """End quietly where the reader of the output has gone (… | head); Python must not complain when it ends either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_GONE


def _never_fail_to_print() -> None:
    """A console that lacks a character shows a question mark rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _run(arguments: argparse.Namespace) -> int:
    from flows.remote import local_folders

    gc.disable()  # what is imported is no garbage; the flow enables it again
    try:
        with local_folders(arguments.input, arguments.output, arguments.year) as (inputs, output):
            completed = _run_here(arguments, inputs, output)
    finally:
        gc.enable()
    print(completed.summary, flush=True)
    if completed.unheard:
        end_within(FAREWELL_SECONDS, completed.exit_code)
    return completed.exit_code


def _run_here(arguments: argparse.Namespace, inputs: Path, output: Path) -> "Completed":
    """The annual consolidation; what must fail fails before Prefect's server is started."""
    from flows import preflight
    from flows.running import processes
    from flows.running.reading import cores

    patience = timedelta(minutes=arguments.wait).total_seconds()
    stands = preflight.begin(
        arguments.year,
        inputs,
        output,
        strict=arguments.strict,
        anew=arguments.no_cache,
        workers=0 if arguments.scheduler else arguments.workers or cores(),
        patience=patience,
    )
    if stands:
        return stands
    processes.begin_early()
    silence_console()
    mute_the_end()
    from flows.consolidate import run_year

    return run_year(
        arguments.year,
        inputs,
        output,
        strict=arguments.strict,
        workers=arguments.workers,
        scheduler=arguments.scheduler,
        anew=arguments.no_cache,
        patience=patience,
    )


def _check(arguments: argparse.Namespace) -> int:
    from flows.check import check_files

    report = check_files(arguments.files, arguments.year)
    print(report.as_json() if arguments.json else report.as_text())
    for path in report.write_marked(arguments.output) if arguments.output else ():
        print(say("marked", path=path), file=sys.stderr)
    return 1 if report.has_errors else 0


def _trace(arguments: argparse.Namespace) -> int:
    from flows.trace import trace

    for line in trace(arguments.output, arguments.year, arguments.table, arguments.conditions):
        print(line)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from flows.examined.verify import failed, verify

    checks = verify(arguments.output, arguments.input, arguments.year)
    print("\n".join(line for check in checks for line in check.as_lines()))
    return 1 if failed(checks) else 0


def _compare(arguments: argparse.Namespace) -> int:
    from flows.examined.compare import compare

    for line in compare(arguments.output, arguments.year, arguments.numbers):
        print(line)
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    from transforms.sample import write_county

    _refuse_used(arguments.folder / str(arguments.year))
    planted = write_county(
        arguments.folder,
        arguments.year,
        arguments.departments,
        arguments.seed,
        arguments.defects,
        documents=arguments.documents,
    )
    folder = arguments.folder / str(arguments.year)
    print(say("sample_written", folder=folder, planted=_planted(planted, arguments.defects, folder)))
    return 0


def _planted(planted: int, wanted: int, folder: Path) -> str:
    """How many defects there are and where they are listed.

    >>> _planted(3, 5, Path("a")), _planted(0, 0, Path("a"))
    ('埋入差错 3 处（要求 5 处，其余没有合适的单位可埋），清单见 a/defects.csv。', '没有埋入差错。')
    """
    if not planted and not wanted:
        return say("nothing_planted")
    fewer = say("fewer_planted", wanted=wanted) if planted < wanted else ""
    return say("planted", count=planted, fewer=fewer, file=folder / "defects.csv")


def _refuse_used(folder: Path) -> None:
    """Raise InputError where a folder holds anything or cannot be made: what was sent is not mixed with inventions."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise InputError(say("folder_not_made", folder=folder, why=why(error))) from error
    if used:
        raise InputError(say("folder_used", folder=folder))


def _forms(arguments: argparse.Namespace) -> int:
    """Show what the forms would have to learn to read a workbook, or teach it to them."""
    from flows.running.reading import looked_into
    from transforms.common_words import FOLDER
    from transforms.submissions import source_file
    from transforms.suggest import accept, suggest_for

    if not arguments.file.is_file():
        raise InputError(say("no_such_workbook", file=arguments.file))
    source_file(arguments.file, arguments.file.name)  # what cannot be opened is not damaged
    found = list(enumerate(looked_into(arguments.file, suggest_for), start=1))
    chosen = [each for number, each in found if not arguments.only or number in arguments.only]
    if not chosen:
        print(say("no_new_words"))
    elif arguments.action == "accept":
        print(accept(chosen, arguments.forms or FOLDER), end="")
    else:
        print("\n".join(f"{number}. {each.as_text()}" for number, each in found))
    return 0


def _province(arguments: argparse.Namespace) -> int:
    from flows.province import province

    members = province(arguments.year, arguments.counties, arguments.output)
    left_out = [member for member in members if member.left_out]
    for member in left_out:
        print(
            say("county_left_out", county=member.name, why=member.left_out, address=member.address),
            file=sys.stderr,
        )
    print(
        say(
            "counties_joined",
            count=len(members) - len(left_out),
            folder=f"{arguments.output}/{arguments.year}",
        )
    )
    return 1 if left_out else 0


def _doctor(arguments: argparse.Namespace) -> int:
    from flows import doctor

    answers = []
    for answer in doctor.examine(arguments.input, arguments.output, start_server=not arguments.no_server):
        print(answer.as_text(), flush=True)
        answers.append(answer)
    return doctor.as_exit_code(answers)


def _rules(arguments: argparse.Namespace) -> int:
    """Show the rules, or say whom one would have hit in past years."""
    from flows.rulebook import listed, replayed, rule_of, shown

    if arguments.action != "list" and not arguments.rule:
        raise InputError(say("rule_wanted", action=arguments.action))
    if arguments.action == "list" and arguments.rule:
        raise InputError(say("no_rule_wanted", rule_id=arguments.rule))
    if arguments.action == "test" and not arguments.years:
        raise InputError(say("years_wanted"))
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
    from flows.scheduled import Timetable
    from flows.serving import serve_year

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


COMMANDS: Mapping[str, Command] = {
    "run": _run,
    "check": _check,
    "trace": _trace,
    "verify": _verify,
    "compare": _compare,
    "sample": _sample,
    "forms": _forms,
    "province": _province,
    "doctor": _doctor,
    "rules": _rules,
    "serve": _serve,
}
