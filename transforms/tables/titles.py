"""What a table is called: the forms' titles in their spellings, titles of other tables, titles that nobody knows."""

import re
from collections.abc import Iterable
from functools import cache, reduce

from transforms import common_words, forms
from transforms.forms import Form
from transforms.once import recalled
from transforms.tables.line import DECLARATION, TITLE_END, Line
from transforms.wording.body_names import names_body
from transforms.wording.patterns import pattern
from transforms.wording.text import compact, header_words

_NO_TITLE = 1 << 30
_TITLE_LIKE, _REST_OF_A_BODY = pattern("like_a_title"), pattern("rest_of_a_body")
_WITHOUT_END = pattern("title_without_end")
_YEAR, _YEAR_BEFORE = pattern("year"), pattern("year_before")
MISTYPED = 4
_BRACKETED = re.compile(r"\([^()]*\)")


def title_of(texts: Iterable[str]) -> tuple[str, str, str]:
    """(title text, form, family) of the longest title that one of the texts contains; blanks if none does."""
    texts = list(texts)
    found = min((_title_in(text) for text in texts), default=_NO_TITLE)
    if found != _NO_TITLE:
        return forms.titles()[found]
    return next((named for text in texts if (named := _loosely_named(text))), ("", "", ""))


def names_a_form(line: Line) -> bool:
    """Whether a row that begins with a title begins with that of a form."""
    ends = any(TITLE_END.search(text) for text in line.lines)
    return ends and bool(title_of([str(line.cells[0][1])])[1])


@recalled
def _title_in(text: str) -> int:
    """The place in the list of titles (longest first) of the first one that a text is called by."""
    lines = [line for line in _todays_lines(text) if forms.any_title().search(line)]
    for place, (words, form, _) in enumerate(forms.titles() if lines else ()):
        for line in lines:
            if words in line and not _says_more(line, words, forms.forms()[form]):
                return place
    return _NO_TITLE


@recalled
def _loosely_named(text: str) -> tuple[str, str, str] | None:
    """The title that one line of a text is, but for words in which titles of one table differ."""
    lines = [_without_body(line) for line in _todays_lines(text)]
    lines = [line for line in lines if TITLE_END.search(line) and not _other_table(line)]
    named = [loose_titles().get(loose_title(line)) for line in lines]
    shortened = (_named_without_end(line) for line in _todays_lines(text))
    return next((found for found in [*named, *shortened] if found), None)


def _without_body(line: str) -> str:
    """A title without the name of the body in front of its year (某局2025年收支总表)."""
    year = _YEAR.search(line)
    return line[year.start() :] if year and names_body(line[: year.start()]) else line


def _named_without_end(line: str) -> tuple[str, str, str] | None:
    """The title that a whole line is, but for its last word, where it says what the form is about (机关运行经费) or ends as
    titles do without that word (部门支出总体情况).
    """
    table = common_words.shared_words().table
    found = None if line.endswith(table) else loose_titles().get(loose_title(line + table))
    subjects = forms.forms()[found[1]].subject if found else ()
    return found if _WITHOUT_END.search(line) or any(subject in line for subject in subjects) else None


def loose_title(text: str) -> str:
    """A title without year, brackets and the words in which titles of one table differ.

    >>> loose_title("2023年一般公共预算财政拨款支出预算表（按功能分类科目）")
    '一般公共支出表'
    """
    words = re.sub(r"\([^()]*\)", "", header_words(text)[0])
    for filler in common_words.shared_words().title_fillers:
        words = words.replace(filler, "")
    if any(fund in words for fund in common_words.shared_words().titles_of_funds):
        for filler in common_words.shared_words().fund_fillers:
            words = words.replace(filler, "")
    return words


@cache
def loose_titles() -> dict[str, tuple[str, str, str]]:
    """Titles in their loose form that belong to one form only, to (title, form, family); none of both sides."""
    found: dict[str, set[str]] = {}
    named = [title for title in forms.titles() if title[2] != forms.BOTH_SIDES]
    for words, form, _ in named:
        found.setdefault(loose_title(words), set()).add(form)
    return {
        loose_title(words): (words, form, family)
        for words, form, family in named
        if len(found[loose_title(words)]) == 1
    }


def _title_lines(text: str) -> list[str]:
    """A text, and its lines where it has several."""
    lines = [compact(line) for line in text.split("\n")]
    return [compact(text), *(line for line in lines if line)] if len(lines) > 1 else lines


def _todays_lines(text: str) -> list[str]:
    """The lines of a title with what was called otherwise in former years under its name of today."""
    lines = _title_lines(text)
    for former, today in common_words.shared_words().former_titles.items():
        lines = [line.replace(former, today) for line in lines]
    return lines


def _says_more(text: str, words: str, form: Form) -> bool:
    """Whether a line that contains a form's title speaks of another table: 项目支出总表, 支出总表(决算)."""
    before, _, after = text.partition(words)
    return _other_table(before + after) or not _own_subject(_BRACKETED.sub("", before), form)


def _other_table(text: str) -> bool:
    """Whether a title speaks of final accounts, of execution, of a comparison."""
    return any(word in text for word in common_words.shared_words().other_tables)


def _own_subject(text: str, form: Form) -> bool:
    """Whether what a text says a table is about, some title of the form says too."""
    own = [compact(word) for spelled in form.titles.values() for word in spelled]
    subjects = [word for word in common_words.shared_words().subjects if _speaks_of(text, word)]
    return all(any(word in title for title in own) for word in subjects)


def _speaks_of(text: str, subject: str) -> bool:
    """Whether a text holds the words of a subject, one of four letters or more perhaps mistyped (财政拔款)."""
    if subject in text:
        return True
    size = len(subject)
    windows = (text[at : at + size] for at in range(len(text) - size + 1)) if size >= MISTYPED else ()
    return any(sum(a != b for a, b in zip(subject, window, strict=True)) == 1 for window in windows)


def compared_title(texts: Iterable[str]) -> tuple[str, str, str]:
    """(title, form, family) of the form that a title sets beside the year before (一般公共预算支出对比表), blanks if none."""
    words = common_words.shared_words().comparisons
    lines = [compact(text) for text in texts]
    compared = [_YEAR_BEFORE.sub("", line) for line in lines if any(word in line for word in words)]
    return title_of(reduce(lambda text, word: text.replace(word, ""), words, text) for text in compared)


def strange_title(texts: Iterable[str]) -> str:
    """The first line that looks like a table's title; for tables whose title no form knows."""
    return next((line for text in texts if (line := _title_like(text))), "")


@recalled
def _title_like(text: str) -> str:
    lines = _title_lines(text)
    return next((line for line in lines if _TITLE_LIKE.search(line) and not DECLARATION.search(line)), "")


def may_be_called(title: str, form: Form) -> bool:
    """Whether a table of this form may have a title that nobody knows: it speaks of the same, and of nothing else."""
    if _other_table(title):
        return False
    return any(word in title for word in form.topic) and _own_subject(title, form)


def unused_title(texts: Iterable[str]) -> tuple[str, str] | None:
    """(title, reason) of the first text that names a table that is known and not used."""
    return next((found for text in texts if (found := _unused_title(text))), None)


@recalled
def _unused_title(text: str) -> tuple[str, str] | None:
    whole = compact(text)
    lines = _title_lines(text)
    for line in [line for line in lines if _TITLE_LIKE.search(line) and not DECLARATION.search(line)]:
        for table in forms.unused_tables():
            word = next((word for word in table.titles if word in line), "")
            other = any(word in whole for word in table.unless)
            if word and not other and _is_subject(word, whole):
                return line, table.reason
    return None


def unused_header(texts: Iterable[str]) -> tuple[str, str] | None:
    """(header text, reason) of the first header cell that only a table has that is known and not used."""
    telling = {word: table.reason for table in forms.unused_tables() for word in table.headers}
    return next(
        ((text, telling[key]) for text in texts if (key := common_words.header_key(text)) in telling), None
    )


def _is_subject(word: str, line: str) -> bool:
    """Whether a word of a title says what the table is about, rather than who sent it (非税收入管理局部门收支总表)."""
    title = title_of([line])[0]
    before, _, after = line.partition(word)
    named_after = title in line and line.index(title) > len(before) + len(word) if title else False
    return not named_after and not _REST_OF_A_BODY.match(after)


def second_title(title: tuple[str, str, str], texts: list[str]) -> str:
    """The form whose title the texts contain too, though a shorter one (支出预算总表 beside 收支预算总表)."""
    within = sorted({place for text in texts for place in _titles_within(text)})
    return next((form for _, form, _ in map(forms.titles().__getitem__, within) if form != title[1]), "")


@recalled
def _titles_within(text: str) -> tuple[int, ...]:
    words = compact(text)
    if not forms.any_title().search(words):
        return ()
    return tuple(place for place, (title, _, _) in enumerate(forms.titles()) if title in words)


def telling_name(name: str) -> list[str]:
    """A sheet's name where it reads like a table's title, or says that the table is another one (2019决算) or of both sides."""
    shared = common_words.shared_words()
    words = [*shared.other_tables, *shared.both_sides, *(title for title, _, _ in forms.titles())]
    told = TITLE_END.search(compact(name)) or any(word in compact(name) for word in words)
    return [as_title(name)] if told else []


def as_title(name: str) -> str:
    """A sheet's name as the title it stands for, though it leaves out the last word.

    >>> as_title("部门支出预算"), as_title("部门支出预算表 ")
    ('部门支出预算表', '部门支出预算表')
    """
    table = common_words.shared_words().table
    return compact(name).removesuffix(table) + table
