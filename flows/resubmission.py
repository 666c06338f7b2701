"""What a body's new submission changes against the one before: cells, findings, and its share of the county."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations.messages import in_unit
from expectations.saying import Messages
from expectations.waivers import RULE as WAIVER
from transforms.evidence import Evidence, assemble
from transforms.read import REVIEW_REASON, FileReading
from transforms.submissions import Inputs, SourceFile

say = Messages(__file__)

FAULTY = ("error", "warning")
SUMS = {"收入": "income", "支出": "expenditure_by_type"}
COLUMNS = ("类别", "文件", "工作表", "单元格", "上次", "本次", "规则", "说明")
CELL_KEY = ["file", "sheet", "cell"]
FINDING_KEY = ["rule_id", *CELL_KEY]


@dataclass(frozen=True)
class Resubmission:
    """One body's submission against the one before it.

    `cells`: changed cells with `before` and `after`. `mended`, `new`, `remaining`: findings of severity error or
    warning, with what stood and stands in their cells; `unchecked`: those of a file that can no longer be read.
    `readable`: something that was sent can be; `whole`: everything could be read both times. `sums`: what the body
    adds to the county before and after, in 分, by side.
    """

    body_id: str
    number: int
    previous: int
    identical: bool
    cells: pd.DataFrame
    mended: pd.DataFrame
    new: pd.DataFrame
    remaining: pd.DataFrame
    unchecked: pd.DataFrame
    readable: bool
    whole: bool
    sums: Mapping[str, tuple[int, int]]

    @property
    def sentence(self) -> str:
        """What the letter and the report say first."""
        if self.identical:
            return say("same_files", number=self.number, previous=self.previous)
        if not self.readable:
            return say("unreadable", number=self.number, previous=self.previous, count=len(self.unchecked))
        if self.cells.empty and self.whole:
            return say("same_content", number=self.number, previous=self.previous)
        apart = "" if self.whole else say("readable_only")
        unchecked = say("of_unreadable", count=len(self.unchecked)) if len(self.unchecked) else ""
        return say(
            "compared",
            number=self.number,
            previous=self.previous,
            cells=len(self.cells),
            apart=apart,
            mended=len(self.mended),
            remaining=len(self.remaining),
            new=len(self.new),
            unchecked=unchecked,
        )

    def described(self) -> dict[str, Any]:
        """What `run.json` says of it; amounts in yuan."""
        return {
            "body_id": self.body_id,
            "submission": self.number,
            "previous": self.previous,
            "identical": self.identical,
            "changed_cells": len(self.cells),
            "mended": len(self.mended),
            "remaining": len(self.remaining),
            "new": len(self.new),
            "unchecked": len(self.unchecked),
            "published_yuan": {
                SUMS[side]: [f"{amount / 100:.2f}" for amount in amounts]
                for side, amounts in self.sums.items()
            },
        }

    def table(self) -> pa.Table:
        """The report `重报对比.csv`, a row per cell and finding."""
        rows = [
            (say("conclusion"), "", "", "", "", "", "", self.sentence),
            *(
                (say("share", side=side), "", "", "", _wan(before), _wan(after), "", _effect(before, after))
                for side, (before, after) in self.sums.items()
            ),
            *(
                (say("cell"), row["file"], row["sheet"], row["cell"], row["before"], row["after"], "", "")
                for row in self.cells.to_dict("records")
            ),
            *_finding_rows(say("mended"), self.mended),
            *_finding_rows(say("remaining"), self.remaining),
            *_finding_rows(say("new"), self.new),
            *_finding_rows(say("unchecked"), self.unchecked),
        ]
        values = [list(column) for column in zip(*rows, strict=True)]
        return pa.table([pa.array(column, pa.string()) for column in values], names=list(COLUMNS))


def _effect(before: int, after: int) -> str:
    difference = after - before
    if not difference:
        return say("same")
    return f"{'增加' if difference > 0 else '减少'} {_wan(abs(difference))}"


def _wan(amount: int) -> str:
    return in_unit(amount, "万元")


def _finding_rows(kind: str, findings: pd.DataFrame) -> list[tuple[str, ...]]:
    names = (*CELL_KEY, "before", "after", "rule_id", "message")
    return [(kind, *(row[name] for name in names)) for row in findings.to_dict("records")]


@dataclass(frozen=True)
class State:
    """Bodies as they stand with one submission of each: cells, the body of each file, findings, published standard tables."""

    cells: pd.DataFrame
    owners: Mapping[str, str]
    findings: pd.DataFrame
    published: Mapping[str, pd.DataFrame]


def compare_resubmissions(
    inputs: Inputs,
    now: State,
    read: Callable[[Sequence[SourceFile]], list[FileReading]],
    judge: Callable[[Evidence], State],
) -> tuple[Resubmission, ...]:
    """Every body that sent again, against its submission before.

    `read` reads files, `judge` checks evidence: each department with a body that sent again is judged once more as it
    stood before, so that what one body's forms say of another's counts too. Nothing is done where nobody sent again.
    """
    earlier = _latest(inputs.superseded)
    if not earlier:
        return ()
    folders = {file.folder for file in earlier}
    kept = [file for file in inputs.files if file.folder not in folders]
    files = tuple(sorted([*kept, *earlier], key=lambda file: file.name))
    former = replace(inputs, files=files, superseded=())
    before = judge(assemble(read(files), former))
    return tuple(
        _compare(folder, [file for file in inputs.files if file.folder == folder], earlier, before, now)
        for folder in sorted(folders)
    )


def _latest(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Of each folder's superseded files those of the last submission."""
    latest: dict[str, int] = {}
    for file in files:
        latest[file.folder] = max(latest.get(file.folder, 0), file.submission)
    return [file for file in files if file.submission == latest[file.folder]]


def _compare(
    folder: str, files: Sequence[SourceFile], earlier: Sequence[SourceFile], before: State, now: State
) -> Resubmission:
    older = [file for file in earlier if file.folder == folder]
    renamed = _pairs(older, files)
    body_id = _owner(files, now)
    cells = _renamed(_cells(before, older), renamed), _cells(now, files)
    unread = {file.name for file in files} - set(cells[1]["file"])
    not_read = {renamed.get(file.name, file.name) for file in older} - set(cells[0]["file"])
    was = _renamed(_findings(before, _owner(older, before)), renamed)
    both = was.merge(
        _findings(now, body_id), on=FINDING_KEY, how="outer", indicator=True, suffixes=("_was", "")
    )
    both = _with_texts(both, *cells)
    known, lost = both["_merge"].astype(str), both["file"].isin(unread)
    gone = both.assign(message=both["message"].where(known != "left_only", both["message_was"]))
    return Resubmission(
        body_id,
        files[0].submission,
        older[0].submission,
        sorted(file.sha256 for file in files) == sorted(file.sha256 for file in older),
        _changed_cells(*(rows[~rows["file"].isin(unread | not_read)] for rows in cells)),
        mended=gone[(known == "left_only") & ~lost],
        new=both[known == "right_only"],
        remaining=both[known == "both"],
        unchecked=gone[(known == "left_only") & lost],
        readable=len(unread) < len(files),
        whole=not unread | not_read,
        sums={
            side: (_sum(before, table, _owner(older, before)), _sum(now, table, body_id))
            for side, table in SUMS.items()
        },
    )


def _renamed(rows: pd.DataFrame, renamed: Mapping[str, str]) -> pd.DataFrame:
    """Rows of the older files under the names of those that stand in their place."""
    return rows.assign(file=rows["file"].map(renamed).fillna(rows["file"]))


def _with_texts(findings: pd.DataFrame, was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The findings with what stood and what stands in their cells; of those without a cell what they say was found."""
    shown = findings
    for cells, name in ((was, "before"), (now, "after")):
        shown = shown.merge(
            cells.rename(columns={"raw": name}), on=CELL_KEY, how="left", validate="many_to_one"
        )
    whole = shown["cell"] == ""
    return shown.assign(
        before=shown["before"].mask(whole, shown["found_was"]).fillna(""),
        after=shown["after"].mask(whole, shown["found"]).fillna(""),
    )


def _pairs(older: Sequence[SourceFile], files: Sequence[SourceFile]) -> dict[str, str]:
    """Which file stands in the place of which older one: a single one does, else the one of the same name."""
    if len(older) == len(files) == 1:
        return {older[0].name: files[0].name}
    by_name = {file.title: file.name for file in files}
    return {file.name: by_name[file.title] for file in older if file.title in by_name}


def _owner(files: Sequence[SourceFile], state: State) -> str:
    return next((state.owners[file.name] for file in files if state.owners.get(file.name)), "")


def _findings(state: State, body_id: str) -> pd.DataFrame:
    """The body's open errors and warnings, those of one rule and cell once."""
    findings = state.findings
    mine = (findings["body_id"] == body_id) & (findings["state"] == "open") & (findings["rule_id"] != WAIVER)
    chosen = findings[mine & findings["severity"].isin(FAULTY)]
    return chosen[[*FINDING_KEY, "found", "expected", "message"]].drop_duplicates(FINDING_KEY)


def _cells(state: State, files: Sequence[SourceFile]) -> pd.DataFrame:
    cells = state.cells
    chosen = cells["file"].isin([file.name for file in files]) & (cells["reason"] != REVIEW_REASON)
    return cells.loc[chosen, [*CELL_KEY, "raw"]].astype(object).drop_duplicates(CELL_KEY)


def _changed_cells(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The cells that differ, in the order of the sheet."""
    both = before.merge(after, on=CELL_KEY, how="outer", suffixes=("_was", "")).fillna("")
    changed = both[both["raw_was"] != both["raw"]]
    parted = changed["cell"].str.extract(r"(\D*)(\d*)")
    order = changed.assign(row=pd.to_numeric(parted[1]), wide=parted[0].str.len())
    changed = order.sort_values(["file", "sheet", "row", "wide", "cell"], kind="stable")[
        list(changed.columns)
    ]
    return changed.rename(columns={"raw_was": "before", "raw": "after"})


def _sum(state: State, table: str, body_id: str) -> int:
    frame = state.published[table]
    return int(frame.loc[frame["body_id"] == body_id, "amount_yuan"].sum())
