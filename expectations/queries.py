"""Ready queries on the published database (`queries.yml`): what they answer, and as what they are published."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.saying import Messages
from expectations.yamlfile import read_as

say = Messages(__file__)

FILE = Path(__file__).parent / "queries.yml"


class Query(BaseModel):
    """A question in Chinese and the SQL that answers it on `county_budget.duckdb`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    description: str
    sql: str

    def as_file(self) -> str:
        """The query as it is published, what it answers as a comment on top."""
        return f"-- {self.title}：{self.description}\n{self.sql}"


@cache
def queries() -> Sequence[Query]:
    """Every ready query. Raises DefinitionError where one cannot be read."""
    return read_as(FILE, TypeAdapter(tuple[Query, ...]))


def queries_markdown() -> str:
    """The queries for people, with how to run one."""
    lines = [
        say("head"),
    ]
    for query in queries():
        lines += ["", f"## {query.title}", "", f"`queries/{query.name}.sql`　{query.description}", ""]
        lines += ["```sql", query.sql.rstrip(), "```"]
    return "\n".join(lines) + "\n"
