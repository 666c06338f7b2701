"""What each column of a table holds, from the words above it and from what stands in it."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, replace

from transforms import forms
from transforms.forms import Form, Panel
from transforms.layout import Block, cell_text
from transforms.text import bare, header_words, is_memo
from transforms.workbook import Cell, Sheet

STRUCTURAL = ("aside", "code", "label", "index", "remark", "body")


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


@dataclass(frozen=True)
class PanelPlan:
    """A part of a table that is read as one panel of a form."""

    key: str
    panel: Panel
    columns: tuple[Column, ...]

    def of_kind(self, *kinds: str) -> list[Column]:
        return [column for column in self.columns if column.kind in kinds]


def header_paths(block: Block) -> list[tuple[str, ...]]:
    """For each column the header texts above its data, from top to bottom, merged ranges resolved."""
    sheet = block.sheet
    width = max((len(sheet.rows[r]) for r in [*block.header, *block.data]), default=0)
    width = max([width, *(right + 1 for top, _, _, right in sheet.merges if top in block.header)])
    lines = [_header_line(sheet, block.header, position, width) for position in range(len(block.header))]
    return [tuple(dict.fromkeys(line[c] for line in lines if line[c])) for c in range(width)]


def header_cell(block: Block, column: int) -> Cell:
    """The lowest header cell that stands over a column."""
    found = [block.sheet.origin(r, column) for r in block.header if block.sheet.shown(r, column) != ""]
    return found[-1] if found else ((block.header or block.data)[0], column)


def strange_headers(block: Block, form: Form) -> list[tuple[Cell, str]]:
    """The header cells, with their texts, that a form knows nothing of."""
    known = set(forms.structure_words()) | set(forms.amount_words()) | form.neutral_headings
    for panel in form.panels.values():
        known |= set(panel.column_words) | set(panel.text_words) | panel.heading_words
    cells = [((r, c), v) for r in block.header for c, v in enumerate(block.sheet.rows[r])]
    return [(cell, v) for cell, v in cells if isinstance(v, str) and v and forms.header_key(v) not in known]


def _header_line(sheet: Sheet, header: list[int], position: int, width: int) -> list[str]:
    """The texts of one header row, a group's text standing over each of its columns."""
    row = header[position]
    below = header[position + 1 :]
    line: list[str] = []
    for c in range(width):
        text = str(sheet.shown(row, c))
        if (
            not text
            and c
            and line[c - 1]
            and _spills(sheet, row, c)
            and any(sheet.shown(r, c) != "" for r in below)
        ):
            text = line[c - 1]
        line.append(text)
    return line


def _spills(sheet: Sheet, row: int, column: int) -> bool:
    """Whether the blank beside a group heading belongs to the group: no merged range says where the group ends."""
    left = (row, column - 1)
    covered = sheet.origin(*left) != left or any(m[0] == row and m[1] == column - 1 for m in sheet.merges)
    return not covered


def split_panels(block: Block, paths: list[tuple[str, ...]], form: Form) -> list[list[int]]:
    """Columns grouped into tables that stand side by side: a new one begins where codes or names follow amounts,
    or words under a heading that nobody knows.
    """
    groups: list[list[int]] = [[]]
    amounts_seen = named = False
    for c, path in enumerate(paths):
        kinds = _structural_kinds(path)
        text = any(_last(path) in panel.text_words for panel in form.panels.values())
        names = bool(kinds & {"code", "code_part", "label"}) or _strange_names(block, c, path)
        if amounts_seen and not text and names:
            groups.append([])
            amounts_seen = named = False
        named = named or names
        amount = named or _last(path) in forms.heading_words()
        amounts_seen = amounts_seen or bool(path and not kinds and not text and not names and amount)
        groups[-1].append(c)
    return groups


def _strange_names(block: Block, index: int, path: tuple[str, ...]) -> bool:
    """Whether a column under an unknown heading holds words: names, as far as anybody can tell."""
    if not path or _last(path) in forms.heading_words():
        return False
    texts, figures = _content(block, index)
    return texts > figures


def plan_panel(
    block: Block, paths: list[tuple[str, ...]], indices: list[int], key: str, form: Form
) -> PanelPlan:
    """The columns of one panel of a form."""
    panel, neutral = form.panels[key], form.neutral_headings
    columns: list[Column] = []
    for c in indices:
        columns.append(_plan_column(block, c, paths[c], panel, neutral, columns))
    columns = _divisions(_of_another_list(_codes_by_content(block, columns, panel)), panel)
    columns = _rename(_measures_by_year(columns), panel)
    return PanelPlan(key, panel, tuple(_without_twins(columns)))


def _of_another_list(columns: list[Column]) -> list[Column]:
    """Amounts beside nothing but codes that are set aside (501, 502 …) are theirs."""
    kinds = {column.kind for column in columns}
    other = any("aside" in _structural_kinds(column.path) for column in columns)
    if not other or kinds & {"code", "label", "text", "body"}:
        return columns
    return [replace(column, kind="aside") if column.kind == "amount" else column for column in columns]


def _divisions(columns: list[Column], panel: Panel) -> list[Column]:
    """Columns that divide the total further are set aside where the total stands beside them."""
    if not any(column.kind == "amount" and column.key == "total" for column in columns):
        return columns
    return [
        replace(column, kind="aside")
        if column.kind == "unknown"
        and any(forms.header_key(word) in panel.aside_words for word in column.path)
        else column
        for column in columns
    ]


def _without_twins(columns: list[Column]) -> list[Column]:
    """Two columns of one meaning have none: nobody can say which of them counts."""
    meanings = Counter((column.key, column.measure) for column in columns if column.kind == "amount")
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
    if _last(path) in panel.text_words:
        return Column(index, "text", panel.text_words[_last(path)], path=path)
    kinds = _structural_kinds(path)
    if kinds and not _is_amount_after_all(block, index, path, panel, before):
        kind = next(kind for kind in STRUCTURAL if kind in kinds or (kind == "code" and "code_part" in kinds))
        return Column(index, kind, path=path)
    return _amount_column(index, path, panel, neutral)


def _goes_on_with_names(block: Block, index: int, before: list[Column]) -> bool:
    """Whether a column without heading holds names that belong to the name column on its left."""
    if not before or before[-1].kind not in ("code", "label") or before[-1].index != index - 1:
        return False
    texts, figures = _content(block, index)
    return texts > figures


def _is_amount_after_all(
    block: Block, index: int, path: tuple[str, ...], panel: Panel, before: list[Column]
) -> bool:
    """项目 heads names on one form and project expenditure on the next: names stand first and hold text."""
    if _last(path) not in panel.column_words or not any(
        column.kind in ("code", "label") for column in before
    ):
        return False
    texts, figures = _content(block, index)
    return figures > 0 or texts == 0


def _structural_kinds(path: tuple[str, ...]) -> Set[str]:
    kinds = [forms.kinds_of(text) for text in path]
    if any("aside" in each for each in kinds):
        return frozenset({"aside"})
    if any("body" in each for each in kinds[:-1]) and kinds[-1] & {"code", "label"}:
        return frozenset({"body"})
    return kinds[-1] if kinds else frozenset()


def _last(path: tuple[str, ...]) -> str:
    return forms.header_key(path[-1]) if path else ""


def _amount_column(index: int, path: tuple[str, ...], panel: Panel, neutral: frozenset[str]) -> Column:
    words = [header_words(text) for text in path]
    year = next((year for _, year, _ in reversed(words) if year), None)
    unit = next((unit for _, _, unit in reversed(words) if unit), "")
    key, measure = column_key(tuple(text for text, _, _ in words), panel, neutral)
    if not key:
        return Column(index, "aside" if _is_of_which(path, panel) else "unknown", path=path)
    return Column(index, "amount", key, measure, unit, year, path)


def _is_of_which(path: tuple[str, ...], panel: Panel) -> bool:
    """Whether a column is a part (其中：教育收费) of the column under the same heading, which the form knows."""
    return len(path) > 1 and is_memo(path[-1]) and forms.header_key(path[-2]) in panel.column_words


def column_key(words: tuple[str, ...], panel: Panel, neutral: frozenset[str]) -> tuple[str, str]:
    """(column key, measure) of a header path; ('', '') where one of its words is unknown.

    A word such as 金额 or 小计 stands for the nearest heading above it that the form knows; a heading above a
    known word must contain it. `neutral`: headings that say nothing of their own.
    """
    known = panel.column_words
    measures = [forms.amount_words().get(word, "") for word in words]
    measure = next((name for name in reversed(measures) if name not in ("", "amount")), "amount")
    own = known.get(words[-1])
    if not own and not measures[-1] and words[-1]:
        return "", ""
    above = [known[word] for word in words[:-1] if word in known and not forms.amount_words().get(word)]
    parts = [f"{upper}.{own}" for upper in above if own and f"{upper}.{own}" in panel.above_column]
    if parts and not measures[-1]:
        own, above = parts[-1], above[-1:]
    above = [
        upper
        for upper in above
        if upper != "current_total" or not own or upper in panel.above_column.get(own, [])
    ]
    if any(not _is_heading(word, panel, neutral) for word in words[:-1]):
        return "", ""
    key = above[-1] if above and measures[-1] else own or (above[-1] if above else next(iter(panel.columns)))
    if any(upper != key and upper not in panel.above_column.get(key, []) for upper in above):
        return "", ""
    return key, panel.measure_of(key) if measure == "amount" else measure


def _is_heading(word: str, panel: Panel, neutral: frozenset[str]) -> bool:
    """Whether a word above others is one that the form knows there."""
    known = neutral | panel.heading_words
    return not word or word in panel.column_words or word in known or word.removeprefix("本年") in known


def _codes_by_content(block: Block, columns: list[Column], panel: Panel) -> list[Column]:
    """Among columns headed 科目, those with digits are codes and those with words are names."""
    if panel.codes is None:
        return [replace(column, kind="label") if column.kind == "code" else column for column in columns]
    found = []
    for column in columns:
        texts, figures = _content(block, column.index) if column.kind in ("code", "label") else (0, 0)
        if column.kind == "code" and texts > figures and not _is_code_part(column):
            column = replace(column, kind="label")
        elif column.kind == "label" and figures > texts and not any(c.kind == "code" for c in columns):
            column = replace(column, kind="code")
        found.append(column)
    return found


def _is_code_part(column: Column) -> bool:
    return "code_part" in _structural_kinds(column.path)


def _content(block: Block, index: int) -> tuple[int, int]:
    """How many data cells of a column hold words (totals and fillers apart) and how many hold figures."""
    texts = figures = 0
    for r in block.data:
        value = block.sheet.at(r, index)
        if value == "":
            continue
        text = cell_text(value)
        if not text:
            figures += 1
        elif bare(text) not in forms.total_words() and text not in forms.filler_words():
            texts += 1
    return texts, figures


def _measures_by_year(columns: list[Column]) -> list[Column]:
    """Of two columns that differ by the year in their heading only, the earlier is last year's."""
    years = {column.year for column in columns if column.year and column.kind == "amount"}
    if len(years) < 2:
        return columns
    latest = max(year for year in years if year)
    return [
        replace(column, measure="previous")
        if column.year and column.year < latest and column.measure == "amount"
        else column
        for column in columns
    ]


def _renamed(column: Column, becomes: str, strange: bool) -> Column:  # noqa: FBT001
    """The column under its other meaning; unknown beside columns that nobody knows."""
    return replace(column, kind="unknown") if strange else replace(column, key=becomes)


def _rename(columns: list[Column], panel: Panel) -> list[Column]:
    present = {column.key for column in columns}
    strange = any(column.kind == "unknown" for column in columns)
    for key, rename in panel.unless.items():
        if not present & set(rename.without):
            columns = [
                _renamed(column, rename.becomes, strange) if column.key == key else column
                for column in columns
            ]
    return columns
