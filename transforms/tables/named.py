"""Rows that are known by their names where their codes are left out: official subjects, and bodies among them."""

from collections.abc import Mapping, Sequence

from transforms import common_words, forms
from transforms.money import parse_number
from transforms.tables.layout import Block
from transforms.tables.plan import PanelPlan
from transforms.wording.body_names import BODY_KEY, names_body
from transforms.wording.meaning import DataRow
from transforms.wording.subjects import CodeList, codes_named
from transforms.wording.text import bare, ordinal_depth

_CLASS = 3
_FEWEST = 2  # figures that can count columns
_LEVELS: dict[CodeList, tuple[int, ...]] = {"function": (3, 5, 7), "economic": (3, 5)}


def lists_bodies(plan: PanelPlan) -> bool:
    """Whether the names of the table's rows may be bodies' too: 单位名称（科目）."""
    heads = (column.path[-1] for column in plan.of_kind("label") if column.path)
    kinds = common_words.shared_words().kinds_of_bodies.values()
    return plan.panel.codes is not None and any(kind in head for head in heads for kind in kinds)


def is_bodys_code(plan: PanelPlan, code: str, label: str) -> bool:
    """Whether what stands in the column of codes is the code of a body: no subject is so long, or is called so."""
    if plan.panel.codes is None or not names_body(label):
        return False
    subject = len(code) in _LEVELS[plan.panel.codes]
    return not subject or (lists_bodies(plan) and not is_called(plan, code, label))


def is_called(plan: PanelPlan, code: str, label: str) -> bool:
    """Whether the official subject of a code has this name."""
    return plan.panel.codes is not None and code in codes_named(plan.panel.codes).get(bare(label), ())


def is_of_another_list(plan: PanelPlan, code: str, label: str) -> bool:
    """Whether a code and its name are a subject of another list than the table's (30101 基本工资 among functions)."""
    own = plan.panel.codes
    if own is None or is_called(plan, code, label):
        return False
    return any(code in codes_named(other).get(bare(label), ()) for other in _LEVELS if other != own)


def is_subject(plan: PanelPlan, label: str) -> bool:
    """Whether a name is that of an official subject of the table's list."""
    return plan.panel.codes is not None and bare(label) in codes_named(plan.panel.codes)


def subjects_by_name(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Rows without code that bear the name of one official subject, as far as the rows around them allow no other.

    Beside codes only a class whose codes follow at once; in a list of names a class, what is listed below the last
    subject and at its side, or the one economic subject of that name.
    """
    if plan.panel.codes is None or not any(row.kind == "unknown" for row in rows):
        return rows
    coded = any(row.kind == "code" for row in rows)
    return _classes_above_codes(rows, plan) if coded else _listed_names(rows, plan)


def _named(row: DataRow, plan: PanelPlan) -> tuple[str, ...]:
    return codes_named(plan.panel.codes).get(bare(row.label), ()) if plan.panel.codes else ()


def _classes_above_codes(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Classes (工资福利支出) without code right above a code of theirs."""
    found = []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if row.kind == "unknown" and after and after.kind == "code":
            fitting = [
                code for code in _named(row, plan) if len(code) == _CLASS and after.key.startswith(code)
            ]
            row = row.but(kind="code", key=fitting[0], unit=after.meaning.unit) if fitting else row
        found.append(row)
    return found


def _listed_names(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """The rows of a list of names, each the subject that fits under those above it; after a strange name none is sure."""
    above, found, known = "", [], set[str]()
    for row in rows:
        if row.kind == "unknown":
            codes = _named(row, plan)
            fitting = [code for code in codes if code not in known and _fits(code, codes, above)]
            if not fitting and plan.panel.codes == "economic":
                fitting = list(codes)
            above = fitting[0] if len(fitting) == 1 else ""
            known.add(above)
            row = row.but(kind="code", key=above) if above else row
        found.append(row)
    return found


def _fits(code: str, codes: Sequence[str], above: str) -> bool:
    """Whether a code may follow another one in a list: below it, at its side, or a class that no subject outside is called as."""
    if len(code) == _CLASS:
        return all(other.startswith(code) for other in codes)
    return above.startswith(code[:-2])


def bodies_by_rows_below(rows: list[DataRow]) -> list[DataRow]:
    """Bodies named where names of subjects stand, without code: the body of the coded row below.

    The first, where another follows at once, a total stands beside and subjects are listed, is above them all and adds
    to nothing.
    """
    if not any(row.kind == "unit" for row in rows):
        return rows
    total = any(row.kind == "total" and row.key == "total" for row in rows)
    listed = any(row.kind == "code" for row in rows)
    whole = next((row.index for row in rows if row.kind == "unit"), -1) if total and listed else -1
    found = []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        unsaid = _is_uncoded_body(row) and not row.meaning.unit
        if unsaid and after and after.kind == "code" and after.meaning.unit:
            row = row.but(key=after.meaning.unit)
        elif _is_uncoded_body(row) and after and after.kind == "unit" and row.index == whole:
            row = row.but(kind="memo")
        found.append(row)
    return found


def without_numbering(rows: list[DataRow], block: Block, plan: PanelPlan) -> list[DataRow]:
    """The rows, a body right below the header whose figures count the columns (1, 2, 3) being no surely read one.

    So a numbering row looks whose words are mistyped.
    """
    if not rows or rows[0].kind != "unit":
        return rows
    amounts = plan.of_kind("amount")
    figures = [parse_number(block.sheet.at(rows[0].index, column.index)) for column in amounts]
    counts = [list(range(first, first + len(figures))) for first in range(1, len(plan.columns) + 1)]
    counted = figures in counts and (len(figures) >= _FEWEST or not names_body(rows[0].label))
    return [rows[0].but(kind="unknown", key=""), *rows[1:]] if counted else rows


def _is_uncoded_body(row: DataRow) -> bool:
    return row.kind == "unit" and not row.key.removeprefix(BODY_KEY).isdigit()


def beside_their_parts(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Items that stand beside what are parts of theirs elsewhere (三、其他资金 四、上级补助收入) are only the rest."""
    present = {row.key: ordinal_depth(row.label) for row in rows if row.kind == "item"}
    rest = {
        key: other
        for key, other in plan.panel.beside.items()
        if other not in present and _stands_beside(present, plan.panel.rows[key], present.get(key, 0))
    }
    return [row.but(key=rest[row.key]) if row.key in rest else row for row in rows] if rest else rows


def apart_from_items(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Rows set aside that alone stand beside an item (人员支出 | 对个人和家庭的补助) are of it: no list of classes is there."""
    asides = {
        (common_words.header_key(row.label), ordinal_depth(row.label)) for row in rows if row.kind == "aside"
    }
    words, depths = {word for word, _ in asides}, {depth for _, depth in asides}
    for row in rows:
        of_it = plan.panel.apart_words.get(row.key, frozenset())
        if asides and words <= of_it and depths == {ordinal_depth(row.label)}:
            return [each.but(kind="item", key=row.key) if each.kind == "aside" else each for each in rows]
    return rows


def body_as_total(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """A list of codes without total that begins with the name of a body: that row is of all of them."""
    kinds = [row.kind for row in rows if row.kind != "filler"]
    if plan.panel.codes is None or len(kinds) < _FEWEST or kinds[0] != "unknown" or {*kinds[1:]} != {"code"}:
        return rows
    first = next(row for row in rows if row.kind == "unknown")
    if not names_body(first.label) or is_subject(plan, first.label):
        return rows
    return [row.but(kind="total", key="total") if row is first else row for row in rows]


def sums_of_the_year(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """小计 alone behind all of a year's items is their total, where none is called so and another total follows."""
    panel = plan.panel
    sums = [at for at, row in enumerate(rows) if bare(row.label) in common_words.shared_words().subtotals]
    last = next((at for at, row in enumerate(rows) if (row.kind, row.key) == ("total", "total")), 0)
    keys = {row.key for row in rows}
    if len(sums) != 1 or rows[sums[0]].kind != "unknown" or forms.CURRENT in keys or last < sums[0]:
        return rows
    outside = {"", "total", *panel.rows.get("total", ())}
    before, behind = ({row.key for row in part} for part in (rows[: sums[0]], rows[sums[0] :]))
    if len(before - outside) < _FEWEST or not behind <= outside:
        return rows
    return [row.but(kind="total", key=forms.CURRENT) if at == sums[0] else row for at, row in enumerate(rows)]


def _stands_beside(present: dict[str, int], parts: list[str], depth: int) -> bool:
    return depth > 0 and any(present.get(part) == depth for part in parts)


def details_of_items(rows: list[DataRow], plan: PanelPlan) -> list[DataRow]:
    """Rows in strange words that are numbered below an item of which the form asks no parts: of which rows of it."""
    if plan.panel.codes or plan.panel.items_as_rows:
        return rows
    depth, found = 0, []
    for row in rows:
        own = ordinal_depth(row.label)
        if row.kind == "unknown" and own > depth > 0:
            row = row.but(kind="memo", key=bare(row.label))
        elif row.kind != "memo":
            depth = 0 if _has_items_below(row.key, plan.panel.rows) else own
        found.append(row)
    return found


def _has_items_below(key: str, tree: Mapping[str, list[str]]) -> bool:
    """Whether a form asks what a row consists of; what it asks as `key.part` only divides the item further."""
    return not key or any(not part.startswith(f"{key}.") for part in tree.get(key, ()))


def memos_of_parts(rows: Sequence[DataRow], plan: PanelPlan) -> list[DataRow]:
    """An *of which* row (其中：财政拨款) below a part of what its words would mean is a part of that part: known by its words."""
    panel = plan.panel
    whole = panel.above_column if panel.items_as_rows else panel.above_row
    above, found = "", []
    for row in rows:
        if row.kind == "memo" and row.key in whole.get(above, ()):
            row = row.but(key=bare(row.label))
        elif row.key:
            above = row.key
        found.append(row)
    return found
