"""What the checks stand on: the facts of all bodies as arrays, and what each body's forms print."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.address import EACH_ROW, EVERY, Address
from expectations.canon import forms

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEVELS = {3: 1, 5: 2, 7: 4}
OTHER_KEY = 8
UNITLESS_MEASURES = ("percent", "quantity")
UNITLESS_COLUMNS = ("percent", "quantity", "planned_quantity")
# What reading says of a number that it could not place.
UNREAD_RULE = "SUB-16"
# Roles of figures that add to nothing: parts named beside (其中), and what a document states again.
APART_ROLES = ("memo", "repeated")


class Evidence(Protocol):
    """The frames that reading hands over (see the reading package for their columns)."""

    @property
    def year(self) -> int: ...
    @property
    def has_roster(self) -> bool: ...
    @property
    def bodies(self) -> pd.DataFrame: ...
    @property
    def blocks(self) -> pd.DataFrame: ...
    @property
    def facts(self) -> pd.DataFrame: ...
    @property
    def labels(self) -> pd.DataFrame: ...
    @property
    def cells(self) -> pd.DataFrame: ...
    @property
    def problems(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Keys:
    """A text column as numbers: `codes` per row into `names`."""

    codes: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, column: "pd.Series[Any]") -> "Keys":
        """Number the values of a column in order of appearance."""
        codes, names = pd.factorize(column)
        return cls(np.asarray(codes, dtype=np.int64), tuple(str(name) for name in names))

    def code(self, name: str) -> int:
        """The number of a value; -1 where it does not occur."""
        return self.names.index(name) if name in self.names else -1

    def matching(self, prefix: str) -> Ints:
        """The numbers of the values that begin so."""
        return np.array([i for i, name in enumerate(self.names) if name.startswith(prefix)], dtype=np.int64)

    @cached_property
    def level(self) -> Ints:
        """Per value: a bit for the depth of a code (3, 5 or 7 digits), another bit for what is no code."""
        return np.array(
            [LEVELS.get(len(name), OTHER_KEY) if name.isdigit() else OTHER_KEY for name in self.names],
            dtype=np.int64,
        )


@dataclass(frozen=True)
class Ground:
    """All facts by position in parallel arrays, and per body (row) and form (column) what is printed.

    `counted` is False for a figure printed again in another copy of its form. `columns`: those that the form prints, filled or
    not. `owes_form`: the bureau asks for the form; a province not known owes what every province does. `told`: a sheet with
    the form has figures that were not read. `named`: per block the numbers of the code and of the name of the body that it
    declares, -1 for none.
    """

    bodies: pd.DataFrame
    facts: pd.DataFrame
    forms: tuple[str, ...]
    body: Ints
    block: Ints
    form: Ints
    panel: Keys
    row: Keys
    column: Keys
    measure: Keys
    step: Ints
    row_parent: Ints
    column_parent: Ints
    counted: Flags
    has_form: Flags
    columns: Ints
    column_bits: dict[str, int]
    owes_form: Flags
    told: Flags
    named: tuple[Ints, Ints]

    def of_two(self, one: Ints, other: Ints) -> Flags:
        """Whether the tables of two facts say that they are of two bodies: by codes, or by names where one has no code."""
        (code, second), (name, second_name) = (
            (said[self.block[one]], said[self.block[other]]) for said in self.named
        )
        coded = (code >= 0) & (second >= 0)
        called = (name >= 0) & (second_name >= 0)
        return np.asarray(np.where(coded, code != second, called & (name != second_name)), dtype=bool)

    @cached_property
    def memo(self) -> Flags:
        """Whether a fact adds to nothing."""
        return self.facts["role"].isin(APART_ROLES).to_numpy(dtype=bool)

    @cached_property
    def known(self) -> Flags:
        """Whether the amount of a fact is known."""
        return self.facts["amount"].notna().to_numpy(dtype=bool)

    @cached_property
    def amount(self) -> Ints:
        """The amounts in 分, 0 for one that is not known."""
        return self.facts["amount"].fillna(0).to_numpy(dtype=np.int64)

    @cached_property
    def figured(self) -> Flags:
        """Whether a figure stands there, even if its amount is unknown for want of a unit."""
        return self.known | _without_unit(self.facts)

    @cached_property
    def declared(self) -> Flags:
        """Whether a fact has a unit of money or needs none."""
        return (self.facts["unit"] != "").to_numpy(dtype=bool) | unitless(self.facts)

    @cached_property
    def filled(self) -> Flags:
        """Per body and form: it has figures."""
        return marked(self.has_form.shape, (self.body[self.figured], self.form[self.figured]))

    @cached_property
    def weighty(self) -> Flags:
        """Per body and form: it has figures that are not 0, as far as is known."""
        weighty = self.figured & ~(self.known & (self.amount == 0))
        return marked(self.has_form.shape, (self.body[weighty], self.form[weighty]))

    @cached_property
    def levels(self) -> Ints:
        """Per body and form: the depths of the codes of its rows, as one number of bits."""
        known = self.known
        levels = self.row.level[self.row.codes[known]]
        return gathered(self.has_form.shape, (self.body[known], self.form[known]), levels)

    @cached_property
    def of_sheet(self) -> dict[Any, Ints]:
        """The facts of each sheet by (file, sheet)."""
        sheets = self.facts.groupby(["file", "sheet"], sort=False)
        return {sheet: np.asarray(rows) for sheet, rows in sheets.indices.items()}

    @cached_property
    def line(self) -> Ints:
        """The number of the row in which each fact stands, -1 where it stands in no cell."""
        numbers = pd.to_numeric(self.facts["cell"].str.extract(r"^[A-Z]+(\d+)$", expand=False))
        return np.asarray(numbers.fillna(-1).to_numpy(dtype=np.int64))

    @cached_property
    def unread(self) -> Flags:
        """Per body and form: figures of it were told, and none was read."""
        return self.told & ~self.filled

    @cached_property
    def letters(self) -> npt.NDArray[np.object_]:
        """The letters of the column in which each fact stands."""
        return self.facts["cell"].str.rstrip("0123456789").to_numpy(dtype=object)

    @cached_property
    def _by_form(self) -> dict[int, Ints]:
        order = np.argsort(self.form, kind="stable")
        bounds = np.searchsorted(self.form[order], np.arange(len(self.forms) + 1))
        return {number: order[bounds[number] : bounds[number + 1]] for number in range(len(self.forms))}

    @cached_property
    def _by_parent(self) -> tuple[tuple[Ints, Ints], ...]:
        parents = (self.row_parent, self.column_parent)
        orders = [np.argsort(each, kind="stable") for each in parents]
        return tuple((each[order], order) for each, order in zip(parents, orders, strict=True))

    def parts_of(self, fact: int) -> Ints:
        """The positions of the facts that add into one, along rows and along columns."""
        bounds = [(np.searchsorted(parents, [fact, fact + 1]), order) for parents, order in self._by_parent]
        return np.concatenate([order[start:end] for (start, end), order in bounds])

    def of_form(self, form: str) -> Ints:
        """The positions of a form's facts."""
        return self._by_form[self.forms.index(form)]

    @cached_property
    def leads(self) -> Ints:
        """The positions of the first figure of each row that is headed by a code, panel by panel; of halves of a list side by
        side, each has rows of its own."""
        headed = np.array([name[:1].isascii() and name[:1].isdigit() for name in self.row.names], dtype=bool)
        coded = np.flatnonzero(headed[self.row.codes]) if len(headed) else np.zeros(0, dtype=np.int64)
        position = self.facts["position"].to_numpy(dtype=np.int64)[coded]
        panel = self.block[coded] * max(len(self.panel.names), 1) + self.panel.codes[coded]
        row = panel * (int(position.max(initial=0)) + 1) + position
        code = row * max(len(self.row.names), 1) + self.row.codes[coded]
        return coded[~pd.Series(code).duplicated().to_numpy(dtype=bool)]

    @property
    def numbered(self) -> dict[str, Keys]:
        """The text columns of the facts that are numbered already."""
        return {
            "body_id": Keys(self.body, tuple(self.bodies["body_id"])),
            "form": Keys(self.form, self.forms),
            "panel": self.panel,
            "row_key": self.row,
            "column_key": self.column,
            "measure": self.measure,
        }

    @cached_property
    def _selected(self) -> dict[Address, Ints]:
        return {}

    def select(self, address: Address) -> Ints:
        """The positions of the facts at an address, in every body, copies left out."""
        if address not in self._selected:
            within = address._replace(row="", column="")
            if within not in self._selected:
                self._selected[within] = self._of_panel(within)
            facts = _along(self._selected[within], address.row, self.row, self.row_parent)
            self._selected[address] = _along(facts, address.column, self.column, self.column_parent)
        return self._selected[address]

    def _of_panel(self, address: Address) -> Ints:
        facts = self.of_form(address.form)
        facts = facts[self.counted[facts] & ~self.memo[facts]]
        facts = facts[self.panel.codes[facts] == self.panel.code(address.panel)]
        return np.asarray(facts[self.measure.codes[facts] == self.measure.code(address.measure)])

    def prints(self, address: Address) -> Flags:
        """Per body: it has the form, not one of which no figure was read, and the form has the column."""
        form = self.forms.index(address.form)
        bodies: Flags = self.has_form[:, form] & ~self.unread[:, form]
        if address.column == "total" or address.column.endswith(EVERY):
            return bodies
        bit = self.column_bits.get(address.column, 0)
        return np.asarray(bodies & ((self.columns[:, form] & bit) != 0))


def _along(facts: Ints, wanted: str, keys: Keys, parents: Ints) -> Ints:
    """Those of the facts whose key is the wanted one, in the sense of an address."""
    own = keys.codes[facts]
    if wanted == EACH_ROW:
        return np.asarray(facts[keys.level[own] != OTHER_KEY])
    if wanted == EVERY:
        return np.asarray(facts[_directly_below(keys, own, parents[facts])])
    if wanted.endswith(EVERY):
        begins = facts[np.isin(own, keys.matching(wanted.removesuffix(EVERY)))]
        return np.asarray(begins[~np.isin(begins, parents[begins])])
    return np.asarray(facts[own == keys.code(wanted)])


def _directly_below(keys: Keys, own: Ints, parents: Ints) -> Flags:
    """Facts that add into nothing or into the grand total, the grand total itself left out."""
    total = keys.code("total")
    parent_key = np.where(parents >= 0, keys.codes[parents], total) if len(keys.codes) else parents
    below: Flags = (own != total) & (parent_key == total)
    return below


def _without_unit(facts: pd.DataFrame) -> Flags:
    """Figures whose amount is unknown because no unit was declared."""
    unknown = facts["amount"].isna() & (facts["unit"] == "")
    found = unknown.to_numpy(dtype=bool, copy=True)
    found[found] = facts["raw"][unknown].str.contains(r"\d").to_numpy(dtype=bool)
    return found


def unitless(facts: pd.DataFrame) -> Flags:
    """Whether a fact is a percentage or a number of things: it needs no unit of money."""
    measures, columns = facts["measure"].isin(UNITLESS_MEASURES), facts["column_key"].isin(UNITLESS_COLUMNS)
    return (measures | columns).to_numpy(dtype=bool)


def marked(shape: tuple[int, ...], cells: tuple[Ints, Ints]) -> Flags:
    """Flags per body and form, set at the cells whose body and form are listed."""
    flags = np.zeros(shape, dtype=bool)
    inside = (cells[0] >= 0) & (cells[1] >= 0)
    flags[cells[0][inside], cells[1][inside]] = True
    return flags


def gathered(shape: tuple[int, ...], cells: tuple[Ints, Ints], bits: Ints) -> Ints:
    """Numbers per body and form, each with all bits of its cells."""
    gathered_bits = np.zeros(shape, dtype=np.int64)
    inside = (cells[0] >= 0) & (cells[1] >= 0)
    np.bitwise_or.at(gathered_bits, (cells[0][inside], cells[1][inside]), bits[inside])
    return gathered_bits


def numbers(values: "pd.Series[Any]", names: "Sequence[str] | pd.Series[Any]") -> Ints:
    """Where each value stands in a list of distinct names; -1 for what is not there."""
    return np.asarray(pd.Index(names).get_indexer(pd.Index(values)), dtype=np.int64)


def addresses(body: Ints, form: Ints, keys: "Sequence[Keys] | Any") -> Ints:
    """A number per fact, the same for facts of one body that stand at one address."""
    key = body * (len(forms()) + 1) + form
    for part in keys:
        key = key * max(len(part.names), 1) + part.codes
    return np.asarray(pd.factorize(key)[0], dtype=np.int64)
