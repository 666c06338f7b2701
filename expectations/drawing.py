"""Evidence drawn as it looks on the page: small tables of text become the frames that reading hands over.

A drawing is read line by line::

    body unit:723:723002 family=hebei kind=行政 on_roster=yes parent_id=department:723
    expenditure 万元 year=2020 | total  | basic | project
    total                      | 120.50 | 20.50 | 100.00
    2013101                    | 120.50 | 20.50 | 100.00
    project/indicators labels  | level_1 | target
    0                          | 产出    | ≥5年
    earlier/income             | income_source | amount_yuan
    department:723             | debt          | 1.00
    problem SUB-09 表.xlsx 文件打不开

A line that begins with a form and a second word (or a panel) opens a block: its unit, or any other word where
it declares none, and settings such as `year`, `note`, `code`, `name`, `sheet`, `step` (in 分; otherwise that
of the decimals drawn). Another panel of the same form belongs to the same block unless `again=yes` opens a
second copy. A code may have its name behind it (`201 教育支出`). An empty cell is no figure, `-` a blank cell of a
total. `*` before a row key marks an 其中 row, `roster` a line by itself says that there is a roster. Parents are
those of the canonical forms; the year is 2020. `earlier/` and `this/` before a table's name open rows of the standard
tables of the year before and of this year, in yuan.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from expectations.canon import CODE, Hierarchy, Panel, forms
from expectations.errors import DefinitionError
from expectations.messages import PERCENT
from expectations.surroundings import Surroundings
from expectations.units import FEN_PER

YEAR = 2020
BODY = "department:723"
QUANTITIES = ("quantity", "planned_quantity")
# Forms whose figures have a display step of their own, and of which the first at an address counts.
PROSE = ("document",)
HUNDREDTHS = 100
NAMED_CODE = re.compile(r"(\d+) \D")

BLOCK_COLUMNS = (
    "block_id", "body_id", "form", "title", "unit", "year", "step", "declared_code", "declared_name", "note",
    "n_facts", "score", "runner_up", "file", "sheet", "cell", "columns",
)  # fmt: skip
BODY_COLUMNS = (
    "body_id", "fiscal_year", "scope", "department_code", "department_name", "unit_code", "unit_name", "kind",
    "due", "on_roster", "sent", "submission", "family", "parent_id",
)  # fmt: skip
FACT_COLUMNS = (
    "fact_id", "block_id", "body_id", "form", "panel", "row_key", "row_label", "column_key", "measure",
    "role", "amount", "unit", "own_step", "position", "row_parent", "column_parent", "file", "sheet", "cell", "raw",
)  # fmt: skip
LABEL_COLUMNS = (
    "block_id",
    "body_id",
    "form",
    "panel",
    "position",
    "column_key",
    "text",
    "file",
    "sheet",
    "cell",
)
CELL_COLUMNS = ("file", "sheet", "cell", "raw", "disposition", "form", "reason")
PROBLEM_COLUMNS = ("rule_id", "body_id", "file", "sheet", "cell", "found", "expected", "detail")


@dataclass(frozen=True)
class Drawn:
    """Evidence as the rules engine wants it, made from a drawing."""

    year: int
    has_roster: bool
    bodies: pd.DataFrame
    blocks: pd.DataFrame
    facts: pd.DataFrame
    labels: pd.DataFrame
    problems: pd.DataFrame
    cells: pd.DataFrame
    surroundings: Surroundings


@dataclass
class _Sheet:
    """What has been drawn so far."""

    table: tuple[str, str] | None = None
    tables: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    has_roster: bool = False
    panel: str = ""
    columns: Sequence[str] = ()
    labels_only: bool = False
    row: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)


def draw(text: str) -> Drawn:
    """The evidence a drawing shows; DefinitionError where a line means nothing."""
    page = _Sheet()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        _add_line(page, line)
    if not page.bodies:
        page.bodies.append(_body(BODY, {}))
    for block in page.blocks:
        _finish_block(block, [fact for fact in page.facts if fact["block_id"] == block["block_id"]])
    return Drawn(
        YEAR,
        page.has_roster,
        pd.DataFrame(page.bodies, columns=list(BODY_COLUMNS)),
        _frame(page.blocks, BLOCK_COLUMNS, ("year", "step")),
        _frame(page.facts, FACT_COLUMNS, ("amount", "own_step", "row_parent", "column_parent")),
        pd.DataFrame(page.labels, columns=list(LABEL_COLUMNS)),
        pd.DataFrame(page.problems, columns=list(PROBLEM_COLUMNS)),
        pd.DataFrame(columns=list(CELL_COLUMNS), dtype=object),
        _surroundings(page),
    )


def _surroundings(page: _Sheet) -> Surroundings:
    """The standard tables that were drawn; None where none of a year was."""
    years: dict[str, dict[str, pd.DataFrame]] = {}
    for (when, name), rows in page.tables.items():
        years.setdefault(when, {})[name] = pd.DataFrame(rows)
    received = {
        str(body["unit_code"] or body["department_code"]): date.fromisoformat(body["received"])
        for body in page.bodies
        if "received" in body
    }
    return Surroundings(received=received, standard=years.get("this"), earlier=years.get("earlier"))


def _frame(rows: list[dict[str, Any]], columns: Sequence[str], whole: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(dict.fromkeys(whole, "Int64"))


def _add_line(page: _Sheet, line: str) -> None:
    cells = [cell.strip() for cell in line.split("|")]
    words = cells[0].split()
    if words == ["roster"]:
        page.has_roster = True
    elif words[0] == "body":
        page.bodies.append(_body(words[1], _settings(words[2:])))
    elif words[0] == "problem":
        page.problems.append(_problem(_current_body(page), words))
    elif words[0].startswith(("earlier/", "this/")):
        when, _, name = words[0].partition("/")
        page.table, page.columns = (when, name), cells[1:]
        page.tables.setdefault(page.table, [])
    elif words[0].split("/")[0] in forms() and ("/" in words[0] or len(words) > 1):
        _open_panel(page, words, cells[1:])
    elif page.table:
        page.tables[page.table].append(_table_row(page.columns, cells))
    elif page.blocks:
        _add_row(page, cells)
    else:
        raise DefinitionError(f"a drawing cannot begin with {line!r}")


def _settings(words: Sequence[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)


def _body(body_id: str, given: Mapping[str, str]) -> dict[str, Any]:
    scope, department, *rest = [*body_id.split(":"), ""]
    unit = rest[0] if scope == "unit" else ""
    drawn: dict[str, Any] = {
        "body_id": body_id, "fiscal_year": YEAR, "scope": scope, "department_code": department,
        "department_name": f"部门{department}", "unit_code": unit, "unit_name": f"单位{unit}" if unit else "",
        "kind": "", "due": "", "submission": 1, "family": "", "parent_id": "", **given,
    }  # fmt: skip
    return {**drawn, "on_roster": given.get("on_roster") == "yes", "sent": given.get("sent", "yes") == "yes"}


def _problem(body_id: str, words: Sequence[str]) -> dict[str, str]:
    _, rule_id, file, *detail = words
    own = {"rule_id": rule_id, "body_id": body_id, "file": file, "sheet": "", "cell": ""}
    return {**own, "found": "", "expected": "", "detail": " ".join(detail)}


def _current_body(page: _Sheet) -> str:
    if not page.bodies:
        page.bodies.append(_body(BODY, {}))
    return str(page.bodies[-1]["body_id"])


def _table_row(columns: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """A row of a standard table: its body and its values, amounts in 分."""
    values = {
        name: int(Decimal(text) * HUNDREDTHS) if name.endswith("_yuan") else text
        for name, text in zip(columns, cells[1:], strict=True)
    }
    return {**_body(cells[0], {}), **values}


def _open_panel(page: _Sheet, words: Sequence[str], columns: Sequence[str]) -> None:
    form, _, page.panel = words[0].partition("/")
    given = _settings(words)
    page.table = None
    last = page.blocks[-1] if page.blocks else {}
    same = (last.get("form"), last.get("body_id")) == (form, _current_body(page)) and "again" not in given
    if not same:
        page.blocks.append(_block(page, form, words, given))
        page.row = 1
    page.columns, page.labels_only = columns, "labels" in words
    printed = {column.partition("@")[0] for column in columns if not page.labels_only}
    page.blocks[-1]["columns"] = " ".join(sorted({*page.blocks[-1]["columns"].split(), *printed}))


def _block(page: _Sheet, form: str, words: Sequence[str], given: Mapping[str, str]) -> dict[str, Any]:
    unit = next((word for word in words if word in FEN_PER), "")
    sheet = given.get("sheet", forms()[form].title)
    return {
        "block_id": len(page.blocks), "body_id": _current_body(page), "form": form, "unit": unit,
        "title": forms()[form].title, "year": given.get("year"), "step": given.get("step"),
        "declared_code": given.get("code", ""),
        "declared_name": given.get("name", ""), "note": given.get("note", ""), "n_facts": 0, "score": 1.0,
        "runner_up": "", "file": given.get("file", "表.xlsx"), "sheet": sheet, "cell": "A1", "columns": "",
    }  # fmt: skip


def _add_row(page: _Sheet, cells: Sequence[str]) -> None:
    page.row += 1
    for number, (column, text) in enumerate(zip(page.columns, cells[1:], strict=False)):
        if text:
            own = {"position": page.row, **_place(page, number)}
            if page.labels_only:
                page.labels.append({**own, "column_key": column, "text": text, "position": int(cells[0])})
            else:
                page.facts.append({**own, **_fact(page, cells[0], column, text)})


def _place(page: _Sheet, number: int) -> dict[str, Any]:
    block = page.blocks[-1]
    own = {name: block[name] for name in ("block_id", "body_id", "form", "file", "sheet")}
    return {**own, "panel": page.panel, "cell": f"{chr(ord('B') + number)}{page.row}"}


def _fact(page: _Sheet, key: str, column: str, text: str) -> dict[str, Any]:
    name, _, measure = column.partition("@")
    unit = page.blocks[-1]["unit"]
    percent = "percent" in (name, measure)
    counted = percent or name in QUANTITIES or measure == "quantity"
    factor = HUNDREDTHS if counted else FEN_PER.get(unit, HUNDREDTHS)
    code = NAMED_CODE.match(key)
    own_step = _own_step(text, factor) if page.blocks[-1]["form"] in PROSE else None
    return {
        "fact_id": len(page.facts), "row_key": code[1] if code else key.removeprefix("*"), "row_label": key, "column_key": name,
        "measure": measure or ("quantity" if name in QUANTITIES else "amount"),
        "role": "memo" if key[0] == "*" else "leaf",
        "amount": int(Decimal(text) * factor) if text != "-" and (unit or counted) else None,
        "unit": PERCENT if percent else "" if counted else unit,
        "own_step": own_step, "row_parent": None, "column_parent": None, "raw": text,
    }  # fmt: skip


def _finish_block(block: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    """Find the parents of a block's facts, its step and its number of figures."""
    by_address = {_address(fact): fact for fact in reversed(facts)}
    for fact in facts:
        if block["form"] in PROSE:
            fact["role"] = "leaf" if by_address[_address(fact)] is fact else "repeated"
        elif fact["role"] != "memo":
            _adopt(fact, by_address)
    block["n_facts"] = sum(fact["raw"] != "-" for fact in facts)
    decimals = max((_decimals(fact["raw"]) for fact in facts if fact["unit"] in FEN_PER), default=0)
    block["step"] = int(block["step"] or max(FEN_PER.get(block["unit"], HUNDREDTHS) // 10**decimals, 1))


def _own_step(text: str, factor: int) -> int:
    """The display step of one wording; a nought without decimals is exact."""
    return 1 if text == "0" else max(factor // 10 ** _decimals(text), 1)


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _address(fact: Mapping[str, Any], **other: str) -> tuple[str, ...]:
    return tuple(other.get(name, fact[name]) for name in ("panel", "row_key", "column_key", "measure"))


def _adopt(fact: dict[str, Any], by_address: Mapping[tuple[str, ...], dict[str, Any]]) -> None:
    panel = forms()[fact["form"]].panels[fact["panel"]]
    above = [
        (key, name)
        for key in _row_ancestors(fact["row_key"], panel)
        for name in (fact["panel"], "function_class")
    ]
    rows = (by_address.get(_address(fact, row_key=key, panel=name)) for key, name in above)
    columns = (
        by_address.get(_address(fact, column_key=key))
        for key in _ancestors(fact["column_key"], panel.columns)
    )
    for name, found in (("row_parent", rows), ("column_parent", columns)):
        parent = next((other for other in found if other), None)
        if parent:
            fact[name], parent["role"] = parent["fact_id"], "total"
    fact["role"] = "total" if fact["row_key"] == "total" else fact["role"]


def _row_ancestors(key: str, panel: Panel) -> Iterator[str]:
    """The keys a row may add into, nearest first."""
    if "." in key:
        yield key.split(".")[0]
    if CODE.fullmatch(key):
        yield from (key[:length] for length in (5, 3) if length < len(key))
        yield from ("current_total", "total")
    yield from _ancestors(key, panel.rows)


def _ancestors(key: str, hierarchy: Hierarchy) -> Iterator[str]:
    for parent, parts in reversed(tuple(hierarchy.items())):
        if key in parts:
            yield parent
            yield from _ancestors(parent, hierarchy)
