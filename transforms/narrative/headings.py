"""What the chapters of a document are called (chapters.yml), and lines that are called nearly so."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from expectations.yamlfile import read_as
from transforms.narrative.clauses import clauses_of
from transforms.narrative.lexicon import texts
from transforms.narrative.tokens import FIGURES, Token, flatten, tokenise
from transforms.wording.patterns import pattern
from transforms.wording.text import compact

_WORDINGS = Path(__file__).parent / "chapters.yml"
LONGEST_HEADING = 45
ORDINAL, _SLIPPED_ORDINAL = pattern("heading_ordinal"), pattern("slipped_ordinal")
_YEAR, _ABOUT, HEADS_SURELY = pattern("year_of_a_heading"), pattern("about"), pattern("heads_surely")
SENTENCE_END = re.compile(r"[。；;！!？?]$")
_ENDING = re.compile(r"[。；;：:，,、.]$")
# A letter that was typed wrong or left out, whatever it should be; the fewest letters of which one may be.
_ANY, _FEWEST_LETTERS = "\0", 5
_LETTER = re.compile("[\u4e00-\u9fff]")
_PATTERN_CLASS = re.compile(r"(\[[^\]]*\])")
_SAYS_WHEN = ("year", "previous")
_MONEY = ("fund", "item", "earn", "spend", "both")


class Wording(BaseModel):
    """The headings of one chapter; see chapters.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    headings: tuple[str, ...]
    example: str
    required: bool = False
    within: str = ""
    after: str = ""
    run_in: bool = False
    named: bool = False
    said_with: str = ""


@cache
def wordings() -> tuple[Wording, ...]:
    """What every chapter is called."""
    return read_as(_WORDINGS, TypeAdapter(tuple[Wording, ...]))


def required_chapters() -> dict[str, tuple[str, ...]]:
    """Each chapter that a document must have, with the keys that stand for it (rule NAR-11)."""
    needed = dict.fromkeys(word.key for word in wordings() if word.required)
    return {
        key: (key, *dict.fromkeys(word.key for word in wordings() if word.within == key)) for key in needed
    }


def chapter_title(key: str) -> str:
    """The example heading of a chapter, without its ordinal.

    >>> chapter_title("glossary")
    '专业名词解释'
    """
    return ORDINAL.sub("", next(word.example for word in wordings() if word.key == key and not word.after))


@cache
def _patterns() -> tuple[tuple[Wording, re.Pattern[str]], ...]:
    return tuple((word, re.compile(_any_of(word))) for word in wordings())


def _any_of(wording: Wording) -> str:
    """A pattern of all headings of a chapter; a body's name has three characters at least and no signs in it."""
    name = r"(?:[^,:、.(\d]{3,25}?)?" if wording.named else ""
    return name + "(?:" + "|".join(wording.headings) + ")"


def heading_words(text: str) -> str:
    """The words of a heading: plain signs, no ordinal, no closing colon.

    >>> heading_words("四、财政拨款“三公”经费预算情况：")
    '财政拨款三公经费预算情况'
    """
    words = compact(text).rstrip(":")
    for _ in range(2):
        words = ORDINAL.sub("", words)
    return _ABOUT.sub("", words)


def heading_key(text: str, before: str = "") -> str | None:
    """The chapter that a line heads, None where it heads none; `before` is the key of the chapter before it.

    >>> heading_key("七、国有资产信息情况"), heading_key("固定资产金额为418.52万元。")
    ('assets', None)
    """
    plain = text.strip()
    if ORDINAL.match(compact(plain)) and plain.count("。") == 1:
        plain = plain.removesuffix("。")
    if len(plain) > LONGEST_HEADING or SENTENCE_END.search(plain):
        return None
    words = heading_words(plain)
    return _key_of(words, before) or _key_of(_SLIPPED_ORDINAL.sub("", words), before)


def _key_of(words: str, before: str) -> str | None:
    said = _YEAR.sub("", words)
    return next((word.key for word, pattern in _patterns() if _heads(word, pattern, said, before)), None)


def _heads(wording: Wording, pattern: re.Pattern[str], words: str, before: str) -> bool:
    if wording.after and wording.after != before:
        return False
    return bool(pattern.fullmatch(words))


def strange_words(heading: str, year: int) -> tuple[Token, ...]:
    """The pieces of a heading that are neither words of money, nor names of bodies, nor usual words of headings.

    >>> strange_words("四、关于某测绘局2021年财政拨款收支总表的说明", 2021)
    ()
    """
    plain = flatten(heading).text
    tokens = [token for clause in clauses_of(plain, tokenise(plain, year)) for token in clause.tokens]
    when = next((n for n, token in enumerate(tokens) if token.kind in _SAYS_WHEN), 0)
    if not any(token.kind in _MONEY for token in tokens[:when]):
        tokens = tokens[when:]
    return tuple(token for token in tokens if _is_strange(token, plain))


def _is_strange(token: Token, text: str) -> bool:
    if token.kind == "number":
        return True
    return token.kind == "unknown" and not _usual().fullmatch(text[token.start : token.end])


@cache
def _usual() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(texts().heading_words)})+")


def is_misspelt(text: str) -> bool:
    """Whether a line is a heading of chapters.yml but for one letter, and not understood as it stands.

    >>> is_misspelt("四、财政拔款收支预算情况说明"), is_misspelt("四、财政拨款收入情况说明")
    (True, False)
    """
    plain = compact(text)
    numbered = ORDINAL.match(plain) is not None
    ended = _ENDING.search(plain) is not None
    if (
        (ended and not numbered)
        or len(plain) > LONGEST_HEADING
        or any(token.kind in FIGURES for token in tokenise(plain, 0))
    ):
        return False
    words = heading_words(_ENDING.sub("", plain))
    if len(words) < _FEWEST_LETTERS or not (ended or strange_words(words, 0)):
        return False
    return any(_near().fullmatch(nearly) for nearly in _one_letter_off(words))


def _one_letter_off(words: str) -> Iterator[str]:
    """The words, and the same with a letter more than there should be, another one, or one left out."""
    yield words
    for at in range(len(words)):
        yield words[:at] + words[at + 1 :]
        yield words[:at] + _ANY + words[at + 1 :]
        yield words[:at] + _ANY + words[at:]


@cache
def _near() -> re.Pattern[str]:
    """All headings in which a letter may be any, behind what names the body and the year."""
    known = [
        heading for word in wordings() if not word.after for heading in word.headings if ".{" not in heading
    ]
    named = rf"(?:关于)?(?:.{{0,30}}?(?:20\d\d{_ANY}|年)度?(?:部门|单位)?)?"
    return re.compile(f"{named}(?:{'|'.join(map(_with_any_letter, known))})")


def _with_any_letter(pattern: str) -> str:
    """A pattern that takes the sign of a wrong letter for each of its letters."""
    pieces = _PATTERN_CLASS.split(pattern)
    return "".join(
        piece if n % 2 else _LETTER.sub(rf"[\g<0>{_ANY}]", piece) for n, piece in enumerate(pieces)
    )
