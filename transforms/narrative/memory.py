"""What a reader of sentences remembers: what was spoken of, money of which fund, compared with what."""

import re
from collections.abc import Sequence

from transforms.narrative.clauses import NAMING, SIDES, Clause
from transforms.narrative.functions import LEVEL_OF, function_names
from transforms.narrative.headings import strange_words
from transforms.narrative.lexicon import BY_FUND, THIS_YEAR, Asset, Item, funds, items
from transforms.narrative.stated import Place
from transforms.narrative.tokens import Token, flatten, tokenise

TOTAL, EXPENDITURE, INCOME, APPROPRIATION = "total", "expenditure", "income", "appropriation"
CARRIED_OVER, PROJECTS = "carried_over", "project"
TARGETS, PROJECT, ASSETS = "project_targets", "project_note", "assets"
BUDGET = "previous_budget"
SPENDING = (EXPENDITURE, APPROPRIATION, "general_public_budget", "government_fund", "state_capital")
_ECONOMIC_CLASS, _FUNCTION = re.compile(r"3\d\d"), re.compile(r"2\d\d")
# What all that the year before has left is a part of.
_WHOLES = (Place(INCOME, TOTAL), Place(EXPENDITURE, TOTAL))
# The panel of spending below a heading, or behind a clause, that was not understood: nothing is said to stand in it.
IN_DOUBT = ""


class Memory:
    """What the clauses before have said, as far as a later one may go on from it.

    `_frame` is the panel in which kinds of spending stand; `_chapter_frame` that of the chapter's heading; either may be
    IN_DOUBT, and what does not name its fund itself then has no place. `_matter` is the panel of what the heading is about
    where that is neither income nor spending (政府采购), `_whole_matters` are those whose whole the chapter has stated.
    `_subject` are the places last spoken of; `_topic` tells that they are named and wait for their amount; `_kind` is the
    kind of spending named last, whose economic classes may follow. `_referring` are the changes by the mark behind them, whose
    note may stand anywhere below.
    Within a sentence, `_planned` tells that it speaks of purchases, `_of_kind` of a kind of the assets named before,
    `_group` is the 款 of the 项 stated last, `_listed` are the things named one after the other (A、B均为0万元),
    `_elsewhere` of what no table keeps, `_aside` that the clause before was passed over, `_goes_on` that it begins 其中;
    `_parted` is what 其中 gives parts of (`_parted_around`: what the 其中 around it does, which holds again behind a
    semicolon).
    """

    def __init__(self, year: int) -> None:
        self.year = year
        self._names = function_names(year)
        self._referring: dict[str, dict[int, Place]] = {}
        self.begin_chapter("")

    def begin_chapter(self, heading: str, project: str = "") -> None:
        """Forget what was spoken of; a heading may name the fund or the item that its chapter is about.

        `project`: the heading of the project that the chapter is about.
        """
        self._project = project
        self._chapter_frame, self._frame, self._side, self._above = EXPENDITURE, EXPENDITURE, "", ""
        self._column, self._sign, self._matter = BUDGET, 1, ""
        self._kind, self._whole_matters = "", set[Place]()
        self._unexplained: dict[int, Place] = {}
        self._fall_silent()
        self._begin_sentence()
        if heading:
            self.see_heading(heading)

    def _begin_sentence(self) -> None:
        """Forget what holds within a sentence only."""
        self._column, self._goes_on = BUDGET, False
        self._planned, self._of_kind, self._elsewhere, self._aside = False, False, False, False
        self._parted: tuple[Place, ...] = ()
        self._parted_around: tuple[Place, ...] = ()
        self._group, self._listed = "", tuple[Place, ...]()

    def see_heading(self, heading: str) -> None:
        """Take the fund, side or class that a heading names."""
        tokens = tokenise(flatten(heading).text, self.year)
        self._fall_silent()
        self._see_class(tokens)
        self._see_item(tokens)
        if any(token.kind in ("fund", "item", *SIDES) for token in tokens) and strange_words(
            heading, self.year
        ):
            self.doubt()
        elif any(token.kind in ("fund", "item", *SIDES) for token in tokens):
            fund = next((token.key for token in tokens if token.kind == "fund"), "")
            sides = {token.kind for token in tokens} & set(SIDES)
            self._side = next(iter(sides)) if len(sides) == 1 else ""
            self._chapter_frame = funds()[fund].panel if fund and self._side != "earn" else EXPENDITURE
            self._frame = self._chapter_frame

    def doubt(self) -> None:
        """Take it that the heading was not understood: it may be about any fund, income or spending."""
        self._side, self._chapter_frame, self._frame = "", IN_DOUBT, IN_DOUBT
        self._fall_silent()

    def _doubt_what_it_names(self, clause: Clause) -> None:
        """A clause that was not understood may have turned to money of another fund, or announce it (…主要内容如下：)."""
        panels = {place.panel for place in self._places(clause)} & set(SPENDING)
        if clause.first(*NAMING) and panels - {self._frame}:
            self._frame = IN_DOUBT

    def _see_class(self, tokens: Sequence[Token]) -> None:
        line = next((token for token in tokens if token.kind == "function"), None)
        self._above = self._code(line) if line else ""

    def _see_item(self, tokens: Sequence[Token]) -> None:
        """Take the kind of spending, or another matter, that a heading names."""
        named = next((items()[token.key] for token in tokens if token.kind == "item"), None)
        panel = named.panel if isinstance(named, Item) else ""
        self._kind = named.row if named and panel == BY_FUND else ""
        self._matter = panel if panel != BY_FUND and is_matter(panel) else ""

    def _fall_silent(self) -> None:
        """Nothing is spoken of any more."""
        self._subject: tuple[Place, ...] = ()
        self._topic, self._aside = False, False

    def _pass_over(self) -> None:
        """Nothing is spoken of any more, and what is said of what was named last is not wanted."""
        self._fall_silent()
        self._aside = True

    def _speak_of(self, clause: Clause, places: tuple[Place, ...]) -> None:
        """Remember what a clause spoke of."""
        self._subject, self._topic, self._aside = places, False, False
        if places and not _ECONOMIC_CLASS.fullmatch(places[-1].row):
            self._kind = places[-1].row
        side = _side_of(clause)
        if side and not clause.first("item"):
            self._side = side
            self._frame = self._frame if places or self._chapter_frame else IN_DOUBT
        if places and places[-1].panel in SPENDING:
            self._frame = places[-1].panel
        if clause.first("function") and len(places) == 1:
            row = places[0].row
            self._above = row if len(row) == LEVEL_OF["类"] else self._above
            self._group = row[: LEVEL_OF["款"]] if len(row) == LEVEL_OF["项"] else ""

    def _speak_only_of(self, place: Place) -> None:
        self._subject, self._topic = (place,), False

    def _is_part_of_another(self, clause: Clause, place: Place) -> bool:
        """Whether an amount may be a part of what no table keeps, or of another matter: then it is not all there is."""
        if (
            self._is_of_a_matter(clause, place)
            or self._is_class_of_projects(place)
            or self._is_of_a_function(place)
        ):
            return True
        item = clause.last("item")
        carried = item is not None and items()[item.key].row == CARRIED_OVER
        of_part = bool(self._parted) and self._parted[0] not in _WHOLES
        if carried and (of_part or self._chapter_frame != EXPENDITURE or clause.first("fund")):
            return True
        fund_parted = bool(self._parted) and self._parted[0].panel == INCOME and self._parted[0].row != TOTAL
        if fund_parted and (carried or place.row == THIS_YEAR):
            return True
        row_parted = bool(self._parted) and self._parted[0].panel in SPENDING and self._parted[0].row != TOTAL
        if row_parted and place.panel in SPENDING and place.row == TOTAL and not clause.first(*SIDES):
            return True
        spending = place.panel in SPENDING or clause.first("fund") is not None
        return self._elsewhere and spending and not clause.first("year", "subject")

    def _is_of_a_matter(self, clause: Clause, place: Place) -> bool:
        """Whether an amount is a part of a matter stated before, or what a fund gives to the matter of the heading."""
        parted = self._parted[0] if self._parted else None
        if parted and is_matter(parted.panel):
            return place == parted or place.panel != parted.panel
        if self._goes_on and place in self._whole_matters:
            return True
        return bool(self._matter and clause.first("fund")) and not clause.first("item", "function", *SIDES)

    def _is_class_of_projects(self, place: Place) -> bool:
        """Whether an economic class stands behind the projects: the tables have those of all spending, or of the basic."""
        return self._kind == PROJECTS and bool(_ECONOMIC_CLASS.fullmatch(place.row))

    def _is_of_a_function(self, place: Place) -> bool:
        """Whether a kind of spending is a part of one function (教育支出9万元，其中：基本支出5万元)."""
        parted = self._parted[0].row if self._parted else ""
        return bool(_FUNCTION.match(parted)) and place.panel in SPENDING and not _FUNCTION.match(place.row)

    def _base(self, clause: Clause) -> str:
        """With what a clause compares; what its sentence compared with before where it does not say."""
        previous = clause.last("previous")
        if previous is not None:
            self._column = previous.key
        elif clause.first("alike"):
            self._column = BUDGET
        return self._column

    def _places(self, clause: Clause) -> tuple[Place, ...]:
        """The rows that a clause speaks of; those before it where it names none; none where a function has no code."""
        fund, line, item = clause.first("fund"), clause.first("function"), clause.last("item")
        if line is not None:
            code = self._code(line)
            return _certain(Place(self._panel(fund), code)) if code else ()
        if item is not None:
            return _certain(self._item_place(items()[item.key], fund))
        side = _side_of(clause)
        if side:
            goes_on = self._spending_of_same_fund(clause) if fund is None and side == "spend" else ()
            return goes_on or _certain(*_of_this_year(clause, self._side_places(side, fund)))
        return _certain(*self._fund_places(fund)) if fund is not None else self._subject

    def _spending_of_same_fund(self, clause: Clause) -> tuple[Place, ...]:
        """What a bare 支出 behind the income from a fund is (政府性基金收入5万元，支出5万元)."""
        if (
            clause.before != ","
            or self._parted
            or clause.first("year", "subject", "organisation", "budget", "total")
        ):
            return ()
        spoken = [known for known in funds().values() if self._subject == (Place(INCOME, known.income),)]
        return tuple(Place(known.panel, TOTAL) for known in spoken)

    def _code(self, line: Token) -> str:
        if line.key.isdigit():
            return line.key
        named = [(name, level) for name, _, level in (each.rpartition("/") for each in line.key.split("\t"))]
        parted = [place.row for place in self._parted if place.panel in SPENDING and place.row.isdigit()]
        around = parted[0] if len(parted) == 1 else self._group
        if not named[-1][1]:
            return self._names.resolve_below(named, around) if around else ""
        return self._names.resolve(named, around if around.startswith(self._above) else self._above)

    def _panel(self, fund: Token | None) -> str:
        return funds()[fund.key].panel if fund else self._frame

    def _item_place(self, item: Item | Asset, fund: Token | None) -> Place:
        if isinstance(item, Asset):
            return Place(ASSETS, item.row)
        if item.panel == PROJECT:
            return Place(PROJECT, self._project or item.row)
        if item.row == CARRIED_OVER and self._chapter_frame == IN_DOUBT:
            return Place(IN_DOUBT, item.row)
        return Place(self._panel(fund) if item.panel == BY_FUND else item.panel, item.row)

    def _side_places(self, side: str, fund: Token | None) -> tuple[Place, ...]:
        """Income, spending or both: of a fund, of the chapter's fund, or all of it."""
        panel = funds()[fund.key].panel if fund else self._chapter_frame
        if panel == IN_DOUBT:
            return (Place(panel, TOTAL),)
        source = next((known.income for known in funds().values() if known.panel == panel), TOTAL)
        both = {"earn": Place(INCOME, source), "spend": Place(panel, TOTAL)}
        return tuple(both.values()) if side == "both" else (both[side],)

    def _fund_places(self, fund: Token) -> tuple[Place, ...]:
        """A fund without a side: income where income was spoken of, else its spending."""
        known = funds()[fund.key]
        if not self._side and self._chapter_frame == IN_DOUBT:
            return (Place(IN_DOUBT, TOTAL),)
        return (Place(INCOME, known.income) if self._side == "earn" else Place(known.panel, TOTAL),)


def is_matter(panel: str) -> bool:
    """Whether a panel is neither income nor spending nor in doubt: procurement, operating costs …"""
    return panel not in (INCOME, IN_DOUBT, *SPENDING)


def _certain(*places: Place) -> tuple[Place, ...]:
    """The places, none where the panel of one is in doubt."""
    return () if any(place.panel == IN_DOUBT for place in places) else places


def _of_this_year(clause: Clause, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """The places, without what the year before has left where the clause says so (本年收入)."""
    side = clause.first(*SIDES)
    if side is None or side.key != THIS_YEAR:
        return places
    return tuple(Place(panel, THIS_YEAR if row == TOTAL else f"{row}.{THIS_YEAR}") for panel, row in places)


def _side_of(clause: Clause) -> str:
    """earn, spend or both; '' where a clause names no side."""
    sides = [token.kind for token in clause.tokens if token.kind in SIDES]
    return "both" if {"earn", "spend"} <= set(sides) else (sides[0] if sides else "")
