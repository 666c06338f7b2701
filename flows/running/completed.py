"""What a run tells at its end, and whether it needs to do anything at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.identity import Identity
from flows.published.replace import RECORD, recover
from flows.running.checksums import sha256
from flows.summary import EXIT_SENTENCES

CHANGED = {
    "files": "报送材料",
    "left_out": "不读取的文件",
    "bureau": "名册、更正、豁免、设置或科目表",
    "dates": "已过的期限",
    "earlier": "上年成果",
    "program": "程序、表式或规则",
    "options": "运行方式",
}


@dataclass(frozen=True)
class Completed:
    """What a finished run tells its caller. `unchanged`: the former release stands, nothing was published."""

    exit_code: int
    folder: Path
    summary: str
    unchanged: bool = False


def standing(output: Path, year: int, wanted: Identity) -> Completed | None:
    """The release that stands because everything it depends on is the same and its files are whole, else None."""
    recover(output, year)
    folder = output / str(year)
    record = read_record(folder)
    if record.get("identity") != dict(wanted) or not is_whole(folder, record):
        return None
    return Completed(int(record["exit_code"]), folder, _sentence(folder, record), unchanged=True)


def read_record(folder: Path) -> dict[str, Any]:
    """What `run.json` of a release says; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def is_whole(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether every file of a release is there with the checksum that `run.json` gives."""
    outputs = record.get("outputs", {})
    try:
        return bool(outputs) and all(sha256(folder / name) == known for name, known in outputs.items())
    except OSError:
        return False


def what_changed(output: Path, year: int, now: Identity) -> str:
    """In a few words, what is no longer as the release of the year has it; '' where there is none to compare."""
    before = read_record(output / str(year)).get("identity")
    if not before:
        return ""
    return "、".join(title for part, title in CHANGED.items() if before.get(part) != now[part])


def _sentence(folder: Path, record: Mapping[str, Any]) -> str:
    counts = record["counts"]
    found = counts["open_findings"]
    published = datetime.fromtimestamp((folder / RECORD).stat().st_mtime).astimezone()
    return "\n".join(
        [
            f"{record['year']}年部门预算汇总：材料、规则和设置与上次完全相同，已发布的成果保持不变"
            f"（{published:%Y-%m-%d %H:%M}）。{EXIT_SENTENCES[int(record['exit_code'])]}",
            f"  单位  已报 {counts['sent']}，缺报 {counts['missing']}，"
            f"暂不汇总 {counts['withheld']}，已汇总 {counts['counted']}",
            f"  问题  错误 {found.get('error', 0)}，警告 {found.get('warning', 0)}，提示 {found.get('info', 0)}",
            f"  成果  {folder / 'county_budget.xlsx'}",
        ]
    )
