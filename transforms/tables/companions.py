"""What columns are by the columns beside them: twins, parts, divisions, columns of another list, of bodies, of last year."""

from collections import Counter
from dataclasses import replace

from transforms import common_words
from transforms.forms import Panel
from transforms.tables.heads import lowest_word, structural_kinds
from transforms.tables.plan import Column
from transforms.wording.body_names import body_key, names_body
from transforms.wording.text import header_words, is_memo


def one_dated_of_two(columns: list[Column]) -> list[Column]:
    """Of two columns of one meaning the one under a year: last year's, where the table is of a later one (tidy.py)."""
    amounts = [column for column in columns if column.kind == "amount"]
    years = {(c.key, c.measure, c.year) for c in amounts}
    twice = Counter((c.key, c.measure) for c in amounts)
    return [
        c for c in amounts if c.year and twice[c.key, c.measure] == 2 and (c.key, c.measure, None) in years
    ]


def without_second_list(columns: list[Column]) -> list[Column]:
    """Codes behind names, under another heading than the codes before, are of another list: nobody knows which.

    Headings that are parts of a code (类, 款, 项), each over its codes and names, are of one list.
    """
    codes = [column for column in columns if column.kind == "code" and len(column.path) > 1]
    if all("code_part" in common_words.kinds_of(column.path[0]) for column in codes):
        return columns
    names = [column.index for column in columns if column.kind == "label"]
    heading = codes[0].path[0] if codes else ""
    others = {c.path[0] for c in codes if c.path[0] != heading and names and c.index > names[0]}
    if not others:
        return columns
    return [
        replace(column, kind="unknown")
        if column.kind in ("code", "label") and column.path and column.path[0] in others
        else column
        for column in columns
    ]


def of_another_list(columns: list[Column]) -> list[Column]:
    """Amounts of a list that is set aside (501, 502 …): beside no other names, or right of it behind others' amounts."""
    others = [c.index for c in columns if c.kind == "aside" and "aside" in structural_kinds(c.path)]
    if any(c.kind in ("code", "label", "text", "body") for c in columns):
        first = min((c.index for c in columns if c.kind == "amount"), default=len(columns))
        others = [index for index in others if index > first]
        begins = min(others, default=0)
    else:
        begins = 0
    if not others:
        return columns
    return [replace(c, kind="aside") if c.kind == "amount" and c.index >= begins else c for c in columns]


def stages_before(columns: list[Column]) -> list[Column]:
    """Columns of the stages before a budget is decided (申报数, 审核数) are set aside beside the decided ones (批复数)."""
    stages = {column.index: _stage(column.path) for column in columns}
    decided = {stages[c.index][0] for c in columns if c.kind == "amount" and stages[c.index][1] == "decided"}
    if not decided:
        return columns
    before = {index for index, (above, stage) in stages.items() if stage == "before" and above in decided}
    return [replace(c, kind="aside") if c.kind == "unknown" and c.index in before else c for c in columns]


def _stage(path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """What stands above the word that says in which stage a column's budget is, and the stage; ((), '') where none does."""
    known = common_words.words_of_stages()
    return next(
        (
            (path[:at], stage)
            for at, word in enumerate(path)
            if (stage := known.get(common_words.header_key(word)))
        ),
        ((), ""),
    )


def no_wholes_of_which(columns: list[Column], panel: Panel) -> list[Column]:
    """The columns, one that would be the whole of what it is a part of (一般公共预算 | 其中：财政拨款) being unknown."""
    found: list[Column] = []
    whole = ""
    for column in columns:
        if column.kind == "amount" and column.path and is_memo(column.path[-1]):
            if column.key in panel.above_column.get(whole, []):
                column = replace(column, kind="unknown")
        elif column.kind == "amount":
            whole = column.key
        found.append(column)
    return found


def divisions(columns: list[Column], panel: Panel) -> list[Column]:
    """Columns that divide another one further are set aside where that one stands beside them."""
    held = {column.key for column in columns if column.kind == "amount"}
    held |= {"total"} if next(iter(panel.columns)) in held else set()
    return [
        replace(column, kind="aside")
        if column.kind == "unknown" and _divided(column, panel) <= held
        else column
        for column in columns
    ]


def only_sure_parts(columns: list[Column]) -> list[Column]:
    """The columns, a part (非税收入 of 一般公共预算) being unknown that stands outside the group in which its whole stands,
    or in a group with words that nobody knows: the known parts would not add up to the whole.
    """
    amounts = [column for column in columns if column.kind == "amount"]
    parts = [column for column in amounts if "." in column.key]
    if not parts:
        return columns
    groups = {(column.key, column.measure): column.path[:-1] for column in amounts if column not in parts}
    strange = {column.path[:-1] for column in columns if column.kind == "unknown" and len(column.path) > 1}
    unsure = []
    for part in parts:
        group = groups.get((part.key.partition(".")[0], part.measure), ())
        if part.path[: len(group)] != group or part.path[:-1] in strange:
            unsure.append(part)
    return [replace(column, kind="unknown") if column in unsure else column for column in columns]


def of_bodies(columns: list[Column], panel: Panel) -> list[Column]:
    """Columns under names of bodies beside the total of all of them, where nothing else is strange."""
    strange = [column for column in columns if column.kind == "unknown"]
    wholes = ("total", next(iter(panel.columns)))
    total = any(column.kind == "amount" and column.key in wholes for column in columns)
    named = {column.index: header_words(column.path[0]) for column in strange if len(column.path) == 1}
    if not total or len(named) < len(strange) or not all(names_body(name) for name, _, _ in named.values()):
        return columns
    return [_of_body(column, *named[column.index]) if column in strange else column for column in columns]


def _of_body(column: Column, name: str, year: int | None, unit: str) -> Column:
    """A column under the name of a body, which may have a unit in brackets behind it."""
    return replace(column, kind="amount", key=body_key(name), year=year, unit=unit)


def _divided(column: Column, panel: Panel) -> set[str]:
    """The keys of what a column of words that only divide divides: the total, and what it stands under; '' for others.

    Words that also head amounts (本年预算) divide only where no other word stands below them.
    """
    words = [common_words.header_key(word) for word in column.path]
    groups = [word for word in words[:-1] if word not in common_words.amount_words()]
    if not panel.aside_words.intersection([*groups, *words[-1:]]):
        return {""}
    return {"total"} | {panel.column_words[word] for word in words[:-1] if word in panel.column_words}


def without_twins(columns: list[Column], panel: Panel) -> list[Column]:
    """Two columns of one meaning have none: nobody can say which of them counts.

    But beside a 合计 those under words that also divide it (本年预算 beside 上年结转) are set aside.
    """
    meanings = Counter((column.key, column.measure) for column in columns if column.kind == "amount")
    twins = [c for c in columns if c.kind == "amount" and meanings[c.key, c.measure] > 1]
    wholes = {(c.key, c.measure) for c in twins if lowest_word(c.path) in common_words.total_words()}
    parts = [c for c in twins if (c.key, c.measure) in wholes and lowest_word(c.path) in panel.aside_words]
    if parts:
        return without_twins([replace(c, kind="aside") if c in parts else c for c in columns], panel)
    return [
        replace(column, kind="unknown")
        if meanings[column.key, column.measure] > 1 and column.kind == "amount"
        else column
        for column in columns
    ]


def measures_by_year(columns: list[Column], panel: Panel) -> list[Column]:
    """Of two columns that differ by the year in their heading only, the earlier is last year's.

    What is none of amounts by its nature (which fund pays, quantities) is of this year only.
    """
    years = {column.year for column in columns if column.year and column.kind == "amount"}
    if len(years) < 2:
        return columns
    latest = max(year for year in years if year)
    columns = [
        replace(column, kind="aside")
        if column.year and column.year < latest and column.measure in panel.measures
        else column
        for column in columns
    ]
    return [
        replace(column, measure="previous")
        if column.year and column.year < latest and column.measure == "amount"
        else column
        for column in columns
    ]
