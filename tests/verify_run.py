"""Verify a published year against its input: python tests/verify_run.py input/2020 output/2020.

Not a test of pytest: CI calls it after a real run. Prints one line per check, exits with 1 where one fails.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

FILES = (
    "datapackage.json",
    "findings.csv",
    "outcomes.csv",
    "coverage.csv",
    "run.json",
    "county_budget.duckdb",
)
FILLED_TABLES = ("income", "expenditure", "expenditure_by_type", "county_income", "county_expenditure")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def amount(text: str) -> Decimal:
    return Decimal(text) if text else Decimal(0)


def missing_files(source: Path, release: Path) -> Iterator[str]:
    described = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    for name in (*FILES, *(resource["path"] for resource in described)):
        if not (release / name).is_file():
            yield f"{name} is missing"


def missing_parquet(source: Path, release: Path) -> Iterator[str]:
    for path in sorted((release / "csv").glob("*.csv")):
        if not (release / "parquet" / f"{path.stem}.parquet").is_file():
            yield f"{path.stem} has no Parquet file"


def empty_tables(source: Path, release: Path) -> Iterator[str]:
    for name in FILLED_TABLES:
        if not rows(release / "csv" / f"{name}.csv"):
            yield f"{name} has no rows"


def uncovered_bodies(source: Path, release: Path) -> Iterator[str]:
    covered = {code for row in rows(release / "coverage.csv") for code in (row["department_code"], body(row))}
    for row in rows(source / "departments.csv"):
        if row["code"] not in covered:
            yield f"{row['code']} {row['name']} is on the roster and not in coverage.csv"


def parts_that_do_not_add_up(source: Path, release: Path) -> Iterator[str]:
    """Every level of county_expenditure has the net total that county_expenditure_by_type has."""
    by_type = rows(release / "csv" / "county_expenditure_by_type.csv")
    total = sum(amount(row["net_yuan"]) for row in by_type)
    by_function = rows(release / "csv" / "county_expenditure.csv")
    for level in ("1", "2", "3"):
        net = sum(amount(row["net_yuan"]) for row in by_function if row["function_level"] == level)
        if net != total:
            yield f"county_expenditure: level {level} adds up to {net}, the spending types to {total}"


def unequal_nets(source: Path, release: Path) -> Iterator[str]:
    for path in sorted((release / "csv").glob("county_*.csv")):
        for number, row in enumerate(rows(path), start=2):
            if "net_yuan" in row and amount(row["gross_yuan"]) - amount(row["elimination_yuan"]) != amount(
                row["net_yuan"]
            ):
                yield f"{path.name}, line {number}: gross less elimination is not net"


def expenditure_lost_on_the_way(source: Path, release: Path) -> Iterator[str]:
    """The county's gross expenditure is the sum of what the published bodies spend."""
    bodies = sum(amount(row["amount_yuan"]) for row in rows(release / "csv" / "expenditure_by_type.csv"))
    types = rows(release / "csv" / "county_expenditure_by_type.csv")
    county = sum(amount(row["gross_yuan"]) for row in types)
    if bodies != county:
        yield f"the bodies spend {bodies}, the county {county}"


def wrongly_withheld(source: Path, release: Path) -> Iterator[str]:
    """The bodies withheld, whole or from some tables, are those with a planted error."""
    planted = {body(row) for row in rows(source / "defects.csv")}
    covered = rows(release / "coverage.csv")
    held = {body(row) for row in covered if row["withheld"] == "true" or row["withheld_tables"]}
    yield from (f"{code} has a planted error and is not withheld" for code in sorted(planted - held))
    yield from (f"{code} is withheld without a planted error" for code in sorted(held - planted))


def body(row: dict[str, str]) -> str:
    return row["unit_code"] or row["department_code"]


CHECKS: tuple[Callable[[Path, Path], Iterator[str]], ...] = (
    missing_files,
    missing_parquet,
    empty_tables,
    uncovered_bodies,
    parts_that_do_not_add_up,
    unequal_nets,
    expenditure_lost_on_the_way,
    wrongly_withheld,
)


def main(source: Path, release: Path) -> int:
    """Run every check; 1 where one finds something."""
    failures = 0
    for check in CHECKS:
        problems = list(check(source, release))
        failures += len(problems)
        print(f"{'FAILED' if problems else 'ok':7}no {check.__name__.replace('_', ' ')}")
        for problem in problems:
            print(f"       {problem}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
