"""Forms as data: the words by which each form, its rows and its columns are known (`forms/*.yml`)."""

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.errors import DefinitionError
from transforms.common_words import (
    FOLDER,
    amount_words,
    group_words,
    header_key,
    read_words,
    shared_words,
    structure_words,
    words_of_change,
)
from transforms.wording.subjects import CodeList, class_names
from transforms.wording.text import bare, compact

CURRENT, BOTH_SIDES = "current_total", "both_sides"
Tree = dict[str, list[str]]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Unused(_Frozen):
    """A known table that no table of the county needs (`_unused.yml`)."""

    reason: str
    titles: list[str]
    unless: list[str] = []
    headers: list[str] = []
    told: str = ""


class Rename(_Frozen):
    """A column that means another one where none of `without` stands beside it."""

    becomes: str
    without: list[str]


class Panel(_Frozen):
    """One table of a form: what its rows are, which columns it has, and what adds up to what.

    `category_codes`: the letter that the codes of a category's items begin with, to its key.
    `aside`: words, or keys of shared words, of columns that divide the total further and are not used.
    `unrelated`: such words about something else, of which nothing in the table is the whole (numbers of guests).
    `beside`: what a row means where rows that are its parts elsewhere stand at its side.
    `apart`: rows set aside elsewhere that belong to an item where they alone stand at its side.
    """

    headers: list[str] = []
    codes: CodeList | None = None
    classes: bool = False
    rows: Tree = {}
    columns: Tree
    items_as_rows: bool = False
    rows_as_columns: bool = False
    totals_in: str = ""
    words: dict[str, list[str]] = {}
    texts: dict[str, list[str]] = {}
    categories: dict[str, list[str]] = {}
    category_codes: dict[str, str] = {}
    measures: dict[str, list[str]] = {}
    unless: dict[str, Rename] = {}
    aside: list[str] = []
    unrelated: list[str] = []
    beside: dict[str, str] = {}
    apart: dict[str, list[str]] = {}

    @cached_property
    def column_words(self) -> dict[str, str]:
        """Header words to column key; words of rows head no column."""
        keys = tree_keys(self.columns)
        return {word: key for word, key in self._spellings(keys, header_key).items() if key in keys}

    def column_of(self, word: str) -> str:
        """The key of a column by its header word, or of one that the word says to be the sum of (基本支出合计)."""
        wholes = [word.removesuffix(end) for end in shared_words().sums]
        return next((key for known in (word, *wholes) if (key := self.column_words.get(known))), "")

    @cached_property
    def heading_words(self) -> frozenset[str]:
        """Words that head the panel as a whole."""
        return frozenset(header_key(word) for word in self.headers)

    @cached_property
    def other_sides(self) -> frozenset[str]:
        """What totals say that are not of this panel, where its headings say which side it is."""
        own = {side for side in shared_words().sides if any(side in word for word in self.headers)}
        return frozenset(set(shared_words().sides) - own if own else ())

    @cached_property
    def row_words(self) -> dict[str, str]:
        """Row labels to row key (for items that may stand in rows or in columns: to column key)."""
        found = {bare(word): key for key, spelled in shared_words().totals.items() for word in spelled}
        tree = self.columns if self.items_as_rows else self.rows
        found |= self._spellings(tree_keys(tree), bare)
        if self.classes:
            found |= class_names()
        return found

    @cached_property
    def text_words(self) -> dict[str, str]:
        """Header words to the key of a text column."""
        return {header_key(word): key for key, spelled in self.texts.items() for word in spelled}

    @cached_property
    def aside_words(self) -> frozenset[str]:
        """Header words of columns that only divide the total further, as no table of the county does."""
        shared = shared_words().words
        own = {header_key(word) for key in self.aside for word in shared.get(key, [key])}
        return frozenset(own | set(map(header_key, shared_words().shares)) | self.unrelated_words)

    @cached_property
    def unrelated_words(self) -> frozenset[str]:
        """Words of rows and columns about something else than what the table adds up, or that check it."""
        return frozenset(map(header_key, [*self.unrelated, *shared_words().checks]))

    @cached_property
    def apart_words(self) -> dict[str, frozenset[str]]:
        """Words of rows that belong to an item at whose side they stand, by its key."""
        return {key: frozenset(map(header_key, words)) for key, words in self.apart.items()}

    @cached_property
    def category_words(self) -> dict[str, str]:
        """Labels of category rows (货物, 工程, 服务) to their key."""
        return {bare(word): key for key, spelled in self.categories.items() for word in spelled}

    @cached_property
    def category_openings(self) -> frozenset[str]:
        """How the labels of categories begin: most words need no closer look."""
        return frozenset(word[:2] for word in self.category_words)

    @cached_property
    def parts_of_rows(self) -> frozenset[str]:
        """Rows that may stand a second time, as parts of others (`whole.part`)."""
        return frozenset(key for key in tree_keys(self.rows) if "." in key)

    @cached_property
    def above_column(self) -> dict[str, list[str]]:
        """For each column key the columns it adds into, nearest first."""
        return {key: ancestors(self.columns, key) for key in tree_keys(self.columns)}

    @cached_property
    def above_row(self) -> dict[str, list[str]]:
        """For each row key the rows it adds into, nearest first."""
        return {key: ancestors(self.rows, key) for key in tree_keys(self.rows)}

    def _spellings(self, keys: list[str], normal: Callable[[str], str]) -> dict[str, str]:
        shared = shared_words().words | {"current_total": shared_words().totals["current_total"]}
        common = {normal(word): key for key in keys for word in shared.get(key, [])}
        own = {normal(word): key for key, spelled in self.words.items() for word in spelled}
        return common | own

    def measure_of(self, column_key: str) -> str:
        """The measure that a column holds by its nature (a quantity), else 'amount'."""
        return next((name for name, keys in self.measures.items() if column_key in keys), "amount")


class Card(_Frozen):
    """A form that is a card of label and value (项目绩效目标表), or a list that has these labels as headings.

    `aside`: headings of columns of figures that are not used. `compares_before`, `compares_behind`: words around the
    number of a target, by the sign they stand for.
    """

    head: dict[str, list[str]]
    money: dict[str, list[str]]
    payments: list[str]
    indicators: dict[str, list[str]]
    aside: list[str] = []
    compares_before: dict[str, list[str]] = {}
    compares_behind: dict[str, list[str]] = {}


class BothSides(_Frozen):
    """Titles of tables of income beside spending: of a form of spending where the `income` beside it is of these items alone."""

    titles: list[str]
    income: list[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """What the rows of such income are called."""
        shared = shared_words().words
        return frozenset(bare(word) for key in self.income for word in shared[key])


class Form(_Frozen):
    """One official form."""

    form: str
    title: str
    subject: list[str] = []
    topic: list[str] = []
    titles: dict[str, list[str]]
    panels: dict[str, Panel] = {}
    identify: list[list[str]] = []
    card: Card | None = None
    both_sides: BothSides | None = None

    @cached_property
    def every_title(self) -> dict[str, list[str]]:
        """The spellings of its titles by family, those of tables of both sides as a family of their own."""
        return self.titles | ({BOTH_SIDES: self.both_sides.titles} if self.both_sides else {})

    @cached_property
    def neutral_headings(self) -> frozenset[str]:
        """Words above columns that add nothing to them: general ones, and the subject that the titles name."""
        subjects = {bare(word) for words in self.titles.values() for word in words}
        return frozenset(
            group_words() | set(amount_words()) | {part for title in subjects for part in _openings(title)}
        )

    @cached_property
    def closes_lists(self) -> bool:
        """Whether some list of the form ends with the total of this year's items."""
        return any(CURRENT in panel.rows for panel in self.panels.values())

    @cached_property
    def lists_positions(self) -> bool:
        """Whether some list of the form has subtotals inside the data."""
        return any(panel.categories for panel in self.panels.values())

    @property
    def columns(self) -> list[str]:
        """Every column key of the form."""
        return sorted({key for panel in self.panels.values() for key in tree_keys(panel.columns)})


def subjects_of(text: str) -> dict[str, str]:
    """The forms whose subject a text speaks of, with the word: 本部门无政府性基金预算… speaks of government_fund."""
    words = compact(text)
    return {form.form: word for form in forms().values() for word in form.subject if word in words}


def tree_keys(tree: Mapping[str, list[str]]) -> list[str]:
    """Every key of a tree, parents before their parts."""
    return list(dict.fromkeys([*tree, *(part for parts in tree.values() for part in parts)]))


def ancestors(tree: Mapping[str, list[str]], key: str) -> list[str]:
    """The keys that `key` adds into, nearest first, by the longest way up.

    >>> ancestors({"total": ["basic", "personnel"], "basic": ["personnel"]}, "personnel")
    ['basic', 'total']
    """
    parents = [parent for parent, parts in tree.items() if key in parts]
    chains = [[parent, *ancestors(tree, parent)] for parent in parents]
    return max(chains, key=len, default=[])


def _openings(title: str) -> list[str]:
    """A title without its end, cut anywhere from four characters on: 一般公共预算支出 of 一般公共预算支出预算表."""
    return [title[:end] for end in range(4, len(title))]


@cache
def unused_tables() -> list[Unused]:
    """The tables that are known and not used."""
    return read_words(FOLDER / "_unused.yml", TypeAdapter(list[Unused]))


@cache
def sayings_of_unused() -> dict[str, str]:
    """The reasons for which a table is not used, to how it is told, where it is told in words of its own."""
    return {table.reason: table.told for table in unused_tables() if table.told}


@cache
def forms() -> dict[str, Form]:
    """Every form by name. Raises DefinitionError where two forms share a title."""
    shape = TypeAdapter(Form)
    loaded = [read_words(path, shape) for path in sorted(FOLDER.glob("[!_]*.yml"))]
    _refuse_shared_titles(loaded)
    return {form.form: form for form in loaded}


@cache
def cards() -> list[Form]:
    """The forms that are cards."""
    return [form for form in forms().values() if form.card]


@cache
def titles() -> list[tuple[str, str, str]]:
    """Every title spelling as (compact words, form, family), longest first."""
    found = [
        (compact(words), form.form, family)
        for form in forms().values()
        for family, spelled in form.every_title.items()
        for words in spelled
    ]
    return sorted(found, key=lambda entry: (-len(entry[0]), entry))


@cache
def any_title() -> re.Pattern[str]:
    """What any title is found by: most texts have none, and need not be searched for each."""
    return re.compile("|".join(re.escape(words) for words, _, _ in titles()))


@cache
def heading_words() -> frozenset[str]:
    """Every word that a header of some form may hold."""
    found = set(structure_words()) | set(amount_words()) | words_of_change() | group_words()
    for form in forms().values():
        for panel in form.panels.values():
            found |= set(panel.column_words) | set(panel.text_words) | panel.heading_words | panel.aside_words
    return frozenset(found - {""})


@cache
def column_words() -> frozenset[str]:
    """Every word that says which column of amounts of some form it heads."""
    panels = [panel for form in forms().values() for panel in form.panels.values()]
    return frozenset(word for panel in panels for word in panel.column_words)


@cache
def items_as_headings() -> frozenset[str]:
    """Every word of a row that may head a column instead (房屋, 车辆)."""
    panels = [panel for form in forms().values() for panel in form.panels.values() if panel.rows_as_columns]
    return frozenset(word for panel in panels for word in (*panel.row_words, *panel.category_words))


@cache
def text_headings() -> frozenset[str]:
    """Every word that heads a column of texts in some form."""
    panels = [panel for form in forms().values() for panel in form.panels.values()]
    return frozenset(word for panel in panels for word in panel.text_words)


def _refuse_shared_titles(loaded: list[Form]) -> None:
    owners: dict[str, str] = {}
    for form in loaded:
        for words in {compact(word) for spelled in form.every_title.values() for word in spelled}:
            if owners.setdefault(words, form.form) != form.form:
                raise DefinitionError(f"title {words!r} belongs to both {owners[words]} and {form.form}")
