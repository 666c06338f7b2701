"""The definitions of published tables, read from `tables/*.yml` into frozen models and checked once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, model_validator

from expectations.errors import DefinitionError
from expectations.yamlfile import in_shape, read_yaml

FOLDER = Path(__file__).parent / "tables"
SHARED = ("common", "enums")

# No department of a county has a trillion yuan: an amount beyond is an account number, a unit slip, an overflow.
LARGEST_FEN = 10**14

ColumnType = Literal["string", "integer", "yuan", "number", "date", "boolean"]
Group = Literal["standard", "county", "quality"]
Names = Annotated[tuple[str, ...], BeforeValidator(tuple)]
Model = TypeVar("Model", bound=BaseModel)


class Definition(BaseModel):
    """A piece of a definition file: unknown words are refused, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Definition):
    """One column: its English name, what it is called in Chinese, and what may stand in it.

    `yuan` is held as integers of 分 inside the program and published in yuan with two decimals;
    `number` (quantities, percentages) is published with two decimals; a `date` is ISO text inside.
    `codes` names a code list or an enumeration; `required` forbids blanks; `signed` amounts may be negative.
    """

    name: str
    type: ColumnType
    title: str
    description: str = ""
    unit: str = ""
    codes: str = ""
    required: bool = False
    signed: bool = False
    minimum: int | None = None
    maximum: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _money_is_in_yuan(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("type") == "yuan":
            return {"unit": "元", **given}
        return given


class Reference(Definition):
    """Columns of a table whose values name a row of another table, in which they are called the same."""

    columns: Names
    table: str


class Table(Definition):
    """One published table: all its columns in order, and the columns whose values name a row.

    A county table is `made_of` standard tables, of which it adds up the column `adds` as its gross amount
    (blank where it counts rows); where it has a column ending in `_level`, at every level anew.
    """

    name: str
    title: str
    description: str
    group: Group
    key: Names
    columns: tuple[Column, ...]
    made_of: Names = ()
    adds: str = "amount_yuan"
    references: tuple[Reference, ...] = ()

    @model_validator(mode="after")
    def _names_are_sound(self) -> "Table":
        names = self.column_names
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise ValueError(f"table {self.name} has a column twice: {', '.join(repeated)}")
        unknown = [name for name in self.key if name not in names]
        if unknown:
            raise ValueError(f"table {self.name} has a key that is no column: {', '.join(unknown)}")
        return self

    @property
    def level_column(self) -> str:
        """The column that says at which level of a classification a row stands; blank where there is none."""
        return next((name for name in self.column_names if name.endswith("_level")), "")

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in published order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where the table has none."""
        return next(column for column in self.columns if column.name == name)


class Enumeration(Definition):
    """A closed list of values, each with what people call it."""

    title: str
    values: Mapping[str, str]


class CodeListInfo(Definition):
    """What a code list is called and how its codes are formed (a regular expression for a whole code)."""

    title: str
    description: str
    pattern: str


class _GroupColumns(Definition):
    title: str
    before: Names
    key: Names
    after: Names
    references: tuple[Reference, ...] = ()


class _Common(Definition):
    groups: Mapping[Group, _GroupColumns]
    columns: tuple[Column, ...]


class _TableFile(Definition):
    """A table as its file says it: a bare name among the columns stands for a shared column."""

    name: str
    title: str
    description: str
    group: Group
    key: Names
    columns: tuple[Column | str, ...]
    after: Names | None = None
    made_of: Names = ()
    adds: str = "amount_yuan"
    references: tuple[Reference, ...] = ()


class Definitions(Definition):
    """Everything `tables/` says: the tables in order of group and name, enumerations, code lists."""

    tables: Mapping[str, Table]
    enums: Mapping[str, Enumeration]
    code_lists: Mapping[str, CodeListInfo]
    group_titles: Mapping[Group, str]

    @model_validator(mode="after")
    def _codes_are_known(self) -> "Definitions":
        known = {*self.enums, *self.code_lists}
        for table in self.tables.values():
            unknown = {column.codes for column in table.columns if column.codes} - known
            if unknown:
                raise ValueError(f"table {table.name} names unknown codes: {', '.join(sorted(unknown))}")
            if sources := set(table.made_of) - set(self.tables):
                raise ValueError(
                    f"table {table.name} is made of unknown tables: {', '.join(sorted(sources))}"
                )
        for table in self.tables.values():
            for reference in table.references:
                _check_reference(table, reference, self.tables)
        return self


def _check_reference(table: Table, reference: Reference, tables: Mapping[str, Table]) -> None:
    """Raises ValueError where a reference names a table or a column that there is not."""
    if reference.table not in tables:
        raise ValueError(f"table {table.name} refers to unknown table {reference.table}")
    for side in (table, tables[reference.table]):
        if missing := set(reference.columns) - set(side.column_names):
            raise ValueError(
                f"table {table.name} refers to {reference.table} by columns that {side.name} lacks: "
                f"{', '.join(sorted(missing))}"
            )


def load_definitions(folder: Path = FOLDER) -> Definitions:
    """The definitions of a folder; DefinitionError names the file that contradicts itself."""
    common = _checked(folder / "common.yml", _Common)
    shared = {column.name: column for column in common.columns}
    files = [path for path in sorted(folder.glob("*.yml")) if path.stem not in SHARED]
    found = [_table(path, common, shared) for path in files]
    order = list(common.groups)
    found.sort(key=lambda table: (order.index(table.group), table.name))
    lists = read_yaml(folder / "enums.yml")
    return _validated(
        folder,
        Definitions,
        {
            **lists,
            "tables": {table.name: table for table in found},
            "group_titles": {name: group.title for name, group in common.groups.items()},
        },
    )


def _table(path: Path, common: _Common, shared: Mapping[str, Column]) -> Table:
    """One table with its group's shared columns put before and after its own."""
    said = _checked(path, _TableFile)
    if said.name != path.stem:
        raise DefinitionError(f"{path.name} defines a table called {said.name}")
    group = common.groups[said.group]
    after = group.after if said.after is None else said.after
    columns = [_resolved(path, column, shared) for column in (*group.before, *said.columns, *after)]
    return _validated(
        path,
        Table,
        {
            **said.model_dump(include={"name", "title", "description", "group", "made_of", "adds"}),
            "key": (*group.key, *said.key),
            "references": (*group.references, *said.references),
            "columns": columns,
        },
    )


def _resolved(path: Path, column: Column | str, shared: Mapping[str, Column]) -> Column:
    if isinstance(column, Column):
        return column
    if column not in shared:
        raise DefinitionError(f"{path.name}: there is no shared column {column}")
    return shared[column]


def _checked(path: Path, model: type[Model]) -> Model:
    return _validated(path, model, read_yaml(path))


def _validated(path: Path, model: type[Model], content: object) -> Model:
    return in_shape(path, content, TypeAdapter(model))


@cache
def definitions() -> Definitions:
    """The project's own definitions, read once."""
    return load_definitions()


def tables() -> Mapping[str, Table]:
    """Every published table by name: standard tables first, then the county's, then those on quality."""
    return definitions().tables


def tables_of(*groups: Group) -> Iterable[Table]:
    """The tables of some groups in published order."""
    return (table for table in tables().values() if table.group in groups)


def with_referring(names: Iterable[str]) -> set[str]:
    """These tables and all that refer to them: rows must not be published without those that they name."""
    found = set(names)
    return found.union(
        table.name for table in tables().values() if found & {each.table for each in table.references}
    )


def allowed_values(column: Column) -> Mapping[str, str]:
    """The values a column is confined to, with their titles; empty where it is not an enumeration."""
    enumeration = definitions().enums.get(column.codes)
    return enumeration.values if enumeration else {}


def code_pattern(column: Column) -> str:
    """The regular expression for the codes of a column; blank where no code list is named."""
    info = definitions().code_lists.get(column.codes)
    return info.pattern if info else ""
