"""The frames of all bodies as tables of an in-memory DuckDB, for rules written as SQL."""

from collections.abc import Mapping
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from expectations.canon import family_of, forms
from expectations.errors import DefinitionError
from expectations.ground import Evidence

TEXT, WHOLE, FLAG = pa.string(), pa.int64(), pa.bool_()
PLACE = {"file": TEXT, "sheet": TEXT, "cell": TEXT}
SCHEMAS = {
    "bodies": {
        "body_id": TEXT, "scope": TEXT, "department_code": TEXT, "department_name": TEXT, "unit_code": TEXT,
        "unit_name": TEXT, "kind": TEXT, "on_roster": FLAG, "sent": FLAG, "family": TEXT, "parent_id": TEXT,
    },
    "blocks": {
        "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "title": TEXT, "unit": TEXT, "year": WHOLE,
        "step": WHOLE, "declared_code": TEXT, "declared_name": TEXT, "note": TEXT, "n_facts": WHOLE, **PLACE,
    },
    "facts": {
        "fact_id": WHOLE, "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "row_key": TEXT,
        "row_label": TEXT, "column_key": TEXT, "measure": TEXT, "role": TEXT, "amount": WHOLE, "unit": TEXT,
        "position": WHOLE, **PLACE,
    },
    "labels": {
        "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "position": WHOLE,
        "column_key": TEXT, "text": TEXT, **PLACE,
    },
    "problems": {"rule_id": TEXT, "body_id": TEXT, **PLACE, "found": TEXT, "expected": TEXT, "detail": TEXT},
}  # fmt: skip
FOUND = ("body_id", "file", "sheet", "cell", "found", "expected", "difference", "severity", "label", "detail")


class Relations:
    """A connection that knows the evidence; questions are SQL."""

    def __init__(self, evidence: Evidence) -> None:
        self._connection = duckdb.connect(":memory:")
        frames = {name: getattr(evidence, name) for name in SCHEMAS}
        tables = {name: _arrow(frames[name], schema) for name, schema in SCHEMAS.items()}
        tables["owed"] = _owed(evidence)
        tables["forms"] = pa.table(
            {"form": list(forms()), "title": [form.title for form in forms().values()]}
        )
        tables["run"] = pa.table({"year": [evidence.year], "has_roster": [evidence.has_roster]})
        for name, table in tables.items():
            self._connection.register(f"given_{name}", table)
            self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")

    def evaluated(self, sql: str) -> pd.DataFrame:
        """Per body what was looked at: body_id, evaluated, reason ('' where it could be judged)."""
        return self._ask(sql).reindex(columns=["body_id", "evaluated", "reason"]).fillna({"reason": ""})

    def failing(self, sql: str) -> pd.DataFrame:
        """What does not hold, one row each; found and expected as texts, amounts in yuan with difference."""
        found = self._ask(sql)
        amounts = [name for name in ("found", "expected") if name in found and _is_whole(found[name])]
        if len(amounts) == 2:
            found["difference"] = (found["found"] - found["expected"]).map(yuan)
        for name in amounts:
            found[name] = found[name].map(yuan)
        return found.reindex(columns=list(FOUND)).fillna("").astype(str)

    def _ask(self, sql: str) -> pd.DataFrame:
        try:
            return self._connection.execute(sql).df()
        except duckdb.Error as error:
            raise DefinitionError(f"a rule's SQL does not run: {error}\n{sql}") from error


def _is_whole(column: "pd.Series[Any]") -> bool:
    return bool(pd.api.types.is_integer_dtype(column.dtype))


def yuan(amount: int | None) -> str:
    """分 as yuan with two decimals; '' for what is unknown.

    >>> yuan(-5)
    '-0.05'
    """
    if amount is None or pd.isna(amount):
        return ""
    whole, rest = divmod(abs(int(amount)), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:02d}"


def _arrow(frame: pd.DataFrame, schema: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.Table.from_pandas(frame[list(schema)], schema=pa.schema(schema), preserve_index=False)


def _owed(evidence: Evidence) -> pa.Table:
    """The forms each body's province asks for; nothing for a province that is not known."""
    asked = {name: family_of(name, evidence.year) for name in evidence.bodies["family"].unique()}
    rows = [
        (body_id, form)
        for body_id, name in zip(evidence.bodies["body_id"], evidence.bodies["family"], strict=True)
        if (family := asked[name])
        for form in family.forms
    ]
    return pa.table(
        {"body_id": [row[0] for row in rows], "form": [row[1] for row in rows]},
        pa.schema({"body_id": TEXT, "form": TEXT}),
    )
