"""What a layout needs to know of a form, and the sums that its cells print."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.sample.budget import Budget, Line
from transforms.sample.lists import parts, settings
from transforms.sample.page import Column
from transforms.sample.style import Style

Sums = Mapping[str, Counter[str]]
Columns = list[Column]


@dataclass(frozen=True)
class Body:
    """Who sends the workbook."""

    code: str
    name: str
    scope: str
    year: int


@dataclass(frozen=True)
class Sheet:
    """All a layout needs: the form's words, the family's, the body, its budget, and the style."""

    spec: Mapping[str, Any]
    family: Mapping[str, Any]
    body: Body
    budget: Budget
    style: Style
    ordinal: int

    @property
    def form(self) -> str:
        """Short name of the form."""
        return str(self.spec["form"])

    @property
    def edition(self) -> int:
        """The edition whose names are printed: now and then an older one than the year's."""
        return self.body.year - 2 if self.style["older_names"] == "older" else self.body.year

    def words(self, text: str) -> str:
        """A template of the lists filled in."""
        scope = "部门" if self.body.scope == "department" else "单位"
        return text.format(
            year=self.body.year,
            last_year=self.body.year - 1,
            unit=self.unit,
            scope=scope,
            subject=self.spec.get("subject", ""),
        )

    @property
    def unit(self) -> str:
        """Unit of the form's amounts."""
        return str(self.spec.get("unit", self.style.unit))

    @property
    def title(self) -> str:
        """The printed title."""
        title = self.words(self.spec["title"][self.body.scope])
        dated = self.style["title_years"] == "True" and not title.startswith(str(self.body.year))
        return f"{self.body.year}年{title}" if dated else title

    @property
    def zero(self) -> str | int | None:
        """What stands for a zero."""
        marks: Mapping[str, str | int | None] = settings("traps")["zero_marks"]
        return marks[self.style["zero"]]


def lines_of(budget: Budget, money: str) -> list[Line]:
    """The lines a form speaks of: all, fiscal, or one fund."""
    if money == "all":
        return list(budget.lines)
    return [line for line in budget.lines if (line.fund if money == "fiscal" else line.fund == money)]


def function_sums(lines: Iterable[Line], by: str) -> Sums:
    """Code at every level, and total, to amounts by source, fund or kind."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        for code in (line.function[:3], line.function[:5], line.function, "total"):
            sums[code][getattr(line, by)] += line.amount
    return sums


def economic_sums(budget: Budget, money: str) -> Sums:
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for cost in budget.costs:
        if money == "basic" or cost.running:
            for code in (cost.code[:3], cost.code, "total"):
                sums[code][cost.kind] += cost.amount
    return sums


def printed_value(amounts: Mapping[str, int], key: str) -> int:
    """What a column prints of these amounts."""
    if key in ("total", "all_total"):
        return sum(amounts.values())
    if key == "current_total":
        return sum(amounts.values()) - amounts.get("carried_over", 0)
    return sum(amounts.get(part, 0) for part in parts(key))


def columns_of(specs: Sequence[Mapping[str, Any]], sheet: Sheet) -> Columns:
    return [Column(spec["key"], tuple(sheet.words(text) for text in spec["head"])) for spec in specs]
