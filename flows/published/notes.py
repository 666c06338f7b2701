"""What a reader of the county figures must know: what they cover, who is missing, what is withheld."""

from collections.abc import Hashable, Iterable, Mapping

import pandas as pd

from expectations.reconcile import catalogue
from expectations.saying import Messages
from expectations.schema import allowed_values, tables
from flows.published.headline import BODY, headlines, in_wan
from flows.published.release import Release

say = Messages(__file__)

MOST_LISTED = 200
BODIES = [*BODY, "department_name", "unit_name"]

Note = tuple[str, bool]


def notes(release: Release) -> list[Note]:
    """Lines of the notes sheet, each with whether it is a heading."""
    coverage = release.coverage
    return [
        (say("terms"), True),
        (say("what_it_is"), False),
        (say("departments_and_units"), False),
        (say("gross_and_net"), False),
        (say("blanks_and_sources"), False),
        (say("sending"), True),
        *((line, False) for line in _sending(coverage)),
        (say("provisional"), True),
        *((line, False) for line in _provisional(release)),
        (say("withheld_bodies"), True),
        *_listed(
            _with_reasons(coverage[coverage["withheld"].astype(bool)], release.findings),
            say("none_withheld"),
        ),
        (say("missing_bodies"), True),
        *_listed(coverage[coverage["missing"].astype(bool)], say("none_missing")),
        (say("partly_withheld"), True),
        *_partly(coverage),
        (say("eliminations"), True),
        *((line, False) for line in _eliminated(release.tables["eliminations"])),
        (say("amendments"), True),
        *_amended(release.findings),
        (say("three_public_heading"), True),
        (three_public_statement(release), False),
    ]


def _sending(coverage: pd.DataFrame) -> Iterable[str]:
    def count(column: str) -> int:
        return int(coverage[column].astype(bool).sum())

    yield say("sent", bodies=len(coverage), sent=count("sent"), missing=count("missing"))
    yield say("counted", counted=count("counted"), withheld=count("withheld"))


def _provisional(release: Release) -> Iterable[str]:
    """Published and withheld add up to the provisional total; withheld bodies are taken as they sent."""
    yield from (f"{each.measure.title}：{each.sentence()}。" for each in headlines(release))


def _eliminated(rows: pd.DataFrame) -> Iterable[str]:
    titles = allowed_values(tables()["eliminations"].column("state"))
    yield say("eliminated", amount=in_wan(int(rows["elimination_yuan"].sum())))
    for state, title in titles.items():
        some = rows[rows["state"] == state]
        larger = some[["paid_yuan", "received_yuan"]].astype("Int64").max(axis=1)
        if len(some):
            yield say(
                "of_state",
                state=title,
                count=len(some),
                stated=in_wan(int(larger.sum())),
                eliminated=in_wan(int(some["elimination_yuan"].sum())),
            )


def _listed(bodies: pd.DataFrame, none: str) -> list[Note]:
    if bodies.empty:
        return [(none, False)]
    names = [
        f"{body_name(row)}{row.get('reason', '')}" for row in bodies.head(MOST_LISTED).to_dict("records")
    ]
    more = [say("more_bodies", count=len(bodies) - MOST_LISTED)] if len(bodies) > MOST_LISTED else []
    return [(line, False) for line in [*names, *more]]


def _with_reasons(bodies: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """The bodies with what holds each of them back, such as `：错误 2 个，不符合：BAL-01 收入总计＝支出总计`."""
    holding = findings[(findings["gate"] == "body") & (findings["state"] == "open")]
    reasons = {body: _reason(own) for body, own in holding.groupby(BODY, dropna=False)}
    return bodies.assign(
        reason=[reasons.get(body, "") for body in bodies[BODY].itertuples(index=False, name=None)]
    )


def _reason(own: pd.DataFrame) -> str:
    """How many findings hold a body back, and the rules of those that no other one of them causes."""
    roots = own[~own["root_finding_id"].isin(own["finding_id"])]
    titles = {rule.id: rule.title for rule in catalogue()}
    names = [f"{rule_id} {titles.get(rule_id, '')}".strip() for rule_id in sorted({*roots["rule_id"]})]
    return say("held_by", count=len(own), rules="；".join(names))


def _partly(coverage: pd.DataFrame) -> list[Note]:
    """The bodies of which single tables are held back, with these by their titles."""
    partly = coverage[(coverage["withheld_tables"].fillna("") != "") & ~coverage["withheld"].astype(bool)]
    if partly.empty:
        return [(say("none_partly"), False)]
    return [
        (f"{body_name(row)}：{table_titles(row['withheld_tables'])}", False)
        for row in partly.to_dict("records")
    ]


def table_titles(names: object) -> str:
    """Tables, named in one text, by their titles."""
    return "、".join(tables()[name].title for name in str(names or "").split())


def _amended(findings: pd.DataFrame) -> list[Note]:
    """What the bureau corrected, waived or has to decide again."""
    told = findings[findings["rule_id"].isin(["CORRECTION", "WAIVER"]) | (findings["state"] == "waived")]
    lines = [
        (f"{' '.join(filter(None, [row['department_code'], row['unit_code']]))}：{row['message']}", False)
        for row in told.head(MOST_LISTED).to_dict("records")
    ]
    return lines or [(say("none_amended"), False)]


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
        return say("no_three_public", year=release.year)
    items = rows.groupby("item")["amount_yuan"].sum()
    titles = allowed_values(tables()["three_public"].column("item"))
    parts = "，".join(
        say("item", item=title, amount=in_wan(int(items[item])))
        for item, title in titles.items()
        if item in items
    )
    total = int(rows["amount_yuan"].sum())
    sentence = say("three_public", year=release.year, total=in_wan(total), parts=parts)
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
        else say("bodies_with_last_year", all=all_bodies, some=some_bodies, total=in_wan(total))
    )
    return say(
        "change", subject=subject, year=previous_year, before=in_wan(before), change=_change(total, before)
    )


def _change(now: int, before: int) -> str:
    """The change in words.

    >>> _change(1_969_000_000, 2_190_000_000), _change(5, 5), _change(100_000_000, 0)
    ('减少221.00万元，下降10.1%', '持平', '增加100.00万元')
    """
    if now == before:
        return say("same")
    amount = in_wan(abs(now - before))
    if not before:
        return say("more" if now > before else "less", amount=amount)
    percent = 100 * abs(now - before) / before
    return say("more_by" if now > before else "less_by", amount=amount, percent=percent)
