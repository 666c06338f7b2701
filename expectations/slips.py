"""The usual slips of the hand: what turns the figure that should stand in a cell into the one that does."""

from collections.abc import Sequence

UNIT_SLIPS = {100: "一百倍", 1_000: "一千倍", 10_000: "一万倍"}
SWAPPED = "两位数字颠倒"
DROPPED = "漏写一位数字"
DOUBLED = "多写一位数字"
SIGN = "正负号写反"
DECIMAL = "小数点错一位"
UNIT = "金额单位有误（相差{times}）"
OMITTED = "合计没有随明细更新（漏加 {cell}）"
REPEATED = "合计没有随明细更新（重复计入 {cell}）"
WRONG_TYPE = "金额列错支出类型（与 {cell} 之间）"
SHIFTED = "数字错位（与相邻栏或行错开一格）"


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
        return SIGN
    if found < 0 or expected < 0:
        return ""
    return _of_size(found, expected) or _of_digits(_digits(found), _digits(expected))


def _of_size(found: int, expected: int) -> str:
    small, large = sorted((found, expected))
    for times, name in UNIT_SLIPS.items():
        if large == small * times:
            return UNIT.format(times=name)
    return DECIMAL if large == small * 10 else ""


def _digits(amount: int) -> str:
    """The digits that somebody typed: without the zeros at the end.

    >>> _digits(1203400)
    '12034'
    """
    return str(amount).rstrip("0")


def _of_digits(found: str, expected: str) -> str:
    width = max(len(found), len(expected))
    if is_swap(found.ljust(width, "0"), expected.ljust(width, "0")):
        return SWAPPED
    if _lacks_one(found, expected):
        return DROPPED
    return DOUBLED if _lacks_one(expected, found) else ""


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


def unit_factor(found: int, expected: int) -> str:
    """The slip of unit between two sums that agree to one in a thousand; '' where none does."""
    small, large = sorted((abs(found), abs(expected)))
    for times, name in UNIT_SLIPS.items():
        if small and abs(large - small * times) * 1_000 <= large:
            return UNIT.format(times=name)
    return ""


def part_slip(missing: int, parts: Sequence[tuple[int, str]]) -> str:
    """A total that lacks one of its parts, or has one twice; `missing` is what the total should have more.

    >>> part_slip(300, [(100, "B3"), (300, "B4")])
    '合计没有随明细更新（漏加 B4）'
    """
    for template, wanted in ((OMITTED, missing), (REPEATED, -missing)):
        fitting = [cell for amount, cell in parts if amount == wanted and amount]
        if len(fitting) == 1:
            return template.format(cell=fitting[0])
    return ""
