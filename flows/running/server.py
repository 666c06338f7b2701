"""Prefect's server beside a run: it keeps the record of the run, and the run does not depend on it.

A server that is stopped while a run is under way costs its record of that run, not the release. See docs/decisions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from httpx import HTTPError

from expectations.errors import InputError
from flows.environment import CANNOT_RUN
from flows.running.completed import Completed

LOST = "运行中与 Prefect 服务器失去联系：服务器上没有这次运行的完整记录，结果以本程序的输出和审计日志为准。"

NOT_BEGUN = "与 Prefect 服务器失去联系，没有开始运行；原有成果未改动。请启动服务器，或取消 PREFECT_API_URL，重新运行。"

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@dataclass
class Server:
    """What a run knows of the server. `completed`, `raised`: how the run's own work ended."""

    lost: bool = False
    completed: Completed | None = None
    raised: BaseException | None = None

    def tell(
        self, artifact: Callable[Arguments, Answer], *given: Arguments.args, **named: Arguments.kwargs
    ) -> Answer | None:
        """What the server answers; None where it does not, and from then on it is told nothing more."""
        if self.lost:
            return None
        try:
            return artifact(*given, **named)
        except HTTPError:
            self.lost = True
            return None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Remember why the work inside failed or was interrupted: a flow that cannot tell its server ends with that instead."""
        try:
            yield
        except BaseException as error:
            self.raised = error
            raise

    @property
    def interrupted(self) -> bool:
        """Whether a person stopped the run, and with it mostly the server that it had started."""
        return isinstance(self.raised, KeyboardInterrupt)

    @property
    def exit_code(self) -> int:
        """The exit code of the work, whatever the server was told of it."""
        return self.completed.exit_code if self.completed else CANNOT_RUN

    def outcome(self) -> Completed:
        """How the work ended. Raises what it raised, or InputError where it did not begin."""
        if self.completed:
            return self.completed
        raise self.raised or InputError(NOT_BEGUN)
