"""Reading the definitions' YAML, by libyaml where PyYAML was built with it: ten times as fast."""

from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> Any:
    """The content of a YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=LOADER)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises yaml.YAMLError, OSError."""
    return parse_yaml(path.read_text(encoding="utf-8"))
