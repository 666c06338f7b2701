"""The performance target tables: one sheet per project."""

from collections.abc import Mapping
from typing import Any

from transforms.sample.budget import Project
from transforms.sample.heading import unit_text
from transforms.sample.page import Figure, Page, Row, lay_rows
from transforms.sample.sheet import Sheet

PROJECT_WIDTH = 7


def lay_projects(sheet: Sheet) -> list[Page]:
    return [_project_page(sheet, project, count) for count, project in enumerate(sheet.budget.projects, 1)]


def _project_page(sheet: Sheet, project: Project, count: int) -> Page:
    """A project's performance target table."""
    words = sheet.spec["words"]
    page = Page(f"项目{count}", sheet.form, sheet.unit)
    page.marks |= {"title": (1, 1), "unit": (2, PROJECT_WIDTH)}
    page.put(1, 1, f"{project.name}绩效目标表" if count % 2 else sheet.title)
    page.merge(1, 1, 1, PROJECT_WIDTH)
    page.put(2, 1, f"{sheet.spec['body']}{sheet.body.code}{sheet.body.name}")
    page.put(2, PROJECT_WIDTH, unit_text(sheet))
    lay_rows(page, 3, 1, _project_head(words, project), sheet.style, sheet.zero)
    page.merge(4, 1, 5, 1)
    page.merge(6, 1, 7, 1)
    lay_rows(page, 9, 1, _indicator_rows(words, project), sheet.style, sheet.zero)
    return page


def _project_head(words: Mapping[str, Any], project: Project) -> list[Row]:
    def money(key: str, amount: int) -> Figure:
        return Figure(amount, ("project", project.code, key, "total"))

    fiscal = project.budget - project.other
    plan = dict(project.payments)
    months = [
        Figure(plan.get(month, 0) * 100, ("project", project.code, str(month), "percent"), scale=100)
        for month in words["months"]
    ]
    budget = (words["budget"], money("budget", project.budget), words["fiscal"], money("fiscal", fiscal))
    other = (words["other"], money("other", project.other))
    return [
        Row((words["code"], project.code, None, words["name"], project.name), ((1, 2), (4, 6))),
        Row((words["scale"], *budget, *other)),
        Row((None, words["purpose"], project.purpose), ((2, 6),)),
        Row((words["plan"], *words["months"].values())),
        Row((None, *months)),
        Row((words["objective"], project.objective), ((1, 6),)),
    ]


def _indicator_rows(words: Mapping[str, Any], project: Project) -> list[Row]:
    rows = [Row(tuple(words["indicators"]))]
    above = ""
    for indicator in project.indicators:
        first = None if indicator[0] == above else indicator[0]
        above = indicator[0]
        rows.append(Row((first, *indicator[1:])))
    return rows
