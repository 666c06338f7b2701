"""Changes each kind of thing that a release depends on and compares the next run with a cold one: `make incremental`.

After every change the county is run in its output folder, with the readings and the release of the runs before, and in
an empty one with a copy of last year's release. Every file must be the same, and `run.json` but for the run's own times.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from flows.environment import prepare_environment, silence_console
from tests.changes import (
    EDITS,
    OF_FILES,
    OF_THE_BUREAU,
    OF_TIME,
    YEAR,
    Change,
    County,
    change_a_librarys_version,
    differing,
    program_copy,
    said,
    small_county,
    with_the_year_before,
)
from tests.forked import import_everything, start
from tests.kill import server

# The command line on the day that is its last argument.
DRIVER = """
import sys
from datetime import date
import flows.consolidate, flows.preflight, flows.cli
if __name__ == "__main__":
    day = date.fromisoformat(sys.argv.pop())
    flows.consolidate.date = flows.preflight.date = type("Day", (date,), {"today": staticmethod(lambda: day)})
    sys.exit(flows.cli.main())
"""


def arguments(county: County, output: Path, year: int) -> list[str]:
    folders = ["--input", str(county.folder / "input"), "--output", str(output), "--workers", "1"]
    return ["run", str(year), *folders]


def run_here(county: County, output: Path, year: int = YEAR) -> Path:
    """The release of a run of this program, in a child that need not import it."""
    from flows import consolidate, preflight

    day = county.today or date.today()
    consolidate.date = preflight.date = type("Day", (date,), {"today": staticmethod(lambda: day)})
    ended = start(arguments(county, output, year), county.folder / "log").wait()
    assert ended.code in (0, 1), ended.said
    return output / str(year)


def run_there(county: County, output: Path, year: int = YEAR) -> Path:
    """The release of a run of the county's own copy of the program."""
    day = (county.today or date.today()).isoformat()
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *arguments(county, output, year), day],
        env={**os.environ, "PYTHONPATH": str(county.program)},
        cwd=county.program,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return output / str(year)


Run = Callable[[County, Path], Path]


def tried(county: County, changes: Sequence[Change], run: Run) -> Iterator[bool]:
    """Whether the release after each change is that of a cold run."""
    before = said(run(county, county.output))
    for change in changes:
        begun = time.monotonic()
        change(county)
        now = said(run(county, county.output))
        cold = with_the_year_before(county.output, county.folder / "cold")
        wrong = differing(now, said(run(county, cold)))
        shutil.rmtree(cold)
        name = getattr(change, "name", "") or getattr(change, "__name__", "").replace("_", " ")
        told = f"{name:28s}{len(differing(before, now)):4d} files changed, "
        told += f"DIFFERS: {wrong[:5]}" if wrong else "as cold"
        print(f"{told}, {time.monotonic() - begun:.0f} s", flush=True)
        before = now
        yield not wrong


def main() -> int:
    prepare_environment()
    silence_console()
    folder = Path(tempfile.mkdtemp(prefix="incremental-"))
    of_inputs, of_program = [*OF_FILES, *OF_THE_BUREAU, *OF_TIME], [*EDITS, change_a_librarys_version]
    try:
        with server(folder / "prefect") as environment:
            os.environ.update(environment)
            import_everything()
            county = small_county(folder / "county")
            run_here(county, county.output, YEAR - 1)
            results = [*tried(county, of_inputs, run_here)]
            county.program = program_copy(folder / "program")
            results += tried(county, of_program, run_there)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    changes = len(of_inputs) + len(of_program)
    print(f"{sum(results)} of {changes} changes give the release of a cold run")
    return 0 if sum(results) == changes else 1


if __name__ == "__main__":
    sys.exit(main())
