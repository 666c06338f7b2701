"""How one workbook is laid out: the drawn options of `lists/traps.yml` and of its family."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from transforms.sample.lists import settings


@dataclass(frozen=True)
class Style:
    """The drawn options of a workbook, by the names of `traps.yml`, and its amount unit."""

    options: Mapping[str, str]
    unit: str
    text_form: str = ""

    def __getitem__(self, choice: str) -> str:
        return self.options[choice]

    def with_options(self, options: Mapping[str, str]) -> "Style":
        """The same style with some options set."""
        return replace(self, options={**self.options, **options})


def draw_style(rng: Random, family: Mapping[str, Any], unit: str) -> Style:
    """A workbook's style: every choice drawn with its weights."""
    choices: dict[str, Mapping[str, int]] = dict(settings("traps")["workbook"])
    for name in ("code_layouts", "sheet_names", "total_labels", "total_positions", "title_years"):
        choices[name] = family[name]
    options = {name: draw(rng, weighted) for name, weighted in choices.items()}
    form = rng.choice([form["form"] for form in family["forms"] if form["layout"] == "functions"])
    return Style(options, unit, text_form=form if options["numbers"] == "text" else "")


def draw(rng: Random, weighted: Mapping[Any, int]) -> str:
    """One key of a mapping from options to weights."""
    return str(rng.choices(list(weighted), list(weighted.values()))[0])
