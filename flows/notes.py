"""What a reader of the county figures must know: what they cover, who is missing, what is withheld."""

from collections.abc import Hashable, Iterable, Mapping

import pandas as pd

from flows.release import Release

MOST_LISTED = 200
BODY = ["scope", "department_code", "unit_code"]

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
        ("三、暂不汇总的单位", True),
        *_listed(
            _with_reasons(coverage[coverage["withheld"].astype(bool)], release.findings),
            "没有暂不汇总的单位。",
        ),
        ("四、缺报的单位", True),
        *_listed(coverage[coverage["missing"].astype(bool)], "没有缺报的单位。"),
        ("五、仅部分表暂不汇总的单位", True),
        *_partly(coverage),
        ("六、更正和豁免", True),
        *_amended(release.findings),
    ]


def _sending(coverage: pd.DataFrame) -> Iterable[str]:
    def count(column: str) -> int:
        return int(coverage[column].astype(bool).sum())

    yield f"应报和已报单位共 {len(coverage)} 个：已报送 {count('sent')} 个，缺报 {count('missing')} 个。"
    yield f"计入全县汇总 {count('counted')} 个，因错误待更正暂不汇总 {count('withheld')} 个。"


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
