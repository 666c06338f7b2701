"""Layout variants: whatever the layout, the reader gives the true facts, and reports what it cannot know."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import transforms.tables.column_keys
import transforms.tables.titles
from tests.variants.judge import judge, read_variant
from tests.variants.layout import Variant, draw_variant
from tests.variants.words import words
from transforms import common_words, forms
from transforms.read import read_file
from transforms.wording.text import bare, compact

BATCHES = 6
PER_BATCH = 50


@pytest.mark.parametrize("batch", range(BATCHES))
def test_variants_are_read_right_or_reported(batch: int) -> None:
    for seed in range(batch * PER_BATCH, (batch + 1) * PER_BATCH):
        variant = draw_variant(seed)
        verdict = judge(variant, read_variant(variant))
        assert verdict.clean, (seed, verdict.wrong[:3], verdict.lost[:3], verdict.missed[:3])


# What a careless change could do to the reader, and the judge must see.
SABOTAGE: dict[str, tuple[Any, str, Any]] = {
    "every heading counts as known": (transforms.tables.column_keys, "_is_heading", lambda *_: True),
    "titles of other tables count": (transforms.tables.titles, "_other_table", lambda _: False),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_the_judge_of_variants_notices_a_broken_reader(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*SABOTAGE[name])
    variants = map(draw_variant, range(3000))
    assert any(not judge(variant, read_variant(variant)).clean for variant in variants)


@pytest.mark.parametrize("seed", range(700, 712))
def test_variants_saved_as_workbooks_are_read_the_same(seed: int, tmp_path: Path) -> None:
    variant = draw_variant(seed)
    path = tmp_path / "variant.xlsx"
    save(variant, path)
    verdict = judge(variant, read_file(path, path.name))
    assert not verdict.wrong
    assert not verdict.lost


def save(variant: Variant, path: Path) -> None:
    """The variant as openpyxl writes it, with a formatted cell far to the right (phantom width)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for canvas in variant.canvases:
        page = book.create_sheet(canvas.name)
        for (row, column), value in canvas.values.items():
            page.cell(row + 1, column + 1).value = value
            page.cell(row + 1, column + 1).data_type = "s" if isinstance(value, str) else "n"
        for top, left, bottom, right in canvas.merges:
            page.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
        page["IV3"].font = openpyxl.styles.Font(bold=True)
    book.save(path)


def spellings(kind: str) -> set[str]:
    lists = [entry for group in ("titles", "headers", "totals", "keys") for entry in words()[group].values()]
    return {word for entry in lists for word in entry[kind]}


def known_to_the_forms(word: str) -> bool:
    titles = {words for words, _, _ in forms.titles()}
    rows = {spelled for f in forms.forms().values() for p in f.panels.values() for spelled in p.row_words}
    return (
        compact(word) in titles
        or common_words.header_key(word) in forms.heading_words()
        or bare(word) in rows
    )


def test_no_form_knows_the_generators_unknown_spellings() -> None:
    assert not [word for word in spellings("unknown") if known_to_the_forms(word)]


def test_a_fifth_of_the_spellings_drawn_is_unknown_to_the_forms() -> None:
    spellers = [draw_variant(seed).speller for seed in range(1000)]
    share = sum(len(say.unknown) for say in spellers) / sum(say.drawn for say in spellers)
    assert 0.2 < share < 0.24
