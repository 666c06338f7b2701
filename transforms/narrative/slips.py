"""Slips of the hand that a text shows by itself: repeated punctuation, doubled words (rule NAR-14)."""

import re
from collections.abc import Iterator
from functools import cache

from transforms.narrative.lexicon import texts
from transforms.narrative.parts import Passage
from transforms.yields import Problem

REPEATED_SIGN, DOUBLED_WORD = "sign", "word"
_SIGNS = re.compile(r"([，。；：、,;])\1+")


@cache
def _words() -> re.Pattern[str]:
    return re.compile(f"({'|'.join(texts().seldom_twice)})\\1")


def typing_slips(passage: Passage) -> Iterator[Problem]:
    """The signs and words typed twice in a passage, as problems of rule NAR-14.

    >>> [slip.found for slip in typing_slips(Passage("其中其中：人员经费10万元。。", ((0, "第3行"),)))]
    ['。。', '其中其中']
    """
    for kind, pattern in ((REPEATED_SIGN, _SIGNS), (DOUBLED_WORD, _words())):
        for match in pattern.finditer(passage.text):
            yield Problem("NAR-14", passage.sheet, passage.place_at(match.start()), match[0], match[1], kind)
