"""What the tables look like to people and to data tools: the dictionary and the Frictionless descriptor."""

import json
from collections.abc import Iterable, Mapping, Set
from typing import Any

from expectations.definitions import (
    Column,
    Reference,
    Table,
    allowed_values,
    code_pattern,
    definitions,
    tables,
)
from expectations.saying import Messages

say = Messages(__file__)

FRICTIONLESS_TYPES: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "yuan": {"type": "number", "decimalChar": ".", "bareNumber": True},
    "number": {"type": "number", "decimalChar": ".", "bareNumber": True},
    "date": {"type": "date", "format": "%Y-%m-%d"},
    "boolean": {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
}
TYPE_TITLES = {
    "string": "文本",
    "integer": "整数",
    "yuan": "金额",
    "number": "数值",
    "date": "日期",
    "boolean": "是否",
}
LICENCE = {"name": "MIT", "title": "MIT License"}
DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n", "header": True}
CODE_FIELDS = (
    ("code", "编码"),
    ("name", "名称"),
    ("level", "级次"),
    ("parent", "上级编码"),
    ("valid_from", "启用年度"),
    ("valid_to", "停用年度"),
    ("source", "来源"),
)


def datapackage(
    names: Iterable[str] | None = None,
    *,
    year: int | None = None,
    sources: Iterable[Mapping[str, str]] = (),
    code_lists: Iterable[str] = (),
) -> dict[str, Any]:
    """The Frictionless descriptor of a release with those tables (where none given, all but the ledgers).

    `csv/<table>.csv` is the path of a table, `<table>.csv` of a quality table, `codes/<list>.csv` of a code
    list; columns of codes refer to the lists named in `code_lists`, which must hold every published code.
    """
    lists = tuple(code_lists)
    chosen = [tables()[name] for name in names] if names is not None else described_tables()
    suffix = f"-{year}" if year else ""
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"county-budget{suffix}",
        "title": say("title_of_year", year=year) if year else say("title"),
        "description": say("package"),
        "licenses": [LICENCE],
        "resources": [
            *(_resource(table, lists, {each.name for each in chosen}) for table in chosen),
            *(_code_resource(name) for name in lists),
        ],
    }
    given = [dict(source) for source in sources]
    return {**package, "sources": given} if given else package


def described_tables() -> list[Table]:
    """The tables that a release holds as CSV: the ledgers of facts and cells are Parquet only."""
    return [table for table in tables().values() if table.name not in ("cells", "facts")]


def datapackage_json() -> str:
    """The descriptor of an imagined release with every table, as kept in the documentation."""
    text = json.dumps(datapackage(code_lists=definitions().code_lists), ensure_ascii=False, indent=1)
    return text + "\n"


def _resource(table: Table, code_lists: tuple[str, ...], published: Set[str]) -> dict[str, Any]:
    folder = "" if table.group == "quality" else "csv/"
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    references = [_code_reference(column) for column in table.columns if column.codes in code_lists]
    references += [_reference(each) for each in table.references if each.table in published]
    if references:
        schema["foreignKeys"] = references
    return {
        **_csv(table.name, f"{folder}{table.name}.csv", table.title),
        "description": table.description,
        "schema": schema,
    }


def _csv(name: str, path: str, title: str) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": _resource_name(name),
        "path": path,
        "title": title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
    }


def _resource_name(name: str) -> str:
    return name.replace("_", "-")


def _field(column: Column) -> dict[str, Any]:
    field = {"name": column.name, **FRICTIONLESS_TYPES[column.type], "title": column.title}
    said = {"description": column.description, "unit": column.unit, "constraints": _constraints(column)}
    return {**field, **{name: value for name, value in said.items() if value}}


def _constraints(column: Column) -> dict[str, Any]:
    rules = {
        "required": column.required or None,
        "enum": list(allowed_values(column)) or None,
        "pattern": code_pattern(column) or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    return {name: value for name, value in rules.items() if value is not None}


def _reference(reference: Reference) -> dict[str, Any]:
    columns = list(reference.columns)
    return {
        "fields": columns,
        "reference": {"resource": _resource_name(reference.table), "fields": columns},
    }


def _code_reference(column: Column) -> dict[str, Any]:
    return {"fields": column.name, "reference": {"resource": _code_name(column.codes), "fields": "code"}}


def _code_name(code_list: str) -> str:
    return f"codes-{_resource_name(code_list)}"


def _code_resource(code_list: str) -> dict[str, Any]:
    info = definitions().code_lists[code_list]
    fields = [{"name": name, "type": "string", "title": title} for name, title in CODE_FIELDS]
    return {
        **_csv(_code_name(code_list), f"codes/{code_list}.csv", info.title),
        "description": info.description,
        "schema": {"fields": fields, "missingValues": [""]},
    }


def dictionary_markdown() -> str:
    """The data dictionary for people: every table, every column, every list of values, in Chinese."""
    groups = definitions().group_titles
    lines = [
        say("dictionary_head"),
    ]
    for group, title in groups.items():
        lines += ["", f"## {title}"]
        for table in tables().values():
            if table.group == group:
                lines += _table_section(table)
    return "\n".join([*lines, "", say("values"), *_value_sections()]) + "\n"


def _table_section(table: Table) -> list[str]:
    return [
        "",
        f"### `{table.name}` {table.title}",
        "",
        table.description,
        "",
        say("columns_head"),
        *(_column_line(table, column) for column in table.columns),
        *(_reference_line(reference) for reference in table.references),
    ]


def _column_line(table: Table, column: Column) -> str:
    kind = f"{TYPE_TITLES[column.type]}（{column.unit}）" if column.unit else TYPE_TITLES[column.type]
    key = "●" if column.name in table.key else ""
    required = "✓" if column.required else ""
    codes = f"`{column.codes}`" if column.codes else ""
    cells = [f"`{column.name}`", column.title, kind, key, required, codes, column.description]
    return f"| {' | '.join(cells)} |"


def _reference_line(reference: Reference) -> str:
    columns = "、".join(f"`{name}`" for name in reference.columns)
    return "\n" + say(
        "reference", columns=columns, table=reference.table, title=tables()[reference.table].title
    )


def _value_sections() -> list[str]:
    lines = []
    for name, enumeration in definitions().enums.items():
        lines += ["", f"### `{name}` {enumeration.title}", "", say("values_head")]
        lines += [f"| `{value}` | {title} |" for value, title in enumeration.values.items()]
    for name, info in definitions().code_lists.items():
        where = say("values_elsewhere", description=info.description, name=name)
        lines += ["", f"### `{name}` {info.title}", "", where]
    return lines
