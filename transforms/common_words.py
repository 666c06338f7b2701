"""Words that several forms share (`forms/_words.yml`): spellings, headings, totals, numbering."""

import re
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.yamlfile import in_shape, read_yaml
from transforms.once import recalled
from transforms.wording.spelling import spelled_out
from transforms.wording.text import bare, compact, header_words

_BRACKET_AT_END = re.compile(r"\([^()]*\)$")
FOLDER = Path(__file__).parent / "forms"
Content = TypeVar("Content")


class Words(BaseModel):
    """`_words.yml`: the spellings that several forms share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    headers: dict[str, list[str]]
    amounts: dict[str, list[str]]
    of_change: list[str]
    shares: list[str]
    checks: list[str]
    nothing: list[str]
    totals: dict[str, list[str]]
    sides: list[str]
    both_sides: list[str]
    bodies: list[str]
    numbering: dict[str, list[str]]
    subtotals: list[str]
    page_sums: list[str]
    stages: dict[str, list[str]]
    sums: list[str]
    of_this_year: list[str]
    says_when: list[str]
    kinds_of_bodies: dict[str, str]
    fillers: list[str]
    headings: list[str]
    table: str
    title_fillers: list[str]
    former_titles: dict[str, str]
    fund_fillers: list[str]
    titles_of_funds: list[str]
    subjects: list[str]
    other_tables: list[str]
    comparisons: list[str]
    words: dict[str, list[str]]


def read_words(path: Path, shape: TypeAdapter[Content]) -> Content:
    """The content of a definition, its spellings written out. Raises DefinitionError where it has another shape."""
    return in_shape(path, spelled_out(read_yaml(path)), shape)


@recalled
def header_key(text: str) -> str:
    """A header cell without year and unit."""
    return header_words(text)[0]


@cache
def shared_words() -> Words:
    """The spellings of `_words.yml`."""
    return read_words(FOLDER / "_words.yml", TypeAdapter(Words))


@cache
def amount_words() -> dict[str, str]:
    """Header words that say "the amount of what stands above", to their measure."""
    return {
        header_key(word): measure for measure, spelled in shared_words().amounts.items() for word in spelled
    }


@recalled
def measure_said(word: str) -> str:
    """The measure that a header word says, 本年 in front of it or not (本年增减), '' for none."""
    plain = (word.removeprefix(year) for year in shared_words().of_this_year)
    return next((found for known in (word, *plain) if (found := amount_words().get(known, ""))), "")


@cache
def words_of_stages() -> dict[str, str]:
    """Header words of the stages in which a budget is made, to 'decided', 'before' or 'settled'."""
    return {header_key(word): stage for stage, words in shared_words().stages.items() for word in words}


@cache
def economic_classes() -> frozenset[str]:
    """What the classes of economic codes are called in headers."""
    return frozenset(map(header_key, shared_words().words["economic_classes"]))


@cache
def kinds_of_projects() -> frozenset[str]:
    """What the kinds of projects are called in headers."""
    return frozenset(map(header_key, shared_words().words["kinds_of_projects"]))


@cache
def kinds_of_running() -> frozenset[str]:
    """What 公用经费 and some projects are called together in headers."""
    return frozenset(map(header_key, shared_words().words["kinds_of_running"]))


@cache
def levels_of_money() -> frozenset[str]:
    """What columns are called that say whose money pays."""
    return frozenset(map(header_key, shared_words().words["levels_of_money"]))


@cache
def page_sums() -> frozenset[str]:
    """What rows are called that sum up a page of a list."""
    return frozenset(map(bare, shared_words().page_sums))


@cache
def words_of_nothing() -> frozenset[str]:
    """What rows are called that list nothing."""
    return frozenset(map(compact, shared_words().nothing))


@cache
def group_words() -> frozenset[str]:
    """Headings over groups of columns that say nothing of their own (资金来源); over names alone they are what these are."""
    return frozenset(map(header_key, shared_words().headings))


@cache
def words_of_change() -> frozenset[str]:
    """Header words of a percentage where a heading above is about a difference."""
    return frozenset(map(header_key, shared_words().of_change))


@cache
def structure_words() -> dict[str, set[str]]:
    """Header words of code, label, index, remark and body columns to those kinds."""
    found: dict[str, set[str]] = {}
    for kind, spelled in shared_words().headers.items():
        for word in spelled:
            found.setdefault(header_key(word), set()).add(kind)
    return found


@recalled
def kinds_of(text: str) -> frozenset[str]:
    """The kinds of column (code, label, index, …) that a header cell may head; what a bracket adds to names is no matter.

    But bodies with subjects in brackets are names of both.

    >>> sorted(kinds_of("项目（按支出功能科目）")), sorted(kinds_of("事业收入")), sorted(kinds_of("单位名称（功能分类科目）"))
    (['label'], [], ['label'])
    """
    words = header_key(text)
    known = structure_words()
    if words in known:
        return frozenset(known[words])
    bracket = _BRACKET_AT_END.search(words)
    kinds = known.get(_BRACKET_AT_END.sub("", words), set())
    subjects = bracket is not None and known.get(bracket[0][1:-1], set()) & {"code", "label"}
    return frozenset({"label"} if kinds == {"body"} and subjects else kinds)


@cache
def total_words() -> dict[str, str]:
    """Labels of printed totals to 'total' or 'current_total'."""
    return {bare(word): key for key, spelled in shared_words().totals.items() for word in spelled}


@cache
def names_of_numbering() -> frozenset[str]:
    """What a row is called that numbers the columns (栏次)."""
    return frozenset(shared_words().numbering["named"])


@cache
def words_of_numbering() -> frozenset[str]:
    """Every word that may stand beside the numbers of columns."""
    return frozenset(word for words in shared_words().numbering.values() for word in words)


@cache
def stars() -> frozenset[str]:
    """What stands in place of the number of a column that needs none (**)."""
    return frozenset(shared_words().numbering["stars"])


@cache
def filler_words() -> frozenset[str]:
    """Texts that fill empty rows of a form (…)."""
    return frozenset(compact(word) for word in shared_words().fillers)
