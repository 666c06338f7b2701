"""Lays a budget out as the sheets of its family's forms."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from transforms.sample.budget import Asset, Budget, Line, Project, Purchase
from transforms.sample.lists import economic_names, function_name, parts, settings
from transforms.sample.page import Column, Entry, Figure, Page, Row, lay_header, lay_rows
from transforms.sample.style import Style

ORDINALS = "一二三四五六七八九十"
REPEAT_AFTER = 15
PROJECT_WIDTH = 7
Sums = Mapping[str, Counter[str]]
Columns = list[Column]


@dataclass(frozen=True)
class Body:
    """Who sends the workbook."""

    code: str
    name: str
    scope: str
    year: int


@dataclass(frozen=True)
class Sheet:
    """All a layout needs: the form's words, the family's, the body, its budget, and the style."""

    spec: Mapping[str, Any]
    family: Mapping[str, Any]
    body: Body
    budget: Budget
    style: Style
    ordinal: int

    @property
    def form(self) -> str:
        """Short name of the form."""
        return str(self.spec["form"])

    @property
    def edition(self) -> int:
        """The edition whose names are printed: now and then an older one than the year's."""
        return self.body.year - 2 if self.style["older_names"] == "older" else self.body.year

    def words(self, text: str) -> str:
        """A template of the lists filled in."""
        scope = "部门" if self.body.scope == "department" else "单位"
        return text.format(
            year=self.body.year,
            last_year=self.body.year - 1,
            unit=self.unit,
            scope=scope,
            subject=self.spec.get("subject", ""),
        )

    @property
    def unit(self) -> str:
        """Unit of the form's amounts."""
        return str(self.spec.get("unit", self.style.unit))

    @property
    def title(self) -> str:
        """The printed title."""
        title = self.words(self.spec["title"][self.body.scope])
        dated = self.style["title_years"] == "True" and not title.startswith(str(self.body.year))
        return f"{self.body.year}年{title}" if dated else title

    @property
    def zero(self) -> str | int | None:
        """What stands for a zero."""
        mark = self.style["zero"]
        return {"blank": None, "number": 0}.get(mark, settings("traps")["zero_marks"].get(mark))


def ordinal(count: int) -> str:
    """The Chinese numeral of a heading.

    >>> [ordinal(each) for each in (1, 10, 11, 20, 31)]
    ['一', '十', '十一', '二十', '三十一']
    """
    tens, ones = divmod(count, 10)
    head = "" if not tens else "十" if tens == 1 else ORDINALS[tens - 1] + "十"
    return head + (ORDINALS[ones - 1] if ones else "")


def build_pages(body: Body, budget: Budget, family: Mapping[str, Any], style: Style) -> list[Page]:
    """Every sheet of a workbook with forms, in order."""
    pages: list[Page] = []
    for count, spec in enumerate(_chosen_forms(family, style), 1):
        sheet = Sheet(spec, family, body, budget, style, count)
        pages += _project_pages(sheet) if spec["layout"] == "project" else LAYOUTS[spec["layout"]](sheet)
    return pages


def _chosen_forms(family: Mapping[str, Any], style: Style) -> list[Mapping[str, Any]]:
    return [form for form in family["forms"] if form.get("variant", style["three_public"]) == style["three_public"]]


# --- sums -----------------------------------------------------------------------------------------------------


def _lines(budget: Budget, money: str) -> list[Line]:
    """The lines a form speaks of: all, fiscal, or one fund."""
    if money == "all":
        return list(budget.lines)
    return [line for line in budget.lines if (line.fund if money == "fiscal" else line.fund == money)]


def _function_sums(lines: Iterable[Line], by: str) -> Sums:
    """Code at every level, and total, to amounts by source, fund or kind."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        for code in (line.function[:3], line.function[:5], line.function, "total"):
            sums[code][getattr(line, by)] += line.amount
    return sums


def _economic_sums(budget: Budget, money: str) -> Sums:
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for cost in budget.costs:
        if money == "basic" or cost.running:
            for code in (cost.code[:3], cost.code, "total"):
                sums[code][cost.kind] += cost.amount
    return sums


def _value(amounts: Mapping[str, int], key: str) -> int:
    """What a column prints of these amounts."""
    if key in ("total", "all_total"):
        return sum(amounts.values())
    if key == "current_total":
        return sum(amounts.values()) - amounts.get("carried_over", 0)
    return sum(amounts.get(part, 0) for part in parts(key))


def _columns(specs: Sequence[Mapping[str, Any]], sheet: Sheet) -> Columns:
    return [Column(spec["key"], tuple(sheet.words(text) for text in spec["head"])) for spec in specs]


# --- headings -------------------------------------------------------------------------------------------------


def _new_page(sheet: Sheet, suffix: str = "") -> Page:
    return Page(_sheet_name(sheet) + suffix, sheet.form, sheet.unit)


def _sheet_name(sheet: Sheet) -> str:
    kind = "title" if sheet.style["heading"] == "sheet_name" else sheet.style["sheet_names"]
    names = {
        "number": sheet.spec.get("number", f"公开{sheet.ordinal:02}表"),
        "plain": f"表{sheet.ordinal}",
        "title": sheet.title,
        "ordinal_title": f"{sheet.ordinal}.{sheet.title}",
        "ordinal_table": f"{sheet.ordinal}.表{sheet.ordinal}",
    }
    return str(names[kind])[:28]


def _body_text(sheet: Sheet) -> tuple[str, str]:
    marks = sheet.family["body_marks"][sheet.body.scope]
    mark = marks[int(sheet.body.code) % len(marks)]
    code = sheet.body.code if sheet.family["prints_code"] else ""
    return str(mark), f"{code}{sheet.body.name}"


def _unit_text(sheet: Sheet) -> str:
    return sheet.style["unit_note"].format(unit=sheet.unit)


def _lay_heading(page: Page, sheet: Sheet, width: int) -> int:
    """Title, body and unit above the table; gives the row of the header."""
    width = max(width, 3)
    page.marks["title"] = (1, 1)
    if sheet.style["heading"] == "one_cell":
        return _lay_one_cell(page, sheet, width)
    row = 1
    if sheet.style["heading"] == "rows":
        page.put(1, 1, sheet.title)
        page.merge(1, 1, 1, width)
        row = 2
    _lay_body(page, sheet, row, width)
    return row + 1


def _lay_one_cell(page: Page, sheet: Sheet, width: int) -> int:
    mark, body = _body_text(sheet)
    number = [sheet.spec["number"]] if "number" in sheet.spec else []
    page.put(1, 1, "\n".join([sheet.title, *number, f"{mark}{body} {_unit_text(sheet)}"]))
    page.merge(1, 1, 1, width)
    page.marks["unit"] = (1, 1)
    return 2


def _lay_body(page: Page, sheet: Sheet, row: int, width: int) -> None:
    mark, body = _body_text(sheet)
    room = width - 1 - (sheet.style["unit_cells"] == "broken")
    place = sheet.style["body_cell"] if room >= 2 else "joined"
    cells = {
        "joined": [f"{mark}{body}"],
        "next_cell": [mark, body],
        "broken": [f"{mark}{body[:-2]}", body[-2:]],
    }[place]
    for column, text in enumerate(cells, 1):
        page.put(row, column, text)
    _lay_unit(page, sheet, row, width)


def _lay_unit(page: Page, sheet: Sheet, row: int, width: int) -> None:
    text = _unit_text(sheet)
    page.marks["unit"] = (row, width)
    if sheet.style["unit_cells"] == "broken" and width > 3 and len(sheet.unit) > 1:
        page.put(row, width - 1, text[:-1])
        page.put(row, width, text[-1:])
        page.marks["unit_start"] = (row, width - 1)
    else:
        page.put(row, width, text)


# --- tables of codes ------------------------------------------------------------------------------------------


def _lay_functions(sheet: Sheet) -> list[Page]:
    """A table of function codes."""
    sums = _function_sums(_lines(sheet.budget, sheet.spec["money"]), sheet.spec["by"])
    return [_lay_codes(sheet, sums, lambda code: function_name(code, sheet.edition), (3, 2, 2))]


def _lay_economics(sheet: Sheet) -> list[Page]:
    """A table of economic codes."""
    sums = _economic_sums(sheet.budget, sheet.spec["money"])
    return [_lay_codes(sheet, sums, lambda code: economic_names()[code], (3, 2))]


def _lay_codes(sheet: Sheet, sums: Sums, name_of: Callable[[str], str], widths: tuple[int, ...]) -> Page:
    columns = _columns(sheet.spec["columns"], sheet)
    layout = sheet.style["code_layouts"]
    split = layout.startswith("split")
    columns = _split_columns(columns, widths) if split else columns
    page = _new_page(sheet)
    codes = [code for code in sorted(sums) if code != "total"]
    if layout == "joined":
        codes = [code for code in codes if len(code) == sum(widths)]
    keys = [column.key for column in columns if not column.key.startswith("code") and column.key != "name"]
    rows = [Row((*_code_cells(code, layout, widths), name_of(code), *_figures(sheet, sums, code, keys))) for code in codes]
    rows = _with_fillers(rows, sheet, len(columns))
    total = _total_row(sheet, sums, keys, len(columns))
    rows = [total, *rows] if sheet.style["total_positions"] == "top" else [*_padded(rows, sheet), total]
    _lay_numbered(page, sheet, columns, rows)
    _lay_note(page, sheet, sums)
    return page


def _split_columns(columns: Columns, widths: tuple[int, ...]) -> Columns:
    levels = ("类", "款", "项")[: len(widths)]
    code, rest = columns[0], columns[1:]
    return [Column(f"code_{level}", (*code.head, level)) for level in levels] + rest


def _code_cells(code: str, layout: str, widths: tuple[int, ...]) -> tuple[Entry, ...]:
    if not layout.startswith("split"):
        return (int(code) if layout == "growing_mixed" and len(code) == 3 else code,)
    cells: list[Entry] = []
    for width in widths:
        piece, code = code[:width], code[width:]
        cells.append((int(piece) if layout == "split_number" or len(piece) == 3 else piece) if piece else None)
    return tuple(cells)


def _figures(sheet: Sheet, sums: Sums, code: str, keys: Sequence[str]) -> list[Figure]:
    amounts = sums.get(code, Counter())
    return [Figure(_value(amounts, key), (sheet.form, "", code, key)) for key in keys]


def _total_row(sheet: Sheet, sums: Sums, keys: Sequence[str], width: int) -> Row:
    labels = width - len(keys)
    merged = ((0, labels - 1),) if sheet.style["numbering_column"] == "none" else ()
    entries: list[Entry] = [sheet.style["total_labels"], *[None] * (labels - 1)]
    return Row((*entries, *_figures(sheet, sums, "total", keys)), merged)


def _with_fillers(rows: list[Row], sheet: Sheet, width: int) -> list[Row]:
    kind = sheet.style["filler_rows"]
    if kind == "none" or not rows:
        return rows
    if kind == "blank":
        middle = len(rows) // 2
        return [*rows[:middle], Row((None,) * width), *rows[middle:]]
    dots = settings("traps")["filler"]
    return [*rows, Row((dots, dots, *[None] * (width - 2)))]


def _padded(rows: list[Row], sheet: Sheet) -> list[Row]:
    """Blank rows up to the least number of rows the printed form has."""
    missing = int(sheet.spec.get("least_rows", 0)) - len(rows)
    return rows + [Row(())] * max(missing, 0)


def _lay_numbered(page: Page, sheet: Sheet, columns: Columns, rows: list[Row]) -> None:
    """Heading, header and rows, with a numbering column or row where the style has one."""
    marks = settings("traps")["numbering"]
    left = 1 if sheet.style["numbering_column"] == "none" else 2
    top = _lay_heading(page, sheet, len(columns) + left - 1)
    if left == 2:
        depth = max(len(column.head) for column in columns)
        page.put(top, 1, marks["column"])
        page.merge(top, 1, top + depth - 1, 1)
    _lay_table(page, sheet, top, left, columns, rows)


def _lay_table(page: Page, sheet: Sheet, top: int, left: int, columns: Columns, rows: list[Row]) -> int:
    row = _lay_numbers(page, sheet, lay_header(page, top, left, columns, sheet.style), left, columns)
    if _repeats_header(sheet, rows):
        row = lay_rows(page, row, left, rows[:REPEAT_AFTER], sheet.style, sheet.zero)
        row = lay_header(page, row, left, columns, sheet.style)
        rows = rows[REPEAT_AFTER:]
    end = lay_rows(page, row, left, rows, sheet.style, sheet.zero)
    if left == 2:
        for count, number in enumerate(range(row, end), 1):
            page.put(number, 1, count)
    return end


def _repeats_header(sheet: Sheet, rows: Sequence[Row]) -> bool:
    """Printed forms repeat their header on the second page."""
    return bool(sheet.spec.get("pages_repeat")) and len(rows) > REPEAT_AFTER + 2 and int(sheet.body.code) % 2 == 0


def _lay_numbers(page: Page, sheet: Sheet, row: int, left: int, columns: Columns) -> int:
    if sheet.style["numbering_row"] == "none":
        return row
    labels = [index for index, column in enumerate(columns) if column.key.startswith("code") or column.key == "name"]
    page.put(row, left, settings("traps")["numbering"]["row"])
    for count, index in enumerate(range(len(labels), len(columns)), 1):
        page.put(row, left + index, count)
    return row + 1


def _lay_note(page: Page, sheet: Sheet, sums: Sums) -> None:
    if not sums and sheet.style["empty_notes"] == "printed" and "subject" in sheet.spec:
        row = page.last_row + 1
        page.put(row, 1, sheet.words(sheet.family["empty_note"]))
        page.marks["note"] = (row, 1)


# --- tables side by side --------------------------------------------------------------------------------------


def _lay_panels(sheet: Sheet) -> list[Page]:
    """Income beside expenditure, with totals in the last rows."""
    panels = [_panel(sheet, spec) for spec in sheet.spec["panels"]]
    height = max(int(sheet.spec.get("least_rows", 0)), *(len(body) for _, body, _ in panels))
    columns = [column for heads, _, _ in panels for column in heads]
    rows = [*_side_by_side([(heads, body) for heads, body, _ in panels], height)]
    foot = _side_by_side([(heads, foot) for heads, _, foot in panels], len(panels[0][2]))
    rows += [replace(row, merges=_foot_merges(sheet)) for row in foot]
    page = _new_page(sheet)
    top = lay_header(page, _lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    lay_rows(page, top, 1, rows, sheet.style, sheet.zero)
    return [page]


def _foot_merges(sheet: Sheet) -> tuple[tuple[int, int], ...]:
    """Where a block's totals are printed in the next block, their labels reach to it."""
    return ((2, 4),) if any("foot_in" in spec for spec in sheet.spec["panels"]) else ()


def _side_by_side(panels: Sequence[tuple[Columns, list[list[Entry]]]], height: int) -> list[Row]:
    rows = []
    for index in range(height):
        entries: list[Entry] = []
        for heads, body in panels:
            entries += body[index] if index < len(body) else [None] * len(heads)
        rows.append(Row(tuple(entries)))
    return rows


def _panel(sheet: Sheet, spec: Mapping[str, Any]) -> tuple[Columns, list[list[Entry]], list[list[Entry]]]:
    """Columns, rows and foot rows of one block."""
    scope_columns = spec.get("unit_columns") if sheet.body.scope == "unit" else None
    columns = _columns(scope_columns or spec["columns"], sheet)
    keys = [column.key for column in columns[1:]]
    fill = _filler(sheet, spec, keys)
    if isinstance(spec["rows"], str):
        body = [fill(code, f"{ordinal(count)}、{name}") for count, (code, name) in enumerate(_classes(sheet, spec), 1)]
    else:
        body = [fill(key, label) for key, label in spec["rows"]]
    foot = [fill(key, label) for key, label in spec["foot"]]
    if "foot_in" in spec:
        foot = [[label, None] for _, label in spec["foot"]]
    return columns, body, foot


def _classes(sheet: Sheet, spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    used = {line.function[:3] for line in _panel_lines(sheet)}
    return [
        (code, function_name(code, sheet.edition, name))
        for code, name in sheet.family["classes"]
        if spec["rows"] == "every class" or code in used
    ]


def _panel_lines(sheet: Sheet) -> list[Line]:
    return _lines(sheet.budget, "fiscal" if sheet.form == "appropriation_balance" else "all")


def _filler(sheet: Sheet, spec: Mapping[str, Any], keys: Sequence[str]) -> Callable[[str, str], list[Entry]]:
    """Gives the entries of a row of the panel from its key and label."""
    sums = _function_sums(_panel_lines(sheet), spec.get("by", "kind"))
    whole = sums.get("total", Counter())

    def amounts(key: str, column: str) -> int:
        if key.isdigit():
            return _value(sums.get(key, Counter()), column)
        if column == "total":
            return _value(whole, key)
        return 0 if key == "carried_forward" else _value(whole, column)

    def entries(key: str, label: str) -> list[Entry]:
        panel = "function_class" if spec["panel"] == "spending_type" and _balance_total(sheet, key) else spec["panel"]
        return [label, *(Figure(amounts(key, column), (sheet.form, panel, key, column)) for column in keys)]

    return entries


def _balance_total(sheet: Sheet, key: str) -> bool:
    """Whether the figure is an expenditure total printed once for two blocks."""
    return sheet.form == "balance" and key in ("current_total", "carried_forward", "total")


# --- single lines and lists -----------------------------------------------------------------------------------


def _events(sheet: Sheet) -> dict[str, int]:
    """The figures of the three public expenses form, or of a form whose row is the body's total."""
    if sheet.form != "three_public":
        by = "source" if sheet.form == "income" else "kind"
        return dict(_function_sums(sheet.budget.lines, by).get("total", Counter()))
    running = sum(cost.amount for cost in sheet.budget.costs if cost.running)
    return {**sheet.budget.events, "operating_costs": running}


def _event(sheet: Sheet, amounts: Mapping[str, int], key: str) -> int:
    if sheet.form == "three_public" and key in ("total", "all_total"):
        extra = ("meetings", "training") if key == "all_total" else ()
        return sum(amounts[item] for item in (*parts("three_public"), *extra))
    return _value(amounts, key)


def _lay_line(sheet: Sheet) -> list[Page]:
    """One row of figures under a header."""
    columns = _columns(sheet.spec["columns"], sheet)
    amounts = _events(sheet)
    row = Row(tuple(Figure(_event(sheet, amounts, each.key), (sheet.form, "", "total", each.key)) for each in columns))
    page = _new_page(sheet)
    top = lay_header(page, _lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    lay_rows(page, top, 1, [row], sheet.style, sheet.zero)
    return [page]


def _lay_items(sheet: Sheet) -> list[Page]:
    """One item per row."""
    columns = _columns(sheet.spec["columns"], sheet)
    amounts = _events(sheet)
    labels = sum(column.key.startswith("label") for column in columns)
    rows = []
    for key, texts in sheet.spec["rows"]:
        figures: list[Entry] = [Figure(_event(sheet, amounts, key), (sheet.form, "", "total", key))]
        if columns[-1].key == "previous":
            previous = _event(sheet, sheet.budget.previous, key)
            figures.append(Figure(previous, (sheet.form, "", "total", f"previous {key}")))
        rows.append(Row((*texts, *figures), ((0, labels - 1),) if texts[-1] == "" else ()))
    page = _new_page(sheet)
    top = lay_header(page, _lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    lay_rows(page, top, 1, rows, sheet.style, sheet.zero)
    return [page]


# --- procurement, assets, projects ----------------------------------------------------------------------------


def _lay_procurement(sheet: Sheet) -> list[Page]:
    """Category, project and item, each with its subtotal inside the data."""
    words = sheet.spec
    rows = _procurement_rows(sheet)
    columns = [Column(str(index), (text,)) for index, text in enumerate(words["columns"])]
    page = _new_page(sheet)
    top = lay_header(page, _lay_heading(page, sheet, len(columns)), 1, columns, sheet.style)
    cut = len(rows) - 4 if _continues(sheet, rows) else len(rows)
    lay_rows(page, top, 1, rows[:cut], sheet.style, sheet.zero)
    _lay_note(page, sheet, {} if not sheet.budget.purchases else {"total": Counter()})
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
        for (project, economic), items in groups.items():
            position += 1
            rows.append(_purchase_row(sheet, f"{category}.{position:03}", (None, project, economic), items))
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


def _lay_assets(sheet: Sheet) -> list[Page]:
    """Asset class by quantity and value, at the end of last year."""
    columns = [Column(str(index), (sheet.words(text),)) for index, text in enumerate(sheet.spec["columns"])]
    page = _new_page(sheet)
    top = _lay_heading(page, sheet, len(columns))
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


def _project_pages(sheet: Sheet) -> list[Page]:
    return [_project_page(sheet, project, count) for count, project in enumerate(sheet.budget.projects, 1)]


def _project_page(sheet: Sheet, project: Project, count: int) -> Page:
    """A project's performance target table."""
    words = sheet.spec["words"]
    page = Page(f"项目{count}", sheet.form, sheet.unit)
    page.marks |= {"title": (1, 1), "unit": (2, PROJECT_WIDTH)}
    page.put(1, 1, f"{project.name}绩效目标表" if count % 2 else sheet.title)
    page.merge(1, 1, 1, PROJECT_WIDTH)
    page.put(2, 1, f"{sheet.spec['body']}{sheet.body.code}{sheet.body.name}")
    page.put(2, PROJECT_WIDTH, _unit_text(sheet))
    lay_rows(page, 3, 1, _project_head(words, project), sheet.style, sheet.zero)
    page.merge(4, 1, 5, 1)
    page.merge(6, 1, 7, 1)
    lay_rows(page, 9, 1, _indicator_rows(words, project), sheet.style, sheet.zero)
    return page


def _project_head(words: Mapping[str, Any], project: Project) -> list[Row]:
    def money(key: str, amount: int) -> Figure:
        return Figure(amount, ("project", project.code, key, "total"))

    fiscal = project.budget - project.other
    plan = dict(project.payments)
    months = [
        Figure(plan.get(month, 0) * 100, ("project", project.code, str(month), "percent"), scale=100)
        for month in words["months"]
    ]
    budget = (words["budget"], money("budget", project.budget), words["fiscal"], money("fiscal", fiscal))
    other = (words["other"], money("other", project.other))
    return [
        Row((words["code"], project.code, None, words["name"], project.name), ((1, 2), (4, 6))),
        Row((words["scale"], *budget, *other)),
        Row((None, words["purpose"], project.purpose), ((2, 6),)),
        Row((words["plan"], *words["months"].values())),
        Row((None, *months)),
        Row((words["objective"], project.objective), ((1, 6),)),
    ]


def _indicator_rows(words: Mapping[str, Any], project: Project) -> list[Row]:
    rows = [Row(tuple(words["indicators"]))]
    above = ""
    for indicator in project.indicators:
        first = None if indicator[0] == above else indicator[0]
        above = indicator[0]
        rows.append(Row((first, *indicator[1:])))
    return rows


LAYOUTS: Mapping[str, Callable[[Sheet], list[Page]]] = {
    "panels": _lay_panels,
    "functions": _lay_functions,
    "economics": _lay_economics,
    "line": _lay_line,
    "items": _lay_items,
    "procurement": _lay_procurement,
    "assets": _lay_assets,
}
