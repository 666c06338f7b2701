"""The rules for people: listed, explained, published, replayed on past years."""

from pathlib import Path

import pandas as pd
import pytest

from expectations.catalogue import catalogue_frame
from expectations.reconcile import catalogue
from flows.cli import main
from transforms.sample import write_county


def test_every_rule_is_listed_with_id_severity_and_title(capsys: pytest.CaptureFixture[str]):
    assert main(["rules", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(catalogue()) + 5
    assert "TPE-02  错误  公务用车购置及运行费＝购置费＋运行维护费" in lines


def test_the_published_catalogue_says_what_the_rules_say():
    rows = catalogue_frame(catalogue())
    assert rows["rule_id"].is_unique
    told = rows.set_index("rule_id")
    for rule in catalogue():
        assert tuple(told.loc[rule.id, ["severity", "gate", "title", "message"]]) == (
            rule.severity,
            rule.gate,
            rule.title,
            rule.message,
        )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rules", "show"], "请写明规则编号，如 county-budget rules show EXP-01。"),
        (["rules", "list", "EXP-01"], "只看 EXP-01 请写 county-budget rules show EXP-01。"),
        (["rules", "show", "con-01"], "CON-01 核对的是全县汇总数"),
        (["rules", "show", "EXP-99"], "没有编号为 EXP-99 的规则"),
        (["rules", "test", "EXP-01"], "请用 --years 写明回放的年度"),
        (["rules", "test", "EXP-01", "--years", "2019", "--input", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
):
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err


def test_a_replay_names_the_body_that_a_rule_would_have_hit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_county(tmp_path, 2020, departments=3, seed=7, defects=1, only=["grand_total"])
    planted = pd.read_csv(tmp_path / "2020" / "defects.csv", dtype=str).iloc[0]
    arguments = [
        "rules",
        "test",
        "EXP-02",
        "--years",
        "2020",
        "--input",
        str(tmp_path),
        "--output",
        str(tmp_path),
    ]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "1 个单位有意见" in lines[0]
    assert "其中 1 个将因此暂不汇总" in lines[0]
    assert any(planted["file"] in line for line in lines)
