"""What the program says to people: each folder's sentences are rows of its `messages.yml`, beside the code that says them."""

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from expectations.yamlfile import read_yaml

FILE = "messages.yml"
# The section that has an example of each fact that a file's sentences name in braces.
FACTS = "facts"

Rows = Mapping[str, str]


class Messages:
    """The sentences of one section of the `messages.yml` beside a module: the one called as the module.

    The file is read when the first of its sentences is said.
    """

    def __init__(self, module: str) -> None:
        self.file, self.section = Path(module).with_name(FILE), Path(module).stem

    @cached_property
    def rows(self) -> Rows:
        """Each sentence by its key, with the names of facts in braces. Raises KeyError where there is no such section."""
        return sections(self.file)[self.section]

    def __call__(self, key: str, /, **facts: object) -> str:
        """A sentence with its facts. Raises KeyError where there is none of that key, or it names another fact."""
        return self.rows[key].format(**facts)


@cache
def sections(file: Path) -> Mapping[str, Rows]:
    """The sections of a file of sentences, the examples of facts among them."""
    read: Mapping[str, Rows] = read_yaml(file)
    return read
