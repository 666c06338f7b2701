"""How long the parts of a run take: noted where they are done, read where they are reported."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_spent: ContextVar[dict[str, float] | None] = ContextVar("spent", default=None)


@contextmanager
def measuring() -> Iterator[dict[str, float]]:
    """Seconds by part, of all parts done inside."""
    spent: dict[str, float] = {}
    token = _spent.set(spent)
    try:
        yield spent
    finally:
        _spent.reset(token)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Note how long this part takes; one done several times counts all its times.

    >>> with measuring() as spent:
    ...     with part("csv"):
    ...         pass
    >>> list(spent)
    ['csv']
    """
    begun = time.perf_counter()
    try:
        yield
    finally:
        spent = _spent.get()
        if spent is not None:
            spent[name] = round(spent.get(name, 0.0) + time.perf_counter() - begun, 3)
