"""A command that somebody stops, by Ctrl-C (signal 2) or signal 15: it says one sentence, without a traceback, and ends soon.

Ctrl-C reaches every process of a terminal at once, those that are importing as well, which know no better than a traceback. So
the main thread holds signal 2 back, and with it every thread and process started from then on; one thread waits for it and
passes it to the main thread as signal 15. There is one way to be stopped then, and a run ends the processes beside it.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import NoReturn

from expectations.saying import Messages
from flows.environment import CANNOT_RUN, errors_muted, mute_errors

say = Messages(__file__)


class Interruption:
    """Whether somebody has stopped the command of this process. `published`: where it has published before.

    `patience`: seconds that what is under way may take to give up; Prefect asks a server that was stopped as well for much
    longer.
    """

    def __init__(self) -> None:
        self.came = self.over = self._held = self._late = False
        self.patience = 5.0
        self.published: Path | None = None
        self._told = threading.Lock()

    def come(self) -> None:
        """End this process soon, however long what is under way takes to give up, and where Python was in a callback that
        raises nothing, only tells of it."""
        self.came = True
        sys.unraisablehook = lambda _: None
        ending = threading.Timer(self.patience, self._end)
        ending.daemon = True
        ending.start()

    @contextmanager
    def held(self) -> Iterator[None]:
        """What the main thread does inside is done whole; a stop that comes meanwhile is raised behind it."""
        if self._held or threading.current_thread() is not threading.main_thread():
            yield
            return
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._late:
                self._late = False
                raise KeyboardInterrupt

    def stop(self) -> None:
        """Stop the main thread, in which signals arrive. Raises KeyboardInterrupt, but not where it is held."""
        if not self.came:
            self.come()
        self._late = self._held
        if not self._held:
            raise KeyboardInterrupt

    def tell(self) -> None:
        """Say once what became of the command; nothing that is printed after it would help."""
        if self._told.acquire(blocking=False):
            told = say("published", folder=self.published) if self.published else say("interrupted")
            print(told, file=sys.stderr, flush=True)
            mute_errors()

    def _end(self) -> None:
        self.tell()
        os._exit(CANNOT_RUN)


interruption = Interruption()


@contextmanager
def interruptible() -> Iterator[None]:
    """The command of this process while it can be stopped; what is raised after that, even by a library that was half
    imported, comes of it. Raises SystemExit then, the sentence told."""
    try:
        _listen()
        yield
        interruption.over = True
    except BaseException as error:
        # Prefect raises something of its own for signal 15.
        if not interruption.came and isinstance(error, Exception | SystemExit):
            raise
        interruption.tell()
        raise SystemExit(CANNOT_RUN) from None


def _listen() -> None:
    """Let the main thread be stopped by signals 2 and 15; Windows has its own way, which needs nothing."""
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, _stop)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            _begin_tracker()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            threading.Thread(target=_pass_on, args=(threading.get_ident(),), daemon=True).start()


def _begin_tracker() -> None:
    """Start now the process that cleans up after others: whoever starts it lets signal 2 through again. What it cleans up
    after a process that had no time left it would tell on the error stream."""
    with errors_muted():
        resource_tracker.ensure_running()


def _pass_on(main_thread: int) -> NoReturn:
    while True:
        signal.sigwait({signal.SIGINT})
        if not (interruption.came or interruption.over):
            interruption.come()
            signal.pthread_kill(main_thread, signal.SIGTERM)


def _stop(*_: object) -> None:
    if not interruption.over:
        interruption.stop()
