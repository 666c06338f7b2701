"""What the columns of a table are as those of a form: parts side by side each given to the panel they show most of."""

from collections.abc import Iterable, Iterator

from transforms import common_words, forms
from transforms.forms import Form, tree_keys
from transforms.once import Recent, recalled
from transforms.tables.block import Block
from transforms.tables.columns import plan_panel, said_by_words, split_panels
from transforms.tables.heads import Paths, lowest_word, structural_kinds
from transforms.tables.parted_total import with_rest_of_total
from transforms.tables.plan import PanelPlan, as_kind
from transforms.tables.strange_headers import above_strange_headers
from transforms.wording.amounts import is_figure
from transforms.wording.text import bare
from transforms.wording.words import WORDS

_PLANS = Recent()
_TWO_OTHERS = 2


def plan_form(
    block: Block, paths: Paths, form: Form, taken: frozenset[str] = frozenset()
) -> tuple[PanelPlan, ...]:
    """The table's columns read as those of `form`: side-by-side parts are given to its panels, those `taken` apart.

    What a header's columns are depends on its words, and for some on what stands below: tables that agree in both
    share one plan, so that a county's hundred workbooks of one template are planned once. Classes of economic codes
    (工资福利支出), kinds of projects and the rest of a total are what their amounts add up to.
    """
    block = above_strange_headers(block, form)
    plans = _plan(block, paths, form, taken) if _names_parts(paths) else _shared(block, paths, form, taken)
    if len(plans) > 1 and plans[0].panel.codes and not plans[0].panel.items_as_rows:
        plans = _without_divisions(block, plans, form)
    return tuple([with_rest_of_total(block, plan) for plan in plans])


def _without_divisions(block: Block, plans: tuple[PanelPlan, ...], form: Form) -> tuple[PanelPlan, ...]:
    """Lists side by side of a form of codes, those set aside that divide what another one states (economic classes)."""
    listed = [
        plan for plan in plans if any(block.content(column.index)[1] for column in plan.of_kind("amount"))
    ]
    divided = [plan for plan in listed if len(listed) > 1 and _divides_only(block, plan, form)]
    if len(divided) == len(listed):
        return plans
    return tuple([plan.without_amounts("aside") if plan in divided else plan for plan in plans])


def _shared(block: Block, paths: Paths, form: Form, taken: frozenset[str]) -> tuple[PanelPlan, ...]:
    key = (form.form, paths, taken, _deciding(block, paths, form))
    plans: tuple[PanelPlan, ...] | None = _PLANS.get(key)
    if plans is None:
        plans = _PLANS[key] = _plan(block, paths, form, taken)
    return plans


def _deciding(block: Block, paths: Paths, form: Form) -> tuple[object, ...]:
    """All that a plan may depend on besides the header: what columns hold whose heading does not tell."""
    columns = _to_look_into(paths, form.form)
    if len(form.panels) > 1:
        return tuple(block.column(c) for c in columns)
    (panel,) = form.panels.values()
    strange = {c for c in columns if paths[c] and not structural_kinds(paths[c])}
    said = {c: said_by_words(block, c, panel) for c in strange}
    return tuple((*_leaning(*block.content(c)), said.get(c, "")) for c in columns)


@recalled
def _names_parts(paths: Paths) -> bool:
    """Whether classes of economic codes (工资福利支出), kinds of projects (特定目标类) or levels of money head columns."""
    words = common_words
    parts = words.economic_classes() | words.kinds_of_projects() | words.levels_of_money()
    return any(path and common_words.header_key(path[-1]) in parts for path in paths)


def _leaning(texts: int, figures: int) -> tuple[bool, ...]:
    return texts > figures, figures > texts, figures > 0 or texts == 0, texts + figures > 0


@recalled
def _to_look_into(paths: Paths, form: str) -> tuple[int, ...]:
    """The columns without heading, of codes, names or texts, or under words that nobody knows."""
    texts = {word for panel in forms.forms()[form].panels.values() for word in panel.text_words}
    plain = forms.heading_words() - texts - common_words.group_words()
    return tuple(
        c
        for c, path in enumerate(paths)
        if not path or structural_kinds(path) or common_words.header_key(path[-1]) not in plain
    )


def _plan(block: Block, paths: Paths, form: Form, taken: frozenset[str]) -> tuple[PanelPlan, ...]:
    groups = split_panels(block, paths, form)
    if len(form.panels) <= 1:
        plans = [plan_panel(block, paths, group, key, form) for key in form.panels for group in groups]
        return tuple(_own_sides(plans))
    plans = []
    for group in groups:
        free = [
            key for key in form.panels if key not in taken.union(p.key for p in plans if not _is_aside(p))
        ]
        if free:
            plans.append(_best_panel(block, paths, group, form, free, beside=len(groups) - 1))
    return tuple(plans)


def _own_sides(plans: list[PanelPlan]) -> list[PanelPlan]:
    """The parts of a form of one side (支出), those wholly under the other side (收入) beside them set aside."""
    other = [_is_other_side(plan) for plan in plans]
    if all(other) or not any(other):
        return plans
    return [
        plan.taking(as_kind("aside", plan.of_kind("amount", "unknown"))) if of else plan
        for plan, of in zip(plans, other, strict=True)
    ]


def _is_other_side(plan: PanelPlan) -> bool:
    """Whether a part stands wholly under headings of the other side alone (收入, 本年收入, 收入项目)."""
    said = {common_words.header_key(column.path[0]) for column in plan.columns if column.path}
    own = set(common_words.shared_words().sides) - plan.panel.other_sides
    other = all(_names_one(word, plan.panel.other_sides) and not _names_one(word, own) for word in said)
    return bool(said) and other


def _names_one(heading: str, sides: Iterable[str]) -> bool:
    return any(side in heading for side in sides)


def lists_own_income(block: Block, plans: tuple[PanelPlan, ...], form: Form) -> bool:
    """Whether beside the spending that a form of one side gives stands income, all of it the form's own."""
    income = [plan for plan in plans if _is_other_side(plan)]
    rows = {label for plan in income for label in _with_figures(block, plan)}
    assert form.both_sides
    own = rows & form.both_sides.words
    return bool(own) and len(income) < len(plans) and rows - own <= common_words.total_words().keys()


def _with_figures(block: Block, plan: PanelPlan) -> Iterator[str]:
    """The names of the rows in which a part set aside has figures; '' for one without name."""
    names, amounts = ([c.index for c in plan.of_kind(kind)] for kind in ("label", "aside"))
    for row in block.data:
        if any(is_figure(block.sheet.at(row, c)) for c in amounts):
            yield bare("".join(str(block.sheet.at(row, c)) for c in names))


def _best_panel(
    block: Block, paths: Paths, group: list[int], form: Form, free: list[str], *, beside: int
) -> PanelPlan:
    """The panel whose rows and headings the columns of a group show most of; one of nothing known where none shows any.

    beside: how many other groups stand at its side. With none its heading is its own, whatever panels follow below; with two
    a list that divides spending in another way is not the only one that says how much is spent.
    """
    plans = [plan_panel(block, paths, group, key, form) for key in free]
    headings = {common_words.header_key(text) for c in group for text in paths[c]}
    plans = [plan for plan in plans if not _is_of_other_side(plan, headings)] or plans
    items = [row_keys(block, (plan,)) - set(common_words.total_words().values()) for plan in plans]
    headed = [len(headings & plan.panel.heading_words) for plan in plans]
    scores = [
        (not beside and bool(count and keys), 2 * len(keys) + count)
        for keys, count in zip(items, headed, strict=True)
    ]
    best = scores.index(max(scores))
    shared = {
        key for name, panel in form.panels.items() if name != plans[best].key for key in tree_keys(panel.rows)
    }
    divides = not _is_of_other_side(plans[best], headings) and _divides_only(block, plans[best], form)
    own = lowest_word(paths[group[0]]) in plans[best].panel.heading_words
    if items[best] - shared or (headed[best] and (own or beside < _TWO_OTHERS or not divides)):
        return plans[best]
    return plans[best].without_amounts("aside" if divides else "unknown")


def _is_of_other_side(plan: PanelPlan, headings: set[str]) -> bool:
    """Whether what stands over columns says that they are not of a panel's side (收入 over what would be expenditure)."""
    return any(side in heading for side in plan.panel.other_sides for heading in headings)


def _divides_only(block: Block, plan: PanelPlan, form: Form) -> bool:
    """Whether all that a list names, totals apart, divides spending as no table of the county does (economic classes)."""
    values = {value for c in plan.of_kind("label", "code") for value in block.column(c.index) if value}
    words = {common_words.header_key(WORDS[str(value)].bare) for value in values}
    aside = {word for panel in form.panels.values() for word in panel.aside_words} & words
    known = set(map(common_words.header_key, plan.panel.row_words))
    known |= plan.panel.column_words.keys() if plan.panel.codes else set()
    return bool(aside) and words - aside <= known


def _is_aside(plan: PanelPlan) -> bool:
    """Whether a list was set aside as a whole, so that another one may be what it would have been."""
    return bool(plan.of_kind("aside")) and not plan.of_kind("amount", "unknown")


def row_keys(block: Block, plans: tuple[PanelPlan, ...]) -> set[str]:
    """The keys of the rows that the panels know by their labels."""
    found = set()
    for plan in plans:
        known = plan.panel.row_words if not plan.panel.categories else plan.panel.category_words
        for column in plan.of_kind("label", "text"):
            for value in block.column(column.index):
                if isinstance(value, str) and value and (key := known.get(WORDS[value].bare)):
                    found.add(key)
    return found
