"""Telling the user on stderr where a run is, and keeping how long each stage took."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


def say(sentence: str) -> None:
    """A sentence for the user beside the result."""
    print(sentence, file=sys.stderr)


class Progress:
    """Stages are announced one per line."""

    def __init__(self, stages: int) -> None:
        self.stages = stages
        self.durations: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, title: str) -> Iterator[None]:
        """Announce a stage and add its seconds under its English name; a retried stage keeps its number."""
        spent = self.durations.setdefault(name, 0.0)
        number = list(self.durations).index(name) + 1
        tqdm.write(f"[{number}/{self.stages}] {title}\n", file=sys.stderr, end="")
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.durations[name] = round(spent + time.perf_counter() - begun, 3)


@contextmanager
def files_counted(total: int) -> Iterator[Callable[[int], None]]:
    """A function to be told how many more files are done; on a terminal a bar counts them."""
    hidden = not sys.stderr.isatty()
    with tqdm(total=total, unit="个文件", file=sys.stderr, disable=hidden, leave=False) as bar:

        def advance(count: int) -> None:
            bar.update(count)

        yield advance
