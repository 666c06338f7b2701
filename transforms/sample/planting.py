"""Which kinds of defects there are, and the one way to plant each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from random import Random

from transforms.sample import defects, edits
from transforms.sample.defects import Kind, Planted, Work
from transforms.sample.lists import settings
from transforms.sample.misstate import misstate
from transforms.sample.page import Page
from transforms.sample.prose import Prose

ON_A_SHEET: Mapping[str, Callable[[Work, Page], Planted | None]] = {
    "change": defects.change,
    "swap": defects.swap,
    "write": defects.write,
    "scale": defects.multiply,
    "move": defects.move,
    "remove_unit": defects.remove_unit,
    "cut_code": defects.cut_code,
    "repeat_code": defects.repeat_code,
    "note": defects.note,
    "rename": defects.rename,
    "hide": defects.hide,
    "format": defects.show_divided,
    "slip": edits.slip_of_hand,
    "consistent": edits.consistent_edit,
    "exchange": edits.exchange,
    "wrong_type": edits.wrong_type,
    "twice": edits.send_twice,
    "relabel": edits.relabel,
    "recode": edits.other_code,
    "letter": edits.letter_code,
    "one_column": edits.without_types,
}
OF_A_WORKBOOK: Mapping[str, Callable[[Work], Planted | None]] = {
    "wrong_year": defects.wrong_year,
    "drop": defects.drop,
    "spoil": defects.spoil_file,
    "blank": edits.blank_out,
}
MISSTATE = "misstate"


def kinds(rng: Random, only: Collection[str] = (), *, documents: bool = False) -> list[Kind]:
    """Every kind of defect (or those of `only`) in a drawn order: few places first, then what withholds a body.

    `documents`: also those that a county has to have disclosure documents for.
    """
    able = [kind for kind in settings("defects")["kinds"] if documents or not kind.get("documents")]
    wanted = [kind for kind in able if not only or kind["kind"] in only]
    drawn = rng.sample(wanted, len(wanted))
    return sorted(drawn, key=lambda kind: (not (only and kind.get("rare")), kind["gate"] != "body"))


def plant(
    kind: Kind, pages: Sequence[Page], year: int, rng: Random, prose: Prose | None = None
) -> Planted | None:
    """The workbook (or the document) with a defect of this kind, or None where it has no place for one."""
    if kind["action"] == MISSTATE:
        return misstate(kind, prose, tuple(pages), rng) if prose else None
    if "form" in kind and all(page.form != kind["form"] for page in pages):
        return None
    work = Work(kind, tuple(deepcopy(page) for page in pages), year, rng)
    if kind["action"] in OF_A_WORKBOOK:
        return OF_A_WORKBOOK[kind["action"]](work)
    page = work.page
    return ON_A_SHEET[kind["action"]](work, page) if page else None
