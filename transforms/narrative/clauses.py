"""Clauses of a sentence, and the shapes that they must fit from end to end."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, takewhile

from transforms.narrative.functions import LEVEL_OF
from transforms.narrative.lexicon import shapes, texts
from transforms.narrative.tokens import FIGURES, Token
from transforms.wording.code_text import WHOLE_CODE

BREAKS = "，。；：、,;:"
LISTED = "、"
SETTLED = ("amount", "missing", "percent", "count", "flat", "function", "sign")
# What stands before a unit whose amount was left out.
BEFORE_MISSING = ("budget", "spend", "earn", "both", "item", "verb", "total", "fund", "up", "down")
SIDES = ("earn", "spend", "both")
# What says of which money a clause speaks.
NAMING = ("item", "function", "fund", *SIDES)
# What says something of each of the things named before.
EACH = ("each", "all", "none_of_each")
_FIRST = 0xE000
# The code of a function or an economic class, behind its name.
_CODE = re.compile(WHOLE_CODE)
_JOINS = frozenset("和与及")
# What may stand before the name of a body, and what shows beside one that it is a name.
_BEFORE_NAMES = ("year", "subject", "organisation")
_BESIDE_NAMES = {"year", "subject", "held"}


@dataclass(frozen=True)
class Clause:
    """Tokens between two signs; `before` is the sign in front, `nested` tells that it stands in brackets.

    `numbered` is the mark in front of it (②公务接待费减少1万元), `refers` that behind it (减少1万元②).
    """

    tokens: tuple[Token, ...]
    before: str = ""
    nested: bool = False
    numbered: str = ""
    refers: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What kinds of tokens it has."""
        return tuple(token.kind for token in self.tokens)

    @property
    def has_figure(self) -> bool:
        """Whether it states an amount or a percentage, or counts something."""
        return any(token.kind in (*FIGURES, "count") for token in self.tokens)

    @property
    def is_broken(self) -> bool:
        """Whether it speaks of money and a number in it is no figure: its unit is missing, or a sign is in its way."""
        broken = any(
            token.kind == "number"
            and (token.places or token.number is None or before.kind in (*BEFORE_MISSING, "amount"))
            for before, token in pairwise((Token("sign", 0, 0), *self.tokens))
        )
        return broken and self.first(*NAMING) is not None

    @property
    def states(self) -> bool:
        """Whether it states a figure, be it a broken one, or compares with the year before."""
        compared = self.first("compare") is not None and self.first("previous") is not None
        return self.has_figure or self.is_broken or compared

    def first(self, *kinds: str) -> Token | None:
        """Its first token of some kinds."""
        return next((token for token in self.tokens if token.kind in kinds), None)

    def heads(self, kind: str) -> Token | None:
        """The token that it begins with, where that is of a kind."""
        return self.tokens[0] if self.tokens[0].kind == kind else None

    def last(self, *kinds: str) -> Token | None:
        """Its last token of some kinds."""
        return next((token for token in reversed(self.tokens) if token.kind in kinds), None)


def clauses_of(text: str, tokens: Sequence[Token]) -> list[Clause]:
    """The clauses of a sentence in order; what stands in brackets and states figures follows the clause it is in."""
    found: list[Clause] = []
    current: list[Token] = []
    inner: list[Clause] = []
    before, at = "", 0
    while at < len(tokens):
        token = tokens[at]
        if _parts_figures(text, current, tokens[at : at + 2]):
            found += _closed(current, before, inner)
            current, inner, before = [], [], ""
        elif _parts_count_from_value(current, token):
            found += _closed(current, before, inner)
            current, inner, before = [token], [], ","
        elif _parts_noughts(text, current, tokens, at):
            found += _closed(current, before, inner)
            current, inner, before = [], [], LISTED
        elif token.kind != "sign":
            current.append(token)
        elif token.key == "(":
            end = _closing(tokens, at)
            current, inner = _with_brackets(text, tokens[at + 1 : end], current, inner)
            at = end
            if inner and current and current[-1].kind in FIGURES and _compares(tokens[end + 1 : end + 2]):
                found += _closed(current, before, inner)
                current, inner, before = [], [], ","
        elif token.key in BREAKS:
            found += _closed(current, before, inner)
            current, inner, before = [], [], token.key
        else:
            current.append(replace(token, kind="unknown"))
        at += 1
    found += _closed(current, before, inner)
    dated = (before is not None and set(before.kinds) == {"year"} for before in (None, *found))
    return [_settled(text, clause, dated=year) for clause, year in zip(found, dated, strict=False)]


def _parts_figures(text: str, current: Sequence[Token], ahead: Sequence[Token]) -> bool:
    """Whether a word joins two statements (人员经费7万元和公用经费3万元)."""
    join, after = ahead[0], ahead[-1]
    return (
        join.kind == "compare"
        and bool(current)
        and current[-1].kind in FIGURES
        and after.kind in NAMING
        and text[join.start : join.end] in _JOINS
    )


def _parts_count_from_value(current: Sequence[Token], token: Token) -> bool:
    """Whether an amount stands straight behind a number of assets (车辆12辆218万元): it is what they are worth."""
    counted = bool(current) and current[-1].kind == "count"
    return counted and token.kind == "amount" and any(each.kind == "asset" for each in current)


def _parts_noughts(text: str, current: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
    """Whether a word joins two things that there are none of (未购置车辆及单价50万元以上设备), or of each of which the same is
    said (A和B均为0万元)."""
    join, after = tokens[at], tokens[min(at + 1, len(tokens) - 1)]
    joined = (
        after.kind in ("asset", "item")
        and bool(current)
        and current[-1].kind == after.kind
        and text[join.start : join.end] in _JOINS
    )
    nothing = joined and (after.kind == "asset" or any(token.kind == "nothing" for token in current))
    return nothing or (joined and _speaks_of_each(tokens[at:]))


def _speaks_of_each(ahead: Sequence[Token]) -> bool:
    """Whether the clause says something of each of the things named in it."""
    return any(token.kind in EACH for token in takewhile(lambda token: token.kind != "sign", ahead))


def _compares(ahead: Sequence[Token]) -> bool:
    """Whether a comparison with the year before begins here, of what stands before the brackets."""
    return any(token.kind in ("compare", "previous", "alike") for token in ahead)


def _closed(current: Sequence[Token], before: str, inner: Sequence[Clause]) -> Iterator[Clause]:
    if told := tuple(token for token in current if token.kind != "note"):
        numbered, refers = (token.key if token.kind == "note" else "" for token in (current[0], current[-1]))
        yield Clause(told, before, numbered=numbered, refers=refers)
    yield from inner


def _closing(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for number in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[number].key, 0) if tokens[number].kind == "sign" else 0
        if depth == 0:
            return number
    return len(tokens)


def _with_brackets(
    text: str, inside: Sequence[Token], current: list[Token], inner: list[Clause]
) -> tuple[list[Token], list[Clause]]:
    """A clause and the clauses in its brackets, after one more bracket.

    A note without figures is left out where it cannot change what it stands in: behind a figure, or a known one.
    """
    if any(token.kind in FIGURES for token in inside):
        nested = [replace(clause, nested=True) for clause in clauses_of(text, inside)]
        return current, [*inner, *nested]
    note = text[inside[0].start : inside[-1].end] if inside else ""
    if current:
        known = note in texts().harmless_notes or _CODE.fullmatch(note) is not None
        harmless = known or current[-1].kind in SETTLED
    else:
        harmless = note not in LEVEL_OF  # 类, 款, 项 say something of a name in front of them only
    unknown = [] if harmless or not inside else [Token("unknown", inside[0].start, inside[-1].end)]
    return current + unknown, inner


def _settled(text: str, clause: Clause, *, dated: bool) -> Clause:
    """The clause with names of bodies known as such, and units that are no left-out amounts made unknown.

    `dated`: the clause before it gives nothing but the year.
    """
    tokens = []
    whole = _with_names_at_head(text, clause.tokens, dated=dated)
    for number, token in enumerate(whole):
        previous = whole[number - 1].kind if number else ""
        if token.kind == "unknown" and _is_name(text[token.start : _end_of_name(whole, number)]):
            token = replace(token, kind="organisation")
        elif token.kind == "missing" and previous not in BEFORE_MISSING:
            token = replace(token, kind="unknown")
        tokens.append(token)
    return replace(clause, tokens=tuple(tokens))


def _end_of_name(tokens: Sequence[Token], number: int) -> int:
    """Where a name ends whose last letter begins the next token (石桥镇 in 石桥镇本级)."""
    ahead = tokens[number + 1] if number + 1 < len(tokens) else None
    return ahead.start + 1 if ahead is not None and ahead.kind == "subject" else tokens[number].end


def _with_names_at_head(text: str, tokens: Sequence[Token], *, dated: bool) -> list[Token]:
    """The tokens with a name that holds words of other meanings whole (审计局, 自然资源和规划局, 无锡市政务服务中心).

    Only at the head of a clause, with a year beside it.
    """
    at = next((n for n, token in enumerate(tokens) if token.kind not in _BEFORE_NAMES), len(tokens))
    known = dated or not _BESIDE_NAMES.isdisjoint(token.kind for token in tokens[:at])
    for end in range(len(tokens), at + 1, -1):
        name = Token("organisation", tokens[at].start, tokens[end - 1].end)
        beside = known or (end < len(tokens) and tokens[end].kind in _BESIDE_NAMES)
        if beside and _is_name(text[name.start : name.end]):
            return [*tokens[:at], name, *tokens[end:]]
    return list(tokens)


def _is_name(words: str) -> bool:
    known = texts()
    return words in known.short_names or (
        words.endswith(known.name_endings)
        and len(words) >= 3
        and not any(word in _harmless().sub("", words) for word in known.never_in_names)
        and not any(letter.isdigit() for letter in words)
    )


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile("|".join(texts().harmless_in_names))


def shapes_of(clause: Clause) -> Iterator[str]:
    """What the reader may do with a clause, by each shape that it fits, in order."""
    letters = "".join(_letter(kind) for kind in clause.kinds)
    for does, pattern in _patterns():
        if pattern.fullmatch(letters):
            yield does


@cache
def _letter(kind: str) -> str:
    """A letter for each kind of token, so that shapes are patterns over letters."""
    _KINDS.setdefault(kind, chr(_FIRST + len(_KINDS)))
    return _KINDS[kind]


_KINDS: dict[str, str] = {}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    known = shapes()
    return tuple((shape.does, re.compile(_spelled(shape.shape, known.parts))) for shape in known.shapes)


def _spelled(shape: str, parts: Mapping[str, str]) -> str:
    """A shape as a pattern over letters, its parts written out."""

    def spell(match: re.Match[str]) -> str:
        word = match[0]
        return f"(?:{_spelled(parts[word], parts)})" if word in parts else _letter(word)

    return re.sub(r"[a-z_]+", spell, shape).replace(" ", "")
