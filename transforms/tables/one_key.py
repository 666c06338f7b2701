"""One key for a body that a file names with its code in one table and without it in another."""

from collections.abc import Iterable

from transforms.tables.facts import Facts, Item, Line
from transforms.wording.body_names import BODY_KEY, name_behind_code


def unite_bodies(facts: Facts) -> None:
    """Give the figures of a body that has a code in some table that code in all: no two codes may go with its name."""
    lines = facts.places.line
    keys = {line.key for line in lines if line.key.startswith(BODY_KEY)}
    keys |= {item.column_key for item in facts.items if item.column_key.startswith(BODY_KEY)}
    named = {key for key in keys if not key.removeprefix(BODY_KEY).isdigit()}
    if not named or named == keys:
        return
    coded = _codes_of_names((line for line in lines if line.key in keys - named), named)
    if coded:
        facts.places.line = [_coded(line, coded) for line in lines]
        facts.items = [Item(coded.get(item.column_key, item.column_key), *item[1:]) for item in facts.items]


def _codes_of_names(lines: Iterable[Line], named: set[str]) -> dict[str, str]:
    """The keys by names, each with the one key by code that goes with the name."""
    found: dict[str, set[str]] = {}
    for line in lines:
        found.setdefault(BODY_KEY + name_behind_code(line.label), set()).add(line.key)
    return {name: next(iter(codes)) for name, codes in found.items() if name in named and len(codes) == 1}


def _coded(line: Line, coded: dict[str, str]) -> Line:
    return line._replace(key=coded[line.key]) if line.key in coded else line
