"""Slips of the hand that a text shows by itself: repeated punctuation, doubled words, misspelt headings (rule NAR-14)."""

import re
from collections.abc import Iterator
from functools import cache

from transforms.narrative.headings import is_misspelt
from transforms.narrative.lexicon import texts
from transforms.narrative.parts import Passage
from transforms.tables.yields import Problem

REPEATED_SIGN, DOUBLED_WORD, MISSPELT_HEADING = "sign", "word", "heading"
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


def heading_slips(heading: Passage) -> Iterator[Problem]:
    """A heading that no chapter has and that is one letter off, as a problem of rule NAR-14.

    >>> [slip.found for slip in heading_slips(Passage("四、财政拔款收支预算情况说明", ((0, "第9行"),)))]
    ['四、财政拔款收支预算情况说明']
    """
    if is_misspelt(heading.text):
        yield Problem("NAR-14", heading.sheet, heading.place, heading.text, "", MISSPELT_HEADING)
