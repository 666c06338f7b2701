"""What a file's tables say of its body, told without pandas, which a reader need not load."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from transforms.read import FileReading


class Said(NamedTuple):
    """What the tables of a file say of its body; '' where they say nothing. `forms`: which they are, spaces between.

    `cells`: how many there are in its sheets, blank ones too: what it takes to judge them.
    """

    code: str
    name: str
    scope: str
    family: str
    forms: str = ""
    cells: int = 0


def said_of(reading: FileReading) -> Said:
    """The body most of a file's tables name; what no table names stays blank."""
    named = [block for block in reading.blocks if block["declared_name"]]
    code = _most(block["declared_code"] for block in named) or _most(
        b["declared_code"] for b in reading.blocks
    )
    name = _most(block["declared_name"] for block in named) or _most(
        block.get("titled_name", "") for block in reading.blocks
    )
    scope = _most(block["declared_scope"] for block in reading.blocks)
    forms = " ".join(sorted({block.get("form", "") for block in reading.blocks}))
    family = _most(block.get("family", "") for block in reading.blocks)
    return Said(code, name, scope, family, forms, sum(len(sheet.marks) for sheet in reading.ledger.sheets))


def _most(values: Iterable[Any]) -> str:
    counts = Counter(value for value in values if value)
    return counts.most_common(1)[0][0] if counts else ""
