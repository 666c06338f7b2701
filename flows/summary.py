"""What a run says at its end, in the words of the budget office."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from expectations.misnamed import ABOVE, meant_file
from flows.published.headline import headlines
from flows.published.release import Release

EXIT_SENTENCES = {
    0: "汇总已发布，没有错误。",
    1: "汇总已发布；有错误的单位或表暂不汇总，更正后请重新运行。",
    3: "没有可发布的汇总数。请按审核问题清单更正后重新运行。",
}


def summary(release: Release, exit_code: int, folder: Path) -> str:
    """Bodies, money and findings of a release in a few lines, and where to look."""
    coverage, findings = release.coverage, release.findings
    return "\n".join(
        [
            f"{release.year}年部门预算汇总：{EXIT_SENTENCES[exit_code]}",
            f"  单位  已报 {_count(coverage, 'sent')}，缺报 {_count(coverage, 'missing')}，"
            f"暂不汇总 {_count(coverage, 'withheld')}，已汇总 {_count(coverage, 'counted')}{_other_scope(coverage)}",
            *_money_lines(release),
            *_resubmission_lines(release),
            *_document_lines(release),
            *_ignored_lines(release),
            f"  问题  错误 {_severity(findings, 'error')}，警告 {_severity(findings, 'warning')}，"
            f"提示 {_severity(findings, 'info')}",
            f"  成果  {folder / 'county_budget.xlsx'}",
            f"  退回材料  {folder / 'notices'}（{len(release.notices)} 个单位）",
            f"  问题清单  {folder / 'findings.csv'}    报送情况  {folder / 'coverage.csv'}",
        ]
    )


def _money_lines(release: Release) -> list[str]:
    """The county's income and expenditure."""
    return [f"  {each.measure.title}  {each.sentence()}" for each in headlines(release)[:2]]


def _resubmission_lines(release: Release) -> list[str]:
    again = release.run.get("resubmissions", ())
    if not again:
        return []
    identical = sum(each["identical"] for each in again)
    same = f"，其中 {identical} 个与上次完全相同" if identical else ""
    return [f"  重报  {len(again)} 个单位{same}；改动见各单位的 重报对比.csv"]


def _document_lines(release: Release) -> list[str]:
    documents = release.run.get("documents", ())
    if not documents:
        return []
    said, read = (sum(each[name] for each in documents) for name in ("sentences", "understood"))
    return [
        f"  公开说明  {len(documents)} 份，写有金额或百分比的句子 {said} 句，读懂 {read} 句；未读懂的见 run.json"
    ]


def _ignored_lines(release: Release) -> list[str]:
    """What somebody put there to be read and that is not: the bureau's files under another name, empty submissions."""
    ignored: Mapping[str, str] = release.run.get("ignored", {})
    beside = {
        name: right for name, reason in ignored.items() if (right := meant_file(name)) and right in reason
    }
    empty = [name for name in ignored if name.endswith("/")]
    return [f"  提示  {_placed(name)} 没有读取，读取的是 {right}" for name, right in beside.items()] + [
        f"  提示  {name.rstrip('/')} 中没有可读取的材料，仍按上一次报送的材料汇总" for name in empty
    ]


def _placed(name: str) -> str:
    """A path from the year's folder as people say it.

    >>> _placed("../settings.toml"), _placed("settings (1).toml")
    ('上一级文件夹的 settings.toml', 'settings (1).toml')
    """
    return f"上一级文件夹的 {name.removeprefix(ABOVE)}" if name.startswith(ABOVE) else name


def _other_scope(coverage: pd.DataFrame) -> str:
    """Bodies that sent something and do not count beside their department, or their units."""
    counted = (coverage["withheld"] | coverage["counted"]).astype(bool)
    beside = int((coverage["sent"].astype(bool) & ~counted).sum())
    return f"，与所属单位或上级部门重复、不另计 {beside}" if beside else ""


def _count(coverage: pd.DataFrame, column: str) -> int:
    return int(coverage[column].astype(bool).sum())


def _severity(findings: pd.DataFrame, severity: str) -> int:
    return int(((findings["severity"] == severity) & (findings["state"] == "open")).sum())
