"""Forms of one line, of one item per row, of purchases, and of assets."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from transforms.sample.budget import Asset, Purchase
from transforms.sample.heading import lay_heading, lay_note, new_page
from transforms.sample.lists import parts
from transforms.sample.page import Column, Entry, Figure, Page, Row, lay_header, lay_rows
from transforms.sample.sheet import Sheet, columns_of, function_sums, printed_value


def _events(sheet: Sheet) -> dict[str, int]:
    """The figures of the three public expenses form, or of a form whose row is the body's total."""
    if sheet.form != "three_public":
        by = "source" if sheet.form == "income" else "kind"
        return dict(function_sums(sheet.budget.lines, by).get("total", Counter()))
    running = sum(cost.amount for cost in sheet.budget.costs if cost.running)
    return {**sheet.budget.events, "operating_costs": running}


def _event(sheet: Sheet, amounts: Mapping[str, int], key: str) -> int:
    if sheet.form == "three_public" and key in ("total", "all_total"):
        extra = ("meetings", "training") if key == "all_total" else ()
        return sum(amounts[item] for item in (*parts("three_public"), *extra))
    return printed_value(amounts, key)


def lay_line(sheet: Sheet) -> list[Page]:
    """One row of figures under a header."""
    columns = columns_of(sheet.spec["columns"], sheet)
    amounts = _events(sheet)
    place = (sheet.form, "", "total")
    row = Row(tuple(Figure(_event(sheet, amounts, each.key), (*place, each.key)) for each in columns))
    page = new_page(sheet)
    top = lay_header(page, lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    lay_rows(page, top, 1, [row], sheet.style, sheet.zero)
    return [page]


def lay_items(sheet: Sheet) -> list[Page]:
    """One item per row."""
    columns = columns_of(sheet.spec["columns"], sheet)
    amounts = _events(sheet)
    labels = sum(column.key.startswith("label") for column in columns)
    rows = []
    for key, texts in sheet.spec["rows"]:
        figures: list[Entry] = [Figure(_event(sheet, amounts, key), (sheet.form, "", "total", key))]
        if columns[-1].key == "previous":
            previous = _event(sheet, sheet.budget.previous, key)
            figures.append(Figure(previous, (sheet.form, "", "total", f"previous {key}")))
        rows.append(Row((*texts, *figures), ((0, labels - 1),) if texts[-1] == "" else ()))
    page = new_page(sheet)
    top = lay_header(page, lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    lay_rows(page, top, 1, rows, sheet.style, sheet.zero)
    return [page]


def lay_procurement(sheet: Sheet) -> list[Page]:
    """Category, project and item, each with its subtotal inside the data."""
    words = sheet.spec
    rows = _procurement_rows(sheet)
    columns = [Column(str(index), (text,)) for index, text in enumerate(words["columns"])]
    page = new_page(sheet)
    top = lay_header(page, lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    cut = len(rows) - 4 if _continues(sheet, rows) else len(rows)
    lay_rows(page, top, 1, rows[:cut], sheet.style, sheet.zero)
    lay_note(page, sheet, {} if not sheet.budget.purchases else {"total": Counter()})
    if cut == len(rows):
        return [page]
    rest = Page(f"{sheet.ordinal + 1}.表{sheet.ordinal + 1}", sheet.form, sheet.unit)
    lay_rows(rest, 1, 1, rows[cut:], sheet.style, sheet.zero)
    return [page, rest]


def _continues(sheet: Sheet, rows: Sequence[Row]) -> bool:
    return not sheet.family["prints_code"] and sheet.style["continued"] == "next_sheet" and len(rows) > 9


def _procurement_rows(sheet: Sheet) -> list[Row]:
    words, purchases = sheet.spec, sheet.budget.purchases
    rows = [_purchase_row(sheet, "total", (words["total"],), purchases)]
    position = 0
    for category, label in words["categories"].items():
        inside = sorted((each for each in purchases if each.category == category), key=_purchase_group)
        if not inside:
            continue
        rows.append(_purchase_row(sheet, category, (label,), inside))
        groups: defaultdict[tuple[str, str], list[Purchase]] = defaultdict(list)
        for each in inside:
            groups[_purchase_group(each)].append(each)
        above = ""
        for (project, economic), items in groups.items():
            position += 1
            texts: tuple[Entry, ...] = (None, None if project == above else project, economic)
            above = project
            rows.append(_purchase_row(sheet, f"{category}.{position:03}", texts, items))
            for item in items:
                position += 1
                texts = (None, None, None, item.item_name, item.organisation_form)
                rows.append(_purchase_row(sheet, f"{category}.{position:03}", texts, [item]))
    return rows


def _purchase_group(purchase: Purchase) -> tuple[str, str]:
    return purchase.project_name, purchase.economic_name


def _purchase_row(sheet: Sheet, key: str, texts: Sequence[Entry], items: Sequence[Purchase]) -> Row:
    amount = sum(item.amount for item in items)
    blank = [None] * (5 - len(texts))
    return Row((*texts, *blank, Figure(amount, (sheet.form, "", key, "total"))))


def lay_assets(sheet: Sheet) -> list[Page]:
    """Asset class by quantity and value, at the end of last year."""
    columns = [Column(str(index), (sheet.words(text),)) for index, text in enumerate(sheet.spec["columns"])]
    page = new_page(sheet)
    top = lay_heading(page, sheet, len(columns))
    page.put(top, 1, sheet.words(sheet.spec["as_of"]))
    top = lay_header(page, top + 1, 1, columns, sheet.style)
    lay_rows(page, top, 1, _asset_rows(sheet), sheet.style, sheet.zero)
    return [page]


def _asset_rows(sheet: Sheet) -> list[Row]:
    assets = sheet.budget.assets
    whole = sum(asset.value for asset in assets.values())
    rows = [Row((sheet.spec["total"], None, Figure(whole, (sheet.form, "", "total", "value"))))]
    memo_after, memo_label = sheet.spec["memo"]
    for key, label in sheet.spec["rows"]:
        asset = assets.get(key, Asset())
        rows.append(_asset_row(sheet, key, label, asset))
        if key == memo_after:
            office = Asset(asset.quantity // 200 * 100, asset.value // 3 // 1_000_000 * 1_000_000)
            rows.append(_asset_row(sheet, f"memo {key}", memo_label, office))
    return rows


def _asset_row(sheet: Sheet, key: str, label: str, asset: Asset) -> Row:
    place = (sheet.form, "", key)
    counted = None if key == "other" else Figure(asset.quantity, (*place, "quantity"), scale=100)
    return Row((label, counted, Figure(asset.value, (*place, "value"))))
