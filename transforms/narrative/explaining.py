"""Where a sentence goes over into a reason or a purpose, and where that ends."""

from collections.abc import Sequence

from transforms.narrative.clauses import NAMING, Clause, shapes_of
from transforms.narrative.lexicon import numbers
from transforms.narrative.tokens import Token

# What a clause goes over into that tells what money is for.
PURPOSES = ("purpose", "all_for")


def why_of(clause: Clause) -> Token | None:
    """The word behind which a clause tells why or what for; none where all of an amount goes to one kind that is kept."""
    whole = clause.first("all_for")
    if whole is not None and "all_of_it" in shapes_of(clause):
        whole = None
    return clause.first("reason", "purpose") or clause.heads("reason_at_head") or whole


def parts_behind(clauses: Sequence[Clause], whole: int | None) -> list[Clause]:
    """The clauses from an 其中 on behind an explanation, where amounts that they name are all there is of the whole before it:
    then they are its parts (…，主要原因是压减支出，其中：甲费3万元，减少1万元；乙费2万元), none of the reason."""
    start = next((n for n, clause in enumerate(clauses) if n and clause.heads("of_which")), None)
    if start is None or not whole:
        return []
    behind = list(clauses[start:])
    parts = [
        amount
        for clause in behind
        if next(shapes_of(clause), "") == "states" and not clause.nested and clause.first("item")
        if (amount := clause.last("amount"))
    ]
    return behind if len(parts) > 1 and sum(map(fen, parts)) == whole else []


def compared(told: Sequence[Clause]) -> Sequence[Clause]:
    """The clauses behind a purpose from where they compare with the year before: they are about what has the purpose."""
    for number, clause in enumerate(told):
        if (
            number
            and clause.first("previous", "alike")
            and {"flat", "changes", "rates"} & set(shapes_of(clause))
        ):
            return told[number:] if not clause.first(*NAMING) else []
    return []


def compares_strangely(clause: Clause) -> bool:
    """Whether a clause tells by how much something has changed since the year before, in no shape that is known."""
    changed = clause.first("previous", "alike") and clause.first("up", "down", "either")
    return bool(changed) and clause.has_figure and next(shapes_of(clause), None) is None


def until_semicolon(clauses: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    """The clauses of an explanation, and those behind a semicolon that are none of it."""
    for number, clause in enumerate(clauses):
        goes_on = clause.kinds[:1] == ("another_reason",) or not any(
            each.has_figure or each.numbered for each in clauses[number:]
        )
        if number and clause.before == ";" and not goes_on:
            return list(clauses[:number]), list(clauses[number:])
    return list(clauses), []


def fen(token: Token) -> int:
    """An amount in 分."""
    return int((token.number or 0) * numbers().amounts[token.unit])
