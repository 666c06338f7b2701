"""Evidence drawn by hand: a form as a small grid, as it would come out of the reader."""

from dataclasses import asdict, dataclass, replace

import pandas as pd

from transforms.bodies import Body
from transforms.frames import frame
from transforms.recorded import BLOCKS, FACTS, LABELS


@dataclass(frozen=True)
class Page:
    """One block: the body that sent it, its form, its cells as facts and as labels."""

    body_id: str
    form: str
    facts: list[dict[str, object]]
    labels: list[dict[str, object]]


@dataclass(frozen=True)
class Drawn:
    """Evidence as far as standardising needs it."""

    year: int
    bodies: pd.DataFrame
    blocks: pd.DataFrame
    facts: pd.DataFrame
    labels: pd.DataFrame


def page(body_id: str, form: str, drawing: str, sheet: str = "") -> Page:
    """A block drawn as a grid in yuan: `[panel]`, a line of column keys, lines of row key, name and amounts.

    The first drawn line is row 1 of the sheet, the first column is A. `=100` is a printed total, a blank
    is no fact; `official_reception:previous` is a column of another measure, `@item_name` one of labels.
    """
    found = Page(body_id, form, [], [])
    panel, header = "", list[str]()
    lines = [line for line in drawing.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("|")]
        if line.strip().startswith("["):
            panel, header = line.strip(" []"), []
        elif not header:
            header = cells
        else:
            where = {"body_id": body_id, "form": form, "panel": panel, "position": number}
            where |= {"file": f"{body_id}.xlsx", "sheet": sheet or form}
            _draw_row(found, where, header, cells)
    return found


def _draw_row(found: Page, where: dict[str, object], header: list[str], cells: list[str]) -> None:
    row_key, _, row_label = cells[0].partition(" ")
    for letter, heading, text in zip("BCDEFGHIJKLM", header[1:], cells[1:], strict=False):
        placed = where | {"cell": f"{letter}{where['position']}"}
        if heading.startswith("@") and text:
            found.labels.append(placed | {"column_key": heading[1:], "text": text})
        elif text:
            column_key, _, measure = heading.partition(":")
            role = "total" if text.startswith("=") else "leaf"
            keys = {"row_key": row_key, "row_label": row_label, "column_key": column_key}
            amount = round(float(text.lstrip("=")) * 100)
            found.facts.append(
                placed | keys | {"measure": measure or "amount", "role": role, "amount": amount}
            )


def body(body_id: str, **known: object) -> dict[str, object]:
    """A line of the `bodies` frame: `department:723` or `unit:723:723002`, codes doubling as names."""
    scope, department, *unit = body_id.split(":")
    drawn = Body(body_id, scope, department, f"部门{department}", on_roster=True, sent=True)
    if unit:
        drawn = replace(
            drawn, unit_code=unit[0], unit_name=f"单位{unit[0]}", parent_id=f"department:{department}"
        )
    return asdict(drawn) | {"fiscal_year": 2020} | known


def evidence(*pages: Page, bodies: list[dict[str, object]] | None = None) -> Drawn:
    """The frames of these pages, each a block of its own, numbered in their order."""
    lines = bodies or [body(name) for name in dict.fromkeys(each.body_id for each in pages)]
    blocks = [
        {"block_id": number, "body_id": each.body_id, "form": each.form} for number, each in enumerate(pages)
    ]
    facts = [cell | {"block_id": number} for number, each in enumerate(pages) for cell in each.facts]
    labels = [cell | {"block_id": number} for number, each in enumerate(pages) for cell in each.labels]
    facts = [fact | {"fact_id": number} for number, fact in enumerate(facts)]
    return Drawn(2020, pd.DataFrame(lines), frame(blocks, BLOCKS), frame(facts, FACTS), frame(labels, LABELS))


def with_amount(drawn: Drawn, cell: str, amount: int | None) -> Drawn:
    """The same evidence with another amount in one cell; None for a blank one."""
    facts = drawn.facts.copy()
    facts.loc[facts["cell"] == cell, "amount"] = pd.NA if amount is None else amount
    return replace(drawn, facts=facts)


def lines(table: pd.DataFrame, *columns: str) -> list[str]:
    """A table's rows as text, amounts in yuan, unknown values as ?, for comparison with a literal."""
    shown = {name: _shown(table[name], name) for name in columns}
    return [" ".join(row) for row in zip(*shown.values(), strict=True)]


def _shown(values: pd.Series, name: str) -> list[str]:
    if name.endswith("_yuan"):
        return ["?" if pd.isna(value) else f"{value / 100:.2f}" for value in values]
    return ["?" if pd.isna(value) else str(value) or "-" for value in values]
