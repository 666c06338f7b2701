"""The usual slips of the hand: what turns the figure that should stand in a cell into the one that does."""

from collections.abc import Sequence

from expectations.saying import Messages

say = Messages(__file__)

# How many times one unit is another, and the word for it.
UNIT_SLIPS = {100: "一百", 1_000: "一千", 10_000: "一万"}


def slip(found: int, expected: int) -> str:
    """The slip that makes `found` of `expected`, both in the smallest unit; '' where none does exactly.

    >>> slip(27217, 22717)
    '两位数字颠倒'
    >>> slip(1234, 12934), slip(-500, 500), slip(5, 50000)
    ('漏写一位数字', '正负号写反', '金额单位有误（相差一万倍）')
    >>> slip(500, 700)
    ''
    """
    if found == expected or not found or not expected:
        return ""
    if found == -expected:
        return say("sign")
    if found < 0 or expected < 0:
        return ""
    return _of_size(found, expected) or _of_digits(_digits(found), _digits(expected))


def _of_size(found: int, expected: int) -> str:
    small, large = sorted((found, expected))
    for times, name in UNIT_SLIPS.items():
        if large == small * times:
            return say("unit", times=name)
    return say("decimal") if large == small * 10 else ""


def _digits(amount: int) -> str:
    """The digits that somebody typed: without the zeros at the end.

    >>> _digits(1203400)
    '12034'
    """
    return str(amount).rstrip("0")


def _of_digits(found: str, expected: str) -> str:
    width = max(len(found), len(expected))
    if is_swap(found.ljust(width, "0"), expected.ljust(width, "0")):
        return say("swapped")
    if _lacks_one(found, expected):
        return say("dropped")
    return say("doubled") if _lacks_one(expected, found) else ""


def is_swap(found: str, expected: str) -> bool:
    """Whether two neighbouring digits are exchanged.

    >>> is_swap("272", "227"), is_swap("721", "127")
    (True, False)
    """
    if len(found) != len(expected):
        return False
    unlike = [place for place, (one, two) in enumerate(zip(found, expected, strict=True)) if one != two]
    if len(unlike) != 2 or unlike[1] != unlike[0] + 1:
        return False
    first, second = unlike
    return found[first] == expected[second] and found[second] == expected[first]


def _lacks_one(short: str, long: str) -> bool:
    """Whether one digit taken from the longer gives the shorter; of at least three digits, lest all fit."""
    if len(short) != len(long) - 1 or len(short) < 2:
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def unit_times(own: int, other: int) -> int:
    """By what one sum must be multiplied (negative: divided) to agree with another to one in a thousand; 0 where no unit does.

    >>> unit_times(12, 120_100), unit_times(500, 5), unit_times(12, 13), unit_times(0, 0)
    (10000, -100, 0, 0)
    """
    for times in UNIT_SLIPS if own and other else ():
        if abs(own * times - other) * 1_000 <= abs(other):
            return times
        if abs(other * times - own) * 1_000 <= abs(own):
            return -times
    return 0


def unit_slip(found: int, expected: int) -> str:
    """The slip of unit between two sums; '' where none explains them."""
    times = abs(unit_times(abs(found), abs(expected)))
    return say("unit", times=UNIT_SLIPS[times]) if times else ""


def part_slip(missing: int, parts: Sequence[tuple[int, str]]) -> str:
    """A total that lacks one of its parts, or has one twice; `missing` is what the total should have more.

    >>> part_slip(300, [(100, "B3"), (300, "B4")])
    '合计没有随明细更新（漏加 B4）'
    """
    for key, wanted in (("omitted", missing), ("repeated", -missing)):
        fitting = [cell for amount, cell in parts if amount == wanted and amount]
        if len(fitting) == 1:
            return say(key, cell=fitting[0])
    return ""


def shifted() -> str:
    """A figure that stands one column or row beside its place."""
    return say("shifted")


def wrong_type(cell: str) -> str:
    """An amount that stands in the column of another type of spending; `cell`: where it belongs, or what belongs there."""
    return say("wrong_type", cell=cell)


def is_of_type(told: str) -> bool:
    """Whether a slip is one of types of spending.

    >>> is_of_type(wrong_type("C5")), is_of_type(shifted())
    (True, False)
    """
    return _is("wrong_type", told)


def is_of_unit(told: str) -> bool:
    """Whether a slip is one of units.

    >>> is_of_unit(slip(5, 50000)), is_of_unit(slip(5, 50))
    (True, False)
    """
    return _is("unit", told)


def _is(key: str, told: str) -> bool:
    return told.startswith(say.rows[key].partition("{")[0])
