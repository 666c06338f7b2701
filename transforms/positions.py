"""The rows of a list of things to buy, whose subtotals stand inside the data: 货物 → project → item."""

import re
from collections.abc import Iterator
from itertools import pairwise

from transforms import forms
from transforms.columns import PanelPlan
from transforms.forms import BODY_KEY
from transforms.layout import Block
from transforms.meaning import DataRow, Meaning
from transforms.row_cells import body_of_row, labels_of, own_texts
from transforms.text import bare
from transforms.words import cell_text

_CATEGORY_AND_NAME = re.compile(r"(.+?)[-—/:].")
_CATALOGUE_CODE = re.compile(r"([A-Z])\d{2,8}(?!\d)")


def position_rows(block: Block, plan: PanelPlan, before: DataRow | None) -> Iterator[DataRow]:
    """Rows of a list whose subtotals stand inside the data: 货物 → project → item."""
    category, position = _left_off(before)
    own = [(index, own_texts(block, plan, index)) for index in block.data]
    by_body, subtotalled, lost = _lists_by_body(block, plan, own), "", False
    subtotals = set(forms.shared_words().subtotals)
    for index, texts in own:
        words = [bare(text) for text in (*texts.values(), *labels_of(block, plan, index))]
        named = next((plan.panel.category_words[w] for w in words if w in plan.panel.category_words), "")
        coded = "" if named else _category_told(plan, words)
        named = named or coded
        strange = _strange_words(block, plan, index) or (set(texts) == {"category"} and not named)
        lost = not named and (lost or strange)
        if words and not words[0].isdigit() and any(w in forms.total_words() for w in (words[0], words[-1])):
            lost = False
            yield DataRow(index, Meaning("total", "total", words[0]))
        elif words and set(words) <= subtotals:
            yield DataRow(index, _subtotal("" if by_body else category, words[0]))
        elif lost:
            yield DataRow(index, Meaning("unknown", "", "".join(words[:1])))
        elif (
            by_body
            and not named
            and (body := _body_alone(block, plan, index, texts)) not in ("", subtotalled)
        ):
            subtotalled = body
            yield DataRow(index, Meaning("total", body, body.removeprefix(BODY_KEY), 1))
        elif named and not coded and _is_category(texts):
            category, position = named, 0
            yield DataRow(index, Meaning("total", category, next(iter(texts.values())), 1))
        else:
            category = named or category
            position += 1
            level = 3 if "item_name" in texts or not _has_items(plan) else 2
            key = f"{category or 'unspecified'}.{position:03d}"
            yield DataRow(index, Meaning("position", key, "".join(words[-1:]), level))


def _subtotal(category: str, label: str) -> Meaning:
    """What a 小计 below the things of a category is; unknown where it may be one of a body."""
    return Meaning("total" if category else "unknown", category, label, 1)


def _lists_by_body(block: Block, plan: PanelPlan, own: list[tuple[int, dict[str, str]]]) -> bool:
    """Whether a row that names a body alone stands above rows that say more: then each such row is a subtotal."""
    return any(
        len(texts) < len(below) and _body_alone(block, plan, index, texts)
        for (index, texts), (_, below) in pairwise(own)
    )


def _body_alone(block: Block, plan: PanelPlan, index: int, texts: dict[str, str]) -> str:
    """The key of the body that a row names and says no more of; '' for any other row."""
    if len(texts) > 1:
        return ""
    if not texts:
        return body_of_row(block, plan, index)
    name = next(iter(texts.values()))
    return forms.body_key(name) if forms.names_body(name) else ""


def _is_category(texts: dict[str, str]) -> bool:
    """Whether a row that names a category says nothing else."""
    return len(texts) == 1 or not set(texts) - {"category", "organisation_form"}


def _category_told(plan: PanelPlan, words: list[str]) -> str:
    """The category of an item by its code in the official catalogue or the word before its name (货物类-办公家具)."""
    letters, known = plan.panel.category_codes, plan.panel.category_words
    for word in words:
        if word[:1] in letters and _CATALOGUE_CODE.match(word):
            return letters[word[0]]
    openings = plan.panel.category_openings
    heads = (_CATEGORY_AND_NAME.match(word) for word in words if word[:2] in openings)
    return next((known[head[1]] for head in heads if head and head[1] in known), "")


def _strange_words(block: Block, plan: PanelPlan, index: int) -> bool:
    """Whether words stand in a column that nobody knows, so that they may be a total, a category or an item."""
    return any(cell_text(block.sheet.at(index, c.index)) for c in plan.of_kind("unknown", "blank"))


def _left_off(before: DataRow | None) -> tuple[str, int]:
    """(category, position) at which the list of the sheet before ended."""
    category, _, number = before.key.partition(".") if before and before.kind != "unknown" else ("", "", "")
    return ("" if category in ("total", "unspecified") else category), int(number or 0)


def _has_items(plan: PanelPlan) -> bool:
    return any(column.key == "item_name" for column in plan.columns)
