"""What the printed totals of a list are, by one another: the year's own and the one of all, or one total twice."""

from decimal import Decimal

from transforms import common_words, forms
from transforms.tables.block import Block
from transforms.tables.listed import Listed
from transforms.tables.plan import PanelPlan
from transforms.tables.sums import sum_of
from transforms.wording.amounts import stated
from transforms.wording.body_names import BODY_KEY
from transforms.wording.meaning import DataRow
from transforms.wording.messages import message
from transforms.wording.text import bare

_TOTAL = "total"
_FEWEST_GROUPS = _TWICE = 2


def settled_totals(listed: Listed) -> list[DataRow]:
    """The rows of a list, its totals being what they are beside one another. In a list of purchases 货物 may have a total
    for each body.
    """
    rows, panel = listed.rows, listed.plan.panel
    totals = [at for at, row in enumerate(rows) if _is_total(row)]
    if panel.categories:
        totals = [at for at in totals if rows[at].key == _TOTAL]
    keys = {rows[at].key for at in totals}
    if panel.codes and keys == {forms.CURRENT}:
        rows = _alone(rows, totals)
    elif not panel.codes and len(totals) > 1 and keys == {_TOTAL} and forms.CURRENT in panel.rows:
        rows = _followed(rows, totals, *listed[1:])
    if len(totals) > 1 and (grouped := _by_groups(rows, totals, *listed[1:])):
        return grouped
    rows = _below_another(_printed_again(rows, totals, *listed[1:]), totals, *listed[1:])
    return [] if rows is listed.rows else rows


def sums_of_codes(listed: Listed) -> list[DataRow]:
    """小计 below codes of which it is the sum: the row of their body, or nothing new where the list names no bodies."""
    rows, block, plan = listed
    words = common_words.shared_words().subtotals
    if not any(row.kind == "unknown" and bare(row.label) in words for row in rows):
        return []
    named = any(row.meaning.unit for row in rows)
    found, parts, begins = list[DataRow](), list[DataRow](), 0
    for at, row in enumerate(rows):
        sums = row.kind == "unknown" and bare(row.label) in words
        if sums and parts and sum_of(block, plan, row.index, [part.index for part in parts]).exact:
            unit = _body_summed(found[begins:])
            row = row.but(kind="unit", key=unit) if unit else row if named else row.but(kind="aside")
            found[begins:] = [each.but(unit=unit) for each in found[begins:]] if unit else found[begins:]
        if row.kind == "code":
            parts += [] if any(row.key.startswith(part.key) for part in parts) else [row]
        else:
            parts, begins = [], at + 1
        found.append(row)
    return found


def _body_summed(rows: list[DataRow]) -> str:
    """The body that rows above their sum are of: each names it, or only the first one does; '' where they name none."""
    units = [row.meaning.unit for row in rows]
    return units[0] if {*units[1:]} <= {units[0]} or not any(units[1:]) else ""


def sums_of_groups(listed: Listed) -> list[DataRow]:
    """Rows of bodies called sums (小学小计, 一、行政单位小计) say nothing new where each adds up the bodies up to the next of
    them, all those below it or all those above it; otherwise nobody knows whose they are.
    """
    rows, block, plan = listed
    sums = [row for row in rows if row.kind == "unit" and _is_called_sum(row)]
    if sums and any(row.kind == "code" for row in rows):
        return _named_by_codes(rows, sums)
    for order in (rows, rows[::-1]) if sums else ():
        if all(sum_of(block, plan, head.index, below).exact for head, below in _groups(order, sums)):
            return [_of_group(row, sure=True) for row in sums]
    return [_of_group(row, sure=False) for row in sums]


def years_beside_the_total(listed: Listed) -> list[DataRow]:
    """Rows of some year's money (一、本年预算) in a list of codes that has a total are no total of it: nobody knows of what."""
    if not any((row.kind, row.key) == (_TOTAL, _TOTAL) for row in listed.rows):
        return []
    singles = (row for row in listed.rows if row.kind == "single" and row.meaning.measure == "amount")
    return [row.but(kind="unknown", key="") for row in singles if row.meaning.year is None]


def _named_by_codes(rows: list[DataRow], sums: list[DataRow]) -> list[DataRow]:
    """Sums of bodies that the rows of codes name (某局机关小计) are the rows of these."""
    units = {row.meaning.unit for row in rows if row.kind == "code"}
    words = common_words.shared_words().subtotals
    keys = {
        row.index: [key for word in words if (key := row.key.removesuffix(word)) in units] for row in sums
    }
    return [row.but(key=keys[row.index][0]) for row in sums if keys[row.index]]


def _is_called_sum(row: DataRow) -> bool:
    name = row.key.removeprefix(BODY_KEY)
    return name.endswith(tuple(common_words.shared_words().subtotals))


def _groups(rows: list[DataRow], sums: list[DataRow]) -> list[tuple[DataRow, list[int]]]:
    """The rows of bodies behind each of some rows, up to the next of them."""
    groups = list[tuple[DataRow, list[int]]]()
    for row in rows:
        if row in sums:
            groups.append((row, []))
        elif row.kind == "unit" and groups:
            groups[-1][1].append(row.index)
    return groups


def totals_of_bodies(listed: Listed) -> list[DataRow]:
    """Totals that name bodies (某局 | 合计), each another one, are the rows of these."""
    of_bodies = [row for row in listed.rows if row.meaning.unit and _is_total(row)]
    units = {row.meaning.unit for row in of_bodies}
    if len(units) < len(of_bodies) or len(units) < _FEWEST_GROUPS:
        return []
    return [row.but(kind="unit", key=row.meaning.unit) for row in of_bodies]


def _is_total(row: DataRow) -> bool:
    """Whether a row is the total of its list, also under a name of the form's own (资产总额)."""
    return (row.kind == _TOTAL and not row.meaning.column) or (row.kind == "item" and row.key == _TOTAL)


def _alone(rows: list[DataRow], totals: list[int]) -> list[DataRow]:
    """A list of codes in which 本年支出合计 is the total, as the only one."""
    if not any(row.kind == "code" for row in rows):
        return rows
    return [row.but(key=_TOTAL) if at in totals else row for at, row in enumerate(rows)]


def _printed_again(rows: list[DataRow], totals: list[int], block: Block, plan: PanelPlan) -> list[DataRow]:
    """A list in which a total stands above and below, or twice: it is one of it only, the first that says anything.

    One that says otherwise than that is told: no check would look at it.
    """
    if len(totals) < _TWICE:
        return rows
    first: dict[str, list[Decimal]] = {}
    found = list(rows)
    left_open = {at for at in totals if not _says_anything(rows[at], block, plan)}
    for at in sorted(totals, key=lambda at: at in left_open):
        row = rows[at]
        said = _stated(row, block, plan)
        if row.key not in first:
            first[row.key] = said
        elif first[row.key] == said or at in left_open:
            found[at] = row.but(kind="memo", key=bare(row.label))
        else:
            found[at] = row.but(kind="unknown")
    return found


def _by_groups(rows: list[DataRow], totals: list[int], block: Block, plan: PanelPlan) -> list[DataRow] | None:
    """A list of bodies in which each total adds up what stands since the one before it: they are sums of groups.

    The last may be the total of all. Where one adds up nothing, nobody knows what each of them is. None for other lists.
    """
    if not any(row.kind == "unit" or row.meaning.unit for row in rows):
        return None
    groups = [rows[start:end] for start, end in zip([0, *(at + 1 for at in totals)], totals, strict=False)]
    parts = [parts_at_top(group) for group in groups]
    if not all(parts[:_FEWEST_GROUPS]):
        return None  # above the list, or twice below it
    every = [index for each in parts for index in each]
    grand = len(totals) > _FEWEST_GROUPS and sum_of(block, plan, rows[totals[-1]].index, every).exact
    of_groups = totals[:-1] if grand else totals
    fits = [
        sum_of(block, plan, rows[at].index, each).exact for at, each in zip(of_groups, parts, strict=False)
    ]
    sure = all(fits) and all(parts[: len(of_groups)])
    changed = totals if not sure else of_groups
    return [_of_group(row, sure=sure) if at in changed else row for at, row in enumerate(rows)]


def _of_group(row: DataRow, *, sure: bool) -> DataRow:
    return row.but(kind="memo", key=bare(row.label)) if sure else row.but(kind="unknown")


def parts_at_top(rows: list[DataRow]) -> list[int]:
    """Where the rows of a list stand that are a part of no other of them: bodies, else the classes of each list of codes."""
    bodies = [row for row in rows if row.kind == "unit"]
    listed = bodies or [row for row in rows if row.kind == "code"]
    keys = {(row.key, row.meaning.unit) for row in listed}
    return [
        row.index
        for row in listed
        if not any((row.key[:size], row.meaning.unit) in keys for size in range(1, len(row.key)))
    ]


def _below_another(rows: list[DataRow], totals: list[int], block: Block, plan: PanelPlan) -> list[DataRow]:
    """A list of codes below whose total a row of words and then more codes follow: these are of another list.

    That is so where they have another total, or the only one is not the sum of all of them.
    """
    if not plan.panel.codes or not totals or totals[0] in (0, len(rows) - 1):
        return rows
    first = totals[0]
    if rows[first + 1].kind not in ("unknown", "aside"):
        return rows
    another = len(totals) > 1 and rows[totals[-1]].kind == "unknown"
    if not another and not (len(totals) == 1 and _leaves_some_out(rows, first, block, plan)):
        return rows
    return [
        row.but(kind="unknown", key="", why=message("another_list", row=row.label))
        if at > first and row.kind == "code"
        else row
        for at, row in enumerate(rows)
    ]


def _leaves_some_out(rows: list[DataRow], total: int, block: Block, plan: PanelPlan) -> bool:
    """Whether codes stand above a total, and it is not the sum of these and of those below it."""
    above, every = (
        parts_at_top([row for row in each if row.kind == "code"]) for each in (rows[:total], rows)
    )
    return bool(above) and not sum_of(block, plan, rows[total].index, every).rounded


def _followed(rows: list[DataRow], totals: list[int], block: Block, plan: PanelPlan) -> list[DataRow]:
    """A list of items below which 收入合计 stands, then 收入总计: the first is the year's own.

    Not where strange rows follow and then a lesser total: that one is theirs. One that is more than they add to the first may
    be theirs too, and then nobody knows what either is. Without items above it only where what stands between them is none of
    the year's (上年结转), or just what they differ by.
    """
    first, last = totals[0], totals[-1]
    said, later = (_stated(rows[at], block, plan) for at in (first, last))
    strange = any(row.kind == "unknown" for row in rows[first:last])
    if strange and any(each < own for own, each in zip(said, later, strict=True)):
        return rows
    between = [row for row in rows[first:last] if row.kind in ("item", "unknown")]
    adds_up = sum_of(block, plan, rows[last].index, [row.index for row in (rows[first], *between)]).exact
    headed = any(row.kind == "item" for row in rows[:first])
    if strange and said != later and not adds_up:
        return [
            row.but(kind="unknown", key="") if at in (first, last) else row for at, row in enumerate(rows)
        ]
    beside = not strange and all(_is_beside_the_year(row.key, plan) for row in between)
    if not headed and not (between and (beside or adds_up)):
        return rows
    return [row.but(key=forms.CURRENT) if at == first else row for at, row in enumerate(rows)]


def _is_beside_the_year(key: str, plan: PanelPlan) -> bool:
    """Whether an item is none of the year's own: it adds to the grand total alone."""
    return key.partition(".")[0] in plan.panel.rows[_TOTAL]


def _says_anything(row: DataRow, block: Block, plan: PanelPlan) -> bool:
    """Whether anything stands beside the name of a total, be it nought."""
    return any(block.sheet.at(row.index, column.index) != "" for column in plan.of_kind("amount"))


def _stated(row: DataRow, block: Block, plan: PanelPlan) -> list[Decimal]:
    """What a row states, column by column."""
    columns = [column.index for column in plan.of_kind("amount")]
    return [stated(block.sheet.at(row.index, column)) or Decimal(0) for column in columns]
