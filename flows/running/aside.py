"""Cells and facts written beside a run: they take longest, and nothing that is decided after judging changes them."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from flows.published.tablefiles import write_rows
from flows.running.county import County
from flows.running.parts import STREAMED

Begin = Callable[[County], County]


@contextmanager
def writing_aside(folder: Path) -> Iterator[Begin]:
    """What begins to write a county's rows below a folder, there while this lasts, and gives the county that knows where.

    Where the folder cannot be written it begins nothing: publication will say so.
    """
    with ThreadPoolExecutor(len(STREAMED)) as writer, ExitStack() as stack:

        def begin(county: County) -> County:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                own = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder, suffix=".partial")))
            except OSError:
                return county
            begun = {
                table: writer.submit(_written, county, table, own / f"{table}.parquet") for table in STREAMED
            }
            return replace(county, written={table: _file(future) for table, future in begun.items()})

        try:
            yield begin
        finally:
            writer.shutdown(cancel_futures=True)


def _written(county: County, table: str, path: Path) -> Path:
    write_rows(county.rows(table), path)
    return path


def _file(writing: "Future[Path]") -> Callable[[], Path | None]:
    """The file as soon as it is written; none where that failed or it was taken, so that publication writes it itself."""

    def file() -> Path | None:
        return None if writing.exception() or not writing.result().is_file() else writing.result()

    return file
