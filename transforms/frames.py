"""The frames in which evidence travels: their columns and types, each said once."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

TEXT, WHOLE, REAL, FLAG = "object", "Int64", "float64", "bool"

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
    "row_label": TEXT, "column_key": TEXT, "measure": TEXT, "role": TEXT, "amount": WHOLE, "unit": TEXT,
    "position": WHOLE, "row_parent": WHOLE, "column_parent": WHOLE, **_PLACE, "raw": TEXT,
}  # fmt: skip
LABELS: Mapping[str, str] = {
    "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "position": WHOLE, "column_key": TEXT,
    "text": TEXT, **_PLACE,
}  # fmt: skip
CELLS: Mapping[str, str] = {**_PLACE, "raw": TEXT, "disposition": TEXT, "form": TEXT, "reason": TEXT}
PROBLEMS: Mapping[str, str] = {
    "rule_id": TEXT, "body_id": TEXT, **_PLACE, "found": TEXT, "expected": TEXT, "detail": TEXT,
}  # fmt: skip


def frame(records: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Records as a frame of exactly these columns and types; a text that is missing is ''."""
    table = pd.DataFrame.from_records(list(records), columns=list(dict.fromkeys([*columns, *(records[0] if records else ())])))
    table = table.reindex(columns=list(columns))
    for name, kind in columns.items():
        table[name] = table[name].fillna("").astype(object) if kind == TEXT else table[name].astype(kind)  # type: ignore[call-overload]
    return table
