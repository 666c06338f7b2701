"""The bureau's own settings of a year, `settings.toml`, with their defaults."""

import re
import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.bureau_files import is_there, meant, text_of
from expectations.errors import InputError
from expectations.saying import Messages

say = Messages(__file__)

SETTINGS = "settings.toml"
# What pydantic calls a problem, and the sentence on it.
REASONS = {
    "extra_forbidden": "no_such_setting",
    "date_from_datetime_parsing": "no_date",
    "date_type": "no_date",
    "int_type": "no_whole_number",
    "float_type": "no_number",
    "greater_than_equal": "too_small",
    "string_type": "no_text",
    "string_too_short": "empty",
    "finite_number": "no_finite_number",
    "list_type": "no_list",
    "model_type": "no_section",
    "dict_type": "no_section",
}


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
    if not is_there(path):
        return Settings()
    text = text_of(path)
    try:
        settings = Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = line[1] if line else len(text.splitlines())
        raise InputError(say("misspelt", file=path.name, row=say("row", number=row))) from error
    except ValidationError as error:
        raise InputError(_why(path.name, text, error.errors()[0])) from error
    for rule_id in settings.rules.shadow:
        if rule_id not in rule_ids:
            row = _row_of(text, rule_id)
            near = meant(rule_id, rule_ids)
            raise InputError(say("no_such_rule", file=path.name, row=row, rule_id=rule_id, near=near))
    return settings


def refuse_unknown_bodies(settings: Settings, path: Path, codes: Collection[str]) -> None:
    """Raise InputError, naming file and row, where material came from a body that has none of these codes."""
    for code in settings.received:
        if code not in codes:
            row = _row_of(text_of(path), code)
            raise InputError(say("no_such_body", file=path.name, row=row, code=code))


def _why(name: str, text: str, problem: Any) -> str:
    keys = [str(key) for key in problem["loc"] if isinstance(key, str)]
    wrong = say(REASONS.get(problem["type"], "wrong"), **problem.get("ctx", {}))
    near = meant(keys[-1], _known(keys[:-1])) if problem["type"] == "extra_forbidden" else ""
    return say(
        "wrong_setting",
        file=name,
        row=_row_of(text, keys[-1]),
        setting=".".join(keys),
        wrong=wrong,
        near=near,
    )


def _known(section: Sequence[str]) -> Sequence[str]:
    """The settings that a section has; the sections themselves where none is named."""
    part = Settings.model_fields[section[0]].annotation if section else Settings
    return tuple(getattr(part, "model_fields", ()))


def _row_of(text: str, word: str) -> str:
    rows = (number for number, line in enumerate(text.splitlines(), start=1) if word in line)
    return say("row", number=next(rows, 1))
