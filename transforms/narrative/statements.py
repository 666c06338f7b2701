"""What sentences state: a reader that goes through them clause by clause and remembers what it has read.

Whatever a clause does not say itself (what has grown, compared with what, money of which fund) it takes from the
clauses before it in its chapter. Where that is not certain the clause is not understood.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from transforms.narrative.clauses import Clause, clauses_of, shapes_of
from transforms.narrative.functions import function_names
from transforms.narrative.lexicon import BY_FUND, Asset, Item, funds, items, numbers
from transforms.narrative.tokens import FIGURES, Flat, Token, flatten, sentences, tokenise

TOTAL, EXPENDITURE, INCOME = "total", "expenditure", "income"
BUDGET, SHARE = "previous_budget", "share"
SPENDING = (EXPENDITURE, "appropriation", "general_public_budget", "government_fund", "state_capital")
HUNDRED = 100
TARGETS, PROJECT = "project_targets", "project_note"


class Place(NamedTuple):
    """A row of a panel of the form `document`."""

    panel: str
    row: str


@dataclass(frozen=True)
class Stated:
    """One figure: its address, the amount in 分 (hundredths of a count or a percentage; None where it was left out).

    `step` is the display step of its own wording. `start` and `end` are offsets in the printed text. `position`
    joins it to the remarks on it.
    """

    place: Place
    column: str
    measure: str
    amount: int | None
    unit: str
    step: int
    start: int
    end: int
    position: int


@dataclass(frozen=True)
class Remark:
    """A text that belongs to a stated figure: a reason, a year named, 持平."""

    position: int
    place: Place
    column: str
    text: str
    start: int


@dataclass(frozen=True)
class Slip:
    """Something typed wrong: a unit twice, an amount left out."""

    kind: str
    text: str
    start: int


@dataclass
class Read:
    """What one sentence yields; `understood` is None where it states no figure."""

    start: int
    end: int
    figures: list[Stated] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    understood: bool | None = None


@dataclass
class _Open:
    """A change that has not been given a reason yet."""

    position: int
    place: Place


class StatementReader:
    """Reads the sentences of one document in their order."""

    def __init__(self, year: int) -> None:
        self.year = year
        self._names = function_names(year)
        self._positions = 0
        self.begin_chapter("")

    def begin_chapter(self, heading: str, project: str = "") -> None:
        """Forget what was spoken of; a heading may name the fund or the item that its chapter is about.

        `project`: the heading of the project that the chapter is about.
        """
        self._project = project
        self._chapter_frame, self._side = EXPENDITURE, ""
        self._frame, self._above = EXPENDITURE, ""
        self._subject: tuple[Place, ...] = ()
        self._topic = False
        self._column = BUDGET
        self._last_change: list[tuple[int, Place]] = []
        self._sign = 1
        self._unexplained: list[_Open] = []
        if heading:
            self.see_heading(heading)

    def see_heading(self, heading: str) -> None:
        """Take the fund, side or class that a heading names."""
        flat = flatten(heading)
        tokens = tokenise(flat.text, self.year)
        if not any(token.kind in ("fund", "item", "earn", "spend", "both") for token in tokens):
            self._see_class(tokens)
            self._subject, self._topic = (), False
            return
        fund = next((token.key for token in tokens if token.kind == "fund"), "")
        sides = {token.kind for token in tokens} & {"earn", "spend", "both"}
        self._side = next(iter(sides)) if len(sides) == 1 else ""
        self._chapter_frame = funds()[fund].panel if fund and self._side != "earn" else EXPENDITURE
        self._frame = self._chapter_frame
        self._subject, self._topic = (), False
        self._see_class(tokens)

    def _see_class(self, tokens: Sequence[Token]) -> None:
        line = next((token for token in tokens if token.kind == "function"), None)
        self._above = self._code(line) if line else ""

    def is_heading(self, text: str) -> bool:
        """Whether a passage is a line that heads others: short, without figures, no sentence."""
        flat = flatten(text)
        if len(flat.text) > 45 or flat.text.endswith(("。", ";", ":", ",")) or "," in flat.text:
            return False
        tokens = tokenise(flat.text, self.year)
        return not any(token.kind in (*FIGURES, "count", "nothing", "flat") for token in tokens)

    def read(self, text: str) -> Iterator[Read]:
        """What each sentence of a passage states."""
        flat = flatten(text)
        for start, end in sentences(flat):
            sentence = Flat(flat.text[start:end], flat.offsets[start:end])
            yield self._sentence(sentence)

    # One sentence

    def _sentence(self, flat: Flat) -> Read:
        out = Read(flat.origin(0), flat.origin(len(flat.text)))
        tokens = tokenise(flat.text, self.year)
        clauses = clauses_of(flat.text, tokens)
        self._flat, self._out, self._column, self._last_change = flat, out, BUDGET, []
        self._topic = self._topic and not out.figures
        stated = any(token.kind in FIGURES for clause in clauses for token in clause.tokens)
        understood = self._clauses(clauses)
        out.understood = understood if stated else None
        if not understood:
            self._subject = ()
        return out

    def _clauses(self, clauses: Sequence[Clause]) -> bool:
        outer: tuple[Place, ...] = ()
        for number, clause in enumerate(clauses):
            if clause.nested and not clauses[number - 1].nested:
                outer = self._subject
            if not clause.nested and number and clauses[number - 1].nested:
                self._subject = outer
            why = clause.first("reason", "purpose")
            if why is not None:
                return self._explained(clause, why, clauses[number + 1 :])
            if not self._clause(clause):
                return self._details(clauses[number:])
        return True

    def _details(self, clauses: Sequence[Clause]) -> bool:
        """Whether amounts of whatever it may be make up the one stated before them: then they are its details."""
        stated = [figure for figure in self._out.figures if figure.measure == "amount" and figure.column == TOTAL]
        parts = [clause.last("amount") for clause in clauses if clause.has_figure]
        if not stated or any(part is None for part in parts):
            return False
        sums = [self._fen(part) for part in parts if part is not None]
        total = stated[-1].amount
        if len(sums) > 1 and sums[-1] == total:
            sums = sums[:-1]
        return sum(sums) == total

    def _fen(self, token: Token) -> int:
        return int((token.number or 0) * numbers().amounts[token.unit])

    def _explained(self, clause: Clause, why: Token, rest: Sequence[Clause]) -> bool:
        """A clause that goes over into a reason or a purpose, and what follows it."""
        at = clause.tokens.index(why)
        head = replace(clause, tokens=clause.tokens[:at])
        if head.has_figure and not self._clause(head):
            return False
        tail = replace(clause, tokens=clause.tokens[at + 1 :])
        told, after = _until_semicolon([tail, *rest])
        if why.kind == "reason":
            end = told[-1].tokens[-1].end if told and told[-1].tokens else why.end
            self._give_reason(self._flat.text[why.end : end].strip(":,"), why.end)
            if self._components(told):
                return self._clauses(after)
        hidden = any("states" in shapes_of(each) and each.first("item") for each in told[1:])
        return not hidden and self._clauses(after)

    def _components(self, told: Sequence[Clause]) -> bool:
        """A reason that is a list of changes of known items: its figures are stated as well."""
        told = [clause for clause in told if clause.tokens]
        stating = [clause for clause in told if clause.has_figure]
        if not stating or any(
            not (clause.first("item") and "changes" in shapes_of(clause)) for clause in stating
        ):
            return False
        subject, column = self._subject, self._column
        for clause in stating:
            self._column = column
            first = len(self._out.figures)
            if not self._changes(clause):
                return False
            self._out.remarks += [
                Remark(each.position, each.place, "component", "", each.start)
                for each in self._out.figures[first:]
            ]
            self._unexplained = [
                each for each in self._unexplained if each.position not in
                {figure.position for figure in self._out.figures[first:]}
            ]
        self._subject = subject
        return True

    def _give_reason(self, text: str, at: int) -> None:
        for change in self._unexplained:
            self._out.remarks.append(
                Remark(change.position, change.place, "reason", text, self._flat.origin(at))
            )
        self._unexplained = []

    def _clause(self, clause: Clause) -> bool:
        """Read one clause; False where it states a figure and is not understood."""
        for does in shapes_of(clause):
            if _DOES[does](self, clause):
                return True
        if clause.has_figure:
            return False
        if not set(clause.kinds) <= {"organisation", "unknown"} or clause.before in (":", "："):
            self._subject, self._topic = (), False
        else:
            self._subject, self._topic = (), False
        return True

    # What is spoken of

    def _places(self, clause: Clause) -> tuple[Place, ...]:
        """The rows that a clause speaks of; those before it where it names none."""
        fund = clause.first("fund")
        line = clause.first("function")
        item = clause.last("item")
        if line is not None:
            code = self._code(line)
            return (Place(self._panel(fund), code),) if code else ()
        if item is not None:
            return (self._item_place(items()[item.key], fund),)
        side = self._side_of(clause)
        if side:
            return self._side_places(side, fund)
        if fund is not None:
            return self._fund_places(fund)
        return self._subject

    def _code(self, line: Token) -> str:
        if line.key.isdigit():
            return line.key
        named = [(name, level) for name, _, level in (each.rpartition("/") for each in line.key.split("\t"))]
        return self._names.resolve(named, self._above)

    def _panel(self, fund: Token | None) -> str:
        return funds()[fund.key].panel if fund else self._frame

    def _item_place(self, item: Item | Asset, fund: Token | None) -> Place:
        if isinstance(item, Asset):
            return Place("assets", item.row)
        if item.panel == PROJECT:
            return Place(PROJECT, self._project or item.row)
        return Place(self._panel(fund) if item.panel == BY_FUND else item.panel, item.row)

    def _side_of(self, clause: Clause) -> str:
        sides = [token.kind for token in clause.tokens if token.kind in ("earn", "spend", "both")]
        return "both" if {"earn", "spend"} <= set(sides) else (sides[0] if sides else "")

    def _side_places(self, side: str, fund: Token | None) -> tuple[Place, ...]:
        if fund is None:
            frame = self._chapter_frame
            income = Place(INCOME, TOTAL)
            if frame != EXPENDITURE:
                income = Place(INCOME, next(f.income for f in funds().values() if f.panel == frame))
            both = {"earn": income, "spend": Place(frame, TOTAL)}
        else:
            known = funds()[fund.key]
            both = {"earn": Place(INCOME, known.income), "spend": Place(known.panel, TOTAL)}
        return tuple(both.values()) if side == "both" else (both[side],)

    def _fund_places(self, fund: Token) -> tuple[Place, ...]:
        known = funds()[fund.key]
        if self._side == "earn":
            return (Place(INCOME, known.income),)
        return (Place(known.panel, TOTAL),)

    def _speak_of(self, clause: Clause, places: tuple[Place, ...]) -> None:
        """Remember what a clause spoke of."""
        self._subject, self._topic = places, False
        side = self._side_of(clause)
        if side and not clause.first("item"):
            self._side = side
        if places and places[-1].panel in SPENDING:
            self._frame = places[-1].panel
        if clause.first("function") and len(places) == 1 and len(places[0].row) == 3:
            self._above = places[0].row

    # What is stated

    def _state(self, place: Place, column: str, measure: str, token: Token, sign: int = 1) -> int:
        """Put a figure down; its position."""
        self._positions += 1
        self._put(self._positions, place, column, measure, token, sign)
        return self._positions

    def _put(self, position: int, place: Place, column: str, measure: str, token: Token, sign: int = 1) -> None:
        factor = numbers().amounts.get(token.unit, HUNDRED)
        amount = None if token.number is None else int((token.number * factor * sign).to_integral_value())
        # A nought without decimals means none at all, not less than half a unit.
        step = 1 if amount == 0 and not token.places else max(int(Decimal(factor).scaleb(-token.places)), 1)
        unit = "万元" if token.unit == "万" else token.unit
        start, end = self._flat.origin(token.start), self._flat.origin(token.end - 1) + 1
        self._out.figures.append(
            Stated(place, column, measure, amount, unit, step, start, end, position)
        )
        if token.kind == "missing":
            self._slip("missing", token)
        if token.twice:
            self._slip("twice", token)

    def _slip(self, kind: str, token: Token) -> None:
        around = self._flat.text[max(0, token.start - 8) : token.end]
        self._out.slips.append(Slip(kind, around, self._flat.origin(token.start)))

    def _states(self, clause: Clause) -> bool:
        places = self._places(clause)
        token = clause.last("amount", "missing")
        if not places or token is None or places[0].panel == "assets":
            return False
        if not (clause.first("item", "function", "fund", "earn", "spend", "both")):
            return False
        self._speak_of(clause, places)
        for place in places:
            self._state(place, TOTAL, "amount", token)
        return True

    def _states_alone(self, clause: Clause) -> bool:
        """An amount of what a colon or a topic has just named."""
        token = clause.last("amount", "missing")
        if not (self._topic and self._subject) or token is None or self._subject[0].panel in ("assets", TARGETS):
            return False
        self._topic = False
        for place in self._subject:
            self._state(place, TOTAL, "amount", token)
        return True

    def _states_previous(self, clause: Clause) -> bool:
        places, token, column = self._places(clause), clause.last("amount"), self._base(clause)
        if not places or token is None:
            return False
        self._speak_of(clause, places)
        for place in places:
            self._state(place, column, "previous", token)
        return True

    def _base(self, clause: Clause) -> str:
        """With what a clause compares; the base that its sentence named before where it names none."""
        previous = clause.last("previous")
        if previous is not None:
            self._column = previous.key
            self._base_year = previous
        elif clause.first("alike"):
            self._column = BUDGET
        return self._column

    def _changes(self, clause: Clause) -> bool:
        places, column = self._places(clause), self._base(clause)
        amounts = [token for token in clause.tokens if token.kind == "amount"]
        direction = clause.first("up", "down", "either")
        if not places or direction is None or places[0].panel in ("assets", TARGETS):
            return False
        if direction.kind == "either" and amounts[-1].number != 0:
            return False
        self._speak_of(clause, places)
        self._sign = -1 if direction.kind == "down" else 1
        self._last_change = []
        percent = clause.last("percent")
        for place in places:
            position = self._state(place, column, "change", amounts[-1], self._sign)
            if len(amounts) == 2:
                self._put(position, place, column, "previous", amounts[0])
            if percent is not None:
                way = clause.last("up", "down")
                self._put(position, place, column, "percent", percent, -1 if way and way.kind == "down" else 1)
            self._remember_change(position, place, clause, explained=amounts[-1].number == 0)
        return True

    def _remember_change(self, position: int, place: Place, clause: Clause, *, explained: bool) -> None:
        self._last_change.append((position, place))
        if not explained:
            self._unexplained.append(_Open(position, place))
        previous = clause.last("previous")
        if previous is not None and previous.number is not None:
            start = self._flat.origin(previous.start)
            self._out.remarks.append(Remark(position, place, "base_year", str(previous.number), start))

    def _rates(self, clause: Clause) -> bool:
        """A percentage: of the change just stated, or of its own."""
        percent, direction = clause.last("percent"), clause.last("up", "down", "either")
        named = clause.first("item", "function", "fund", "earn", "spend", "both", "previous", "alike")
        if percent is None:
            return False
        if direction is not None and direction.kind == "either" and percent.number != 0:
            return False
        sign = self._sign if direction is None else (-1 if direction.kind == "down" else 1)
        if self._last_change and not named:
            for position, place in self._last_change:
                self._put(position, place, self._column, "percent", percent, sign)
            return True
        places, column = self._places(clause), self._base(clause)
        if not places or direction is None or places[0].panel in ("assets", TARGETS):
            return False
        self._speak_of(clause, places)
        for place in places:
            position = self._state(place, column, "percent", percent, sign)
            self._remember_change(position, place, clause, explained=percent.number == 0)
        return True

    def _stays_flat(self, clause: Clause) -> bool:
        places, column, token = self._places(clause), self._base(clause), clause.last("flat")
        if not places or token is None or places[0].panel in ("assets", TARGETS):
            return False
        self._speak_of(clause, places)
        words = self._flat.text[token.start : token.end]
        for place in places:
            exact = "基本" not in words
            nought = replace(token, number=Decimal(0), unit="元") if exact else token
            if exact:
                position = self._state(place, column, "change", nought)
            else:
                self._positions += 1
                position = self._positions
            self._remember_change(position, place, clause, explained=True)
            start = self._flat.origin(token.start)
            self._out.remarks.append(Remark(position, place, "flat", words, start))
        return True

    def _shares(self, clause: Clause) -> bool:
        token, share = clause.last("percent"), clause.first("share")
        if token is None or share is None:
            return False
        at = clause.tokens.index(share)
        own = replace(clause, tokens=clause.tokens[:at])
        whole = replace(clause, tokens=clause.tokens[at + 1 :])
        places = self._places(own)
        if len(places) != 1:
            return False
        for place in places:
            position = self._state(place, SHARE, "percent", token)
            named = whole.first("item", "fund", "earn", "spend", "both")
            of = self._places(whole) if named else (Place(place.panel, TOTAL),)
            if whole.first("spend") and not whole.first("fund", "item"):
                of = (Place(EXPENDITURE, TOTAL),)
            if place.panel == INCOME:
                of = (Place(INCOME, TOTAL),)
            if len(of) == 1:
                said = f"{of[0].panel}!{of[0].row}"
                self._out.remarks.append(Remark(position, place, "share_of", said, self._flat.origin(token.start)))
        return True

    def _nothing(self, clause: Clause) -> bool:
        places, token = self._places(clause), clause.last("nothing")
        if token is None or not places:
            return False
        self._speak_of(clause, places)
        for place in places:
            self._state(place, TOTAL, "amount", replace(token, number=Decimal(0), unit="元"))
        return True

    def _nothing_of_it(self, clause: Clause) -> bool:
        token = clause.first("nothing")
        if token is None:
            return False
        if self._topic:
            self._topic = False
            for place in self._subject:
                self._state(place, TOTAL, "amount", replace(token, number=Decimal(0), unit="元"))
        return True

    def _all_of_it(self, clause: Clause) -> bool:
        """全部为财政拨款: what was just stated is all of this kind."""
        fund = clause.last("fund")
        figures = [each for each in self._out.figures if each.place in self._subject and each.measure == "amount"]
        if fund is None or not figures or clause.first("item"):
            return False
        known = funds()[fund.key]
        place = Place(INCOME, known.income) if self._subject[0].panel == INCOME else Place(known.panel, TOTAL)
        self._positions += 1
        self._out.figures.append(replace(figures[-1], place=place, position=self._positions))
        return True

    # Assets and targets

    def _holds(self, clause: Clause) -> bool:
        asset, token = clause.last("asset"), clause.last("count")
        if asset is None or token is None:
            return False
        planned = clause.first("planned") is not None
        place = self._asset_place(asset)
        self._subject, self._topic = (place,), False
        column = "planned_quantity" if planned else "quantity"
        position = self._state(place, column, "quantity", token)
        start = self._flat.origin(token.start)
        self._out.remarks.append(Remark(position, place, "quantity_unit", token.unit, start))
        as_of = clause.first("as_of")
        if as_of is not None and as_of.key:
            self._as_of = as_of.key
        return True

    def _asset_place(self, asset: Token) -> Place:
        return Place("assets", asset.key if "." in asset.key else items()[asset.key].row)

    def _holds_value(self, clause: Clause) -> bool:
        asset, token = clause.last("asset"), clause.last("amount")
        if asset is None or token is None:
            return False
        place = self._asset_place(asset)
        self._subject, self._topic = (place,), False
        planned = asset.key == "planned_purchase" or clause.first("planned") is not None
        self._state(place, "planned_value" if planned else "value", "amount", token)
        return True

    def _values(self, clause: Clause) -> bool:
        token = clause.last("amount")
        if token is None or len(self._subject) != 1 or self._subject[0].panel != "assets":
            return False
        self._state(self._subject[0], "value", "amount", token)
        return True

    def _counts_kind(self, clause: Clause) -> bool:
        return bool(self._subject) and self._subject[0].panel == "assets"

    def _counts_targets(self, clause: Clause) -> bool:
        token = clause.last("count")
        if token is None or token.unit not in ("个", "项"):
            return False
        place = Place(TARGETS, TOTAL)
        self._subject, self._topic = (place,), False
        self._state(place, "count", "quantity", token)
        return True

    def _money_of_targets(self, clause: Clause) -> bool:
        token = clause.last("amount")
        if token is None or self._subject != (Place(TARGETS, TOTAL),):
            return False
        self._state(self._subject[0], TOTAL, "amount", token)
        return True

    # Clauses without figures

    def _topics(self, clause: Clause) -> bool:
        if clause.has_figure:
            return False
        places = self._places(clause)
        self._speak_of(clause, places)
        self._topic = True
        return True

    def _scopes(self, clause: Clause) -> bool:
        places = self._places(clause)
        self._speak_of(clause, places)
        return True

    def _ignores(self, clause: Clause) -> bool:
        self._base(clause)
        as_of = clause.first("as_of")
        if as_of is not None and as_of.key:
            self._as_of = as_of.key
        return not clause.has_figure


def _until_semicolon(clauses: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    """The clauses up to a semicolon behind which nothing more of an explanation comes, and those behind it."""
    for number, clause in enumerate(clauses):
        goes_on = clause.kinds[:1] == ("another_reason",) or not any(each.has_figure for each in clauses[number:])
        if number and clause.before in (";", "；") and not goes_on:
            return list(clauses[:number]), list(clauses[number:])
    return list(clauses), []


_DOES: Mapping[str, Callable[[StatementReader, Clause], bool]] = {
    "states": StatementReader._states,
    "states_alone": StatementReader._states_alone,
    "states_previous": StatementReader._states_previous,
    "changes": StatementReader._changes,
    "rates": StatementReader._rates,
    "flat": StatementReader._stays_flat,
    "shares": StatementReader._shares,
    "nothing": StatementReader._nothing,
    "nothing_of_it": StatementReader._nothing_of_it,
    "all_of_it": StatementReader._all_of_it,
    "holds": StatementReader._holds,
    "holds_value": StatementReader._holds_value,
    "values": StatementReader._values,
    "counts_kind": StatementReader._counts_kind,
    "counts_targets": StatementReader._counts_targets,
    "money_of_targets": StatementReader._money_of_targets,
    "topics": StatementReader._topics,
    "scopes": StatementReader._scopes,
    "ignores": StatementReader._ignores,
}
