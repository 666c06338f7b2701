"""The bureau's own code lists of a year, `codes/<list>.csv`: they outrank the project's where both name a code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from expectations.bureau_files import Line, read_lines
from expectations.codes import FAR_AHEAD, LEVELS, LONG_AGO, Code, codes, parent
from expectations.errors import InputError

FOLDER = "codes"
REQUIRED, OPTIONAL = ("code", "name"), ("level", "parent", "valid_from", "valid_to", "source")
FORMED = {
    "functional": re.compile(r"\d{3}(\d{2}){0,2}"),
    "dept_economic": re.compile(r"\d{3}(\d{2})?"),
    "gov_economic": re.compile(r"\d{3}(\d{2})?"),
}
YEAR = re.compile(r"\d{4}")
SOURCE = "财政局科目表"

Own = Mapping[str, Sequence[Code]]


def load_bureau_codes(folder: Path, year: int) -> Own:
    """The bureau's rows by list; a row without years holds in the year itself.

    Raises InputError, naming file and row, for a list, a code or a year that is none, for a code that is there twice in
    one year, and for lists that lie beside the year's folder.
    """
    _refuse_lists_above(folder)
    paths = sorted(folder.glob("*.csv"))
    for path in paths:
        if path.stem not in FORMED:
            raise InputError(
                f"科目表文件名应为 {'、'.join(f'{name}.csv' for name in FORMED)}，不认识 {FOLDER}/{path.name}。"
            )
    return {path.stem: _rows(path, year) for path in paths}


def _refuse_lists_above(folder: Path) -> None:
    year_dir = folder.parent
    above = year_dir.parent / FOLDER
    if not folder.is_dir() and any(above.glob("*.csv")):
        raise InputError(
            f"{above.parent.name}/{FOLDER} 中的科目表不会被读取：科目表应放在 {year_dir.name}/{FOLDER} 文件夹中。"
            f"请移入该文件夹后重新运行；{year_dir.name} 年度不用的，请移到别处。"
        )


def _rows(path: Path, year: int) -> tuple[Code, ...]:
    rows: list[Code] = []
    named: dict[str, list[tuple[Code, int]]] = {}
    for line in read_lines(path, REQUIRED, REQUIRED, OPTIONAL):
        row = _code(line, path.stem, year)
        for other, number in named.get(row.code, []):
            if other.valid_from <= row.valid_to and row.valid_from <= other.valid_to:
                raise line.refuse(f"编码 {row.code} 与第 {number} 行重复")
        named.setdefault(row.code, []).append((row, line.number))
        rows.append(row)
    return tuple(rows)


def _code(line: Line, code_list: str, year: int) -> Code:
    code = line["code"]
    if not FORMED[code_list].fullmatch(code):
        raise line.refuse(f"科目编码“{code}”不规范")
    dated = [line.fields.get(name, "") for name in ("valid_from", "valid_to")]
    for text in dated:
        if text and not YEAR.fullmatch(text):
            raise line.refuse(f"“{text}”不是年度，应写成 {year} 的样子")
    since, until = dated if any(dated) else (str(year), str(year))
    return Code(
        code=code,
        name=line["name"],
        level=LEVELS[len(code)],
        parent=parent(code),
        valid_from=int(since or LONG_AGO),
        valid_to=int(until or FAR_AHEAD),
        source=line.fields.get("source", "") or SOURCE,
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
