"""What one data row means by its own cells: its code, its names, the body that it names."""

import re
from collections.abc import Iterable
from dataclasses import replace

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.named import is_bodys_code, is_of_another_list, is_subject, lists_bodies
from transforms.tables.plan import PanelPlan
from transforms.tables.row_cells import body_of_row, labels_of, name_of_body
from transforms.wording.amounts import is_broken
from transforms.wording.body_names import BODY_KEY, body_key, names_body
from transforms.wording.code_text import code_and_name, is_projects_code
from transforms.wording.meaning import Meaning
from transforms.wording.subjects import class_names
from transforms.wording.text import bare, compact, header_words, is_memo
from transforms.wording.words import cell_text

_FUND_IN_BRACKETS = re.compile(r"^(.+)\(([^()]+)\)$")


def meaning_of(block: Block, plan: PanelPlan, index: int, code: str) -> Meaning:
    """What a row with this code, '' for none, means by what its own cells say."""
    labels = labels_of(block, plan, index)
    words = [bare(text) for text in labels]
    label = labels[-1] if labels else ""
    total = next((key for word in words if (key := _total_said(plan, word))), "")
    unit = body_of_row(block, plan, index)
    year = header_words(label)[1]
    if not code and (year or plan.has_items) and (measure := _measure_of_row(label)):
        return _year_of(block, plan, unit, Meaning("single", "total", label, measure=measure, year=year))
    if not plan.of_kind("code", "label") and not unit:
        return Meaning("unknown", "", "") if _names_bodies(block, plan) else Meaning("single", "total", "")
    if not code and (part := _column_totalled(plan, _in_two_cells(plan, words))):
        return Meaning("total", "total", label, column=part)
    if total and any(side in compact(label) for side in plan.panel.other_sides):
        return Meaning("unknown", "", label)
    if total and (not code or plan.panel.codes is None) and not _item_key(plan, words[:-1]):
        named = bare(unit.removeprefix(BODY_KEY)) not in common_words.total_words()
        return Meaning("total", _total_key(plan, words, total), label, unit=unit if named else "")
    if code:
        return _coded(plan, code, label, unit)
    if any(compact(text) in common_words.filler_words() for text in labels):
        return Meaning("filler", "", label)
    if _is_aside(plan, words):
        return Meaning("aside", "", label)
    part = next((key for word in words if (key := _column_totalled(plan, word))), "")
    if part:
        return Meaning("total", "total", label, column=part)
    return _uncoded(block, plan, index, _item_meaning(plan, labels, words), unit)


def _is_aside(plan: PanelPlan, words: list[str]) -> bool:
    """Whether a row only divides another one, or sums up a page."""
    divides = words and common_words.header_key(words[-1]) in plan.panel.aside_words
    return bool(divides and words[-1] not in plan.panel.row_words) or not common_words.page_sums().isdisjoint(
        words
    )


def _coded(plan: PanelPlan, code: str, label: str, unit: str = "") -> Meaning:
    """What a row with a code means: a subject of the table's list, or the body whose code it is."""
    if is_bodys_code(plan, code, label):
        return Meaning("unit", f"{BODY_KEY}{code}", label)
    if is_of_another_list(plan, code, label):
        return Meaning("unknown", "", label)
    if is_projects_code(code) and not is_subject(plan, label):
        return Meaning("unknown", code, label)
    return Meaning("code", code, label, unit="" if unit == f"{BODY_KEY}{code}" else unit)


def _year_of(block: Block, plan: PanelPlan, unit: str, row: Meaning) -> Meaning:
    """A row that is named by its year: of all, or of the body that it names where the rows are bodies'."""
    name = unit.removeprefix(BODY_KEY)
    if name and bare(name) not in common_words.total_words():
        return replace(row, kind="unit", key=unit)
    return replace(row, kind="unknown", key="") if not name and _names_bodies(block, plan) else row


def _names_bodies(block: Block, plan: PanelPlan) -> bool:
    """Whether the rows of a table are bodies', some of which their own columns name."""
    return any(any(block.content(column.index)) for column in plan.of_kind("body"))


def _uncoded(block: Block, plan: PanelPlan, index: int, row: Meaning, unit: str) -> Meaning:
    """What a row without code means, `row` as a known item, if it is the row of a subject or of a body (`unit`)."""
    label = row.label
    if row.kind != "unknown":
        return row
    if is_subject(plan, label):
        return replace(row, unit=unit)
    if unit and not _may_be_of(unit, label):
        return row
    own = unit
    if not unit and lists_bodies(plan) and names_body(label):
        unit = body_key(label)
    strange = _strange_lead(block, plan) or _strange_code(block, plan, index)
    if not unit or strange:
        return row
    return Meaning("unit", unit, label or name_of_body(block, plan, index), unit=own)


def _may_be_of(unit: str, label: str) -> bool:
    """Whether a row may be that of the body that it names: nothing else is in the name column, or its sum, or a body again."""
    words = bare(label)
    sums = ("", bare(unit.removeprefix(BODY_KEY)), *common_words.shared_words().sums)
    return words in sums or names_body(label)


def _strange_lead(block: Block, plan: PanelPlan) -> bool:
    """Whether a column that nobody knows stands before the amounts: it may hold what the rows are.

    One under a word of two meanings (合计) holds amounts.
    """
    first = min((column.index for column in plan.of_kind("amount")), default=0)
    nameless = [column for column in plan.of_kind("blank") if any(block.content(column.index))]
    strange = [column for column in plan.of_kind("unknown") if not column.key]
    return any(column.index < first for column in (*strange, *nameless))


def _strange_code(block: Block, plan: PanelPlan, index: int) -> bool:
    """Whether a column of codes holds words, in a row that no total or code explains, or a number that is no code."""
    codes = plan.of_kind("code") if plan.of_kind("label") else []
    values = [block.sheet.at(*block.sheet.origin(index, column.index)) for column in codes]
    sums = {"", *common_words.shared_words().sums}
    return any(bare(cell_text(value)) not in sums or is_broken(value) for value in values)


def _measure_of_row(label: str) -> str:
    """The measure of a row that is named by its year (2022年, 2022年预算数, 上年预算数), '' where more is in its name."""
    words, year, _ = header_words(label)
    if not words:
        return "amount" if year else ""
    measure = common_words.amount_words().get(words, "")
    dated = year or any(word in words for word in common_words.shared_words().says_when)
    return measure if dated or measure != "amount" else ""


def _total_said(plan: PanelPlan, word: str) -> str:
    """The key of the total that a label says, by itself or with the table's own name (基本支出合计), '' for other labels."""
    if word in common_words.total_words():
        return common_words.total_words()[word]
    named = _without_end(word, common_words.shared_words().sums) if plan.panel.codes else word
    whole = named != word and word.removeprefix(named) in common_words.total_words()
    return "total" if whole and plan.panel.column_words.get(common_words.header_key(named)) == "total" else ""


def _column_totalled(plan: PanelPlan, word: str) -> str:
    """The column that a label such as 人员经费合计 (also 人员经费 | 小计) totals, '' where it is no such label."""
    named = _without_end(word, common_words.shared_words().sums)
    if not plan.panel.codes or named == word:
        return ""
    key = plan.panel.column_words.get(common_words.header_key(named), "")
    return "" if key in ("", "total") else key


def _in_two_cells(plan: PanelPlan, words: list[str]) -> str:
    """The words of a label in more than one cell as one, '' where a cell of its own may name an item."""
    return "" if len(words) < 2 or plan.panel.items_as_rows else "".join(words)


def _without_end(word: str, endings: Iterable[str]) -> str:
    """A word without the first of the endings that it has."""
    return next((word.removesuffix(ending) for ending in endings if word.endswith(ending)), word)


def _total_key(plan: PanelPlan, words: list[str], total: str) -> str:
    """A total's key; an item list may give its own meaning to 合计 (all_total)."""
    own = next((plan.panel.row_words[word] for word in words if word in plan.panel.row_words), total)
    return own if plan.panel.items_as_rows and not plan.panel.codes and not plan.has_items else total


def _item_meaning(plan: PanelPlan, labels: list[str], words: list[str]) -> Meaning:
    label = labels[-1] if labels else ""
    key = _item_key(plan, words)
    if any(is_memo(text) for text in labels):
        return Meaning("memo", key or bare(label), label)
    if key and plan.panel.items_as_rows and plan.has_items:
        return Meaning("unknown", "", label)  # an item both by its row and by its column
    if key:
        return Meaning("item", key, label)
    code, name = code_and_name(label) if plan.panel.codes or plan.panel.classes else ("", "")
    if code and plan.panel.classes:
        known = class_names().get(bare(name)) == code
        return Meaning("item" if known else "unknown", code if known else "", label)
    return _coded(plan, code, name) if code else Meaning("unknown", "", label)


def _item_key(plan: PanelPlan, words: list[str]) -> str:
    """The item that the labels name, the last label first; 小计 stands for the label before it."""
    for word in reversed(words):
        if word not in common_words.total_words() and (key := _key_of_word(plan, word)):
            return key
        if word not in common_words.amount_words():
            return ""
    return ""


def _key_of_word(plan: PanelPlan, word: str) -> str:
    """The item that a word names, with 小计 behind it or not; of 财政拨款收入(一般公共预算) the part that is in brackets."""
    known = plan.panel.row_words
    if key := known.get(word) or known.get(_without_end(word, common_words.shared_words().subtotals)):
        return key
    parted = _FUND_IN_BRACKETS.match(word)
    whole, part = (known.get(parted[1], ""), known.get(parted[2], "")) if parted else ("", "")
    above = plan.panel.above_column if plan.panel.items_as_rows else plan.panel.above_row
    return part if whole and whole in above.get(part, []) else ""
