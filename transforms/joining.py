"""Figures, texts and ledgers of many files written out together, column by column, as the frames hold them.

What a file's reading keeps small (facts.py, labels.py, ledger.py) is spread here over all its records at once: numbers of
places, items and reasons index arrays of their texts. No loop goes over figures or cells but those in numpy and pandas.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from transforms.frames import repeated
from transforms.tables.facts import NO_FACT, ROLES, UNKNOWN, Facts
from transforms.tables.labels import Labels
from transforms.tables.ledger import Ledger
from transforms.workbook import address, raw_text

_WIDEST = 1 << 20
Numbers = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
# Columns by their names, all but those of file and body, and how many records each file has.
Together = tuple[dict[str, Any], list[int]]


def facts_together(files: Sequence[Facts]) -> Together:
    """The figures of all files as columns of the frame of facts; ids count within a file."""
    sizes = [len(facts) for facts in files]
    places = [facts.places for facts in files]
    firsts = _chained([each.first for each in places], np.int64, _starts(sizes))
    place = np.repeat(np.arange(len(firsts)), np.diff([*firsts, sum(sizes)]).astype(np.int64))
    item = _chained([facts.item for facts in files], np.int64, _starts([len(facts.items) for facts in files]))
    tables = [table for each in places for table in each.table]
    lines = [line for each in places for line in each.line]
    items = [each for facts in files for each in facts.items]
    row = _chained([each.row for each in places], np.int64)
    offset = np.fromiter((table.offset for table in tables), np.int64, len(tables))
    parents = {
        name: _known(_chained([getattr(facts, name) for facts in files], np.int64), NO_FACT)
        for name in ("row_parent", "column_parent")
    }
    found = {
        "fact_id": _counted(sizes),
        "block_id": np.fromiter((table.block for table in tables), np.int64, len(tables))[place],
        "form": _objects([table.form for table in tables])[place],
        "panel": _objects([line.panel for line in lines])[place],
        "row_key": _objects([line.key for line in lines])[place],
        "row_label": _objects([line.label for line in lines])[place],
        "column_key": _objects([each.column_key for each in items])[item],
        "measure": _objects([each.measure for each in items])[item],
        "role": _objects(ROLES)[_chained([facts.role for facts in files], np.uint8)],
        "amount": _known(_chained([facts.amount for facts in files], np.int64), UNKNOWN),
        "unit": _objects([each.unit for each in items])[item],
        "own_step": pd.array([pd.NA], "Int64").repeat(len(place)),
        "position": (offset + row)[place],
        **parents,
        "sheet": _objects([table.sheet for table in tables])[place],
        "cell": _addresses(row[place], _chained([facts.column for facts in files], np.int64)),
        "raw": _raw(_objects(chain.from_iterable(facts.value for facts in files))),
    }
    return found, sizes


def labels_together(files: Sequence[Labels]) -> Together:
    """The texts of all files as columns of the frame of labels."""
    kinds = [kind for labels in files for kind in labels.kinds]
    kind = _chained(
        [labels.kind for labels in files], np.int64, _starts([len(labels.kinds) for labels in files])
    )
    row = _chained([labels.row for labels in files], np.int64)
    addresses = _addresses(np.maximum(row, 0), _chained([labels.column for labels in files], np.int64))
    cells = np.array(addresses, object)
    cells[row < 0] = ""
    found = {
        "block_id": np.fromiter((each.block_id for each in kinds), np.int64, len(kinds))[kind],
        "form": _objects([each.form for each in kinds])[kind],
        "panel": _objects([each.panel for each in kinds])[kind],
        "position": _chained([labels.position for labels in files], np.int64),
        "column_key": _objects([each.column_key for each in kinds])[kind],
        "text": _objects(chain.from_iterable(labels.text for labels in files)),
        "sheet": _objects([each.sheet for each in kinds])[kind],
        "cell": cells,
    }
    return found, [len(labels.text) for labels in files]


def cells_together(files: Sequence[Ledger]) -> Together:
    """The ledgers of all files as columns of the frame of cells.

    The cells of a file stand sheet by sheet and row by row, those that only a second look has seen at the end.
    """
    columns = _seen(files)
    if unseen := [(n, *each) for n, ledger in enumerate(files) for each in ledger.unseen]:
        columns = [
            _with(seen, list(more)) for seen, more in zip(columns, zip(*unseen, strict=True), strict=True)
        ]
        order = np.argsort(columns[0], kind="stable")
        columns = [each[order] for each in columns]
    file, sheet, row, column, mark, value = columns
    whys = [why for ledger in files for why in ledger.whys]
    why = mark + np.array(_starts([len(ledger.whys) for ledger in files]), np.int64)[file]
    found = {
        "sheet": words(sheet, np.arange(len(sheet))),
        "cell": _addresses(row, column),
        "raw": _raw(value),
        **{
            name: words([each[place] for each in whys], why)
            for place, name in enumerate(("disposition", "form", "reason"))
        },
    }
    return found, np.bincount(file, minlength=len(files)).tolist()


def _seen(files: Sequence[Ledger]) -> list[Any]:
    """The marked cells of all files: number of the file, sheet's name, row, column, mark and value."""
    sheets = [sheet for ledger in files for sheet in ledger.sheets]
    of_file = repeated(range(len(files)), [len(ledger.sheets) for ledger in files], int)
    sheet = repeated(range(len(sheets)), [len(each.marks) for each in sheets], int)
    widths = [np.diff(np.frombuffer(each.starts, np.int32)).astype(np.int64) for each in sheets]
    width: Numbers = np.concatenate([np.zeros(0, np.int64), *widths])
    row, column = np.repeat(_counted([len(each) for each in widths]), width), _counted(width)
    mark = _chained([each.marks for each in sheets], np.int64)
    value = _objects(chain.from_iterable(chain.from_iterable(each.rows) for each in sheets))
    kept = np.flatnonzero((mark > 0) & (value != ""))
    name = _objects([each.name for each in sheets])[sheet]
    return [each[kept] for each in (of_file[sheet], name, row, column, mark, value)]


def _with(seen: Any, more: list[Any]) -> Any:
    """An array with further values at its end."""
    return np.concatenate([seen, _objects(more) if seen.dtype == object else np.array(more, seen.dtype)])


def _starts(sizes: Sequence[int]) -> list[int]:
    """At which number each part begins when all are counted through."""
    return [0, *np.cumsum(sizes).tolist()][: len(sizes)]


def _counted(sizes: Any) -> Numbers:
    """0, 1, 2 … anew for each part."""
    ends: Numbers = np.cumsum(sizes, dtype=np.int64)
    begins: Numbers = np.repeat(ends - sizes, np.array(sizes, np.int64))
    return np.arange(len(begins)) - begins


def _chained(parts: Sequence[Any], kind: Any, shifts: Sequence[int] | None = None) -> Any:
    """Arrays of numbers one after the other, each raised by its shift."""
    found = [
        np.frombuffer(part, _TYPES.get(getattr(part, "typecode", "B"))).astype(kind)
        for part in parts
        if len(part)
    ]
    chained = np.concatenate(found) if found else np.zeros(0, kind)
    return chained if shifts is None else chained + repeated(shifts, [len(part) for part in parts], kind)


_TYPES = {"B": np.uint8, "H": np.uint16, "i": np.int32, "q": np.int64}


def _objects(values: Iterable[Any]) -> Objects:
    """Values, none of them a sequence but text, as an array of objects."""
    listed = list(values)
    found = np.empty(len(listed), object)
    found[:] = listed
    return found


def words(texts: Iterable[str], numbers: Numbers) -> "pd.Categorical[str]":
    """Texts by their numbers, each different one held once, in the order of letters whatever was read before them."""
    codes, distinct = pd.factorize(_objects(texts), sort=True)
    return pd.Categorical.from_codes(codes[numbers], pd.Index(distinct, dtype=object))


def _known(numbers: Numbers, nothing: int) -> pd.arrays.IntegerArray:
    """Numbers with blanks where they say nothing."""
    blank = numbers == nothing
    return pd.arrays.IntegerArray(np.where(blank, 1, numbers), blank)


def _addresses(rows: Numbers, columns: Numbers) -> "pd.Categorical[str]":
    """Zero-based rows and columns as addresses, each different one written out once."""
    codes, places = pd.factorize(rows * _WIDEST + columns)
    return words((address(*divmod(place, _WIDEST)) for place in places.tolist()), codes)


def _raw(values: Objects) -> Objects:
    """The contents of cells as texts, each different number written out once."""
    numbers = np.fromiter((value.__class__ is float for value in values), bool, len(values))
    found = values.copy()
    codes, distinct = pd.factorize(values[numbers].astype(np.float64))
    found[numbers] = _objects(map(raw_text, distinct.tolist()))[codes]
    others = np.flatnonzero(~numbers)
    found[others] = _objects([v if v.__class__ is str else raw_text(v) for v in values[others]])
    return found
