"""Lays a budget out as the sheets of its family's forms."""

from collections.abc import Callable, Mapping
from typing import Any

from transforms.sample.budget import Budget
from transforms.sample.coded import lay_economics, lay_functions
from transforms.sample.items import lay_assets, lay_items, lay_line, lay_procurement
from transforms.sample.lists import settings
from transforms.sample.page import Page, stacked
from transforms.sample.panels import lay_panels
from transforms.sample.sheet import Body, Sheet
from transforms.sample.style import Style
from transforms.sample.targets import lay_projects

LAYOUTS: Mapping[str, Callable[[Sheet], list[Page]]] = {
    "panels": lay_panels,
    "functions": lay_functions,
    "economics": lay_economics,
    "line": lay_line,
    "items": lay_items,
    "procurement": lay_procurement,
    "assets": lay_assets,
    "project": lay_projects,
}


def build_pages(body: Body, budget: Budget, family: Mapping[str, Any], style: Style) -> list[Page]:
    """Every sheet of a workbook with forms, in order."""
    pages: list[Page] = []
    for count, spec in enumerate(_chosen_forms(family, style), 1):
        sheet = Sheet(spec, family, body, budget, style, count)
        pages += LAYOUTS[spec["layout"]](sheet)
    return _stacked(pages) if style["stacked"] == "two_on_one" else pages


def _stacked(pages: list[Page]) -> list[Page]:
    """The forms of the two smaller funds on one sheet."""
    result: list[Page] = []
    for page in pages:
        if page.form == "state_capital" and result[-1].form == "government_fund":
            result[-1] = stacked(result[-1], page)
        else:
            result.append(page)
    return result


def cover_pages(body: Body, style: Style) -> list[Page]:
    """Sheets of words before the forms, where the style has them."""
    if style["covers"] == "none":
        return []
    words = settings("traps")["prose"]
    cover = Page(words["sheet"], "", "")
    cover.put(3, 1, words["cover"].format(year=body.year))
    cover.put(9, 1, body.name)
    if style["covers"] == "cover":
        return [cover]
    explanation = Page(words["explanation"], "", "")
    for row, text in enumerate([words["explanation"], *words["text"]], 1):
        explanation.put(row, 1, text)
    return [cover, explanation]


def _chosen_forms(family: Mapping[str, Any], style: Style) -> list[Mapping[str, Any]]:
    variant = style["three_public"]
    return [form for form in family["forms"] if form.get("variant", variant) == variant]
