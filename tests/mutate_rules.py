"""Mutation of the rules: each one removed, or weakened in every way below, must make a test fail.

`python -m tests.mutate_rules [ID…]` lists the mutants that no test notices and ends with 1 where there is one; with the
beginnings of ids only the mutants of these rules. `--freeze` adds the failing examples of the rules as they are to
`caught.yml` and says anew what is said of every drawing there; what no rule speaks of any more goes.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from unittest.mock import patch

import yaml

from expectations.catalogue import DOCUMENT, catalogue_markdown
from expectations.errors import DefinitionError
from expectations.proofs import complaints_about
from expectations.reconcile import catalogue
from expectations.rules_model import Equation, Relation, Rule
from flows.published import county_checks
from tests import test_county_checks as on_county
from tests.test_caught import CASES, CAUGHT, assert_caught, severities

Mutant = tuple[str, Rule | None]
LOOSER = {"=": ("<=", ">="), "<=": (), ">=": ()}


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Every weaker form of a rule, with a word on what is gone."""
    yield "removed", None
    if rule.severity == "error":
        yield "a warning", rule.model_copy(update={"severity": "warning"})
    if rule.gate != "none":
        yield "without its gate", rule.model_copy(update={"gate": "none", "tables": ()})
    for number, check in enumerate(rule.checks, start=1):
        others = tuple(each for each in rule.checks if each is not check)
        yield f"without check {number}", rule.model_copy(update={"checks": others})
        for what, weaker in _weaker(check):
            checks = tuple(weaker if each is check else each for each in rule.checks)
            yield f"check {number} {what}", rule.model_copy(update={"checks": checks})


def _weaker(check: object) -> Iterator[tuple[str, object]]:
    if isinstance(check, Equation):
        for relation in LOOSER[check.relation]:
            yield f"{check.relation} as {relation}", check.model_copy(update={"relation": relation})
        for value in check.each:
            kept = tuple(each for each in check.each if each != value)
            if kept:
                yield f"without {value}", check.model_copy(update={"each": kept})
    if isinstance(check, Relation):
        blind = f"SELECT * FROM ({check.failing}) LIMIT 0"
        yield "blind", check.model_copy(update={"failing": blind})


def _examples(rule: Rule | None) -> None:
    if rule is not None:
        assert not list(complaints_about(rule))


def _document(rule_id: str) -> Callable[[Rule | None], None]:
    def published(rule: Rule | None) -> None:
        mutated = [(rule if each.id == rule_id else each) for each in catalogue()]
        text = catalogue_markdown([each for each in mutated if each is not None])
        assert text == DOCUMENT.read_text(encoding="utf-8")

    return published


def survives(rule_id: str, mutant: Rule | None) -> bool:
    """Whether no test notices a mutant."""
    tests: Sequence[Callable[[Rule | None], None]] = (
        _document(rule_id),
        lambda rule: assert_caught(rule, CASES[rule_id]),
        _examples,
    )
    return not any(_fails(test, mutant) for test in tests)


def _fails(test: Callable[[Rule | None], None], mutant: Rule | None) -> bool:
    try:
        test(mutant)
    except (AssertionError, DefinitionError):
        return True
    return False


def _blindness_is_noticed(rule_id: str) -> bool:
    """Whether the tests of the rules on the county notice that one of them finds nothing any more."""
    tests: list[Callable[[], None]] = [
        *(
            partial(on_county.test_a_county_that_does_not_add_up_fails_and_says_by_how_much, *case)
            for case in on_county.WRONG
        ),
        on_county.test_a_department_that_counts_twice_is_named,
    ]
    blind = {**county_checks.CHECKS, rule_id: lambda frames: ("" for _ in frames)}
    with patch.object(county_checks, "CHECKS", blind):
        return any(_fails(lambda _, test=test: test(), None) for test in tests)


class _AsDrawn(yaml.SafeDumper):
    """Writes texts of several lines as they are drawn."""


def _drawn(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_AsDrawn.add_representer(str, _drawn)


def _sharper(rule: Rule, cases: list[dict[str, object]]) -> list[dict[str, object]]:
    """Passing examples with one figure changed, for the mutants that the failing examples do not show."""
    found: list[dict[str, object]] = []
    for what, mutant in mutants(rule):
        if " as " not in what or _fails(lambda changed: assert_caught(changed, [*cases, *found]), mutant):
            continue
        weakened = rule.checks[int(what.split()[1]) - 1]
        one = rule.model_copy(update={"checks": (weakened,)}).expanded_checks[0]
        for drawing in _with_one_figure_changed(one.passes):
            said = severities(drawing, rule)
            if said and severities(drawing, mutant) != said:
                found.append({"said": said, "drawing": drawing})
                break
    return found


def _with_one_figure_changed(drawing: str) -> Iterator[str]:
    for figure in re.finditer(r"(?<=\| )\d+(\.\d+)?(?=\s)", drawing):
        for factor in (Decimal("1.5"), Decimal("0.5")):
            changed = f"{Decimal(figure.group()) * factor:.2f}"
            yield drawing[: figure.start()] + changed + drawing[figure.end() :]


def freeze(rules: Sequence[Rule]) -> None:
    """Add the failing examples to the drawings that must be caught and say anew what the rules say of each."""
    cases = {rule.id: CASES.get(rule.id, []) for rule in catalogue()}
    for rule in rules:
        drawn = (str(case["drawing"]) for case in cases[rule.id])
        drawings = dict.fromkeys([*drawn, *(each.fails for each in rule.expanded_checks)])
        said = [{"said": severities(text, rule), "drawing": text} for text in drawings]
        cases[rule.id] = [case for case in said if case["said"]]
        cases[rule.id] += _sharper(rule, cases[rule.id])
    text = yaml.dump(cases, Dumper=_AsDrawn, allow_unicode=True, sort_keys=False, width=200)
    CAUGHT.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    asked = tuple(each for each in arguments if not each.startswith("-")) or ("",)
    rules = [rule for rule in catalogue() if rule.id.startswith(asked)]
    if "--freeze" in arguments:
        freeze(rules)
        return 0
    tried = [(rule.id, what, mutant) for rule in rules for what, mutant in mutants(rule)]
    alive = [f"{rule_id} {what}" for rule_id, what, mutant in tried if survives(rule_id, mutant)]
    county = [rule_id for rule_id in county_checks.CHECKS if rule_id.startswith(asked)]
    alive += [f"{rule_id} blind" for rule_id in county if not _blindness_is_noticed(rule_id)]
    print(f"{len(tried) + len(county)} mutants of {len(rules) + len(county)} rules, {len(alive)} unnoticed")
    print("\n".join(alive))
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
