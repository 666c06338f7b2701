"""What a form says, before anyone lays it out: figures at their canonical addresses among words."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from tests.variants.money import draw_amount
from tests.variants.words import Speller, words

ORDINALS = ("{n}", "{n}、", "（{n}）", "（{n}）、")
CHINESE = "一二三四五六七八九十"
NUMBER = re.compile(r"\d+(?:\.\d{2})?")


@dataclass(frozen=True)
class Figure:
    """A figure of a form at its address; `amount` in 分 (quantities and percents in hundredths)."""

    form: str
    panel: str
    row_key: str
    column_key: str
    measure: str
    amount: int

    @property
    def address(self) -> tuple[str, str, str, str, str]:
        return (self.form, self.panel, self.row_key, self.column_key, self.measure)


@dataclass(frozen=True)
class Wide:
    """A text that may be merged over `width` columns."""

    text: str
    width: int


@dataclass(frozen=True)
class Unused:
    """An amount of 分 that no form asks for."""

    amount: int


Cell = str | float | Figure | Wide | Unused | None
Row = list[Cell]


@dataclass
class Part:
    """Columns of one table that belong together: header words from top to bottom, and rows of cells."""

    columns: list[tuple[str, ...]]
    rows: list[Row]
    amounts: set[int] = field(default_factory=set)


@dataclass
class Table:
    """One form of one body, parts side by side. `leaves`: panel to the sum of its leaves, in 分. `lies`: it is on its side.
    `foreign`: it is no form of the county, yet each of its figures has to be told."""

    form: str
    title: str
    parts: list[Part]
    leaves: dict[str, int] = field(default_factory=dict)
    splits: bool = False
    lies: bool = False
    foreign: bool = False

    def figures(self) -> Iterator[Figure]:
        for part in self.parts:
            for row in part.rows:
                yield from (cell for cell in row if isinstance(cell, Figure))


@dataclass(frozen=True)
class Tools:
    """What every drawing needs."""

    rng: Random
    say: Speller
    unit: str

    def amount(self) -> int:
        return draw_amount(self.rng, self.unit)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share


@dataclass(frozen=True)
class Node:
    """A column of amounts: its key, how it is called, whether it is printed, and its parts."""

    key: str
    word: str = ""
    parts: tuple["Node", ...] = ()
    printed: bool = True

    def leaves(self) -> list[str]:
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self.key]


TYPES = ("business_operating", "remitted_to_superior", "subsidy_to_subsidiary", "reserve", "carried_forward")
SOURCES = ("business", "business_operating_income", "superior_subsidy", "subsidiary_remittance", "other")
FUNDS = ("general_public_budget", "government_fund", "state_capital")
CANON = {"business_operating_income": "business_operating"}


def _basic(tools: Tools) -> Node:
    if tools.chance(0.5):
        return Node("basic")
    parts = [Node("basic_personnel"), Node("basic_operating")]
    tools.rng.shuffle(parts)
    return Node("basic", parts=tuple(parts), printed=tools.chance(0.6))


def _types(tools: Tools, others: Sequence[str]) -> list[Node]:
    kept = [Node(key) for key in others if tools.chance(0.6)]
    return [_basic(tools), Node("project"), *kept]


def _sources(tools: Tools) -> list[Node]:
    funds = [Node(key) for key in FUNDS]
    if tools.chance(0.5):
        funds = [Node("fiscal_appropriation", parts=tuple(funds), printed=tools.chance(0.6))]
    others = [Node(key) for key in SOURCES]
    if tools.chance(0.3):
        others = [Node("unit_funds", parts=tuple(others), printed=tools.chance(0.6))]
    return [*funds, Node("fiscal_special_account"), *others, Node("carried_over")]


def _only_total(_tools: Tools) -> list[Node]:
    return []


def _general(tools: Tools) -> list[Node]:
    return _types(tools, ()) if tools.chance(0.85) else []


def _economic(tools: Tools) -> list[Node]:
    return [Node("basic_personnel"), Node("basic_operating")] if tools.chance(0.8) else []


CODED: dict[str, tuple[str, Callable[[Tools], list[Node]]]] = {
    "expenditure": ("function", lambda tools: _types(tools, TYPES)),
    "income": ("function", _sources),
    "general_by_function": ("function", _general),
    "government_fund": ("function", _general),
    "state_capital": ("function", _general),
    "appropriation_by_function": ("function", _general),
    "basic_by_economic": ("economic", _economic),
    "appropriation_basic_by_economic": ("economic", _economic),
    "operating_costs": ("economic", _only_total),
}


def coded(tools: Tools, form: str) -> Table:
    """A form with one row a code and one column a kind of money."""
    codes, draw = CODED[form]
    nodes = draw(tools)
    if form in ("expenditure", "income"):
        tools.rng.shuffle(nodes)
    total = Node("total", printed=True)
    leaf_keys = [leaf for node in nodes for leaf in node.leaves()] or ["total"]
    amounts = leaf_amounts(tools, codes, leaf_keys)
    paths, keys = _paths(tools, form, nodes, total)
    front = _Front(tools, codes, list(printed_codes(tools, amounts)))
    sums = {node.key: node.leaves() for node in every_node(nodes)} | {"total": leaf_keys}
    body = [
        front.cells(code) + [figure_of(form, code, key, sum_of(amounts, code, sums[key])) for key in keys]
        for code in front.codes
    ]
    total_row = front.total() + [
        figure_of(form, "total", key, sum_of(amounts, "", sums[key])) for key in keys
    ]
    if tools.chance(0.9):
        body.insert(0 if tools.chance(0.5) else len(body), total_row)
    columns = front.columns() + paths
    part = Part(columns, body, set(range(len(front.columns()), len(columns))))
    if tools.chance(0.15):
        part = _with_remark(tools, part)
    whole = sum_of(amounts, "", leaf_keys)
    return Table(form, tools.say.say("titles", form), [part], {"": whole}, splits=True)


def _with_remark(tools: Tools, part: Part) -> Part:
    rows = [[*row, "详见附件" if tools.chance(0.1) else None] for row in part.rows]
    return Part([*part.columns, (tools.say.say("headers", "remark"),)], rows, part.amounts)


def every_node(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from every_node(node.parts)


def figure_of(form: str, row: str, column: str, amount: int) -> Figure:
    return Figure(form, "", row, CANON.get(column, column), "amount", amount)


def sum_of(amounts: dict[tuple[str, str], int], stem: str, keys: Sequence[str]) -> int:
    return sum(amount for (code, key), amount in amounts.items() if code.startswith(stem) and key in keys)


def leaf_amounts(tools: Tools, codes: str, keys: Sequence[str]) -> dict[tuple[str, str], int]:
    """Amounts of the deepest codes; a class now and then is not divided."""
    known = list(words()[codes])
    deepest = [c for c in known if not any(other != c and other.startswith(c) for other in known)]
    chosen = sorted(tools.rng.sample(deepest, tools.rng.randint(1, min(7, len(deepest)))))
    return {(code, key): tools.amount() for code in chosen for key in keys}


def printed_codes(tools: Tools, amounts: dict[tuple[str, str], int]) -> list[str]:
    leaves = list(dict.fromkeys(code for code, _ in amounts))
    lengths = tools.rng.choice(((3, 5, 7), (3, 5, 7), (7,), (3, 7)))
    found = {code[:n] for code in leaves for n in lengths if n < len(code)} | set(leaves)
    return sorted(found)


def _paths(
    tools: Tools, form: str, nodes: Sequence[Node], total: Node
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Header paths and keys of the amount columns."""
    found: list[tuple[tuple[str, ...], str]] = []
    if not nodes:
        kind, key = ("keys", "operating_costs") if form == "operating_costs" else ("headers", "amount")
        found = [((tools.say.say(kind, key),), total.key)]
    for node in nodes:
        found += _node_paths(tools, node, ())
    if nodes:
        word = (tools.say.say("keys", "total"),)
        found.insert(0 if tools.chance(0.7) else len(found), (word, "total"))
    if len(found) > 1 and tools.chance(0.3):
        above = tools.say.say("headers", "group")
        found = [((above, *path), key) for path, key in found]
    return [path for path, _ in found], [key for _, key in found]


def _node_paths(tools: Tools, node: Node, above: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    here = (*above, tools.say.say("keys", node.key))
    if not node.parts:
        return [(here, node.key)]
    found = [entry for part in node.parts for entry in _node_paths(tools, part, here)]
    if node.printed:
        found.insert(0, ((*here, tools.rng.choice(("小计", "合计"))), node.key))
    return found


class _Front:
    """The columns before the amounts: numbering, body, codes in some style, names."""

    def __init__(self, tools: Tools, codes: str, printed: list[str]) -> None:
        self.tools, self.kind, self.codes = tools, codes, printed
        self.names = words()[codes]
        rng = tools.rng
        styles = ["text", "number", "split full text", "split full number", "split whole", "code in name"]
        whole_tree = all(code[:n] in printed for code in printed for n in (3, 5) if n < len(code))
        self.style = rng.choice([*styles, "split own text", "split own number"] if whole_tree else styles)
        self.depth = 3 if codes == "function" else 2
        self.index = rng.random() < 0.12
        self.body = rng.random() < 0.12
        self.named = self.style == "code in name" or rng.random() < 0.95
        self.gap = rng.choice(("", " ", "-"))
        self.between = rng.choice(("", "", "", "", ".", "．", "-", " "))
        self.total_place = rng.choice(("code wide", "code", "label", "body" if self.body else "code wide"))
        self.heads = self._columns()

    @property
    def code_width(self) -> int:
        return 0 if self.style == "code in name" else self.depth if self.style.startswith("split") else 1

    def columns(self) -> list[tuple[str, ...]]:
        return self.heads

    def _columns(self) -> list[tuple[str, ...]]:
        say = self.tools.say.say
        economic = "economic_" if self.kind == "economic" else ""
        found: list[tuple[str, ...]] = [(say("headers", "index"),)] if self.index else []
        found += [(say("headers", "body"),)] if self.body else []
        if self.style.startswith("split"):
            above = say("headers", f"{economic}split")
            found += [(above, part) for part in ("类", "款", "项")[: self.depth]]
        elif self.code_width:
            found.append((say("headers", f"{economic}code"),))
        return [*found, (say("headers", f"{economic}label"),)] if self.named else found

    def cells(self, code: str) -> Row:
        found: Row = [float(self.codes.index(code) + 1)] if self.index else []
        found += ["县委办本级"] if self.body else []
        if self.style == "code in name":
            return [*found, f"{self._written(code)}{self.gap}{self.names[code]}"]
        found += self._code_cells(code)
        return [*found, self.names[code]] if self.named else found

    def _written(self, code: str) -> str:
        return self.between.join(part for part in (code[:3], code[3:5], code[5:]) if part)

    def _typed(self, written: str) -> str | float:
        """The code as a number where that loses nothing: never 201.30, nor what is no number."""
        kept = "." not in written or not written.endswith("0")
        return float(written) if self.style == "number" and kept and NUMBER.fullmatch(written) else written

    def _code_cells(self, code: str) -> Row:
        if not self.style.startswith("split"):
            return [self._typed(self._written(code))]
        bounds = [0, 3, 5, 7][: self.depth + 1]
        parts = [code[a:b] for a, b in pairwise(bounds)]
        if self.style == "split whole":
            parts = [code[:b] if len(code) >= b else "" for b in bounds[1:]]
        if "own" in self.style:
            last = max(n for n, part in enumerate(parts) if part)
            parts = [part if n == last else "" for n, part in enumerate(parts)]
        return [float(p) if p and "number" in self.style else p or None for p in parts]

    def total(self) -> Row:
        label = self.tools.say.say("totals", "total")
        before: Row = [None] * (self.index + self.body)
        width = self.code_width + self.named
        if self.total_place == "body":
            return [*before[:-1], label, *[None] * width]
        if self.total_place == "label" and self.named:
            return [*before, *[None] * self.code_width, label]
        first: Cell = Wide(label, width) if self.total_place == "code wide" and width > 1 else label
        return [*before, first, *[None] * (width - 1)]


def _ordinal(tools: Tools, style: str, number: int) -> str:
    if style == "none":
        return ""
    if style == "chinese":
        return f"{CHINESE[number]}、" if number < len(CHINESE) else ""
    return {"dot": f"{number + 1}.", "comma": f"{number + 1}、", "brackets": f"（{number + 1}）"}[style]


def _list(
    tools: Tools, form: str, panel: str, entries: Sequence[tuple[str, str, Sequence[tuple[str, int]]]]
) -> list[Row]:
    """Rows of an item list: (row key, words, [(column key, amount)])."""
    style = tools.rng.choice(("none", "chinese", "dot", "comma", "brackets"))
    rows: list[Row] = []
    for number, (key, label, amounts) in enumerate(entries):
        is_total = key in ("total", "current_total")
        text = label if is_total else _ordinal(tools, style, number) + label.lstrip()
        rows.append([text, *(Figure(form, panel, key, c, "amount", a) for c, a in amounts)])
    return rows


def _one(amount: int) -> list[tuple[str, int]]:
    return [("total", amount)]


def _income_part(tools: Tools, form: str, keys: Sequence[str]) -> tuple[Part, int]:
    say = tools.say.say
    amounts = {key: tools.amount() for key in keys}
    current = sum(amounts.values())
    entries = [(CANON.get(key, key), say("keys", key), _one(amounts[key])) for key in keys]
    if form == "balance" and tools.chance(0.4):
        fiscal = sum(amounts[key] for key in FUNDS)
        entries.insert(0, ("fiscal_appropriation", say("keys", "fiscal_appropriation"), _one(fiscal)))
    carried = tools.amount() if tools.chance(0.6) else 0
    if tools.chance(0.6):
        entries.append(("current_total", say("totals", "income_current"), _one(current)))
    if carried:
        entries.append(("carried_over", say("keys", "carried_over"), _one(carried)))
    entries.append(("total", say("totals", "income_total"), _one(current + carried)))
    rows = _list(tools, form, "income", entries)
    head = say("headers", "income_side")
    columns = [(head, say("headers", "source_label")), (head, say("headers", "amount"))]
    return Part(columns, rows, {1}), current + carried


def _class_part(tools: Tools, form: str, columns: Sequence[str]) -> tuple[Part, int]:
    """Expenditure by class; `columns` are its parts of the total (none: one amount)."""
    say = tools.say.say
    chosen = sorted(tools.rng.sample(list(words()["classes"]), tools.rng.randint(2, 8)))
    leaf_keys = list(columns) or ["total"]
    table = {code: {key: tools.amount() for key in leaf_keys} for code in chosen}
    sums = {key: sum(row[key] for row in table.values()) for key in leaf_keys}
    entries = [(code, words()["classes"][code], _crossed(table[code], columns)) for code in chosen]
    if tools.chance(0.6):
        entries.append(("current_total", say("totals", "spending_current"), _crossed(sums, columns)))
    entries.append(("total", say("totals", "spending_total"), _crossed(sums, columns)))
    rows = _list(tools, form, "function_class", entries)
    head = say("headers", "function_side")
    heads = [(head, say("headers", "class_label"))]
    if columns:
        heads += [(head, say("keys", "total")), *((head, say("keys", key)) for key in columns)]
    else:
        heads.append((head, say("headers", "amount")))
    return Part(heads, rows, set(range(1, len(heads)))), sum(sums.values())


def _crossed(amounts: dict[str, int], columns: Sequence[str]) -> list[tuple[str, int]]:
    whole = ("total", sum(amounts.values()))
    return [whole, *((key, amounts[key]) for key in columns)] if columns else [whole]


def _type_part(tools: Tools, form: str, keys: Sequence[str]) -> tuple[Part, int]:
    say = tools.say.say
    amounts = {key: tools.amount() for key in keys}
    entries = [(key, say("keys", key), _one(amounts[key])) for key in keys]
    if tools.chance(0.5):
        parts = _one(amounts["basic"])
        personnel = tools.rng.randint(0, max(amounts["basic"], 0) // 100) * 100
        step = {"元": 1, "千元": 1000, "万元": 100}[tools.unit]
        personnel -= personnel % step
        parts = [("basic_personnel", personnel), ("basic_operating", amounts["basic"] - personnel)]
        entries[1:1] = [(key, say("keys", key), _one(amount)) for key, amount in parts]
    entries.append(("total", say("totals", "spending_total"), _one(sum(amounts.values()))))
    rows = _list(tools, form, "spending_type", entries)
    head = say("headers", "type_side")
    columns = [(head, say("headers", "type_label")), (head, say("headers", "amount"))]
    return Part(columns, rows, {1}), sum(amounts.values())


def balance(tools: Tools) -> Table:
    """Income beside expenditure by class and, in some provinces, by type."""
    income, received = _income_part(tools, "balance", [*FUNDS, "fiscal_special_account", *SOURCES])
    split = ["basic", "project"] if tools.chance(0.25) else []
    classes, spent = _class_part(tools, "balance", split)
    parts, leaves = [income, classes], {"income": received, "function_class": spent}
    if tools.chance(0.4):
        kinds, total = _type_part(tools, "balance", ["basic", "project", *TYPES[:3]])
        parts, leaves = [*parts, kinds], leaves | {"spending_type": total}
    return Table("balance", tools.say.say("titles", "balance"), parts, leaves)


def appropriation_balance(tools: Tools) -> Table:
    """The three funds beside the classes they pay for."""
    income, received = _income_part(tools, "appropriation_balance", FUNDS)
    classes, spent = _class_part(tools, "appropriation_balance", FUNDS if tools.chance(0.6) else ())
    leaves = {"income": received, "function_class": spent}
    return Table(
        "appropriation_balance", tools.say.say("titles", "appropriation_balance"), [income, classes], leaves
    )


def _public_amounts(tools: Tools, *, wider: bool) -> dict[str, int]:
    keys = ["overseas_travel", "vehicle_purchase", "vehicle_operation", "official_reception"]
    found = {key: tools.amount() for key in [*keys, *(["meetings", "training"] if wider else [])]}
    found["vehicles"] = found["vehicle_purchase"] + found["vehicle_operation"]
    found["total"] = found["overseas_travel"] + found["vehicles"] + found["official_reception"]
    if wider:
        found["all_total"] = found["total"] + found["meetings"] + found["training"]
    return found


def three_public(tools: Tools) -> Table:
    """The three public expenses, one item a row or one a column."""
    wider = tools.chance(0.4)
    draw = _public_rows if tools.chance(0.5) else _public_columns
    return draw(tools, _public_amounts(tools, wider=wider), wider=wider)


def _public(key: str, amount: int, measure: str = "amount") -> Figure:
    return Figure("three_public", "", "total", key, measure, amount)


def _public_rows(tools: Tools, now: dict[str, int], *, wider: bool) -> Table:
    say = tools.say.say
    stated = {"amount": now}
    if tools.chance(0.5):
        stated["previous"] = before = _public_amounts(tools, wider=wider)
        if tools.chance(0.5):
            stated["change"] = {key: amount - before[key] for key, amount in now.items()}
        if tools.chance(0.3):
            stated["percent"] = percents(now, before)
    vehicles = ["vehicles", "vehicle_purchase", "vehicle_operation"]
    blocks = [["overseas_travel"], vehicles, ["official_reception"]]
    tools.rng.shuffle(blocks)
    keys = [key for block in blocks for key in block]
    keys = ["all_total", "total", *keys, "meetings", "training"] if wider else ["total", *keys]
    rows: list[Row] = []
    for key in keys:
        label = say("keys", {"total": "three_public"}.get(key, key)) if key != "all_total" else "合计"
        if key == "total" and not wider and tools.chance(0.5):
            label = say("totals", "total")
        label = "其中：" + label if key == keys[keys.index("vehicles") + 1] and tools.chance(0.4) else label
        rows.append([label, *measured(_public(key, 0), key, stated)])
    beside = [say("headers", measure) for measure in stated if measure != "amount"]
    own = "2020年预算数" if beside else say("headers", "amount")
    columns = [(head,) for head in (say("headers", "item"), own, *beside)]
    leaves = {"": now["all_total" if wider else "total"]}
    part = Part(columns, rows, {c for c, measure in enumerate(stated, start=1) if measure != "percent"})
    return Table("three_public", say("titles", "three_public"), [part], leaves)


def percents(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """By how many hundredths of a percent amounts have grown; nothing where they were nought."""
    return {key: round((now[key] - was) * 10_000 / was) for key, was in before.items() if was}


def measured(figure: Figure, key: str, stated: dict[str, dict[str, int]]) -> Row:
    """The figure as each of its measures states it."""
    return [
        replace(figure, amount=amounts[key], measure=measure) if key in amounts else None
        for measure, amounts in stated.items()
    ]


def _public_columns(tools: Tools, now: dict[str, int], *, wider: bool) -> Table:
    say = tools.say.say
    car = say("keys", "vehicles")
    cars = [((car, say("keys", key)), key) for key in ("vehicle_purchase", "vehicle_operation")]
    tools.rng.shuffle(cars)
    blocks = [[((say("keys", "overseas_travel"),), "overseas_travel")], [((car, "小计"), "vehicles"), *cars]]
    blocks.append([((say("keys", "official_reception"),), "official_reception")])
    tools.rng.shuffle(blocks)
    entries = [entry for block in blocks for entry in block]
    if wider:
        head = say("keys", "three_public")
        entries = [
            (("合计",), "all_total"),
            ((head, "小计"), "total"),
            *(((head, *p), k) for p, k in entries),
        ]
        entries += [((say("keys", key),), key) for key in ("meetings", "training")]
    else:
        entries.insert(0, ((say("keys", "total"),), "total"))
    row: Row = [_public(key, now[key]) for _, key in entries]
    part = Part([path for path, _ in entries], [row], set(range(len(row))))
    leaves = {"": now["all_total" if wider else "total"]}
    return Table("three_public", say("titles", "three_public"), [part], leaves)


def comparison(tools: Tools) -> Table:
    """Spending by function beside that of the year before, and how it has changed."""
    form, codes = "general_by_function", CODED["general_by_function"][0]
    now = leaf_amounts(tools, codes, ("total",))
    before = {key: tools.amount() for key in now}
    front = _Front(tools, codes, list(printed_codes(tools, now)))
    sums = [{code: sum_of(of, code, ("total",)) for code in (*front.codes, "")} for of in (before, now)]
    stated = dict(zip(("previous", "amount"), sums, strict=True))
    if tools.chance(0.6):
        stated["change"] = {code: amount - sums[0][code] for code, amount in sums[1].items()}
    if tools.chance(0.7):
        stated["percent"] = percents(sums[1], sums[0])
    rows = [
        front.cells(code) + measured(figure_of(form, code, "total", 0), code, stated) for code in front.codes
    ]
    rows.append(front.total() + measured(figure_of(form, "total", "total", 0), "", stated))
    words_of = {"amount": "2020年预算数"}
    heads = [(words_of.get(measure) or tools.say.say("headers", measure),) for measure in stated]
    columns = front.columns() + heads
    money = {c for c, measure in enumerate(stated, start=len(front.columns())) if measure != "percent"}
    title = tools.say.say("titles", "comparison")
    return Table(form, title, [Part(columns, rows, money)], {"": sums[1][""]})


def fund_balance(tools: Tools) -> Table:
    """What a fund has, which no form asks for, beside what it pays for."""
    say = tools.say.say
    table = coded(tools, "government_fund")
    (part,) = table.parts
    side, head = say("headers", "spending_side"), say("headers", "income_side")
    spent = [(side, *path) for path in part.columns]
    received: list[Row] = [
        [f"一、{say('keys', 'government_fund').lstrip()}", Unused(abs(tools.amount()) or 1_000_000)]
    ]
    received += [["二、上年结转", Unused(tools.amount())]] if tools.chance(0.5) else []
    received.append([say("totals", "income_total"), Unused(sum(table.leaves.values()))])
    income = Part([(head, "项目"), (head, say("headers", "amount"))], received, {1})
    parts = [income, replace(part, columns=spent)]
    return replace(table, title=say("titles", "fund_balance"), parts=parts, splits=False)


def projects(tools: Tools) -> Table:
    """A list of projects that says nothing of what they shall reach."""
    say = tools.say.say
    amounts = [tools.amount() for _ in range(tools.rng.randint(1, 5))]
    by_code = tools.chance(0.5)
    rows: list[Row] = [
        [
            *(["2010302"] if by_code else []),
            f"第{CHINESE[n]}项业务工作",
            figure_of("project", str(n), "total", amount),
        ]
        for n, amount in enumerate(amounts)
    ]
    rows.append(
        [
            *([None] if by_code else []),
            say("totals", "total"),
            figure_of("project", "total", "total", sum(amounts)),
        ]
    )
    columns = [(say("headers", "project_name"),), (say("headers", "amount"),)]
    columns = [(say("headers", "code"),), *columns] if by_code else columns
    part = Part(columns, rows, {len(columns) - 1})
    return Table("project", tools.rng.choice(words()["projects"]), [part], foreign=True)


def income_rows(tools: Tools) -> Table:
    """Income with one source a row (Jiangsu)."""
    say = tools.say.say
    keys = [*FUNDS, "fiscal_special_account", *SOURCES, "carried_over"]
    amounts = {key: tools.amount() for key in keys}
    total: Row = [say("totals", "income_total"), figure_of("income", "total", "total", sum(amounts.values()))]
    rows: list[Row] = [[say("keys", key), figure_of("income", "total", key, amounts[key])] for key in keys]
    rows.insert(0 if tools.chance(0.5) else len(rows), total)
    columns = [(say("headers", "source_label"),), (say("headers", "amount"),)]
    leaves = {"": sum(amounts.values())}
    return Table("income", say("titles", "income"), [Part(columns, rows, {1})], leaves)


def procurement(tools: Tools) -> Table:
    """Procurement by category, project and item, subtotals inside the data."""
    say = tools.say.say
    rows: list[Row] = []
    grand = 0
    for key in [key for key in ("goods", "works", "services") if tools.chance(0.7)] or ["goods"]:
        inner, subtotal = _purchases(tools, key)
        grand += subtotal
        rows += [[say("keys", key), None, None, None, None, _bought(key, subtotal)], *inner]
    rows.insert(0, [say("totals", "total"), None, None, None, None, _bought("total", grand)])
    texts = ("category", "project_name", "economic_name", "item_name", "organisation_form")
    columns = [(say("headers", key),) for key in texts] + [(say("keys", "procurement"),)]
    part = Part(columns, rows, {5})
    return Table("procurement", say("titles", "procurement"), [part], {"": grand})


def _bought(key: str, amount: int) -> Figure:
    return Figure("procurement", "", key, "total", "amount", amount)


def _purchases(tools: Tools, key: str) -> tuple[list[Row], int]:
    """Projects of a category with their items; each position is numbered within the category."""
    rows: list[Row] = []
    position = total = 0
    for project in range(tools.rng.randint(1, 2)):
        items = [abs(tools.amount()) or 100_000_000 for _ in range(tools.rng.randint(1, 3))]
        position += 1
        head = _bought(f"{key}.{position:03d}", sum(items))
        rows.append([None, f"第{CHINESE[project]}批设备购置", "办公设备购置", None, None, head])
        for item in items:
            position += 1
            name, way = tools.rng.choice(("台式计算机", "打印设备", "会议服务")), "分散采购"
            rows.append([None, None, None, name, way, _bought(f"{key}.{position:03d}", item)])
        total += sum(items)
    return rows, total


def assets(tools: Tools) -> Table:
    """Fixed assets: quantities and values."""
    say = tools.say.say
    keys = {key: key for key in ("buildings", "vehicles", "large_equipment", "other")}
    keys |= {"vehicles": "vehicle_assets", "other": "other_assets"}
    amounts = {key: abs(tools.amount()) or 1_000_000 for key in keys}
    rows: list[Row] = [
        [
            f"{number}、{say('keys', word).strip()}",
            Figure("assets", "", key, "quantity", "quantity", tools.rng.randrange(1, 900) * 100),
            Figure("assets", "", key, "value", "amount", amounts[key]),
        ]
        for number, (key, word) in enumerate(keys.items(), start=1)
    ]
    total = Figure("assets", "", "total", "value", "amount", sum(amounts.values()))
    rows.insert(0 if tools.chance(0.7) else len(rows), [say("keys", "asset_total"), None, total])
    columns = [(say("headers", key),) for key in ("asset", "quantity", "value")]
    return Table("assets", say("titles", "assets"), [Part(columns, rows, {2})], {})


SPECIAL: dict[str, Callable[[Tools], Table]] = {
    "balance": balance,
    "appropriation_balance": appropriation_balance,
    "three_public": three_public,
    "income by rows": income_rows,
    "procurement": procurement,
    "assets": assets,
    "comparison": comparison,
    "fund_balance": fund_balance,
    "projects": projects,
}
KINDS = (*CODED, *SPECIAL, "balance", "three_public", "expenditure", "income")


def draw_table(tools: Tools, kind: str) -> Table:
    """A form of this kind with facts of its own."""
    return SPECIAL[kind](tools) if kind in SPECIAL else coded(tools, kind)
