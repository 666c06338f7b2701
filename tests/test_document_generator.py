"""The reader gives back the figures of drawn documents, whatever their wordings, order and format."""

import random

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drawn_documents import as_document, drawn_document, verdict
from transforms.document import open_document

LINE = 34


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_a_drawn_document_is_read_without_a_wrong_figure_and_without_a_missing_known_one(seed):
    assert verdict(drawn_document(random.Random(seed))) == ({}, set())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_wordings_that_the_phrases_do_not_know_are_never_read_wrongly(seed):
    wrong, _ = verdict(drawn_document(random.Random(seed), strange_share=1.0))
    assert wrong == {}


@pytest.mark.parametrize("seed", range(6))
def test_a_text_file_gives_the_same_figures(tmp_path, seed):
    drawn = drawn_document(random.Random(seed))
    path = tmp_path / "说明.txt"
    path.write_text("\n".join(drawn.lines), encoding="utf-8")
    assert verdict(drawn, open_document(path, path.name)) == ({}, set())


@pytest.mark.parametrize("seed", range(6))
def test_a_page_layout_with_lines_broken_in_words_and_numbers_gives_the_same_figures(tmp_path, seed):
    drawn = drawn_document(random.Random(seed))
    path = tmp_path / "说明.txt"
    path.write_text("\n".join(_laid_out(drawn.lines)), encoding="utf-8")
    wrong, missed = verdict(drawn, open_document(path, path.name))
    assert wrong == {}
    assert len(missed) <= len(drawn.told) // 10


def _laid_out(lines):
    """Lines of one width, a page number and a form feed after every twenty."""
    number = 0
    for line in lines:
        for start in range(0, len(line), LINE):
            yield line[start : start + LINE]
            number += 1
            if number % 20 == 0:
                yield f"— {number // 20} —"
                yield "\f"


@pytest.mark.parametrize("seed", range(6))
def test_a_word_document_gives_the_same_figures(tmp_path, seed):
    drawn = drawn_document(random.Random(seed))
    path = tmp_path / "说明.docx"
    written = docx.Document()
    for line in drawn.lines:
        written.add_paragraph(line)
    written.save(path)
    assert verdict(drawn, open_document(path, path.name)) == ({}, set())


def test_the_drawing_itself_is_checked_against_a_document_made_wrong():
    drawn = drawn_document(random.Random(1))
    drawn.truth = {place: (amount or 0) + 1 for place, amount in drawn.truth.items()}
    wrong, _ = verdict(drawn, as_document(drawn))
    assert len(wrong) > 10
