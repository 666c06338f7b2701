"""Tables `projects`, `project_payments` and `project_indicators`: one block per project."""

import re
from functools import cache

import pandas as pd

from transforms.forms import cards
from transforms.standard.figures import entries
from transforms.standard.rows import gather
from transforms.wording.patterns import pattern
from transforms.wording.text import compact

HEAD = ["project_code", "project_name", "purpose", "objective"]
NAMES = HEAD[:2]
MONEY = {"budget": "budget_yuan", "fiscal": "fiscal_yuan", "other": "other_yuan"}
INDICATOR = ["level_1", "level_2", "level_3", "description", "target", "basis"]
# Columns of their own in lists of targets, part of the target elsewhere (≥ | 500 | 人).
BESIDE_TARGET = ["comparison", "measured_in"]
OPERATORS = {
    "≥": ">=",
    ">=": ">=",
    "≧": ">=",
    "≤": "<=",
    "<=": "<=",
    "≦": "<=",
    ">": ">",
    "<": "<",
    "=": "=",
    "": "=",
}
_TARGET, _CALENDAR_YEAR = pattern("target"), pattern("calendar_year")
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


def projects(facts: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """One row per project, in the order of the body's material."""
    heads = _heads(labels)
    money = _panel(facts, "money")
    found = entries(money)
    for key, column in MONEY.items():
        found[column] = money["amount"].where(money["row_key"] == key)
    unpriced = labels[_head_labels(labels) & ~labels["block_id"].isin(money["block_id"])]
    found = pd.concat([found, _label_entries(unpriced)]).sort_values("block_id", kind="stable")
    found = found.drop(columns="position").join(heads, on="block_id").fillna(dict.fromkeys(HEAD, ""))
    found["position"] = found.groupby("body_id")["block_id"].rank("dense").astype("int64")
    return gather(
        found, ["project_code", "position"], list(MONEY.values()), ["project_name", "purpose", "objective"]
    )


def project_payments(facts: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The share of a project's money to be spent by the end of a month, in percent."""
    plan = _panel(facts, "payments")
    found = entries(plan, month=plan["row_key"].astype("int64"), percent=plan["amount"])
    rows = gather(_named(found, labels), [*NAMES, "month"], ["percent"])
    return rows.assign(percent=rows["percent"].astype("Float64") / 100)


def project_indicators(labels: pd.DataFrame) -> pd.DataFrame:
    """The indicators of each project with their targets taken apart, in the order of the form."""
    chosen = labels[(labels["form"] == "project") & (labels["panel"] == "indicators")]
    found = _label_entries(chosen)
    for name in (*INDICATOR, *BESIDE_TARGET):
        found[name] = chosen["text"].where(chosen["column_key"] == name, "")
    found = _named(found.sort_values(["block_id", "position"], kind="stable"), labels)
    rows = gather(found, ["block_id", *NAMES, "position"], [], [*INDICATOR, *BESIDE_TARGET])
    rows["target"] = [whole_target(*parts) for parts in zip(*(rows[n] for n in WHOLE_TARGET), strict=True)]
    rows = rows.drop(columns=BESIDE_TARGET)
    rows["position"] = rows.groupby(["body_id", *NAMES]).cumcount() + 1
    parsed = pd.DataFrame(
        [parse_target(text) for text in rows["target"]], index=rows.index, columns=list(PARTS)
    )
    return rows.join(parsed)


WHOLE_TARGET = ("comparison", "target", "measured_in")


def whole_target(comparison: str, target: str, measured_in: str) -> str:
    """A target with the sign and the unit that stand in columns of their own; one that has its own is left as it is.

    >>> whole_target("≥", "500", "人"), whole_target("=", "12", "场"), whole_target("≥", "≥90%", "%")
    ('≥500人', '12场', '≥90%')
    """
    if not _NUMBER.fullmatch(target):
        return target
    sign = "" if OPERATORS.get(comparison, "=") == "=" else comparison
    return sign + target + ("" if target.endswith(measured_in) else measured_in)


PARTS = ("operator", "target_value", "target_unit")


def parse_target(text: str) -> tuple[str, float | None, str]:
    """A target as operator, number and unit; blank for words, ranges and dates.

    >>> parse_target("≥40人数"), parse_target("80"), parse_target("满意"), parse_target("10月底")
    (('>=', 40.0, '人数'), ('=', 80.0, ''), ('', None, ''), ('', None, ''))
    """
    words = _with_signs(compact(text))
    match = _TARGET.fullmatch(words)
    if match is None or _CALENDAR_YEAR.match(words):
        return "", None, ""
    return OPERATORS[match["operator"]], float(match["value"]), match["unit"]


def _with_signs(words: str) -> str:
    """A target with its comparing words as a sign in front: 95%以上 is ≥95%.

    >>> _with_signs("95%以上"), _with_signs("不超过3天"), _with_signs("满意")
    ('≥95%', '≤3天', '满意')
    """
    before, behind = _comparing_words()
    for word, sign in before.items():
        if words.startswith(word):
            return sign + words.removeprefix(word)
    for word, sign in behind.items():
        if words.endswith(word) and words[:1].isdigit():
            return sign + words.removesuffix(word)
    return words


@cache
def _comparing_words() -> tuple[dict[str, str], dict[str, str]]:
    """Words in front of a target, and behind its number, to their signs."""
    known = [form.card for form in cards() if form.card]
    before = {word: sign for card in known for sign, words in card.compares_before.items() for word in words}
    behind = {word: sign for card in known for sign, words in card.compares_behind.items() for word in words}
    return before, behind


def _panel(facts: pd.DataFrame, panel: str) -> pd.DataFrame:
    chosen = (facts["form"] == "project") & (facts["panel"] == panel) & facts["amount"].notna()
    return facts[chosen]


def _head_labels(labels: pd.DataFrame) -> pd.Series:
    return (labels["form"] == "project") & (labels["panel"] == "head") & labels["column_key"].isin(HEAD)


def _heads(labels: pd.DataFrame) -> pd.DataFrame:
    """Code, name, purpose and objective of each project, by block."""
    head = labels[_head_labels(labels)].drop_duplicates(["block_id", "column_key"])
    wide = head.pivot(index="block_id", columns="column_key", values="text")
    return wide.reindex(columns=HEAD).astype(object).fillna("")


def _named(found: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    return found.join(_heads(labels)[NAMES], on="block_id").fillna(dict.fromkeys(NAMES, ""))


def _label_entries(labels: pd.DataFrame) -> pd.DataFrame:
    common = labels[["body_id", "block_id", "position", "file", "sheet", "cell"]]
    return common.assign(derivation="printed")
