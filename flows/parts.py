"""What the judging of a group leaves on disk: its frames, and its cells and facts as they are published.

A part is a folder. `frames.arrow` holds one stream a frame, with its name; `cells.arrow` and `facts.arrow` hold one
batch a file, the numbers of facts and blocks counting within it. `checksums.json`, written last, says that it is whole.
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

from expectations.errors import PublicationError
from expectations.schema import arrow_schema, arrow_table, tables
from flows.checksums import sha256

FRAMES, CHECKSUMS = "frames.arrow", "checksums.json"
NAME = b"name"
COUNTED = {"fact_id": "facts", "row_parent": "facts", "column_parent": "facts", "block_id": "blocks"}
ROWS_AT_ONCE = 131_072
PACKED = pa.ipc.IpcWriteOptions(compression="lz4")

Frames = Mapping[str, pd.DataFrame]


def write_part(target: Path, frames: Frames, rows: Mapping[str, Sequence[pa.Table]]) -> None:
    """Write a part and put it in its place as a whole; one that stands there already stays.

    `rows`: per published table (`cells`, `facts`) one table a file. Raises PublicationError.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, suffix=".partial") as name:
            folder = Path(name) / "part"
            folder.mkdir()
            _write_frames(folder / FRAMES, frames)
            for table, files in rows.items():
                _write_rows(folder / f"{table}.arrow", tables()[table].name, files)
            known = {path.name: sha256(path) for path in sorted(folder.iterdir())}
            (folder / CHECKSUMS).write_text(json.dumps(known), encoding="utf-8")
            if not is_whole(target):
                shutil.rmtree(target, ignore_errors=True)
                folder.rename(target)
    except OSError as error:
        raise PublicationError(
            f"未能写入 {error.filename or target}（{error.strerror}）。请检查磁盘空间和文件夹权限后重新运行。"
        ) from error


def is_whole(part: Path) -> bool:
    """Whether a part is there and every file of it is as it was written."""
    try:
        known = json.loads((part / CHECKSUMS).read_text(encoding="utf-8"))
        return bool(known) and all(sha256(part / name) == checksum for name, checksum in known.items())
    except (OSError, ValueError, AttributeError):
        return False


def _write_frames(path: Path, frames: Frames) -> None:
    with path.open("wb") as file:
        for name, frame in frames.items():
            rows = pa.Table.from_pandas(frame, preserve_index=False)
            rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), NAME: name.encode()})
            with pa.ipc.new_stream(file, rows.schema, options=PACKED) as stream:
                stream.write_table(rows)


def read_frames(part: Path) -> dict[str, pd.DataFrame]:
    """The frames of a part by name."""
    frames = {}
    with pa.OSFile(str(part / FRAMES)) as file:
        while file.tell() < file.size():
            with pa.ipc.open_stream(file) as stream:
                rows = stream.read_all()
            frames[rows.schema.metadata[NAME].decode()] = rows.to_pandas()
    return frames


def _write_rows(path: Path, table: str, files: Sequence[pa.Table]) -> None:
    schema = arrow_schema(tables()[table])
    with pa.ipc.new_file(str(path), schema, options=PACKED) as writer:
        for rows in files:
            writer.write_batch(_batch(rows, schema))


def _batch(rows: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [rows.column(name).combine_chunks() for name in schema.names]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@dataclass(frozen=True)
class Rows:
    """Published rows that are too many to be held at once. `batches` gives them anew each time, in their order."""

    table: str
    batches: Callable[[], Iterable[pa.RecordBatch]]

    def chunks(self) -> Iterator[pa.Table]:
        """The rows in order, some ten thousands at a time; at least one table, be it without rows."""
        schema = arrow_schema(tables()[self.table])
        waiting: list[pa.RecordBatch] = []
        for batch in self.batches():
            waiting.append(batch)
            if sum(map(len, waiting)) >= ROWS_AT_ONCE:
                yield pa.Table.from_batches(waiting, schema)
                waiting = []
        yield pa.Table.from_batches(waiting, schema)

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of all rows, amounts in 分."""
        rows = pa.concat_tables(chunk.select(list(columns)) for chunk in self.chunks())
        for place, field in enumerate(rows.schema):
            if pa.types.is_decimal(field.type):
                fen = pc.multiply(rows.column(place), pa.scalar("100").cast(pa.decimal128(3, 0)))
                rows = rows.set_column(place, field.name, fen.cast(pa.int64()))
        found: pd.DataFrame = rows.to_pandas()
        return found


def rows_of_parts(table: str, files: pd.DataFrame) -> Rows:
    """The rows of all files. `files`: one row a file in the order of their names, with its `part`, its place `batch` in it,
    and what its numbers of `facts` and `blocks` count from."""
    return Rows(table, partial(_batches_of_parts, table, files))


def rows_of_frame(table: str, frame: pd.DataFrame) -> Rows:
    """Rows that are held, amounts in 分."""
    return Rows(table, arrow_table(tables()[table], frame).to_batches)


def _batches_of_parts(table: str, files: pd.DataFrame) -> Iterator[pa.RecordBatch]:
    readers: dict[str, Any] = {}
    for file in files.to_dict("records"):
        part = str(file["part"])
        if part not in readers:
            readers[part] = pa.ipc.open_file(str(Path(part) / f"{table}.arrow"))
        yield _numbered_on(readers[part].get_batch(int(file["batch"])), file)


def _numbered_on(batch: pa.RecordBatch, first: Mapping[Any, Any]) -> pa.RecordBatch:
    """A file's rows with their numbers counting from the county's first file on."""
    for place, name in enumerate(batch.schema.names):
        if name in COUNTED:
            moved = pc.add(batch.column(place), int(first[COUNTED[name]]))
            batch = batch.set_column(place, batch.schema.field(place), moved)
    return batch
