"""Whole documents as departments of many provinces write them: what is read of each, and that nothing is misread."""

import pytest

from tests.disclosures import disclosures
from transforms.document import open_document
from transforms.narrative.chapters import chapters
from transforms.narrative.figures import read_figures

DOCUMENTS = disclosures()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_document_of_any_province_yields_its_figures_and_no_other(document, tmp_path):
    path = tmp_path / "说明.txt"
    path.write_text(document.text, encoding="utf-8")
    told = read_figures(chapters(open_document(path, path.name)), document.year)
    found = {_stated(fact) for fact in told.facts}
    assert found - document.figures == set()
    assert document.figures - found == set()
    understood = sum(sentence.understood for sentence in told.sentences)
    assert understood >= 0.95 * len(told.sentences)
    assert [problem.expected for problem in told.problems if problem.rule_id == "NAR-11"] == []


def _stated(fact) -> tuple[str, int]:
    column = "" if fact.column_key == "total" else f":{fact.column_key}"
    measure = "" if fact.measure == "amount" else f"@{fact.measure}"
    return f"{fact.panel}!{fact.row_key}{column}{measure}", fact.amount


def test_there_are_documents_of_many_kinds_with_many_figures():
    assert len(DOCUMENTS) >= 12
    assert sum(len(document.figures) for document in DOCUMENTS) >= 500
