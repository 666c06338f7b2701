"""What the checks found, as the county workbook lists it: the worst first, each with whose it is and what it follows from."""

from collections.abc import Hashable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from expectations.messages import place
from expectations.relations import YUAN
from expectations.saying import Messages
from expectations.schema import allowed_values, tables
from flows.published.headline import BODY
from flows.published.notes import body_name
from flows.published.release import Release
from flows.published.sheet_page import Heading, Kind, Page, Row
from flows.returned.told import WORST_FIRST, place_in_order

say = Messages(__file__)

MOST_FINDINGS = 20_000
# As wide as one page of A4 prints without becoming too small to read.
HEADINGS: tuple[tuple[str, Kind, int], ...] = (
    ("序号", "label", 6),
    ("单位", "text", 20),
    ("程度", "label", 7),
    ("规则", "label", 10),
    ("问题说明", "text", 50),
    ("起因", "label", 9),
    ("文件和位置", "text", 24),
    ("表列数", "yuan", 15),
    ("应有数", "yuan", 15),
    ("相差", "yuan", 14),
    ("处理", "text", 12),
)


def findings_page(release: Release) -> Page:
    """One row per finding, the worst first and each body's together, numbered so that one can name another."""
    table = tables()["findings"]
    rows = _ordered(release.findings)
    left_out = len(rows) - MOST_FINDINGS
    return Page(
        "审核问题",
        table.title,
        [Heading(*heading) for heading in HEADINGS],
        [*_rows(rows, _names(release.coverage))],
        unit=say("more_findings", count=left_out) if left_out > 0 else say("yuan"),
        listing=True,
    )


def _ordered(findings: pd.DataFrame) -> list[Mapping[Hashable, Any]]:
    def order(row: Mapping[Hashable, Any]) -> tuple[object, ...]:
        body = [row[name] for name in ("department_code", "unit_code")]
        where = place_in_order(*(row[name] for name in ("file", "sheet", "cell")))
        return WORST_FIRST.index(row["severity"]), *body, where, row["finding_id"]

    texts = findings.astype(object).where(findings.notna(), "")
    return sorted(texts.to_dict("records"), key=order)


def _names(coverage: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """Every body by its scope and codes, as people name it."""
    filled = coverage.astype(object).where(coverage.notna(), "")
    return {tuple(row[name] for name in BODY): body_name(row) for row in filled.to_dict("records")}


def _rows(findings: list[Mapping[Hashable, Any]], names: Mapping[tuple[str, ...], str]) -> Iterator[Row]:
    numbers = {row["finding_id"]: number for number, row in enumerate(findings, start=1)}
    titles = {
        name: allowed_values(tables()["findings"].column(name)) for name in ("severity", "gate", "state")
    }
    for row in findings[:MOST_FINDINGS]:
        key = tuple(row[name] for name in BODY)
        cause = numbers.get(row["root_finding_id"])
        dealt = "gate" if row["state"] == "open" else "state"
        yield [
            numbers[row["finding_id"]],
            names.get(key, " ".join(filter(None, key[1:]))),
            titles["severity"][row["severity"]],
            row["rule_id"],
            row["message"],
            say("caused_by", number=cause) if cause else None,
            "\n".join(filter(None, [row["file"], place(row["sheet"], row["cell"])])),
            *_compared(row),
            titles[dealt][row[dealt]],
        ]


def _compared(row: Mapping[Hashable, Any]) -> tuple[object, ...]:
    """What comparisons found and expected as numbers; only these state yuan, others what a cell prints."""
    texts = [row[name] for name in ("found", "expected", "difference")]
    if not YUAN.fullmatch(texts[-1]):
        return tuple(texts)
    return tuple(Decimal(text) if YUAN.fullmatch(text) else text for text in texts)
