"""What the phrase reader takes from sentences, in the writing of the phrase files."""

import re
from decimal import Decimal

from transforms.narrative.lexicon import numbers
from transforms.narrative.stated import Stated
from transforms.narrative.statements import StatementReader

YEAR = 2021
LEFT_OUT = "无数"


def fen(text):
    """A value as the phrase files write it, in 分 or hundredths; None for an amount left out.

    >>> fen("12.5万元"), fen("-3%"), fen("8辆"), fen("无数")
    (12500000, -300, 800, None)
    """
    if text == LEFT_OUT:
        return None
    number, unit = re.fullmatch(r"(-?[\d.]+)(.+)", text).groups()
    return int(Decimal(number) * numbers().amounts.get(unit, 100))


def address(figure: Stated):
    """Panel, row, column and measure as the phrase files write them."""
    column = "" if figure.column == "total" else f":{figure.column}"
    measure = "" if figure.measure == "amount" else f"@{figure.measure}"
    return f"{figure.place.panel}!{figure.place.row}{column}{measure}"


def read(text, heading="", year=YEAR):
    """The figures of a text by address, and whether each sentence that states one was understood."""
    reader = StatementReader(year)
    reader.begin_chapter(heading)
    found = list(reader.read(text))
    figures = {address(figure): figure.amount for sentence in found for figure in sentence.figures}
    return figures, [sentence.understood for sentence in found if sentence.understood is not None]
