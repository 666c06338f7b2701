"""What each column of a table holds, from the words above it and from what stands in it."""

from collections import Counter
from dataclasses import dataclass, replace

from transforms import forms
from transforms.forms import Form, Panel
from transforms.money import parse_number, without_percent
from transforms.once import Recent, once
from transforms.tables.column_keys import column_key
from transforms.tables.heads import STRUCTURAL, Paths, lowest_word, structural_kinds
from transforms.tables.layout import Block
from transforms.wording.body_names import BODY_KEY, body_key, names_body
from transforms.wording.text import header_words, is_memo
from transforms.wording.words import WORDS


@dataclass(frozen=True)
class Column:
    """One column: kind is code, label, index, remark, body, text, amount, aside, blank or unknown."""

    index: int
    kind: str
    key: str = ""
    measure: str = "amount"
    unit: str = ""
    year: int | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PanelPlan:
    """A part of a table that is read as one panel of a form; tables of one header share it, so that it is known by itself."""

    key: str
    panel: Panel
    columns: tuple[Column, ...]

    @once
    def meanings(self) -> Recent:
        """What rows of certain cells have meant so far (rows.py)."""
        return Recent()

    @once
    def lines(self) -> Recent:
        """What rows of certain meanings have said of their figures so far (tidy.py)."""
        return Recent()

    @once
    def has_items(self) -> bool:
        """Whether some column holds an item of a form whose items may be columns or rows."""
        plain = ("total", "all_total", *self.panel.measures)
        keys = (column.key for column in self.of_kind("amount"))
        return any(key not in plain and not key.startswith(BODY_KEY) for key in keys)

    @once
    def _by_kind(self) -> dict[tuple[str, ...], list[Column]]:
        return {}

    def of_kind(self, *kinds: str) -> list[Column]:
        """The columns of some kinds, in their order."""
        if kinds not in self._by_kind:
            self._by_kind[kinds] = [column for column in self.columns if column.kind in kinds]
        return self._by_kind[kinds]

    def without_amounts(self, kind: str) -> "PanelPlan":
        """The part as a list that is not used (aside), or of which nothing says what it lists (unknown)."""
        columns = (
            replace(column, kind=kind) if column.kind == "amount" else column for column in self.columns
        )
        return PanelPlan(self.key, self.panel, tuple(columns))


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
    columns = _without_second_list(_names_at_last(block, _categories(block, columns, panel), panel))
    columns = _divisions(_of_another_list(_codes_by_content(block, columns, panel)), panel)
    columns = _of_bodies(columns, panel)
    columns = _rename(block, _measures_by_year(columns, panel), panel)
    dated = _one_dated_of_two(columns)
    plain = [column for column in columns if column not in dated]
    kept = {column.index: column for column in (*without_twins(plain, panel), *dated)}
    return PanelPlan(key, panel, tuple(kept[column.index] for column in columns))


def _one_dated_of_two(columns: list[Column]) -> list[Column]:
    """Of two columns of one meaning the one under a year: last year's, where the table is of a later one (tidy.py)."""
    amounts = [column for column in columns if column.kind == "amount"]
    years = {(c.key, c.measure, c.year) for c in amounts}
    twice = Counter((c.key, c.measure) for c in amounts)
    return [
        c for c in amounts if c.year and twice[c.key, c.measure] == 2 and (c.key, c.measure, None) in years
    ]


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


def _without_second_list(columns: list[Column]) -> list[Column]:
    """Codes behind names, under another heading than the codes before, are of another list: nobody knows which."""
    codes = [column for column in columns if column.kind == "code" and len(column.path) > 1]
    names = [column.index for column in columns if column.kind == "label"]
    heading = codes[0].path[0] if codes else ""
    others = {c.path[0] for c in codes if c.path[0] != heading and names and c.index > names[0]}
    if not others:
        return columns
    return [
        replace(column, kind="unknown")
        if column.kind in ("code", "label") and column.path and column.path[0] in others
        else column
        for column in columns
    ]


def _of_another_list(columns: list[Column]) -> list[Column]:
    """Amounts of a list that is set aside (501, 502 …): beside no other names, or right of it behind others' amounts."""
    others = [c.index for c in columns if c.kind == "aside" and "aside" in structural_kinds(c.path)]
    if any(c.kind in ("code", "label", "text", "body") for c in columns):
        first = min((c.index for c in columns if c.kind == "amount"), default=len(columns))
        others = [index for index in others if index > first]
        begins = min(others, default=0)
    else:
        begins = 0
    if not others:
        return columns
    return [replace(c, kind="aside") if c.kind == "amount" and c.index >= begins else c for c in columns]


def _divisions(columns: list[Column], panel: Panel) -> list[Column]:
    """Columns that divide another one further are set aside where that one stands beside them."""
    held = {column.key for column in columns if column.kind == "amount"}
    held |= {"total"} if next(iter(panel.columns)) in held else set()
    return [
        replace(column, kind="aside")
        if column.kind == "unknown" and _divided(column, panel) <= held
        else column
        for column in columns
    ]


def _of_bodies(columns: list[Column], panel: Panel) -> list[Column]:
    """Columns under names of bodies beside the total of all of them, where nothing else is strange."""
    strange = [column for column in columns if column.kind == "unknown"]
    wholes = ("total", next(iter(panel.columns)))
    total = any(column.kind == "amount" and column.key in wholes for column in columns)
    if not total or not all(len(column.path) == 1 and names_body(column.path[0]) for column in strange):
        return columns
    return [
        replace(column, kind="amount", key=body_key(column.path[0])) if column in strange else column
        for column in columns
    ]


def _divided(column: Column, panel: Panel) -> set[str]:
    """The keys of what a column of words that only divide divides: the total, and what it stands under; '' for others.

    Words that also head amounts (本年预算) divide only where no other word stands below them.
    """
    words = [forms.header_key(word) for word in column.path]
    groups = [word for word in words[:-1] if word not in forms.amount_words()]
    if not panel.aside_words.intersection([*groups, *words[-1:]]):
        return {""}
    return {"total"} | {panel.column_words[word] for word in words[:-1] if word in panel.column_words}


def without_twins(columns: list[Column], panel: Panel) -> list[Column]:
    """Two columns of one meaning have none: nobody can say which of them counts.

    But beside a 合计 those under words that also divide it (本年预算 beside 上年结转) are set aside.
    """
    meanings = Counter((column.key, column.measure) for column in columns if column.kind == "amount")
    twins = [c for c in columns if c.kind == "amount" and meanings[c.key, c.measure] > 1]
    wholes = {(c.key, c.measure) for c in twins if lowest_word(c.path) in forms.total_words()}
    parts = [c for c in twins if (c.key, c.measure) in wholes and lowest_word(c.path) in panel.aside_words]
    if parts:
        return without_twins([replace(c, kind="aside") if c in parts else c for c in columns], panel)
    return [
        replace(column, kind="unknown")
        if meanings[column.key, column.measure] > 1 and column.kind == "amount"
        else column
        for column in columns
    ]


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
        or lowest_word(path) not in forms.group_words()
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
    if not key or (len(path) == 1 and is_memo(path[0]) and words[0][0] in forms.amount_words()):
        return Column(index, "aside" if _is_of_which(path, panel) else "unknown", path=path)
    return Column(index, "amount", key, measure, unit, year, path)


def _is_of_which(path: tuple[str, ...], panel: Panel) -> bool:
    """Whether a column is a part (其中：教育收费) of the column under the same heading, which the form knows."""
    return len(path) > 1 and is_memo(path[-1]) and forms.header_key(path[-2]) in panel.column_words


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


def _measures_by_year(columns: list[Column], panel: Panel) -> list[Column]:
    """Of two columns that differ by the year in their heading only, the earlier is last year's.

    What is none of amounts by its nature (which fund pays, quantities) is of this year only.
    """
    years = {column.year for column in columns if column.year and column.kind == "amount"}
    if len(years) < 2:
        return columns
    latest = max(year for year in years if year)
    columns = [
        replace(column, kind="aside")
        if column.year and column.year < latest and column.measure in panel.measures
        else column
        for column in columns
    ]
    return [
        replace(column, measure="previous")
        if column.year and column.year < latest and column.measure == "amount"
        else column
        for column in columns
    ]


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
