"""Reading sentences one after the other, clause by clause.

Whatever a clause does not say itself (what has grown, compared with what, money of which fund) it takes from the
clauses before it in its chapter. Where that is not certain the clause is not understood; then nothing more is taken
from its sentence, and nothing is spoken of any more.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.narrative.clauses import LISTED, NAMING, SIDES, Clause, clauses_of, shapes_of
from transforms.narrative.explaining import (
    PURPOSES,
    compared,
    compares_strangely,
    fen,
    parts_behind,
    until_semicolon,
    why_of,
)
from transforms.narrative.headings import HEADS_SURELY, LONGEST_HEADING
from transforms.narrative.meanings import Meanings
from transforms.narrative.memory import INCOME, TOTAL
from transforms.narrative.stated import Place, Read, Stated
from transforms.narrative.tokens import (
    FIGURES,
    SIGNS,
    Flat,
    Token,
    after_ordinals,
    flatten,
    sentences,
    tokenise,
)

SAYING = (*FIGURES, "count", "nothing", "flat")
# What clauses do that compare with the year before.
COMPARING = ("changes", "rates", "flat")
SEVERAL = 2


def _is_total(stated: Stated) -> bool:
    """Whether a figure is an amount of this year."""
    return (stated.column, stated.measure) == (TOTAL, "amount")


class PartsListed:
    """The amounts of parts that a sentence has listed behind 其中, up to the last comparison; not those in brackets."""

    def __init__(self) -> None:
        self.amounts: list[int] = []
        self._behind_semicolon = 0

    def add(self, clause: Clause, figures: Sequence[Stated]) -> None:
        """A clause and the figures that it has stated."""
        if clause.nested:
            return
        if any(each.column not in (TOTAL, "share") for each in figures):
            self.amounts, self._behind_semicolon = [], 0
        elif clause.before == ";":
            self._behind_semicolon = len(self.amounts)
        self.amounts += [each.amount or 0 for each in figures if _is_total(each)]

    def behind(self, clause: Clause) -> Sequence[int]:
        """Those that a clause may be about: of all parts behind a semicolon, else of those since the last one."""
        return self.amounts if clause.before == ";" else self.amounts[self._behind_semicolon :]


class StatementReader(Meanings):
    """Reads the sentences of one document, of a budget for `year`, in their order."""

    def is_heading(self, text: str) -> bool:
        """Whether a passage heads others: short, states nothing, is no sentence."""
        plain = flatten(text).text
        if len(plain) > LONGEST_HEADING or "," in plain or plain.endswith(("。", ";", ":")):
            return False
        saying = {token.kind for token in tokenise(plain, self.year)} & set(SAYING)
        return saying <= ({"missing"} if HEADS_SURELY.search(plain) else set())

    def may_be_heading(self, text: str) -> bool:
        """Whether a passage that was not understood may be a heading with a slip (二元、支出预算): short, and no sentence."""
        plain = flatten(text).text
        if len(plain) > LONGEST_HEADING or plain[-1:] in SIGNS:
            return False
        return any(token.kind in ("fund", *SIDES) for token in tokenise(plain, self.year))

    def begin_chapter(self, heading: str, project: str = "") -> None:
        """As Memory does; what the heading names waits for its amount (2023年预算安排5万元)."""
        self._headed: tuple[Place, ...] = ()
        self._before: list[int | None] = []
        self._compared_before = False
        super().begin_chapter(heading, project)

    def see_heading(self, heading: str) -> None:
        """As Memory does; what the heading names waits for its amount."""
        super().see_heading(heading)
        self._headed = ()
        flat = flatten(heading)
        named = clauses_of(flat.text, tokenise(flat.text, self.year))
        if len(named) == 1 and not named[0].has_figure:
            self._headed = (
                self._subject if "topics" in shapes_of(named[0]) and self._do("topics", named[0]) else ()
            )

    def read(self, text: str, above: str = "") -> Iterator[Read]:
        """What each sentence of a passage states; `above`: the passage before it, in case its last words go on here."""
        flat = flatten(text)
        self._begun_at = self._positions
        cut = bool(above) and self._goes_on_from(flatten(above).text, flat.text)
        parted, before = False, ""
        for start, end in sentences(flat):
            said = flat.text[start:end]
            parted = parted or self._is_parted(before, said)
            read = self._sentence(Flat(said, flat.offsets[start:end]), cut=parted or (cut and not start))
            yield read
            before = said[after_ordinals(said, 0) :]
            if not start and read.understood is None:
                self._take_up(said)

    def _is_parted(self, before: str, said: str) -> bool:
        """Whether a full stop parts from a sentence words that make it say another thing (一般公共预算。收入30万元)."""
        if not before or len(before) > LONGEST_HEADING or not set(before).isdisjoint(SIGNS):
            return False
        head = re.split(f"[{SIGNS}]", said)[0]
        named, alone, whole = (
            clauses_of(each, tokenise(each, self.year)) for each in (before, head, before + head)
        )
        if any(len(each) != 1 for each in (named, alone, whole)) or not alone[0].has_figure:
            return False
        fits = "topics" in shapes_of(named[0]) and next(shapes_of(whole[0]), None) is not None
        return fits and self._places(alone[0]) != self._places(whole[0])

    def _take_up(self, sentence: str) -> None:
        """What a sentence that states nothing begins with as a heading does (收入预算：包括…。) waits for its amount."""
        head, colon, _ = sentence.partition(":")
        named = clauses_of(head, tokenise(head, self.year)) if colon and self.is_heading(head) else []
        if len(named) == 1 and "topics" in shapes_of(named[0]):
            self._do("topics", named[0])

    def _goes_on_from(self, above: str, below: str) -> bool:
        """Whether a line says another thing together with the last words above it (…；项目 / 支出12万元，…)."""
        if not above or above[-1] in SIGNS:
            return False
        left, head = (re.split(f"[{SIGNS}]", each)[at] for each, at in ((above, -1), (below, 0)))
        alone, whole = (clauses_of(each, tokenise(each, self.year)) for each in (head, left + head))
        if len(alone) != 1 or len(whole) != 1 or left == above or not alone[0].has_figure:
            return False
        named, meant = alone[0].first(*NAMING), whole[0].first(*NAMING)
        same = named is not None and meant is not None and (named.kind, named.key) == (meant.kind, meant.key)
        return not same and next(shapes_of(whole[0]), None) is not None

    def _sentence(self, flat: Flat, *, cut: bool = False) -> Read:
        self._flat = flat
        self._out = Read(flat.origin(0), flat.origin(len(flat.text) - 1) + 1)
        self._begin_sentence()
        self._last_change, self._list = [], PartsListed()
        self._ahead: Sequence[Clause] = ()
        clauses = clauses_of(flat.text, tokenise(flat.text, self.year))
        self._goes_on = bool(clauses) and clauses[0].kinds[:1] == ("of_which",)
        states = any(clause.is_broken or clause.first(*FIGURES) for clause in clauses)
        counts = any(clause.first("asset") and clause.first("count") for clause in clauses)
        understood = not cut and self._clauses(clauses)
        self._out.understood = understood if states or (counts and not understood) else None
        self._before, self._compared_before = self._totals() or self._before, bool(self._last_change)
        if not understood:
            self._fall_silent()
        elif self._spoke_of_several():
            about_heading = bool(self._headed) and self._parted == self._headed
            whole = self._headed if about_heading else self._whole_of_list()
            self._subject, self._topic, self._kind = whole, False, ""
        return self._out

    def _whole_of_list(self) -> tuple[Place, ...]:
        """What the parts that the sentence has listed are all there is of: a comparison behind it can be of that only."""
        parted = [each.amount for each in self._out.figures if each.place in self._parted and _is_total(each)]
        adds_up = len(self._list.amounts) >= SEVERAL and parted == [sum(self._list.amounts)]
        return self._parted if adds_up and not self._compared_before else ()

    def _totals(self) -> list[int | None]:
        """The amounts of this year that the sentence has stated."""
        return [each.amount for each in self._out.figures if _is_total(each)]

    def _spoke_of_several(self) -> bool:
        """Whether the sentence stated amounts of more than what it spoke of last: 增加 after it may mean any of them."""
        stated = {each.place for each in self._out.figures if _is_total(each)}
        return bool(stated) and stated != set(self._subject)

    def _clauses(self, clauses: Sequence[Clause]) -> bool:
        outer: tuple[Place, ...] = ()
        for number, clause in enumerate(clauses):
            before_nested = number > 0 and clauses[number - 1].nested
            if clause.nested and not before_nested:
                outer = self._subject
            if before_nested and not clause.nested:
                self._subject = outer
            why = why_of(clause)
            if why is not None:
                return self._explained(clause, why, clauses[number + 1 :])
            if self._is_note(clause):
                return self._noted_below(clauses[number:])
            spoken, self._ahead = self._subject, clauses[number + 1 :]
            if not self._clause(clause):
                behind = self._behind_details(clauses[number:])
                self._subject = spoken if behind else ()
                return self._clauses(behind) if behind else self._are_details(clauses[number:])
        return True

    def _clause(self, clause: Clause) -> bool:
        """Read one clause; False where it states a figure and is not understood."""
        if clause.before == ";" and self._parted_around:
            self._parted = self._parted_around
        if clause.first("of_which"):
            self._parted_around, self._parted = self._parted, self._subject or self._parted
            self._list = PartsListed()
        if clause.before == ";" and clause.first("earn", "spend", "target"):
            self._elsewhere = False
        if self._may_be_of_all_parts(clause):
            if self._is_open(clause):
                self._fall_silent()
                return False
            self._subject = self._parted if self._parts_add_up(clause) else self._subject
        if clause.before != LISTED:
            self._none, self._listed = None, ()
        stated = len(self._out.figures)
        if any(self._do(does, clause) for does in shapes_of(clause)):
            self._list.add(clause, self._out.figures[stated:])
            return True
        caused = clause.tokens[-1]
        if caused.kind == "caused" and not clause.has_figure:
            self._give_reason(clause.tokens[0].start, caused.end)
            return True
        if clause.states or self._flat.text.endswith(":"):
            self._doubt_what_it_names(clause)
        self._fall_silent()
        return not clause.states

    def _may_be_of_all_parts(self, clause: Clause) -> bool:
        """Whether a comparison that names nothing stands behind several parts of a whole, the first in its sentence.

        Parts of nought could be left out: they do not tell that the list has come to its end.
        """
        parts = [part for part in self._list.behind(clause) if part]
        if len(parts) < SEVERAL or self._last_change or clause.first(*NAMING, "asset", "each"):
            return False
        return bool(self._amounts_of_whole()) and next(shapes_of(clause), "") in COMPARING

    def _amounts_of_whole(self) -> Sequence[int | None]:
        """What was stated of the whole that 其中 gives parts of, unless it was compared in a sentence of its own."""
        known = [each.amount for each in self._out.figures if each.place in self._parted and _is_total(each)]
        return known or (self._before if self._goes_on and not self._compared_before else [])

    def _parts_add_up(self, clause: Clause) -> bool:
        """Whether the parts before a comparison are all there are of their whole: then it is of the whole."""
        return self._amounts_of_whole()[-1:] == [sum(self._list.behind(clause))]

    def _is_open(self, clause: Clause) -> bool:
        """Whether no more parts follow a comparison and those before it are not the whole: of what it is, is open."""
        follow = any(next(shapes_of(each), "") == "states" and not each.nested for each in self._ahead)
        return not self._parts_add_up(clause) and not follow

    def _are_details(self, clauses: Sequence[Clause]) -> bool:
        """Whether amounts of whatever it may be add up to the one stated before them: then they are its details.

        A sentence that begins 其中 gives details of the sentence before it. Noughts add up to nought whatever they are of.
        """
        stated = self._totals() or (self._before if self._goes_on else [])
        parts = [clause.last("amount") for clause in clauses if clause.has_figure]
        if (
            not stated
            or not stated[-1]
            or not parts
            or None in parts
            or any(clause.is_broken for clause in clauses)
        ):
            return False
        sums = [fen(part) for part in parts if part is not None]
        if len(sums) > 1 and sums[-1] == stated[-1]:
            sums = sums[:-1]
        return sum(sums) == stated[-1]

    def _behind_details(self, clauses: Sequence[Clause]) -> Sequence[Clause]:
        """The clauses behind details that add up, where they compare what the details are of with the year before."""
        for number, clause in enumerate(clauses):
            if number and clause.first("previous", "alike") and {"flat", "changes"} & set(shapes_of(clause)):
                named = clause.first(*NAMING)
                return clauses[number:] if not named and self._are_details(clauses[:number]) else ()
        return ()

    def _explained(self, clause: Clause, why: Token, rest: Sequence[Clause]) -> bool:
        """A clause that goes over into a reason or a purpose, and what follows it."""
        at = clause.tokens.index(why)
        head = replace(clause, tokens=clause.tokens[:at])
        if head.has_figure and not self._clause(head):
            return False
        told, after = until_semicolon([replace(clause, tokens=clause.tokens[at + 1 :]), *rest])
        if parts := parts_behind([*told, *after], next(reversed(self._totals()), None)):
            told, after = [*told, *after][: -len(parts)], parts
        if why.kind not in PURPOSES:
            self._give_reason(why.end, self._end_before(after), clause.numbered)
            if self._are_components(told):
                return self._clauses(after)
        hides = any(
            "states" in shapes_of(each) and each.first("item") for each in told[bool(self._out.figures) :]
        )
        if why.kind in PURPOSES and any(map(compares_strangely, told)):
            return False
        compared_again = compared(told) if why.kind in PURPOSES else []
        if hides:
            return self._are_details([*told, *after])
        return self._clauses([*compared_again, *after]) or self._are_details([*told, *after])

    def _is_note(self, clause: Clause) -> bool:
        """Whether a clause is what the mark behind a change stands for: why it is, be it in whatever words."""
        headed = clause.before in (":", ";") or not clause.first(*NAMING)
        return clause.numbered in self._referring and not clause.states and headed

    def _noted_below(self, clauses: Sequence[Clause]) -> bool:
        told, after = until_semicolon(clauses)
        self._give_reason(told[0].tokens[0].start, self._end_before(after), told[0].numbered)
        return self._clauses(after)

    def _end_before(self, after: Sequence[Clause]) -> int:
        """Where an explanation ends: at the sign before what follows it, else with its sentence."""
        text = self._flat.text
        return text.rindex(after[0].before, 0, after[0].tokens[0].start) if after else len(text)

    def _give_reason(self, start: int, end: int, note: str = "") -> None:
        """Explain the changes before, but no lines of the passages before that stand beside a line of this one.

        `note`: the mark that the reason begins with; it explains those that bear it, where there are any.
        """
        text = self._flat.text[start:end].strip(":,")
        if note in self._referring:
            for position, place in self._referring.pop(note).items():
                self._remark(position, place, "reason", text, start, end)
                self._unexplained.pop(position, None)
            return
        own = [place for position, place in self._unexplained.items() if position > self._begun_at]
        for position, place in self._unexplained.items():
            if position > self._begun_at or not any(_stand_beside(place, each) for each in own):
                self._remark(position, place, "reason", text, start, end)
        self._unexplained = {}

    def _are_components(self, told: Sequence[Clause]) -> bool:
        """Whether a reason is a list of changes of known items; then its figures are stated as well."""
        changes = [clause for clause in told if clause.has_figure]
        of_income = bool(self._subject) and self._subject[0].panel == INCOME
        known = ("item", "fund") if of_income else ("item",)
        if not changes or not all(each.first(*known) and "changes" in shapes_of(each) for each in changes):
            return False
        subject, column, first = self._subject, self._column, len(self._out.figures)
        for clause in changes:
            self._column = column
            if not self._do("changes", clause):
                return False
        for each in self._out.figures[first:]:
            self._remark(each.position, each.place, "component", "", 0)
            self._unexplained.pop(each.position, None)
        self._subject = subject
        return True


def _stand_beside(one: Place, other: Place) -> bool:
    """Whether two lines of a classification are different ones, and neither holds the other."""
    rows = sorted((one.row, other.row))
    return one.panel == other.panel and all(map(str.isdigit, rows)) and not rows[1].startswith(rows[0])
