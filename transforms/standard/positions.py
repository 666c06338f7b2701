"""Tables whose rows are known by position and described by labels: `procurement` and `assets`."""

import pandas as pd

from transforms.money import to_fen
from transforms.standard.figures import entries, leaves, texts_by_position
from transforms.standard.rows import gather

PROCUREMENT_TEXTS = ["project_name", "economic_name", "item_name", "organisation_form"]
ASSET_TEXTS = ["quantity_unit", "threshold", "as_of"]
ASSET_COLUMNS = {
    "quantity": "quantity",
    "value": "book_value_yuan",
    "planned_quantity": "planned_quantity",
    "planned_value": "planned_purchase_yuan",
}
COUNTED = ["quantity", "planned_quantity"]


def procurement(facts: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Items to be procured; subtotals are not items. What stands under no category is `unspecified`."""
    cells = leaves(facts, "procurement")
    category = cells["row_key"].str.split(".").str[0].replace("total", "unspecified")
    items = entries(cells, category=category)
    items = items.drop(columns="position").join(_described(items, labels, "procurement", PROCUREMENT_TEXTS))
    items["position"] = items.groupby("body_id").cumcount() + 1
    keys = ["category", *PROCUREMENT_TEXTS[:3], "position"]
    return gather(items, keys, texts=["organisation_form"])


def assets(facts: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Assets by class (large equipment by threshold too): quantity and book value held, and to be bought.

    Where a form gives only the total, its class is `unspecified`. Quantities are numbers, amounts 分.
    """
    cells = facts[(facts["form"] == "assets") & (facts["role"] == "leaf") & facts["amount"].notna()]
    cells = cells[cells["column_key"].isin(list(ASSET_COLUMNS))]
    found = entries(cells, asset_class=cells["row_key"].replace("total", "unspecified"))
    for key, column in ASSET_COLUMNS.items():
        found[column] = cells["amount"].where(cells["column_key"] == key)
    found = found.join(_described(found, labels, "assets", ASSET_TEXTS))
    found["as_of"] = _dates(labels).reindex(found["block_id"]).fillna("").to_numpy()
    found["threshold_yuan"] = pd.array([_fen(text) for text in found["threshold"]], dtype="Int64")
    texts = ["quantity_unit", "as_of"]
    rows = gather(found, ["asset_class", "threshold_yuan"], list(ASSET_COLUMNS.values()), texts)
    return rows.assign(**{name: rows[name].astype("Float64") / 100 for name in COUNTED})


def _described(found: pd.DataFrame, labels: pd.DataFrame, form: str, columns: list[str]) -> pd.DataFrame:
    """The labels of each entry's row, in the entries' order; blank where there is none."""
    texts = texts_by_position(labels, form, columns)
    rows = pd.MultiIndex.from_frame(found[["block_id", "position"]])
    return texts.reindex(rows, fill_value="").set_index(found.index)


def _dates(labels: pd.DataFrame) -> pd.Series:
    dates = labels[(labels["form"] == "assets") & (labels["column_key"] == "as_of")]
    return dates.groupby("block_id")["text"].first()


def _fen(yuan: str) -> int | None:
    return to_fen(yuan, "元") if yuan else None
