"""What each column of a table holds, from the words above it and from what stands in it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise

from transforms import common_words, forms
from transforms.forms import Form, Panel
from transforms.money import parse_number, without_percent
from transforms.tables.block import Block
from transforms.tables.classes import classes_of_types
from transforms.tables.column_keys import column_key
from transforms.tables.companions import BESIDE, Step, lone_parts, second_list, settled, undated_twins
from transforms.tables.heads import STRUCTURAL, Paths, lowest_word, structural_kinds
from transforms.tables.levels import levels_of_money
from transforms.tables.plan import Column, PanelPlan, as_kind
from transforms.tables.restated import restated_columns
from transforms.wording.text import header_words, is_memo
from transforms.wording.words import WORDS

_NAMES = frozenset({"code", "code_part", "label"})
_BESIDE_NAMES = frozenset({"index", "body"})


def split_panels(block: Block, paths: Paths, form: Form) -> list[list[int]]:
    """Columns grouped into tables that stand side by side: a new one begins where codes or names follow amounts,
    or words under a heading that nobody knows.
    """
    amounts = {word for panel in form.panels.values() for word in panel.column_words}
    groups: list[list[int]] = [[]]
    amounts_seen = named = False
    for c, path in enumerate(paths):
        kinds = structural_kinds(path)
        text = any(lowest_word(path) in panel.text_words for panel in form.panels.values())
        names = bool(kinds & _NAMES) or _strange_names(block, c, path)
        if named and lowest_word(path) in amounts and _holds_figures(block, c):
            kinds, names = frozenset(), False
        if amounts_seen and not text and names:
            groups.append([])
            amounts_seen = named = False
        named = named or names
        amount = named or lowest_word(path) in forms.heading_words()
        amounts_seen = amounts_seen or bool(path and not kinds and not text and not names and amount)
        groups[-1].append(c)
    return _nothing_named(block, _names_behind(_under_own_headings(groups, paths), paths), paths)


def _under_own_headings(groups: list[list[int]], paths: Paths) -> list[list[int]]:
    """The groups, numbering and bodies at the end of one belonging to the next where they stand under its heading (支出)."""
    for left, right in pairwise(groups):
        above = paths[right[0]][:1]
        while (
            len(left) > 1
            and structural_kinds(paths[left[-1]]) & _BESIDE_NAMES
            and _stands_under(paths[left[-1]], above)
        ):
            right.insert(0, left.pop())
    return groups


def _stands_under(path: tuple[str, ...], above: tuple[str, ...]) -> bool:
    return len(path) > 1 and path[:1] == above


def _names_behind(groups: list[list[int]], paths: Paths) -> list[list[int]]:
    """The groups as one list where codes and names stand behind all amounts, which have none in front of them."""
    kinds = [{kind for c in group for kind in structural_kinds(paths[c])} for group in groups]
    if len(groups) != 2 or kinds[0] & _NAMES:
        return groups
    return [groups[0] + groups[1]] if _heads_no_amounts(groups[1], paths) else groups


def _nothing_named(block: Block, groups: list[list[int]], paths: Paths) -> list[list[int]]:
    """The groups without a last one of names alone that holds figures and no words: these are of the group before."""
    if len(groups) == 1:
        return groups
    *front, before, last = groups
    words = any(_holds_words(block, c) for c in last)
    return groups if words or not _heads_no_amounts(last, paths) else [*front, before + last]


def _heads_no_amounts(group: list[int], paths: Paths) -> bool:
    """Whether nothing but codes, names and remarks is headed by the columns of a group."""
    return all(structural_kinds(paths[c]) & (_NAMES | {"remark"}) or not paths[c] for c in group)


def _holds_figures(block: Block, index: int) -> bool:
    """Whether a column holds figures rather than words: amounts, if its heading may head some (项目 beside 基本)."""
    texts, figures = block.content(index)
    return figures > texts


def _holds_words(block: Block, index: int) -> bool:
    """Whether a column holds words rather than figures."""
    texts, figures = block.content(index)
    return texts > figures


def _strange_names(block: Block, index: int, path: tuple[str, ...]) -> bool:
    """Whether a column under an unknown heading holds words: names, as far as anybody can tell."""
    return bool(path) and lowest_word(path) not in forms.heading_words() and _holds_words(block, index)


def plan_panel(block: Block, paths: Paths, indices: list[int], key: str, form: Form) -> PanelPlan:
    """The columns of one panel of a form: by what stands above each and in it, then by the columns beside it."""
    columns: list[Column] = []
    for c in indices:
        columns.append(_plan_column(block, c, paths[c], form.panels[key], form.neutral_headings, columns))
    steps: tuple[Step, ...] = (
        partial(_categories, block),
        partial(_names_at_last, block),
        second_list,
        partial(_codes_by_content, block),
        partial(classes_of_types, block),
        partial(levels_of_money, block),
        *BESIDE,
        restated_columns,
        lone_parts,
        partial(_renamed, block),
        undated_twins,
    )
    return settled(PanelPlan(key, form.panels[key], tuple(columns)), steps)


def _categories(block: Block, plan: PanelPlan) -> Iterator[Column]:
    """Categories (货物, 工程, 服务) are known by themselves where no heading promises any, before all other texts."""
    key = next((key for key in plan.panel.texts if plan.panel.categories), "")
    lead = next((column for column in plan.columns if column.kind not in ("index", "blank", "body")), None)
    if not key or lead is None or lead.kind != "unknown" or any(column.key == key for column in plan.columns):
        return
    if said_by_words(block, lead.index, plan.panel) == "categories":
        yield replace(lead, kind="text", key=key)


def said_by_words(block: Block, index: int, panel: Panel) -> str:
    """What the words of a column say that it holds, whatever stands above it: shares, categories; '' for anything else."""
    texts = block.texts_in(index)
    if any(parse_number(without_percent(text)) is not None for text in texts):
        return "shares"
    telling = (word.bare for word in map(WORDS.__getitem__, texts) if word.names)
    known = (word in panel.category_words for word in telling if word not in panel.row_words)
    return "categories" if next(known, False) and all(known) else ""


def _names_at_last(block: Block, plan: PanelPlan) -> list[Column]:
    """Where no heading promises names, the words that stand before all else are the names, whatever is above them."""
    lead = next((column for column in plan.columns if column.kind not in ("index", "blank")), None)
    if plan.of_kind("code", "label", "body", "text") or lead is None or lead.kind != "unknown":
        return []
    shares = said_by_words(block, lead.index, plan.panel) == "shares"
    return [] if shares or not _hides_no_amounts(block, lead) else as_kind("label", [lead])


def _plan_column(
    block: Block,
    index: int,
    path: tuple[str, ...],
    panel: Panel,
    neutral: frozenset[str],
    before: list[Column],
) -> Column:
    if not path:
        return Column(index, "label" if _goes_on_with_names(block, index, before) else "blank")
    if lowest_word(path) in panel.text_words:
        return Column(index, "text", panel.text_words[lowest_word(path)], path=path)
    kinds = structural_kinds(path)
    if kinds and not _is_amount_after_all(block, index, path, panel, before):
        if kinds & _NAMES and _names_nothing(block, index, before):
            return Column(index, "unknown", path=path)
        kind = next(kind for kind in STRUCTURAL if kind in kinds or (kind == "code" and "code_part" in kinds))
        return Column(index, kind, path=path)
    if _heads_names(block, index, path, before):
        return Column(index, "label", path=path)
    return _amount_column(index, path, panel, neutral)


def _names_nothing(block: Block, index: int, before: list[Column]) -> bool:
    """Whether a column called one of names holds figures behind names and amounts: what they are nobody says."""
    kinds = [column.kind for column in before]
    in_front = kinds[: kinds.index("amount")] if "amount" in kinds else []
    return not _NAMES.isdisjoint(in_front) and _holds_figures(block, index)


def _heads_names(block: Block, index: int, path: tuple[str, ...], before: list[Column]) -> bool:
    """Whether a heading of groups (资金来源) stands alone over words, before any amounts or other names."""
    alone = len(path) == 1 and lowest_word(path) in common_words.group_words()
    first = all(column.kind == "index" or _is_empty(block, column) for column in before)
    return alone and first and _holds_words(block, index)


def _is_empty(block: Block, column: Column) -> bool:
    """Whether a column has neither a heading nor anything below it."""
    return column.kind == "blank" and block.is_blank(column.index)


def _goes_on_with_names(block: Block, index: int, before: list[Column]) -> bool:
    """Whether a column without heading holds names that belong to the name column on its left."""
    names = bool(before) and before[-1].kind in ("code", "label") and before[-1].index == index - 1
    return names and _holds_words(block, index)


def _is_amount_after_all(
    block: Block, index: int, path: tuple[str, ...], panel: Panel, before: list[Column]
) -> bool:
    """项目 heads names on one form and project expenditure on the next: names stand first and hold text."""
    if lowest_word(path) not in panel.column_words or not any(
        column.kind in ("code", "label") for column in before
    ):
        return False
    texts, figures = block.content(index)
    return figures >= texts


def _amount_column(index: int, path: tuple[str, ...], panel: Panel, neutral: frozenset[str]) -> Column:
    words = [header_words(text) for text in path]
    year = next((year for _, year, _ in reversed(words) if year), None)
    unit = next((unit for _, _, unit in reversed(words) if unit), "")
    key, measure = column_key(tuple(text for text, _, _ in words), panel, neutral)
    measure = "percent" if (measure, unit) == ("change", "%") else measure
    if not key or (len(path) == 1 and is_memo(path[0]) and words[0][0] in common_words.amount_words()):
        return Column(index, "aside" if _is_of_which(path, panel) else "unknown", path=path)
    return Column(index, "amount", key, measure, unit, year, path)


def _is_of_which(path: tuple[str, ...], panel: Panel) -> bool:
    """Whether a column is a part (其中：教育收费) of the column under the same heading, which the form knows."""
    return len(path) > 1 and is_memo(path[-1]) and common_words.header_key(path[-2]) in panel.column_words


def _codes_by_content(block: Block, plan: PanelPlan) -> list[Column]:
    """Among columns headed 科目, those with digits are codes and those with words are names."""
    codes, names = plan.of_kind("code"), plan.of_kind("label")
    if plan.panel.codes is None:
        return as_kind("label", codes)
    if not codes:
        return as_kind("code", (column for column in names if _holds_figures(block, column.index)))
    return as_kind("label", (c for c in codes if _holds_words(block, c.index) and not _is_code_part(c)))


def _is_code_part(column: Column) -> bool:
    return "code_part" in structural_kinds(column.path)


def _hides_no_amounts(block: Block, column: Column) -> bool:
    """Whether a column under words that nobody knows holds words and no figures, so that it hides no amounts."""
    texts, figures = block.content(column.index)
    return texts > 0 and not figures and lowest_word(column.path) not in forms.heading_words()


def _renamed(block: Block, plan: PanelPlan) -> Iterator[Column]:
    """Columns that have another meaning without certain ones beside them; unknown beside columns that nobody knows."""
    present = {column.key for column in plan.columns}
    strange = not all(_hides_no_amounts(block, column) for column in plan.of_kind("unknown"))
    for column in plan.columns:
        rename = plan.panel.unless.get(column.key)
        if rename and present.isdisjoint(rename.without):
            yield replace(column, kind="unknown") if strange else replace(column, key=rename.becomes)
