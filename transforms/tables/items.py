"""What rows of a list of items are by the others: of the year, parts, the rest beside parts, of which, with another meaning."""

from collections.abc import Iterator, Mapping

from transforms import common_words, forms
from transforms.forms import Panel
from transforms.tables.listed import Listed
from transforms.tables.sums import printed_parts, sum_of
from transforms.wording.meaning import DataRow
from transforms.wording.text import bare, ordinal_depth

_FEWEST = 2  # items that have a total of their own


def memos_of_parts(listed: Listed) -> Iterator[DataRow]:
    """An *of which* row (其中：财政拨款) below a part of what its words would mean is a part of that part: known by its words."""
    panel, above = listed.plan.panel, ""
    whole = panel.above_column if panel.items_as_rows else panel.above_row
    for row in listed.rows:
        if row.kind == "memo" and row.key in whole.get(above, ()):
            yield row.but(key=bare(row.label))
        elif row.key:
            above = row.key


def sums_of_the_year(listed: Listed) -> list[DataRow]:
    """小计 alone behind all of a year's items is their total, where none is called so and another total follows."""
    rows, panel = listed.rows, listed.plan.panel
    sums = [at for at, row in enumerate(rows) if bare(row.label) in common_words.shared_words().subtotals]
    last = next((at for at, row in enumerate(rows) if (row.kind, row.key) == ("total", "total")), 0)
    keys = {row.key for row in rows}
    if len(sums) != 1 or rows[sums[0]].kind != "unknown" or forms.CURRENT in keys or last < sums[0]:
        return []
    outside = {"", "total", *panel.rows.get("total", ())}
    before, behind = ({row.key for row in part} for part in (rows[: sums[0]], rows[sums[0] :]))
    alone = len(before - outside) >= _FEWEST and behind <= outside
    return [rows[sums[0]].but(kind="total", key=forms.CURRENT)] if alone else []


def side_as_total(listed: Listed) -> list[DataRow]:
    """A row called as the side of its list (一、收入) is the total of what stands below it, or says again what the total says."""
    rows, block, plan = listed
    sides = set(common_words.shared_words().sides) - plan.panel.other_sides
    own = next((row for row in rows if row.kind != "filler"), None)
    if own is None or own.kind != "unknown" or bare(own.label) not in sides or not plan.panel.other_sides:
        return []
    printed = {row.key: row.index for row in rows if row.kind in ("item", "total")}
    if "total" in printed:
        again = sum_of(block, plan, own.index, [printed["total"]]).exact
        return [own.but(kind="aside")] if again else []
    above = plan.panel.above_row
    parts = [index for key, index in printed.items() if printed.keys().isdisjoint(above.get(key, ()))]
    sure = parts and sum_of(block, plan, own.index, parts).exact
    return [own.but(kind="total", key="total")] if sure else []


def sums_of_classes(listed: Listed) -> list[DataRow]:
    """小计 that is the sum of all classes above it, where more of them (转移性支出) and a total follow, says nothing new."""
    rows, block, plan = listed
    words = common_words.shared_words().subtotals
    sums = [at for at, row in enumerate(rows) if row.kind == "unknown" and bare(row.label) in words]
    if len(sums) != 1:
        return []
    own, above, below = rows[sums[0]], rows[: sums[0]], rows[sums[0] + 1 :]
    classes = [row for row in above if row.kind != "filler"]
    alone = len(classes) >= _FEWEST and all(map(_is_class, classes))
    goes_on = any(map(_is_class, below)) and any(row.kind == "total" for row in below)
    sure = alone and goes_on and sum_of(block, plan, own.index, [row.index for row in classes]).exact
    return [own.but(kind="aside")] if sure else []


def year_said_again(listed: Listed) -> list[DataRow]:
    """小计 that states what the total of the year above it (财政拨款(补助)) states, where a total follows, says nothing new."""
    rows, block, plan = listed
    words = common_words.shared_words().subtotals
    sums = [at for at, row in enumerate(rows) if row.kind == "unknown" and bare(row.label) in words]
    years = [at for at, row in enumerate(rows) if row.key == forms.CURRENT]
    if len(sums) != 1 or len(years) != 1 or years[0] > sums[0]:
        return []
    own, year, below = rows[sums[0]], rows[years[0]], rows[sums[0] + 1 :]
    again = any(row.kind == "total" for row in below) and sum_of(block, plan, own.index, [year.index]).exact
    return [own.but(kind="aside")] if again else []


def _is_class(row: DataRow) -> bool:
    return row.kind == "item" and row.key.isdigit()


def rest_beside_parts(listed: Listed) -> list[DataRow]:
    """Items that stand beside what are parts of theirs elsewhere (三、其他资金 四、上级补助收入) are only the rest."""
    panel = listed.plan.panel
    present = {row.key: ordinal_depth(row.label) for row in listed.rows if row.kind == "item"}
    rest = {
        key: other
        for key, other in panel.beside.items()
        if other not in present and _stands_beside(present, panel.rows[key], present.get(key, 0))
    }
    return [row.but(key=rest[row.key]) for row in listed.rows if row.key in rest]


def _stands_beside(present: dict[str, int], parts: list[str], depth: int) -> bool:
    return depth > 0 and any(present.get(part) == depth for part in parts)


def apart_from_items(listed: Listed) -> list[DataRow]:
    """Rows set aside that alone stand beside an item (人员支出 | 对个人和家庭的补助) are of it: no list of classes is there."""
    asides = [row for row in listed.rows if row.kind == "aside"]
    words = {common_words.header_key(row.label) for row in asides}
    depths = {ordinal_depth(row.label) for row in asides}
    for row in listed.rows:
        of_it = listed.plan.panel.apart_words.get(row.key, frozenset())
        if words <= of_it and depths == {ordinal_depth(row.label)}:
            return [each.but(kind="item", key=row.key) for each in asides]
    return []


def parts_again(listed: Listed) -> Iterator[DataRow]:
    """Items below another of which the form knows them as parts: 上年结转, of it 政府性基金.

    Only where they stood before, or the year's own total did, or their ordinals say so: sources of this year may
    follow 上年结转 too.
    """
    known, seen, above, depth = listed.plan.panel.parts_of_rows, set[str](), "", 0
    for row in listed.rows:
        part, own = f"{above}.{row.key}", ordinal_depth(row.label)
        below = seen & {row.key, forms.CURRENT} or own > depth > 0
        if row.kind in ("item", "memo") and part in known and below:
            yield row.but(kind="item", key=part)
        elif row.key:
            seen.add(row.key)
            above, depth = row.key, own


def details_of_items(listed: Listed) -> Iterator[DataRow]:
    """Rows in strange words that are numbered below an item of which the form asks no parts: of which rows of it."""
    depth = 0
    for row in listed.rows:
        own = ordinal_depth(row.label)
        if row.kind == "unknown" and own > depth > 0:
            yield row.but(kind="memo", key=bare(row.label))
        elif row.kind != "memo":
            depth = 0 if _has_items_below(row.key, listed.plan.panel.rows) else own


def details_called_as_items(listed: Listed) -> Iterator[DataRow]:
    """Rows numbered below an item (1.上级补助 below 一、一般公共预算拨款收入) are of which rows of it, whatever items are called
    so, where the form knows none of them as its part and they stand among strange words or add up to it.
    """
    rows, block, plan = listed
    depths = [ordinal_depth(row.label) for row in rows]
    for at, (row, depth) in enumerate(zip(rows, depths, strict=True)):
        if row.kind != "item" or not depth or max(depths[at + 1 : at + 2], default=0) <= depth:
            continue
        end = next((n for n in range(at + 1, len(rows)) if depths[n] <= depth), len(rows))
        parts = [rows[n] for n in range(at + 1, end) if depths[n] == depths[at + 1]]
        known = any(row.key in plan.panel.above_row.get(part.key, ()) for part in parts)
        among_strange = any(part.kind != "item" for part in parts)
        if not known and (
            among_strange or sum_of(block, plan, row.index, [part.index for part in parts]).exact
        ):
            yield from (part.but(kind="memo", key=bare(part.label)) for part in parts if part.kind == "item")


def memos_that_go_on(listed: Listed) -> Iterator[DataRow]:
    """Rows in strange words below an *of which* row (其中：门诊收入 | 住院收入) are of which too: until they add up to the item
    above, or all of them where a numbered row follows and they are no more than it.
    """
    whole: int | None = None
    run: list[DataRow] = []
    rows = listed.rows
    for row, behind in zip(rows, [*rows[1:], None], strict=True):
        strange = row.kind == "unknown" and bare(row.label) and not ordinal_depth(row.label)
        if row.kind == "memo" or (run and strange):
            run.append(row)
        else:
            whole, run = (row.index if row.kind == "item" else None), []
        if whole is not None and strange and run and _are_of(listed, whole, run, behind):
            yield from (each.but(kind="memo", key=bare(each.label)) for each in run if each.kind == "unknown")
            run = []


def _are_of(listed: Listed, whole: int, parts: list[DataRow], behind: DataRow | None) -> bool:
    """Whether parts add up to a row, or are no more than it and a numbered row stands behind them."""
    added = sum_of(listed.block, listed.plan, whole, [part.index for part in parts])
    return added.exact or (added.within and behind is not None and ordinal_depth(behind.label) > 0)


def _has_items_below(key: str, tree: Mapping[str, list[str]]) -> bool:
    """Whether a form asks what a row consists of; what it asks as `key.part` only divides the item further."""
    return not key or any(not part.startswith(f"{key}.") for part in tree.get(key, ()))


def renamed_items(listed: Listed) -> list[DataRow]:
    """Items whose meaning depends on the others present: 合计 is the total of 三公 where no meetings stand beside it."""
    rows = listed.rows
    present = {row.key for row in rows}
    names = {
        key: rename.becomes
        for key, rename in listed.plan.panel.unless.items()
        if present.isdisjoint(rename.without)
    }
    sure = set(names)
    if any(row.kind == "unknown" for row in rows):
        names = {key: becomes for key, becomes in names.items() if not _closes(rows, key)}
        sure = {key for key, becomes in names.items() if _adds_up(listed, key, becomes)}
    elif len(rows) > 1 and not any(row.kind in ("item", "memo") for row in rows):
        return []
    changed = [row for row in rows if row.key in names]
    return [
        row.but(key=names[row.key]) if row.key in sure else row.but(kind="unknown", key="") for row in changed
    ]


def _closes(rows: list[DataRow], key: str) -> bool:
    """Whether a total stands below all that is known, and what is strange below it: it is what it is called, no more."""
    at = next((at for at, row in enumerate(rows) if row.kind == "total" and row.key == key), len(rows))
    above, below = ({row.kind for row in part} - {"filler"} for part in (rows[:at], rows[at + 1 :]))
    return below == {"unknown"} and bool(above or key == forms.CURRENT) and "unknown" not in above


def _adds_up(listed: Listed, whole: str, becomes: str) -> bool:
    """Whether a row is the sum of the known parts of what it may become, so that no strange row is in it."""
    rows, block, plan = listed
    indices = {row.key: row.index for row in rows if row.kind in ("item", "memo", "total")}
    parts = [indices[key] for key in printed_parts(plan.panel.columns, becomes, indices)]
    return bool(parts) and whole in indices and sum_of(block, plan, indices[whole], parts).exact


def rows_of_funds(listed: Listed) -> list[DataRow]:
    """Rows named by the fund that pays (一般公共预算, 政府性基金) of a table whose columns are items.

    Below or above the total they divide it; a list of nothing else adds up to it, and a single one is it. Beside rows of
    bodies or of years, or columns of other years or of funds, nobody knows which of them a figure is.
    """
    rows, plan = [row for row in listed.rows if row.kind != "filler"], listed.plan
    plain = {column.measure for column in plan.of_kind("amount")} == {"amount"}
    of_total = [row for row in rows if (row.kind, row.key) == ("total", "total")]
    funds = {row.index: _fund_named(row, plan.panel) for row in rows if row not in of_total}
    named = [fund for fund in funds.values() if fund]
    if not (plain and plan.has_items and named) or len(set(named)) < len(funds):
        return []
    lone = len(rows) == 1
    return [
        row.but(kind="single", key="total", measure=funds[row.index])
        if of_total
        else row.but(kind="total" if lone else "item", key="total" if lone else funds[row.index])
        for row in rows
        if row.index in funds
    ]


def _fund_named(row: DataRow, panel: Panel) -> str:
    """The fund that a row without another meaning names, '' for none."""
    key = panel.row_words.get(bare(row.label), "") if row.kind == "unknown" else ""
    return key if panel.measures.get(key) == [key] else ""


def earlier_years(listed: Listed) -> list[DataRow]:
    """Of rows that differ by their year only, the earlier is last year's."""
    dated = [(row, row.meaning.year) for row in listed.rows if row.meaning.year]
    latest = max((year for _, year in dated), default=0)
    earlier = (row for row, year in dated if year < latest)
    return [row.but(measure="previous") for row in earlier if row.meaning.measure == "amount"]
