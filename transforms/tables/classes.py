"""Columns of classes of economic codes (工资福利支出) that stand where the type of spending that they divide does not."""

from collections.abc import Iterator
from dataclasses import replace

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.heads import lowest_word
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.sums import printed_parts
from transforms.wording.text import header_words

_BASIC, _PROJECT, _TOTAL = "basic", "project", "total"


def classes_of_types(block: Block, plan: PanelPlan) -> list[Column]:
    """Such classes as parts of their type, under keys of their own (`basic.工资福利支出`).

    They are of the type that they stand under; beside 项目支出 of the basic spending, where they add up with it to the total.
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
    return found if found and ((under and alone) or _add_up(block, amounts[_TOTAL], found, others)) else []


def _classes(plan: PanelPlan) -> Iterator[Column]:
    """The columns of classes, of this year and in the table's unit, each as a part of the type that it stands under."""
    for column in plan.of_kind("unknown"):
        word = common_words.header_key(lowest_word(column.path))
        if word not in common_words.economic_classes():
            continue
        _, years, units = zip(*map(header_words, column.path), strict=True)
        measures = map(common_words.amount_words().get, map(common_words.header_key, column.path))
        if not any(units) and {*measures} <= {None, "amount"}:
            key = f"{_heading(column, plan) or _BASIC}.{word}"
            yield replace(column, kind="amount", key=key, year=next(filter(None, reversed(years)), None))


def _heading(column: Column, plan: PanelPlan) -> str:
    """The type of spending that a column stands under; '' for none."""
    keys = (plan.panel.column_words.get(common_words.header_key(text), "") for text in column.path[-2::-1])
    return next((key for key in keys if key in plan.panel.columns[_TOTAL]), "")


def _add_up(block: Block, total: Column, classes: list[Column], others: list[Column]) -> bool:
    """Whether rows say that classes and other parts are the total together, and none that the classes alone are."""
    together = alone = False
    for row in block.data:
        whole, first, rest = (
            sum(parse_number(block.sheet.at(row, column.index)) or 0 for column in columns)
            for columns in ([total], classes, others)
        )
        together |= bool(first and rest) and whole == first + rest
        alone |= bool(first and rest) and whole == first
    return together and not alone
