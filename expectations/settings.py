"""The bureau's own settings of a year, `settings.toml`, with their defaults."""

import re
import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.bureau_files import meant, text_of
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
    "finite_number": "应为具体的数字",
    "list_type": '应为方括号中的一列，如 ["EXP-01"]',
    "model_type": "应为一节，节名写在方括号中单独一行，各项设置写在下面",
    "dict_type": "应为一节，节名写在方括号中单独一行，各项设置写在下面",
}


MISSPELT = (
    "写法有误：节名放在方括号中，每项写成“名称 = 值”，文字加一对引号，同一项只写一次。请改正后重新运行。"
)
NO_SUCH_BODY = "设置文件 {file} {row}：received 中的 {code} 不是任何单位的编码，请改正后重新运行。"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


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
    text = text_of(path)
    try:
        settings = Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = line[1] if line else len(text.splitlines())
        raise InputError(f"设置文件 {path.name} 第 {row} 行{MISSPELT}") from error
    except ValidationError as error:
        raise InputError(_why(path.name, text, error.errors()[0])) from error
    for rule_id in settings.rules.shadow:
        if rule_id not in rule_ids:
            row = _row_of(text, rule_id)
            near = meant(rule_id, rule_ids)
            raise InputError(
                f"设置文件 {path.name} {row}：没有编号为 {rule_id} 的规则{near}，请核对规则目录。"
            )
    return settings


def refuse_unknown_bodies(settings: Settings, path: Path, codes: Collection[str]) -> None:
    """Raise InputError, naming file and row, where material came from a body that has none of these codes."""
    for code in settings.received:
        if code not in codes:
            row = _row_of(text_of(path), code)
            raise InputError(NO_SUCH_BODY.format(file=path.name, row=row, code=code))


def _why(name: str, text: str, problem: Any) -> str:
    keys = [str(key) for key in problem["loc"] if isinstance(key, str)]
    reason = REASONS.get(problem["type"], "填写有误").format_map(problem.get("ctx", {}))
    near = meant(keys[-1], _known(keys[:-1])) if problem["type"] == "extra_forbidden" else ""
    return f"设置文件 {name} {_row_of(text, keys[-1])}：{'.'.join(keys)} {reason}{near}，请改正后重新运行。"


def _known(section: Sequence[str]) -> Sequence[str]:
    """The settings that a section has; the sections themselves where none is named."""
    part = Settings.model_fields[section[0]].annotation if section else Settings
    return tuple(getattr(part, "model_fields", ()))


def _row_of(text: str, word: str) -> str:
    rows = (number for number, line in enumerate(text.splitlines(), start=1) if word in line)
    return f"第 {next(rows, 1)} 行"
