"""What each data row of a table is: a code, an item, a printed total, a position or a remark."""

from operator import attrgetter

from transforms import forms
from transforms.forms import Panel
from transforms.once import recalled
from transforms.tables import items, named, positions, set_aside, totals
from transforms.tables.block import Block
from transforms.tables.listed import Listed, Step, settled
from transforms.tables.plan import PanelPlan
from transforms.tables.row_cells import code_parts, open_code
from transforms.tables.row_meaning import meaning_of
from transforms.wording.code_text import PART_WIDTH
from transforms.wording.meaning import DataRow, Meaning

_of_codes = attrgetter("codes")


def _has_a_total_of_the_year(panel: Panel) -> bool:
    return forms.CURRENT in panel.rows


def _lists_items(panel: Panel) -> bool:
    return not panel.codes and not panel.items_as_rows


# What rows are by those around them, in the order in which this is asked.
_STEPS = (
    Step(named.whole_codes, ("code",)),
    Step(named.subjects_by_name, ("unknown",), _of_codes),
    Step(named.sums_below_subjects, ("unknown",), _of_codes),
    Step(named.bodies_by_rows_below, ("unit",)),
    Step(items.memos_of_parts, ("memo",)),
    Step(named.body_as_total, ("unknown",), _of_codes),
    Step(totals.totals_of_bodies, ("total", "item"), _of_codes, sure=True),
    Step(totals.sums_of_groups, ("unit",)),
    Step(totals.years_beside_the_total, ("single",), _of_codes, sure=True),
    Step(totals.settled_totals, ("total", "item"), sure=True),
    Step(positions.totals_in_strange_words, ("position",), attrgetter("categories"), sure=True),
    Step(positions.sums_of_projects, ("position",), attrgetter("categories"), sure=True),
    Step(positions.sums_of_catalogue, ("position",), attrgetter("categories"), sure=True),
    Step(items.sums_of_the_year, ("unknown",), _has_a_total_of_the_year),
    Step(items.rest_beside_parts, ("item",), attrgetter("beside"), sure=True),
    Step(items.apart_from_items, ("aside",), attrgetter("apart")),
    Step(items.parts_again, ("item", "memo"), attrgetter("parts_of_rows"), sure=True),
    Step(items.details_called_as_items, ("item",), _lists_items, sure=True),
    Step(items.details_of_items, ("unknown",), _lists_items),
    Step(items.memos_that_go_on, ("memo",), _lists_items),
    Step(items.rows_of_funds, ("unknown",), attrgetter("items_as_rows")),
    Step(items.renamed_items, for_panel=attrgetter("items_as_rows"), sure=True),
    Step(set_aside.repeat_nothing, ("aside",)),
    Step(set_aside.rows_of_nothing, ("unknown", "unit")),
    Step(set_aside.projects_of_subjects, ("unknown",), _of_codes),
    Step(totals.sums_of_codes, ("unknown",), _of_codes),
    Step(items.side_as_total, ("unknown",), _lists_items),
    Step(items.sums_of_classes, ("unknown",), attrgetter("classes")),
    Step(items.year_said_again, ("unknown",), _has_a_total_of_the_year),
    Step(named.counted_columns, ("unit",)),
    Step(items.earlier_years),
    Step(named.total_of_bodies, ("unit",)),
    Step(named.rows_of_bodies, ("unit",)),
)


def read_rows(block: Block, plan: PanelPlan, before: DataRow | None = None) -> list[DataRow]:
    """The data rows of a panel, in their order. `before`: the last row of the sheet on which the list began."""
    if plan.panel.categories:
        rows, unsure = list(positions.position_rows(block, plan, before)), False
    else:
        carried = tuple(_parts_of(before.key)) if before and before.kind == "code" else ()
        rows, unsure = _coded_rows(block, plan, carried)
    return settled(Listed(rows, block, plan), _steps(plan, unsure))


@recalled
def _steps(plan: PanelPlan, unsure: bool) -> tuple[Step, ...]:  # noqa: FBT001 – whether rows of the list are
    """The steps that may concern a list."""
    return tuple(step for step in _STEPS if (unsure or step.sure) and step.for_panel(plan.panel))


def _coded_rows(block: Block, plan: PanelPlan, carried: tuple[str, ...]) -> tuple[list[DataRow], bool]:
    """The rows by their codes and names, and whether some of them may mean something else because of those around.

    Rows of equal cells mean the same, in this workbook and in the next.
    """
    split = len(plan.of_kind("code")) > 1
    merged = block.sheet.merged_rows
    known = plan.meanings
    rows: list[DataRow] = []
    depends = False
    for index, values in zip(block.data, block.values_in([c.index for c in plan.naming]), strict=True):
        key: object = (values, carried) if split else values
        if index in merged:
            key = key, _merged_into(block, plan, index)
        found = known.get(key)
        if found is None:
            found = known[key] = _read_row(block, plan, index, carried)
        parts, meaning, unsure = found
        carried = parts or carried
        depends = depends or unsure
        rows.append(DataRow(index, meaning))
    return rows, depends


def _merged_into(block: Block, plan: PanelPlan, index: int) -> tuple[tuple[object, bool], ...]:
    """What merged ranges show in a row's columns of codes and names, and whether they come down from the header."""
    origins = [block.sheet.origin(index, column.index) for column in plan.naming]
    return tuple([(block.sheet.at(*origin), origin[0] < block.data[0]) for origin in origins])


def _read_row(
    block: Block, plan: PanelPlan, index: int, carried: tuple[str, ...]
) -> tuple[tuple[str, ...], Meaning, bool]:
    """The parts of a row's code, its meaning, and whether the rows around it may say that it is something else."""
    columns = plan.of_kind("code")
    parts = code_parts(block.sheet, index, columns, carried)
    meaning = meaning_of(block, plan, index, "".join(parts) or open_code(block.sheet, index, columns))
    return parts, meaning, meaning.depends


def _parts_of(code: str) -> list[str]:
    """A whole code in parts: 2013101 as 201, 31, 01."""
    return [code[:3], *(code[n : n + PART_WIDTH] for n in range(3, len(code), PART_WIDTH))]
