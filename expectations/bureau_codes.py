"""The bureau's own code lists of a year, `codes/<list>.csv`: they outrank the project's where both name a code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from expectations.bureau_files import Line, is_there, read_lines
from expectations.codes import FAR_AHEAD, LEVELS, LONG_AGO, Code, codes, parent
from expectations.errors import InputError
from expectations.saying import Messages

say = Messages(__file__)

FOLDER = "codes"
REQUIRED, OPTIONAL = ("code", "name"), ("level", "parent", "valid_from", "valid_to", "source")
# Of how many digits the codes of each list are.
DIGITS = {
    "functional": (3, 5, 7),
    "dept_economic": (3, 5),
    "gov_economic": (3, 5),
}
SHEETS = frozenset({".csv", ".txt", ".xls", ".xlsx", ".et", ".ods"})
YEAR = re.compile(r"\d{4}")

Own = Mapping[str, Sequence[Code]]


def load_bureau_codes(folder: Path, year: int) -> Own:
    """The bureau's rows by list; a row without years holds in the year itself.

    Raises InputError, naming file and row, for a list, a code or a year that is none, for a code that is there twice in
    one year, and for lists that lie beside the year's folder.
    """
    _refuse_lists_above(folder)
    if is_there(folder) and not folder.is_dir():
        raise InputError(say("no_folder", folder=FOLDER))
    paths = [path for path in sorted(folder.glob("*")) if _is_list(path)]
    lists = [f"{name}.csv" for name in DIGITS]
    for path in paths:
        if path.name not in lists:
            raise InputError(say("no_such_list", names="、".join(lists), folder=FOLDER, file=path.name))
    return {path.stem: _rows(path, year) for path in paths}


def _is_list(path: Path) -> bool:
    """Whether a file is meant as a list: not what a spreadsheet program leaves beside one that is open."""
    return path.suffix.lower() in SHEETS and not path.name.startswith(("~$", "."))


def _refuse_lists_above(folder: Path) -> None:
    year_dir = folder.parent
    above = year_dir.parent / FOLDER
    if not folder.is_dir() and any(above.glob("*.csv")):
        raise InputError(say("lists_above", root=above.parent.name, folder=FOLDER, year=year_dir.name))


def _rows(path: Path, year: int) -> tuple[Code, ...]:
    rows: list[Code] = []
    named: dict[str, list[tuple[Code, int]]] = {}
    for line in read_lines(path, REQUIRED, REQUIRED, OPTIONAL):
        row = _code(line, path.stem, year)
        for other, number in named.get(row.code, []):
            if other.valid_from <= row.valid_to and row.valid_from <= other.valid_to:
                raise line.refuse(say("code_repeated", code=row.code, number=number))
        named.setdefault(row.code, []).append((row, line.number))
        rows.append(row)
    return tuple(rows)


def _code(line: Line, code_list: str, year: int) -> Code:
    code = line["code"]
    if not (code.isascii() and code.isdecimal() and len(code) in DIGITS[code_list]):
        digits = "、".join(map(str, DIGITS[code_list]))
        raise line.refuse(say("not_a_code", code=code, digits=digits))
    dated = [line.fields.get(name, "") for name in ("valid_from", "valid_to")]
    for text in dated:
        if text and not YEAR.fullmatch(text):
            raise line.refuse(say("not_a_year", text=text, year=year))
    since, until = dated if any(dated) else (str(year), str(year))
    return Code(
        code=code,
        name=line["name"],
        level=LEVELS[len(code)],
        parent=parent(code),
        valid_from=int(since or LONG_AGO),
        valid_to=int(until or FAR_AHEAD),
        source=line.fields.get("source", "") or say("source"),
    )


def all_editions(code_list: str, own: Own) -> Iterator[Code]:
    """Every edition of every code of a list; the project's only in years for which the bureau says nothing."""
    said: dict[str, list[Code]] = {}
    for row in own.get(code_list, ()):
        said.setdefault(row.code, []).append(row)
    for code, editions in codes(code_list).items():
        for edition in editions:
            yield from _outside(edition, said.get(code, ()))
    yield from own.get(code_list, ())


def _outside(edition: Code, others: Sequence[Code]) -> Iterator[Code]:
    """An edition in the years that no other row of its code covers."""
    pieces = [(edition.valid_from, edition.valid_to)]
    for other in others:
        pieces = [
            (start, end)
            for since, until in pieces
            for start, end in (
                (since, min(until, other.valid_from - 1)),
                (max(since, other.valid_to + 1), until),
            )
            if start <= end
        ]
    yield from (edition.model_copy(update={"valid_from": start, "valid_to": end}) for start, end in pieces)
