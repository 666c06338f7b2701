"""Delimited text as a sheet: GB18030 or Unicode, commas, tabs or semicolons."""

import csv
import io
from collections.abc import Iterator

from transforms.files.refusals import DifferentTexts, UnreadableFileError, keep_within, limits

_MARKED = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS = ("utf-8", "gb18030")
_DELIMITERS = ",\t;"
_SAMPLE = 200
_LONGEST_FIELD = 1_000_000


def decoded(content: bytes) -> str:
    """The text of a file, by its mark or by the first encoding that fits. Raises UnreadableFileError."""
    encodings = [encoding for mark, encoding in _MARKED if content.startswith(mark)] or list(_ENCODINGS)
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError("encoding")


def read_delimited(content: bytes) -> list[list[object]]:
    """The rows of a text table; every value is text as written. Raises UnreadableFileError."""
    text = decoded(content)
    csv.field_size_limit(_LONGEST_FIELD)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text))
    try:
        return list(_counted(lines, DifferentTexts(len(content))))
    except csv.Error as error:
        raise UnreadableFileError("damaged") from error


def _counted(lines: Iterator[list[str]], texts: DifferentTexts) -> Iterator[list[object]]:
    filled, widest = 0, 0
    for number, line in enumerate(lines, start=1):
        filled += sum(1 for text in line if text)
        widest = max(widest, len(line))
        keep_within("cells", filled, limits().cells)
        keep_within("cells", number * widest, limits().area)
        texts.add(line)
        yield [*line]


def is_table(content: bytes) -> bool:
    """Whether a text is a table rather than prose: several lines, each of them parted. Raises UnreadableFileError."""
    text = decoded(content)
    lines = [line for line in text.splitlines()[:_SAMPLE] if line.strip()]
    parted = sum(delimiter(text) in line for line in lines)
    return parted > 1 and 2 * parted > len(lines)


def delimiter(text: str) -> str:
    r"""The delimiter that the most lines have in common.

    >>> delimiter("编码;名称;合计\n205;教育,支出;12,00\n")
    ';'
    """
    lines = text.splitlines()[:_SAMPLE]
    return max(_DELIMITERS, key=lambda mark: sum(mark in line for line in lines))
