"""What goes back to each body with open errors or warnings: its own workbook marked, and a letter."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations.messages import in_unit
from expectations.settings import NoticeSettings
from expectations.waivers import RULE as WAIVER
from flows.amendments import file_owners
from flows.marking import marked
from flows.package import KINDS, LINKS, MAIN, TYPES, UnmarkableError, zipped
from flows.resubmission import Resubmission
from flows.review import Entry, marks, review_sheet
from flows.tablefiles import write_csv
from flows.told import told
from transforms.evidence import Evidence
from transforms.submissions import Inputs

FAULTY = ("error", "warning")
RANK = {"error": 0, "warning": 1, "info": 2}
GATE_RANK = {"body": 0, "table": 1, "none": 2}
UNKNOWN = "待确认单位"
LETTER, INQUIRY, REMINDER = "退回修改通知.docx", "核实通知.docx", "催报通知.docx"
CHANGES = "重报对比.csv"
MARKED, SEPARATE = "（已标注）", "（审核意见）"
MARKABLE = frozenset({".xlsx", ".xlsm"})
YUAN = re.compile(r"-?\d+\.\d{2}")
FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_BLANK_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="1"><xf xfId="0"/></cellXfs></styleSheet>'
)
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Notice:
    """What one body gets back. `files`: its workbooks by name; `changes`: what a resubmission changed."""

    folder: str
    body: str
    year: int
    entries: tuple[Entry, ...]
    files: Mapping[str, Path]
    bureau: str
    deadline: str
    remarks: tuple[str, ...] = ()
    changes: pa.Table | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Marked:
    """A workbook to send back under its name; `why_not`: why the cells of the original are not marked."""

    name: str
    content: bytes
    why_not: str = ""


def write_notices(notices: Iterable[Notice], folder: Path) -> None:
    """Write every notice into its folder."""
    for notice in notices:
        target = folder / notice.folder
        target.mkdir(parents=True)
        if notice.changes is not None:
            write_csv(notice.changes, target / CHANGES)
        if notice.entries:
            _write_return(notice, target)


def _write_return(notice: Notice, target: Path) -> None:
    from flows.letter import Letter, letter_bytes  # python-docx: `check` writes no letter and need not wait

    books = workbooks_back(notice)
    for book in books:
        (target / book.name).write_bytes(book.content)
    reasons = [
        f"《{book.name}》：{book.why_not}，未能在原表上标注，审核意见另列。" for book in books if book.why_not
    ]
    letter = Letter(
        notice.body,
        notice.year,
        notice.bureau,
        notice.deadline,
        notice.entries,
        [book.name for book in books],
        (*notice.remarks, *reasons),
    )
    name = REMINDER if letter.only_missing else LETTER if letter.has_errors else INQUIRY
    (target / name).write_bytes(letter_bytes(letter))


def workbooks_back(notice: Notice) -> list[Marked]:
    """Every workbook of the body that an entry speaks of, marked; all of them carry what concerns the whole."""
    general = [entry for entry in notice.entries if entry.file not in notice.files]
    books: list[Marked] = []
    for name, path in notice.files.items():
        here = [entry for entry in notice.entries if entry.file == name]
        if here or (general and len(notice.files) == 1):
            books.append(_workbook_back(notice, path, here, general, {book.name for book in books}))
    return books


def _workbook_back(
    notice: Notice, path: Path, here: Sequence[Entry], general: Sequence[Entry], taken: set[str]
) -> Marked:
    listed = sorted([*here, *general], key=lambda entry: entry.number)
    elsewhere = len(notice.entries) - len(listed)
    note = f"另有 {elsewhere} 条意见在其他文件中。" if elsewhere else ""
    first = review_sheet(f"{notice.body}{notice.year}年部门预算", listed, note)
    try:
        if path.suffix.lower() not in MARKABLE:
            raise UnmarkableError(f"原文件为 {path.suffix} 格式")
        content = marked(path.read_bytes(), marks(here), first)
    except UnmarkableError as error:
        name = _free(f"{path.stem}{SEPARATE}.xlsx", taken)
        return Marked(name, marked(_blank_workbook(), [], first), str(error))
    return Marked(_free(f"{path.stem}{MARKED}{path.suffix}", taken), content)


def _free(name: str, taken: set[str]) -> str:
    stem, dot, suffix = name.rpartition(".")
    names = (name if n == 1 else f"{stem}{n}{dot}{suffix}" for n in range(1, len(taken) + 2))
    return next(each for each in names if each not in taken)


def _blank_workbook() -> bytes:
    """A workbook to which only the first sheet is wanting."""
    types = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_BOOK_TYPE}.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("styles", "styles"))
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": _link("officeDocument", "/xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets/></workbook>',
        "xl/_rels/workbook.xml.rels": _link("styles", "/xl/styles.xml"),
        "xl/styles.xml": _BLANK_STYLES,
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def _link(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{LINKS}"><Relationship Id="rId1" Type="{KINDS}/{kind}" Target="{target}"/>'
        "</Relationships>"
    )


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Whose:
    """The bodies, the body of each file, and the unit of the form by (file, sheet, cell) of cells that findings name."""

    bodies: pd.DataFrame
    owners: Mapping[str, str]
    units: Mapping[tuple[str, str, str], str]


def whose(evidence: Evidence) -> Whose:
    """The same of evidence that is held as a whole."""
    places = evidence.facts[["file", "sheet", "cell", "unit"]].drop_duplicates(["file", "sheet", "cell"])
    units = {(file, sheet, cell): unit for file, sheet, cell, unit in places.itertuples(index=False)}
    return Whose(evidence.bodies, file_owners(evidence), units)


def notices_of(
    findings: pd.DataFrame,
    whose: Whose,
    inputs: Inputs,
    settings: NoticeSettings,
    as_of: date,
    resubmissions: Sequence[Resubmission] = (),
) -> tuple[Notice, ...]:
    """The notices of a year, one for every body with an open finding of severity error or warning.

    That a waiver lapsed concerns the bureau alone: the finding it covered is open again, and is told.
    A body that sent again gets what that changed, too, even where nothing is left to mend. `as_of`: the day; a
    body's own due date on the roster counts where it has not passed.
    """
    open_ = findings[(findings["state"] == "open") & (findings["rule_id"] != WAIVER)]
    faulty = set(open_.loc[open_["severity"].isin(FAULTY), "body_id"])
    chosen = open_[open_["body_id"].isin(faulty)]
    known = {row["body_id"]: row for row in whose.bodies.to_dict("records")}
    files_of: dict[str, dict[str, Path]] = {}
    for file in inputs.files:
        files_of.setdefault(whose.owners.get(file.name, ""), {})[file.name] = file.path
    again = {each.body_id: each for each in resubmissions}
    groups: dict[str, list[Row]] = {}
    for row in chosen.fillna("").to_dict("records"):
        groups.setdefault(row["body_id"], []).append({str(key): value for key, value in row.items()})
    made: list[Notice] = []
    taken: set[str] = set()
    for body_id in sorted({*groups, *again}):
        body = known.get(body_id, {})
        entries = entries_of(groups.get(body_id, []), whose.units)
        resubmission = again.get(body_id)
        name = str(body.get("unit_name") or body.get("department_name") or UNKNOWN)
        made.append(
            Notice(
                folder=_free_folder(folder_name(body), taken),
                body=name,
                year=inputs.year,
                entries=entries,
                files=files_of.get(body_id, {}),
                bureau=settings.bureau,
                deadline=deadline(settings, str(body.get("due") or ""), as_of),
                remarks=(resubmission.sentence,) if resubmission else (),
                changes=resubmission.table() if resubmission else None,
            )
        )
    return tuple(made)


def folder_name(body: Mapping[Any, Any]) -> str:
    """The folder of a body's notice: `<code>_<name>`, without what a file system does not take."""
    level = "unit" if body.get("scope") == "unit" else "department"
    parts = [str(body.get(f"{level}_{part}") or "") for part in ("code", "name")]
    return FORBIDDEN.sub("", "_".join(part for part in parts if part)).strip(" .") or UNKNOWN


def _free_folder(name: str, taken: set[str]) -> str:
    """The name or, where it is taken, the next one that is free; taken from now on."""
    names = (name if n == 1 else f"{name}_{n}" for n in range(1, len(taken) + 2))
    free = next(each for each in names if each not in taken)
    taken.add(free)
    return free


def deadline(settings: NoticeSettings, due: str, as_of: date) -> str:
    """By when to send again, as the letter says it.

    >>> deadline(NoticeSettings(), "", date(2020, 1, 2))
    '自收到本通知之日起10个工作日内'
    >>> deadline(NoticeSettings(), "2020-02-28", date(2020, 1, 2))
    '于2020年2月28日前'
    """
    day = settings.due or (date.fromisoformat(due) if due else None)
    if day is None or (settings.due is None and day < as_of):
        return f"自收到本通知之日起{settings.working_days}个工作日内"
    return f"于{day.year}年{day.month}月{day.day}日前"


def entries_of(findings: Sequence[Row], units: Mapping[tuple[str, str, str], str]) -> tuple[Entry, ...]:
    """Findings of one body in order of weight, each root followed by what it causes.

    `units`: unit of the form by (file, sheet, cell); amounts without one stay in yuan.
    """
    rows = told(findings)
    by_id = {row["finding_id"]: row for row in rows}
    caused: dict[str, int] = {}
    for row in rows:
        caused[row["root_finding_id"]] = caused.get(row["root_finding_id"], 0) + 1

    def weight(row: Mapping[str, Any]) -> tuple[Any, ...]:
        size = float(row["difference"]) if YUAN.fullmatch(row["difference"]) else 0.0
        return (
            RANK[row["severity"]],
            GATE_RANK[row["gate"]],
            -caused.get(row["finding_id"], 0),
            bool(row["difference"]),
            -abs(size),
            row["finding_id"],
        )

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        root = by_id.get(row["root_finding_id"], row)
        return (weight(root), row is not root, weight(row))

    rows.sort(key=order)
    numbers = {row["finding_id"]: number for number, row in enumerate(rows, start=1)}
    return tuple(
        replace(
            _entry(row, units),
            number=numbers[row["finding_id"]],
            cause=numbers.get(row["root_finding_id"], 0)
            if row["root_finding_id"] != row["finding_id"]
            else 0,
        )
        for row in rows
    )


def _entry(row: Mapping[str, Any], units: Mapping[tuple[str, str, str], str]) -> Entry:
    cells = tuple(str(row["cell"]).split())
    # Only comparisons state yuan; what reading found is told as the cell prints it.
    compared = bool(cells) and YUAN.fullmatch(row["difference"])
    unit = units.get((row["file"], row["sheet"], cells[0])) if compared else None
    return Entry(
        number=0,
        rule_id=row["rule_id"],
        severity=row["severity"],
        gate=row["gate"],
        file=row["file"],
        sheet=row["sheet"],
        cells=cells,
        found=_in_unit(row["found"], unit),
        expected=_in_unit(row["expected"], unit),
        difference=_in_unit(row["difference"], unit),
        message=row["message"],
    )


def _in_unit(text: str, unit: str | None) -> str:
    """An amount of yuan as its form states it; other text as it is.

    >>> _in_unit("58700.00", "万元"), _in_unit("十二万", "元"), _in_unit("58700.00", None)
    ('5.87 万元', '十二万', '58700.00')
    """
    return in_unit(int(text.replace(".", "")), unit) if unit and YUAN.fullmatch(text) else text
