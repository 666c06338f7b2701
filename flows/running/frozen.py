"""Imported last by the process of which the furnished ones are copies (`processes.py`): what it holds by then stays for good.

Its copies share that memory until one writes to it, and every look for garbage writes into each object it looks at. The rules
are loaded here, once for all copies; what is wrong with them is said by the copy that needs them. At its end DuckDB's bindings
would count what stayed as leaked, in dozens of lines.
"""

import sys
from contextlib import suppress
from types import TracebackType

from expectations.errors import DefinitionError
from expectations.reconcile import catalogue
from expectations.relations import views
from flows.environment import mute_the_end, settle_memory, texts_as_python_objects
from transforms.forms import forms


def _nobody_asks(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say nothing where the run was stopped just when it asked for a copy; this process ends with it."""
    if kind is not EOFError:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _nobody_asks
mute_the_end()
texts_as_python_objects()
with suppress(DefinitionError):
    catalogue()
    views()
    forms()
settle_memory()
