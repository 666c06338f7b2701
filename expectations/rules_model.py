"""Rules as data: what `rules/*.yml` and `conditions.yml` may say, checked once at loading."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from expectations.address import Address, Term, parse_address, parse_term
from expectations.canon import forms
from expectations.errors import DefinitionError
from expectations.yamlfile import read_as

RULES = Path(__file__).parent / "rules"
CONDITIONS = Path(__file__).parent / "conditions.yml"
COUNTY_RULES = Path(__file__).parent / "county_rules.yml"

Severity = Literal["error", "warning", "info"]
Gate = Literal["body", "table", "none"]
Sign = Literal["=", "<=", ">="]


def _as_list(given: object) -> object:
    return [given] if isinstance(given, str) else given


# Measures whose figures add up: amounts of this year, of last year, and between the two.
ADDITIVE_MEASURES = ("amount", "previous", "change")

Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Definition(BaseModel):
    """A piece of a rule file: unknown words are refused, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Clause(Definition):
    """True where no figure but 0 stands at any of the addresses, or one other than 0 at the second ones."""

    nothing_at: Texts
    or_something_at: Texts = ()

    @model_validator(mode="after")
    def _addresses_are_known(self) -> "Clause":
        for text in (*self.nothing_at, *self.or_something_at):
            parse_address(text)
        return self


class Condition(Definition):
    """When an identity holds strictly: all clauses, or what the roster or a form says.

    `known_from`: one of these forms has figures. `kinds`: the body and every unit below it are on the roster
    as one of these. `prints` / `lacks`: the form has
    (or has not) the column of the address.
    """

    title: str
    clauses: tuple[Clause, ...] = ()
    known_from: Texts = ()
    kinds: Texts = ()
    prints: str = ""
    lacks: str = ""


class Check(Definition):
    """What every kind of check says.

    `severity` and `message` outrank those of the rule; `passes` and `fails` are drawings of evidence
    (see `drawing.py`); `missing`: what a body without the form is.
    """

    severity: Severity | None = None
    message: str = ""
    missing: Literal["not_evaluable", "not_applicable"] = "not_evaluable"
    when: str = ""
    passes: str
    fails: str

    @property
    def condition(self) -> Condition | None:
        """The condition named in `when`, if one is."""
        return conditions()[self.when] if self.when else None


class Sums(Check):
    """A printed total and the parts that reading found to add into it, along rows or along columns.

    `panels`, `columns` narrow the parts; `parents` the keys of the printed total (row keys for `rows`, column
    keys for `columns`); `measures` says which measures add up, each by itself.
    """

    kind: Literal["rows", "columns"]
    form: str
    measures: Texts = ADDITIVE_MEASURES
    panels: Texts = ()
    columns: Texts = ()
    parents: Texts = ()

    @model_validator(mode="after")
    def _form_is_known(self) -> "Sums":
        form = forms().get(self.form)
        if form is None or set(self.panels) - form.panels.keys():
            raise ValueError(f"no such form or panel: {self.form} {self.panels}")
        return self


class Equation(Check):
    """Figures of two sides: their sums stand in a relation.

    `group`: one comparison per body, coded row or block. `each`: one check per value put in for `{each}`.
    `otherwise`: the relation, or `skip`, where the condition `when` does not hold. `needs`: compared only
    where that side prints a figure; `every`: where each term that is not optional does. `coarser`: a side without
    a figure is not compared where its form prints one here.
    `constant` is added to the other side (分, or hundredths).
    """

    kind: Literal["equation"]
    total: Texts
    parts: Texts = ()
    relation: Sign = "="
    otherwise: Sign | Literal["skip"] = "skip"
    group: Literal["body", "row", "block"] = "body"
    needs: Literal["any", "both", "total", "parts", "every"] = "any"
    coarser: Texts = ()
    constant: int = 0
    each: Texts = ()

    @model_validator(mode="after")
    def _addresses_are_known(self) -> "Equation":
        for single in self.expanded():
            for text in (*single.total, *single.parts):
                parse_term(text)
            for text in single.coarser:
                parse_address(text)
        return self

    def expanded(self) -> tuple["Equation", ...]:
        """The checks that `each` stands for; itself where it stands for none."""
        if not self.each:
            return (self,)
        return tuple(self._for_each(value) for value in self.each)

    def _for_each(self, value: str) -> "Equation":
        filled = {
            name: _filled(content, value)
            for name, content in self
            if isinstance(content, str | tuple) and content
        }
        return self.model_copy(update={**filled, "each": ()})

    @property
    def total_terms(self) -> tuple[Term, ...]:
        """The terms of the total side."""
        return tuple(parse_term(text) for text in self.total)

    @property
    def part_terms(self) -> tuple[Term, ...]:
        """The terms of the other side."""
        return tuple(parse_term(text) for text in self.parts)

    @property
    def coarser_addresses(self) -> tuple[Address, ...]:
        """Addresses that stand for several finer ones."""
        return tuple(parse_address(text) for text in self.coarser)


def _filled(content: str | tuple[str, ...], value: str) -> str | tuple[str, ...]:
    if isinstance(content, tuple):
        return tuple(text.replace("{each}", value) for text in content)
    return content.replace("{each}", value)


class Copies(Check):
    """The same figure printed by two blocks of one form agrees with itself."""

    kind: Literal["copies"]


class Units(Check):
    """A department's figure is the sum of its units', per form and key."""

    kind: Literal["units"]
    left_out: Texts = ()


class Relation(Check):
    """SQL over the frames bodies, blocks, facts, labels, problems, owed and run.

    `evaluated` gives body_id, evaluated and, for what cannot be judged, reason; `failing` gives body_id,
    file, sheet, cell, found, expected, and where of use severity, label, detail, and facts: the fact_ids of the figures
    that cannot all be right, separated by spaces. Whole numbers are 分.
    `failing` is asked only where something was evaluated, both only where somebody sent a form that the check is `of`,
    and, where the check says a word `without_earlier`, beside a release of the year before: without one that is the reason.
    `at`: where what fails stands, at the cell that `failing` gives, or at that of the code or the name of its row.
    `joined`: what to put between the values of {expected} where a body's findings differ in nothing else and are told as one.
    """

    kind: Literal["relation"]
    of: Texts = ()
    without_earlier: str | None = None
    joined: str = ""
    at: Literal["figure", "code", "name"] = "figure"
    evaluated: str
    failing: str


class Reading(Check):
    """What reading itself found; `over` says what was looked at (its blocks, or its cells with figures).

    `by_detail`: sentences for kinds of problems that reading tells apart in `detail`.
    """

    kind: Literal["reading"]
    by_detail: Mapping[str, str] = {}
    over: Literal["blocks", "facts", "bodies"] = "blocks"


AnyCheck = Annotated[Sums | Equation | Copies | Units | Relation | Reading, Field(discriminator="kind")]


class Rule(Definition):
    """One entry of the published catalogue.

    `reach`: a rule looks at one department with its units at a time; one of the county looks at all bodies at once, and
    at nothing but bodies and standard tables (of this year and the last).

    `gate`: what an error of it holds back, the body, or the `tables` named; `tables_of_prose` only of bodies whose
    rows in them are those of their disclosure document (a form's figures stand whatever prose says).
    `message`: the sentence for the department, with {where}, {found}, {expected}, {difference}, {label}, {item}, {parts}, {form},
    {detail}, {hint}.
    """

    id: str
    title: str
    severity: Severity
    gate: Gate
    tables: Texts = ()
    tables_of_prose: Texts = ()
    reach: Literal["tree", "county"] = "tree"
    message: str
    checks: tuple[AnyCheck, ...]

    @model_validator(mode="after")
    def _gate_has_tables(self) -> "Rule":
        if (self.gate == "table") != bool(self.tables):
            raise ValueError(f"{self.id}: tables are named exactly where the gate is 'table'")
        return self

    @model_validator(mode="after")
    def _conditions_are_known(self) -> "Rule":
        unknown = {check.when for check in self.checks if check.when} - conditions().keys()
        if unknown:
            raise ValueError(f"{self.id}: no such condition: {', '.join(sorted(unknown))}")
        return self

    @property
    def expanded_checks(self) -> tuple["AnyCheck", ...]:
        """Every single check, `each` written out."""
        parted = (check.expanded() if isinstance(check, Equation) else (check,) for check in self.checks)
        return tuple(check for group in parted for check in group)


class CountyRule(Definition):
    """A rule on the county as a whole; `message` with {detail}, what was found; `condition` where a run cannot judge it."""

    id: str
    title: str
    severity: Severity
    condition: str = ""
    message: str


def load_county_rules() -> tuple[CountyRule, ...]:
    """The rules on the county; DefinitionError where one contradicts itself."""
    return tuple(read_as(COUNTY_RULES, TypeAdapter(list[CountyRule])))


@cache
def conditions() -> Mapping[str, Condition]:
    """The named conditions on which identities hold."""
    known: Mapping[str, Condition] = read_as(CONDITIONS, TypeAdapter(dict[str, Condition]))
    return known


def load_rules(folder: Path = RULES) -> tuple[Rule, ...]:
    """The catalogue in order of its files; DefinitionError names the file or the id that is there twice."""
    loaded = [
        rule for path in sorted(folder.glob("*.yml")) for rule in read_as(path, TypeAdapter(list[Rule]))
    ]
    refuse_duplicates(loaded)
    return tuple(loaded)


def refuse_duplicates(rules: Iterable[Rule]) -> None:
    """Raise DefinitionError where two rules have one id."""
    repeated = [name for name, count in Counter(rule.id for rule in rules).items() if count > 1]
    if repeated:
        raise DefinitionError(f"more than one rule is called {', '.join(repeated)}")
