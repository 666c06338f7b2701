"""Inputs and outputs at an address such as `s3://…`: brought to a local folder before a run, put up after it.

An object store has no folders to exchange. A release is put up under a name of its own, and then one small object,
`<year>/release.json`, is replaced: it names the objects of the release with their checksums. Whoever reads that object
first sees the former release whole or the new one whole. See docs/decisions.
"""

import hashlib
import json
import platform
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from expectations.errors import BudgetError, InputError, PublicationError
from expectations.reasons import why
from expectations.saying import Messages
from flows.environment import prefect_home
from flows.published.replace import RECORD
from flows.running.checksums import sha256
from flows.running.completed import read_record
from flows.running.lock import is_within, not_apart, only_writer

say = Messages(__file__)

STAGING = ".remote"
POINTER = "release.json"
TRIAL = "trial"
KNOWN = "known.json"
FETCHED = "fetched"
MARK_LENGTH = 16


def is_remote(address: str) -> bool:
    """Whether an address is a URL rather than a path.

    >>> is_remote("s3://bucket/input"), is_remote("C:/input"), is_remote("input")
    (True, False, False)
    """
    return "://" in address


def resolved(address: str) -> str:
    """An address that means the same in every folder a process may run in."""
    return address if is_remote(address) else str(Path(address).resolve())


@dataclass(frozen=True)
class Store:
    """A place in a store that fsspec knows. `root`: its address without a slash at the end."""

    root: str

    def names(self, below: str) -> dict[str, Mapping[str, Any]]:
        """Every object below a name: what the store tells of it, by its name from there."""
        files, top = self.opened()
        found = files.find(f"{top}/{below}", detail=True)
        start = len(f"{top}/{below}/")
        return {path[start:]: dict(told) for path, told in found.items()}

    def fetch(self, name: str, target: Path) -> None:
        """Bring one object to a file."""
        files, top = self.opened()
        target.parent.mkdir(parents=True, exist_ok=True)
        files.get_file(f"{top}/{name}", str(target))

    def put(self, source: Path, name: str) -> None:
        """Put one file up."""
        files, top = self.opened()
        files.put_file(str(source), f"{top}/{name}")

    def write(self, name: str, content: bytes) -> None:
        """Replace one object, in one step."""
        files, top = self.opened()
        files.pipe_file(f"{top}/{name}", content)

    def remove(self, name: str) -> None:
        """Take one object away."""
        files, top = self.opened()
        files.rm_file(f"{top}/{name}")

    def read(self, name: str) -> bytes | None:
        """One object, None where there is none."""
        files, top = self.opened()
        try:
            files.invalidate_cache()
            return bytes(files.cat_file(f"{top}/{name}"))
        except FileNotFoundError:
            return None

    def opened(self) -> tuple[Any, str]:
        """The file system of the store, and the name of this place in it. Raises InputError where none is known."""
        try:
            from fsspec.core import url_to_fs

            files, top = url_to_fs(self.root)
        except (ImportError, ValueError) as error:
            kind = self.root.partition("://")[0]
            raise InputError(say("unknown_address", address=self.root, kind=kind)) from error
        return files, top.rstrip("/")


def store(address: str) -> Store:
    """The store at an address. Raises InputError where the address names no place in it."""
    root = address.rstrip("/")
    if not is_remote(root):
        raise InputError(say("no_place", address=address))
    return Store(root)


@contextmanager
def local_folders(input_dir: str, output_dir: str, year: int) -> Iterator[tuple[Path, Path]]:
    """Folders of this machine that stand for the input and the output; what was published is put up at the end.

    Raises InputError where a store cannot be reached or both are one place in it, PublicationError where a release cannot
    be put up: the one before is untouched then.
    """
    _keep_apart(input_dir, output_dir, year)
    if is_remote(output_dir):
        refuse_what_is_closed(store(output_dir), year)
    inputs = fetch_inputs(store(input_dir), year) if is_remote(input_dir) else Path(input_dir)
    output = local_output(output_dir)
    yield inputs, output
    if is_remote(output_dir):
        put_up(output, store(output_dir), year)


def refuse_what_is_closed(target: Store, year: int) -> None:
    """Raise InputError where a store does not answer, lets nobody in or takes nothing: before the work rather than after it."""
    with _told_as(InputError, "not_readable", address=target.root):
        target.read(f"{year}/{POINTER}")
    with _told_as(InputError, "not_writable", address=target.root):
        target.write(f"{year}/{TRIAL}", b"")
    with suppress(Exception):  # whoever may write need not be allowed to remove
        target.remove(f"{year}/{TRIAL}")


def local_output(output_dir: str) -> Path:
    """The folder of this machine that a run for an output works in, where its lock and its audit log are."""
    return _staging(output_dir) if is_remote(output_dir) else Path(output_dir)


def _keep_apart(input_dir: str, output_dir: str, year: int) -> None:
    """As `lock.keep_apart`, of addresses: their folders on this machine are apart even where they are one place."""
    if is_remote(input_dir) and is_remote(output_dir) and overlap(input_dir, output_dir, year):
        raise not_apart(*(f"{address.rstrip('/')}/{year}" for address in (input_dir, output_dir)))


def overlap(one: str, other: str, year: int) -> bool:
    """Whether a year at one address lies within that at another. Raises InputError where an address cannot be used."""
    if is_remote(one) != is_remote(other):
        return False
    (kind, first), (other_kind, second) = (_place(address, year) for address in (one, other))
    return kind is other_kind and (is_within(first, second) or is_within(second, first))


def _place(address: str, year: int) -> tuple[type, PurePath]:
    """The kind of store at an address, and where a year lies in it."""
    if not is_remote(address):
        return Path, Path(address, str(year)).resolve()
    files, top = store(address).opened()
    return type(files), PurePosixPath(top, str(year))


def _staging(address: str) -> Path:
    """The folder that stands for an address: the same in every run, so that readings and the release are known."""
    return (
        prefect_home().parent
        / STAGING
        / hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:MARK_LENGTH]
    )


def fetch_inputs(source: Store, year: int) -> Path:
    """The year's inputs on this machine; only objects that are new or changed are fetched, others removed."""
    folder = _staging(source.root)
    reading = partial(_told_as, InputError, "not_readable", address=source.root)
    with reading():
        there = source.names(str(year))
    if not there:
        raise InputError(say("nothing_there", address=source.root, year=year))
    known_path = folder / KNOWN
    known = _known(known_path)
    marks = {name: _mark(told) for name, told in there.items()}
    for name, path in _files_below(folder / str(year)).items():
        if name not in marks:
            path.unlink()
    for name, mark in marks.items():
        target = folder / str(year) / name
        if known.get(name) != mark or not target.is_file():
            with reading():
                source.fetch(f"{year}/{name}", target)
    known_path.write_text(json.dumps(marks), encoding="utf-8")
    return folder


def fetch_release(source: Store, year: int, names: Collection[str]) -> Path:
    """An output folder of this machine with the named files of the release that stands at an address; without the year
    where none stands there. What is here already is not fetched again.

    Raises InputError where the store cannot be read.
    """
    output = _staging(source.root) / FETCHED
    folder = output / str(year)
    with only_writer(output, year), _told_as(InputError, "not_readable", address=source.root):
        pointer = json.loads(source.read(f"{year}/{POINTER}") or b'{"outputs": {}}')
        marks = pointer["outputs"]
        for name, path in _files_below(folder).items():
            if name not in names or sha256(path) != marks.get(name):
                path.unlink()
        for name in marks.keys() & {*names} - _files_below(folder).keys():
            source.fetch(f"{pointer['release']}/{name}", folder / name)
    return output


def _files_below(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its name from there."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _known(path: Path) -> dict[str, str]:
    """The marks of what was fetched last; none where a run was stopped while it wrote them."""
    try:
        known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _mark(told: Mapping[str, Any]) -> str:
    """What changes when an object does: its tag where the store has one, else size and time."""
    return str(told.get("ETag") or (told.get("size"), str(told.get("LastModified") or told.get("mtime"))))


@contextmanager
def _told_as(kind: type[BudgetError], key: str, **facts: object) -> Iterator[None]:
    """Tell whatever fails in a store by one sentence; each kind of store has errors of its own."""
    try:
        yield
    except kind:
        raise
    except Exception as error:
        raise kind(say(key, **facts, why=why(error))) from error


def put_up(output: Path, target: Store, year: int) -> None:
    """Put the release of a year up under a name of its own, then point to it; nothing where it is there already."""
    folder = output / str(year)
    if not (folder / RECORD).is_file():
        return
    name = f"{year}/releases/{sha256(folder / RECORD)[:MARK_LENGTH]}"
    outputs = {**read_record(folder)["outputs"], RECORD: sha256(folder / RECORD)}
    pointer = json.dumps({"release": name, "outputs": outputs}, ensure_ascii=False, indent=2).encode()
    with _told_as(PublicationError, "not_sent", address=target.root, folder=folder):
        if target.read(f"{year}/{POINTER}") == pointer:
            return
        for path in outputs:
            target.put(folder / path, f"{name}/{path}")
        target.write(f"{year}/{POINTER}", pointer)
        for log in sorted(output.glob("audit.jsonl")):
            target.put(log, f"audit/{platform.node()}.jsonl")
