"""Ready queries on the published database (`queries.yml`): what they answer, and as what they are published."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.yamlfile import read_as

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
        "# 现成查询",
        "",
        "本文件由 `expectations/queries.yml` 生成（`make derive`），请勿直接修改。",
        "",
        "每次发布的成果中有 `queries/<名称>.sql`，在 `county_budget.duckdb` 上运行，例如：",
        "",
        "```sh",
        "duckdb -readonly output/2020/county_budget.duckdb < output/2020/queries/spending_by_class.sql",
        "```",
        "",
        "数据库中另有以中文命名的视图（如“全县部门收入汇总表”），列名为中文，金额为万元，代码显示为名称。",
    ]
    for query in queries():
        lines += ["", f"## {query.title}", "", f"`queries/{query.name}.sql`　{query.description}", ""]
        lines += ["```sql", query.sql.rstrip(), "```"]
    return "\n".join(lines) + "\n"
