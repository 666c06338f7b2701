"""The frames of all bodies as tables of an in-memory DuckDB, for rules written as SQL."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import yaml
from pydantic import TypeAdapter, ValidationError

from expectations.bureau_codes import Own, all_editions
from expectations.canon import Canonical, family_of, forms
from expectations.errors import DefinitionError
from expectations.ground import Evidence, Ground, Keys
from expectations.surroundings import Surroundings

DOCUMENT = "document"
CODE_LISTS = ("functional", "dept_economic", "gov_economic")
TEXT, WHOLE, FLAG = pa.string(), pa.int64(), pa.bool_()
PLACE = {"file": TEXT, "sheet": TEXT, "cell": TEXT}
SCHEMAS = {
    "bodies": {
        "body_id": TEXT, "scope": TEXT, "department_code": TEXT, "department_name": TEXT, "unit_code": TEXT,
        "unit_name": TEXT, "kind": TEXT, "due": TEXT, "on_roster": FLAG, "sent": FLAG, "family": TEXT, "parent_id": TEXT,
    },
    "blocks": {
        "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "title": TEXT, "unit": TEXT, "year": WHOLE,
        "step": WHOLE, "declared_code": TEXT, "declared_name": TEXT, "note": TEXT, "n_facts": WHOLE, **PLACE,
    },
    "facts": {
        "fact_id": WHOLE, "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "row_key": TEXT,
        "row_label": TEXT, "column_key": TEXT, "measure": TEXT, "role": TEXT, "amount": WHOLE, "unit": TEXT,
        "position": WHOLE, "own_step": WHOLE, **PLACE,
    },
    "labels": {
        "block_id": WHOLE, "body_id": TEXT, "form": TEXT, "panel": TEXT, "position": WHOLE,
        "column_key": TEXT, "text": TEXT, **PLACE,
    },
    "problems": {"rule_id": TEXT, "body_id": TEXT, **PLACE, "found": TEXT, "expected": TEXT, "detail": TEXT},
}  # fmt: skip
VIEWS = Path(__file__).parent / "views.yml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A name without code, ordinal, spaces and punctuation, and without the level that lists put behind it.
ORDINAL, LEVEL = r"^\s*[一二三四五六七八九十]+、", r"[（(〔][类款项][）)〕]\s*$"
MARKS = r"[\s\d.．、，,；;:：“”‘’\"《》（）()〔〕\[\]·…—-]"
PLAIN = f"""CREATE MACRO plain(said) AS
  regexp_replace(regexp_replace(said, '{ORDINAL}|{LEVEL}', '', 'g'), '{MARKS}', '', 'g')"""
# A name however its brackets and spaces are typed.
SPELLED = r"""CREATE MACRO spelled(said) AS regexp_replace(translate(said, '（）', '()'), '\s', '', 'g')"""
FOUND = ("body_id", "file", "sheet", "cell", "found", "expected", "difference", "severity", "label", "detail")


NOTHING_FOUND = pd.DataFrame(columns=list(FOUND), dtype=object)
PLAIN_TYPES = {"str": TEXT, "Int64": WHOLE, "Float64": pa.float64(), "boolean": FLAG}


class View(Canonical):
    """What several rules look at, as SQL; `about` says what a row is."""

    about: str
    sql: str


@cache
def views() -> Mapping[str, View]:
    """The views of `views.yml` by name. Raises DefinitionError."""
    content = yaml.load(VIEWS.read_text(encoding="utf-8"), Loader=LOADER)
    try:
        return TypeAdapter(dict[str, View]).validate_python(content)
    except ValidationError as error:
        raise DefinitionError(f"{VIEWS.name}: {error}") from error


def views_within(sql: str) -> Mapping[str, str]:
    """The views that a question names, and those that they name, with their SQL."""
    found: dict[str, str] = {}
    waiting = [sql]
    while waiting:
        text = waiting.pop()
        named = {name: view.sql for name, view in views().items() if re.search(rf"\b{name}\b", text)}
        waiting += [view for name, view in named.items() if name not in found]
        found |= named
    return found


class Relations:
    """A connection that knows the evidence; questions are SQL, each answered once."""

    def __init__(self, evidence: Evidence, ground: Ground, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._connection = duckdb.connect(":memory:")
        self._made: set[str | tuple[str, ...]] = set()
        self._answers: dict[str, pa.Table] = {}
        for name, schema in SCHEMAS.items():
            numbered = ground.numbered if name == "facts" else {}
            self._connection.register(name, _arrow(getattr(evidence, name), schema, numbered))
        for name, table in (_small_tables(evidence) | _bureau_tables(evidence, surroundings)).items():
            self._connection.register(name, table)
        self._connection.execute(PLAIN)
        self._connection.execute(SPELLED)

    def evaluated(self, sql: str) -> pd.DataFrame:
        """Per body what was looked at: body_id, evaluated, reason ('' where it could be judged)."""
        looked: pd.DataFrame = self._ask(sql).to_pandas()
        return looked if "reason" in looked else looked.assign(reason="")

    def failing(self, sql: str) -> pd.DataFrame:
        """What does not hold, one row each; found and expected as texts, amounts in yuan with difference."""
        answer = self._ask(sql)
        if not len(answer):
            return NOTHING_FOUND
        found: pd.DataFrame = answer.to_pandas()
        amounts = [name for name in ("found", "expected") if name in found and _is_whole(found[name])]
        if len(amounts) == 2:
            found["difference"] = (found["found"] - found["expected"]).map(yuan)
        for name in amounts:
            found[name] = found[name].map(yuan)
        return found.reindex(columns=list(FOUND)).fillna("").astype(str)

    def _ask(self, sql: str) -> pa.Table:
        if sql not in self._answers:
            self._make_views(sql)
            self._show_tables(sql)
            self._answers[sql] = self._run(sql)
        return self._answers[sql]

    def _make_views(self, sql: str) -> None:
        """Work out the views that a question names, and those that they name, before it is asked."""
        for name, view in views().items():
            if name not in self._made and re.search(rf"\b{name}\b", sql):
                self._made.add(name)
                self._make_views(view.sql)
                self._show_tables(view.sql)
                self._run(f"CREATE TABLE {name} AS {view.sql}")

    def _show_tables(self, sql: str) -> None:
        """Register the standard tables of this and of the earlier year that a question names."""
        for whole, when, name in set(re.findall(r"\b((this|earlier)_([a-z_]+))\b", sql)) - self._made:
            given = self._surroundings.standard if when == "this" else self._surroundings.earlier
            own = {"body_id": "str"} if when == "this" else {}
            self._connection.register(whole, _standard_table(name, given, own))
            self._made.add(whole)

    def _run(self, sql: str) -> pa.Table | None:
        """The answer to a question; None for a statement that gives none."""
        try:
            answer = self._connection.sql(sql)
            return None if answer is None else answer.to_arrow_table()
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


def _arrow(frame: pd.DataFrame, schema: Mapping[str, pa.DataType], numbered: Mapping[str, Keys]) -> pa.Table:
    """The columns of a frame; texts, of which few differ, as numbers into a list of them."""
    arrays = [
        _encoded(numbered.get(name) or Keys.of(frame[name])) if kind == TEXT else pa.array(frame[name], kind)
        for name, kind in schema.items()
    ]
    return pa.Table.from_arrays(arrays, names=list(schema))


def _encoded(keys: Keys) -> pa.DictionaryArray:
    known = pa.array(keys.codes.astype("int32"), mask=keys.codes < 0)
    return pa.DictionaryArray.from_arrays(known, pa.array(keys.names, TEXT))


def _small_tables(evidence: Evidence) -> dict[str, pa.Table]:
    """What rules know beside the evidence: forms with their titles, coded panels, forms owed, the run itself."""
    coded = [
        (name, panel, "functional" if found.codes == "function" else "dept_economic")
        for name, form in forms().items()
        for panel, found in form.panels.items()
        if found.codes and name != DOCUMENT
    ]
    return {
        "forms": _table(("form", "title"), [(name, form.title) for name, form in forms().items()]),
        "coded_forms": _table(("form", "panel", "list"), coded),
        "titles": _table(("list", "value", "title"), _titles()),
        "owed": _table(("body_id", "form"), _owed(evidence)),
    }


def _bureau_tables(evidence: Evidence, surroundings: Surroundings) -> dict[str, pa.Table]:
    """The run itself, the bureau's thresholds (amounts in 分) and code lists, the days on which material came in."""
    limits = surroundings.thresholds
    return {
        "run": pa.table(
            {
                "year": [evidence.year],
                "has_roster": [evidence.has_roster],
                "has_earlier": [surroundings.earlier is not None],
                "as_of": pa.array([surroundings.as_of], pa.date32()),
            }
        ),
        "thresholds": pa.table(
            {
                "year_on_year_percent": [limits.year_on_year_percent],
                "year_on_year": [limits.year_on_year_yuan * 100],
                "procurement_limit": [limits.procurement_limit_yuan * 100],
            }
        ),
        "code_list": _code_lists(surroundings.codes),
        "received": pa.table(
            {
                "code": pa.array(list(surroundings.received), TEXT),
                "day": pa.array(list(surroundings.received.values()), pa.date32()),
            }
        ),
    }


def _standard_table(name: str, given: Mapping[str, pd.DataFrame] | None, also: Mapping[str, str]) -> pa.Table:
    """One of the standard tables with further columns; without rows where none are given."""
    from expectations.schema import FRAME_TYPES, tables

    if name not in tables():
        raise DefinitionError(f"a rule's SQL names no standard table: {name}")
    columns = {column.name: FRAME_TYPES[column.type] for column in tables()[name].columns} | dict(also)
    frame = (given or {}).get(name)
    if frame is None:
        return pa.schema({column: PLAIN_TYPES[kind] for column, kind in columns.items()}).empty_table()
    return pa.Table.from_pandas(frame.reindex(columns=list(columns)).astype(columns), preserve_index=False)


def _titles() -> list[tuple[str, str, str]]:
    """What people call the values of the closed lists."""
    from expectations.definitions import definitions

    enums = definitions().enums
    return [(name, value, title) for name, found in enums.items() for value, title in found.values.items()]


def _code_lists(own: Own) -> pa.Table:
    """Every edition of every code: list, code, name and the first and last year it holds. `own`: the bureau's."""
    rows = [
        (name, row.code, row.name, row.valid_from, row.valid_to)
        for name in CODE_LISTS
        for row in all_editions(name, own)
    ]
    schema = {"list": TEXT, "code": TEXT, "name": TEXT, "valid_from": WHOLE, "valid_to": WHOLE}
    return pa.table([list(column) for column in zip(*rows, strict=True)], pa.schema(schema))


def _table(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pa.Table:
    columns = [[row[place] for row in rows] for place in range(len(names))]
    return pa.table(columns, pa.schema(dict.fromkeys(names, TEXT)))


def _owed(evidence: Evidence) -> list[tuple[str, str]]:
    """The forms each body's province asks for; nothing for a province that is not known."""
    asked = {name: family_of(name, evidence.year) for name in evidence.bodies["family"].unique()}
    return [
        (body_id, form)
        for body_id, name in zip(evidence.bodies["body_id"], evidence.bodies["family"], strict=True)
        if (family := asked[name])
        for form in family.forms
    ]
