"""What each data row of a table is: a code, an item, a printed total, a position or a remark."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from transforms import forms
from transforms.columns import Column, PanelPlan
from transforms.forms import BODY_KEY, tree_keys
from transforms.layout import Block
from transforms.meaning import PART_WIDTH, DataRow, Meaning
from transforms.named import (
    beside_their_parts,
    bodies_by_rows_below,
    is_bodys_code,
    is_called,
    is_subject,
    lists_bodies,
    memos_of_parts,
    subjects_by_name,
    without_numbering,
)
from transforms.text import bare, compact, header_words, is_memo, ordinal_depth
from transforms.words import cell_text
from transforms.workbook import Cell, Sheet

_CODE = re.compile(r"\d{2,9}")
_CODE_AND_NAME = re.compile(r"^[\[【(]?(\d{3}|\d{5}|\d{7})[\]】)]?[-_]?(\D.*)$")
_CATALOGUE_CODE = re.compile(r"([A-Z])\d{2,8}(?!\d)")


def read_rows(block: Block, plan: PanelPlan, before: DataRow | None = None) -> list[DataRow]:
    """The data rows of a panel, in their order. `before`: the last row of the sheet on which the list began."""
    if plan.panel.categories:
        return list(_position_rows(block, plan, before))
    carried = tuple(_parts_of(before.key)) if before and before.kind == "code" else ()
    rows, depends = _coded_rows(block, plan, carried)
    if depends:
        rows = subjects_by_name(_whole_codes(rows, plan), plan)
        rows = memos_of_parts(bodies_by_rows_below(rows), plan)
    rows = beside_their_parts(rows, plan) if plan.panel.beside else rows
    rows = _parts_again(rows, plan) if plan.panel.has_parts else rows
    rows = _renamed_items(rows, plan) if plan.panel.items_as_rows else rows
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
    parts = code_parts(block.sheet, index, plan.of_kind("code"), carried)
    meaning = _meaning(block, plan, index, "".join(parts))
    return parts, meaning, meaning.depends


def _naming(plan: PanelPlan) -> list[Column]:
    """The columns that can say what a row is."""
    return plan.of_kind("code", "label", "index", "body")


def _renamed_items(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Items whose meaning depends on the others present: 合计 is the total of 三公 where no meetings stand beside it."""
    present = {row.key for row in rows}
    names = {
        key: rename.becomes for key, rename in plan.panel.unless.items() if not present & set(rename.without)
    }
    if any(row.kind == "unknown" for row in rows):
        return [row.but(kind="unknown", key="") if row.key in names else row for row in rows]
    if not any(row.kind in ("item", "memo") for row in rows):
        return rows
    return [row.but(key=names[row.key]) if row.key in names else row for row in rows]


def _whole_codes(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Rows whose code is only its own part (201, 29, 2012901): 20129 where the code below begins so or the subject of
    that code has the row's name, else unknown."""
    found: list[DataRow] = []
    for position, row in enumerate(rows):
        if row.kind == "code" and len(row.key) <= PART_WIDTH:
            above = next((before.key for before in reversed(found) if before.kind == "code"), "")
            below = next((r.key for r in rows[position + 1 :] if r.kind == "code" and len(r.key) > 3), "")
            part = row.key.zfill(PART_WIDTH)
            wholes = [above[:size] + part for size in (5, 3) if len(above) >= size]
            named = [whole for whole in wholes if is_called(plan, whole, row.label)]
            sure = named or [whole for whole in wholes[-1:] if below.startswith(whole)]
            row = row.but(kind="code" if len(sure) == 1 else "unknown", key=sure[0] if len(sure) == 1 else "")
        found.append(row)
    return found


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
    whole = bodies and not any(row.key == "total" for row in rows)
    first = bodies[0] if whole and all(key.startswith(bodies[0]) for key in bodies) else ""
    coded = [key[-1:].isdigit() for key in bodies]
    if len(set(bodies)) < len(bodies) or (whole and not first) or len(set(coded)) > 1:
        return [row.but(kind="unknown", key="") if row.kind == "unit" else row for row in rows]
    unit, found = "", []
    for row in rows:
        if row.kind == "unit" and row.key == first:
            row, first = row.but(kind="total", key="total"), "-"
        elif row.kind == "unit":
            unit = row.key
        found.append(row.but(unit=row.meaning.unit or unit) if row.kind in ("code", "unit") else row)
    return found


def _meaning(block: Block, plan: PanelPlan, index: int, code: str) -> Meaning:
    labels = _labels(block, plan, index)
    words = [bare(text) for text in labels]
    label = labels[-1] if labels else ""
    total = next((forms.total_words()[word] for word in words if word in forms.total_words()), None)
    if (year := header_words(label)[1]) and not code and (measure := _measure_of_row(label)):
        return Meaning("single", "total", label, measure=measure, year=year)
    unit = _unit_key(block, plan, index)
    if not plan.of_kind("code", "label") and not unit:
        return Meaning("single", "total", "")
    if total and (not code or plan.panel.codes is None) and not _item_key(plan, words[:-1]):
        return Meaning("total", _total_key(plan, words, total), label)
    if code:
        body = is_bodys_code(plan, code, label)
        return (
            Meaning("unit", f"{BODY_KEY}{code}", label) if body else Meaning("code", code, label, unit=unit)
        )
    if any(compact(text) in forms.filler_words() for text in labels):
        return Meaning("filler", "", label)
    if words and words[-1] in plan.panel.aside_words and words[-1] not in plan.panel.row_words:
        return Meaning("aside", "", label)
    part = next((key for word in words if (key := _column_totalled(plan, word))), "")
    if part:
        return Meaning("total", "total", label, column=part)
    return _uncoded(block, plan, index, _item_meaning(plan, labels, words), unit)


def _uncoded(block: Block, plan: PanelPlan, index: int, row: Meaning, unit: str) -> Meaning:
    """What a row without code means, `row` as a known item, if it is the row of a subject or of a body (`unit`)."""
    label = row.label
    if row.kind != "unknown":
        return row
    if is_subject(plan, label):
        return replace(row, unit=unit)
    if not unit and lists_bodies(plan) and forms.names_body(label):
        unit = f"{BODY_KEY}{compact(label)}"
    strange = _strange_lead(plan) or _strange_code(block, plan, index)
    return Meaning("unit", unit, label) if unit and not strange else row


def _strange_lead(plan: PanelPlan) -> bool:
    """Whether a column that nobody knows stands before the amounts: it may hold what the rows are."""
    first = min((column.index for column in plan.of_kind("amount")), default=0)
    return any(column.index < first for column in plan.of_kind("unknown", "blank"))


def _strange_code(block: Block, plan: PanelPlan, index: int) -> bool:
    """Whether words stand in a column of codes, in a row that no total or code explains."""
    codes = plan.of_kind("code") if plan.of_kind("label") else []
    return any(cell_text(block.sheet.at(*block.sheet.origin(index, column.index))) for column in codes)


def _measure_of_row(label: str) -> str:
    """The measure of a row that is named by its year (2022年, 2022年预算数), '' where more is in its name."""
    words = header_words(label)[0]
    return "amount" if not words else forms.amount_words().get(words, "")


def _unit_key(block: Block, plan: PanelPlan, index: int) -> str:
    """The body (部门, 单位) that the row names in its own column: its code, else its name; '' where it names none."""
    found = [block.sheet.at(*block.sheet.origin(index, column.index)) for column in plan.of_kind("body")]
    texts = [compact(raw) for value in found if (raw := digits_of(value) or str(value).strip())]
    named = [text for text in texts if any(letter.isalnum() for letter in text)]
    return f"{BODY_KEY}{named[0]}" if named else ""


def _column_totalled(plan: PanelPlan, word: str) -> str:
    """The column that a label such as 人员经费合计 totals, '' where it is no such label."""
    if not plan.panel.codes or not word.endswith(("合计", "小计")):
        return ""
    key = plan.panel.column_words.get(forms.header_key(word[:-2]), "")
    return "" if key in ("", "total") else key


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
    joined = _CODE_AND_NAME.match(compact(label)) if plan.panel.codes or plan.panel.classes else None
    if joined and plan.panel.classes:
        known = forms.class_names().get(bare(joined[2])) == joined[1]
        return Meaning("item" if known else "unknown", joined[1] if known else "", label)
    return Meaning("code", joined[1], joined[2]) if joined else Meaning("unknown", "", label)


def _item_key(plan: PanelPlan, words: list[str]) -> str:
    """The item that the labels name, the last label first; 小计 stands for the label before it."""
    for word in reversed(words):
        if word in plan.panel.row_words and word not in forms.total_words():
            return plan.panel.row_words[word]
        if word not in forms.amount_words():
            return ""
    return ""


def _labels(block: Block, plan: PanelPlan, index: int) -> list[str]:
    """The texts of the row's name and code columns (and a total's label wherever it stands), merges resolved."""
    found = []
    for column in plan.of_kind("code", "label", "index", "body"):
        origin = block.sheet.origin(index, column.index)
        if origin[0] < block.data[0] or not (text := cell_text(block.sheet.at(*origin))):
            continue
        if column.kind in ("code", "label") or bare(text) in forms.total_words():
            found.append(str(block.sheet.at(*origin)).strip())
    return list(dict.fromkeys(found))


def code_parts(sheet: Sheet, index: int, columns: list[Column], carried: tuple[str, ...]) -> tuple[str, ...]:
    """The row's code in parts (类, 款, 项), as text of standard width.

    A part left blank before a filled one is the part of the row above, as printed lists leave it out; no code
    where that row has none, or another one in front.
    """
    parts = [digits_of(sheet.at(index, column.index)) for column in columns]
    last = max((n for n, part in enumerate(parts) if part), default=-1)
    found: list[str] = []
    for level in range(last + 1):
        same = level < len(carried) and tuple(found) == carried[:level]
        part = parts[level] or (carried[level] if same else "")
        if not part:
            return ()
        whole = "".join(found)
        if level and part.startswith(whole) and len(part) > len(whole):
            part = part[len(whole) :]
        found.append(part.zfill(PART_WIDTH) if level else part)
    return tuple(found)


def _parts_of(code: str) -> list[str]:
    """A whole code in parts: 2013101 as 201, 31, 01."""
    return [code[:3], *(code[n : n + PART_WIDTH] for n in range(3, len(code), PART_WIDTH))]


def digits_of(value: object) -> str:
    """A code cell as digits, '' where it holds none (a total's label, a filler, words)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = compact(str(value)) if isinstance(value, str | int) else ""
    return text if _CODE.fullmatch(text) or text.isdigit() else ""


def _position_rows(block: Block, plan: PanelPlan, before: DataRow | None) -> Iterator[DataRow]:
    """Rows of a list whose subtotals stand inside the data: 货物 → project → item."""
    category, position = _left_off(before)
    by_body, subtotalled, lost = _lists_by_body(block, plan), "", False
    for index in block.data:
        texts = own_texts(block, plan, index)
        words = [bare(text) for text in (*texts.values(), *_labels(block, plan, index))]
        named = next((plan.panel.category_words[w] for w in words if w in plan.panel.category_words), "")
        coded = "" if named else _category_by_code(plan, words)
        named = named or coded
        strange = _strange_words(block, plan, index) or (set(texts) == {"category"} and not named)
        lost = not named and (lost or strange)
        if words and not words[0].isdigit() and any(w in forms.total_words() for w in (words[0], words[-1])):
            lost = False
            yield DataRow(index, Meaning("total", "total", words[0]))
        elif lost:
            yield DataRow(index, Meaning("unknown", "", "".join(words[:1])))
        elif by_body and not named and (body := _body_alone(block, plan, index)) not in ("", subtotalled):
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


def _lists_by_body(block: Block, plan: PanelPlan) -> bool:
    """Whether a row that names a body alone stands above rows that say more: then each such row is a subtotal."""
    return any(
        len(own_texts(block, plan, below)) > len(own_texts(block, plan, row))
        and _body_alone(block, plan, row)
        for row, below in pairwise(block.data)
    )


def _body_alone(block: Block, plan: PanelPlan, index: int) -> str:
    """The key of the body that a row names and says no more of; '' for any other row."""
    texts = own_texts(block, plan, index)
    if len(texts) > 1:
        return ""
    if not texts:
        return _unit_key(block, plan, index)
    name = next(iter(texts.values()))
    return forms.body_key(name) if forms.names_body(name) else ""


def _is_category(texts: dict[str, str]) -> bool:
    """Whether a row that names a category says nothing else."""
    return len(texts) == 1 or not set(texts) - {"category", "organisation_form"}


def _category_by_code(plan: PanelPlan, words: list[str]) -> str:
    """The category of an item by its code in the official catalogue; '' where no word begins with one."""
    codes = (_CATALOGUE_CODE.match(word) for word in words)
    return next((plan.panel.category_codes.get(code[1], "") for code in codes if code), "")


def _strange_words(block: Block, plan: PanelPlan, index: int) -> bool:
    """Whether words stand in a column that nobody knows, so that they may be a total, a category or an item."""
    return any(cell_text(block.sheet.at(index, c.index)) for c in plan.of_kind("unknown", "blank"))


def _left_off(before: DataRow | None) -> tuple[str, int]:
    """(category, position) at which the list of the sheet before ended."""
    category, _, number = before.key.partition(".") if before and before.kind != "unknown" else ("", "", "")
    return ("" if category in ("total", "unspecified") else category), int(number or 0)


def own_texts(block: Block, plan: PanelPlan, index: int) -> dict[str, str]:
    """The texts that stand in the row itself, by text column."""
    cells, found = block.sheet.rows[index], {}
    for column in plan.of_kind("text", "label"):
        value = cells[column.index] if column.index < len(cells) else ""
        if isinstance(value, str) and value:
            found[column.key or "category"] = value.strip()
    return found


def shown_texts(
    block: Block, plan: PanelPlan, index: int, above: dict[str, tuple[str, Cell]]
) -> dict[str, tuple[str, Cell]]:
    """The texts that hold for a row: its own, or those of the merged range or the group above it."""
    cells, found = block.sheet.rows[index], dict(above)
    own = {c.key for c in plan.of_kind("text") if c.index < len(cells) and cells[c.index] != ""}
    deeper = False
    for column in plan.of_kind("text"):
        if column.key in own:
            found[column.key] = (str(block.sheet.at(index, column.index)).strip(), (index, column.index))
            deeper = True
        elif deeper and column.key != "organisation_form":
            found.pop(column.key, None)
    return found


def _has_items(plan: PanelPlan) -> bool:
    return any(column.key == "item_name" for column in plan.columns)
