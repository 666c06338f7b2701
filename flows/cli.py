"""The command line: `county-budget run | check | trace | verify | compare | sample | forms | rules | serve | …`.

What the commands do is imported only when Ctrl-C cannot break it off with a traceback any more.
"""

import signal
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code. Without arguments it is the command of this process, which somebody may stop."""
    if argv is None:
        hold_back()
        from flows.commands import stoppable

        return stoppable()
    from flows.commands import answered

    return answered(argv)


def hold_back() -> None:
    """Let signal 2 wait until `flows/interruption.py` listens; Windows has its own way, which needs nothing."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


if __name__ == "__main__":
    sys.exit(main())
