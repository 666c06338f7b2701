"""A body's disclosure document: true figures in one of several wordings, and the slips that may be planted in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from transforms.sample.budget import Budget, total
from transforms.sample.lists import settings
from transforms.sample.page import UNITS
from transforms.sample.style import draw

BASIC = ("basic_personnel", "basic_operating")
EVENTS = ("overseas_travel", "vehicle_purchase", "vehicle_operation", "official_reception")
CHANGE, PERCENT, PREVIOUS, QUANTITY = ".change", ".percent", ".previous", ".quantity"
SHEET = "正文"
ALSO_PREVIOUS = ("three_public",)
GROWTH = (0, 1, 2, 3)


@dataclass(frozen=True)
class Prose:
    """A document: amounts in 分, percentages and counts in hundredths by key; `key.change` and so on beside the amount."""

    name: str
    year: int
    way: str
    format: str
    unit: str
    figures: Mapping[str, int]

    @property
    def shape(self) -> str:
        """How the document is worded and written."""
        return f"{self.way}/{self.format}/{self.unit}"

    @property
    def file_name(self) -> str:
        """Its file, below the folder of the submission."""
        return f"{self.name}{self.year}年预算公开说明.{'docx' if self.format == 'docx' else 'txt'}"

    def paragraphs(self) -> list[str]:
        """The text."""
        return [self._said(template) for template in self._templates()]

    def cell_of(self, key: str) -> str:
        """Where a figure is told: the number of its paragraph or line; '' where it is not told."""
        unit = "段" if self.format == "docx" else "行"
        places = (f"{{{key}}}", f"{{{key.split('.')[0]}~}}")
        wanted = places[1:] if key.endswith((CHANGE, PERCENT, PREVIOUS)) else places[:1]
        found = [n for n, text in enumerate(self._templates(), 1) if any(each in text for each in wanted)]
        return f"第{found[0]}{unit}" if found else ""

    def _templates(self) -> list[str]:
        given = settings("prose")["ways"][self.way]["paragraphs"]
        return [
            text if isinstance(text, str) else text["says"]
            for text in given
            if isinstance(text, str) or text["when"] in self.figures
        ]

    def _said(self, template: str) -> str:
        told = {"name": self.name, "year": self.year, "last_year": self.year - 1, "others": self._others()}
        for key, value in self.figures.items():
            told[key] = f"{value // 100}" if key.endswith(QUANTITY) else self._amount(value)
            if key + CHANGE in self.figures:
                told[key + "~"] = self._changed(key)
        for key, text in told.items():
            template = template.replace(f"{{{key}}}", str(text))
        return template

    def _changed(self, key: str) -> str:
        words, change = settings("prose")["ways"][self.way], self.figures[key + CHANGE]
        way, rate = ("增加", "增长") if change > 0 else ("减少", "下降")
        stated = change and key + PREVIOUS in self.figures
        template: str = words["from" if stated else "up" if change > 0 else "down" if change else "level"]
        if key + PERCENT not in self.figures:
            template = template.rpartition("，")[0] or template
        return template.format(
            last_year=self.year - 1,
            previous=self._amount(self.figures.get(key + PREVIOUS, 0)),
            way=way,
            change=self._amount(abs(change)),
            rate=rate,
            percent=f"{abs(self.figures.get(key + PERCENT, 0)) / 100:.2f}%",
        )

    def _others(self) -> str:
        names = settings("prose")["others"]
        return "".join(
            f"，{name}{self._amount(self.figures[key])}"
            for key, name in names.items()
            if self.figures.get(key)
        )

    def _amount(self, fen: int) -> str:
        return f"{fen / UNITS[self.unit]:.2f}{self.unit}"


def draw_prose(rng: Random, name: str, year: int, budget: Budget) -> Prose:
    """The document of a body."""
    lists = settings("prose")
    way = rng.choice(sorted(lists["ways"]))
    return Prose(
        name, year, way, draw(rng, lists["formats"]), draw(rng, lists["units"]), figures_of(rng, budget)
    )


def figures_of(rng: Random, budget: Budget) -> dict[str, int]:
    """What a document tells of a budget, and of the year before as far as the budget does not say it itself."""
    kinds: dict[str, int] = dict.fromkeys((*BASIC, "project"), 0)
    for line in budget.lines:
        kinds[line.kind] = kinds.get(line.kind, 0) + line.amount
    whole = total(budget.lines)
    basic = sum(kinds[kind] for kind in BASIC)
    events = {item: budget.events.get(item, 0) for item in EVENTS}
    before = {item: budget.previous.get(item, 0) for item in EVENTS}
    earlier = {"basic": _earlier(rng, basic), "project": _earlier(rng, kinds["project"])}
    last = earlier["basic"] + earlier["project"] + whole - basic - kinds["project"]
    changes = {
        **_changed("income", whole, last),
        **_changed("expenditure", whole, last),
        **_changed("basic", basic, earlier["basic"]),
        **_changed("project", kinds["project"], earlier["project"]),
        **_changed("three_public", sum(events.values()), sum(before.values())),
        **{
            key: value for item in EVENTS for key, value in _changed(item, events[item], before[item]).items()
        },
    }
    running = sum(cost.amount for cost in budget.costs if cost.running)
    return {**kinds, **changes, **_assets(budget), **({"operating_costs": running} if running else {})}


def _earlier(rng: Random, amount: int) -> int:
    return amount - amount * rng.choice(GROWTH) * rng.choice((-1, 1)) // 1_000_000 * 10_000


def _changed(key: str, now: int, before: int) -> dict[str, int]:
    told = {key: now, key + CHANGE: now - before}
    if before:
        told[key + PERCENT] = round((now - before) * 10_000 / before)
    return told | ({key + PREVIOUS: before} if key in ALSO_PREVIOUS else {})


def _assets(budget: Budget) -> dict[str, int]:
    if not budget.assets:
        return {}
    told = {name: asset.value for name, asset in budget.assets.items()}
    counts = {name + QUANTITY: asset.quantity for name, asset in budget.assets.items()}
    return {"assets": sum(told.values()), **told, **counts}


def restated(prose: Prose, key: str, value: int) -> Prose:
    """The document with one figure told otherwise."""
    return replace(prose, figures={**prose.figures, key: value})


def last_year(prose: Prose) -> dict[str, int]:
    """What the year before published of the body by the keys of the document, in 分."""
    return {key: prose.figures[key] - prose.figures[key + CHANGE] for key in (*EVENTS, "income")}
