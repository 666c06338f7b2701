"""What few texts tell (the label of a card, a title, a unit in a remark): which texts of a sheet tell it, if any do."""

from collections.abc import Callable, Iterable

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
        return bool(self.those(texts)) if isinstance(texts, frozenset) else any(map(self.holds, texts))

    def those(self, texts: Iterable[str]) -> set[str]:
        """The ones of these texts of which it holds."""
        if isinstance(texts, frozenset):
            return self.found & _TEXTS.telling(texts)
        return set(filter(self.holds, texts))


class _Texts:
    """The texts met so far, those that tell nothing apart; begun anew where there are too many."""

    def __init__(self) -> None:
        self.asked: list[Telling] = []
        self.plain, self.others = set[str](), set[str]()
        self.last: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()

    def begin_with(self, telling: Telling) -> None:
        """Ask one thing more."""
        self.asked.append(telling)
        self._begin()

    def _begin(self) -> None:
        self.plain.clear()
        self.others.clear()
        self.last = frozenset(), frozenset()
        for each in self.asked:
            each.found.clear()

    def telling(self, texts: frozenset[str]) -> frozenset[str]:
        """The ones of these texts that tell anything."""
        if texts is not self.last[0]:
            if len(self.plain) + len(self.others) >= _MOST_TEXTS:
                self._begin()
            for text in texts - self.plain - self.others:
                self._take(text)
            self.last = texts, texts - self.plain
        return self.last[1]

    def _take(self, text: str) -> None:
        told = [each for each in self.asked if each.holds(text)]
        for each in told:
            each.found.add(text)
        (self.others if told else self.plain).add(text)


_TEXTS = _Texts()
