"""Text as it is compared: without the spaces, widths and ordinals in which typists differ."""

import re
import unicodedata
from collections.abc import Iterable

from transforms.once import recalled
from transforms.wording.patterns import pattern, patterns, piece

_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_QUOTES = re.compile(r"[\"'“”‘’＂′″「」『』]")
_CIRCLED = {chr(0x2460 + n): f"{n + 1}、" for n in range(20)}
_CIRCLED_RE = re.compile("[①-⑳]")
_YEAR_IN_WORDS, _FOOTNOTE_MARK = pattern("year_in_words"), pattern("footnote_mark")
_ENGLISH, _OTHER_SCRIPT = pattern("english_behind"), pattern("other_script")
_DIGITS = str.maketrans(
    dict.fromkeys(piece("nought"), "0") | {d: str(n + 1) for n, d in enumerate(piece("numeral")[:9])}
)
_MEMO, _ADDED, _SCOPE = pattern("of_which"), pattern("added"), pattern("scope")
_WORKED_OUT, _YEAR_AS_NUMBER = pattern("worked_out"), pattern("year_as_number")
_ORDINAL, _DEPTHS = pattern("ordinal"), patterns("ordinal_depth")
_UNIT_AS_HEADING = pattern("unit_as_heading")
_UNIT_IN_BRACKETS, _YEAR, _COMPARED = pattern("unit_in_brackets"), pattern("year"), pattern("compared")
_SIGNS = re.compile(r"\((?:\+[、,/]?-|[+±-])\)")
_DASHES = re.compile(r"[-—–－─]+$")


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern of the longest of some words that begins at a place.

    >>> any_of(["元", "元整", "万元"]).match("20元整", 2)[0], any_of([]).match("")
    ('元整', None)
    """
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)")


@recalled
def compact(text: str) -> str:
    """The text in normal width, without white space and quotation marks.

    What says the same in another script of the region or in English, and the mark of a footnote, is left out.

    >>> compact("“三公” 经 费（合 计）"), compact("部门（부문）：101")
    ('三公经费(合计)', '部门:101')
    >>> compact("科目编码 Code"), compact("合计（Grand Total）"), compact("购置A4纸"), compact("KTV")
    ('科目编码', '合计', '购置A4纸', 'KTV')
    >>> compact("二〇二五年预算②"), compact("①公务接待费*")
    ('2025年预算', '1、公务接待费')
    """
    text = _CIRCLED_RE.sub(lambda match: _CIRCLED[match[0]], _FOOTNOTE_MARK.sub("", text.rstrip()))
    text = _ENGLISH.sub("", text) if text[-2:-1].isascii() else text
    words = _QUOTES.sub("", _SPACE.sub("", unicodedata.normalize("NFKC", text)))
    if "二" in words and "年" in words:
        words = _YEAR_IN_WORDS.sub(lambda match: match[0].translate(_DIGITS), words)
    return _OTHER_SCRIPT.sub("", words) or words


@recalled
def bare(text: str) -> str:
    """The compact text without 其中, ordinals, what it includes and a closing colon: the words by which a row is known.

    >>> bare("（二）公务接待费："), bare("1. 一般公共预算"), bare("其中：1、专项收入"), bare("加：上年结转")
    ('公务接待费', '一般公共预算', '专项收入', '上年结转')
    >>> bare("三、事业收入（含医疗收入）"), bare("收入合计（1+2+3）")
    ('事业收入', '收入合计')
    """
    words = _WORKED_OUT.sub("", _ADDED.sub("", _MEMO.sub("", compact(text))))
    return _SCOPE.sub("", _ORDINAL.sub("", words).rstrip(":"))


@recalled
def ordinal_depth(text: str) -> int:
    """How deep a text stands by its ordinal: 一、 (一) 1、 (1) are 1 to 4; 0 where it has none.

    >>> ordinal_depth("二、上年结转"), ordinal_depth("（二）政府性基金"), ordinal_depth("合计")
    (1, 2, 0)
    """
    words = compact(text)
    found = (depth for depth, style in enumerate(_DEPTHS, start=1) if style.match(words))
    return next(found, 0)


def is_memo(text: str) -> bool:
    """Whether a row is an *of which* row (其中), which adds to nothing."""
    return _MEMO.match(compact(text)) is not None


@recalled
def header_words(text: str) -> tuple[str, int | None, str]:
    """A header cell as (words without year, unit and what they compare with, the year it names, the unit it names).

    >>> header_words("2020年预算数（万元）"), header_words("2020年预算数比上年执行数增减额")
    (('预算数', 2020, '万元'), ('增减额', 2020, ''))
    >>> header_words("2024.0")  # a number that heads a column
    ('', 2024, '')
    >>> header_words("万元")  # below 预算数
    ('', None, '万元')
    """
    words = bare(text)
    if number := _YEAR_AS_NUMBER.fullmatch(words):
        return "", int(number[1]), ""
    if _UNIT_AS_HEADING.match(words):
        return "", None, words
    unit = _UNIT_IN_BRACKETS.search(words)
    year = _YEAR.search(words)
    words = _SIGNS.sub("", _UNIT_IN_BRACKETS.sub("", _YEAR.sub("", words)))
    return _DASHES.sub("", _COMPARED.sub("", words)), int(year[1]) if year else None, unit[1] if unit else ""


def years_named(text: str) -> list[int]:
    """The years a text names as years (2020年), never a code that happens to look like one."""
    return [int(year) for year in _YEAR.findall(compact(text))]
