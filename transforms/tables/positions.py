"""The rows of a list of things to buy, whose subtotals stand inside the data: 货物 → project → item."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise, takewhile
from typing import NamedTuple

from transforms import common_words
from transforms.tables.block import Block
from transforms.tables.listed import Listed
from transforms.tables.plan import PanelPlan
from transforms.tables.row_cells import body_of_row, labels_of, name_of_body, own_texts
from transforms.tables.sums import sum_of
from transforms.wording.body_names import BODY_KEY, body_key, names_body
from transforms.wording.meaning import DataRow, Meaning
from transforms.wording.messages import message
from transforms.wording.text import bare
from transforms.wording.words import cell_text

_FEWEST = 3  # rows of which one can add up others
_CATEGORY, _GROUP, _THING = 1, 2, 3  # levels
_ALL, _ABOVE, _PAGE = "all", "above", "page"  # what sums are of
_CATEGORY_AND_NAME = re.compile(r"(.+?)[-—/:].")
_CATALOGUE_CODE = re.compile(r"([A-Z])\d{2,8}(?!\d)")
_NOUGHTS = re.compile(r"(?<=\d\d)(?:00)+$")


def position_rows(block: Block, plan: PanelPlan, before: DataRow | None) -> Iterator[DataRow]:
    """Rows of a list whose subtotals stand inside the data: 货物 → project → item."""
    listing = _Listing(block, plan, before)
    for index, said in listing.own:
        yield DataRow(index, listing.meaning(index, said))


def totals_in_strange_words(listed: Listed) -> list[DataRow]:
    """A list of purchases without total of which the first row, or the last, says less than the others and adds up all of
    them: it may be a total, or a category, that is mistyped.
    """
    rows, block, plan = listed
    things = [row for row in rows if row.kind == "position"]
    if len(things) < _FEWEST or any(row.key == "total" for row in rows):
        return []
    said = {row.index: len(own_texts(block, plan, row.index)) for row in things}
    for whole in (things[0], things[-1]):
        parts = [row.index for row in things if row is not whole]
        less = said[whole.index] < min(said[part] for part in parts)
        if less and sum_of(block, plan, whole.index, parts).exact:
            return [whole.but(kind="unknown", key="", why=message("total_in_strange_words", row=whole.label))]
    return []


def sums_of_projects(listed: Listed) -> list[DataRow]:
    """Rows that name a project alone above the things bought for it: each says nothing new where it adds these up and the
    printed total is the sum of the things without such rows; each is a purchase of its own where that total counts it.
    Anything else leaves open which of both it is.
    """
    positions = [row for row in listed.rows if row.kind == "position"]
    things = [row.index for row in positions]
    heads = [at for at, row in enumerate(positions) if _names_project_alone(listed.block, listed.plan, row)]
    below = {things[at]: things[at + 1 : end] for at, end in pairwise([*heads, len(things)]) if end > at + 1}
    return _sums_or_purchases(listed, below, {things[at] for at in heads}, "project_or_purchase")


def sums_of_catalogue(listed: Listed) -> list[DataRow]:
    """Rows whose code of the catalogue begins those of the things below it (A02 above A02010105): as for projects."""
    codes = {
        row.index: code
        for row in listed.rows
        if row.kind == "position" and (code := _catalogue_code(listed.block, listed.plan, row))
    }
    things, below = list(codes), dict[int, list[int]]()
    for at, head in enumerate(things):
        parts = list[int]()
        for row in takewhile(partial(_is_below, codes, head), things[at + 1 :]):
            if not (parts and _is_below(codes, parts[-1], row)):
                parts.append(row)
        if parts:
            below[head] = parts
    return _sums_or_purchases(listed, below, set(below), "class_or_purchase")


def _catalogue_code(block: Block, plan: PanelPlan, row: DataRow) -> str:
    """The code of the catalogue that a row states, without the noughts behind its last part; '' where it has none."""
    found = (_CATALOGUE_CODE.match(bare(text)) for text in own_texts(block, plan, row.index).values())
    code = next((match[0] for match in found if match and match[1] in plan.panel.category_codes), "")
    return _NOUGHTS.sub("", code)


def _is_below(codes: dict[int, str], head: int, row: int) -> bool:
    """Whether the code of a row is below that of another."""
    return codes[row] != codes[head] and codes[row].startswith(codes[head])


def _sums_or_purchases(
    listed: Listed, below: dict[int, list[int]], alone: set[int], reason: str
) -> list[DataRow]:
    """Rows that add up those below them, or are things bought of their own, as the printed total says.

    `below`: what stands below each; `alone`: those that are told with the `reason` where it is left open.
    """
    rows, block, plan = listed
    things = [row.index for row in rows if row.kind == "position"]
    whole = next((row.index for row in rows if row.key == "total"), None)
    if not below or (whole is not None and sum_of(block, plan, whole, things).exact):
        return []
    if whole is not None:
        sums = {whole: [index for index in things if index not in below], **below}
        if all(sum_of(block, plan, each, parts).exact for each, parts in sums.items()):
            return [row.but(kind="aside") for row in rows if row.index in below]
    return [
        row.but(kind="unknown", key="", why=message(reason, row=row.label))
        for row in rows
        if row.index in alone
    ]


def _names_project_alone(block: Block, plan: PanelPlan, row: DataRow) -> bool:
    may = row.meaning.level == _GROUP or not _has_items(plan)
    return may and set(own_texts(block, plan, row.index)) == {"budget_project"}


class _Said(NamedTuple):
    """What the cells of a row say by themselves.

    `texts`: its own by their columns; `words`: these and its labels, bare; `named`: the category that it names; `told`: this,
    or the one that it tells besides its name; `sums`: of what it is a sum by its words, "" for none; `strange`: words stand
    in a column that nobody knows.
    """

    texts: dict[str, str]
    words: list[str]
    named: str
    told: str
    sums: str
    strange: bool


class _Listing:
    """Reads the rows of a list in their order: the category they stand under, how many things it has so far.

    `heading`: the category of the last row that named one alone; `telling`: the column in which things say another
    category than that themselves; `lost`: a row that nobody knows may have begun another category.
    """

    def __init__(self, block: Block, plan: PanelPlan, before: DataRow | None) -> None:
        self.block, self.plan = block, plan
        self.own = list(zip(block.data, _said_by_rows(block, plan), strict=True))
        self.by_body = _lists_by_body(block, plan, self.own)
        self.category, self.position = _left_off(before)
        self.heading, self.telling, self.subtotalled, self.lost = self.category, "", "", False

    def meaning(self, index: int, said: _Said) -> Meaning:
        """What the next row is."""
        texts, words, named, told, sums, strange = said
        if not named and self.category and self._sums_a_body(index, texts):
            return Meaning("aside", "", words[0])
        self.lost = not told and (self.lost or strange or set(texts) == {"category"}) and sums != _ALL
        if sums == _ALL:
            return Meaning("total", "total", words[0])
        if sums == _ABOVE:
            return _subtotal("" if self.by_body else self.category, words[0])
        if sums == _PAGE:
            return Meaning("aside", "", words[0])
        if self.lost:
            return Meaning("unknown", "", "".join(words[:1]))
        if body := self._body_totalled(index, texts) if not told else "":
            self.subtotalled = body
            return Meaning("total", body, body.removeprefix(BODY_KEY), _CATEGORY)
        if named and _is_category(self.plan, texts):
            self.category = self.heading = named
            self.position, self.telling = 0, ""
            return Meaning("total", named, words[0], _CATEGORY)
        self._go_under(told, texts)
        return self._thing(texts, words)

    def _body_totalled(self, index: int, texts: dict[str, str]) -> str:
        """The key of the body whose subtotal the row is, '' where it is none."""
        body = _body_alone(self.block, self.plan, index, texts) if self.by_body else ""
        return "" if body == self.subtotalled else body

    def _sums_a_body(self, index: int, texts: dict[str, str]) -> bool:
        """Whether the row, below a category, names a body whose things follow and add up to it."""
        if set(texts) != {"category"} or not names_body(texts["category"]):
            return False
        below = (each for each in self.own if each[0] > index)
        things = [row for row, _ in takewhile(lambda each: "category" not in each[1].texts, below)]
        return bool(things) and sum_of(self.block, self.plan, index, things).exact

    def _go_under(self, told: str, texts: dict[str, str]) -> None:
        """Take the category that a thing tells; where things tell theirs, one that has other words there is of none."""
        if told:
            self.category = told
            if told != self.heading:
                self.telling = next((key for key, text in texts.items() if _tells(self.plan, text)), "")
        elif self.telling in texts:
            self.category = ""

    def _thing(self, texts: dict[str, str], words: list[str]) -> Meaning:
        self.position += 1
        level = _THING if "item_name" in texts or not _has_items(self.plan) else _GROUP
        key = f"{self.category or 'unspecified'}.{self.position:03d}"
        return Meaning("position", key, "".join(words[-1:]), level)


def _said_by_rows(block: Block, plan: PanelPlan) -> Iterator[_Said]:
    """What each data row says; rows of equal cells say the same, in this workbook and in the next."""
    saying = [column.index for column in plan.columns if column.kind != "amount"]
    merged, known = block.sheet.merged_rows, plan.meanings
    for index, values in zip(block.data, block.values_in(saying), strict=True):
        found = known.get(values) if index not in merged else None
        if found is None:
            found = _said(block, plan, index)
            if index not in merged:
                known[values] = found
        yield found


def _said(block: Block, plan: PanelPlan, index: int) -> _Said:
    texts = _own_texts(block, plan, index)
    words = _words_of(block, plan, index, texts)
    named = next((known for word in words if (known := plan.panel.category_words.get(word))), "")
    told = named or _category_told(plan, words)
    return _Said(texts, words, named, told, _sums(plan, words), _strange_words(block, plan, index))


def _words_of(block: Block, plan: PanelPlan, index: int, texts: dict[str, str]) -> list[str]:
    """The words of a row; of one that says nothing else, the category in its column of bodies (货物 above a hospital's)."""
    words = [bare(text) for text in (*texts.values(), *labels_of(block, plan, index))]
    category = "" if words else bare(name_of_body(block, plan, index))
    return [category] if category in plan.panel.category_words else words


def _own_texts(block: Block, plan: PanelPlan, index: int) -> dict[str, str]:
    """The texts of a row by their columns; of several columns of 品目 the text of the first that tells a category."""
    texts = own_texts(block, plan, index)
    columns = [column for column in plan.of_kind("text") if column.key == "category"]
    if len(columns) > 1:
        shown = (cell_text(block.sheet.at(index, column.index)) for column in columns)
        texts |= next(({"category": text} for text in shown if _tells(plan, text)), {})
    return texts


def _tells(plan: PanelPlan, text: str) -> bool:
    """Whether a text tells a category, by its name or by a code of the catalogue."""
    return bare(text) in plan.panel.category_words or bool(_category_told(plan, [bare(text)]))


def _sums(plan: PanelPlan, words: list[str]) -> str:
    """What a row adds up by its words: the whole list by the first or the last, what stands above it, a page, or nothing."""
    if not words:
        return ""
    if not words[0].isdigit() and not plan.panel.row_words.keys().isdisjoint((words[0], words[-1])):
        return _ALL
    if all(word in common_words.shared_words().subtotals for word in words):
        return _ABOVE
    return "" if common_words.page_sums().isdisjoint(words) else _PAGE


def _subtotal(category: str, label: str) -> Meaning:
    """What a 小计 below the things of a category is; unknown where it may be one of a body."""
    return Meaning("total" if category else "unknown", category, label, _CATEGORY)


def _lists_by_body(block: Block, plan: PanelPlan, own: list[tuple[int, _Said]]) -> bool:
    """Whether a row that names a body alone stands above rows that say more: then each such row is a subtotal."""
    return any(
        len(said.texts) < len(below.texts) and _body_alone(block, plan, index, said.texts)
        for (index, said), (_, below) in pairwise(own)
    )


def _body_alone(block: Block, plan: PanelPlan, index: int, texts: dict[str, str]) -> str:
    """The key of the body that a row names and says no more of; '' for any other row."""
    if len(texts) > 1:
        return ""
    if not texts:
        return body_of_row(block, plan, index)
    name = next(iter(texts.values()))
    return body_key(name) if names_body(name) else ""


def _is_category(plan: PanelPlan, texts: dict[str, str]) -> bool:
    """Whether a row that names a category says nothing else, or but the letter of its code (A | 货物)."""
    letters = plan.panel.category_codes
    said = {key for key, text in texts.items() if bare(text) not in letters}
    return len(said) == 1 or not said - {"category", "organisation_form"}


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
