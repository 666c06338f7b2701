"""The canonical forms: what each is called, where its figures may stand, which province asks for it."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from expectations.errors import DefinitionError
from expectations.yamlfile import read_as

FOLDER = Path(__file__).parent
CODE = re.compile(r"\d{3}(\d{2}){0,2}")

Names = Annotated[tuple[str, ...], BeforeValidator(tuple)]
Hierarchy = Mapping[str, Names]


class Canonical(BaseModel):
    """A frozen definition: unknown words are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Panel(Canonical):
    """One panel of a form: its keyed rows and columns (parents with parts) and the kind of its codes."""

    rows: Hierarchy
    columns: Hierarchy
    codes: Literal["function", "economic", ""] = ""

    def has_row(self, key: str) -> bool:
        """Whether a row of that key may stand in the panel."""
        return key in _keys(self.rows) or bool(self.codes and CODE.fullmatch(key))

    def has_column(self, key: str) -> bool:
        """Whether a column of that key may stand in the panel."""
        return key in _keys(self.columns)


class Form(Canonical):
    """One official form: its title for messages, and its panels (a single one is called '')."""

    title: str
    panels: Mapping[str, Panel]


class Family(Canonical):
    """The forms one province asks of every body in a span of years."""

    family: str
    from_year: int
    to_year: int = 9999
    forms: Names


def _keys(hierarchy: Hierarchy) -> frozenset[str]:
    return frozenset(hierarchy).union(*hierarchy.values())


@cache
def forms() -> Mapping[str, Form]:
    """Every canonical form by name."""
    return read_as(FOLDER / "forms.yml", TypeAdapter(dict[str, Form]))


@cache
def families() -> tuple[Family, ...]:
    """The forms of every family, by years; a form that no one knows is refused."""
    found = read_as(FOLDER / "families.yml", TypeAdapter(tuple[Family, ...]))
    unknown = {form for family in found for form in family.forms} - forms().keys()
    if unknown:
        raise DefinitionError(f"families.yml names unknown forms: {', '.join(sorted(unknown))}")
    return found


def family_of(name: str, year: int) -> Family | None:
    """What a family asks for in a year; None where that is not known."""
    spans = (family for family in families() if family.family == name)
    return next((family for family in spans if family.from_year <= year <= family.to_year), None)


def title(form: str) -> str:
    """What people call a form; the key itself where the form has no name here."""
    return forms()[form].title if form in forms() else form
