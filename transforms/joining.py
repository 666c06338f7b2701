"""Figures, texts and ledgers of many files written out together, column by column, as the frames hold them.

What a file's reading keeps small (facts.py, labels.py, ledger.py) is spread here over all its records at once: numbers of
places, items and reasons index arrays of their texts. No loop goes over figures or cells but those in numpy and pandas.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from transforms.facts import NO_FACT, ROLES, UNKNOWN, Facts, raw_text
from transforms.labels import Labels
from transforms.ledger import Ledger
from transforms.workbook import address

_WIDEST = 1 << 20
Numbers = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
Frame = dict[str, Any]


def facts_together(files: Sequence[Facts]) -> Frame:
    """The figures of all files as columns of the frame of facts, without file and body; ids count within a file."""
    sizes = [len(facts) for facts in files]
    places = [facts.places for facts in files]
    firsts = _chained([each.first for each in places], np.int64, _starts(sizes))
    place = np.repeat(np.arange(len(firsts)), np.diff(firsts, append=sum(sizes)))
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
    return {
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


def labels_together(files: Sequence[Labels]) -> Frame:
    """The texts of all files as columns of the frame of labels, without file and body."""
    kinds = [kind for labels in files for kind in labels.kinds]
    kind = _chained(
        [labels.kind for labels in files], np.int64, _starts([len(labels.kinds) for labels in files])
    )
    row = _chained([labels.row for labels in files], np.int64)
    cells = _addresses(np.maximum(row, 0), _chained([labels.column for labels in files], np.int64))
    cells[row < 0] = ""
    return {
        "block_id": np.fromiter((each.block_id for each in kinds), np.int64, len(kinds))[kind],
        "form": _objects([each.form for each in kinds])[kind],
        "panel": _objects([each.panel for each in kinds])[kind],
        "position": _chained([labels.position for labels in files], np.int64),
        "column_key": _objects([each.column_key for each in kinds])[kind],
        "text": _objects(chain.from_iterable(labels.text for labels in files)),
        "sheet": _objects([each.sheet for each in kinds])[kind],
        "cell": cells,
    }


def cells_together(files: Sequence[Ledger]) -> tuple[Frame, list[int]]:
    """The ledgers of all files as columns of the frame of cells, without file, and how many cells each file has.

    The cells of a file stand sheet by sheet and row by row, those that only a second look has seen at the end.
    """
    reasons = _starts([len(ledger.whys) for ledger in files])
    whys = [why for ledger in files for why in ledger.whys]
    sheets = [sheet for ledger in files for sheet in ledger.sheets]
    of_file = np.repeat(np.arange(len(files)), [len(ledger.sheets) for ledger in files])
    sizes = np.array([len(sheet.marks) for sheet in sheets], np.int64)
    sheet = np.repeat(np.arange(len(sheets)), sizes)
    widths = [np.diff(np.frombuffer(each.starts, np.int32)) for each in sheets]
    rows = np.concatenate([np.arange(len(each)) for each in widths]) if widths else np.zeros(0, np.int64)
    width = np.concatenate(widths) if widths else np.zeros(0, np.int64)
    row, column = np.repeat(rows, width), _counted(width)
    mark = _chained([each.marks for each in sheets], np.int64)
    value = _objects(chain.from_iterable(chain.from_iterable(each.rows) for each in sheets))
    kept = np.flatnonzero((mark > 0) & (value != ""))
    unseen = [(n, *each) for n, ledger in enumerate(files) for each in ledger.unseen]
    names = _objects([each.name for each in sheets])
    columns = [
        (of_file[sheet[kept]], [each[0] for each in unseen]),
        (names[sheet[kept]], [each[1] for each in unseen]),
        (row[kept], [each[2] for each in unseen]),
        (column[kept], [each[3] for each in unseen]),
        (mark[kept], [each[4] for each in unseen]),
        (value[kept], [each[5] for each in unseen]),
    ]
    file, name, row, column, mark, value = (_with(seen, more) for seen, more in columns)
    if unseen:
        order = np.argsort(file, kind="stable")
        file, name, row, column, mark, value = (each[order] for each in (file, name, row, column, mark, value))
    why = mark + np.array(reasons, np.int64)[file]
    found = {
        "sheet": name,
        "cell": _addresses(row, column),
        "raw": _raw(value),
        "disposition": _objects([each[0] for each in whys])[why],
        "form": _objects([each[1] for each in whys])[why],
        "reason": _objects([each[2] for each in whys])[why],
    }
    return found, np.bincount(file, minlength=len(files)).tolist()


def _with(seen: Any, more: list[Any]) -> Any:
    """An array with further values at its end."""
    if not more:
        return seen
    return np.concatenate([seen, _objects(more) if seen.dtype == object else np.array(more, seen.dtype)])


def _starts(sizes: Sequence[int]) -> list[int]:
    """At which number each part begins when all are counted through."""
    return [0, *np.cumsum(sizes).tolist()][: len(sizes)]


def _counted(sizes: Any) -> Numbers:
    """0, 1, 2 … anew for each part."""
    ends = np.cumsum(sizes, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - sizes, sizes)


def _chained(parts: Sequence[Any], kind: Any, shifts: Sequence[int] | None = None) -> Any:
    """Arrays of numbers one after the other, each raised by its shift."""
    found = [np.frombuffer(part, _TYPES.get(getattr(part, "typecode", "B"))).astype(kind) for part in parts if len(part)]
    chained = np.concatenate(found) if found else np.zeros(0, kind)
    return chained if shifts is None else chained + np.repeat(shifts, [len(part) for part in parts])


_TYPES = {"B": np.uint8, "H": np.uint16, "i": np.int32, "q": np.int64}


def _objects(values: Iterable[Any]) -> Objects:
    """Values, none of them a sequence but text, as an array of objects."""
    listed = list(values)
    found = np.empty(len(listed), object)
    found[:] = listed
    return found


def _known(numbers: Numbers, nothing: int) -> pd.arrays.IntegerArray:
    """Numbers with blanks where they say nothing."""
    blank = numbers == nothing
    return pd.arrays.IntegerArray(np.where(blank, 1, numbers), blank)


def _addresses(rows: Numbers, columns: Numbers) -> Objects:
    """Zero-based rows and columns as addresses, each different one written out once."""
    return _once(rows * _WIDEST + columns, lambda cell: address(*divmod(cell, _WIDEST)))


def _raw(values: Objects) -> Objects:
    """The contents of cells as texts, each different number written out once."""
    numbers = np.fromiter((value.__class__ is float for value in values), bool, len(values))
    found = values.copy()
    found[numbers] = _once(values[numbers].astype(np.float64), raw_text)
    others = np.flatnonzero(~numbers)
    found[others] = _objects([v if v.__class__ is str else raw_text(v) for v in values[others]])
    return found


def _once(values: Any, write: Callable[[Any], str]) -> Objects:
    codes, distinct = pd.factorize(values)
    return _objects(list(map(write, distinct.tolist())))[codes]
