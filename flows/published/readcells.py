"""What was read in the cells behind the rows of a table, found while the facts of the county go by file after file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.trace import Address, cells_of
from transforms.standard.sources import SEPARATOR, SOURCE

APART = "\x1f"
NOTHING = ("", "")

Numbers = npt.NDArray[np.int32]
# What was read in a cell, and the unit it is in.
Told = Mapping[Address, Sequence[str]]


class AsRead:
    """The raw texts of the cells of each row, and the units they are in; nothing where no fact was read."""

    def __init__(self, rows: pd.DataFrame) -> None:
        places = [rows[name].astype("category").cat for name in SOURCE]
        self._places = [(place.categories.to_list(), place.codes.to_numpy()) for place in places]
        self._numbers = np.zeros((2, len(rows)), dtype=np.int32)
        self._words: tuple[dict[str, int], ...] = ({"": 0}, {"": 0})
        files, codes = self._places[0]
        self._files = {name: code for code, name in enumerate(files)}
        self._order = np.argsort(codes, kind="stable")
        self._first = np.searchsorted(codes[self._order], np.arange(len(files) + 1))
        self._several = [name for name in files if SEPARATOR in name]
        rows_of_several = (row for name in self._several for row in self._of(name))
        self._asked = {address for row in rows_of_several for address in self._cells(row)}
        self._kept: dict[Address, Sequence[str]] = {}

    def tell(self, told: Told) -> None:
        """Take what was read in some files, in all cells of each of them."""
        for name in {file for file, _, _ in told} & self._files.keys():
            self._note(name, told)
        if self._asked:
            self._kept |= {address: told[address] for address in self._asked & told.keys()}

    def texts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The raw texts and the units, each distinct one in the order they come, and which of them each row has."""
        for name in self._several:
            self._note(name, self._kept)
        raw, unit = (
            in_order_of_rows([*words], numbers)
            for words, numbers in zip(self._words, self._numbers, strict=True)
        )
        return raw, unit

    def _of(self, file: str) -> list[int]:
        """The rows from a file."""
        code = self._files[file]
        rows: list[int] = self._order[self._first[code] : self._first[code + 1]].tolist()
        return rows

    def _cells(self, row: int) -> list[Address]:
        texts = (words[codes[row]] for words, codes in self._places)
        return cells_of(dict(zip(SOURCE, texts, strict=True)))

    def _note(self, file: str, told: Told) -> None:
        for row in self._of(file):
            found = [told.get(address, NOTHING) for address in self._cells(row)]
            for place, (words, numbers) in enumerate(zip(self._words, self._numbers, strict=True)):
                text = APART.join(texts[place] for texts in found)
                numbers[row] = words.setdefault(text, len(words))


def in_order_of_rows(words: Sequence[str] | pd.Index, numbers: npt.NDArray[Any]) -> dict[str, Any]:
    """The words that rows have by their numbers, in the order they come (`d`), and which of them each row has (`i`)."""
    places, found = pd.factorize(numbers)
    return {"d": [str(words[number]) for number in found], "i": places.astype(np.int32)}
