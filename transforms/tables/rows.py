"""What each data row of a table is: a code, an item, a printed total, a position or a remark."""

import re
from collections.abc import Iterable
from dataclasses import replace

from transforms import common_words, forms
from transforms.forms import tree_keys
from transforms.tables.layout import Block
from transforms.tables.named import (
    apart_from_items,
    beside_their_parts,
    bodies_by_rows_below,
    body_as_total,
    details_of_items,
    is_bodys_code,
    is_called,
    is_of_another_list,
    is_subject,
    lists_bodies,
    memos_of_parts,
    subjects_by_name,
    sums_of_the_year,
    without_numbering,
)
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.positions import position_rows
from transforms.tables.row_cells import body_of_row, code_parts, labels_of, name_of_body, open_code
from transforms.tables.set_aside import only_what_is_repeated
from transforms.tables.sums import printed_parts, sum_of
from transforms.tables.totals import settled_totals, sums_of_codes
from transforms.wording.amounts import is_broken
from transforms.wording.body_names import BODY_KEY, body_key, names_body
from transforms.wording.code_text import PART_WIDTH, code_and_name, open_codes
from transforms.wording.meaning import DataRow, Meaning
from transforms.wording.subjects import class_names
from transforms.wording.text import bare, compact, header_words, is_memo, ordinal_depth
from transforms.wording.words import cell_text

_FUND_IN_BRACKETS = re.compile(r"^(.+)\(([^()]+)\)$")


def read_rows(block: Block, plan: PanelPlan, before: DataRow | None = None) -> list[DataRow]:
    """The data rows of a panel, in their order. `before`: the last row of the sheet on which the list began."""
    if plan.panel.categories:
        return settled_totals(list(position_rows(block, plan, before)), block, plan)
    carried = tuple(_parts_of(before.key)) if before and before.kind == "code" else ()
    rows, depends = _coded_rows(block, plan, carried)
    if depends:
        rows = subjects_by_name(_whole_codes(rows, plan), plan)
        rows = body_as_total(memos_of_parts(bodies_by_rows_below(rows), plan), plan)
    rows = settled_totals(rows, block, plan)
    rows = sums_of_the_year(rows, plan) if depends and forms.CURRENT in plan.panel.rows else rows
    rows = beside_their_parts(rows, plan) if plan.panel.beside else rows
    rows = apart_from_items(rows, plan) if plan.panel.apart else rows
    rows = _parts_again(rows, plan) if plan.panel.has_parts else rows
    rows = details_of_items(rows, plan) if depends else rows
    rows = _renamed_items(rows, block, plan) if plan.panel.items_as_rows else rows
    rows = sums_of_codes(only_what_is_repeated(rows, block, plan), block, plan) if depends else rows
    return _by_unit(_by_year(without_numbering(rows, block, plan))) if depends else rows


def _coded_rows(block: Block, plan: PanelPlan, carried: tuple[str, ...]) -> tuple[list[DataRow], bool]:
    """The rows by their codes and names, and whether some of them may mean something else because of those around.

    Rows of equal cells mean the same, in this workbook and in the next.
    """
    split = len(plan.of_kind("code")) > 1
    naming = zip(*(block.column(c.index) or ("",) * len(block.data) for c in _naming(plan)), strict=True)
    merged = block.sheet.merged_rows
    known = plan.meanings
    rows: list[DataRow] = []
    depends = False
    for index, values in zip(block.data, naming if _naming(plan) else ((),) * len(block.data), strict=True):
        key: object = (values, carried) if split else values
        if index in merged:
            key = key, _merged_into(block, plan, index)
        found = known.get(key)
        if found is None:
            found = known[key] = _read_row(block, plan, index, carried)
        parts, meaning, unsure = found
        carried = parts or carried
        depends = depends or unsure
        rows.append(DataRow(index, meaning))
    return rows, depends


def _merged_into(block: Block, plan: PanelPlan, index: int) -> tuple[tuple[object, bool], ...]:
    """What merged ranges show in a row's columns of codes and names, and whether they come down from the header."""
    origins = [block.sheet.origin(index, column.index) for column in _naming(plan)]
    return tuple([(block.sheet.at(*origin), origin[0] < block.data[0]) for origin in origins])


def _read_row(
    block: Block, plan: PanelPlan, index: int, carried: tuple[str, ...]
) -> tuple[tuple[str, ...], Meaning, bool]:
    """The parts of a row's code, its meaning, and whether the rows around it may say that it is something else."""
    columns = plan.of_kind("code")
    parts = code_parts(block.sheet, index, columns, carried)
    meaning = _meaning(block, plan, index, "".join(parts) or open_code(block.sheet, index, columns))
    return parts, meaning, meaning.depends


def _naming(plan: PanelPlan) -> list[Column]:
    """The columns that can say what a row is."""
    return plan.of_kind("code", "label", "index", "body")


def _renamed_items(rows: list[DataRow], block: Block, plan: PanelPlan) -> list[DataRow]:
    """Items whose meaning depends on the others present: 合计 is the total of 三公 where no meetings stand beside it."""
    present = {row.key for row in rows}
    names = {
        key: rename.becomes for key, rename in plan.panel.unless.items() if not present & set(rename.without)
    }
    if any(row.kind == "unknown" for row in rows):
        names = {key: becomes for key, becomes in names.items() if not _closes(rows, key)}
        sure = {key for key, becomes in names.items() if _adds_up(rows, block, plan, key, becomes)}
        rows = [row.but(key=names[row.key]) if row.key in sure else row for row in rows]
        return [row.but(kind="unknown", key="") if row.key in names.keys() - sure else row for row in rows]
    if not any(row.kind in ("item", "memo") for row in rows) and len(rows) > 1:
        return rows
    return [row.but(key=names[row.key]) if row.key in names else row for row in rows]


def _closes(rows: list[DataRow], key: str) -> bool:
    """Whether a total stands below all that is known, and what is strange below it: it is what it is called, no more."""
    at = next((at for at, row in enumerate(rows) if row.kind == "total" and row.key == key), len(rows))
    above, below = ({row.kind for row in part} - {"filler"} for part in (rows[:at], rows[at + 1 :]))
    return below == {"unknown"} and bool(above or key == forms.CURRENT) and "unknown" not in above


def _adds_up(rows: list[DataRow], block: Block, plan: PanelPlan, whole: str, becomes: str) -> bool:
    """Whether a row is the sum of the known parts of what it may become, so that no strange row is in it."""
    indices = {row.key: row.index for row in rows if row.kind in ("item", "memo", "total")}
    parts = [indices[key] for key in printed_parts(plan.panel.columns, becomes, indices)]
    return bool(parts) and whole in indices and sum_of(block, plan, indices[whole], parts).exact


def _whole_codes(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Rows whose code is only its own part (201, 29, 2012901) or short of a nought (201.3): the one code of which the
    codes below are parts or whose subject has the row's name, else unknown."""
    found: list[DataRow] = []
    for position, row in enumerate(rows):
        if row.kind == "code" and (len(row.key) <= PART_WIDTH or open_codes(row.key)):
            wholes = open_codes(row.key) or _wholes(row.key, found)
            below = next((r.key for r in rows[position + 1 :] if r.kind == "code" and len(r.key) > 3), "")
            named = [whole for whole in wholes if is_called(plan, whole, row.label)]
            sure = named or [whole for whole in wholes if below != whole and below.startswith(whole)]
            row = row.but(key=sure[0]) if len(sure) == 1 else row.but(kind="unknown", key=_of_two(row))
        found.append(row)
    return found


def _wholes(part: str, before: list[DataRow]) -> list[str]:
    """The codes that a part may be the end of, by the last code before it."""
    above = next((row.key for row in reversed(before) if row.kind == "code"), "")
    return [above[:size] + part.zfill(PART_WIDTH) for size in (5, 3) if len(above) >= size]


def _of_two(row: DataRow) -> str:
    return row.key if open_codes(row.key) else ""


def _by_year(rows: list[DataRow]) -> list[DataRow]:
    """Of rows that differ by their year only, the earlier is last year's."""
    latest = max((row.meaning.year for row in rows if row.meaning.year), default=0)
    if not latest:
        return rows
    return [
        row.but(measure="previous")
        if row.meaning.year and row.meaning.year < latest and row.meaning.measure == "amount"
        else row
        for row in rows
    ]


def _parts_again(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Items below another of which the form knows them as parts: 上年结转, of it 政府性基金.

    Only where they stood before, or the year's own total did, or their ordinals say so: sources of this year may
    follow 上年结转 too.
    """
    known, seen, above, depth, found = set(tree_keys(plan.panel.rows)), set[str](), "", 0, []
    for row in rows:
        part, own = f"{above}.{row.key}", ordinal_depth(row.label)
        below = seen & {row.key, "current_total"} or own > depth > 0
        if row.kind in ("item", "memo") and part in known and below:
            row = row.but(kind="item", key=part)
        elif row.key:
            seen.add(row.key)
            above, depth = row.key, own
        found.append(row)
    return found


def _by_unit(rows: list[DataRow]) -> list[DataRow]:
    """Rows of bodies (部门, 单位) and those below them; the only body of a list without total stands for the whole.

    Where the list has neither a total nor one body over all, or one row without code among those with, a total
    may hide under words that nobody knows: then none of them is taken.
    """
    bodies = [row.key for row in rows if row.kind == "unit"]
    if not bodies:
        return rows
    named = {(row.key, row.meaning.measure) for row in rows if row.kind == "unit"}
    whole = bodies and not any(row.key == "total" or _sums_a_group(row) for row in rows)
    first = bodies[0] if whole and all(key.startswith(bodies[0]) for key in bodies) else ""
    coded = [key[-1:].isdigit() for key in bodies]
    if len(named) < len(bodies) or (whole and not first) or len(set(coded)) > 1:
        return [row.but(kind="unknown", key="") if row.kind == "unit" else row for row in rows]
    unit, found = "", []
    for row in rows:
        if row.kind == "unit" and row.key == first:
            row = row.but(kind="total", key="total")
        elif row.kind == "unit":
            unit = row.key
        found.append(row.but(unit=row.meaning.unit or unit) if row.kind in ("code", "unit") else row)
    return found


def _sums_a_group(row: DataRow) -> bool:
    """Whether a row is the total of a group of bodies, or one that adds up nothing (totals.py)."""
    return (
        row.key in common_words.total_words()
        if row.kind == "memo"
        else (row.kind, row.key) == ("unknown", "total")
    )


def _meaning(block: Block, plan: PanelPlan, index: int, code: str) -> Meaning:
    labels = labels_of(block, plan, index)
    words = [bare(text) for text in labels]
    label = labels[-1] if labels else ""
    total = next(
        (common_words.total_words()[word] for word in words if word in common_words.total_words()), None
    )
    unit = body_of_row(block, plan, index)
    year = header_words(label)[1]
    if not code and (year or plan.has_items) and (measure := _measure_of_row(label)):
        return _year_of(block, plan, unit, Meaning("single", "total", label, measure=measure, year=year))
    if not plan.of_kind("code", "label") and not unit:
        return Meaning("unknown", "", "") if _names_bodies(block, plan) else Meaning("single", "total", "")
    if not code and (part := _column_totalled(plan, _in_two_cells(plan, words))):
        return Meaning("total", "total", label, column=part)
    if total and any(side in label for side in plan.panel.other_sides):
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
    """Whether a column that nobody knows stands before the amounts: it may hold what the rows are."""
    first = min((column.index for column in plan.of_kind("amount")), default=0)
    nameless = [column for column in plan.of_kind("blank") if any(block.content(column.index))]
    return any(column.index < first for column in (*plan.of_kind("unknown"), *nameless))


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


def _parts_of(code: str) -> list[str]:
    """A whole code in parts: 2013101 as 201, 31, 01."""
    return [code[:3], *(code[n : n + PART_WIDTH] for n in range(3, len(code), PART_WIDTH))]
