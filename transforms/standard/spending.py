"""Tables `expenditure` and `expenditure_by_type`: how much, for what, of which type, of whose money.

Two sides are laid over each other. The *whole* side is the body's own breakdown of all its spending: the
expenditure form, or the balance where that goes deeper. The *fiscal* side is what the forms of the three
funds cover. The whole side says how much, the fiscal side whose money it is.
"""

import numpy as np
import pandas as pd

from expectations.schema import allowed_values, tables
from transforms.standard.economic import BASIC_FORMS, basic_entries
from transforms.standard.figures import codes, deepest, entries, leaves
from transforms.standard.rows import gather

FUND_OF_FORM = {
    "general_by_function": "general_public_budget",
    "government_fund": "government_fund",
    "state_capital": "state_capital",
}
ALL_FUNDS_FORM = "appropriation_by_function"
SPENDING_TYPES = list(allowed_values(tables()["expenditure"].column("spending_type")))
BASIC_PARTS = ["basic_personnel", "basic_operating"]
SIDES = ["whole", "fiscal"]
MEETING = ["body_id", "shared_code", "shared_type"]
EXPENDITURE_KEY = ["fund_source", "function_code", "spending_type"]


def expenditure(crossed: pd.DataFrame) -> pd.DataFrame:
    """Expenditure by fund source, function code and spending type, from its entries."""
    return gather(crossed, EXPENDITURE_KEY, texts=["function_name"])


def expenditure_entries(facts: pd.DataFrame, whole: pd.DataFrame, blocks: pd.DataFrame) -> pd.DataFrame:
    """The entries of `expenditure`, which add up to the body's whole side; `whole`: `whole_candidates`.

    Where code and type of both sides meet,
    - the fiscal rows stand, and what they do not cover is `other`, `derived` from all cells of both sides;
    - the whole side's rows stand where they are finer in code or type, under the one fund that covers them;
      `unsplit` where several funds or a part of other money are in them;
    - the whole side's rows stand too where the fiscal forms claim more than there is (X-07 says so), so
      that nothing is negative and the table still adds up to the body's total;
    - what no fiscal form mentions is `other`; `unsplit` where the body sent no form of general spending.
    A printed zero is a row where its form names the fund, or where the body has no fiscal form.
    """
    whole = deepest(whole, "function_code", "spending_type")
    fiscal = _fiscal(facts, blocks)
    carried = (whole["function_code"] == "") & (whole["spending_type"] == "carried_forward")
    rows = [
        _by_fund(whole[~carried], fiscal, blocks),
        whole[carried].assign(fund_source="unsplit"),
        _printed_zeros(whole[~carried], fiscal),
    ]
    return pd.concat(rows, ignore_index=True)


def whole_candidates(facts: pd.DataFrame) -> pd.DataFrame:
    """Each body's breakdowns of all its spending, numbered as `candidate`."""
    classes = leaves(facts, "balance", "function_class")
    return pd.concat(
        [
            _entries(leaves(facts, "expenditure"), candidate=0),
            _entries(classes, candidate=1),
            _entries(_types_of_balance(facts, classes), candidate=2),
        ]
    )


def _types_of_balance(facts: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """The balance's block of spending types; money carried forward may be printed in the class block only."""
    types = leaves(facts, "balance", "spending_type")
    carried = classes[classes["row_key"] == "carried_forward"]
    has_own = types.loc[types["row_key"] == "carried_forward", "body_id"]
    belongs = carried["body_id"].isin(types["body_id"]) & ~carried["body_id"].isin(has_own)
    return pd.concat([types, carried[belongs]])


def _fiscal(facts: pd.DataFrame, blocks: pd.DataFrame) -> pd.DataFrame:
    """The leaves of the fiscal forms with their `fund_source`.

    The form of all funds together serves only bodies without a general form, then alone and `unsplit`.
    """
    general = _bodies_with(blocks, "general_by_function")
    all_funds = leaves(facts, ALL_FUNDS_FORM)
    all_funds = all_funds[~all_funds["body_id"].isin(general)]
    found = [_entries(all_funds, fund_source="unsplit")]
    for form, fund in FUND_OF_FORM.items():
        cells = leaves(facts, form)
        cells = cells[~cells["body_id"].isin(all_funds["body_id"])]
        found.append(_entries(cells, fund_source=fund))
    return pd.concat(found)


def _entries(cells: pd.DataFrame, **columns: str | int) -> pd.DataFrame:
    found = entries(
        cells, function_code=codes(cells["row_key"]), spending_type=_spending_type(cells), **columns
    )
    return found.assign(function_name=found["name"].where(found["function_code"] != "", ""))


def _spending_type(cells: pd.DataFrame) -> pd.Series:
    types = cells["column_key"].str.split(".").str[0]
    by_column = types.where(types.isin(SPENDING_TYPES), "unsplit")
    return cells["row_key"].where(cells["row_key"].isin(SPENDING_TYPES), by_column)


def _bodies_with(blocks: pd.DataFrame, *forms: str) -> set[str]:
    return set(blocks.loc[blocks["form"].isin(forms), "body_id"])


def _by_fund(whole: pd.DataFrame, fiscal: pd.DataFrame, blocks: pd.DataFrame) -> pd.DataFrame:
    """Both sides' figures other than zero, as the rows that `expenditure` describes."""
    both = pd.concat([whole.assign(side="whole"), fiscal.assign(side="fiscal")])
    both = both[both["amount_yuan"] != 0]
    both["shared_code"] = _shared_code(both)
    both["shared_type"] = _shared_type(both)
    verdicts = _verdicts(both, whole["body_id"], blocks)
    judged = both.merge(verdicts, on=MEETING, how="left", validate="many_to_one")
    on_whole = judged["side"] == "whole"
    taken_fiscal = judged[judged["fiscal_stands"] & ~on_whole]
    taken_whole = judged[~judged["fiscal_stands"] & on_whole]
    return pd.concat([taken_fiscal, _under_fund(taken_whole), _remainder(judged[judged["remains"]])])


def _shared_code(both: pd.DataFrame) -> pd.Series:
    """The shortest code of the body, on either side, under which a row's code lies."""
    printed = pd.MultiIndex.from_frame(both[["body_id", "function_code"]])
    shared = both["function_code"]
    for length in (5, 3, 0):
        start = both["function_code"].str[:length]
        known = pd.MultiIndex.from_arrays([both["body_id"], start]).isin(printed)
        shared = shared.where(~known, start)
    return shared


def _shared_type(both: pd.DataFrame) -> pd.Series:
    """The spending type in the words of the coarser side: both say 人员 and 公用, or 基本, or nothing."""
    types = both["spending_type"]
    meeting = [both["body_id"], both["shared_code"]]
    has_unsplit = (types == "unsplit").groupby(meeting).transform("any")
    has_basic = (types == "basic").groupby(meeting).transform("any")
    return types.where(~(has_basic & types.isin(BASIC_PARTS)), "basic").where(~has_unsplit, "unsplit")


def _verdicts(both: pd.DataFrame, bodies_with_whole: pd.Series, blocks: pd.DataFrame) -> pd.DataFrame:
    """For each meeting of the sides: do the fiscal rows stand, does money remain, under which fund."""
    met = _both_sides(both)
    alone = ~met["body_id"].isin(bodies_with_whole)
    more = _surely(met["amount_whole"] > met["amount_fiscal"])
    covered = _surely(met["amount_whole"] >= met["amount_fiscal"])
    met["fiscal_stands"] = alone | (covered & ~met["finer"])
    met["remains"] = met["fiscal_stands"] & more
    mixed = (met["funds"] != 1) | (met["finer"] & more)
    has_general = met["body_id"].isin(_bodies_with(blocks, "general_by_function", ALL_FUNDS_FORM))
    met["other_fund"] = np.where(has_general, "other", "unsplit")
    met["whole_fund"] = (
        met["fund"].where(~mixed, "unsplit").where(met["amount_fiscal"].notna(), met["other_fund"])
    )
    return met[[*MEETING, "fiscal_stands", "remains", "other_fund", "whole_fund"]]


def _both_sides(both: pd.DataFrame) -> pd.DataFrame:
    """One row per meeting: amounts of both sides (NA where silent), funds, is the whole side `finer`."""
    detail = both["spending_type"].isin(BASIC_PARTS).astype("int64") + (both["spending_type"] != "unsplit")
    measured = both.assign(depth=both["function_code"].str.len(), detail=detail)
    sides = [_measures(measured[measured["side"] == side]).add_suffix(f"_{side}") for side in SIDES]
    funds = measured[measured["side"] == "fiscal"].groupby(MEETING)["fund_source"]
    met = pd.concat([*sides, funds.agg(funds="nunique", fund="first")], axis=1).reset_index()
    deeper = _surely(met["depth_whole"] > met["depth_fiscal"])
    level = _surely(met["depth_whole"] == met["depth_fiscal"])
    return met.assign(finer=deeper | (level & _surely(met["detail_whole"] > met["detail_fiscal"])))


def _measures(side: pd.DataFrame) -> pd.DataFrame:
    groups = side.groupby(MEETING)
    measures = groups.agg(amount=("amount_yuan", "sum"), depth=("depth", "max"), detail=("detail", "max"))
    return measures.astype("Int64")


def _surely(comparison: pd.Series) -> pd.Series:
    """A comparison as plain truth: unknown, where one side is silent, is not true."""
    return comparison.fillna(value=False).astype(bool)


def _under_fund(whole: pd.DataFrame) -> pd.DataFrame:
    derivation = whole["derivation"].where(whole["whole_fund"] != "other", "derived")
    return whole.assign(fund_source=whole["whole_fund"], derivation=derivation)


def _remainder(judged: pd.DataFrame) -> pd.DataFrame:
    """What the fiscal rows leave over: the whole side's cells less the fiscal side's."""
    minuend = judged["side"] == "whole"
    ordered = judged.assign(
        amount_yuan=judged["amount_yuan"].where(minuend, -judged["amount_yuan"]),
        fund_source=judged["other_fund"],
        function_name=judged["function_name"].where(judged["function_code"] == judged["shared_code"], ""),
        function_code=judged["shared_code"],
        spending_type=judged["shared_type"],
        derivation="derived",
    )
    return pd.concat([ordered[minuend], ordered[~minuend]])


def _printed_zeros(whole: pd.DataFrame, fiscal: pd.DataFrame) -> pd.DataFrame:
    without_fund = whole[~whole["body_id"].isin(fiscal["body_id"])].assign(fund_source="unsplit")
    zeros = pd.concat([fiscal[fiscal["function_code"] != ""], without_fund])
    return zeros[zeros["amount_yuan"] == 0]


def expenditure_by_type(facts: pd.DataFrame, whole: pd.DataFrame, crossed: pd.DataFrame) -> pd.DataFrame:
    """Expenditure by spending type, for every body that states any; `whole`: `whole_candidates`.

    From the expenditure form, else the balance's block of types, else its class block; where none of them
    names types, the types of its entries of `expenditure` (`crossed`). `basic` becomes personnel
    and operating as far as another form of the body explains it; what it does not explain stays `basic`.
    """
    whole = _typed(whole)
    rest = crossed[~crossed["body_id"].isin(whole["body_id"])]
    found = pd.concat([_split_basic(whole, _basic_splits(facts)), rest])
    return gather(found, ["spending_type"])


def _typed(candidates: pd.DataFrame) -> pd.DataFrame:
    """Of each body's breakdowns the first that names types, preferably one with figures other than zero."""
    order = {0: 0, 2: 1, 1: 2}
    names_type = ~candidates["spending_type"].isin(["unsplit", "carried_forward"])
    typed = names_type.groupby([candidates["body_id"], candidates["candidate"]]).transform("any")
    candidates = candidates[typed]
    standing = candidates.assign(
        filled=candidates["amount_yuan"] != 0, rank=candidates["candidate"].map(order)
    )
    standing = standing.groupby(["body_id", "candidate"])[["filled", "rank"]].max().reset_index()
    chosen = standing.sort_values(["filled", "rank"], ascending=[False, True]).drop_duplicates("body_id")
    return candidates.merge(
        chosen[["body_id", "candidate"]], on=["body_id", "candidate"], validate="many_to_one"
    )


def _basic_splits(facts: pd.DataFrame) -> pd.DataFrame:
    """Every form's division of basic spending into personnel and operating, the best witness first."""
    fiscal = [leaves(facts, form) for form in FUND_OF_FORM]
    found = [_entries(pd.concat(fiscal))]
    found += [basic_entries(facts, form) for form in BASIC_FORMS]
    found += [_entries(leaves(facts, "balance", panel)) for panel in ("function_class", "spending_type")]
    splits: pd.DataFrame = pd.concat([split.assign(candidate=number) for number, split in enumerate(found)])
    return splits[splits["spending_type"].isin(BASIC_PARTS)]


def _split_basic(whole: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    basic = whole[whole["spending_type"] == "basic"]
    total = basic.groupby("body_id")["amount_yuan"].sum()
    parts = _best_split(total, splits)
    left = total.sub(parts.groupby("body_id")["amount_yuan"].sum())  # NA where no form splits
    minuend = basic[left.reindex(basic["body_id"]).set_axis(basic.index) != 0]
    subtrahend = parts[parts["body_id"].isin(minuend["body_id"])]
    partly = minuend["body_id"].isin(parts["body_id"])
    minuend = minuend.assign(derivation=minuend["derivation"].where(~partly, "derived"))
    subtrahend = subtrahend.assign(amount_yuan=-subtrahend["amount_yuan"], spending_type="basic")
    return pd.concat([whole[whole["spending_type"] != "basic"], parts, minuend, subtrahend])


def _best_split(basic: pd.Series, splits: pd.DataFrame) -> pd.DataFrame:
    """Of each body's splits the one that explains most of its basic spending without exceeding it."""
    sums = splits.groupby(["body_id", "candidate"], as_index=False)["amount_yuan"].sum()
    sums["basic"] = basic.reindex(sums["body_id"]).to_numpy()
    fitting = sums[(sums["amount_yuan"] > 0) & (sums["amount_yuan"] <= sums["basic"])]
    best = fitting.sort_values(["amount_yuan", "candidate"], ascending=[False, True]).drop_duplicates(
        "body_id"
    )
    return splits.merge(best[["body_id", "candidate"]], on=["body_id", "candidate"], validate="many_to_one")
