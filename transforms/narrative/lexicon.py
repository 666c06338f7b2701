"""The phrase files as frozen models, and the one lexicon made of them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.yamlfile import read_as
from transforms.narrative.wording import Wordings

FOLDER = Path(__file__).parents[1] / "phrases"
BY_FUND = "by_fund"
THIS_YEAR = "current_total"


class Definition(BaseModel):
    """A piece of a phrase file: unknown words are refused, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Measured(Definition):
    """Something amounts are stated of; its example yields figures, as {address: value} in people's writing."""

    key: str
    says: tuple[str, ...]
    example: str
    yields: Mapping[str, str]


class Fund(Measured):
    """A source of fiscal money: the panel of its spending, and its row among the sources of income."""

    panel: str
    income: str


class Side(Measured):
    """Income, spending or both; `this_year`: without what the year before has left."""

    this_year: bool = False


class Item(Measured):
    """A kind of income or spending at a row of a panel, or of the panel that the fund decides (`by_fund`)."""

    panel: str
    row: str


class Asset(Measured):
    """A class of assets at its row of the panel `assets`."""

    row: str


class Measures(Definition):
    """The content of measures.yml; `panels` with their titles."""

    panels: Mapping[str, str]
    funds: tuple[Fund, ...]
    sides: tuple[Side, ...]
    items: tuple[Item, ...]
    assets: tuple[Asset, ...]
    elsewhere: tuple[str, ...]
    asset_value: tuple[str, ...]
    asset_kinds: tuple[str, ...]


class Texts(Definition):
    """The content of text.yml."""

    read_as_text: tuple[str, ...]
    not_of_money: tuple[str, ...]
    seldom_twice: tuple[str, ...]
    name_endings: tuple[str, ...]
    short_names: tuple[str, ...]
    never_in_names: tuple[str, ...]
    harmless_in_names: tuple[str, ...]
    harmless_notes: tuple[str, ...]
    heading_words: tuple[str, ...]
    ambiguous_classes: tuple[str, ...]
    ordinals: str


class Numbers(Definition):
    """The content of numbers.yml: units of amounts with their 分, units of counts, units of what no table counts."""

    amounts: Mapping[str, int]
    written: Mapping[str, str]
    counts: tuple[str, ...]
    asides: tuple[str, ...]


class Shape(Definition):
    """How a clause is built, and what the reader does with it."""

    does: str
    shape: str


class Shapes(Definition):
    """The content of shapes.yml."""

    parts: Mapping[str, str]
    shapes: tuple[Shape, ...]


@cache
def measures() -> Measures:
    """What a document states amounts of."""
    return read_as(FOLDER / "measures.yml", TypeAdapter(Measures))


@cache
def texts() -> Texts:
    """Names of bodies, and wordings set aside."""
    return read_as(FOLDER / "text.yml", TypeAdapter(Texts))


@cache
def numbers() -> Numbers:
    """The units of amounts and counts."""
    return read_as(FOLDER / "numbers.yml", TypeAdapter(Numbers))


@cache
def shapes() -> Shapes:
    """How clauses are built."""
    return read_as(FOLDER / "shapes.yml", TypeAdapter(Shapes))


@cache
def funds() -> Mapping[str, Fund]:
    """The funds by key."""
    return {fund.key: fund for fund in measures().funds}


@cache
def items() -> Mapping[str, Item | Asset]:
    """The items and assets by key."""
    known: list[Item | Asset] = [*measures().items, *measures().assets]
    return {item.key: item for item in known}


@cache
def lexicon() -> Wordings:
    """All wordings of words.yml and measures.yml; DefinitionError where one has two meanings."""
    known = Wordings()
    words = read_as(FOLDER / "words.yml", TypeAdapter(dict[str, list[str]]))
    for kind, patterns in words.items():
        known.add(kind, "", patterns)
    for side in measures().sides:
        known.add(side.key, THIS_YEAR if side.this_year else side.key, list(side.says))
    for fund in measures().funds:
        known.add("fund", fund.key, list(fund.says))
    for item in measures().items:
        known.add("item", item.key, list(item.says))
    for asset in measures().assets:
        known.add("asset", asset.key, list(asset.says))
    known.add("elsewhere", "", list(measures().elsewhere))
    known.add("asset_value", "", list(measures().asset_value))
    known.add("asset_kind", "", list(measures().asset_kinds))
    return known
