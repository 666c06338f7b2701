"""What the words above a column of amounts mean: its key in the form, and its measure."""

from transforms import common_words
from transforms.forms import Panel
from transforms.wording.patterns import pattern

_CLASSED_BY = pattern("classed_by")
# Measures of a column of which figures of last year, or changes, say no other thing.
_WITH_OTHERS = ("amount", "quantity")


def column_key(words: tuple[str, ...], panel: Panel, neutral: frozenset[str]) -> tuple[str, str]:
    """(column key, measure) of a header path; ('', '') where one of its words is unknown.

    So it is where they say two measures (一般公共预算 / 上年预算数), of which a figure has one.
    A word such as 金额 or 小计 stands for the nearest heading above it that the form knows; a heading above a
    known word must contain it. `neutral`: headings that say nothing of their own.
    """
    measures = _measures_of(words)
    measure = next((name for name in reversed(measures) if name not in ("", "amount")), "amount")
    own = panel.column_of(words[-1])
    if not own and not measures[-1] and words[-1]:
        return "", ""
    said = (panel.column_of(word) for word in words[:-1] if not common_words.amount_words().get(word))
    above = [upper for upper in said if upper]
    parts = [f"{upper}.{own}" for upper in above if own and f"{upper}.{own}" in panel.above_column]
    if parts and not measures[-1]:
        own, above = parts[-1], above[-1:]
    above = [
        upper
        for upper in above
        if upper != "current_total" or not own or upper in panel.above_column.get(own, [])
    ]
    if any(not _is_heading(word, panel, neutral) for word in words[:-1]):
        return "", ""
    key = above[-1] if above and measures[-1] else own or (above[-1] if above else next(iter(panel.columns)))
    if any(upper != key and upper not in panel.above_column.get(key, []) for upper in above):
        return "", ""
    own_measure = panel.measure_of(key)
    if measure == "amount":
        return key, own_measure
    return (key, measure) if own_measure in _WITH_OTHERS else ("", "")


def _measures_of(words: tuple[str, ...]) -> list[str]:
    """The measure that each word of a header path says, '' where it says none; 比例 is one below a heading of differences."""
    found = [common_words.measure_said(word) for word in words]
    if words[-1] in common_words.words_of_change() and {"change", "percent"} & set(found):
        found[-1] = "percent"
    return found


def _is_heading(word: str, panel: Panel, neutral: frozenset[str]) -> bool:
    """Whether a word above others is one that the form knows there, or says that they are of the whole (合计 / 基本支出)."""
    known = neutral | panel.heading_words
    word = word if word in known else _CLASSED_BY.sub("", word)
    plain = (word.removeprefix(year) for year in common_words.shared_words().of_this_year)
    whole = common_words.total_words().get(word) == "total"
    return not word or whole or panel.column_of(word) != "" or word in known or any(e in known for e in plain)
