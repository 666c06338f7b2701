"""Why a file is refused, in the sentence its sender reads, and the limits that one file must keep.

Both are data: `messages.yml` has a sentence for each cause, `limits.yml` what a file may cost.

>>> refusal("sheets", found=10_000, limit=300)
'工作簿有 10000 张工作表，超过上限 300 张。请只保留需报送的表。'
"""

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, PositiveInt, TypeAdapter

from expectations.errors import BudgetError
from expectations.saying import Messages
from expectations.yamlfile import read_as

refusal = Messages(__file__)

_HERE = Path(__file__).parent
_UNITS = ("字节", "KB", "MB", "GB")


class Limits(BaseModel):
    """What one file may cost; see `limits.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workbook_bytes: PositiveInt
    archive_bytes: PositiveInt
    unpacked_bytes: PositiveInt
    part_bytes: PositiveInt
    ratio: PositiveInt
    ratio_from: PositiveInt
    members: PositiveInt
    directory_bytes: PositiveInt
    archive_depth: PositiveInt
    cells: PositiveInt
    texts: PositiveInt
    area: PositiveInt
    sheets: PositiveInt
    merges: PositiveInt
    problems: PositiveInt
    seconds: PositiveInt
    seconds_alone: PositiveInt
    large_bytes: PositiveInt
    memory_bytes: PositiveInt
    characters: PositiveInt
    convert_seconds: PositiveInt


@cache
def limits() -> Limits:
    """The limits of `limits.yml`."""
    return read_as(_HERE / "limits.yml", TypeAdapter(Limits))


class UnreadableFileError(BudgetError):
    """A file that is no workbook, or a damaged, encrypted or oversized one; `cause` is a key of its sentence."""

    def __init__(self, cause: str, **facts: object) -> None:
        super().__init__(refusal(cause, **facts))
        self.cause, self.facts = cause, facts

    def __reduce__(self) -> tuple[object, ...]:
        """So that it travels between processes."""
        return partial(type(self), self.cause, **self.facts), ()


def shown_bytes(count: int) -> str:
    """A number of bytes as people read it.

    >>> shown_bytes(512), shown_bytes(33_554_432)
    ('512 字节', '32 MB')
    """
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.4g} {_UNITS[unit]}"


def keep_within(cause: str, found: int, limit: int) -> None:
    """Raise UnreadableFileError where a count is above its limit."""
    if found > limit:
        raise UnreadableFileError(cause, found=found, limit=limit)


def keep_bytes_within(cause: str, found: int, limit: int) -> None:
    """Raise UnreadableFileError where a number of bytes is above its limit."""
    if found > limit:
        raise UnreadableFileError(cause, found=shown_bytes(found), limit=shown_bytes(limit))


class DifferentTexts:
    """Counts the different texts of a workbook that keeps no list of them. Raises UnreadableFileError for too many."""

    # No file of fewer bytes than this for each text allowed can hold too many of them.
    SHORTEST = 8

    def __init__(self, file_bytes: int) -> None:
        self.may_be_too_many = file_bytes > limits().texts * self.SHORTEST
        self._seen: set[int] = set()

    def add(self, texts: Iterable[str | bytes]) -> None:
        """Count some texts, where there may be too many at all."""
        if self.may_be_too_many:
            self._seen.update(map(hash, texts))
            keep_within("texts", len(self._seen), limits().texts)
