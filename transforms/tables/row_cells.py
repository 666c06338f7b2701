"""What the cells of one row say, merged ranges resolved: its labels, its code, its body, its texts."""

import re

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.plan import Column, PanelPlan
from transforms.wording.amounts import is_broken
from transforms.wording.body_names import body_key
from transforms.wording.code_text import LONGEST_CODE, PART_WIDTH, code_digits, open_codes
from transforms.wording.text import bare, compact
from transforms.wording.words import cell_text
from transforms.workbook import Cell, Sheet

_CODE = re.compile(rf"\d{{2,{LONGEST_CODE}}}")


def labels_of(block: Block, plan: PanelPlan, index: int) -> list[str]:
    """The texts of the row's name and code columns (and the label of a total, or of a page's sum, wherever it stands), merges
    resolved."""
    found = []
    for column in plan.of_kind("code", "label", "index", "body"):
        origin = block.sheet.origin(index, column.index)
        if origin[0] < block.data[0] or not (text := cell_text(block.sheet.at(*origin))):
            continue
        if column.kind in ("code", "label") or _names_a_sum(bare(text)):
            found.append(str(block.sheet.at(*origin)).strip())
    if found:
        return list(dict.fromkeys(found))
    texts = (cell_text(block.sheet.at(index, column.index)) for column in plan.aside_in_front)
    return [text for text in texts if text and _names_a_sum(bare(text))][:1]


def _names_a_sum(word: str) -> bool:
    return word in common_words.total_words() or word in common_words.page_sums()


def body_of_row(block: Block, plan: PanelPlan, index: int) -> str:
    """The body (部门, 单位) that the row names in its own column: its code, else its name; '' where it names none."""
    named = _said_of_body(block, plan, index)
    return body_key(named[0]) if named else ""


def name_of_body(block: Block, plan: PanelPlan, index: int) -> str:
    """The name of the body in the row's own columns, '' where it has none."""
    return next((text for text in reversed(_said_of_body(block, plan, index)) if not text.isdigit()), "")


def _said_of_body(block: Block, plan: PanelPlan, index: int) -> list[str]:
    found = [block.sheet.at(*block.sheet.origin(index, column.index)) for column in plan.of_kind("body")]
    named = [value for value in found if not is_broken(value)]
    texts = [compact(raw) for value in named if (raw := _plain_digits(value) or str(value).strip())]
    sums = common_words.shared_words().subtotals
    return [text for text in texts if text not in sums and any(letter.isalnum() for letter in text)]


def code_parts(sheet: Sheet, index: int, columns: list[Column], carried: tuple[str, ...]) -> tuple[str, ...]:
    """The row's code in parts (类, 款, 项), as text of standard width.

    A part left blank before a filled one is the part of the row above, as printed lists leave it out; no code
    where that row has none, or another one in front, or where a part is too long to be one (a code of another list).
    Noughts behind the last part stand for none.
    """
    parts = [digits_of(sheet.at(index, column.index)) for column in columns]
    last = max((n for n, part in enumerate(parts) if part.strip("0")), default=-1)
    found: list[str] = []
    for level in range(last + 1):
        same = level < len(carried) and tuple(found) == carried[:level]
        part = parts[level] or (carried[level] if same else "")
        if not part:
            return ()
        whole = "".join(found)
        if level and part.startswith(whole) and len(part) > len(whole):
            part = part[len(whole) :]
        if level and len(part) > 2 * PART_WIDTH:
            return ()
        found.append(part.zfill(PART_WIDTH) if level else part)
    return tuple(found)


def digits_of(value: object) -> str:
    """A code cell as digits, '' where it holds none (a total's label, a filler, words)."""
    return _plain_digits(value) or (code_digits(str(value)) if isinstance(value, str | float) else "")


def _plain_digits(value: object) -> str:
    """What a cell holds where that is nothing but digits."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = compact(str(value)) if isinstance(value, str | int | float) else ""
    return text if _CODE.fullmatch(text) or text.isdigit() else ""


def open_code(sheet: Sheet, index: int, columns: list[Column]) -> str:
    """What a row's only cell for a code holds, where it may be one of two (201.3); '' for every other row."""
    text = str(sheet.at(index, columns[0].index)).strip() if len(columns) == 1 else ""
    return text if open_codes(text) else ""


def names_nothing(column: Column, value: object) -> bool:
    """Whether a cell of a column that says what rows are holds a number with decimals, which is no code either (201.31)."""
    may_be_code = column.kind == "code" and (digits_of(value) or open_codes(str(value)))
    return is_broken(value) and not may_be_code


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
