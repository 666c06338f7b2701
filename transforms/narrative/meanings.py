"""What clauses of each shape mean: one method for each `does` of shapes.yml. It returns False where it cannot be meant."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from transforms.narrative.clauses import LISTED, NAMING, SIDES, Clause
from transforms.narrative.holdings import Holdings
from transforms.narrative.lexicon import funds
from transforms.narrative.memory import (
    ASSETS,
    EXPENDITURE,
    INCOME,
    SPENDING,
    TARGETS,
    TOTAL,
)
from transforms.narrative.stated import Place
from transforms.narrative.tokens import Token

SHARE = "share"
APART = (ASSETS, TARGETS)
APPROXIMATELY = "基本"
OTHER_FUNCTION = "229"
PROCUREMENT = "procurement"
_FUNCTION_CLASS = re.compile(r"2\d\d")


class Meanings(Holdings):
    """Puts down what the clauses of a sentence state."""

    # Amounts of this year and of the year before

    def _states(self, clause: Clause) -> bool:
        places, token = self._places(clause), clause.last("amount", "missing")
        if not places or token is None or places[0].panel == ASSETS or not clause.first(*NAMING):
            return False
        if self._subject == (Place(TARGETS, TOTAL),) and not clause.first("item", "function", *SIDES):
            return False
        if self._is_part_of_another(clause, places[0]) or self._is_part_of_elsewhere(places[0]):
            self._pass_over()
            return True
        self._speak_of(clause, places)
        for place in places:
            self._state(place, TOTAL, "amount", token)
        return True

    def _is_part_of_elsewhere(self, place: Place) -> bool:
        """Whether goods, works or services stated before are stated again as parts of what no table keeps."""
        known = {each.place for each in self._out.figures}
        return self._elsewhere and place.panel == PROCUREMENT and place in known

    def _states_alone(self, clause: Clause) -> bool:
        """An amount of what was named just before a colon or a comma."""
        places, token = self._subject, clause.last("amount", "missing")
        if not (self._topic and places) or token is None or places[0].panel in APART:
            return False
        self._topic = False
        for place in places:
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

    def _states_rest(self, clause: Clause) -> bool:
        """其他支出 at the end of a list of functions is the function of that name."""
        token, last = clause.last("amount"), self._out.figures[-1].place if self._out.figures else None
        if (
            token is None
            or last is None
            or last.panel not in SPENDING
            or not _FUNCTION_CLASS.fullmatch(last.row)
        ):
            return False
        place = Place(last.panel, OTHER_FUNCTION)
        self._speak_only_of(place)
        self._state(place, TOTAL, "amount", token)
        return True

    def _nothing(self, clause: Clause) -> bool:
        places, token = self._places(clause), clause.last("nothing")
        if token is None or not places:
            return False
        self._speak_of(clause, places)
        self._nought(places, token)
        self._none = token, False
        return True

    def _nothing_either(self, clause: Clause) -> bool:
        """One more item of which there is none (未安排因公出国（境）费和公务用车购置费)."""
        places = self._places(clause)
        if clause.before != LISTED or self._none is None or not places:
            return False
        self._speak_of(clause, places)
        self._nought(places, self._none[0])
        return True

    def _states_each(self, clause: Clause) -> bool:
        """An amount, or that there is none, of each thing that was named before it (A、B均为0万元)."""
        token = clause.last("amount", "missing", "nothing", "none_of_each")
        places = (*self._listed, *self._places(clause))
        if token is None or not places or any(place.panel in APART for place in places):
            return False
        self._speak_of(clause, places)
        for place in places:
            if token.kind in ("amount", "missing"):
                self._state(place, TOTAL, "amount", token)
            else:
                self._nought((place,), token)
        return True

    def _nothing_of_it(self, clause: Clause) -> bool:
        """此项 is what was named just before; where nothing waits for its amount, the clause adds nothing."""
        token = clause.first("nothing")
        if token is not None and self._topic:
            self._topic = False
            self._nought(self._subject, token)
        return token is not None

    def _all_of_it(self, clause: Clause) -> bool:
        """全部为财政拨款, 全部为货物类采购: what was just stated is all of this kind."""
        fund = clause.last("fund")
        stated = [
            each for each in self._out.figures if each.place in self._subject and each.measure == "amount"
        ]
        if not stated:
            return False
        place = self._whole_kind(fund, clause)
        if place is None:
            return False
        self._positions += 1
        self._out.figures.append(replace(stated[-1], place=place, position=self._positions))
        return True

    def _whole_kind(self, fund: Token | None, clause: Clause) -> Place | None:
        """The place of the kind that all of what was spoken of is; None where that is not certain."""
        panel = self._subject[0].panel
        if clause.first("item"):
            places = self._places(clause) if fund is None else ()
            return places[0] if len(places) == 1 and places[0].panel == panel else None
        if fund is None:
            return None
        known = funds()[fund.key]
        return Place(INCOME, known.income) if panel == INCOME else Place(known.panel, TOTAL)

    # Changes on the year before

    def _changes(self, clause: Clause) -> bool:
        places, column = self._places(clause), self._base(clause)
        amounts = [token for token in clause.tokens if token.kind == "amount"]
        direction = clause.first("up", "down", "either")
        if not places or direction is None or places[0].panel in APART:
            return False
        if direction.kind == "either" and amounts[-1].number != 0:
            return False
        self._speak_of(clause, places)
        self._sign, self._last_change = _sign(direction), []
        for place in places:
            position = self._state(place, column, "change", amounts[-1], self._sign)
            if len(amounts) == 2:
                self._put(position, place, column, "previous", amounts[0])
            if percent := clause.last("percent"):
                self._put(position, place, column, "percent", percent, _sign(clause.last("up", "down")))
            self._remember_change(position, place, clause, amounts[-1].number)
        return True

    def _changes_each(self, clause: Clause) -> bool:
        """分别比上年减少2万元和1万元 behind two amounts: the change of each."""
        places, column, direction = self._stated_parts(), self._base(clause), clause.first("up", "down")
        amounts = [token for token in clause.tokens if token.kind == "amount"]
        if direction is None or len(places) != len(amounts):
            return False
        self._speak_of(clause, places)
        self._sign, self._last_change = _sign(direction), []
        for place, amount in zip(places, amounts, strict=True):
            position = self._state(place, column, "change", amount, self._sign)
            self._remember_change(position, place, clause, amount.number)
        return True

    def _remember_change(self, position: int, place: Place, clause: Clause, size: Decimal | None) -> None:
        """A change that a percentage and a reason may follow; one of 0 needs none."""
        self._last_change.append((position, place))
        if size:
            self._unexplained[position] = place
            self._refer(position, place, clause)
        previous = clause.last("previous")
        if previous is not None and previous.number is not None:
            self._remark(position, place, "base_year", str(previous.number), previous.start)

    def _refer(self, position: int, place: Place, clause: Clause) -> None:
        """Remember a change behind which the mark of a note stands."""
        if clause.refers:
            self._referring.setdefault(clause.refers, {})[position] = place

    def _rates(self, clause: Clause) -> bool:
        """A percentage: of the change just stated, or of its own."""
        percent, direction = clause.last("percent"), clause.last("up", "down", "either")
        if percent is None or (direction and direction.kind == "either" and percent.number != 0):
            return False
        if self._last_change and not clause.first(*NAMING, "previous", "alike"):
            sign = _sign(direction) if direction else self._sign
            for position, place in self._last_change:
                self._put(position, place, self._column, "percent", percent, sign)
                self._refer(position, place, clause)
            return True
        places, column = self._places(clause), self._base(clause)
        if not places or direction is None or places[0].panel in APART:
            return False
        self._speak_of(clause, places)
        for place in places:
            position = self._state(place, column, "percent", percent, _sign(direction))
            if previous := clause.last("amount"):
                self._put(position, place, column, "previous", previous)
            self._remember_change(position, place, clause, percent.number)
        return True

    def _rates_aside(self, clause: Clause) -> bool:
        """A bare percentage in brackets behind a change: 减少1万元（-4.35%）."""
        percent = clause.last("percent")
        if percent is None or not clause.nested or not self._last_change:
            return False
        sign = -1 if clause.first("minus") else self._sign
        for position, place in self._last_change:
            self._put(position, place, self._column, "percent", percent, sign)
        return True

    def _stays_flat(self, clause: Clause) -> bool:
        """持平: a change of 0; 基本持平 gives no figure."""
        places, column, token = self._places(clause), self._base(clause), clause.last("flat")
        if not places or token is None or places[0].panel in APART:
            return False
        self._speak_of(clause, places)
        words, previous = self._flat.text[token.start : token.end], clause.last("amount")
        for place in places:
            if APPROXIMATELY in words:
                self._positions += 1
            else:
                self._state(place, column, "change", replace(token, number=Decimal(0), unit="元"))
            if previous is not None:
                self._put(self._positions, place, column, "previous", previous)
            self._remember_change(self._positions, place, clause, Decimal(0))
            self._remark(self._positions, place, "flat", words, token.start)
        return True

    def _all_flat(self, clause: Clause) -> bool:
        """均与上年持平 behind several amounts: each part that 其中 gave, or each amount stated, is what it was."""
        places = self._stated_parts()
        if len(places) < 2:
            return False
        self._subject = places
        return self._stays_flat(clause)

    def _shares(self, clause: Clause) -> bool:
        token, share = clause.last("percent"), clause.first("share")
        if token is None or share is None:
            return False
        at = clause.tokens.index(share)
        places = self._places(replace(clause, tokens=clause.tokens[:at]))
        if len(places) != 1:
            return False
        if places[0].panel == TARGETS:
            return True
        position = self._state(places[0], SHARE, "percent", token)
        whole = self._whole(places[0], replace(clause, tokens=clause.tokens[at + 1 :]))
        if whole is not None:
            self._remark(position, places[0], "share_of", "!".join(whole), token.start)
        return True

    def _whole(self, part: Place, words: Clause) -> Place | None:
        """Of what a share is: what the clause names, what 其中 gives parts of, else all income or all of its panel."""
        if part.panel == INCOME:
            return Place(INCOME, TOTAL)
        if words.first("spend") and not words.first("fund", "item"):
            return Place(EXPENDITURE, TOTAL)
        if words.first(*NAMING):
            named = self._places(words)
            return named[0] if len(named) == 1 else None
        parted = [place for place in self._parted if place.panel == part.panel and place != part]
        return parted[0] if len(parted) == 1 else Place(part.panel, TOTAL)

    # Clauses without figures, or without figures for any table

    def _passes_over(self, clause: Clause) -> bool:
        """Something known that no table keeps, what is involved in it, its share and how it has changed."""
        if not (clause.first("elsewhere") or self._elsewhere):
            return self._aside and clause.first("share", "flat", "up", "down", "either") is not None
        self._pass_over()
        self._elsewhere = True
        return True

    def _topics(self, clause: Clause) -> bool:
        if clause.has_figure:
            return False
        self._base(clause)
        places = self._places(clause)
        self._speak_of(clause, places)
        self._topic, self._listed = True, (*self._listed, *places)
        return True

    def _scopes(self, clause: Clause) -> bool:
        self._speak_of(clause, self._places(clause))
        return True

    def _ignores(self, clause: Clause) -> bool:
        self._base(clause)
        self._note_date(clause)
        return not clause.has_figure

    def _do(self, does: str, clause: Clause) -> bool:
        return _DOES[does](self, clause)


def _sign(direction: Token | None) -> int:
    return -1 if direction is not None and direction.kind == "down" else 1


_DOES: Mapping[str, Callable[[Meanings, Clause], bool]] = {
    "states": Meanings._states,
    "states_alone": Meanings._states_alone,
    "states_previous": Meanings._states_previous,
    "changes": Meanings._changes,
    "changes_each": Meanings._changes_each,
    "rates": Meanings._rates,
    "rates_aside": Meanings._rates_aside,
    "all_flat": Meanings._all_flat,
    "flat": Meanings._stays_flat,
    "shares": Meanings._shares,
    "nothing": Meanings._nothing,
    "nothing_either": Meanings._nothing_either,
    "states_each": Meanings._states_each,
    "nothing_of_it": Meanings._nothing_of_it,
    "all_of_it": Meanings._all_of_it,
    "holds": Meanings._holds,
    "holds_nothing": Meanings._holds_nothing,
    "holds_none_either": Meanings._holds_none_either,
    "holds_value": Meanings._holds_value,
    "values": Meanings._values,
    "counts_kind": Meanings._counts_kind,
    "counts_targets": Meanings._counts_targets,
    "turns_to_targets": Meanings._turns_to_targets,
    "states_rest": Meanings._states_rest,
    "money_of_targets": Meanings._money_of_targets,
    "passes_over": Meanings._passes_over,
    "topics": Meanings._topics,
    "scopes": Meanings._scopes,
    "ignores": Meanings._ignores,
}
