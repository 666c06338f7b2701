"""What few texts tell (the label of a card, a title, a unit in a remark): which texts of a sheet tell it, if any do."""

from collections.abc import Callable, Iterable
from weakref import ref

_MOST_TEXTS = 10_000


class Telling:
    """Texts of which something holds. Whoever looks for such a text asks here first whether there is one.

    Each distinct text is asked of all that is ever asked, once; sheets of one template have the same ones, nearly all of which
    tell nothing and are left out in one step.
    """

    def __init__(self, holds: Callable[[str], object]) -> None:
        self.holds = holds
        self.found = set[str]()
        _TEXTS.begin_with(self)

    def among(self, texts: Iterable[str]) -> bool:
        """Whether it holds of any of these texts."""
        return bool(self.those(texts))

    def those(self, texts: Iterable[str]) -> set[str]:
        """The ones of these texts of which it holds. `texts`: those of a sheet, the same object for all that is asked of it."""
        return self.found & _TEXTS.telling(texts)


class _Texts:
    """The texts met so far, those that tell nothing apart; begun anew where there are too many."""

    def __init__(self) -> None:
        self.asked: list[Telling] = []
        self.plain, self.others = set[str](), set[str]()
        self._forget()

    def begin_with(self, telling: Telling) -> None:
        """Ask one thing more."""
        self.asked.append(telling)
        self._begin()

    def _begin(self) -> None:
        self.plain.clear()
        self.others.clear()
        self._forget()
        for each in self.asked:
            each.found.clear()

    def _forget(self) -> None:
        self.last: tuple[ref[Iterable[str]] | None, frozenset[str]] = None, frozenset()

    def telling(self, texts: Iterable[str]) -> frozenset[str]:
        """The ones of these texts that tell anything; known until others are asked of, or they are gone."""
        last, found = self.last
        if last is None or last() is not texts:
            found = (
                self._among_few(texts)
                if isinstance(texts, frozenset)
                else frozenset(filter(self._tells, texts))
            )
            self.last = ref(texts), found
        return found

    def _among_few(self, texts: frozenset[str]) -> frozenset[str]:
        if len(self.plain) + len(self.others) >= _MOST_TEXTS:
            self._begin()
        for text in texts - self.plain - self.others:
            (self.others if self._tells(text) else self.plain).add(text)
        return texts - self.plain

    def _tells(self, text: str) -> bool:
        told = [each for each in self.asked if each.holds(text)]
        for each in told:
            each.found.add(text)
        return bool(told)


_TEXTS = _Texts()
