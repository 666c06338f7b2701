"""What the judging of a group leaves on disk: its frames, and its cells and facts as they are published.

A part is a folder. `frames.arrow` holds one stream a frame, with its name, each row with its department; `cells.arrow` and
`facts.arrow` hold one batch a file, the numbers of facts and blocks counting within the file. All hold each different text
of a column once. `part.json`, written last, says by checksums that it is whole, and under which key each department was
judged: any department can be taken from it alone.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.arrow import arrow_schema, coded_table, published
from expectations.errors import PublicationError
from expectations.reasons import why
from expectations.saying import Messages
from expectations.schema import ranked, tables
from flows.running.cache import used
from flows.running.checksums import checksum, sha256

say = Messages(__file__)

FRAMES, RECORD = "frames.arrow", "part.json"
DEPARTMENT = "department"
STREAMED = ("cells", "facts")
NAME = b"name"
COUNTED = {"fact_id": "facts", "row_parent": "facts", "column_parent": "facts", "block_id": "blocks"}
ROWS_AT_ONCE = 65_536
CODED_TEXT = pa.dictionary(pa.int32(), pa.string())
PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
# The columns of one file are so short that handing each to a thread takes five times as long as unpacking it.
BY_ITSELF = pa.ipc.IpcReadOptions(use_threads=False)

Frames = Mapping[str, pd.DataFrame]
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Part:
    """A part on disk, and the departments that are taken from it."""

    folder: Path
    departments: frozenset[str]


def write_part(
    folder: Path, keys: Mapping[str, str], frames: Frames, rows: Mapping[str, Sequence[pa.Table]]
) -> Path:
    """Write a part below a folder and put it in its place as a whole; one that stands there already stays.

    `keys`: under which each department in it was judged. `frames`: rows with their department. `rows`: per published table
    (`cells`, `facts`) one table a file. Raises PublicationError.
    """
    target = folder / checksum(sorted(keys.items()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, suffix=".partial") as name:
            part = Path(name) / "part"
            part.mkdir()
            _write_frames(part / FRAMES, frames)
            for table, files in rows.items():
                _write_rows(part / f"{table}.arrow", tables()[table].name, files)
            known = {path.name: sha256(path) for path in sorted(part.iterdir())}
            record = {"departments": dict(keys), "checksums": known}
            (part / RECORD).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
            if not is_whole(target):
                shutil.rmtree(target, ignore_errors=True)
                part.rename(target)
    except OSError as error:
        raise PublicationError(say("not_written", path=error.filename or target, why=why(error))) from error
    return target


def is_whole(part: Path) -> bool:
    """Whether a part is there and every file of it is as it was written."""
    known = _record(part).get("checksums", {})
    try:
        return bool(known) and all(sha256(part / name) == checksum for name, checksum in known.items())
    except OSError:
        return False


def _record(part: Path) -> dict[str, dict[str, str]]:
    """What a part says of itself, nothing where it is damaged."""
    try:
        record = json.loads((part / RECORD).read_text(encoding="utf-8"))
        return record if isinstance(record, dict) else {}
    except (OSError, ValueError):
        return {}


def parts_with(folder: Path, keys: Mapping[str, str]) -> list[Part]:
    """The whole parts in which departments were judged under these keys, each department in one of them, the fullest first."""
    held = {part: set(_record(part).get("departments", {}).items()) for part in _folders(folder)}
    missing, found = set(keys.items()), []
    for part in sorted(held, key=lambda part: (-len(held[part] & missing), part.name)):
        mine = held[part] & missing
        if mine and is_whole(part):
            used(part)
            found.append(Part(part, frozenset(department for department, _ in mine)))
            missing -= mine
    return found


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _write_frames(path: Path, frames: Frames) -> None:
    with path.open("wb") as file:
        for name, frame in frames.items():
            rows = _coded(pa.Table.from_pandas(frame, preserve_index=False))
            rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), NAME: name.encode()})
            with pa.ipc.new_stream(file, rows.schema, options=PACKED) as stream:
                stream.write_table(rows)


def _coded(rows: pa.Table) -> pa.Table:
    """The rows with every text once in each column, and numbers that count as far as the words of many parts together."""
    for place, field in enumerate(rows.schema):
        column = rows.column(place)
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            column = column.dictionary_encode()
        if pa.types.is_dictionary(column.type):
            rows = rows.set_column(place, field.name, column.cast(CODED_TEXT))
    return rows


def read_part(part: Part) -> Tables:
    """The frames of a part by name, with the rows of those departments that are taken from it. `files` has the folder of
    the `part`, too."""
    wanted = pa.array(sorted(part.departments))
    found = {}
    with pa.OSFile(str(part.folder / FRAMES)) as file:
        while file.tell() < file.size():
            with pa.ipc.open_stream(file, options=BY_ITSELF) as stream:
                rows = stream.read_all()
            name = rows.schema.metadata[NAME].decode()
            rows = rows.filter(pc.is_in(rows.column(DEPARTMENT).cast(pa.string()), wanted))
            found[name] = rows.drop_columns(DEPARTMENT)
    files = found["files"]
    found["files"] = files.append_column("part", pa.repeat(str(part.folder), len(files)))
    return found


def joined(parts: Sequence[Tables]) -> dict[str, pd.DataFrame]:
    """The frames of several parts by name, one below the other. Texts are categories, their words in the order of letters."""
    return {name: _as_one([each[name] for each in parts]) for name in parts[0]}


def _as_one(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Tables one below the other; of one without rows nothing is known but the names of its columns."""
    filled = [rows for rows in tables if len(rows)] or tables[:1]
    whole = pa.concat_tables(filled, promote_options="permissive").unify_dictionaries()
    texts = [field.name for field in whole.schema if pa.types.is_dictionary(field.type)]
    frame = whole.drop_columns(texts).to_pandas()
    named = {name: _category(whole.column(name).combine_chunks()) for name in texts}
    shaped: pd.DataFrame = frame.assign(**named)[whole.column_names]
    return shaped


def _category(texts: pa.DictionaryArray) -> "pd.Categorical[str]":
    """The texts as a category whose words are in the order of their letters."""
    codes, words = ranked(texts)
    return pd.Categorical.from_codes(codes, pd.Index(words.to_pandas(), dtype="str"))


def _write_rows(path: Path, table: str, files: Sequence[pa.Table]) -> None:
    schema = files[0].schema if files else arrow_schema(tables()[table])
    with pa.ipc.new_file(str(path), schema, options=PACKED) as writer:
        for rows in files:
            writer.write_batch(_batch(rows))


def _batch(rows: pa.Table) -> pa.RecordBatch:
    arrays = [column.combine_chunks() for column in rows.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=rows.schema)


@dataclass(frozen=True)
class Rows:
    """Published rows that are too many to be held at once. `batches` gives them anew each time, in their order, its texts
    spelt out or coded.

    `file`: gives the Parquet file in which they wait to be moved into the release, None where there is none.
    """

    table: str
    batches: Callable[[], Iterable[pa.RecordBatch]]
    file: Callable[[], Path | None] = lambda: None

    def chunks(self, at_once: int = ROWS_AT_ONCE) -> Iterator[pa.Table]:
        """The rows in order, some ten thousands at a time, those of a file together; at least one table, be it without rows."""
        for rows in self._together(at_once):
            yield published(tables()[self.table], rows)

    def _together(self, at_once: int) -> Iterator[pa.Table]:
        waiting: list[pa.RecordBatch] = []
        for batch in self.batches():
            waiting.append(batch)
            if sum(map(len, waiting)) >= at_once:
                yield pa.Table.from_batches(waiting)
                waiting = []
        yield pa.Table.from_batches(waiting, None if waiting else arrow_schema(tables()[self.table]))

    def frames(self, columns: Sequence[str], at_once: int = ROWS_AT_ONCE) -> Iterator[pd.DataFrame]:
        """Some columns of the rows, so many rows at a time or a few more, amounts in 分, texts as categories."""
        for chunk in self._together(at_once):
            rows = published(tables()[self.table], chunk.select(list(columns)))
            for place, field in enumerate(rows.schema):
                if pa.types.is_decimal(field.type):
                    fen = pc.multiply(rows.column(place), pa.scalar("100").cast(pa.decimal128(3, 0)))
                    rows = rows.set_column(place, field.name, fen.cast(pa.int64()))
            yield _coded(rows).to_pandas()


def rows_of_parts(table: str, files: pd.DataFrame) -> Rows:
    """The rows of all files. `files`: one row a file in the order of their names, with its `part`, its place `batch` in it,
    and what its numbers of `facts` and `blocks` count from."""
    return Rows(table, partial(_batches_of_parts, table, files))


def rows_of_frame(table: str, frame: pd.DataFrame) -> Rows:
    """Rows that are held, amounts in 分."""
    return Rows(table, coded_table(tables()[table], frame).to_batches)


def _batches_of_parts(table: str, files: pd.DataFrame) -> Iterator[pa.RecordBatch]:
    readers: dict[str, Any] = {}
    for file in files.to_dict("records"):
        part = str(file["part"])
        if part not in readers:
            readers[part] = pa.ipc.open_file(str(Path(part) / f"{table}.arrow"), options=BY_ITSELF)
        yield _numbered_on(readers[part].get_batch(int(file["batch"])), file)


def _numbered_on(batch: pa.RecordBatch, first: Mapping[Any, Any]) -> pa.RecordBatch:
    """A file's rows with their numbers counting from the county's first file on."""
    for place, name in enumerate(batch.schema.names):
        if name in COUNTED:
            moved = pc.add(batch.column(place), int(first[COUNTED[name]]))
            batch = batch.set_column(place, batch.schema.field(place), moved)
    return batch
