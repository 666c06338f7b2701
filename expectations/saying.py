"""What the program says to people: each folder's sentences are rows of its `messages.yml`, beside the code that says them."""

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path, PurePath

from expectations.errors import DefinitionError
from expectations.names import as_people_read
from expectations.yamlfile import read_yaml, short_name

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
        """Each sentence by its key, with the names of facts in braces. Raises DefinitionError where there is no such section."""
        try:
            return sections(self.file)[self.section]
        except (KeyError, TypeError) as error:
            raise DefinitionError(f"{short_name(self.file)}: no sentences of {self.section}") from error

    def __call__(self, key: str, /, **facts: object) -> str:
        """A sentence with its facts. Raises DefinitionError where there is none of that key, or it names another fact."""
        rows = self.rows
        try:
            return rows[key].format(**{name: _legible(fact) for name, fact in facts.items()})
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise DefinitionError(f"{short_name(self.file)}: {self.section}.{key}: {error!r}") from error


def _legible(fact: object) -> object:
    return as_people_read(fact) if isinstance(fact, PurePath) else fact


@cache
def sections(file: Path) -> Mapping[str, Rows]:
    """The sections of a file of sentences, the examples of facts among them."""
    read: Mapping[str, Rows] = read_yaml(file)
    return read
