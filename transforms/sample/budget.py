"""A body's true budget at leaf level, in integers of 分, and the sum of several."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

FUNDS = ("general_public_budget", "government_fund", "state_capital")


@dataclass(frozen=True)
class Line:
    """Money from one source spent on one function in one way; `fund` is blank for other than fiscal money."""

    function: str
    source: str
    fund: str
    kind: str
    amount: int


@dataclass(frozen=True)
class Cost:
    """Basic spending of the general public budget on one economic 款; `running` marks 机关运行经费."""

    code: str
    kind: str
    amount: int
    running: bool = False


@dataclass(frozen=True)
class Project:
    """A project with its performance targets; `payments` are (month, percent)."""

    code: str
    name: str
    budget: int
    other: int
    purpose: str
    objective: str
    payments: tuple[tuple[int, int], ...]
    indicators: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Purchase:
    """One item of government procurement."""

    category: str
    project_name: str
    economic_name: str
    item_name: str
    organisation_form: str
    amount: int


@dataclass(frozen=True)
class Asset:
    """One class of fixed assets: quantity in hundredths, value in 分."""

    quantity: int = 0
    value: int = 0


@dataclass(frozen=True)
class Budget:
    """Everything a body's workbook prints, at leaf level."""

    lines: tuple[Line, ...]
    costs: tuple[Cost, ...]
    events: Mapping[str, int] = field(default_factory=dict)
    previous: Mapping[str, int] = field(default_factory=dict)
    projects: tuple[Project, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    assets: Mapping[str, Asset] = field(default_factory=dict)


def total(lines: Iterable[Line | Cost]) -> int:
    """Sum of the amounts in 分."""
    return sum(line.amount for line in lines)


def add(budgets: Sequence[Budget]) -> Budget:
    """The budget of a department: its units' leaves put together."""
    return Budget(
        lines=tuple(line for budget in budgets for line in budget.lines),
        costs=tuple(cost for budget in budgets for cost in budget.costs),
        events=_added(budget.events for budget in budgets),
        previous=_added(budget.previous for budget in budgets),
        projects=tuple(project for budget in budgets for project in budget.projects),
        purchases=_merged_purchases(budgets),
        assets=_added_assets(budgets),
    )


def _added(amounts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    result: Counter[str] = Counter()
    for each in amounts:
        for key, amount in each.items():
            result[key] += amount
    return dict(result)


def _merged_purchases(budgets: Sequence[Budget]) -> tuple[Purchase, ...]:
    sums: Counter[Purchase] = Counter()
    for budget in budgets:
        for each in budget.purchases:
            sums[replace(each, amount=0)] += each.amount
    return tuple(replace(each, amount=amount) for each, amount in sums.items())


def _added_assets(budgets: Sequence[Budget]) -> dict[str, Asset]:
    classes = dict.fromkeys(name for budget in budgets for name in budget.assets)
    return {
        name: Asset(
            quantity=sum(budget.assets.get(name, Asset()).quantity for budget in budgets),
            value=sum(budget.assets.get(name, Asset()).value for budget in budgets),
        )
        for name in classes
    }
