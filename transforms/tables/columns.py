"""What each column of a table holds, from the words above it and from what stands in it."""

from dataclasses import replace

from transforms import common_words, forms
from transforms.forms import Form, Panel
from transforms.money import parse_number, without_percent
from transforms.tables.column_keys import column_key
from transforms.tables.companions import (
    divisions,
    measures_by_year,
    no_wholes_of_which,
    of_another_list,
    of_bodies,
    one_dated_of_two,
    only_sure_parts,
    stages_before,
    without_second_list,
    without_twins,
)
from transforms.tables.heads import STRUCTURAL, Paths, lowest_word, structural_kinds
from transforms.tables.layout import Block
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.restated import without_restated
from transforms.wording.text import header_words, is_memo
from transforms.wording.words import WORDS


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
        names = bool(kinds & {"code", "code_part", "label"}) or _strange_names(block, c, path)
        if named and lowest_word(path) in amounts and _holds_figures(block, c):
            kinds, names = frozenset(), False
        if amounts_seen and not text and names:
            groups.append([])
            amounts_seen = named = False
        named = named or names
        amount = named or lowest_word(path) in forms.heading_words()
        amounts_seen = amounts_seen or bool(path and not kinds and not text and not names and amount)
        groups[-1].append(c)
    return groups


def _holds_figures(block: Block, index: int) -> bool:
    """Whether a column holds figures rather than words: amounts, if its heading may head some (项目 beside 基本)."""
    texts, figures = block.content(index)
    return figures > texts


def _strange_names(block: Block, index: int, path: tuple[str, ...]) -> bool:
    """Whether a column under an unknown heading holds words: names, as far as anybody can tell."""
    if not path or lowest_word(path) in forms.heading_words():
        return False
    texts, figures = block.content(index)
    return texts > figures


def plan_panel(block: Block, paths: Paths, indices: list[int], key: str, form: Form) -> PanelPlan:
    """The columns of one panel of a form."""
    panel, neutral = form.panels[key], form.neutral_headings
    columns: list[Column] = []
    for c in indices:
        columns.append(_plan_column(block, c, paths[c], panel, neutral, columns))
    columns = without_second_list(_names_at_last(block, _categories(block, columns, panel), panel))
    columns = divisions(of_another_list(_codes_by_content(block, columns, panel)), panel)
    columns = no_wholes_of_which(stages_before(columns), panel)
    columns = only_sure_parts(of_bodies(columns, panel))
    columns = _rename(block, without_restated(measures_by_year(columns, panel)), panel)
    dated = one_dated_of_two(columns)
    plain = [column for column in columns if column not in dated]
    kept = {column.index: column for column in (*without_twins(plain, panel), *dated)}
    return PanelPlan(key, panel, tuple(kept[column.index] for column in columns))


def _categories(block: Block, columns: list[Column], panel: Panel) -> list[Column]:
    """Categories (货物, 工程, 服务) are known by themselves where no heading promises any, before all other texts."""
    key = next((key for key in panel.texts if panel.categories), "")
    lead = next((column for column in columns if column.kind not in ("index", "blank", "body")), None)
    if not key or lead is None or lead.kind != "unknown" or any(column.key == key for column in columns):
        return columns
    if said_by_words(block, lead.index, panel) != "categories":
        return columns
    return [replace(column, kind="text", key=key) if column is lead else column for column in columns]


def said_by_words(block: Block, index: int, panel: Panel) -> str:
    """What the words of a column say that it holds, whatever stands above it: shares, categories; '' for anything else."""
    words = {WORDS[value] for value in block.column(index) if isinstance(value, str) and value}
    if any(parse_number(without_percent(word.text)) is not None for word in words):
        return "shares"
    telling = [word for word in words if word.names]
    return "categories" if telling and all(word.bare in panel.category_words for word in telling) else ""


def _names_at_last(block: Block, columns: list[Column], panel: Panel) -> list[Column]:
    """Where no heading promises names, the words that stand before all else are the names, whatever is above them."""
    if any(column.kind in ("code", "label", "body", "text") for column in columns):
        return columns
    lead = next((column for column in columns if column.kind not in ("index", "blank")), None)
    if lead is None or lead.kind != "unknown" or not _holds_words(block, lead):
        return columns
    if said_by_words(block, lead.index, panel) == "shares":
        return columns
    return [replace(column, kind="label") if column is lead else column for column in columns]


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
        kind = next(kind for kind in STRUCTURAL if kind in kinds or (kind == "code" and "code_part" in kinds))
        return Column(index, kind, path=path)
    if _heads_names(block, index, path, before):
        return Column(index, "label", path=path)
    return _amount_column(index, path, panel, neutral)


def _heads_names(block: Block, index: int, path: tuple[str, ...], before: list[Column]) -> bool:
    """Whether a heading of groups (资金来源) stands alone over words, before any amounts or other names."""
    if (
        len(path) > 1
        or lowest_word(path) not in common_words.group_words()
        or any(c.kind != "index" for c in before)
    ):
        return False
    texts, figures = block.content(index)
    return texts > figures


def _goes_on_with_names(block: Block, index: int, before: list[Column]) -> bool:
    """Whether a column without heading holds names that belong to the name column on its left."""
    if not before or before[-1].kind not in ("code", "label") or before[-1].index != index - 1:
        return False
    texts, figures = block.content(index)
    return texts > figures


def _is_amount_after_all(
    block: Block, index: int, path: tuple[str, ...], panel: Panel, before: list[Column]
) -> bool:
    """项目 heads names on one form and project expenditure on the next: names stand first and hold text."""
    if lowest_word(path) not in panel.column_words or not any(
        column.kind in ("code", "label") for column in before
    ):
        return False
    texts, figures = block.content(index)
    return figures > 0 or texts == 0


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


def _codes_by_content(block: Block, columns: list[Column], panel: Panel) -> list[Column]:
    """Among columns headed 科目, those with digits are codes and those with words are names."""
    if panel.codes is None:
        return [replace(column, kind="label") if column.kind == "code" else column for column in columns]
    found = []
    for column in columns:
        texts, figures = block.content(column.index) if column.kind in ("code", "label") else (0, 0)
        if column.kind == "code" and texts > figures and not _is_code_part(column):
            column = replace(column, kind="label")
        elif column.kind == "label" and figures > texts and not any(c.kind == "code" for c in columns):
            column = replace(column, kind="code")
        found.append(column)
    return found


def _is_code_part(column: Column) -> bool:
    return "code_part" in structural_kinds(column.path)


def _holds_words(block: Block, column: Column) -> bool:
    """Whether a column under words that nobody knows holds words and no figures, so that it hides no amounts."""
    texts, figures = block.content(column.index)
    return texts > 0 and not figures and lowest_word(column.path) not in forms.heading_words()


def _renamed(column: Column, becomes: str, strange: bool) -> Column:  # noqa: FBT001
    """The column under its other meaning; unknown beside columns that nobody knows."""
    return replace(column, kind="unknown") if strange else replace(column, key=becomes)


def _rename(block: Block, columns: list[Column], panel: Panel) -> list[Column]:
    present = {column.key for column in columns}
    strange = any(column.kind == "unknown" and not _holds_words(block, column) for column in columns)
    for key, rename in panel.unless.items():
        if not present & set(rename.without):
            columns = [
                _renamed(column, rename.becomes, strange) if column.key == key else column
                for column in columns
            ]
    return columns
