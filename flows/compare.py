"""What changed between two releases of a year, and why: figures, bodies, files, corrections, definitions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.errors import InputError
from expectations.schema import Table, allowed_values, tables, tables_of
from flows.provenance import DEFINITION_TITLES
from flows.readback import published_frame, run_of
from flows.summary import in_wan

CURRENT = "current"
MOST_SHOWN = 200
BODY = ["scope", "department_code", "department_name", "unit_code", "unit_name"]
STANDINGS = {"sent": "已报送", "missing": "缺报", "withheld": "暂不汇总", "counted": "计入汇总"}
VALUES = ["before", "after"]


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
    yield f"{year}年：{before.name} → {after.name}"
    figures = [line for table in tables_of("county") for line in _changed_figures(before, after, table)]
    yield from _section("全县数字", figures, "没有变化。")
    yield from _section("原因：单位", [*_bodies(before, after)], "各单位的情况没有变化。")
    yield from _section("原因：报送文件", [*_files(before, after)], "报送文件没有变化。")
    yield from _section("原因：更正、豁免和设置", [*_amendments(before, after)], "没有变化。")
    yield from _section("原因：程序和定义", [*_definitions(before, after)], "没有变化。")


def _chosen(output: Path, year: int, asked: Sequence[str]) -> tuple[Kept, Kept]:
    shelf = output / "releases" / str(year)
    numbers = sorted(int(path.name) for path in shelf.glob("*") if path.name.isdigit())
    if len(asked) not in (0, 2):
        raise InputError(
            "请给出两次发布的序号，如 county-budget compare 2020 1 current；都不给则比较最近两次。"
        )
    if not asked and not numbers:
        raise InputError(f"{output} 中 {year} 年只发布过一次，没有可比较的前一次成果。")
    names = asked or (str(numbers[-1]), CURRENT)
    one, other = (_kept(output, year, name) for name in names)
    return one, other


def _kept(output: Path, year: int, name: str) -> Kept:
    if name == CURRENT:
        return Kept("现行成果", output / str(year), run_of(output / str(year)))
    if not name.isdigit():
        raise InputError(
            f"“{name}”不是发布序号。请写 {output / 'releases' / str(year)} 中的数字，或 {CURRENT}。"
        )
    folder = output / "releases" / str(year) / name
    return Kept(f"第 {name} 次成果", folder, run_of(folder))


def _section(title: str, lines: Sequence[str], none: str) -> Iterator[str]:
    yield f"{title}{f'（{len(lines)} 处）' if lines else ''}"
    yield from (f"  {line}" for line in lines[:MOST_SHOWN] or [none])
    if len(lines) > MOST_SHOWN:
        yield f"  另有 {len(lines) - MOST_SHOWN} 处"


def _changed_figures(before: Kept, after: Kept, table: Table) -> Iterator[str]:
    """Every row of a county table whose net figure changed, with the bodies whose own figures changed in it."""
    amount = "net_yuan" if "net_yuan" in table.column_names else "elimination_yuan"
    if not table.adds or amount not in table.column_names:
        return
    changed = _apart(before.frame(table), after.frame(table), list(table.key), amount)
    for row in changed.to_dict("records"):
        yield f"{table.title} {_named(table, row)}：{_amounts(row)}"
    if len(changed) and table.level_column == "" and table.made_of:
        yield from (
            f"  其中 {line}" for line in _behind(before, after, tables()[table.made_of[0]], table.adds)
        )


def _behind(before: Kept, after: Kept, source: Table, amount: str) -> Iterator[str]:
    """The bodies whose sum in a standard table changed."""
    if amount not in source.column_names:
        return
    for row in _apart(before.frame(source), after.frame(source), BODY, amount).to_dict("records"):
        yield f"{_body(row)}：{_amounts(row)}"


def _apart(one: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str], amount: str) -> pd.DataFrame:
    """The sums by key that differ between two frames; a key that one of them lacks counts 0 there."""
    sums = [
        frame.assign(**{key: frame[key].astype("string").fillna("") for key in keys})
        .groupby(list(keys))[amount]
        .sum()
        .rename(name)
        for frame, name in ((one, "before"), (other, "after"))
    ]
    both = pd.concat(sums, axis=1).fillna(0).astype("int64").sort_index()
    return both[both["before"] != both["after"]].reset_index()


def _named(table: Table, row: Mapping[Any, Any]) -> str:
    values = [
        allowed_values(table.column(name)).get(row[name], row[name])
        for name in table.key
        if name != "fiscal_year"
    ]
    return " ".join(str(value) for value in values if value) or "合计"


def _amounts(row: Mapping[Any, Any]) -> str:
    before, after = (int(row[name]) for name in VALUES)
    sign = "+" if after > before else "-"
    return f"{in_wan(before)} → {in_wan(after)} 万元（{sign}{in_wan(abs(after - before))}）"


def _body(row: Mapping[Any, Any]) -> str:
    level = "unit" if row["scope"] == "unit" else "department"
    return " ".join(filter(None, (row[f"{level}_code"], row[f"{level}_name"])))


def _bodies(before: Kept, after: Kept) -> Iterator[str]:
    """Bodies that are new, gone, or stand otherwise than before."""
    one, other = (kept.coverage().set_index(BODY) for kept in (before, after))
    for key in sorted({*one.index, *other.index}):
        name = _body(dict(zip(BODY, key, strict=True)))
        if key not in one.index:
            yield f"{name}：新增"
        elif key not in other.index:
            yield f"{name}：不再出现"
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
        yield from (f"新增{title} {entry}" for entry in now if entry not in was)
        yield from (f"撤销{title} {entry}" for entry in was if entry not in now)
    if one.get("settings") != other.get("settings"):
        yield "设置（settings.toml）已改动"


def _entry(item: Mapping[str, Any]) -> str:
    """A correction or waiver without its line number, which changes when a line is put before it."""
    return " ".join(str(value) for name, value in item.items() if name != "row" and value not in ("", None))


def _definitions(before: Kept, after: Kept) -> Iterator[str]:
    was, now = before.run.get("version"), after.run.get("version")
    if was != now:
        yield f"程序版本 {was} → {now}"
    one, other = (kept.run.get("definitions", {}) for kept in (before, after))
    yield from (
        f"{DEFINITION_TITLES.get(name, name)}已改动"
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    )
