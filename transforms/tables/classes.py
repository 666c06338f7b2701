"""Columns of classes of economic codes (工资福利支出), or of kinds of projects (特定目标类), that stand where the type of
spending that they divide does not."""

from collections.abc import Iterator
from dataclasses import replace

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.heads import lowest_word
from transforms.tables.parted_total import are_the_total
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.sums import printed_parts
from transforms.wording.text import header_words

_BASIC, _OPERATING, _PROJECT, _TOTAL = "basic", "basic_operating", "project", "total"


def classes_of_types(block: Block, plan: PanelPlan) -> list[Column]:
    """Such classes as parts of their type, under keys of their own (`basic.工资福利支出`).

    They are of the type that they stand under; under none, classes are of the basic spending and kinds of projects of that for
    projects, where they add up to the total with what stands beside them.
    """
    amounts = {column.key: column for column in plan.of_kind("amount") if column.measure == "amount"}
    parts = plan.panel.columns.get(_TOTAL, [])
    if not {_BASIC, _PROJECT} <= set(parts) or _TOTAL not in amounts:
        return []
    found = [column for column in _classes(plan) if column.key.partition(".")[0] not in amounts]
    types = {column.key.partition(".")[0] for column in found}
    under = all(len(column.path) > 1 and _heading(column, plan) for column in found)
    alone = amounts.keys().isdisjoint(part for key in types for part in plan.panel.columns.get(key, []))
    others = [amounts[key] for key in printed_parts(plan.panel.columns, _TOTAL, amounts)]
    return (
        found if found and ((under and alone) or are_the_total(block, amounts[_TOTAL], found, others)) else []
    )


def _classes(plan: PanelPlan) -> Iterator[Column]:
    """The columns of classes, of this year and in the table's unit, each as a part of the type that it stands under."""
    for column in plan.of_kind("unknown"):
        word = common_words.header_key(lowest_word(column.path))
        if not (key := _key(word, column, plan)):
            continue
        _, years, units = zip(*map(header_words, column.path), strict=True)
        measures = map(common_words.amount_words().get, map(common_words.header_key, column.path))
        if not any(units) and {*measures} <= {None, "amount"}:
            yield replace(column, kind="amount", key=key, year=next(filter(None, reversed(years)), None))


def _key(word: str, column: Column, plan: PanelPlan) -> str:
    """The key of a column as a part of the type of spending that its word divides; '' for a word that divides none.

    公用经费 is what it is also under 运转类, of which it is a part beside projects.
    """
    if word in common_words.economic_classes():
        return f"{_heading(column, plan) or _BASIC}.{word}"
    if word in common_words.kinds_of_projects():
        return f"{_heading(column, plan) or _PROJECT}.{word}"
    running = any(common_words.header_key(text) in common_words.kinds_of_running() for text in column.path)
    return _OPERATING if running and plan.panel.column_words.get(word) == _OPERATING else ""


def _heading(column: Column, plan: PanelPlan) -> str:
    """The type of spending that a column stands under; '' for none."""
    keys = (plan.panel.column_words.get(common_words.header_key(text), "") for text in column.path[-2::-1])
    return next((key for key in keys if key in plan.panel.columns[_TOTAL]), "")
