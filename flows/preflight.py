"""Before a run: refuse at once what cannot run, and begin what takes long."""

import importlib
import threading
from pathlib import Path

from flows import stages
from flows.replace import only_writer

SLOW_LIBRARIES = ("great_expectations",)


def refuse_what_cannot_run(year: int, input_dir: Path, output_dir: Path) -> None:
    """Raise InputError for missing inputs, a faulty roster or an output in use before a server starts."""
    stages.take_inputs(input_dir, year)
    stages.take_amendments(input_dir, year)
    with only_writer(output_dir, year):
        pass


def import_slow_libraries() -> None:
    """Import in the background what is needed late and takes seconds, while the server starts."""
    for name in SLOW_LIBRARIES:
        threading.Thread(target=importlib.import_module, args=(name,), daemon=True).start()
