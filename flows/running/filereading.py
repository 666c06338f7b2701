"""Reading one file in a worker, and making sure that it still is the file that was counted among the inputs."""

from dataclasses import dataclass

from expectations.errors import BudgetError, InputError
from expectations.reasons import why
from expectations.saying import Messages
from flows.running.cache import Cache, packed
from flows.running.checksums import sha256
from transforms.claims import Said, said_of
from transforms.files.refusals import refusal
from transforms.narrative.read import read_document
from transforms.read import UNREADABLE, FileReading, read_file, unreadable
from transforms.submissions import SourceFile

say = Messages(__file__)

Batch = list[SourceFile]
Readings = dict[str, FileReading]


@dataclass(frozen=True)
class Head:
    """What the whole county must know of a reading: what it says of its body. `reading`: itself, where it is not kept."""

    said: Said
    reading: FileReading | None = None


Heads = dict[str, Head]


def read_batch(batch: Batch) -> Readings:
    """The readings of some files by name; runs in a worker process. Raises InputError for a file that changed."""
    return {file.name: read_one(file) for file in batch}


def read_and_keep(cache: Cache, batch: Batch) -> Readings:
    """The readings of some files, kept for later runs as well."""
    readings = read_batch(batch)
    for file in batch:
        keep_reading(cache, file, readings[file.name])
    return readings


def read_heads_of(cache: Cache, batch: Batch) -> Heads:
    """The heads of some files, whose readings are kept; runs in a worker process."""
    readings = read_and_keep(cache, batch)
    return {file.name: head_of(cache, file, readings[file.name]) for file in batch}


def head_of(cache: Cache, file: SourceFile, reading: FileReading) -> Head:
    """The head of a reading, with all of it where the cache does not hold it."""
    return Head(said_of(reading), None if cache.has(file) else reading)


def keep_reading(cache: Cache, file: SourceFile, reading: FileReading) -> None:
    """Put a reading into the cache.

    A document that could not be read may be readable later: LibreOffice, which converts it, may be missing or busy.
    """
    failed = UNREADABLE in reading.problems["rule_id"]
    if not (failed and file.is_document):
        cache.put(file, packed(reading))


def read_one(file: SourceFile) -> FileReading:
    """The reading of a file; that of one refused before says why. Raises InputError for a file that changed, BudgetError for one
    that cannot be read just now."""
    if file.refused:
        return unreadable(file.name, file.refused)
    try:
        reading = _unbroken(file)
        found = sha256(file.path)
    except FileNotFoundError as error:
        raise changed(file) from error
    except OSError as error:
        raise away(file, error) from error
    if found != file.sha256:
        raise changed(file)
    return reading


def _unbroken(file: SourceFile) -> FileReading:
    """The reading of a file; one at which this program breaks down is refused by itself and harms no other."""
    read = read_document if file.is_document else read_file
    try:
        return read(file.path, file.name, file.members)
    except (BudgetError, OSError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 – a library's own breakdown need be no Exception
        return unreadable(file.name, refusal("broken", error=type(error).__name__))


def away(file: SourceFile, error: OSError) -> BudgetError:
    """The error of a file that cannot be read just now, as when a share is away: worth another try."""
    return BudgetError(say("away", file=file.name, why=why(error)))


def changed(file: SourceFile) -> InputError:
    """The error of a file that was changed or taken away while the run was under way."""
    return InputError(say("changed_meanwhile", file=file.name))
