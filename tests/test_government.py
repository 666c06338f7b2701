"""Basic expenditure under the government's economic codes (501–599), recomputed by hand."""

from tests.drawn import body, evidence, lines, page
from transforms.consolidate import consolidate
from transforms.government import kinds_of_bodies
from transforms.standardise import standardise

D = "department:723"
U1, U2 = "unit:723:723001", "unit:723:723002"
OTHER = "department:920"
GOVERNMENT = ("economic_level", "mapping", "economic_code", "economic_name", "net_yuan")
BASIC = "| basic_personnel | basic_operating\n30101 | 50 |\n30201 | | 25\n30302 | 5 |"


def by_government(*pages, bodies):
    drawn = evidence(*pages, bodies=bodies)
    found = consolidate(standardise(drawn), kinds_of_bodies(drawn.bodies))
    return lines(found["county_basic_expenditure_government"], *GOVERNMENT)


def test_basic_expenditure_of_organs_and_of_institutions_maps_to_the_governments_codes():
    bodies = [body(U1, kind="参公"), body(U2, kind="事业")]
    pages = page(U1, "basic_by_economic", BASIC), page(U2, "basic_by_economic", BASIC)
    assert by_government(*pages, bodies=bodies) == [
        "1 mapped 501 机关工资福利支出 50.00",
        "1 mapped 502 机关商品和服务支出 25.00",
        "1 mapped 505 对事业单位经常性补助 75.00",
        "1 mapped 509 对个人和家庭的补助 10.00",
        "2 mapped 50101 工资奖金津补贴 50.00",
        "2 mapped 50201 办公经费 25.00",
        "2 mapped 50501 工资福利支出 50.00",
        "2 mapped 50502 商品和服务支出 25.00",
        "2 mapped 50905 离退休费 10.00",
    ]


def test_basic_expenditure_that_cannot_be_mapped_says_why():
    bodies = [
        *(body(D, kind="行政"), body(U1, kind="参公", sent=False), body(U2, kind="事业", sent=False)),
        *(body(OTHER, kind=""), body("department:101", kind="行政")),
    ]
    pages = [page(name, "basic_by_economic", "| total\n302 | 7\n30107 | 1") for name in (D, OTHER)]
    own = page("department:101", "basic_by_economic", "| total\n302 | 2\n30107 | 1")
    assert by_government(*pages, own, bodies=bodies) == [
        "1 mapped 502 机关商品和服务支出 2.00",
        "1 unmapped_code - - 1.00",
        "1 unmapped_mixed_kinds - - 8.00",
        "1 unmapped_unknown_kind - - 8.00",
        "2 mapped 502 机关商品和服务支出 2.00",
        "2 unmapped_code - - 1.00",
        "2 unmapped_mixed_kinds - - 8.00",
        "2 unmapped_unknown_kind - - 8.00",
    ]


ORGAN = """| basic_personnel | basic_operating
30101 | 100 |
30102 | 60 |
30103 | 8.50 |
30108 | 20 |
30110 | 9.25 |
30113 | 12 |
30199 | 3 |
30201 | | 10
30203 | | 4
30211 | | 6.75
30213 | | 1.50
30215 | | 2
30217 | | 5
30226 | | 1
30231 | | 7
30239 | | 3.25
30299 | | 0.80
30302 | 15 |
30305 | 2.40 |
31002 | | 4.20"""
MANAGED_ALIKE = (
    "| basic_personnel | basic_operating\n30101 | 40 |\n30107 | 11 |\n30206 | | 2.10\n30309 | 0.60 |"
)
INSTITUTION = """| basic_personnel | basic_operating
30101 | 70 |
30107 | 30 |
30113 | 6 |
30201 | | 5
30217 | | 1.10
30301 | 4 |
31002 | | 2"""


def test_the_mapping_of_a_small_county_is_what_a_hand_makes_of_it():
    """An organ, a body managed like one, an institution, and a department's workbook that mixes the two kinds.

    Organ and alike: 501 = 100 + 60 + 8.50 + 40 (50101) + 20 + 9.25 (50102) + 12 (50103) + 3 (50199); 502 = 10 + 6.75 +
    3.25 + 2.10 (50201) + 2 (50202) + 4 + 1 (50205) + 5 (50206) + 7 (50208) + 1.50 (50209) + 0.80 (50299); 503 = 4.20.
    Institution: 505 = 70 + 30 + 6 (50501) + 5 + 1.10 (50502); 506 = 2. Both: 509 = 2.40 + 0.60 (50901) + 15 + 4 (50905).
    Merit pay (30107) of a body managed like an organ has no counterpart; nothing of the mixed department is mapped.
    """
    bodies = [
        *(body(U1, kind="行政"), body(U2, kind="参公"), body("unit:101:101001", kind="事业")),
        *(body(OTHER, kind="行政"), body("unit:920:920001", kind="事业", sent=False)),
    ]
    pages = (
        page(U1, "basic_by_economic", ORGAN),
        page(U2, "basic_by_economic", MANAGED_ALIKE),
        page("unit:101:101001", "basic_by_economic", INSTITUTION),
        page(OTHER, "basic_by_economic", "| basic_personnel | basic_operating\n30101 | 50 |\n30201 | | 25"),
    )
    assert by_government(*pages, bodies=bodies) == [
        "1 mapped 501 机关工资福利支出 252.75",
        "1 mapped 502 机关商品和服务支出 43.40",
        "1 mapped 503 机关资本性支出 4.20",
        "1 mapped 505 对事业单位经常性补助 112.10",
        "1 mapped 506 对事业单位资本性补助 2.00",
        "1 mapped 509 对个人和家庭的补助 22.00",
        "1 unmapped_code - - 11.00",
        "1 unmapped_mixed_kinds - - 75.00",
        "2 mapped 50101 工资奖金津补贴 208.50",
        "2 mapped 50102 社会保障缴费 29.25",
        "2 mapped 50103 住房公积金 12.00",
        "2 mapped 50199 其他工资福利支出 3.00",
        "2 mapped 50201 办公经费 22.10",
        "2 mapped 50202 会议费 2.00",
        "2 mapped 50205 委托业务费 5.00",
        "2 mapped 50206 公务接待费 5.00",
        "2 mapped 50208 公务用车运行维护费 7.00",
        "2 mapped 50209 维修（护）费 1.50",
        "2 mapped 50299 其他商品和服务支出 0.80",
        "2 mapped 50306 设备购置 4.20",
        "2 mapped 50501 工资福利支出 106.00",
        "2 mapped 50502 商品和服务支出 6.10",
        "2 mapped 50601 资本性支出 2.00",
        "2 mapped 50901 社会福利和救助 3.00",
        "2 mapped 50905 离退休费 19.00",
        "2 unmapped_code - - 11.00",
        "2 unmapped_mixed_kinds - - 75.00",
    ]
