"""The bureau's own settings of a year, `settings.toml`, with their defaults."""

import re
import tomllib
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.errors import InputError

SETTINGS = "settings.toml"
REASONS = {
    "extra_forbidden": "没有这一项设置",
    "date_from_datetime_parsing": "不是日期，应写成 2020-03-31 的样子，不加引号",
    "date_type": "不是日期，应写成 2020-03-31 的样子，不加引号",
    "int_type": "应为整数",
    "float_type": "应为数字",
    "greater_than_equal": "不能小于 {ge}",
    "string_type": "应为加引号的文字",
    "string_too_short": "不能为空",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NoticeSettings(_Part):
    """Who sends workbooks back, and by when they are wanted: a date, else working days from receipt."""

    bureau: Annotated[str, Field(min_length=1)] = "县财政局预算股"
    due: date | None = None
    working_days: Annotated[int, Field(ge=1)] = 10


class RuleSettings(_Part):
    """`shadow`: rules that are evaluated and reported apart and withhold nobody."""

    shadow: list[str] = []


class Thresholds(_Part):
    """From which size on something is worth a question.

    A change on the year before: more than so many percent and so many yuan. Purchases of assets: above the limit
    from which a procurement budget is wanted.
    """

    year_on_year_percent: Annotated[float, Field(ge=0)] = 30.0
    year_on_year_yuan: Annotated[int, Field(ge=0)] = 500_000
    procurement_limit_yuan: Annotated[int, Field(ge=0)] = 0


class Settings(_Part):
    """All settings; what the file does not say has its default. `received`: by code of a body, when its material came."""

    notice: NoticeSettings = NoticeSettings()
    rules: RuleSettings = RuleSettings()
    thresholds: Thresholds = Thresholds()
    received: dict[str, date] = {}


def load_settings(path: Path, rule_ids: Collection[str]) -> Settings:
    """The settings of a file; the defaults where there is none.

    Raises InputError, naming file and row, for a typing error, an unknown setting, or a rule that is not
    in `rule_ids`.
    """
    if not path.is_file():
        return Settings()
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        settings = Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = f"第 {line[1]} 行" if line else "末尾"
        raise InputError(f"设置文件 {path.name} {row}写法有误（{error}），请改正后重新运行。") from error
    except ValidationError as error:
        raise InputError(_why(path.name, text, error.errors()[0])) from error
    for rule_id in settings.rules.shadow:
        if rule_id not in rule_ids:
            row = _row_of(text, rule_id)
            raise InputError(f"设置文件 {path.name} {row}：没有编号为 {rule_id} 的规则，请核对规则目录。")
    return settings


def _why(name: str, text: str, problem: Any) -> str:
    keys = [str(key) for key in problem["loc"] if isinstance(key, str)]
    reason = REASONS.get(problem["type"], "填写有误").format_map(problem.get("ctx", {}))
    return f"设置文件 {name} {_row_of(text, keys[-1])}：{'.'.join(keys)} {reason}，请改正后重新运行。"


def _row_of(text: str, word: str) -> str:
    rows = (number for number, line in enumerate(text.splitlines(), start=1) if word in line)
    return f"第 {next(rows, 1)} 行"
