"""Lists of several panels (收入, then 支出) below each other under one header: whose each row is, as far as words tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.plan import PanelPlan
from transforms.wording.text import compact
from transforms.wording.words import WORDS

Sides = frozenset[str]
Owners = list[tuple[str, list[int]]]
_NONE: Sides = frozenset()
_TOTAL = "total"


@dataclass(frozen=True)
class _Row:
    """A row of data. `sides`: the panels that know it as an item. `total`: which printed total it is named as, '' for none;
    `others`: the panels of which it says that it is none of their totals. `strange`: it states figures under words of none.
    `names_side`: it is called as a side (收入, 支出), of which it may state the total.
    """

    sides: Sides
    total: str
    others: Sides
    strange: bool
    names_side: bool


@dataclass(frozen=True)
class _Run:
    """Rows `first` to `last` whose items all are of the panels `sides`."""

    first: int
    last: int
    sides: Sides


def owners(block: Block, plans: Mapping[str, PanelPlan]) -> Owners:
    """The rows of each list by its panel, and under '' those of which nobody can say whose they are; nothing where all rows are
    of one list. The first list that is known comes first, the others in the order of their ends.

    `plans`: the columns as those of each panel that they may be of.
    """
    rows = [_row(block, row, plans) for row in block.data]
    runs = list(_runs(rows))
    if not runs or any(one.sides & other.sides for one, other in combinations(runs, 2)):
        return []
    whose = _whose(rows, runs, frozenset(plans))
    found: dict[str, list[int]] = {}
    for row, key in zip(block.data, whose, strict=True):
        found.setdefault(key, []).append(row)
    first = next((key for key in whose if key), "")
    return sorted(found.items(), key=lambda each: (each[0] != first, each[1][-1])) if len(found) > 1 else []


def _row(block: Block, row: int, plans: Mapping[str, PanelPlan]) -> _Row:
    (plan, *_) = plans.values()
    values = [block.sheet.at(row, column.index) for column in plan.of_kind("label", "code")]
    words = [WORDS[str(value)] for value in values if value != ""]
    totals = common_words.total_words()
    total = next((totals[word.bare] for word in words if word.bare in totals), "")
    named = {
        key: next((found for word in words if (found := each.panel.row_words.get(word.bare, ""))), "")
        for key, each in plans.items()
    }
    others = frozenset(
        key
        for key, each in plans.items()
        if any(side in compact(word.text) for side in each.panel.other_sides for word in words)
    )
    known = frozenset(key for key, item in named.items() if item and item not in totals.values())
    sides = _NONE if total else (known - others or known)
    line = block.line(row)
    side = any(word.bare in common_words.shared_words().sides for word in words)
    strange = bool(line.figures) and not (sides or total or side or line.is_filler)
    return _Row(sides, total, others, strange, side)


def _runs(rows: list[_Row]) -> Iterator[_Run]:
    """The lists, each as far as its rows may be of one panel."""
    run: _Run | None = None
    for at, row in enumerate(rows):
        if not row.sides:
            continue
        if run and run.sides & row.sides:
            run = _Run(run.first, at, run.sides & row.sides)
            continue
        if run:
            yield run
        run = _Run(at, at, row.sides)
    if run:
        yield run


def _whose(rows: list[_Row], runs: list[_Run], free: Sides) -> list[str]:
    """The panel of each row, '' where nobody can say: what stands where one list ends and the next begins, if no total that
    surely is of one of them parts them, and then all totals of both that may be of either.
    """
    whose: list[str] = []
    start, parted = 0, True
    for above, below, end in zip(runs, runs[1:], [*(run.first for run in runs[2:]), len(rows)], strict=False):
        cut = _cut(rows[:end], above, below, start)
        until = _first(rows, above, below) if cut is None else cut
        between = set(range(_last(rows, above, below) + 1, until)) if cut is None else set()
        loose = between | _before(rows, above, start, free)
        whose += _listed(
            rows, above, range(start, until), loose, free if cut is None or not parted else _NONE
        )
        start, parted = until, cut is not None
    loose = _before(rows, runs[-1], start, free) | _behind(rows, runs[-1], free)
    return whose + _listed(rows, runs[-1], range(start, len(rows)), loose, _NONE if parted else free)


def _listed(rows: list[_Row], run: _Run, places: range, loose: set[int], unparted: Sides) -> list[str]:
    """The panel of a list for each of its rows; '' for loose ones and for those that may be of one of the panels `unparted`."""
    (key, *others) = sorted(run.sides)
    nobodys = {at for at in places if unparted and _may_be_others(rows[at], run, unparted)} | loose
    return ["" if others or at in nobodys else key for at in places]


def _cut(rows: list[_Row], above: _Run, below: _Run, start: int) -> int | None:
    """The place where the list below one that begins at `start` begins; None where no total says so.

    A row called as the side of the list below begins it. Totals that by their words are of one of both bound it;
    others end the list above if nothing strange stands among them, and the list below has one of its own at its end, as that
    above has none at its top.
    """
    gap = range(_last(rows, above, below) + 1, _first(rows, above, below))
    if named := [at for at in gap if rows[at].names_side and above.sides <= rows[at].others]:
        return named[0]
    totals = [at for at in gap if rows[at].total]
    first = max((at + 1 for at in totals if below.sides <= rows[at].others), default=gap.start)
    end = min((at for at in totals if above.sides <= rows[at].others), default=gap.stop)
    neutral = [at for at in totals if first <= at < end]
    odd = [at for at in range(first, end) if rows[at].sides or rows[at].strange]
    known = [at for at in odd if rows[at].sides]
    if not totals or first > end:
        return None
    if not neutral:
        ended = first > gap.start and rows[first - 1].total == _TOTAL
        return first if ended or not known else None
    opens = any(row.total for row in rows[start : above.first])
    closes = any(row.total for row in rows[below.last + 1 :])
    among = any(neutral[0] < at < neutral[-1] for at in odd)
    mixed = len(odd) > len(known) and any(at < neutral[0] for at in known)
    twice = first > gap.start and rows[first - 1].total == _TOTAL
    return None if opens or among or mixed or twice or not closes else neutral[-1] + 1


def _last(rows: list[_Row], above: _Run, below: _Run) -> int:
    """The last row that is of the list above and may not be of that below."""
    own = (at for at in range(above.first, above.last + 1) if _apart(rows[at], below))
    return max(own, default=above.last)


def _first(rows: list[_Row], above: _Run, below: _Run) -> int:
    """The first row that is of the list below and may not be of that above."""
    return next((at for at in range(below.first, below.last + 1) if _apart(rows[at], above)), below.first)


def _apart(row: _Row, run: _Run) -> bool:
    return bool(row.sides) and not row.sides & run.sides


def _before(rows: list[_Row], run: _Run, start: int, free: Sides) -> set[int]:
    """The rows down to the last that may be another list's, below strange rows and above all that surely is of this one."""
    first = min(at for at in range(run.first, run.last + 1) if rows[at].sides == run.sides)
    strange = [at for at in range(start, first) if rows[at].strange]
    ends = [at for at in range(start, first) if _may_be_others(rows[at], run, free)]
    return set(range(start, ends[-1] + 1)) if strange and ends and ends[-1] > strange[0] else set()


def _behind(rows: list[_Row], run: _Run, free: Sides) -> set[int]:
    """What may be another list's behind all that surely is of the last one: strange rows, if it stands below them too."""
    own = max(at for at in range(run.first, run.last + 1) if rows[at].sides == run.sides)
    strange = [at for at in range(own, len(rows)) if rows[at].strange]
    ends = {at for at in range(own + 1, len(rows)) if _may_be_others(rows[at], run, free)}
    doubtful = strange and any(at > strange[0] for at in ends)
    return ends | set(range(strange[0], len(rows))) if doubtful else set()


def _may_be_others(row: _Row, run: _Run, free: Sides) -> bool:
    """Whether a row is a total, or an item of several panels, that may be of another list than the one it stands in."""
    return (bool(row.total) and bool(free - run.sides - row.others)) or len(row.sides) > 1
