"""What a reader of the county figures must know: what they cover, who is missing, what is withheld."""

from collections.abc import Hashable, Iterable, Mapping

import pandas as pd

from expectations.schema import allowed_values, tables
from flows.published.headline import headlines, in_wan
from flows.published.release import Release

MOST_LISTED = 200
BODY = ["scope", "department_code", "unit_code"]
BODIES = [*BODY, "department_name", "unit_name"]

Note = tuple[str, bool]


def notes(release: Release) -> list[Note]:
    """Lines of the notes sheet, each with whether it is a heading."""
    coverage = release.coverage
    return [
        ("一、口径", True),
        (
            "本工作簿由各部门、各单位报送的部门预算表汇总而成。金额单位为万元，数值精确到分，显示两位小数。",
            False,
        ),
        (
            "部门与所属单位的预算表同时报送且相符的，按单位汇总；不相符或单位未报齐的，按部门汇总；不重复计算。",
            False,
        ),
        (
            "汇总数为各单位数字直接相加；抵销数为部门内部上下级之间重复计算的金额；合并数等于汇总数减抵销数。",
            False,
        ),
        (
            "空白表示未知或未列示，不是零。每个数字的来源文件、工作表和单元格见同一文件夹 csv 中的同名表。",
            False,
        ),
        ("二、报送情况", True),
        *((line, False) for line in _sending(coverage)),
        ("三、已公布数与暂定数", True),
        *((line, False) for line in _provisional(release)),
        ("四、暂不汇总的单位", True),
        *_listed(
            _with_reasons(coverage[coverage["withheld"].astype(bool)], release.findings),
            "没有暂不汇总的单位。",
        ),
        ("五、缺报的单位", True),
        *_listed(coverage[coverage["missing"].astype(bool)], "没有缺报的单位。"),
        ("六、仅部分表暂不汇总的单位", True),
        *_partly(coverage),
        ("七、内部往来抵销", True),
        *((line, False) for line in _eliminated(release.tables["eliminations"])),
        ("八、更正和豁免", True),
        *_amended(release.findings),
        ("九、“三公”经费说明", True),
        (three_public_statement(release), False),
    ]


def _sending(coverage: pd.DataFrame) -> Iterable[str]:
    def count(column: str) -> int:
        return int(coverage[column].astype(bool).sum())

    yield f"应报和已报单位共 {len(coverage)} 个：已报送 {count('sent')} 个，缺报 {count('missing')} 个。"
    yield f"计入全县汇总 {count('counted')} 个，因错误待更正暂不汇总 {count('withheld')} 个。"


def _provisional(release: Release) -> Iterable[str]:
    """Published and withheld add up to the provisional total; withheld bodies are taken as they sent."""
    yield from (f"{each.measure.title}：{each.sentence()}。" for each in headlines(release))


def _eliminated(rows: pd.DataFrame) -> Iterable[str]:
    titles = allowed_values(tables()["eliminations"].column("state"))
    yield f"共抵销 {in_wan(int(rows['elimination_yuan'].sum()))} 万元，收入、支出两边各减去同一金额。"
    for state, title in titles.items():
        some = rows[rows["state"] == state]
        larger = some[["paid_yuan", "received_yuan"]].astype("Int64").max(axis=1)
        if len(some):
            amounts = f"列示 {in_wan(int(larger.sum()))} 万元，抵销 {in_wan(int(some['elimination_yuan'].sum()))} 万元"
            yield f"{title}：{len(some)} 笔，{amounts}。"


def _listed(bodies: pd.DataFrame, none: str) -> list[Note]:
    if bodies.empty:
        return [(none, False)]
    names = [
        f"{body_name(row)}{row.get('reason', '')}" for row in bodies.head(MOST_LISTED).to_dict("records")
    ]
    more = [f"另有 {len(bodies) - MOST_LISTED} 个，见 coverage.csv。"] if len(bodies) > MOST_LISTED else []
    return [(line, False) for line in [*names, *more]]


def _with_reasons(bodies: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """The bodies with the rules that hold each of them back, such as `：错误 2 个（BAL-01、SUB-08）`."""
    holding = findings[(findings["gate"] == "body") & (findings["state"] == "open")]
    rules = holding.groupby(BODY, dropna=False)["rule_id"]
    reasons = {body: f"：错误 {len(ids)} 个（{'、'.join(sorted(set(ids)))}）" for body, ids in rules}
    return bodies.assign(
        reason=[reasons.get(body, "") for body in bodies[BODY].itertuples(index=False, name=None)]
    )


def _partly(coverage: pd.DataFrame) -> list[Note]:
    partly = coverage[coverage["withheld_tables"].fillna("") != ""]
    if partly.empty:
        return [("没有。", False)]
    return [(f"{body_name(row)}：{row['withheld_tables']}", False) for row in partly.to_dict("records")]


def _amended(findings: pd.DataFrame) -> list[Note]:
    """What the bureau corrected, waived or has to decide again."""
    told = findings[findings["rule_id"].isin(["CORRECTION", "WAIVER"]) | (findings["state"] == "waived")]
    lines = [
        (f"{' '.join(filter(None, [row['department_code'], row['unit_code']]))}：{row['message']}", False)
        for row in told.head(MOST_LISTED).to_dict("records")
    ]
    return lines or [("没有更正和豁免。", False)]


def body_name(body: Mapping[Hashable, object]) -> str:
    """A body as people name it: `723 县委办公室` or `723002 县委办`."""
    level = "unit" if body["scope"] == "unit" else "department"
    return " ".join(str(body[f"{level}_{part}"]) for part in ("code", "name") if body[f"{level}_{part}"])


def three_public_statement(release: Release) -> str:
    """The county's 三公 statement as it is published: total, items, and the change where last year is stated.

    Sums over different bodies cannot be compared: where not all state last year, those that do are compared, and
    how many they are is said.
    """
    rows = release.tables["three_public"]
    if rows.empty:
        return f"{release.year}年没有可公布的“三公”经费预算。"
    items = rows.groupby("item")["amount_yuan"].sum()
    titles = allowed_values(tables()["three_public"].column("item"))
    parts = "，".join(
        f"{title}{in_wan(int(items[item]))}万元" for item, title in titles.items() if item in items
    )
    total = int(rows["amount_yuan"].sum())
    sentence = f"{release.year}年全县部门“三公”经费预算总额为{in_wan(total)}万元，其中：{parts}。"
    return sentence + _change_on_year(rows, release.year - 1)


def _change_on_year(rows: pd.DataFrame, previous_year: int) -> str:
    """The change over the rows that state last year; whose these are is said where they are not all."""
    stated = rows[rows["previous_yuan"].notna() & rows["amount_yuan"].notna()]
    if stated.empty:
        return ""
    total, before = int(stated["amount_yuan"].sum()), int(stated["previous_yuan"].sum())
    all_bodies, some_bodies = (len(part[BODIES].drop_duplicates()) for part in (rows, stated))
    subject = (
        ""
        if len(stated) == len(rows)
        else f"{all_bodies}个单位中有{some_bodies}个列示了上年数，其列示的项目本年共{in_wan(total)}万元，"
    )
    return f"{subject}较{previous_year}年的{in_wan(before)}万元{_change(total, before)}。"


def _change(now: int, before: int) -> str:
    """The change in words.

    >>> _change(1_969_000_000, 2_190_000_000), _change(5, 5), _change(100_000_000, 0)
    ('减少221.00万元，下降10.1%', '持平', '增加100.00万元')
    """
    if now == before:
        return "持平"
    verbs = ("增加", "增长") if now > before else ("减少", "下降")
    text = f"{verbs[0]}{in_wan(abs(now - before))}万元"
    return f"{text}，{verbs[1]}{100 * abs(now - before) / before:.1f}%" if before else text
