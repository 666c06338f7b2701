"""The columns in which evidence travels, each with its type said once, and records put into them.

Known to whoever reads a file; the frames that they become know pandas (frames.py), which a reader need not load.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

Columns = dict[str, list[Any]]

TEXT, WHOLE, REAL, FLAG = "object", "Int64", "float64", "bool"
# A text that many records share: as a frame it is held once.
WORD = "category"

_PLACE = {"file": TEXT, "sheet": TEXT, "cell": TEXT}
BODIES: Mapping[str, str] = {
    "body_id": TEXT, "fiscal_year": WHOLE, "scope": TEXT, "department_code": TEXT, "department_name": TEXT,
    "unit_code": TEXT, "unit_name": TEXT, "kind": TEXT, "due": TEXT, "on_roster": FLAG, "sent": FLAG,
    "submission": WHOLE, "family": TEXT, "parent_id": TEXT,
}  # fmt: skip
BLOCKS: Mapping[str, str] = {
    "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "title": TEXT, "unit": TEXT, "year": WHOLE, "step": WHOLE,
    "declared_code": TEXT, "declared_name": TEXT, "declared_scope": TEXT, "note": TEXT, "n_facts": WHOLE,
    "score": REAL, "runner_up": TEXT, "columns": TEXT, **_PLACE,
}  # fmt: skip
FACTS: Mapping[str, str] = {
    "fact_id": WHOLE, "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "row_key": TEXT,
    "row_label": TEXT, "column_key": TEXT, "measure": TEXT, "role": TEXT, "amount": WHOLE, "unit": TEXT, "own_step": WHOLE,
    "position": WHOLE, "row_parent": WHOLE, "column_parent": WHOLE, **_PLACE, "raw": TEXT,
}  # fmt: skip
LABELS: Mapping[str, str] = {
    "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "position": WHOLE, "column_key": TEXT,
    "text": TEXT, **_PLACE,
}  # fmt: skip
CELLS: Mapping[str, str] = {
    **dict.fromkeys(_PLACE, WORD), "raw": TEXT, "disposition": WORD, "form": WORD, "reason": WORD,
}  # fmt: skip
PROBLEMS: Mapping[str, str] = {
    "rule_id": TEXT, "body_id": TEXT, **_PLACE, "found": TEXT, "expected": TEXT, "detail": TEXT,
    "severity": TEXT,
}  # fmt: skip

SENTENCES: Mapping[str, str] = {"body_id": TEXT, **_PLACE, "chapter": TEXT, "text": TEXT, "understood": FLAG}


def empty_columns(columns: Mapping[str, str]) -> Columns:
    """Columns without values; the body is known only when all files are joined."""
    return {name: [] for name in columns if name != "body_id"}


def add_records(columns: Columns, records: Sequence[object], **same: str) -> None:
    """Append records (objects with an attribute per column) column by column; `same` holds for all of them."""
    for name, values in columns.items():
        values.extend([same[name]] * len(records) if name in same else map(attrgetter(name), records))
