"""What the reader says to people beside the rules' own sentences (`messages.yml`)."""

from functools import cache
from pathlib import Path

from expectations.yamlfile import read_yaml


@cache
def messages() -> dict[str, str]:
    """Each sentence, with places for the facts it names."""
    read: dict[str, str] = read_yaml(Path(__file__).parent / "messages.yml")
    return read


def message(key: str, **facts: object) -> str:
    """A sentence with its facts.

    >>> message("so_many", count=12)
    '共 12 个'
    """
    return messages()[key].format(**facts)
