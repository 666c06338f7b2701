"""The guard of the contract: one Great Expectations suite per published table, and one over the outcomes.

The suites are derived from the table definitions and validate whole tables (about 10 ms per expectation
whatever the number of rows). Great Expectations takes seconds to import, so it is imported where it is used.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from expectations.definitions import LARGEST_FEN, Column, Table, allowed_values, code_pattern, tables
from expectations.schema import spelt_out

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.datasource.fluent import PandasDatasource

RESULT_COLUMNS = ("table", "expectation", "column", "severity", "success", "unexpected", "detail")
INTERNAL_COLUMNS = ("body_id",)
CODES_OF_A_BODY = ("scope", "department_code", "unit_code")
OUTCOMES_SUITE = "outcomes_of_published_bodies"
SHOWN_VALUES = 5


class Expected(NamedTuple):
    """An expectation before it is built: its class in Great Expectations, arguments, how bad a failure is."""

    kind: str
    arguments: Mapping[str, Any]
    severity: str = "critical"


class Suite(NamedTuple):
    """What is expected of a frame."""

    name: str
    frame: pd.DataFrame
    expected: Sequence[Expected]


Results = list[dict[str, Any]]
Validate = Callable[[Suite], Results]


def validate_tables(
    published: Mapping[str, pd.DataFrame],
    outcomes: pd.DataFrame,
    findings: pd.DataFrame | None = None,
    spread: Callable[[Validate, Iterable[Suite]], Iterable[Results]] = map,
) -> pd.DataFrame:
    """What every expectation made of the tables that are about to be published.

    `published` holds frames by table name as they will be published (a column `body_id` is ignored);
    `outcomes` is the outcome table of the rules, `findings` their findings: with them, no published body
    may have an open error whose gate is the body. `spread`: a `map` that may use other processes.
    Gives one row per expectation: table, expectation, column, severity (critical, warning, info), success,
    unexpected (number of values), detail (some of the values). A failed row of severity critical closes the
    gate for its table; of the suite `outcomes_of_published_bodies`, for the release.
    Raises KeyError for a table without definition.
    """
    suites = chain(
        (Suite(name, frame, table_expectations(tables()[name])) for name, frame in published.items()),
        [_of_outcomes(outcomes, published, findings)],
    )
    results = [*chain.from_iterable(spread(validated, suites))]
    return pd.DataFrame(results, columns=list(RESULT_COLUMNS))


def _of_outcomes(
    outcomes: pd.DataFrame, published: Mapping[str, pd.DataFrame], findings: pd.DataFrame | None
) -> Suite:
    judged = judged_outcomes(outcomes, published, findings)
    return Suite(OUTCOMES_SUITE, judged, outcomes_expectations(_body_key(judged)))


def table_expectations(table: Table) -> list[Expected]:
    """What is expected of a published table: its columns in order, its key, what each column may hold."""
    expected = [Expected("ExpectTableColumnsToMatchOrderedList", {"column_list": list(table.column_names)})]
    if table.key:
        expected.append(_unique(table.key))
    return expected + [each for column in table.columns for each in _column_expectations(column)]


def _column_expectations(column: Column) -> Iterable[Expected]:
    name = {"column": column.name}
    if column.required:
        yield Expected("ExpectColumnValuesToNotBeNull", name)
    if values := allowed_values(column):
        yield Expected("ExpectColumnValuesToBeInSet", {**name, "value_set": list(values)})
    if pattern := code_pattern(column):
        yield Expected("ExpectColumnValuesToMatchRegex", {**name, "regex": f"^(?:{pattern})$"})
    if column.type == "yuan":
        yield from _amount_expectations(column)
    elif column.minimum is not None or column.maximum is not None:
        yield _between(column, column.minimum, column.maximum)


def _amount_expectations(column: Column) -> Iterable[Expected]:
    """Amounts are whole 分 of a believable size; a negative one is published, with a warning."""
    yield Expected("ExpectColumnValuesToBeOfType", {"column": column.name, "type_": "int64"})
    yield _between(column, -LARGEST_FEN, LARGEST_FEN)
    if not column.signed:
        yield _between(column, 0, None)._replace(severity="warning")


def _between(column: Column, low: int | None, high: int | None) -> Expected:
    limits = {"column": column.name, "min_value": low, "max_value": high}
    return Expected("ExpectColumnValuesToBeBetween", limits)


def _unique(columns: Sequence[str]) -> Expected:
    if len(columns) == 1:
        return Expected("ExpectColumnValuesToBeUnique", {"column": columns[0]})
    arguments = {"column_list": list(columns), "ignore_row_if": "never"}
    return Expected("ExpectCompoundColumnsToBeUnique", arguments)


def outcomes_expectations(body: Sequence[str]) -> list[Expected]:
    """What is expected of the judged outcomes: nothing unchecked passed, nothing that failed is published.

    `body` are the columns that name a body.
    """
    values = list(allowed_values(tables()["outcomes"].column("outcome")))
    return [
        Expected("ExpectColumnValuesToNotBeNull", {"column": "outcome"}),
        Expected("ExpectColumnValuesToBeInSet", {"column": "outcome", "value_set": values}),
        _unique(("rule_id", *body)),
        Expected("ExpectColumnValuesToBeInSet", {"column": "agrees_unchecked", "value_set": [False]}),
        Expected("ExpectColumnValuesToBeInSet", {"column": "published_in_error", "value_set": [False]}),
    ]


def judged_outcomes(
    outcomes: pd.DataFrame, published: Mapping[str, pd.DataFrame], findings: pd.DataFrame | None
) -> pd.DataFrame:
    """The outcomes with two verdicts each: `agrees_unchecked` and `published_in_error`."""
    passed = outcomes["outcome"].isin(["agrees", "rounding"])
    wrong = _published_errors(outcomes, published, findings) if findings is not None else set()
    rows = pd.MultiIndex.from_frame(outcomes[["rule_id", *_body_key(outcomes)]])
    return outcomes.assign(
        agrees_unchecked=(passed & outcomes["evaluated"].eq(0)).astype(bool),
        published_in_error=rows.isin(sorted(wrong)) if wrong else False,
    )


def _published_errors(
    outcomes: pd.DataFrame, published: Mapping[str, pd.DataFrame], findings: pd.DataFrame
) -> set[tuple[Any, ...]]:
    """Rule and body of each open error that should have kept its body out of the published tables."""
    key = _body_key(outcomes)
    standard = [frame for name, frame in published.items() if tables()[name].group == "standard"]
    named = [frame for frame in standard if set(key) <= set(frame.columns)]
    bodies = {body for frame in named for body in _identities(frame.drop_duplicates(list(key)), key)}
    stopping = _identities(_stopping(findings), ("rule_id", *key))
    return {error for error in stopping if error[1:] in bodies}


def _stopping(findings: pd.DataFrame) -> pd.DataFrame:
    open_errors = findings["severity"].eq("error") & findings["state"].eq("open")
    return findings[open_errors & findings["gate"].eq("body")]


def _body_key(outcomes: pd.DataFrame) -> tuple[str, ...]:
    """How the outcomes name a body: by its id where they have it, else by its codes."""
    return ("body_id",) if "body_id" in outcomes.columns else CODES_OF_A_BODY


def _identities(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(frame[list(columns)].itertuples(index=False, name=None))


def _frames_source() -> "PandasDatasource":
    """A source for frames in memory, of a context that writes nothing, reports nothing and draws no bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("frames")


def build_suite(name: str, expected: Iterable[Expected]) -> "ExpectationSuite":
    """The expectations as a suite of Great Expectations."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    built = [getattr(gxe, each.kind)(**each.arguments, severity=each.severity) for each in expected]
    return gx.ExpectationSuite(name=name, expectations=built)


def validated(suite: Suite) -> Results:
    """One row per expectation; a published table is seen as its readers see it."""
    frame = _as_read(suite.frame) if suite.name in tables() else suite.frame
    asset = _frames_source().add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe(suite.name).get_batch({"dataframe": frame})
    validation = batch.validate(build_suite(suite.name, suite.expected), result_format="SUMMARY")
    return [_row(suite.name, result) for result in validation.results]


def _as_read(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as a reader of the publication sees it: blank text is unknown."""
    kept = spelt_out(frame.drop(columns=[name for name in INTERNAL_COLUMNS if name in frame.columns]))
    texts = kept.select_dtypes(include=["object", "string"]).columns
    return kept.assign(**{name: kept[name].mask(kept[name].eq("")) for name in texts})


def _row(table: str, result: "ExpectationValidationResult") -> dict[str, Any]:
    config = result.expectation_config
    return {
        "table": table,
        "expectation": config.type,
        "column": config.kwargs.get("column") or " ".join(config.kwargs["column_list"]),
        "severity": config.severity.value,
        "success": bool(result.success),
        "unexpected": int(result.result.get("unexpected_count") or 0),
        "detail": "" if result.success else _detail(result),
    }


def _detail(result: "ExpectationValidationResult") -> str:
    """Some of the values that were not expected, or why the expectation could not be judged."""
    found = result.result
    values = found.get("partial_unexpected_list") or found.get("details", {}).get("mismatched")
    if values:
        return "; ".join(str(value) for value in values[:SHOWN_VALUES])
    if "observed_value" in found:
        return str(found["observed_value"])
    causes = [cause for cause in result.exception_info.values() if isinstance(cause, dict)]
    return "; ".join(str(cause.get("exception_message")) for cause in causes[:SHOWN_VALUES])
