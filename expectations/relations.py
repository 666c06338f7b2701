"""The frames of all bodies as tables of an in-memory DuckDB, for rules written as SQL."""

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter

from expectations.bureau_codes import Own, all_editions
from expectations.canon import Canonical, family_of, forms
from expectations.codes import Code, codes
from expectations.errors import DefinitionError
from expectations.ground import LEVELS, Evidence, Ground, Keys
from expectations.messages import PERCENT, in_unit
from expectations.surroundings import Surroundings
from expectations.yamlfile import read_as

DOCUMENT = "document"
ECONOMIC, GOVERNMENT = "dept_economic", "gov_economic"
CODE_LISTS = ("functional", ECONOMIC, GOVERNMENT)
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
CODED = ("fact_id", "block_id", "body_id", "form", "panel", "row_key", "position", "row_label", *PLACE)
VIEWS = Path(__file__).parent / "views.yml"
# A name without code, ordinal, spaces and punctuation, and without the level that lists put behind it.
ORDINAL, LEVEL = r"^\s*[一二三四五六七八九十]+、", r"[（(〔][类款项][）)〕]\s*$"
MARKS = r"[\s\d.．、，,；;:：“”‘’\"《》（）()〔〕\[\]·…—-]"
PLAIN = f"""CREATE MACRO plain(said) AS
  regexp_replace(regexp_replace(said, '{ORDINAL}|{LEVEL}', '', 'g'), '{MARKS}', '', 'g')"""
# A name however its brackets and spaces are typed.
SPELLED = r"""CREATE MACRO spelled(said) AS regexp_replace(translate(said, '（）', '()'), '\s', '', 'g')"""
# Whether two tables say that they are of two bodies: by their codes, or by their names where one states no code.
OF_TWO = """CREATE MACRO of_two(code, name, other_code, other_name) AS CASE WHEN code <> '' AND other_code <> ''
  THEN code <> other_code ELSE name <> '' AND other_name <> '' AND spelled(name) <> spelled(other_name) END"""
# The most that rounding explains of a difference between a sum and so many figures that are shown in steps of so many 分.
MOST_STEPS = 5
ROUNDING = f"""CREATE MACRO rounding(addends, step) AS
  least((addends + 1) * step / 2, {MOST_STEPS} * step)"""
FOUND = (
    "body_id",
    "file",
    "sheet",
    "cell",
    "found",
    "expected",
    "difference",
    "severity",
    "label",
    "detail",
    "facts",
    "unit",
    "expected_unit",
)


NOTHING_FOUND = pd.DataFrame(columns=list(FOUND), dtype=object)
PLAIN_TYPES = {"str": TEXT, "Int64": WHOLE, "Float64": pa.float64(), "boolean": FLAG}


class Looked(NamedTuple):
    """Per body how much was looked at, and why it could not be judged ('' where it could)."""

    body: npt.NDArray[np.object_]
    evaluated: npt.NDArray[np.int64]
    reason: npt.NDArray[np.object_]


NOTHING_LOOKED_AT = Looked(np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object))


class View(Canonical):
    """What several rules look at, as SQL; `about` says what a row is."""

    about: str
    sql: str


@cache
def views() -> Mapping[str, View]:
    """The views of `views.yml` by name. Raises DefinitionError."""
    return read_as(VIEWS, TypeAdapter(dict[str, View]))


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
    """A connection that knows the evidence; questions are SQL, each answered once.

    It works in one thread: most of an answer's time goes into planning, and groups are judged side by side.
    """

    def __init__(self, evidence: Evidence, ground: Ground, surroundings: Surroundings) -> None:
        self._surroundings, self.has_earlier = surroundings, surroundings.earlier is not None
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._made: set[str | tuple[str, ...]] = set()
        self._answers: dict[str, pa.Table] = {}
        small = _small_tables(evidence) | _bureau_tables(evidence, surroundings)
        for name, table in (_evidence_tables(evidence, ground) | small).items():
            self._connection.register(name, table)
        for macro in (PLAIN, SPELLED, OF_TWO, ROUNDING):
            self._connection.execute(macro)

    def evaluated(self, sql: str) -> Looked:
        """How much was looked at in which bodies."""
        looked = self._ask(sql)
        body, count = (looked[name].to_numpy() for name in ("body_id", "evaluated"))
        reasoned = "reason" in looked.column_names
        return Looked(
            body, count, looked["reason"].to_numpy() if reasoned else np.full(len(body), "", dtype=object)
        )

    def failing(self, sql: str) -> pd.DataFrame:
        """What does not hold, one row each; found and expected as texts, amounts in yuan with difference; `unit`: that of the
        sheet, in which the message is to say them, `expected_unit` that of another sheet whose amount is expected."""
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
            self._answers[sql] = _rows(self._run(sql))
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

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        """The connection with the answer to a statement."""
        try:
            return self._connection.execute(sql)
        except duckdb.Error as error:
            raise DefinitionError(f"a rule's SQL does not run: {error}\n{sql}") from error


def _rows(answer: duckdb.DuckDBPyConnection) -> pa.Table:
    """The rows of an answer. DuckDB warns that they are copied, which takes less time than to bind each question twice."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
        return answer.to_arrow_table()


def _is_whole(column: "pd.Series[Any]") -> bool:
    return bool(pd.api.types.is_integer_dtype(column.dtype))


# What `yuan` gives of a known amount.
YUAN = re.compile(r"-?\d+\.\d{2}")


def yuan(amount: int | None) -> str:
    """分 as yuan with two decimals; '' for what is unknown.

    >>> yuan(-5)
    '-0.05'
    """
    if amount is None or pd.isna(amount):
        return ""
    whole, rest = divmod(abs(int(amount)), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:02d}"


def _evidence_tables(evidence: Evidence, ground: Ground) -> dict[str, pa.Table]:
    """The frames as reading hands them over, and the coded rows among the facts."""
    tables = {
        name: _arrow(getattr(evidence, name), schema, ground.numbered if name == "facts" else {})
        for name, schema in SCHEMAS.items()
    }
    return tables | {"coded": _coded_rows(ground, tables["facts"])}


def _coded_rows(ground: Ground, facts: pa.Table) -> pa.Table:
    """One row per row of a table that is headed by a function or economic code, with the cell of its first figure.

    `list` is the code list, `digits` the length of the code, `formed` whether it is made of 3, 5 or 7 digits. Columns stay
    numbers into lists of texts: a question that needs no texts reads none.
    """
    lists, keys = _coded_panels(), ground.row.names
    names = sorted(set(lists.values()) | {GOVERNMENT})
    asked = np.full((len(ground.forms), max(len(ground.panel.names), 1)), -1, dtype=np.int64)
    for (form, panel), name in lists.items():
        if panel in ground.panel.names:
            asked[ground.forms.index(form), ground.panel.code(panel)] = names.index(name)
    lead = ground.leads[asked[ground.form[ground.leads], ground.panel.codes[ground.leads]] >= 0]
    code = ground.row.codes[lead]
    government = np.array([key.startswith("5") for key in keys], dtype=bool)[code]
    listed = asked[ground.form[lead], ground.panel.codes[lead]]
    listed = np.where(government & (listed == names.index(ECONOMIC)), names.index(GOVERNMENT), listed)
    formed = np.array([key.isascii() and key.isdigit() and len(key) in LEVELS for key in keys], dtype=bool)
    rows = facts.select(CODED).take(pa.array(lead)).rename_columns({"row_label": "label"})
    return (
        rows.append_column("memo", pa.array(ground.memo[lead]))
        .append_column("digits", pa.array(np.array([len(key) for key in keys], dtype=np.int64)[code]))
        .append_column("formed", pa.array(formed[code]))
        .append_column("list", _encoded(Keys(listed, tuple(names))))
    )


def _coded_panels() -> dict[tuple[str, str], str]:
    """The code list of each panel whose rows are headed by codes."""
    return {
        (name, panel): "functional" if found.codes == "function" else ECONOMIC
        for name, form in forms().items()
        for panel, found in form.panels.items()
        if found.codes and name != DOCUMENT
    }


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
    """What rules know beside the evidence: forms and values with their titles, forms owed."""
    return {
        "forms": _table(("form", "title"), [(name, form.title) for name, form in forms().items()]),
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
    if not own:
        return project_code_lists()
    return _editions((name, row) for name in CODE_LISTS for row in all_editions(name, own))


@cache
def project_code_lists() -> pa.Table:
    """Every edition of every code as the project has them."""
    return _editions(
        (name, row) for name in CODE_LISTS for editions in codes(name).values() for row in editions
    )


def _editions(found: Iterable[tuple[str, Code]]) -> pa.Table:
    rows = [(name, row.code, row.name, row.valid_from, row.valid_to) for name, row in found]
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


def stated(amount: int | None, unit: str) -> str:
    """An amount as findings list it: in yuan, a share of a whole in hundredths.

    >>> stated(12050000, "万元"), stated(11000, "%"), stated(None, "%")
    ('120500.00', '110.00%', '')
    """
    return in_unit(amount, unit) if unit == PERCENT and amount is not None else yuan(amount)
