"""The score card: planted defects against what the checks say. `python -m tests.score` writes docs/score.md.

The planter (`transforms/sample`) shares no code with the rules. A defect counts as found where a finding of its
severity by one of the rules named for it stands in its department; as located where the finding that leads most
others stands at a planted cell (for a code its row, for what concerns a whole form its sheet, for a file the file).
"""

import argparse
import csv
import math
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from expectations.reconcile import catalogue, reconcile
from expectations.surroundings import Surroundings
from flows.running.filereading import read_one
from transforms.evidence import Evidence, assemble
from transforms.sample import write_county
from transforms.sample.county import Workbook, department_workbooks
from transforms.sample.lists import settings
from transforms.sample.plan import plan_county
from transforms.sample.prose import EVENTS, last_year
from transforms.submissions import discover

YEAR = 2020
REPORT = Path(__file__).parents[1] / "docs" / "score.md"
SIZES = (
    (1_000, "不足 1 千元"),
    (10_000, "1 千至 1 万元"),
    (100_000, "1 万至 10 万元"),
    (math.inf, "10 万元以上"),
)
BAR_LOCATED = 0.95
LEAST_SHAPES = 3
THIRDS = 3
MORE_COUNTIES = 6
LEAST_CLEAN = 1_000
LEAST_ALIKE = 100
LOOKALIKES = {
    "rounding": "尾数相差一个显示单位",
    "business_income": "有事业收入，支出大于财政拨款",
    "institution_costs": "有事业单位，机关运行经费小于公用经费",
    "three_public_from_projects": "“三公”经费由项目支出负担",
    "undisclosed_projects": "部分项目没有绩效目标表",
}


@dataclass(frozen=True)
class Trial:
    """One planted defect and what was said of it; `size` in yuan, 0 where no amount is wrong.

    Of the errors said of its department: how many lead, how many there are, how many no rule named for it says.
    """

    kind: str
    shape: str
    size: float
    found: bool
    located: bool
    leads: int
    said: int
    foreign: int


@dataclass(frozen=True)
class Clean:
    """Bodies without a defect: how many, with which look-alikes, and the errors falsely said of them."""

    bodies: int
    alike: dict[str, int]
    false_errors: tuple[str, ...]


def read_county(folder: Path) -> Evidence:
    inputs = discover(folder, YEAR)
    return assemble([read_one(file) for file in inputs.files], inputs)


def checked(folder: Path, books: Sequence[Workbook]) -> pd.DataFrame:
    """The findings on a county, beside what was published of it the year before."""
    beside = Surroundings(earlier=published_before(books))
    return reconcile(read_county(folder), catalogue(), beside).findings


def published_before(books: Sequence[Workbook]) -> dict[str, pd.DataFrame]:
    """What last year's release says of 三公经费, income and spending: what this year's documents say of last year."""
    told = [(_key(book), last_year(book.prose)) for book in books if book.prose]
    rows = {
        "three_public": [
            {**key, "item": item, "amount_yuan": year[item]} for key, year in told for item in EVENTS
        ],
        "income": [
            {**key, "income_source": "unit_funds", "amount_yuan": year["income"]} for key, year in told
        ],
        "expenditure_by_type": [
            {**key, "spending_type": "unsplit", "amount_yuan": year["income"]} for key, year in told
        ],
    }
    return {name: pd.DataFrame(table) for name, table in rows.items()}


def _key(book: Workbook) -> dict[str, str]:
    return {
        "scope": "unit" if book.unit else "department",
        "department_code": book.department.code,
        "department_name": book.department.name,
        "unit_code": book.unit.code if book.unit else "",
        "unit_name": book.unit.name if book.unit else "",
    }


def _books(departments: int, units: int, seed: int) -> list[Workbook]:
    county = plan_county(departments, units)
    return [book for department in county for book in department_workbooks(department, YEAR, seed)]


def try_third(folder: Path, departments: int, units: int, seed: int) -> list[Trial]:
    """A county with a third of the kinds, by seed another one."""
    every = [kind["kind"] for kind in settings("defects")["kinds"]]
    return try_county(folder, departments, units, seed, every[seed % THIRDS :: THIRDS])


def try_county(
    folder: Path, departments: int, units: int, seed: int, only: Sequence[str] = ()
) -> list[Trial]:
    """A county with a defect, of the kinds `only`, in every department that has a place for one."""
    write_county(folder, YEAR, departments, seed, departments, units, only, documents=True)
    findings = checked(folder / str(YEAR), _books(departments, units, seed))
    with (folder / str(YEAR) / "defects.csv").open(encoding="utf-8", newline="") as file:
        return [_trial(row, findings) for row in csv.DictReader(file)]


def _trial(row: dict[str, str], findings: pd.DataFrame) -> Trial:
    kind = next(kind for kind in settings("defects")["kinds"] if kind["kind"] == row["kind"])
    severity = kind.get("severity", "warning" if row["gate"] == "none" else "error")
    own = findings[findings["department_code"] == row["department_code"]]
    rules = row["rule_id"].split()
    stated, errors = own[own["severity"] == severity], own[own["severity"] == "error"]
    leading = stated[stated["root_finding_id"] == ""]
    return Trial(
        row["kind"],
        row["shape"],
        abs(float(row["size_yuan"] or 0)),
        bool(stated["rule_id"].isin(rules).any()),
        any(_at(row, finding) for finding in _first_leads(leading, stated)),
        int((errors["root_finding_id"] == "").sum()),
        len(errors),
        int((~errors["rule_id"].isin(rules)).sum()),
    )


def _first_leads(leading: pd.DataFrame, stated: pd.DataFrame) -> list[dict[str, str]]:
    """The leading findings that most others follow."""
    follow = leading["finding_id"].map(stated["root_finding_id"].value_counts()).fillna(0)
    return leading[follow == follow.max()].to_dict("records")


def _at(row: dict[str, str], finding: dict[str, str]) -> bool:
    """Whether a finding stands where the defect was planted."""
    if row["named"] == "file" or not row["sheet"]:
        return finding["file"] in ("", row["file"])
    if (finding["file"], finding["sheet"]) != (row["file"], row["sheet"]):
        return False
    if row["named"] == "sheet":
        return True
    cells = row["changed"].split()
    if row["named"] == "row":
        return _line(finding["cell"]) in {_line(cell) for cell in cells[:1]}
    return finding["cell"] in cells


def _line(cell: str) -> str:
    return re.sub("[A-Z]", "", cell)


def try_clean(folder: Path, departments: int, units: int, seed: int) -> Clean:
    """A county without defects."""
    books = _books(departments, units, seed)
    write_county(folder, YEAR, departments, seed, units=units, documents=True)
    findings = checked(folder / str(YEAR), books)
    errors = findings[findings["severity"] == "error"]
    alike = {name: sum(name in book.lookalikes for book in books) for name in LOOKALIKES}
    return Clean(len(books), alike, tuple(errors["rule_id"] + " " + errors["message"]))


def score(counties: int, departments: int, units: int, clean: tuple[int, int]) -> tuple[list[Trial], Clean]:
    """Trials over several counties of different seeds, and one clean county."""
    trials: list[Trial] = []
    for seed in range(1, counties + 1):
        with tempfile.TemporaryDirectory() as folder:
            trials += try_third(Path(folder), departments, units, seed)
        print(f"county {seed} of {counties}: {len(trials)} defects so far", file=sys.stderr)
    for seed in range(counties + 1, counties + 1 + MORE_COUNTIES):
        if wanting := list(few_shapes(trials)):
            with tempfile.TemporaryDirectory() as folder:
                trials += try_county(Path(folder), departments, units, seed, wanting)
            print(f"county {seed}, for more shapes of {', '.join(wanting)}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        return trials, try_clean(Path(folder), *clean, seed=1)


def not_planted() -> list[str]:
    """The rules with errors that no kind of defect is meant for."""
    meant = {rule for kind in settings("defects")["kinds"] for rule in kind["rules"].split()}
    return [rule.id for rule in catalogue() if rule.severity == "error" and rule.id not in meant]


def few_shapes(trials: Sequence[Trial]) -> dict[str, int]:
    """The kinds planted in too few shapes of workbook, with how many they have."""
    kinds = [kind["kind"] for kind in settings("defects")["kinds"]]
    counts = {kind: len({trial.shape for trial in trials if trial.kind == kind}) for kind in kinds}
    return {kind: count for kind, count in counts.items() if count < LEAST_SHAPES}


def recall(trials: Sequence[Trial]) -> float:
    return sum(trial.found for trial in trials) / max(len(trials), 1)


def located(trials: Sequence[Trial]) -> float:
    return sum(trial.located for trial in trials) / max(len(trials), 1)


def precision(trials: Sequence[Trial], clean: Clean) -> float:
    """The share of findings at severity error that a planted defect accounts for."""
    said = sum(trial.said for trial in trials)
    return (said - sum(trial.foreign for trial in trials)) / max(said + len(clean.false_errors), 1)


def shortfalls(trials: Sequence[Trial], clean: Clean) -> list[str]:
    """The bars that are missed, a sentence each."""
    complaints = [f"没有发现：{t.kind}（{t.shape}，{t.size:,.2f} 元）" for t in trials if not t.found]
    complaints += [
        f"{kind} 只有 {count} 种版式，应有 {LEAST_SHAPES} 种" for kind, count in few_shapes(trials).items()
    ]
    complaints += [f"没有埋入 {rule} 所查的差错" for rule in not_planted()]
    complaints += [f"误报：{text}" for text in clean.false_errors]
    if located(trials) < BAR_LOCATED:
        complaints.append(f"定位率 {located(trials):.1%}，低于 {BAR_LOCATED:.0%}")
    if clean.bodies < LEAST_CLEAN:
        complaints.append(f"无错单位只有 {clean.bodies} 个")
    complaints += [f"{LOOKALIKES[name]}只有 {n} 个" for name, n in clean.alike.items() if n < LEAST_ALIKE]
    return complaints


def report(trials: Sequence[Trial], clean: Clean, day: date) -> str:
    """The score card as Markdown."""
    head = [
        "# 审核的成绩单",
        "",
        f"由 `make score` 于 {day.isoformat()} 生成。样本县由 `transforms/sample` 生成并埋入差错，它与审核规则没有共用的代码。",
        "",
        f"- 埋入差错 {len(trials)} 处，{len({t.kind for t in trials})} 种；发现 **{recall(trials):.1%}**，"
        f"定位 **{located(trials):.1%}**"
        "（主要意见所指的单元格就是埋入处；编码类以所在行、整表类以所在工作表、文件类以文件为准）。",
        f"- 查准率 {precision(trials, clean):.1%}（错误级意见中由埋入差错引起的）；每处差错平均有 "
        f"{sum(t.leads for t in trials) / max(len(trials), 1):.2f} 条主要意见。",
        f"- 无错单位 {clean.bodies} 个，误报错误 **{len(clean.false_errors)}** 条。",
        "",
        "## 按差错大小",
        "",
        "| 差错金额 | 数量 | 发现 | 定位 |",
        "|---|---:|---:|---:|",
        *_by_size(trials),
        "",
        "## 看似有错而无错的情形",
        "",
        "| 情形 | 无错单位中有 |",
        "|---|---:|",
        *(f"| {LOOKALIKES[name]} | {count} |" for name, count in clean.alike.items()),
        "",
        "## 按差错种类",
        "",
        "| 种类 | 说明 | 数量 | 版式 | 发现 | 定位 |",
        "|---|---|---:|---:|---:|---:|",
        *_by_kind(trials),
        "",
        "## 未达标",
        "",
        *(f"- {line}" for line in shortfalls(trials, clean) or ["无。"]),
    ]
    return "\n".join(head) + "\n"


def _by_size(trials: Sequence[Trial]) -> Iterable[str]:
    least = 0.0
    for most, name in SIZES:
        own = [trial for trial in trials if trial.size and least <= trial.size < most]
        least = most
        if own:
            yield f"| {name} | {len(own)} | {recall(own):.1%} | {located(own):.1%} |"


def _by_kind(trials: Sequence[Trial]) -> Iterable[str]:
    for kind in settings("defects")["kinds"]:
        own = [trial for trial in trials if trial.kind == kind["kind"]]
        shapes = len({trial.shape for trial in own})
        rates = f"{recall(own):.0%} | {located(own):.0%}" if own else "– | –"
        yield f"| {kind['kind']} | {kind['note']} | {len(own)} | {shapes} | {rates} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the score card; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--counties", type=int, default=15)
    given = parser.parse_args(arguments)
    trials, clean = score(given.counties, departments=34, units=40, clean=(360, 1000))
    REPORT.write_text(report(trials, clean, date.today()), encoding="utf-8")
    missed = shortfalls(trials, clean)
    print("\n".join(missed), file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
