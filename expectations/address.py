"""Addresses of figures in rules: `form/panel!row:column@measure`, and sums and alternatives of them."""

import re
from functools import cache
from typing import NamedTuple

from expectations.canon import forms
from expectations.errors import DefinitionError

SHAPE = re.compile(
    r"(?P<form>[a-z_]+)(/(?P<panel>[a-z_]+))?!(?P<row>[^:@]+)(:(?P<column>[^@]+))?(@(?P<measure>[a-z]+))?"
)
EACH_ROW = "{row}"
EVERY = "*"


class Address(NamedTuple):
    """Where figures stand.

    `row` and `column` are a key, `*` (the parts printed directly below the total), a beginning and `*`
    (the leaves whose key begins so), or, for rows only, `{row}` (every coded row, one by one).
    """

    form: str
    panel: str
    row: str
    column: str
    measure: str


class Signed(NamedTuple):
    """An address and the sign with which its figures enter a sum."""

    address: Address
    weight: int


class Term(NamedTuple):
    """One side's figure: the first of several sums that is printed.

    `optional`: where the province has no such form it counts 0 instead of being missing.
    """

    candidates: tuple[tuple[Signed, ...], ...]
    optional: bool

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms a figure may come from, in order of preference."""
        found = (signed.address.form for candidate in self.candidates for signed in candidate)
        return tuple(dict.fromkeys(found))


@cache
def parse_address(text: str) -> Address:
    """An address as rules write it; the column is `total` and the measure `amount` where none is named.

    >>> parse_address("balance/income!total").column
    'total'
    """
    match = SHAPE.fullmatch(text.strip())
    if match is None:
        raise DefinitionError(f"not an address of figures: {text!r}")
    address = Address(
        match["form"],
        match["panel"] or "",
        match["row"],
        match["column"] or "total",
        match["measure"] or "amount",
    )
    _check(address)
    return address


def _check(address: Address) -> None:
    """Refuse a form, panel, row or column that no canonical form has."""
    form = forms().get(address.form)
    panel = form.panels.get(address.panel) if form else None
    if panel is None:
        raise DefinitionError(f"no such form or panel: {address.form}/{address.panel}")
    if not (address.row.endswith((EVERY, "}")) or panel.has_row(address.row)):
        raise DefinitionError(f"{address.form}/{address.panel} has no row {address.row}")
    if not (address.column.endswith(EVERY) or panel.has_column(address.column)):
        raise DefinitionError(f"{address.form}/{address.panel} has no column {address.column}")


@cache
def parse_term(text: str) -> Term:
    """A term as rules write it: `? ` if optional, ` | ` between alternatives, ` + ` and ` - ` in sums."""
    optional = text.startswith("? ")
    candidates = tuple(_parse_sum(part) for part in text.removeprefix("? ").split(" | "))
    return Term(candidates, optional)


def _parse_sum(text: str) -> tuple[Signed, ...]:
    parts = re.split(r" ([+-]) ", text.strip())
    signs = ["+", *parts[1::2]]
    return tuple(
        Signed(parse_address(part), 1 if sign == "+" else -1)
        for sign, part in zip(signs, parts[::2], strict=True)
    )
