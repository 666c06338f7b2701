"""What clauses on what a body owns and buys, and on the targets of its projects, mean."""

from dataclasses import replace
from decimal import Decimal

from transforms.narrative.clauses import LISTED, Clause
from transforms.narrative.lexicon import funds, items
from transforms.narrative.memory import APPROPRIATION, ASSETS, TARGETS, TOTAL
from transforms.narrative.putting import Putting
from transforms.narrative.stated import Place
from transforms.narrative.tokens import Token

VEHICLE_PURCHASE = Place("three_public", "vehicle_purchase")


class Holdings(Putting):
    """Puts down what is stated of assets, held and planned, and how many projects have targets, at what cost."""

    def _holds(self, clause: Clause) -> bool:
        asset, token = clause.last("asset"), clause.last("count")
        if asset is None or token is None:
            return False
        self._of_kind = False
        held = clause.first("held", "as_of") is not None
        self._planned = not held and (self._planned or clause.first("planned") is not None)
        position, place = self._state_quantity(asset, token, planned=self._planned)
        self._remark(position, place, "quantity_unit", token.unit, token.start)
        self._note_date(clause)
        return True

    def _holds_nothing(self, clause: Clause) -> bool:
        """没有…设备, 未购置车辆: none of them."""
        asset, token = clause.last("asset"), clause.last("nothing")
        if asset is None or token is None:
            return False
        self._none = replace(token, number=Decimal(0)), clause.first("planned") is not None
        self._state_none(asset)
        return True

    def _holds_none_either(self, clause: Clause) -> bool:
        """One more asset of which there is none (没有车辆、单价50万元以上设备)."""
        asset = clause.last("asset")
        if asset is None or clause.before != LISTED or self._none is None:
            return False
        self._state_none(asset)
        return True

    def _state_none(self, asset: Token) -> None:
        assert self._none is not None
        none, planned = self._none
        self._state_quantity(asset, none, planned=planned)

    def _state_quantity(self, asset: Token, token: Token, *, planned: bool) -> tuple[int, Place]:
        """Put down how many of an asset there are, or are to be; gives the position and its place."""
        place = _asset_place(asset)
        self._speak_only_of(place)
        return self._state(place, "planned_quantity" if planned else "quantity", "quantity", token), place

    def _holds_value(self, clause: Clause) -> bool:
        asset, token = clause.last("asset"), clause.last("amount")
        if asset is None or token is None:
            return False
        place = _asset_place(asset)
        self._speak_only_of(place)
        planned = asset.key == "planned_purchase" or clause.first("planned") is not None
        self._state(place, "planned_value" if planned else "value", "amount", token)
        self._note_date(clause)
        return True

    def _values(self, clause: Clause) -> bool:
        token = clause.last("amount")
        if token is None or len(self._subject) != 1 or self._subject[0].panel != ASSETS:
            return False
        if self._of_kind:
            return (self._subject[0], "value") in {(each.place, each.column) for each in self._out.figures}
        self._state(self._subject[0], "planned_value" if self._planned else "value", "amount", token)
        return True

    def _counts_kind(self, clause: Clause) -> bool:
        """A kind of what was counted before: what follows is worth of the kind, no longer of all.

        Vehicles of a kind that are to be bought explain what buying vehicles costs.
        """
        if clause.first("planned") and self._subject == (VEHICLE_PURCHASE,):
            return True
        self._of_kind = True
        return bool(self._subject) and self._subject[0].panel == ASSETS

    def _note_date(self, clause: Clause) -> None:
        as_of = clause.first("as_of")
        if as_of is not None and as_of.key:
            self._remark(0, Place(ASSETS, TOTAL), "as_of", as_of.key, as_of.start)

    def _counts_targets(self, clause: Clause) -> bool:
        token, place = clause.last("count"), Place(TARGETS, TOTAL)
        if token is None or token.unit not in ("个", "项"):
            return False
        if not clause.first("target") and self._subject != (place,):
            return False
        self._speak_only_of(place)
        self._state(place, "count", "quantity", token)
        return True

    def _money_of_targets(self, clause: Clause) -> bool:
        """What the projects cost; money of one fund is all of it only where no other fund pays as well."""
        token, place = clause.last("amount"), Place(TARGETS, TOTAL)
        if token is None or not (clause.first("target") or self._subject == (place,)):
            return False
        known = [each for each in self._out.figures if (each.place, each.column) == (place, TOTAL)]
        if known and clause.first("of_which"):
            return True
        if known and self._of_one_fund and token.number:
            self._out.figures = [each for each in self._out.figures if each not in known]
        if known:
            return token.number == 0
        fund = clause.first("fund")
        self._of_one_fund = fund is not None and funds()[fund.key].panel != APPROPRIATION
        self._speak_only_of(place)
        self._state(place, TOTAL, "amount", token)
        return True

    def _turns_to_targets(self, _clause: Clause) -> bool:
        self._speak_only_of(Place(TARGETS, TOTAL))
        return True


def _asset_place(asset: Token) -> Place:
    return Place(ASSETS, asset.key if "." in asset.key else items()[asset.key].row)
