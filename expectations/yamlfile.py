"""Reading the definitions' YAML, by libyaml where PyYAML was built with it: ten times as fast."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from expectations.errors import DefinitionError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Content = TypeVar("Content")

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> Any:
    """The content of a YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=LOADER)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises DefinitionError, which names file and line, where it is no YAML."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DefinitionError(f"{short_name(path)}: {place}{error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise DefinitionError(f"{short_name(path)}: {error}") from error


def read_as(path: Path, shape: "TypeAdapter[Content]") -> Content:
    """The content of a YAML file in its shape. Raises DefinitionError where it does not have it."""
    return in_shape(path, read_yaml(path), shape)


def in_shape(path: Path, content: object, shape: "TypeAdapter[Content]") -> Content:
    """What a YAML file holds in its shape. Raises DefinitionError, which names the file and each place, where it does not fit."""
    from pydantic import ValidationError

    try:
        return shape.validate_python(content)
    except ValidationError as error:
        told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise DefinitionError(f"{short_name(path)}: {'; '.join(told)}") from error
    except DefinitionError as error:
        raise DefinitionError(f"{short_name(path)}: {error}") from error


def short_name(path: Path) -> str:
    """A file by its folder and name: several folders have a messages.yml."""
    return f"{path.parent.name}/{path.name}"
