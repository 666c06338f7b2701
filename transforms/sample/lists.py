"""The generator's own vocabulary: families of forms, names, codes, traps and defects, read from `lists/`."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

# libyaml where PyYAML was built with it: ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LISTS = Path(__file__).parent / "lists"


@cache
def settings(name: str) -> Mapping[str, Any]:
    """The YAML list `name` as it stands."""
    return MappingProxyType(yaml.load((LISTS / f"{name}.yml").read_text(encoding="utf-8"), Loader=LOADER))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of the CSV list `name`, every value a string."""
    with (LISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _functions() -> Mapping[str, Mapping[str, str]]:
    return {row["code"]: row for row in rows("functions")}


@cache
def economic_names() -> Mapping[str, str]:
    """Economic code to name."""
    return {row["code"]: row["name"] for row in rows("economics")}


def function_name(code: str, year: int, default: str = "") -> str:
    """Name of a function code in the edition of `year`; `default` for codes that only occur as headings."""
    row = _functions().get(code)
    if row is None:
        return default
    if row["older_until"] and year <= int(row["older_until"]):
        return row["older_name"]
    return row["name"]


def parts(key: str) -> tuple[str, ...]:
    """The drawn keys that a printed column or row adds up.

    >>> parts("basic")
    ('basic_personnel', 'basic_operating')
    >>> parts("project")
    ('project',)
    """
    return tuple(settings("parts").get(key, (key,)))
