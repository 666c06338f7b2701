"""Columns that say whose money pays, of that which one budget or type gives (本级财力 | 上级专项 | 一般债券)."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.block import Block
from transforms.tables.heads import lowest_word
from transforms.tables.plan import Column, PanelPlan, as_kind
from transforms.wording.text import header_words

_TOTAL = "total"


def levels_of_money(block: Block, plan: PanelPlan) -> list[Column]:
    """Such columns under what they divide: set aside where that stands beside them and they are no more than it, parts of it
    under keys of their own (`project.本级财力`) where they are all of it; unknown otherwise. Under nothing they divide a total
    that no other columns divide.
    """
    found: list[Column] = []
    amounts = {column.key: column for column in plan.of_kind("amount") if column.measure == "amount"}
    groups: dict[tuple[str, ...], list[Column]] = {}
    for column in _levels(plan):
        groups.setdefault(column.path[:-1], []).append(column)
    for path, levels in groups.items():
        whole = next(
            (key for text in reversed(path) if (key := _column_of(text, plan))), "" if path else _TOTAL
        )
        if (
            whole in amounts
            and _stand_alone(plan, path, levels, whole)
            and _within(block, amounts[whole], levels)
        ):
            found += as_kind("aside", levels)
        elif whole and whole not in amounts and _are_all(plan, path, levels):
            found += [replace(c, kind="amount", key=f"{whole}.{lowest_word(c.path)}") for c in levels]
    return found


def _levels(plan: PanelPlan) -> Iterator[Column]:
    """The unknown columns of levels, of this year and in the table's unit."""
    for column in plan.of_kind("unknown"):
        words = [header_words(text) for text in column.path]
        if lowest_word(column.path) in common_words.levels_of_money() and not any(
            w[1] or w[2] for w in words
        ):
            yield column


def _column_of(text: str, plan: PanelPlan) -> str:
    return plan.panel.column_words.get(common_words.header_key(text), "")


def _stand_alone(plan: PanelPlan, path: tuple[str, ...], levels: list[Column], whole: str) -> bool:
    """Whether no other amounts stand under a heading than its whole and levels: parts of both kinds would not add up to it."""
    others = [c for c in plan.of_kind("amount", "unknown") if c.path[: len(path)] == path and c not in levels]
    return all(column.key == whole for column in others)


def _within(block: Block, whole: Column, levels: list[Column]) -> bool:
    """Whether in no row the levels are more than what they divide."""
    rows = block.values_in([whole.index, *(column.index for column in levels)])
    numbers = ([parse_number(value) or Decimal(0) for value in row] for row in rows)
    return all(sum(parts, Decimal(0)) <= all_of_it for all_of_it, *parts in numbers)


def _are_all(plan: PanelPlan, path: tuple[str, ...], levels: list[Column]) -> bool:
    """Whether nothing but levels stands under a heading."""
    return [c for c in plan.columns if c.path[: len(path)] == path] == levels
