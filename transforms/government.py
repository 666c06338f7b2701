"""Departments' economic codes become the government's (501–599), as far as the kind of their bodies says which."""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from expectations import codes

NO_KINDS: Mapping[str, str] = MappingProxyType({})
BODY_CODES = ["scope", "department_code", "unit_code"]
MIXED, UNKNOWN = "mixed", ""
# A body managed as the civil service is (参公) is mapped as an organ of government (行政) is: 财预〔2017〕98号.
ALIKE = {"参公": "行政"}
MAPPED = "mapped"
REASONS = {MIXED: "unmapped_mixed_kinds", UNKNOWN: "unmapped_unknown_kind"}
WITHOUT_COUNTERPART = "unmapped_code"


def kinds_of_bodies(bodies: pd.DataFrame) -> dict[str, str]:
    """What each body is by `body_id`: 行政 (参公 with it), 事业, `mixed`, or blank where it is not known.

    A department is what it and all its units are: mixed where they differ, unknown where one of them is.
    """
    kinds = bodies["kind"].fillna("").replace(ALIKE)
    own = dict(zip(bodies["body_id"], kinds, strict=True))
    units = kinds.groupby(bodies["parent_id"].fillna("")).agg(set).to_dict()
    return {body: _common({kind, *units.get(body, ())}) for body, kind in own.items()}


def codes_of_bodies(rows: pd.DataFrame) -> pd.Series:
    """Each row's body by scope and codes, tab between: what tells bodies apart in published tables."""
    codes = rows[BODY_CODES].astype(object).fillna("")
    return pd.Series(
        ["\t".join(row) for row in codes.itertuples(index=False)], index=rows.index, dtype=object
    )


def kinds_by_codes(coverage: pd.DataFrame) -> dict[str, str]:
    """As `kinds_of_bodies`, by `codes_of_bodies`, from a published coverage table."""
    superior = codes_of_bodies(coverage.assign(scope="department", unit_code=""))
    bodies = pd.DataFrame({"body_id": codes_of_bodies(coverage), "kind": coverage["kind"]})
    return kinds_of_bodies(bodies.assign(parent_id=superior.where(coverage["scope"] == "unit", "")))


def _common(kinds: set[str]) -> str:
    if UNKNOWN in kinds:
        return UNKNOWN
    return kinds.pop() if len(kinds) == 1 else MIXED


def as_government(rows: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """The rows with the government's economic code, and `mapping`: mapped, or why not (then the code is blank)."""
    kind = rows["body_id"].map(dict(kinds)).fillna(UNKNOWN).astype(str)
    reason = kind.map(REASONS)
    pairs = zip(rows["economic_code"].tolist(), kind.tolist(), strict=True)
    code = pd.Series(
        [codes.gov_from_dept(dept_code, of_kind) for dept_code, of_kind in pairs], rows.index, dtype=str
    )
    mapping = reason.fillna(MAPPED).mask(reason.isna() & (code == ""), WITHOUT_COUNTERPART)
    return rows.assign(economic_code=code.where(reason.isna(), ""), mapping=mapping)
