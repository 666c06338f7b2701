"""Each pattern of the reader is proven by the texts beside it."""

import re

import pytest

from transforms.patterns import Spelling, spelled
from transforms.text import compact

SPELLINGS = [
    pytest.param(spelling, id=f"{name} {number}")
    for name, found in spelled().items()
    for number, spelling in enumerate(found, start=1)
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_pattern_finds_its_own_texts_and_no_other(spelling: Spelling) -> None:
    finds = re.compile(spelling.regex).search
    assert spelling.finds
    assert [text for text in spelling.finds if not finds(compact(text))] == []
    assert [text for text in spelling.never if finds(compact(text))] == []
