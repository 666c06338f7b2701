"""A finding follows from a cell that cannot be read only where the cell enters what fails."""

import pytest

from tests.test_localise import with_problem

# C3 (C5 in the second form) lacks a figure: the sums of its column want 100.50 more.
FORM = """
    expenditure 万元 sheet=支出表 | total | basic | project
    201                          | 600.5 | 300.5 | 300
    2010101                      |       | 100.5 |
    2010102                      | 500   | 200   | {part}
    208                          | {sum} | 100   |
    2080101                      | 100   | 100   |
    total                        | 700.5 | 400.5 | {total}
"""


def roots(findings: list[dict]) -> set[tuple[str, str, str]]:
    """Of each sum that fails: rule, cell, and the rule of what it follows from (blank: it stands for itself)."""
    rule_of = {row["finding_id"]: row["rule_id"] for row in findings}
    return {
        (row["rule_id"], row["cell"], rule_of.get(row["root_finding_id"], ""))
        for row in findings
        if row["rule_id"].startswith("EXP")
    }


@pytest.mark.parametrize(("rule_id", "cell", "text"), [("CEL-01", "B3", "1O0.5"), ("SUB-16", "B3", "100.5")])
def test_a_mistyped_total_of_other_rows_does_not_follow_from_a_cell_that_cannot_be_read(rule_id, cell, text):
    findings = with_problem(
        FORM.format(part=300, sum=100, total=401), ("支出表", cell), text, rule_id, "EXP-01", "EXP-02"
    )
    told = roots(findings)
    lacking = {each for each in told if each[:2] in {("EXP-02", "B2"), ("EXP-02", "B3")}}
    assert ("EXP-02", "D7", "") in told
    assert ("EXP-01", "B7", "EXP-02") in told
    assert len(lacking) == 1
    assert len(told) == 3


@pytest.mark.parametrize(
    ("rule_id", "cell", "text"), [("CEL-01", "B3", "1O0.5"), ("CEL-06", "A3", "2 01 01")]
)
def test_a_sum_of_other_rows_that_lacks_the_same_amount_stands_for_itself(rule_id, cell, text):
    findings = with_problem(
        FORM.format(part=300, sum=200.5, total=300), ("支出表", cell), text, rule_id, "EXP-01", "EXP-02"
    )
    told = roots(findings)
    assert ("EXP-02", "B2", rule_id) in told
    assert ("EXP-01", "B5", rule_id) not in told
    assert ("EXP-02", "B5", rule_id) not in told or rule_id == "CEL-06"  # whose parent nobody knows
    assert {each[1] for each in told} >= {"B2", "B5"}
