"""Figures, texts and ledgers joined over files are those that each file writes out by itself."""

from pathlib import Path

import pandas as pd

from transforms.joining import cells_together, facts_together, labels_together
from transforms.read import read_file
from transforms.sample import write_county


def test_what_is_joined_is_what_each_file_says(tmp_path: Path):
    write_county(tmp_path, 2020, departments=3, seed=3)
    paths = sorted(tmp_path.rglob("*.xlsx"))
    readings = [read_file(path, path.name) for path in paths]
    for join, part, written in (
        (facts_together, "figures", "facts"),
        (labels_together, "texts", "labels"),
        (cells_together, "ledger", "cells"),
    ):
        columns, sizes = join([getattr(reading, part) for reading in readings])
        own = [getattr(reading, written) for reading in readings]
        assert sizes == [len(each["sheet"]) for each in own]
        assert sum(sizes) > 100
        for name, values in columns.items():
            expected = [value for each in own for value in each[name]]
            assert [None if value is pd.NA else value for value in values] == expected, name
