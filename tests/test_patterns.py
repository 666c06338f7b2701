"""Each pattern of the reader is proven by the texts beside it."""

import re

import pytest

from expectations.yamlfile import read_yaml
from transforms.wording.patterns import FILES, Spelling, spelled
from transforms.wording.text import compact

SPELLINGS = [
    pytest.param(spelling, id=f"{name} {number}")
    for name, found in spelled().items()
    for number, spelling in enumerate(found, start=1)
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_pattern_finds_its_own_texts_and_no_other(spelling: Spelling) -> None:
    finds = re.compile(spelling.regex).search
    assert spelling.finds
    shown = str if spelling.as_written else compact
    assert [text for text in spelling.finds if not finds(shown(text))] == []
    assert [text for text in spelling.never if finds(shown(text))] == []


def test_no_two_lists_of_patterns_have_one_name() -> None:
    names = [name for path in FILES for name in read_yaml(path)["patterns"]]
    assert sorted(names) == sorted(spelled())
