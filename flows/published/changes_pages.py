"""This year beside the last, as the county workbook shows it and the page tells it: what can be compared, and its change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from expectations.saying import Messages
from expectations.schema import Column, allowed_values, tables
from flows.published.official_forms import UNCLASSIFIED
from flows.published.official_order import in_official_order
from flows.published.release import Frames
from flows.published.sheet_page import Heading, Page, Row, less, sheet_name, total_of
from flows.trace import ITEM_SOURCES
from transforms.year_on_year import YEARS, with_changes

say = Messages(__file__)

BY_ITEM, BY_FUNCTION, BY_BODY = CHANGES = (
    "county_changes_by_item",
    "county_changes_by_function",
    "county_changes_by_body",
)
COMPARABLE = [f"comparable_{name}" for name in YEARS]
WIDTHS = {
    "subject": 22,
    "item_name": 32,
    "function_code": 14,
    "function_name": 38,
    "last_codes": 14,
    "department_code": 12,
    "department_name": 28,
    "unit_code": 12,
    "unit_name": 28,
    "measure": 12,
    "standing": 13,
}
TOTAL = "合计"

Totals = Mapping[int, Sequence[int]]


def changes_pages(frames: Frames) -> list[Page]:
    """By item, by function and by body; none without a year before."""
    return [_by_item(frames), _by_function(frames), _by_body(frames)] if len(frames[BY_ITEM]) else []


def same_bodies(frames: Frames) -> bool:
    """Whether both years count the same bodies, so that whole sums can be compared."""
    types = frames[BY_ITEM][frames[BY_ITEM]["subject"] == "spending_type"]
    whole, alike = (types[names].astype("Int64").fillna(0).to_numpy() for names in (YEARS, COMPARABLE))
    return bool((whole == alike).all())


def compared_sentence(frames: Frames) -> str:
    """Whose figures are compared."""
    year = int(frames[BY_ITEM]["fiscal_year"].iloc[0]) - 1
    if same_bodies(frames):
        return say("same_bodies", year=year)
    bodies = frames[BY_BODY]
    standing = bodies.loc[bodies["measure"] == "expenditure", "standing"].value_counts()
    return say("other_bodies", year=year, new=standing.get("new", 0), gone=standing.get("gone", 0))


def _by_item(frames: Frames) -> Page:
    """What either year has of each item, in the order of the official forms; each subject ends with its sum."""
    frame = frames[BY_ITEM]
    frame = frame[frame[YEARS].fillna(0).any(axis=1)]
    parts, totals, length = [], {}, 0
    for subject, (table, column) in ITEM_SOURCES.items():
        item = tables()[table].column(column).model_copy(update={"name": "item"})
        part = in_official_order(frame[frame["subject"] == subject], [item])
        if len(part):
            totals[length + len(part)] = range(length, length + len(part))
            parts += [part, _sum(part).assign(subject=subject, item_name=TOTAL)]
            length += len(part) + 1
    return _page(frames, BY_ITEM, ("subject", "item_name"), pd.concat(parts), totals)


def _by_function(frames: Frames) -> Page:
    """Each function code once, below its parent; what has no code at the end, then the county."""
    frame = frames[BY_FUNCTION]
    code, level = frame["function_code"].fillna(""), frame["function_level"]
    own = (code.str.len() == 2 * level + 1) | ((code == "") & (level == 1))
    named = frame.assign(last=code == "", function_name=frame["function_name"].mask(code == "", UNCLASSIFIED))
    frame = named[own].sort_values(["last", "function_code"], kind="stable")
    depths = [int(level) - 1 for level in frame["function_level"]]
    tops = [i for i, depth in enumerate(depths) if not depth]
    rows = pd.concat([frame, _sum(frame.iloc[tops]).assign(function_code=TOTAL)])
    page = _page(
        frames, BY_FUNCTION, ("function_code", "function_name", "last_codes"), rows, {len(frame): tops}
    )
    return replace(page, indents=[*depths, 0])


def _by_body(frames: Frames) -> Page:
    """Every measure of every body, the bodies in the order in which it is told who sent what."""
    names = ("department_code", "department_name", "unit_code", "unit_name", "measure", "standing")
    columns = [tables()[BY_BODY].column(name) for name in names]
    rows = in_official_order(frames[BY_BODY], columns)
    return replace(_page(frames, BY_BODY, names, rows, {}), listing=True)


def _page(frames: Frames, name: str, labels: Sequence[str], rows: pd.DataFrame, totals: Totals) -> Page:
    """Labels, both years, and the change of what can be compared: of all, or of the bodies that both years count.

    `totals`: the rows that are sums, each with the rows that it adds up.
    """
    table = tables()[name]
    columns = [table.column(label) for label in labels]
    apart = COMPARABLE[0] in rows and not same_bodies(frames)
    headings = [Heading(column.title, width=WIDTHS[column.name]) for column in columns]
    amounts = [*YEARS, *COMPARABLE] if apart else YEARS
    first, change = len(columns), len(columns) + len(amounts)
    added = [total_of(parts, total, range(first, change)) for total, parts in totals.items()]
    sums = dict(place for places in added for place in places)
    return Page(
        sheet_name(table.title),
        table.title,
        [*headings, *_headings("comparable" if apart else "change")],
        _rows(rows, columns, amounts),
        strong=frozenset(totals),
        sums=sums | dict(less(range(len(rows)), change - 2, change - 1, change)),
        remarks=(say("note", sentence=compared_sentence(frames)),),
    )


def _headings(compared: str) -> list[Heading]:
    *amounts, rate = "、".join([say("years"), say(compared)]).split("、")
    return [*(Heading(title, "money") for title in amounts), Heading(rate, "percent", 18)]


def _rows(rows: pd.DataFrame, columns: Sequence[Column], amounts: Sequence[str]) -> list[Row]:
    titles = [rows[column.name].astype(object).replace(allowed_values(column)) for column in columns]
    changes = with_changes(rows[[*amounts[-2:]]].set_axis(YEARS, axis=1))[["change_yuan", "change_percent"]]
    shown = [*titles, *(rows[name] for name in amounts), *(changes[name].round(4) for name in changes)]
    listed = [values.astype(object).where(values.notna(), None) for values in shown]
    return [list(row) for row in zip(*listed, strict=True)]


def _sum(rows: pd.DataFrame) -> pd.DataFrame:
    """One row with the sums of both years; blank where no row states any."""
    names = [name for name in (*YEARS, *COMPARABLE) if name in rows]
    return rows[names].astype("Int64").sum(min_count=1).to_frame().T
