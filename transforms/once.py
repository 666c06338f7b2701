"""What has been worked out once and is kept: on the object it is of, or for as many keys as there is room for."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")

# For how many keys there is room: about as many as a large sheet has texts.
MOST = 4096

# Decorates a function of a text, or of little more, so that it keeps its latest results. A plain lru_cache: nothing is faster.
recalled = lru_cache(maxsize=MOST)


class once(Generic[T]):  # noqa: N801 – reads like the decorator it stands for
    """A method of no arguments whose result its object keeps.

    As functools.cached_property, which before Python 3.12 takes a lock each time: too much for each row of a sheet.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self.work, self.name, self.__doc__ = work, work.__name__, work.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> "once[T]": ...

    @overload
    def __get__(self, owner: object, kind: type) -> T: ...

    def __get__(self, owner: object | None, kind: type) -> "once[T] | T":
        if owner is None:
            return self
        found = owner.__dict__[self.name] = self.work(owner)
        return found


class Recent(dict[object, Any]):
    """What has been worked out so far; begun anew where it is too much."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: object, value: Any) -> None:
        if len(self) >= self.most:
            self.clear()
        super().__setitem__(key, value)
