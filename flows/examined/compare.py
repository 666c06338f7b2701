"""What changed between two releases of a year, and why: figures, bodies, files, corrections, definitions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.errors import InputError
from expectations.relations import yuan
from expectations.saying import Messages
from expectations.schema import Table, allowed_values, tables_of
from flows.provenance import DEFINITION_TITLES, run_of
from flows.published.headline import in_wan
from flows.published.readback import published_frame
from flows.trace import made_of

say = Messages(__file__)

CURRENT = "current"
MOST_SHOWN, MOST_BODIES = 200, 5
FEN = 100
# The figure of a county table that is compared, the first it has.
FIGURES = ("net_yuan", "elimination_yuan", "indicator_count")
NAMES = ("item_name", "function_name", "economic_name")
BODY = ["scope", "department_code", "department_name", "unit_code", "unit_name"]
STANDINGS = {"sent": "已报送", "missing": "缺报", "withheld": "暂不汇总", "counted": "计入汇总"}


@dataclass(frozen=True)
class Kept:
    """One release of a year: its name for people, its folder, what its `run.json` says."""

    name: str
    folder: Path
    run: Mapping[str, Any]

    def frame(self, table: Table) -> pd.DataFrame:
        """A published table; without rows where the release does not have it."""
        try:
            return published_frame(self.folder, table)
        except FileNotFoundError:
            return pd.DataFrame(columns=list(table.column_names))

    def coverage(self) -> pd.DataFrame:
        """Who sent what, as text."""
        return pd.read_csv(self.folder / "coverage.csv", dtype=str, keep_default_na=False)


def compare(output: Path, year: int, asked: Sequence[str]) -> Iterator[str]:
    """Lines that say what changed from one release to the other: the last kept and the current unless named.

    Raises InputError where a release does not exist.
    """
    before, after = _chosen(output, year, asked)
    yield say("title", year=year, before=before.name, after=after.name)
    changes = [change for table in tables_of("county") for change in changed_figures(before, after, table)]
    figures = (_line(before, after, change) for change in changes[:MOST_SHOWN])
    yield from _section(say("county_figures"), len(changes), figures, say("same_figures"))
    for title, reasons, none in REASONS:
        lines = [*reasons(before, after)]
        yield from _section(say(title), len(lines), lines[:MOST_SHOWN], say(none))


def _chosen(output: Path, year: int, asked: Sequence[str]) -> tuple[Kept, Kept]:
    shelf = output / "releases" / str(year)
    numbers = sorted(int(path.name) for path in shelf.glob("*") if path.name.isdigit())
    if len(asked) not in (0, 2):
        raise InputError(say("two_numbers_wanted"))
    if not asked and not (output / str(year) / "run.json").is_file():
        raise InputError(say("no_release", output=output, year=year))
    if not asked and not numbers:
        raise InputError(say("only_release", output=output, year=year))
    names = asked or (str(numbers[-1]), CURRENT)
    one, other = (_kept(output, year, name) for name in names)
    return one, other


def _kept(output: Path, year: int, name: str) -> Kept:
    if name == CURRENT:
        return Kept(say("current_release"), output / str(year), run_of(output / str(year)))
    if not name.isdigit():
        raise InputError(say("no_number", text=name, folder=output / "releases" / str(year), current=CURRENT))
    folder = output / "releases" / str(year) / name
    return Kept(say("kept_release", number=name), folder, run_of(folder))


def _section(title: str, count: int, lines: Iterable[str], none: str) -> Iterator[str]:
    """A heading with how many there are, then those to be shown."""
    yield f"{title}{f'（{count} 处）' if count else ''}"
    yield from (f"  {line}" for line in (lines if count else [none]))
    if count > MOST_SHOWN:
        yield "  " + say("more", count=count - MOST_SHOWN)


@dataclass(frozen=True)
class Change:
    """A row of a county table whose figure changed: its key and name, the figure and its gross before and after."""

    table: Table
    key: Mapping[str, Any]
    name: str
    figure: tuple[int, int]
    gross: tuple[int, int]


def changed_figures(before: Kept, after: Kept, table: Table) -> Iterator[Change]:
    """The rows whose net figure changed; of the tables that compare two years, none: they repeat the others."""
    figure = next((name for name in FIGURES if name in table.column_names), "")
    if not figure:
        return
    gross = "gross_yuan" if "gross_yuan" in table.column_names else figure
    keys = list(table.key)
    frames = [kept.frame(table).set_index(keys) for kept in (before, after)]
    named = next((name for name in NAMES if name in table.column_names), "")
    names = {key: name for frame in frames for key, name in frame[named].items()} if named else {}
    one, other = (frame[[figure, gross]] for frame in frames)
    both = pd.concat([one, other], axis=1, keys=["before", "after"]).fillna(0).astype("int64").sort_index()
    for key, row in zip(both.index, both.itertuples(index=False), strict=True):
        was, was_gross, now, now_gross = row
        if was != now:
            name = str(names.get(key, ""))
            yield Change(table, dict(zip(keys, key, strict=True)), name, (was, now), (was_gross, now_gross))


def _line(before: Kept, after: Kept, change: Change) -> str:
    """A changed figure with the bodies that make it change."""
    was, now = change.figure
    text = f"{change.table.title} {_named(change)}：{_from_to(change.table, was, now)}"
    bodies = _bodies_behind(before, after, change)
    whole = sum(bodies.values()) == change.gross[1] - change.gross[0]
    names = [
        f"{name} {_signed(change.table, bodies[name])}" if whole and bodies[name] else name
        for name in sorted(bodies)[:MOST_BODIES]
    ]
    more = say("more_bodies", count=len(bodies)) if len(bodies) > MOST_BODIES else ""
    moved = "" if was - change.gross[0] == now - change.gross[1] else say("eliminations_moved")
    return text + moved + (say("concerned", names="、".join(names), more=more) if names else "")


def _bodies_behind(before: Kept, after: Kept, change: Change) -> dict[str, int]:
    """The bodies whose rows behind a figure changed, by name, each with the change of what it adds."""
    rows = [_rows_of_bodies(kept, change) for kept in (before, after)]
    names = {name for part in rows for name in part if rows[0].get(name) != rows[1].get(name)}
    return {name: sum(rows[1].get(name, ())) - sum(rows[0].get(name, ())) for name in names}


def _rows_of_bodies(kept: Kept, change: Change) -> dict[str, list[int]]:
    """What each body adds to a figure, row by row: 分, or 1 where rows are counted."""
    key = {name: _as_published(change.table, name, value) for name, value in change.key.items()}
    found: dict[str, list[int]] = {}
    try:
        parts = made_of(kept.folder, change.table, key)
    except InputError:
        return {}
    for source, rows in parts:
        added = change.table.adds if change.table.adds in source.column_names else ""
        for row in rows:
            amount = 1 if not added else int((row[added] or 0) * FEN)
            found.setdefault(_body(row), []).append(amount)
    return {name: sorted(amounts) for name, amounts in found.items()}


def _as_published(table: Table, name: str, value: Any) -> Any:
    """A value of a key as the published rows have it: amounts in yuan, blanks as none."""
    if value is pd.NA or value == "":
        return None
    return yuan(value) if table.column(name).type == "yuan" else value


def _named(change: Change) -> str:
    """What a row is about: its key in words and its name; codes of items are words of the program."""
    values = [
        say("from_amount", amount=in_wan(value))
        if change.table.column(name).type == "yuan"
        else allowed_values(change.table.column(name)).get(str(value), value)
        for name, value in change.key.items()
        if name not in ("fiscal_year", "item_code") and not name.endswith("_level") and value is not pd.NA
    ]
    return " ".join(str(value) for value in (*values, change.name) if value != "") or "合计"


def _from_to(table: Table, was: int, now: int) -> str:
    if not table.adds:
        return say("counts", was=was, now=now, change=_signed(table, now - was))
    return say("amounts", was=in_wan(was), now=in_wan(now), change=_signed(table, now - was))


def _signed(table: Table, change: int) -> str:
    text = in_wan(abs(change)) if table.adds else str(abs(change))
    return f"{'+' if change > 0 else '-'}{text}"


def _body(row: Mapping[Any, Any]) -> str:
    level = "unit" if row["scope"] == "unit" else "department"
    return " ".join(str(row[name]) for name in (f"{level}_code", f"{level}_name") if row[name])


def _bodies(before: Kept, after: Kept) -> Iterator[str]:
    """Bodies that are new, gone, or stand otherwise than before."""
    one, other = (kept.coverage().set_index(BODY) for kept in (before, after))
    for key in sorted({*one.index, *other.index}):
        name = _body(dict(zip(BODY, key, strict=True)))
        if key not in one.index:
            yield say("new_body", body=name)
        elif key not in other.index:
            yield say("body_gone", body=name)
        else:
            was, now = one.loc[key], other.loc[key]
            changes = [
                f"{title}{'是' if was[column] == 'true' else '否'}→{'是' if now[column] == 'true' else '否'}"
                for column, title in STANDINGS.items()
                if was[column] != now[column]
            ]
            if changes:
                yield f"{name}：{'，'.join(changes)}"


def _files(before: Kept, after: Kept) -> Iterator[str]:
    one, other = (_checksums(kept) for kept in (before, after))
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield f"{'新增' if name not in one else '撤去' if name not in other else '改动'} {name}"


def _checksums(kept: Kept) -> dict[str, str]:
    listed = [*kept.run.get("inputs", ()), *kept.run.get("bureau_files", ())]
    return {item["file"]: item["sha256"] for item in listed}


def _amendments(before: Kept, after: Kept) -> Iterator[str]:
    one, other = (kept.run.get("amendments", {}) for kept in (before, after))
    for part, title in (("corrections", "更正"), ("waivers", "豁免")):
        was, now = ([_entry(item) for item in run.get(part, ())] for run in (one, other))
        yield from (say("amendment_new", what=title, entry=entry) for entry in now if entry not in was)
        yield from (say("amendment_gone", what=title, entry=entry) for entry in was if entry not in now)
    if one.get("settings") != other.get("settings"):
        yield say("settings_changed")


def _entry(item: Mapping[str, Any]) -> str:
    """A correction or waiver without its line number, which changes when a line is put before it."""
    return " ".join(str(value) for name, value in item.items() if name != "row" and value not in ("", None))


def _definitions(before: Kept, after: Kept) -> Iterator[str]:
    was, now = before.run.get("version"), after.run.get("version")
    if was != now:
        yield say("version", was=was, now=now)
    one, other = (kept.run.get("definitions", {}) for kept in (before, after))
    yield from (
        say("definition_changed", what=DEFINITION_TITLES.get(name, name))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    )


# What may have changed a figure: the title, the lines that say so, and what is said where there is none.
REASONS: Sequence[tuple[str, Callable[[Kept, Kept], Iterator[str]], str]] = (
    ("of_bodies", _bodies, "same_bodies"),
    ("of_files", _files, "same_files"),
    ("of_amendments", _amendments, "same_amendments"),
    ("of_definitions", _definitions, "same_definitions"),
)
