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
    """The content of a YAML file. Raises yaml.YAMLError, OSError."""
    return parse_yaml(path.read_text(encoding="utf-8"))


def read_as(path: Path, shape: "TypeAdapter[Content]") -> Content:
    """The content of a YAML file in its shape. Raises DefinitionError where it does not have it."""
    from pydantic import ValidationError

    try:
        return shape.validate_python(read_yaml(path))
    except (ValidationError, DefinitionError) as error:
        raise DefinitionError(f"{path.name}: {error}") from error
