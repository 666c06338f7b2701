"""Prefect's server beside a run: it keeps the record of the run, and the run does not depend on it.

A server that is stopped while a run is under way costs its record of that run, not the release. See docs/decisions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from httpx import HTTPError

from expectations.errors import InputError
from expectations.saying import Messages
from flows.running.completed import Completed

say = Messages(__file__)

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
    def loss(self) -> str:
        """What the user is told where the server was lost."""
        return say("lost")

    @property
    def interrupted(self) -> bool:
        """Whether a person stopped the run, and with it mostly the server that it had started."""
        return self.raised is not None and not isinstance(self.raised, Exception)

    def outcome(self) -> Completed:
        """How the work ended. Raises what it raised, or InputError where it did not begin."""
        if self.completed:
            return self.completed
        raise self.raised or InputError(say("not_begun"))
