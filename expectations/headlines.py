"""The county's headline figures (`headlines.yml`): what each is called and which published figures it adds up."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, model_validator

from expectations.canon import Canonical
from expectations.definitions import allowed_values, definitions
from expectations.yamlfile import read_as

FILE = Path(__file__).parent / "headlines.yml"


class Measure(Canonical):
    """A headline: the county table that publishes it, and the spending types it is confined to (all where none)."""

    title: str
    county: str
    types: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _adds_up_a_county_table(self) -> "Measure":
        table = definitions().tables.get(self.county)
        if table is None or table.group != "county" or not table.adds:
            raise ValueError(f"no county table that adds up amounts: {self.county}")
        known = allowed_values(table.column("spending_type")) if self.types else {}
        if unknown := sorted(set(self.types) - set(known)):
            raise ValueError(f"no such spending types in {self.county}: {unknown}")
        return self

    @property
    def source(self) -> str:
        """The standard table that the county table adds up."""
        return definitions().tables[self.county].made_of[0]


@cache
def measures() -> Sequence[Measure]:
    """Every headline in its order. Raises DefinitionError where one cannot be read or names no such table."""
    return read_as(FILE, TypeAdapter(tuple[Measure, ...]))
