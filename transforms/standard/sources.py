"""How a row names several files or sheets in one text: apart by "; ", which inside a name has one space more."""

import re
from collections.abc import Iterable

# The columns that say where a row's figures stand: files, sheets, cells.
SOURCE = ("source_file", "source_sheet", "source_cell")
SEPARATOR = "; "
_LONGER = f"{SEPARATOR} "
_BETWEEN = re.compile(f"{SEPARATOR}(?! )")


def written(name: str) -> str:
    """A name as it stands in such a text.

    >>> written("a.xlsx"), written("预算; 终稿.xlsx")
    ('a.xlsx', '预算;  终稿.xlsx')
    """
    return name.replace(SEPARATOR, _LONGER)


def together(names: Iterable[str]) -> str:
    """Names in one text.

    >>> together(["a.xlsx", "预算; 终稿.xlsx"])
    'a.xlsx; 预算;  终稿.xlsx'
    """
    return SEPARATOR.join(map(written, names))


def apart(text: str) -> list[str]:
    """The names in a text.

    >>> apart("a.xlsx; 预算;  终稿.xlsx"), apart("表1")
    (['a.xlsx', '预算; 终稿.xlsx'], ['表1'])
    """
    return [name.replace(_LONGER, SEPARATOR) for name in _BETWEEN.split(text)]
