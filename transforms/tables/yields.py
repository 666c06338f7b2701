"""What reading yields: texts, problems, and all that the tables or the running text of one file give."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from transforms.tables.facts import Fact, Facts
from transforms.tables.labels import Labels
from transforms.tables.ledger import Ledger
from transforms.workbook import Cell, Sheet


@dataclass(slots=True)
class Label:
    """One text placed in a form."""

    block_id: int
    form: str
    panel: str
    position: int
    column_key: str
    text: str
    sheet: str
    cell: str


@dataclass(slots=True)
class Problem:
    """Something reading itself found; becomes a finding of rule `rule_id`, of its own `severity` where it has one."""

    rule_id: str
    sheet: str
    cell: str
    found: str
    expected: str
    detail: str
    severity: str = ""


@dataclass
class Written:
    """What running text yields, written out: figures, texts and problems at places that people say in words."""

    facts: list[Fact] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Tidied:
    """What the tables of one file yield: figures, texts, problems, and what became of each cell."""

    facts: Facts = field(default_factory=Facts)
    labels: Labels = field(default_factory=Labels)
    problems: list[Problem] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)

    def settle(
        self, sheet: Sheet, cells: Iterable[Cell], disposition: str, form: str = "", reason: str = ""
    ) -> None:
        """Give cells their disposition, unless they have one."""
        self.ledger.settle(sheet, cells, disposition, form, reason)
