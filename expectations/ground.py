"""What the checks stand on: the facts of all bodies as arrays, and what each body's forms print."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.address import EACH_ROW, EVERY, Address
from expectations.canon import families, family_of, forms

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEVELS = {3: 1, 5: 2, 7: 4}
OTHER_KEY = 8
UNITLESS_MEASURES = ("percent", "quantity")
UNITLESS_COLUMNS = ("percent", "quantity", "planned_quantity")
REPEATING = ("project",)
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

    Amounts are 分 with unknown ones as 0 and `known` False; `figured`: a figure stands there, even if unknown
    for want of a unit. `counted` is False for a figure printed again in another copy of its form. `declared`:
    the fact needs no unit or has one. `filled`: the form has figures; `weighty`: not all of them 0. `owes_form`:
    the bureau asks for the form; a province not known owes what every province does. `told`: a sheet with the form has
    figures that were not read.
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
    memo: Flags
    amount: Ints
    known: Flags
    figured: Flags
    declared: Flags
    step: Ints
    row_parent: Ints
    column_parent: Ints
    counted: Flags
    has_form: Flags
    filled: Flags
    weighty: Flags
    levels: Ints
    columns: Ints
    column_bits: dict[str, int]
    owes_form: Flags
    told: Flags

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


def survey(evidence: Evidence) -> Ground:
    """Take stock of the evidence once, for all rules."""
    bodies, blocks, facts = (
        frame.reset_index(drop=True) for frame in (evidence.bodies, evidence.blocks, evidence.facts)
    )
    names = tuple(forms())
    body, form = numbers(facts["body_id"], bodies["body_id"]), numbers(facts["form"], names)
    block = numbers(facts["block_id"], blocks["block_id"])
    if min(body.min(initial=0), block.min(initial=0)) < 0:
        raise ValueError("facts of a body or block that is not listed")
    keys = {name: Keys.of(facts[name]) for name in ("panel", "row_key", "column_key", "measure")}
    known = facts["amount"].notna().to_numpy(dtype=bool)
    figured = known | _without_unit(facts)
    amount = facts["amount"].fillna(0).to_numpy(dtype=np.int64)
    weighty = figured & ~(known & (amount == 0))
    unitless = facts["measure"].isin(UNITLESS_MEASURES) | facts["column_key"].isin(UNITLESS_COLUMNS)
    shape = (len(bodies), len(names))
    block_of = (numbers(blocks["body_id"], bodies["body_id"]), numbers(blocks["form"], names))
    bits = {name: 1 << number for number, name in enumerate(_all_columns())}
    return Ground(
        bodies=bodies,
        facts=facts,
        forms=names,
        body=body,
        block=block,
        form=form,
        panel=keys["panel"],
        row=keys["row_key"],
        column=keys["column_key"],
        measure=keys["measure"],
        memo=facts["role"].isin(APART_ROLES).to_numpy(dtype=bool),
        amount=amount,
        known=known,
        figured=figured,
        declared=((facts["unit"] != "") | unitless).to_numpy(dtype=bool),
        step=np.where(unitless, 1, _steps(facts, blocks, block)),
        row_parent=_positions(facts["row_parent"], facts["fact_id"]),
        column_parent=_positions(facts["column_parent"], facts["fact_id"]),
        counted=_first_copies(body, form, block, keys, repeating=[names.index(name) for name in REPEATING]),
        has_form=_marked(shape, block_of),
        filled=_marked(shape, (body[figured], form[figured])),
        weighty=_marked(shape, (body[weighty], form[weighty])),
        levels=_gathered(
            shape, (body[known], form[known]), keys["row_key"].level[keys["row_key"].codes[known]]
        ),
        columns=_gathered(shape, block_of, _column_bits(blocks["columns"], bits))
        | _gathered(shape, (body, form), _key_bits(keys["column_key"], bits)),
        column_bits=bits,
        owes_form=_owed(bodies["family"], names, evidence.year),
        told=_marked(shape, _told(evidence.problems, blocks, bodies, names)),
    )


def _told(
    problems: pd.DataFrame, blocks: pd.DataFrame, bodies: pd.DataFrame, names: Sequence[str]
) -> tuple[Ints, Ints]:
    """Bodies and forms of the blocks on whose sheets a figure was not read."""
    place = ["body_id", "file", "sheet"]
    unread = problems.loc[problems["rule_id"] == UNREAD_RULE, place].drop_duplicates()
    told = blocks[[*place, "form"]].merge(unread, on=place)
    return numbers(told["body_id"], bodies["body_id"]), numbers(told["form"], names)


def _steps(facts: pd.DataFrame, blocks: pd.DataFrame, block: Ints) -> Ints:
    """The display step of each fact: its own where it has one (figures in prose), else that of its block."""
    own = facts["own_step"].fillna(0).to_numpy(dtype=np.int64)
    return np.where(own > 0, own, blocks["step"].fillna(1).to_numpy(dtype=np.int64)[block])


def _without_unit(facts: pd.DataFrame) -> Flags:
    """Figures whose amount is unknown because no unit was declared."""
    unknown = facts["amount"].isna() & (facts["unit"] == "")
    found = unknown.to_numpy(dtype=bool, copy=True)
    found[found] = facts["raw"][unknown].str.contains(r"\d").to_numpy(dtype=bool)
    return found


def _owed(family: "pd.Series[Any]", names: Sequence[str], year: int) -> Flags:
    """Per body and form: whether the bureau asks for it."""
    asked = {name: family_of(name, year) for name in family.unique()}
    everywhere = set.intersection(*(set(kept.forms) for kept in families()))
    owed = {name: set(kept.forms) if kept else everywhere for name, kept in asked.items()}
    rows = [[form in owed[name] for form in names] for name in family]
    return np.array(rows, dtype=bool).reshape(len(family), len(names))


def numbers(values: "pd.Series[Any]", names: "Sequence[str] | pd.Series[Any]") -> Ints:
    """Where each value stands in a list of distinct names; -1 for what is not there."""
    return np.asarray(pd.Index(names).get_indexer(pd.Index(values)), dtype=np.int64)


def _positions(parents: "pd.Series[Any]", fact_ids: "pd.Series[Any]") -> Ints:
    """The positions of parent facts; -1 where a fact has none."""
    wanted = parents.fillna(-1).to_numpy(dtype=np.int64)
    own = fact_ids.to_numpy(dtype=np.int64)
    if np.array_equal(own, np.arange(len(own))):
        return wanted
    return np.asarray(pd.Index(own).get_indexer(pd.Index(wanted)), dtype=np.int64)


def _all_columns() -> list[str]:
    """Every column key of every form, each once."""
    panels = [panel for form in forms().values() for panel in form.panels.values()]
    keys = {key for panel in panels for parent, parts in panel.columns.items() for key in (parent, *parts)}
    return sorted(keys)


def _column_bits(columns: "pd.Series[Any]", bits: dict[str, int]) -> Ints:
    """Per block: its columns as one number of bits."""
    known: dict[str, int] = {}
    for printed in columns.unique():
        known[printed] = sum(bits.get(name, 0) for name in set(printed.split()))
    return np.asarray(columns.map(known), dtype=np.int64)


def _key_bits(keys: Keys, bits: dict[str, int]) -> Ints:
    """Per fact: the bit of its column."""
    own = np.array([bits.get(name, 0) for name in keys.names], dtype=np.int64)
    return own[keys.codes] if len(own) else np.zeros(0, dtype=np.int64)


def _marked(shape: tuple[int, int], cells: tuple[Ints, Ints]) -> Flags:
    marked = np.zeros(shape, dtype=bool)
    inside = (cells[0] >= 0) & (cells[1] >= 0)
    marked[cells[0][inside], cells[1][inside]] = True
    return marked


def _gathered(shape: tuple[int, int], cells: tuple[Ints, Ints], bits: Ints) -> Ints:
    gathered = np.zeros(shape, dtype=np.int64)
    inside = (cells[0] >= 0) & (cells[1] >= 0)
    np.bitwise_or.at(gathered, (cells[0][inside], cells[1][inside]), bits[inside])
    return gathered


def _first_copies(
    body: Ints, form: Ints, block: Ints, keys: dict[str, Keys], repeating: Sequence[int]
) -> Flags:
    """False for a figure whose address another block of the same body and form has printed before.

    Forms of which a body has many (one per project) keep them all.
    """
    address = addresses(body, form, keys.values())
    first_block = np.full(int(address.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_block, address, block)
    return np.asarray((first_block[address] == block) | np.isin(form, repeating))


def addresses(body: Ints, form: Ints, keys: "Sequence[Keys] | Any") -> Ints:
    """A number per fact, the same for facts of one body that stand at one address."""
    key = body * (len(forms()) + 1) + form
    for part in keys:
        key = key * max(len(part.names), 1) + part.codes
    return np.asarray(pd.factorize(key)[0], dtype=np.int64)
