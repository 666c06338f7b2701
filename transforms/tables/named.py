"""Rows that are known by their names where their codes are left out: official subjects, and bodies among them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from transforms import common_words
from transforms.money import parse_number
from transforms.tables.listed import Listed
from transforms.tables.plan import PanelPlan
from transforms.tables.sums import states_any, sum_of
from transforms.wording.body_names import BODY_KEY, names_body
from transforms.wording.code_text import PART_WIDTH, open_codes
from transforms.wording.meaning import DataRow
from transforms.wording.subjects import CodeList, codes_named
from transforms.wording.text import bare

_CLASS = 3
_FEWEST = 2  # figures that can count columns, bodies that can add up to another
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


def whole_codes(listed: Listed) -> Iterator[DataRow]:
    """Rows whose code is only its own part (201, 29, 2012901) or short of a nought (201.3): the one code of which the
    codes below are parts or whose subject has the row's name, else unknown."""
    rows, plan, above = listed.rows, listed.plan, ""
    for at, row in enumerate(rows):
        if row.kind == "code" and (len(row.key) <= PART_WIDTH or open_codes(row.key)):
            wholes = open_codes(row.key) or _wholes(row.key, above)
            below = next((r.key for r in rows[at + 1 :] if r.kind == "code" and len(r.key) > _CLASS), "")
            named = [whole for whole in wholes if is_called(plan, whole, row.label)]
            sure = named or [whole for whole in wholes if below != whole and below.startswith(whole)]
            two = row.key if open_codes(row.key) else ""
            row = row.but(key=sure[0]) if len(sure) == 1 else row.but(kind="unknown", key=two)
            yield row
        above = row.key if row.kind == "code" else above


def _wholes(part: str, above: str) -> list[str]:
    """The codes that a part may be the end of, by the last code before it."""
    return [above[:size] + part.zfill(PART_WIDTH) for size in (5, 3) if len(above) >= size]


def subjects_by_name(listed: Listed) -> Iterator[DataRow]:
    """Rows without code that bear the name of one official subject, as far as the rows around them allow no other.

    Beside codes only a class whose codes follow at once; in a list of names a class, what is listed below the last
    subject and at its side, or the one economic subject of that name.
    """
    coded = any(row.kind == "code" for row in listed.rows)
    return _classes_above_codes(listed) if coded else _listed_names(listed)


def _named(row: DataRow, plan: PanelPlan) -> tuple[str, ...]:
    return codes_named(plan.panel.codes).get(bare(row.label), ()) if plan.panel.codes else ()


def _classes_above_codes(listed: Listed) -> Iterator[DataRow]:
    """Classes (工资福利支出) without code right above a code of theirs."""
    for row, after in pairwise(listed.rows):
        if row.kind == "unknown" and after.kind == "code":
            named = _named(row, listed.plan)
            fitting = [code for code in named if len(code) == _CLASS and after.key.startswith(code)]
            if fitting:
                yield row.but(kind="code", key=fitting[0], unit=after.meaning.unit)


def _listed_names(listed: Listed) -> Iterator[DataRow]:
    """The rows of a list of names, each the subject that fits under those above it; after a strange name none is sure."""
    above, known = "", set[str]()
    for row in listed.rows:
        if row.kind == "unknown":
            codes = _named(row, listed.plan)
            fitting = [code for code in codes if code not in known and _fits(code, codes, above)]
            if not fitting and listed.plan.panel.codes == "economic":
                fitting = list(codes)
            above = fitting[0] if len(fitting) == 1 else ""
            known.add(above)
            if above:
                yield row.but(kind="code", key=above)


def sums_below_subjects(listed: Listed) -> Iterator[DataRow]:
    """Rows called the sum of a subject (农林水支出小计) whose own row above states nothing are that subject's, and its row a
    heading."""
    rows, block, plan = listed
    ends = tuple(common_words.shared_words().subtotals)
    open_above: dict[str, DataRow] = {}
    for row in rows:
        name = bare(row.label)
        if row.kind == "code":
            open_above[name] = row
        elif row.kind == "unknown" and name.endswith(ends):
            head = next((open_above.get(name.removesuffix(end)) for end in ends if name.endswith(end)), None)
            if head and not states_any(block, plan, head.index) and is_subject(plan, head.label):
                yield row.but(kind="code", key=head.key, unit=head.meaning.unit)
                yield head.but(kind="aside")


def _fits(code: str, codes: Sequence[str], above: str) -> bool:
    """Whether a code may follow another one in a list: below it, at its side, or a class that no subject outside is called as."""
    if len(code) == _CLASS:
        return all(other.startswith(code) for other in codes)
    return above.startswith(code[:-2])


def bodies_by_rows_below(listed: Listed) -> Iterator[DataRow]:
    """Bodies named where names of subjects stand, without code: the body of the coded row below.

    The first, where another follows at once, a total stands beside and subjects are listed, is above them all and adds
    to nothing.
    """
    rows = listed.rows
    total = any(row.kind == "total" and row.key == "total" for row in rows)
    listed_too = any(row.kind == "code" for row in rows)
    whole = next(row for row in rows if row.kind == "unit") if total and listed_too else None
    for row, after in pairwise(rows):
        if row.kind != "unit" or row.key.removeprefix(BODY_KEY).isdigit():
            continue
        if not row.meaning.unit and after.kind == "code" and after.meaning.unit:
            yield row.but(key=after.meaning.unit)
        elif row is whole and after.kind == "unit":
            yield row.but(kind="memo")


def body_as_total(listed: Listed) -> list[DataRow]:
    """A list of codes without total that begins with the name of a body: that row is of all of them."""
    rows = [row for row in listed.rows if row.kind != "filler"]
    first, kinds = rows[0], {row.kind for row in rows[1:]}
    if first.kind != "unknown" or kinds != {"code"}:
        return []
    body = names_body(first.label) and not is_subject(listed.plan, first.label)
    return [first.but(kind="total", key="total")] if body else []


def counted_columns(listed: Listed) -> list[DataRow]:
    """A body right below the header whose figures count the columns (1, 2, 3) is no surely read one.

    So a numbering row looks whose words are mistyped.
    """
    first, plan = listed.rows[0], listed.plan
    if first.kind != "unit":
        return []
    figures = [parse_number(listed.block.sheet.at(first.index, c.index)) for c in plan.of_kind("amount")]
    counts = [list(range(start, start + len(figures))) for start in range(1, len(plan.columns) + 1)]
    counted = figures in counts and (len(figures) >= _FEWEST or not names_body(first.label))
    return [first.but(kind="unknown", key="")] if counted else []


def total_of_bodies(listed: Listed) -> list[DataRow]:
    """A row without a name above all bodies of a list, or that of a body above several, is their total where it is
    their sum.
    """
    (own, *units), block, plan = listed
    nameless = own.kind == "unknown" and not own.label and bool(units)
    above = own.kind == "unit" and names_body(own.label) and len(units) >= _FEWEST
    if not (nameless or above) or any(row.kind != "unit" for row in units):
        return []
    sure = states_any(block, plan, own.index)
    sure = sure and sum_of(block, plan, own.index, [row.index for row in units]).exact
    return [own.but(kind="total", key="total")] if sure else []


def rows_of_bodies(listed: Listed) -> Iterator[DataRow]:
    """Rows of bodies (部门, 单位) and those below them; the only body of a list without total stands for the whole.

    Where the list has neither a total nor one body over all, or one row without code among those with, a total
    may hide under words that nobody knows: then none of them is taken.
    """
    units = [row for row in listed.rows if row.kind == "unit"]
    named = {(row.key, row.meaning.measure) for row in units}
    coded = {row.key[-1:].isdigit() for row in units}
    whole = not any(row.key == "total" or _sums_a_group(row) for row in listed.rows)
    first = units[0].key if whole and all(row.key.startswith(units[0].key) for row in units) else ""
    if len(named) < len(units) or (whole and not first) or len(coded) > 1:
        yield from (row.but(kind="unknown", key="") for row in units)
        return
    unit = ""
    for row in listed.rows:
        if row.kind == "unit" and row.key == first:
            yield row.but(kind="total", key="total")
        elif row.kind in ("unit", "code"):
            unit = row.key if row.kind == "unit" else unit
            yield row.but(unit=row.meaning.unit or unit)


def _sums_a_group(row: DataRow) -> bool:
    """Whether a row is the total of a group of bodies, or one that adds up nothing (totals.py)."""
    return (
        row.key in common_words.total_words()
        if row.kind == "memo"
        else (row.kind, row.key) == ("unknown", "total")
    )
