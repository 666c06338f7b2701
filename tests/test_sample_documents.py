"""The sample's disclosure documents, read back figure by figure, and the slips planted in them."""

from pathlib import Path
from random import Random

import pytest

from transforms.narrative.read import read_document
from transforms.sample.archive import document_bytes
from transforms.sample.budget import Asset, Budget, Cost, Line
from transforms.sample.misstate import misstate
from transforms.sample.prose import Prose, draw_prose, figures_of, restated

GENERAL = "general_public_budget"
BUDGET = Budget(
    lines=(
        Line("2010301", GENERAL, GENERAL, "basic_personnel", 300_000_000),
        Line("2010301", GENERAL, GENERAL, "basic_operating", 100_000_000),
        Line("2010302", GENERAL, GENERAL, "project", 600_000_000),
        Line("2010302", "business", "", "business_operating", 20_000_000),
    ),
    costs=(Cost("30201", "basic_operating", 100_000_000, running=True),),
    events={"vehicle_operation": 7_300_000, "official_reception": 2_500_000},
    previous={"vehicle_operation": 7_300_000, "official_reception": 3_000_000},
    assets={"buildings": Asset(120_000, 500_000_000), "vehicles": Asset(200, 30_000_000)}
    | {"large_equipment": Asset(), "other": Asset(800, 70_000_000)},
)
TOLD = {
    ("income", "total", "total", "amount"): 1_020_000_000,
    ("expenditure", "total", "total", "amount"): 1_020_000_000,
    ("expenditure", "project", "total", "amount"): 600_000_000,
    ("expenditure", "basic_personnel", "total", "amount"): 300_000_000,
    ("expenditure", "business_operating", "total", "amount"): 20_000_000,
    ("three_public", "total", "total", "amount"): 9_800_000,
    ("three_public", "total", "previous_budget", "previous"): 10_300_000,
    ("three_public", "official_reception", "previous_budget", "change"): -500_000,
    ("three_public", "official_reception", "previous_budget", "percent"): -1667,
    ("operating_costs", "total", "total", "amount"): 100_000_000,
    ("assets", "total", "value", "amount"): 600_000_000,
    ("assets", "buildings", "quantity", "quantity"): 120_000,
}
# One way says what basic spending is, the others of what it consists.
NOT_SAID = {"flowing": {("expenditure", "basic_personnel", "total", "amount")}}


def document(way: str, form: str = "docx") -> Prose:
    return Prose("林业局", 2020, way, form, "万元", figures_of(Random(1), BUDGET))


def read_back(prose: Prose, folder: Path) -> dict[tuple[str, ...], tuple[int, str]]:
    path = folder / prose.file_name
    path.write_bytes(document_bytes(prose.paragraphs(), prose.format))
    facts = read_document(path, path.name).facts
    columns = ("panel", "row_key", "column_key", "measure")
    addresses = zip(*(facts[name] for name in columns), strict=True)
    return dict(zip(addresses, zip(facts["amount"], facts["cell"], strict=True), strict=True))


@pytest.mark.parametrize("form", ["docx", "utf-8", "gb18030"])
@pytest.mark.parametrize("way", ["chaptered", "flowing", "brief"])
def test_a_sample_document_is_read_back_figure_by_figure(way, form, tmp_path):
    found = read_back(document(way, form), tmp_path)
    wanted = {place: amount for place, amount in TOLD.items() if place not in NOT_SAID.get(way, set())}
    assert {place: found[place][0] for place in wanted} == wanted


def test_a_slip_stands_in_the_paragraph_it_is_said_to_stand_in(tmp_path):
    kind = {"kind": "prose_reception", "figure": "official_reception", "how": "swap"}
    planted = misstate(kind, document("chaptered"), (), Random(2))
    amount, cell = read_back(planted.prose, tmp_path)["three_public", "official_reception", "total", "amount"]
    assert (amount, cell, planted.size) == (5_200_000, "第22段", 2_700_000)
    assert planted.addresses == "第22段"


def test_what_a_document_does_not_tell_is_not_misstated():
    kind = {"kind": "prose_running", "figure": "operating_costs", "how": "amount"}
    silent = restated(document("brief"), "operating_costs", 0)
    assert misstate(kind, silent, (), Random(2)) is None
    assert misstate(kind | {"beside": "operating_costs"}, document("brief"), (), Random(2)) is None


def test_the_same_draw_gives_the_same_bytes():
    one, two = (draw_prose(Random(3), "林业局", 2020, BUDGET) for _ in range(2))
    assert document_bytes(one.paragraphs(), "docx") == document_bytes(two.paragraphs(), "docx")
