"""Figures that sentences state, as facts of the form `document`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from transforms.narrative.chapters import Chapter
from transforms.tidy import Fact, Label, Problem


@dataclass(frozen=True)
class Sentence:
    """A sentence that states a figure (元, 万元, 亿元 or %): where it begins, and whether its figures were understood."""

    text: str
    sheet: str
    cell: str
    chapter: str
    understood: bool


@dataclass(frozen=True)
class Figures:
    """What the sentences of a document state; ids and blocks are given where it is recorded."""

    facts: list[Fact] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)


def read_figures(chapters: Sequence[Chapter], year: int | None) -> Figures:  # noqa: ARG001
    """The figures of all sentences. None is understood yet: the phrases are to come."""
    return Figures()
