"""Draws the true budget of one body, consistent by construction: the leaves come first, the forms follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from transforms.sample.budget import FUNDS, Asset, Budget, Cost, Line, Project, Purchase, total
from transforms.sample.lists import rows

YUAN = 100
GENERAL = "general_public_budget"
PAYMENT_PLANS = (
    ((10, 100),),
    ((12, 100),),
    ((6, 50), (10, 50)),
    ((3, 25), (6, 25), (10, 25), (12, 25)),
    ((6, 40), (12, 60)),
)
EVENT_CODES = {
    "30212": "overseas_travel",
    "30215": "meetings",
    "30216": "training",
    "30217": "official_reception",
    "30231": "vehicle_operation",
}
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Profile:
    """What is known of a body before its figures are drawn; steps in 分."""

    kind: str
    running: str
    projects: tuple[str, ...]
    owner: str
    heads: int
    step: int
    operating_step: int
    sources: tuple[str, ...]
    spending: tuple[str, ...]
    classes: frozenset[str]
    fund: str = ""
    capital: str = ""


def split(rng: Random, amount: int, weights: Sequence[float], step: int) -> list[int]:
    """Divide an amount into multiples of `step` (the last takes the rest) in about these proportions.

    >>> sum(split(Random(1), 1000, [1, 2, 3], 10))
    1000
    """
    uneven = [weight * rng.uniform(0.8, 1.2) for weight in weights]
    shares = [int(amount * weight / sum(uneven)) // step * step for weight in uneven[:-1]]
    return [*shares, amount - sum(shares)]


def about(rng: Random, low: float, high: float, step: int) -> int:
    """An amount in 分 between two amounts of yuan, a multiple of `step`."""
    return int(rng.uniform(low, high) * YUAN) // step * step


def draw_budget(rng: Random, profile: Profile) -> Budget:
    """A body's budget."""
    vehicles = rng.choice((0, 1, 1, 2, 3)) if profile.heads > 8 else 0
    events = _draw_events(rng, profile, vehicles)
    personnel = about(rng, 70_000 * profile.heads, 110_000 * profile.heads, profile.step)
    operating = _fixed(events) + about(
        rng, 8_000 * profile.heads, 20_000 * profile.heads, profile.operating_step
    )
    costs = _personnel_costs(rng, profile, personnel) + _operating_costs(rng, profile, operating, events)
    spending = _project_lines(rng, profile)
    lines = [*_basic_lines(profile, costs), *spending, *_other_lines(rng, profile, personnel)]
    projects = _draw_projects(rng, profile, total(line for line in spending if line.fund == GENERAL))
    events = _with_project_receptions(profile, events, personnel)
    return Budget(
        lines=tuple(lines),
        costs=tuple(costs),
        events=events,
        previous=_draw_previous(rng, events),
        projects=projects,
        purchases=_draw_purchases(rng, profile, projects),
        assets=_draw_assets(rng, profile, vehicles),
    )


def draw_around(rng: Random, profile: Profile, real: Mapping[str, Any]) -> Budget:
    """The budget of a real body: its published figures, and leaves that add up to them."""
    amounts = {key: yuan * YUAN for key, yuan in real["amounts"].items()}
    events = dict.fromkeys(EVENT_CODES.values(), 0) | {"vehicle_purchase": 0}
    events["official_reception"] = amounts["official_reception"]
    costs = _personnel_costs(rng, profile, amounts["personnel"])
    costs += _operating_costs(rng, profile, amounts["operating"], events)
    project = Line(profile.projects[0], GENERAL, GENERAL, "project", amounts["project"])
    return Budget(
        lines=(*_basic_lines(profile, costs), project),
        costs=tuple(costs),
        events=events,
        previous=dict(events),
        projects=tuple(_real_project(rng, real, each) for each in real["projects"]),
        assets={
            key: Asset(each["quantity"] * 100, each["value"] * YUAN) for key, each in real["assets"].items()
        },
    )


def _draw_events(rng: Random, profile: Profile, vehicles: int) -> dict[str, int]:
    step = profile.operating_step if profile.operating_step > profile.step else max(profile.step, 10_000)
    rare = rng.random()
    return {
        "overseas_travel": about(rng, 30_000, 90_000, step) if rare < 0.04 else 0,
        "vehicle_purchase": about(rng, 120_000, 180_000, step) if rare > 0.95 and vehicles else 0,
        "vehicle_operation": vehicles * about(rng, 18_000, 35_000, step),
        "official_reception": about(rng, 200 * profile.heads, 900 * profile.heads, step),
        "meetings": about(rng, 0, 600 * profile.heads, step),
        "training": about(rng, 0, 500 * profile.heads, step),
    }


def _with_project_receptions(profile: Profile, events: dict[str, int], personnel: int) -> dict[str, int]:
    """Receptions paid from project money in one body of five: more than the economic form's 30217 says."""
    if (personnel // profile.step) % 5:
        return events
    step = max(profile.step, profile.operating_step, 10_000)
    more = (1 + profile.heads) * 20_000 // step * step
    return {**events, "official_reception": events["official_reception"] + more}


def _fixed(events: Mapping[str, int]) -> int:
    return sum(events[item] for item in EVENT_CODES.values())


def _draw_previous(rng: Random, events: Mapping[str, int]) -> dict[str, int]:
    growth = rng.choice((10, 10, 10, 11, 12))
    return {item: amount * growth // 100_000 * 10_000 for item, amount in events.items()}


def _personnel_costs(rng: Random, profile: Profile, amount: int) -> list[Cost]:
    chosen = [
        row for row in rows("economics") if row["side"] == "personnel" and rng.random() < float(row["chance"])
    ]
    shares = split(rng, amount, [float(row["weight"]) for row in chosen], profile.step)
    return [
        Cost(row["code"], "basic_personnel", share)
        for row, share in zip(chosen, shares, strict=True)
        if share
    ]


def _operating_costs(rng: Random, profile: Profile, amount: int, events: Mapping[str, int]) -> list[Cost]:
    fixed = {code: events[item] for code, item in EVENT_CODES.items() if events[item]}
    chosen = [
        row for row in rows("economics") if row["side"] == "operating" and rng.random() < float(row["chance"])
    ]
    weights = [float(row["weight"]) for row in chosen]
    shares = split(rng, amount - sum(fixed.values()), weights, profile.operating_step)
    amounts = fixed | {row["code"]: share for row, share in zip(chosen, shares, strict=True) if share}
    running = profile.kind != "事业"
    return [Cost(code, "basic_operating", share, running=running) for code, share in sorted(amounts.items())]


def _basic_lines(profile: Profile, costs: Sequence[Cost]) -> list[Line]:
    column = "function_unit" if profile.kind == "事业" else "function"
    functions = {row["code"]: row[column] for row in rows("economics")}
    return [
        Line(functions[cost.code] or profile.running, GENERAL, GENERAL, cost.kind, cost.amount)
        for cost in costs
    ]


def _project_lines(rng: Random, profile: Profile) -> list[Line]:
    chosen = [code for code in profile.projects if rng.random() < 0.8] or [profile.projects[0]]
    size = 4_000 * profile.heads
    lines = [
        Line(code, GENERAL, GENERAL, "project", about(rng, size, 12 * size, profile.step)) for code in chosen
    ]
    for code, fund in ((profile.fund, FUNDS[1]), (profile.capital, FUNDS[2])):
        if code and code[:3] in profile.classes:
            lines.append(Line(code, fund, fund, "project", about(rng, 200_000, 3_000_000, profile.step)))
    if "reserve" in profile.spending:
        reserve = about(rng, size, 2 * size, profile.step)
        lines.append(Line(profile.running, GENERAL, GENERAL, "reserve", reserve))
    return lines


def _other_lines(rng: Random, profile: Profile, personnel: int) -> list[Line]:
    """Money that is not this year's appropriation; every kind only where the family's forms know it."""
    project = profile.projects[-1]
    size = personnel / YUAN
    plans = [
        ("business", 0.5, profile.running, "", "basic_personnel", 0.2),
        ("business", 0.4, project, "", "project", 0.15),
        ("business_operating", 0.2, profile.running, "", "business_operating", 0.05),
        ("carried_over", 0.2, project, "", "project", 0.05),
    ]
    if profile.running.startswith("205"):
        plans.append(("fiscal_special_account", 0.5, profile.running, "", "project", 0.1))
    if profile.kind != "事业":
        plans = [
            ("other", 0.1, project, "", "project", 0.02),
            ("carried_over", 0.08, project, GENERAL, "project", 0.05),
        ]
    return [
        Line(function, source, fund, kind, about(rng, size * share / 2, size * share, profile.step))
        for source, chance, function, fund, kind, share in plans
        if source in profile.sources and rng.random() < chance
    ]


def _draw_projects(rng: Random, profile: Profile, money: int) -> tuple[Project, ...]:
    themes = rng.sample(rows("projects"), rng.choice((1, 1, 2, 2, 3)))
    shares = split(rng, money, [1.0] * (len(themes) + rng.choice((0, 1))), max(profile.step, 10_000))
    return tuple(
        _project(
            rng, _project_code(rng, profile.owner), theme["name"], share, theme, rng.choice(PAYMENT_PLANS)
        )
        for theme, share in zip(themes, shares, strict=False)
        if share > 0
    )


def _real_project(rng: Random, real: Mapping[str, Any], project: Mapping[str, Any]) -> Project:
    code, name, payments = project["code"], project["name"], tuple(project["payments"].items())
    theme = {key: real[key].format(name=name) for key in ("purpose", "objective")}
    return _project(rng, code, name, project["budget"] * YUAN, theme, payments)


def _project(
    rng: Random,
    code: str,
    name: str,
    budget: int,
    theme: Mapping[str, str],
    payments: tuple[tuple[int, int], ...],
) -> Project:
    return Project(
        code, name, budget, 0, theme["purpose"], theme["objective"], payments, _draw_indicators(rng)
    )


def _project_code(rng: Random, owner: str) -> str:
    day = f"{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    tail = "".join(rng.choice(LETTERS + "23456789") for _ in range(4))
    return f"{owner}-{day}-{rng.choice(('YBN', 'JXN', 'YXN'))}-{tail}"


def _draw_indicators(rng: Random) -> tuple[tuple[str, ...], ...]:
    pool = [tuple(row.values()) for row in rows("indicators")]
    wanted = {"产出指标": 3, "效果指标": 2, "满意度指标": 1}
    chosen = [
        each
        for level, count in wanted.items()
        for each in rng.sample([row for row in pool if row[0] == level], count)
    ]
    return tuple(sorted(chosen, key=pool.index))


def _draw_purchases(rng: Random, profile: Profile, projects: Sequence[Project]) -> tuple[Purchase, ...]:
    if rng.random() < 0.25:
        return ()
    items = rng.sample(rows("purchases"), rng.randint(2, 6))
    names = [project.name for project in projects] or ["日常公用经费"]
    return tuple(
        Purchase(
            item["category"],
            rng.choice(names),
            item["economic_name"],
            item["item_name"],
            item["organisation_form"],
            about(rng, float(item["low"]), float(item["high"]), max(profile.step, 10_000)),
        )
        for item in items
    )


def _draw_assets(rng: Random, profile: Profile, vehicles: int) -> dict[str, Asset]:
    area = rng.randint(300, 900) * profile.heads // 10
    step = max(profile.step, 10_000)
    equipment = rng.choice((0, 0, 1, 2))
    return {
        "buildings": Asset(area * 100, about(rng, area * 900, area * 2_000, step)),
        "vehicles": Asset(vehicles * 100, vehicles * about(rng, 100_000, 200_000, step)),
        "large_equipment": Asset(equipment * 100, equipment * about(rng, 210_000, 400_000, step)),
        "other": Asset(profile.heads * 800, about(rng, 4_000 * profile.heads, 9_000 * profile.heads, step)),
    }


def transfers(
    rng: Random, superior: Profile, subsidiary: Profile
) -> tuple[tuple[Line, Line], tuple[Line, Line]]:
    """Money passed inside one department: the lines of the superior and those of the subsidiary."""
    subsidy = about(rng, 50_000, 300_000, superior.step)
    remitted = about(rng, 20_000, 100_000, superior.step)
    above = (
        Line(superior.running, "other", "", "subsidy_to_subsidiary", subsidy),
        Line(superior.projects[0], "subsidiary_remittance", "", "project", remitted),
    )
    below = (
        Line(subsidiary.projects[-1], "superior_subsidy", "", "project", subsidy),
        Line(subsidiary.running, "business", "", "remitted_to_superior", remitted),
    )
    return above, below
